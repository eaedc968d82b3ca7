//! Shapes: the eleven kinds of value a service is described with. Traits that only one kind may bear are in that kind, so
//! a trait on the wrong kind is an unknown key.

use super::member::{self, Deprecation, Member, XmlNamespace, deprecation, xml_namespace};
use super::{Map, Number};
use crate::json::Cursor;

/// A named shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// The name it is referred to by.
    pub name: String,
    /// What it is.
    pub kind: ShapeKind,
    /// HTML.
    pub documentation: Option<String>,
    /// Must not be shown in logs.
    pub sensitive: bool,
    /// Absent and zero differ.
    pub boxed: bool,
    /// Name on the wire where the place that refers to it gives none.
    pub location_name: Option<String>,
    /// XML namespace where the place that refers to it gives none.
    pub xml_namespace: Option<XmlNamespace>,
    /// Set when it should no longer be used.
    pub deprecated: Option<Deprecation>,
}

/// The eleven kinds.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "most shapes are of the large kind")]
pub enum ShapeKind {
    /// Named members; also unions, exceptions, events, event streams and free documents.
    Structure(Structure),
    /// Elements of one shape.
    List(List),
    /// Values by key.
    Map(MapShape),
    /// Text; an open enum when it has values.
    String(StringShape),
    /// 32 bits.
    Integer(Bounds),
    /// 64 bits.
    Long(Bounds),
    /// 32 bits.
    Float(Bounds),
    /// 64 bits.
    Double(Bounds),
    /// True or false.
    Boolean,
    /// A point in time; the format is `iso8601`, `rfc822` or `unixTimestamp` where the protocol's own is not meant.
    Timestamp(Option<String>),
    /// Bytes.
    Blob(Blob),
}

/// A structure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Structure {
    /// Members by name, in order.
    pub members: Map<Member>,
    /// Members that must be given. May name a member that does not exist: botocore looks at those of inputs only.
    pub required: Vec<String>,
    /// The member that is the whole body.
    pub payload: Option<String>,
    /// The order of XML elements, where it is not that of `members`.
    pub xml_order: Vec<String>,
    /// Exactly one member is set.
    pub union: bool,
    /// An error.
    pub exception: bool,
    /// How an error looks on the wire.
    pub error: Option<ErrorTraits>,
    /// The error is the service's fault.
    pub fault: bool,
    /// May be retried; true when it is a throttling error.
    pub retryable: Option<bool>,
    /// In responses it stands inside an element of its own name.
    pub wrapper: bool,
    /// Any JSON value instead of members.
    pub document: bool,
    /// An event of an event stream.
    pub event: bool,
    /// An event stream; its members are the events.
    pub event_stream: bool,
    /// Not in the service's own model: added for errors of query compatible services.
    pub synthetic: bool,
}

/// How an error looks on the wire.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ErrorTraits {
    /// The code in the response, when it is not the shape's name.
    pub code: Option<String>,
    /// Status of the response.
    pub http_status_code: Option<i64>,
    /// The caller's fault.
    pub sender_fault: Option<bool>,
    /// The service's fault.
    pub fault: bool,
}

/// A list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct List {
    /// Its element.
    pub member: Member,
    /// Elements stand without a wrapper.
    pub flattened: bool,
    /// Elements may be null.
    pub sparse: bool,
    /// Its length.
    pub length: Bounds,
}

/// A map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MapShape {
    /// Its key, a string.
    pub key: Member,
    /// Its value.
    pub value: Member,
    /// Entries stand without a wrapper.
    pub flattened: bool,
    /// Values may be null.
    pub sparse: bool,
    /// How many entries.
    pub length: Bounds,
}

/// Text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StringShape {
    /// Known values; services add to them.
    pub values: Vec<String>,
    /// A regular expression, in the words of the service.
    pub pattern: Option<String>,
    /// How many characters.
    pub length: Bounds,
}

/// Bytes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Blob {
    /// A body of any length, read or sent in pieces.
    pub streaming: bool,
    /// The length must be known before sending.
    pub requires_length: bool,
    /// How many bytes.
    pub length: Bounds,
}

/// Smallest and largest: of a number itself, of anything else its length.
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

    /// The structure, if it is one, to be changed.
    pub fn structure_mut(&mut self) -> Option<&mut Structure> {
        match &mut self.kind {
            ShapeKind::Structure(structure) => Some(structure),
            _ => None,
        }
    }

    /// Every reference in this shape with the steps from the shape to it.
    pub fn references(&self) -> Vec<(Vec<&str>, &Member)> {
        match &self.kind {
            ShapeKind::Structure(it) => {
                it.members.iter().map(|(name, member)| (vec!["members", name.as_str()], member)).collect()
            }
            ShapeKind::List(it) => vec![(vec!["member"], &it.member)],
            ShapeKind::Map(it) => vec![(vec!["key"], &it.key), (vec!["value"], &it.value)],
            _ => Vec::new(),
        }
    }
}

impl ShapeKind {
    /// The word the model uses for it.
    pub fn word(&self) -> &'static str {
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
        documentation: cursor.text("documentation"),
        sensitive: cursor.flag("sensitive"),
        boxed: cursor.flag("box"),
        location_name: cursor.text("locationName"),
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
        ("timestamp", |c| ShapeKind::Timestamp(c.text("timestampFormat"))),
        ("blob", |c| ShapeKind::Blob(blob(c))),
    ];
    match cursor.need_word("type", &KINDS) {
        Some(read) => read(cursor),
        None => {
            // Which keys it may bear is not known either.
            cursor.raw();
            ShapeKind::Boolean
        }
    }
}

fn structure(cursor: &Cursor<'_>) -> Structure {
    Structure {
        members: cursor.need_map("members", |_, it| member::read(it)),
        required: cursor.one_or_more_texts("required"),
        payload: cursor.text("payload"),
        xml_order: cursor.texts("xmlOrder"),
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
        code: cursor.text("code"),
        http_status_code: cursor.integer("httpStatusCode"),
        sender_fault: cursor.get("senderFault").map(|it| it.as_flag()),
        fault: cursor.flag("fault"),
    }
}

fn list(cursor: &Cursor<'_>) -> List {
    List {
        member: cursor.need("member").map(|it| member::read(&it)).unwrap_or_default(),
        flattened: cursor.flag("flattened"),
        sparse: cursor.flag("sparse"),
        length: bounds(cursor),
    }
}

fn map(cursor: &Cursor<'_>) -> MapShape {
    MapShape {
        key: cursor.need("key").map(|it| member::read(&it)).unwrap_or_default(),
        value: cursor.need("value").map(|it| member::read(&it)).unwrap_or_default(),
        flattened: cursor.flag("flattened"),
        sparse: cursor.flag("sparse"),
        length: bounds(cursor),
    }
}

fn string(cursor: &Cursor<'_>) -> StringShape {
    StringShape { values: cursor.texts("enum"), pattern: cursor.text("pattern"), length: bounds(cursor) }
}

fn blob(cursor: &Cursor<'_>) -> Blob {
    Blob { streaming: cursor.flag("streaming"), requires_length: cursor.flag("requiresLength"), length: bounds(cursor) }
}

fn bounds(cursor: &Cursor<'_>) -> Bounds {
    Bounds { min: cursor.number("min"), max: cursor.number("max") }
}
