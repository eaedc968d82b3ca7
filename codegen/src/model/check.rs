//! Whether every name in a service's files leads somewhere, and to something of the right kind. What a path expression
//! means is not looked at here.

use super::{
    Action, Identifier, IdentifierSource, Map, Models, Operation, ParameterSource, RequestParameter, Resource,
    ResourceModel, ResponseResource, Service, Shape, ShapeKind,
};
use crate::report::{Place, Report};

/// Complains of every name that leads nowhere, or to something of a wrong kind. For models that were read without a
/// complaint, and again after fixups.
pub fn check(models: &Models, report: &mut Report) {
    check_names(models, true, report);
    let service = &models.service;
    for (name, shape) in &service.shapes {
        check_shape(service, shape, &service.place_of_shape(name), report);
    }
    for (name, operation) in &service.operations {
        check_operation(service, operation, &service.place_of_operation(name), report);
    }
    if let Some(resources) = &models.resources {
        Resources { models, resources, report }.check();
    }
}

/// Complains of every reference to a shape or an operation that does not exist. In models that are not `whole`, because
/// reading them already led to complaints, what may only be a stand-in is passed over.
pub(super) fn check_names(models: &Models, whole: bool, report: &mut Report) {
    let service = &models.service;
    let mut shape = |name: &str, place: Place| {
        let known = &service.shapes;
        if !known.contains_key(name) && (whole || !name.is_empty() && !known.is_empty()) {
            report.unknown_shape(place.child("shape"), name, names(known));
        }
    };
    for (name, from) in &service.shapes {
        for (steps, member) in from.references() {
            let here = service.place_of_shape(name);
            shape(&member.shape, steps.iter().fold(here, |place, step| place.child(step)));
        }
    }
    for (name, operation) in &service.operations {
        let here = service.place_of_operation(name);
        for (key, reference) in [("input", &operation.input), ("output", &operation.output)] {
            if let Some(reference) = reference {
                shape(&reference.shape, here.child(key));
            }
        }
        for (index, error) in operation.errors.iter().enumerate() {
            shape(&error.shape, here.child("errors").child(index));
        }
    }
    let mut operation = |name: &str, place: Place| {
        let known = &service.operations;
        if !known.contains_key(name) && (whole || !name.is_empty() && !known.is_empty()) {
            report.unknown_name(place, "operation", name, names(known));
        }
    };
    for name in models.paginators.paginators.keys() {
        operation(name, models.paginators.place_of(name));
    }
    for (name, waiter) in &models.waiters.waiters {
        operation(&waiter.operation, models.waiters.place_of(name).child("operation"));
    }
    for name in models.examples.examples.keys() {
        let file = models.examples.place.clone().unwrap_or_else(|| Place::new("examples-1.json"));
        operation(name, file.child("examples").child(name));
    }
}

fn names<T>(map: &Map<T>) -> impl Iterator<Item = &str> {
    map.keys().map(String::as_str)
}

fn check_shape(service: &Service, shape: &Shape, place: &Place, report: &mut Report) {
    if let ShapeKind::Map(map) = &shape.kind
        && let Some(key) = service.shapes.get(&map.key.shape)
        && !matches!(key.kind, ShapeKind::String(_))
    {
        let (name, word) = (&key.name, key.kind.word());
        let message = format!("the key of a map must be a string, `{name}` is of type {word}");
        report.problem(place.child("key"), message);
    }
    let Some(structure) = shape.structure() else { return };
    let payload = structure.payload.iter().map(|name| (place.child("payload"), name));
    let order = structure.xml_order.iter().enumerate().map(|(i, name)| (place.child("xmlOrder").child(i), name));
    for (place, name) in payload.chain(order) {
        if !structure.members.contains_key(name) {
            report.unknown_name(place, "member", name, names(&structure.members));
        }
    }
}

