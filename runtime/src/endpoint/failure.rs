//! Why no endpoint could be found. Knows nothing of how it was looked for.

use crate::error::{Error, ErrorKind};
use std::fmt;

/// Why a rule set gave no endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointFailure {
    /// The rules refuse these parameters; the text is theirs.
    Refused(String),
    /// No rule decides for these parameters, which the text lists.
    NoRule(String),
    /// A required parameter has no value.
    Missing {
        /// The parameter's name.
        parameter: &'static str,
    },
    /// A parameter's value is of another type than the rules declare.
    WrongType {
        /// The parameter's name.
        parameter: &'static str,
        /// The type it should have.
        expected: &'static str,
        /// The type it was given.
        found: &'static str,
    },
    /// The rules hand a value that is absent to a function or template that needs one.
    Absent {
        /// What needs the value.
        needed_by: &'static str,
    },
    /// The compiled rule set is malformed; never so for one that the generator wrote.
    Table(&'static str),
}

impl fmt::Display for EndpointFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(text) => f.write_str(text),
            Self::NoRule(parameters) => {
                write!(f, "no endpoint rule applies to the parameters {parameters}")
            }
            Self::Missing { parameter } => {
                write!(f, "the endpoint parameter `{parameter}` is required but has no value")
            }
            Self::WrongType { parameter, expected, found } => {
                write!(f, "the endpoint parameter `{parameter}` must be {expected}, not {found}")
            }
            Self::Absent { needed_by } => {
                write!(f, "the endpoint rules give no value where {needed_by} needs one")
            }
            Self::Table(text) => write!(f, "the compiled endpoint rules are malformed: {text}"),
        }
    }
}

impl std::error::Error for EndpointFailure {}

impl From<EndpointFailure> for Error {
    fn from(failure: EndpointFailure) -> Self {
        Error::new(ErrorKind::Endpoint, failure.to_string()).with_source(failure)
    }
}
