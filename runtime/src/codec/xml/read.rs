//! Reads elements into slots. A pull parser does the syntax; unknown elements are passed over, document types refused,
//! depth is bounded, and a document that ends early is an error.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::codec::text;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::shape::{Kind, Member};
use crate::schema::{ListMut, MapMut, Slot, StructureMut, layout::Open};

/// Deeper documents are refused: no answer of a service comes near, and the reader recurses.
const MAX_DEPTH: usize = 128;

/// A document being read.
pub struct Document<'a> {
    reader: Reader<&'a [u8]>,
    depth: usize,
}

/// The text of an element's children by their names.
#[derive(Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The text of the first child with this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }

    /// Whether there are no children.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Document<'a> {
    /// A document over UTF-8 text; a byte order mark is passed over.
    pub fn new(body: &'a [u8]) -> Result<Self> {
        let text = std::str::from_utf8(body)
            .map_err(|it| malformed("XML that is not UTF-8", it.valid_up_to()).with_source(it))?;
        let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
        reader.config_mut().expand_empty_elements = true;
        Ok(Self { reader, depth: 0 })
    }

    /// The start tag of the root element; `None` if the body holds nothing at all.
    pub fn root(&mut self) -> Result<Option<BytesStart<'a>>> {
        loop {
            match self.event()? {
                Event::Start(start) => return Ok(Some(start)),
                Event::Text(it) if it.trim_ascii().is_empty() => {}
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => return Ok(None),
                // Further inside one is passed over like a comment: what it defines stays undefined.
                Event::DocType(_) => return Err(self.malformed("a document type, which no service sends")),
                _ => return Err(self.malformed("text outside of the root element")),
            }
        }
    }

    /// Reads what stands inside an element as the members of a structure.
    pub fn structure(&mut self, start: &BytesStart<'a>, mut out: StructureMut<'_>) -> Result<()> {
        self.enter()?;
        let shape = out.shape();
        if shape.has_text
            && let Some(member) = shape.members.iter().find(|it| it.text)
        {
            let text = self.text()?;
            if !text.is_empty() {
                let value = text::parse(text, &member.node.kind).map_err(|it| it.within(member.name))?;
                out.slot(member).put(value);
            }
            self.leave();
            return Ok(());
        }
        let mut hint = 0;
        if shape.has_attributes {
            for member in shape.members.iter().filter(|it| it.attribute) {
                self.attribute(start, member, &mut out)?;
            }
        }
        let mut known = false;
        while let Some(child) = self.child()? {
            let name = child.local_name();
            let name: &str = name.as_ref();
            match shape.by_wire(name, &mut hint) {
                Some(member) => {
                    known = true;
                    self.member(&child, member, &mut out)?;
                }
                None => {
                    if shape.union && !known {
                        out.set_unknown(name);
                    }
                    self.skip(&child)?;
                }
            }
        }
        self.leave();
        Ok(())
    }

    fn member(&mut self, start: &BytesStart<'a>, member: &'static Member, out: &mut StructureMut<'_>) -> Result<()> {
        let slot = match &member.node.kind {
            // A flattened collection grows by one element each time; a union's slot would start again.
            Kind::List(kind) if kind.flat => match out.slot(member).open() {
                Open::List(mut list) => return self.located(member.name, |this| this.value(start, list.push())),
                _ => return Ok(()),
            },
            Kind::Map(kind) if kind.flat => match out.slot(member).open() {
                Open::Map(mut map) => return self.entry(start, &mut map),
                _ => return Ok(()),
            },
            _ => out.slot(member),
        };
        self.located(member.name, |this| this.value(start, slot))
    }

    fn value(&mut self, start: &BytesStart<'a>, slot: Slot<'_>) -> Result<()> {
        let kind = slot.kind();
        if matches!(kind, Kind::Structure(_) | Kind::List(_) | Kind::Map(_)) {
            return match slot.open() {
                Open::Structure(structure) => self.structure(start, structure),
                Open::List(list) => self.list(list),
                Open::Map(map) => self.map(map),
                Open::Scalar(_) => Ok(()),
            };
        }
        let text = self.text()?;
        // An empty element is an empty text, but no number and no instant: those count as absent.
        let is_text = matches!(kind, Kind::String | Kind::Enum | Kind::Blob | Kind::Document);
        if is_text || !text.trim_ascii().is_empty() {
            slot.put(text::parse(text, kind)?);
        }
        Ok(())
    }

    fn list(&mut self, mut list: ListMut<'_>) -> Result<()> {
        self.enter()?;
        // The name of the elements is not checked, as botocore does not: services have got it wrong.
        while let Some(child) = self.child()? {
            self.value(&child, list.push())?;
        }
        self.leave();
        Ok(())
    }

    fn map(&mut self, mut map: MapMut<'_>) -> Result<()> {
        self.enter()?;
        while let Some(entry) = self.child()? {
            self.entry(&entry, &mut map)?;
        }
        self.leave();
        Ok(())
    }

    fn entry(&mut self, _start: &BytesStart<'a>, map: &mut MapMut<'_>) -> Result<()> {
        self.enter()?;
        let kind = map.map();
        let mut key = None;
        let mut pending = None;
        while let Some(child) = self.child()? {
            let name = child.local_name();
            let name: &str = name.as_ref();
            if name == kind.key_wire {
                key = Some(self.text()?.into_owned());
            } else if name == kind.value_wire {
                match key.take() {
                    Some(key) => self.value(&child, map.insert(key))?,
                    // The value came first: come back to it when the key is known.
                    None => {
                        pending = Some((self.reader.clone(), child.clone()));
                        self.skip(&child)?;
                    }
                }
            } else {
                self.skip(&child)?;
            }
        }
        if let (Some(key), Some((reader, child))) = (key, pending) {
            let after = std::mem::replace(&mut self.reader, reader);
            self.value(&child, map.insert(key))?;
            self.reader = after;
        }
        self.leave();
        Ok(())
    }

    fn attribute(&self, start: &BytesStart<'a>, member: &'static Member, out: &mut StructureMut<'_>) -> Result<()> {
        // A prefix is the document's own choice, so local names decide; declarations of namespaces never match.
        let local = member.wire.rsplit(':').next().unwrap_or(member.wire);
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|it| self.malformed("a broken attribute").with_source(it))?;
            if attribute.key.as_namespace_binding().is_none() && attribute.key.local_name().as_ref() == local {
                let text = quick_xml::escape::unescape(&attribute.value)
                    .map_err(|it| self.malformed("a broken attribute").with_source(it))?;
                let value = text::parse(text, &member.node.kind)?;
                out.slot(member).put(value);
            }
        }
        Ok(())
    }

    /// The children of an element that hold only text; those with elements inside are passed over, but for `nested`,
    /// whose own children are then returned beside the others.
    pub fn fields(&mut self, nested: &str) -> Result<Fields> {
        self.enter()?;
        let mut fields = Fields::default();
        while let Some(child) = self.child()? {
            let name = child.local_name();
            let name: &str = name.as_ref();
            if name == nested {
                let inner = self.fields("")?;
                fields.0.splice(0..0, inner.0);
            } else if let Some(text) = self.text_or_skip()? {
                fields.0.push((name.to_owned(), text));
            }
        }
        self.leave();
        Ok(fields)
    }

    /// The next child element, or `None` at the end of the element it stands in.
    pub fn child(&mut self) -> Result<Option<BytesStart<'a>>> {
        loop {
            match self.event()? {
                Event::Start(start) => return Ok(Some(start)),
                Event::End(_) => return Ok(None),
                Event::Eof => return Err(self.malformed("XML that ends early")),
                _ => {}
            }
        }
    }

    /// The text of an element, up to and with its end tag.
    pub fn text(&mut self) -> Result<Cow<'a, str>> {
        let mut text = Cow::Borrowed("");
        loop {
            let piece = match self.event()? {
                Event::Text(it) => it.xml10_content(),
                Event::CData(it) => it.xml10_content(),
                Event::GeneralRef(it) => Cow::Owned(self.reference(&it)?.to_string()),
                Event::End(_) => return Ok(text),
                Event::Start(child) => {
                    self.skip(&child)?;
                    continue;
                }
                Event::Eof => return Err(self.malformed("XML that ends early")),
                _ => continue,
            };
            if text.is_empty() {
                text = piece;
            } else {
                text.to_mut().push_str(&piece);
            }
        }
    }

    fn text_or_skip(&mut self) -> Result<Option<String>> {
        let mut text = String::new();
        let mut only_text = true;
        loop {
            match self.event()? {
                Event::Text(it) => text.push_str(&it.xml10_content()),
                Event::CData(it) => text.push_str(&it.xml10_content()),
                Event::GeneralRef(it) => text.push(self.reference(&it)?),
                Event::End(_) => return Ok(only_text.then_some(text)),
                Event::Start(child) => {
                    only_text = false;
                    self.skip(&child)?;
                }
                Event::Eof => return Err(self.malformed("XML that ends early")),
                _ => {}
            }
        }
    }

    fn reference(&self, it: &BytesRef<'_>) -> Result<char> {
        if let Some(c) = it.resolve_char_ref().map_err(|it| self.malformed("a broken reference").with_source(it))? {
            return Ok(c);
        }
        Ok(match &**it {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => return Err(self.malformed("an entity that XML does not define")),
        })
    }

    /// Passes over an element whose start tag was read.
    pub fn skip(&mut self, start: &BytesStart<'a>) -> Result<()> {
        self.reader.read_to_end(start.name()).map_err(|it| self.malformed("broken XML").with_source(it)).map(|_| ())
    }

    #[inline]
    fn event(&mut self) -> Result<Event<'a>> {
        self.reader.read_event().map_err(|it| self.malformed("broken XML").with_source(it))
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        match self.depth > MAX_DEPTH {
            true => Err(self.malformed("XML nested too deep")),
            false => Ok(()),
        }
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    fn located<T>(&mut self, member: &str, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        read(self).map_err(|it| it.within(member))
    }

    fn malformed(&self, what: &str) -> Error {
        malformed(what, usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX))
    }
}

fn malformed(what: &str, position: usize) -> Error {
    Error::new(ErrorKind::Parse, format!("{what} at byte {position} of the body"))
}
