//! Actions: requests whose response becomes a resource, several resources, or a loaded one.

use std::fmt;
use std::future::IntoFuture;

use crate::BoxFuture;
use crate::call::ResponseMetadata;
use crate::error::{Error, ErrorKind, Result};

type Run<Q, R> = Box<dyn FnOnce(Q) -> BoxFuture<'static, Result<(R, ResponseMetadata)>> + Send>;

/// A request whose response becomes a resource.
///
/// Nothing is sent until it is awaited, or [`send`](Self::send) is called. Set optional parameters before, with
/// [`with`](Self::with).
#[must_use = "an action does nothing until it is sent"]
pub struct Action<Q, R> {
    request: Q,
    run: Run<Q, R>,
}

impl<Q, R> Action<Q, R> {
    /// An action that sends `request` by `send`. `read` is called with the request as sent, and returns a function that creates
    /// the resource from the response; its `None` means that the response contains no resource. `name` is the
    /// resource's, for the error.
    #[inline]
    pub fn new<T, F, G, S, W>(name: &'static str, request: Q, read: F, send: S) -> Self
    where
        S: FnOnce(Q) -> W + Send + 'static,
        W: Future<Output = Result<(T, ResponseMetadata)>> + Send + 'static,
        T: Send,
        F: FnOnce(&Q) -> G + Send + 'static,
        G: FnOnce(T) -> Option<R> + Send + 'static,
    {
        let run = move |request: Q| -> BoxFuture<'static, Result<(R, ResponseMetadata)>> {
            let read = read(&request);
            let sending = send(request);
            Box::pin(async move {
                let (response, metadata) = sending.await?;
                Ok((read(response).ok_or_else(|| not_found(name))?, metadata))
            })
        };
        Self { request, run: Box::new(run) }
    }

    /// Changes the request: `bucket.put_object("key").with(|put| put.body("text"))`.
    #[inline]
    pub fn with(mut self, change: impl FnOnce(Q) -> Q) -> Self {
        self.request = change(self.request);
        self
    }

    /// The request.
    pub fn request(&self) -> &Q {
        &self.request
    }

    /// Sends the request.
    ///
    /// # Errors
    /// Those of the call; [`ErrorKind::NotFound`] if the response contains no such resource.
    #[inline]
    pub fn send(self) -> BoxFuture<'static, Result<R>>
    where
        R: 'static,
    {
        let sending = self.send_with_metadata();
        Box::pin(async move { sending.await.map(|it| it.0) })
    }

    /// Sends the request. Returns the resource together with the response metadata.
    ///
    /// # Errors
    /// Those of [`send`](Self::send).
    #[inline]
    pub fn send_with_metadata(self) -> BoxFuture<'static, Result<(R, ResponseMetadata)>> {
        (self.run)(self.request)
    }
}

fn not_found(name: &str) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!("{name} not found: the call succeeded, but its response does not contain it"),
    )
}

impl<Q, R: 'static> IntoFuture for Action<Q, R> {
    type Output = Result<R>;
    type IntoFuture = BoxFuture<'static, Result<R>>;

    #[inline]
    fn into_future(self) -> Self::IntoFuture {
        self.send()
    }
}

impl<Q: fmt::Debug, R> fmt::Debug for Action<Q, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Action").field("request", &self.request).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request with a number, whose response is the double; 0 is rejected.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub(crate) struct Double(u32);

    async fn send(request: Double) -> Result<(u32, ResponseMetadata)> {
        match request.0 {
            0 => Err(Error::new(ErrorKind::Validation, "zero")),
            number => Ok((number * 2, ResponseMetadata::new(200 + number as u16))),
        }
    }

    async fn check(start: u32, change: u32, expect: Result<(u32, u32), ErrorKind>) {
        // `read` sees the request as sent, including changes.
        let action = || {
            let read = |sent: &Double| {
                let sent = sent.0;
                move |response: u32| (response < 100).then_some((sent, response))
            };
            Action::new("Thing", Double(start), read, send).with(|it| Double(it.0 + change))
        };
        assert_eq!(action().await.map_err(|it| it.kind()), expect);
        let with_metadata = action().send_with_metadata().await;
        let found = with_metadata.map(|(resource, metadata)| (resource, metadata.status)).map_err(|it| it.kind());
        assert_eq!(found, expect.map(|it| (it, 200 + it.0 as u16)));
    }

    #[tokio::test]
    async fn responses_become_resources() {
        check(1, 0, Ok((1, 2))).await;
        check(1, 4, Ok((5, 10))).await;
        check(0, 0, Err(ErrorKind::Validation)).await;
        check(50, 0, Err(ErrorKind::NotFound)).await;
    }
}
