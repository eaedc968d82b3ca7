//! The scripted replies of the test doubles. Plain data.

use std::time::Duration;

use bytes::Bytes;

use super::exchange::Chunks;
use crate::http::{HeaderMap, HeaderName, HeaderValue, HttpError, HttpErrorKind, Response, StatusCode};
use crate::types::ByteStream;
use crate::{Error, ErrorKind};

/// A scripted response of a [`MockServer`](super::MockServer) or a [`ScriptedClient`](super::ScriptedClient), or a
/// failure in place of one.
#[derive(Clone, Debug)]
pub struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    None,
    /// The connection closes after this many bytes of the body.
    Truncated(usize),
    /// The body stops after this many bytes and the connection stays open.
    Stalled(usize),
    /// No response is sent and the connection stays open.
    Silent,
    /// No response is sent and the connection closes.
    Closed,
    /// A [`ScriptedClient`](super::ScriptedClient) returns an error of this kind.
    Failed(HttpErrorKind),
}

impl Reply {
    /// A response with `status` and no body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new(), fault: Fault::None }
    }

    /// A response with status 200 and `body`.
    pub fn ok(body: impl Into<Bytes>) -> Self {
        Self::new(200).body(body)
    }

    /// A closed connection instead of a response.
    pub fn close() -> Self {
        Self { fault: Fault::Closed, ..Self::new(200) }
    }

    /// No response on a connection that stays open.
    pub fn silence() -> Self {
        Self { fault: Fault::Silent, ..Self::new(200) }
    }

    /// An error of `kind` instead of a response. A [`MockServer`](super::MockServer) closes the connection for every
    /// kind.
    pub fn failure(kind: HttpErrorKind) -> Self {
        Self { fault: Fault::Failed(kind), ..Self::new(200) }
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
    pub fn truncated(mut self, sent: usize) -> Self {
        self.fault = Fault::Truncated(sent);
        self
    }

    /// Stops after `sent` bytes of the body and leaves the connection open.
    #[must_use]
    pub fn stalled(mut self, sent: usize) -> Self {
        self.fault = Fault::Stalled(sent);
        self
    }

    /// The response of an HTTP client to a request to `host`, or its failure.
    pub(super) fn into_response(self, host: &str) -> Result<Response, HttpError> {
        match self.fault {
            Fault::Failed(kind) => return Err(HttpError::new(kind, format!("scripted failure of {host}"))),
            Fault::Closed => {
                return Err(HttpError::new(HttpErrorKind::Io, format!("{host} closed the connection")));
            }
            Fault::Silent => return Err(HttpError::timed_out(host, Duration::ZERO)),
            Fault::None | Fault::Truncated(_) | Fault::Stalled(_) => {}
        }
        let status = StatusCode::from_u16(self.status).map_err(|e| {
            HttpError::new(HttpErrorKind::Other, "the scripted reply has an invalid status").with_source(e)
        })?;
        let sent = self.sent();
        let Self { mut headers, body, fault, .. } = self;
        headers.entry("content-length").or_insert(body.len().into());
        let body = match fault {
            Fault::None => body.into(),
            fault => {
                let is_stalled = fault != Fault::Truncated(sent.len());
                let end = is_stalled.then(|| Err(Error::new(ErrorKind::Timeout, "the response body stalled")));
                let chunks: Vec<_> = [Ok(sent)].into_iter().chain(end).collect();
                ByteStream::received(Chunks(chunks.into_iter()), Some(body.len() as u64))
            }
        };
        Ok(Response { status, headers, body })
    }

    /// The part of the body that is sent.
    pub(super) fn sent(&self) -> Bytes {
        match self.fault {
            Fault::Truncated(sent) | Fault::Stalled(sent) => self.body.slice(..sent.min(self.body.len())),
            _ => self.body.clone(),
        }
    }
}

impl From<u16> for Reply {
    fn from(status: u16) -> Self {
        Self::new(status)
    }
}
