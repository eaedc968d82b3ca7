//! Operations: names, arguments, inputs and outputs of their own, and the line that describes the call.

use std::fmt::Write;

use super::types::{self, Role};
use super::{Context, docs, pagination, paths, reach, special};
use crate::expr::{jmespath, uri};
use crate::ir::{Operation, Protocol};
use crate::model::{self, Metadata, Shape, ShapeKind, StaticValue, StructureReference};
use crate::name::{self, Scope};
use crate::report::{Place, Report};

/// How many required members are arguments of the method; the others are setters.
const MOST_ARGUMENTS: usize = 4;

/// Codes that come with status 429, and that the runtime retries whatever a model says.
const THROTTLING: [&str; 4] =
    ["LimitExceededException", "ThrottledException", "ThrottlingException", "TooManyRequestsException"];

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
        let input = structure(ctx, &operation.input, beside(ctx, &ty, ["Input", "Request"]), Role::Input, report);
        let output = structure(ctx, &operation.output, beside(ctx, &ty, ["Output", "Response"]), Role::Output, report);
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
        let mut errors: Vec<String> = reach::errors(ctx.models, operation).map(|it| ctx.names.error(it)).collect();
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

/// The name of an operation's input or output: with the second suffix if the first makes the name of another operation,
/// such as `DeleteApplicationOutput`, which deletes an output.
fn beside(ctx: &Context<'_>, ty: &str, [suffix, other]: [&str; 2]) -> String {
    let name = format!("{ty}{suffix}");
    match ctx.models.service.operations.keys().any(|it| it.eq_ignore_ascii_case(&name)) {
        true => format!("{ty}{other}"),
        false => name,
    }
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
    let mut out = format!("{} {} {}", operation.name, operation.http.method, operation.http.request_uri);
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
            (None, Some(uri)) if ctx.protocol == Protocol::RestXml => add(format_args!("root={root} ns={uri}")),
            (None, _) => add(format_args!("root={root}")),
        }
    }
    // Only here it makes a difference on the wire: an empty structure is a body.
    if input.is_none() && matches!(ctx.protocol, Protocol::Cbor { .. }) {
        add(format_args!("bare"));
    }
    if let Some(result) = operation.output.as_ref().and_then(|it| it.result_wrapper.as_ref())
        && result.strip_suffix("Result") != Some(&operation.name)
    {
        add(format_args!("result={result}"));
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
    match auth(&ctx.models.service.metadata, operation) {
        "sigv4" if operation.unsigned_payload => add(format_args!("auth=unsigned-body")),
        "sigv4" => {}
        other => add(format_args!("auth={other}")),
    }
    if takes_token(&ctx.models.service.metadata, operation) {
        add(format_args!("bearer"));
    }
    if operation.request_compression.iter().any(|it| it == "gzip") {
        add(format_args!("gzip"));
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
    for (name, path) in &operation.operation_context_parameters {
        let place = place.child("operationContextParams").child(name);
        if let Some(expression) = parameter(ctx, operation, path, &place, report) {
            add(format_args!("param={name}:{expression}"));
        }
    }
    let (mut last, mut retry, mut throttle) = (Vec::new(), Vec::new(), Vec::new());
    for error in &operation.errors {
        let Some(it) = ctx.models.service.structure(&error.shape) else { continue };
        let code = it.error.as_ref().and_then(|it| it.code.as_deref()).unwrap_or(&error.shape);
        match it.retryable {
            Some(true) => throttle.push(code),
            Some(false) => retry.push(code),
            // With any other status the code alone decides.
            None if !THROTTLING.contains(&code)
                && it.error.as_ref().and_then(|it| it.http_status_code) == Some(429) =>
            {
                last.push(code);
            }
            None => {}
        }
    }
    for (key, codes) in [("final", last), ("retry", retry), ("throttle", throttle)] {
        if !codes.is_empty() {
            add(format_args!("{key}={}", codes.join(",")));
        }
    }
    for entry in special::entries(ctx, operation, report) {
        add(format_args!("{entry}"));
    }
    out
}

/// How the operation is signed, as botocore chooses: the operation's schemes go before the service's, and of several the
/// first that can be made.
fn auth<'a>(service: &'a Metadata, operation: &'a model::Operation) -> &'a str {
    let first = |schemes: &'a [String]| {
        let known =
            |it: &&String| ["aws.auth#sigv4", "smithy.api#noAuth", "smithy.api#httpBearerAuth"].contains(&it.as_str());
        schemes.iter().find(known).or(schemes.first()).map(String::as_str)
    };
    let own = first(&operation.auth).or(operation.auth_type.as_deref());
    match own.or_else(|| first(&service.auth)).unwrap_or(&service.signature_version) {
        "aws.auth#sigv4" | "v4" | "s3" | "s3v4" => "sigv4",
        "smithy.api#noAuth" | "none" => "none",
        "smithy.api#httpBearerAuth" | "bearer" => "bearer",
        "v4-unsigned-body" => "unsigned-body",
        other => other.rsplit('#').next().unwrap_or(other),
    }
}

/// Whether the operation takes a bearer token too, though it is signed: then the user may choose.
fn takes_token(service: &Metadata, operation: &model::Operation) -> bool {
    let schemes = if operation.auth.is_empty() { &service.auth } else { &operation.auth };
    let has = |wanted: &str| schemes.iter().any(|it| it == wanted);
    has("smithy.api#httpBearerAuth") && !matches!(auth(service, operation), "bearer" | "none")
}

/// The expression by which an endpoint parameter is found in the input.
fn parameter(
    ctx: &Context<'_>,
    operation: &model::Operation,
    path: &str,
    place: &Place,
    report: &mut Report,
) -> Option<String> {
    let input = operation.input.as_ref().map_or("", |it| &it.shape);
    let parsed = jmespath::parse(path).map_err(|it| it.to_string());
    let checked = parsed.and_then(|it| paths::check(&ctx.models.service, input, &it).map(|()| jmespath::notation(&it)));
    match checked {
        Ok(notation) if notation.contains(';') => {
            report.problem(place.clone(), "a path with a semicolon cannot be described");
            None
        }
        Ok(notation) => Some(notation),
        Err(why) => {
            report.path_type(place.clone(), path, &why);
            None
        }
    }
}
