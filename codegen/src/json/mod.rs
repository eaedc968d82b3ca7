//! JSON as the generator reads it: bytes into an order-keeping tree (`parse`), and a `Cursor` over that tree which knows
//! its place and which keys were asked for. Nothing in here knows what a service is.

mod cursor;
mod parse;
mod way;

pub use cursor::{Cursor, read};
pub use parse::parse;

/// A map that keeps the order of the file.
pub type Map<T> = indexmap::IndexMap<String, T>;
pub use serde_json::{Number, Value};
