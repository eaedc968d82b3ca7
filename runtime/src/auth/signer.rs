//! The trait of signers and its parameters. Knows no algorithm.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::payload::Payload;
use crate::credentials::Credentials;
use crate::http::Request;
use crate::{Error, ErrorKind, Result};

/// How a request is signed.
#[derive(Clone, Copy, Debug)]
pub struct SigningParams<'a> {
    /// The region in the scope of the signature.
    pub region: &'a str,
    /// The service name in the scope, such as `s3`.
    pub service: &'a str,
    /// The date of the signature.
    pub time: SystemTime,
    /// Whether the path is percent-encoded a second time for the signature: for all services except S3.
    pub double_encode: bool,
    /// Whether `.`, `..` and empty segments are removed from the path for the signature: for all services except S3.
    pub normalize_path: bool,
    /// Whether `x-amz-content-sha256` is sent: S3 requires it.
    pub content_sha256_header: bool,
    /// How the body enters the signature.
    pub payload: Payload<'a>,
    /// How the session token, if there is one, is sent.
    pub session_token: SessionToken,
    /// Names of more headers not to sign, in lower case. Some are never signed: `user-agent`, `traceparent` and others.
    pub exclude: &'a [&'a str],
}

impl<'a> SigningParams<'a> {
    /// The parameters of most services: path normalised and encoded twice, body signed, no content hash header.
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

    /// The parameters of S3: path unchanged, body signed, content hash header.
    pub fn s3(region: &'a str, service: &'a str, time: SystemTime) -> Self {
        let defaults = Self::new(region, service, time);
        Self { double_encode: false, normalize_path: false, content_sha256_header: true, ..defaults }
    }
}

/// How a session token is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionToken {
    /// As `x-amz-security-token`, signed.
    #[default]
    Signed,
    /// As `x-amz-security-token`, added after signing.
    Unsigned,
    /// As `x-amz-s3session-token`, signed: for S3 Express sessions.
    S3Express,
}

/// Signs requests. The extension point for another algorithm or another implementation.
pub trait Signer: Send + Sync + fmt::Debug {
    /// Adds a signature to the headers of `request`, replacing any earlier one.
    ///
    /// # Errors
    /// [`ErrorKind::Signing`] if the credentials, the region, the service or the time cannot be used in a signature.
    fn sign(&self, request: &mut Request, credentials: &Credentials, params: &SigningParams<'_>) -> Result<()>;

    /// Adds a signature to the URL of `request` that is valid for the time `expires`. The headers that remain are
    /// signed: they must be sent with the URL.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] if `expires` is not between 1 second and 7 days; otherwise as [`sign`](Self::sign).
    fn presign(
        &self,
        request: &mut Request,
        credentials: &Credentials,
        params: &SigningParams<'_>,
        expires: Duration,
    ) -> Result<()>;
}

/// The longest validity of a presigned URL, 7 days: a limit of Signature Version 4 (`X-Amz-Expires`).
const MAX_EXPIRY_SECONDS: u64 = 604_800;

/// Checks the validity of a presigned URL and returns it in seconds.
///
/// # Errors
/// [`ErrorKind::Validation`] if it is shorter than 1 second or longer than 7 days.
pub fn check_expiry(expires: Duration) -> Result<u64> {
    match expires.as_secs() {
        seconds @ 1..MAX_EXPIRY_SECONDS => Ok(seconds),
        MAX_EXPIRY_SECONDS if expires.subsec_nanos() == 0 => Ok(MAX_EXPIRY_SECONDS),
        _ => {
            let message = format!(
                "a presigned URL can be valid for 1 second to 7 days ({MAX_EXPIRY_SECONDS} seconds), not {expires:?}"
            );
            Err(Error::new(ErrorKind::Validation, message))
        }
    }
}
