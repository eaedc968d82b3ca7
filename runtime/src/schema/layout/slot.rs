//! Writing fields: erased places that a reader fills.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use super::{Element, StructureView};
use crate::schema::dynamic::Value;
use crate::schema::enumeration::EnumText;
use crate::schema::events::{Incoming, Outgoing};
use crate::schema::shape::{Kind, ListKind, MapKind, Member, Node, Presence, Shape, shape_of};
use crate::value::{ByteStream, Timestamp};

enum At<'a, D> {
    Native(*mut (), PhantomData<&'a mut ()>),
    Dynamic(&'a mut D),
}

impl<D> At<'_, D> {
    fn reborrow(&mut self) -> At<'_, D> {
        match self {
            At::Native(it, _) => At::Native(*it, PhantomData),
            At::Dynamic(it) => At::Dynamic(it),
        }
    }
}

/// A structure or union to fill.
pub struct StructureMut<'a> {
    at: At<'a, Vec<Value>>,
    shape: &'static Shape,
}

/// A place for one value: a member, an element, or a map's value.
pub struct Slot<'a> {
    at: At<'a, Value>,
    node: &'static Node,
}

/// A slot made present, by the kind of value it holds.
pub enum Open<'a> {
    /// Anything without parts.
    Scalar(ScalarMut<'a>),
    /// A structure or union.
    Structure(StructureMut<'a>),
    /// A list; it keeps the elements that it already has.
    List(ListMut<'a>),
    /// A map; it keeps the entries that it already has.
    Map(MapMut<'a>),
}

/// A place for a value without parts.
pub struct ScalarMut<'a> {
    at: At<'a, Value>,
    kind: &'static Kind,
}

/// A list to extend.
pub struct ListMut<'a> {
    at: At<'a, Vec<Value>>,
    list: &'static ListKind,
}

/// A map to extend.
pub struct MapMut<'a> {
    at: At<'a, BTreeMap<String, Value>>,
    map: &'static MapKind,
}

impl<'a> StructureMut<'a> {
    /// Fills a generated structure.
    pub fn new<T: Element>(it: &'a mut T) -> Self {
        Self { at: At::Native(std::ptr::from_mut(it).cast(), PhantomData), shape: shape_of::<T>() }
    }

    /// Fills a dynamic structure.
    pub(crate) fn dynamic(members: &'a mut Vec<Value>, shape: &'static Shape) -> Self {
        members.resize_with(shape.members.len(), || Value::Absent);
        Self { at: At::Dynamic(members), shape }
    }

    /// The shape of the structure.
    pub fn shape(&self) -> &'static Shape {
        self.shape
    }

    /// The same structure, borrowed for a shorter time.
    pub fn reborrow(&mut self) -> StructureMut<'_> {
        StructureMut { at: self.at.reborrow(), shape: self.shape }
    }

    /// The place of a member of [`shape`](Self::shape). Of a union, this member becomes the one that is set.
    pub fn slot(&mut self, member: &'static Member) -> Slot<'_> {
        // By index, so that a member of another shape can do no harm.
        let member = &self.shape.members[member.index];
        let at = match &mut self.at {
            At::Native(it, _) => {
                // SAFETY: the offset of a member lies inside the live, exclusively borrowed structure.
                let field = unsafe { it.byte_add(member.offset) };
                if self.shape.union {
                    // SAFETY: `reset` leaves an unset union (tag 0 with an empty string, which owns nothing), so its
                    // payload may be overwritten without a drop; the tag follows once the payload is complete.
                    unsafe {
                        (self.shape.reset)(*it);
                        (member.node.ty.init)(field);
                        *it.cast::<u8>() = (member.index + 1) as u8;
                    }
                }
                At::Native(field, PhantomData)
            }
            At::Dynamic(members) => {
                if self.shape.union {
                    members.iter_mut().for_each(|it| *it = Value::Absent);
                }
                At::Dynamic(&mut members[member.index])
            }
        };
        Slot { at, node: &member.node }
    }

    /// A view of the structure as it is now.
    pub fn view(&self) -> StructureView<'_> {
        match &self.at {
            At::Native(it, _) => StructureView::native(*it, self.shape),
            At::Dynamic(members) => StructureView::dynamic(members, self.shape),
        }
    }

    /// Makes a member absent (a plain list or map: empty).
    pub fn clear(&mut self, member: &'static Member) {
        let member = &self.shape.members[member.index];
        match &mut self.at {
            // SAFETY: the field is a live value of the member's type, exclusively borrowed; it is dropped and made anew.
            At::Native(it, _) if !self.shape.union => unsafe { (member.node.ty.reset)(it.byte_add(member.offset)) },
            At::Native(it, _) => unsafe { (self.shape.reset)(*it) },
            At::Dynamic(members) => members[member.index] = Value::Absent,
        }
    }

    /// Takes the streaming body out of a member, leaving it absent or empty.
    pub fn take_stream(&mut self, member: &'static Member) -> Option<ByteStream> {
        self.view().get(member)?;
        match self.slot(member).open() {
            Open::Scalar(scalar) => scalar.take_stream(),
            _ => None,
        }
    }

    /// Gives the member that is a stream of events its source; `false` if it is none.
    pub(crate) fn set_events(&mut self, member: &'static Member, source: Box<dyn Incoming>) -> bool {
        match self.slot(member).open() {
            Open::Scalar(ScalarMut { at: At::Native(it, _), kind: Kind::Events(kind) }) => {
                // SAFETY: the kind says that a live stream of events stands here, exclusively borrowed.
                unsafe { (kind.ops.set)(it, source) };
                true
            }
            _ => false,
        }
    }

    /// Takes the events out of the member that is a stream of them.
    pub(crate) fn take_events(&mut self, member: &'static Member) -> Option<Box<dyn Outgoing>> {
        self.view().get(member)?;
        match self.slot(member).open() {
            // SAFETY: the kind says that a live stream of events stands here, exclusively borrowed.
            Open::Scalar(ScalarMut { at: At::Native(it, _), kind: Kind::Events(kind) }) => unsafe {
                (kind.ops.take)(it)
            },
            _ => None,
        }
    }

    /// Records the name of a union's member that this description does not know.
    pub fn set_unknown(&mut self, name: &str) {
        if let At::Native(it, _) = &mut self.at
            && self.shape.union
        {
            // SAFETY: after `reset` the union holds tag 0 and a `String` at the payload offset.
            unsafe {
                (self.shape.reset)(*it);
                *it.byte_add(self.shape.payload_offset).cast::<String>() = name.to_owned();
            }
        }
    }
}

