//! Cycles of structures that hold each other directly: which members must be boxed. Lists and maps need none.

use std::collections::{BTreeMap, BTreeSet};

use super::reach::Reach;
use crate::model::{Models, ShapeKind};

/// Members (shape, member) that hold a structure of their own cycle.
pub(crate) type Boxed = BTreeSet<(String, String)>;

/// Finds them: a member is boxed when its structure can reach the one it stands in.
pub(crate) fn boxed(models: &Models, reach: &Reach) -> Boxed {
    let shapes = &models.service.shapes;
    let is_structure = |name: &str| shapes.get(name).is_some_and(|it| matches!(it.kind, ShapeKind::Structure(_)));
    let mut edges: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, shape) in shapes {
        if let Some(structure) = shape.structure() {
            let direct = structure.members.values().map(|it| it.shape.as_str()).filter(|it| is_structure(it));
            edges.insert(name, direct.collect());
        }
    }
    let reaches = |from: &str, to: &str| {
        let mut seen = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if at == to {
                return true;
            }
            open.extend(edges.get(at).into_iter().flatten().copied().filter(|it| seen.insert(it)));
        }
        false
    };
    // Only what lies on a cycle needs a search: first strip everything that ends.
    let mut live: BTreeSet<&str> =
        edges.keys().copied().filter(|it| reach.is_type(it) || !edges[it].is_empty()).collect();
    loop {
        let ending: Vec<&str> =
            live.iter().copied().filter(|it| !edges[it].iter().any(|to| live.contains(to))).collect();
        if ending.is_empty() {
            break;
        }
        ending.iter().for_each(|it| {
            live.remove(it);
        });
    }
    let mut boxed = Boxed::new();
    for &name in &live {
        let Some(structure) = shapes.get(name).and_then(|it| it.structure()) else { continue };
        for (member, reference) in &structure.members {
            if live.contains(reference.shape.as_str()) && reaches(&reference.shape, name) {
                boxed.insert((name.to_owned(), member.clone()));
            }
        }
    }
    boxed
}
