//! Operations: names, arguments, input and output structures, and the operation descriptor.

use std::fmt::Write;

use super::arguments::Required;
use super::types::{self, StructureRole};
use super::{Context, customizations, discovery, docs, pagination, paths, reach, secrets};
use crate::expr::{jmespath, uri};
use crate::ir::{Operation, Protocol};
use crate::model::{self, Metadata, Shape, ShapeKind, StaticValue, StructureReference};
use crate::name::{self, Scope};
use crate::report::{Report, SourceLocation};
use crate::source::Signatures;

/// Codes of errors with status 429 that the runtime retries whatever the model says.
const THROTTLING: [&str; 4] =
    ["LimitExceededException", "ThrottledException", "ThrottlingException", "TooManyRequestsException"];

pub(crate) fn resolve(ctx: &Context<'_>, signatures: &Signatures, report: &mut Report) -> Vec<Operation> {
    let mut methods = Scope::with_reserved([
        ("new", "a method of Client"),
        ("session", "a method of Client"),
        ("meta", "a method of Client"),
    ]);
    let mut types = Scope::default();
    let mut resolved = Vec::new();
    for name in ctx.reachable.operations() {
        let operation = &ctx.models.service.operations[name];
        let location = ctx.models.service.location_of_operation(name);
        let (method, ty) = (name::snake(name), name::pascal(name));
        for (scope, ident) in [(&mut methods, &method), (&mut types, &ty)] {
            if let Err(other) = scope.claim(ident, name) {
                report.name_clash(location.clone(), ident, other);
            }
        }
        let input_type = structure_name(ctx, &ty, ["Input", "Request"]);
        let output_type = structure_name(ctx, &ty, ["Output", "Response"]);
        let input = structure(ctx, &operation.input, input_type, StructureRole::Input, report);
        let output = structure(ctx, &operation.output, output_type, StructureRole::Output, report);
        let required = Required::new(ctx.models, operation, &input);
        let arguments = required.arguments(&input, signatures, (name, name), |_| false);
        let also_required = required.all().filter(|index| !arguments.contains(index)).collect();
        let paginator = pagination::resolve(ctx, name, (&input, &output), report);
        let mut errors: Vec<String> = reach::errors(ctx.models, operation).map(|it| ctx.names.error(it)).collect();
        errors.sort();
        errors.dedup();
        resolved.push(Operation {
            name: name.clone(),
            ty: name::escape_type(&ty),
            method: name::escape(&method),
            descriptor: descriptor(ctx, operation, report),
            input,
            output,
            arguments,
            also_required,
            paginator,
            errors,
            examples: Vec::new(),
            docs: docs(operation.documentation.as_deref(), operation.deprecated.as_ref()),
        });
    }
    resolved
}

/// The name of an operation's input or output. It has the second suffix if the first would make the name of another
/// operation, such as `DeleteApplicationOutput`, which deletes an output.
fn structure_name(ctx: &Context<'_>, ty: &str, [suffix, alternative]: [&str; 2]) -> String {
    let name = format!("{ty}{suffix}");
    match ctx.models.service.operations.keys().any(|operation| operation.eq_ignore_ascii_case(&name)) {
        true => format!("{ty}{alternative}"),
        false => name,
    }
}

