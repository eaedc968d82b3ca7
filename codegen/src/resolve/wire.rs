//! Descriptions: the one line of text that tells the runtime a structure. The notation is that of the runtime's
//! `schema::notation`.

use std::fmt::Write;

use super::Context;
use crate::ir::{Protocol, Type};
use crate::model::{Bounds, Member, Shape, ShapeKind, XmlNamespace};
use crate::report::Report;

/// The word of a field's type, or `None` if it takes a link.
pub(crate) fn word(ty: &Type) -> Option<&'static str> {
    let (optional, inner) = match ty {
        Type::Option(inner) => (true, &**inner),
        other => (false, other),
    };
    let is = |inner: &Type| matches!(inner, Type::String);
    Some(match inner {
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
        Type::List(it) if is(it) => {
            if optional {
                "[str]?"
            } else {
                "[str]"
            }
        }
        Type::Map(it) if is(it) => {
            if optional {
                "{str}?"
            } else {
                "{str}"
            }
        }
        _ => return None,
    })
}

/// The entry of one member.
pub(crate) fn entry(
    ctx: &Context<'_>,
    owner: &Shape,
    name: &str,
    member: &Member,
    word: Option<&'static str>,
    required: bool,
    report: &mut Report,
) -> String {
    let shapes = &ctx.models.service.shapes;
    let target = shapes.get(&member.shape);
    let mut out = format!("{name}:{}", word.unwrap_or("*"));
    let mut add = |text: std::fmt::Arguments<'_>| {
        let _ = write!(out, " {text}");
    };
    let wire = member.location_name.as_ref().or_else(|| target.and_then(own_name));
    let payload = owner.structure().is_some_and(|it| it.payload.as_deref() == Some(name));
    // Also where no protocol says so: whatever else there is travels beside the events.
    let is_events = target.and_then(Shape::structure).is_some_and(|it| it.event_stream);
    let place = match member.location.as_deref() {
        Some("uri") => Some("uri"),
        Some("querystring") => Some("query"),
        Some("header") => Some("header"),
        Some("headers") => Some("prefix"),
        Some("statusCode") => Some("status"),
        _ if payload || member.event_payload || is_events => Some("payload"),
        _ if member.event_header => Some("header"),
        _ => None,
    };
    // A payload's element takes its name from the member, else from the shape.
    let wire = wire.or_else(|| {
        (payload && !is_events && target.is_some_and(|it| it.structure().is_some())).then_some(&member.shape)
    });
    match (place, wire.filter(|it| *it != name)) {
        (Some(place), Some(wire)) => add(format_args!("@{place}={wire}")),
        (Some("prefix"), None) if wire.is_none() => add(format_args!("@prefix=")),
        (Some(place), None) => add(format_args!("@{place}")),
        (None, Some(wire)) => add(format_args!("={wire}")),
        (None, None) => {}
    }
    if let Some(name) = &member.query_name {
        add(format_args!("q={name}"));
    }
    for (set, flag) in [
        (required, "req"),
        (target.is_some_and(|it| it.sensitive), "secret"),
        (member.idempotency_token, "token"),
        (member.host_label, "host"),
        (member.xml_attribute, "attr"),
        (member.xml_text, "text"),
        (member.json_value, "json"),
    ] {
        if set {
            add(format_args!("{flag}"));
        }
    }
    let levels = levels(ctx, member);
    let csv = |pick: fn(&Level<'_>) -> Option<String>| {
        let texts: Vec<String> = levels.iter().map(|it| pick(it).unwrap_or_default()).collect();
        texts.join(",").trim_end_matches(',').to_owned()
    };
    let flat: Vec<String> =
        levels.iter().enumerate().filter(|(_, it)| it.flat).map(|(depth, _)| depth.to_string()).collect();
    match flat.join(",").as_str() {
        "" => {}
        "0" => add(format_args!("flat")),
        depths => add(format_args!("flat={depths}")),
    }
    for (key, text) in [
        ("item", csv(|it| it.item.map(str::to_owned))),
        ("key", csv(|it| it.key.map(str::to_owned))),
        ("ns", csv(|it| it.namespace.map(namespace))),
        ("kns", csv(|it| it.key_namespace.map(namespace))),
    ] {
        if !text.is_empty() {
            add(format_args!("{key}={text}"));
        }
    }
    if let Some(format) = levels.iter().rev().find_map(|it| it.timestamp).map(|it| time_format(ctx, member, it)) {
        add(format_args!("time={format}"));
    }
    for (key, least) in
        [("min", levels[0].min), ("imin", levels.get(1).and_then(|it| it.min)), ("kmin", levels[0].key_min)]
    {
        if let Some(least) = least {
            add(format_args!("{key}={least}"));
        }
    }
    if let Some(parameter) = &member.context_parameter {
        add(format_args!("ctx={parameter}"));
    }
    if out.contains(';') || [name, wire.map_or("", String::as_str)].iter().any(|it| it.contains([' ', '\t', '\n'])) {
        let place = ctx.models.service.place_of_member(&owner.name, name);
        report.problem(place, "a name with a blank or a semicolon cannot be described");
    }
    out
}

