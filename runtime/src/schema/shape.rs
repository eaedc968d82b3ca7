//! Shapes: descriptions decoded at first use, with the members grouped by their location on the wire. Knows no
//! protocol. A trait of the models arrives here as a modifier of the notation; `CONTRIBUTING.md` lists the steps before
//! it.

use std::any::TypeId;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{OnceLock, RwLock};

use http::HeaderName;

use super::enumeration::{FindLong, NO_LONG};
use super::layout::{BoxOps, EventOps, ListOps, MapOps, OptionOps, Repr, Reset, SchemaType, ShapeSource, Type};
use super::name_table::NameTable;
use super::notation::{Description, Entry};
use crate::ordered::sorted;
use crate::sync;

/// A structure or union: its members in the order of its fields.
pub struct Shape {
    /// The Rust name of the type.
    pub name: &'static str,
    /// Whether this is a union: exactly one member is set.
    pub union: bool,
    /// All members.
    pub members: Vec<Member>,
    /// Indexes of the members in the path of the URI.
    pub labels: Vec<usize>,
    /// Indexes of the members in the query string.
    pub queries: Vec<usize>,
    /// Indexes of the members in headers, including prefixed headers.
    pub headers: Vec<usize>,
    /// Indexes of the members that are sent in the body, when no member is the payload.
    pub body: Vec<usize>,
    /// Indexes of the members that are read from a body: also those that requests send in the URI, since responses have
    /// none.
    pub read: Vec<usize>,
    /// Whether a member is the XML text of the structure's own element.
    pub has_text: bool,
    /// Whether a member is an XML attribute.
    pub has_attributes: bool,
    /// Index of the member that is the whole body.
    pub payload: Option<usize>,
    /// Exceptions that a stream of this union may end with: name in the union and error code.
    pub exceptions: Vec<(&'static str, &'static str)>,
    /// Index of the member that holds the HTTP status.
    pub status: Option<usize>,
    pub(crate) payload_offset: usize,
    pub(crate) reset: Reset,
    /// Positions in [`read`](Self::read) by wire name and alias; made when a response has another order than the model.
    wire_names: OnceLock<NameTable>,
    /// The names of the headers with their members, in the order of the names.
    header_names: OnceLock<Vec<(HeaderName, usize)>>,
    /// Indexes of the members by wire name and by name in the model.
    names: OnceLock<NameTable>,
}

/// A member of a shape.
pub struct Member {
    /// The name in the service's model.
    pub name: &'static str,
    /// The name on the wire.
    pub wire: &'static str,
    /// The name in EC2's requests, if it differs.
    pub query: Option<&'static str>,
    /// A second wire name that is accepted in responses: the element name of a flattened list.
    pub alias: Option<&'static str>,
    /// The location on the wire.
    pub location: Location,
    /// Whether the service requires it.
    pub required: bool,
    /// Whether it is sensitive and must never be printed.
    pub secret: bool,
    /// Whether it is an idempotency token: a random one is sent when it is absent.
    pub token: bool,
    /// Whether it is part of the host name.
    pub host: bool,
    /// Whether it is an XML attribute.
    pub attribute: bool,
    /// Whether it is the XML text of the structure's own element.
    pub text: bool,
    /// Whether it is sent as JSON in a header.
    pub json: bool,
    /// The endpoint parameter that it sets.
    pub context: Option<&'static str>,
    /// The value.
    pub node: Node,
    pub(crate) index: usize,
    pub(crate) offset: usize,
}

/// The location of a member on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names of the HTTP bindings")]
pub enum Location {
    Body,
    Uri,
    Query,
    Header,
    PrefixHeaders,
    Status,
    Payload,
}

/// The schema of a value: its kind, and how to access it in memory.
pub struct Node {
    /// The kind of the value when it is present.
    pub kind: Kind,
    /// The XML namespace that its element declares.
    pub namespace: Option<Namespace>,
    /// The minimum length (string, list) or value (number).
    pub min: Option<i64>,
    pub(crate) ty: Type,
    pub(crate) presence: Presence,
    /// The known values of an enumeration that are not held in place.
    pub(crate) find_long: FindLong,
}

/// An XML namespace declaration.
#[derive(Clone, Copy)]
pub struct Namespace {
    /// The prefix, if it has one.
    pub prefix: Option<&'static str>,
    /// The URI.
    pub uri: &'static str,
}

