//! The syntax of XML, pulled element by element: every tag must match, every reference must be one of XML's own, and a
//! document type is refused wherever it stands. Knows no shape. Texts are borrowed from the document unless something in
//! them had to be replaced.
//!
//! What services send is data, so two rules of XML that guard other uses are let go: characters that XML forbids and `]]>`
//! in a text are taken as they are. Keys of objects may hold the first.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memchr3};

use crate::error::{Error, ErrorKind, Result};

/// A place in a document.
#[derive(Clone, Debug)]
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// How many bytes of the body stand before the text: a byte order mark.
    mark: usize,
    /// The elements that are open inside of one that is passed over; kept to be used again.
    open: Vec<&'a str>,
}

/// A start tag.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    /// The name as it stands there.
    qualified: &'a str,
    /// Where the name begins behind its prefix.
    local: usize,
    /// All attributes as they stand there.
    attributes: &'a str,
    /// Whether the tag is the whole element: `<a/>`.
    empty: bool,
}

impl<'a> Start<'a> {
    /// The name without its prefix.
    #[inline]
    pub fn name(&self) -> &'a str {
        &self.qualified[self.local..]
    }

    /// The attributes: names with prefixes, and values before references are replaced.
    fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut rest = self.attributes;
        // They were checked when the tag was read.
        std::iter::from_fn(move || {
            let (name, tail) = rest.split_once('=')?;
            let tail = tail.trim_start_matches(is_space);
            let quote = tail.chars().next()?;
            let (value, tail) = tail.get(1..)?.split_once(quote)?;
            rest = tail;
            Some((name.trim_matches(is_space), value))
        })
    }

    /// The value of the attribute with this local name; declarations of namespaces are none.
    pub fn attribute(&self, local: &str) -> Option<Cow<'a, str>> {
        let found = self.attributes().find(|(name, _)| match name.split_once(':') {
            Some((prefix, name)) => prefix != "xmlns" && name == local,
            None => *name != "xmlns" && *name == local,
        });
        found.map(|(_, value)| plain(value))
    }
}

impl<'a> Scanner<'a> {
    /// The beginning of a document in UTF-8; a byte order mark is passed over.
    pub fn new(body: &'a [u8]) -> Result<Self> {
        let text = std::str::from_utf8(body)
            .map_err(|it| malformed("XML that is not UTF-8", it.valid_up_to()).with_source(it))?;
        let (text, mark) = text.strip_prefix('\u{feff}').map_or((text, 0), |it| (it, 3));
        Ok(Self { text, at: 0, mark, open: Vec::new() })
    }

