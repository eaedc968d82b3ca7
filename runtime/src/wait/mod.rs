//! Waiters: an operation is called until its answer means success or failure. Knows no service; what answers mean is one
//! description.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use crate::call::user_agent::Feature;
use crate::call::{Call, Metadata, Operation};
use crate::error::{Error, ErrorKind, Result};
use crate::jmespath::{Expression, Node};
use crate::schema::tree::Seen;
use crate::schema::{Element, StructureView};

/// What to wait for: the name, the pace, and what answers mean.
#[derive(Clone, Copy, Debug)]
pub struct WaiterInfo {
    name: &'static str,
    delay: u32,
    max_attempts: u32,
    /// Lines `state matcher expected [path]`; the paths are in the notation of [`jmespath`](crate::jmespath).
    acceptors: &'static str,
}

impl WaiterInfo {
    /// A description; `delay` is in seconds.
    pub const fn new(name: &'static str, delay: u32, max_attempts: u32, acceptors: &'static str) -> Self {
        Self { name, delay, max_attempts, acceptors }
    }
}

/// A wait that did not start yet: await it, or change its pace first.
///
/// The pause between calls is fixed, as in botocore (`waiter.py`); the pace is the model's unless changed here.
#[must_use = "a wait does nothing until it is awaited"]
pub struct Wait<O: Operation> {
    call: Call<O>,
    info: WaiterInfo,
    delay: Duration,
    max_attempts: u32,
}

/// How a wait ended well.
#[derive(Debug)]
pub struct Waited<T> {
    /// How many times the operation was called.
    pub attempts: u32,
    /// The last answer. It may be an error: that an object is gone shows by one.
    pub answer: Result<T>,
}

impl<O: Operation<Input: fmt::Debug>> fmt::Debug for Wait<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, info, delay, max_attempts } = self;
        let mut out = f.debug_struct("Wait");
        out.field("call", call).field("info", info).field("delay", delay).field("max_attempts", max_attempts).finish()
    }
}

impl<O: Operation> Wait<O> {
    /// A wait on a call.
    pub fn new(call: Call<O>, info: WaiterInfo) -> Self {
        Self { call, delay: Duration::from_secs(info.delay.into()), max_attempts: info.max_attempts, info }
    }

    /// The pause between two calls.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// How often to call at most; at least once.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Changes the input, to set what is optional.
    pub fn input(mut self, change: impl FnOnce(&mut O::Input)) -> Self {
        change(&mut self.call.input);
        self
    }
}

impl<O> IntoFuture for Wait<O>
where
    O: Operation<Input: Clone + Send + Sync, Output: Send>,
{
    type Output = Result<Waited<O::Output>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { mut call, info, delay, max_attempts } = self;
            call.options.features.add(Feature::Waiter);
            let acceptors = Acceptor::decode(&info)?;
            let mut attempts = 0;
            loop {
                attempts += 1;
                let answer = call.clone().send().await;
                let state = state_of(&acceptors, &answer);
                let answer = answer.map(|it| it.0);
                match (state, answer) {
                    (Some(State::Success), answer) => return Ok(Waited { attempts, answer }),
                    (Some(State::Failure), answer) => {
                        return Err(failed(&info, attempts, "a failure state", answer.err()));
                    }
                    // An error that no acceptor knows ends the wait, as in botocore.
                    (None, Err(error)) => return Err(failed(&info, attempts, "an unexpected error", Some(error))),
                    (Some(State::Retry) | None, answer) if attempts >= max_attempts => {
                        return Err(failed(&info, attempts, "the last attempt", answer.err()));
                    }
                    (Some(State::Retry) | None, _) => call.core.sleep.wait(delay).await,
                }
            }
        })
    }
}

fn state_of<T: Element>(acceptors: &[Acceptor], answer: &Result<(T, Metadata)>) -> Option<State> {
    let answered = match answer {
        Ok((output, metadata)) => Answered::Output(StructureView::new(output), metadata.status),
        Err(error) => Answered::Error(error),
    };
    acceptors.iter().find(|it| it.matches(&answered)).map(|it| it.state)
}

fn failed(info: &WaiterInfo, attempts: u32, what: &str, cause: Option<Error>) -> Error {
    let calls = if attempts == 1 { "call" } else { "calls" };
    let told = cause.as_ref().map(|it| format!(": {it}")).unwrap_or_default();
    let error =
        Error::new(ErrorKind::Waiter, format!("waiting for {} met {what} after {attempts} {calls}{told}", info.name));
    match cause {
        Some(cause) => error.with_source(cause),
        None => error,
    }
}

/// What came of a call.
enum Answered<'a> {
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
    Text(&'static str),
    Number(i64),
    Flag(bool),
}

impl Acceptor {
    fn decode(info: &WaiterInfo) -> Result<Vec<Self>> {
        let broken = || {
            let why = format!("the description of the waiter {} cannot be read; generate the crate again", info.name);
            Error::new(ErrorKind::Waiter, why)
        };
        let line = |line: &'static str| {
            let (state, rest) = line.split_once(' ')?;
            let (matcher, rest) = rest.split_once(' ')?;
            let (expected, path) = match rest.strip_prefix('"') {
                Some(text) => text.split_once('"').map(|(text, rest)| (Expected::Text(text), rest.trim_start()))?,
                None => {
                    let (word, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                    let expected = match word {
                        "true" => Expected::Flag(true),
                        "false" => Expected::Flag(false),
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
        info.acceptors.lines().map(|it| line(it).ok_or_else(broken)).collect()
    }

    fn matches(&self, seen: &Answered<'_>) -> bool {
        match (&self.matcher, seen) {
            (Matcher::Status, Answered::Output(_, status)) => self.expected.is_number((*status).into()),
            (Matcher::Status, Answered::Error(error)) => {
                error.status().is_some_and(|it| self.expected.is_number(it.into()))
            }
            (Matcher::Error, Answered::Error(error)) => match self.expected {
                Expected::Text(code) => error.code() == Some(code),
                Expected::Flag(any) => any && error.code().is_some(),
                Expected::Number(_) => false,
            },
            (Matcher::Error, Answered::Output(..)) => matches!(self.expected, Expected::Flag(false)),
            (Matcher::Path(path), Answered::Output(output, _)) => {
                path.evaluate(Seen::structure(*output)).is_ok_and(|it| self.expected.is(&it))
            }
            (Matcher::PathAll(path), Answered::Output(output, _)) => {
                let found = path.evaluate(Seen::structure(*output)).ok().and_then(Node::into_elements);
                found.is_some_and(|it| !it.is_empty() && it.iter().all(|it| self.expected.is(it)))
            }
            (Matcher::PathAny(path), Answered::Output(output, _)) => {
                let found = path.evaluate(Seen::structure(*output)).ok().and_then(Node::into_elements);
                found.is_some_and(|it| it.iter().any(|it| self.expected.is(it)))
            }
            (Matcher::Path(_) | Matcher::PathAll(_) | Matcher::PathAny(_), Answered::Error(_)) => false,
        }
    }
}

impl Expected {
    fn is_number(&self, number: i64) -> bool {
        matches!(self, Self::Number(it) if *it == number)
    }

    fn is<'a, T: crate::jmespath::Tree<'a>>(&self, found: &Node<'a, T>) -> bool {
        match self {
            Self::Text(text) => found.as_str() == Some(text),
            Self::Number(number) => found.as_number().is_some_and(|it| it.as_i64() == Some(*number)),
            Self::Flag(flag) => found.as_bool() == Some(*flag),
        }
    }
}
