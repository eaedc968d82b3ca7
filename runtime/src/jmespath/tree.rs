//! How expressions see the values they are evaluated on: through a cheap handle that says what is there and leads on.
//! Knows no expression.

use crate::value::{Document, Number};
use std::borrow::Cow;

/// A handle of a value that expressions can look into: a reference, or something as cheap to copy.
pub trait Tree<'a>: Copy {
    /// What the value is.
    fn view(self) -> View<'a>;

    /// The value of a field, if this is an object that has it.
    fn field(self, name: &str) -> Option<Self>;

    /// The number of elements of an array or fields of an object, else 0.
    fn len(self) -> usize;

    /// Whether there are no elements and fields.
    fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// An element, if this is an array that reaches that far.
    fn element(self, index: usize) -> Option<Self>;

    /// The fields of an object that are there, in their order; else none.
    fn entries(self) -> Vec<(Cow<'a, str>, Self)>;
}

/// What a [`Tree`] is.
#[derive(Clone, Debug, PartialEq)]
pub enum View<'a> {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    String(Cow<'a, str>),
    /// A list; see [`Tree::element`].
    Array,
    /// Named values; see [`Tree::field`].
    Object,
}

impl<'a> Tree<'a> for &'a Document {
    fn view(self) -> View<'a> {
        match self {
            Document::Null => View::Null,
            Document::Bool(it) => View::Bool(*it),
            Document::Number(it) => View::Number(*it),
            Document::String(it) => View::String(Cow::Borrowed(it)),
            Document::Array(_) => View::Array,
            Document::Object(_) => View::Object,
        }
    }

    fn field(self, name: &str) -> Option<Self> {
        self.get(name)
    }

    fn len(self) -> usize {
        match self {
            Document::Array(it) => it.len(),
            Document::Object(it) => it.len(),
            _ => 0,
        }
    }

    fn element(self, index: usize) -> Option<Self> {
        self.as_array()?.get(index)
    }

    fn entries(self) -> Vec<(Cow<'a, str>, Self)> {
        self.as_object().into_iter().flatten().map(|(name, value)| (Cow::Borrowed(name.as_str()), value)).collect()
    }
}
