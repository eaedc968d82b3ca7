//! Waiters: an operation is called until its response means success or failure. Knows no service; the meaning of
//! responses is part of the waiter's descriptor.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use crate::call::user_agent::Feature;
use crate::call::{Call, Operation, ResponseMetadata};
use crate::error::{Error, ErrorKind, Result};
use crate::jmespath::{Expression, Node};
use crate::schema::tree::TypedTree;
use crate::schema::{SchemaType, StructureView};

/// The descriptor of a waiter: its name, delay and attempts, and which responses mean success, failure or retry.
#[derive(Clone, Copy, Debug)]
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
#[must_use = "a waiter does nothing until it is awaited"]
pub struct Waiter<O: Operation> {
    call: Call<O>,
    descriptor: WaiterDescriptor,
    delay: Duration,
    max_attempts: u32,
}

/// The successful end of a waiter.
#[derive(Debug)]
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
    O: Operation<Input: Clone + Send + Sync, Output: Send>,
{
    type Output = Result<WaiterOutcome<O::Output>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { mut call, descriptor, delay, max_attempts } = self;
            call.options.features.add(Feature::Waiter);
            let acceptors = Acceptor::decode(&descriptor)?;
            let mut attempts = 0;
            loop {
                attempts += 1;
                let result = call.clone().send().await;
                let state = accept(&acceptors, &result);
                let result = result.map(|it| it.0);
                match (state, result) {
                    (Some(State::Success), result) => return Ok(WaiterOutcome { attempts, result }),
                    (Some(State::Failure), result) => {
                        return Err(failed(&descriptor, "reached a failure state", attempts, result.err()));
                    }
                    // An error that no acceptor matches ends the waiter, as in botocore.
                    (None, Err(error)) => {
                        return Err(failed(&descriptor, "received an unexpected error", attempts, Some(error)));
                    }
                    (Some(State::Retry) | None, result) if attempts >= max_attempts => {
                        return Err(failed(&descriptor, "gave up", attempts, result.err()));
                    }
                    (Some(State::Retry) | None, _) => call.client.sleep.wait(delay).await,
                }
            }
        })
    }
}

/// The state of the first acceptor that matches the result of a call.
fn accept<T: SchemaType>(acceptors: &[Acceptor], result: &Result<(T, ResponseMetadata)>) -> Option<State> {
    let outcome = match result {
        Ok((output, metadata)) => Outcome::Output(StructureView::new(output), metadata.status),
        Err(error) => Outcome::Error(error),
    };
    acceptors.iter().find(|it| it.matches(&outcome)).map(|it| it.state)
}

fn failed(descriptor: &WaiterDescriptor, what: &str, attempts: u32, cause: Option<Error>) -> Error {
    let unit = if attempts == 1 { "attempt" } else { "attempts" };
    let reason = cause.as_ref().map(|it| format!(": {it}")).unwrap_or_default();
    let message = format!("waiter {} {what} after {attempts} {unit}{reason}", descriptor.name);
    let error = Error::new(ErrorKind::Waiter, message);
    match cause {
        Some(cause) => error.with_source(cause),
        None => error,
    }
}

/// The result of a call, as acceptors see it: an output with its status, or an error.
enum Outcome<'a> {
    Output(StructureView<'a>, u16),
    Error(&'a Error),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Success,
    Failure,
    Retry,
}

#[derive(Debug)]
struct Acceptor {
    state: State,
    matcher: Matcher,
    expected: Expected,
}

#[derive(Debug)]
enum Matcher {
    Path(Expression),
    PathAll(Expression),
    PathAny(Expression),
    Status,
    Error,
}

#[derive(Debug)]
enum Expected {
    String(&'static str),
    Number(i64),
    Bool(bool),
}

impl Acceptor {
    fn decode(descriptor: &WaiterDescriptor) -> Result<Vec<Self>> {
        let invalid = || {
            let why = format!("cannot decode the descriptor of waiter {}; regenerate the crate", descriptor.name);
            Error::new(ErrorKind::Waiter, why)
        };
        let decode_line = |line: &'static str| {
            let (state, rest) = line.split_once(' ')?;
            let (matcher, rest) = rest.split_once(' ')?;
            let (expected, path) = match rest.strip_prefix('"') {
                Some(rest) => {
                    rest.split_once('"').map(|(string, rest)| (Expected::String(string), rest.trim_start()))?
                }
                None => {
                    let (literal, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                    let expected = match literal {
                        "true" => Expected::Bool(true),
                        "false" => Expected::Bool(false),
                        number => Expected::Number(number.parse().ok()?),
                    };
                    (expected, rest)
                }
            };
            let path = || Expression::decode(path).ok();
            let matcher = match matcher {
                "path" => Matcher::Path(path()?),
                "pathAll" => Matcher::PathAll(path()?),
                "pathAny" => Matcher::PathAny(path()?),
                "status" => Matcher::Status,
                _ => Matcher::Error,
            };
            let state = match state {
                "success" => State::Success,
                "failure" => State::Failure,
                _ => State::Retry,
            };
            Some(Self { state, matcher, expected })
        };
        descriptor.acceptors.lines().map(|it| decode_line(it).ok_or_else(invalid)).collect()
    }

    fn matches(&self, outcome: &Outcome<'_>) -> bool {
        match (&self.matcher, outcome) {
            (Matcher::Status, Outcome::Output(_, status)) => self.expected.is_number((*status).into()),
            (Matcher::Status, Outcome::Error(error)) => {
                // A response that cannot be parsed has a status, too, but is no outcome.
                let is_service = error.kind() == ErrorKind::Service;
                is_service && error.status().is_some_and(|it| self.expected.is_number(it.into()))
            }
            (Matcher::Error, Outcome::Error(error)) => match self.expected {
                Expected::String(code) => error.code() == Some(code),
                Expected::Bool(any) => any && error.code().is_some(),
                Expected::Number(_) => false,
            },
            (Matcher::Error, Outcome::Output(..)) => matches!(self.expected, Expected::Bool(false)),
            (Matcher::Path(path), Outcome::Output(output, _)) => {
                path.evaluate(TypedTree::from_structure(*output)).is_ok_and(|it| self.expected.equals(&it))
            }
            (Matcher::PathAll(path), Outcome::Output(output, _)) => {
                let found = path.evaluate(TypedTree::from_structure(*output)).ok().and_then(Node::into_elements);
                found.is_some_and(|elements| !elements.is_empty() && elements.iter().all(|it| self.expected.equals(it)))
            }
            (Matcher::PathAny(path), Outcome::Output(output, _)) => {
                let found = path.evaluate(TypedTree::from_structure(*output)).ok().and_then(Node::into_elements);
                found.is_some_and(|elements| elements.iter().any(|it| self.expected.equals(it)))
            }
            (Matcher::Path(_) | Matcher::PathAll(_) | Matcher::PathAny(_), Outcome::Error(_)) => false,
        }
    }
}

impl Expected {
    fn is_number(&self, number: i64) -> bool {
        matches!(self, Self::Number(it) if *it == number)
    }

    fn equals<'a, T: crate::jmespath::Tree<'a>>(&self, found: &Node<'a, T>) -> bool {
        match self {
            Self::String(string) => found.as_str() == Some(string),
            Self::Number(number) => found.as_number().is_some_and(|it| it.as_i64() == Some(*number)),
            Self::Bool(value) => found.as_bool() == Some(*value),
        }
    }
}
