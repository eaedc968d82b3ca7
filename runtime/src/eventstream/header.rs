//! The headers of a message, kept as they stand on the wire. Knows no frame and no meaning of a name.

use std::fmt;

use super::frame::{FrameFault, MAX_HEADERS};
use crate::value::Timestamp;
use crate::{Error, ErrorKind, Result};

/// The headers of one message, in order. Reading one neither copies nor allocates.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    raw: Vec<u8>,
}

/// The value of a header.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HeaderValue<'a> {
    /// True or false.
    Bool(bool),
    /// 8 bits, signed.
    Byte(i8),
    /// 16 bits, signed.
    Short(i16),
    /// 32 bits, signed.
    Int(i32),
    /// 64 bits, signed.
    Long(i64),
    /// Up to 65,535 bytes.
    Bytes(&'a [u8]),
    /// Up to 65,535 bytes of UTF-8.
    String(&'a str),
    /// An instant, to the millisecond.
    Timestamp(Timestamp),
    /// The 16 bytes of a UUID.
    Uuid([u8; 16]),
}

impl Headers {
    /// No headers.
    pub const fn new() -> Self {
        Self { raw: Vec::new() }
    }

    /// The headers of a frame; a fault comes with its position among them.
    pub(super) fn decode(raw: &[u8]) -> Result<Self, (usize, FrameFault)> {
        let mut names: Vec<&str> = Vec::with_capacity(8);
        let mut reader = Reader { rest: raw };
        while !reader.rest.is_empty() {
            let at = raw.len() - reader.rest.len();
            let (name, _) = reader.header().map_err(|fault| (at, fault))?;
            names.push(name);
        }
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err((0, FrameFault::DuplicateHeader(pair[0].to_owned()))),
            None => Ok(Self { raw: raw.to_vec() }),
        }
    }

    /// Adds a header.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] when the name is empty or longer than 255 bytes, the value longer than 65,535, or all
    /// headers together longer than [`MAX_HEADERS`]; nothing is added then.
    pub fn push(&mut self, name: &str, value: HeaderValue<'_>) -> Result<()> {
        let refused =
            |why: &str| Err(Error::new(ErrorKind::Validation, format!("header {name:?} of an event message: {why}")));
        let length = match u8::try_from(name.len()) {
            Ok(0) => return refused("the name is empty"),
            Ok(length) => length,
            Err(_) => return refused("the name is longer than 255 bytes"),
        };
        let long = match value {
            HeaderValue::Bytes(bytes) => bytes.len(),
            HeaderValue::String(text) => text.len(),
            _ => 0,
        };
        let Ok(long) = u16::try_from(long) else { return refused("the value is longer than 65,535 bytes") };
        if self.raw.len() + 2 + name.len() + 16 + usize::from(long) > MAX_HEADERS {
            return refused("all headers together are longer than 128 KiB");
        }
        self.raw.push(length);
        self.raw.extend_from_slice(name.as_bytes());
        let mut fixed = |code: u8, bytes: &[u8]| {
            self.raw.push(code);
            self.raw.extend_from_slice(bytes);
        };
        match value {
            HeaderValue::Bool(true) => fixed(0, &[]),
            HeaderValue::Bool(false) => fixed(1, &[]),
            HeaderValue::Byte(it) => fixed(2, &it.to_be_bytes()),
            HeaderValue::Short(it) => fixed(3, &it.to_be_bytes()),
            HeaderValue::Int(it) => fixed(4, &it.to_be_bytes()),
            HeaderValue::Long(it) => fixed(5, &it.to_be_bytes()),
            HeaderValue::Bytes(it) => {
                fixed(6, &long.to_be_bytes());
                self.raw.extend_from_slice(it);
            }
            HeaderValue::String(it) => {
                fixed(7, &long.to_be_bytes());
                self.raw.extend_from_slice(it.as_bytes());
            }
            HeaderValue::Timestamp(it) => fixed(8, &it.as_millis().to_be_bytes()),
            HeaderValue::Uuid(it) => fixed(9, &it),
        }
        Ok(())
    }

    /// All headers in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, HeaderValue<'_>)> {
        let mut reader = Reader { rest: &self.raw };
        // What is kept was read once or written here, so it never fails.
        std::iter::from_fn(move || (!reader.rest.is_empty()).then(|| reader.header().ok()).flatten())
    }

    /// The value of a header.
    pub fn get(&self, name: &str) -> Option<HeaderValue<'_>> {
        self.iter().find(|it| it.0 == name).map(|it| it.1)
    }

    /// The value of a header that holds text; `None` also for a header of another type.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            HeaderValue::String(it) => Some(it),
            _ => None,
        }
    }

    /// The headers as they stand on the wire.
    pub fn as_bytes(&self) -> &[u8] {
        &self.raw
    }
}

impl fmt::Debug for Headers {
    /// Names only: values may be parts of an event.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|it| it.0)).finish()
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn header(&mut self) -> Result<(&'a str, HeaderValue<'a>), FrameFault> {
        let [length] = self.fixed()?;
        if length == 0 {
            return Err(FrameFault::HeaderName);
        }
        let name = self.take(usize::from(length))?;
        let name = std::str::from_utf8(name).map_err(|_| FrameFault::HeaderName)?;
        let [code] = self.fixed()?;
        let value = match code {
            0 => HeaderValue::Bool(true),
            1 => HeaderValue::Bool(false),
            2 => HeaderValue::Byte(i8::from_be_bytes(self.fixed()?)),
            3 => HeaderValue::Short(i16::from_be_bytes(self.fixed()?)),
            4 => HeaderValue::Int(i32::from_be_bytes(self.fixed()?)),
            5 => HeaderValue::Long(i64::from_be_bytes(self.fixed()?)),
            6 => HeaderValue::Bytes(self.long()?),
            7 => HeaderValue::String(std::str::from_utf8(self.long()?).map_err(|_| FrameFault::HeaderText)?),
            8 => HeaderValue::Timestamp(Timestamp::from_millis(i64::from_be_bytes(self.fixed()?))),
            9 => HeaderValue::Uuid(self.fixed()?),
            code => return Err(FrameFault::HeaderType(code)),
        };
        Ok((name, value))
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], FrameFault> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(FrameFault::HeaderCutOff)?;
        self.rest = rest;
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], FrameFault> {
        self.take(N)?.try_into().map_err(|_| FrameFault::HeaderCutOff)
    }

    fn long(&mut self) -> Result<&'a [u8], FrameFault> {
        let length = u16::from_be_bytes(self.fixed()?);
        self.take(usize::from(length))
    }
}
