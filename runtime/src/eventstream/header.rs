//! The headers of a message, in their wire encoding. Knows neither frames nor the meaning of names.

use std::fmt;

use super::failure::{FrameErrorKind, MAX_HEADERS};
use crate::types::Timestamp;
use crate::{Error, ErrorKind, Result};

/// The headers of one message, in order. Reading one neither copies nor allocates.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    raw: Vec<u8>,
}

/// The value of a header.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EventHeaderValue<'a> {
    /// A boolean.
    Bool(bool),
    /// A signed 8-bit integer.
    Byte(i8),
    /// A signed 16-bit integer.
    Short(i16),
    /// A signed 32-bit integer.
    Int(i32),
    /// A signed 64-bit integer.
    Long(i64),
    /// Up to 65,535 bytes.
    Bytes(&'a [u8]),
    /// Up to 65,535 bytes of UTF-8.
    String(&'a str),
    /// A timestamp in milliseconds.
    Timestamp(Timestamp),
    /// The 16 bytes of a UUID.
    Uuid([u8; 16]),
}

impl Headers {
    /// No headers.
    pub const fn new() -> Self {
        Self { raw: Vec::new() }
    }

    /// Decodes the headers of a frame; an error comes with its byte position in `raw`.
    pub(super) fn decode(raw: &[u8]) -> Result<Self, (usize, FrameErrorKind)> {
        let mut names: Vec<&str> = Vec::with_capacity(8);
        let mut reader = Reader { rest: raw };
        while !reader.rest.is_empty() {
            let position = raw.len() - reader.rest.len();
            let (name, _) = reader.header().map_err(|kind| (position, kind))?;
            names.push(name);
        }
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err((0, FrameErrorKind::DuplicateHeader(pair[0].to_owned()))),
            None => Ok(Self { raw: raw.to_vec() }),
        }
    }

    /// Adds a header.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] when the name is empty or longer than 255 bytes, the value longer than 65,535, or all
    /// headers together longer than [`MAX_HEADERS`]. Then nothing is added.
    pub fn push(&mut self, name: &str, value: EventHeaderValue<'_>) -> Result<()> {
        let invalid = |why: &str| {
            Err(Error::new(ErrorKind::Validation, format!("invalid header {name:?} of an event-stream message: {why}")))
        };
        let length = match u8::try_from(name.len()) {
            Ok(0) => return invalid("the name is empty"),
            Ok(length) => length,
            Err(_) => return invalid("the name is longer than 255 bytes"),
        };
        let value_length = match value {
            EventHeaderValue::Bytes(bytes) => bytes.len(),
            EventHeaderValue::String(text) => text.len(),
            _ => 0,
        };
        let Ok(value_length) = u16::try_from(value_length) else {
            return invalid("the value is longer than 65,535 bytes");
        };
        if self.raw.len() + 2 + name.len() + 16 + usize::from(value_length) > MAX_HEADERS {
            return invalid("all headers together are longer than 128 KiB");
        }
        self.raw.push(length);
        self.raw.extend_from_slice(name.as_bytes());
        let mut push = |code: u8, bytes: &[u8]| {
            self.raw.push(code);
            self.raw.extend_from_slice(bytes);
        };
        match value {
            EventHeaderValue::Bool(true) => push(0, &[]),
            EventHeaderValue::Bool(false) => push(1, &[]),
            EventHeaderValue::Byte(it) => push(2, &it.to_be_bytes()),
            EventHeaderValue::Short(it) => push(3, &it.to_be_bytes()),
            EventHeaderValue::Int(it) => push(4, &it.to_be_bytes()),
            EventHeaderValue::Long(it) => push(5, &it.to_be_bytes()),
            EventHeaderValue::Bytes(it) => {
                push(6, &value_length.to_be_bytes());
                self.raw.extend_from_slice(it);
            }
            EventHeaderValue::String(it) => {
                push(7, &value_length.to_be_bytes());
                self.raw.extend_from_slice(it.as_bytes());
            }
            EventHeaderValue::Timestamp(it) => push(8, &it.as_millis().to_be_bytes()),
            EventHeaderValue::Uuid(it) => push(9, &it),
        }
        Ok(())
    }

    /// All headers in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, EventHeaderValue<'_>)> {
        let mut reader = Reader { rest: &self.raw };
        // `raw` was validated by `decode` or written by `push`, so reading it never fails.
        std::iter::from_fn(move || (!reader.rest.is_empty()).then(|| reader.header().ok()).flatten())
    }

    /// The value of a header.
    pub fn get(&self, name: &str) -> Option<EventHeaderValue<'_>> {
        self.iter().find(|it| it.0 == name).map(|it| it.1)
    }

    /// The value of a string header; `None` also for a header of another type.
    pub fn get_str(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            EventHeaderValue::String(it) => Some(it),
            _ => None,
        }
    }

    /// The headers in their wire encoding.
    pub fn as_bytes(&self) -> &[u8] {
        &self.raw
    }
}

impl fmt::Debug for Headers {
    /// Names only: values can be data of an event.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|it| it.0)).finish()
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn header(&mut self) -> Result<(&'a str, EventHeaderValue<'a>), FrameErrorKind> {
        let [length] = self.fixed()?;
        if length == 0 {
            return Err(FrameErrorKind::InvalidHeaderName);
        }
        let name = self.take(usize::from(length))?;
        let name = std::str::from_utf8(name).map_err(|_| FrameErrorKind::InvalidHeaderName)?;
        let [code] = self.fixed()?;
        let value = match code {
            0 => EventHeaderValue::Bool(true),
            1 => EventHeaderValue::Bool(false),
            2 => EventHeaderValue::Byte(i8::from_be_bytes(self.fixed()?)),
            3 => EventHeaderValue::Short(i16::from_be_bytes(self.fixed()?)),
            4 => EventHeaderValue::Int(i32::from_be_bytes(self.fixed()?)),
            5 => EventHeaderValue::Long(i64::from_be_bytes(self.fixed()?)),
            6 => EventHeaderValue::Bytes(self.variable()?),
            7 => EventHeaderValue::String(
                std::str::from_utf8(self.variable()?).map_err(|_| FrameErrorKind::HeaderNotUtf8)?,
            ),
            8 => EventHeaderValue::Timestamp(Timestamp::from_millis(i64::from_be_bytes(self.fixed()?))),
            9 => EventHeaderValue::Uuid(self.fixed()?),
            code => return Err(FrameErrorKind::UnknownHeaderType(code)),
        };
        Ok((name, value))
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], FrameErrorKind> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(FrameErrorKind::HeaderTruncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], FrameErrorKind> {
        self.take(N)?.try_into().map_err(|_| FrameErrorKind::HeaderTruncated)
    }

    fn variable(&mut self) -> Result<&'a [u8], FrameErrorKind> {
        let length = u16::from_be_bytes(self.fixed()?);
        self.take(usize::from(length))
    }
}
