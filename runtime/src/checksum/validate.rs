//! Validates response bodies against the checksums in their headers. Knows no requests.

use super::{Algorithm, Digest, Hasher};
use crate::http::HeaderMap;
use crate::http::header::CONTENT_RANGE;
use crate::types::ByteStream;
use crate::{Error, ErrorKind, Result};

/// A checksum from the headers of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected<'a> {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The value of its header, in base64.
    pub value: &'a str,
}

/// What the names of headers with checksums begin with; the algorithm follows.
const HEADER_PREFIX: &str = "x-amz-checksum-";
/// Of what a checksum is: `FULL_OBJECT`, or `COMPOSITE` of the checksums of parts.
const TYPE_HEADER: &str = "x-amz-checksum-type";

/// The checksum in `headers` that comes first in [`Algorithm::PREFERENCE`], among the algorithms in `allowed` (the
/// model's `responseAlgorithms` of an operation). Composite checksums of multipart uploads are skipped: they end in `-` and
/// a number, or, where a range is all of an object, have only their type. That of a single part of such an object is of the
/// part's content, and used.
pub fn expected_in_headers<'a>(headers: &'a HeaderMap, allowed: &[&str]) -> Option<Expected<'a>> {
    if headers.get(TYPE_HEADER).is_some_and(|it| it == "COMPOSITE") && is_whole_object(headers) {
        return None;
    }
    let found = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix(HEADER_PREFIX)?;
        let name = allowed.iter().find(|it| it.eq_ignore_ascii_case(name))?;
        let (algorithm, value) = (Algorithm::from_name(name)?, value.to_str().ok()?);
        let rank = Algorithm::PREFERENCE.iter().position(|it| *it == algorithm)?;
        (!value.contains('-')).then_some((rank, Expected { algorithm, value }))
    });
    found.min_by_key(|(rank, _)| *rank).map(|it| it.1)
}

/// Whether the body is all of an object, as far as its range says.
fn is_whole_object(headers: &HeaderMap) -> bool {
    let Some(range) = headers.get(CONTENT_RANGE) else { return true };
    let of = |range: &str| {
        let (range, size) = range.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        Some(first.parse::<u64>().ok()? == 0 && last.parse::<u64>().ok()?.checked_add(1)? == size.parse::<u64>().ok()?)
    };
    range.to_str().ok().and_then(of).unwrap_or(false)
}

/// Validates a body in memory.
///
/// # Errors
/// [`ErrorKind::Checksum`] if the checksum does not match.
pub fn check(bytes: &[u8], expected: Expected<'_>) -> Result<()> {
    compare(expected.algorithm, expected.value, expected.algorithm.digest(bytes))
}

/// Wraps a body so that it ends with an [`ErrorKind::Checksum`] error if the checksum does not match.
#[must_use]
pub fn validated(body: ByteStream, expected: Expected<'_>) -> ByteStream {
    let Expected { algorithm, value } = expected;
    let value = value.to_owned();
    let mut hasher = Some(algorithm.hasher());
    body.inspect(move |chunk| match (chunk, &mut hasher) {
        (Some(chunk), Some(hasher)) => {
            hasher.update(chunk);
            Ok(())
        }
        (None, hasher) => hasher.take().map_or(Ok(()), |it| compare(algorithm, &value, it.finish())),
        (Some(_), None) => Ok(()),
    })
}

/// Computes checksums of a request body, which must be replayable, in the order of `algorithms`. It is read once.
///
/// # Errors
/// [`ErrorKind::Body`] if the body can be read only once; otherwise the errors of reading it.
pub async fn hash_stream<const N: usize>(body: &ByteStream, algorithms: [Algorithm; N]) -> Result<[Digest; N]> {
    let Some(mut copy) = body.try_clone_uninspected() else {
        let problem = "the body can be read only once, but its checksum is sent before it";
        let remedy = "use a body from memory or a file, or an https endpoint";
        return Err(Error::new(ErrorKind::Body, format!("{problem}: {remedy}")));
    };
    let mut hashers = algorithms.map(Algorithm::hasher);
    while let Some(chunk) = copy.try_next().await? {
        for hasher in &mut hashers {
            hasher.update(&chunk);
        }
    }
    Ok(hashers.map(Hasher::finish))
}

