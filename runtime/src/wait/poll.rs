//! What a waiter found at one call, for those who watch it. Knows no delays.

use std::any::Any;
use std::fmt;
use std::time::Duration;

use super::acceptor::Comparison;
use crate::call::ResponseMetadata;
use crate::error::{Error, Result};
use crate::types::Document;

/// One call of a waiter, as `inspect` sees it.
///
/// ```no_run
/// # async fn example<O>(mut waiting: aws_core::wait::Waiting) {
/// waiting.set_inspect(|poll| println!("after {:?}: {:?}, want {:?}", poll.elapsed(), poll.actual(), poll.expected()));
/// # }
/// ```
pub struct Poll<'a> {
    attempts: u32,
    elapsed: Duration,
    comparison: Option<Comparison>,
    result: Result<(&'a dyn Any, &'a ResponseMetadata), &'a Error>,
}

impl<'a> Poll<'a> {
    pub(super) fn new<T: 'static>(
        attempts: u32,
        elapsed: Duration,
        comparison: Option<Comparison>,
        result: &'a Result<(T, ResponseMetadata)>,
    ) -> Self {
        let result = result.as_ref().map(|(output, metadata)| (output as &dyn Any, metadata));
        Self { attempts, elapsed, comparison, result }
    }

    /// How many times the operation was called so far.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The time since the waiter started.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The value in the response that decides, such as the state of the resource: that at the path of the waiter, the
    /// status, or the error code.
    pub fn actual(&self) -> Option<&Document> {
        self.comparison.as_ref().map(|it| &it.actual)
    }

    /// The value that is waited for, or that of the failure which was found.
    pub fn expected(&self) -> Option<&Document> {
        self.comparison.as_ref().map(|it| &it.expected)
    }

    /// The output of the call, of type `T`; `None` if the call failed, or if `T` is not the operation's output.
    pub fn output<T: 'static>(&self) -> Option<&'a T> {
        self.result.as_ref().ok().and_then(|it| it.0.downcast_ref())
    }

    /// Status, headers, request id and attempts of the response, if the call succeeded.
    pub fn metadata(&self) -> Option<&'a ResponseMetadata> {
        self.result.as_ref().ok().map(|it| it.1)
    }

    /// The error of the call, if it failed. Most waiters expect some.
    pub fn error(&self) -> Option<&'a Error> {
        self.result.as_ref().err().copied()
    }
}

/// Without the output, which may hold secrets.
impl fmt::Debug for Poll<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Poll");
        out.field("attempts", &self.attempts).field("elapsed", &self.elapsed).field("comparison", &self.comparison);
        out.field("error", &self.error()).finish_non_exhaustive()
    }
}
