//! Why a waiter ended without success: the value that decided, and the last result. Knows no delays.

use std::any::Any;
use std::fmt;

use super::acceptor::Comparison;
use crate::call::ResponseMetadata;
use crate::error::{Error, ErrorKind, Result};
use crate::types::Document;

/// How many characters of a response's value a message shows.
const SHOWN_VALUE: usize = 200;

/// Why a waiter ended without success: the value that decided, and the last response or error. It is the
/// [`cause`](Error::cause) of the waiter's error; [`Error::waiter_failure`] returns it.
///
/// ```no_run
/// # use aws_core::wait::WaiterOutcome;
/// # async fn example<O>(waiter: impl Future<Output = aws_core::Result<WaiterOutcome<O::Output>>>)
/// # where
/// #     O: aws_core::Operation<Output: Send + Sync + std::fmt::Debug>,
/// # {
/// if let Err(error) = waiter.await
///     && let Some(failure) = error.waiter_failure()
/// {
///     println!("expected {:?} at {:?}, found {:?}", failure.expected(), failure.path(), failure.actual());
///     println!("the last output: {:?}", failure.output::<O::Output>());
/// }
/// # }
/// ```
pub struct WaiterFailure {
    waiter: &'static str,
    attempts: u32,
    comparison: Option<Comparison>,
    last: Result<(Box<dyn Any + Send + Sync>, ResponseMetadata)>,
}

impl WaiterFailure {
    pub(super) fn new<T: Any + Send + Sync>(
        waiter: &'static str,
        attempts: u32,
        comparison: Option<Comparison>,
        last: Result<(T, ResponseMetadata)>,
    ) -> Self {
        let last = last.map(|(output, metadata)| (Box::new(output) as Box<dyn Any + Send + Sync>, metadata));
        Self { waiter, attempts, comparison, last }
    }

    /// The error of the waiter; `ended` says how it ended.
    pub(super) fn into_error(self, ended: &str) -> Error {
        let unit = if self.attempts == 1 { "attempt" } else { "attempts" };
        let reason = match &self.last {
            Err(error) => error.to_string(),
            Ok(_) => self.to_string(),
        };
        let message = format!("waiter {} {ended} after {} {unit}: {reason}", self.waiter, self.attempts);
        Error::new(ErrorKind::Waiter, message).with_source(self)
    }

    /// The waiter's name in the service's model.
    pub fn waiter(&self) -> &str {
        self.waiter
    }

    /// How many times the operation was called.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// What was compared: `path`, `pathAll` or `pathAny` for a value of the output, `status`, or `error` for its code. It
    /// is the matcher that led to the failure, or that of the success which did not come.
    pub fn matcher(&self) -> Option<&'static str> {
        self.comparison.as_ref().map(|it| it.matcher)
    }

    /// The path of the value that decided, in JMESPath's notation; `None` for a status or an error.
    pub fn path(&self) -> Option<&str> {
        self.comparison.as_ref()?.path.as_deref()
    }

    /// The value that the matcher expects.
    pub fn expected(&self) -> Option<&Document> {
        self.comparison.as_ref().map(|it| &it.expected)
    }

    /// The value in the last response: that at the path, the status, or the error code.
    pub fn actual(&self) -> Option<&Document> {
        self.comparison.as_ref().map(|it| &it.actual)
    }

    /// The output of the last call, of type `T`; `None` if the call failed, or if `T` is not the operation's output.
    pub fn output<T: 'static>(&self) -> Option<&T> {
        self.last.as_ref().ok().and_then(|it| it.0.downcast_ref())
    }

    /// Status and headers of the last call's response, if it succeeded.
    pub fn metadata(&self) -> Option<&ResponseMetadata> {
        self.last.as_ref().ok().map(|it| &it.1)
    }

    /// The error of the last call, if it failed.
    pub fn error(&self) -> Option<&Error> {
        self.last.as_ref().err()
    }
}

/// What decided, without the name of the waiter.
impl fmt::Display for WaiterFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Comparison { matched, matcher, path, expected, actual }) = &self.comparison else {
            return f.write_str("no acceptor of the waiter matched the last response");
        };
        f.write_str(if *matched { "matched " } else { "expected " })?;
        f.write_str(matcher)?;
        if let Some(path) = path {
            write!(f, " `{path}`")?;
        }
        let actual = actual.to_string();
        write!(f, " = {expected}, the last response has {}", actual.chars().take(SHOWN_VALUE).collect::<String>())?;
        f.write_str(if actual.chars().nth(SHOWN_VALUE).is_some() { "…" } else { "" })
    }
}

/// Without the output, which may hold secrets.
impl fmt::Debug for WaiterFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("WaiterFailure");
        out.field("waiter", &self.waiter).field("attempts", &self.attempts).field("comparison", &self.comparison);
        out.field("error", &self.error()).finish_non_exhaustive()
    }
}

impl std::error::Error for WaiterFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error().map(|it| it as _)
    }
}

impl Error {
    /// Why a waiter ended, with its last response; `None` if this is not the error of a waiter.
    pub fn waiter_failure(&self) -> Option<&WaiterFailure> {
        self.cause()?.downcast_ref()
    }
}
