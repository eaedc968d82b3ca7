//! The values of expressions: scalars, lists and objects that an expression built, and references to parts of the tree.

use super::tree::{Tree, View};
use crate::types::{Document, Number};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::vec;

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

    /// A deep copy of the value, however deep it is.
    pub fn to_document(&self) -> Document {
        // The lists and objects that are being copied, outermost first.
        let mut open: Vec<Copying<'a, T>> = Vec::new();
        let mut next = self.clone();
        loop {
            let mut copied = match next {
                Self::Null => Some(Document::Null),
                Self::Bool(it) => Some(Document::Bool(it)),
                Self::Number(it) => Some(Document::Number(it)),
                Self::String(it) => Some(Document::String(it.into_owned())),
                list @ (Self::Array(_) | Self::TreeArray(_)) => {
                    let rest = list.into_elements().unwrap_or_default().into_iter();
                    open.push(Copying::Array(rest, Vec::new()));
                    None
                }
                object @ (Self::Object(_) | Self::TreeObject(_)) => {
                    let rest = object.into_entries().unwrap_or_default().into_iter();
                    open.push(Copying::Object(rest, String::new(), BTreeMap::new()));
                    None
                }
            };
            next = loop {
                let Some(innermost) = open.last_mut() else { return copied.unwrap_or_default() };
                if let Some(copied) = copied.take() {
                    innermost.add(copied);
                }
                match innermost.next() {
                    Some(next) => break next,
                    None => copied = open.pop().map(Copying::finish),
                }
            };
        }
    }

    /// The value as JSON without white space, the fields in their order.
    pub fn to_json(&self) -> String {
        let mut text = String::new();
        // What is still to be written, the first at the end.
        let mut pending = vec![Part::Value(self.clone())];
        while let Some(part) = pending.pop() {
            let start = pending.len();
            match part {
                Part::Text(it) => text.push_str(it),
                Part::Key(it) => {
                    text.push_str(&Document::String(it.into_owned()).to_string());
                    text.push(':');
                }
                Part::Value(list @ (Self::Array(_) | Self::TreeArray(_))) => {
                    text.push('[');
                    for (index, element) in list.into_elements().into_iter().flatten().enumerate() {
                        pending.extend((index > 0).then_some(Part::Text(",")));
                        pending.push(Part::Value(element));
                    }
                    pending.push(Part::Text("]"));
                }
                Part::Value(object @ (Self::Object(_) | Self::TreeObject(_))) => {
                    text.push('{');
                    for (index, (name, value)) in object.into_entries().into_iter().flatten().enumerate() {
                        pending.extend((index > 0).then_some(Part::Text(",")));
                        pending.extend([Part::Key(name), Part::Value(value)]);
                    }
                    pending.push(Part::Text("}"));
                }
                Part::Value(scalar) => text.push_str(&scalar.to_document().to_string()),
            }
            pending[start..].reverse();
        }
        text
    }
}

/// A part of JSON that is being written.
enum Part<'a, T> {
    Text(&'static str),
    Key(Cow<'a, str>),
    Value(Node<'a, T>),
}

/// A list or object that is being copied: what is left of it, for an object the name of the current field, and the copy.
enum Copying<'a, T> {
    Array(vec::IntoIter<Node<'a, T>>, Vec<Document>),
    Object(vec::IntoIter<(Cow<'a, str>, Node<'a, T>)>, String, BTreeMap<String, Document>),
}

impl<'a, T> Copying<'a, T> {
    fn next(&mut self) -> Option<Node<'a, T>> {
        match self {
            Self::Array(rest, _) => rest.next(),
            Self::Object(rest, current, _) => {
                let (name, value) = rest.next()?;
                *current = name.into_owned();
                Some(value)
            }
        }
    }

    fn add(&mut self, copied: Document) {
        match self {
            Self::Array(_, list) => list.push(copied),
            Self::Object(_, current, fields) => {
                fields.insert(std::mem::take(current), copied);
            }
        }
    }

    fn finish(self) -> Document {
        match self {
            Self::Array(_, list) => Document::Array(list),
            Self::Object(_, _, fields) => Document::Object(fields),
        }
    }
}
