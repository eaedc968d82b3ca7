//! Messages of `application/vnd.amazon.eventstream`: frames in bytes that come in pieces, and bytes of messages. Knows
//! neither what a message says nor how it travels.

mod frame;
mod header;

pub use frame::{Decoder, FrameError, FrameFault, MAX_HEADERS, MAX_PAYLOAD, Message};
pub use header::{HeaderValue, Headers};

/// The media type of a body of messages.
pub const MEDIA_TYPE: &str = "application/vnd.amazon.eventstream";
