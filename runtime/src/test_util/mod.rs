//! Doubles of everything a call meets outside: a server, an HTTP client, the clock, chance and sleep. For tests of clients
//! and of programs that use them; knows no service.

mod client;
mod clock;
mod dynamic;
mod reply;
mod server;

pub use client::ScriptedClient;
pub use clock::{FixedClock, RecordedSleep};
pub use dynamic::DynamicClient;
pub use reply::Reply;
pub use server::{MockServer, Received};
