//! The scanner compared with an XML library: both read the same from every document that the scanner accepts, and
//! documents that only the library accepts are rejected for a known reason. The random documents are the same in every
//! run.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::scan::{Scanner, Start};
use crate::error::Result;

/// A document as a list of events: `<name` for a start tag, `@value` for the attribute `a`, `>` for an end tag, and
/// text.
type Events = Vec<String>;

fn ours(body: &str) -> Result<Events> {
    let mut scanner = Scanner::new(body);
    let mut events = Vec::new();
    if let Some(root) = scanner.root()? {
        element(&mut scanner, &root, &mut events)?;
        scanner.end()?;
    }
    Ok(events)
}

/// Reads elements with children by `child` and others by `text`, as the reader of structures does.
fn element<'a>(scanner: &mut Scanner<'a>, start: &Start<'a>, events: &mut Events) -> Result<()> {
    events.push(format!("<{}", start.name()));
    if let Some(it) = start.attribute("a") {
        events.push(format!("@{it}"));
    }
    let mut probe = scanner.clone();
    match probe.leaf_text(start)? {
        Some(text) => {
            assert_eq!(scanner.text(start)?, text);
            assert_eq!(scanner.position(), probe.position());
            events.push(text.into_owned());
        }
        None => {
            let mut skipped = scanner.clone();
            skipped.skip(start)?;
            while let Some(child) = scanner.child(start)? {
                element(scanner, &child, events)?;
            }
            assert_eq!(scanner.position(), skipped.position());
            assert_eq!(scanner.position(), probe.position());
        }
    }
    events.push(">".to_owned());
    Ok(())
}

fn theirs(body: &str) -> Result<Events, String> {
    let mut reader = Reader::from_str(body.strip_prefix('\u{feff}').unwrap_or(body));
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_end_names = true;
    /// An open element: its text, whether it has children, and the index of its text in the list.
    struct Open(String, bool, usize);
    let mut open: Vec<Open> = Vec::new();
    let mut events = Vec::new();
    let mut roots = 0;
    let failed = |it: &dyn std::fmt::Display| it.to_string();
    loop {
        let text = match reader.read_event().map_err(|it| failed(&it))? {
            Event::Start(start) => {
                match open.last_mut() {
                    Some(it) => it.1 = true,
                    None => roots += 1,
                }
                events.push(format!("<{}", start.local_name().as_ref()));
                if let Some(value) = attribute(&start)? {
                    events.push(format!("@{value}"));
                }
                open.push(Open(String::new(), false, events.len()));
                continue;
            }
            Event::End(_) => {
                let Some(Open(text, has_children, index)) = open.pop() else { return Err("an end".to_owned()) };
                if !has_children {
                    events.insert(index, text);
                }
                events.push(">".to_owned());
                continue;
            }
            Event::Text(it) => it.xml10_content().into_owned(),
            Event::CData(it) if !open.is_empty() => it.into_inner().into_owned(),
            Event::CData(_) => return Err("text outside".to_owned()),
            Event::GeneralRef(it) => match it.resolve_char_ref().map_err(|it| failed(&it))? {
                Some(c) => c.to_string(),
                None => quick_xml::escape::resolve_predefined_entity(&it).ok_or("unknown")?.to_owned(),
            },
            Event::DocType(_) => return Err("a document type".to_owned()),
            Event::Eof => break,
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::Empty(_) => continue,
        };
        match open.last_mut() {
            Some(it) => it.0.push_str(&text),
            None if text.trim_ascii().is_empty() => {}
            None => return Err("text outside".to_owned()),
        }
    }
    match (open.is_empty(), roots) {
        (true, 0 | 1) => Ok(events),
        (false, _) => Err("ends early".to_owned()),
        (true, _) => Err("many roots".to_owned()),
    }
}

fn attribute(start: &BytesStart<'_>) -> Result<Option<String>, String> {
    let mut found = None;
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|it| it.to_string())?;
        let value = quick_xml::escape::unescape(&attribute.value).map_err(|it| it.to_string())?.into_owned();
        let named = attribute.key.as_namespace_binding().is_none() && attribute.key.local_name().as_ref() == "a";
        if named && found.is_none() {
            found = Some(value.replace("\r\n", " ").replace(['\r', '\n', '\t'], " "));
        }
    }
    Ok(found)
}

/// Checks that both read the same, or both reject the document, or only the scanner does, for one of the reasons in
/// [`STRICTER`]. Returns whether it was read.
fn compare(body: &str) -> bool {
    match (ours(body), theirs(body)) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!(ours, theirs, "{body:?}");
            true
        }
        (Ok(ours), Err(theirs)) => panic!("{body:?} was read as {ours:?}, but the library rejects it: {theirs}"),
        (Err(ours), Ok(theirs)) => {
            let reason = ours.to_string();
            assert!(
                STRICTER.iter().any(|it| reason.contains(it)),
                "{body:?} was rejected: {reason}, but is {theirs:?}"
            );
            false
        }
        (Err(_), Err(_)) => false,
    }
}

/// The errors for what the library accepts: invalid names, attributes without white space between them, `<` in
/// attributes, instructions without a name.
const STRICTER: [&str; 3] = ["a broken tag", "a broken attribute", "a broken instruction"];

