//! Shapes: the eleven types of a service model. A trait that only one type may have belongs to that type, so a trait on
//! the wrong type is an unknown key. `CONTRIBUTING.md` lists the further steps that a new trait takes.

use super::member::{self, Deprecation, Member, XmlNamespace, deprecation, xml_namespace};
use super::{Map, Number};
use crate::json::Cursor;

/// A named shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// The name it is referred to by.
    pub name: String,
    /// Its type.
    pub kind: ShapeKind,
    /// HTML.
    pub documentation: Option<String>,
    /// Whether it must not appear in logs.
    pub sensitive: bool,
    /// Whether absent and zero differ.
    pub boxed: bool,
    /// Name on the wire, if the reference to it has none.
    pub location_name: Option<String>,
    /// XML namespace, if the reference to it has none.
    pub xml_namespace: Option<XmlNamespace>,
    /// Set if it should no longer be used.
    pub deprecated: Option<Deprecation>,
}

/// The eleven types.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "most shapes are of the large variant")]
pub enum ShapeKind {
    /// Named members; also unions, exceptions, events, event streams and free documents.
    Structure(Structure),
    /// A list of elements of one shape.
    List(List),
    /// Values of one shape by string key.
    Map(MapShape),
    /// A string; an open enum if it has values.
    String(StringShape),
    /// A signed integer of 32 bits.
    Integer(Bounds),
    /// A signed integer of 64 bits.
    Long(Bounds),
    /// A float of 32 bits.
    Float(Bounds),
    /// A float of 64 bits.
    Double(Bounds),
    /// A boolean.
    Boolean,
    /// A point in time, with its format if that is not the protocol's default: `iso8601`, `rfc822` or `unixTimestamp`.
    Timestamp(Option<String>),
    /// Bytes.
    Blob(Blob),
}

/// A structure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Structure {
    /// Members by name, in order.
    pub members: Map<Member>,
    /// Required members. May name a member that does not exist: botocore checks those of inputs only.
    pub required: Vec<String>,
    /// The member that is the whole body.
    pub payload: Option<String>,
    /// The order of XML elements, if it is not that of `members`.
    pub xml_order: Vec<String>,
    /// Whether it is a union: exactly one member is set.
    pub union: bool,
    /// Whether it is an error.
    pub exception: bool,
    /// How an error is encoded on the wire.
    pub error: Option<ErrorTraits>,
    /// Whether the error is the service's fault.
    pub fault: bool,
    /// Set if the error may be retried; true if it is a throttling error.
    pub retryable: Option<bool>,
    /// Whether responses wrap it in an element of its own name.
    pub wrapper: bool,
    /// Whether it is any JSON value instead of members.
    pub document: bool,
    /// Whether it is an event of an event stream.
    pub event: bool,
    /// Whether it is an event stream; its members are the events.
    pub event_stream: bool,
    /// Whether it is not in the service's own model but added for errors of query-compatible services.
    pub synthetic: bool,
}

/// How an error is encoded on the wire.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ErrorTraits {
    /// The code in the response, if it is not the shape's name.
    pub code: Option<String>,
    /// Status of the response.
    pub http_status_code: Option<i64>,
    /// Whether it is the caller's fault.
    pub sender_fault: Option<bool>,
    /// Whether it is the service's fault.
    pub fault: bool,
}

/// A list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct List {
    /// Its element.
    pub member: Member,
    /// Whether elements have no wrapper element.
    pub flattened: bool,
    /// Whether elements may be null.
    pub sparse: bool,
    /// Bounds of its length.
    pub length: Bounds,
}

/// A map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MapShape {
    /// Its key, a string.
    pub key: Member,
    /// Its value.
    pub value: Member,
    /// Whether entries have no wrapper element.
    pub flattened: bool,
    /// Whether values may be null.
    pub sparse: bool,
    /// Bounds of the number of entries.
    pub length: Bounds,
}

/// A string.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StringShape {
    /// Known values; services may add to them.
    pub values: Vec<String>,
    /// A regular expression, as the service writes it.
    pub pattern: Option<String>,
    /// Bounds of the number of characters.
    pub length: Bounds,
}

/// Bytes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Blob {
    /// Whether it is a body of any length, streamed.
    pub streaming: bool,
    /// Whether the length must be known before sending.
    pub requires_length: bool,
    /// Bounds of the number of bytes.
    pub length: Bounds,
}

/// Bounds of a number, or of the length of any other value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bounds {
    /// Smallest.
    pub min: Option<Number>,
    /// Largest.
    pub max: Option<Number>,
}

impl Shape {
    /// The structure, if it is one.
    pub fn structure(&self) -> Option<&Structure> {
        match &self.kind {
            ShapeKind::Structure(structure) => Some(structure),
            _ => None,
        }
    }

    /// The structure, if it is one, mutable.
    pub fn structure_mut(&mut self) -> Option<&mut Structure> {
        match &mut self.kind {
            ShapeKind::Structure(structure) => Some(structure),
            _ => None,
        }
    }