impl<'a> Slot<'a> {
    /// The kind of value that belongs here.
    pub fn kind(&self) -> &'static Kind {
        &self.node.kind
    }

    /// Whether a null may stand here: an element of a sparse list, a value of a sparse map.
    pub fn is_optional(&self) -> bool {
        self.node.is_optional()
    }

    /// Makes the value present, default if it was absent, and opens it.
    pub fn open(self) -> Open<'a> {
        match self.at {
            // SAFETY: the slot is a live, exclusively borrowed value of its node.
            At::Native(it, _) => unsafe { open_native(it, self.node) },
            At::Dynamic(value) => open_dynamic(value, self.node),
        }
    }

    /// Puts a scalar; `false` if the kind does not hold such a value.
    pub fn put(self, value: Value) -> bool {
        match self.open() {
            Open::Scalar(scalar) => scalar.put(value),
            _ => false,
        }
    }
}

/// # Safety
///
/// `it` points to a live value of the node's type, exclusively borrowed for `'a`.
unsafe fn open_native<'a>(mut it: *mut (), node: &'static Node) -> Open<'a> {
    // SAFETY: each step leads from a live value to the (now present) value inside it, as the node's own type says.
    unsafe {
        if let Presence::Option(ops) | Presence::OptionBox(ops, _) = node.presence {
            it = (ops.make)(it);
        }
        if let Presence::Box(ops) | Presence::OptionBox(_, ops) = node.presence {
            it = (ops.get)(it).cast_mut();
        }
    }
    match &node.kind {
        Kind::Structure(cell) => Open::Structure(StructureMut { at: At::Native(it, PhantomData), shape: cell.get() }),
        Kind::List(list) => Open::List(ListMut { at: At::Native(it, PhantomData), list }),
        Kind::Map(map) => Open::Map(MapMut { at: At::Native(it, PhantomData), map }),
        kind => Open::Scalar(ScalarMut { at: At::Native(it, PhantomData), kind }),
    }
}

fn open_dynamic<'a>(value: &'a mut Value, node: &'static Node) -> Open<'a> {
    match &node.kind {
        Kind::Structure(cell) => {
            if !matches!(value, Value::Structure(_)) {
                *value = Value::Structure(Vec::new());
            }
            match value {
                Value::Structure(members) => Open::Structure(StructureMut::dynamic(members, cell.get())),
                _ => unreachable!("just made a structure"),
            }
        }
        Kind::List(list) => {
            if !matches!(value, Value::List(_)) {
                *value = Value::List(Vec::new());
            }
            match value {
                Value::List(items) => Open::List(ListMut { at: At::Dynamic(items), list }),
                _ => unreachable!("just made a list"),
            }
        }
        Kind::Map(map) => {
            if !matches!(value, Value::Map(_)) {
                *value = Value::Map(BTreeMap::new());
            }
            match value {
                Value::Map(entries) => Open::Map(MapMut { at: At::Dynamic(entries), map }),
                _ => unreachable!("just made a map"),
            }
        }
        kind => Open::Scalar(ScalarMut { at: At::Dynamic(value), kind }),
    }
}