#[derive(Clone, Copy)]
pub(crate) enum Presence {
    Plain,
    Option(&'static OptionOps),
    Box(&'static BoxOps),
    OptionBox(&'static OptionOps, &'static BoxOps),
    /// A list or map as the member of a structure, which itself knows whether it is absent.
    Own(&'static OptionOps),
}

/// The kind of a value.
#[allow(missing_docs, reason = "the names of the kinds")]
pub enum Kind {
    String,
    Enum,
    Bool,
    I32,
    I64,
    F32,
    F64,
    Timestamp(TimeFormat),
    Blob,
    Document,
    Stream,
    Events(EventsKind),
    Structure(ShapeCell),
    List(Box<ListKind>),
    Map(Box<MapKind>),
}

pub use crate::types::Format as TimeFormat;

/// An event stream.
pub struct EventsKind {
    /// The union of the events.
    pub union: ShapeCell,
    pub(crate) ops: &'static EventOps,
}

/// A list.
pub struct ListKind {
    /// Its elements.
    pub element: Node,
    /// The wire name of an element.
    pub wire: &'static str,
    /// Whether the elements are direct children of the parent.
    pub flat: bool,
    pub(crate) ops: &'static ListOps,
}

/// A map with string keys.
pub struct MapKind {
    /// Its values.
    pub value: Node,
    /// The wire name of a key.
    pub key_wire: &'static str,
    /// The wire name of a value.
    pub value_wire: &'static str,
    /// The XML namespace of a key.
    pub key_namespace: Option<Namespace>,
    /// The minimum length of a key.
    pub key_min: Option<i64>,
    /// Whether the entries are direct children of the parent.
    pub flat: bool,
    pub(crate) ops: &'static MapOps,
}

/// A nested shape. It is decoded at its first use, so that decoding a recursive shape ends.
pub struct ShapeCell {
    source: ShapeSource,
    shape: OnceLock<&'static Shape>,
}

impl ShapeCell {
    /// Returns the shape.
    pub fn get(&self) -> &'static Shape {
        match self.source {
            ShapeSource::Native(decode) => self.shape.get_or_init(decode),
            ShapeSource::Dynamic(cell) => cell.get().expect("a dynamic schema defines every shape it names"),
        }
    }
}

#[derive(Default)]
pub(crate) struct TypeIdHasher(u64);

impl Hasher for TypeIdHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, half: u64) {
        self.0 ^= half;
    }
}

pub(crate) type Registry<T> = RwLock<HashMap<TypeId, &'static T, BuildHasherDefault<TypeIdHasher>>>;

/// Returns the decoded value of a type, decoding it at the first use. Decoded values are leaked; their number is
/// bounded by the number of types that the program uses.
///
/// Compiled once for all types that are described, in this crate.
pub(crate) fn decoded<T>(registry: &Registry<T>, id: TypeId, decode: &dyn Fn() -> T) -> &'static T {
    if let Some(found) = sync::read(registry).get(&id) {
        return found;
    }
    let decoded = decode();
    let mut entries = sync::write(registry);
    entries.entry(id).or_insert_with(|| Box::leak(Box::new(decoded)))
}

pub(crate) const fn registry<T>() -> Registry<T> {
    RwLock::new(HashMap::with_hasher(BuildHasherDefault::new()))
}

/// The shape of a generated type.
pub fn shape_of<T: SchemaType>() -> &'static Shape {
    const { assert!(T::DESCRIPTION.notation.is_some(), "only structures and unions have shapes") };
    decoded_shape(TypeId::of::<T>(), || {
        (std::any::type_name::<T>(), &T::DESCRIPTION, T::TYPE, (size_of::<T>(), align_of::<T>()))
    })
}

/// The name of a type, its description, its type, and its size and alignment.
type Described = (&'static str, &'static Description, Type, (usize, usize));

/// The shape of the type with this id.
fn decoded_shape(id: TypeId, describe: fn() -> Described) -> &'static Shape {
    static SHAPES: Registry<Shape> = registry();
    decoded(&SHAPES, id, &|| {
        let (name, description, ty, extent) = describe();
        // The name is only printed, in messages and by `Debug`: wire names are in the description.
        let name = name.rsplit("::").next().unwrap_or(name);
        let shape = Shape::decode(name, description, ty);
        assert!(
            shape.extent() == extent,
            "the description of {name} does not match its fields; generate the crate again with this version"
        );
        shape
    })
}

