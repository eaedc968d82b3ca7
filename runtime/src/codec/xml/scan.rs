//! A pull parser for the syntax of XML: tags must match, references must be predefined or numeric, and a document type
//! declaration is an error wherever it is. Text is borrowed from the document unless a reference or line end in it is
//! replaced. Knows no shape.
//!
//! Services send data, so two rules of XML that protect other uses are not enforced: characters that XML forbids, which
//! object keys may contain, and `]]>` in text are accepted unchanged.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memchr3};

use crate::codec::shortened;
use crate::error::{Error, ErrorKind, Result};

/// The text of a body. Bytes that are not UTF-8 become U+FFFD: they cost a character, not the response, and are no markup
/// either way.
pub fn text(body: &[u8]) -> Cow<'_, str> {
    // The check looks at several bytes at once; the replacement, which goes byte by byte, is seldom needed.
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(body),
    }
}

/// A pull parser at a position in a document.
#[derive(Clone, Debug)]
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// The length of the byte order mark, which precedes `text` in the body.
    bom_len: usize,
    /// The names of the open elements inside one that is skipped; a field so that its memory is reused.
    open: Vec<&'a str>,
}

/// A start tag.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    /// The name with its prefix.
    qualified: &'a str,
    /// The index in `qualified` after the prefix.
    local: usize,
    /// The attributes, unparsed.
    attributes: &'a str,
    /// Whether this is an empty-element tag: `<a/>`.
    empty: bool,
}

impl<'a> Start<'a> {
    /// The name without its prefix.
    #[inline]
    pub fn name(&self) -> &'a str {
        &self.qualified[self.local..]
    }

    /// The attributes: names with prefixes, and values in which references are not yet replaced.
    fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut rest = self.attributes;
        // The syntax was checked when the tag was read.
        std::iter::from_fn(move || {
            let (name, tail) = rest.split_once('=')?;
            let tail = tail.trim_start_matches(is_space);
            let quote = tail.chars().next()?;
            let (value, tail) = tail.get(1..)?.split_once(quote)?;
            rest = tail;
            Some((name.trim_matches(is_space), value))
        })
    }

    /// Returns the value of the attribute with this local name; namespace declarations do not count.
    pub fn attribute(&self, local: &str) -> Option<Cow<'a, str>> {
        let found = self.attributes().find(|(name, _)| match name.split_once(':') {
            Some((prefix, name)) => prefix != "xmlns" && name == local,
            None => *name != "xmlns" && *name == local,
        });
        found.map(|(_, value)| attribute_value(value))
    }
}

impl<'a> Scanner<'a> {
    /// Creates a scanner at the beginning of a document; a byte order mark is skipped.
    pub fn new(text: &'a str) -> Self {
        let (text, bom_len) = text.strip_prefix('\u{feff}').map_or((text, 0), |it| (it, 3));
        Self { text, at: 0, bom_len, open: Vec::new() }
    }

