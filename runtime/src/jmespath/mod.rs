//! JMESPath: expressions in its own grammar, or in the notation of generated code, evaluated on any tree of values without
//! copying it. Knows no concrete shape: values are read through `Tree`.

mod compare;
mod decode;
mod display;
mod evaluate;
mod failure;
mod function;
mod lexer;
pub(crate) mod node;
mod parser;
pub(crate) mod tree;

pub use failure::{FailureKind, JmesPathError};
pub(crate) use node::Node;
pub(crate) use tree::{Tree, View};

use std::str::FromStr;

use function::Function;

/// An expression in [JMESPath](https://jmespath.org), the query language of boto3's `search` and the AWS CLI's `--query`.
///
/// ```
/// use aws_core::Document;
/// use aws_core::jmespath::Expression;
///
/// let keys = Expression::parse("Contents[?Size > `100`].Key")?;
/// let object = |key: &str, size: i64| Document::from([("Key", Document::from(key)), ("Size", size.into())]);
/// let page = Document::from([("Contents", vec![object("a", 100), object("b", 101)])]);
/// assert_eq!(keys.search(&page)?, Document::from(vec!["b"]));
///
/// let error = Expression::parse("Contents[?Size > 100].Key").unwrap_err();
/// assert_eq!(error.position(), Some(17)); // a literal is between backticks
/// # Ok::<(), aws_core::jmespath::JmesPathError>(())
/// ```
///
/// The whole language is there, with all functions of the specification. As in Python's jmespath, which botocore uses, the
/// operators `<`, `<=`, `>` and `>=` also compare strings, and text between backticks that is not JSON is a string. Members
/// of a structure have their names in the model (`Contents`), as in botocore; timestamps are strings, and bytes are strings
/// in base64. [`Display`](std::fmt::Display) writes the expression.
///
/// [`search`](Self::search) reads any output or structure; pages of a listing have a method of that name.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression(Step);

/// The maximum nesting of an expression. Deeper ones are rejected when they are parsed, so that evaluating never runs
/// out of stack. Our choice: the stack of a thread (Rust's default is 2 MiB) suffices, which a test shows.
const MAX_DEPTH: usize = 160;

impl Expression {
    /// Parses an expression. An expression that was parsed cannot fail later except by the types of functions' arguments.
    ///
    /// # Errors
    ///
    /// [`FailureKind::Syntax`], [`FailureKind::UnknownFunction`], [`FailureKind::InvalidArity`] or
    /// [`FailureKind::InvalidValue`], with the [`position`](JmesPathError::position). Expressions that nest deeper than 160
    /// levels are rejected.
    pub fn parse(text: &str) -> Result<Self, JmesPathError> {
        parser::parse(text).map(Self)
    }

    /// Decodes an expression in the notation that `codegen::expr::jmespath` describes and writes.
    ///
    /// # Errors
    ///
    /// [`FailureKind::Syntax`], [`FailureKind::UnknownFunction`], [`FailureKind::InvalidArity`] or
    /// [`FailureKind::InvalidValue`]. Expressions that the generator wrote never fail.
    #[doc(hidden)]
    pub fn decode(notation: &str) -> Result<Self, JmesPathError> {
        decode::decode(notation).map(Self)
    }

    /// Evaluates the expression on any tree, without copying it. A missing value is `Node::Null`.
    ///
    /// # Errors
    ///
    /// [`FailureKind::InvalidType`] if an argument of a function has a type that the function does not take.
    #[doc(hidden)]
    pub fn evaluate<'a, T: Tree<'a>>(&'a self, tree: T) -> Result<Node<'a, T>, JmesPathError> {
        evaluate::evaluate(&self.0, &Node::from_tree(tree))
    }
}

impl FromStr for Expression {
    type Err = JmesPathError;

    fn from_str(text: &str) -> Result<Self, JmesPathError> {
        Self::parse(text)
    }
}

/// A step of an expression, which is a tree of them. Each is evaluated on a current value.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Current,
    Field(Box<str>),
    Literal(Literal),
    /// Evaluates each step on the result of the step before (subexpressions: `a.b`).
    Chain(Vec<Step>),
    Index(i64, Box<Step>),
    Slice([Option<i64>; 3], Box<Step>),
    /// A list, and the step for each of its elements; null results are left out (`a[*].b`).
    ListProjection(Box<[Step; 2]>),
    /// An object, and the step for each of its values (`a.*.b`).
    ValueProjection(Box<[Step; 2]>),
    /// A list, the condition for its elements, and the step for those that meet it (`a[?b].c`).
    FilterProjection(Box<[Step; 3]>),
    /// A list in which every element that is a list is replaced by its elements (`a[]`).
    Flatten(Box<Step>),
    Or(Box<[Step; 2]>),
    And(Box<[Step; 2]>),
    Not(Box<Step>),
    Compare(Comparison, Box<[Step; 2]>),
    MultiSelectList(Vec<Step>),
    MultiSelectHash(Vec<(Box<str>, Step)>),
    Call(Function, Vec<Step>),
    /// `&a`: an argument that a function evaluates itself.
    ExpressionReference(Box<Step>),
}

#[derive(Clone, Debug, PartialEq)]
enum Literal {
    Null,
    Bool(bool),
    Number(crate::types::Number),
    String(Box<str>),
    Array(Vec<Literal>),
    Object(Vec<(Box<str>, Literal)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn symbol(self) -> &'static str {
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

#[cfg(test)]
mod tests;
