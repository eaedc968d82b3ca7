//! Writing fields: type-erased slots that a reader fills.

mod events;

use std::borrow::Cow;
use std::marker::PhantomData;

use super::map_mut::MapMut;
use super::{SchemaType, StructureView};
use crate::schema::dynamic::Value;
use crate::schema::enumeration::EnumString;
use crate::schema::shape::{Kind, ListKind, Member, Node, Presence, Shape, shape_of};
use crate::types::{ByteStream, Map, Timestamp};

/// The storage of a value: a pointer into a generated structure, or a dynamic value.
pub(super) enum Storage<'a, D> {
    Native(*mut (), PhantomData<&'a mut ()>),
    Dynamic(&'a mut D),
}

impl<D> Storage<'_, D> {
    fn reborrow(&mut self) -> Storage<'_, D> {
        match self {
            Storage::Native(it, _) => Storage::Native(*it, PhantomData),
            Storage::Dynamic(it) => Storage::Dynamic(it),
        }
    }
}

/// A structure or union to fill.
pub struct StructureMut<'a> {
    storage: Storage<'a, Vec<Value>>,
    shape: &'static Shape,
}

/// A slot for one value: a member, an element of a list, or a value of a map.
pub struct Slot<'a> {
    pub(super) storage: Storage<'a, Value>,
    pub(super) node: &'static Node,
}

