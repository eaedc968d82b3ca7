//! JMESPath expressions of paginators, waiters, resources and endpoint parameters: parsed at generation to an [`Ast`],
//! and written in the notation that the runtime decodes. Knows no shapes: callers check whether a path exists.
//!
//! The grammar is that of botocore's jmespath 1.x: no `let`, no arithmetic. Function names, numbers of arguments and
//! slice steps are checked here, types of values at run time.
//!
//! # The notation
//!
//! ```text
//! expression = path | "quoted field" | @ | literal | ( form )
//! path       = field.field.field            names of letters, digits and `_`
//! literal    = null | true | false | number | 'text' | (array literal…) | (object 'key' literal …)
//! form       = . a b c                      each on the result of the one before
//!            | at N a | slice N N N a       element; slice with start, stop and step, `_` where left out
//!            | each a b | values a b        projection of a list, of an object's values: b on every element of a
//!            | where a condition b          projection of the elements for which the condition holds
//!            | flat a                       lists in the list a dissolved
//!            | or a b | and a b | not a | == a b | != a b | < a b | <= a b | > a b | >= a b
//!            | list a b … | hash 'key' a …  multi-select
//!            | call name a b …              function
//!            | & a                          expression handed to a function
//! ```
//!
//! In quoted fields and strings a backslash stands before quotes and backslashes. `NextMarker || Contents[-1].Key` is
//! `(or NextMarker (. (at -1 Contents) Key))`; a plain path is itself.

mod lexer;
mod notation;
mod parser;

pub use notation::notation;
pub use parser::parse;

use serde_json::Value;
use std::fmt;

/// An expression. Each kind is evaluated on a current value, the whole document at first.
#[derive(Debug, Clone, PartialEq)]
pub enum Ast {
    /// `@`: the current value itself.
    Current,
    /// A field of an object.
    Field(String),
    /// A literal: `` `json` `` or `'text'`.
    Literal(Value),
    /// `a.b` and `a | b`: the second on the result of the first.
    Then(Box<Ast>, Box<Ast>),
    /// `a[1]`, `a[-1]`: an element of the list that the expression returns.
    Index(Box<Ast>, i64),
    /// `a[1:2:3]`: start, stop and step of a slice. By itself it returns a list; the parser always puts it into a
    /// projection.
    Slice(Box<Ast>, [Option<i64>; 3]),
    /// `a[*].b`: the second on every element of the list that the first returns; nulls are omitted.
    Each(Box<Ast>, Box<Ast>),
    /// `a.*.b`: the second on every value of the object that the first returns.
    Values(Box<Ast>, Box<Ast>),
    /// `a[?condition].b`: list, condition, and the expression for the elements that meet it.
    Where(Box<Ast>, Box<Ast>, Box<Ast>),
    /// The `[]` of `a[].b`: the list with the lists in it flattened; the parser always puts it into a projection.
    Flatten(Box<Ast>),
    /// `a || b`.
    Or(Box<Ast>, Box<Ast>),
    /// `a && b`.
    And(Box<Ast>, Box<Ast>),
    /// `!a`.
    Not(Box<Ast>),
    /// `a == b` and the other comparisons.
    Compare(Comparison, Box<Ast>, Box<Ast>),
    /// `[a, b]`.
    List(Vec<Ast>),
    /// `{key: a}`.
    Hash(Vec<(String, Ast)>),
    /// A function of [`FUNCTIONS`] with its arguments.
    Call(String, Vec<Ast>),
    /// `&a`: the expression itself, for functions that apply it.
    Expression(Box<Ast>),
}

impl Ast {
    /// The names of a path of fields (`a.b.c`), `None` for every other expression.
    pub fn path(&self) -> Option<Vec<&str>> {
        match self {
            Self::Field(name) => Some(vec![name]),
            Self::Then(left, right) => {
                let mut names = left.path()?;
                names.extend(right.path()?);
                Some(names)
            }
            _ => None,
        }
    }
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// The operator as it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// The functions: name, minimum and maximum number of arguments.
pub const FUNCTIONS: [(&str, usize, usize); 26] = [
    ("abs", 1, 1),
    ("avg", 1, 1),
    ("ceil", 1, 1),
    ("contains", 2, 2),
    ("ends_with", 2, 2),
    ("floor", 1, 1),
    ("join", 2, 2),
    ("keys", 1, 1),
    ("length", 1, 1),
    ("map", 2, 2),
    ("max", 1, 1),
    ("max_by", 2, 2),
    ("merge", 1, usize::MAX),
    ("min", 1, 1),
    ("min_by", 2, 2),
    ("not_null", 1, usize::MAX),
    ("reverse", 1, 1),
    ("sort", 1, 1),
    ("sort_by", 2, 2),
    ("starts_with", 2, 2),
    ("sum", 1, 1),
    ("to_array", 1, 1),
    ("to_number", 1, 1),
    ("to_string", 1, 1),
    ("type", 1, 1),
    ("values", 1, 1),
];

/// Why an expression is invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The kind of error.
    pub kind: ParseErrorKind,
    /// The position, in bytes from the start of the expression.
    pub position: usize,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: {}", self.kind.name(), self.position, self.message)
    }
}

impl std::error::Error for ParseError {}

/// The kinds of errors that are detected without a document, after JMESPath's error types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParseErrorKind {
    /// Not in the grammar.
    Syntax,
    /// No function has that name.
    UnknownFunction,
    /// The function takes another number of arguments.
    InvalidArity,
    /// A slice whose step is zero.
    InvalidValue,
}

impl ParseErrorKind {
    /// JMESPath's name of the error: `syntax`, `unknown-function`, `invalid-arity`, `invalid-value`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::UnknownFunction => "unknown-function",
            Self::InvalidArity => "invalid-arity",
            Self::InvalidValue => "invalid-value",
        }
    }
}

#[cfg(test)]
mod tests;
