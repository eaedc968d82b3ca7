//! Values as the XML protocols send them.

use std::fmt::Write as _;

use aws_core::internals::encoding::base64;
use codegen::model::{Member, Service, ShapeKind, Structure};
use serde_json::{Map, Value};

use super::{time, wire_name};

/// A document with the members inside nested elements of these names, outermost first.
pub(super) fn document(
    service: &Service,
    path: &[&str],
    structure: &Structure,
    members: &Map<String, Value>,
) -> Vec<u8> {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let (last, outer) = path.split_last().unwrap_or((&"Root", &[]));
    outer.iter().for_each(|it| _ = write!(out, "<{it} xmlns=\"https://aws.amazon.com/doc\">\n  "));
    element(service, last, structure, members, "", &mut out);
    outer.iter().rev().for_each(|it| _ = write!(out, "</{it}>"));
    out.into_bytes()
}

/// An error: its code, then the members.
pub(super) fn error(
    service: &Service,
    path: &[&str],
    code: &str,
    structure: &Structure,
    members: &Map<String, Value>,
) -> Vec<u8> {
    let mut out = String::new();
    path.iter().for_each(|it| _ = write!(out, "<{it}>"));
    if !structure.members.contains_key("Code") {
        let _ = write!(out, "<Code>{code}</Code>");
    }
    children(service, structure, members, &mut out);
    path.iter().rev().for_each(|it| _ = write!(out, "</{it}>"));
    out.into_bytes()
}

fn element(
    service: &Service,
    name: &str,
    structure: &Structure,
    members: &Map<String, Value>,
    declared: &str,
    out: &mut String,
) {
    let _ = write!(out, "<{name}{declared}");
    for (name, member) in structure.members.iter().filter(|(_, it)| it.xml_attribute) {
        let wire = wire_name(service, name, member);
        if let (Some((prefix, _)), false) = (wire.split_once(':'), declared.contains("xmlns:")) {
            let _ = write!(out, " xmlns:{prefix}=\"http://www.w3.org/2001/XMLSchema-instance\"");
        }
        if let Some(value) = members.get(name) {
            let _ = write!(out, " {wire}=\"{}\"", escaped(&scalar(service, member, value)));
        }
    }
    out.push('>');
    children(service, structure, members, out);
    let _ = write!(out, "</{name}>");
}

fn children(service: &Service, structure: &Structure, members: &Map<String, Value>, out: &mut String) {
    for (name, member) in &structure.members {
        let Some(value) = members.get(name).filter(|_| !member.xml_attribute && member.location.is_none()) else {
            continue;
        };
        if member.xml_text {
            out.push_str(&escaped(&scalar(service, member, value)));
        } else {
            property(service, name, member, value, out);
        }
    }
}

/// A member, a list's element, or a map entry's key or value, as an element with its wire name.
fn property(service: &Service, name: &str, member: &Member, value: &Value, out: &mut String) {
    let wire = wire_name(service, name, member);
    let shape = &service.shapes[&member.shape];
    match (&shape.kind, value) {
        (ShapeKind::Structure(it), Value::Object(members)) => {
            let namespace = member.xml_namespace.as_ref().or(shape.xml_namespace.as_ref());
            let declared = namespace.map_or_else(String::new, |it| match &it.prefix {
                Some(prefix) => format!(" xmlns:{prefix}=\"{}\"", it.uri),
                None => format!(" xmlns=\"{}\"", it.uri),
            });
            element(service, wire, it, members, &declared, out);
        }
        (ShapeKind::List(it), Value::Array(elements)) if member.flattened.unwrap_or(it.flattened) => {
            // The elements of a flattened list have their own wire name, if they have one, else the list's.
            let wire = wire_name(service, wire, &it.member);
            elements.iter().for_each(|element| property(service, wire, &it.member, element, out));
        }
        (ShapeKind::List(it), Value::Array(elements)) => {
            let _ = writeln!(out, "<{wire}>");
            elements.iter().for_each(|element| property(service, "member", &it.member, element, out));
            let _ = writeln!(out, "</{wire}>");
        }
        (ShapeKind::Map(it), Value::Object(entries)) => {
            let flat = member.flattened.unwrap_or(it.flattened);
            let (outer, entry) = if flat { ("", wire) } else { (wire, "entry") };
            if !flat {
                let _ = write!(out, "<{outer}>");
            }
            for (key, found) in entries {
                let _ = write!(out, "<{entry}>");
                property(service, "key", &it.key, &Value::String(key.clone()), out);
                property(service, "value", &it.value, found, out);
                let _ = write!(out, "</{entry}>");
            }
            if !flat {
                let _ = write!(out, "</{outer}>");
            }
        }
        (_, value) => {
            let _ = write!(out, "<{wire}>{}</{wire}>", escaped(&scalar(service, member, value)));
        }
    }
}

fn scalar(service: &Service, member: &Member, value: &Value) -> String {
    let shape = &service.shapes[&member.shape];
    let value = match (&shape.kind, value) {
        (ShapeKind::Timestamp(_), _) => &time(member, shape, "iso8601"),
        (ShapeKind::Blob(_), Value::String(string)) => return base64::encode(string.as_bytes()),
        (_, value) => value,
    };
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Escapes markup. Characters that XML forbids are left to the codec's own tests.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&#62;").replace('"', "&quot;")
}
