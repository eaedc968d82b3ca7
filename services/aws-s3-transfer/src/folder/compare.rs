//! When the entry of the target differs from that of the source, from what listings say. Knows no content: whether
//! checksums agree is decided in `content`.

use super::entry::Entry;
use super::plan::ActionKind;

/// How a sync finds out that a key which both sides have differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compare {
    /// The AWS CLI's default: another size; or, for uploads and copies, a source newer than the target; or, for
    /// downloads, a target newer than the source. So a file that is older than the object and of the same size is not
    /// downloaded; use another rule where that can happen.
    #[default]
    SizeAndTime,
    /// Another size, as the CLI's `--size-only`.
    SizeOnly,
    /// For downloads another size or time, as the CLI's `--exact-timestamps`; uploads and copies as `SizeAndTime`. A
    /// download sets the time of the file to that of the object.
    ExactTimestamps,
    /// Another size or other content: the checksum that S3 stores of the whole object, against that of the file or of
    /// the other object. Of a file it costs a HEAD request and the reading of the file for each key of equal size, unless
    /// a [cache](super::FolderTransfer::checksum_cache) knows both; of two objects, a HEAD request of each, unless their
    /// ETags are equal. Where S3 stores none of the whole object, the ETag counts if it is the MD5 of the content; else
    /// size and time decide, and a notice says so.
    Content,
}

/// Why an action is part of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The target lacks the key, or was not looked at.
    New,
    /// The sizes differ.
    Size,
    /// The times say that the source changed.
    Time,
    /// The checksums differ.
    Content,
    /// The source lacks the key.
    Deleted,
}

impl Compare {
    /// What the listings say. For [`Content`](Self::Content), none of it if the sizes are equal.
    pub(crate) fn difference(self, direction: ActionKind, source: &Entry, target: &Entry) -> Option<Reason> {
        if source.size != target.size {
            return Some(Reason::Size);
        }
        let (from, to) = (source.modified, target.modified);
        let is_current = match (self, direction) {
            (Self::SizeOnly | Self::Content, _) => true,
            (Self::ExactTimestamps, ActionKind::Download) => to == from,
            (_, ActionKind::Download) => to <= from,
            (_, ActionKind::Upload | ActionKind::Copy | ActionKind::Delete) => to >= from,
        };
        (!is_current).then_some(Reason::Time)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws_core::Timestamp;

    use super::*;

    fn entry(size: u64, millis: u64) -> Entry {
        let modified = Timestamp::from(std::time::SystemTime::UNIX_EPOCH + Duration::from_millis(millis));
        Entry { key: "k".into(), size, modified, e_tag: None, archived: false }
    }

    /// The table of the CLI's `syncstrategy`: rows are the rule and the direction, columns a target that is older, as
    /// old, newer.
    #[test]
    fn rules_are_those_of_the_cli() {
        use ActionKind::{Copy, Download, Upload};
        use Compare::{Content, ExactTimestamps, SizeAndTime, SizeOnly};
        let check = |compare: Compare, direction, expect: [bool; 3]| {
            let differs = [1000, 2000, 3000].map(|millis| {
                let found = compare.difference(direction, &entry(5, 2000), &entry(5, millis));
                assert!(matches!(found, None | Some(Reason::Time)), "{found:?}");
                let larger = compare.difference(direction, &entry(5, 2000), &entry(6, millis));
                assert_eq!(larger, Some(Reason::Size), "{compare:?} {direction:?}");
                found.is_some()
            });
            assert_eq!(differs, expect, "{compare:?} {direction:?}");
        };
        check(SizeAndTime, Upload, [true, false, false]);
        check(SizeAndTime, Copy, [true, false, false]);
        check(SizeAndTime, Download, [false, false, true]);
        check(ExactTimestamps, Upload, [true, false, false]);
        check(ExactTimestamps, Copy, [true, false, false]);
        check(ExactTimestamps, Download, [true, false, true]);
        for direction in [Upload, Copy, Download] {
            check(SizeOnly, direction, [false, false, false]);
            check(Content, direction, [false, false, false]);
        }
    }

    #[test]
    fn parts_of_a_second_count() {
        let found = Compare::SizeAndTime.difference(ActionKind::Upload, &entry(5, 2001), &entry(5, 2000));
        assert_eq!(found, Some(Reason::Time));
    }
}
