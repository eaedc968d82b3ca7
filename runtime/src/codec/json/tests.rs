//! Malformed JSON, deviations that are accepted, and values that are written and read back. The random cases are the
//! same in every run.

#![allow(unsafe_code, reason = "a description of a structure here")]

use std::sync::LazyLock;

use super::{fields, read, write};
use crate::error::{ErrorKind, Result};
use crate::generated::streaming_structure;
use crate::schema::dynamic::{Link, Schema, Value, fill, view};
use crate::schema::shape::{Kind, Node};
use crate::schema::{Shape, StructureMut, StructureView};
use crate::types::{Document, List, Map, Number, Timestamp};

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let mut schema = Schema::new();
    let tree = || Link::Structure("Tree".to_owned());
    let list = |it| Link::List(Box::new(it));
    schema.define("Choice", "union; Text:str; Number:i64 =N; Trees:*", &[list(tree())]);
    schema.define(
        "Tree",
        "Name:str; Type:enum; Count:i32 =N; Size:i64; Ratio:f64; Single:f32; On:bool; At:time time=epoch; \
         Iso:time time=iso; Http:time time=http; Data:blob; Any:doc; Names:[str]; Trees:*; Sparse:*; Map:{str}; ByName:*; \
         SparseMap:*; Choice:*; Matrix:*; Anys:*; Hidden:{str} secret; Blobs:*",
        &[
            list(tree()),
            Link::SparseList(Box::new(Link::Scalar("i32"))),
            Link::Map(Box::new(tree())),
            Link::SparseMap(Box::new(Link::Scalar("str"))),
            Link::Structure("Choice".to_owned()),
            list(list(Link::Scalar("i32"))),
            list(Link::Scalar("doc")),
            Link::Map(Box::new(Link::Scalar("blob"))),
        ],
    );
    schema
});

fn tree() -> &'static Shape {
    SCHEMA.shape("Tree").expect("defined")
}

fn read_tree(body: &[u8]) -> Result<Vec<Value>> {
    let mut members = Vec::new();
    read(body, fill(&mut members, tree()))?;
    Ok(members)
}

fn write_tree(members: &[Value]) -> Result<String> {
    let mut out = String::new();
    write(&mut out, view(members, tree()))?;
    Ok(out)
}

/// A union as in a generated crate.
#[derive(Clone, PartialEq)]
#[repr(C, u8)]
enum Attribute {
    Unknown(String),
    S(String),
    L(List<Attribute>),
}

