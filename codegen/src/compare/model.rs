//! The files of two releases, compared key by key: nothing is interpreted, so that a trait the generator gives no meaning
//! to shows as well. Prose is counted only.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Kind, ServiceChanges, Sort};
use crate::json::Value;
use crate::source::{Document, ServiceSource};

/// Keys whose text is prose.
const PROSE: [&str; 2] = ["documentation", "description"];
/// How much of a value is shown.
const SHOWN: usize = 100;

/// A thing with a name, and the keys of it that hold things with names of their own.
struct Thing<'a> {
    kind: Kind,
    name: String,
    value: &'a Value,
    without: &'static [&'static str],
}

/// How many things of each kind a model holds.
pub(super) fn counts(source: &ServiceSource) -> BTreeMap<Kind, usize> {
    let mut counts = BTreeMap::new();
    for thing in things(source) {
        *counts.entry(thing.kind).or_default() += 1;
    }
    counts
}

/// Finds what differs in the model and in its prose.
pub(super) fn compare(old: &ServiceSource, new: &ServiceSource, out: &mut ServiceChanges) {
    fn by_name(source: &ServiceSource) -> BTreeMap<(Kind, String), Thing<'_>> {
        things(source).into_iter().map(|it| ((it.kind, it.name.clone()), it)).collect()
    }
    let (before, after) = (by_name(old), by_name(new));
    let mut add = |(kind, name): &(Kind, String), sort, details| {
        out.model.push(Change { kind: *kind, sort, name: name.clone(), details });
    };
    for (key, thing) in &before {
        match after.get(key).map(|other| details(thing, other)) {
            None => add(key, Sort::Removed, Vec::new()),
            Some(details) if !details.is_empty() => add(key, Sort::Changed, details),
            Some(_) => {}
        }
    }
    after.keys().filter(|key| !before.contains_key(key)).for_each(|key| add(key, Sort::Added, Vec::new()));
    let waiters = |it: &ServiceSource| it.waiters.as_ref().map_or(Value::Null, |it| it.value.clone());
    out.documentation += prose(&old.service.value, &new.service.value) + prose(&waiters(old), &waiters(new));
    // Examples are prose as a whole.
    let (old, new) = (section(&old.examples, "examples"), section(&new.examples, "examples"));
    let keys: BTreeSet<&String> = [old, new].into_iter().flatten().flat_map(|it| it.keys()).collect();
    let of = |it: Option<&'_ Section>, key: &String| it.and_then(|it| it.get(key)).cloned();
    out.documentation += keys.into_iter().filter(|key| of(old, key) != of(new, key)).count();
}

type Section = serde_json::Map<String, Value>;

fn section<'a>(document: &'a Option<Document>, key: &str) -> Option<&'a Section> {
    document.as_ref()?.value.get(key)?.as_object()
}

/// Everything that has a name.
fn things(source: &ServiceSource) -> Vec<Thing<'_>> {
    let file = &source.service.value;
    let without: &[&str] = &["operations", "shapes", "version"];
    let mut things = vec![Thing { kind: Kind::Service, name: source.name.clone(), value: file, without }];
    let of = |key: &str| file.get(key).and_then(Value::as_object).into_iter().flatten();
    for (name, value) in of("operations") {
        things.push(Thing { kind: Kind::Operation, name: name.clone(), value, without: &[] });
    }
    for (name, value) in of("shapes") {
        let exception = value.get("exception").and_then(Value::as_bool).unwrap_or_default();
        let kind = if exception { Kind::Exception } else { Kind::Shape };
        things.push(Thing { kind, name: name.clone(), value, without: &["members", "enum"] });
        values(name, value, &mut things);
        for (member, value) in value.get("members").and_then(Value::as_object).into_iter().flatten() {
            let name = format!("{name}.{member}");
            values(&name, value, &mut things);
            things.push(Thing { kind: Kind::Member, name, value, without: &["enum"] });
        }
    }
    for (kind, document, key) in [
        (Kind::Paginator, &source.paginators, "pagination"),
        (Kind::Waiter, &source.waiters, "waiters"),
        (Kind::Resource, &source.resources, "resources"),
    ] {
        let all = section(document, key).into_iter().flatten();
        things.extend(all.map(|(name, value)| Thing { kind, name: name.clone(), value, without: &[] }));
    }
    if let Some(value) = source.resources.as_ref().and_then(|it| it.value.get("service")) {
        things.push(Thing { kind: Kind::Resource, name: "service".to_owned(), value, without: &[] });
    }
    if let Some(rules) = &source.rules {
        let name = "endpoint rules".to_owned();
        things.push(Thing { kind: Kind::EndpointRules, name, value: &rules.value, without: &[] });
    }
    things
}

