//! A call: from a typed input to a typed output, through validation, endpoint resolution, protocol, checksum, signature
//! and retries.
//!
//! Generic outside ([`request`]), type-erased inside: [`pipeline`] shows the stages and what they hand on. Nothing
//! branches on a service's name; S3 behaviour is switched by descriptors: [`Service`], the annotations of an operation and
//! the endpoint rule set. A session is known only as [`SessionParts`].

pub(crate) mod address;
mod attempts;
mod bucket;
mod build;
mod client_state;
mod compress;
mod context;
mod cross_region_presign;
mod customization;
mod deadline;
mod discovered;
mod discovery;
mod endpoint_cache;
mod events;
mod exchange;
mod hook_places;
mod identity;
mod input;
pub(crate) mod integrity;
mod learned;
mod metadata;
mod options;
mod output;
pub(crate) mod pipeline;
mod presign;
mod presigned_post;
mod recursion_detection;
mod redirect;
mod request;
mod response;
mod scheme;
mod service;
mod session_key;
mod session_parts;
mod sessions;
mod signature;
mod skew;
mod trace;
pub(crate) mod user_agent;
mod verdict;

pub use crate::operation::{Operation, OperationDescriptor, OperationPlan};
#[doc(hidden)]
pub use build::host_prefix;
pub use client_state::ClientState;
#[doc(hidden)]
pub use customization::ENCODED_SOURCE;
#[cfg(any(test, feature = "testing"))]
pub(crate) use customization::encode_output;
pub(crate) use deadline::Deadline;
pub use metadata::ResponseMetadata;
pub use options::Options;
pub use presign::PresignedRequest;
pub use presigned_post::PresignedPost;
pub use request::Request;
/// What is sent is a request to its caller and a call to the runtime, which knows HTTP requests too.
pub(crate) use request::Request as Call;
pub use service::{LazyOperation, LazyRules, Service};
pub use session_parts::SessionParts;
