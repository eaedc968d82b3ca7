//! The response that an error keeps. Knows no error.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;

use crate::protocol::ResponseParts;

/// The HTTP response that an error is about.
#[derive(Clone)]
#[non_exhaustive]
pub struct RawResponse {
    /// The HTTP status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; what arrived of it if reading it failed, empty if it is streamed.
    pub body: Bytes,
}

impl fmt::Debug for RawResponse {
    /// Without the content of the body, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

impl RawResponse {
    pub(super) fn as_parts(&self) -> ResponseParts<'_> {
        ResponseParts { status: self.status, headers: &self.headers, body: &self.body }
    }

    pub(super) fn header(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|it| self.headers.get(*it)?.to_str().ok())
    }
}
