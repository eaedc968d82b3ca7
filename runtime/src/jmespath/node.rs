//! The values of expressions: scalars, lists and objects that an expression built, and references to parts of the tree.

use super::tree::{Tree, View};
use crate::types::{Document, Number};
use std::borrow::Cow;

/// The value of an expression.
#[derive(Clone, Debug)]
pub enum Node<'a, T> {
    /// A missing value, or JSON's `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(Cow<'a, str>),
    /// A list that the expression built.
    Array(Vec<Node<'a, T>>),
    /// An object that the expression built.
    Object(Vec<(Cow<'a, str>, Node<'a, T>)>),
    /// A list in the tree that the expression was evaluated on.
    TreeArray(T),
    /// An object in that tree.
    TreeObject(T),
}

impl<'a, T: Tree<'a>> Node<'a, T> {
    /// The value that a handle of the tree refers to.
    pub fn from_tree(tree: T) -> Self {
        match tree.view() {
            View::Null => Self::Null,
            View::Bool(it) => Self::Bool(it),
            View::Number(it) => Self::Number(it),
            View::String(it) => Self::String(it),
            View::Array => Self::TreeArray(tree),
            View::Object => Self::TreeObject(tree),
        }
    }

    /// Whether the value is [`Node::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the value counts as true: everything except null, false, and the empty string, list and object.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Null | Self::Bool(false) => false,
            Self::Bool(true) | Self::Number(_) => true,
            Self::String(it) => !it.is_empty(),
            Self::Array(it) => !it.is_empty(),
            Self::Object(it) => !it.is_empty(),
            Self::TreeArray(it) | Self::TreeObject(it) => !it.is_empty(),
        }
    }

    /// The string, if the value is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(it) = self { Some(it) } else { None }
    }

    /// The boolean, if the value is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(it) = self { Some(*it) } else { None }
    }

    /// The number, if the value is one.
    pub fn as_number(&self) -> Option<Number> {
        if let Self::Number(it) = self { Some(*it) } else { None }
    }

    /// JMESPath's name of the value's type: `null`, `boolean`, `number`, `string`, `array` or `object`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) | Self::TreeArray(_) => "array",
            Self::Object(_) | Self::TreeObject(_) => "object",
        }
    }

    /// The number of elements, if the value is a list.
    pub fn array_len(&self) -> Option<usize> {
        match self {
            Self::Array(it) => Some(it.len()),
            Self::TreeArray(it) => Some(it.len()),
            _ => None,
        }
    }

    /// An element; `None` if the value is no list or the index is beyond its end.
    pub fn element(&self, index: usize) -> Option<Self> {
        match self {
            Self::Array(it) => it.get(index).cloned(),
            Self::TreeArray(it) => it.element(index).map(Self::from_tree),
            _ => None,
        }
    }

    /// The elements, if the value is a list.
    pub fn into_elements(self) -> Option<Vec<Self>> {
        match self {
            Self::Array(it) => Some(it),
            Self::TreeArray(tree) => {
                Some((0..tree.len()).map(|index| tree.element(index).map_or(Self::Null, Self::from_tree)).collect())
            }
            _ => None,
        }
    }

    /// The value of a field; [`Node::Null`] if there is none.
    pub fn field(&self, name: &str) -> Self {
        match self {
            Self::TreeObject(it) => it.field(name).map_or(Self::Null, Self::from_tree),
            Self::Object(entries) => entries.iter().find(|it| it.0 == name).map_or(Self::Null, |it| it.1.clone()),
            _ => Self::Null,
        }
    }

    /// The fields with their values, if the value is an object.
    pub fn into_entries(self) -> Option<Vec<(Cow<'a, str>, Self)>> {
        match self {
            Self::Object(it) => Some(it),
            Self::TreeObject(it) => {
                Some(it.entries().into_iter().map(|(name, value)| (name, Self::from_tree(value))).collect())
            }
            _ => None,
        }
    }

    /// A deep copy of the value.
    pub fn to_document(&self) -> Document {
        match self {
            Self::Null => Document::Null,
            Self::Bool(it) => Document::Bool(*it),
            Self::Number(it) => Document::Number(*it),
            Self::String(it) => Document::String(it.to_string()),
            Self::Array(it) => Document::Array(it.iter().map(Self::to_document).collect()),
            Self::Object(it) => {
                Document::Object(it.iter().map(|(name, value)| (name.to_string(), value.to_document())).collect())
            }
            Self::TreeArray(tree) => Document::Array(
                (0..tree.len())
                    .map(|index| tree.element(index).map_or(Document::Null, |it| Self::from_tree(it).to_document()))
                    .collect(),
            ),
            Self::TreeObject(tree) => Document::Object(
                tree.entries()
                    .into_iter()
                    .map(|(name, value)| (name.into_owned(), Self::from_tree(value).to_document()))
                    .collect(),
            ),
        }
    }

    /// The value as JSON without white space, the fields in their order.
    pub fn to_json(&self) -> String {
        let mut text = String::new();
        self.write_json(&mut text);
        text
    }

    fn write_json(&self, text: &mut String) {
        match self {
            Self::Array(_) | Self::TreeArray(_) => {
                for (index, element) in self.clone().into_elements().into_iter().flatten().enumerate() {
                    text.push(if index == 0 { '[' } else { ',' });
                    element.write_json(text);
                }
                text.push_str(if self.is_true() { "]" } else { "[]" });
            }
            Self::Object(_) | Self::TreeObject(_) => {
                let entries = self.clone().into_entries().unwrap_or_default();
                for (index, (name, value)) in entries.iter().enumerate() {
                    text.push(if index == 0 { '{' } else { ',' });
                    text.push_str(&Document::String(name.to_string()).to_string());
                    text.push(':');
                    value.write_json(text);
                }
                text.push_str(if entries.is_empty() { "{}" } else { "}" });
            }
            scalar => text.push_str(&scalar.to_document().to_string()),
        }
    }
}
