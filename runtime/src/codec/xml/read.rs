//! Reads elements into slots. Unknown elements are passed over, nesting is bounded, a document that ends early is an error,
//! and what is wrong is told with its member and its place in the body.

use std::borrow::Cow;

use super::scan::{Scanner, Start};
use crate::codec::text;
use crate::error::{Error, Result};
use crate::schema::shape::{Kind, Member};
use crate::schema::{ListMut, MapMut, Slot, StructureMut, layout::Open};

/// Deeper documents are refused: no answer of a service comes near, and the reader recurses.
const MAX_DEPTH: usize = 128;

/// A document being read.
pub struct Document<'a> {
    scanner: Scanner<'a>,
    depth: usize,
}

impl<'a> Document<'a> {
    /// A document over UTF-8 text; a byte order mark is passed over.
    pub fn new(body: &'a [u8]) -> Result<Self> {
        Ok(Self { scanner: Scanner::new(body)?, depth: 0 })
    }

    /// The start tag of the root element; `None` if the body holds none.
    pub fn root(&mut self) -> Result<Option<Start<'a>>> {
        self.scanner.root()
    }

    /// The start tag of the root element, which must be there.
    pub fn some_root(&mut self) -> Result<Start<'a>> {
        self.root()?.ok_or_else(|| self.scanner.malformed("no XML element"))
    }

    /// The next child of an element, or `None` when it ends.
    pub fn child(&mut self, parent: &Start<'a>) -> Result<Option<Start<'a>>> {
        self.scanner.child(parent)
    }

    /// The next child of this name, or `None` when the element ends without one.
    pub fn child_named(&mut self, parent: &Start<'a>, named: impl Fn(&str) -> bool) -> Result<Option<Start<'a>>> {
        while let Some(child) = self.child(parent)? {
            if named(child.name()) {
                return Ok(Some(child));
            }
            self.skip(&child)?;
        }
        Ok(None)
    }

    /// The text of an element; elements inside are passed over.
    pub fn text(&mut self, of: &Start<'a>) -> Result<Cow<'a, str>> {
        self.scanner.text(of)
    }

    /// Passes over an element whose start tag was read.
    pub fn skip(&mut self, of: &Start<'a>) -> Result<()> {
        self.scanner.skip(of)
    }

    /// The text of an element; `None` if there are elements inside.
    pub fn leaf(&mut self, of: &Start<'a>) -> Result<Option<Cow<'a, str>>> {
        self.scanner.only_text(of)
    }

    /// An error that says where in the body.
    pub fn malformed(&self, what: &str) -> Error {
        self.scanner.malformed(what)
    }

    /// Checks that nothing but comments follows the root element.
    pub fn end(&mut self) -> Result<()> {
        self.scanner.end()
    }

    /// Reads what stands inside an element as the members of a structure.
    pub fn structure(&mut self, start: &Start<'a>, mut out: StructureMut<'_>) -> Result<()> {
        self.enter()?;
        let shape = out.shape();
        if shape.has_attributes {
            for member in shape.members.iter().filter(|it| it.attribute) {
                self.attribute(start, member, &mut out).map_err(|it| it.within(member.name))?;
            }
        }
        if shape.has_text
            && let Some(member) = shape.members.iter().find(|it| it.text)
        {
            let slot = out.slot(member);
            self.scalar(start, slot, false).map_err(|it| it.within(member.name))?;
            self.leave();
            return Ok(());
        }
        let mut hint = 0;
        let mut known = false;
        while let Some(child) = self.child(start)? {
            match shape.by_wire(child.name(), &mut hint) {
                Some(member) => {
                    known = true;
                    self.member(&child, member, &mut out).map_err(|it| it.within(member.name))?;
                }
                None => {
                    if shape.union && !known {
                        out.set_unknown(child.name());
                    }
                    self.skip(&child)?;
                }
            }
        }
        self.leave();
        Ok(())
    }

    fn member(&mut self, start: &Start<'a>, member: &'static Member, out: &mut StructureMut<'_>) -> Result<()> {
        let slot = out.slot(member);
        // A flattened collection grows by one element each time.
        match &member.node.kind {
            Kind::List(kind) if kind.flat => match slot.open() {
                Open::List(mut list) => self.value(start, list.push()),
                _ => Ok(()),
            },
            Kind::Map(kind) if kind.flat => match slot.open() {
                Open::Map(mut map) => self.entry(start, &mut map),
                _ => Ok(()),
            },
            _ => self.value(start, slot),
        }
    }

    fn value(&mut self, start: &Start<'a>, slot: Slot<'_>) -> Result<()> {
        match slot.kind() {
            Kind::Structure(_) | Kind::List(_) | Kind::Map(_) => match slot.open() {
                Open::Structure(structure) => self.structure(start, structure),
                Open::List(list) => self.list(start, list),
                Open::Map(map) => self.map(start, map),
                Open::Scalar(_) => Ok(()),
            },
            // An empty element is an empty text, but no number and no instant: those count as absent.
            Kind::String | Kind::Enum | Kind::Blob | Kind::Document => self.scalar(start, slot, true),
            _ => self.scalar(start, slot, false),
        }
    }

    fn scalar(&mut self, start: &Start<'a>, slot: Slot<'_>, empty: bool) -> Result<()> {
        let position = self.scanner.position();
        let text = self.text(start)?;
        if empty || !text.trim_ascii().is_empty() {
            let value = text::parse(text, slot.kind())
                .map_err(|it| Error::new(it.kind(), format!("{} at byte {position} of the body", it.message())))?;
            slot.put(value);
        }
        Ok(())
    }

    fn list(&mut self, start: &Start<'a>, mut list: ListMut<'_>) -> Result<()> {
        self.enter()?;
        // The name of the elements is not checked, as botocore does not: services have got it wrong.
        while let Some(child) = self.child(start)? {
            self.value(&child, list.push())?;
        }
        self.leave();
        Ok(())
    }

    fn map(&mut self, start: &Start<'a>, mut map: MapMut<'_>) -> Result<()> {
        self.enter()?;
        while let Some(entry) = self.child(start)? {
            self.entry(&entry, &mut map)?;
        }
        self.leave();
        Ok(())
    }

    fn entry(&mut self, start: &Start<'a>, map: &mut MapMut<'_>) -> Result<()> {
        self.enter()?;
        let kind = map.map();
        let mut key = None;
        let mut pending = None;
        while let Some(child) = self.child(start)? {
            if child.name() == kind.key_wire {
                key = Some(self.text(&child)?.into_owned());
            } else if child.name() == kind.value_wire {
                match key.take() {
                    Some(key) => self.value(&child, map.insert(key))?,
                    // The value came first: come back to it when the key is known.
                    None => {
                        pending = Some((self.scanner.clone(), child));
                        self.skip(&child)?;
                    }
                }
            } else {
                self.skip(&child)?;
            }
        }
        if let (Some(key), Some((scanner, child))) = (key, pending) {
            let after = std::mem::replace(&mut self.scanner, scanner);
            self.value(&child, map.insert(key))?;
            self.scanner = after;
        }
        self.leave();
        Ok(())
    }

    fn attribute(&self, start: &Start<'a>, member: &'static Member, out: &mut StructureMut<'_>) -> Result<()> {
        // A prefix is the document's own choice, so local names decide.
        let local = member.wire.rsplit(':').next().unwrap_or(member.wire);
        if let Some(text) = start.attribute(local) {
            out.slot(member).put(text::parse(text, &member.node.kind)?);
        }
        Ok(())
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
}
