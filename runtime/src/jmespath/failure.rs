//! Why an expression has no value. Knows no expression.

use std::fmt;

/// Why an expression could not be decoded or evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    fault: Fault,
    message: String,
}

/// The kinds of failure, as JMESPath names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Not in the notation.
    Syntax,
    /// No function has that name.
    UnknownFunction,
    /// A function takes another number of arguments.
    InvalidArity,
    /// A function was handed a value of a type that it does not take.
    InvalidType,
    /// A value that makes no sense where it stands: a slice with step 0.
    InvalidValue,
}

impl Failure {
    pub(super) fn new(fault: Fault, message: impl Into<String>) -> Self {
        Self { fault, message: message.into() }
    }

    /// The kind of failure.
    pub fn fault(&self) -> Fault {
        self.fault
    }
}

impl Fault {
    /// JMESPath's name: `syntax`, `unknown-function`, `invalid-arity`, `invalid-type`, `invalid-value`.
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

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.fault.name(), self.message)
    }
}

impl std::error::Error for Failure {}
