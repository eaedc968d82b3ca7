//! A call: from a typed input to a typed output, through validation, endpoint resolution, protocol, checksum, signature
//! and retries.
//!
//! Generic outside ([`request`]), type-erased inside: `prepare` builds a request from an input without waiting,
//! `execute` signs and sends it until it succeeds or the retry policy gives up. Nothing branches on a service's name;
//! S3 behaviour is switched by descriptors: [`Service`], the annotations of an operation and the endpoint rule set. A
//! session is known only as [`SessionParts`].

mod bearer;
mod bucket;
pub mod client_state;
mod compress;
mod cross_region_presign;
mod customization;
pub mod db_auth_token;
pub(crate) mod deadline;
mod endpoint_cache;
mod events;
mod execute;
mod integrity;
mod options;
pub(crate) mod prepare;
pub(crate) mod presign;
mod presigned_post;
mod recursion_detection;
pub mod request;
pub(crate) mod resolve_endpoint;
mod response;
mod skew;
pub(crate) mod user_agent;

pub use crate::operation::{Operation, OperationDescriptor, OperationPlan};
pub use client_state::{ClientState, LazyRules, Service, SessionParts};
#[doc(hidden)]
pub use customization::ENCODED_SOURCE;
pub use options::Options;
#[doc(hidden)]
pub use prepare::host_prefix;
pub use presign::PresignedRequest;
pub use presigned_post::PresignedPost;
/// What is sent is a request to its caller and a call to the runtime, which knows HTTP requests too.
pub(crate) use request::Request as Call;
pub use request::{Request, ResponseMetadata};
