//! `waiters-2.json`: what to poll, how often, and what each response means. Paths are JMESPath expressions and stay
//! strings.

use super::Map;
use crate::json::Cursor;
use crate::report::SourceLocation;

/// Waiters by name.
#[derive(Debug, Clone, Default)]
pub struct Waiters {
    /// The file, if there is one.
    pub location: Option<SourceLocation>,
    /// By name, in order.
    pub waiters: Map<Waiter>,
}

/// What to poll and how often.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiter {
    /// The operation to poll.
    pub operation: String,
    /// Seconds between two attempts.
    pub delay: i64,
    /// The maximum number of attempts.
    pub max_attempts: i64,
    /// A phrase that describes what it waits for.
    pub description: Option<String>,
    /// Tried in order; the first that matches decides.
    pub acceptors: Vec<Acceptor>,
}

/// Matches a response and assigns it a meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Acceptor {
    /// The meaning of a match.
    pub state: WaiterState,
    /// What is matched.
    pub matcher: Matcher,
    /// The JMESPath of the three path matchers.
    pub argument: Option<String>,
    /// The value to match.
    pub expected: Expected,
}

/// The meaning of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaiterState {
    /// The waiter has succeeded.
    Success,
    /// The waiter has failed.
    Failure,
    /// Poll again.
    Retry,
}

/// Which part of a response is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matcher {
    /// The value at the path.
    Path,
    /// All elements of the list at the path, which must not be empty.
    PathAll,
    /// Any element of the list at the path.
    PathAny,
    /// The status of the response.
    Status,
    /// The code of the error. True matches any error, false none.
    Error,
}

/// The value to match in a response.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// A string.
    String(String),
    /// An integer.
    Integer(i64),
    /// A boolean.
    Flag(bool),
}

/// Reads `waiters-2.json`.
pub fn read(cursor: &Cursor<'_>) -> Waiters {
    if cursor.required_integer("version") != 2 {
        cursor.problem(|report, location| report.problem(location.child("version"), "unsupported version: expected 2"));
    }
    Waiters { location: Some(cursor.location()), waiters: cursor.required_map("waiters", |_, it| waiter(it)) }
}

fn waiter(cursor: &Cursor<'_>) -> Waiter {
    Waiter {
        operation: cursor.required_string("operation"),
        delay: cursor.required_integer("delay"),
        max_attempts: cursor.required_integer("maxAttempts"),
        description: cursor.string("description"),
        acceptors: cursor.required_list("acceptors", acceptor),
    }
}

fn acceptor(cursor: &Cursor<'_>) -> Acceptor {
    const STATES: [(&str, WaiterState); 3] =
        [("success", WaiterState::Success), ("failure", WaiterState::Failure), ("retry", WaiterState::Retry)];
    const MATCHERS: [(&str, Matcher); 5] = [
        ("path", Matcher::Path),
        ("pathAll", Matcher::PathAll),
        ("pathAny", Matcher::PathAny),
        ("status", Matcher::Status),
        ("error", Matcher::Error),
    ];
    let matcher = cursor.required_keyword("matcher", &MATCHERS).unwrap_or(Matcher::Error);
    let by_path = matches!(matcher, Matcher::Path | Matcher::PathAll | Matcher::PathAny);
    Acceptor {
        state: cursor.required_keyword("state", &STATES).unwrap_or(WaiterState::Retry),
        matcher,
        argument: match by_path {
            true => Some(cursor.required_string("argument")),
            false => cursor.string("argument"),
        },
        expected: cursor.required("expected").map_or(Expected::Flag(false), |it| expected(&it)),
    }
}

fn expected(cursor: &Cursor<'_>) -> Expected {
    if cursor.is_flag() {
        Expected::Flag(cursor.as_flag())
    } else if cursor.is_number() {
        Expected::Integer(cursor.as_integer())
    } else {
        Expected::String(cursor.as_string())
    }
}

impl Waiters {
    /// The location of a waiter.
    pub fn location_of(&self, waiter: &str) -> SourceLocation {
        self.location.clone().unwrap_or_else(|| SourceLocation::new("waiters-2.json")).child("waiters").child(waiter)
    }
}
