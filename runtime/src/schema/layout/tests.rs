//! Every kind of field, written and read through descriptions. These tests also run under Miri, which reports leaks, so
//! they use no dynamic shapes, which are leaked on purpose.

#![allow(unreachable_pub, dead_code, unsafe_code, reason = "the macros make more than is used here")]

mod containers;

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_core::Stream;

use super::{Open, Slot, StructureMut, StructureView, View};
use crate::error::{Error, ErrorKind};
use crate::generated::{streaming_structure, string_enum};
use crate::schema::SchemaType;
use crate::schema::dynamic::Value;
use crate::schema::events::{EventInput, EventStream, Incoming};
use crate::schema::shape::{Kind, Member, shape_of};
use crate::schema::tree::{clear_list, list_len, with_list};
use crate::types::{ByteStream, Document, List, Map, Timestamp};

string_enum! {
    /// A colour.
    Colour = Enumeration<Colour_>;
    RED = "red",
}

string_enum! {
    /// An enumeration with a value that is not held in place.
    Paint = Enumeration<Paint_>;
    OCHRE = "ochre",
    ULTRAMARINE = "ultramarine, from beyond the sea",
}

#[derive(Clone, PartialEq)]
#[repr(C)]
struct Painted {
    paint: Option<Paint>,
    paints: List<Paint>,
    coats: Map<String, Paint>,
}

streaming_structure!(Painted, unsafe { "Paint:*; Paints:*; Coats:*" }, [Option<Paint>, List<Paint>, Map<String, Paint>]);

#[derive(Clone, PartialEq)]
#[repr(C)]
struct Inner {
    small: Option<bool>,
    text: Option<String>,
    number: Option<i32>,
}

streaming_structure!(Inner, unsafe { "Small:bool; Text:str; Number:i32" });

#[derive(Clone, PartialEq)]
#[repr(C)]
struct Empty {}

streaming_structure!(Empty, unsafe { "" });

#[derive(Clone, PartialEq)]
#[repr(C)]
struct Tree {
    left: Option<Box<Tree>>,
    children: List<Tree>,
    by_name: Map<String, Tree>,
    name: Option<String>,
}

streaming_structure!(Tree, unsafe { "Left:*; Children:*; ByName:*; Name:str" }, [Option<Box<Tree>>, List<Tree>, Map<String, Tree>]);

#[derive(Clone, PartialEq)]
#[repr(C, u8)]
enum Choice {
    Unknown(String),
    Text(String),
    Count(i64),
    Flag(bool),
    Inner(Inner),
    Many(List<Inner>),
    Again(Box<Choice>),
    Colour(Colour),
}

streaming_structure!(Choice, unsafe { "union; Text:str; Count:i64; Flag:bool; Inner:*; Many:*; Again:*; Colour:enum" }, [Inner, List<Inner>, Box<Choice>]);

#[repr(C)]
struct All {
    flag: Option<bool>,
    text: Option<String>,
    colour: Option<Colour>,
    int: Option<i32>,
    long: Option<i64>,
    float: Option<f32>,
    double: Option<f64>,
    time: Option<Timestamp>,
    blob: Option<Bytes>,
    document: Option<Document>,
    names: List<String>,
    some_names: List<String>,
    tags: Map<String, String>,
    some_tags: Map<String, String>,
    colours: List<Colour>,
    inner: Option<Inner>,
    inners: List<Inner>,
    by_key: Map<String, Inner>,
    sparse: List<Option<i32>>,
    sparse_map: Map<String, Option<String>>,
    nested: List<List<f64>>,
    choice: Option<Choice>,
    choices: List<Choice>,
    tree: Option<Box<Tree>>,
    empty: Option<Empty>,
    empties: List<Empty>,
    stream: ByteStream,
    some_stream: Option<ByteStream>,
    events: EventStream<Choice>,
    last: Option<bool>,
}

