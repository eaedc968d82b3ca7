//! The frame of `application/vnd.amazon.eventstream`: a length, headers, a payload, and two CRC-32. Knows no meaning of a
//! header and no transport.
//!
//! ```text
//! total length u32 | headers length u32 | CRC of these 8 bytes u32 | headers | payload | CRC of everything before u32
//! ```

use std::fmt;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use crc_fast::{CrcAlgorithm, checksum};

use super::header::Headers;
use crate::{Error, ErrorKind, Result};

/// How long the headers of a message may be together: 128 KiB, as in botocore.
pub const MAX_HEADERS: usize = 128 * 1024;
/// How long the payload of a message may be: 24 MiB, as in botocore.
pub const MAX_PAYLOAD: usize = 24 * 1024 * 1024;

const PRELUDE: usize = 12;
const CRC: usize = 4;

/// A message: headers and a payload.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The headers.
    pub headers: Headers,
    /// The payload.
    pub payload: Bytes,
}

impl Message {
    /// The message as a frame.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] when the payload is longer than [`MAX_PAYLOAD`].
    pub fn encode(&self) -> Result<Bytes> {
        let headers = self.headers.as_bytes();
        if self.payload.len() > MAX_PAYLOAD {
            let why = format!("an event of {} bytes: a message holds at most 24 MiB", self.payload.len());
            return Err(Error::new(ErrorKind::Validation, why));
        }
        let total = PRELUDE + headers.len() + self.payload.len() + CRC;
        let mut frame = BytesMut::with_capacity(total);
        // Both are far below 2^32: the limits hold.
        frame.put_u32(total as u32);
        frame.put_u32(headers.len() as u32);
        frame.put_u32(crc(&frame));
        frame.extend_from_slice(headers);
        frame.extend_from_slice(&self.payload);
        frame.put_u32(crc(&frame));
        Ok(frame.freeze())
    }
}

impl fmt::Debug for Message {
    /// Without the payload and the values of headers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("headers", &self.headers)
            .field("payload", &format_args!("{} bytes", self.payload.len()))
            .finish()
    }
}

/// Finds the messages in bytes that come in pieces of any size. Holds no more than what was pushed and not yet taken.
#[derive(Default)]
pub struct Decoder {
    buffer: BytesMut,
    /// Bytes of the frames that were taken.
    offset: u64,
    prelude: Option<Prelude>,
    failed: Option<FrameError>,
}

#[derive(Clone, Copy)]
struct Prelude {
    total: usize,
    headers: usize,
}

impl Decoder {
    /// A decoder at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next message, or `None` until more bytes come.
    ///
    /// # Errors
    /// What is wrong with the frame and where; the same again from then on.
    pub fn take(&mut self) -> Result<Option<Message>, FrameError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.try_take().map_err(|(at, fault)| {
            let error = FrameError { position: self.offset + at as u64, fault };
            self.buffer = BytesMut::new();
            self.failed = Some(error.clone());
            error
        })
    }

    /// Says that no more bytes come.
    ///
    /// # Errors
    /// [`FrameFault::CutOff`] within a frame.
    pub fn finish(&self) -> Result<(), FrameError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        if self.buffer.is_empty() {
            return Ok(());
        }
        let missing = self.prelude.map_or(PRELUDE, |it| it.total).saturating_sub(self.buffer.len());
        Err(FrameError { position: self.offset + self.buffer.len() as u64, fault: FrameFault::CutOff { missing } })
    }

    fn try_take(&mut self) -> Result<Option<Message>, (usize, FrameFault)> {
        let prelude = match self.prelude {
            Some(it) => it,
            None if self.buffer.len() < PRELUDE => return Ok(None),
            None => *self.prelude.insert(Prelude::read(&self.buffer)?),
        };
        if self.buffer.len() < prelude.total {
            return Ok(None);
        }
        let end = prelude.total - CRC;
        let (headers_end, frame) = (PRELUDE + prelude.headers, &self.buffer[..end]);
        let headers = Headers::decode(&frame[PRELUDE..headers_end]).map_err(|(at, fault)| (PRELUDE + at, fault))?;
        let (expected, found) = (crc(frame), (&self.buffer[end..]).get_u32());
        if expected != found {
            return Err((end, FrameFault::MessageChecksum { expected, found }));
        }
        let mut frame = self.buffer.split_to(prelude.total);
        frame.truncate(end);
        frame.advance(headers_end);
        self.prelude = None;
        self.offset += prelude.total as u64;
        Ok(Some(Message { headers, payload: frame.freeze() }))
    }
}

