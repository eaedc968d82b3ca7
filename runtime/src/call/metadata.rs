//! What a response says beside its output. Knows no call.

use std::time::Duration;

use crate::http::HeaderMap;

/// Status, headers, attempts and pauses of a response: what boto3 calls `ResponseMetadata`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ResponseMetadata {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// How many times the request was sent: the first attempt, retries, and repetitions with another clock or in another
    /// region.
    pub attempts: u32,
    /// The pauses before retries, all together. Waiting for the rate of the adaptive mode is not part of it.
    pub retry_delay: Duration,
    /// The request id, if only the body has it.
    pub(super) request_id: Option<String>,
}

#[cfg(any(test, feature = "testing"))]
impl ResponseMetadata {
    /// The metadata of a response with this status, after one attempt and without headers, for tests.
    pub fn new(status: u16) -> Self {
        Self { status, headers: HeaderMap::new(), attempts: 1, retry_delay: Duration::ZERO, request_id: None }
    }

    /// Sets the request id, for tests.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    /// Adds a header, for tests.
    ///
    /// # Panics
    /// If the name or the value is invalid.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let name = crate::http::HeaderName::try_from(name).expect("a valid header name");
        self.headers.append(name, value.parse().expect("a valid header value"));
        self
    }

    /// Sets the number of attempts, for tests.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }
}

impl ResponseMetadata {
    /// The id that the service gave the request.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers).or(self.request_id.as_deref())
    }

    /// S3's second request id, `x-amz-id-2`.
    pub fn extended_request_id(&self) -> Option<&str> {
        self.headers.get("x-amz-id-2")?.to_str().ok()
    }
}

/// The request id in headers.
pub(super) fn request_id(headers: &HeaderMap) -> Option<&str> {
    ["x-amzn-requestid", "x-amz-request-id"].iter().find_map(|it| headers.get(*it)?.to_str().ok())
}
