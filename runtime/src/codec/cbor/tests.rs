//! Tokens of RFC 8949, malformed documents, and values that are written and read back. The random cases are the same in
//! every run.

#![allow(unsafe_code, reason = "a description of a structure here")]

use std::sync::LazyLock;

use super::{Token, Tokens};
use crate::error::{ErrorKind, Result};
use crate::generated::plain_structure;
use crate::schema::dynamic::{Link, Schema, Value, fill, view};
use crate::schema::shape::{Kind, Node};
use crate::schema::{Shape, StructureMut};
use crate::types::{Map, Timestamp};

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let mut schema = Schema::new();
    let tree = || Link::Structure("Tree".to_owned());
    schema.define("Choice", "union; Text:str; Number:i64; Tree:*", &[tree()]);
    schema.define(
        "Tree",
        "Name:str; On:bool; N:i32; Size:i64; Ratio:f64; Single:f32; At:time; Data:blob; Names:[str]; Map:{str}; \
         Trees:*; ByName:*; Choice:*; Sparse:*; SparseMap:*; Any:doc",
        &[
            Link::List(Box::new(tree())),
            Link::Map(Box::new(tree())),
            Link::Structure("Choice".to_owned()),
            Link::SparseList(Box::new(Link::Scalar("i32"))),
            Link::SparseMap(Box::new(Link::Scalar("str"))),
        ],
    );
    schema
});

fn tree() -> &'static Shape {
    SCHEMA.shape("Tree").expect("defined")
}

fn read(body: &[u8]) -> Result<Vec<Value>> {
    let mut members = Vec::new();
    super::read(body, fill(&mut members, tree()))?;
    members.resize_with(tree().members.len(), || Value::Absent);
    Ok(members)
}

fn write(members: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    super::write(&mut out, view(members, tree())).expect("writable");
    out
}

/// Bytes from hexadecimal digits; a part in single quotes is ASCII.
fn bytes(notation: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, piece) in notation.split('\'').enumerate() {
        match index % 2 {
            1 => out.extend(piece.bytes()),
            _ => {
                let digits: Vec<u8> = piece.bytes().filter(|it| *it != b' ').collect();
                out.extend(digits.chunks(2).map(|pair| {
                    let pair = std::str::from_utf8(pair).expect("ASCII");
                    u8::from_str_radix(pair, 16).expect("digits")
                }));
            }
        }
    }
    out
}

#[test]
fn every_token_is_read() {
    let check = |input: &str, expect: Token<'_>| {
        let bytes = bytes(input);
        let mut tokens = Tokens::new(&bytes);
        assert_eq!(tokens.next().expect(input), expect, "{input}");
        assert!(tokens.is_empty(), "{input}");
    };
    for (input, expect) in [
        ("00", 0),
        ("17", 23),
        ("1818", 24),
        ("1903e8", 1000),
        ("1a000f4240", 1_000_000),
        ("1bffffffffffffffff", u64::MAX.into()),
        ("20", -1),
        ("3863", -100),
        ("3bffffffffffffffff", -18_446_744_073_709_551_616),
        // Not the shortest encoding.
        ("1800", 0),
        ("1b0000000000000001", 1),
    ] {
        check(input, Token::Int(expect));
    }
    for (input, expect) in [
        ("f90000", 0.0),
        ("f98000", -0.0),
        ("f93c00", 1.0),
        ("f97bff", 65504.0),
        ("f90001", 5.960_464_5e-8),
        ("f90400", 6.103_515_6e-5),
        ("f9c400", -4.0),
        ("f97c00", f32::INFINITY),
        ("f9fc00", f32::NEG_INFINITY),
        ("fa47c35000", 100_000.0),
    ] {
        check(input, Token::F32(expect));
    }
    assert!(matches!(Tokens::new(&[0xf9, 0x7e, 0]).next(), Ok(Token::F32(it)) if it.is_nan()));
    check("fb3ff199999999999a", Token::F64(1.1));
    check("f4", Token::Bool(false));
    check("f5", Token::Bool(true));
    check("f6", Token::Null);
    check("f7", Token::Null);
    check("c1", Token::Tag(1));
    check("84", Token::List(Some(4)));
    check("9bffffffffffffffff", Token::List(Some(u64::MAX)));
    check("bf", Token::Map(None));
    check("ff", Token::Break);
    check("430102ff", Token::Bytes(vec![1, 2, 255].into()));
    check("5f4101 40 4102ff", Token::Bytes(vec![1, 2].into()));
    check("63 'abc'", Token::Text("abc".into()));
    check("7f 61'a' 60 62'bc' ff", Token::Text("abc".into()));
    check("62c3bc", Token::Text("ü".into()));
}