streaming_structure!(Attribute, unsafe { "union; S:str; L:*" }, [List<Attribute>]);

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
        const PIECES: [&str; 14] =
            ["a", "key/", " ", "\n", "\r", "\t", "\"", "\\", "\0", "\u{1F}", "\u{7F}", "é", "\u{2028}", "𝄞"];
        (0..self.below(6)).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }

    fn float(&mut self) -> f64 {
        match self.below(8) {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            3 => self.below(1000) as f64,
            _ => Some(f64::from_bits(self.next())).filter(|it| it.is_finite()).unwrap_or(0.1),
        }
    }

    fn document(&mut self, depth: usize) -> Document {
        match self.below(if depth == 0 { 5 } else { 7 }) {
            0 => Document::Null,
            1 => Document::Bool(true),
            2 => Document::Number(Number::from(self.next())),
            3 => Document::Number(Some(self.float()).filter(|it| it.is_finite()).unwrap_or(0.5).into()),
            4 => Document::String(self.string()),
            5 => (0..self.below(3)).map(|_| self.document(depth - 1)).collect(),
            _ => (0..self.below(3)).map(|_| (self.string(), self.document(depth - 1))).collect(),
        }
    }

    fn structure(&mut self, shape: &'static Shape, depth: usize) -> Value {
        let chosen = self.below(shape.members.len());
        let members = shape.members.iter().enumerate().map(|(index, member)| match shape.union {
            true if index != chosen => Value::Absent,
            false if self.below(3) != 0 => Value::Absent,
            _ => self.value(&member.node, depth),
        });
        Value::Structure(members.collect())
    }

    fn value(&mut self, node: &'static Node, depth: usize) -> Value {
        let many = if depth == 0 { 0 } else { self.below(4) };
        let within = depth.saturating_sub(1);
        if node.is_optional() && self.below(3) == 0 {
            return Value::Absent;
        }
        match &node.kind {
            Kind::String | Kind::Enum => Value::String(self.string()),
            Kind::Bool => Value::Bool(self.below(2) == 0),
            Kind::I32 => Value::I32(self.next() as i32),
            Kind::I64 => Value::I64(self.next() as i64),
            Kind::F32 => Value::F32(self.below(1 << 20) as f32 / 7.0),
            Kind::F64 => Value::F64(self.float()),
            Kind::Timestamp(_) => Value::Timestamp(Timestamp::from_secs(self.below(1 << 30) as i64)),
            Kind::Blob => Value::Blob(self.string().into_bytes().into()),
            // A member cannot have a null as its value.
            Kind::Document => Value::Document(Some(self.document(3)).filter(|it| !it.is_null()).unwrap_or(true.into())),
            Kind::Structure(cell) if depth == 0 && cell.get().union => {
                Value::Structure(vec![Value::String("s".to_owned()), Value::Absent, Value::Absent])
            }
            Kind::Structure(cell) if depth == 0 => {
                Value::Structure(cell.get().members.iter().map(|_| Value::Absent).collect())
            }
            Kind::Structure(cell) => self.structure(cell.get(), within),
            Kind::List(list) => Value::List((0..many).map(|_| self.value(&list.element, within)).collect()),
            Kind::Map(map) => {
                let entries: Map<_, _> = (0..many).map(|_| (self.string(), self.value(&map.value, within))).collect();
                Value::Map(entries)
            }
            _ => Value::Absent,
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
        let text = write_tree(&members).expect("writable");
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "round {round}: {text}");
        let back = read_tree(text.as_bytes()).unwrap_or_else(|it| panic!("round {round}: {it}\n{text}"));
        assert_eq!(format!("{back:?}"), format!("{members:?}"), "round {round}: {text}");
    }
}

/// Every body is read or rejected as malformed; nothing panics, nothing takes long.
fn check_no_panic(body: &[u8]) {
    if let Err(error) = read_tree(body) {
        assert_eq!(error.kind(), ErrorKind::Parse, "{error}");
    }
    let mut attribute = Attribute::default();
    let _ = read(body, StructureMut::new(&mut attribute));
    let _ = fields(body, ["__type"]);
}