    /// The start tag of the root element; `None` if the document holds none.
    pub fn root(&mut self) -> Result<Option<Start<'a>>> {
        self.misc()?;
        match self.byte() {
            None => Ok(None),
            Some(_) => self.start().map(Some),
        }
    }

    /// Checks that nothing but comments follows the root element.
    pub fn end(&mut self) -> Result<()> {
        self.misc()?;
        match self.byte() {
            None => Ok(()),
            Some(_) => Err(self.malformed("an element behind the root element")),
        }
    }

    /// Passes over what may stand outside of the root element.
    fn misc(&mut self) -> Result<()> {
        loop {
            self.spaces();
            match self.byte() {
                None => return Ok(()),
                Some(b'<') if matches!(self.byte_at(1), Some(b'!' | b'?')) => {
                    if self.rest().starts_with("<![CDATA[") {
                        return Err(self.malformed("text outside of the root element"));
                    }
                    self.markup()?;
                }
                Some(b'<') => return Ok(()),
                Some(_) => return Err(self.malformed("text outside of the root element")),
            }
        }
    }

    /// The next child of an element, or `None` when it ends; texts are passed over.
    #[inline]
    pub fn child(&mut self, parent: &Start<'a>) -> Result<Option<Start<'a>>> {
        if parent.empty {
            return Ok(None);
        }
        loop {
            self.spaces();
            match (self.byte(), self.byte_at(1)) {
                (Some(b'<'), Some(b'/')) => return self.close(parent.qualified).map(|()| None),
                (Some(b'<'), Some(b'!' | b'?')) => drop(self.markup()?),
                (Some(b'<'), _) => return self.start().map(Some),
                (Some(_), _) => drop(self.run()?),
                (None, _) => return Err(self.early()),
            }
        }
    }

    /// The text of an element, up to and with its end tag; elements inside are passed over.
    #[inline]
    pub fn text(&mut self, of: &Start<'a>) -> Result<Cow<'a, str>> {
        if of.empty {
            return Ok(Cow::Borrowed(""));
        }
        // Nearly always there is one text without anything to replace.
        let rest = self.rest();
        if let Some(end) = memchr3(b'<', b'&', b'\r', rest.as_bytes())
            && rest.as_bytes()[end..].starts_with(b"</")
        {
            self.at += end;
            self.close(of.qualified)?;
            return Ok(Cow::Borrowed(&rest[..end]));
        }
        self.pieces(of).map(|it| it.0)
    }

    /// The text of an element, up to and with its end tag; `None` if there are elements inside.
    pub fn only_text(&mut self, of: &Start<'a>) -> Result<Option<Cow<'a, str>>> {
        match of.empty {
            true => Ok(Some(Cow::Borrowed(""))),
            false => self.pieces(of).map(|(text, elements)| (!elements).then_some(text)),
        }
    }

    /// The text, and whether there are elements beside it.
    fn pieces(&mut self, of: &Start<'a>) -> Result<(Cow<'a, str>, bool)> {
        let mut text = Cow::Borrowed("");
        let mut elements = false;
        loop {
            let piece = match (self.byte(), self.byte_at(1)) {
                (Some(b'<'), Some(b'/')) => {
                    self.close(of.qualified)?;
                    return Ok((text, elements));
                }
                (Some(b'<'), Some(b'!' | b'?')) => Cow::Borrowed(self.markup()?),
                (Some(b'<'), _) => {
                    elements = true;
                    let child = self.start()?;
                    self.skip(&child)?;
                    continue;
                }
                (Some(_), _) => self.run()?,
                (None, _) => return Err(self.early()),
            };
            match text.is_empty() {
                true => text = piece,
                false => text.to_mut().push_str(&piece),
            }
        }
    }

    /// Passes over what is left of an element, without recursion.
    pub fn skip(&mut self, of: &Start<'a>) -> Result<()> {
        if of.empty {
            return Ok(());
        }
        let mut name = of.qualified;
        let mut open = std::mem::take(&mut self.open);
        open.clear();
        loop {
            match (self.byte(), self.byte_at(1)) {
                (Some(b'<'), Some(b'/')) => {
                    self.close(name)?;
                    match open.pop() {
                        Some(outer) => name = outer,
                        None => break,
                    }
                }
                (Some(b'<'), Some(b'!' | b'?')) => drop(self.markup()?),
                (Some(b'<'), _) => {
                    let child = self.start()?;
                    if !child.empty {
                        open.push(std::mem::replace(&mut name, child.qualified));
                    }
                }
                (Some(_), _) => drop(self.run()?),
                (None, _) => return Err(self.early()),
            }
        }
        self.open = open;
        Ok(())
    }

    /// A text up to the next tag, with references and line ends replaced.
    fn run(&mut self) -> Result<Cow<'a, str>> {
        let rest = self.rest();
        let end = memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
        let raw = &rest[..end];
        if memchr2(b'&', b'\r', raw.as_bytes()).is_none() {
            self.at += end;
            return Ok(Cow::Borrowed(raw));
        }
        let mut text = String::with_capacity(raw.len());
        let mut done = 0;
        while let Some(found) = memchr2(b'&', b'\r', &raw.as_bytes()[done..]) {
            text.push_str(&raw[done..done + found]);
            done += found;
            if raw.as_bytes()[done] == b'\r' {
                // Every kind of line end is one line feed.
                text.push('\n');
                done += if raw[done..].starts_with("\r\n") { 2 } else { 1 };
            } else {
                let (c, len) = reference(&raw[done..]).map_err(|what| {
                    self.at += done;
                    self.malformed(what)
                })?;
                text.push(c);
                done += len;
            }
        }
        text.push_str(&raw[done..]);
        self.at += end;
        Ok(Cow::Owned(text))
    }

    /// A comment or an instruction, which say nothing, or the text of a CDATA section.
    fn markup(&mut self) -> Result<&'a str> {
        let rest = self.rest();
        let (start, end) = match () {
            () if rest.starts_with("<!--") => (4, "-->"),
            () if rest.starts_with("<![CDATA[") => (9, "]]>"),
            () if rest.starts_with("<?") => match rest.as_bytes().get(2) {
                Some(it) if NAME[usize::from(*it)] != 0 => (2, "?>"),
                Some(_) => return Err(self.malformed("a broken instruction")),
                None => return Err(self.early()),
            },
            // What it defines stays undefined: entities that grow, and files to be read.
            () if rest.starts_with("<!DOCTYPE") => {
                return Err(self.malformed("a document type, which no service sends"));
            }
            () if ["<!DOCTYPE", "<!--", "<![CDATA["].iter().any(|it| it.starts_with(rest)) => return Err(self.early()),
            () => return Err(self.malformed("broken XML")),
        };
        let Some(len) = memchr::memmem::find(&rest.as_bytes()[start..], end.as_bytes()) else {
            return Err(self.early());
        };
        self.at += start + len + end.len();
        Ok(if end == "]]>" { &rest[start..start + len] } else { "" })
    }

    /// A start tag; the place is at its `<`.
    #[inline]
    fn start(&mut self) -> Result<Start<'a>> {
        self.at += 1;
        let begin = self.at;
        let mut local = 0;
        let bytes = self.text.as_bytes();
        let mut at = begin;
        while let Some(&byte) = bytes.get(at)
            && NAME[usize::from(byte)] != 0
        {
            at += 1;
            if byte == b':' {
                local = at - begin;
            }
        }
        self.at = at;
        let qualified = &self.text[begin..at];
        if local == qualified.len() || matches!(bytes.get(begin), Some(b'-' | b'.' | b'0'..=b'9')) {
            return Err(if at == bytes.len() { self.early() } else { self.malformed("a broken tag") });
        }
        let mut start = Start { qualified, local, attributes: "", empty: false };
        if bytes.get(at) == Some(&b'>') {
            self.at += 1;
            return Ok(start);
        }
        self.attributes()?;
        start.attributes = &self.text[at..self.at];
        if self.byte() == Some(b'/') {
            start.empty = true;
            self.at += 1;
        }
        match self.byte() {
            Some(b'>') => self.at += 1,
            Some(_) => return Err(self.malformed("a broken tag")),
            None => return Err(self.early()),
        }
        Ok(start)
    }

    /// Checks and passes over the attributes of a start tag and the blanks around them.
    fn attributes(&mut self) -> Result<()> {
        loop {
            let spaced = self.spaces();
            match self.byte() {
                None => return Err(self.early()),
                Some(b'>' | b'/') => return Ok(()),
                Some(_) if !spaced => return Err(self.malformed("a broken tag")),
                Some(_) => {}
            }
            let name = self.at;
            while self.byte().is_some_and(|it| NAME[usize::from(it)] != 0) {
                self.at += 1;
            }
            let named = self.at > name;
            self.spaces();
            let equal = self.byte() == Some(b'=');
            self.at += usize::from(equal);
            self.spaces();
            let quote = match self.byte() {
                Some(quote @ (b'"' | b'\'')) if named && equal => quote,
                None => return Err(self.early()),
                Some(_) => return Err(self.malformed("a broken attribute")),
            };
            self.at += 1;
            let rest = self.rest();
            let Some(end) = memchr(quote, rest.as_bytes()) else { return Err(self.early()) };
            let mut value = &rest[..end];
            while let Some(found) = memchr2(b'&', b'<', value.as_bytes()) {
                let (_, len) = reference(&value[found..]).map_err(|_| self.malformed("a broken attribute"))?;
                value = &value[found + len..];
            }
            self.at += end + 1;
        }
    }

    /// The end tag of the element with this name; the place is at its `<`.
    #[inline]
    fn close(&mut self, name: &str) -> Result<()> {
        let rest = &self.rest().as_bytes()[2..];
        match rest.strip_prefix(name.as_bytes()).map(|it| (it, it.first())) {
            Some((_, Some(b'>'))) => self.at += 3 + name.len(),
            Some((tail, Some(b' ' | b'\t' | b'\r' | b'\n'))) => {
                let spaces = tail.iter().position(|it| !is_space(char::from(*it))).unwrap_or(tail.len());
                self.at += 2 + name.len() + spaces;
                match self.byte() {
                    Some(b'>') => self.at += 1,
                    Some(_) => return Err(self.malformed("a broken tag")),
                    None => return Err(self.early()),
                }
            }
            Some((_, None)) => return Err(self.early()),
            _ if name.as_bytes().starts_with(rest) => return Err(self.early()),
            _ => return Err(self.malformed(&format!("an end tag that is not </{}>", shortened(name)))),
        }
        Ok(())
    }

    /// Passes over blanks; says whether there were any.
    #[inline]
    fn spaces(&mut self) -> bool {
        let begin = self.at;
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.byte() {
            self.at += 1;
        }
        self.at > begin
    }

    #[inline]
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn byte_at(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// How many bytes of the body were read.
    pub fn position(&self) -> usize {
        self.at + self.mark
    }

    #[cold]
    fn early(&mut self) -> Error {
        self.at = self.text.len();
        self.malformed("XML that ends early")
    }

    /// An error that says where.
    #[cold]
    pub fn malformed(&self, what: &str) -> Error {
        malformed(what, self.position())
    }
}

