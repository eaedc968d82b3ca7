//! Hostile documents, deviations that are accepted, and values that are written and read back. The random cases are the
//! same in every run.

#![allow(unsafe_code, reason = "a description of a structure here")]

use std::sync::LazyLock;

use super::{Document, write_element};
use crate::error::{ErrorKind, Result};
use crate::generated::plain_structure;
use crate::schema::dynamic::{Link, Schema, Value, fill, view};
use crate::schema::shape::{Kind, Node};
use crate::schema::{Shape, StructureMut};
use crate::types::{Map, Timestamp};

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let mut schema = Schema::new();
    let tree = || Link::Structure("Tree".to_owned());
    let list = |it| Link::List(Box::new(it));
    schema.define("Choice", "union; Text:str; Number:i64; Trees:*", &[list(tree())]);
    schema.define(
        "Tree",
        "Name:str; Type:str =xsi:type attr; Count:i32 =N; Size:i64; Ratio:f64; On:bool; At:time time=iso; Data:blob; \
         Names:[str] item=Name; Flat:[str] flat item=F; Trees:*; FlatTrees:* =Branch flat; Map:{str}; \
         FlatMap:{str} =Pair flat key=K item=V; ByName:*; Choice:*; Matrix:* item=row,cell",
        &[
            list(tree()),
            list(tree()),
            Link::Map(Box::new(tree())),
            Link::Structure("Choice".to_owned()),
            list(list(Link::Scalar("i32"))),
        ],
    );
    schema
});

fn tree() -> &'static Shape {
    SCHEMA.shape("Tree").expect("defined")
}

fn read(body: &[u8]) -> Result<Vec<Value>> {
    let mut members = Vec::new();
    let text = super::text(body);
    let mut document = Document::new(&text);
    if let Some(root) = document.root()? {
        document.structure(&root, fill(&mut members, tree()))?;
    }
    Ok(members)
}

fn write(members: &[Value]) -> String {
    let mut out = String::new();
    write_element(&mut out, "Tree", None, view(members, tree())).expect("writable");
    out
}

/// A generator of pseudo-random numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit
    }

    fn text(&mut self) -> String {
        const PIECES: [&str; 16] =
            ["a", "key/", " ", "\n", "\r", "\t", "&", "<", ">", "\"", "'", "]]>", "é", "\u{85}", "\u{2028}", "𝄞"];
        (0..self.below(6)).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }

    fn structure(&mut self, shape: &'static Shape, depth: usize) -> Value {
        let count = shape.members.len();
        let chosen = self.below(count);
        let members = shape.members.iter().map(|member| match shape.union {
            true if member.name != shape.members[chosen].name => Value::Absent,
            false if self.below(2) == 0 => Value::Absent,
            _ => self.value(&member.node, depth),
        });
        Value::Structure(members.collect())
    }

    fn value(&mut self, node: &'static Node, depth: usize) -> Value {
        let many = 1 + self.below(3);
        match &node.kind {
            Kind::String => Value::String(self.text()),
            Kind::Bool => Value::Bool(self.below(2) == 0),
            Kind::I32 => Value::I32(self.below(usize::MAX) as i32),
            Kind::I64 => Value::I64(self.0 as i64),
            Kind::F64 => Value::F64(f64::from_bits(self.0)).finite(),
            Kind::Timestamp(_) => Value::Timestamp(Timestamp::from_millis(self.below(1 << 30) as i64 * 4001)),
            Kind::Blob => Value::Blob(self.text().into_bytes().into()),
            Kind::Structure(cell) if depth > 0 => self.structure(cell.get(), depth - 1),
            Kind::List(list) if depth > 0 => {
                Value::List((0..many).map(|_| self.value(&list.element, depth - 1)).collect())
            }
            Kind::Map(map) if depth > 0 => {
                let entries: Map<_, _> = (0..many).map(|_| (self.text(), self.value(&map.value, depth - 1))).collect();
                Value::Map(entries)
            }
            // Lists and unions at the maximum depth need a present value too.
            Kind::Structure(cell) if !cell.get().union => {
                Value::Structure(cell.get().members.iter().map(|_| Value::Absent).collect())
            }
            Kind::Structure(_) => Value::Absent,
            Kind::List(list) if list.flat => Value::Absent,
            Kind::Map(map) if map.flat => Value::Absent,
            Kind::List(_) => Value::List(Vec::new()),
            Kind::Map(_) => Value::Map(Map::empty()),
            _ => Value::Absent,
        }
    }
}

