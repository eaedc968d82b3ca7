//! Formats items as text, and writes files to disk or checks them. Knows no model and no service.

mod disk;
mod file;
mod format;
mod invocation;

pub use disk::{StaleFile, Summary, check, write};
pub use file::{CrateFiles, GENERATED_MARKER, header};
pub use format::{FormatError, format_items};
