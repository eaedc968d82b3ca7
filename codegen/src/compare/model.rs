//! Compares the files of two releases key by key, without interpreting them, so that a change of a trait that the
//! generator ignores is reported too. Changes of documentation are only counted.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, ChangeKind, EntityKind, ServiceChanges};
use crate::json::Value;
use crate::source::{Document, ServiceSource};

/// Keys that hold documentation.
const DOCUMENTATION: [&str; 2] = ["documentation", "description"];
/// The maximum length of a value in a report, in characters. Our choice: a type or a short list fits in a line of it.
const MAX_VALUE_LENGTH: usize = 100;

/// An entity of the model that has a name.
struct Entity<'a> {
    kind: EntityKind,
    name: String,
    value: &'a Value,
    /// Keys of `value` that hold entities of their own.
    without: &'static [&'static str],
}

/// The number of entities of each kind in a model.
pub(super) fn counts(source: &ServiceSource) -> BTreeMap<EntityKind, usize> {
    let mut counts = BTreeMap::new();
    for entity in entities(source) {
        *counts.entry(entity.kind).or_default() += 1;
    }
    counts
}

/// Adds the changes of the model, and the number of documentation strings that differ, to `out`.
pub(super) fn compare(old: &ServiceSource, new: &ServiceSource, out: &mut ServiceChanges) {
    fn by_name(source: &ServiceSource) -> BTreeMap<(EntityKind, String), Entity<'_>> {
        entities(source).into_iter().map(|it| ((it.kind, it.name.clone()), it)).collect()
    }
    let (before, after) = (by_name(old), by_name(new));
    let mut add = |(kind, name): &(EntityKind, String), change_kind, details| {
        out.model.push(Change { kind: *kind, change_kind, name: name.clone(), details });
    };
    for (key, entity) in &before {
        match after.get(key).map(|other| details(entity, other)) {
            None => add(key, ChangeKind::Removed, Vec::new()),
            Some(details) if !details.is_empty() => add(key, ChangeKind::Changed, details),
            Some(_) => {}
        }
    }
    after.keys().filter(|key| !before.contains_key(key)).for_each(|key| add(key, ChangeKind::Added, Vec::new()));
    let waiters = |source: &ServiceSource| source.waiters.as_ref().map_or(Value::Null, |it| it.value.clone());
    out.documentation += count_documentation(&old.service.value, &new.service.value);
    out.documentation += count_documentation(&waiters(old), &waiters(new));
    // An example is documentation as a whole.
    let (old, new) = (section(&old.examples, "examples"), section(&new.examples, "examples"));
    let keys: BTreeSet<&String> = [old, new].into_iter().flatten().flat_map(|it| it.keys()).collect();
    let example = |section: Option<&'_ Section>, key: &String| section.and_then(|it| it.get(key)).cloned();
    out.documentation += keys.into_iter().filter(|key| example(old, key) != example(new, key)).count();
}

type Section = serde_json::Map<String, Value>;

fn section<'a>(document: &'a Option<Document>, key: &str) -> Option<&'a Section> {
    document.as_ref()?.value.get(key)?.as_object()
}

/// The named entities of a model.
fn entities(source: &ServiceSource) -> Vec<Entity<'_>> {
    let file = &source.service.value;
    let without: &[&str] = &["operations", "shapes", "version"];
    let mut entities = vec![Entity { kind: EntityKind::Service, name: source.name.clone(), value: file, without }];
    let entries = |key: &str| file.get(key).and_then(Value::as_object).into_iter().flatten();
    for (name, value) in entries("operations") {
        entities.push(Entity { kind: EntityKind::Operation, name: name.clone(), value, without: &[] });
    }
    for (name, value) in entries("shapes") {
        let exception = value.get("exception").and_then(Value::as_bool).unwrap_or_default();
        let kind = if exception { EntityKind::Exception } else { EntityKind::Shape };
        entities.push(Entity { kind, name: name.clone(), value, without: &["members", "enum"] });
        add_enum_values(name, value, &mut entities);
        for (member, value) in value.get("members").and_then(Value::as_object).into_iter().flatten() {
            let name = format!("{name}.{member}");
            add_enum_values(&name, value, &mut entities);
            entities.push(Entity { kind: EntityKind::Member, name, value, without: &["enum"] });
        }
    }
    for (kind, document, key) in [
        (EntityKind::Paginator, &source.paginators, "pagination"),
        (EntityKind::Waiter, &source.waiters, "waiters"),
        (EntityKind::Resource, &source.resources, "resources"),
    ] {
        let all = section(document, key).into_iter().flatten();
        entities.extend(all.map(|(name, value)| Entity { kind, name: name.clone(), value, without: &[] }));
    }
    if let Some(value) = source.resources.as_ref().and_then(|it| it.value.get("service")) {
        entities.push(Entity { kind: EntityKind::Resource, name: "service".to_owned(), value, without: &[] });
    }
    if let Some(rules) = &source.rules {
        let name = "endpoint rules".to_owned();
        entities.push(Entity { kind: EntityKind::EndpointRules, name, value: &rules.value, without: &[] });
    }
    entities
}

