//! Waiters: an operation is called until its response means success or failure. Knows no service; the meaning of
//! responses is part of the waiter's descriptor.

mod acceptor;
mod failure;
mod poll;

pub use failure::WaiterFailure;
pub use poll::Poll;

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::BoxFuture;
use crate::call::user_agent::Feature;
use crate::call::{Operation, Options, Request, ResponseMetadata};
use crate::error::{ErrorKind, Result};
use crate::schema::{SchemaType, StructureView};
pub(crate) use acceptor::{Acceptor, Outcome, State, accept};

/// The descriptor of a waiter: its name, delay and attempts, and which responses mean success, failure or retry.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub struct WaiterDescriptor {
    name: &'static str,
    delay: u32,
    max_attempts: u32,
    /// Lines of `state matcher expected [path]`; the paths are in the notation of [`jmespath`](crate::jmespath).
    acceptors: &'static str,
}

impl WaiterDescriptor {
    /// A descriptor; `delay` is in seconds.
    pub const fn new(name: &'static str, delay: u32, max_attempts: u32, acceptors: &'static str) -> Self {
        Self { name, delay, max_attempts, acceptors }
    }
}

/// A function that sees each poll.
type Inspect = Arc<dyn Fn(&Poll<'_>) + Send + Sync>;

/// What makes a request a waiter, `Request<Operation, Waiting>`: when it polls, and how long. Await it; all setters of the
/// request can be used before, and those of the waiter: `delay`, `max_attempts`, `max_wait`, `inspect`.
///
/// The delay between calls is constant, as in botocore (`waiter.py`). If not set, delay and attempts are the model's.
///
/// The error of a waiter ([`ErrorKind::Waiter`]) says which value at which path decided, and keeps
/// the last response: see [`Error::waiter_failure`](crate::Error::waiter_failure).
#[derive(Clone)]
pub struct Waiting {
    descriptor: WaiterDescriptor,
    delay: Duration,
    /// `None` for the model's, or for no maximum if there is a maximum time.
    max_attempts: Option<u32>,
    max_wait: Option<Duration>,
    inspect: Option<Inspect>,
}

/// The successful end of a waiter.
#[derive(Debug)]
#[non_exhaustive]
pub struct WaiterOutcome<T> {
    /// How many times the operation was called.
    pub attempts: u32,
    /// The last result. It can be `Err`: `object_not_exists` succeeds on the error `NotFound`.
    pub result: Result<T>,
    /// Status, headers, request id and attempts of the last response, if the call succeeded. An error has its own.
    pub metadata: Option<ResponseMetadata>,
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { descriptor, delay, max_attempts, max_wait, inspect: _ } = self;
        f.debug_struct("Waiting")
            .field("descriptor", descriptor)
            .field("delay", delay)
            .field("max_attempts", max_attempts)
            .field("max_wait", max_wait)
            .finish_non_exhaustive()
    }
}

impl Waiting {
    /// The delay and attempts of a descriptor.
    #[doc(hidden)]
    pub fn new(descriptor: WaiterDescriptor) -> Self {
        let delay = Duration::from_secs(descriptor.delay.into());
        Self { descriptor, delay, max_attempts: None, max_wait: None, inspect: None }
    }

    /// Sets the delay between two calls.
    pub fn set_delay(&mut self, delay: Duration) {
        self.delay = delay;
    }

    /// Sets the maximum number of calls; 0 counts as 1.
    pub fn set_max_attempts(&mut self, attempts: u32) {
        self.max_attempts = Some(attempts.max(1));
    }

    /// Sets the maximum time from the first call to the end of the last. The model's maximum number of calls is then no
    /// limit, unless one is set.
    pub fn set_max_wait(&mut self, limit: Duration) {
        self.max_wait = Some(limit);
    }

    /// Sets a function that is called after each call, before the delay.
    pub fn set_inspect(&mut self, inspect: impl Fn(&Poll<'_>) + Send + Sync + 'static) {
        self.inspect = Some(Arc::new(inspect));
    }

    fn max_attempts(&self) -> u32 {
        match (self.max_attempts, self.max_wait) {
            (Some(attempts), _) => attempts,
            (None, Some(_)) => u32::MAX,
            (None, None) => self.descriptor.max_attempts,
        }
    }
}

/// A waiter of any service: a request, and when it is repeated.
///
/// Every client crate has its own `Waiter`, with the setters of its operations, and this one inside: `From` leads here. Code
/// that is generic over services names this type. Await it.
#[must_use = "a waiter does nothing until it is awaited"]
pub struct Waiter<O: Operation> {
    request: Request<O>,
    waiting: Waiting,
}

impl<O: Operation> Waiter<O> {
    #[doc(hidden)]
    pub fn new(request: Request<O>, waiting: Waiting) -> Self {
        Self { request, waiting }
    }

