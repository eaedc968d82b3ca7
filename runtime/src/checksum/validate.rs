//! Checks received bodies against the checksums their headers announce. Knows no requests.

use super::{Algorithm, Digest};
use crate::http::HeaderMap;
use crate::value::ByteStream;
use crate::{Error, ErrorKind, Result};

/// A checksum that a response announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected<'a> {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The value of its header, in base64.
    pub value: &'a str,
}

/// The first checksum in order of preference that `headers` announce and `allowed` names (as the model lists the
/// `responseAlgorithms` of an operation). Checksums of checksums of parts, which end in `-` and a number, do not count.
pub fn announced<'a>(headers: &'a HeaderMap, allowed: &[&str]) -> Option<Expected<'a>> {
    Algorithm::PREFERENCE.into_iter().find_map(|algorithm| {
        if !allowed.iter().any(|name| name.eq_ignore_ascii_case(algorithm.name())) {
            return None;
        }
        let value = headers.get(algorithm.header_name())?.to_str().ok()?;
        (!value.contains('-')).then_some(Expected { algorithm, value })
    })
}

/// Checks a body that is in memory.
///
/// # Errors
/// [`ErrorKind::Checksum`] when it does not match.
pub fn check(bytes: &[u8], expected: Expected<'_>) -> Result<()> {
    compare(expected.algorithm, expected.value, expected.algorithm.digest(bytes))
}

/// The same body, which ends with an [`ErrorKind::Checksum`] error when it does not match.
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

/// The checksum of a body that can be read again.
///
/// # Errors
/// [`ErrorKind::Body`] when it cannot be read again; else as reading it.
pub async fn hash_stream(body: &ByteStream, algorithm: Algorithm) -> Result<Digest> {
    let Some(mut again) = body.try_clone() else {
        let why = "the body can be read only once, but its checksum is sent before it";
        let hint = "give it from memory or a file, or send it over https";
        return Err(Error::new(ErrorKind::Body, format!("{why}: {hint}")));
    };
    let mut hasher = algorithm.hasher();
    while let Some(chunk) = again.try_next().await? {
        hasher.update(&chunk);
    }
    Ok(hasher.finish())
}

fn compare(algorithm: Algorithm, expected: &str, computed: Digest) -> Result<()> {
    let computed = computed.to_base64();
    if computed == expected.trim() {
        return Ok(());
    }
    let name = algorithm.name();
    Err(Error::new(
        ErrorKind::Checksum,
        format!("the {name} checksum of the response body is {computed}, its header says {expected}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{HeaderName, HeaderValue};

    const ALL: [&str; 6] = ["CRC64NVME", "CRC32", "CRC32C", "SHA256", "SHA1", "MD5"];

    fn headers(given: &[(&'static str, &'static str)]) -> HeaderMap {
        given.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn chosen() {
        fn check(given: &[(&'static str, &'static str)], allowed: &[&str], expect: Option<Algorithm>) {
            assert_eq!(announced(&headers(given), allowed).map(|it| it.algorithm), expect, "{given:?}");
        }
        let both = [("x-amz-checksum-sha256", "a"), ("x-amz-checksum-crc32", "b")];
        check(&both, &ALL, Some(Algorithm::Crc32));
        check(&both, &["sha256"], Some(Algorithm::Sha256));
        check(&both, &["SHA1"], None);
        check(&[], &ALL, None);
        check(&[("x-amz-checksum-md5", "a")], &ALL, None);
        check(&[("x-amz-checksum-crc32", "b-3")], &ALL, None);
        check(&[("x-amz-checksum-crc32", "b-3"), ("x-amz-checksum-sha1", "a")], &ALL, Some(Algorithm::Sha1));
    }

    #[tokio::test]
    async fn compared() {
        async fn checks(value: &str, good: bool) {
            let expected = Expected { algorithm: Algorithm::Crc32, value };
            let streamed = validated("123456789".into(), expected).collect().await;
            for result in [check(b"123456789", expected), streamed.map(|all| assert_eq!(&*all, b"123456789"))] {
                match result {
                    Ok(()) => assert!(good),
                    Err(e) => {
                        assert!(!good && e.kind() == ErrorKind::Checksum && e.to_string().contains("CRC32"), "{e}")
                    }
                }
            }
        }
        checks("y/Q5Jg==", true).await;
        checks("y/Q5Jh==", false).await;
        checks("not base64", false).await;
        checks("", false).await;
        let empty = Expected { algorithm: Algorithm::Crc32, value: "AAAAAA==" };
        assert!(validated(ByteStream::default(), empty).collect().await.is_ok());
        assert!(validated("x".into(), empty).collect().await.is_err());
    }

    #[tokio::test]
    async fn hashed_before_sending() {
        let body = ByteStream::from("123456789");
        assert_eq!(hash_stream(&body, Algorithm::Crc32).await.unwrap().to_base64(), "y/Q5Jg==");
        let once = ByteStream::from_reader(&b"x"[..]);
        assert_eq!(hash_stream(&once, Algorithm::Crc32).await.unwrap_err().kind(), ErrorKind::Body);
    }
}