    /// Every reference in this shape, with the JSON keys from the shape to it.
    pub fn references(&self) -> Vec<(Vec<&str>, &Member)> {
        match &self.kind {
            ShapeKind::Structure(structure) => {
                structure.members.iter().map(|(name, member)| (vec!["members", name.as_str()], member)).collect()
            }
            ShapeKind::List(it) => vec![(vec!["member"], &it.member)],
            ShapeKind::Map(it) => vec![(vec!["key"], &it.key), (vec!["value"], &it.value)],
            _ => Vec::new(),
        }
    }
}

impl ShapeKind {
    /// Its name in models.
    pub fn type_name(&self) -> &'static str {
        match self {
            ShapeKind::Structure(_) => "structure",
            ShapeKind::List(_) => "list",
            ShapeKind::Map(_) => "map",
            ShapeKind::String(_) => "string",
            ShapeKind::Integer(_) => "integer",
            ShapeKind::Long(_) => "long",
            ShapeKind::Float(_) => "float",
            ShapeKind::Double(_) => "double",
            ShapeKind::Boolean => "boolean",
            ShapeKind::Timestamp(_) => "timestamp",
            ShapeKind::Blob(_) => "blob",
        }
    }
}

/// Reads one shape.
pub fn read(name: &str, cursor: &Cursor<'_>) -> Shape {
    Shape {
        name: name.to_string(),
        kind: kind(cursor),
        documentation: cursor.string("documentation"),
        sensitive: cursor.flag("sensitive"),
        boxed: cursor.flag("box"),
        location_name: cursor.string("locationName"),
        xml_namespace: xml_namespace(cursor),
        deprecated: deprecation(cursor),
    }
}

fn kind(cursor: &Cursor<'_>) -> ShapeKind {
    type Read = fn(&Cursor<'_>) -> ShapeKind;
    const KINDS: [(&str, Read); 11] = [
        ("structure", |c| ShapeKind::Structure(structure(c))),
        ("list", |c| ShapeKind::List(list(c))),
        ("map", |c| ShapeKind::Map(map(c))),
        ("string", |c| ShapeKind::String(string(c))),
        ("integer", |c| ShapeKind::Integer(bounds(c))),
        ("long", |c| ShapeKind::Long(bounds(c))),
        ("float", |c| ShapeKind::Float(bounds(c))),
        ("double", |c| ShapeKind::Double(bounds(c))),
        ("boolean", |_| ShapeKind::Boolean),
        ("timestamp", |c| ShapeKind::Timestamp(c.string("timestampFormat"))),
        ("blob", |c| ShapeKind::Blob(blob(c))),
    ];
    match cursor.required_keyword("type", &KINDS) {
        Some(read) => read(cursor),
        None => {
            // The keys that it may have are not known either.
            cursor.raw();
            ShapeKind::Boolean
        }
    }
}

fn structure(cursor: &Cursor<'_>) -> Structure {
    Structure {
        members: cursor.required_map("members", |_, it| member::read(it)),
        required: cursor.one_or_more_strings("required"),
        payload: cursor.string("payload"),
        xml_order: cursor.strings("xmlOrder"),
        union: cursor.flag("union"),
        exception: cursor.flag("exception"),
        error: cursor.get("error").map(|it| error_traits(&it)),
        fault: cursor.flag("fault"),
        retryable: cursor.get("retryable").map(|it| it.flag("throttling")),
        wrapper: cursor.flag("wrapper"),
        document: cursor.flag("document"),
        event: cursor.flag("event"),
        event_stream: cursor.flag("eventstream"),
        synthetic: cursor.flag("synthetic"),
    }
}

pub(super) fn error_traits(cursor: &Cursor<'_>) -> ErrorTraits {
    ErrorTraits {
        code: cursor.string("code"),
        http_status_code: cursor.integer("httpStatusCode"),
        sender_fault: cursor.get("senderFault").map(|it| it.as_flag()),
        fault: cursor.flag("fault"),
    }
}

fn list(cursor: &Cursor<'_>) -> List {
    List {
        member: cursor.required("member").map(|it| member::read(&it)).unwrap_or_default(),
        flattened: cursor.flag("flattened"),
        sparse: cursor.flag("sparse"),
        length: bounds(cursor),
    }
}

fn map(cursor: &Cursor<'_>) -> MapShape {
    MapShape {
        key: cursor.required("key").map(|it| member::read(&it)).unwrap_or_default(),
        value: cursor.required("value").map(|it| member::read(&it)).unwrap_or_default(),
        flattened: cursor.flag("flattened"),
        sparse: cursor.flag("sparse"),
        length: bounds(cursor),
    }
}

fn string(cursor: &Cursor<'_>) -> StringShape {
    StringShape { values: cursor.strings("enum"), pattern: cursor.string("pattern"), length: bounds(cursor) }
}

fn blob(cursor: &Cursor<'_>) -> Blob {
    Blob { streaming: cursor.flag("streaming"), requires_length: cursor.flag("requiresLength"), length: bounds(cursor) }
}

fn bounds(cursor: &Cursor<'_>) -> Bounds {
    Bounds { min: cursor.number("min"), max: cursor.number("max") }
}
