//! Reads JSON into slots. serde_json parses the syntax and limits the depth; values go from its tokens directly into
//! their slots, without a tree in between. A null counts as absent, unknown names are skipped, and the last value of a
//! repeated name wins. Knows no protocol.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::{self, Display};

use serde_core::de::{self, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::mend::mend;
use super::scalar::{Scalar, number, put, unexpected};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::dynamic::Value;
use crate::schema::layout::Open;
use crate::schema::shape::{Kind, Member, Node, Shape};
use crate::schema::{ListMut, MapMut, Slot, StructureMut};
use crate::types::{Document, DocumentSeed, NUMBER};

/// Fills the members of a structure that are read from bodies. An empty body, white space and `null` count as an object
/// without members.
///
/// What is no Unicode character, a byte that is not UTF-8 or the escape of half a surrogate pair, becomes U+FFFD: it costs a
/// character, not the response. botocore keeps such escapes, which a Rust string cannot, and fails at such bytes.
///
/// # Errors
/// [`ErrorKind::Parse`] if the body is not JSON or does not match the shape, with the path of the member, the line and
/// the column.
pub fn read(body: &[u8], mut out: StructureMut<'_>) -> Result<()> {
    parse(body, Destination::Structure(out.reborrow())).or_else(|error| {
        let Some(mended) = mend(body) else { return Err(error) };
        let shape = out.shape();
        for &member in &shape.read {
            out.clear(&shape.members[member]);
        }
        parse(mended.as_bytes(), Destination::Structure(out))
    })
}

/// Fills one member from a body, as [`read`] does.
///
/// # Errors
/// The same as for [`read`].
pub fn read_member(body: &[u8], out: &mut StructureMut<'_>, member: &'static Member) -> Result<()> {
    let result = parse(body, Destination::Slot(out.slot(member))).or_else(|error| {
        let Some(mended) = mend(body) else { return Err(error) };
        out.clear(member);
        parse(mended.as_bytes(), Destination::Slot(out.slot(member)))
    });
    result.map_err(|it| it.within(member.name))
}

fn parse(body: &[u8], destination: Destination<'_, '_>) -> Result<()> {
    let text = std::str::from_utf8(body).map_err(|it| {
        let (line, column) = position(&body[..it.valid_up_to()]);
        malformed(format_args!("invalid UTF-8 at line {line} column {column}")).with_source(it)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_ascii().is_empty() {
        return Ok(());
    }
    let path = RefCell::default();
    let mut json = serde_json::Deserializer::from_str(text);
    let read = ValueSeed { destination, path: Path(&path) }.deserialize(&mut json).and_then(|_| json.end());
    read.map_err(|it| {
        // Positions and descriptions of syntax errors are serde_json's; they do not quote the body.
        let error = if it.is_data() { Error::new(ErrorKind::Parse, it.to_string()) } else { malformed(it) };
        match path.take() {
            path if path.is_empty() => error,
            path => error.within(&path),
        }
    })
}

fn malformed(what: impl Display) -> Error {
    Error::new(ErrorKind::Parse, format!("malformed JSON: {what}"))
}

/// The line and column after `text`, both counted from 1.
fn position(text: &[u8]) -> (usize, usize) {
    let lines = text.iter().filter(|it| **it == b'\n').count();
    let last = text.rsplit(|it| *it == b'\n').next().unwrap_or_default();
    (lines + 1, last.len() + 1)
}

/// The path of the member with an error, built from the inside out while the error is returned; it costs nothing
/// before.
#[derive(Clone, Copy)]
struct Path<'p>(&'p RefCell<String>);

impl Path<'_> {
    fn prepend(self, step: impl Display) {
        let mut path = self.0.borrow_mut();
        let join = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        *path = format!("{step}{join}{path}");
    }

    fn member<T, E>(self, member: &Member, read: Result<T, E>) -> Result<T, E> {
        if read.is_err() {
            if member.secret {
                // Keys of secret maps are secret too.
                self.0.borrow_mut().clear();
            }
            self.prepend(member.name);
        }
        read
    }
}

/// For how many entries of a map memory is taken in advance, at most: as many as the map before it in a list has, since
/// the elements of a list are alike. Our choice, so that maps that are not alike cost little.
const EXPECTED_ENTRIES: usize = 32;

/// The destination of the next value. It is opened only when there is a value, since opening the member of a union sets
/// that member.
enum Destination<'b, 'a> {
    Structure(StructureMut<'b>),
    Slot(Slot<'b>),
    Member(&'b mut StructureMut<'a>, &'static Member),
    Element(&'b mut ListMut<'a>),
    Entry(&'b mut MapMut<'a>, &'b str),
}

impl<'b> Destination<'b, '_> {
    fn open(self) -> Open<'b> {
        match self {
            Self::Structure(it) => Open::Structure(it),
            Self::Slot(it) => it.open(),
            Self::Member(structure, member) => structure.slot(member).open(),
            Self::Element(list) => list.push().open(),
            Self::Entry(map, key) => map.push(key).open(),
        }
    }

    /// Stores a null: in sparse lists and maps it is an element, in lists and maps of documents a document, anywhere
    /// else it is dropped.
    fn null(self) {
        let accepts = |it: &Node| it.is_optional() || matches!(it.kind, Kind::Document);
        let slot = match self {
            Self::Element(list) if accepts(&list.list().element) => list.push(),
            Self::Entry(map, key) if accepts(&map.map().value) => map.push(key),
            _ => return,
        };
        if !slot.is_optional() {
            slot.put(Value::Document(Document::Null));
        }
    }
}

/// Reads the next value into its destination; returns whether it is not null.
struct ValueSeed<'b, 'a, 'p> {
    destination: Destination<'b, 'a>,
    path: Path<'p>,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_, '_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<bool, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_, '_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<bool, E> {
        self.destination.null();
        Ok(false)
    }

    fn visit_bool<E: de::Error>(self, it: bool) -> Result<bool, E> {
        put(self.destination.open(), Scalar::Bool(it))
    }

    fn visit_u64<E: de::Error>(self, it: u64) -> Result<bool, E> {
        put(self.destination.open(), Scalar::Unsigned(it))
    }

    fn visit_i64<E: de::Error>(self, it: i64) -> Result<bool, E> {
        put(self.destination.open(), Scalar::Negative(it))
    }

    fn visit_f64<E: de::Error>(self, it: f64) -> Result<bool, E> {
        put(self.destination.open(), Scalar::Float(it))
    }

    fn visit_str<E: de::Error>(self, it: &str) -> Result<bool, E> {
        put(self.destination.open(), Scalar::String(it))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<bool, A::Error> {
        match self.destination.open() {
            Open::List(it) => list(it, items, self.path),
            Open::Scalar(it) if matches!(it.kind(), Kind::Document) => {
                Ok(it.put(Value::Document(DocumentSeed.visit_seq(items)?)))
            }
            other => Err(unexpected(&other, "a list")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<bool, A::Error> {
        let expected = match &self.destination {
            Destination::Element(list) => list.entries_of_last().min(EXPECTED_ENTRIES),
            _ => 0,
        };
        match self.destination.open() {
            Open::Structure(it) if it.shape().union => union(it, entries, self.path),
            Open::Structure(it) => structure(it, entries, self.path),
            Open::Map(it) => map(it, entries, expected, self.path),
            Open::Scalar(it) if matches!(it.kind(), Kind::Document) => {
                Ok(it.put(Value::Document(DocumentSeed.visit_map(entries)?)))
            }
            other => match entries.next_key_seed(KeySeed)? {
                Some(key) if key == NUMBER => put(other, number(&entries.next_value::<String>()?)?),
                _ => Err(unexpected(&other, "an object")),
            },
        }
    }
}

fn not_an_object<E: de::Error>() -> E {
    E::custom("expected an object, found a number")
}

fn list<'de, A: SeqAccess<'de>>(mut list: ListMut<'_>, mut items: A, path: Path<'_>) -> Result<bool, A::Error> {
    for index in 0_usize.. {
        let item = items.next_element_seed(ValueSeed { destination: Destination::Element(&mut list), path });
        if item.inspect_err(|_| path.prepend(format_args!("[{index}]")))?.is_none() {
            break;
        }
    }
    Ok(true)
}

fn map<'de, A: MapAccess<'de>>(
    mut map: MapMut<'_>,
    entries: A,
    expected: usize,
    path: Path<'_>,
) -> Result<bool, A::Error> {
    let read = map_entries(&mut map, entries, expected, path);
    map.settle();
    read
}

fn map_entries<'de, A: MapAccess<'de>>(
    map: &mut MapMut<'_>,
    mut entries: A,
    mut expected: usize,
    path: Path<'_>,
) -> Result<bool, A::Error> {
    while let Some(key) = entries.next_key_seed(KeySeed)? {
        if key == NUMBER {
            return Err(not_an_object());
        }
        if expected > 0 {
            map.reserve(std::mem::take(&mut expected));
        }
        entries
            .next_value_seed(ValueSeed { destination: Destination::Entry(&mut *map, &key), path })
            .inspect_err(|_| path.prepend(&key))?;
    }
    Ok(true)
}

fn structure<'de, A: MapAccess<'de>>(
    mut out: StructureMut<'_>,
    mut entries: A,
    path: Path<'_>,
) -> Result<bool, A::Error> {
    let shape = out.shape();
    let mut hint = 0;
    let mut seen = 0_u64;
    while let Some(member) = entries.next_key_seed(MemberSeed { shape, hint: &mut hint })? {
        let Some(member) = member else {
            entries.next_value::<IgnoredAny>()?;
            continue;
        };
        // A repeated name replaces the earlier value. `seen` has 64 bits, so members after the 64th are always cleared.
        let bit = 1_u64.checked_shl(member.index as u32).unwrap_or(0);
        if seen & bit == bit {
            out.clear(member);
        }
        seen |= bit;
        let value = entries.next_value_seed(ValueSeed { destination: Destination::Member(&mut out, member), path });
        path.member(member, value)?;
    }
    Ok(true)
}

/// Reads a union: exactly one member, besides nulls and the `__type` that some services add.
fn union<'de, A: MapAccess<'de>>(mut out: StructureMut<'_>, mut entries: A, path: Path<'_>) -> Result<bool, A::Error> {
    let shape = out.shape();
    let mut set: Option<Cow<'de, str>> = None;
    while let Some(name) = entries.next_key_seed(KeySeed)? {
        if name == NUMBER {
            return Err(not_an_object());
        }
        let member = shape.member_by_wire_name(&name, &mut 0);
        let present = match member {
            Some(member) => {
                let value =
                    entries.next_value_seed(ValueSeed { destination: Destination::Member(&mut out, member), path });
                path.member(member, value)?
            }
            None => entries.next_value::<Option<IgnoredAny>>()?.is_some() && name != "__type",
        };
        if !present {
            continue;
        }
        if set.as_ref().is_some_and(|it| *it != name) {
            return Err(A::Error::custom(format_args!("a union with more than one member ({})", shape.name)));
        }
        if member.is_none() {
            out.set_unknown(&name);
        }
        set = Some(name);
    }
    match set {
        Some(_) => Ok(true),
        None => Err(A::Error::custom(format_args!("a union without a member ({})", shape.name))),
    }
}

/// Reads a name and looks up its member.
struct MemberSeed<'h> {
    shape: &'static Shape,
    hint: &'h mut usize,
}

impl<'de> DeserializeSeed<'de> for MemberSeed<'_> {
    type Value = Option<&'static Member>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for MemberSeed<'_> {
    type Value = Option<&'static Member>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        match self.shape.member_by_wire_name(name, self.hint) {
            None if name == NUMBER => Err(not_an_object()),
            member => Ok(member),
        }
    }
}

/// Reads a name, borrowed unless it has escapes.
struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: de::Error>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}
