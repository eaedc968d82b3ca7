//! Values as the JSON protocols send them.

use aws_core::internals::encoding::base64;
use codegen::model::{Member, Service, ShapeKind, Structure};
use serde_json::{Map, Value};

use super::{time, wire_name};

/// The JSON object of the members that are sent in the body.
pub(super) fn body(service: &Service, structure: &Structure, members: &Map<String, Value>) -> Value {
    let mut object = Map::new();
    for (name, member) in structure.members.iter().filter(|(_, it)| it.location.is_none()) {
        if let Some(found) = members.get(name) {
            object.insert(wire_name(service, name, member).to_owned(), value(service, member, found));
        }
    }
    Value::Object(object)
}

pub(super) fn value(service: &Service, member: &Member, value: &Value) -> Value {
    let shape = &service.shapes[&member.shape];
    match (&shape.kind, value) {
        (ShapeKind::Structure(it), _) if it.document => value.clone(),
        (ShapeKind::Structure(it), Value::Object(members)) => body(service, it, members),
        (ShapeKind::List(it), Value::Array(elements)) => {
            Value::Array(elements.iter().map(|element| self::value(service, &it.member, element)).collect())
        }
        (ShapeKind::Map(it), Value::Object(entries)) => {
            let entries = entries.iter().map(|(key, found)| (key.clone(), self::value(service, &it.value, found)));
            Value::Object(entries.collect())
        }
        (ShapeKind::Timestamp(_), _) => time(member, shape, "unixTimestamp"),
        (ShapeKind::Blob(_), Value::String(string)) => Value::String(base64::encode(string.as_bytes())),
        (_, value) => value.clone(),
    }
}
