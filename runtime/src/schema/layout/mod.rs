//! The one module that reads and writes fields through descriptions. It knows memory layout and kinds. Knows no
//! protocol.
//!
//! # Why this is sound
//!
//! * A [`Type`] is created only by [`SchemaType`] implementations in this module and by the macros of
//!   [`generated`](crate::generated), always from the Rust type itself, so its size, its alignment and its functions
//!   belong to that type.
//! * Structures are `#[repr(C)]`, so their offsets follow from the types of their members in order. The decoder
//!   computes them and rejects a description whose size or alignment differs from the structure's own.
//! * A scalar type in a description (`str`, `i32`, …) promises a field of the matching type. The promise is an `unsafe`
//!   block around the description, written where a macro of `generated` is used. The generator writes them, and the test
//!   suite compares every description with the fields of its structure.
//! * `enum` promises an `Option` of an enumeration, which is read as one of its string. Every crate's enumerations are of
//!   the form that a macro of `generated` writes; `check_enumeration` has the compiler compare that form with the
//!   string, value by value, and every crate compares size and alignment.
//! * A view borrows the value it reads, a slot borrows it exclusively; neither can outlive it.
//! * A slot always leaves a valid value behind: it first makes the value present and default, then assigns it, so a
//!   panic or an early return in the middle drops only initialised fields.

#![allow(unsafe_code)]

mod containers;
mod map_mut;
mod slot;
#[cfg(test)]
mod tests;
mod view;

use std::mem::MaybeUninit;

use bytes::Bytes;

pub use containers::MapKey;
pub(crate) use containers::{ListOps, MapOps};
pub use map_mut::MapMut;
pub use slot::{ListMut, Open, ScalarMut, Slot, StructureMut};
pub use view::{ListView, MapView, StructureView, View};

use super::shape::{Shape, shape_of};
use crate::schema::enumeration::{EnumString, EnumValues, FindLong, NO_LONG, find_long};
use crate::schema::events::{EventInput, EventStream, Incoming, Outgoing};
use crate::types::{ByteStream, Document, Timestamp};

/// A Rust type that a member, a list element or a map value may have: a structure or union with a description, or one
/// of the types of this module.
///
/// # Safety
///
/// [`TYPE`](SchemaType::TYPE) must describe exactly `Self`. A structure is `#[repr(C)]` (a union `#[repr(C, u8)]`) and
/// its members are those of [`DESCRIPTION`](SchemaType::DESCRIPTION), in order. A union's first variant holds a
/// `String`, an empty one is the default, and the description leaves that variant out.
pub unsafe trait SchemaType: Default + 'static {
    /// The description of a structure or union, decoded at first use.
    const DESCRIPTION: super::Description = super::Description::NONE;
    /// The type without its name, as the layout code uses it.
    const TYPE: Type = Type::structure::<Self>();
}

