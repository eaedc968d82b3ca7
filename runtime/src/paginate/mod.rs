//! Pages and their items as streams: tokens go from an answer to the next input by the paths of the model.
//!
//! Knows no service; what an operation's pages look like is one description (`plan`).

mod items;
mod pages;
mod plan;
mod token;

pub use items::Items;
pub use pages::Pages;

use crate::call::Operation;

/// An operation whose answer comes in pages. Implemented by generated code.
pub trait Paginated: Operation<Input: Clone + Send, Output: Send> {
    /// How the pages hang together: lines `token INPUT-MEMBER path`, `more path`, `limit INPUT-MEMBER`; the paths are in
    /// the notation of [`jmespath`](crate::jmespath).
    const PAGES: &'static str;
}
