//! The resource layer, as in boto3: what generated resources have in common. A resource is a client and identifiers;
//! creating one sends no request. Only a loaded resource has attributes.
//!
//! Knows no service: a request is any type that can be awaited, a resource any type that is created from its response.

mod action;
mod batch;
mod batch_macros;
mod collection;
mod elements;
mod macros;

#[doc(hidden)]
pub use action::Action;
#[doc(hidden)]
pub use batch::BatchRequests;
#[doc(hidden)]
pub use collection::{Collection, PageStream, once, pages};
pub use collection::{ResourcePages, ResponseStream};
pub use elements::BatchElement;
#[doc(hidden)]
pub use elements::Elements;

use crate::BoxFuture;
use crate::error::Result;
#[doc(hidden)]
pub use crate::{
    __resource as resource, __resource_batch_element as batch_element, __resource_batches as batches,
    __resource_data as data, __resource_layer as layer, __resource_load as load, __resource_root as root,
};

/// A resource that has attributes. Implemented by generated code, and by no other: it may gain members.
pub trait Attributes {
    /// The structure of the client crate that holds the attributes.
    type Data;
}

/// A resource whose attributes can be fetched. Implemented by generated code.
pub trait Load: Attributes {
    /// Fetches the attributes.
    fn fetch(&self) -> BoxFuture<'static, Result<Self::Data>>;
}