#[test]
fn documents_of_services_are_read() {
    let check = |input: &str, expect: &[(&str, Value)]| {
        let found = read(&bytes(input)).unwrap_or_else(|it| panic!("{input}: {it}"));
        for (member, found) in tree().members.iter().zip(&found) {
            let expect = expect.iter().find(|it| it.0 == member.name).map_or(&Value::Absent, |it| &it.1);
            assert_eq!(format!("{found:?}"), format!("{expect:?}"), "{input}: {}", member.name);
        }
    };
    let string = |it: &str| Value::String(it.to_owned());
    let at = |secs| Value::Timestamp(Timestamp::from_secs(secs));
    check("", &[]);
    check("f6", &[]);
    check("a0", &[]);
    check("bfff", &[]);
    check("a2 64'Name' 61'x' 61'N' 07", &[("Name", string("x")), ("N", Value::I32(7))]);
    check("bf 64'Name' 7f61'x'ff 62'On' f5 ff", &[("Name", string("x")), ("On", Value::Bool(true))]);
    // Nulls and unknown members are skipped, at any depth.
    check("a3 64'Name' f6 65'Later' 9f a1 61'x' c25f4101ff 80 ff 61'N' 20", &[("N", Value::I32(-1))]);
    // Numbers of any width.
    check("a1 64'Size' 3b7fffffffffffffff", &[("Size", Value::I64(i64::MIN))]);
    check("a1 61'N' fb4008000000000000", &[("N", Value::I32(3))]);
    check("a2 65'Ratio' 03 66'Single' fb3ff8000000000000", &[("Ratio", Value::F64(3.0)), ("Single", Value::F32(1.5))]);
    // Timestamps: tagged, with a fraction, without a tag.
    check("a1 62'At' c1 1a5a5a5a5a", &[("At", at(0x5a5a_5a5a))]);
    check("a1 62'At' c1 fb41d6969696a00000", &[("At", Value::Timestamp(Timestamp::from_millis(1_515_870_810_500)))]);
    check("a1 62'At' 20", &[("At", at(-1))]);
    // Bytes that are not UTF-8 cost a character.
    check("a2 64'Name' 62c328 61'N' 03", &[("Name", string("\u{fffd}(")), ("N", Value::I32(3))]);
    check("a1 64'Name' 7f 61c3 61bc ff", &[("Name", string("ü"))]);
    check("a1 65'Names' 83 61'a' f6 61'b'", &[("Names", Value::List(vec![string("a"), string("b")]))]);
    check("a1 66'Sparse' 9f 01 f6 ff", &[("Sparse", Value::List(vec![Value::I32(1), Value::Absent]))]);
    check("a1 63'Map' a2 61'a' f6 61'b' 60", &[("Map", Value::Map([("b".to_owned(), string(""))].into()))]);
    check("a1 69'SparseMap' a1 61'a' f6", &[("SparseMap", Value::Map([("a".to_owned(), Value::Absent)].into()))]);
    let choice = |first| Value::Structure(vec![first, Value::Absent, Value::Absent]);
    check("a1 66'Choice' a2 66'__type' 61'T' 64'Text' 61'x'", &[("Choice", choice(string("x")))]);
    check("a1 66'Choice' a1 65'Later' 80", &[("Choice", choice(Value::Absent))]);
}

