//! Checks that every reference in a service's files resolves, and to something of the right kind. Does not interpret
//! path expressions.

use std::collections::BTreeMap;

use super::{
    Action, Identifier, IdentifierSource, Map, Models, Operation, ParameterSource, RequestParameter, Resource,
    ResourceModel, ResponseResource, Service, Shape, ShapeKind,
};
use crate::report::{Report, SourceLocation};

/// Reports every reference that does not resolve, or resolves to something of a wrong kind. For models that were read
/// without a problem, and again after fixups.
pub fn check(models: &Models, report: &mut Report) {
    check_names(models, true, report);
    let service = &models.service;
    for (name, shape) in &service.shapes {
        check_identifier("shape", name, service.location_of_shape(name), report);
        check_shape(service, shape, &service.location_of_shape(name), report);
        check_has_type(service, name, shape, report);
    }
    check_depth(service, report);
    for (name, operation) in &service.operations {
        check_identifier("operation", name, service.location_of_operation(name), report);
        check_operation(service, operation, &service.location_of_operation(name), report);
    }
    if let Some(resources) = &models.resources {
        Resources { models, resources, report }.check();
    }
}

/// Reports every reference to a shape or an operation that does not exist. If the models are not `complete`, because
/// reading them already reported problems, references that may be placeholders are skipped.
pub(super) fn check_names(models: &Models, complete: bool, report: &mut Report) {
    let service = &models.service;
    let mut check_reference = |name: &str, location: SourceLocation| {
        let known = &service.shapes;
        if !known.contains_key(name) && (complete || !name.is_empty() && !known.is_empty()) {
            report.unknown_shape(location.child("shape"), name, names(known));
        }
    };
    for (name, referring) in &service.shapes {
        for (steps, member) in referring.references() {
            let location = service.location_of_shape(name);
            check_reference(&member.shape, steps.iter().fold(location, |location, step| location.child(step)));
        }
    }
    for (name, operation) in &service.operations {
        let location = service.location_of_operation(name);
        for (key, reference) in [("input", &operation.input), ("output", &operation.output)] {
            if let Some(reference) = reference {
                check_reference(&reference.shape, location.child(key));
            }
        }
        for (index, error) in operation.errors.iter().enumerate() {
            check_reference(&error.shape, location.child("errors").child(index));
        }
    }
    let mut check_name = |name: &str, location: SourceLocation| {
        let known = &service.operations;
        if !known.contains_key(name) && (complete || !name.is_empty() && !known.is_empty()) {
            report.unknown_name(location, "operation", name, names(known));
        }
    };
    for name in models.paginators.paginators.keys() {
        check_name(name, models.paginators.location_of(name));
    }
    for (name, waiter) in &models.waiters.waiters {
        check_name(&waiter.operation, models.waiters.location_of(name).child("operation"));
    }
    for name in models.examples.examples.keys() {
        let file = models.examples.location.clone().unwrap_or_else(|| SourceLocation::new("examples-1.json"));
        check_name(name, file.child("examples").child(name));
    }
}

fn names<T>(map: &Map<T>) -> impl Iterator<Item = &str> {
    map.keys().map(String::as_str)
}

/// How many structures, lists and maps may lie inside each other. AWS's models have at most 22 levels. rustc, which looks
/// into all of them to see whether a value may be sent to another thread, gives up after 128 steps; a level takes it two
/// (an optional structure) to four (one in a box), measured with 1.95.
const MAX_DEPTH: usize = 30;

/// Reports a list or map that contains itself without a structure between: it has no Rust type.
fn check_has_type(service: &Service, name: &str, shape: &Shape, report: &mut Report) {
    let mut inner = shape;
    // What is nested more deeply is reported as such.
    for _ in 0..MAX_DEPTH {
        let next = match &inner.kind {
            ShapeKind::List(list) => &list.member.shape,
            ShapeKind::Map(map) => &map.value.shape,
            _ => return,
        };
        if next == name {
            let message = "it contains itself by way of lists and maps alone: put a structure between";
            return report.problem(service.location_of_shape(name), message);
        }
        let Some(shape) = service.shapes.get(next) else { return };
        inner = shape;
    }
}

/// A shape whose depth is being computed.
struct Nesting<'a> {
    name: &'a str,
    /// Whether it counts as a level.
    level: usize,
    /// The shapes inside that were not visited yet.
    inside: std::vec::IntoIter<&'a str>,
    /// The greatest depth of those that were.
    deepest: usize,
}

