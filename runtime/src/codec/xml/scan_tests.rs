//! The scanner beside an XML library: what it takes, the library takes and reads alike, and what only the library takes is
//! refused for a known reason. The random documents are the same in every run.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::scan::{Scanner, Start};
use crate::error::Result;

/// A document as a list of what was met: `<name attribute=value`, `>` for an end, and texts.
type Met = Vec<String>;

fn ours(body: &str) -> Result<Met> {
    let mut scanner = Scanner::new(body.as_bytes())?;
    let mut met = Vec::new();
    if let Some(root) = scanner.root()? {
        element(&mut scanner, &root, &mut met)?;
        scanner.end()?;
    }
    Ok(met)
}

/// Elements with elements inside by `child`, others by `text`: as the reader of structures does.
fn element<'a>(scanner: &mut Scanner<'a>, start: &Start<'a>, met: &mut Met) -> Result<()> {
    met.push(format!("<{}", start.name()));
    if let Some(it) = start.attribute("a") {
        met.push(format!("@{it}"));
    }
    let mut probe = scanner.clone();
    match probe.only_text(start)? {
        Some(text) => {
            assert_eq!(scanner.text(start)?, text);
            assert_eq!(scanner.position(), probe.position());
            met.push(text.into_owned());
        }
        None => {
            let mut skipped = scanner.clone();
            skipped.skip(start)?;
            while let Some(child) = scanner.child(start)? {
                element(scanner, &child, met)?;
            }
            assert_eq!(scanner.position(), skipped.position());
            assert_eq!(scanner.position(), probe.position());
        }
    }
    met.push(">".to_owned());
    Ok(())
}

fn theirs(body: &str) -> Result<Met, String> {
    let mut reader = Reader::from_str(body.strip_prefix('\u{feff}').unwrap_or(body));
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_end_names = true;
    /// An open element: its place in the list, its text, and whether it has children.
    struct Open(String, bool, usize);
    let mut open: Vec<Open> = Vec::new();
    let mut met = Vec::new();
    let mut roots = 0;
    let failed = |it: &dyn std::fmt::Display| it.to_string();
    loop {
        let text = match reader.read_event().map_err(|it| failed(&it))? {
            Event::Start(start) => {
                match open.last_mut() {
                    Some(it) => it.1 = true,
                    None => roots += 1,
                }
                met.push(format!("<{}", start.local_name().as_ref()));
                if let Some(value) = attribute(&start)? {
                    met.push(format!("@{value}"));
                }
                open.push(Open(String::new(), false, met.len()));
                continue;
            }
            Event::End(_) => {
                let Some(Open(text, has_children, at)) = open.pop() else { return Err("an end".to_owned()) };
                if !has_children {
                    met.insert(at, text);
                }
                met.push(">".to_owned());
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
        (true, 0 | 1) => Ok(met),
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

/// Both take it and read the same, or both refuse it, or the scanner alone does: for one of [`STRICTER`]'s reasons.
fn compare(body: &str) -> bool {
    match (ours(body), theirs(body)) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!(ours, theirs, "{body:?}");
            true
        }
        (Ok(ours), Err(theirs)) => panic!("{body:?} was read as {ours:?}, but is refused: {theirs}"),
        (Err(ours), Ok(theirs)) => {
            let why = ours.to_string();
            assert!(STRICTER.iter().any(|it| why.contains(it)), "{body:?} was refused: {why}, but is {theirs:?}");
            false
        }
        (Err(_), Err(_)) => false,
    }
}

/// What the library lets through: names that are none, attributes glued together, `<` in attributes, unnamed instructions.
const STRICTER: [&str; 3] = ["a broken tag", "a broken attribute", "a broken instruction"];

#[test]
fn agrees_with_a_library() {
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
        "<a>&#xD800;</a>",
        "<a>&#x110000;</a>",
        "<a>&#-1;</a>",
        "<a>&#+65;</a>",
        "<a>&#0;</a>",
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
fn agrees_with_a_library_about_random_documents() {
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..1500 {
        let mut body = String::from(["", "<?xml version='1.0'?>", "<!-- c -->\n"][random.below(3)]);
        random.element(&mut body, 4);
        assert!(compare(&body), "{body:?}: {:?}", ours(&body));
        read += 1;
        // Cut off, and with characters lost, put in and put over others.
        for _ in 0..12 {
            let chars: Vec<char> = body.chars().collect();
            let at = random.below(chars.len());
            let piece = ["<", ">", "/", "&", ";", "'", "\"", "!", "=", " ", "</a>", "<a>", "]]>", "-->", "<!--", "x"]
                [random.below(16)];
            let (before, behind): (String, String) = (chars[..at].iter().collect(), chars[at + 1..].iter().collect());
            let mangled = match random.below(4) {
                0 => before,
                1 => before + &behind,
                2 => before + piece + &behind,
                _ => format!("{before}{piece}{}{behind}", chars[at]),
            };
            match compare(&mangled) {
                true => read += 1,
                false => refused += 1,
            }
        }
    }
    // Both sides of the comparison are met.
    assert!(read > 3000 && refused > 3000, "{read} read, {refused} refused");
}
