//! The notation of descriptions: one string for each shape, written by the generator and parsed here.
//!
//! A description is a list of entries separated by `;`. The first may be the keyword `union`. Every other entry is
//! `Name:type` followed by modifiers, in the order of the fields of the structure:
//!
//! ```text
//! Bucket:str @uri req ctx=Bucket; IfModifiedSince:time @header=If-Modified-Since time=http; Metadata:{str}
//! @prefix=x-amz-meta-
//! ```
//!
//! | type | field |
//! |---|---|
//! | `str` `enum` `bool` `i32` `i64` `f32` `f64` `time` `blob` `doc` | `Option` of the scalar (in a union: the scalar) |
//! | `[str]` `{str}` | `List<String>`, `Map<String, String>` |
//! | `stream` | `ByteStream`; with `?` after it, `Option` of it |
//! | `*` | the next of the description's links, which carry any other type |
//! | `error` | no field: an exception that a stream of this union may end with; its code is `=Code`, else its name |
//!
//! | modifier | meaning |
//! |---|---|
//! | `=Name` | name on the wire, when it differs |
//! | `q=Name` | name in EC2's requests, when it differs from that in its responses |
//! | `@uri` `@header` `@query` `@prefix` `@status` `@payload` | location on the wire; `@location=name` gives its name there |
//! | `req` `secret` `token` `host` | required, sensitive (marked so or a secret by its name), idempotency token, host label |
//! | `attr` `text` `json` | XML attribute, text of the structure's own element, JSON in a header |
//! | `flat` | flattened list or map; `flat=0,1` names the depths of nested ones |
//! | `item=a,b` `key=a,b` | wire names of elements (or map values) and map keys, by depth |
//! | `ns=a,b` `kns=a,b` | XML namespaces (`prefix|uri`) of the member, its elements, …, by depth; of map keys |
//! | `time=epoch` `time=http` `time=iso` | timestamp format |
//! | `min=N` `imin=N` `kmin=N` | minimum length (of strings and lists) or value of the member, its elements, its keys |
//! | `ctx=Name` | the endpoint parameter that the member sets |
//!
//! Names contain neither spaces nor `;`; the generator rejects a model with such names.

use super::layout::Type;

/// A description as the generator wrote it.
#[derive(Clone, Copy)]
pub struct Description {
    /// `None` for types that are not structures or unions.
    pub(crate) notation: Option<&'static str>,
    pub(crate) links: &'static [&'static Type],
}

impl Description {
    /// The description of types that are not structures or unions.
    pub(crate) const NONE: Self = Self { notation: None, links: &[] };

    /// Creates a description; `links` are the types of the members written `*`, in order.
    pub const fn new(notation: &'static str, links: &'static [&'static Type]) -> Self {
        Self { notation: Some(notation), links }
    }

    /// Whether the shape is a union.
    pub(crate) const fn is_union(&self) -> bool {
        let Some(notation) = self.notation else { return false };
        match notation.as_bytes() {
            b"union" => true,
            [b'u', b'n', b'i', b'o', b'n', next, ..] => *next == b';',
            _ => false,
        }
    }

    /// The entries, without the keyword `union`.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> {
        let notation = self.notation.unwrap_or_default();
        let rest = if self.is_union() { &notation["union".len()..] } else { notation };
        rest.split(';').map(str::trim).filter(|it| !it.is_empty()).map(Entry::parse)
    }
}

/// One entry, split into its parts; the type is not resolved yet.
#[derive(Clone, Copy, Default)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) ty: &'static str,
    pub(crate) wire: Option<&'static str>,
    pub(crate) query: Option<&'static str>,
    pub(crate) location: &'static str,
    pub(crate) location_name: Option<&'static str>,
    pub(crate) required: bool,
    pub(crate) secret: bool,
    pub(crate) token: bool,
    pub(crate) host: bool,
    pub(crate) attr: bool,
    pub(crate) text: bool,
    pub(crate) json: bool,
    pub(crate) flat: &'static str,
    pub(crate) item: &'static str,
    pub(crate) key: &'static str,
    pub(crate) ns: &'static str,
    pub(crate) key_ns: &'static str,
    pub(crate) time: &'static str,
    pub(crate) min: Option<i64>,
    pub(crate) item_min: Option<i64>,
    pub(crate) key_min: Option<i64>,
    pub(crate) context: Option<&'static str>,
}

impl Entry {
    fn parse(text: &'static str) -> Self {
        let mut parts = text.split(' ').filter(|it| !it.is_empty());
        let (name, ty) = parts.next().and_then(|it| it.split_once(':')).unwrap_or((text, ""));
        let mut entry = Self { name, ty, ..Self::default() };
        for modifier in parts {
            entry.apply(modifier);
        }
        entry
    }

    fn apply(&mut self, modifier: &'static str) {
        if let Some(location) = modifier.strip_prefix('@') {
            match location.split_once('=') {
                Some((location, name)) => (self.location, self.location_name) = (location, Some(name)),
                None => self.location = location,
            }
            return;
        }
        match modifier.split_once('=') {
            Some(("", wire)) => self.wire = Some(wire),
            Some(("q", name)) => self.query = Some(name),
            Some(("flat", depths)) => self.flat = depths,
            Some(("item", names)) => self.item = names,
            Some(("key", names)) => self.key = names,
            Some(("ns", names)) => self.ns = names,
            Some(("kns", names)) => self.key_ns = names,
            Some(("time", format)) => self.time = format,
            Some(("min", min)) => self.min = min.parse().ok(),
            Some(("imin", min)) => self.item_min = min.parse().ok(),
            Some(("kmin", min)) => self.key_min = min.parse().ok(),
            Some(("ctx", name)) => self.context = Some(name),
            Some(_) => invalid(self.name, modifier),
            None => match modifier {
                "req" => self.required = true,
                "secret" => self.secret = true,
                "token" => self.token = true,
                "host" => self.host = true,
                "attr" => self.attr = true,
                "text" => self.text = true,
                "json" => self.json = true,
                "flat" => self.flat = "0",
                _ => invalid(self.name, modifier),
            },
        }
    }

    /// The part of a comma-separated modifier for `depth`.
    pub(crate) fn at_depth(list: &'static str, depth: usize) -> Option<&'static str> {
        list.split(',').nth(depth).filter(|it| !it.is_empty())
    }

    pub(crate) fn is_flat(&self, depth: usize) -> bool {
        self.flat.split(',').any(|it| it.parse() == Ok(depth))
    }
}

/// Descriptions come from the generator of this very version, so an unknown modifier is a defect of the build.
fn invalid(member: &str, modifier: &str) -> ! {
    panic!("description of member {member}: unknown modifier `{modifier}`; generate the crate again with this version")
}
