//! Typed values as trees for path expressions, and documents as values for typed members. Members have their names in
//! the model. Knows no expression.

use std::borrow::Cow;

use super::dynamic::Value;
use super::layout::{ListMut, Open, SchemaType, Slot, StructureMut, StructureView, View};
use super::shape::Kind;
use crate::jmespath::{self, Expression, JmesPathError};
use crate::types::{Document, Number, Timestamp};

/// A typed value, or a null of a sparse list, as a tree.
#[derive(Clone, Copy)]
pub struct TypedTree<'a>(Option<View<'a>>);

impl<'a> TypedTree<'a> {
    /// The tree of a structure.
    pub fn from_structure(structure: StructureView<'a>) -> Self {
        Self(Some(View::Structure(structure)))
    }
}

impl Expression {
    /// Evaluates the expression on a structure, a union or a [`Document`], and copies the result. A missing value is
    /// [`Document::Null`].
    ///
    /// Any other type, such as a list, is a compile error: search what contains it.
    ///
    /// ```no_run
    /// use aws_core::jmespath::Expression;
    /// # async fn example<O: aws_core::Operation>(output: O::Output) -> aws_core::Result<()> {
    /// let names = Expression::parse("Reservations[].Instances[].State.Name")?;
    /// println!("{}", names.search(&output)?); // ["running","stopped"]
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`FailureKind::InvalidType`](jmespath::FailureKind::InvalidType) if an argument of a function has a type that the
    /// function does not take.
    pub fn search<T: SchemaType>(&self, value: &T) -> Result<Document, JmesPathError> {
        const {
            assert!(
                T::TYPE.is_structure() || T::TYPE.is_document(),
                "only structures, unions and documents are searched"
            );
        }
        self.evaluate(TypedTree(View::of(value))).map(|it| it.to_document())
    }
}

/// A structure as a document: the members that are set, by their names in the model. A stream is a null.
pub(crate) fn document(structure: StructureView<'_>) -> Document {
    let all = Expression::parse("@").ok();
    let found = all.as_ref().and_then(|it| it.evaluate(TypedTree::from_structure(structure)).ok());
    found.map_or(Document::Null, |it| it.to_document())
}

/// The number of elements of the list at a path of member names, separated by dots; 0 if it is absent or no list.
pub(crate) fn list_len(structure: StructureView<'_>, path: &str) -> usize {
    let Some((name, rest)) = split_path(path) else { return 0 };
    let value = structure.shape().member(name).and_then(|it| structure.get(it));
    match (value, rest) {
        (Some(View::List(list)), None) => list.len(),
        (Some(View::Structure(structure)), Some(rest)) => list_len(structure, rest),
        _ => 0,
    }
}

/// Calls `change` with the list at a path of member names, separated by dots. The list and the structures around it become
/// present.
pub(crate) fn with_list(mut structure: StructureMut<'_>, path: &str, change: &mut dyn FnMut(ListMut<'_>)) {
    let Some((name, rest)) = split_path(path) else { return };
    let Some(member) = structure.shape().member(name) else { return };
    match (structure.slot(member).open(), rest) {
        (Open::List(list), None) => change(list),
        (Open::Structure(structure), Some(rest)) => with_list(structure, rest, change),
        _ => {}
    }
}

/// Makes the list at a path of member names, separated by dots, absent or empty.
pub(crate) fn clear_list(mut structure: StructureMut<'_>, path: &str) {
    let Some((name, rest)) = split_path(path) else { return };
    let Some(member) = structure.shape().member(name) else { return };
    let Some(rest) = rest else { return structure.clear(member) };
    if let Open::Structure(structure) = structure.slot(member).open() {
        clear_list(structure, rest);
    }
}

/// The first name of a path, and the names after it.
fn split_path(path: &str) -> Option<(&str, Option<&str>)> {
    match path.split_once('.') {
        Some((name, rest)) => Some((name, Some(rest))),
        None => (!path.is_empty()).then_some((path, None)),
    }
}

