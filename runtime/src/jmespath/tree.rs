//! How expressions read the values they are evaluated on: through a cheap handle that returns a value's type and
//! handles of its children. Knows no expression.

use crate::types::{Document, Number};
use std::borrow::Cow;

/// A handle of a value that expressions can read: a reference, or something as cheap to copy.
pub trait Tree<'a>: Copy {
    /// The value's type, and its content if it is a scalar.
    fn view(self) -> View<'a>;

    /// The value of a field; `None` if the value is no object or the object does not have the field.
    fn field(self, name: &str) -> Option<Self>;

    /// The number of elements of an array or of fields of an object; 0 for any other value.
    fn len(self) -> usize;

    /// Whether the value has no elements and no fields.
    fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// An element; `None` if the value is no array or the index is beyond its end.
    fn element(self, index: usize) -> Option<Self>;

    /// The fields of an object that are set, in their order; empty for any other value.
    fn entries(self) -> Vec<(Cow<'a, str>, Self)>;
}

/// The type of a [`Tree`]'s value, with the content of scalars.
#[derive(Clone, Debug, PartialEq)]
pub enum View<'a> {
    /// A missing value, or JSON's `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(Cow<'a, str>),
    /// A list; see [`Tree::element`].
    Array,
    /// An object; see [`Tree::field`].
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