streaming_structure!(All, unsafe { "Flag:bool; Text:str; Colour:enum; Int:i32; Long:i64; Float:f32; Double:f64; Time:time; Blob:blob; Document:doc; \
 Names:[str]; SomeNames:*; Tags:{str}; SomeTags:*; Colours:*; Inner:*; Inners:*; ByKey:*; Sparse:*; \
 SparseMap:*; Nested:*; Choice:*; Choices:*; Tree:*; Empty:*; Empties:*; Stream:stream; SomeStream:stream?; \
 Events:*; Last:bool" }, [
    List<String>,
    Map<String, String>,
    List<Colour>,
    Option<Inner>,
    List<Inner>,
    Map<String, Inner>,
    List<Option<i32>>,
    Map<String, Option<String>>,
    List<List<f64>>,
    Option<Choice>,
    List<Choice>,
    Option<Box<Tree>>,
    Option<Empty>,
    List<Empty>,
    EventStream<Choice>,
]);

fn member<T: SchemaType>(name: &str) -> &'static Member {
    shape_of::<T>().member(name).expect("a member")
}

/// Puts a value into every member, down to `depth`.
fn fill(mut structure: StructureMut<'_>, depth: usize) {
    for member in &structure.shape().members {
        match &member.node.kind {
            Kind::Events(_) => {
                assert!(
                    structure.set_events(member, Box::new(EndlessEvents)) && structure.take_events(member).is_none()
                );
            }
            _ => fill_slot(structure.slot(member), depth),
        }
    }
}

/// A stream that repeats one event without end.
struct EndlessEvents;

impl Incoming for EndlessEvents {
    fn poll_event(&mut self, _: &mut Context<'_>, mut event: StructureMut<'_>) -> Poll<Option<crate::Result<()>>> {
        let first = &event.shape().members[0];
        event.slot(first).put(Value::String("sent".to_owned()));
        Poll::Ready(Some(Ok(())))
    }
}

fn fill_slot(slot: Slot<'_>, depth: usize) {
    let value = match slot.kind() {
        Kind::String | Kind::Enum => Value::String("a string on the heap".to_owned()),
        Kind::Bool => Value::Bool(true),
        Kind::I32 => Value::I32(-7),
        Kind::I64 => Value::I64(i64::MAX),
        Kind::F32 => Value::F32(0.5),
        Kind::F64 => Value::F64(-0.25),
        Kind::Timestamp(_) => Value::Timestamp(Timestamp::from_parts(1, 5)),
        Kind::Blob => Value::Blob(Bytes::from(vec![1, 2, 3])),
        Kind::Document => Value::Document(Document::String("free".to_owned())),
        Kind::Stream => Value::Stream(ByteStream::from(vec![4, 5])),
        Kind::Structure(_) | Kind::List(_) | Kind::Map(_) | Kind::Events(_) => {
            return match slot.open() {
                Open::Structure(inner) if depth > 0 => fill(inner, depth - 1),
                Open::List(mut list) => {
                    (0..3).for_each(|_| fill_slot(list.push(), depth));
                    fill_slot(list.get(1).expect("the second"), depth);
                    assert!(list.get(3).is_none() || list.len() > 3);
                }
                Open::Map(mut map) => {
                    ["b", "a", "b"].into_iter().for_each(|it| fill_slot(map.insert(it.to_owned()), depth))
                }
                _ => {}
            };
        }
    };
    assert!(slot.put(value));
}

/// Reads everything and returns the number of scalars.
fn count(view: View<'_>) -> usize {
    match view {
        View::Structure(it) => {
            it.members().map(|(_, value)| count(value)).sum::<usize>() + it.unknown().map_or(0, str::len)
        }
        View::List(it) => it.iter().flatten().map(count).sum(),
        View::Map(it) => {
            let mut sum = 0;
            it.try_each(|key, value| {
                assert_eq!(it.get(key).is_some(), value.is_some());
                sum += value.map_or(0, count);
                Ok::<_, ()>(())
            })
            .expect("no error");
            sum
        }
        View::String(it) => usize::from(!it.is_empty()),
        View::Blob(it) => usize::from(it.len() == 3),
        View::Document(it) => usize::from(!it.is_null()),
        View::Stream(it) => usize::from(it.len() == Some(2)),
        _ => 1,
    }
}

