//! How the request body enters a signature. Knows no checksums, which services may require in addition.

use http::HeaderValue;
use http::header::InvalidHeaderValue;
use sha2::{Digest, Sha256};

use crate::encoding::hex;
use crate::http::Body;
use crate::{Error, ErrorKind, Result};

/// The SHA-256 of no bytes.
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// How the body enters the signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload<'a> {
    /// As the SHA-256 of the request's body, which must be in memory.
    #[default]
    Body,
    /// As this SHA-256 in lower-case hex, computed before: by [`hash_payload`] or for an earlier attempt.
    Hash(&'a str),
    /// Not at all: `UNSIGNED-PAYLOAD`.
    Unsigned,
    /// Not at all, with a checksum in the trailer: `STREAMING-UNSIGNED-PAYLOAD-TRAILER`.
    UnsignedTrailer,
    /// As the SHA-256 of no bytes, regardless of the body.
    Empty,
    /// Not at all; each event of the body has its own signature: `STREAMING-AWS4-HMAC-SHA256-EVENTS`.
    Events,
}

impl<'a> Payload<'a> {
    /// The payload line of the canonical request, and the value of `x-amz-content-sha256`.
    pub(super) fn signed_value(self, body: &Body) -> Result<SignedPayload<'a>> {
        Ok(SignedPayload::Constant(match self {
            Self::Hash(hash) => return Ok(SignedPayload::Explicit(hash)),
            Self::Unsigned => "UNSIGNED-PAYLOAD",
            Self::UnsignedTrailer => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            Self::Empty => EMPTY_SHA256,
            Self::Events => "STREAMING-AWS4-HMAC-SHA256-EVENTS",
            Self::Body => match body.as_bytes() {
                Some([]) => EMPTY_SHA256,
                Some(bytes) => return Ok(SignedPayload::Computed(hex::of_sha256(&Sha256::digest(bytes).into()))),
                None => {
                    let message = "a streaming body cannot be signed without reading it first: sign its hash or leave it \
                                   unsigned";
                    return Err(Error::new(ErrorKind::Signing, message));
                }
            },
        }))
    }
}

/// What is signed of a body.
#[derive(Clone, Copy)]
pub(super) enum SignedPayload<'a> {
    Constant(&'static str),
    Explicit(&'a str),
    /// A digest in hex.
    Computed([u8; 64]),
}

impl SignedPayload<'_> {
    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Constant(it) => it.as_bytes(),
            Self::Explicit(it) => it.as_bytes(),
            Self::Computed(it) => it,
        }
    }

    pub(super) fn header_value(&self) -> std::result::Result<HeaderValue, InvalidHeaderValue> {
        match self {
            Self::Constant(it) => Ok(HeaderValue::from_static(it)),
            it => HeaderValue::from_bytes(it.as_bytes()),
        }
    }
}

/// Computes the SHA-256 of a body, in lower-case hex. A stream is read for this, so it must be replayable.
///
/// # Errors
/// [`ErrorKind::Body`] if a stream can be read only once; otherwise the errors of reading it.
pub async fn hash_payload(body: &Body) -> Result<String> {
    let mut hash = Sha256::new();
    match body {
        Body::Empty => {}
        Body::Bytes(bytes) => hash.update(bytes),
        Body::Stream(stream) => {
            let mut copy = stream.try_clone_uninspected().ok_or_else(|| {
                let problem = "the body can be read only once, but signing reads it before it is sent";
                let remedy = "use a body from memory or a file, or an https endpoint";
                Error::new(ErrorKind::Body, format!("{problem}: {remedy}"))
            })?;
            while let Some(chunk) = copy.try_next().await? {
                hash.update(&chunk);
            }
        }
    }
    Ok(hex::encode(hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::ByteStream;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn payloads_have_their_signed_value() {
        fn check(payload: Payload<'_>, body: Body, expect: &str) {
            let signed = payload.signed_value(&body).unwrap();
            assert_eq!(signed.as_bytes(), expect.as_bytes());
            assert_eq!(signed.header_value().unwrap(), expect);
        }
        check(Payload::Body, Body::Empty, EMPTY_SHA256);
        check(Payload::Body, "abc".into(), ABC);
        check(Payload::Empty, "abc".into(), EMPTY_SHA256);
        check(Payload::Hash("00"), "abc".into(), "00");
        check(Payload::Unsigned, "abc".into(), "UNSIGNED-PAYLOAD");
        check(Payload::UnsignedTrailer, "abc".into(), "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        let stream = Body::Stream(ByteStream::from_reader(&b"abc"[..]));
        assert!(Payload::Body.signed_value(&stream).is_err_and(|it| it.kind() == ErrorKind::Signing));
    }

    #[tokio::test]
    async fn replayable_bodies_are_hashed() {
        assert_eq!(hash_payload(&Body::Empty).await.unwrap(), EMPTY_SHA256);
        assert_eq!(hash_payload(&"abc".into()).await.unwrap(), ABC);
        assert_eq!(hash_payload(&Body::Stream("abc".into())).await.unwrap(), ABC);
        let once = Body::Stream(ByteStream::from_reader(&b"abc"[..]));
        assert_eq!(hash_payload(&once).await.unwrap_err().kind(), ErrorKind::Body);
    }
}