/// Creates a default structure or union: every member absent, empty or zero; no member of a union set.
pub fn empty<T: SchemaType>() -> T {
    let mut value = MaybeUninit::<T>::uninit();
    let it = value.as_mut_ptr().cast::<()>();
    if const { T::DESCRIPTION.is_union() } {
        // SAFETY: tag 0 and the `String` behind it are an unset union. `repr(C, u8)` puts the payloads behind the tag
        // at the alignment of the most demanding one, which is that of the union.
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
    unsafe { value.assume_init() }
}

/// A type without its name: size, alignment, functions that create a default value, and access to the values inside.
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
    Enum(FindLong),
    Bool,
    I32,
    I64,
    F32,
    F64,
    Timestamp,
    Blob,
    Document,
    Stream,
    Events(&'static EventOps, ShapeSource),
    Structure(ShapeSource),
    Option(&'static OptionOps, &'static Type),
    Boxed(&'static BoxOps, &'static Type),
    List(&'static ListOps, &'static Type),
    Map(&'static MapOps, &'static Type),
}

/// The source of a nested shape: the decoder of a Rust type, or a cell that a dynamic schema fills.
#[derive(Clone, Copy)]
pub(crate) enum ShapeSource {
    Native(fn() -> &'static Shape),
    Dynamic(&'static std::sync::OnceLock<&'static Shape>),
}

/// Assigns the default value, dropping the old one.
pub(crate) type Reset = unsafe fn(*mut ());

/// How to access an event stream: `set` gives the stream of an output its events, `take` takes the events of an input.
pub(crate) struct EventOps {
    set: unsafe fn(*mut (), Box<dyn Incoming>),
    take: unsafe fn(*mut ()) -> Option<Box<dyn Outgoing>>,
    /// Whether this is the stream of an output.
    #[cfg_attr(not(any(test, feature = "testing")), expect(dead_code, reason = "for stubs"))]
    incoming: bool,
}

impl EventOps {
    /// For dynamic values, which contain no event streams.
    pub(crate) const NONE: Self = Self { set: |_, _| {}, take: |_| None, incoming: false };
}

pub(crate) struct OptionOps {
    get: unsafe fn(*const ()) -> *const (),
    make: unsafe fn(*mut ()) -> *mut (),
}

pub(crate) struct BoxOps {
    get: unsafe fn(*const ()) -> *const (),
}

impl Type {
    /// Returns the type of a structure or union.
    pub const fn structure<T: SchemaType>() -> Self {
        Self::with_repr::<T>(Repr::Structure(ShapeSource::Native(shape_of::<T>)))
    }

    /// Returns the type of the string enumeration with the tag `N`: a transparent wrapper of [`EnumString`].
    pub const fn enumeration<T: Default + 'static, N: EnumValues>() -> Self {
        assert!(size_of::<T>() == size_of::<EnumString>() && size_of::<Option<T>>() == size_of::<Option<EnumString>>());
        Self::with_repr::<T>(Repr::Enum(find_long::<N>))
    }

    const fn with_repr<T: Default>(repr: Repr) -> Self {
        Self { size: size_of::<T>(), align: align_of::<T>(), init: init::<T>, reset: reset::<T>, repr }
    }

    /// Returns the type that `notation` names in descriptions; `None` for types that need a link.
    pub(crate) fn from_notation(notation: &str) -> Option<Self> {
        Some(match notation {
            "str" => <Option<String>>::TYPE,
            // Stands for `Option<E>` of every string enumeration E whose known values are all held in place.
            "enum" => <Option<EnumString>>::TYPE,
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
            "[str]" => <crate::types::List<String>>::TYPE,
            "{str}" => <crate::types::Map<String, String>>::TYPE,
            _ => return None,
        })
    }

    /// Whether the type is a structure or a union.
    pub(crate) const fn is_structure(&self) -> bool {
        matches!(self.repr, Repr::Structure(_))
    }

    /// Whether the type is [`Document`].
    pub(crate) const fn is_document(&self) -> bool {
        matches!(self.repr, Repr::Document)
    }

    /// Returns the type inside `Option`, which a union's variant holds.
    pub(crate) fn unwrapped(self) -> Self {
        match self.repr {
            Repr::Option(_, inner) => *inner,
            _ => self,
        }
    }
}

/// Fails to compile unless `Option<T>` has the layout of `Option<EnumString>`: `samples` are nothing and the constants
/// `short` and [`LONG_SAMPLE`], and are read as what the notation's `enum` takes them for.
///
/// Only for constants: the compiler rejects a constant that reads a value of another layout.
pub(crate) const fn check_enumeration<T>(samples: [Option<T>; 3]) {
    assert!(size_of::<Option<T>>() == size_of::<Option<EnumString>>());
    assert!(align_of::<Option<T>>() == align_of::<Option<EnumString>>());
    let samples = std::mem::ManuallyDrop::new(samples);
    // SAFETY: size and alignment are equal, and a constant in which anything else differs does not compile.
    let strings = unsafe { &*std::ptr::from_ref(&samples).cast::<[Option<EnumString>; 3]>() };
    let [None, Some(short), Some(long)] = strings else { panic!("an enumeration has another layout than its string") };
    assert!(matches!(short.as_str().as_bytes(), b"short"));
    assert!(matches!(long.as_str().as_bytes(), b"longer than what is held in place"));
}

/// Constants for [`check_enumeration`].
pub(crate) const SHORT_SAMPLE: EnumString = EnumString::known("short");
pub(crate) const LONG_SAMPLE: EnumString = EnumString::known("longer than what is held in place");

macro_rules! scalar {
    ($($ty:ty => $repr:ident,)*) => {$(
        // SAFETY: the representation names the type.
        unsafe impl SchemaType for $ty {
            const TYPE: Type = Type::with_repr::<$ty>(Repr::$repr);
        }
    )*};
}

// SAFETY: the representation names the type.
unsafe impl SchemaType for EnumString {
    const TYPE: Type = Type::with_repr::<EnumString>(Repr::Enum(NO_LONG));
}

scalar! {
    String => String,
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
unsafe impl<T: SchemaType> SchemaType for EventStream<T> {
    const TYPE: Type = Type::with_repr::<Self>(Repr::Events(
        &const { EventOps { set: set_events::<T>, take: |_| None, incoming: true } },
        ShapeSource::Native(shape_of::<T>),
    ));
}

unsafe impl<T: SchemaType> SchemaType for EventInput<T> {
    const TYPE: Type = Type::with_repr::<Self>(Repr::Events(
        &const { EventOps { set: |_, _| {}, take: take_events::<T>, incoming: false } },
        ShapeSource::Native(shape_of::<T>),
    ));
}

// SAFETY (both below): all functions are those of the type itself.
unsafe impl<T: SchemaType> SchemaType for Option<T> {
    const TYPE: Type = Type::with_repr::<Self>(Repr::Option(
        &const { OptionOps { get: option_get::<T>, make: option_make::<T> } },
        &T::TYPE,
    ));
}

unsafe impl<T: SchemaType> SchemaType for Box<T> {
    const TYPE: Type = Type::with_repr::<Self>(Repr::Boxed(&const { BoxOps { get: box_get::<T> } }, &T::TYPE));
}

// The functions behind the tables. Each takes a pointer to a live value of the type it is instantiated for (`init`:
// to uninitialised memory of its layout) and returns a pointer into that value.

unsafe fn init<T: Default>(pointer: *mut ()) {
    // SAFETY: `pointer` is writable and aligned for `T`; the default is complete before the write.
    unsafe { pointer.cast::<T>().write(T::default()) }
}

unsafe fn reset<T: Default>(pointer: *mut ()) {
    // SAFETY: `pointer` points to a live `T`, borrowed exclusively.
    unsafe { *pointer.cast::<T>() = T::default() }
}

unsafe fn set_events<T>(pointer: *mut (), source: Box<dyn Incoming>) {
    // SAFETY: `pointer` points to a live `EventStream<T>`, borrowed exclusively.
    unsafe { *pointer.cast::<EventStream<T>>() = EventStream::new(source) }
}

unsafe fn take_events<T>(pointer: *mut ()) -> Option<Box<dyn Outgoing>> {
    // SAFETY: `pointer` points to a live `EventInput<T>`, borrowed exclusively.
    unsafe { &mut *pointer.cast::<EventInput<T>>() }.take()
}

unsafe fn option_get<T>(pointer: *const ()) -> *const () {
    // SAFETY: `pointer` points to a live `Option<T>`.
    match unsafe { &*pointer.cast::<Option<T>>() } {
        Some(inner) => std::ptr::from_ref(inner).cast(),
        None => std::ptr::null(),
    }
}

unsafe fn option_make<T: Default>(pointer: *mut ()) -> *mut () {
    // SAFETY: `pointer` points to a live `Option<T>`, borrowed exclusively.
    let inner = unsafe { &mut *pointer.cast::<Option<T>>() }.get_or_insert_default();
    std::ptr::from_mut(inner).cast()
}

#[expect(
    clippy::extra_unused_type_parameters,
    reason = "has the signature of the other functions, which all take the type"
)]
unsafe fn box_get<T>(pointer: *const ()) -> *const () {
    // SAFETY: `pointer` points to a live `Box<T>`, which is one pointer to its value. Reading that pointer instead of
    // making a reference keeps it usable for writing when the box is borrowed exclusively.
    unsafe { *pointer.cast::<*const ()>() }
}
