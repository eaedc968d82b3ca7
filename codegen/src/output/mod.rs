//! Items to text and text to disk: the floor that formats files, and writes or checks them. Knows no model and no service.

mod disk;
mod file;
mod format;
mod invocation;

pub use disk::{Stale, Summary, check, write};
pub use file::{CrateFiles, MARK, header};
pub use format::{FormatError, format_items};
