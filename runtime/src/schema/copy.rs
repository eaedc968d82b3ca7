//! `Clone` and `PartialEq` of every generated structure, through views and slots: two functions instead of two derived
//! implementations for each structure, which would take most of the compile time of a large service. Knows no wire
//! format.

use super::dynamic::Value;
use super::layout::{ListView, MapView, Open, SchemaType, Slot, StructureMut, StructureView, View};

/// Whether two structures are equal, as derived equality defines it.
pub fn equal<T: SchemaType>(a: &T, b: &T) -> bool {
    equal_structures(StructureView::new(a), StructureView::new(b))
}

/// Returns a copy of a structure.
pub fn copy<T: SchemaType>(it: &T) -> T {
    let mut copy = T::default();
    copy_structure(StructureView::new(it), StructureMut::new(&mut copy));
    copy
}

fn equal_structures(a: StructureView<'_>, b: StructureView<'_>) -> bool {
    let equal = |member| equal_options(a.get(member), b.get(member));
    a.unknown() == b.unknown() && a.shape().members.iter().all(equal)
}

fn equal_options(a: Option<View<'_>>, b: Option<View<'_>>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => equal_values(a, b),
        _ => false,
    }
}

fn equal_values(a: View<'_>, b: View<'_>) -> bool {
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
        (View::Structure(a), View::Structure(b)) => equal_structures(a, b),
        (View::List(a), View::List(b)) => equal_lists(a, b),
        (View::Map(a), View::Map(b)) => equal_maps(a, b),
        // Streams, which no comparable structure contains, and values of different kinds.
        _ => false,
    }
}

fn equal_lists(a: ListView<'_>, b: ListView<'_>) -> bool {
    a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| equal_options(a, b))
}

fn equal_maps(a: MapView<'_>, b: MapView<'_>) -> bool {
    // The lengths are equal, so it is enough to look for the keys of `a` in `b`. `get` returns `None` for a null and
    // for a missing key alike, hence `contains`.
    let equal = |key: &str, value: Option<View<'_>>| match b.contains(key) && equal_options(value, b.get(key)) {
        true => Ok(()),
        false => Err(()),
    };
    a.len() == b.len() && a.try_each(equal).is_ok()
}

pub(super) fn copy_structure(from: StructureView<'_>, mut to: StructureMut<'_>) {
    if let Some(name) = from.unknown() {
        return to.set_unknown(name);
    }
    for (member, value) in from.members() {
        copy_value(value, to.slot(member));
    }
}

pub(super) fn copy_value(value: View<'_>, slot: Slot<'_>) {
    let scalar = match (value, slot.open()) {
        (View::Structure(from), Open::Structure(to)) => return copy_structure(from, to),
        (View::List(from), Open::List(mut to)) => {
            for element in from.iter() {
                let slot = to.push();
                if let Some(element) = element {
                    copy_value(element, slot);
                }
            }
            return;
        }
        (View::Map(from), Open::Map(mut to)) => {
            let copied = from.try_each(|key, value| {
                let slot = to.insert(key.to_owned());
                if let Some(value) = value {
                    copy_value(value, slot);
                }
                Ok::<(), std::convert::Infallible>(())
            });
            return copied.unwrap_or_default();
        }
        (value, Open::Scalar(scalar)) => (value, scalar),
        // Both sides have the same description, so other pairs do not occur.
        _ => return,
    };
    let (value, slot) = scalar;
    let _ = slot.put(match value {
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

    use crate::types::{Document, Timestamp};

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

    crate::generated::plain_structure!(Thing, [Option<Box<Thing>>, Option<Vec<Thing>>, Vec<Option<String>>,
        BTreeMap<String, Option<i32>>, Option<Choice>],
        "Name:str; Ratio:f64; At:time; Blob:blob; Any:doc; Inner:*; List:*; Sparse:*; Map:*; Choice:*");

    #[repr(C, u8)]
    #[allow(dead_code, reason = "read through the description")]
    enum Choice {
        Unknown(String),
        Text(String),
        Number(i32),
    }

    crate::generated::plain_structure!(Choice, "union; Text:str; Number:i32");

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
    fn a_copy_is_equal_and_independent() {
        for thing in [Thing::default(), full(), Thing { choice: Some(Choice::Unknown("New".into())), ..full() }] {
            let mut copy = thing.clone();
            assert!(copy == thing, "{copy:?}\n{thing:?}");
            copy.name = Some("other".into());
            assert!(copy != thing);
        }
        assert!(matches!(full().clone().choice, Some(Choice::Number(3))));
    }

    #[test]
    fn structures_that_differ_in_one_member_are_not_equal() {
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
