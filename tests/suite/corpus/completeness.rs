//! Nothing is lost between the model and the resolved crate: it has every operation, every member and enumeration value
//! that operations reach, every exception, paginator and waiter, exactly once.

use std::collections::BTreeSet;

use codegen::ir::{self, Definition, Type};
use codegen::model::{Models, ShapeKind};
use codegen::name;
use tests::dynamic;

/// The number of items of each kind.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) operations: usize,
    pub(super) members: usize,
    pub(super) values: usize,
    pub(super) errors: usize,
    pub(super) paginators: usize,
    pub(super) waiters: usize,
}

/// Setters that do not have the name of their member, because a request has a method of that name: service, operation and
/// member. Each must still be one.
const RENAMED_SETTERS: [(&str, &str, &str); 0] = [];

/// Every member that can be set has a setter of its name in snake case, and no method beside it has that name.
pub(super) fn check_setters(models: &Models, krate: &ir::Crate, broken: &mut Vec<String>) {
    for operation in &krate.operations {
        let methods: Vec<_> =
            operation.paginator.iter().flat_map(|it| &it.items).map(|it| it.method.as_str()).collect();
        for field in &operation.input.fields {
            let is_renamed = field.setter != name::escape(&name::snake(&field.name));
            let place = (models.name.as_str(), operation.name.as_str(), field.name.as_str());
            if is_renamed != RENAMED_SETTERS.contains(&place) || methods.contains(&field.setter.as_str()) {
                broken.push(format!("{}: {}: the setter of {} is {}", place.0, place.1, place.2, field.setter));
            }
        }
    }
}

/// Every operation that takes part in endpoint discovery says so, and its service says how it is asked.
pub(super) fn check_discovery(models: &Models, krate: &ir::Crate, broken: &mut Vec<String>) {
    let service = dynamic::Service::from_crate(krate);
    let mut takes_part = false;
    for (name, operation) in &service.operations {
        let model = models.service.operations[name].endpoint_discovery;
        takes_part |= model.is_some();
        let found = operation.plan.discovery.as_ref().map(|it| it.required);
        if found != model {
            broken.push(format!(
                "{}: {name}: endpoint discovery is required: {found:?}, expected {model:?}",
                models.name
            ));
        }
    }
    let asks = models.service.operations.values().find(|it| it.endpoint_operation).filter(|_| takes_part);
    let expect = asks.map(|it| format!("{} ", it.name)).unwrap_or_default();
    let found = &krate.service.discovery;
    if found.is_empty() == takes_part || !found.starts_with(&expect) {
        broken.push(format!("{}: endpoints are asked for by {found:?}, expected {expect:?}", models.name));
    }
}

/// Counts the items of the crate; differences from the model are added to `lost`.
pub(super) fn count(models: &Models, krate: &ir::Crate, lost: &mut Vec<String>) -> Counts {
    let service = &models.service;
    let mut counts = Counts::default();
    let mut compare = |what: &str, model: Vec<&str>, found: Vec<&str>| {
        if model != found {
            lost.push(format!("{}: {what} are {found:?}, expected {model:?}", models.name));
        }
        found.len()
    };
    let sorted = |names: &mut dyn Iterator<Item = &'_ String>| names.cloned().collect::<BTreeSet<String>>();
    let operations = sorted(&mut service.operations.keys());
    let found = krate.operations.iter().map(|it| it.name.as_str()).collect();
    counts.operations = compare("the operations", operations.iter().map(String::as_str).collect(), found);

    // Exceptions in an event stream end it: they are errors, not events.
    let is_event = |stream: bool, target: &str| !stream || service.structure(target).is_none_or(|it| !it.exception);
    let members = |shape: &str| -> Vec<&str> {
        let Some(structure) = service.structure(shape) else { return Vec::new() };
        let events = structure.members.iter().filter(|(_, member)| is_event(structure.event_stream, &member.shape));
        events.map(|(name, _)| name.as_str()).collect()
    };
    let mut structure = |shape: &str, structure: &ir::Structure| {
        let fields: Vec<String> = structure.fields.iter().map(|it| it.name.clone()).collect();
        counts.members +=
            compare(&format!("the members of {shape}"), members(shape), fields.iter().map(String::as_str).collect());
    };
    for operation in &krate.operations {
        let model = &service.operations[&operation.name];
        for (reference, it) in [(&model.input, &operation.input), (&model.output, &operation.output)] {
            structure(reference.as_ref().map_or("", |it| &it.shape), it);
        }
    }
    let (mut named, mut enumerations) = (BTreeSet::new(), Vec::new());
    for definition in krate.types.values().flatten() {
        match definition {
            Definition::Structure(it) | Definition::Union(it) => {
                named.insert(it.ty.as_str());
                structure(&it.name, it);
            }
            Definition::Enumeration(it) => {
                named.insert(it.ty.as_str());
                enumerations.push(it);
            }
        }
    }
    krate.errors.iter().for_each(|it| structure(&it.name, it));
    for it in enumerations {
        let Some(ShapeKind::String(shape)) = service.shapes.get(&it.name).map(|it| &it.kind) else { continue };
        let mut seen = BTreeSet::new();
        let once = shape.values.iter().map(String::as_str).filter(|it| seen.insert(*it)).collect();
        let found = it.values.iter().map(|(_, value)| value.as_str()).collect();
        counts.values += compare(&format!("the values of {}", it.name), once, found);
    }
    let exceptions = service.shapes.values().filter(|shape| shape.structure().is_some_and(|it| it.exception));
    let found = krate.errors.iter().map(|it| it.name.as_str()).collect();
    counts.errors = compare("the exceptions", exceptions.map(|it| it.name.as_str()).collect(), found);
    let paginators = sorted(&mut models.paginators.paginators.keys());
    let found = krate.operations.iter().filter(|it| it.paginator.is_some()).map(|it| it.name.as_str()).collect();
    counts.paginators = compare("the paginators", paginators.iter().map(String::as_str).collect(), found);
    let found = krate.waiters.iter().map(|it| it.name.as_str()).collect();
    counts.waiters = compare("the waiters", models.waiters.waiters.keys().map(String::as_str).collect(), found);

    // Every type that a field names is defined.
    let own = krate.operations.iter().flat_map(|it| [&it.input, &it.output]);
    let shared = krate.types.values().flatten().filter_map(|it| match it {
        Definition::Structure(it) | Definition::Union(it) => Some(it),
        Definition::Enumeration(_) => None,
    });
    for structure in own.chain(shared).chain(&krate.errors) {
        for field in &structure.fields {
            if let Some(name) = name(&field.ty).filter(|it| !named.contains(it)) {
                lost.push(format!(
                    "{}: {}.{} is a {name}, which is not defined",
                    models.name, structure.ty, field.ident
                ));
            }
        }
    }
    counts
}

fn name(ty: &Type) -> Option<&str> {
    match ty {
        Type::Named(name) | Type::Enumeration(name) | Type::Events(name) | Type::EventInput(name) => Some(name),
        Type::Option(inner) | Type::Boxed(inner) | Type::List(inner) | Type::Map(_, inner) => name(inner),
        _ => None,
    }
}
