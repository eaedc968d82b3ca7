//! The errors of parsing and evaluating expressions. Knows no expression.

use std::fmt;

use crate::error::{Error, ErrorKind};

/// How many characters of an expression a message shows.
const SHOWN_TEXT: usize = 200;

/// An error from parsing or evaluating an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JmesPathError {
    kind: FailureKind,
    message: String,
    position: Option<usize>,
}

/// The kinds of failure, under the names of the JMESPath specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureKind {
    /// The text is not an expression.
    Syntax,
    /// There is no function of that name.
    UnknownFunction,
    /// A function is called with the wrong number of arguments.
    InvalidArity,
    /// An argument of a function has a type that the function does not take.
    InvalidType,
    /// A value is not valid at its position: a slice with step 0.
    InvalidValue,
}

impl JmesPathError {
    pub(super) fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), position: None }
    }

    /// An error at a position of an expression's text, which is part of the message.
    pub(super) fn at(kind: FailureKind, message: String, text: &str, position: usize) -> Self {
        let shown: String = text.chars().take(SHOWN_TEXT).collect();
        let more = if shown.len() < text.len() { "…" } else { "" };
        let message = format!("{message}, at byte {position} of `{shown}{more}`");
        Self { kind, message, position: Some(position) }
    }

    /// The kind of failure.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Where in the expression's text the error is, in bytes from its start; `None` if evaluating failed.
    pub fn position(&self) -> Option<usize> {
        self.position
    }
}

impl FailureKind {
    /// The specification's name: `syntax`, `unknown-function`, `invalid-arity`, `invalid-type`, `invalid-value`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::UnknownFunction => "unknown-function",
            Self::InvalidArity => "invalid-arity",
            Self::InvalidType => "invalid-type",
            Self::InvalidValue => "invalid-value",
        }
    }
}

impl fmt::Display for JmesPathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.message)
    }
}

impl std::error::Error for JmesPathError {}

/// As a [`Validation`](ErrorKind::Validation) error: the expression, or what it is evaluated on, is the caller's.
impl From<JmesPathError> for Error {
    fn from(error: JmesPathError) -> Self {
        Self::new(ErrorKind::Validation, format!("JMESPath: {error}")).with_source(error)
    }
}
