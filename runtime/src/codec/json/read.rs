//! Reads JSON text into slots. serde_json does the syntax and bounds the depth; values go from its tokens straight into
//! their places, without a tree between. A null counts as absent, a name that is not known is passed over, and of a name
//! that comes twice the last value stays.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::{self, Display};

use serde_core::de::{self, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::document::AsDocument;
use super::scalar::{Scalar, put, unexpected};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::dynamic::Value;
use crate::schema::layout::Open;
use crate::schema::shape::{Kind, Member, Node, Shape};
use crate::schema::{ListMut, MapMut, Slot, StructureMut};
use crate::value::Document;

/// Fills a structure from a body: its members that travel in bodies. A body without anything but white space is an
/// object without members, and so is a `null`.
///
/// # Errors
/// [`ErrorKind::Parse`] for what is not JSON or not of the shape, with the path of the member, the line and the column.
pub fn read(body: &[u8], out: StructureMut<'_>) -> Result<()> {
    parse(body, Place::Whole(out))
}

/// Fills one place from a body, as [`read`] does.
///
/// # Errors
/// As [`read`].
pub fn read_slot(body: &[u8], slot: Slot<'_>) -> Result<()> {
    parse(body, Place::Slot(slot))
}

fn parse(body: &[u8], place: Place<'_, '_>) -> Result<()> {
    let text = std::str::from_utf8(body).map_err(|it| {
        let (line, column) = position(&body[..it.valid_up_to()]);
        malformed(format_args!("text that is not UTF-8 at line {line} column {column}")).with_source(it)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_ascii().is_empty() {
        return Ok(());
    }
    let path = RefCell::default();
    let mut json = serde_json::Deserializer::from_str(text);
    let read = Target { place, path: Path(&path) }.deserialize(&mut json).and_then(|_| json.end());
    read.map_err(|it| {
        // The positions are serde_json's, and so are the words about syntax; neither repeats what the body holds.
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

/// Line and column of what follows `text`, both from 1.
fn position(text: &[u8]) -> (usize, usize) {
    let lines = text.iter().filter(|it| **it == b'\n').count();
    let last = text.rsplit(|it| *it == b'\n').next().unwrap_or_default();
    (lines + 1, last.len() + 1)
}

/// Where an error happened, gathered from the inside out while it is handed up; costs nothing until then.
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
                // Keys of maps may be secret too.
                self.0.borrow_mut().clear();
            }
            self.prepend(member.name);
        }
        read
    }
}

/// A place for the next value. It is made only when there is a value: a union's member becomes the one that is set.
enum Place<'b, 'a> {
    Whole(StructureMut<'b>),
    Slot(Slot<'b>),
    Member(&'b mut StructureMut<'a>, &'static Member),
    Element(&'b mut ListMut<'a>),
    Entry(&'b mut MapMut<'a>, &'b str),
}

impl<'b> Place<'b, '_> {
    fn open(self) -> Open<'b> {
        match self {
            Self::Whole(it) => Open::Structure(it),
            Self::Slot(it) => it.open(),
            Self::Member(structure, member) => structure.slot(member).open(),
            Self::Element(list) => list.push().open(),
            Self::Entry(map, key) => map.insert(key.to_owned()).open(),
        }
    }

    /// Takes a null: it stays where nulls may stand, is a value of its own among documents, and is dropped elsewhere.
    fn null(self) {
        let keeps = |it: &Node| it.is_optional() || matches!(it.kind, Kind::Document);
        let slot = match self {
            Self::Element(list) if keeps(&list.list().element) => list.push(),
            Self::Entry(map, key) if keeps(&map.map().value) => map.insert(key.to_owned()),
            _ => return,
        };
        if !slot.is_optional() {
            slot.put(Value::Document(Document::Null));
        }
    }
}

/// Fills a place with whatever value comes; tells whether there was one.
struct Target<'b, 'a, 'p> {
    place: Place<'b, 'a>,
    path: Path<'p>,
}

impl<'de> DeserializeSeed<'de> for Target<'_, '_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<bool, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Target<'_, '_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<bool, E> {
        self.place.null();
        Ok(false)
    }

    fn visit_bool<E: de::Error>(self, it: bool) -> Result<bool, E> {
        put(self.place.open(), Scalar::Bool(it))
    }

    fn visit_u64<E: de::Error>(self, it: u64) -> Result<bool, E> {
        put(self.place.open(), Scalar::Unsigned(it))
    }

    fn visit_i64<E: de::Error>(self, it: i64) -> Result<bool, E> {
        put(self.place.open(), Scalar::Negative(it))
    }

    fn visit_f64<E: de::Error>(self, it: f64) -> Result<bool, E> {
        put(self.place.open(), Scalar::Float(it))
    }

    fn visit_str<E: de::Error>(self, it: &str) -> Result<bool, E> {
        put(self.place.open(), Scalar::Text(it))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<bool, A::Error> {
        match self.place.open() {
            Open::List(it) => list(it, items, self.path),
            Open::Scalar(it) if matches!(it.kind(), Kind::Document) => {
                Ok(it.put(Value::Document(AsDocument.visit_seq(items)?)))
            }
            other => Err(unexpected(&other, "a list")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<bool, A::Error> {
        match self.place.open() {
            Open::Structure(it) if it.shape().union => union(it, entries, self.path),
            Open::Structure(it) => structure(it, entries, self.path),
            Open::Map(it) => map(it, entries, self.path),
            Open::Scalar(it) if matches!(it.kind(), Kind::Document) => {
                Ok(it.put(Value::Document(AsDocument.visit_map(entries)?)))
            }
            other => Err(unexpected(&other, "an object")),
        }
    }
}

fn list<'de, A: SeqAccess<'de>>(mut list: ListMut<'_>, mut items: A, path: Path<'_>) -> Result<bool, A::Error> {
    for index in 0_usize.. {
        let item = items.next_element_seed(Target { place: Place::Element(&mut list), path });
        if item.inspect_err(|_| path.prepend(format_args!("[{index}]")))?.is_none() {
            break;
        }
    }
    Ok(true)
}

fn map<'de, A: MapAccess<'de>>(mut map: MapMut<'_>, mut entries: A, path: Path<'_>) -> Result<bool, A::Error> {
    while let Some(key) = entries.next_key_seed(Key)? {
        entries
            .next_value_seed(Target { place: Place::Entry(&mut map, &key), path })
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
    while let Some(member) = entries.next_key_seed(Name { shape, hint: &mut hint })? {
        let Some(member) = member else {
            entries.next_value::<IgnoredAny>()?;
            continue;
        };
        // What an earlier value of the same name left behind goes away. Behind the 64th that is done in any case.
        let bit = 1_u64.checked_shl(member.index as u32).unwrap_or(0);
        if seen & bit == bit {
            out.clear(member);
        }
        seen |= bit;
        let value = entries.next_value_seed(Target { place: Place::Member(&mut out, member), path });
        path.member(member, value)?;
    }
    Ok(true)
}

/// A union has one member, beside nulls and the type that some services add.
fn union<'de, A: MapAccess<'de>>(mut out: StructureMut<'_>, mut entries: A, path: Path<'_>) -> Result<bool, A::Error> {
    let shape = out.shape();
    let mut set: Option<Cow<'de, str>> = None;
    while let Some(name) = entries.next_key_seed(Key)? {
        let known = shape.by_wire(&name, &mut 0);
        let present = match known {
            Some(member) => {
                let value = entries.next_value_seed(Target { place: Place::Member(&mut out, member), path });
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
        if known.is_none() {
            out.set_unknown(&name);
        }
        set = Some(name);
    }
    match set {
        Some(_) => Ok(true),
        None => Err(A::Error::custom(format_args!("a union without a member ({})", shape.name))),
    }
}

/// Reads a name as the member it stands for.
struct Name<'h> {
    shape: &'static Shape,
    hint: &'h mut usize,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<&'static Member>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<&'static Member>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.shape.by_wire(name, self.hint))
    }
}

/// Reads a name as it is, borrowed unless it has escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
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
