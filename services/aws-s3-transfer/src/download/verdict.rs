//! Whether what arrived is what S3 stored: the verdict of a download.

use crate::sums::{Crc, CrcMembers, Sum};
use crate::{Checksum, Error, ErrorKind, Result};

/// Whether the bytes of a download were checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// They have the checksum that S3 stored with the object.
    Validated(Checksum),
    /// They were not checked, for this reason. Each response had the length that its headers declare.
    NotValidated(Unvalidated),
}

/// Why the bytes of a download were not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unvalidated {
    /// [`Download::validate`](crate::Download::validate) is off.
    Disabled,
    /// S3 returned no checksum: none is stored with the object, the store has none, or the permission is missing.
    NoChecksum,
    /// Only the parts of the object have checksums (`COMPOSITE`), and they were not what was downloaded.
    Composite,
    /// A range was downloaded, and the checksum is that of the whole object.
    Range,
    /// The checksum cannot be combined from those of the parts that were downloaded: it is no CRC.
    NotCombinable,
}

/// The checksum of a whole object, as the headers of a response have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// The sum to compare with, whose length is that of the object.
    Sum(Sum),
    Not(Unvalidated),
}

/// What the members of a response say about the checksum of a whole object of `size` bytes.
pub(crate) fn expected(members: &impl CrcMembers, size: u64) -> Expected {
    let values = Crc::ALL.into_iter().filter_map(|crc| Some((crc, members.crc(crc)?)));
    let mut is_composite = false;
    for (crc, value) in values {
        match crc.parse(value, size) {
            Some(sum) => return Expected::Sum(sum),
            None => is_composite |= value.contains('-'),
        }
    }
    match members.value_names().is_empty() {
        true => Expected::Not(Unvalidated::NoChecksum),
        false if is_composite => Expected::Not(Unvalidated::Composite),
        false => Expected::Not(Unvalidated::NotCombinable),
    }
}

impl Expected {
    /// What is computed of the bytes, to compare with it.
    pub(crate) fn crc(self) -> Option<Crc> {
        match self {
            Self::Sum(sum) => Some(sum.crc),
            Self::Not(_) => None,
        }
    }

    /// Compares with what arrived.
    ///
    /// # Errors
    /// [`ErrorKind::Checksum`] if it is something else.
    pub(crate) fn judge(self, actual: Option<Sum>) -> Result<Verdict> {
        match (self, actual) {
            (Self::Not(why), _) => Ok(Verdict::NotValidated(why)),
            (Self::Sum(_), None) => Ok(Verdict::NotValidated(Unvalidated::Range)),
            (Self::Sum(expected), Some(actual)) if expected == actual => {
                let checksum = Checksum::from_name(expected.crc.name()).unwrap_or_default();
                Ok(Verdict::Validated(checksum))
            }
            (Self::Sum(expected), Some(actual)) => Err(Error::new(
                ErrorKind::Checksum,
                format!(
                    "the {} of what arrived is {actual}, but S3 stored {expected}: download it again",
                    expected.crc.name()
                ),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_s3::operation::GetObjectOutput;

    use super::*;

    #[test]
    fn verdicts_follow_the_headers() {
        fn check(set: impl FnOnce(&mut GetObjectOutput), actual: Option<Sum>, expect: Result<Verdict, ErrorKind>) {
            let mut output = GetObjectOutput::default();
            set(&mut output);
            assert_eq!(expected(&output, 9).judge(actual).map_err(|it| it.kind()), expect);
        }
        for crc in Crc::ALL {
            let (sum, other) = (crc.of(b"123456789"), crc.of(b"123456780"));
            let set = |output: &mut GetObjectOutput| output.set_crc(crc, sum.to_string());
            check(set, Some(sum), Ok(Verdict::Validated(Checksum::from_name(crc.name()).unwrap())));
            check(set, Some(other), Err(ErrorKind::Checksum));
            check(set, None, Ok(Verdict::NotValidated(Unvalidated::Range)));
        }
        let sum = Crc::Crc64Nvme.of(b"123456789");
        check(|_| {}, Some(sum), Ok(Verdict::NotValidated(Unvalidated::NoChecksum)));
        let composite = |it: &mut GetObjectOutput| it.checksum_crc32 = Some("y/Q5Jg==-3".into());
        check(composite, Some(sum), Ok(Verdict::NotValidated(Unvalidated::Composite)));
        let sha = |it: &mut GetObjectOutput| it.checksum_sha256 = Some("abc".into());
        check(sha, Some(sum), Ok(Verdict::NotValidated(Unvalidated::NotCombinable)));
    }
}