#[test]
fn malformed_documents_are_rejected() {
    let check = |input: &str, problem: &str| {
        let error = read(&bytes(input)).expect_err(input);
        assert_eq!(error.kind(), ErrorKind::Parse, "{input}");
        assert!(error.to_string().contains(problem), "{input}: {error}, expected {problem}");
    };
    check("01", "expected a map, found 1 before byte 1 of the body");
    check("80", "expected a map, found a list");
    check("c1a0", "expected a map, found the tag 1");
    check("a0 00", "unexpected data after the document");
    check("a1", "unexpected end of CBOR");
    check("bf", "unexpected end of CBOR");
    check("a1 64'Na'", "unexpected end of CBOR");
    check("a1 64'Name' 7bffffffffffffffff'x'", "Name: unexpected end of CBOR");
    check("a1 64'Data' 5b7fffffffffffffff00", "Data: unexpected end of CBOR");
    check("a1 65'Names' 9bffffffffffffffff 60", "Names: unexpected end of CBOR");
    check("bbffffffffffffffff", "unexpected end of CBOR");
    check("a1 01 02", "expected a name, found 1");
    check("a1 64'Name' 7f 41'x' ff", "Name: a chunk of another type");
    check("a1 64'Name' 7f 7f ff ff", "Name: a chunk of another type");
    check("a1 64'Name' 01", "Name: expected a string, found 1");
    check("a1 64'Name' ff", "Name: expected a string, found the end of a list or map");
    check("a1 64'Name' 1f", "Name: an undefined argument");
    check("a1 64'Name' f820", "Name: an undefined simple value");
    check("a1 61'x' ff", "expected a value");
    check("a1 61'N' 1a80000000", "N: expected a 32-bit integer, found 2147483648");
    check("a1 61'N' f93e00", "N: expected a 32-bit integer");
    check("a1 64'Size' 1b8000000000000000", "Size: expected a 64-bit integer");
    check("a1 64'Size' c24101", "Size: expected a 64-bit integer, found the tag 2");
    check("a1 62'On' 01", "On: expected true or false");
    check("a1 65'Ratio' 61'1'", "Ratio: expected a number");
    check("a1 64'Data' 61'1'", "Data: expected bytes");
    check("a1 62'At' c0 61'x'", "At: expected seconds since 1970, found the tag 0");
    check("a1 62'At' c1 f97e00", "At: expected seconds since 1970");
    check("a1 63'Any' 01", "Any: expected a type that CBOR can represent");
    check("a2 64'Name' 60 64'Name' 60", "duplicate name \"Name\"");
    check("a1 63'Map' a2 61'a' 60 61'a' 60", "Map: duplicate name \"a\"");
    check("a1 66'Choice' a2 64'Text' 60 66'Number' 01", "Choice: union Choice with more than one member");
    check("a1 65'Trees' 81 a1 66'ByName' a1 61'k' a1 61'N' f4", "Trees.ByName.N: expected a 32-bit integer");
    let deep = |head: &str| {
        let mut body = bytes("a1 65'Trees'");
        body.extend(bytes(head).repeat(100_000));
        let error = read(&body).expect_err("too deep");
        assert!(error.to_string().contains("CBOR is nested too deeply"), "{error}");
    };
    deep("81 a1 65'Trees'");
    deep("9f bf 61'x'");
}

#[test]
fn values_have_the_shortest_encoding() {
    let check = |member: &str, value: Value, expect: &str| {
        let mut members: Vec<Value> = tree().members.iter().map(|_| Value::Absent).collect();
        let at = tree().members.iter().position(|it| it.name == member).expect("a member");
        members[at] = value;
        let head = [&[0xa1, 0x60 + member.len() as u8], member.as_bytes()].concat();
        assert_eq!(write(&members), [head, bytes(expect)].concat(), "{member} {expect}");
    };
    check("N", Value::I32(23), "17");
    check("N", Value::I32(24), "1818");
    check("N", Value::I32(-256), "38ff");
    check("N", Value::I32(-257), "390100");
    check("Size", Value::I64(1 << 32), "1b0000000100000000");
    check("Size", Value::I64(i64::MIN), "3b7fffffffffffffff");
    check("Ratio", Value::F64(1.5), "fb3ff8000000000000");
    check("Ratio", Value::F64(f64::NAN), "f97e00");
    check("Single", Value::F32(f32::NEG_INFINITY), "f9fc00");
    check("Single", Value::F32(1.5), "fa3fc00000");
    check("At", Value::Timestamp(Timestamp::from_secs(1)), "c101");
    check("At", Value::Timestamp(Timestamp::from_millis(500)), "c1fb3fe0000000000000");
    check("Data", Value::Blob(vec![1; 300].into()), &format!("59012c{}", "01".repeat(300)));
    check("Sparse", Value::List(vec![Value::Absent]), "81f6");
    check("SparseMap", Value::Map([("a".to_owned(), Value::Absent)].into()), "a1 61'a' f6");
    let mut members: Vec<Value> = tree().members.iter().map(|_| Value::Absent).collect();
    *members.last_mut().expect("members") = Value::Document(().into());
    let error = super::write(&mut Vec::new(), view(&members, tree())).expect_err("a document");
    assert_eq!(error.to_string(), "Any: CBOR cannot represent documents and streams");
}

