//! JMESPath at run time: expressions in the generator's notation, evaluated on any tree of values without copying it.
//! Knows neither JMESPath's own grammar (the generator parses it) nor any concrete shape: values are read through
//! `Tree`.

mod compare;
mod decode;
mod display;
mod evaluate;
mod failure;
mod function;
pub(crate) mod node;
pub(crate) mod tree;

pub use failure::{FailureKind, JmesPathError};
pub(crate) use node::Node;
pub(crate) use tree::{Tree, View};

use function::Function;

/// A decoded expression.
///
/// ```
/// use aws_core::jmespath::Expression;
/// use aws_core::types::Document;
///
/// // `NextMarker || Contents[-1].Key`
/// let token = Expression::decode("(or NextMarker (. (at -1 Contents) Key))")?;
/// let page: Document = [("Contents", Document::from(vec![Document::from([("Key", "a")])]))].into();
/// assert_eq!(token.evaluate(&page)?.as_str(), Some("a"));
/// # Ok::<(), aws_core::jmespath::JmesPathError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Expression(Step);

/// The maximum nesting of an expression. Deeper ones are rejected when they are decoded, so that evaluating never runs
/// out of stack. Our choice: the stack of a thread (Rust's default is 2 MiB) suffices, which a test shows.
const MAX_DEPTH: usize = 160;

impl Expression {
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

    /// Evaluates the expression on a document. A missing value is `Node::Null`.
    ///
    /// # Errors
    ///
    /// [`FailureKind::InvalidType`] if an argument of a function has a type that the function does not take.
    #[doc(hidden)]
    pub fn evaluate<'a, T: Tree<'a>>(&'a self, tree: T) -> Result<Node<'a, T>, JmesPathError> {
        evaluate::evaluate(&self.0, &Node::from_tree(tree))
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

#[cfg(test)]
mod tests;