fn malformed(what: &str, position: usize) -> Error {
    Error::new(ErrorKind::Parse, format!("{what} at byte {position} of the body"))
}

fn shortened(name: &str) -> &str {
    name.char_indices().nth(40).map_or(name, |(end, _)| &name[..end])
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// The bytes that names are made of; every character beyond ASCII counts.
const NAME: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let it = byte as u8;
        table[byte] = (it.is_ascii_alphanumeric() || matches!(it, b':' | b'_' | b'-' | b'.') || it >= 0x80) as u8;
        byte += 1;
    }
    table
};

/// The character that the reference at the beginning of `text` stands for, and the reference's length.
fn reference(text: &str) -> Result<(char, usize), &'static str> {
    const UNKNOWN: &str = "an entity that XML does not define";
    const BROKEN: &str = "a broken reference";
    // No reference is longer, but for zeros before a number.
    let end = memchr(b';', text.as_bytes()).ok_or(BROKEN)?;
    let name = text.get(1..end).filter(|_| text.starts_with('&')).ok_or(BROKEN)?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#').ok_or(UNKNOWN)?;
            let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |it| (it, 16));
            // A sign is no digit, though it would be read.
            let digits = Some(digits).filter(|it| it.bytes().all(|it| it.is_ascii_hexdigit()));
            let code = digits.and_then(|it| u32::from_str_radix(it, radix).ok()).filter(|it| *it != 0);
            code.and_then(char::from_u32).ok_or(BROKEN)?
        }
    };
    Ok((c, end + 1))
}

/// The value of an attribute whose references were checked; blanks of any kind are spaces.
fn plain(value: &str) -> Cow<'_, str> {
    if !value.bytes().any(|it| matches!(it, b'&' | b'\t' | b'\r' | b'\n')) {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        let (c, len) = match c {
            '&' => reference(rest).unwrap_or(('&', 1)),
            '\r' if rest.starts_with("\r\n") => (' ', 2),
            c if is_space(c) => (' ', 1),
            c => (c, c.len_utf8()),
        };
        text.push(c);
        rest = &rest[len..];
    }
    Cow::Owned(text)
}
