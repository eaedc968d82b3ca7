//! The scripted replies of the test doubles: a response of status, headers and body, or a failure. Plain data.

use bytes::Bytes;

use super::body_fault::BodyFault;
use crate::http::{HeaderMap, HeaderName, HeaderValue, HttpError, HttpErrorKind, Response, StatusCode, header};

/// A scripted response, or a failure in place of one: of a [`ScriptedClient`](super::ScriptedClient), a rule of a
/// [`Stub`](super::Stub), or a server of the test.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
    body_fault: Option<BodyFault>,
    failure: Option<HttpErrorKind>,
}

impl Reply {
    /// A response with `status` and no body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new(), body_fault: None, failure: None }
    }

    /// A response with status 200 and `body`.
    pub fn ok(body: impl Into<Bytes>) -> Self {
        Self::new(200).body(body)
    }

    /// A closed connection instead of a response.
    pub fn close() -> Self {
        Self::failure(HttpErrorKind::Io)
    }

    /// No response on a connection that stays open: the read timeout passes at once.
    pub fn silence() -> Self {
        Self::failure(HttpErrorKind::Timeout)
    }

    /// An error of `kind` instead of a response.
    pub fn failure(kind: HttpErrorKind) -> Self {
        Self { failure: Some(kind), ..Self::new(200) }
    }

    /// Adds a header.
    ///
    /// # Panics
    /// If the name or the value is invalid.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a valid header name");
        self.headers.append(name, HeaderValue::try_from(value).expect("a valid header value"));
        self
    }

    /// Sets the body. `content-length` is sent unless the reply has that header or `transfer-encoding`.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Closes the connection after `sent` bytes of the body, although `content-length` has its full length.
    #[must_use]
    pub fn truncated(mut self, sent: u64) -> Self {
        self.body_fault = Some(BodyFault::Truncated(sent));
        self
    }

    /// Stops after `sent` bytes of the body and leaves the connection open: the read timeout passes at once.
    #[must_use]
    pub fn stalled(mut self, sent: u64) -> Self {
        self.body_fault = Some(BodyFault::Stall(sent));
        self
    }

    /// The response of an HTTP client to a request to `host`, or its failure.
    ///
    /// # Errors
    /// The failure in place of a response; [`HttpErrorKind::Other`] if the status is none.
    pub fn into_response(self, host: &str) -> Result<Response, HttpError> {
        let Self { status, mut headers, body, body_fault, failure } = self;
        if let Some(kind) = failure {
            return Err(HttpError::new(kind, format!("scripted failure of {host}: {kind:?}")));
        }
        let status = StatusCode::from_u16(status).map_err(|e| {
            HttpError::new(HttpErrorKind::Other, "the scripted reply has an invalid status").with_source(e)
        })?;
        let has_length = status != StatusCode::NO_CONTENT && status != StatusCode::NOT_MODIFIED;
        if has_length && !headers.contains_key("transfer-encoding") {
            headers.entry(header::CONTENT_LENGTH).or_insert(body.len().into());
        }
        let mut response = Response::new(status, headers, body);
        if let Some(fault) = body_fault {
            fault.apply(&mut response);
        }
        Ok(response)
    }
}

impl From<u16> for Reply {
    fn from(status: u16) -> Self {
        Self::new(status)
    }
}
