//! JMESPath expressions of paginators, waiters, resources and endpoint parameters: parsed at generation to an [`Ast`], and
//! written in the notation that the runtime decodes. Knows no shapes; whether a path exists is its users' to check.
//!
//! The grammar is the classic one that botocore's jmespath 1.x reads: no `let`, no arithmetic. Function names, numbers of
//! arguments and slice steps are checked here, types of values at run time.
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
//! In quoted fields and texts a backslash stands before quotes and backslashes. `NextMarker || Contents[-1].Key` is
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
    /// `a[1]`, `a[-1]`: an element of the list that the expression gives.
    Index(Box<Ast>, i64),
    /// `a[1:2:3]`: start, stop and step of a slice. Alone it gives a list; written in an expression it stands in a projection.
    Slice(Box<Ast>, [Option<i64>; 3]),
    /// `a[*].b`: the second on every element of the list the first gives; nulls are left out.
    Each(Box<Ast>, Box<Ast>),
    /// `a.*.b`: the second on every value of the object the first gives.
    Values(Box<Ast>, Box<Ast>),
    /// `a[?condition].b`: list, condition, and what to take of the elements for which it holds.
    Where(Box<Ast>, Box<Ast>, Box<Ast>),
    /// The `[]` of `a[].b`: the list with its lists dissolved; written in an expression it stands in a projection.
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
    /// The comparison as it is written.
    pub fn sign(self) -> &'static str {
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

/// The functions: name, least and greatest number of arguments.
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

/// Why an expression is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// What kind of mistake it is.
    pub mistake: Mistake,
    /// Where, in bytes from the start of the expression.
    pub position: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: {}", self.mistake.name(), self.position, self.message)
    }
}

impl std::error::Error for Malformed {}

/// The kinds of mistakes that are seen without a document; JMESPath has names for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// Not in the grammar.
    Syntax,
    /// No function has that name.
    UnknownFunction,
    /// The function takes another number of arguments.
    InvalidArity,
    /// A slice whose step is zero.
    InvalidValue,
}

impl Mistake {
    /// JMESPath's name for it: `syntax`, `unknown-function`, `invalid-arity`, `invalid-value`.
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
