//! A call: from a typed input to a typed output, through validation, endpoint, protocol, checksum, signature and retries.
//!
//! Generic outside ([`request`]), erased inside: `prepare` makes a request of an input without waiting, `execute`
//! signs and sends it until it succeeds or the retry policy gives up. Knows no session and no service.

pub(crate) mod address;
mod bearer;
mod bucket;
mod compress;
pub mod core;
mod events;
mod execute;
mod form;
mod integrity;
mod options;
pub(crate) mod prepare;
pub(crate) mod presign;
mod presigned_url;
pub mod request;
mod skew;
mod special;
pub mod tokens;
mod trace;
pub(crate) mod user_agent;

pub use crate::operation::{Info, Operation, Plan};
pub use core::{Core, LazyRules, Provider, Service};
pub use form::PresignedForm;
pub use options::Options;
#[doc(hidden)]
pub use prepare::host_prefix;
pub use presign::PresignedRequest;
pub use request::{Call, Metadata};
