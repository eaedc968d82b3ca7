//! Whether what arrived is what S3 stored: the verdict of a download.
//!
//! The checksum of the whole object is beside the response that has all of it, so a small object needs no other request. S3
//! returns none with a range, except one that is a part of the upload: then that of the part, which says nothing of the
//! whole. So an object of several ranges needs a request for it: HEAD, since `GetObjectAttributes` costs as much and needs
//! one more permission. Who [validates](crate::Download::validate) nothing, or wants a range of the object, sends none.

use aws_s3::operation::GetObjectOutput;
use aws_s3::types::ChecksumType;

use crate::sums::{ChecksumMembers, Crc, Sum};
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
pub(crate) fn expected(members: &impl ChecksumMembers, checksum_type: Option<&ChecksumType>, size: u64) -> Expected {
    if checksum_type.is_some_and(|it| *it == "COMPOSITE") {
        return Expected::Not(Unvalidated::Composite);
    }
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

/// The same of a response to GET that has all of the object, though a range of it was asked for. S3 then returns the
/// checksum of the parts' checksums without the `-N` that tells it from one of the content.
pub(crate) fn expected_of_get(output: &GetObjectOutput, size: u64) -> Expected {
    let tag = output.e_tag.as_deref().unwrap_or_default().trim_matches('"');
    let is_multipart = tag.rsplit_once('-').is_some_and(|(_, count)| count.bytes().all(|it| it.is_ascii_digit()));
    match expected(output, output.checksum_type.as_ref(), size) {
        Expected::Sum(_) if is_multipart && output.content_range.is_some() && output.checksum_type.is_none() => {
            Expected::Not(Unvalidated::Composite)
        }
        expected => expected,
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
                Ok(Verdict::Validated(expected.crc.checksum()))
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
    use super::*;

    #[test]
    fn verdicts_follow_the_headers() {
        fn check(set: impl FnOnce(&mut GetObjectOutput), actual: Option<Sum>, expect: Result<Verdict, ErrorKind>) {
            let mut output = GetObjectOutput::default();
            set(&mut output);
            assert_eq!(expected_of_get(&output, 9).judge(actual).map_err(|it| it.kind()), expect);
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
        // The range `bytes=0-` of an object that was uploaded in parts: the value lacks the number of parts.
        let of_parts = |e_tag: &'static str, checksum_type: Option<&'static str>| {
            move |it: &mut GetObjectOutput| {
                it.set_crc(Crc::Crc32, Crc::Crc32.of(b"the checksums of the parts").to_string());
                (it.content_range, it.e_tag) = (Some("bytes 0-8/9".into()), Some(e_tag.into()));
                it.checksum_type = checksum_type.map(Into::into);
            }
        };
        let sum32 = Some(Crc::Crc32.of(b"123456789"));
        let composite = Ok(Verdict::NotValidated(Unvalidated::Composite));
        check(of_parts("\"abc-2\"", None), sum32, composite);
        check(of_parts("\"abc-2\"", Some("COMPOSITE")), sum32, composite);
        check(of_parts("\"abc\"", Some("COMPOSITE")), sum32, composite);
        check(of_parts("\"abc-2\"", Some("FULL_OBJECT")), sum32, Err(ErrorKind::Checksum));
        check(of_parts("\"abc\"", None), sum32, Err(ErrorKind::Checksum));
        let composite = |it: &mut GetObjectOutput| it.checksum_crc32 = Some("y/Q5Jg==-3".into());
        check(composite, Some(sum), Ok(Verdict::NotValidated(Unvalidated::Composite)));
        let sha = |it: &mut GetObjectOutput| it.checksum_sha256 = Some("abc".into());
        check(sha, Some(sum), Ok(Verdict::NotValidated(Unvalidated::NotCombinable)));
    }
}
