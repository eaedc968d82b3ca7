//! Test doubles of what a call depends on: a server, an HTTP client, the clock and sleep. For tests of clients and of
//! programs that use them. Knows no service.

mod client;
mod clock;
pub(crate) mod dynamic;
mod reply;
mod server;
mod signature;
pub(crate) mod waiters;

pub use client::ScriptedClient;
pub use clock::{FixedClock, RecordedSleep};
pub use reply::Reply;
pub use server::{MockServer, ReceivedRequest};
pub use signature::credentials;