impl<'a> Nesting<'a> {
    fn new(service: &'a Service, name: &'a str) -> Self {
        let shape = service.shapes.get(name);
        let inside: Vec<_> =
            shape.into_iter().flat_map(Shape::references).map(|(_, member)| member.shape.as_str()).collect();
        let is_level = |it: &Shape| matches!(it.kind, ShapeKind::Structure(_) | ShapeKind::List(_) | ShapeKind::Map(_));
        Self { name, level: usize::from(shape.is_some_and(is_level)), inside: inside.into_iter(), deepest: 0 }
    }
}

/// Reports shapes that are nested too deeply: of those that contain each other, the innermost with which it is too much.
/// A shape inside itself adds no level. Does not recurse, since the depth is not known yet.
fn check_depth(service: &Service, report: &mut Report) {
    // 0 for a shape that is being visited, and for one that is no level.
    let mut depths: BTreeMap<&str, usize> = BTreeMap::new();
    let mut open = Vec::new();
    for root in service.shapes.keys() {
        if depths.contains_key(root.as_str()) {
            continue;
        }
        depths.insert(root, 0);
        open.push(Nesting::new(service, root));
        while let Some(current) = open.last_mut() {
            if let Some(inside) = current.inside.next() {
                if let Some(depth) = depths.get(inside) {
                    current.deepest = current.deepest.max(*depth);
                } else {
                    depths.insert(inside, 0);
                    open.push(Nesting::new(service, inside));
                }
                continue;
            }
            let (name, depth) = (current.name, current.deepest + current.level);
            if depth == MAX_DEPTH + 1 {
                let message = format!("structures, lists and maps are nested more than {MAX_DEPTH} levels deep");
                report.problem(service.location_of_shape(name), message);
            }
            depths.insert(name, depth);
            open.pop();
            if let Some(outer) = open.last_mut() {
                outer.deepest = outer.deepest.max(depth);
            }
        }
    }
}

/// Reports a name that cannot become a Rust type.
fn check_identifier(what: &str, name: &str, location: SourceLocation, report: &mut Report) {
    let is_valid = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.contains(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    if !is_valid {
        let expected = "letters, digits and underscores, beginning with a letter";
        report.problem(location, format!("invalid {what} name `{name}`: expected {expected}"));
    }
}

fn check_shape(service: &Service, shape: &Shape, location: &SourceLocation, report: &mut Report) {
    if let ShapeKind::Map(map) = &shape.kind
        && let Some(key) = service.shapes.get(&map.key.shape)
        && !matches!(key.kind, ShapeKind::String(_))
    {
        let (name, kind) = (&key.name, key.kind.type_name());
        let message = format!("the key of a map must be a string, `{name}` is of type {kind}");
        report.problem(location.child("key"), message);
    }
    let Some(structure) = shape.structure() else { return };
    let payload = structure.payload.iter().map(|name| (location.child("payload"), name));
    let order = structure.xml_order.iter().enumerate().map(|(i, name)| (location.child("xmlOrder").child(i), name));
    for (location, name) in payload.chain(order) {
        if !structure.members.contains_key(name) {
            report.unknown_name(location, "member", name, names(&structure.members));
        }
    }
}

fn check_operation(service: &Service, operation: &Operation, location: &SourceLocation, report: &mut Report) {
    let find = |name: &str| service.shapes.get(name);
    let input = operation.input.as_ref().and_then(|reference| find(&reference.shape));
    let output = operation.output.as_ref().and_then(|reference| find(&reference.shape));
    let mut wrong_kind = |location: SourceLocation, role: &str, shape: &Shape| {
        let (name, kind) = (&shape.name, shape.kind.type_name());
        let message = format!("{role} must be a structure, `{name}` is of type {kind}");
        report.problem(location.child("shape"), message);
    };
    if let Some(shape) = input.filter(|shape| shape.structure().is_none()) {
        wrong_kind(location.child("input"), "the input", shape);
    }
    // An output may be a list, which is then the whole body.
    let is_output = |shape: &&Shape| matches!(shape.kind, ShapeKind::Structure(_) | ShapeKind::List(_));
    if let Some(shape) = output.filter(|shape| !is_output(shape)) {
        wrong_kind(location.child("output"), "the output", shape);
    }
    for (index, error) in operation.errors.iter().enumerate() {
        if let Some(shape) = find(&error.shape).filter(|shape| shape.structure().is_none()) {
            wrong_kind(location.child("errors").child(index), "an error", shape);
        }
    }
    let Some(checksum) = &operation.http_checksum else { return };
    let members = [
        ("requestAlgorithmMember", &checksum.request_algorithm_member),
        ("requestValidationModeMember", &checksum.request_validation_mode_member),
    ];
    for (key, member) in members {
        let Some(member) = member else { continue };
        let input = input.and_then(Shape::structure).map(|it| &it.members);
        if input.is_none_or(|members| !members.contains_key(member)) {
            let known = input.into_iter().flat_map(names);
            report.unknown_name(location.child("httpChecksum").child(key), "input member", member, known);
        }
    }
}

struct Resources<'a> {
    models: &'a Models,
    resources: &'a ResourceModel,
    report: &'a mut Report,
}