fn count_of<T: SchemaType>(it: &T) -> usize {
    count(View::Structure(StructureView::new(it)))
}

#[test]
fn every_kind_of_field_is_written_and_read() {
    let mut all = All::default();
    // The plain event stream is always present.
    assert_eq!(count_of(&all), 1);
    fill(StructureMut::new(&mut all), 2);
    let text = "a string on the heap";
    let inner = Inner { small: Some(true), text: Some(text.to_owned()), number: Some(-7) };
    assert_eq!((all.flag, all.last), (Some(true), Some(true)));
    assert_eq!(all.text.as_deref(), Some(text));
    assert_eq!(all.colour, Some(Colour::from(text)));
    assert_eq!((all.int, all.long), (Some(-7), Some(i64::MAX)));
    assert_eq!((all.float, all.double), (Some(0.5), Some(-0.25)));
    assert_eq!(all.time, Some(Timestamp::from_parts(1, 5)));
    assert_eq!(all.blob.as_deref(), Some(&[1, 2, 3][..]));
    assert_eq!(all.document, Some(Document::String("free".to_owned())));
    assert_eq!(all.names, [text; 3]);
    assert_eq!(all.some_names, [text; 3]);
    assert_eq!(all.tags.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(all.some_tags, all.tags);
    assert_eq!(all.colours, vec![Colour::from(text); 3]);
    assert_eq!(all.inner, Some(inner.clone()));
    assert_eq!(all.inners, [inner.clone(), inner.clone(), inner.clone()]);
    assert_eq!(all.by_key["b"], inner);
    assert_eq!(all.sparse, [Some(-7); 3]);
    assert_eq!(all.sparse_map["a"].as_deref(), Some(text));
    assert_eq!(all.nested[1].len(), 6);
    assert_eq!(all.choice, Some(Choice::Colour(Colour::from(text))));
    assert_eq!(all.choices.len(), 3);
    assert_eq!(all.tree.as_ref().and_then(|it| it.left.as_ref()?.name.clone()).as_deref(), Some(text));
    assert_eq!(all.tree.as_ref().map(|it| (it.children.len(), it.by_name.len())), Some((3, 2)));
    assert_eq!((all.empty, all.empties.len()), (Some(Empty {}), 3));
    assert_eq!(all.stream.as_bytes().map(|it| it.len()), Some(2));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(
        matches!(Pin::new(&mut all.events).poll_next(&mut cx), Poll::Ready(Some(Ok(it))) if it == Choice::Text("sent".to_owned()))
    );
}

#[test]
fn filled_members_can_be_filled_again_and_cleared() {
    let mut all = All::default();
    let mut it = StructureMut::new(&mut all);
    fill(it.reborrow(), 1);
    fill(it.reborrow(), 1);
    let full = count(View::Structure(it.view()));
    assert!(full > 60, "{full}");
    for member in &shape_of::<All>().members {
        it.clear(member);
    }
    assert_eq!(count_of(&all), 1);
    assert!(all.names.is_empty() && all.tree.is_none() && all.inner.is_none() && all.choices.is_empty());
}

#[test]
fn absent_and_empty_lists_differ() {
    let mut all = All { names: List::default(), some_names: List::empty(), ..All::default() };
    let view = StructureView::new(&all);
    assert!(view.get(member::<All>("Names")).is_none());
    assert!(
        matches!(view.get(member::<All>("SomeNames")), Some(View::List(it)) if it.is_empty() && it.get(0).is_none())
    );
    assert!(view.get(member::<All>("SomeTags")).is_none());
    all.names = List::empty();
    let view = StructureView::new(&all);
    assert!(matches!(view.get(member::<All>("Names")), Some(View::List(it)) if it.is_empty()));
    all.sparse = [None, Some(3)].into();
    let Some(View::List(list)) = StructureView::new(&all).get(member::<All>("Sparse")) else { panic!("not a list") };
    assert!(list.get(0).is_none() && matches!(list.get(1), Some(View::I32(3))) && list.len() == 2);
}

#[test]
fn elements_move_between_lists_and_leave_defaults() {
    let named = |name: &str| Tree { name: Some(name.to_owned()), ..Tree::default() };
    let names = |list: &[Tree]| list.iter().map(|it| it.name.clone().unwrap_or_default()).collect::<Vec<_>>();
    let children = || List::from(["a", "b", "c", "d"].map(named));
    // Lists within a structure that is absent in one of the two, and beside it.
    for path in ["Left.Children", "Children"] {
        let mut from = Tree { left: Some(Box::default()), ..Tree::default() };
        match &mut from.left {
            Some(left) if path.contains('.') => left.children = children(),
            _ => from.children = children(),
        }
        let mut to = Tree::default();
        let mut move_elements = |from: &mut Tree, range: std::ops::Range<usize>| {
            with_list(StructureMut::new(from), path, &mut |mut from| {
                with_list(StructureMut::new(&mut to), path, &mut |mut to| to.append_from(&mut from, range.clone()));
            });
        };
        move_elements(&mut from, 1..3);
        move_elements(&mut from, 3..usize::MAX);
        move_elements(&mut from, 9..10);
        let list = |it: &Tree| {
            if path.contains('.') { it.left.as_ref().unwrap().children.clone() } else { it.children.clone() }
        };
        assert_eq!(names(&list(&to)), ["b", "c", "d"], "{path}");
        assert_eq!(names(&list(&from)), ["a", "", "", ""], "{path}");
        assert_eq!(list_len(StructureView::new(&to), path), 3);
        clear_list(StructureMut::new(&mut to), path);
        assert_eq!(list_len(StructureView::new(&to), path), 0);
    }
    // Lists of different types, and a member that is no list.
    let (mut all, mut tree) = (All::default(), Tree { children: children(), ..Tree::default() });
    with_list(StructureMut::new(&mut tree), "Children", &mut |mut from| {
        for member in &shape_of::<All>().members {
            if let Open::List(mut list) = StructureMut::new(&mut all).slot(member).open() {
                list.append_from(&mut from, 0..4);
                assert!(list.is_empty(), "{}", member.name);
            }
        }
    });
    with_list(StructureMut::new(&mut tree), "Name", &mut |_| panic!("a string is no list"));
    with_list(StructureMut::new(&mut tree), "Nothing.Children", &mut |_| panic!("there is no such member"));
    assert_eq!((names(&tree.children).concat().as_str(), list_len(StructureView::new(&tree), "")), ("abcd", 0));
}

#[test]
fn a_structure_is_assigned_to_its_own_type_only() {
    let mut tree = Tree { name: Some("old".to_owned()), ..Tree::default() };
    *StructureMut::new(&mut tree).downcast_mut::<Tree>().expect("its type") =
        Tree { name: Some("new".to_owned()), ..Tree::default() };
    assert!(StructureMut::new(&mut tree).downcast_mut::<Inner>().is_none());
    assert!(StructureMut::new(&mut tree).downcast_ref::<Inner>().is_none());
    assert_eq!(tree.name.as_deref(), Some("new"));
}

#[test]
fn unions_hold_the_member_that_was_set_last() {
    let mut choice = Choice::default();
    assert_eq!(StructureView::new(&choice).unknown(), Some(""));
    let mut it = StructureMut::new(&mut choice);
    let mut set = |name: &str, value: Value| assert!(it.slot(member::<Choice>(name)).put(value));
    set("Text", Value::String("first".to_owned()));
    set("Count", Value::I64(7));
    set("Text", Value::String("second".to_owned()));
    set("Flag", Value::Bool(true));
    set("Text", Value::String("third".to_owned()));
    assert_eq!(choice, Choice::Text("third".to_owned()));
    assert!(StructureView::new(&choice).get(member::<Choice>("Count")).is_none());

    let mut it = StructureMut::new(&mut choice);
    it.set_unknown("Later");
    assert_eq!(it.view().unknown(), Some("Later"));
    it.set_unknown("Even later");
    assert_eq!(choice, Choice::Unknown("Even later".to_owned()));
    assert_eq!(StructureView::new(&choice).members().count(), 0);

    // A member that was opened but not assigned keeps its default.
    let mut it = StructureMut::new(&mut choice);
    assert!(!it.slot(member::<Choice>("Count")).put(Value::Bool(true)));
    assert_eq!(choice, Choice::Count(0));
    let mut it = StructureMut::new(&mut choice);
    if let Open::Structure(mut again) = it.slot(member::<Choice>("Again")).open() {
        assert!(again.slot(member::<Choice>("Count")).put(Value::I64(1)));
    }
    assert_eq!(choice, Choice::Again(Box::new(Choice::Count(1))));
    StructureMut::new(&mut choice).clear(member::<Choice>("Again"));
    assert_eq!(choice, Choice::default());
    // Only a union has an unknown member.
    let mut inner = Inner::default();
    StructureMut::new(&mut inner).set_unknown("Later");
    assert_eq!(StructureView::new(&inner).unknown(), None);
}

#[test]
fn streams_are_taken_out_of_their_members() {
    let mut all = All { some_stream: Some(ByteStream::from(vec![1])), ..All::default() };
    let mut it = StructureMut::new(&mut all);
    let taken = it.take_stream(member::<All>("SomeStream")).expect("a stream");
    assert_eq!(taken.as_bytes().map(|it| it.len()), Some(1));
    assert!(it.take_stream(member::<All>("Text")).is_none());
    assert!(it.take_stream(member::<All>("Stream")).is_some_and(|it| it.len() == Some(0)));
    assert!(All::default().some_stream.is_none());
    assert!(StructureMut::new(&mut All::default()).take_stream(member::<All>("SomeStream")).is_none());
}

/// A reader that stops in the middle leaves valid values, and a panic drops them.
#[test]
fn errors_and_panics_in_the_middle_leave_valid_values() {
    fn fill_some(mut structure: StructureMut<'_>) -> Result<(), Error> {
        let mut done = 0;
        for member in &structure.shape().members {
            fill_slot(structure.slot(member), 1);
            done += 1;
            if done == 20 {
                return Err(Error::new(ErrorKind::Parse, "stopped"));
            }
        }
        Ok(())
    }
    let mut all = All::default();
    assert!(fill_some(StructureMut::new(&mut all)).is_err());
    assert!(!all.sparse_map.is_absent() && all.nested.is_absent());
    let panicked = std::panic::catch_unwind(|| {
        let mut choice = Choice::Text("old".to_owned());
        let mut it = StructureMut::new(&mut choice);
        if let Open::List(mut many) = it.slot(member::<Choice>("Many")).open() {
            fill_slot(many.push(), 1);
            let _ = many.push();
            panic!("in the middle of a list");
        }
    });
    assert!(panicked.is_err());
}

#[test]
fn values_of_another_kind_are_rejected() {
    let mut all = All::default();
    let mut it = StructureMut::new(&mut all);
    for member in &shape_of::<All>().members {
        assert!(!it.slot(member).put(Value::Absent), "{}", member.name);
    }
    assert!(!it.slot(member::<All>("Int")).put(Value::I64(1)));
    // A member of another shape can do no harm: only its index counts.
    let foreign = member::<All>("Text");
    let mut inner = Inner::default();
    let mut it = StructureMut::new(&mut inner);
    assert!(it.slot(foreign).put(Value::String("second".to_owned())));
    assert_eq!(inner.text.as_deref(), Some("second"));
}

#[test]
fn only_strings_and_enumerations_take_a_string() {
    for text in ["short", "a string on the heap"] {
        for member in &shape_of::<All>().members {
            let takes = matches!(member.node.kind, Kind::String | Kind::Enum);
            let mut all = All::default();
            assert_eq!(StructureMut::new(&mut all).slot(member).put_str(text.into()), takes, "{}", member.name);
            let found = StructureView::new(&all).get(member);
            assert_eq!(matches!(found, Some(View::String(it)) if it == text), takes, "{}", member.name);
        }
    }
}

#[test]
fn members_are_found_by_name_in_any_order() {
    for shape in [shape_of::<All>(), shape_of::<Choice>(), shape_of::<Inner>(), shape_of::<Empty>()] {
        let count = shape.members.len();
        for start in 0..count + 2 {
            for member in &shape.members {
                let mut hint = start;
                let found = shape.member_by_wire_name(member.wire, &mut hint).map(|it| it.index);
                assert_eq!((found, hint), (Some(member.index), member.index + 1), "{} from {start}", member.name);
            }
            let mut hint = start;
            assert!(shape.member_by_wire_name("Unknown", &mut hint).is_none());
            assert_eq!(hint, start, "an unknown name leaves the hint");
        }
    }
}

#[test]
fn enumerations_have_the_layout_of_their_string() {
    let mut slots = [Some(Colour::RED), None, Some(Colour::from("blue".to_owned()))];
    assert_eq!(Colour::TYPE.size, size_of::<Colour>());
    for (index, expect) in [(0, Some("red")), (1, None), (2, Some("blue"))] {
        let all = All { colour: slots[index].take(), ..All::default() };
        let found = StructureView::new(&all).get(member::<All>("Colour"));
        assert_eq!(matches!((found, expect), (Some(View::String(it)), Some(expect)) if it == expect), expect.is_some());
        assert_eq!(found.is_none(), expect.is_none());
    }
}

#[test]
fn long_values_of_enumerations_are_found_through_their_type() {
    let strings = [Paint::VALUES, &["unknown", "unknown and longer than what is held in place"]].concat();
    for text in strings {
        let mut painted = Painted::default();
        let mut it = StructureMut::new(&mut painted);
        assert!(it.slot(member::<Painted>("Paint")).put_str(text.into()));
        let Open::List(mut list) = it.slot(member::<Painted>("Paints")).open() else { panic!("a list") };
        assert!(list.push().put(Value::String(text.to_owned())));
        let Open::Map(mut map) = it.slot(member::<Painted>("Coats")).open() else { panic!("a map") };
        assert!(map.insert("first".to_owned()).put_str(text.to_owned().into()));
        let name = |paint: &Paint| match *paint {
            Paint::OCHRE => Paint::VALUES[0],
            Paint::ULTRAMARINE => Paint::VALUES[1],
            ref other if Paint::VALUES.contains(&other.as_str()) => "known, but no constant",
            _ => text,
        };
        assert_eq!(painted.paint.as_ref().map(name), Some(text));
        assert_eq!(painted.paints.iter().map(name).collect::<Vec<_>>(), [text]);
        assert_eq!(painted.coats.values().map(name).collect::<Vec<_>>(), [text]);
        assert_eq!(painted.clone(), painted);
        assert_eq!(painted.paint, Some(Paint::from(text)));
    }
}

#[test]
#[should_panic(expected = "does not match its fields")]
fn a_description_of_another_layout_is_rejected() {
    #[repr(C)]
    struct Wrong {
        _text: Option<String>,
    }
    streaming_structure!(Wrong, unsafe { "Text:str; More:i64" });
    shape_of::<Wrong>();
}

#[repr(C)]
struct EventRequest {
    name: Option<String>,
    events: Option<EventInput<Choice>>,
}

streaming_structure!(EventRequest, unsafe { "Name:str; Events:* @payload" }, [Option<EventInput<Choice>>]);

#[test]
fn events_of_an_input_are_taken_once() {
    let events = [Choice::Text("a".to_owned()), Choice::Text("b".to_owned())];
    let mut input = EventRequest { name: Some("n".to_owned()), events: Some(EventInput::from_iter(events)) };
    let mut it = StructureMut::new(&mut input);
    assert!(it.take_events(member::<EventRequest>("Name")).is_none());
    let mut source = it.take_events(member::<EventRequest>("Events")).expect("events");
    assert!(it.take_events(member::<EventRequest>("Events")).is_none());
    let mut seen = Vec::new();
    let mut write = |event: StructureView<'_>| {
        seen.extend(event.members().map(|(member, _)| member.name));
        Ok(Bytes::new())
    };
    let mut cx = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(Ok(_))) = source.poll_message(&mut cx, &mut write) {}
    assert_eq!(seen, ["Text", "Text"]);
}
