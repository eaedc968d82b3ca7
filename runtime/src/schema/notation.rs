//! The notation of descriptions: one line of text a shape, written by the generator and read here.
//!
//! A description is a list of entries separated by `;`. The first may be the word `union`. Every other entry is
//! `Name:type` with modifiers behind it, in the order of the fields of the structure:
//!
//! ```text
//! Bucket:str @uri req ctx=Bucket; IfModifiedSince:time @header=If-Modified-Since time=http; Metadata:{str}? @prefix=x-amz-meta-
//! ```
//!
//! | type | field |
//! |---|---|
//! | `str` `enum` `bool` `i32` `i64` `f32` `f64` `time` `blob` `doc` | `Option` of the scalar (in a union: the scalar) |
//! | `[str]` `{str}` `stream` | `Vec<String>`, `BTreeMap<String, String>`, `ByteStream`; with `?` behind, `Option` of it |
//! | `*` | the next of the description's links, which carry any other type |
//! | `error` | none: an exception that a stream of this union may end with; its code is `=Code`, else its name |
//!
//! | modifier | meaning |
//! |---|---|
//! | `=Name` | name on the wire, when it differs |
//! | `q=Name` | name in EC2's requests, when it differs from that in its answers |
//! | `@uri` `@header` `@query` `@prefix` `@status` `@payload` | place on the wire; `@place=name` names it there |
//! | `req` `secret` `token` `host` | required, sensitive, idempotency token, host label |
//! | `attr` `text` `json` | XML attribute, text of the structure's own element, JSON in a header |
//! | `flat` | flattened list or map; `flat=0,1` names the depths of nested ones |
//! | `item=a,b` `key=a,b` | wire names of elements (or map values) and map keys, by depth |
//! | `ns=a,b` `kns=a,b` | XML namespaces (`prefix|uri`) of the member, its elements, …, by depth; of map keys |
//! | `time=epoch` `time=http` `time=iso` | timestamp format |
//! | `min=N` `imin=N` `kmin=N` | least length (of texts and lists) or value of the member, its elements, its keys |
//! | `ctx=Name` | the endpoint parameter that the member gives |
//!
//! Names hold neither blanks nor `;`; the generator refuses a model that has such.

use super::layout::Type;

/// A shape as the generator wrote it.
#[derive(Clone, Copy)]
pub struct Description {
    /// `None` for everything that is no structure.
    pub(crate) text: Option<&'static str>,
    pub(crate) links: &'static [&'static Type],
}

impl Description {
    /// Of everything that is no structure.
    pub(crate) const NONE: Self = Self { text: None, links: &[] };

    /// A description; `links` are the types of the members written `*`, in order.
    pub const fn new(text: &'static str, links: &'static [&'static Type]) -> Self {
        Self { text: Some(text), links }
    }

    /// Whether the shape is a union.
    pub(crate) const fn is_union(&self) -> bool {
        let Some(text) = self.text else { return false };
        match text.as_bytes() {
            b"union" => true,
            [b'u', b'n', b'i', b'o', b'n', next, ..] => *next == b';',
            _ => false,
        }
    }

    /// The entries behind the word `union`.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> {
        let text = self.text.unwrap_or_default();
        let rest = if self.is_union() { &text["union".len()..] } else { text };
        rest.split(';').map(str::trim).filter(|it| !it.is_empty()).map(Entry::parse)
    }
}

/// One entry, split but not yet understood as a type.
#[derive(Clone, Copy, Default)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) ty: &'static str,
    pub(crate) wire: Option<&'static str>,
    pub(crate) query: Option<&'static str>,
    pub(crate) place: &'static str,
    pub(crate) place_name: Option<&'static str>,
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
        let mut words = text.split(' ').filter(|it| !it.is_empty());
        let (name, ty) = words.next().and_then(|it| it.split_once(':')).unwrap_or((text, ""));
        let mut entry = Self { name, ty, ..Self::default() };
        for word in words {
            entry.modify(word);
        }
        entry
    }

    fn modify(&mut self, word: &'static str) {
        if let Some(place) = word.strip_prefix('@') {
            match place.split_once('=') {
                Some((place, name)) => (self.place, self.place_name) = (place, Some(name)),
                None => self.place = place,
            }
            return;
        }
        match word.split_once('=') {
            Some(("", wire)) => self.wire = Some(wire),
            Some(("q", name)) => self.query = Some(name),
            Some(("flat", depths)) => self.flat = depths,
            Some(("item", names)) => self.item = names,
            Some(("key", names)) => self.key = names,
            Some(("ns", names)) => self.ns = names,
            Some(("kns", names)) => self.key_ns = names,
            Some(("time", format)) => self.time = format,
            Some(("min", least)) => self.min = least.parse().ok(),
            Some(("imin", least)) => self.item_min = least.parse().ok(),
            Some(("kmin", least)) => self.key_min = least.parse().ok(),
            Some(("ctx", name)) => self.context = Some(name),
            Some(_) => invalid(self.name, word),
            None => match word {
                "req" => self.required = true,
                "secret" => self.secret = true,
                "token" => self.token = true,
                "host" => self.host = true,
                "attr" => self.attr = true,
                "text" => self.text = true,
                "json" => self.json = true,
                "flat" => self.flat = "0",
                _ => invalid(self.name, word),
            },
        }
    }

    /// The part of a comma-separated modifier that belongs to `depth`.
    pub(crate) fn at_depth(list: &'static str, depth: usize) -> Option<&'static str> {
        list.split(',').nth(depth).filter(|it| !it.is_empty())
    }

    pub(crate) fn is_flat(&self, depth: usize) -> bool {
        self.flat.split(',').any(|it| it.parse() == Ok(depth))
    }
}

/// Descriptions come from the generator of this very version, so a word that is not known here is a defect of the build.
fn invalid(member: &str, word: &str) -> ! {
    panic!("description of member {member}: unknown modifier `{word}`; generate the crate again with this version")
}
