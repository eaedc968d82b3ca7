//! Reads a document into slots. Unknown members are skipped, nulls count as absent, nesting is limited, and every error
//! has the path of its member and its position in the body. Knows no protocol.

use super::token::{Token, Tokens};
use crate::codec::shortened;
use crate::error::{Error, Result};
use crate::schema::dynamic::Value;
use crate::schema::layout::{ListMut, MapMut, Open};
use crate::schema::shape::{Kind, Member};
use crate::schema::{MAX_DEPTH, Slot, StructureMut, StructureView, View};
use crate::types::Timestamp;

/// The tag of seconds since 1970 (RFC 8949, section 3.4.2).
const EPOCH: u64 = 1;

/// Fills a structure from one document; an empty body or a null leaves it unchanged.
///
/// # Errors
/// [`ErrorKind::Parse`](crate::ErrorKind::Parse) if the document is malformed or truncated, repeats a name, is followed
/// by more data, or has a value of another kind than its member.
pub fn read(body: &[u8], out: StructureMut<'_>) -> Result<()> {
    let mut reader = Reader { tokens: Tokens::new(body), depth: 0 };
    if reader.tokens.is_empty() {
        return Ok(());
    }
    if !reader.null() {
        reader.structure(out)?;
    } else {
        reader.tokens.next()?;
    }
    match reader.tokens.is_empty() {
        true => Ok(()),
        false => Err(reader.tokens.malformed("unexpected data after the document")),
    }
}

/// Skips a value of any kind.
///
/// # Errors
/// The same as for [`read`].
pub fn skip(tokens: &mut Tokens<'_>) -> Result<()> {
    let mut reader = Reader { tokens: tokens.clone(), depth: 0 };
    reader.skip()?;
    *tokens = reader.tokens;
    Ok(())
}

struct Reader<'a> {
    tokens: Tokens<'a>,
    depth: usize,
}

/// How many elements of a list or entries of a map are left to read; `None` if they end with a break.
struct Remaining(Option<u64>);

