//! For tests of programs that call services, without a service: the feature `testing` of this crate. No crate of a service
//! needs a feature. Knows no service.
//!
//! | to | use |
//! |---|---|
//! | respond to calls, typed by the operation | [`Stub`] |
//! | record calls to services in a file, and respond from there | [`Recording`] |
//! | put faults into calls, to test retries | [`Faults`] |
//! | respond to requests with status, headers and body | [`ScriptedClient`] |
//! | set the clock, and see the pauses between attempts | [`FixedClock`], [`RecordedSleep`]; a stub has both |
//!
//! What otherwise only a service makes: an error by [`ServiceError`], metadata by
//! [`ResponseMetadata::new`](crate::ResponseMetadata::new), events by
//! [`EventStream::from_results`](crate::EventStream::from_results).

mod body_fault;
mod client;
mod clock;
mod exchange;
mod faults;
mod received;
mod recording;
mod reply;
mod responder;
mod rule;
mod secret_text;
mod service_error;
mod stub;

pub use client::{ScriptedClient, credentials};
pub use clock::{FixedClock, RecordedSleep};
pub use faults::{Fault, Faults};
pub use received::ReceivedRequest;
pub use recording::{Mode, Recording};
pub use reply::Reply;
pub use rule::Rule;
pub use service_error::ServiceError;
pub use stub::Stub;

/// Takes the events of a request as they come, beside the response.
fn drain(body: crate::http::Body) {
    if let Ok(runtime) = crate::tokio_runtime::current() {
        let mut stream = body.into_stream();
        runtime.spawn(async move { while let Ok(Some(_)) = stream.try_next().await {} });
    }
}
