//! XML: structures of shapes to elements and back.

mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::{Document, Fields};
pub use write::write_element;