#[test]
fn documents_are_read_as_a_library_reads_them() {
    for body in [
        "",
        " \n",
        "<a/>",
        "<a></a>",
        "<a ></a >",
        "<a\n/>",
        "<?xml version=\"1.0\"?>\n<a/>\n<!-- x -->",
        "\u{feff}<a>b</a>",
        "<p:a xmlns:p='u' p:a='1'><p:b/></p:a>",
        "<a a=\"1 &lt; 2\">x</a>",
        "<a b='2' a = '\t\n x'/>",
        "<a xmlns:a='no' p:a='yes'/>",
        "<a>x<!-- y -->z<![CDATA[<&]]>&amp;&#65;&#x42;</a>",
        "<a>\r\n\rx\r</a>",
        "<a>&#13;</a>",
        "<a><b>1</b>\n<b>2</b></a>",
        "<a>é€𝄞</a>",
        "<é>x</é>",
        "<a>]]></a>",
        "<a>\u{1}</a>",
        "<a><!----></a>",
        "<a>x<b>y</b>z</a>",
        "<a.b-c_d1/>",
        "<a>&#x10FFFF;</a>",
        "<a><![CDATA[]]></a>",
        "<a><![CDATA[]]]]><![CDATA[>]]></a>",
    ] {
        assert!(compare(body), "{body:?}: {:?}", ours(body));
    }
    for body in [
        "x",
        "<",
        "<a",
        "<a>",
        "<a></b>",
        "</a>",
        "<a/>x",
        "<a/><b/>",
        "<a><b></a></b>",
        "<a>&</a>",
        "<a>&;</a>",
        "<a>&nope;</a>",
        "<a>&#;</a>",
        "<a>&#x;</a>",
        "<a>&#-1;</a>",
        "<a>&#+65;</a>",
        "<a>&amp</a>",
        "<a><!-- </a>",
        "<a><![CDATA[ </a>",
        "<!DOCTYPE a><a/>",
        "<a><!DOCTYPE b></a>",
        "<a><!x></a>",
        "<![CDATA[x]]>",
        "<a/><![CDATA[x]]>",
        "<a b/>",
        "<a b=/>",
        "<a b=c/>",
        "<a b='c/>",
        "<a b='c\"/>",
        "<a b='&nope;'/>",
        "< a/>",
        "<>x</>",
        "<a></a",
        "<a></a x>",
        "<a/ >",
        "<a /",
        "<a><?x</a>",
        "<1/>",
        "<-a/>",
        "<a:/>",
        "<a b='<'/>",
        "<a b='1'c='2'/>",
        "<a'/>",
    ] {
        assert!(!compare(body), "{body:?}: {:?}", ours(body));
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit
    }

    fn element(&mut self, out: &mut String, depth: usize) {
        let name = ["a", "Item", "p:b", "é"][self.below(4)];
        let attributes = ["", " ", " a='1'", " b=\"x\" a='&#65;&lt;'", "\n xmlns='u'", " p:a = 'v' "][self.below(6)];
        *out += &format!("<{name}{attributes}");
        if self.below(6) == 0 {
            return *out += "/>";
        }
        out.push('>');
        for _ in 0..self.below(5) {
            if depth > 0 && self.below(2) == 0 {
                self.element(out, depth - 1);
            } else {
                const PIECES: [&str; 16] = [
                    "text",
                    " ",
                    "\n",
                    "\r\n",
                    "&amp;",
                    "&#x41;",
                    "<!-- - c -->",
                    "<![CDATA[<x>&]]>",
                    "<?pi x?>",
                    "é",
                    "]]",
                    "\t",
                    "'",
                    "\"",
                    ">",
                    "𝄞",
                ];
                *out += PIECES[self.below(PIECES.len())];
            }
        }
        *out += &format!("</{name}{}>", ["", "", "\n"][self.below(3)]);
    }
}

#[test]
fn random_documents_are_read_as_a_library_reads_them() {
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let (mut read, mut rejected) = (0, 0);
    for _ in 0..1500 {
        let mut body = String::from(["", "<?xml version='1.0'?>", "<!-- c -->\n"][random.below(3)]);
        random.element(&mut body, 4);
        assert!(compare(&body), "{body:?}: {:?}", ours(&body));
        read += 1;
        // Truncated, and with characters removed, replaced and inserted.
        for _ in 0..12 {
            let chars: Vec<char> = body.chars().collect();
            let at = random.below(chars.len());
            let piece = ["<", ">", "/", "&", ";", "'", "\"", "!", "=", " ", "</a>", "<a>", "]]>", "-->", "<!--", "x"]
                [random.below(16)];
            let (before, after): (String, String) = (chars[..at].iter().collect(), chars[at + 1..].iter().collect());
            let mangled = match random.below(4) {
                0 => before,
                1 => before + &after,
                2 => before + piece + &after,
                _ => format!("{before}{piece}{}{after}", chars[at]),
            };
            match compare(&mangled) {
                true => read += 1,
                false => rejected += 1,
            }
        }
    }
    // Both outcomes occur often enough.
    assert!(read > 3000 && rejected > 3000, "{read} read, {rejected} rejected");
}