    /// Reads the start tag of the root element; `None` if the document has no element.
    pub fn root(&mut self) -> Result<Option<Start<'a>>> {
        self.misc()?;
        match self.byte() {
            None => Ok(None),
            Some(_) => self.start().map(Some),
        }
    }

    /// Checks that only comments, instructions and white space follow the root element.
    pub fn end(&mut self) -> Result<()> {
        self.misc()?;
        match self.byte() {
            None => Ok(()),
            Some(_) => Err(self.malformed("an element after the root element")),
        }
    }

    /// Skips comments, instructions and white space outside of the root element (`Misc` in the grammar of XML).
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

    /// Reads the start tag of the next child of an element; `None` when the element ends. Text is skipped.
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
                (None, _) => return Err(self.unexpected_end()),
            }
        }
    }

    /// Reads the start tag that comes next if it has this name, without a prefix, and no attributes; `None`, and nothing but
    /// white space is read, if anything else comes. For elements whose order is known: comparing a name takes a fraction
    /// of the time of finding its end.
    #[inline]
    pub fn expected(&mut self, parent: &Start<'a>, name: &str) -> Option<Start<'a>> {
        if parent.empty {
            return None;
        }
        self.spaces();
        let tag = self.text.as_bytes()[self.at..].strip_prefix(b"<")?;
        if !tag.starts_with(name.as_bytes()) || tag.get(name.len()) != Some(&b'>') {
            return None;
        }
        let begin = self.at + 1;
        self.at = begin + name.len() + 1;
        // Both ends are beside ASCII characters.
        Some(Start { qualified: &self.text[begin..begin + name.len()], local: 0, attributes: "", empty: false })
    }

    /// Reads the text of an element and its end tag; child elements are skipped.
    #[inline]
    pub fn text(&mut self, element: &Start<'a>) -> Result<Cow<'a, str>> {
        if element.empty {
            return Ok(Cow::Borrowed(""));
        }
        // The fast path: text without a child element, a reference or a line end to replace.
        let rest = self.rest();
        if let Some(end) = memchr3(b'<', b'&', b'\r', rest.as_bytes())
            && rest.as_bytes()[end..].starts_with(b"</")
        {
            self.at += end;
            self.close(element.qualified)?;
            return Ok(Cow::Borrowed(&rest[..end]));
        }
        self.text_and_elements(element).map(|(text, _)| text)
    }

    /// Reads the text of an element and its end tag; `None` if it has child elements.
    pub fn leaf_text(&mut self, element: &Start<'a>) -> Result<Option<Cow<'a, str>>> {
        match element.empty {
            true => Ok(Some(Cow::Borrowed(""))),
            false => self.text_and_elements(element).map(|(text, has_elements)| (!has_elements).then_some(text)),
        }
    }

    /// Reads the text of an element and its end tag; also returns whether it has child elements.
    fn text_and_elements(&mut self, element: &Start<'a>) -> Result<(Cow<'a, str>, bool)> {
        let mut text = Cow::Borrowed("");
        let mut has_elements = false;
        loop {
            let piece = match (self.byte(), self.byte_at(1)) {
                (Some(b'<'), Some(b'/')) => {
                    self.close(element.qualified)?;
                    return Ok((text, has_elements));
                }
                (Some(b'<'), Some(b'!' | b'?')) => Cow::Borrowed(self.markup()?),
                (Some(b'<'), _) => {
                    has_elements = true;
                    let child = self.start()?;
                    self.skip(&child)?;
                    continue;
                }
                (Some(_), _) => self.run()?,
                (None, _) => return Err(self.unexpected_end()),
            };
            match text.is_empty() {
                true => text = piece,
                false => text.to_mut().push_str(&piece),
            }
        }
    }

    /// Skips the rest of an element, without recursion.
    pub fn skip(&mut self, element: &Start<'a>) -> Result<()> {
        if element.empty {
            return Ok(());
        }
        let mut name = element.qualified;
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
                (None, _) => return Err(self.unexpected_end()),
            }
        }
        self.open = open;
        Ok(())
    }

    /// Reads text up to the next tag, with references and line ends replaced.
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
                // Every line end is normalized to one line feed.
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

    /// Reads a comment or an instruction, which have no text, or the text of a CDATA section.
    fn markup(&mut self) -> Result<&'a str> {
        let rest = self.rest();
        let (start, end) = match () {
            () if rest.starts_with("<!--") => (4, "-->"),
            () if rest.starts_with("<![CDATA[") => (9, "]]>"),
            () if rest.starts_with("<?") => match rest.as_bytes().get(2) {
                Some(it) if NAME[usize::from(*it)] != 0 => (2, "?>"),
                Some(_) => return Err(self.malformed("a broken instruction")),
                None => return Err(self.unexpected_end()),
            },
            // Rejected, since it could define entities that expand without limit or that name files to read.
            () if rest.starts_with("<!DOCTYPE") => {
                return Err(self.malformed("a document type declaration is not allowed"));
            }
            () if ["<!DOCTYPE", "<!--", "<![CDATA["].iter().any(|it| it.starts_with(rest)) => {
                return Err(self.unexpected_end());
            }
            () => return Err(self.malformed("broken XML")),
        };
        let Some(len) = memchr::memmem::find(&rest.as_bytes()[start..], end.as_bytes()) else {
            return Err(self.unexpected_end());
        };
        self.at += start + len + end.len();
        Ok(if end == "]]>" { &rest[start..start + len] } else { "" })
    }

    /// Reads a start tag; the position is at its `<`.
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
            return Err(if at == bytes.len() { self.unexpected_end() } else { self.malformed("a broken tag") });
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
            None => return Err(self.unexpected_end()),
        }
        Ok(start)
    }

    /// Checks and skips the attributes of a start tag and the white space around them.
    fn attributes(&mut self) -> Result<()> {
        loop {
            let spaced = self.spaces();
            match self.byte() {
                None => return Err(self.unexpected_end()),
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
                None => return Err(self.unexpected_end()),
                Some(_) => return Err(self.malformed("a broken attribute")),
            };
            self.at += 1;
            let rest = self.rest();
            let Some(end) = memchr(quote, rest.as_bytes()) else { return Err(self.unexpected_end()) };
            let mut value = &rest[..end];
            while let Some(found) = memchr2(b'&', b'<', value.as_bytes()) {
                let (_, len) = reference(&value[found..]).map_err(|_| self.malformed("a broken attribute"))?;
                value = &value[found + len..];
            }
            self.at += end + 1;
        }
    }

    /// Reads the end tag of the element with this name; the position is at its `<`.
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
                    None => return Err(self.unexpected_end()),
                }
            }
            Some((_, None)) => return Err(self.unexpected_end()),
            _ if name.as_bytes().starts_with(rest) => return Err(self.unexpected_end()),
            _ => return Err(self.malformed(&format!("expected the end tag </{}>", shortened(name)))),
        }
        Ok(())
    }

    /// Skips white space; returns whether there was any.
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

    /// The number of bytes of the body that were read.
    pub fn position(&self) -> usize {
        self.at + self.bom_len
    }

    #[cold]
    fn unexpected_end(&mut self) -> Error {
        self.at = self.text.len();
        self.malformed("unexpected end of XML")
    }

    /// Returns an error with the current position.
    #[cold]
    pub fn malformed(&self, what: &str) -> Error {
        malformed(what, self.position())
    }
}

fn malformed(what: &str, position: usize) -> Error {
    Error::new(ErrorKind::Parse, format!("{what} at byte {position} of the body"))
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// The bytes of names, as a table: 1 for letters, digits, `:`, `_`, `-`, `.` and every byte of a non-ASCII character.
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

/// Returns the character for the reference at the beginning of `text`, and the length of the reference.
fn reference(text: &str) -> Result<(char, usize), &'static str> {
    const UNKNOWN: &str = "an undefined entity";
    const BROKEN: &str = "a broken reference";
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
            // `from_str_radix` would accept a sign.
            if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
                return Err(BROKEN);
            }
            let code = u32::from_str_radix(digits, radix).ok().filter(|it| *it != 0);
            // A number that is no character, such as half a surrogate pair, costs a character, not the response.
            code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
    };
    Ok((c, end + 1))
}

/// Returns the value of an attribute whose references were checked, with references replaced and white space normalized
/// to spaces.
fn attribute_value(value: &str) -> Cow<'_, str> {
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
