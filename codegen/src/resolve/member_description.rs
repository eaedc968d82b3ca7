//! Descriptions of members: an entry for each member of a structure, in the notation of the runtime's
//! `schema::notation`.

use std::fmt::Write;

use super::{Context, secrets};
use crate::ir::{Protocol, Type};
use crate::model::{Bounds, Member, Shape, ShapeKind, XmlNamespace};
use crate::report::Report;

/// The keyword for a field's type; `None` if the type is described by a link.
pub(crate) fn type_keyword(ty: &Type) -> Option<&'static str> {
    let (optional, present) = match ty {
        Type::Option(inner) => (true, &**inner),
        other => (false, other),
    };
    let is_string = |inner: &Type| matches!(inner, Type::String);
    Some(match present {
        Type::String => "str",
        Type::Enumeration(_) => "enum",
        Type::Bool => "bool",
        Type::I32 => "i32",
        Type::I64 => "i64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Timestamp => "time",
        Type::Blob => "blob",
        Type::Document => "doc",
        Type::Stream if optional => "stream?",
        Type::Stream => "stream",
        Type::List(element) if is_string(element) => "[str]",
        Type::Map(key, value) if is_string(key) && is_string(value) => "{str}",
        _ => return None,
    })
}

/// The entry of one member.
pub(crate) fn entry(
    ctx: &Context<'_>,
    owner: &Shape,
    name: &str,
    member: &Member,
    keyword: Option<&'static str>,
    required: bool,
    report: &mut Report,
) -> String {
    let shapes = &ctx.models.service.shapes;
    let target = shapes.get(&member.shape);
    let mut out = format!("{name}:{}", keyword.unwrap_or("*"));
    let mut add = |text: std::fmt::Arguments<'_>| {
        let _ = write!(out, " {text}");
    };
    let wire_name =
        member.location_name.as_ref().or_else(|| flattened_name(member, target?)).or_else(|| target.and_then(own_name));
    let is_payload = owner.structure().is_some_and(|it| it.payload.as_deref() == Some(name));
    // An event stream is the payload even if the model does not say so: the other members are sent outside the events.
    let is_events = target.and_then(Shape::structure).is_some_and(|it| it.event_stream);
    let location = match member.location.as_deref() {
        Some("uri") => Some("uri"),
        Some("querystring") => Some("query"),
        Some("header") => Some("header"),
        Some("headers") => Some("prefix"),
        Some("statusCode") => Some("status"),
        _ if is_payload || member.event_payload || is_events => Some("payload"),
        _ if member.event_header => Some("header"),
        _ => None,
    };
    // The element of a payload takes its name from the member, or else from the shape.
    let wire_name = wire_name.or_else(|| {
        (is_payload && !is_events && target.is_some_and(|it| it.structure().is_some())).then_some(&member.shape)
    });
    match (location, wire_name.filter(|wire_name| *wire_name != name)) {
        (Some(location), Some(wire_name)) => add(format_args!("@{location}={wire_name}")),
        (Some("prefix"), None) if wire_name.is_none() => add(format_args!("@prefix=")),
        (Some(location), None) => add(format_args!("@{location}")),
        (None, Some(wire_name)) => add(format_args!("={wire_name}")),
        (None, None) => {}
    }
    if let Some(name) = &member.query_name {
        add(format_args!("q={name}"));
    }
    for (is_set, flag) in [
        (required, "req"),
        (target.is_some_and(|it| it.sensitive) || secrets::is_secret(ctx, name, member), "secret"),
        (member.idempotency_token, "token"),
        (member.host_label, "host"),
        (member.xml_attribute, "attr"),
        (member.xml_text, "text"),
        (member.json_value, "json"),
    ] {
        if is_set {
            add(format_args!("{flag}"));
        }
    }
    let levels = levels(ctx, member);
    let comma_separated = |value: fn(&Level<'_>) -> Option<String>| {
        let values: Vec<String> = levels.iter().map(|level| value(level).unwrap_or_default()).collect();
        values.join(",").trim_end_matches(',').to_owned()
    };
    let flat: Vec<String> =
        levels.iter().enumerate().filter(|(_, level)| level.flat).map(|(depth, _)| depth.to_string()).collect();
    match flat.join(",").as_str() {
        "" => {}
        "0" => add(format_args!("flat")),
        depths => add(format_args!("flat={depths}")),
    }
    for (key, values) in [
        ("item", comma_separated(|it| it.item.map(str::to_owned))),
        ("key", comma_separated(|it| it.key.map(str::to_owned))),
        ("ns", comma_separated(|it| it.namespace.map(namespace))),
        ("kns", comma_separated(|it| it.key_namespace.map(namespace))),
    ] {
        if !values.is_empty() {
            add(format_args!("{key}={values}"));
        }
    }
    if let Some(modelled) = levels.iter().rev().find_map(|it| it.timestamp) {
        add(format_args!("time={}", time_format(ctx, member, modelled)));
    }
    for (key, minimum) in
        [("min", levels[0].min), ("imin", levels.get(1).and_then(|it| it.min)), ("kmin", levels[0].key_min)]
    {
        if let Some(minimum) = minimum {
            add(format_args!("{key}={minimum}"));
        }
    }
    if let Some(parameter) = &member.context_parameter {
        add(format_args!("ctx={parameter}"));
    }
    let names = [name, wire_name.map_or("", String::as_str)];
    if out.contains(';') || names.iter().any(|name| name.contains([' ', '\t', '\n'])) {
        let location = ctx.models.service.location_of_member(&owner.name, name);
        report.problem(location, "a name must not contain white space or a semicolon");
    }
    out
}

