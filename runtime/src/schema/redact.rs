//! Removes secrets from values that leave the program, such as recordings: the members that the model or their names mark
//! as sensitive. Works on dynamic copies; on documents where there is no shape. Knows no wire format.

use super::copy::copy_structure;
use super::debug::REDACTED;
use super::dynamic::{self, Value};
use super::layout::StructureView;
use super::shape::{Kind, Node, Shape};
use crate::types::Document;

/// A copy of a structure with a mark in place of its secrets, which are added to `secrets` if they are strings.
pub(crate) fn redacted(structure: StructureView<'_>, mark: &str, secrets: &mut Vec<String>) -> Vec<Value> {
    let mut members = Vec::new();
    copy_structure(structure, dynamic::fill(&mut members, structure.shape()));
    redact(&mut members, structure.shape(), mark, secrets);
    members
}

/// Replaces the secrets of a structure: strings by a mark. Adds those that are strings to `secrets`.
pub(crate) fn redact(members: &mut [Value], shape: &'static Shape, mark: &str, secrets: &mut Vec<String>) {
    for (member, value) in shape.members.iter().zip(members) {
        match member.secret {
            false => redact_value(value, &member.node, mark, secrets),
            true => {
                collect(value, secrets);
                *value = match value {
                    Value::String(_) => Value::String(mark.to_owned()),
                    Value::Blob(_) => Value::Blob(REDACTED.into()),
                    _ => Value::Absent,
                };
            }
        }
    }
}

fn redact_value(value: &mut Value, node: &'static Node, mark: &str, secrets: &mut Vec<String>) {
    match (value, &node.kind) {
        (Value::Structure(members), Kind::Structure(cell)) => redact(members, cell.get(), mark, secrets),
        (Value::List(items), Kind::List(list)) => {
            items.iter_mut().for_each(|it| redact_value(it, &list.element, mark, secrets));
        }
        (Value::Map(entries), Kind::Map(map)) => {
            entries.values_mut().for_each(|it| redact_value(it, &map.value, mark, secrets));
        }
        _ => {}
    }
}

/// Replaces what has one of the names, wherever it is in a value: strings by the mark that stands for secrets. Adds those
/// strings to `secrets`.
pub(crate) fn redact_named(value: &mut Document, names: &[&str], secrets: &mut Vec<String>) {
    match value {
        Document::Array(items) => items.iter_mut().for_each(|it| redact_named(it, names, secrets)),
        Document::Object(entries) => {
            for (name, value) in entries {
                match names.iter().any(|it| it.eq_ignore_ascii_case(name)) {
                    true => redact_all(value, secrets),
                    false => redact_named(value, names, secrets),
                }
            }
        }
        _ => {}
    }
}

fn redact_all(value: &mut Document, secrets: &mut Vec<String>) {
    match value {
        Document::Array(items) => items.iter_mut().for_each(|it| redact_all(it, secrets)),
        Document::Object(entries) => entries.values_mut().for_each(|it| redact_all(it, secrets)),
        Document::String(text) => secrets.push(std::mem::replace(text, REDACTED.to_owned())),
        Document::Number(_) | Document::Bool(_) => *value = Document::Null,
        Document::Null => {}
    }
}

fn collect(value: &Value, secrets: &mut Vec<String>) {
    match value {
        Value::String(it) => secrets.push(it.clone()),
        Value::Blob(it) => secrets.extend(std::str::from_utf8(it).map(str::to_owned)),
        Value::List(items) => items.iter().for_each(|it| collect(it, secrets)),
        Value::Map(entries) => entries.values().for_each(|it| collect(it, secrets)),
        Value::Structure(members) => members.iter().for_each(|it| collect(it, secrets)),
        _ => {}
    }
}

/// Whether values of a shape may have secrets.
pub(crate) fn has_secrets(shape: &'static Shape) -> bool {
    let (mut seen, mut open): (Vec<*const Shape>, Vec<_>) = (Vec::new(), vec![shape]);
    while let Some(shape) = open.pop() {
        if seen.contains(&std::ptr::from_ref(shape)) {
            continue;
        }
        seen.push(shape);
        for member in &shape.members {
            if member.secret {
                return true;
            }
            let mut kind = &member.node.kind;
            loop {
                kind = match kind {
                    Kind::List(list) => &list.element.kind,
                    Kind::Map(map) => &map.value.kind,
                    Kind::Structure(cell) => {
                        open.push(cell.get());
                        break;
                    }
                    Kind::Events(events) => {
                        open.push(events.union.get());
                        break;
                    }
                    _ => break,
                };
            }
        }
    }
    false
}