/// A generator of pseudo-random numbers.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or(0) % limit
    }

    fn string(&mut self) -> String {
        (0..self.below(40)).map(|_| char::from_u32(self.below(0x3000) as u32).unwrap_or('x')).collect()
    }

    fn members(&mut self, shape: &'static Shape, depth: usize) -> Vec<Value> {
        let chosen = self.below(shape.members.len());
        let skipped = |this: &mut Self, index| if shape.union { index != chosen } else { this.below(2) == 0 };
        let members = shape.members.iter().enumerate();
        members
            .map(|(index, it)| if skipped(self, index) { Value::Absent } else { self.value(&it.node, depth) })
            .collect()
    }

    fn value(&mut self, node: &'static Node, depth: usize) -> Value {
        let many = if depth == 0 { 0 } else { self.below(4) };
        let shift = self.below(64);
        match &node.kind {
            Kind::String => Value::String(self.string()),
            Kind::Bool => Value::Bool(self.below(2) == 0),
            Kind::I32 => Value::I32(self.next() as i32 >> (shift / 2)),
            Kind::I64 => Value::I64(self.next() as i64 >> shift),
            Kind::F32 => Value::F32(self.below(1 << 20) as f32 / 16.0),
            Kind::F64 => Value::F64(self.next() as f64 / 3.0),
            Kind::Timestamp(_) => Value::Timestamp(Timestamp::from_millis(self.below(1 << 30) as i64 * 4001)),
            Kind::Blob => Value::Blob(self.string().into_bytes().into()),
            Kind::Structure(cell) if depth > 0 => Value::Structure(self.members(cell.get(), depth - 1)),
            Kind::List(list) => Value::List((0..many).map(|_| self.value(&list.element, depth - 1)).collect()),
            Kind::Map(map) => {
                let entries: Map<_, _> =
                    (0..many).map(|_| (self.string(), self.value(&map.value, depth - 1))).collect();
                Value::Map(entries)
            }
            _ => Value::Absent,
        }
    }
}

/// The value without what CBOR cannot represent: absent elements of dense lists and maps.
fn pruned(value: Value, node: &'static Node) -> Value {
    match (value, &node.kind) {
        (Value::Structure(members), Kind::Structure(cell)) => {
            let members = members.into_iter().zip(&cell.get().members);
            Value::Structure(members.map(|(value, member)| pruned(value, &member.node)).collect())
        }
        (Value::List(items), Kind::List(kind)) => {
            let items = items.into_iter().map(|it| pruned(it, &kind.element));
            Value::List(items.filter(|it| kind.element.is_optional() || !matches!(it, Value::Absent)).collect())
        }
        (Value::Map(items), Kind::Map(kind)) => {
            let items = items.into_iter().map(|(key, value)| (key, pruned(value, &kind.value)));
            Value::Map(items.filter(|(_, it)| kind.value.is_optional() || !matches!(it, Value::Absent)).collect())
        }
        (value, _) => value,
    }
}

#[test]
fn values_that_are_written_read_back_equal() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..400 {
        let members = random.members(tree(), 4);
        let body = write(&members);
        let back = read(&body).unwrap_or_else(|it| panic!("round {round}: {it}"));
        let members = members.into_iter().zip(&tree().members).map(|(value, member)| pruned(value, &member.node));
        assert_eq!(format!("{back:?}"), format!("{:?}", members.collect::<Vec<_>>()), "round {round}");
    }
}

#[test]
fn truncated_and_mangled_documents_are_rejected_or_read() {
    let mut random = Random(7);
    let samples = (0..100).map(|_| write(&random.members(tree(), 3)));
    let document = samples.filter(|it| it.len() < 1500).max_by_key(Vec::len).expect("one");
    assert!(read(&document).is_ok());
    for end in 1..document.len() {
        assert_eq!(read(&document[..end]).expect_err("truncated").kind(), ErrorKind::Parse);
    }
    for _ in 0..5000 {
        let mut body = document.clone();
        for _ in 0..1 + random.below(3) {
            let (at, byte) = (random.below(body.len()), random.next() as u8);
            match random.below(3) {
                0 => body[at] = byte,
                1 => body.insert(at, byte),
                _ => drop(body.remove(at)),
            }
        }
        if let Err(error) = read(&body) {
            assert_eq!(error.kind(), ErrorKind::Parse, "{error}");
        }
    }
}

#[test]
fn maps_are_sorted_whatever_the_order_of_their_entries() {
    #[repr(C)]
    struct Maps {
        counts: Map<String, String>,
    }
    plain_structure!(Maps, unsafe { "Counts:{str}" });
    let read = |entries: &[u8]| {
        let mut found = Maps::default();
        let body = [b"\xa1\x66Counts", entries].concat();
        super::read(&body, StructureMut::new(&mut found)).map(|()| found.counts)
    };
    let found = read(b"\xa2\x61c\x611\x61a\x612").expect("sound");
    assert_eq!(found.iter().map(|(key, value)| format!("{key}{value}")).collect::<String>(), "a2c1");
    assert_eq!(found.get("c").map(String::as_str), Some("1"));
    read(b"\xa2\x61c\x611\x61c\x612").expect_err("a key that comes again");
}
