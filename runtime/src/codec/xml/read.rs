//! Reads elements into slots. Unknown elements are skipped, nesting is limited, a truncated document is an error, and
//! every error has the path of its member and its position in the body. Knows no protocol.

use std::borrow::Cow;

use super::scan::{Scanner, Start};
use crate::codec::scalar_string;
use crate::error::{Error, Result};
use crate::schema::shape::{Kind, Member, Shape};
use crate::schema::{ListMut, MAX_DEPTH, MapMut, Slot, StructureMut, layout::Open};

fn is_flat_map(member: &Member) -> bool {
    matches!(&member.node.kind, Kind::Map(kind) if kind.flat)
}

/// Sorts the entries of flattened maps, which come one by one among the other members.
fn settle_flat_maps(mut out: StructureMut<'_>) {
    for member in out.shape().members.iter().filter(|it| is_flat_map(it)) {
        if out.view().get(member).is_some()
            && let Open::Map(mut map) = out.slot(member).open()
        {
            map.settle();
        }
    }
}

/// A document that is being read.
pub struct Document<'a> {
    scanner: Scanner<'a>,
    depth: usize,
}

impl<'a> Document<'a> {
    /// Creates a document from the [`text`](super::text) of a body; a byte order mark is skipped.
    pub fn new(text: &'a str) -> Self {
        Self { scanner: Scanner::new(text), depth: 0 }
    }

    /// Reads the start tag of the root element; `None` if the body has no element.
    pub fn root(&mut self) -> Result<Option<Start<'a>>> {
        self.scanner.root()
    }

    /// Reads the start tag of the root element; it is an error if there is none.
    pub fn require_root(&mut self) -> Result<Start<'a>> {
        self.root()?.ok_or_else(|| self.scanner.malformed("expected an XML element"))
    }

    /// Reads the start tag of the next child of an element; `None` when the element ends.
    pub fn child(&mut self, parent: &Start<'a>) -> Result<Option<Start<'a>>> {
        self.scanner.child(parent)
    }

    /// Reads the start tag of the next child with a matching name; `None` when the element ends.
    pub fn child_named(&mut self, parent: &Start<'a>, matches: impl Fn(&str) -> bool) -> Result<Option<Start<'a>>> {
        while let Some(child) = self.child(parent)? {
            if matches(child.name()) {
                return Ok(Some(child));
            }
            self.skip(&child)?;
        }
        Ok(None)
    }

    /// Reads the text of an element; child elements are skipped.
    pub fn text(&mut self, element: &Start<'a>) -> Result<Cow<'a, str>> {
        self.scanner.text(element)
    }

    /// Skips the rest of an element whose start tag was read.
    pub fn skip(&mut self, element: &Start<'a>) -> Result<()> {
        self.scanner.skip(element)
    }

    /// Reads the text of an element; `None` if it has child elements.
    pub fn leaf_text(&mut self, element: &Start<'a>) -> Result<Option<Cow<'a, str>>> {
        self.scanner.leaf_text(element)
    }

    /// Returns an error with the current position in the body.
    pub fn malformed(&self, what: &str) -> Error {
        self.scanner.malformed(what)
    }

    /// Checks that only comments and white space follow the root element.
    pub fn end(&mut self) -> Result<()> {
        self.scanner.end()
    }

    /// Reads the attributes and children of an element as the members of a structure.
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
        let mut has_member = false;
        let mut has_flat_map = false;
        loop {
            let (child, member) = match self.expected_member(start, shape, &mut hint) {
                Some((child, member)) => (child, Some(member)),
                None => match self.child(start)? {
                    Some(child) => (child, shape.member_by_wire_name(child.name(), &mut hint)),
                    None => break,
                },
            };
            match member {
                Some(member) => {
                    has_member = true;
                    has_flat_map |= is_flat_map(member);
                    self.member(&child, member, &mut out).map_err(|it| it.within(member.name))?;
                }
                None => {
                    if shape.union && !has_member {
                        out.set_unknown(child.name());
                    }
                    self.skip(&child)?;
                }
            }
        }
        if has_flat_map {
            settle_flat_maps(out);
        }
        self.leave();
        Ok(())
    }

    /// The next child, if it is the member after the one before; the elements of a flattened list stay at their member.
    fn expected_member(
        &mut self,
        start: &Start<'a>,
        shape: &'static Shape,
        hint: &mut usize,
    ) -> Option<(Start<'a>, &'static Member)> {
        let member = &shape.members[*shape.read.get(*hint)?];
        let name = member.alias.unwrap_or(member.wire);
        let child = self.scanner.expected(start, name)?;
        if !member.is_repeated() {
            *hint += 1;
        }
        Some((child, member))
    }

    fn member(&mut self, start: &Start<'a>, member: &'static Member, out: &mut StructureMut<'_>) -> Result<()> {
        let slot = out.slot(member);
        // Each element of a flattened list or map adds one item.
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
            // An empty element is an empty string. Numbers and timestamps cannot be empty and count as absent.
            Kind::String | Kind::Enum | Kind::Blob | Kind::Document => self.scalar(start, slot, true),
            _ => self.scalar(start, slot, false),
        }
    }

    fn scalar(&mut self, start: &Start<'a>, slot: Slot<'_>, may_be_empty: bool) -> Result<()> {
        let position = self.scanner.position();
        let text = self.text(start)?;
        if !may_be_empty && text.trim_ascii().is_empty() {
            return Ok(());
        }
        match slot.kind() {
            Kind::String | Kind::Enum => slot.put_str(text),
            kind => {
                let value = scalar_string::parse(text, kind)
                    .map_err(|it| Error::new(it.kind(), format!("{} at byte {position} of the body", it.message())))?;
                slot.put(value)
            }
        };
        Ok(())
    }

    fn list(&mut self, start: &Start<'a>, mut list: ListMut<'_>) -> Result<()> {
        self.enter()?;
        // The names of the elements are not checked, as in botocore: some services send wrong names.
        let mut name = list.list().wire;
        loop {
            let child = match self.scanner.expected(start, name) {
                Some(child) => child,
                None => match self.child(start)? {
                    Some(child) => child,
                    None => break,
                },
            };
            name = child.name();
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
        map.settle();
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
                    Some(key) => self.value(&child, map.push(key))?,
                    // The value precedes the key: read it after the key.
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
            self.value(&child, map.push(key))?;
            self.scanner = after;
        }
        self.leave();
        Ok(())
    }

    fn attribute(&self, start: &Start<'a>, member: &'static Member, out: &mut StructureMut<'_>) -> Result<()> {
        // Documents choose their prefixes, so only local names are compared.
        let local = member.wire.rsplit(':').next().unwrap_or(member.wire);
        if let Some(text) = start.attribute(local) {
            out.slot(member).put(scalar_string::parse(text, &member.node.kind)?);
        }
        Ok(())
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        match self.depth > MAX_DEPTH {
            true => Err(self.malformed("XML is nested too deeply")),
            false => Ok(()),
        }
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }
}
