//! Test doubles of what a call depends on: a server, an HTTP client, the clock and sleep. For tests of clients and of
//! programs that use them. Knows no service.
//!
//! What otherwise only a service makes: an error by [`ServiceError`], metadata by
//! [`ResponseMetadata::new`](crate::ResponseMetadata::new), events by
//! [`EventStream::from_results`](crate::EventStream::from_results).

mod client;
mod clock;
pub(crate) mod dynamic;
mod reply;
mod server;
mod service_error;
mod signature;
pub(crate) mod waiters;

pub use client::ScriptedClient;
pub use clock::{FixedClock, RecordedSleep};
pub use reply::Reply;
pub use server::{MockServer, ReceivedRequest};
pub use service_error::ServiceError;
pub use signature::credentials;
