//! JMESPath at run time: expressions in the generator's notation, evaluated over any tree of values without copying it.
//! Knows neither JMESPath's own grammar (that is parsed at generation) nor any concrete shape: values are seen through [`Tree`].

mod compare;
mod decode;
mod evaluate;
mod failure;
mod function;
mod node;
mod tree;

pub use failure::{Failure, Fault};
pub use node::Node;
pub use tree::{Tree, View};

use function::Function;

/// A decoded expression.
///
/// ```
/// use aws_core::jmespath::Expression;
/// use aws_core::value::Document;
///
/// // `NextMarker || Contents[-1].Key`
/// let token = Expression::decode("(or NextMarker (. (at -1 Contents) Key))")?;
/// let page: Document = [("Contents", Document::from(vec![Document::from([("Key", "a")])]))].into();
/// assert_eq!(token.evaluate(&page)?.as_str(), Some("a"));
/// # Ok::<(), aws_core::jmespath::Failure>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Expression(Step);

/// Deeper expressions are refused when they are decoded, so that evaluating never runs out of stack.
const MAX_DEPTH: usize = 160;

impl Expression {
    /// Decodes an expression in the notation that `codegen::expr::jmespath` describes and writes.
    ///
    /// # Errors
    ///
    /// A [`Fault::Syntax`], [`Fault::UnknownFunction`], [`Fault::InvalidArity`] or [`Fault::InvalidValue`]; never for what the generator wrote.
    pub fn decode(notation: &str) -> Result<Self, Failure> {
        decode::decode(notation).map(Self)
    }

    /// The value of the expression for a document. What is not there is [`Node::Null`].
    ///
    /// # Errors
    ///
    /// A [`Fault::InvalidType`] where a function is handed a value it does not take.
    pub fn evaluate<'a, T: Tree<'a>>(&'a self, tree: T) -> Result<Node<'a, T>, Failure> {
        evaluate::evaluate(&self.0, &Node::from_tree(tree))
    }
}

/// A step of an expression; each is evaluated on a current value.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Current,
    Field(Box<str>),
    Literal(Literal),
    /// Each step on the result of the one before.
    Chain(Vec<Step>),
    Index(i64, Box<Step>),
    Slice([Option<i64>; 3], Box<Step>),
    /// A list, and what to take of each element; nulls are left out.
    Each(Box<[Step; 2]>),
    /// An object, and what to take of each of its values.
    Values(Box<[Step; 2]>),
    /// A list, the condition for its elements, and what to take of those.
    Where(Box<[Step; 3]>),
    /// A list with the lists in it dissolved.
    Flatten(Box<Step>),
    Or(Box<[Step; 2]>),
    And(Box<[Step; 2]>),
    Not(Box<Step>),
    Compare(Comparison, Box<[Step; 2]>),
    List(Vec<Step>),
    Hash(Vec<(Box<str>, Step)>),
    Call(Function, Vec<Step>),
    /// `&a`: only functions make something of it.
    Expression(Box<Step>),
}

#[derive(Clone, Debug, PartialEq)]
enum Literal {
    Null,
    Bool(bool),
    Number(crate::value::Number),
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
