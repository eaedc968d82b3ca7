//! Finds the members that must be boxed: those of structures that contain each other directly. Lists and maps need no
//! box.

use std::collections::{BTreeMap, BTreeSet};

use super::reach::ReachableShapes;
use crate::model::{Models, ShapeKind};

/// The members to box, as pairs of shape and member.
pub(crate) type Boxed = BTreeSet<(String, String)>;

/// Finds the members to box: those whose structure directly or indirectly contains the structure of the member.
pub(crate) fn boxed(models: &Models, reachable: &ReachableShapes) -> Boxed {
    let shapes = &models.service.shapes;
    let is_structure = |name: &str| shapes.get(name).is_some_and(|it| matches!(it.kind, ShapeKind::Structure(_)));
    let mut edges: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, shape) in shapes {
        if let Some(structure) = shape.structure() {
            let targets = structure.members.values().map(|it| it.shape.as_str());
            edges.insert(name, targets.filter(|target| is_structure(target)).collect());
        }
    }
    let reaches = |from: &str, to: &str| {
        let mut seen = BTreeSet::from([from]);
        let mut pending = vec![from];
        while let Some(name) = pending.pop() {
            if name == to {
                return true;
            }
            pending.extend(edges.get(name).into_iter().flatten().copied().filter(|target| seen.insert(target)));
        }
        false
    };
    // Only structures that lead to a cycle need a search, so those that cannot reach one are removed first.
    let mut candidates: BTreeSet<&str> =
        edges.keys().copied().filter(|name| reachable.is_type(name) || !edges[name].is_empty()).collect();
    loop {
        let is_leaf = |name: &&str| !edges[name].iter().any(|target| candidates.contains(target));
        let leaves: Vec<&str> = candidates.iter().copied().filter(is_leaf).collect();
        if leaves.is_empty() {
            break;
        }
        for name in leaves {
            candidates.remove(name);
        }
    }
    let mut boxed = Boxed::new();
    for &name in &candidates {
        let Some(structure) = shapes.get(name).and_then(|it| it.structure()) else { continue };
        for (member, reference) in &structure.members {
            if candidates.contains(reference.shape.as_str()) && reaches(&reference.shape, name) {
                boxed.insert((name.to_owned(), member.clone()));
            }
        }
    }
    boxed
}
