//! `Clone` and `PartialEq` of every generated structure, through views and slots: two functions instead of two derived
//! implementations for each structure, which would take most of the compile time of a large service. Knows no wire
//! format.

use super::dynamic::Value;
use super::layout::{ListView, MapMut, MapView, Open, SchemaType, Slot, StructureMut, StructureView, View};

/// How deeply copying and comparing recurse; what is nested more deeply waits until the stack is free again, so that a
/// value of any depth needs little of it. Our choice: more levels than DynamoDB stores, so that hardly any value waits.
const RECURSION: usize = 40;

/// Whether two structures are equal, as derived equality defines it.
pub fn equal<T: SchemaType>(a: &T, b: &T) -> bool {
    let mut comparison = Comparison { later: Vec::new(), depth: 0 };
    let equal = comparison.structures(StructureView::new(a), StructureView::new(b));
    equal && comparison.finish()
}

/// The same for two values, either of which may be absent.
pub(crate) fn equal_options<'a>(a: Option<View<'a>>, b: Option<View<'a>>) -> bool {
    let mut comparison = Comparison { later: Vec::new(), depth: 0 };
    comparison.options(a, b) && comparison.finish()
}

/// Returns a copy of a structure.
pub fn copy<T: SchemaType>(it: &T) -> T {
    let mut copy = T::default();
    copy_structure(StructureView::new(it), StructureMut::new(&mut copy));
    copy
}

/// Copies the members of a structure that are present: lists are appended, entries added to maps.
pub(crate) fn copy_structure<'a>(from: StructureView<'a>, to: StructureMut<'a>) {
    let mut copying = Copying { later: Vec::new(), depth: 0 };
    copying.structure(from, to);
    copying.finish();
}

/// As [`copy_structure`], for a value of any kind.
pub(super) fn copy_value<'a>(value: View<'a>, slot: Slot<'a>) {
    let mut copying = Copying { later: Vec::new(), depth: 0 };
    copying.value(value, slot);
    copying.finish();
}

struct Comparison<'a> {
    /// Pairs that lie too deeply to be compared in place.
    later: Vec<(View<'a>, View<'a>)>,
    depth: usize,
}

impl<'a> Comparison<'a> {
    /// Compares what was left for later.
    fn finish(mut self) -> bool {
        let mut equal = true;
        while equal && let Some((a, b)) = self.later.pop() {
            equal = self.values(a, b);
        }
        equal
    }

    fn structures(&mut self, a: StructureView<'a>, b: StructureView<'a>) -> bool {
        a.unknown() == b.unknown() && a.shape().members.iter().all(|member| self.options(a.get(member), b.get(member)))
    }

    fn options(&mut self, a: Option<View<'a>>, b: Option<View<'a>>) -> bool {
        match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => self.values(a, b),
            _ => false,
        }
    }

    fn values(&mut self, a: View<'a>, b: View<'a>) -> bool {
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
            _ if self.depth == RECURSION => {
                self.later.push((a, b));
                true
            }
            (a, b) => {
                self.depth += 1;
                let equal = match (a, b) {
                    (View::Structure(a), View::Structure(b)) => self.structures(a, b),
                    (View::List(a), View::List(b)) => self.lists(a, b),
                    (View::Map(a), View::Map(b)) => self.maps(a, b),
                    // Streams, which no comparable structure contains, and values of different kinds.
                    _ => false,
                };
                self.depth -= 1;
                equal
            }
        }
    }

    fn lists(&mut self, a: ListView<'a>, b: ListView<'a>) -> bool {
        a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| self.options(a, b))
    }

    fn maps(&mut self, a: MapView<'a>, b: MapView<'a>) -> bool {
        // The lengths are equal, so it is enough to look for the keys of `a` in `b`. `get` returns `None` for a null
        // and for a missing key alike, hence `contains`.
        let equal = |key: &str, value| match b.contains(key) && self.options(value, b.get(key)) {
            true => Ok(()),
            false => Err(()),
        };
        a.len() == b.len() && a.try_each(equal).is_ok()
    }
}

struct Copying<'a> {
    /// Values that lie too deeply to be copied in place, and their destinations.
    later: Vec<(View<'a>, Slot<'a>)>,
    depth: usize,
}

