//! Converts the HTML of AWS's documentation to Markdown for rustdoc. Knows no model and no Rust code.

mod block;
mod html;
mod inline;
mod markdown;
mod piece;
mod summary;

pub use markdown::{markdown, with_lead};
pub use summary::{plain_summary, summary};
