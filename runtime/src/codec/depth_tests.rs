//! Values that lie deeply inside each other, on a stack so small that code which recurses into each level overflows it.

#![allow(unsafe_code, reason = "descriptions of the structures here")]

use super::{cbor, form, json, xml};
use crate::error::ErrorKind;
use crate::generated::plain_structure;
use crate::schema::validate::validate;
use crate::schema::{MAX_DEPTH, StructureMut, StructureView};
use crate::types::{Document, List, Map};

/// Built as DynamoDB's `AttributeValue` is.
#[repr(C, u8)]
#[allow(dead_code, reason = "read through the description")]
enum Attribute {
    Unknown(String),
    Text(String),
    List(List<Attribute>),
    Map(Map<String, Attribute>),
    Any(Document),
}

plain_structure!(Attribute, unsafe { "union; Text:str; List:*; Map:*; Any:doc" }, [List<Attribute>, Map<String, Attribute>]);

#[repr(C)]
struct Input {
    item: Option<Attribute>,
    tree: Option<Box<Input>>,
}

plain_structure!(Input, unsafe { "Item:*; Tree:*" }, [Option<Attribute>, Option<Box<Input>>]);

/// Runs `test` with 512 kB of stack, a quarter of what a thread of Rust has.
fn on_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(512 << 10).spawn(test);
    thread.expect("a thread").join().expect("no failure");
}

/// An attribute inside `count` lists and maps, which make two levels each, and a number.
fn attribute(count: usize) -> Attribute {
    (0..count).fold(Attribute::Text("a".to_owned()), |inner, level| match level % 2 {
        0 => Attribute::List([inner].into()),
        _ => Attribute::Map([("key".to_owned(), inner)].into()),
    })
}

fn input(count: usize) -> Input {
    Input { item: Some(attribute(count)), tree: None }
}

fn tree(levels: usize) -> Input {
    (1..levels).fold(Input::default(), |inner, _| Input { item: None, tree: Some(Box::new(inner)) })
}

/// Drops a value without recursion, which the compiler's own drop would need.
fn dismantle(mut input: Input) {
    let mut pending: Vec<Attribute> = input.item.take().into_iter().collect();
    while let Some(attribute) = pending.pop() {
        match attribute {
            Attribute::List(items) => pending.extend(items),
            Attribute::Map(entries) => pending.extend(entries.into_values()),
            _ => {}
        }
    }
    while let Some(mut inner) = input.tree.take() {
        input.tree = inner.tree.take();
    }
}

#[test]
fn a_value_of_any_depth_is_copied_compared_and_printed() {
    on_small_stack(|| {
        for depth in [1, 10, 1_000, 100_000] {
            for (make, shorter) in [(input as fn(usize) -> Input, input(depth - 1)), (tree, tree(depth))] {
                let value = make(depth + 1);
                let copy = value.clone();
                assert!(copy == value && shorter != value, "{depth}");
                let printed = format!("{value:?}");
                assert_eq!(printed.contains('…'), depth > MAX_DEPTH, "{depth}");
                [value, copy, shorter].into_iter().for_each(dismantle);
            }
        }
    });
}

#[test]
fn an_input_that_is_nested_too_deeply_is_rejected_and_any_other_is_written() {
    on_small_stack(|| {
        // The input is one level, an attribute another, and each list or map around it adds two.
        let deepest = (MAX_DEPTH - 2) / 2;
        let document = |levels: usize| {
            let any = (0..levels).fold(Document::Null, |inner, _| Document::Array(vec![inner]));
            Input { item: Some(Attribute::Any(any)), tree: None }
        };
        let start = |first: &str, step: &str| {
            (first.to_owned() + &step.repeat(100)).chars().take(100).chain(['…']).collect::<String>()
        };
        for (make, deepest, path) in [
            (input as fn(usize) -> Input, deepest, start("Item", ".Map.key.List[0]")),
            (tree, MAX_DEPTH, start("Tree", ".Tree")),
            (document, MAX_DEPTH - 2, "Item.Any".to_owned()),
        ] {
            for count in [1, deepest] {
                let value = make(count);
                let view = StructureView::new(&value);
                validate(view, true).expect("a valid input");
                let text = &mut String::new();
                json::write(text, view).expect("JSON");
                xml::write_element(text, "Input", None, view).expect("XML");
                form::write(text, form::Style::Query, view).expect("a form");
                form::write(text, form::Style::Ec2, view).expect("a form");
                if !matches!(value.item, Some(Attribute::Any(_))) {
                    cbor::write(&mut Vec::new(), view).expect("CBOR");
                }
            }
            for count in [deepest + 1, 1_000, 100_000] {
                let value = make(count);
                for rules in [true, false] {
                    let error = validate(StructureView::new(&value), rules).expect_err("too deep");
                    assert_eq!(error.kind(), ErrorKind::Validation);
                    let expect = format!("Invalid value for parameter {path}: nested more than 128 levels deep");
                    assert_eq!(error.to_string(), format!("Parameter validation failed:\n{expect}"));
                }
                dismantle(value);
            }
        }
    });
}

#[test]
fn a_response_that_is_nested_too_deeply_is_an_error_in_every_codec() {
    on_small_stack(|| {
        for (name, is_known) in [("Item", true), ("Other", false)] {
            for levels in [10, 1_000, 100_000] {
                let check = |codec: &str, result: crate::Result<()>| match levels {
                    10 => result.unwrap_or_else(|it| panic!("{codec}: {it}")),
                    // What no member is read from is skipped without recursion, at any depth, or rejected.
                    _ if is_known => assert_eq!(result.expect_err(codec).kind(), ErrorKind::Parse, "{codec}"),
                    _ => drop(result),
                };
                let nested = |open: &str, close: &str| open.repeat(levels) + &close.repeat(levels);
                let body = format!(r#"{{"{name}":{}}}"#, nested(r#"{"List":["#, "]}"));
                let mut out = Input::default();
                check("JSON", json::read(body.as_bytes(), StructureMut::new(&mut out)));
                let body = format!(r#"{{"{name}":{{"Any":{}}}}}"#, nested("[", "]"));
                check("a document", json::read(body.as_bytes(), StructureMut::new(&mut Input::default())));

                let body = format!("<R><{name}>{}</{name}></R>", nested("<List><member>", "</member></List>"));
                let mut document = xml::Document::new(&body);
                let root = document.require_root().expect("a root");
                check("XML", document.structure(&root, StructureMut::new(&mut Input::default())));

                let mut body = vec![0xa1, 0x60 + name.len() as u8];
                body.extend(name.bytes());
                (0..levels).for_each(|_| body.extend(b"\xa1\x64List\x81"));
                body.extend(b"\xa1\x64List\x80");
                check("CBOR", cbor::read(&body, StructureMut::new(&mut Input::default())));
            }
        }
    });
}
