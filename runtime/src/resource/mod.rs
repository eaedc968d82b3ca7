//! The resource layer, boto3's third idea: what generated resources have in common. A resource is a client and
//! identifiers; making one calls nothing. Attributes exist on a resource that was loaded, and only there.
//!
//! Knows no service: requests are whatever can be awaited, resources whatever is made of their answers.

mod action;
mod batch;
mod collection;
mod door;

pub use action::Action;
pub use batch::Requests;
pub use collection::{Chunks, Collection, PageStream, once, pages};

use crate::error::Result;
use crate::http::BoxFuture;

#[doc(hidden)]
pub use crate::{
    __resource as resource, __resource_data as data, __resource_layer as layer, __resource_load as load,
    __resource_root as root,
};

/// A resource that has attributes. Implemented by generated code.
pub trait Attributes {
    /// The structure of the client that holds them.
    type Data;
}

/// A resource whose attributes can be fetched. Implemented by generated code.
pub trait Load: Attributes {
    /// Fetches the attributes.
    fn fetch(&self) -> BoxFuture<'static, Result<Self::Data>>;
}
