//! What users of the generated crates can name, as facts by path: two crates are compared by comparing their facts. A fact
//! that is gone or declared otherwise breaks somebody; a new one does not, since structures are made with
//! `..Default::default()`, unions are non-exhaustive and enumerations open. Knows nothing of why a fact changed.

use std::collections::BTreeMap;
use std::fmt;

use super::explain::{self, Origin};
use super::{ApiChange, Decided, Sort};
use crate::ir::resource::{Action, Argument, Made, Request, Resource, Source};
use crate::ir::{Crate, Definition, Operation, Structure, Type};

/// Something that can be named.
struct Fact {
    /// How it is declared; empty for what is only a name.
    text: String,
    /// The fact it is a part of, and comes and goes with.
    parent: Option<String>,
    /// Where in the model it comes from.
    origin: Origin,
}

type Facts = BTreeMap<String, Fact>;

/// Compares the crates of two releases.
pub(super) fn compare(old: &Decided, new: &Decided) -> Vec<ApiChange> {
    let facts = |it: &Decided| {
        let mut facts = Facts::new();
        if let Some(client) = &it.client {
            client_facts(client, &mut facts);
        }
        if let Some(resources) = &it.resources {
            resources.resources.iter().chain([&resources.root]).for_each(|it| resource(it, &mut facts));
        }
        facts
    };
    let (before, after) = (facts(old), facts(new));
    let whys = explain::Whys::new(&old.source.service.value, &new.source.service.value);
    let mut changes = Vec::new();
    for (path, fact) in &before {
        let now = after.get(path);
        let with_parent = fact.parent.as_ref().is_some_and(|it| !after.contains_key(it));
        if now.is_none() && !with_parent || now.is_some_and(|it| it.text != fact.text) {
            changes.push(ApiChange {
                breaking: true,
                sort: if now.is_some() { Sort::Changed } else { Sort::Removed },
                path: path.clone(),
                before: fact.text.clone(),
                after: now.map(|it| it.text.clone()).unwrap_or_default(),
                reason: whys.reason(&fact.origin, now.map(|it| (fact.text.as_str(), it.text.as_str()))),
            });
        }
    }
    for (path, fact) in after.iter().filter(|(path, _)| !before.contains_key(*path)) {
        if fact.parent.as_ref().is_none_or(|it| before.contains_key(it)) {
            let (path, after) = (path.clone(), fact.text.clone());
            changes.push(ApiChange {
                breaking: false,
                sort: Sort::Added,
                path,
                before: String::new(),
                after,
                reason: None,
            });
        }
    }
    changes
}

fn add(facts: &mut Facts, path: String, text: String, parent: Option<&str>, origin: Origin) {
    facts.insert(path, Fact { text, parent: parent.map(str::to_owned), origin });
}

fn client_facts(it: &Crate, facts: &mut Facts) {
    for operation in &it.operations {
        operation_facts(operation, facts);
    }
    for waiter in &it.waiters {
        let operation = &it.operations[waiter.operation];
        let origin = Origin::Waiter(waiter.name.clone(), operation.input.name.clone());
        add(facts, format!("Client::{}", waiter.method), arguments(operation), None, origin);
    }
    for definition in it.types.values().flatten() {
        match definition {
            Definition::Structure(it) => structure(it, &format!("types::{}", it.ty), "structure", None, facts),
            Definition::Union(it) => structure(it, &format!("types::{}", it.ty), "union", None, facts),
            Definition::Enumeration(it) => {
                let path = format!("types::{}", it.ty);
                add(facts, path.clone(), "enumeration".to_owned(), None, Origin::Shape(it.name.clone()));
                for (constant, value) in &it.values {
                    let origin = Origin::Value(it.name.clone(), value.clone());
                    add(facts, format!("{path}::{constant}"), format!("{value:?}"), Some(&path), origin);
                }
            }
        }
    }
    for error in &it.errors {
        structure(error, &format!("error::{}", error.ty), "exception", None, facts);
    }
}

fn operation_facts(it: &Operation, facts: &mut Facts) {
    let method = format!("Client::{}", it.method);
    let origin = Origin::Operation(it.name.clone(), it.input.name.clone());
    add(facts, method.clone(), arguments(it), None, origin);
    for own in [&it.input, &it.output] {
        structure(own, &format!("operation::{}", own.ty), "structure", Some(&method), facts);
    }
    if let Some(paginator) = &it.paginator {
        let request = format!("Request<{}>", it.ty);
        let origin = || Origin::Paginator(it.name.clone());
        add(facts, format!("{request}::pages"), String::new(), Some(&method), origin());
        for items in &paginator.items {
            let text = format!("stream of {}", Shown(&items.ty));
            add(facts, format!("{request}::{}", items.method), text, Some(&method), origin());
        }
    }
}

