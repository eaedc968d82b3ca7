//! Reading fields: erased views of live values.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use bytes::Bytes;

use super::{Element, MapOps};
use crate::schema::dynamic::Value;
use crate::schema::enumeration::EnumText;
use crate::schema::shape::{Kind, Member, Node, Presence, Shape, shape_of};
use crate::value::{ByteStream, Document, Timestamp};

/// A present value.
#[derive(Clone, Copy)]
pub enum View<'a> {
    /// Text, also of an enumeration.
    String(&'a str),
    /// A boolean.
    Bool(bool),
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// A single-precision number.
    F32(f32),
    /// A double-precision number.
    F64(f64),
    /// An instant.
    Timestamp(Timestamp),
    /// Bytes.
    Blob(&'a Bytes),
    /// A document of any form.
    Document(&'a Document),
    /// A streaming body.
    Stream(&'a ByteStream),
    /// An event stream, which has no parts to view.
    Events,
    /// A structure, or a union with one member set.
    Structure(StructureView<'a>),
    /// A list.
    List(ListView<'a>),
    /// A map with text keys.
    Map(MapView<'a>),
}

#[derive(Clone, Copy)]
enum At<'a, D> {
    Native(*const (), PhantomData<&'a ()>),
    Dynamic(D),
}

/// A structure or union.
#[derive(Clone, Copy)]
pub struct StructureView<'a> {
    at: At<'a, &'a [Value]>,
    shape: &'static Shape,
}

/// A list.
#[derive(Clone, Copy)]
pub struct ListView<'a> {
    at: At<'a, &'a [Value]>,
    len: usize,
    node: &'static Node,
}

/// A map.
#[derive(Clone, Copy)]
pub struct MapView<'a> {
    at: At<'a, &'a BTreeMap<String, Value>>,
    ops: &'static MapOps,
    node: &'static Node,
}

impl<'a> StructureView<'a> {
    /// A view of a generated structure.
    pub fn new<T: Element>(it: &'a T) -> Self {
        Self { at: At::Native(std::ptr::from_ref(it).cast(), PhantomData), shape: shape_of::<T>() }
    }

    /// # Safety of the callers in this module
    ///
    /// `it` points to a live structure of `shape`, borrowed for `'a`.
    pub(super) fn native(it: *const (), shape: &'static Shape) -> Self {
        Self { at: At::Native(it, PhantomData), shape }
    }

    /// A view of a dynamic structure whose values stand in the order of the shape's members.
    pub(crate) fn dynamic(members: &'a [Value], shape: &'static Shape) -> Self {
        Self { at: At::Dynamic(members), shape }
    }

    /// The shape of the structure.
    pub fn shape(&self) -> &'static Shape {
        self.shape
    }

    /// The value of a member of [`shape`](Self::shape), if it is present.
    pub fn get(&self, member: &'static Member) -> Option<View<'a>> {
        match self.at {
            At::Native(it, _) => {
                // By index, so that a member of another shape can do no harm.
                let member = &self.shape.members[member.index];
                if self.shape.union {
                    // SAFETY: a union is `repr(C, u8)`: it starts with its tag.
                    let tag = unsafe { *it.cast::<u8>() };
                    if usize::from(tag) != member.index + 1 {
                        return None;
                    }
                }
                // SAFETY: the offset of a member lies inside the live structure and holds a value of its node.
                unsafe { node_view(it.byte_add(member.offset), &member.node) }
            }
            At::Dynamic(members) => members.get(member.index).and_then(|it| value_view(it, &member.node)),
        }
    }

    /// The members that are present, in the order of the description.
    pub fn members(self) -> impl Iterator<Item = (&'static Member, View<'a>)> {
        self.shape.members.iter().filter_map(move |member| Some((member, self.get(member)?)))
    }

    /// The name of the unknown member that a union was received with; empty for a union that was never set.
    pub fn unknown(&self) -> Option<&'a str> {
        match self.at {
            At::Native(it, _) if self.shape.union => {
                // SAFETY: the tag comes first; tag 0 holds a `String` at the payload offset.
                unsafe {
                    if *it.cast::<u8>() != 0 {
                        return None;
                    }
                    Some(&*it.byte_add(self.shape.payload_offset).cast::<String>())
                }
            }
            _ => None,
        }
    }
}

impl<'a> ListView<'a> {
    /// How many elements the list has.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the list has no elements.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The element at `index`: `None` past the end and for a null of a sparse list.
    pub fn get(&self, index: usize) -> Option<View<'a>> {
        if index >= self.len {
            return None;
        }
        match self.at {
            // SAFETY: `index` is below the length, elements stand `size` bytes apart.
            At::Native(base, _) => unsafe { node_view(base.byte_add(index * self.node.ty.size), self.node) },
            At::Dynamic(items) => value_view(&items[index], self.node),
        }
    }

    /// The elements in order; `None` for a null of a sparse list.
    pub fn iter(self) -> impl Iterator<Item = Option<View<'a>>> {
        (0..self.len).map(move |index| self.get(index))
    }
}