impl Prelude {
    /// Lengths are judged before anything is made room for.
    fn read(mut bytes: &[u8]) -> Result<Self, (usize, FrameFault)> {
        let expected = crc(&bytes[..8]);
        let (total, headers, found) = (bytes.get_u32(), bytes.get_u32(), bytes.get_u32());
        if expected != found {
            return Err((8, FrameFault::PreludeChecksum { expected, found }));
        }
        let (total, headers) = (total as usize, headers as usize);
        if headers > MAX_HEADERS {
            return Err((4, FrameFault::HeadersTooLong(headers)));
        }
        match total.checked_sub(PRELUDE + headers + CRC) {
            None => Err((0, FrameFault::Length { total, headers })),
            Some(payload) if payload > MAX_PAYLOAD => Err((0, FrameFault::PayloadTooLong(payload))),
            Some(_) => Ok(Self { total, headers }),
        }
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("offset", &self.offset).field("held", &self.buffer.len()).finish()
    }
}

fn crc(bytes: &[u8]) -> u32 {
    checksum(CrcAlgorithm::Crc32IsoHdlc, bytes) as u32
}

/// What is wrong with a stream of frames, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameError {
    position: u64,
    fault: FrameFault,
}

impl FrameError {
    /// The byte of the stream at which it shows, counted from 0.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// What is wrong.
    pub fn fault(&self) -> &FrameFault {
        &self.fault
    }
}

/// What can be wrong with a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameFault {
    /// The checksum of the two lengths is another than that of the bytes before it.
    #[expect(missing_docs, reason = "what was computed, and what the frame says")]
    PreludeChecksum { expected: u32, found: u32 },
    /// The checksum of the message is another than that of the bytes before it.
    #[expect(missing_docs, reason = "what was computed, and what the frame says")]
    MessageChecksum { expected: u32, found: u32 },
    /// The total length is too short for what it must hold.
    #[expect(missing_docs, reason = "the two lengths")]
    Length { total: usize, headers: usize },
    /// The headers are longer than [`MAX_HEADERS`].
    HeadersTooLong(usize),
    /// The payload is longer than [`MAX_PAYLOAD`].
    PayloadTooLong(usize),
    /// A header runs past the end of the headers.
    HeaderCutOff,
    /// A header's name is empty or no UTF-8.
    HeaderName,
    /// A header is of a type that nobody knows.
    HeaderType(u8),
    /// The text of a header is no UTF-8.
    HeaderText,
    /// Two headers have this name.
    DuplicateHeader(String),
    /// The stream ended within a frame.
    #[expect(missing_docs, reason = "how many bytes, at least")]
    CutOff { missing: usize },
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event message at byte {}: ", self.position)?;
        match &self.fault {
            FrameFault::PreludeChecksum { expected, found } => {
                write!(f, "the checksum of its lengths is {expected:#010X}, not {found:#010X}")
            }
            FrameFault::MessageChecksum { expected, found } => {
                write!(f, "its checksum is {expected:#010X}, not {found:#010X}")
            }
            FrameFault::Length { total, headers } => {
                write!(f, "its length of {total} bytes has no room for headers of {headers} bytes")
            }
            FrameFault::HeadersTooLong(length) => write!(f, "headers of {length} bytes, but at most 128 KiB are read"),
            FrameFault::PayloadTooLong(length) => write!(f, "a payload of {length} bytes, but at most 24 MiB are read"),
            FrameFault::HeaderCutOff => f.write_str("a header runs past the end of the headers"),
            FrameFault::HeaderName => f.write_str("a header's name is empty or no UTF-8"),
            FrameFault::HeaderType(code) => write!(f, "a header of the unknown type {code:#04X}"),
            FrameFault::HeaderText => f.write_str("the text of a header is no UTF-8"),
            FrameFault::DuplicateHeader(name) => write!(f, "two headers have the name {name:?}"),
            FrameFault::CutOff { missing } => {
                write!(f, "the stream ended within a frame, at least {missing} bytes early")
            }
        }
    }
}

impl std::error::Error for FrameError {}

impl From<FrameError> for Error {
    fn from(error: FrameError) -> Self {
        let kind = match error.fault {
            FrameFault::PreludeChecksum { .. } | FrameFault::MessageChecksum { .. } => ErrorKind::Checksum,
            FrameFault::CutOff { .. } => ErrorKind::Io,
            _ => ErrorKind::Parse,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
