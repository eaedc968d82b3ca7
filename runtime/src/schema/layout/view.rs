//! Reading fields: type-erased views of live values.

use std::marker::PhantomData;

use bytes::Bytes;

use super::{MapOps, Repr, SchemaType, ShapeSource};
use crate::schema::dynamic::Value;
use crate::schema::enumeration::EnumString;
use crate::schema::shape::{Kind, Member, Node, Presence, Shape, shape_of};
use crate::types::{ByteStream, Document, Map, Timestamp};

/// A present value.
#[derive(Clone, Copy)]
pub enum View<'a> {
    /// A string, also of an enumeration.
    String(&'a str),
    /// A Boolean.
    Bool(bool),
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// A single-precision number.
    F32(f32),
    /// A double-precision number.
    F64(f64),
    /// A timestamp.
    Timestamp(Timestamp),
    /// Bytes.
    Blob(&'a Bytes),
    /// A document, which may have any structure.
    Document(&'a Document),
    /// A streaming body.
    Stream(&'a ByteStream),
    /// An event stream; its events cannot be viewed.
    Events,
    /// A structure, or a union with one member set.
    Structure(StructureView<'a>),
    /// A list.
    List(ListView<'a>),
    /// A map with string keys.
    Map(MapView<'a>),
}

/// The storage of a value: a pointer into a generated structure, or a dynamic value.
#[derive(Clone, Copy)]
enum Storage<'a, D> {
    Native(*const (), PhantomData<&'a ()>),
    Dynamic(D),
}

/// A structure or union.
#[derive(Clone, Copy)]
pub struct StructureView<'a> {
    storage: Storage<'a, &'a [Value]>,
    shape: &'static Shape,
}

/// A list.
#[derive(Clone, Copy)]
pub struct ListView<'a> {
    storage: Storage<'a, &'a [Value]>,
    len: usize,
    node: &'static Node,
}

/// A map.
#[derive(Clone, Copy)]
pub struct MapView<'a> {
    storage: Storage<'a, &'a Map<String, Value>>,
    ops: &'static MapOps,
    node: &'static Node,
}

impl<'a> View<'a> {
    /// A view of a structure, a union or a document; `None` for any other type.
    pub(crate) fn of<T: SchemaType>(value: &'a T) -> Option<Self> {
        match T::TYPE.repr {
            // The shape is that of `T`: see `Type::structure`.
            Repr::Structure(ShapeSource::Native(shape)) => {
                Some(View::Structure(StructureView::native(std::ptr::from_ref(value).cast(), shape())))
            }
            Repr::Document => (value as &dyn std::any::Any).downcast_ref().map(View::Document),
            _ => None,
        }
    }
}

impl<'a> StructureView<'a> {
    /// Creates a view of a generated structure.
    pub fn new<T: SchemaType>(it: &'a T) -> Self {
        Self { storage: Storage::Native(std::ptr::from_ref(it).cast(), PhantomData), shape: shape_of::<T>() }
    }

    /// # Safety of the callers in this module
    ///
    /// `it` points to a live structure of `shape`, borrowed for `'a`.
    pub(super) fn native(it: *const (), shape: &'static Shape) -> Self {
        Self { storage: Storage::Native(it, PhantomData), shape }
    }

    /// Creates a view of a dynamic structure, whose values are in the order of the shape's members.
    pub(crate) fn dynamic(members: &'a [Value], shape: &'static Shape) -> Self {
        Self { storage: Storage::Dynamic(members), shape }
    }

    /// Returns the shape of the structure.
    pub fn shape(&self) -> &'static Shape {
        self.shape
    }

    /// Returns the value of a member of [`shape`](Self::shape), if it is present.
    pub fn get(&self, member: &'static Member) -> Option<View<'a>> {
        match self.storage {
            Storage::Native(it, _) => {
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
            Storage::Dynamic(members) => members.get(member.index).and_then(|value| value_view(value, &member.node)),
        }
    }

    /// The structure itself; `None` if it is not of that type.
    pub(crate) fn downcast_ref<T: SchemaType>(&self) -> Option<&'a T> {
        match self.storage {
            // SAFETY: the shape belongs to `T` only, so that this is a live `T`, borrowed for `'a`.
            Storage::Native(it, _) if std::ptr::eq(self.shape, shape_of::<T>()) => Some(unsafe { &*it.cast::<T>() }),
            _ => None,
        }
    }

    /// The members that are present, in the order of the description.
    pub fn members(self) -> impl Iterator<Item = (&'static Member, View<'a>)> {
        self.shape.members.iter().filter_map(move |member| Some((member, self.get(member)?)))
    }

    /// The name of the unknown member with which a union was received; empty for a union that was never set.
    pub fn unknown(&self) -> Option<&'a str> {
        match self.storage {
            Storage::Native(it, _) if self.shape.union => {
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
    /// The number of elements.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the list has no elements.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the element at `index`; `None` past the end and for a null of a sparse list.
    pub fn get(&self, index: usize) -> Option<View<'a>> {
        if index >= self.len {
            return None;
        }
        match self.storage {
            // SAFETY: `index` is below the length, elements are `size` bytes apart.
            Storage::Native(base, _) => unsafe { node_view(base.byte_add(index * self.node.ty.size), self.node) },
            Storage::Dynamic(items) => value_view(&items[index], self.node),
        }
    }

    /// Iterates over the elements in order; `None` for a null of a sparse list.
    pub fn iter(self) -> impl Iterator<Item = Option<View<'a>>> {
        (0..self.len).map(move |index| self.get(index))
    }
}

impl<'a> MapView<'a> {
    /// The number of entries.
    pub fn len(&self) -> usize {
        match self.storage {
            // SAFETY: the functions belong to the live map.
            Storage::Native(it, _) => unsafe { (self.ops.entries)(it) }.1,
            Storage::Dynamic(map) => map.len(),
        }
    }

    /// Whether the map has no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the map has an entry for `key`, including a null.
    pub fn contains(&self, key: &str) -> bool {
        match self.storage {
            // SAFETY: the functions belong to the live map.
            Storage::Native(it, _) => !unsafe { (self.ops.get)(it, key) }.is_null(),
            Storage::Dynamic(map) => map.contains_key(key),
        }
    }

    /// Returns the value of `key`; `None` if there is no entry and for a null of a sparse map.
    pub fn get(&self, key: &str) -> Option<View<'a>> {
        match self.storage {
            Storage::Native(it, _) => {
                // SAFETY: the functions belong to the live map; a found value lives as long as the map.
                unsafe {
                    let value = (self.ops.get)(it, key);
                    if value.is_null() { None } else { node_view(value, self.node) }
                }
            }
            Storage::Dynamic(map) => map.get(key).and_then(|it| value_view(it, self.node)),
        }
    }

    /// Iterates over the entries in the order of their keys; `None` for a null of a sparse map.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Option<View<'a>>)> {
        let (ops, node) = (self.ops, self.node);
        let (native, dynamic) = match self.storage {
            // SAFETY: the functions belong to the live map.
            Storage::Native(it, _) => (Some(unsafe { (ops.entries)(it) }), None),
            Storage::Dynamic(map) => (None, Some(map)),
        };
        let native = native.into_iter().flat_map(|(base, len)| (0..len).map(move |index| (base, index)));
        let native = native.map(move |(base, index)| {
            // SAFETY: `index` is below the number of entries, which are `entry_size` bytes apart and live as long as the
            // map.
            unsafe {
                let entry = base.byte_add(index * ops.entry_size);
                (&*(ops.key)(entry), node_view(entry.byte_add(ops.value_offset), node))
            }
        });
        native.chain(dynamic.into_iter().flatten().map(move |(key, value)| (key.as_str(), value_view(value, node))))
    }

    /// Visits the entries in the order of their keys until the visitor returns an error.
    pub fn try_each<E>(&self, mut visit: impl FnMut(&str, Option<View<'a>>) -> Result<(), E>) -> Result<(), E> {
        self.iter().try_for_each(|(key, value)| visit(key, value))
    }
}

/// Returns a view of the value of `node` at `pointer`.
///
/// # Safety
///
/// `pointer` points to a live value of the node's type that outlives `'a`.
unsafe fn node_view<'a>(mut pointer: *const (), node: &'static Node) -> Option<View<'a>> {
    // SAFETY: each step leads from a live value to the value inside it, as the node's own type says.
    unsafe {
        if let Presence::Option(ops) | Presence::OptionBox(ops, _) | Presence::Own(ops) = node.presence {
            pointer = (ops.get)(pointer);
            if pointer.is_null() {
                return None;
            }
        }
        if let Presence::Box(ops) | Presence::OptionBox(_, ops) = node.presence {
            pointer = (ops.get)(pointer);
        }
        Some(match &node.kind {
            Kind::String => View::String(&*pointer.cast::<String>()),
            Kind::Enum => View::String((*pointer.cast::<EnumString>()).as_str()),
            Kind::Bool => View::Bool(*pointer.cast()),
            Kind::I32 => View::I32(*pointer.cast()),
            Kind::I64 => View::I64(*pointer.cast()),
            Kind::F32 => View::F32(*pointer.cast()),
            Kind::F64 => View::F64(*pointer.cast()),
            Kind::Timestamp(_) => View::Timestamp(*pointer.cast::<Timestamp>()),
            Kind::Blob => View::Blob(&*pointer.cast()),
            Kind::Document => View::Document(&*pointer.cast()),
            Kind::Stream => View::Stream(&*pointer.cast()),
            Kind::Events(_) => View::Events,
            Kind::Structure(cell) => {
                View::Structure(StructureView { storage: Storage::Native(pointer, PhantomData), shape: cell.get() })
            }
            Kind::List(list) => {
                let (base, len) = (list.ops.slice)(pointer);
                View::List(ListView { storage: Storage::Native(base, PhantomData), len, node: &list.element })
            }
            Kind::Map(map) => {
                View::Map(MapView { storage: Storage::Native(pointer, PhantomData), ops: map.ops, node: &map.value })
            }
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
            View::List(ListView { storage: Storage::Dynamic(items), len: items.len(), node: &list.element })
        }
        (Value::Map(entries), Kind::Map(map)) => {
            View::Map(MapView { storage: Storage::Dynamic(entries), ops: map.ops, node: &map.value })
        }
        _ => return None,
    })
}
