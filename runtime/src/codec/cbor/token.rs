//! Splits CBOR into tokens. Checks that every token is well-formed and complete before memory is allocated for it.
//! Knows no shape.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, Result};

/// One token. Lists, maps and tags are tokens that precede the tokens of their contents.
#[derive(Clone, Debug, PartialEq)]
pub enum Token<'a> {
    /// An integer, from -2^64 to 2^64 - 1.
    Int(i128),
    /// A byte string; chunks are joined.
    Bytes(Cow<'a, [u8]>),
    /// A text string; chunks are joined.
    Text(Cow<'a, str>),
    /// A list of this many values; `None`: of all values up to a [`Break`](Self::Break).
    List(Option<u64>),
    /// A map of this many entries; `None`: of all entries up to a [`Break`](Self::Break).
    Map(Option<u64>),
    /// A tag, which gives the next value a meaning.
    Tag(u64),
    /// A Boolean.
    Bool(bool),
    /// Null or undefined.
    Null,
    /// A half or single-precision number.
    F32(f32),
    /// A double-precision number.
    F64(f64),
    /// The end of a list or map of indefinite length.
    Break,
}

/// The tokens of a document.
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// The additional information for an indefinite length (RFC 8949, section 3.2).
const INDEFINITE: u8 = 31;

impl<'a> Tokens<'a> {
    /// Creates the tokens of these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Whether all bytes were read.
    pub fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// Returns the next token.
    ///
    /// # Errors
    /// [`ErrorKind::Parse`] if it is malformed or truncated.
    // Public in some configurations only.
    #[allow(clippy::should_implement_trait, reason = "the end of the bytes is an error, not the end of a sequence")]
    pub fn next(&mut self) -> Result<Token<'a>> {
        let first = self.take(1)?[0];
        let (major, info) = (first >> 5, first & 31);
        Ok(match major {
            0 => Token::Int(self.argument(info)?.into()),
            1 => Token::Int(-1 - i128::from(self.argument(info)?)),
            2 => Token::Bytes(self.string(major, info)?),
            3 => Token::Text(self.text(info)?),
            4 => Token::List(self.length(info)?),
            5 => Token::Map(self.length(info)?),
            6 => Token::Tag(self.argument(info)?),
            _ => self.simple(info)?,
        })
    }

    fn simple(&mut self, info: u8) -> Result<Token<'a>> {
        Ok(match info {
            20 => Token::Bool(false),
            21 => Token::Bool(true),
            22 | 23 => Token::Null,
            25 => Token::F32(half(u16::from_be_bytes(self.array()?))),
            26 => Token::F32(f32::from_be_bytes(self.array()?)),
            27 => Token::F64(f64::from_be_bytes(self.array()?)),
            INDEFINITE => Token::Break,
            _ => return Err(self.malformed("an undefined simple value")),
        })
    }

    /// Consumes the next token if it is a [`Token::Break`]; returns whether it was.
    pub fn take_break(&mut self) -> bool {
        let found = self.bytes.get(self.at) == Some(&0xff);
        self.at += usize::from(found);
        found
    }

    /// Whether the next token is a null.
    pub fn at_null(&self) -> bool {
        matches!(self.bytes.get(self.at), Some(0xf6 | 0xf7))
    }

    fn argument(&mut self, info: u8) -> Result<u64> {
        Ok(match info {
            0..24 => info.into(),
            24 => self.array::<1>()?[0].into(),
            25 => u16::from_be_bytes(self.array()?).into(),
            26 => u32::from_be_bytes(self.array()?).into(),
            27 => u64::from_be_bytes(self.array()?),
            _ => return Err(self.malformed("an undefined argument")),
        })
    }

    fn length(&mut self, info: u8) -> Result<Option<u64>> {
        if info == INDEFINITE { Ok(None) } else { self.argument(info).map(Some) }
    }

    /// The bytes of a string, borrowed, or joined from its chunks, which are strings of the same type and definite
    /// length.
    fn string(&mut self, major: u8, info: u8) -> Result<Cow<'a, [u8]>> {
        if info != INDEFINITE {
            let len = self.argument(info)?;
            return self.take(len).map(Cow::Borrowed);
        }
        let mut joined = Vec::new();
        while !self.take_break() {
            let first = self.take(1)?[0];
            if first >> 5 != major || first & 31 == INDEFINITE {
                return Err(self.malformed("a chunk of another type"));
            }
            let len = self.argument(first & 31)?;
            joined.extend_from_slice(self.take(len)?);
        }
        Ok(Cow::Owned(joined))
    }

    /// The text of a string. Bytes that are not UTF-8 become U+FFFD: they cost a character, not the response.
    fn text(&mut self, info: u8) -> Result<Cow<'a, str>> {
        Ok(match self.string(3, info)? {
            Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        })
    }

    fn take(&mut self, len: impl TryInto<usize>) -> Result<&'a [u8]> {
        let end = len.try_into().ok().and_then(|it| self.at.checked_add(it));
        match end.and_then(|end| self.bytes.get(self.at..end)) {
            Some(taken) => {
                self.at += taken.len();
                Ok(taken)
            }
            None => {
                self.at = self.bytes.len();
                Err(self.malformed("unexpected end of CBOR"))
            }
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// Returns an error with the current position.
    pub(super) fn malformed(&self, what: impl std::fmt::Display) -> Error {
        Error::new(ErrorKind::Parse, format!("{what} before byte {} of the body", self.at))
    }
}

/// Converts a half-precision number to single precision, which is exact.
fn half(bits: u16) -> f32 {
    let sign = u32::from(bits >> 15) << 31;
    let (exponent, fraction) = (u32::from(bits >> 10 & 31), u32::from(bits & 1023));
    match exponent {
        // Zero and subnormal numbers: multiples of 2^-24.
        0 => f32::from_bits(sign | (fraction as f32 * f32::from_bits(0x3380_0000)).to_bits()),
        31 => f32::from_bits(sign | 0x7f80_0000 | fraction << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | fraction << 13),
    }
}
