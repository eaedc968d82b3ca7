//! The one module that reads and writes fields through descriptions. It knows memory and kinds; it knows no protocol.
//!
//! # Why this is sound
//!
//! * A [`Type`] is made only by [`Element`] implementations in this module and by the macros of `codegen`, always from
//!   the Rust type itself, so its size, its alignment and its functions belong to that type.
//! * Structures are `#[repr(C)]`, so their offsets follow from the types of their members in order. The decoder
//!   computes them and refuses a description whose size or alignment differs from the structure's own.
//! * A scalar word of a description (`str`, `i32`, …) promises a field of the matching type. The generator is the only
//!   writer of descriptions, and the test suite compares every description with the fields of its structure.
//! * A view borrows the value it reads, a slot borrows it exclusively; neither can outlive it.
//! * A slot always leaves a valid value behind: it first makes the value present and default, then assigns it, so a
//!   panic or an early return half-way drops only initialised fields.

#![allow(unsafe_code)]

mod slot;
#[cfg(test)]
mod tests;
mod view;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::mem::MaybeUninit;

use bytes::Bytes;

pub use slot::{ListMut, MapMut, Open, ScalarMut, Slot, StructureMut};
pub use view::{ListView, MapView, StructureView, View};

use super::shape::{Shape, shape_of};
use crate::schema::enumeration::EnumText;
use crate::schema::events::{EventInput, EventStream, Incoming, Outgoing};
use crate::value::{ByteStream, Document, Timestamp};

/// A Rust type that a member, a list element or a map value may have: a structure or union with a description, or one of
/// the types of this module.
///
/// # Safety
///
/// [`TYPE`](Element::TYPE) must describe exactly `Self`. A structure is `#[repr(C)]` (a union `#[repr(C, u8)]`) and its
/// members are those of [`DESCRIPTION`](Element::DESCRIPTION), in order. A union's first variant holds a `String`, an empty
/// one is the default, and the description leaves that variant out.
pub unsafe trait Element: Default + 'static {
    /// The description of a structure or union, decoded at first use.
    const DESCRIPTION: super::Description = super::Description::NONE;
    /// How the interpreters see the type.
    const TYPE: Type = Type::structure::<Self>();
}

/// A default structure or union: every member absent, empty or zero; no member of a union.
pub fn empty<T: Element>() -> T {
    let mut made = MaybeUninit::<T>::uninit();
    let it = made.as_mut_ptr().cast::<()>();
    if const { T::DESCRIPTION.is_union() } {
        // SAFETY: tag 0 and the `String` behind it are an unset union. `repr(C, u8)` puts the payloads behind the tag at
        // the alignment of the most demanding one, which is that of the union.
        unsafe {
            it.cast::<u8>().write(0);
            it.byte_add(align_of::<T>()).cast::<String>().write(String::new());
        }
    } else {
        for member in &shape_of::<T>().members {
            // SAFETY: offsets and types of the members are those of the fields.
            unsafe { (member.node.ty.init)(it.byte_add(member.offset)) }
        }
    }
    // SAFETY: every field was written.
    unsafe { made.assume_init() }
}

/// A type without its name: size, alignment, how to make a default one, and how to reach what is inside.
#[derive(Clone, Copy)]
pub struct Type {
    pub(crate) size: usize,
    pub(crate) align: usize,
    /// Writes a default value into uninitialised memory.
    pub(crate) init: unsafe fn(*mut ()),
    /// Assigns the default value, dropping the old one.
    pub(crate) reset: Reset,
    pub(crate) repr: Repr,
}

#[derive(Clone, Copy)]
pub(crate) enum Repr {
    String,
    Enum,
    Bool,
    I32,
    I64,
    F32,
    F64,
    Timestamp,
    Blob,
    Document,
    Stream,
    Events(&'static EventOps, ShapeOf),
    Structure(ShapeOf),
    Option(&'static OptionOps, &'static Type),
    Boxed(&'static BoxOps, &'static Type),
    List(&'static ListOps, &'static Type),
    Map(&'static MapOps, &'static Type),
}

/// Where a nested shape comes from: the decoder of a Rust type, or a cell that a dynamic schema fills.
#[derive(Clone, Copy)]
pub(crate) enum ShapeOf {
    Native(fn() -> &'static Shape),
    Dynamic(&'static std::sync::OnceLock<&'static Shape>),
}

/// Assigns the default value, dropping the old one.
pub(crate) type Reset = unsafe fn(*mut ());

/// A stream of events takes a source of events, or gives its own: it is of an output, or of an input.
pub(crate) struct EventOps {
    set: unsafe fn(*mut (), Box<dyn Incoming>),
    take: unsafe fn(*mut ()) -> Option<Box<dyn Outgoing>>,
}

impl EventOps {
    /// Of dynamic values, which hold no streams of events.
    pub(crate) const NONE: Self = Self { set: |_, _| {}, take: |_| None };
}

pub(crate) struct OptionOps {
    get: unsafe fn(*const ()) -> *const (),
    make: unsafe fn(*mut ()) -> *mut (),
}

pub(crate) struct BoxOps {
    get: unsafe fn(*const ()) -> *const (),
}

pub(crate) struct ListOps {
    slice: unsafe fn(*const ()) -> (*const (), usize),
    slice_mut: unsafe fn(*mut ()) -> (*mut (), usize),
    push: unsafe fn(*mut ()) -> *mut (),
}

type MapEntry<'f> = &'f mut dyn FnMut(&str, *const ()) -> bool;

pub(crate) struct MapOps {
    len: unsafe fn(*const ()) -> usize,
    each: unsafe fn(*const (), MapEntry<'_>),
    get: unsafe fn(*const (), &str) -> *const (),
    insert: unsafe fn(*mut (), String) -> *mut (),
}

impl Type {
    /// The type of a structure or union.
    pub const fn structure<T: Element>() -> Self {
        Self::of::<T>(Repr::Structure(ShapeOf::Native(shape_of::<T>)))
    }

