//! `waiters-2.json`: what to poll, how often, and which answer means what. The paths in it are JMESPath, kept as text.

use super::Map;
use crate::json::Cursor;
use crate::report::Place;

/// Waiters by name.
#[derive(Debug, Clone, Default)]
pub struct Waiters {
    /// The file, if there is one.
    pub place: Option<Place>,
    /// By name, in order.
    pub waiters: Map<Waiter>,
}

/// What to poll and how often.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiter {
    /// The operation to call.
    pub operation: String,
    /// Seconds between two calls.
    pub delay: i64,
    /// How often to call at most.
    pub max_attempts: i64,
    /// What is waited for, as a phrase.
    pub description: Option<String>,
    /// Looked through in order; the first that matches decides.
    pub acceptors: Vec<Acceptor>,
}

/// An answer and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Acceptor {
    /// What it means.
    pub state: WaiterState,
    /// How to look at the answer.
    pub matcher: Matcher,
    /// The JMESPath of the three path matchers.
    pub argument: Option<String>,
    /// What to find there.
    pub expected: Expected,
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaiterState {
    /// The wait is over.
    Success,
    /// It cannot succeed any more.
    Failure,
    /// Call again.
    Retry,
}

/// How to look at an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matcher {
    /// The value at the path.
    Path,
    /// All elements of the list at the path, of which there is at least one.
    PathAll,
    /// Any element of the list at the path.
    PathAny,
    /// The status of the response.
    Status,
    /// The code of the error; true means any error, false none.
    Error,
}

/// What to find in an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Flag(bool),
}

/// Reads `waiters-2.json`.
pub fn read(cursor: &Cursor<'_>) -> Waiters {
    if cursor.need_integer("version") != 2 {
        cursor.complain(|report, place| report.problem(place.child("version"), "only version 2 is understood"));
    }
    Waiters { place: Some(cursor.place()), waiters: cursor.need_map("waiters", |_, it| waiter(it)) }
}

fn waiter(cursor: &Cursor<'_>) -> Waiter {
    Waiter {
        operation: cursor.need_text("operation"),
        delay: cursor.need_integer("delay"),
        max_attempts: cursor.need_integer("maxAttempts"),
        description: cursor.text("description"),
        acceptors: cursor.need_list("acceptors", acceptor),
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
    let matcher = cursor.need_word("matcher", &MATCHERS).unwrap_or(Matcher::Error);
    let by_path = matches!(matcher, Matcher::Path | Matcher::PathAll | Matcher::PathAny);
    Acceptor {
        state: cursor.need_word("state", &STATES).unwrap_or(WaiterState::Retry),
        matcher,
        argument: match by_path {
            true => Some(cursor.need_text("argument")),
            false => cursor.text("argument"),
        },
        expected: cursor.need("expected").map_or(Expected::Flag(false), |it| expected(&it)),
    }
}

fn expected(cursor: &Cursor<'_>) -> Expected {
    if cursor.is_flag() {
        Expected::Flag(cursor.as_flag())
    } else if cursor.is_number() {
        Expected::Integer(cursor.as_integer())
    } else {
        Expected::Text(cursor.as_text())
    }
}

impl Waiters {
    /// Where a waiter is described.
    pub fn place_of(&self, waiter: &str) -> Place {
        self.place.clone().unwrap_or_else(|| Place::new("waiters-2.json")).child("waiters").child(waiter)
    }
}
