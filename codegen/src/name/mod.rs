//! Names: from the words of AWS to identifiers of Rust. Knows strings only: no model, no tokens.
//!
//! Build a name in two steps: join its words ([`snake`], [`pascal`], [`screaming`]), add to them what the name needs
//! (`wait_`, `Input`), and only then [`escape`] it and claim it in its [`Scope`].

mod case;
mod keyword;
mod scope;
mod words;

pub use case::{pascal, screaming, snake};
pub use keyword::{escape, escape_type};
pub use scope::Scope;
pub use words::xform_name;