    /// Sets the delay between two polls. Default: that of the service's model.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.waiting.set_delay(delay);
        self
    }

    /// Sets the maximum number of polls; 0 counts as 1. Default: that of the service's model, or none with
    /// [`max_wait`](Self::max_wait).
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.waiting.set_max_attempts(attempts);
        self
    }

    /// Sets the maximum time, from the first poll to the end of the last. A poll that could only begin later is not sent.
    /// Default: none.
    pub fn max_wait(mut self, limit: Duration) -> Self {
        self.waiting.set_max_wait(limit);
        self
    }
}

impl<O: Operation> Waiter<O> {
    /// Sets a function that sees each poll, to report progress.
    pub fn inspect(mut self, inspect: impl Fn(&Poll<'_>) + Send + Sync + 'static) -> Self {
        self.waiting.set_inspect(inspect);
        self
    }

    /// Sets the options of every request. They replace options that were set before.
    pub fn with_options(mut self, options: Options) -> Self {
        self.request = self.request.with_options(options);
        self
    }
}

impl<O> IntoFuture for Waiter<O>
where
    O: Operation<Input: Clone + Send + Sync, Output: Send + Sync>,
{
    type Output = Result<WaiterOutcome<O::Output>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(wait(self.request, self.waiting))
    }
}

impl<O: Operation<Input: fmt::Debug>> fmt::Debug for Waiter<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, waiting } = self;
        f.debug_struct("Waiter").field("request", request).field("waiting", waiting).finish()
    }
}

impl<O: Operation<Input: Clone>> Clone for Waiter<O> {
    fn clone(&self) -> Self {
        Self { request: self.request.clone(), waiting: self.waiting.clone() }
    }
}

/// Calls the operation until its response means success or failure.
async fn wait<O>(mut call: Request<O>, waiting: Waiting) -> Result<WaiterOutcome<O::Output>>
where
    O: Operation<Input: Clone + Send + Sync, Output: Send + Sync>,
{
    call.options.features.add(Feature::Waiter);
    let Waiting { descriptor, delay, max_wait, .. } = &waiting;
    let acceptors = Acceptor::decode(descriptor.name, descriptor.acceptors)?;
    let (mut attempts, mut elapsed) = (0, Duration::ZERO);
    loop {
        attempts += 1;
        let mut next = call.clone();
        let left = max_wait.map(|it| it.saturating_sub(elapsed));
        next.options.limit_total(left);
        let start = Instant::now();
        let result = next.send_with_metadata().await;
        elapsed += start.elapsed();
        let accepted = accept(&acceptors, outcome(&result));
        // Without a failure to name, the success that is waited for is compared with the response.
        let decisive = accepted.filter(|it| it.state == State::Failure);
        let decisive = decisive.or_else(|| acceptors.iter().find(|it| it.state == State::Success));
        if let Some(inspect) = &waiting.inspect {
            let comparison = decisive.map(|it| it.compare(outcome(&result)));
            inspect(&Poll::new(attempts, elapsed, comparison, &result));
        }
        let is_late = max_wait.is_some_and(|it| elapsed + *delay >= it);
        let ended = match (accepted.map(|it| it.state), &result) {
            (Some(State::Success), _) => {
                let (result, metadata) = match result {
                    Ok((output, metadata)) => (Ok(output), Some(metadata)),
                    Err(error) => (Err(error), None),
                };
                return Ok(WaiterOutcome { attempts, result, metadata });
            }
            (Some(State::Failure), _) => "reached a failure state",
            // The call was ended by the waiter's own limit.
            (None, Err(error)) if error.kind() == ErrorKind::Timeout && is_late => "ran out of time",
            // An error that no acceptor matches ends the waiter, as in botocore.
            (None, Err(_)) => "received an unexpected error",
            (Some(State::Retry) | None, _) if attempts >= waiting.max_attempts() => "gave up",
            (Some(State::Retry) | None, _) if is_late => "has no time for another poll",
            (Some(State::Retry) | None, _) => {
                call.client.sleep.wait(*delay).await;
                elapsed += *delay;
                continue;
            }
        };
        let comparison = decisive.map(|it| it.compare(outcome(&result)));
        let error = WaiterFailure::new(descriptor.name, attempts, comparison, result).into_error(ended);
        return Err(error.with_service(call.client.service.id));
    }
}

/// The result of a call, as acceptors see it.
fn outcome<T: SchemaType>(result: &Result<(T, ResponseMetadata)>) -> Outcome<'_> {
    match result {
        Ok((output, metadata)) => Outcome::Output(StructureView::new(output), metadata.status),
        Err(error) => Outcome::Error(error),
    }
}
