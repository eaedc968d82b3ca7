//! JSON as the generator reads it: `parse` turns bytes into a tree that keeps the order of keys, and a `Cursor` over
//! that tree knows its location and which keys were read. `JsonReader` is the reader for documents that belong to no
//! service. Knows no service.

mod cursor;
mod depth;
mod parse;
mod pointer;
pub(crate) mod reader;

pub use cursor::{Cursor, read};
pub use depth::check_depth;
pub use parse::parse;

/// Something wrong in a JSON document: the JSON pointer to it (RFC 6901, empty for the whole document) and a message.
pub type JsonProblem = (String, String);
/// A map that keeps the order of the file.
pub type Map<T> = indexmap::IndexMap<String, T>;
pub use serde_json::{Number, Value};

/// The JSON type of a value, as messages name it.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
