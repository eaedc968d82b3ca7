//! Operations: names, arguments, inputs and outputs of their own, and the line that describes the call.

use std::fmt::Write;

use super::types::{self, Role};
use super::{Context, docs, pagination};
use crate::expr::uri;
use crate::ir::Operation;
use crate::model::{self, Shape, ShapeKind, StaticValue, StructureReference};
use crate::name::{self, Scope};
use crate::report::Report;

/// How many required members are arguments of the method; the others are setters.
const MOST_ARGUMENTS: usize = 4;

pub(crate) fn resolve(ctx: &Context<'_>, report: &mut Report) -> Vec<Operation> {
    let mut methods = Scope::with_reserved([("new", "a method of Client"), ("session", "a method of Client")]);
    let mut types = Scope::default();
    let mut resolved = Vec::new();
    for name in ctx.reach.operations() {
        let operation = &ctx.models.service.operations[name];
        let place = ctx.models.service.place_of_operation(name);
        let (method, ty) = (name::snake(name), name::pascal(name));
        for (scope, it) in [(&mut methods, &method), (&mut types, &ty)] {
            if let Err(other) = scope.claim(it, name) {
                report.name_clash(place.clone(), it, other);
            }
        }
        let input = structure(ctx, &operation.input, format!("{ty}Input"), Role::Input, report);
        let output = structure(ctx, &operation.output, format!("{ty}Output"), Role::Output, report);
        let required = operation
            .input
            .as_ref()
            .and_then(|it| ctx.models.service.structure(&it.shape))
            .map_or(&[][..], |it| &it.required);
        let is_token = |name: &String| {
            let input = operation.input.as_ref().and_then(|it| ctx.models.service.structure(&it.shape));
            input.and_then(|it| it.members.get(name)).is_some_and(|it| it.idempotency_token)
        };
        let arguments = required
            .iter()
            .filter(|it| !is_token(it))
            .filter_map(|name| input.fields.iter().position(|it| it.name == *name))
            .take(MOST_ARGUMENTS)
            .collect();
        let paginator = pagination::resolve(ctx, name, &output, report);
        let mut errors: Vec<String> = operation.errors.iter().map(|it| ctx.names.error(&it.shape)).collect();
        errors.sort();
        errors.dedup();
        resolved.push(Operation {
            name: name.clone(),
            ty: name::escape_type(&ty),
            method: name::escape(&method),
            info: info(ctx, operation, report),
            input,
            output,
            arguments,
            paginator,
            errors,
            examples: Vec::new(),
            docs: docs(operation.documentation.as_deref(), operation.deprecated.as_ref()),
        });
    }
    resolved
}

fn structure(
    ctx: &Context<'_>,
    reference: &Option<StructureReference>,
    ty: String,
    role: Role,
    report: &mut Report,
) -> crate::ir::Structure {
    let found = reference.as_ref().and_then(|it| ctx.models.service.shapes.get(&it.shape));
    match found {
        Some(shape) => types::structure(ctx, shape, ty, role, report),
        None => {
            let empty = Shape {
                name: ty.clone(),
                kind: ShapeKind::Structure(model::Structure::default()),
                documentation: None,
                sensitive: false,
                boxed: false,
                location_name: None,
                xml_namespace: None,
                deprecated: None,
            };
            types::structure(ctx, &empty, ty, role, report)
        }
    }
}

/// The operation's line, in the notation of the runtime's `operation`.
fn info(ctx: &Context<'_>, operation: &model::Operation, report: &mut Report) -> String {
    let place = ctx.models.service.place_of_operation(&operation.name);
    for complaint in uri::parse(&operation.http.request_uri).err().into_iter().flatten() {
        report.problem(place.child("http").child("requestUri"), complaint);
    }
    let mut out = format!("{} {}", operation.http.method, operation.http.request_uri);
    let mut add = |text: std::fmt::Arguments<'_>| {
        let _ = write!(out, "; {text}");
    };
    let input = operation.input.as_ref();
    let structure = input.and_then(|it| ctx.models.service.structure(&it.shape));
    let has_body =
        structure.is_some_and(|it| it.payload.is_none() && it.members.values().any(|it| it.location.is_none()));
    if let (Some(input), true) = (input, has_body) {
        let shape = ctx.models.service.shapes.get(&input.shape);
        let root = input.location_name.as_ref().or_else(|| shape.and_then(|it| it.location_name.as_ref()));
        let namespace = input.xml_namespace.as_ref().or_else(|| shape.and_then(|it| it.xml_namespace.as_ref()));
        let default = &ctx.models.service.metadata.xml_namespace;
        let root = root.unwrap_or(&input.shape);
        match (namespace, default) {
            (Some(it), _) => match &it.prefix {
                Some(prefix) => add(format_args!("root={root} ns={prefix}|{}", it.uri)),
                None => add(format_args!("root={root} ns={}", it.uri)),
            },
            (None, Some(uri)) if ctx.protocol == super::Protocol::RestXml => add(format_args!("root={root} ns={uri}")),
            (None, _) => add(format_args!("root={root}")),
        }
    }
    match &operation.http_checksum {
        Some(it) => {
            let required = if it.request_checksum_required { " required" } else { "" };
            match &it.request_algorithm_member {
                Some(member) => add(format_args!("sum={member}{required}")),
                None if it.request_checksum_required => add(format_args!("md5")),
                None => {}
            }
            if let Some(member) = &it.request_validation_mode_member {
                add(format_args!("verify={member}:{}", it.response_algorithms.join(",")));
            }
        }
        None if operation.http_checksum_required => add(format_args!("md5")),
        None => {}
    }
    let auth = operation.auth_type.as_deref().or(operation.auth.first().map(String::as_str));
    match auth {
        Some("none" | "smithy.api#noAuth") => add(format_args!("auth=none")),
        Some("v4-unsigned-body") => add(format_args!("auth=unsigned-body")),
        _ if operation.unsigned_payload => add(format_args!("auth=unsigned-body")),
        _ => {}
    }
    if let Some(prefix) = &operation.host_prefix {
        add(format_args!("host={prefix}"));
    }
    let statics: Vec<String> = operation
        .static_context_parameters
        .iter()
        .map(|(name, value)| match value {
            StaticValue::Text(text) => format!("{name}:{text}"),
            StaticValue::Flag(flag) => format!("{name}:{flag}"),
            StaticValue::Texts(texts) => format!("{name}:{}", texts.join("|")),
        })
        .collect();
    if !statics.is_empty() {
        add(format_args!("static={}", statics.join(",")));
    }
    let (mut retry, mut throttle) = (Vec::new(), Vec::new());
    for error in &operation.errors {
        let Some(it) = ctx.models.service.structure(&error.shape) else { continue };
        let code = it.error.as_ref().and_then(|it| it.code.as_deref()).unwrap_or(&error.shape);
        match it.retryable {
            Some(true) => throttle.push(code),
            Some(false) => retry.push(code),
            None => {}
        }
    }
    for (key, codes) in [("retry", retry), ("throttle", throttle)] {
        if !codes.is_empty() {
            add(format_args!("{key}={}", codes.join(",")));
        }
    }
    out
}
