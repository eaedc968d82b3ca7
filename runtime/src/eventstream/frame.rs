//! The frame of `application/vnd.amazon.eventstream`: lengths, headers, a payload and two CRC-32s. Knows neither the
//! meaning of headers nor the transport.
//!
//! ```text
//! total length u32 | headers length u32 | CRC of these 8 bytes u32 | headers | payload | CRC of everything before u32
//! ```

use std::fmt;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use crc32fast::hash as crc;

use super::failure::{FrameError, FrameErrorKind, MAX_HEADERS, MAX_PAYLOAD};
use super::header::Headers;
use crate::{Error, ErrorKind, Result};

/// Bytes of the two lengths and their checksum.
const PRELUDE_LEN: usize = 12;
/// Bytes of a CRC-32.
const CRC_LEN: usize = 4;

/// A message of an event stream.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The headers.
    pub headers: Headers,
    /// The payload.
    pub payload: Bytes,
}

impl Message {
    /// Encodes the message as a frame.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] if the payload is longer than [`MAX_PAYLOAD`].
    pub fn encode(&self) -> Result<Bytes> {
        let headers = self.headers.as_bytes();
        if self.payload.len() > MAX_PAYLOAD {
            let why = format!("the event payload is too long: {} bytes, the maximum is 24 MiB", self.payload.len());
            return Err(Error::new(ErrorKind::Validation, why));
        }
        let total = PRELUDE_LEN + headers.len() + self.payload.len() + CRC_LEN;
        let mut frame = BytesMut::with_capacity(total);
        // Both are far below 2^32 because of the maximum lengths.
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

/// Decodes messages from bytes that arrive in pieces of any size. Buffers only the bytes that were pushed and not yet
/// taken.
#[derive(Default)]
pub struct Decoder {
    buffer: BytesMut,
    /// Total length of the frames that were taken.
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

    /// Appends the next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// Takes the next message; `None` if more bytes are needed.
    ///
    /// # Errors
    /// A malformed frame. Every later call returns the same error.
    pub fn take(&mut self) -> Result<Option<Message>, FrameError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.try_take().map_err(|(position, kind)| {
            let error = FrameError { position: self.offset + position as u64, kind };
            self.buffer = BytesMut::new();
            self.failed = Some(error.clone());
            error
        })
    }

    /// Ends the stream: no more bytes follow.
    ///
    /// # Errors
    /// [`FrameErrorKind::Truncated`] if the stream ends within a frame.
    pub fn finish(&self) -> Result<(), FrameError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        if self.buffer.is_empty() {
            return Ok(());
        }
        let missing = self.prelude.map_or(PRELUDE_LEN, |it| it.total).saturating_sub(self.buffer.len());
        Err(FrameError {
            position: self.offset + self.buffer.len() as u64,
            kind: FrameErrorKind::Truncated { missing },
        })
    }

    fn try_take(&mut self) -> Result<Option<Message>, (usize, FrameErrorKind)> {
        let prelude = match self.prelude {
            Some(it) => it,
            None if self.buffer.len() < PRELUDE_LEN => return Ok(None),
            None => *self.prelude.insert(Prelude::read(&self.buffer)?),
        };
        if self.buffer.len() < prelude.total {
            return Ok(None);
        }
        let end = prelude.total - CRC_LEN;
        let (headers_end, frame) = (PRELUDE_LEN + prelude.headers, &self.buffer[..end]);
        let headers = Headers::decode(&frame[PRELUDE_LEN..headers_end])
            .map_err(|(position, kind)| (PRELUDE_LEN + position, kind))?;
        let (expected, found) = (crc(frame), (&self.buffer[end..]).get_u32());
        if expected != found {
            return Err((end, FrameErrorKind::MessageChecksum { expected, found }));
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
    /// Checks the lengths before any memory is allocated for them.
    fn read(mut bytes: &[u8]) -> Result<Self, (usize, FrameErrorKind)> {
        let expected = crc(&bytes[..8]);
        let (total, headers, found) = (bytes.get_u32(), bytes.get_u32(), bytes.get_u32());
        if expected != found {
            return Err((8, FrameErrorKind::PreludeChecksum { expected, found }));
        }
        let (total, headers) = (total as usize, headers as usize);
        if headers > MAX_HEADERS {
            return Err((4, FrameErrorKind::HeadersTooLong(headers)));
        }
        match total.checked_sub(PRELUDE_LEN + headers + CRC_LEN) {
            None => Err((0, FrameErrorKind::InvalidLength { total, headers })),
            Some(payload) if payload > MAX_PAYLOAD => Err((0, FrameErrorKind::PayloadTooLong(payload))),
            Some(_) => Ok(Self { total, headers }),
        }
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("offset", &self.offset).field("buffered", &self.buffer.len()).finish()
    }
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
