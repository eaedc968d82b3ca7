//! The trait of HTTP clients. Knows no implementation.

use std::fmt;
use std::sync::Arc;

use crate::BoxFuture;

use super::{HttpError, Request, Response};

/// Sends one request and returns its response: the extension point for another HTTP stack, a recorder or a test double.
///
/// An implementation follows no redirects, retries nothing, and does not decode content encodings. It returns as soon
/// as the head of the response has arrived; the body streams. It applies its own timeouts for connecting and between
/// bytes, and those of the request if it has [some](Request::timeouts); if it cannot, it returns an error.
pub trait HttpClient: Send + Sync + fmt::Debug {
    /// Sends `request`. Dropping the future cancels the request.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>>;
}

impl<C: HttpClient + ?Sized> HttpClient for Arc<C> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        (**self).send(request)
    }
}
