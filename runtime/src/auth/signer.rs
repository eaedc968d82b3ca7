//! What a signer is and what it is told. Knows no algorithm.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::payload::Payload;
use crate::credentials::Credentials;
use crate::http::Request;
use crate::{Error, ErrorKind, Result};

/// How a request is to be signed.
#[derive(Clone, Copy, Debug)]
pub struct SigningParams<'a> {
    /// The region in the scope of the signature.
    pub region: &'a str,
    /// The service name in the scope, such as `s3`.
    pub service: &'a str,
    /// The date of the signature.
    pub time: SystemTime,
    /// Whether the path is percent-encoded once more for the signature: everywhere but S3.
    pub double_encode: bool,
    /// Whether `.`, `..` and empty segments are taken out of the path for the signature: everywhere but S3.
    pub normalize_path: bool,
    /// Whether `x-amz-content-sha256` is sent: S3 asks for it.
    pub content_sha256_header: bool,
    /// How the body enters the signature.
    pub payload: Payload<'a>,
    /// How the session token, if there is one, travels.
    pub session_token: SessionToken,
    /// Headers not to sign, in lower case, beside those that are never signed.
    pub exclude: &'a [&'a str],
}

impl<'a> SigningParams<'a> {
    /// The way of most services: path normalised and encoded twice, body signed, no content hash header.
    pub fn new(region: &'a str, service: &'a str, time: SystemTime) -> Self {
        Self {
            region,
            service,
            time,
            double_encode: true,
            normalize_path: true,
            content_sha256_header: false,
            payload: Payload::Body,
            session_token: SessionToken::Signed,
            exclude: &[],
        }
    }

    /// The way of S3: path as it is, content hash header.
    pub fn s3(region: &'a str, service: &'a str, time: SystemTime) -> Self {
        let general = Self::new(region, service, time);
        Self { double_encode: false, normalize_path: false, content_sha256_header: true, ..general }
    }
}

/// How a session token travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionToken {
    /// As `x-amz-security-token`, signed.
    #[default]
    Signed,
    /// As `x-amz-security-token`, added after signing.
    Unsigned,
    /// As `x-amz-s3session-token`, signed: the sessions of S3 Express.
    S3Express,
}

/// Signs requests. The place to put another algorithm or another implementation.
pub trait Signer: Send + Sync + fmt::Debug {
    /// Adds a signature to the headers of `request`, in place of one that it may have.
    ///
    /// # Errors
    /// [`ErrorKind::Signing`] when credentials, region, service or time cannot be signed with.
    fn sign(&self, request: &mut Request, credentials: &Credentials, params: &SigningParams<'_>) -> Result<()>;

    /// Adds a signature to the URL of `request` that is good for the time `expires`. Of its headers those remain that have
    /// to be sent with the URL, because they are signed.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] when `expires` is not between a second and seven days; else as [`sign`](Self::sign).
    fn presign(
        &self,
        request: &mut Request,
        credentials: &Credentials,
        params: &SigningParams<'_>,
        expires: Duration,
    ) -> Result<()>;
}

/// The seconds of a presigned URL's life.
///
/// # Errors
/// [`ErrorKind::Validation`] when it is shorter than a second or longer than seven days.
pub fn check_expiry(expires: Duration) -> Result<u64> {
    match expires.as_secs() {
        seconds @ 1..604_800 => Ok(seconds),
        604_800 if expires.subsec_nanos() == 0 => Ok(604_800),
        _ => {
            let why = format!("a presigned URL lives between 1 second and 7 days (604800 seconds), not {expires:?}");
            Err(Error::new(ErrorKind::Validation, why))
        }
    }
}