fn check_operation(service: &Service, operation: &Operation, place: &Place, report: &mut Report) {
    let find = |name: &str| service.shapes.get(name);
    let input = operation.input.as_ref().and_then(|it| find(&it.shape));
    let output = operation.output.as_ref().and_then(|it| find(&it.shape));
    let mut wrong = |place: Place, what: &str, shape: &Shape| {
        let (name, word) = (&shape.name, shape.kind.word());
        let message = format!("{what} must be a structure, `{name}` is of type {word}");
        report.problem(place.child("shape"), message);
    };
    if let Some(shape) = input.filter(|shape| shape.structure().is_none()) {
        wrong(place.child("input"), "the input", shape);
    }
    // A list may be an output: it is the whole body then.
    let fits = |shape: &&Shape| matches!(shape.kind, ShapeKind::Structure(_) | ShapeKind::List(_));
    if let Some(shape) = output.filter(|shape| !fits(shape)) {
        wrong(place.child("output"), "the output", shape);
    }
    for (index, error) in operation.errors.iter().enumerate() {
        if let Some(shape) = find(&error.shape).filter(|shape| shape.structure().is_none()) {
            wrong(place.child("errors").child(index), "an error", shape);
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
            report.unknown_name(place.child("httpChecksum").child(key), "input member", member, known);
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
        self.resource(&resources.service, &resources.place.child("service"));
        for (name, resource) in &resources.resources {
            self.resource(resource, &resources.place.child("resources").child(name));
        }
    }

    fn resource(&mut self, resource: &Resource, place: &Place) {
        if let Some(name) = &resource.shape {
            self.shape_of(resource, name, place);
        }
        let kinds = [
            ("actions", &resource.actions),
            ("batchActions", &resource.batch_actions),
            ("hasMany", &resource.has_many),
        ];
        let mut actions: Vec<(Place, &Action)> = resource.load.iter().map(|load| (place.child("load"), load)).collect();
        for (key, named) in kinds {
            actions.extend(named.iter().map(|(name, action)| (place.child(key).child(name), action)));
        }
        for (place, action) in &actions {
            let request = place.child("request");
            let operation = &action.request.operation;
            let known = &self.models.service.operations;
            if !known.contains_key(operation) {
                let place = request.child("operation");
                self.report.unknown_name(place, "operation", operation, names(known));
            }
            self.parameters(resource, &action.request.parameters, &request);
            if let Some(target) = &action.resource {
                self.target(resource, target, &place.child("resource"));
            }
        }
        for (name, target) in &resource.has {
            self.target(resource, target, &place.child("has").child(name).child("resource"));
        }
        for (name, waiter) in &resource.waiters {
            let place = place.child("waiters").child(name);
            let known = &self.models.waiters.waiters;
            if !known.contains_key(&waiter.waiter_name) {
                let place = place.child("waiterName");
                self.report.unknown_name(place, "waiter", &waiter.waiter_name, names(known));
            }
            self.parameters(resource, &waiter.parameters, &place);
        }
    }

    /// The shape of a resource's attributes and the members that repeat identifiers.
    fn shape_of(&mut self, resource: &Resource, name: &str, place: &Place) {
        let known = &self.models.service.shapes;
        let Some(shape) = known.get(name) else {
            return self.report.unknown_shape(place.child("shape"), name, names(known));
        };
        let Some(structure) = shape.structure() else {
            let message = format!("attributes come from a structure, `{name}` is of type {}", shape.kind.word());
            return self.report.problem(place.child("shape"), message);
        };
        for (index, identifier) in resource.identifiers.iter().enumerate() {
            let Some(member) = &identifier.member_name else { continue };
            if !structure.members.contains_key(member) {
                let place = place.child("identifiers").child(index).child("memberName");
                self.report.unknown_name(place, "member", member, names(&structure.members));
            }
        }
    }

    fn parameters(&mut self, resource: &Resource, parameters: &[RequestParameter], place: &Place) {
        for (index, parameter) in parameters.iter().enumerate() {
            if let ParameterSource::Identifier(name) = &parameter.source {
                let place = place.child("params").child(index).child("name");
                self.identifier(&resource.identifiers, name, place);
            }
        }
    }

    /// The resource something leads to; every one of its identifiers must come from somewhere.
    fn target(&mut self, from: &Resource, target: &ResponseResource, place: &Place) {
        let Some(to) = self.resources.resources.get(&target.kind) else {
            let known = names(&self.resources.resources);
            return self.report.unknown_name(place.child("type"), "resource", &target.kind, known);
        };
        for (index, identifier) in target.identifiers.iter().enumerate() {
            let place = place.child("identifiers").child(index);
            match &identifier.source {
                // What the caller gives goes by position, and IAM's model misnames one.
                IdentifierSource::Input => continue,
                IdentifierSource::Identifier(name) => self.identifier(&from.identifiers, name, place.child("name")),
                _ => {}
            }
            self.identifier(&to.identifiers, &identifier.target, place.child("target"));
        }
    }

    fn identifier(&mut self, known: &[Identifier], name: &str, place: Place) {
        if !known.iter().any(|identifier| identifier.name == name) {
            let known = known.iter().map(|identifier| identifier.name.as_str());
            self.report.unknown_name(place, "identifier", name, known);
        }
    }
}