impl<'a> Copying<'a> {
    fn finish(mut self) {
        while let Some((value, slot)) = self.later.pop() {
            self.value(value, slot);
        }
    }

    fn structure(&mut self, from: StructureView<'a>, mut to: StructureMut<'a>) {
        if let Some(name) = from.unknown() {
            return to.set_unknown(name);
        }
        if from.shape().union {
            if let Some((member, value)) = from.members().next() {
                self.value(value, to.into_slot(member));
            }
            return;
        }
        for (member, slot) in from.shape().members.iter().zip(to.into_slots()) {
            if let Some(value) = from.get(member) {
                self.value(value, slot);
            }
        }
    }

    fn value(&mut self, value: View<'a>, slot: Slot<'a>) {
        if !matches!(value, View::Structure(_) | View::List(_) | View::Map(_)) {
            return scalar(value, slot);
        }
        if self.depth == RECURSION {
            return self.later.push((value, slot));
        }
        self.depth += 1;
        match (value, slot.open()) {
            (View::Structure(from), Open::Structure(to)) => self.structure(from, to),
            (View::List(from), Open::List(to)) => {
                for (element, slot) in from.iter().zip(to.into_appended(from.len())) {
                    if let Some(element) = element {
                        self.value(element, slot);
                    }
                }
            }
            (View::Map(from), Open::Map(to)) => self.map(from, to),
            // Both sides have the same description, so other pairs do not occur.
            _ => {}
        }
        self.depth -= 1;
    }

    fn map(&mut self, from: MapView<'a>, mut to: MapMut<'a>) {
        // Adding may move the values, so their slots are taken when all are there.
        to.reserve(from.len());
        for (key, _) in from.iter() {
            to.push(key);
        }
        to.settle();
        let mut from = from.iter().peekable();
        for (key, slot) in to.into_entries() {
            if let Some((_, Some(value))) = from.next_if(|(it, _)| *it == key) {
                self.value(value, slot);
            }
        }
    }
}

fn scalar(value: View<'_>, slot: Slot<'_>) {
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

    use crate::types::{Document, List, Map, Timestamp};

    #[repr(C)]
    struct Thing {
        name: Option<String>,
        ratio: Option<f64>,
        at: Option<Timestamp>,
        blob: Option<bytes::Bytes>,
        any: Option<Document>,
        inner: Option<Box<Thing>>,
        list: List<Thing>,
        sparse: List<Option<String>>,
        map: Map<String, Option<i32>>,
        choice: Option<Choice>,
    }

    crate::generated::plain_structure!(Thing, unsafe { "Name:str; Ratio:f64; At:time; Blob:blob; Any:doc; Inner:*; List:*; Sparse:*; Map:*; Choice:*" }, [Option<Box<Thing>>, List<Thing>, List<Option<String>>,
        Map<String, Option<i32>>, Option<Choice>]);

    #[repr(C, u8)]
    #[allow(dead_code, reason = "read through the description")]
    enum Choice {
        Unknown(String),
        Text(String),
        Number(i32),
    }

    crate::generated::plain_structure!(Choice, unsafe { "union; Text:str; Number:i32" });

    fn full() -> Thing {
        Thing {
            name: Some("a".into()),
            ratio: Some(0.5),
            at: Some(Timestamp::from_secs(1)),
            blob: Some(bytes::Bytes::from_static(b"b")),
            any: Some(Document::Bool(true)),
            inner: Some(Box::new(Thing { name: Some("inner".into()), ..Thing::default() })),
            list: [Thing::default(), Thing { ratio: Some(2.0), ..Thing::default() }].into(),
            sparse: [None, Some("x".into())].into(),
            map: Map::from([("a".into(), None), ("b".into(), Some(1))]),
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
            |it| it.list = List::empty(),
            |it| it.list = List::default(),
            |it| it.sparse.reverse(),
            |it| it.map = Map::from([("c".into(), None), ("b".into(), Some(1))]),
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
        let unset = Thing { list: List::default(), ..full() };
        assert!(unset != Thing { list: List::empty(), ..full() }, "absent and empty differ");
    }
}