impl Shape {
    pub(crate) fn decode(name: &'static str, description: &Description, ty: Type) -> Self {
        let (union, entries) = (description.is_union(), description.entries());
        let mut links = description.links.iter();
        let mut members = Vec::new();
        let mut offset = 0;
        let mut exceptions = Vec::new();
        for entry in entries {
            if entry.ty == "error" {
                exceptions.push((entry.name, entry.wire.unwrap_or(entry.name)));
                continue;
            }
            let index = members.len();
            let mut ty = match entry.ty {
                "*" => **links.next().unwrap_or_else(|| panic!("{name}: no link for member {}", entry.name)),
                ty => Type::from_notation(ty)
                    .unwrap_or_else(|| panic!("{name}: unknown type `{ty}` of member {}", entry.name)),
            };
            if union && entry.ty != "*" {
                ty = ty.unwrapped();
            }
            if !union {
                offset = align_up(offset, ty.align);
            }
            members.push(Member::decode(&entry, ty, index, offset, union));
            if !union {
                offset += ty.size;
            }
        }
        let mut payload_offset = 0;
        if union {
            assert!(members.len() < usize::from(u8::MAX), "{name}: too many members for the tag");
            // `repr(C, u8)`: the tag, then the payloads, all at one offset that is aligned for each of them; tag 0
            // holds a `String`.
            let align = members.iter().map(|it| it.node.ty.align).fold(align_of::<String>(), usize::max);
            payload_offset = align_up(1, align);
            members.iter_mut().for_each(|it| it.offset = payload_offset);
        }
        let indexes = |condition: fn(&Member) -> bool| -> Vec<usize> {
            members.iter().filter(|it| condition(it)).map(|it| it.index).collect()
        };
        Self {
            name,
            union,
            labels: indexes(|it| it.location == Location::Uri),
            queries: indexes(|it| it.location == Location::Query),
            headers: indexes(|it| matches!(it.location, Location::Header | Location::PrefixHeaders)),
            body: indexes(|it| it.location == Location::Body),
            read: indexes(|it| matches!(it.location, Location::Body | Location::Uri | Location::Query)),
            has_text: members.iter().any(|it| it.text),
            has_attributes: members.iter().any(|it| it.attribute),
            payload: members.iter().position(|it| it.location == Location::Payload),
            exceptions,
            status: members.iter().position(|it| it.location == Location::Status),
            members,
            payload_offset,
            reset: ty.reset,
            wire_names: OnceLock::new(),
            header_names: OnceLock::new(),
            names: OnceLock::new(),
        }
    }

    /// The size and alignment that a `repr(C)` structure of these members has.
    fn extent(&self) -> (usize, usize) {
        let align = self.members.iter().map(|it| it.node.ty.align).fold(1, usize::max);
        if self.union {
            let align = align.max(align_of::<String>());
            let size = self.members.iter().map(|it| it.node.ty.size).fold(size_of::<String>(), usize::max);
            return (align_up(self.payload_offset + size, align), align);
        }
        let end = self.members.last().map_or(0, |it| it.offset + it.node.ty.size);
        (align_up(end, align), align)
    }

    /// The member with this name in the model.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|it| it.name == name)
    }

    /// The member that is read from a body under this wire name. Responses often have the order of the model, so the
    /// member at `hint` is tried first; `hint` is then set to the position after the member that was found.
    pub fn member_by_wire_name(&self, name: &str, hint: &mut usize) -> Option<&Member> {
        let is = |position: usize| {
            let member = &self.members[self.read[position]];
            member.wire == name || member.alias == Some(name)
        };
        let position = if *hint < self.read.len() && is(*hint) {
            *hint
        } else {
            let table = self.wire_names.get_or_init(|| {
                let members = self.read.iter().map(|index| &self.members[*index]).enumerate();
                NameTable::new(members.flat_map(|(position, member)| {
                    [Some(member.wire), member.alias].into_iter().flatten().map(move |name| (name, position))
                }))
            });
            table.find(name, is)?
        };
        let member = &self.members[self.read[position]];
        // The next element may be of the same flattened list, so the hint stays on it.
        *hint = if member.is_repeated() { position } else { position + 1 };
        Some(member)
    }

    /// The members that are a header each, with its name, in the order of the names. A member whose name cannot be that of
    /// a header is not among them.
    pub(crate) fn header_members(&self) -> &[(HeaderName, usize)] {
        self.header_names.get_or_init(|| {
            let members = self.headers.iter().filter(|it| self.members[**it].location == Location::Header);
            let named =
                |&index: &usize| Some((HeaderName::from_bytes(self.members[index].wire.as_bytes()).ok()?, index));
            sorted(members.filter_map(named).collect(), |one, other| one.0.as_str().cmp(other.0.as_str()))
        })
    }

    /// The member of this wire name or this name in the model, wherever it is sent: for protocols that put all members
    /// into the body. `hint` as in [`member_by_wire_name`](Self::member_by_wire_name).
    pub(crate) fn member_by_any_name(&self, name: &str, hint: &mut usize) -> Option<&Member> {
        let is = |index: usize| self.members[index].wire == name || self.members[index].name == name;
        let index = if *hint < self.members.len() && is(*hint) {
            *hint
        } else {
            let table = self.names.get_or_init(|| {
                NameTable::new(self.members.iter().flat_map(|it| [(it.wire, it.index), (it.name, it.index)]))
            });
            table.find(name, is)?
        };
        *hint = index + 1;
        Some(&self.members[index])
    }
}

const fn align_up(offset: usize, align: usize) -> usize {
    offset.next_multiple_of(align)
}

