//! Compares the public API of the generated crates: a list of items, each with its path and declaration. An item that
//! is removed or declared differently is a breaking change; a new one is not, since structures are constructed with
//! `..Default::default()`, unions are non-exhaustive and enumerations are open. Knows no reasons.

use std::collections::BTreeMap;
use std::fmt;

use super::explain::{self, Origin};
use super::{ApiChange, ChangeKind, ResolvedService};
use crate::ir::resource::{Action, Argument, IdentifierValue, Request, Resource, ResourceSource};
use crate::ir::{Crate, Definition, Operation, Structure, Type};

/// An item of the public API.
struct ApiItem {
    /// The declaration; empty for an item that has only a name.
    declaration: String,
    /// The path of the item that contains it. It is not reported on its own if the parent is added or removed.
    parent: Option<String>,
    /// Where in the model it comes from.
    origin: Origin,
}

/// The items of the public API by path.
type Surface = BTreeMap<String, ApiItem>;

/// Compares the crates of two releases.
pub(super) fn compare(old: &ResolvedService, new: &ResolvedService) -> Vec<ApiChange> {
    let surface = |service: &ResolvedService| {
        let mut surface = Surface::new();
        if let Some(client) = &service.client {
            add_client(client, &mut surface);
        }
        if let Some(resources) = &service.resources {
            resources.resources.iter().chain([&resources.root]).for_each(|it| add_resource(it, &mut surface));
        }
        surface
    };
    let (before, after) = (surface(old), surface(new));
    let reasons = explain::Reasons::new(&old.source.service.value, &new.source.service.value);
    let mut changes = Vec::new();
    for (path, item) in &before {
        let now = after.get(path);
        let parent_removed = item.parent.as_ref().is_some_and(|parent| !after.contains_key(parent));
        if now.is_none() && !parent_removed || now.is_some_and(|now| now.declaration != item.declaration) {
            let declarations = now.map(|now| (item.declaration.as_str(), now.declaration.as_str()));
            changes.push(ApiChange {
                breaking: true,
                change_kind: if now.is_some() { ChangeKind::Changed } else { ChangeKind::Removed },
                path: path.clone(),
                before: item.declaration.clone(),
                after: now.map(|now| now.declaration.clone()).unwrap_or_default(),
                reason: reasons.reason(&item.origin, declarations),
            });
        }
    }
    for (path, item) in after.iter().filter(|(path, _)| !before.contains_key(*path)) {
        if item.parent.as_ref().is_none_or(|parent| before.contains_key(parent)) {
            changes.push(ApiChange {
                breaking: false,
                change_kind: ChangeKind::Added,
                path: path.clone(),
                before: String::new(),
                after: item.declaration.clone(),
                reason: None,
            });
        }
    }
    changes
}

fn add(surface: &mut Surface, path: String, declaration: String, parent: Option<&str>, origin: Origin) {
    surface.insert(path, ApiItem { declaration, parent: parent.map(str::to_owned), origin });
}

fn add_client(krate: &Crate, surface: &mut Surface) {
    for operation in &krate.operations {
        add_operation(operation, surface);
    }
    for waiter in &krate.waiters {
        let operation = &krate.operations[waiter.operation];
        let origin = Origin::Waiter(waiter.name.clone(), operation.input.name.clone(), members(operation));
        add(surface, format!("Client::{}", waiter.method), arguments(operation), None, origin);
    }
    for definition in krate.types.values().flatten() {
        match definition {
            Definition::Structure(it) => add_structure(it, &format!("types::{}", it.ty), "structure", None, surface),
            Definition::Union(it) => add_structure(it, &format!("types::{}", it.ty), "union", None, surface),
            Definition::Enumeration(it) => {
                let path = format!("types::{}", it.ty);
                add(surface, path.clone(), "enumeration".to_owned(), None, Origin::Shape(it.name.clone()));
                for (constant, value) in &it.values {
                    let origin = Origin::Value(it.name.clone(), value.clone());
                    add(surface, format!("{path}::{constant}"), format!("{value:?}"), Some(&path), origin);
                }
            }
        }
    }
    for error in &krate.errors {
        add_structure(error, &format!("error::{}", error.ty), "exception", None, surface);
    }
}

fn add_operation(op: &Operation, surface: &mut Surface) {
    let method = format!("Client::{}", op.method);
    let origin = Origin::Operation(op.name.clone(), op.input.name.clone(), members(op));
    add(surface, method.clone(), arguments(op), None, origin);
    for structure in [&op.input, &op.output] {
        add_structure(structure, &format!("operation::{}", structure.ty), "structure", Some(&method), surface);
    }
    if let Some(paginator) = &op.paginator {
        let request = format!("Request<{}>", op.ty);
        let origin = || Origin::Paginator(op.name.clone());
        add(surface, format!("{request}::pages"), String::new(), Some(&method), origin());
        for items in &paginator.items {
            let declaration = format!("stream of {}", RustType(&items.ty));
            add(surface, format!("{request}::{}", items.method), declaration, Some(&method), origin());
        }
    }
}