    /// The type of a string enumeration: a transparent wrapper of [`EnumText`].
    pub const fn enumeration<T: Default + 'static>() -> Self {
        assert!(size_of::<T>() == size_of::<EnumText>() && size_of::<Option<T>>() == size_of::<Option<EnumText>>());
        Self::of::<T>(Repr::Enum)
    }

    const fn of<T: Default>(repr: Repr) -> Self {
        Self { size: size_of::<T>(), align: align_of::<T>(), init: init::<T>, reset: reset::<T>, repr }
    }

    /// The types that have a word of their own in descriptions, so that no member of them needs a link.
    pub(crate) fn by_word(word: &str) -> Option<Self> {
        Some(match word {
            "str" => <Option<String>>::TYPE,
            // Stands for `Option<E>` of any string enumeration: `repr(transparent)` gives it this layout, which
            // `enumeration` and the layout tests (also under Miri) hold.
            "enum" => <Option<EnumText>>::TYPE,
            "bool" => <Option<bool>>::TYPE,
            "i32" => <Option<i32>>::TYPE,
            "i64" => <Option<i64>>::TYPE,
            "f32" => <Option<f32>>::TYPE,
            "f64" => <Option<f64>>::TYPE,
            "time" => <Option<Timestamp>>::TYPE,
            "blob" => <Option<Bytes>>::TYPE,
            "doc" => <Option<Document>>::TYPE,
            "stream" => ByteStream::TYPE,
            "stream?" => <Option<ByteStream>>::TYPE,
            "[str]" => <Vec<String>>::TYPE,
            "[str]?" => <Option<Vec<String>>>::TYPE,
            "{str}" => <BTreeMap<String, String>>::TYPE,
            "{str}?" => <Option<BTreeMap<String, String>>>::TYPE,
            _ => return None,
        })
    }

