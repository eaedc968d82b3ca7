//! Acceptors: what the result of a call means for a waiter. Knows neither calls nor delays.

use crate::error::{Error, ErrorKind, Result};
use crate::jmespath::{Expression, Node};
use crate::schema::StructureView;
use crate::schema::tree::TypedTree;
use crate::types::Document;

/// The first acceptor that matches an outcome.
pub(crate) fn accept<'a>(acceptors: &'a [Acceptor], outcome: Outcome<'_>) -> Option<&'a Acceptor> {
    acceptors.iter().find(|it| it.matches(&outcome))
}

/// The result of a call, as acceptors see it: an output with its status, or an error.
#[derive(Clone, Copy)]
pub(crate) enum Outcome<'a> {
    Output(StructureView<'a>, u16),
    Error(&'a Error),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Success,
    Failure,
    Retry,
}

/// A line of a waiter's descriptor: the state that a matching result leads to.
#[derive(Debug)]
pub(crate) struct Acceptor {
    pub(crate) state: State,
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

/// What an acceptor expects, and what it found.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    /// Whether the two match.
    pub(super) matched: bool,
    /// `path`, `pathAll`, `pathAny`, `status` or `error`.
    pub(super) matcher: &'static str,
    /// The path in JMESPath's notation, if the matcher has one.
    pub(super) path: Option<String>,
    /// The value that the acceptor expects.
    pub(super) expected: Document,
    /// The value in the response: that at the path, the status or the error code.
    pub(super) actual: Document,
}

impl Acceptor {
    /// Decodes the lines of a descriptor.
    pub(crate) fn decode(waiter: &str, lines: &'static str) -> Result<Vec<Self>> {
        let invalid = || {
            let why = format!("cannot decode the descriptor of waiter {waiter}; regenerate the crate");
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
        lines.lines().map(|it| decode_line(it).ok_or_else(invalid)).collect()
    }

    /// What the acceptor expects beside what it finds in an outcome.
    pub(super) fn compare(&self, outcome: Outcome<'_>) -> Comparison {
        let (matcher, path) = match &self.matcher {
            Matcher::Path(path) => ("path", Some(path)),
            Matcher::PathAll(path) => ("pathAll", Some(path)),
            Matcher::PathAny(path) => ("pathAny", Some(path)),
            Matcher::Status => ("status", None),
            Matcher::Error => ("error", None),
        };
        let actual = match (path, outcome) {
            (Some(path), Outcome::Output(output, _)) => {
                path.evaluate(TypedTree::from_structure(output)).map_or(Document::Null, |it| it.to_document())
            }
            (None, Outcome::Output(_, status)) if matcher == "status" => Document::from(u32::from(status)),
            (None, Outcome::Error(error)) if matcher == "status" => error.status().map(u32::from).into(),
            (_, Outcome::Error(error)) => error.code().into(),
            (None, Outcome::Output(..)) => Document::Null,
        };
        let matched = self.matches(&outcome);
        Comparison {
            matched,
            matcher,
            path: path.map(ToString::to_string),
            expected: self.expected.to_document(),
            actual,
        }
    }

    /// Whether an outcome is what the acceptor expects.
    pub(crate) fn matches(&self, outcome: &Outcome<'_>) -> bool {
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
    fn to_document(&self) -> Document {
        match self {
            Self::String(string) => (*string).into(),
            Self::Number(number) => (*number).into(),
            Self::Bool(value) => (*value).into(),
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{RawResponse, ServiceRef};
    use crate::http::HeaderMap;
    use crate::protocol::AwsJson;
    use crate::schema::dynamic::{self, Link, Schema, Value};

    /// The acceptor's result for an output with `value` in the member `v`, whose type is `link`.
    fn matches_output(line: &'static str, link: &Link, value: Value, status: u16) -> bool {
        let mut schema = Schema::new();
        schema.define("Output", "v:*", std::slice::from_ref(link));
        let members = vec![value];
        let shape = schema.shape("Output").expect("just defined");
        let acceptors = Acceptor::decode("W", line).expect("a sound line");
        accept(&acceptors, Outcome::Output(dynamic::view(&members, shape), status)).is_some()
    }

    /// The error of a service's response.
    fn service_error(status: u16, code: &str) -> Error {
        static PROTOCOL: AwsJson = AwsJson { version: "1.1", target: "T", query_compatible: false };
        let body = format!("{{\"__type\": \"{code}\"}}").into();
        let service = ServiceRef { id: "T", protocol: &PROTOCOL };
        Error::from_response(service, RawResponse { status, headers: HeaderMap::new(), body })
    }

    fn matches_error(line: &'static str, status: u16, code: &str) -> bool {
        let error = service_error(status, code);
        let acceptors = Acceptor::decode("W", line).expect("a sound line");
        accept(&acceptors, Outcome::Error(&error)).is_some()
    }

    /// A kind that an acceptor can expect: its notation, a value as it is expected, and that value or another one.
    type ValueKind = (&'static str, &'static str, fn(bool) -> Value);

    fn kinds() -> [ValueKind; 3] {
        [
            ("str", "\"up\"", |same| Value::String(if same { "up" } else { "down" }.to_owned())),
            ("i32", "7", |same| Value::I32(if same { 7 } else { 8 })),
            ("bool", "true", Value::Bool),
        ]
    }

    fn leaked(line: String) -> &'static str {
        Box::leak(line.into_boxed_str())
    }

    #[test]
    fn every_path_matcher_compares_every_kind_of_value() {
        for (scalar, expected, make) in kinds() {
            let (one, list) = (Link::Scalar(scalar), Link::List(Box::new(Link::Scalar(scalar))));
            let many = |values: &[bool]| Value::List(values.iter().map(|it| make(*it)).collect());
            let check = |matcher: &str, link: &Link, value: Value, expect: bool| {
                let line = leaked(format!("success {matcher} {expected} v"));
                let shown = format!("{line} of {value:?}");
                assert_eq!(matches_output(line, link, value, 200), expect, "{shown}");
            };
            check("path", &one, make(true), true);
            check("path", &one, make(false), false);
            check("path", &one, Value::Absent, false);
            check("path", &list, many(&[true]), false);
            check("pathAll", &list, many(&[true, true]), true);
            check("pathAll", &list, many(&[true, false]), false);
            check("pathAll", &list, many(&[false]), false);
            check("pathAny", &list, many(&[false, true]), true);
            check("pathAny", &list, many(&[false, false]), false);
            // Nothing is neither all nor any, and a scalar is no list.
            for matcher in ["pathAll", "pathAny"] {
                check(matcher, &list, many(&[]), false);
                check(matcher, &list, Value::Absent, false);
                check(matcher, &one, make(true), false);
            }
            for matcher in ["path", "pathAll", "pathAny"] {
                let line = leaked(format!("success {matcher} {expected} v"));
                assert!(!matches_error(line, 400, "up"), "{line}: an error has no paths");
            }
        }
        // The kinds differ: a number is no string, and true is not 1.
        let check = |line, scalar, value| assert!(!matches_output(line, &Link::Scalar(scalar), value, 200), "{line}");
        check("success path \"7\" v", "i32", Value::I32(7));
        check("success path 7 v", "str", Value::String("7".into()));
        check("success path true v", "str", Value::String("true".into()));
        check("success path 1 v", "bool", Value::Bool(true));
        check("success path \"up\" w", "str", Value::String("up".into()));
        assert!(matches_output("success path false v", &Link::Scalar("bool"), Value::Bool(false), 200));
    }

    #[test]
    fn status_and_error_matchers_compare_results_of_both_kinds() {
        let output = |line, status| matches_output(line, &Link::Scalar("str"), Value::Absent, status);
        assert!(output("success status 200", 200) && !output("success status 200", 202));
        assert!(matches_error("retry status 404", 404, "X") && !matches_error("retry status 404", 403, "X"));
        // A status is a number and a code is a string: the other kinds never match.
        for line in ["success status \"200\"", "success status true", "success error \"200\"", "success error 200"] {
            assert!(!output(line, 200) && !matches_error(line, 200, "X"), "{line}");
        }
        assert!(matches_error("retry error \"Gone\"", 400, "Gone"));
        assert!(!matches_error("retry error \"Gone\"", 400, "GoneAway") && !output("retry error \"Gone\"", 400));
        // `true` is any error, `false` none.
        assert!(matches_error("retry error true", 400, "X") && !output("retry error true", 200));
        assert!(!matches_error("retry error false", 400, "X") && output("retry error false", 200));
        let local = Error::new(ErrorKind::Io, "no response");
        for line in ["success error true", "success status 200", "success error \"Io\""] {
            let acceptors = Acceptor::decode("W", line).expect("a sound line");
            assert!(accept(&acceptors, Outcome::Error(&local)).is_none(), "{line}: no service said so");
        }
    }

    #[test]
    fn the_first_acceptor_that_matches_decides() {
        let acceptors =
            Acceptor::decode("W", "retry status 404\nfailure error true\nsuccess error false").expect("lines");
        let states: Vec<_> = acceptors.iter().map(|it| it.state).collect();
        assert_eq!(states, [State::Retry, State::Failure, State::Success]);
        let state = |status| accept(&acceptors, Outcome::Error(&service_error(status, "X"))).map(|it| it.state);
        assert_eq!((state(404), state(403)), (Some(State::Retry), Some(State::Failure)));
        for line in ["success", "success path", "success path x v", "success path \"a v", "success path 1 (v"] {
            assert!(Acceptor::decode("W", line).is_err(), "{line}");
        }
    }
}
