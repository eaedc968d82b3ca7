//! Lists and maps through descriptions: entries in any order, keys that are enumerations, absence inside. Also run under
//! Miri.

use super::{All, Choice, Colour, Inner, Paint, count_of, fill, member};
use crate::generated::streaming_structure;
use crate::schema::dynamic::Value;
use crate::schema::layout::{Open, StructureMut, StructureView, View};
use crate::types::{List, Map};

#[test]
fn entries_in_any_order_become_a_map_whose_last_ones_stay() {
    let check = |keys: &[&str], expect: &[(&str, i32)], repeated: Option<&str>| {
        let mut all = All::default();
        let mut it = StructureMut::new(&mut all);
        let Open::Map(mut map) = it.slot(member::<All>("ByKey")).open() else { panic!("a map") };
        for (number, key) in keys.iter().enumerate() {
            let Open::Structure(mut inner) = map.push(*key).open() else { panic!("a structure") };
            assert!(inner.slot(member::<Inner>("Number")).put(Value::I32(number as i32)));
            assert!(inner.slot(member::<Inner>("Text")).put(Value::String("on the heap".repeat(9))));
        }
        assert_eq!(map.settle().as_deref(), repeated, "{keys:?}");
        assert_eq!(map.settle(), None, "{keys:?}");
        let found: Vec<_> = all.by_key.iter().map(|(key, it)| (key.as_str(), it.number.expect("a number"))).collect();
        assert_eq!(found, expect, "{keys:?}");
        assert!(all.by_key.values().all(|inner| inner.text.as_ref().is_some_and(|it| it.len() == 99)));
    };
    check(&[], &[], None);
    check(&["a"], &[("a", 0)], None);
    check(&["a", "b", "c"], &[("a", 0), ("b", 1), ("c", 2)], None);
    check(&["c", "b", "a"], &[("a", 2), ("b", 1), ("c", 0)], None);
    check(&["b", "a", "b"], &[("a", 1), ("b", 2)], Some("b"));
    check(&["a", "a", "a", "a", "a", "b"], &[("a", 4), ("b", 5)], Some("a"));
    check(&["", "b", "", "ab", "b", "a"], &[("", 2), ("a", 5), ("ab", 3), ("b", 4)], Some(""));
}

#[test]
fn enumerations_are_keys_of_maps() {
    #[repr(C)]
    struct Keyed {
        coats: Map<Paint, i32>,
        nested: Map<Colour, List<Map<Colour, i64>>>,
    }
    streaming_structure!(Keyed, unsafe { "Coats:*; Nested:*" }, [Map<Paint, i32>, Map<Colour, List<Map<Colour, i64>>>]);
    let mut keyed = Keyed::default();
    fill(StructureMut::new(&mut keyed), 1);
    assert_eq!(keyed.coats, Map::from([(Paint::from("a"), -7), (Paint::from("b"), -7)]));
    assert_eq!((keyed.coats["a"], keyed.coats.get(&Paint::from("b"))), (-7, Some(&-7)));
    assert_eq!(keyed.nested["a"][0][&Colour::from("b")], i64::MAX);
    let mut it = StructureMut::new(&mut keyed);
    let Open::Map(mut map) = it.slot(member::<Keyed>("Coats")).open() else { panic!("a map") };
    for key in [Paint::VALUES[1], "c", Paint::VALUES[0], "a"] {
        assert!(map.push(key).put(Value::I32(1)));
    }
    map.settle();
    assert_eq!(keyed.coats.keys().map(Paint::as_str).collect::<Vec<_>>(), ["a", "b", "c", "ochre", Paint::VALUES[1]]);
    assert_eq!((keyed.coats["a"], keyed.coats[&Paint::ULTRAMARINE]), (1, 1));
    assert!(count_of(&keyed) > 8);
}

#[test]
fn lists_and_maps_inside_are_empty_rather_than_absent() {
    let all = All { nested: [List::default(), List::empty()].into(), ..All::default() };
    let Some(View::List(list)) = StructureView::new(&all).get(member::<All>("Nested")) else { panic!("a list") };
    for index in 0..2 {
        assert!(matches!(list.get(index), Some(View::List(it)) if it.is_empty()), "{index}");
    }
    let choice = Choice::Many(List::default());
    assert!(matches!(StructureView::new(&choice).get(member::<Choice>("Many")), Some(View::List(it)) if it.is_empty()));
}