impl ScalarMut<'_> {
    /// The kind of scalar that belongs here.
    pub fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// Assigns the value; `false` if the kind does not hold such a value.
    pub fn put(self, value: Value) -> bool {
        let it = match self.at {
            At::Native(it, _) => it,
            At::Dynamic(place) => {
                *place = value;
                return true;
            }
        };
        // SAFETY: `it` is a live, exclusively borrowed value of `kind`; assignment drops the old one.
        unsafe {
            match (self.kind, value) {
                (Kind::String, Value::String(value)) => *it.cast() = value,
                (Kind::Enum, Value::String(value)) => *it.cast() = EnumText::from(value),
                (Kind::Bool, Value::Bool(value)) => *it.cast() = value,
                (Kind::I32, Value::I32(value)) => *it.cast() = value,
                (Kind::I64, Value::I64(value)) => *it.cast() = value,
                (Kind::F32, Value::F32(value)) => *it.cast() = value,
                (Kind::F64, Value::F64(value)) => *it.cast() = value,
                (Kind::Timestamp(_), Value::Timestamp(value)) => *it.cast::<Timestamp>() = value,
                (Kind::Blob, Value::Blob(value)) => *it.cast() = value,
                (Kind::Document, Value::Document(value)) => *it.cast() = value,
                (Kind::Stream, Value::Stream(value)) => *it.cast() = value,
                _ => return false,
            }
        }
        true
    }
}

impl ScalarMut<'_> {
    fn take_stream(self) -> Option<ByteStream> {
        match (self.at, self.kind) {
            // SAFETY: the kind says that a live `ByteStream` stands here, exclusively borrowed.
            (At::Native(it, _), Kind::Stream) => Some(std::mem::take(unsafe { &mut *it.cast::<ByteStream>() })),
            (At::Dynamic(value), Kind::Stream) => match std::mem::take(value) {
                Value::Stream(stream) => Some(stream),
                other => {
                    *value = other;
                    None
                }
            },
            _ => None,
        }
    }
}

impl<'a> ListMut<'a> {
    /// The kind of the list.
    pub fn list(&self) -> &'static ListKind {
        self.list
    }

    /// How many elements the list has.
    pub fn len(&self) -> usize {
        match &self.at {
            // SAFETY: the functions belong to the live list.
            At::Native(it, _) => unsafe { (self.list.ops.slice)(*it) }.1,
            At::Dynamic(items) => items.len(),
        }
    }

    /// Whether the list has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of the element at `index`; `None` past the end.
    pub fn get(&mut self, index: usize) -> Option<Slot<'_>> {
        let node = &self.list.element;
        let at = match &mut self.at {
            At::Native(it, _) => {
                // SAFETY: the functions belong to the live, exclusively borrowed list.
                let (base, len) = unsafe { (self.list.ops.slice_mut)(*it) };
                if index >= len {
                    return None;
                }
                // SAFETY: `index` is below the length, elements stand `size` bytes apart.
                At::Native(unsafe { base.byte_add(index * node.ty.size) }, PhantomData)
            }
            At::Dynamic(items) => At::Dynamic(items.get_mut(index)?),
        };
        Some(Slot { at, node })
    }

    /// Appends a default element and returns its place.
    pub fn push(&mut self) -> Slot<'_> {
        let at = match &mut self.at {
            // SAFETY: the functions belong to the live, exclusively borrowed list.
            At::Native(it, _) => At::Native(unsafe { (self.list.ops.push)(*it) }, PhantomData),
            At::Dynamic(items) => {
                items.push(Value::Absent);
                let last = items.len() - 1;
                At::Dynamic(&mut items[last])
            }
        };
        Slot { at, node: &self.list.element }
    }
}

impl<'a> MapMut<'a> {
    /// The kind of the map.
    pub fn map(&self) -> &'static MapKind {
        self.map
    }

    /// Whether there is an entry under `key`.
    pub fn contains(&self, key: &str) -> bool {
        match &self.at {
            // SAFETY: the functions belong to the live map.
            At::Native(it, _) => !unsafe { (self.map.ops.get)(*it, key) }.is_null(),
            At::Dynamic(entries) => entries.contains_key(key),
        }
    }

    /// Adds a default value under `key`, replacing one that is there, and returns its place.
    pub fn insert(&mut self, key: String) -> Slot<'_> {
        let at = match &mut self.at {
            // SAFETY: the functions belong to the live, exclusively borrowed map.
            At::Native(it, _) => At::Native(unsafe { (self.map.ops.insert)(*it, key) }, PhantomData),
            At::Dynamic(entries) => {
                let value = entries.entry(key).or_insert(Value::Absent);
                *value = Value::Absent;
                At::Dynamic(value)
            }
        };
        Slot { at, node: &self.map.value }
    }
}
