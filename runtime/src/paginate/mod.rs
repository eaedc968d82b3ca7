//! Paginators: streams of pages and of their items. Tokens are copied from a response to the next input by the paths of
//! the model.
//!
//! Knows no service; how an operation paginates is one descriptor (`plan`).

mod cycle;
mod items;
mod pages;
mod plan;
mod search;
mod token;

pub use items::Items;
pub use pages::Pages;
pub use search::Search;

use crate::call::{Operation, Request};

/// An operation whose output is paginated. Implemented by generated code, and by no other: it may gain members.
pub trait Paginated: Operation<Input: Clone + Send, Output: Send> {
    /// How the operation paginates: lines `token INPUT-MEMBER path`, `more path`, `limit INPUT-MEMBER`, `items
    /// OUTPUT-MEMBER.MEMBER`; the paths are in the notation of [`jmespath`](crate::jmespath). The first of the `items` is the
    /// main list.
    #[doc(hidden)]
    const PAGES: &'static str;
}

impl<O: Paginated> Request<O> {
    /// Returns a paginator: a stream of the pages of the output. A page is requested when the stream is polled.
    pub fn pages(self) -> Pages<O> {
        Pages::new(self)
    }
}
