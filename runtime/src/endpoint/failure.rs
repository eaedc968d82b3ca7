//! The errors of endpoint resolution. Knows no rule.

use crate::error::{Error, ErrorKind};
use std::fmt;

/// An error of endpoint resolution.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// A rule rejects these parameters, with this message.
    Rejected(String),
    /// No rule matches these parameters, which the string lists.
    NoMatchingRule(String),
    /// A required parameter has no value.
    MissingParameter {
        /// The parameter's name.
        parameter: &'static str,
    },
    /// A parameter's value does not have the declared type.
    WrongType {
        /// The parameter's name.
        parameter: &'static str,
        /// The declared type.
        expected: &'static str,
        /// The type of the value.
        found: &'static str,
    },
    /// The rules pass an absent value to a function or template that requires one.
    AbsentValue {
        /// The function or template.
        required_by: &'static str,
    },
    /// The compiled rule set is malformed. Those that the generator wrote never are.
    MalformedRuleSet(&'static str),
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(message) => f.write_str(message),
            Self::NoMatchingRule(parameters) => {
                write!(f, "no endpoint rule matches the parameters {parameters}")
            }
            Self::MissingParameter { parameter } => {
                write!(f, "missing required endpoint parameter `{parameter}`")
            }
            Self::WrongType { parameter, expected, found } => {
                write!(f, "invalid type of the endpoint parameter `{parameter}`: expected {expected}, found {found}")
            }
            Self::AbsentValue { required_by } => {
                write!(f, "the endpoint rules have no value for {required_by}, which requires one")
            }
            Self::MalformedRuleSet(problem) => write!(f, "malformed endpoint rule set: {problem}"),
        }
    }
}

impl std::error::Error for EndpointError {}

impl From<EndpointError> for Error {
    fn from(failure: EndpointError) -> Self {
        Error::new(ErrorKind::Endpoint, failure.to_string()).with_source(failure)
    }
}
