//! A call: from a typed input to a typed output, through validation, endpoint, protocol, checksum, signature and retries.
//!
//! Generic outside ([`request`]), erased inside: `prepare` makes a request of an input without waiting, `execute`
//! signs and sends it until it succeeds or the retry policy gives up. Knows no session and no service.

mod address;
pub mod core;
mod execute;
mod integrity;
mod options;
mod prepare;
mod presign;
pub mod request;

pub use crate::operation::{Info, Operation, Plan};
pub use core::{Core, Customization, LazyRules, Provider, Service};
pub use options::Options;
pub use presign::PresignedRequest;
pub use request::{Call, Metadata};
