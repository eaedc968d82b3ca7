//! What is wrong with a frame, and the limits that it may break. Knows no bytes.

use std::fmt;

use crate::{Error, ErrorKind};

/// The maximum length of all headers of a message together: 128 KiB, as in botocore (`eventstream.py`).
pub const MAX_HEADERS: usize = 128 * 1024;
/// The maximum length of a message's payload: 24 MiB, as in botocore (`eventstream.py`).
pub const MAX_PAYLOAD: usize = 24 * 1024 * 1024;

/// An error in a stream of frames, with its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameError {
    pub(super) position: u64,
    pub(super) kind: FrameErrorKind,
}

impl FrameError {
    /// The byte of the stream at which the error was found, counted from 0.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The kind of the error.
    pub fn kind(&self) -> &FrameErrorKind {
        &self.kind
    }
}

/// The kinds of malformed frames.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameErrorKind {
    /// The checksum of the two lengths does not match them.
    #[allow(missing_docs, reason = "the computed checksum, and the one in the frame")]
    PreludeChecksum { expected: u32, found: u32 },
    /// The checksum of the message does not match the bytes before it.
    #[allow(missing_docs, reason = "the computed checksum, and the one in the frame")]
    MessageChecksum { expected: u32, found: u32 },
    /// The total length is too short for the headers and the rest of the frame.
    #[allow(missing_docs, reason = "the two lengths")]
    InvalidLength { total: usize, headers: usize },
    /// The headers are longer than [`MAX_HEADERS`].
    HeadersTooLong(usize),
    /// The payload is longer than [`MAX_PAYLOAD`].
    PayloadTooLong(usize),
    /// A header runs past the end of the headers.
    HeaderTruncated,
    /// A header's name is empty or not valid UTF-8.
    InvalidHeaderName,
    /// A header has an unknown type.
    UnknownHeaderType(u8),
    /// The string of a header is not valid UTF-8.
    HeaderNotUtf8,
    /// Two headers have this name.
    DuplicateHeader(String),
    /// The stream ended within a frame.
    #[allow(missing_docs, reason = "the number of bytes, at least")]
    Truncated { missing: usize },
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid event-stream message at byte {}: ", self.position)?;
        match &self.kind {
            FrameErrorKind::PreludeChecksum { expected, found } => {
                write!(f, "the checksum of its lengths is {found:#010X}, expected {expected:#010X}")
            }
            FrameErrorKind::MessageChecksum { expected, found } => {
                write!(f, "its checksum is {found:#010X}, expected {expected:#010X}")
            }
            FrameErrorKind::InvalidLength { total, headers } => {
                write!(f, "its length of {total} bytes is too short for headers of {headers} bytes")
            }
            FrameErrorKind::HeadersTooLong(length) => write!(f, "headers of {length} bytes, the maximum is 128 KiB"),
            FrameErrorKind::PayloadTooLong(length) => write!(f, "a payload of {length} bytes, the maximum is 24 MiB"),
            FrameErrorKind::HeaderTruncated => f.write_str("a header runs past the end of the headers"),
            FrameErrorKind::InvalidHeaderName => f.write_str("a header's name is empty or not valid UTF-8"),
            FrameErrorKind::UnknownHeaderType(code) => write!(f, "unknown header type {code:#04X}"),
            FrameErrorKind::HeaderNotUtf8 => f.write_str("the string of a header is not valid UTF-8"),
            FrameErrorKind::DuplicateHeader(name) => write!(f, "duplicate header {name:?}"),
            FrameErrorKind::Truncated { missing } => {
                write!(f, "the stream ended within a frame: at least {missing} bytes are missing")
            }
        }
    }
}

impl std::error::Error for FrameError {}

impl From<FrameError> for Error {
    fn from(error: FrameError) -> Self {
        let kind = match error.kind {
            FrameErrorKind::PreludeChecksum { .. } | FrameErrorKind::MessageChecksum { .. } => ErrorKind::Checksum,
            FrameErrorKind::Truncated { .. } => ErrorKind::Io,
            _ => ErrorKind::Parse,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