/// The value of a slot after it was made present, by its kind.
pub enum Open<'a> {
    /// A scalar, a stream or an event stream.
    Scalar(ScalarMut<'a>),
    /// A structure or union.
    Structure(StructureMut<'a>),
    /// A list, with the elements that it already has.
    List(ListMut<'a>),
    /// A map, with the entries that it already has.
    Map(MapMut<'a>),
}

/// A scalar, a stream or an event stream to assign.
pub struct ScalarMut<'a> {
    storage: Storage<'a, Value>,
    node: &'static Node,
}

/// A list to extend.
pub struct ListMut<'a> {
    storage: Storage<'a, Vec<Value>>,
    list: &'static ListKind,
}

impl<'a> StructureMut<'a> {
    /// Creates a view that fills a generated structure.
    pub fn new<T: SchemaType>(it: &'a mut T) -> Self {
        Self { storage: Storage::Native(std::ptr::from_mut(it).cast(), PhantomData), shape: shape_of::<T>() }
    }

    /// Creates a view that fills a dynamic structure.
    pub(crate) fn dynamic(members: &'a mut Vec<Value>, shape: &'static Shape) -> Self {
        members.resize_with(shape.members.len(), || Value::Absent);
        Self { storage: Storage::Dynamic(members), shape }
    }

    /// Returns the shape of the structure.
    pub fn shape(&self) -> &'static Shape {
        self.shape
    }

    /// Reborrows the structure for a shorter lifetime.
    pub fn reborrow(&mut self) -> StructureMut<'_> {
        StructureMut { storage: self.storage.reborrow(), shape: self.shape }
    }

    /// Returns the slot of a member of [`shape`](Self::shape). In a union, this member becomes the one that is set.
    pub fn slot(&mut self, member: &'static Member) -> Slot<'_> {
        self.reborrow().into_slot(member)
    }

    /// As [`slot`](Self::slot), for as long as the structure is borrowed.
    pub(crate) fn into_slot(self, member: &'static Member) -> Slot<'a> {
        // By index, so that a member of another shape can do no harm.
        let member = &self.shape.members[member.index];
        let storage = match self.storage {
            Storage::Native(it, _) => {
                // SAFETY: the offset of a member lies inside the live, exclusively borrowed structure.
                let field = unsafe { it.byte_add(member.offset) };
                if self.shape.union {
                    // SAFETY: `reset` leaves an unset union (tag 0 with an empty string, which owns nothing), so its
                    // payload may be overwritten without a drop; the tag follows once the payload is complete.
                    unsafe {
                        (self.shape.reset)(it);
                        (member.node.ty.init)(field);
                        *it.cast::<u8>() = (member.index + 1) as u8;
                    }
                }
                Storage::Native(field, PhantomData)
            }
            Storage::Dynamic(members) => {
                if self.shape.union {
                    members.iter_mut().for_each(|it| *it = Value::Absent);
                }
                Storage::Dynamic(&mut members[member.index])
            }
        };
        Slot { storage, node: &member.node }
    }

    /// Splits a structure into the slots of all its members, in order; a union, of which one member is set, into none.
    pub(crate) fn into_slots(self) -> impl Iterator<Item = Slot<'a>> {
        let mut fields = match self.storage {
            Storage::Native(it, _) => Ok(it),
            Storage::Dynamic(members) => Err(members.iter_mut()),
        };
        let members = if self.shape.union { &[][..] } else { &self.shape.members };
        members.iter().map_while(move |member| {
            let storage = match &mut fields {
                // SAFETY: the offset of a member lies inside the live structure, which is borrowed exclusively for
                // `'a`; no two members overlap.
                Ok(it) => Storage::Native(unsafe { it.byte_add(member.offset) }, PhantomData),
                Err(values) => Storage::Dynamic(values.next()?),
            };
            Some(Slot { storage, node: &member.node })
        })
    }

    /// Returns a view of the structure in its current state.
    pub fn view(&self) -> StructureView<'_> {
        match &self.storage {
            Storage::Native(it, _) => StructureView::native(*it, self.shape),
            Storage::Dynamic(members) => StructureView::dynamic(members, self.shape),
        }
    }

    /// The structure itself; `None` if it is not of that type.
    pub(crate) fn downcast_ref<T: SchemaType>(&self) -> Option<&T> {
        self.view().downcast_ref()
    }

    /// The structure itself, to change it; `None` if it is not of that type.
    pub(crate) fn downcast_mut<T: SchemaType>(&mut self) -> Option<&mut T> {
        match &mut self.storage {
            Storage::Native(it, _) if std::ptr::eq(self.shape, shape_of::<T>()) => {
                // SAFETY: the shape belongs to `T` only, so that this is a live `T`, borrowed exclusively.
                Some(unsafe { &mut *it.cast::<T>() })
            }
            _ => None,
        }
    }

    /// Makes a member absent.
    pub fn clear(&mut self, member: &'static Member) {
        let member = &self.shape.members[member.index];
        match &mut self.storage {
            // SAFETY: the field is a live value of the member's type, exclusively borrowed; it is dropped and replaced
            // by the default.
            Storage::Native(it, _) if !self.shape.union => unsafe {
                (member.node.ty.reset)(it.byte_add(member.offset))
            },
            Storage::Native(it, _) => unsafe { (self.shape.reset)(*it) },
            Storage::Dynamic(members) => members[member.index] = Value::Absent,
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

    /// Records that the union has a member of this name, which the description does not know.
    pub fn set_unknown(&mut self, name: &str) {
        if let Storage::Native(it, _) = &mut self.storage
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
    /// Returns the kind of the value.
    pub fn kind(&self) -> &'static Kind {
        &self.node.kind
    }

    /// Whether the value may be null: an element of a sparse list or a value of a sparse map.
    pub fn is_optional(&self) -> bool {
        self.node.is_optional()
    }

    /// Makes the value present, default if it was absent, and opens it.
    pub fn open(self) -> Open<'a> {
        match self.storage {
            // SAFETY: the slot is a live, exclusively borrowed value of its node.
            Storage::Native(it, _) => unsafe { open_native(it, self.node) },
            Storage::Dynamic(value) => open_dynamic(value, self.node),
        }
    }

    /// Assigns a scalar; `false` if the kind of the slot does not match.
    pub fn put(self, value: Value) -> bool {
        match self.open() {
            Open::Scalar(scalar) => scalar.put(value),
            _ => false,
        }
    }

    /// Assigns a string or an enumeration; `false` if the slot is neither.
    pub(crate) fn put_str(self, value: Cow<'_, str>) -> bool {
        match self.open() {
            Open::Scalar(scalar) => scalar.put_str(value),
            _ => false,
        }
    }
}