impl Resources<'_> {
    fn check(&mut self) {
        let resources = self.resources;
        self.resource(&resources.service, &resources.location.child("service"));
        for (name, resource) in &resources.resources {
            self.resource(resource, &resources.location.child("resources").child(name));
        }
    }

    fn resource(&mut self, resource: &Resource, location: &SourceLocation) {
        if let Some(name) = &resource.shape {
            self.attributes(resource, name, location);
        }
        let kinds = [
            ("actions", &resource.actions),
            ("batchActions", &resource.batch_actions),
            ("hasMany", &resource.has_many),
        ];
        let mut actions: Vec<(SourceLocation, &Action)> =
            resource.load.iter().map(|load| (location.child("load"), load)).collect();
        for (key, named) in kinds {
            actions.extend(named.iter().map(|(name, action)| (location.child(key).child(name), action)));
        }
        for (location, action) in &actions {
            let request = location.child("request");
            let operation = &action.request.operation;
            let known = &self.models.service.operations;
            if !known.contains_key(operation) {
                let location = request.child("operation");
                self.report.unknown_name(location, "operation", operation, names(known));
            }
            self.parameters(resource, &action.request.parameters, &request);
            if let Some(target) = &action.resource {
                self.target(resource, target, &location.child("resource"));
            }
        }
        for (name, target) in &resource.has {
            self.target(resource, target, &location.child("has").child(name).child("resource"));
        }
        for (name, waiter) in &resource.waiters {
            let location = location.child("waiters").child(name);
            let known = &self.models.waiters.waiters;
            if !known.contains_key(&waiter.waiter_name) {
                let location = location.child("waiterName");
                self.report.unknown_name(location, "waiter", &waiter.waiter_name, names(known));
            }
            self.parameters(resource, &waiter.parameters, &location);
        }
    }

    /// Checks the shape of a resource's attributes and the members that repeat identifiers.
    fn attributes(&mut self, resource: &Resource, name: &str, location: &SourceLocation) {
        let known = &self.models.service.shapes;
        let Some(shape) = known.get(name) else {
            return self.report.unknown_shape(location.child("shape"), name, names(known));
        };
        let Some(structure) = shape.structure() else {
            let message = format!("attributes come from a structure, `{name}` is of type {}", shape.kind.type_name());
            return self.report.problem(location.child("shape"), message);
        };
        for (index, identifier) in resource.identifiers.iter().enumerate() {
            let Some(member) = &identifier.member_name else { continue };
            if !structure.members.contains_key(member) {
                let location = location.child("identifiers").child(index).child("memberName");
                self.report.unknown_name(location, "member", member, names(&structure.members));
            }
        }
    }

    fn parameters(&mut self, resource: &Resource, parameters: &[RequestParameter], location: &SourceLocation) {
        for (index, parameter) in parameters.iter().enumerate() {
            if let ParameterSource::Identifier(name) = &parameter.source {
                let location = location.child("params").child(index).child("name");
                self.identifier(&resource.identifiers, name, location);
            }
        }
    }

    /// Checks the resource that something leads to: each of its identifiers needs an existing source.
    fn target(&mut self, parent: &Resource, target: &ResponseResource, location: &SourceLocation) {
        let Some(resource) = self.resources.resources.get(&target.kind) else {
            let known = names(&self.resources.resources);
            return self.report.unknown_name(location.child("type"), "resource", &target.kind, known);
        };
        for (index, identifier) in target.identifiers.iter().enumerate() {
            let location = location.child("identifiers").child(index);
            match &identifier.source {
                // Arguments of the caller are positional, and IAM's model misnames one.
                IdentifierSource::Input => continue,
                IdentifierSource::Identifier(name) => {
                    self.identifier(&parent.identifiers, name, location.child("name"))
                }
                _ => {}
            }
            self.identifier(&resource.identifiers, &identifier.target, location.child("target"));
        }
    }

    fn identifier(&mut self, known: &[Identifier], name: &str, location: SourceLocation) {
        if !known.iter().any(|identifier| identifier.name == name) {
            let known = known.iter().map(|identifier| identifier.name.as_str());
            self.report.unknown_name(location, "identifier", name, known);
        }
    }
}
