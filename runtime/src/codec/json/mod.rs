//! JSON: writes structures as objects and reads them. Knows no protocol.

mod fields;
mod mend;
mod read;
mod scalar;
#[cfg(test)]
mod tests;
mod value;
mod write;

pub use fields::fields;
pub use read::{read, read_member};
pub(crate) use value::value;
pub(crate) use write::write_members;
pub use write::{write, write_value};