/// # Safety
///
/// `pointer` points to a live value of the node's type, exclusively borrowed for `'a`.
unsafe fn open_native<'a>(mut pointer: *mut (), node: &'static Node) -> Open<'a> {
    // SAFETY: each step leads from a live value to the (now present) value inside it, as the node's own type says.
    unsafe {
        if let Presence::Option(ops) | Presence::OptionBox(ops, _) = node.presence {
            pointer = (ops.make)(pointer);
        }
        if let Presence::Box(ops) | Presence::OptionBox(_, ops) = node.presence {
            pointer = (ops.get)(pointer).cast_mut();
        }
    }
    match &node.kind {
        Kind::Structure(cell) => {
            Open::Structure(StructureMut { storage: Storage::Native(pointer, PhantomData), shape: cell.get() })
        }
        // SAFETY (both): the functions belong to the list or map, and return it.
        Kind::List(list) => {
            let pointer = unsafe { (list.ops.own.make)(pointer) };
            Open::List(ListMut { storage: Storage::Native(pointer, PhantomData), list })
        }
        Kind::Map(map) => {
            let pointer = unsafe { (map.ops.own.make)(pointer) };
            Open::Map(MapMut::new(Storage::Native(pointer, PhantomData), map))
        }
        _ => Open::Scalar(ScalarMut { storage: Storage::Native(pointer, PhantomData), node }),
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
                Value::List(items) => Open::List(ListMut { storage: Storage::Dynamic(items), list }),
                _ => unreachable!("just made a list"),
            }
        }
        Kind::Map(map) => {
            if !matches!(value, Value::Map(_)) {
                *value = Value::Map(Map::empty());
            }
            match value {
                Value::Map(entries) => Open::Map(MapMut::new(Storage::Dynamic(entries), map)),
                _ => unreachable!("just made a map"),
            }
        }
        _ => Open::Scalar(ScalarMut { storage: Storage::Dynamic(value), node }),
    }
}

