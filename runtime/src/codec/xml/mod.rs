//! XML: writes structures as elements and reads them. Knows no protocol.

mod read;
mod scan;
#[cfg(test)]
mod scan_tests;
#[cfg(test)]
mod tests;
mod write;

pub use read::Document;
pub use scan::{Scanner, Start, text};
pub use write::write_element;
pub(crate) use write::{write_members, write_string};