impl Value {
    fn finite(self) -> Self {
        match self {
            Self::F64(it) if !it.is_finite() => Self::F64(0.1),
            other => other,
        }
    }
}

fn sample(random: &mut Random, depth: usize) -> Vec<Value> {
    match random.structure(tree(), depth) {
        Value::Structure(members) => members,
        _ => Vec::new(),
    }
}

#[test]
fn values_that_are_written_read_back_equal() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..400 {
        let members = sample(&mut random, 4);
        let text = write(&members);
        let back = read(text.as_bytes()).unwrap_or_else(|it| panic!("round {round}: {it}\n{text}"));
        assert_eq!(format!("{back:?}"), format!("{members:?}"), "round {round}: {text}");
    }
}

/// Every body is read or rejected as malformed; nothing panics, nothing takes long.
fn check_no_panic(body: &[u8]) {
    if let Err(error) = read(body) {
        assert_eq!(error.kind(), ErrorKind::Parse, "{error}");
    }
    let text = super::text(body);
    let mut document = Document::new(&text);
    if let Ok(Some(root)) = document.root() {
        while let Ok(Some(child)) = document.child(&root) {
            if document.leaf_text(&child).is_err() {
                break;
            }
        }
    }
}

#[test]
fn truncated_and_mangled_documents_never_panic() {
    let mut random = Random(7);
    let samples = (0..200).map(|_| write(&sample(&mut random, 3)));
    let mut document_text = samples.filter(|it| it.len() < 1500).max_by_key(String::len).expect("one");
    document_text.insert_str(0, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!-- a --><?b c?>");
    document_text.insert_str(document_text.len() - 7, "<![CDATA[x]]><Unknown a='b'><c/></Unknown>&#65;");
    for end in 0..document_text.len() {
        check_no_panic(&document_text.as_bytes()[..end]);
    }
    assert!(read(document_text.as_bytes()).is_ok());
    // Documents that are truncated inside the root element are rejected.
    for end in (0..document_text.len() - 1).filter(|&it| it > 60 && document_text.is_char_boundary(it)) {
        assert!(read(&document_text.as_bytes()[..end]).is_err(), "{}", &document_text[..end]);
    }
    const BYTES: [u8; 14] = [b'<', b'>', b'&', b';', b'/', b'"', b'\'', b'!', b'?', b'[', b'=', 0, 0xFF, 0xE2];
    for _ in 0..2000 {
        let mut body = document_text.clone().into_bytes();
        for _ in 0..1 + random.below(3) {
            let (at, byte) = (random.below(body.len()), BYTES[random.below(BYTES.len())]);
            match random.below(3) {
                0 => body[at] = byte,
                1 => body.insert(at, byte),
                _ => drop(body.remove(at)),
            }
        }
        check_no_panic(&body);
    }
}

fn check(body: &str, problem: &str) {
    match (read(body.as_bytes()), problem) {
        (Ok(_), "") => {}
        (Ok(it), _) => panic!("{it:?}, expected {problem}"),
        (Err(error), _) => {
            assert!(!problem.is_empty() && error.to_string().contains(problem), "{error}");
            assert_eq!(error.kind(), ErrorKind::Parse);
        }
    }
}

#[test]
fn hostile_documents_are_rejected() {
    let deep = |count: usize| "<Trees><member>".repeat(count) + &"</member></Trees>".repeat(count);
    check(&format!("<Tree>{}</Tree>", deep(50)), "");
    check(&format!("<Tree>{}</Tree>", deep(100_000)), "nested too deeply");
    check(&format!("<Tree>{}</Tree>", "<Branch>".repeat(100_000)), "nested too deeply");
    // Unknown elements are skipped without recursion.
    check(&format!("<Tree>{}{}</Tree>", "<x>".repeat(100_000), "</x>".repeat(100_000)), "");
    let bomb = "<!DOCTYPE t [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><Tree><Name>&b;</Name></Tree>";
    check(bomb, "a document type");
    check("<Tree><Name>&b;</Name></Tree>", "an undefined entity");
    check("<Tree><Name>&#xg;</Name></Tree>", "a broken reference");
    check("<Tree><N>99999999999999999999</N></Tree>", "expected a 32-bit integer");
    check("<Tree><Size>9223372036854775808</Size></Tree>", "expected a 64-bit integer");
    check(&format!("<Tree><Size>{}</Size></Tree>", "9".repeat(1_000_000)), "Size");
    check("<Tree><On>maybe</On></Tree>", "expected true or false");
    check("<Tree><At>yesterday</At></Tree>", "At");
    check("<Tree><Data>*</Data></Tree>", "expected base64");
    check("<Tree><N/><On></On><At> </At><Size>\n</Size></Tree>", "");
    check("<Tree", "byte");
    check("<Tree>", "unexpected end of XML");
    check("<Tree><Name>a</Tree>", "byte");
    check("</Tree>", "byte");
    check("plain text", "outside of the root");
    check("", "");
    check("  \n", "");
    check("\u{feff}<Tree/>", "");
    check("<Tree xsi:type=x/>", "attribute");
    check("<Tree xsi:type='&nope;'/>", "attribute");
    assert_eq!(read(b"<Tree>\xC3<</Tree>").map_err(|it| it.kind()).map(|_| ()), Err(ErrorKind::Parse));
}

#[test]
fn what_is_no_character_costs_a_character() {
    let check = |name: &[u8], expect: &str| {
        let body = [b"<Tree><Name>", name, b"</Name><N>7</N></Tree>"].concat();
        let members = read(&body).expect("readable");
        assert_eq!(write(&members), format!("<Tree><Name>{expect}</Name><N>7</N></Tree>"));
    };
    check(b"a&#xD800;b&#57343;c&#x110000;d&#0;e&#99999999999;", "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}");
    check(b"\xC3\x28", "\u{fffd}(");
    // A character that is cut off before a tag leaves the tag.
    check(b"a\xF0\x9F\x98", "a\u{fffd}");
    check(b"\xFF\xFEa", "\u{fffd}\u{fffd}a");
}

#[test]
fn deviations_of_services_are_accepted() {
    let found = |body: &str| {
        let members = read(body.as_bytes()).expect("readable");
        write(&members)
    };
    let check = |body: &str, expect: &str| assert_eq!(found(body), format!("<Tree>{expect}</Tree>"), "{body}");
    // Prefixes, comments, CDATA, references and unknown elements in the middle of text.
    check(
        "<p:Tree xmlns:p='u'><p:Name>a<!-- x -->&amp;<![CDATA[<b>]]>&#x43;<i>no</i>d</p:Name></p:Tree>",
        "<Name>a&amp;&lt;b&gt;Cd</Name>",
    );
    check("<Tree><Names><Name>a</Name><Other>b</Other></Names></Tree>", "<Names><Name>a</Name><Name>b</Name></Names>");
    // Flattened elements that are not adjacent, values before their keys, keys without values.
    check("<Tree><F>a</F><Name>n</Name><F>b</F></Tree>", "<Name>n</Name><Flat>a</Flat><Flat>b</Flat>");
    check("<Tree><Pair><V>1</V><K>a</K></Pair><Pair><K>b</K></Pair></Tree>", "<Pair><K>a</K><V>1</V></Pair>");
    check("<Tree><Choice><Later/></Choice></Tree>", "<Choice></Choice>");
    check("<Tree><Count>1</Count><N> 7\n</N></Tree>", "<N>7</N>");
    assert_eq!(found("<Tree a:type='T'><Name/></Tree>"), "<Tree xsi:type=\"T\"><Name></Name></Tree>");
}

#[test]
fn markup_between_elements_changes_nothing() {
    let mut random = Random(11);
    for _ in 0..100 {
        let plain = write(&sample(&mut random, 3));
        let expect = read(plain.as_bytes()).expect("what was written");
        // White space before tags, an attribute, an unknown element before each other one, and a prefix: the expected name
        // is not found at once, and what is found instead reads the same. Text is left alone: it is before end tags only.
        let tags: Vec<usize> =
            plain.match_indices('<').map(|(at, _)| at).filter(|&at| is_start_tag(&plain, at)).collect();
        for markup in 0..4 {
            let mut changed = plain.clone();
            for &at in tags.iter().rev().filter(|&&at| at > 0 && plain.as_bytes()[at - 1] == b'>') {
                match markup {
                    0 => changed.insert_str(at, "\n  "),
                    1 => changed.insert_str(at, "<!-- a -->"),
                    2 => changed.insert_str(name_end(&changed, at), " a='b'"),
                    _ if random.below(2) == 0 => changed.insert(at, ' '),
                    _ => {}
                }
            }
            let found = read(changed.as_bytes()).unwrap_or_else(|it| panic!("{changed}: {it}"));
            assert_eq!(format!("{found:?}"), format!("{expect:?}"), "{changed}");
        }
    }
    let read = |body: &str| format!("{:?}", read(body.as_bytes()).expect("sound"));
    let expect = read("<Tree><Name>a</Name><N>1</N><Size>2</Size><F>x</F><F>y</F></Tree>");
    for body in [
        "<Tree><Name>a</Name><N>1</N><F>x</F><Size>2</Size><F>y</F></Tree>",
        "<t:Tree xmlns:t='u'><t:Name>a</t:Name><t:N>1</t:N><t:Size>2</t:Size><t:F>x</t:F><t:F>y</t:F></t:Tree>",
        "<Tree><Names/><Name>a</Name><Na>b</Na><N>1</N><NN/><Size>2</Size><F>x</F><FF>z</FF><F>y</F></Tree>",
    ] {
        assert_eq!(read(body).replace("List([])", "Absent"), expect, "{body}");
    }
}

fn is_start_tag(text: &str, at: usize) -> bool {
    text.as_bytes().get(at + 1).is_some_and(|it| it.is_ascii_alphabetic())
}

/// The end of the name of the tag at `at`.
fn name_end(text: &str, at: usize) -> usize {
    at + text[at..].find(['>', ' ', '/']).expect("the end of a tag")
}

#[test]
fn maps_are_sorted_whatever_the_order_of_their_entries() {
    #[repr(C)]
    struct Maps {
        plain: Map<String, String>,
        flat: Map<String, String>,
    }
    plain_structure!(Maps, unsafe { "Plain:{str}; Flat:{str} flat" });
    let pair = |(key, value): (&str, &str)| format!("<key>{key}</key><value>{value}</value>");
    let plain: String = [("c", "1"), ("a", "2")].map(|it| format!("<entry>{}</entry>", pair(it))).concat();
    let flat = |it| format!("<Flat>{}</Flat>", pair(it));
    // Entries of a flattened map stand among the other members.
    let [first, last] = [flat(("b", "1")), [("a", "2"), ("b", "3")].map(flat).concat()];
    let body = format!("<Maps>{first}<Plain>{plain}</Plain>{last}</Maps>");
    let mut found = Maps::default();
    let mut document = Document::new(&body);
    let root = document.require_root().expect("an element");
    document.structure(&root, StructureMut::new(&mut found)).expect("sound");
    assert_eq!(found.plain, Map::from([("a", "2"), ("c", "1")].map(|it| (it.0.to_owned(), it.1.to_owned()))));
    assert_eq!(found.flat, Map::from([("a", "2"), ("b", "3")].map(|it| (it.0.to_owned(), it.1.to_owned()))));
    assert_eq!(found.flat.get("b").map(String::as_str), Some("3"));
}
