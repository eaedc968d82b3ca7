//! Schemas of types: descriptions of structures, and type-erased views that read and write their fields.
//!
//! A generated structure is plain Rust plus one string that names its members, their kinds and their locations on the
//! wire ([`notation`]). The string is decoded once, at the first use of the type ([`shape`]); [`layout`] reads and
//! writes fields through it. Protocols see only [`View`] and [`Slot`]; they know no service and no concrete type.

pub(crate) mod copy;
pub(crate) mod debug;
pub mod dynamic;
pub mod enumeration;
pub mod events;
pub mod layout;
pub mod merge;
pub(crate) mod name_table;
pub mod notation;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod redact;
pub mod shape;
pub(crate) mod share;
pub mod tree;

pub mod validate;

pub use layout::{ListMut, ListView, MapMut, MapView, SchemaType, Slot, StructureMut, StructureView, Type, View};
pub use notation::Description;
pub use shape::{Kind, Location, Member, Shape, shape_of};

/// How many structures, lists, maps and documents may lie inside each other in a value that is sent or received. Readers
/// and writers recurse, so an input or a response that is nested more deeply is an error. Our choice: serde_json's limit
/// for JSON; DynamoDB, whose attributes are what users nest, stores 32 levels (developer guide, "Nested attribute
/// depth").
pub const MAX_DEPTH: usize = 128;
