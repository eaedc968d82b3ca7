//! Endpoint discovery: which operations take part, what their endpoint depends on, and the operation that the service is
//! asked with. Knows no notation of other traits.

use super::Context;
use crate::model::{Operation, ShapeKind};
use crate::report::Report;

/// The annotation of an operation that takes part, in the notation of the runtime's `operation`.
pub(super) fn annotation(ctx: &Context<'_>, operation: &Operation, report: &mut Report) -> Option<String> {
    let required = operation.endpoint_discovery?;
    let service = &ctx.models.service;
    if !service.operations.values().any(|it| it.endpoint_operation) {
        let location = service.location_of_operation(&operation.name).child("endpointdiscovery");
        report.problem(location, "no operation of the service has `endpointoperation`");
    }
    let mut annotation = format!("discover={}", if required { "required" } else { "optional" });
    let ids = operation.input.as_ref().map(|it| ids(ctx, &it.shape, &mut Vec::new())).unwrap_or_default();
    if !ids.is_empty() {
        annotation.push(':');
        annotation.push_str(&ids.join(","));
    }
    Some(annotation)
}

/// The paths of the members that are identifiers, in a structure and those inside it. `above` are the structures that it is
/// inside of.
fn ids<'a>(ctx: &Context<'a>, shape: &'a str, above: &mut Vec<&'a str>) -> Vec<String> {
    let Some(structure) = ctx.models.service.structure(shape).filter(|_| !above.contains(&shape)) else {
        return Vec::new();
    };
    above.push(shape);
    let mut found = Vec::new();
    for (name, member) in &structure.members {
        if member.endpoint_discovery_id {
            found.push(name.clone());
        } else {
            found.extend(ids(ctx, &member.shape, above).into_iter().map(|it| format!("{name}.{it}")));
        }
    }
    above.pop();
    found
}

/// The operation that the service is asked with, if one of the crate's operations takes part. The crate need not have a
/// method for it.
pub(super) fn endpoint_operation<'a>(ctx: &Context<'a>, report: &mut Report) -> Option<&'a Operation> {
    let service = &ctx.models.service;
    let takes_part = |it: &String| service.operations[it].endpoint_discovery.is_some();
    if !ctx.reachable.operations().iter().any(takes_part) {
        return None;
    }
    let operation = service.operations.values().find(|it| it.endpoint_operation)?;
    let location = service.location_of_operation(&operation.name);
    // The runtime has the shapes of this operation, which are those of all services.
    if operation.endpoint_discovery.is_some() {
        report.problem(location.clone(), "the operation of endpoint discovery cannot take part in it");
    }
    for name in unknown_inputs(ctx, operation) {
        let why =
            format!("the operation of endpoint discovery requires the input `{name}`, which the runtime does not send");
        report.problem(location.clone(), why);
    }
    if !has_endpoints(ctx, operation) {
        let why = "the operation of endpoint discovery has no output `Endpoints`, a list of structures with the string \
                   `Address` and the long `CachePeriodInMinutes`";
        report.problem(location, why);
    }
    Some(operation)
}

/// The required members that are neither the operation nor its identifiers.
fn unknown_inputs<'a>(ctx: &Context<'a>, operation: &'a Operation) -> impl Iterator<Item = &'a String> + use<'a> {
    let input = operation.input.as_ref().and_then(|it| ctx.models.service.structure(&it.shape));
    let required = input.map(|it| it.required.as_slice()).unwrap_or_default();
    required.iter().filter(|it| !["Operation", "Identifiers"].contains(&it.as_str()))
}

fn has_endpoints(ctx: &Context<'_>, operation: &Operation) -> bool {
    let shapes = &ctx.models.service.shapes;
    let member = |shape: &str, name: &str| {
        let member = ctx.models.service.structure(shape)?.members.get(name)?;
        member.location.is_none().then(|| shapes.get(&member.shape)).flatten()
    };
    let endpoints = operation.output.as_ref().and_then(|it| member(&it.shape, "Endpoints"));
    let Some(ShapeKind::List(list)) = endpoints.map(|it| &it.kind) else { return false };
    let kind = |name| member(&list.member.shape, name).map(|it| &it.kind);
    matches!(kind("Address"), Some(ShapeKind::String(_)))
        && matches!(kind("CachePeriodInMinutes"), Some(ShapeKind::Long(_)))
}
