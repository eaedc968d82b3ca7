//! Messages of `application/vnd.amazon.eventstream`: decodes them from bytes that arrive in pieces, and encodes them.
//! Knows neither the meaning of a message nor the transport.

mod failure;
mod frame;
mod header;

pub use failure::{FrameError, FrameErrorKind, MAX_HEADERS, MAX_PAYLOAD};
pub use frame::{Decoder, Message};
pub use header::{EventHeaderValue, Headers};

/// The media type of a body that consists of event-stream messages.
pub const MEDIA_TYPE: &str = "application/vnd.amazon.eventstream";
