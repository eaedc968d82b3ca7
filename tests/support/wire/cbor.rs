//! Values as CBOR, all of a definite length.

use codegen::model::{Member, Service, ShapeKind, Structure};
use serde_json::{Map, Value};

use super::wire_name;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

/// The CBOR map of the members.
pub(super) fn body(service: &Service, structure: &Structure, members: &Map<String, Value>) -> Vec<u8> {
    let mut out = Vec::new();
    fields(service, structure, members, None, &mut out);
    out
}

/// The same with an error's `__type`.
pub(super) fn error(service: &Service, structure: &Structure, members: &Map<String, Value>, ty: &str) -> Vec<u8> {
    let mut out = Vec::new();
    fields(service, structure, members, Some(ty), &mut out);
    out
}

fn fields(service: &Service, structure: &Structure, members: &Map<String, Value>, ty: Option<&str>, out: &mut Vec<u8>) {
    let found: Vec<_> =
        structure.members.iter().filter_map(|(name, it)| Some((name, it, members.get(name)?))).collect();
    head(MAP, (found.len() + usize::from(ty.is_some())) as u64, out);
    if let Some(ty) = ty {
        text("__type", out);
        text(ty, out);
    }
    for (name, member, found) in found {
        text(wire_name(service, name, member), out);
        value(service, member, found, out);
    }
}

fn value(service: &Service, member: &Member, value: &Value, out: &mut Vec<u8>) {
    match (&service.shapes[&member.shape].kind, value) {
        (ShapeKind::Structure(it), Value::Object(members)) => fields(service, it, members, None, out),
        (ShapeKind::List(it), Value::Array(elements)) => {
            head(ARRAY, elements.len() as u64, out);
            elements.iter().for_each(|element| self::value(service, &it.member, element, out));
        }
        (ShapeKind::Map(it), Value::Object(entries)) => {
            head(MAP, entries.len() as u64, out);
            for (key, found) in entries {
                text(key, out);
                self::value(service, &it.value, found, out);
            }
        }
        (ShapeKind::Timestamp(_), value) => {
            head(TAG, 1, out);
            integer(value.as_i64().unwrap_or_default(), out);
        }
        (ShapeKind::Blob(_), Value::String(blob)) => {
            head(BYTES, blob.len() as u64, out);
            out.extend(blob.as_bytes());
        }
        (ShapeKind::Float(_), value) => {
            out.push(0xfa);
            out.extend((value.as_f64().unwrap_or_default() as f32).to_be_bytes());
        }
        (ShapeKind::Double(_), value) => {
            out.push(0xfb);
            out.extend(value.as_f64().unwrap_or_default().to_be_bytes());
        }
        (_, Value::String(it)) => text(it, out),
        (_, Value::Bool(it)) => out.push(if *it { 0xf5 } else { 0xf4 }),
        (_, Value::Number(it)) => integer(it.as_i64().unwrap_or_default(), out),
        _ => out.push(0xf6),
    }
}

fn integer(value: i64, out: &mut Vec<u8>) {
    match u64::try_from(value) {
        Ok(value) => head(UNSIGNED, value, out),
        Err(_) => head(NEGATIVE, !(value as u64), out),
    }
}

fn text(text: &str, out: &mut Vec<u8>) {
    head(TEXT, text.len() as u64, out);
    out.extend(text.as_bytes());
}

fn head(major: u8, value: u64, out: &mut Vec<u8>) {
    let major = major << 5;
    match value {
        0..24 => out.push(major | value as u8),
        24..256 => out.extend([major | 24, value as u8]),
        256..65_536 => {
            out.push(major | 25);
            out.extend((value as u16).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend(value.to_be_bytes());
        }
    }
}