impl Member {
    /// Whether several elements of this name may follow each other: those of a flattened list.
    pub(crate) fn is_repeated(&self) -> bool {
        matches!(&self.node.kind, Kind::List(list) if list.flat)
    }

    fn decode(entry: &Entry, ty: Type, index: usize, offset: usize, union: bool) -> Self {
        let location = match entry.location {
            "" => Location::Body,
            "uri" => Location::Uri,
            "query" => Location::Query,
            "header" => Location::Header,
            "prefix" => Location::PrefixHeaders,
            "status" => Location::Status,
            "payload" => Location::Payload,
            other => panic!("unknown location `{other}` of member {}", entry.name),
        };
        let node = Node::decode(entry, ty, 0, !union);
        let alias = match &node.kind {
            Kind::List(list) if list.flat => Entry::at_depth(entry.item, 0),
            _ => None,
        };
        Self {
            name: entry.name,
            wire: entry.location_name.or(entry.wire).unwrap_or(entry.name),
            query: entry.query,
            alias,
            location,
            required: entry.required,
            secret: entry.secret,
            token: entry.token,
            host: entry.host,
            attribute: entry.attr,
            text: entry.text,
            json: entry.json,
            context: entry.context,
            node,
            index,
            offset,
        }
    }
}

impl Node {
    /// Whether the value may be null: an element of a sparse list or a value of a sparse map.
    pub fn is_optional(&self) -> bool {
        matches!(self.presence, Presence::Option(_) | Presence::OptionBox(..))
    }

    fn decode(entry: &Entry, ty: Type, depth: usize, is_member: bool) -> Self {
        let (presence, inner) = match ty.repr {
            // Inside of a list, a map or a union, an absent list is an empty one.
            Repr::List(ops, _) if is_member => (Presence::Own(&ops.own), ty),
            Repr::Map(ops, _) if is_member => (Presence::Own(&ops.own), ty),
            Repr::Option(option, inner) => match inner.repr {
                Repr::Boxed(boxed, inner) => (Presence::OptionBox(option, boxed), *inner),
                _ => (Presence::Option(option), *inner),
            },
            Repr::Boxed(boxed, inner) => (Presence::Box(boxed), *inner),
            _ => (Presence::Plain, ty),
        };
        let kind = match inner.repr {
            Repr::String => Kind::String,
            Repr::Enum(_) => Kind::Enum,
            Repr::Bool => Kind::Bool,
            Repr::I32 => Kind::I32,
            Repr::I64 => Kind::I64,
            Repr::F32 => Kind::F32,
            Repr::F64 => Kind::F64,
            Repr::Timestamp => Kind::Timestamp(time_format(entry.time)),
            Repr::Blob => Kind::Blob,
            Repr::Document => Kind::Document,
            Repr::Stream => Kind::Stream,
            Repr::Events(ops, source) => {
                Kind::Events(EventsKind { union: ShapeCell { source, shape: OnceLock::new() }, ops })
            }
            Repr::Structure(source) => Kind::Structure(ShapeCell { source, shape: OnceLock::new() }),
            Repr::List(ops, element) => Kind::List(Box::new(ListKind {
                element: Self::decode(entry, *element, depth + 1, false),
                wire: Entry::at_depth(entry.item, depth).unwrap_or("member"),
                flat: entry.is_flat(depth),
                ops,
            })),
            Repr::Map(ops, value) => Kind::Map(Box::new(MapKind {
                value: Self::decode(entry, *value, depth + 1, false),
                key_wire: Entry::at_depth(entry.key, depth).unwrap_or("key"),
                value_wire: Entry::at_depth(entry.item, depth).unwrap_or("value"),
                key_namespace: Entry::at_depth(entry.key_ns, depth).map(namespace),
                key_min: entry.key_min.filter(|_| depth == 0),
                flat: entry.is_flat(depth),
                ops,
            })),
            Repr::Option(..) | Repr::Boxed(..) => panic!("{}: nested options have no meaning on the wire", entry.name),
        };
        let min = match depth {
            0 => entry.min,
            1 => entry.item_min,
            _ => None,
        };
        let find_long = match inner.repr {
            Repr::Enum(find) => find,
            _ => NO_LONG,
        };
        Self { kind, namespace: Entry::at_depth(entry.ns, depth).map(namespace), min, ty, presence, find_long }
    }
}

fn namespace(notation: &'static str) -> Namespace {
    match notation.split_once('|') {
        Some((prefix, uri)) => Namespace { prefix: Some(prefix), uri },
        None => Namespace { prefix: None, uri: notation },
    }
}

fn time_format(name: &str) -> TimeFormat {
    match name {
        "http" => TimeFormat::HttpDate,
        "iso" => TimeFormat::DateTime,
        _ => TimeFormat::EpochSeconds,
    }
}
