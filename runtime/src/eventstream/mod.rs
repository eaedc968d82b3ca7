//! Messages of `application/vnd.amazon.eventstream`: decodes them from bytes that arrive in pieces, and encodes them.
//! Knows neither the meaning of a message nor the transport.

mod frame;
mod header;

pub use frame::{Decoder, FrameError, FrameErrorKind, MAX_HEADERS, MAX_PAYLOAD, Message};
pub use header::{EventHeaderValue, Headers};

/// The media type of a body that consists of event-stream messages.
pub const MEDIA_TYPE: &str = "application/vnd.amazon.eventstream";