/// The arguments of an operation's method.
fn arguments(it: &Operation) -> String {
    let fields = it.arguments.iter().map(|&at| &it.input.fields[at]);
    let texts: Vec<String> = fields.map(|it| format!("{}: {}", it.ident, Shown(it.ty.present()))).collect();
    format!("({})", texts.join(", "))
}

fn structure(it: &Structure, path: &str, word: &str, parent: Option<&str>, facts: &mut Facts) {
    let origin = || Origin::Shape(it.name.clone());
    add(facts, path.to_owned(), word.to_owned(), parent, origin());
    if it.plain {
        add(facts, format!("{path}: Clone + PartialEq"), String::new(), Some(path), origin());
    }
    let dot = if word == "union" { "::" } else { "." };
    for field in &it.fields {
        let mut text = Shown(&field.ty).to_string();
        if !field.setter.is_empty() && field.setter != field.ident && word == "structure" {
            text.push_str(&format!(", set by `{}`", field.setter));
        }
        let origin = Origin::Member(it.name.clone(), field.name.clone());
        add(facts, format!("{path}{dot}{}", field.ident), text, Some(path), origin);
    }
}

fn resource(it: &Resource, facts: &mut Facts) {
    let own = format!("resource {}", it.ty);
    let identifiers = it.identifiers.iter().map(|it| format!("{}: {}", it.ident, Shown(&it.ty)));
    add(facts, own.clone(), format!("({})", identifiers.collect::<Vec<_>>().join(", ")), None, Origin::Resource);
    let mut method =
        |name: &str, text: String| add(facts, format!("{own}::{name}"), text, Some(&own), Origin::Resource);
    for attribute in it.data.iter().flat_map(|it| &it.attributes) {
        method(&attribute.method, format!("-> {}", Shown(&attribute.ty)));
    }
    for (alias, _) in &it.aliases {
        method(alias, String::new());
    }
    if let Some(load) = &it.load {
        method("load", action(load));
    }
    it.actions.iter().for_each(|it| method(&it.method, action(it)));
    it.batches.iter().for_each(|it| method(&format!("(collection) {}", it.method), given(&it.request, &[])));
    for factory in &it.factories {
        let mut arguments = Vec::new();
        caller(&factory.identifiers, &mut arguments);
        method(&factory.method, format!("({}) -> {}", arguments.join(", "), factory.ty));
    }
    it.references.iter().for_each(|it| method(&it.method, format!("-> {}", made(&it.made))));
    for collection in &it.collections {
        let text = format!("{} -> collection of {}", given(&collection.request, &[]), made(&collection.made));
        method(&collection.method, text);
    }
    it.waiters.iter().for_each(|it| method(&it.method, given(&it.request, &[])));
}

fn action(it: &Action) -> String {
    let sources = it.made.as_ref().map_or(&[][..], |it| &it.identifiers);
    let result = match &it.made {
        Some(it) => made(it),
        None => format!("{}Output", it.request.operation),
    };
    format!("{} -> {result}", given(&it.request, sources))
}

fn made(it: &Made) -> String {
    let one = if it.is_loaded() { format!("Loaded<{}>", it.ty) } else { it.ty.clone() };
    if it.lists.is_empty() { one } else { format!("Vec<{one}>") }
}

/// What the caller gives; a star where only a loaded resource has the method.
fn given(it: &Request, sources: &[Source]) -> String {
    let mut arguments: Vec<String> = it.arguments.iter().map(argument).collect();
    caller(sources, &mut arguments);
    format!("({}){}", arguments.join(", "), if it.loaded { " of a loaded one" } else { "" })
}

fn caller(sources: &[Source], arguments: &mut Vec<String>) {
    arguments.extend(sources.iter().filter_map(|it| match it {
        Source::Argument(it) => Some(argument(it)),
        _ => None,
    }));
}

fn argument(it: &Argument) -> String {
    format!("{}: {}", it.ident, Shown(&it.ty))
}

/// A type as a reader of the generated code sees it.
struct Shown<'a>(&'a Type);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Type::String => f.write_str("String"),
            Type::Bool => f.write_str("bool"),
            Type::I32 => f.write_str("i32"),
            Type::I64 => f.write_str("i64"),
            Type::F32 => f.write_str("f32"),
            Type::F64 => f.write_str("f64"),
            Type::Timestamp => f.write_str("Timestamp"),
            Type::Blob => f.write_str("Blob"),
            Type::Document => f.write_str("Document"),
            Type::Stream => f.write_str("ByteStream"),
            Type::Events(it) => write!(f, "EventStream<{it}>"),
            Type::EventInput(it) => write!(f, "EventInput<{it}>"),
            Type::Named(it) | Type::Enumeration(it) => f.write_str(it),
            Type::Option(it) => write!(f, "Option<{}>", Shown(it)),
            Type::Boxed(it) => write!(f, "Box<{}>", Shown(it)),
            Type::List(it) => write!(f, "Vec<{}>", Shown(it)),
            Type::Map(it) => write!(f, "BTreeMap<String, {}>", Shown(it)),
        }
    }
}