impl Reader<'_> {
    fn null(&self) -> bool {
        self.tokens.at_null()
    }

    fn structure(&mut self, mut out: StructureMut<'_>) -> Result<()> {
        let shape = out.shape();
        let mut remaining = self.open_map()?;
        let mut hint = 0;
        let mut set = false;
        while self.more(&mut remaining) {
            let name = self.key()?;
            if self.null() {
                self.tokens.next()?;
                continue;
            }
            let member = shape.member_by_any_name(&name, &mut hint);
            if shape.union && name != "__type" {
                if set {
                    return Err(self.tokens.malformed(format_args!("union {} with more than one member", shape.name)));
                }
                set = true;
            }
            match member {
                Some(member) if !shape.union && is_set(out.view(), member) => {
                    return Err(self.repeated(&name));
                }
                Some(member) => self.value(out.slot(member)).map_err(|it| it.within(member.name))?,
                None => {
                    if shape.union && name != "__type" {
                        out.set_unknown(&name);
                    }
                    self.skip()?;
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads a value that is not null.
    fn value(&mut self, slot: Slot<'_>) -> Result<()> {
        match slot.open() {
            Open::Structure(it) => self.structure(it),
            Open::List(it) => self.list(it),
            Open::Map(it) => self.map(it),
            Open::Scalar(it) if matches!(it.kind(), Kind::String | Kind::Enum) => {
                match self.tokens.next()? {
                    Token::Text(text) => it.put_str(text),
                    other => return Err(self.mismatch("a string", &other)),
                };
                Ok(())
            }
            Open::Scalar(it) => {
                let value = self.scalar(it.kind())?;
                it.put(value);
                Ok(())
            }
        }
    }

    fn list(&mut self, mut out: ListMut<'_>) -> Result<()> {
        let mut remaining = match self.tokens.next()? {
            Token::List(len) => self.enter(len)?,
            other => return Err(self.mismatch("a list", &other)),
        };
        let sparse = out.list().element.is_optional();
        while self.more(&mut remaining) {
            match self.null() {
                true => {
                    self.tokens.next()?;
                    if sparse {
                        out.push();
                    }
                }
                false => self.value(out.push())?,
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn map(&mut self, mut out: MapMut<'_>) -> Result<()> {
        let mut remaining = self.open_map()?;
        let sparse = out.map().value.is_optional();
        while self.more(&mut remaining) {
            let key = self.key()?;
            match self.null() {
                true => {
                    self.tokens.next()?;
                    if sparse {
                        out.push(key);
                    }
                }
                false => self.value(out.push(key))?,
            }
        }
        self.depth -= 1;
        match out.settle() {
            Some(key) => Err(self.repeated(&key)),
            None => Ok(()),
        }
    }

    fn scalar(&mut self, kind: &Kind) -> Result<Value> {
        let token = self.tokens.next()?;
        let mismatch = |this: &Self, expected| Err(this.mismatch(expected, &token));
        Ok(match (kind, &token) {
            (Kind::Bool, Token::Bool(it)) => Value::Bool(*it),
            (Kind::I32, it) => match integer(it).and_then(|it| it.try_into().ok()) {
                Some(it) => Value::I32(it),
                None => return mismatch(self, "a 32-bit integer"),
            },
            (Kind::I64, it) => match integer(it).and_then(|it| it.try_into().ok()) {
                Some(it) => Value::I64(it),
                None => return mismatch(self, "a 64-bit integer"),
            },
            (Kind::F32, Token::F32(it)) => Value::F32(*it),
            (Kind::F32, Token::F64(it)) => Value::F32(*it as f32),
            (Kind::F32, Token::Int(it)) => Value::F32(*it as f32),
            (Kind::F64, Token::F32(it)) => Value::F64((*it).into()),
            (Kind::F64, Token::F64(it)) => Value::F64(*it),
            (Kind::F64, Token::Int(it)) => Value::F64(*it as f64),
            (Kind::Timestamp(_), Token::Tag(EPOCH)) => {
                let seconds = self.tokens.next()?;
                Value::Timestamp(self.timestamp(&seconds)?)
            }
            (Kind::Timestamp(_), it) => Value::Timestamp(self.timestamp(it)?),
            (Kind::Blob, Token::Bytes(it)) => Value::Blob(it.as_ref().to_vec().into()),
            (Kind::Bool, _) => return mismatch(self, "true or false"),
            (Kind::F32 | Kind::F64, _) => return mismatch(self, "a number"),
            (Kind::Blob, _) => return mismatch(self, "bytes"),
            // Documents, streams and events.
            _ => return mismatch(self, "a type that CBOR can represent"),
        })
    }

    fn timestamp(&self, seconds: &Token<'_>) -> Result<Timestamp> {
        let timestamp = match *seconds {
            Token::Int(it) => it.try_into().ok().map(Timestamp::from_secs),
            Token::F32(it) => Timestamp::from_secs_f64(it.into()).ok(),
            Token::F64(it) => Timestamp::from_secs_f64(it).ok(),
            _ => None,
        };
        timestamp.ok_or_else(|| self.mismatch("seconds since 1970", seconds))
    }

    /// Skips a value.
    fn skip(&mut self) -> Result<()> {
        let mut token = self.tokens.next()?;
        while let Token::Tag(_) = token {
            token = self.tokens.next()?;
        }
        let (len, is_map) = match token {
            Token::List(len) => (len, false),
            Token::Map(len) => (len, true),
            Token::Break => return Err(self.mismatch("a value", &token)),
            _ => return Ok(()),
        };
        let mut remaining = self.enter(len)?;
        while self.more(&mut remaining) {
            self.skip()?;
            if is_map {
                self.skip()?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn open_map(&mut self) -> Result<Remaining> {
        match self.tokens.next()? {
            Token::Map(len) => self.enter(len),
            other => Err(self.mismatch("a map", &other)),
        }
    }

    fn enter(&mut self, len: Option<u64>) -> Result<Remaining> {
        self.depth += 1;
        match self.depth > MAX_DEPTH {
            true => Err(self.tokens.malformed("CBOR is nested too deeply")),
            false => Ok(Remaining(len)),
        }
    }

    /// Whether another value follows; consumes the break at the end.
    fn more(&mut self, remaining: &mut Remaining) -> bool {
        match &mut remaining.0 {
            None => !self.tokens.take_break(),
            Some(0) => false,
            Some(count) => {
                *count -= 1;
                true
            }
        }
    }

    fn key(&mut self) -> Result<String> {
        match self.tokens.next()? {
            Token::Text(it) => Ok(it.into_owned()),
            other => Err(self.mismatch("a name", &other)),
        }
    }

    fn repeated(&self, name: &str) -> Error {
        self.tokens.malformed(format_args!("duplicate name {:?}", shortened(name)))
    }

    fn mismatch(&self, expected: &str, found: &Token<'_>) -> Error {
        let found = match found {
            Token::Int(it) => return self.tokens.malformed(format_args!("expected {expected}, found {it}")),
            Token::Tag(it) => return self.tokens.malformed(format_args!("expected {expected}, found the tag {it}")),
            Token::Bytes(_) => "bytes",
            Token::Text(_) => "a string",
            Token::List(_) => "a list",
            Token::Map(_) => "a map",
            Token::Bool(_) => "a Boolean",
            Token::Null => "a null",
            Token::F32(_) | Token::F64(_) => "a number",
            Token::Break => "the end of a list or map",
        };
        self.tokens.malformed(format_args!("expected {expected}, found {found}"))
    }
}

/// The integer of a token; a float counts if it has no fraction.
fn integer(token: &Token<'_>) -> Option<i128> {
    let number = match *token {
        Token::Int(it) => return Some(it),
        Token::F32(it) => f64::from(it),
        Token::F64(it) => it,
        _ => return None,
    };
    (number.fract() == 0.0).then_some(number as i128)
}

/// Whether a member was read before. An empty list or map looks like an absent one; reading another loses nothing.
fn is_set(structure: StructureView<'_>, member: &'static Member) -> bool {
    match structure.get(member) {
        Some(View::List(it)) => !it.is_empty(),
        Some(View::Map(it)) => !it.is_empty(),
        other => other.is_some(),
    }
}
