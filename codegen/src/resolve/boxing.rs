//! Finds the members that are boxed: those of structures that contain each other directly, where lists and maps need no
//! box, and the bytes in a union that contains itself in lists or maps. Such a union is a value of any kind, of which
//! a response has thousands; bytes are larger than all else that it holds.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Models, ShapeKind};

/// The members to box, as pairs of shape and member.
pub(crate) type Boxed = BTreeSet<(String, String)>;

/// Finds the members to box: those whose structure directly or indirectly contains the structure of the member.
pub(crate) fn boxed(models: &Models) -> Boxed {
    let shapes = &models.service.shapes;
    let is_structure = |name: &str| shapes.get(name).is_some_and(|it| matches!(it.kind, ShapeKind::Structure(_)));
    let mut inside: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, shape) in shapes {
        if let Some(structure) = shape.structure() {
            let targets = structure.members.values().map(|it| it.shape.as_str());
            inside.insert(name, targets.filter(|target| is_structure(target)).collect());
        }
    }
    let cycles = cycles(&inside);
    let mut boxed = Boxed::new();
    for (name, shape) in shapes {
        let Some(structure) = shape.structure() else { continue };
        for (member, reference) in &structure.members {
            if let (Some(outer), Some(inner)) = (cycles.get(name.as_str()), cycles.get(reference.shape.as_str()))
                && outer == inner
            {
                boxed.insert((name.clone(), member.clone()));
            }
        }
        if structure.union && contains_itself(models, name) {
            let is_blob = |name: &str| shapes.get(name).is_some_and(|it| matches!(it.kind, ShapeKind::Blob(_)));
            let blobs = structure.members.iter().filter(|(_, reference)| is_blob(&reference.shape));
            boxed.extend(blobs.map(|(member, _)| (name.clone(), member.clone())));
        }
    }
    boxed
}

/// Whether the members of a structure lead to the structure again, also through lists and maps.
fn contains_itself(models: &Models, structure: &str) -> bool {
    let mut pending = vec![structure];
    let mut seen = BTreeSet::new();
    while let Some(shape) = pending.pop().and_then(|name| models.service.shapes.get(name)) {
        for (_, member) in shape.references() {
            let name = member.shape.as_str();
            if name == structure {
                return true;
            }
            if seen.insert(name) {
                pending.push(name);
            }
        }
    }
    false
}

/// Numbers the structures so that those which contain each other have the same number (Kosaraju's algorithm): the ones
/// that a search backwards finds from a structure, when structures are taken in the reverse order in which a search
/// forwards leaves them. A structure alone has a number of its own, which its members share if it contains itself.
fn cycles<'a>(inside: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeMap<&'a str, usize> {
    let mut containing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (outer, inner) in inside.iter().flat_map(|(outer, all)| all.iter().map(move |inner| (*outer, *inner))) {
        containing.entry(inner).or_default().push(outer);
    }
    let mut left = Vec::new();
    let mut seen = BTreeSet::new();
    for root in inside.keys().copied() {
        // Each structure is pending twice: to be entered, and to be left.
        let mut pending = vec![(root, false)];
        while let Some((name, entered)) = pending.pop() {
            if entered {
                left.push(name);
            } else if seen.insert(name) {
                pending.push((name, true));
                pending.extend(inside.get(name).into_iter().flatten().map(|inner| (*inner, false)));
            }
        }
    }
    let mut numbers = BTreeMap::new();
    for (number, root) in left.into_iter().rev().enumerate() {
        let mut pending = vec![root];
        while let Some(name) = pending.pop() {
            if !numbers.contains_key(name) {
                numbers.insert(name, number);
                pending.extend(containing.get(name).into_iter().flatten().copied());
            }
        }
    }
    numbers
}
