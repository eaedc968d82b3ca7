//! Stands in for HTTP/2 without the crate feature `http2`: there is no such connection. Knows no HTTP.

use ::http::{Request, Response};
use hyper::body::Incoming;
use tokio::runtime::Id;
use tokio::time::Instant;

use super::request_body::{RequestBody, SendError};

/// Whether this program has HTTP/2.
pub(super) const IS_ENABLED: bool = false;

/// A connection that serves many exchanges.
pub(super) enum Shared {}

impl Shared {
    pub(super) async fn send(&self, _: Request<RequestBody>) -> Result<Response<Incoming>, SendError> {
        match *self {}
    }

    pub(super) fn runtime(&self) -> Id {
        match *self {}
    }

    pub(super) fn take_stream(&self) -> bool {
        match *self {}
    }

    pub(super) fn return_stream(&self) {
        match *self {}
    }

    pub(super) fn retire(&self) {
        match *self {}
    }

    pub(super) fn is_unusable(&self) -> bool {
        match *self {}
    }

    pub(super) fn idle_since(&self) -> Option<Instant> {
        match *self {}
    }
}