#[test]
fn truncated_and_mangled_bodies_never_panic() {
    let mut random = Random(7);
    let samples = (0..300).map(|_| write_tree(&sample(&mut random, 3)).expect("writable"));
    let sample_body = samples.filter(|it| it.len() < 1500).max_by_key(String::len).expect("one");
    assert!(sample_body.len() > 500);
    for end in 1..sample_body.len() {
        let cut = &sample_body.as_bytes()[..end];
        check_no_panic(cut);
        assert!(read_tree(cut).is_err(), "{}", String::from_utf8_lossy(cut));
    }
    const BYTES: [u8; 16] = *b"\"\\{}[],:0-.enu\x00\xFF";
    for _ in 0..3000 {
        let mut body = sample_body.clone().into_bytes();
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

#[test]
fn scalars_in_place_of_strings_are_kept_as_their_text() {
    let check = |scalar: &str, text: &str| {
        let body =
            format!("{{\"Name\":{scalar},\"Type\":{scalar},\"Names\":[{scalar}],\"Map\":{{\"k\":{scalar}}},\"N\":7}}");
        let expect =
            format!("{{\"Name\":{text:?},\"Type\":{text:?},\"Names\":[{text:?}],\"Map\":{{\"k\":{text:?}}},\"N\":7}}");
        let read = |body: &str| format!("{:?}", read_tree(body.as_bytes()).expect("readable"));
        assert_eq!(read(&body), read(&expect));
    };
    check("5", "5");
    check("-7", "-7");
    check("18446744073709551615", "18446744073709551615");
    // The creation date that moto returns for applications of Pinpoint, where the model has a string.
    check("1764514063.123", "1764514063.123");
    check("0.1", "0.1");
    check("true", "true");
}

#[test]
fn what_is_no_character_costs_a_character() {
    let check = |text: &[u8], expect: &str| {
        // Members before and after the string keep their values, lists are not read twice.
        let body =
            [b"{\"Names\":[\"a\"],\"Name\":\"", text, b"\",\"N\":7,\"Any\":{\"\\udfff\":\"", text, b"\"}}"].concat();
        let expect =
            format!("{{\"Names\":[\"a\"],\"Name\":\"{expect}\",\"N\":7,\"Any\":{{\"\u{fffd}\":\"{expect}\"}}}}");
        let read = |body: &[u8]| format!("{:?}", read_tree(body).expect("readable"));
        assert_eq!(read(&body), read(expect.as_bytes()));
    };
    check(b"a\\ud800b", "a\u{fffd}b");
    check(b"\\uDC00\\ud83d\\ude00\\ud83d", "\u{fffd}😀\u{fffd}");
    check(b"\xC3\x28", "\u{fffd}(");
    check(b"caf\xE9", "caf\u{fffd}");
    let found = fields(b"{\"code\":\"C\",\"message\":\"\\ud800\xFF\"}", ["code", "message"]);
    assert_eq!(found, Some([Some("C".to_owned()), Some("\u{fffd}\u{fffd}".to_owned())]));
}

#[test]
fn malformed_bodies_are_errors_with_path_and_position() {
    let check = |body: &[u8], problem: &str| match (read_tree(body), problem) {
        (Ok(_), "") => {}
        (Ok(it), _) => panic!("{it:?}, expected {problem}"),
        (Err(error), _) => {
            assert!(!problem.is_empty() && error.to_string().contains(problem), "{error}");
            assert_eq!(error.kind(), ErrorKind::Parse);
        }
    };
    let nested = |open: &str, close: &str, count| format!("{}{}", open.repeat(count), close.repeat(count));
    check(format!("{{\"Trees\":[{{}},{}]}}", nested("{\"Trees\":[", "]}", 50)).as_bytes(), "");
    check(nested("{\"Trees\":[", "]}", 100_000).as_bytes(), "recursion limit");
    check(format!("{{\"Any\":{}}}", nested("[", "]", 100_000)).as_bytes(), "Any: malformed JSON: recursion limit");
    // Unknown members are skipped without recursion.
    check(format!("{{\"Other\":{}}}", nested("[", "]", 100_000)).as_bytes(), "");
    check(b"{\"Name\":\"a", "Name: malformed JSON: EOF while parsing a string at line 1 column 10");
    check(b"{\"Name\":\"a\"", "malformed JSON: EOF while parsing an object at line 1 column 11");
    check(b"{\"Name\":\"a\"}x", "malformed JSON: trailing characters at line 1 column 13");
    check(b"{\n\"Other\":\n\xFF}", "at line 3 column 1");
    check(b"{\"Name\":\"\\ud8\"}", "Name: malformed JSON: ");
    check(b"{\"Name\":\"\x01\"}", "Name: malformed JSON: control character");
    check(b"{\"Name\":nul}", "Name: malformed JSON: expected ident");
    check(b"[]", "expected an object, found a list at line 1");
    check(b"7", "expected an object, found a number");
    check(b"\"plain\"", "expected an object, found a string at line 1 column 7");
    check(b"<html>", "malformed JSON: expected value at line 1 column 1");
    check(b"{\"Name\":1e300}", "Name: expected a string, found a number at line 1 column 13");
    check(b"{\"Name\":123456789012345678901234567890}", "Name: expected a string, found a number");
    check(b"{\"Name\":{\"a\":1}}", "Name: expected a string, found an object");
    check(b"{\"Names\":\"a\"}", "Names: expected a list, found a string");
    check(b"{\"Names\":[\"a\",[]]}", "Names[1]: expected a string, found a list");
    check(b"{\"Map\":[]}", "Map: expected an object, found a list");
    check(b"{\"ByName\":{\"k\":{\"Trees\":[{},{\"N\":\"x\"}]}}}", "ByName.k.Trees[1].Count: expected a 32-bit integer");
    check(b"{\"Matrix\":[[1],[2,true]]}", "Matrix[1][1]: expected a 32-bit integer, found a Boolean");
    check(b"{\"N\":2147483648}", "Count: expected a 32-bit integer, found another number");
    check(b"{\"N\":1.5}", "Count: expected a 32-bit integer, found another number");
    check(b"{\"Size\":9223372036854775808}", "Size: expected a 64-bit integer");
    check(b"{\"Size\":1e19}", "Size: expected a 64-bit integer");
    check(format!("{{\"Size\":{}}}", "9".repeat(1_000_000)).as_bytes(), "Size: malformed JSON: number out of range");
    check(b"{\"Ratio\":1e999}", "Ratio: malformed JSON: number out of range");
    check(b"{\"Ratio\":NaN}", "Ratio: malformed JSON: expected value");
    check(b"{\"Single\":1e300}", "Single: expected a number");
    check(b"{\"On\":\"maybe\"}", "On: expected true or false, found a string");
    check(b"{\"On\":1}", "On: expected true or false, found a number");
    check(b"{\"At\":\"yesterday\"}", "At: expected a timestamp, found a string");
    check(b"{\"At\":1e300}", "At: expected a timestamp");
    check(b"{\"Data\":\"*\"}", "Data: expected base64, found a string");
    check(b"{\"Data\":[1,2]}", "Data: expected base64, found a list");
    check(b"{\"Choice\":{\"Text\":\"a\",\"N\":1}}", "Choice: a union with more than one member (Choice)");
    check(b"{\"Choice\":{\"Text\":\"a\",\"Later\":1}}", "Choice: a union with more than one member (Choice)");
    check(b"{\"Choice\":{\"Text\":null}}", "Choice: a union without a member (Choice)");
    // Errors contain neither values nor the keys of secret maps.
    check(b"{\"Hidden\":{\"password\":{}}}", "Hidden: expected a string, found an object");
    for body in [
        "{\"Hidden\":{\"hush\":[]}}",
        "{\"On\":\"hush\"}",
        "{\"N\":\"hush\"}",
        "{\"Data\":\"hush!\"}",
        "\"hush\"",
        "hush",
    ] {
        let error = read_tree(body.as_bytes()).expect_err(body);
        assert!(!format!("{error:?}").contains("hush"), "{error:?}");
    }
}

#[test]
fn deviations_of_services_are_accepted() {
    let check = |body: &str, expect: &str| {
        let members = read_tree(body.as_bytes()).unwrap_or_else(|it| panic!("{body}: {it}"));
        assert_eq!(write_tree(&members).expect("writable"), expect, "{body}");
    };
    for nothing in
        ["", " \r\n", "\u{feff}", "{}", "null", "{\"Other\":[{\"Name\":1}]}", "{\"Name\":null,\"Trees\":null}"]
    {
        check(nothing, "{}");
    }
    check("\u{feff}{\"Name\":\"a\"}", "{\"Name\":\"a\"}");
    // Members may be in any order; the last value of a repeated name wins as a whole.
    check("{\"N\":1,\"Name\":\"a\",\"Count\":2}", "{\"Name\":\"a\",\"N\":1}");
    check("{\"Names\":[\"a\",\"b\"],\"Name\":\"x\",\"Names\":[\"c\"]}", "{\"Name\":\"x\",\"Names\":[\"c\"]}");
    check("{\"Name\":\"a\",\"Name\":null}", "{}");
    check("{\"ByName\":{\"k\":{\"N\":1},\"k\":{\"Size\":2}}}", "{\"ByName\":{\"k\":{\"Size\":2}}}");
    check("{\"Choice\":{\"Text\":\"a\",\"Text\":\"b\"}}", "{\"Choice\":{\"Text\":\"b\"}}");
    // Nulls are kept only where they are allowed.
    check("{\"Sparse\":[1,null,2],\"SparseMap\":{\"a\":null}}", "{\"Sparse\":[1,null,2],\"SparseMap\":{\"a\":null}}");
    check("{\"Names\":[\"a\",null],\"Map\":{\"a\":null,\"b\":\"\"}}", "{\"Names\":[\"a\"],\"Map\":{\"b\":\"\"}}");
    check("{\"Trees\":[null,{}],\"Anys\":[null,{\"a\":null}]}", "{\"Trees\":[{}],\"Anys\":[null,{\"a\":null}]}");
    // Numbers may have any notation, and may be strings.
    check("{\"N\":\"7\",\"Size\":1.6e9,\"Ratio\":\"1.5\"}", "{\"N\":7,\"Size\":1600000000,\"Ratio\":1.5}");
    check("{\"Ratio\":\"NaN\",\"Single\":\"-Infinity\"}", "{\"Ratio\":\"NaN\",\"Single\":\"-Infinity\"}");
    check("{\"Ratio\":5,\"Single\":0.1}", "{\"Ratio\":5.0,\"Single\":0.1}");
    check("{\"Ratio\":9007199254740993.1}", "{\"Ratio\":9007199254740994.0}");
    check("{\"Size\":-9223372036854775808,\"N\":-0}", "{\"N\":0,\"Size\":-9223372036854775808}");
    check("{\"On\":\"True\"}", "{\"On\":true}");
    // Timestamps may have any format.
    for at in [
        "1398796238",
        "1398796238.0",
        "\"1398796238\"",
        "\"2014-04-29T18:30:38Z\"",
        "\"Tue, 29 Apr 2014 18:30:38 GMT\"",
    ] {
        check(&format!("{{\"At\":{at}}}"), "{\"At\":1398796238}");
        check(&format!("{{\"Iso\":{at}}}"), "{\"Iso\":\"2014-04-29T18:30:38Z\"}");
        check(&format!("{{\"Http\":{at}}}"), "{\"Http\":\"Tue, 29 Apr 2014 18:30:38 GMT\"}");
    }
    check("{\"At\":1515531081.123456}", "{\"At\":1515531081.123456}");
    check("{\"Data\":\"aGk\",\"Blobs\":{\"a\":\"\"}}", "{\"Data\":\"aGk=\",\"Blobs\":{\"a\":\"\"}}");
    check("{\"Any\":{\"b\":[1,2.5,\"x\",null],\"a\":true}}", "{\"Any\":{\"a\":true,\"b\":[1,2.5,\"x\",null]}}");
    check("{\"N\\u0061me\":\"\\u00e9\\ud834\\udd1e\\/\"}", "{\"Name\":\"é𝄞/\"}");
}

#[test]
fn unions_keep_the_name_of_an_unknown_member() {
    let check = |body: &str, expect: Attribute| {
        let mut found = Attribute::S("old".to_owned());
        read(body.as_bytes(), StructureMut::new(&mut found)).unwrap_or_else(|it| panic!("{body}: {it}"));
        assert!(found == expect, "{body}: {found:?}");
    };
    let string = |it: &str| Attribute::S(it.to_owned());
    check("{\"S\":\"a\"}", string("a"));
    check("{\"__type\":\"x#Attribute\",\"S\":\"a\"}", string("a"));
    check("{\"S\":\"a\",\"__type\":\"x\",\"L\":null,\"Later\":null}", string("a"));
    check(
        "{\"L\":[{\"S\":\"a\"},{\"Later\":{\"S\":\"b\"}}]}",
        Attribute::L([string("a"), Attribute::Unknown("Later".to_owned())].into()),
    );
    check("{\"L\\u0061ter\":1}", Attribute::Unknown("Later".to_owned()));
    let mut out = String::new();
    write(&mut out, StructureView::new(&Attribute::L([string("\"")].into()))).expect("writable");
    assert_eq!(out, "{\"L\":[{\"S\":\"\\\"\"}]}");
}

#[test]
fn a_timestamp_beyond_its_format_is_an_error_with_its_path() {
    let mut members = Vec::new();
    read(b"{\"Trees\":[{}]}", fill(&mut members, tree())).expect("sound");
    let Some(Value::List(trees)) = members.iter_mut().find(|it| matches!(it, Value::List(_))) else { panic!("a list") };
    let Some(Value::Structure(inner)) = trees.first_mut() else { panic!("a tree") };
    inner[tree().member("Iso").expect("known").index] = Value::Timestamp(Timestamp::from_secs(i64::MAX));
    let error = write_tree(&members).expect_err("no such year");
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert!(error.to_string().starts_with("Trees.Iso: "), "{error}");
}

#[test]
fn timestamps_before_1970_are_written_as_numbers() {
    let at = tree().member("At").expect("known").index;
    for (secs, nanos, expect) in [
        (-2, 500_000_000, "-1.5"),
        (-1, 999_999_000, "-0.000001"),
        (-2, 0, "-2"),
        (1, 500_000_000, "1.5"),
        (-1_000_000_000, 250_000_000, "-999999999.75"),
    ] {
        let time = Timestamp::from_parts(secs, nanos);
        let mut members = read_tree(b"{}").expect("sound");
        members[at] = Value::Timestamp(time);
        let text = write_tree(&members).expect("writable");
        assert_eq!(text, format!("{{\"At\":{expect}}}"));
        let again = read_tree(text.as_bytes()).expect("what was written");
        assert!(matches!(&again[at], Value::Timestamp(it) if *it == time), "{text}: {again:?}");
    }
}

#[test]
fn fields_returns_strings_and_numbers_of_an_object() {
    let check = |body: &str, expect: Option<[Option<&str>; 2]>| {
        let found = fields(body.as_bytes(), ["code", "message"]);
        assert_eq!(found, expect.map(|fields| fields.map(|field| field.map(str::to_owned))), "{body}");
    };
    check("{\"message\":\"m\",\"other\":{\"code\":\"x\"},\"code\":404}", Some([Some("404"), Some("m")]));
    check("{\"code\":{\"a\":1},\"message\":null}", Some([None, None]));
    check("{\"code\":\"a\",\"code\":\"b\"}", Some([Some("b"), None]));
    for other in ["", "null", "[]", "\"m\"", "{\"code\":\"a\"", "{\"code\":\"a\"}}", "<Error/>"] {
        check(other, None);
    }
}

#[test]
fn maps_are_sorted_whatever_the_order_of_their_entries() {
    #[repr(C)]
    struct Maps {
        items: List<Map<String, i32>>,
    }
    streaming_structure!(Maps, unsafe { "Items:*" }, [List<Map<String, i32>>]);
    let mut random = Random(3);
    // A map of several thousand entries, and maps that are shorter and longer than the one before them.
    for lengths in [&[5_000][..], &[3, 3, 40, 0, 1, 100, 2]] {
        let expect: Vec<std::collections::BTreeMap<String, i32>> = lengths
            .iter()
            .map(|len| (0..*len).map(|value| (format!("k{}", random.below(9_000)), value)).collect())
            .collect();
        let object = |map: &std::collections::BTreeMap<String, i32>| {
            let mut pairs: Vec<_> = map.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
            (1..pairs.len()).for_each(|it| pairs.swap(it, random.below(it + 1)));
            // An earlier value of a key that comes again does not count.
            let repeated = map.keys().next().map(|key| format!("\"{key}\":-1,")).unwrap_or_default();
            format!("{{{repeated}{}}}", pairs.join(","))
        };
        let body = format!("{{\"Items\":[{}]}}", expect.iter().map(object).collect::<Vec<_>>().join(","));
        let mut found = Maps::default();
        read(body.as_bytes(), StructureMut::new(&mut found)).expect("sound");
        assert!(found.items.iter().eq(&expect), "{lengths:?}");
    }
}
