//! What it takes to be an HTTP client. Knows no implementation.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{HttpError, Request, Response};

/// A future on the heap.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one request and gives its response: the place to put another HTTP stack, a recorder or a double.
///
/// An implementation follows no redirects, repeats nothing, and leaves content encodings alone. It returns when the head of
/// the response is there; the body streams. It limits by itself how long it waits for a connection and between bytes.
pub trait HttpClient: Send + Sync + fmt::Debug {
    /// Sends `request`. Dropping the future gives the request up.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>>;
}

impl<C: HttpClient + ?Sized> HttpClient for Arc<C> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        (**self).send(request)
    }
}