impl ScalarMut<'_> {
    /// Returns the kind of the scalar.
    pub fn kind(&self) -> &'static Kind {
        &self.node.kind
    }

    /// Assigns the value; `false` if the kind does not match.
    pub fn put(self, value: Value) -> bool {
        let it = match self.storage {
            Storage::Native(it, _) => it,
            Storage::Dynamic(slot) => {
                *slot = value;
                return true;
            }
        };
        // SAFETY: `it` is a live, exclusively borrowed value of `kind`; assignment drops the old one.
        unsafe {
            match (&self.node.kind, value) {
                (Kind::String, Value::String(value)) => *it.cast() = value,
                (Kind::Enum, Value::String(value)) => *it.cast() = EnumString::with_long(&value, self.node.find_long),
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
    /// Assigns a string or an enumeration, which allocates only what is unknown and longer than an enumeration holds in place;
    /// `false` if the scalar is neither.
    pub(crate) fn put_str(self, value: Cow<'_, str>) -> bool {
        match (self.storage, &self.node.kind) {
            (Storage::Native(it, _), Kind::Enum) => {
                // SAFETY: the kind says that `it` points to a live enumeration, exclusively borrowed; assignment drops
                // the old value.
                unsafe { *it.cast() = EnumString::with_long(&value, self.node.find_long) };
                true
            }
            (Storage::Native(it, _), Kind::String) => {
                // SAFETY: as above, of a string.
                unsafe { *it.cast() = value.into_owned() };
                true
            }
            (storage, _) => ScalarMut { storage, node: self.node }.put(Value::String(value.into_owned())),
        }
    }

    fn take_stream(self) -> Option<ByteStream> {
        match (self.storage, &self.node.kind) {
            // SAFETY: the kind says that `it` points to a live `ByteStream`, exclusively borrowed.
            (Storage::Native(it, _), Kind::Stream) => Some(std::mem::take(unsafe { &mut *it.cast::<ByteStream>() })),
            (Storage::Dynamic(value), Kind::Stream) => match std::mem::take(value) {
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
    /// Returns the kind of the list.
    pub fn list(&self) -> &'static ListKind {
        self.list
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        match &self.storage {
            // SAFETY: the functions belong to the live list.
            Storage::Native(it, _) => unsafe { (self.list.ops.slice)(*it) }.1,
            Storage::Dynamic(items) => items.len(),
        }
    }

    /// Whether the list has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of entries of the last element, if the elements are maps.
    pub(crate) fn entries_of_last(&self) -> usize {
        match (&self.storage, &self.list.element) {
            (Storage::Native(it, _), Node { kind: Kind::Map(map), presence: Presence::Plain, ty, .. }) => {
                // SAFETY: the functions belong to the live list and to its elements, which are `size` bytes apart.
                unsafe {
                    let (base, len) = (self.list.ops.slice)(*it);
                    len.checked_sub(1).map_or(0, |last| (map.ops.entries)(base.byte_add(last * ty.size)).1)
                }
            }
            _ => 0,
        }
    }

    /// Returns the slot of the element at `index`; `None` past the end.
    pub fn get(&mut self, index: usize) -> Option<Slot<'_>> {
        let node = &self.list.element;
        let storage = match &mut self.storage {
            Storage::Native(it, _) => {
                // SAFETY: the functions belong to the live, exclusively borrowed list.
                let (base, len) = unsafe { (self.list.ops.slice_mut)(*it) };
                if index >= len {
                    return None;
                }
                // SAFETY: `index` is below the length, elements are `size` bytes apart.
                Storage::Native(unsafe { base.byte_add(index * node.ty.size) }, PhantomData)
            }
            Storage::Dynamic(items) => Storage::Dynamic(items.get_mut(index)?),
        };
        Some(Slot { storage, node })
    }

    /// Appends a default element and returns its slot.
    pub fn push(&mut self) -> Slot<'_> {
        let storage = match &mut self.storage {
            // SAFETY: the functions belong to the live, exclusively borrowed list.
            Storage::Native(it, _) => Storage::Native(unsafe { (self.list.ops.push)(*it) }, PhantomData),
            Storage::Dynamic(items) => {
                items.push(Value::Absent);
                let last = items.len() - 1;
                Storage::Dynamic(&mut items[last])
            }
        };
        Slot { storage, node: &self.list.element }
    }

    /// Appends the elements of another list that are in `range`, and leaves defaults in their place. Does nothing if the
    /// lists are of different types, or if one of them is dynamic and the other not.
    pub(crate) fn append_from(&mut self, other: &mut ListMut<'_>, range: std::ops::Range<usize>) {
        let range = range.start..range.end.min(other.len());
        if !std::ptr::eq(self.list, other.list) {
            return;
        }
        match (&mut self.storage, &mut other.storage) {
            (Storage::Native(list, _), Storage::Native(other, _)) => {
                let size = self.list.element.ty.size;
                for index in range {
                    // SAFETY: the functions belong to both lists, which are live and borrowed exclusively, and so are
                    // different; their elements are of one type, since one description describes them. `index` is below the
                    // length of the other, and swapping all bytes of two values of a type swaps the values.
                    unsafe {
                        let from = (self.list.ops.slice_mut)(*other).0.byte_add(index * size);
                        let to = (self.list.ops.push)(*list);
                        std::ptr::swap_nonoverlapping(to.cast::<u8>(), from.cast::<u8>(), size);
                    }
                }
            }
            (Storage::Dynamic(items), Storage::Dynamic(other)) => {
                items.extend(other[range].iter_mut().map(std::mem::take));
            }
            _ => {}
        }
    }

    /// Appends default elements and returns their slots.
    pub(crate) fn into_appended(mut self, count: usize) -> impl Iterator<Item = Slot<'a>> {
        let start = self.len();
        for _ in 0..count {
            self.push();
        }
        let node = &self.list.element;
        let mut elements = match self.storage {
            // SAFETY: the functions belong to the live, exclusively borrowed list.
            Storage::Native(it, _) => Ok(unsafe { (self.list.ops.slice_mut)(it) }.0),
            Storage::Dynamic(items) => Err(items[start..].iter_mut()),
        };
        (start..start + count).map_while(move |index| {
            let storage = match &mut elements {
                // SAFETY: the list has at least `start + count` elements, `size` bytes apart, and does not grow while it
                // is borrowed exclusively for `'a`.
                Ok(base) => Storage::Native(unsafe { base.byte_add(index * node.ty.size) }, PhantomData),
                Err(items) => Storage::Dynamic(items.next()?),
            };
            Some(Slot { storage, node })
        })
    }
}
