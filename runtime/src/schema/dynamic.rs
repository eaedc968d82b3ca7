//! Dynamic values and shapes: a schema that is defined at run time, without generated code, for the same protocols.
//! Knows no protocol and no service.

use std::collections::HashMap;
use std::sync::OnceLock;

use bytes::Bytes;

use super::layout::{EventOps, Repr, SchemaType, ShapeSource, StructureMut, StructureView, Type};
use super::notation::Description;
use super::shape::Shape;
use crate::types::{ByteStream, Document, List, Map, Timestamp};

/// A value to put into a [`Slot`](super::Slot), or a member of a dynamic structure.
#[derive(Debug, Default)]
#[allow(missing_docs, reason = "the names of the kinds")]
pub enum Value {
    /// Not present, or a null.
    #[default]
    Absent,
    String(String),
    Bool(bool),
    I32(i32),
    I64(i64),
    F32(f32),
    F64(f64),
    Timestamp(Timestamp),
    Blob(Bytes),
    Document(Document),
    Stream(ByteStream),
    List(Vec<Value>),
    Map(Map<String, Value>),
    /// The values of the members, in the order of the shape.
    Structure(Vec<Value>),
}

/// A type that a dynamic description links to.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names of the kinds")]
pub enum Link {
    /// A scalar, by its type in the [notation](super::notation).
    Scalar(&'static str),
    Structure(String),
    /// An event stream, by the union of its events.
    Events(String),
    List(Box<Link>),
    /// A list whose elements may be null.
    SparseList(Box<Link>),
    Map(Box<Link>),
    /// A map whose values may be null.
    SparseMap(Box<Link>),
}

/// A set of shapes that is built at run time. Its shapes are leaked, so build one set for each model, not one for each
/// request.
#[derive(Default)]
pub struct Schema {
    cells: HashMap<String, &'static OnceLock<&'static Shape>>,
}

impl Schema {
    /// Creates an empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Defines a shape. Links may name shapes that are defined later, but before the first use of this one.
    pub fn define(&mut self, name: &str, notation: &str, links: &[Link]) {
        let links: Vec<&'static Type> = links.iter().map(|it| &*Box::leak(Box::new(self.ty(it)))).collect();
        let leaked = |string: &str| &*Box::leak(string.to_owned().into_boxed_str());
        let description = Description::new(leaked(notation), Box::leak(links.into_boxed_slice()));
        let ty = self.ty(&Link::Structure(name.to_owned()));
        let shape = Box::leak(Box::new(Shape::decode(leaked(name), &description, ty)));
        let _ = self.cell(name).set(shape);
    }

    /// The shape with this name; `None` until it is defined.
    pub fn shape(&self, name: &str) -> Option<&'static Shape> {
        self.cells.get(name).and_then(|it| it.get()).copied()
    }

    fn cell(&mut self, name: &str) -> &'static OnceLock<&'static Shape> {
        self.cells.entry(name.to_owned()).or_insert_with(|| Box::leak(Box::default()))
    }

    /// The type that a link names. It borrows the functions of a Rust type, which are never called for dynamic values.
    fn ty(&mut self, link: &Link) -> Type {
        let with = |base: Type, repr| Type { repr, ..base };
        match link {
            Link::Scalar(notation) => Type::from_notation(notation).map_or(String::TYPE, Type::unwrapped),
            Link::Structure(name) => {
                let cell = self.cell(name);
                with(String::TYPE, Repr::Structure(ShapeSource::Dynamic(cell)))
            }
            Link::Events(name) => {
                let cell = self.cell(name);
                with(String::TYPE, Repr::Events(&EventOps::NONE, ShapeSource::Dynamic(cell)))
            }
            Link::List(inner) | Link::SparseList(inner) => {
                let mut element = self.ty(inner);
                if matches!(link, Link::SparseList(_)) {
                    element = self.optional(element);
                }
                match <List<String>>::TYPE.repr {
                    Repr::List(ops, _) => with(<List<String>>::TYPE, Repr::List(ops, Box::leak(Box::new(element)))),
                    _ => unreachable!("the type of a list is a list"),
                }
            }
            Link::Map(inner) | Link::SparseMap(inner) => {
                let mut value = self.ty(inner);
                if matches!(link, Link::SparseMap(_)) {
                    value = self.optional(value);
                }
                let base = <Map<String, String>>::TYPE;
                match base.repr {
                    Repr::Map(ops, _) => with(base, Repr::Map(ops, Box::leak(Box::new(value)))),
                    _ => unreachable!("the type of a map is a map"),
                }
            }
        }
    }

    fn optional(&self, inner: Type) -> Type {
        let base = <Option<String>>::TYPE;
        match base.repr {
            Repr::Option(ops, _) => Type { repr: Repr::Option(ops, Box::leak(Box::new(inner))), ..base },
            _ => unreachable!("the type of an option is an option"),
        }
    }
}

/// Views dynamic members as a structure of `shape`.
pub fn view<'a>(members: &'a [Value], shape: &'static Shape) -> StructureView<'a> {
    StructureView::dynamic(members, shape)
}

/// Fills dynamic members as a structure of `shape`.
pub fn fill<'a>(members: &'a mut Vec<Value>, shape: &'static Shape) -> StructureMut<'a> {
    StructureMut::dynamic(members, shape)
}
