//! Names: from the names in AWS's models to Rust identifiers. Knows strings only: no model, no tokens.
//!
//! Build a name in two steps: first join its words ([`snake`], [`pascal`], [`screaming`]) and add a prefix or suffix
//! (`wait_`, `Input`), then [`escape`] it and claim it in its [`Scope`].

mod case;
mod keyword;
mod scope;
mod words;

pub use case::{pascal, screaming, snake};
pub use keyword::{escape, escape_type};
pub use scope::Scope;
pub use words::xform_name;