/// The entry of an exception that a stream of events may end with.
pub(crate) fn exception(ctx: &Context<'_>, name: &str, member: &Member) -> String {
    let wire = member.location_name.as_deref().unwrap_or(name);
    match super::types::code(ctx, &member.shape) {
        code if code == wire => format!("{wire}:error"),
        code => format!("{wire}:error ={code}"),
    }
}

/// The name that a shape gives to the members that refer to it. A structure's names only the root of its own document.
fn own_name(shape: &Shape) -> Option<&String> {
    shape.location_name.as_ref().filter(|_| shape.structure().is_none())
}

/// A member's value, its elements, their elements, …: what each adds to the description.
#[derive(Default)]
struct Level<'a> {
    flat: bool,
    item: Option<&'a str>,
    key: Option<&'a str>,
    namespace: Option<&'a XmlNamespace>,
    key_namespace: Option<&'a XmlNamespace>,
    /// Set for a timestamp: the format the model asks for, if it does.
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
            let wire = |it: &'a Member| {
                it.location_name.as_ref().or_else(|| shapes.get(&it.shape).and_then(own_name)).map(String::as_str)
            };
            level.namespace = member.xml_namespace.as_ref().or(shape.xml_namespace.as_ref());
            match &shape.kind {
                ShapeKind::List(it) => {
                    level.flat = member.flattened.unwrap_or(it.flattened);
                    level.item = wire(&it.member);
                    level.min = shortest(&it.length);
                    next = Some(&it.member);
                }
                ShapeKind::Map(it) => {
                    level.flat = member.flattened.unwrap_or(it.flattened);
                    level.item = wire(&it.value);
                    level.key = wire(&it.key);
                    let key = shapes.get(&it.key.shape);
                    level.key_namespace =
                        it.key.xml_namespace.as_ref().or_else(|| key.and_then(|it| it.xml_namespace.as_ref()));
                    if let Some(ShapeKind::String(key)) = key.map(|it| &it.kind) {
                        level.key_min = shortest(&key.length);
                    }
                    next = Some(&it.value);
                }
                ShapeKind::String(it) => level.min = shortest(&it.length),
                ShapeKind::Integer(it) | ShapeKind::Long(it) | ShapeKind::Float(it) | ShapeKind::Double(it) => {
                    level.min = least(it);
                }
                ShapeKind::Timestamp(format) => {
                    level.timestamp = Some(member.timestamp_format.as_deref().or(format.as_deref()));
                }
                // Lengths of maps and blobs are not checked by botocore either.
                ShapeKind::Structure(_) | ShapeKind::Boolean | ShapeKind::Blob(_) => {}
            }
        }
        levels.push(level);
        // A list that holds itself through lists only would never end; such a model has no value either.
        if levels.len() > 16 {
            break;
        }
    }
    levels
}

/// The least value of a number.
fn least(bounds: &Bounds) -> Option<i64> {
    let min = bounds.min.as_ref()?;
    // A bound between two whole numbers is left to the service rather than made stricter.
    min.as_i64().or_else(|| min.as_f64().map(|it| it.floor() as i64))
}

/// The least length, which 0 says nothing about.
fn shortest(bounds: &Bounds) -> Option<i64> {
    least(bounds).filter(|it| *it > 0)
}

fn namespace(it: &XmlNamespace) -> String {
    match &it.prefix {
        Some(prefix) => format!("{prefix}|{}", it.uri),
        None => it.uri.clone(),
    }
}

/// The format the model asks for, else that of the place, else the protocol's.
fn time_format(ctx: &Context<'_>, member: &Member, asked: Option<&str>) -> &'static str {
    match (asked, member.location.as_deref()) {
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
