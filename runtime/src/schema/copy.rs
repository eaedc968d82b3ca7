//! `Clone` and `PartialEq` of every generated structure, over views and slots: two functions in place of two derived bodies
//! for each structure, which is most of what a large service would cost to compile. It knows no wire format.

use super::dynamic::Value;
use super::layout::{Element, ListView, MapView, Open, Slot, StructureMut, StructureView, View};

/// Whether two structures hold the same: what derived equality says.
pub fn equal<T: Element>(a: &T, b: &T) -> bool {
    structures(StructureView::new(a), StructureView::new(b))
}

/// A copy of a structure.
pub fn copy<T: Element>(it: &T) -> T {
    let mut made = T::default();
    fill(StructureView::new(it), StructureMut::new(&mut made));
    made
}

fn structures(a: StructureView<'_>, b: StructureView<'_>) -> bool {
    let same = |member| maybe(a.get(member), b.get(member));
    a.unknown() == b.unknown() && a.shape().members.iter().all(same)
}

fn maybe(a: Option<View<'_>>, b: Option<View<'_>>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => values(a, b),
        _ => false,
    }
}

fn values(a: View<'_>, b: View<'_>) -> bool {
    match (a, b) {
        (View::String(a), View::String(b)) => a == b,
        (View::Bool(a), View::Bool(b)) => a == b,
        (View::I32(a), View::I32(b)) => a == b,
        (View::I64(a), View::I64(b)) => a == b,
        (View::F32(a), View::F32(b)) => a == b,
        (View::F64(a), View::F64(b)) => a == b,
        (View::Timestamp(a), View::Timestamp(b)) => a == b,
        (View::Blob(a), View::Blob(b)) => a == b,
        (View::Document(a), View::Document(b)) => a == b,
        (View::Structure(a), View::Structure(b)) => structures(a, b),
        (View::List(a), View::List(b)) => lists(a, b),
        (View::Map(a), View::Map(b)) => maps(a, b),
        // Streams, which no structure that can be compared holds.
        _ => false,
    }
}

fn lists(a: ListView<'_>, b: ListView<'_>) -> bool {
    a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| maybe(a, b))
}

fn maps(a: MapView<'_>, b: MapView<'_>) -> bool {
    // Among as many keys none may be missing; a null and no entry look alike, so every key is looked for.
    let same = |key: &str, value: Option<View<'_>>| match b.contains(key) && maybe(value, b.get(key)) {
        true => Ok(()),
        false => Err(()),
    };
    a.len() == b.len() && a.try_each(same).is_ok()
}

fn fill(from: StructureView<'_>, mut to: StructureMut<'_>) {
    if let Some(name) = from.unknown() {
        return to.set_unknown(name);
    }
    for (member, value) in from.members() {
        put(value, to.slot(member));
    }
}

fn put(value: View<'_>, slot: Slot<'_>) {
    let scalar = match (value, slot.open()) {
        (View::Structure(from), Open::Structure(to)) => return fill(from, to),
        (View::List(from), Open::List(mut to)) => {
            for element in from.iter() {
                let slot = to.push();
                if let Some(element) = element {
                    put(element, slot);
                }
            }
            return;
        }
        (View::Map(from), Open::Map(mut to)) => {
            let copied = from.try_each(|key, value| {
                let slot = to.insert(key.to_owned());
                if let Some(value) = value {
                    put(value, slot);
                }
                Ok::<(), std::convert::Infallible>(())
            });
            return copied.unwrap_or_default();
        }
        (value, Open::Scalar(scalar)) => (value, scalar),
        // Both sides are of one description.
        _ => return,
    };
    let (value, place) = scalar;
    let _ = place.put(match value {
        View::String(it) => Value::String(it.to_owned()),
        View::Bool(it) => Value::Bool(it),
        View::I32(it) => Value::I32(it),
        View::I64(it) => Value::I64(it),
        View::F32(it) => Value::F32(it),
        View::F64(it) => Value::F64(it),
        View::Timestamp(it) => Value::Timestamp(it),
        View::Blob(it) => Value::Blob(it.clone()),
        View::Document(it) => Value::Document(it.clone()),
        _ => return,
    });
}

#[cfg(test)]
mod tests {
    #![allow(unsafe_code, reason = "descriptions of the structures here")]

    use std::collections::BTreeMap;

    use crate::value::{Document, Timestamp};

    #[repr(C)]
    struct Thing {
        name: Option<String>,
        ratio: Option<f64>,
        at: Option<Timestamp>,
        blob: Option<bytes::Bytes>,
        any: Option<Document>,
        inner: Option<Box<Thing>>,
        list: Option<Vec<Thing>>,
        sparse: Vec<Option<String>>,
        map: BTreeMap<String, Option<i32>>,
        choice: Option<Choice>,
    }

    crate::codegen::value!(Thing, [Option<Box<Thing>>, Option<Vec<Thing>>, Vec<Option<String>>,
        BTreeMap<String, Option<i32>>, Option<Choice>],
        "Name:str; Ratio:f64; At:time; Blob:blob; Any:doc; Inner:*; List:*; Sparse:*; Map:*; Choice:*");

    #[repr(C, u8)]
    #[allow(dead_code, reason = "read through the description")]
    enum Choice {
        Unknown(String),
        Text(String),
        Number(i32),
    }

    crate::codegen::value!(Choice, "union; Text:str; Number:i32");

    fn full() -> Thing {
        Thing {
            name: Some("a".into()),
            ratio: Some(0.5),
            at: Some(Timestamp::from_secs(1)),
            blob: Some(bytes::Bytes::from_static(b"b")),
            any: Some(Document::Bool(true)),
            inner: Some(Box::new(Thing { name: Some("inner".into()), ..Thing::default() })),
            list: Some(vec![Thing::default(), Thing { ratio: Some(2.0), ..Thing::default() }]),
            sparse: vec![None, Some("x".into())],
            map: BTreeMap::from([("a".into(), None), ("b".into(), Some(1))]),
            choice: Some(Choice::Number(3)),
        }
    }

    #[test]
    fn a_copy_is_equal_and_its_own() {
        for thing in [Thing::default(), full(), Thing { choice: Some(Choice::Unknown("New".into())), ..full() }] {
            let mut copy = thing.clone();
            assert!(copy == thing, "{copy:?}\n{thing:?}");
            copy.name = Some("other".into());
            assert!(copy != thing);
        }
        assert!(matches!(full().clone().choice, Some(Choice::Number(3))));
    }

    #[test]
    fn whatever_differs_is_noticed() {
        let changes: [fn(&mut Thing); 13] = [
            |it| it.name = None,
            |it| it.ratio = Some(f64::NAN),
            |it| it.at = Some(Timestamp::from_secs(2)),
            |it| it.blob = Some(bytes::Bytes::new()),
            |it| it.any = Some(Document::Null),
            |it| it.inner = Some(Box::default()),
            |it| it.list = Some(Vec::new()),
            |it| it.list = None,
            |it| it.sparse.reverse(),
            |it| it.map = BTreeMap::from([("c".into(), None), ("b".into(), Some(1))]),
            |it| {
                it.map.remove("a");
            },
            |it| it.choice = Some(Choice::Text("3".into())),
            |it| it.choice = Some(Choice::default()),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let mut changed = full();
            change(&mut changed);
            assert!(changed != full() && full() != changed, "change {index}");
        }
        let unset = Thing { list: None, ..full() };
        assert!(unset != Thing { list: Some(Vec::new()), ..full() }, "absent and empty differ");
    }
}