fn add_enum_values<'a>(owner: &str, value: &'a Value, entities: &mut Vec<Entity<'a>>) {
    let all = value.get("enum").and_then(Value::as_array).into_iter().flatten();
    entities.extend(all.filter_map(|value| {
        let name = format!("{owner}.{}", value.as_str()?);
        Some(Entity { kind: EntityKind::EnumValue, name, value, without: &[] })
    }));
}

/// The differences between two entities of the same name.
fn details(old: &Entity<'_>, new: &Entity<'_>) -> Vec<String> {
    let mut out = Vec::new();
    match (old.kind, old.value, new.value) {
        (EntityKind::EndpointRules, old, new) if old != new => out.push("the rules changed".to_owned()),
        (EntityKind::EndpointRules, ..) => {}
        (_, Value::Object(before), Value::Object(after)) => compare_objects("", before, after, old.without, &mut out),
        (_, before, after) => compare_values("", before, after, &mut out),
    }
    out
}

fn compare_objects(path: &str, before: &Section, after: &Section, without: &[&str], out: &mut Vec<String>) {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let is_compared = |key: &&String| !DOCUMENTATION.contains(&key.as_str()) && !without.contains(&key.as_str());
    for key in keys.into_iter().filter(is_compared) {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (before.get(key), after.get(key)) {
            (Some(old), Some(new)) => compare_values(&path, old, new, out),
            (Some(old), None) => out.push(format!("{path}: {} removed", shortened(old))),
            (None, Some(new)) => out.push(format!("{path}: {} added", shortened(new))),
            (None, None) => {}
        }
    }
}

fn compare_values(path: &str, old: &Value, new: &Value, out: &mut Vec<String>) {
    match (old, new) {
        _ if old == new => {}
        (Value::Object(before), Value::Object(after)) => compare_objects(path, before, after, &[], out),
        (Value::Array(before), Value::Array(after)) => {
            let not_in = |sign: char, other: &[Value], items: &[Value]| {
                let name = |item: &Value| item.get("shape").cloned().unwrap_or_else(|| item.clone());
                let other: Vec<Value> = other.iter().map(name).collect();
                let found = items.iter().map(name).filter(|item| !other.contains(item));
                found.map(|item| format!("{sign}{}", shortened(&item))).collect::<Vec<_>>()
            };
            let changes = [not_in('+', before, after), not_in('-', after, before)].concat();
            match changes.is_empty() {
                // Elements are named by their shapes: with the same names, other keys or the order may differ.
                true if without_documentation(old) == without_documentation(new) => {}
                true => out.push(format!("{path}: the elements changed")),
                false => out.push(format!("{path}: {}", changes.join(", "))),
            }
        }
        _ => out.push(format!("{path}: {} → {}", shortened(old), shortened(new))),
    }
}

fn without_documentation(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let others = fields.iter().filter(|(key, _)| !DOCUMENTATION.contains(&key.as_str()));
            Value::Object(others.map(|(key, value)| (key.clone(), without_documentation(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_documentation).collect()),
        other => other.clone(),
    }
}

/// A value as JSON, of at most [`MAX_VALUE_LENGTH`] characters.
fn shortened(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MAX_VALUE_LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The number of documentation strings that differ between two values, not counting those of entries that only one has.
fn count_documentation(old: &Value, new: &Value) -> usize {
    match (old, new) {
        _ if old == new => 0,
        (Value::Object(before), Value::Object(after)) => {
            let text = |section: &Section, key: &str| section.get(key).and_then(Value::as_str).map(str::to_owned);
            let own = DOCUMENTATION.iter().filter(|key| text(before, key) != text(after, key)).count();
            let both = before.iter().filter_map(|(key, old)| Some((old, after.get(key)?)));
            own + both.map(|(old, new)| count_documentation(old, new)).sum::<usize>()
        }
        (Value::Array(before), Value::Array(after)) => {
            before.iter().zip(after).map(|(old, new)| count_documentation(old, new)).sum()
        }
        _ => 0,
    }
}