impl<'a> MapView<'a> {
    /// How many entries the map has.
    pub fn len(&self) -> usize {
        match self.at {
            // SAFETY: the functions belong to the live map.
            At::Native(it, _) => unsafe { (self.ops.len)(it) },
            At::Dynamic(map) => map.len(),
        }
    }

    /// Whether the map has no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is an entry under `key`, be it a null.
    pub fn contains(&self, key: &str) -> bool {
        match self.at {
            // SAFETY: the functions belong to the live map.
            At::Native(it, _) => !unsafe { (self.ops.get)(it, key) }.is_null(),
            At::Dynamic(map) => map.contains_key(key),
        }
    }

    /// The value of `key`: `None` when there is none and for a null of a sparse map.
    pub fn get(&self, key: &str) -> Option<View<'a>> {
        match self.at {
            At::Native(it, _) => {
                // SAFETY: the functions belong to the live map; a found value lives as long as the map.
                unsafe {
                    let value = (self.ops.get)(it, key);
                    if value.is_null() { None } else { node_view(value, self.node) }
                }
            }
            At::Dynamic(map) => map.get(key).and_then(|it| value_view(it, self.node)),
        }
    }

    /// Visits the entries in the order of their keys until the visitor returns an error.
    pub fn try_each<E>(&self, mut visit: impl FnMut(&str, Option<View<'a>>) -> Result<(), E>) -> Result<(), E> {
        let mut result = Ok(());
        match self.at {
            At::Native(it, _) => {
                let node = self.node;
                // SAFETY: the functions belong to the live map; each value lives as long as the map.
                unsafe {
                    (self.ops.each)(it, &mut |key, value| {
                        result = visit(key, node_view(value, node));
                        result.is_ok()
                    });
                }
            }
            At::Dynamic(map) => {
                for (key, value) in map {
                    visit(key, value_view(value, self.node))?;
                }
            }
        }
        result
    }
}

/// Views the value of `node` at `it`.
///
/// # Safety
///
/// `it` points to a live value of the node's type that outlives `'a`.
unsafe fn node_view<'a>(mut it: *const (), node: &'static Node) -> Option<View<'a>> {
    // SAFETY: each step leads from a live value to the value inside it, as the node's own type says.
    unsafe {
        if let Presence::Option(ops) | Presence::OptionBox(ops, _) = node.presence {
            it = (ops.get)(it);
            if it.is_null() {
                return None;
            }
        }
        if let Presence::Box(ops) | Presence::OptionBox(_, ops) = node.presence {
            it = (ops.get)(it);
        }
        Some(match &node.kind {
            Kind::String => View::String(&*it.cast::<String>()),
            Kind::Enum => View::String((*it.cast::<EnumText>()).as_str()),
            Kind::Bool => View::Bool(*it.cast()),
            Kind::I32 => View::I32(*it.cast()),
            Kind::I64 => View::I64(*it.cast()),
            Kind::F32 => View::F32(*it.cast()),
            Kind::F64 => View::F64(*it.cast()),
            Kind::Timestamp(_) => View::Timestamp(*it.cast::<Timestamp>()),
            Kind::Blob => View::Blob(&*it.cast()),
            Kind::Document => View::Document(&*it.cast()),
            Kind::Stream => View::Stream(&*it.cast()),
            Kind::Events(_) => View::Events,
            Kind::Structure(cell) => {
                View::Structure(StructureView { at: At::Native(it, PhantomData), shape: cell.get() })
            }
            Kind::List(list) => {
                let (base, len) = (list.ops.slice)(it);
                View::List(ListView { at: At::Native(base, PhantomData), len, node: &list.element })
            }
            Kind::Map(map) => View::Map(MapView { at: At::Native(it, PhantomData), ops: map.ops, node: &map.value }),
        })
    }
}

pub(crate) fn value_view<'a>(value: &'a Value, node: &'static Node) -> Option<View<'a>> {
    Some(match (value, &node.kind) {
        (Value::Absent, _) => return None,
        (Value::String(it), _) => View::String(it),
        (Value::Bool(it), _) => View::Bool(*it),
        (Value::I32(it), _) => View::I32(*it),
        (Value::I64(it), _) => View::I64(*it),
        (Value::F32(it), _) => View::F32(*it),
        (Value::F64(it), _) => View::F64(*it),
        (Value::Timestamp(it), _) => View::Timestamp(*it),
        (Value::Blob(it), _) => View::Blob(it),
        (Value::Document(it), _) => View::Document(it),
        (Value::Stream(it), _) => View::Stream(it),
        (Value::Structure(members), Kind::Structure(cell)) => {
            View::Structure(StructureView::dynamic(members, cell.get()))
        }
        (Value::List(items), Kind::List(list)) => {
            View::List(ListView { at: At::Dynamic(items), len: items.len(), node: &list.element })
        }
        (Value::Map(entries), Kind::Map(map)) => {
            View::Map(MapView { at: At::Dynamic(entries), ops: map.ops, node: &map.value })
        }
        _ => return None,
    })
}
