//! Event streams: frames, responses that arrive event by event, exchanges in both directions, and every event union of
//! every model.

mod duplex;
mod frames;
mod laws;
mod responses;
mod speed;

use aws_core::config::Environment;
use aws_core::internals::eventstream::{EventHeaderValue, Message};
use aws_core::session::Random;
use aws_core::testing::{FixedClock, RecordedSleep};
use aws_core::{Credentials, Session, SessionBuilder};

/// 2026-01-02T03:04:05Z.
const NOW: u64 = 1_767_323_045;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A session that reads neither the environment nor files.
fn session() -> SessionBuilder {
    Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", SECRET).with_session_token("the-session-token"))
        .clock(FixedClock::from_secs(NOW).clock())
        .random(Random::fixed(1.0))
        .sleep(RecordedSleep::new().sleep())
}

/// A message with these headers, which are strings.
fn message(headers: &[(&str, &str)], payload: &str) -> Message {
    let mut message = Message { payload: payload.to_owned().into(), ..Message::default() };
    for (name, value) in headers {
        message.headers.push(name, EventHeaderValue::String(value)).expect("a header");
    }
    message
}

/// An event whose payload is this document.
fn event(name: &str, document: &str) -> Message {
    message(&[(":message-type", "event"), (":event-type", name)], document)
}

/// An exception whose payload is this document.
pub(crate) fn exception(name: &str, document: &str) -> Message {
    message(&[(":message-type", "exception"), (":exception-type", name)], document)
}