    /// The type inside `Option`, as a union's variant holds it.
    pub(crate) fn unwrapped(self) -> Self {
        match self.repr {
            Repr::Option(_, inner) => *inner,
            _ => self,
        }
    }
}

macro_rules! scalar {
    ($($ty:ty => $repr:ident,)*) => {$(
        // SAFETY: the representation names the type.
        unsafe impl Element for $ty {
            const TYPE: Type = Type::of::<$ty>(Repr::$repr);
        }
    )*};
}

scalar! {
    String => String,
    EnumText => Enum,
    bool => Bool,
    i32 => I32,
    i64 => I64,
    f32 => F32,
    f64 => F64,
    Timestamp => Timestamp,
    Bytes => Blob,
    Document => Document,
    ByteStream => Stream,
}

// SAFETY (both): the functions are those of the type.
unsafe impl<T: Element> Element for EventStream<T> {
    const TYPE: Type = Type::of::<Self>(Repr::Events(
        &const { EventOps { set: set_events::<T>, take: |_| None } },
        ShapeOf::Native(shape_of::<T>),
    ));
}

unsafe impl<T: Element> Element for EventInput<T> {
    const TYPE: Type = Type::of::<Self>(Repr::Events(
        &const { EventOps { set: |_, _| {}, take: take_events::<T> } },
        ShapeOf::Native(shape_of::<T>),
    ));
}

// SAFETY (the four below): all functions are those of the type itself.
unsafe impl<T: Element> Element for Option<T> {
    const TYPE: Type =
        Type::of::<Self>(Repr::Option(&const { OptionOps { get: option_get::<T>, make: option_make::<T> } }, &T::TYPE));
}

unsafe impl<T: Element> Element for Box<T> {
    const TYPE: Type = Type::of::<Self>(Repr::Boxed(&const { BoxOps { get: box_get::<T> } }, &T::TYPE));
}

unsafe impl<T: Element> Element for Vec<T> {
    const TYPE: Type = Type::of::<Self>(Repr::List(
        &const { ListOps { slice: list_slice::<T>, slice_mut: list_slice_mut::<T>, push: list_push::<T> } },
        &T::TYPE,
    ));
}

unsafe impl<T: Element> Element for BTreeMap<String, T> {
    const TYPE: Type = Type::of::<Self>(Repr::Map(
        &const { MapOps { len: map_len::<T>, each: map_each::<T>, get: map_get::<T>, insert: map_insert::<T> } },
        &T::TYPE,
    ));
}

// The functions behind the tables. Each takes a pointer to a live value of the type it is instantiated for (`init`:
// to uninitialised memory of its layout) and returns a pointer into that value.

unsafe fn init<T: Default>(it: *mut ()) {
    // SAFETY: `it` is writable and aligned for `T`; the default is complete before the write.
    unsafe { it.cast::<T>().write(T::default()) }
}

unsafe fn reset<T: Default>(it: *mut ()) {
    // SAFETY: `it` is a live `T`, borrowed exclusively.
    unsafe { *it.cast::<T>() = T::default() }
}

unsafe fn set_events<T>(it: *mut (), source: Box<dyn Incoming>) {
    // SAFETY: `it` is a live `EventStream<T>`, borrowed exclusively.
    unsafe { *it.cast::<EventStream<T>>() = EventStream::new(source) }
}

unsafe fn take_events<T>(it: *mut ()) -> Option<Box<dyn Outgoing>> {
    // SAFETY: `it` is a live `EventInput<T>`, borrowed exclusively.
    unsafe { &mut *it.cast::<EventInput<T>>() }.take()
}

unsafe fn option_get<T>(it: *const ()) -> *const () {
    // SAFETY: `it` is a live `Option<T>`.
    match unsafe { &*it.cast::<Option<T>>() } {
        Some(inner) => std::ptr::from_ref(inner).cast(),
        None => std::ptr::null(),
    }
}

unsafe fn option_make<T: Default>(it: *mut ()) -> *mut () {
    // SAFETY: `it` is a live `Option<T>`, borrowed exclusively.
    let inner = unsafe { &mut *it.cast::<Option<T>>() }.get_or_insert_default();
    std::ptr::from_mut(inner).cast()
}

#[expect(
    clippy::extra_unused_type_parameters,
    reason = "named like the others, so that a type's functions are made alike"
)]
unsafe fn box_get<T>(it: *const ()) -> *const () {
    // SAFETY: `it` is a live `Box<T>`, which is one pointer to its value. Reading that pointer instead of making a
    // reference keeps it usable for writing when the box is borrowed exclusively.
    unsafe { *it.cast::<*const ()>() }
}

unsafe fn list_slice<T>(it: *const ()) -> (*const (), usize) {
    // SAFETY: `it` is a live `Vec<T>`.
    let list = unsafe { &*it.cast::<Vec<T>>() };
    (list.as_ptr().cast(), list.len())
}

unsafe fn list_slice_mut<T>(it: *mut ()) -> (*mut (), usize) {
    // SAFETY: `it` is a live `Vec<T>`, borrowed exclusively.
    let list = unsafe { &mut *it.cast::<Vec<T>>() };
    (list.as_mut_ptr().cast(), list.len())
}

unsafe fn list_push<T: Default>(it: *mut ()) -> *mut () {
    // SAFETY: `it` is a live `Vec<T>`, borrowed exclusively.
    let list = unsafe { &mut *it.cast::<Vec<T>>() };
    list.push(T::default());
    let last = list.len() - 1;
    // SAFETY: the list is not empty.
    unsafe { list.as_mut_ptr().add(last) }.cast()
}

unsafe fn map_len<T>(it: *const ()) -> usize {
    // SAFETY: `it` is a live map.
    unsafe { &*it.cast::<BTreeMap<String, T>>() }.len()
}

unsafe fn map_each<T>(it: *const (), visit: MapEntry<'_>) {
    // SAFETY: `it` is a live map.
    for (key, value) in unsafe { &*it.cast::<BTreeMap<String, T>>() } {
        if !visit(key, std::ptr::from_ref(value).cast()) {
            return;
        }
    }
}

unsafe fn map_get<T>(it: *const (), key: &str) -> *const () {
    // SAFETY: `it` is a live map.
    match unsafe { &*it.cast::<BTreeMap<String, T>>() }.get(key) {
        Some(value) => std::ptr::from_ref(value).cast(),
        None => std::ptr::null(),
    }
}

unsafe fn map_insert<T: Default>(it: *mut (), key: String) -> *mut () {
    // SAFETY: `it` is a live map, borrowed exclusively. A repeated key starts again from the default.
    let value = match unsafe { &mut *it.cast::<BTreeMap<String, T>>() }.entry(key) {
        Entry::Vacant(place) => place.insert(T::default()),
        Entry::Occupied(place) => {
            let value = place.into_mut();
            *value = T::default();
            value
        }
    };
    std::ptr::from_mut(value).cast()
}