fn values<'a>(owner: &str, value: &'a Value, things: &mut Vec<Thing<'a>>) {
    let all = value.get("enum").and_then(Value::as_array).into_iter().flatten();
    things.extend(all.filter_map(|value| {
        let name = format!("{owner}.{}", value.as_str()?);
        Some(Thing { kind: Kind::EnumValue, name, value, without: &[] })
    }));
}

/// What differs between two of a name.
fn details(old: &Thing<'_>, new: &Thing<'_>) -> Vec<String> {
    let mut found = Vec::new();
    match (old.kind, old.value, new.value) {
        (Kind::EndpointRules, old, new) if old != new => found.push("other rules".to_owned()),
        (Kind::EndpointRules, ..) => {}
        (_, Value::Object(before), Value::Object(after)) => fields("", before, after, old.without, &mut found),
        (_, before, after) => differ("", before, after, &mut found),
    }
    found
}

fn fields(path: &str, before: &Section, after: &Section, without: &[&str], out: &mut Vec<String>) {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let known = |key: &&String| !PROSE.contains(&key.as_str()) && !without.contains(&key.as_str());
    for key in keys.into_iter().filter(known) {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (before.get(key), after.get(key)) {
            (Some(old), Some(new)) => differ(&path, old, new, out),
            (Some(old), None) => out.push(format!("{path}: {} removed", shown(old))),
            (None, Some(new)) => out.push(format!("{path}: {} added", shown(new))),
            (None, None) => {}
        }
    }
}

fn differ(path: &str, old: &Value, new: &Value, out: &mut Vec<String>) {
    match (old, new) {
        _ if old == new => {}
        (Value::Object(before), Value::Object(after)) => fields(path, before, after, &[], out),
        (Value::Array(before), Value::Array(after)) => {
            let missing = |sign: char, from: &[Value], items: &[Value]| {
                let named = |it: &Value| it.get("shape").cloned().unwrap_or_else(|| it.clone());
                let from: Vec<Value> = from.iter().map(named).collect();
                let found = items.iter().map(named).filter(|it| !from.contains(it));
                found.map(|it| format!("{sign}{}", shown(&it))).collect::<Vec<_>>()
            };
            let changes = [missing('+', before, after), missing('-', after, before)].concat();
            match changes.is_empty() {
                // What is said of an element differs, or their order.
                true if without_prose(old) == without_prose(new) => {}
                true => out.push(format!("{path}: the elements changed")),
                false => out.push(format!("{path}: {}", changes.join(", "))),
            }
        }
        _ => out.push(format!("{path}: {} → {}", shown(old), shown(new))),
    }
}

fn without_prose(value: &Value) -> Value {
    match value {
        Value::Object(it) => {
            let kept = it.iter().filter(|(key, _)| !PROSE.contains(&key.as_str()));
            Value::Object(kept.map(|(key, it)| (key.clone(), without_prose(it))).collect())
        }
        Value::Array(it) => Value::Array(it.iter().map(without_prose).collect()),
        other => other.clone(),
    }
}

/// A value as JSON, cut short.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// How many texts of prose differ where both releases have the thing they belong to.
fn prose(old: &Value, new: &Value) -> usize {
    match (old, new) {
        _ if old == new => 0,
        (Value::Object(before), Value::Object(after)) => {
            let text = |it: &Section, key: &str| it.get(key).and_then(Value::as_str).map(str::to_owned);
            let own = PROSE.iter().filter(|key| text(before, key) != text(after, key)).count();
            let both = before.iter().filter_map(|(key, old)| Some((old, after.get(key)?)));
            own + both.map(|(old, new)| prose(old, new)).sum::<usize>()
        }
        (Value::Array(before), Value::Array(after)) => before.iter().zip(after).map(|(old, new)| prose(old, new)).sum(),
        _ => 0,
    }
}
