//! Waiters: an operation is called until its response means success or failure. Knows no service; the meaning of
//! responses is part of the waiter's descriptor.

mod acceptor;
mod failure;

pub use failure::WaiterFailure;

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use crate::call::user_agent::Feature;
use crate::call::{Call, Operation, ResponseMetadata};
use crate::error::Result;
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

/// A waiter that has not started. Await it; set [`delay`](Self::delay) and [`max_attempts`](Self::max_attempts) before.
///
/// The delay between calls is constant, as in botocore (`waiter.py`). If not set here, delay and attempts are the
/// model's.
///
/// The error of a waiter ([`ErrorKind::Waiter`](crate::ErrorKind::Waiter)) says which value at which path decided, and keeps
/// the last response: see [`Error::waiter_failure`](crate::Error::waiter_failure).
#[must_use = "a waiter does nothing until it is awaited"]
pub struct Waiter<O: Operation> {
    call: Call<O>,
    descriptor: WaiterDescriptor,
    delay: Duration,
    max_attempts: u32,
}

/// The successful end of a waiter.
#[derive(Debug)]
#[non_exhaustive]
pub struct WaiterOutcome<T> {
    /// How many times the operation was called.
    pub attempts: u32,
    /// The last result. It can be `Err`: `object_not_exists` succeeds on the error `NotFound`.
    pub result: Result<T>,
}

impl<O: Operation<Input: fmt::Debug>> fmt::Debug for Waiter<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, descriptor, delay, max_attempts } = self;
        f.debug_struct("Waiter")
            .field("call", call)
            .field("descriptor", descriptor)
            .field("delay", delay)
            .field("max_attempts", max_attempts)
            .finish()
    }
}

impl<O: Operation> Waiter<O> {
    /// A waiter that sends `call`.
    #[doc(hidden)]
    pub fn new(call: Call<O>, descriptor: WaiterDescriptor) -> Self {
        let delay = Duration::from_secs(descriptor.delay.into());
        Self { call, delay, max_attempts: descriptor.max_attempts, descriptor }
    }

    /// Sets the delay between two calls.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sets the maximum number of calls; 0 counts as 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Changes the input, to set optional members.
    pub fn input(mut self, change: impl FnOnce(&mut O::Input)) -> Self {
        change(&mut self.call.input);
        self
    }
}

impl<O> IntoFuture for Waiter<O>
where
    O: Operation<Input: Clone + Send + Sync, Output: Send + Sync>,
{
    type Output = Result<WaiterOutcome<O::Output>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { mut call, descriptor, delay, max_attempts } = self;
            call.options.features.add(Feature::Waiter);
            let acceptors = Acceptor::decode(descriptor.name, descriptor.acceptors)?;
            let mut attempts = 0;
            loop {
                attempts += 1;
                let result = call.clone().send_with_metadata().await;
                let accepted = accept(&acceptors, outcome(&result));
                let ended = match (accepted.map(|it| it.state), &result) {
                    (Some(State::Success), _) => {
                        return Ok(WaiterOutcome { attempts, result: result.map(|it| it.0) });
                    }
                    (Some(State::Failure), _) => "reached a failure state",
                    // An error that no acceptor matches ends the waiter, as in botocore.
                    (None, Err(_)) => "received an unexpected error",
                    (Some(State::Retry) | None, _) if attempts >= max_attempts => "gave up",
                    (Some(State::Retry) | None, _) => {
                        call.client.sleep.wait(delay).await;
                        continue;
                    }
                };
                // Without a failure to name, the success that was waited for is compared with the response.
                let decisive = accepted.filter(|it| it.state == State::Failure);
                let decisive = decisive.or_else(|| acceptors.iter().find(|it| it.state == State::Success));
                let comparison = decisive.map(|it| it.compare(outcome(&result)));
                return Err(WaiterFailure::new(descriptor.name, attempts, comparison, result).into_error(ended));
            }
        })
    }
}

/// The result of a call, as acceptors see it.
fn outcome<T: SchemaType>(result: &Result<(T, ResponseMetadata)>) -> Outcome<'_> {
    match result {
        Ok((output, metadata)) => Outcome::Output(StructureView::new(output), metadata.status),
        Err(error) => Outcome::Error(error),
    }
}