/// The code of an exception on the wire.
pub(crate) fn code<'a>(ctx: &Context<'a>, name: &'a str) -> &'a str {
    let traits = ctx.models.service.structure(name).and_then(|it| it.error.as_ref());
    traits.and_then(|it| it.code.as_deref()).unwrap_or(name)
}

/// The entry of an exception that may end an event stream.
pub(crate) fn exception(ctx: &Context<'_>, name: &str, member: &Member) -> String {
    let wire_name = member.location_name.as_deref().unwrap_or(name);
    match code(ctx, &member.shape) {
        code if code == wire_name => format!("{wire_name}:error"),
        code => format!("{wire_name}:error ={code}"),
    }
}

/// The wire name that a shape defines for the members that refer to it. That of a structure is for the root of a
/// document only.
fn own_name(shape: &Shape) -> Option<&String> {
    shape.location_name.as_ref().filter(|_| shape.structure().is_none())
}

/// The wire name of a list whose shape, not its member, says that it is flattened: that of its elements, which stand in
/// its place. Models of SimpleDB's age do so.
fn flattened_name<'a>(member: &Member, target: &'a Shape) -> Option<&'a String> {
    match &target.kind {
        ShapeKind::List(list) if list.flattened && member.flattened.is_none() => list.member.location_name.as_ref(),
        _ => None,
    }
}

/// How many levels of lists and maps are described inside a member. Our choice: a list that contains itself through
/// lists only would never end, and no value of it exists.
const MAX_NESTING: usize = 16;

/// The traits of one level of nested lists and maps: of the member's value, of its elements, of their elements, ….
#[derive(Default)]
struct Level<'a> {
    flat: bool,
    item: Option<&'a str>,
    key: Option<&'a str>,
    namespace: Option<&'a XmlNamespace>,
    key_namespace: Option<&'a XmlNamespace>,
    /// Set for a timestamp: the format in the model, if there is one.
    timestamp: Option<Option<&'a str>>,
    min: Option<i64>,
    key_min: Option<i64>,
}

fn levels<'a>(ctx: &Context<'a>, member: &'a Member) -> Vec<Level<'a>> {
    let shapes = &ctx.models.service.shapes;
    let mut levels = Vec::new();
    let mut next = Some(member);
    while let Some(member) = next.take() {
        let mut level = Level::default();
        if let Some(shape) = shapes.get(&member.shape) {
            let wire_name = |inner: &'a Member| {
                let name = inner.location_name.as_ref();
                name.or_else(|| shapes.get(&inner.shape).and_then(own_name)).map(String::as_str)
            };
            level.namespace = member.xml_namespace.as_ref().or(shape.xml_namespace.as_ref());
            match &shape.kind {
                ShapeKind::List(list) => {
                    level.flat = member.flattened.unwrap_or(list.flattened);
                    level.item = wire_name(&list.member);
                    level.min = min_length(&list.length);
                    next = Some(&list.member);
                }
                ShapeKind::Map(map) => {
                    level.flat = member.flattened.unwrap_or(map.flattened);
                    level.item = wire_name(&map.value);
                    level.key = wire_name(&map.key);
                    let key = shapes.get(&map.key.shape);
                    let namespace = map.key.xml_namespace.as_ref();
                    level.key_namespace = namespace.or_else(|| key.and_then(|it| it.xml_namespace.as_ref()));
                    if let Some(ShapeKind::String(key)) = key.map(|it| &it.kind) {
                        level.key_min = min_length(&key.length);
                    }
                    next = Some(&map.value);
                }
                ShapeKind::String(string) => level.min = min_length(&string.length),
                ShapeKind::Integer(it) | ShapeKind::Long(it) | ShapeKind::Float(it) | ShapeKind::Double(it) => {
                    level.min = minimum(it);
                }
                ShapeKind::Timestamp(format) => {
                    level.timestamp = Some(member.timestamp_format.as_deref().or(format.as_deref()));
                }
                // Lengths of maps and blobs are not checked by botocore either.
                ShapeKind::Structure(_) | ShapeKind::Boolean | ShapeKind::Blob(_) => {}
            }
        }
        levels.push(level);
        if levels.len() > MAX_NESTING {
            break;
        }
    }
    levels
}

/// The minimum of a number.
fn minimum(bounds: &Bounds) -> Option<i64> {
    let min = bounds.min.as_ref()?;
    // A bound between two whole numbers is rounded down, so that nothing is rejected that the service accepts.
    min.as_i64().or_else(|| min.as_f64().map(|bound| bound.floor() as i64))
}

/// The minimum of a length, unless it is 0, which every length satisfies.
fn min_length(bounds: &Bounds) -> Option<i64> {
    minimum(bounds).filter(|length| *length > 0)
}

fn namespace(namespace: &XmlNamespace) -> String {
    match &namespace.prefix {
        Some(prefix) => format!("{prefix}|{}", namespace.uri),
        None => namespace.uri.clone(),
    }
}

/// The format of a timestamp: that of the model, or else that of the location (header, query, URI), or else the
/// protocol's.
fn time_format(ctx: &Context<'_>, member: &Member, modelled: Option<&str>) -> &'static str {
    match (modelled, member.location.as_deref()) {
        (Some("iso8601"), _) => "iso",
        (Some("rfc822"), _) => "http",
        (Some(_), _) => "epoch",
        (None, Some("header" | "headers")) => "http",
        (None, Some("querystring" | "uri")) => "iso",
        (None, _) => match ctx.protocol {
            Protocol::Json { .. } | Protocol::RestJson | Protocol::Cbor { .. } => "epoch",
            Protocol::RestXml | Protocol::Query { .. } | Protocol::Ec2 { .. } => "iso",
        },
    }
}