impl<'a> jmespath::Tree<'a> for TypedTree<'a> {
    fn view(self) -> jmespath::View<'a> {
        use jmespath::View as Tree;
        match self.0 {
            None | Some(View::Stream(_) | View::Events) => Tree::Null,
            Some(View::String(it)) => Tree::String(Cow::Borrowed(it)),
            Some(View::Bool(it)) => Tree::Bool(it),
            Some(View::I32(it)) => Tree::Number(Number::from(i64::from(it))),
            Some(View::I64(it)) => Tree::Number(Number::from(it)),
            Some(View::F32(it)) => Tree::Number(Number::from(f64::from(it))),
            Some(View::F64(it)) => Tree::Number(Number::from(it)),
            Some(View::Timestamp(it)) => Tree::String(Cow::Owned(it.to_string())),
            Some(View::Blob(it)) => Tree::String(Cow::Owned(crate::encoding::base64::encode(it))),
            Some(View::Document(it)) => jmespath::Tree::view(it),
            Some(View::List(_)) => Tree::Array,
            Some(View::Structure(_) | View::Map(_)) => Tree::Object,
        }
    }

    fn field(self, name: &str) -> Option<Self> {
        match self.0? {
            View::Structure(it) => it.get(it.shape().member(name)?).map(|value| Self(Some(value))),
            View::Map(it) => it.get(name).map(|value| Self(Some(value))),
            View::Document(it) => it.get(name).map(|value| Self(Some(View::Document(value)))),
            _ => None,
        }
    }

    fn len(self) -> usize {
        match self.0 {
            Some(View::List(it)) => it.len(),
            Some(View::Map(it)) => it.len(),
            Some(View::Structure(it)) => it.members().count(),
            Some(View::Document(it)) => jmespath::Tree::len(it),
            _ => 0,
        }
    }

    fn element(self, index: usize) -> Option<Self> {
        match self.0? {
            View::List(it) if index < it.len() => Some(Self(it.get(index))),
            View::Document(it) => it.as_array()?.get(index).map(|value| Self(Some(View::Document(value)))),
            _ => None,
        }
    }

    fn entries(self) -> Vec<(Cow<'a, str>, Self)> {
        let mut entries = Vec::new();
        match self.0 {
            Some(View::Structure(it)) => {
                entries.extend(it.members().map(|(member, value)| (Cow::Borrowed(member.name), Self(Some(value)))));
            }
            Some(View::Map(it)) => {
                let _ = it.try_each(|key, value| {
                    entries.push((Cow::Owned(key.to_owned()), Self(value)));
                    Ok::<_, std::convert::Infallible>(())
                });
            }
            Some(View::Document(Document::Object(it))) => {
                entries
                    .extend(it.iter().map(|(key, value)| (Cow::Borrowed(&**key), Self(Some(View::Document(value))))));
            }
            _ => {}
        }
        entries
    }
}

/// Converts a document to the type of a slot and puts it there; `false` if it does not fit.
pub fn put(slot: Slot<'_>, value: &Document) -> bool {
    match (slot.open(), value) {
        (Open::Structure(mut structure), Document::Object(fields)) => fields.iter().all(|(name, value)| {
            structure.shape().member(name).is_some_and(|member| put(structure.slot(member), value))
        }),
        (Open::List(mut list), Document::Array(items)) => items.iter().all(|it| put(list.push(), it)),
        (Open::Map(mut map), Document::Object(fields)) => {
            fields.iter().all(|(key, value)| put(map.insert(key.clone()), value))
        }
        (Open::Scalar(scalar), value) => match to_scalar(value, scalar.kind()) {
            Some(value) => scalar.put(value),
            None => false,
        },
        _ => false,
    }
}

fn to_scalar(value: &Document, kind: &Kind) -> Option<Value> {
    Some(match (kind, value) {
        (Kind::String | Kind::Enum, Document::String(it)) => Value::String(it.clone()),
        // botocore passes numbers on unchanged; a marker that was received as a number may be sent back as a string.
        (Kind::String | Kind::Enum, Document::Number(it)) => Value::String(it.to_string()),
        (Kind::Bool, Document::Bool(it)) => Value::Bool(*it),
        (Kind::I32, Document::Number(it)) => Value::I32(it.as_i64()?.try_into().ok()?),
        (Kind::I32, Document::String(it)) => Value::I32(it.parse().ok()?),
        (Kind::I64, Document::Number(it)) => Value::I64(it.as_i64()?),
        (Kind::I64, Document::String(it)) => Value::I64(it.parse().ok()?),
        (Kind::F32, Document::Number(it)) => Value::F32(it.as_f64() as f32),
        (Kind::F64, Document::Number(it)) => Value::F64(it.as_f64()),
        (Kind::Timestamp(_), Document::String(it)) => Value::Timestamp(Timestamp::parse_any(it).ok()?),
        (Kind::Blob, Document::String(it)) => Value::Blob(crate::encoding::base64::decode(it).ok()?.into()),
        (Kind::Document, it) => Value::Document(it.clone()),
        _ => return None,
    })
}
