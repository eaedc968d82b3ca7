//! The errors of decoding and evaluating expressions. Knows no expression.

use std::fmt;

/// An error from decoding or evaluating an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JmesPathError {
    kind: FailureKind,
    message: String,
}

/// The kinds of failure, under the names of the JMESPath specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureKind {
    /// The string is not in the generator's notation.
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
        Self { kind, message: message.into() }
    }

    /// The kind of failure.
    pub fn kind(&self) -> FailureKind {
        self.kind
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