fn compare(algorithm: Algorithm, expected: &str, computed: Digest) -> Result<()> {
    let computed = computed.to_base64();
    if computed == expected.trim() {
        return Ok(());
    }
    let name = algorithm.name();
    Err(Error::new(
        ErrorKind::Checksum,
        format!("the {name} checksum of the response body is {computed}, but its header has {expected}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{HeaderName, HeaderValue};

    const ALL: [&str; 6] = ["CRC64NVME", "CRC32", "CRC32C", "SHA256", "SHA1", "MD5"];

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn the_preferred_allowed_checksum_is_chosen() {
        fn check(pairs: &[(&'static str, &'static str)], allowed: &[&str], expect: Option<Algorithm>) {
            assert_eq!(expected_in_headers(&headers(pairs), allowed).map(|it| it.algorithm), expect, "{pairs:?}");
        }
        let both = [("x-amz-checksum-sha256", "a"), ("x-amz-checksum-crc32", "b")];
        check(&both, &ALL, Some(Algorithm::Crc32));
        check(&both, &["sha256"], Some(Algorithm::Sha256));
        check(&both, &["SHA1"], None);
        check(&[], &ALL, None);
        check(&[("x-amz-checksum-md5", "a")], &ALL, None);
        check(&[("x-amz-checksum-crc32", "b-3")], &ALL, None);
        check(&[("x-amz-checksum-crc32", "b"), ("x-amz-checksum-type", "COMPOSITE")], &ALL, None);
        for (range, expect) in [("bytes 0-19/20", None), ("bytes 5-9/20", Some(Algorithm::Crc32))] {
            let composite = ("x-amz-checksum-type", "COMPOSITE");
            check(&[("x-amz-checksum-crc32", "b"), composite, ("content-range", range)], &ALL, expect);
        }
        check(&[("x-amz-checksum-crc32", "b"), ("x-amz-checksum-type", "FULL_OBJECT")], &ALL, Some(Algorithm::Crc32));
        check(&[("x-amz-checksum-crc32", "b-3"), ("x-amz-checksum-sha1", "a")], &ALL, Some(Algorithm::Sha1));
    }

    #[tokio::test]
    async fn mismatches_are_checksum_errors() {
        async fn check_value(value: &str, matches: bool) {
            let expected = Expected { algorithm: Algorithm::Crc32, value };
            let streamed = validated("123456789".into(), expected).collect().await;
            for result in [check(b"123456789", expected), streamed.map(|all| assert_eq!(&*all, b"123456789"))] {
                match result {
                    Ok(()) => assert!(matches),
                    Err(e) => {
                        assert!(!matches && e.kind() == ErrorKind::Checksum && e.to_string().contains("CRC32"), "{e}")
                    }
                }
            }
        }
        check_value("y/Q5Jg==", true).await;
        check_value("y/Q5Jh==", false).await;
        check_value("not base64", false).await;
        check_value("", false).await;
        let empty = Expected { algorithm: Algorithm::Crc32, value: "AAAAAA==" };
        assert!(validated(ByteStream::default(), empty).collect().await.is_ok());
        assert!(validated("x".into(), empty).collect().await.is_err());
    }

    #[tokio::test]
    async fn replayable_bodies_are_hashed() {
        let body = ByteStream::from("123456789");
        let [crc32, sha256] = hash_stream(&body, [Algorithm::Crc32, Algorithm::Sha256]).await.unwrap();
        assert_eq!(crc32.to_base64(), "y/Q5Jg==");
        assert_eq!(sha256, Algorithm::Sha256.digest(b"123456789"));
        let once = ByteStream::from_reader(&b"x"[..]);
        assert_eq!(hash_stream(&once, [Algorithm::Crc32]).await.unwrap_err().kind(), ErrorKind::Body);
    }
}