fn structure(
    ctx: &Context<'_>,
    reference: &Option<StructureReference>,
    ty: String,
    role: StructureRole,
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

/// The operation descriptor, in the notation of the runtime's `operation`.
pub(super) fn descriptor(ctx: &Context<'_>, operation: &model::Operation, report: &mut Report) -> String {
    let location = ctx.models.service.location_of_operation(&operation.name);
    for problem in uri::parse(&operation.http.request_uri).err().into_iter().flatten() {
        report.problem(location.child("http").child("requestUri"), problem);
    }
    let mut out = format!("{} {} {}", operation.name, operation.http.method, operation.http.request_uri);
    let mut add = |text: std::fmt::Arguments<'_>| {
        let _ = write!(out, "; {text}");
    };
    let input = operation.input.as_ref();
    let structure = input.and_then(|it| ctx.models.service.structure(&it.shape));
    let has_body =
        structure.is_some_and(|it| it.payload.is_none() && it.members.values().any(|member| member.location.is_none()));
    if let (Some(input), true) = (input, has_body) {
        let shape = ctx.models.service.shapes.get(&input.shape);
        let root = input.location_name.as_ref().or_else(|| shape.and_then(|it| it.location_name.as_ref()));
        let namespace = input.xml_namespace.as_ref().or_else(|| shape.and_then(|it| it.xml_namespace.as_ref()));
        let default = &ctx.models.service.metadata.xml_namespace;
        let root = root.unwrap_or(&input.shape);
        match (namespace, default) {
            (Some(namespace), _) => match &namespace.prefix {
                Some(prefix) => add(format_args!("root={root} ns={prefix}|{}", namespace.uri)),
                None => add(format_args!("root={root} ns={}", namespace.uri)),
            },
            (None, Some(uri)) if ctx.protocol == Protocol::RestXml => add(format_args!("root={root} ns={uri}")),
            (None, _) => add(format_args!("root={root}")),
        }
    }
    // CBOR is the only protocol that distinguishes no input (no body) from an empty input (a body).
    if input.is_none() && matches!(ctx.protocol, Protocol::Cbor { .. }) {
        add(format_args!("bare"));
    }
    if let Some(result) = operation.output.as_ref().and_then(|it| it.result_wrapper.as_ref())
        && result.strip_suffix("Result") != Some(&operation.name)
    {
        add(format_args!("result={result}"));
    }
    match &operation.http_checksum {
        Some(checksum) => {
            let required = if checksum.request_checksum_required { " required" } else { "" };
            match &checksum.request_algorithm_member {
                Some(member) => add(format_args!("sum={member}{required}")),
                None if checksum.request_checksum_required => add(format_args!("md5")),
                None => {}
            }
            if let Some(member) = &checksum.request_validation_mode_member {
                add(format_args!("verify={member}:{}", checksum.response_algorithms.join(",")));
            }
        }
        None if operation.http_checksum_required => add(format_args!("md5")),
        None => {}
    }
    match auth_scheme(&ctx.models.service.metadata, operation) {
        "sigv4" if operation.unsigned_payload => add(format_args!("auth=unsigned-body")),
        "sigv4" => {}
        other => add(format_args!("auth={other}")),
    }
    if accepts_bearer_token(&ctx.models.service.metadata, operation) {
        add(format_args!("bearer"));
    }
    match accepts_sigv4a(&ctx.models.service.metadata, operation) {
        Some(Rank::First) => add(format_args!("sigv4a=first")),
        Some(Rank::Later) => add(format_args!("sigv4a")),
        None => {}
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
            StaticValue::String(text) => format!("{name}:{text}"),
            StaticValue::Flag(flag) => format!("{name}:{flag}"),
            StaticValue::Strings(strings) => format!("{name}:{}", strings.join("|")),
        })
        .collect();
    if !statics.is_empty() {
        add(format_args!("static={}", statics.join(",")));
    }
    for (name, path) in &operation.operation_context_parameters {
        let location = location.child("operationContextParams").child(name);
        if let Some(expression) = endpoint_parameter(ctx, operation, path, &location, report) {
            add(format_args!("param={name}:{expression}"));
        }
    }
    if let Some(annotation) = discovery::annotation(ctx, operation, report) {
        add(format_args!("{annotation}"));
    }
    let (mut terminal, mut retryable, mut throttling) = (Vec::new(), Vec::new(), Vec::new());
    for reference in &operation.errors {
        let Some(exception) = ctx.models.service.structure(&reference.shape) else { continue };
        let code = exception.error.as_ref().and_then(|it| it.code.as_deref()).unwrap_or(&reference.shape);
        let status = exception.error.as_ref().and_then(|it| it.http_status_code);
        match exception.retryable {
            Some(true) => throttling.push(code),
            Some(false) => retryable.push(code),
            // Status 429 alone would be retried; at any other status the code decides.
            None if !THROTTLING.contains(&code) && status == Some(429) => terminal.push(code),
            None => {}
        }
    }
    for (key, codes) in [("final", terminal), ("retry", retryable), ("throttle", throttling)] {
        if !codes.is_empty() {
            add(format_args!("{key}={}", codes.join(",")));
        }
    }
    let secret = Vec::from_iter(secrets::of_errors(ctx, operation));
    if !secret.is_empty() {
        add(format_args!("secret-errors={}", secret.join(",")));
    }
    for annotation in customizations::annotations(ctx, operation, report) {
        add(format_args!("{annotation}"));
    }
    out
}

/// How the operation is signed, chosen as botocore does: the operation's schemes take precedence over the service's,
/// and of several schemes the first that is supported is used.
fn auth_scheme<'a>(service: &'a Metadata, operation: &'a model::Operation) -> &'a str {
    const SUPPORTED: [&str; 3] = ["aws.auth#sigv4", "smithy.api#noAuth", "smithy.api#httpBearerAuth"];
    let first = |schemes: &'a [String]| {
        let is_supported = |scheme: &&String| SUPPORTED.contains(&scheme.as_str());
        schemes.iter().find(is_supported).or(schemes.first()).map(String::as_str)
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

/// Whether the operation, which is signed by default, also accepts a bearer token.
fn accepts_bearer_token(service: &Metadata, operation: &model::Operation) -> bool {
    let schemes = if operation.auth.is_empty() { &service.auth } else { &operation.auth };
    let has = |scheme: &str| schemes.iter().any(|it| it == scheme);
    has("smithy.api#httpBearerAuth") && !matches!(auth_scheme(service, operation), "bearer" | "none")
}

/// Where a scheme stands in a list, beside the one that is the default.
enum Rank {
    First,
    Later,
}

/// Whether the operation, which is signed by Signature Version 4, also accepts version 4A, and which of them the model
/// lists first.
fn accepts_sigv4a(service: &Metadata, operation: &model::Operation) -> Option<Rank> {
    let schemes = if operation.auth.is_empty() { &service.auth } else { &operation.auth };
    let position = |scheme: &str| schemes.iter().position(|it| it == scheme);
    let (sigv4, sigv4a) = (position("aws.auth#sigv4")?, position("aws.auth#sigv4a")?);
    match auth_scheme(service, operation) {
        "sigv4" if sigv4a < sigv4 => Some(Rank::First),
        "sigv4" => Some(Rank::Later),
        _ => None,
    }
}

/// The expression that finds an endpoint parameter in the input.
fn endpoint_parameter(
    ctx: &Context<'_>,
    operation: &model::Operation,
    path: &str,
    location: &SourceLocation,
    report: &mut Report,
) -> Option<String> {
    let input = operation.input.as_ref().map_or("", |it| &it.shape);
    let parsed = jmespath::parse(path).map_err(|error| error.to_string());
    let check = |ast| paths::check(&ctx.models.service, input, &ast).map(|()| jmespath::notation(&ast));
    match parsed.and_then(check) {
        Ok(notation) if notation.contains(';') => {
            report.problem(location.clone(), "the path must not contain a semicolon");
            None
        }
        Ok(notation) => Some(notation),
        Err(why) => {
            report.path_mismatch(location.clone(), path, &why);
            None
        }
    }
}