/// The members that are arguments of an operation's method.
fn members(op: &Operation) -> Vec<String> {
    op.arguments.iter().map(|&index| op.input.fields[index].name.clone()).collect()
}

/// The arguments of an operation's method.
fn arguments(op: &Operation) -> String {
    let fields = op.arguments.iter().map(|&index| &op.input.fields[index]);
    let arguments: Vec<String> = fields.map(|it| format!("{}: {}", it.ident, RustType(it.ty.present()))).collect();
    format!("({})", arguments.join(", "))
}

fn add_structure(structure: &Structure, path: &str, kind: &str, parent: Option<&str>, surface: &mut Surface) {
    let origin = || Origin::Shape(structure.name.clone());
    add(surface, path.to_owned(), kind.to_owned(), parent, origin());
    if structure.plain {
        add(surface, format!("{path}: Clone + PartialEq"), String::new(), Some(path), origin());
    }
    let separator = if kind == "union" { "::" } else { "." };
    for field in &structure.fields {
        let mut declaration = RustType(&field.ty).to_string();
        if !field.setter.is_empty() && field.setter != field.ident && kind == "structure" {
            declaration.push_str(&format!(", set by `{}`", field.setter));
        }
        let origin = Origin::Member(structure.name.clone(), field.name.clone());
        add(surface, format!("{path}{separator}{}", field.ident), declaration, Some(path), origin);
    }
}

fn add_resource(resource: &Resource, surface: &mut Surface) {
    let path = format!("resource {}", resource.ty);
    let identifiers = resource.identifiers.iter().map(|it| format!("{}: {}", it.ident, RustType(it.ty.present())));
    let identifiers = format!("({})", identifiers.collect::<Vec<_>>().join(", "));
    add(surface, path.clone(), identifiers, None, Origin::Resource);
    let mut method = |name: &str, declaration: String| {
        add(surface, format!("{path}::{name}"), declaration, Some(&path), Origin::Resource);
    };
    for attribute in resource.data.iter().flat_map(|it| &it.attributes) {
        method(&attribute.method, format!("-> {}", RustType(&attribute.ty)));
    }
    for (alias, _) in &resource.aliases {
        method(alias, String::new());
    }
    if let Some(load) = &resource.load {
        method("load", action(load));
    }
    resource.actions.iter().for_each(|it| method(&it.method, action(it)));
    for batch in &resource.batches {
        method(&format!("(collection) {}", batch.method), request_arguments(&batch.request, &[]));
    }
    for factory in &resource.factories {
        let arguments: Vec<String> = identifier_arguments(&factory.identifiers).collect();
        method(&factory.method, format!("({}) -> {}", arguments.join(", "), factory.ty));
    }
    for reference in &resource.references {
        method(&reference.method, format!("-> {}", resources(&reference.resources)));
    }
    for collection in &resource.collections {
        let arguments = request_arguments(&collection.request, &[]);
        method(&collection.method, format!("{arguments} -> collection of {}", resources(&collection.resources)));
    }
    resource.waiters.iter().for_each(|it| method(&it.method, request_arguments(&it.request, &[])));
}

fn action(action: &Action) -> String {
    let (identifiers, result) = match &action.resources {
        Some(source) if action.optional => (&source.identifiers[..], format!("Option<{}>", resources(source))),
        Some(source) => (&source.identifiers[..], resources(source)),
        None => (&[][..], format!("{}Output", action.request.operation)),
    };
    format!("{} -> {result}", request_arguments(&action.request, identifiers))
}

/// The type of the resources that a method returns.
fn resources(source: &ResourceSource) -> String {
    let one = if source.is_loaded() { format!("Loaded<{}>", source.ty) } else { source.ty.clone() };
    if source.lists.is_empty() { one } else { format!("Vec<{one}>") }
}

/// The arguments of a method that sends a request, and a note if only a loaded resource has the method.
fn request_arguments(request: &Request, identifiers: &[IdentifierValue]) -> String {
    let mut arguments: Vec<String> = request.arguments.iter().map(argument).collect();
    arguments.extend(identifier_arguments(identifiers));
    let note = if request.needs_attributes { " on a loaded resource" } else { "" };
    format!("({}){note}", arguments.join(", "))
}

fn identifier_arguments(identifiers: &[IdentifierValue]) -> impl Iterator<Item = String> {
    identifiers.iter().filter_map(|value| match value {
        IdentifierValue::Argument(it) => Some(argument(it)),
        _ => None,
    })
}

fn argument(it: &Argument) -> String {
    format!("{}: {}", it.ident, RustType(it.ty.present()))
}

/// Displays a type as the generated code names it, without paths.
struct RustType<'a>(&'a Type);

impl fmt::Display for RustType<'_> {
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
            Type::Option(it) => write!(f, "Option<{}>", RustType(it)),
            Type::Boxed(it) => write!(f, "Box<{}>", RustType(it)),
            Type::List(it) => write!(f, "List<{}>", RustType(it)),
            Type::Map(key, value) => write!(f, "Map<{}, {}>", RustType(key), RustType(value)),
        }
    }
}
