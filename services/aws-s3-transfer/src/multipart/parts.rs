//! How an object is cut into parts, and which of them have arrived. Knows no request.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use aws_s3::types::CompletedPart;

use crate::checkpoint::PartState;
use crate::sums::Sum;
use crate::transfers::{MAX_OBJECT, MAX_PART, MAX_PARTS, MIB};
use crate::{Error, ErrorKind, Result};

/// A stream of unknown length has so many parts of one size before the size doubles. Our choice: the size of a part is in
/// proportion to what was sent before.
const PARTS_OF_A_SIZE: u64 = 1000;

/// How an object is cut into parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    /// `None`: until the source ends.
    pub(crate) size: Option<u64>,
    /// The size of all parts but the last; of a source without a size, of the first.
    pub(crate) part_size: u64,
    /// The largest part of a source without a size, since it is held in memory.
    max_part: u64,
}

impl Parts {
    /// Equal parts of at least `part_size` bytes, not more than S3 allows.
    pub(crate) fn of_size(size: u64, part_size: u64) -> Result<Self> {
        if size > MAX_OBJECT {
            let why = format!("{size} bytes are more than S3 stores in one object, {MAX_OBJECT}: divide them");
            return Err(Error::new(ErrorKind::TooLarge, why));
        }
        let least = size.div_ceil(MAX_PARTS);
        let part_size = if least > part_size { least.next_multiple_of(MIB).min(MAX_PART) } else { part_size };
        Ok(Self { size: Some(size), part_size, max_part: MAX_PART })
    }

    /// One part, whatever its size.
    pub(crate) fn whole(size: u64) -> Self {
        Self { size: Some(size), part_size: size.max(1), max_part: MAX_PART }
    }

    /// Parts of a source whose size is not known: they grow, up to half of `memory`.
    pub(crate) fn growing(part_size: u64, memory: u64) -> Self {
        Self { size: None, part_size, max_part: (memory / 2).clamp(part_size, MAX_PART) }
    }

    /// The start and the length of a part, whose number is from 1 on; `None` after the last. Parts of a source without a
    /// size have no last.
    pub(crate) fn range(&self, number: u32) -> Option<(u64, u64)> {
        let index = u64::from(number.checked_sub(1)?);
        let Some(size) = self.size else {
            let doubled = self.part_size.saturating_mul(1 << (index / PARTS_OF_A_SIZE).min(20));
            return Some((0, doubled.min(self.max_part)));
        };
        let start = index.saturating_mul(self.part_size);
        let is_part = start < size || (size == 0 && index == 0);
        is_part.then(|| (start, self.part_size.min(size - start)))
    }

    /// The length of a part of a known size; 0 after the last.
    pub(crate) fn len(&self, number: u32) -> u64 {
        self.range(number).map_or(0, |it| it.1)
    }

    pub(crate) fn count(&self) -> Option<u64> {
        self.size.map(|it| it.div_ceil(self.part_size).max(1))
    }

    /// The error of a source without a size that has more parts than S3 stores.
    pub(crate) fn too_many(&self) -> Error {
        let why = format!(
            "the stream has more bytes than fit into {MAX_PARTS} parts of up to {} bytes: raise `part_size` or `memory`, or \
             declare its length",
            self.max_part
        );
        Error::new(ErrorKind::TooLarge, why)
    }
}

/// A part that has arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct DonePart {
    pub(crate) len: u64,
    pub(crate) sum: Option<Sum>,
    /// ETag and checksums, as S3 returned them; empty for a download.
    pub(crate) completed: CompletedPart,
}

/// The parts that have arrived, by number.
#[derive(Debug, Default)]
pub(crate) struct Done(Mutex<BTreeMap<u32, DonePart>>);

impl Done {
    pub(crate) fn new(parts: BTreeMap<u32, DonePart>) -> Self {
        Self(Mutex::new(parts))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, DonePart>> {
        self.0.lock().unwrap_or_else(|it| it.into_inner())
    }

    pub(crate) fn has(&self, number: u32) -> bool {
        self.lock().contains_key(&number)
    }

    pub(crate) fn count(&self) -> u64 {
        self.lock().len() as u64
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.lock().values().map(|it| it.len).sum()
    }

    /// The checksum of all parts together, if each has one.
    pub(crate) fn sum(&self) -> Option<Sum> {
        Sum::of_all(self.lock().values().map(|it| it.sum))
    }

    /// The parts as a checkpoint has them.
    pub(crate) fn states(&self) -> BTreeMap<u32, PartState> {
        let state = |part: &DonePart| PartState {
            e_tag: part.completed.e_tag.clone().unwrap_or_default(),
            checksum: part.sum.map(|it| it.to_string()).unwrap_or_default(),
        };
        self.lock().iter().map(|(number, part)| (*number, state(part))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfers::MIN_PART;

    #[test]
    fn parts_are_equal_and_cover_everything_up_to_the_largest_object() {
        for size in
            [0, 1, MIN_PART, 8 * MIB, 8 * MIB + 1, 80_000 * MIB, 80_001 * MIB, 5 << 40, MAX_OBJECT - 1, MAX_OBJECT]
        {
            let parts = Parts::of_size(size, 8 * MIB).unwrap();
            let count = parts.count().unwrap();
            assert!(count <= MAX_PARTS && (8 * MIB..=MAX_PART).contains(&parts.part_size), "{size}: {parts:?}");
            let mut at = 0;
            for number in 1..=count {
                let (start, len) = parts.range(number as u32).unwrap();
                assert_eq!(start, at);
                assert!(len == parts.part_size || number == count, "{size}: {number}");
                at += len;
            }
            assert_eq!((at, parts.range(count as u32 + 1)), (size, None));
        }
        assert_eq!(Parts::of_size(MAX_OBJECT + 1, MIN_PART).unwrap_err().kind(), ErrorKind::TooLarge);
    }

    #[test]
    fn parts_of_unknown_streams_grow() {
        fn total(memory: u64) -> u64 {
            let parts = Parts::growing(8 * MIB, memory);
            (1..=MAX_PARTS).map(|it| parts.range(it as u32).unwrap().1).sum()
        }
        assert!(total(256 * MIB) > 800 << 30, "{}", total(256 * MIB) >> 30);
        assert!(total(16 << 30) > 7 << 40);
        let parts = Parts::growing(MAX_PART, 16 << 30);
        assert_eq!(parts.range(1), Some((0, MAX_PART)));
        let error = parts.too_many();
        assert!(error.kind() == ErrorKind::TooLarge && error.to_string().contains("raise `part_size`"), "{error}");
    }
}
