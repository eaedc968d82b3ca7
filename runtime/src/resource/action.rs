//! A request whose answer becomes something: a resource, several, or a loaded one.

use std::fmt;
use std::future::IntoFuture;

use crate::error::{Error, ErrorKind, Result};
use crate::http::BoxFuture;

type Run<Q, R> = Box<dyn FnOnce(Q) -> BoxFuture<'static, Result<R>> + Send>;

/// A call that was not made yet, and what becomes of its answer.
///
/// Await it or [`send`](Self::send) it; with [`with`](Self::with) set first what is optional.
#[must_use = "an action does nothing until it is sent"]
pub struct Action<Q, R> {
    request: Q,
    run: Run<Q, R>,
}

impl<Q, R> Action<Q, R> {
    /// An action of `request`. `read` looks at the request as it is sent, and returns what makes a resource (`what`) of
    /// the answer; `None` means the answer holds none.
    #[inline]
    pub fn new<T, F, G>(what: &'static str, request: Q, read: F) -> Self
    where
        Q: IntoFuture<Output = Result<T>>,
        Q::IntoFuture: Send + 'static,
        T: Send,
        F: FnOnce(&Q) -> G + Send + 'static,
        G: FnOnce(T) -> Option<R> + Send + 'static,
    {
        let run = move |request: Q| -> BoxFuture<'static, Result<R>> {
            let read = read(&request);
            let sending = request.into_future();
            Box::pin(async move { read(sending.await?).ok_or_else(|| nothing(what)) })
        };
        Self { request, run: Box::new(run) }
    }

    /// Changes the request: `bucket.put_object("key").with(|put| put.body("text"))`.
    #[inline]
    pub fn with(mut self, change: impl FnOnce(Q) -> Q) -> Self {
        self.request = change(self.request);
        self
    }

    /// Makes the call.
    ///
    /// # Errors
    /// Those of the call; [`ErrorKind::NotFound`] when the answer holds no such resource.
    #[inline]
    pub fn send(self) -> BoxFuture<'static, Result<R>> {
        (self.run)(self.request)
    }
}

fn nothing(what: &str) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!("there is no such {what}: the call succeeded, but its answer does not hold it"),
    )
}

impl<Q, R> IntoFuture for Action<Q, R> {
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

    /// A request of a number that is answered by its double, or refused when it is 0.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub(crate) struct Double(u32);

    impl IntoFuture for Double {
        type Output = Result<u32>;
        type IntoFuture = BoxFuture<'static, Result<u32>>;

        fn into_future(self) -> Self::IntoFuture {
            Box::pin(async move {
                if self.0 == 0 { Err(Error::new(ErrorKind::Validation, "zero")) } else { Ok(self.0 * 2) }
            })
        }
    }

    async fn check(start: u32, change: u32, expect: Result<(u32, u32), ErrorKind>) {
        // What is read of the request is what was sent, changes included.
        let action = Action::new("Thing", Double(start), |sent: &Double| {
            let sent = sent.0;
            move |answer: u32| (answer < 100).then_some((sent, answer))
        });
        let found = action.with(|it| Double(it.0 + change)).await;
        assert_eq!(found.map_err(|it| it.kind()), expect);
    }

    #[tokio::test]
    async fn answers_become_resources() {
        check(1, 0, Ok((1, 2))).await;
        check(1, 4, Ok((5, 10))).await;
        check(0, 0, Err(ErrorKind::Validation)).await;
        check(50, 0, Err(ErrorKind::NotFound)).await;
    }
}
