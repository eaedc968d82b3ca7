//! The part of a signature that stands for the body. Knows nothing of checksums that services ask for beside it.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::http::Body;
use crate::{Error, ErrorKind, Result};

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// How the body enters the signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload<'a> {
    /// By the SHA-256 of the request's body, which must be in memory.
    #[default]
    Body,
    /// By this SHA-256, in lower-case hex: computed before, by [`hash_payload`] or for an earlier attempt.
    Hash(&'a str),
    /// Not at all: `UNSIGNED-PAYLOAD`.
    Unsigned,
    /// Not at all, with a checksum in the trailer: `STREAMING-UNSIGNED-PAYLOAD-TRAILER`.
    UnsignedTrailer,
    /// As the hash of no bytes, whatever the body is.
    Empty,
    /// Not at all: each event of the body is signed by itself. `STREAMING-AWS4-HMAC-SHA256-EVENTS`.
    Events,
}

impl<'a> Payload<'a> {
    /// The text that is signed.
    pub(super) fn text(self, body: &Body) -> Result<Cow<'a, str>> {
        Ok(Cow::Borrowed(match self {
            Self::Hash(hash) => hash,
            Self::Unsigned => "UNSIGNED-PAYLOAD",
            Self::UnsignedTrailer => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            Self::Empty => EMPTY,
            Self::Events => "STREAMING-AWS4-HMAC-SHA256-EVENTS",
            Self::Body => match body.as_bytes() {
                Some([]) => EMPTY,
                Some(bytes) => return Ok(Cow::Owned(hex(&Sha256::digest(bytes)))),
                None => {
                    let why = "a streaming body cannot be signed without reading it first; sign its hash or leave it unsigned";
                    return Err(Error::new(ErrorKind::Signing, why));
                }
            },
        }))
    }
}

/// The SHA-256 of a body in lower-case hex. A stream is read once for it, so it must be replayable.
///
/// # Errors
/// [`ErrorKind::Body`] when a stream cannot be read twice; else as reading it.
pub async fn hash_payload(body: &Body) -> Result<String> {
    let mut hash = Sha256::new();
    match body {
        Body::Empty => {}
        Body::Bytes(bytes) => hash.update(bytes),
        Body::Stream(stream) => {
            let mut again = stream.try_clone().ok_or_else(|| {
                let why = "the body can be read only once, but signing it reads it before it is sent";
                let hint = "give it from memory or a file, or send it over https";
                Error::new(ErrorKind::Body, format!("{why}: {hint}"))
            })?;
            while let Some(chunk) = again.try_next().await? {
                hash.update(&chunk);
            }
        }
    }
    Ok(hex(&hash.finalize()))
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::ByteStream;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn texts() {
        fn check(payload: Payload<'_>, body: Body, expect: &str) {
            assert_eq!(payload.text(&body).unwrap(), expect);
        }
        check(Payload::Body, Body::Empty, EMPTY);
        check(Payload::Body, "abc".into(), ABC);
        check(Payload::Empty, "abc".into(), EMPTY);
        check(Payload::Hash("00"), "abc".into(), "00");
        check(Payload::Unsigned, "abc".into(), "UNSIGNED-PAYLOAD");
        check(Payload::UnsignedTrailer, "abc".into(), "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        let stream = Body::Stream(ByteStream::from_reader(&b"abc"[..]));
        assert_eq!(Payload::Body.text(&stream).unwrap_err().kind(), ErrorKind::Signing);
    }

    #[tokio::test]
    async fn hashes() {
        assert_eq!(hash_payload(&Body::Empty).await.unwrap(), EMPTY);
        assert_eq!(hash_payload(&"abc".into()).await.unwrap(), ABC);
        assert_eq!(hash_payload(&Body::Stream("abc".into())).await.unwrap(), ABC);
        let once = Body::Stream(ByteStream::from_reader(&b"abc"[..]));
        assert_eq!(hash_payload(&once).await.unwrap_err().kind(), ErrorKind::Body);
    }
}
