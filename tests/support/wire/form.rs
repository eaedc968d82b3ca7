//! Inputs as the query protocols send them: names and values before they are percent-encoded.

use aws_core::internals::encoding::base64;
use codegen::model::{Member, Service, ShapeKind, Structure};
use serde_json::{Map, Value};

use super::{time, wire_name};

/// The pairs of the members, in the order of the model.
pub(super) fn pairs(
    service: &Service,
    ec2: bool,
    structure: &Structure,
    members: &Map<String, Value>,
) -> Vec<(String, String)> {
    let mut form = Form { service, ec2, pairs: Vec::new() };
    form.structure("", structure, members);
    form.pairs
}

struct Form<'a> {
    service: &'a Service,
    ec2: bool,
    pairs: Vec<(String, String)>,
}

impl Form<'_> {
    fn structure(&mut self, prefix: &str, structure: &Structure, members: &Map<String, Value>) {
        for (name, member) in &structure.members {
            if let Some(value) = members.get(name) {
                self.value(&under(prefix, &self.name(name, member)), member, value);
            }
        }
    }

    fn name(&self, name: &str, member: &Member) -> String {
        let wire = wire_name(self.service, name, member);
        match (&member.query_name, self.ec2) {
            (Some(name), true) => name.clone(),
            // EC2 capitalizes the names that its responses use.
            (None, true) if wire != name => wire[..1].to_uppercase() + &wire[1..],
            _ => wire.to_owned(),
        }
    }

    fn value(&mut self, name: &str, member: &Member, value: &Value) {
        let shape = &self.service.shapes[&member.shape];
        let string = match (&shape.kind, value) {
            (ShapeKind::Structure(it), Value::Object(members)) => return self.structure(name, it, members),
            (ShapeKind::List(it), Value::Array(elements)) => {
                let element = wire_name(self.service, "member", &it.member);
                let list = match member.flattened.unwrap_or(it.flattened) {
                    _ if self.ec2 => name.to_owned(),
                    // The name of the elements replaces that of the list.
                    true if element != "member" => under(name.rsplit_once('.').map_or("", |it| it.0), element),
                    true => name.to_owned(),
                    false => under(name, element),
                };
                for (index, value) in elements.iter().enumerate() {
                    self.value(&format!("{list}.{}", index + 1), &it.member, value);
                }
                return;
            }
            (ShapeKind::Map(it), Value::Object(entries)) => {
                let flat = member.flattened.unwrap_or(it.flattened);
                let map = if flat { name.to_owned() } else { under(name, "entry") };
                for (index, (key, value)) in entries.iter().enumerate() {
                    let entry = format!("{map}.{}", index + 1);
                    self.pairs.push((under(&entry, wire_name(self.service, "key", &it.key)), key.clone()));
                    self.value(&under(&entry, wire_name(self.service, "value", &it.value)), &it.value, value);
                }
                return;
            }
            (ShapeKind::Timestamp(_), _) => match time(member, shape, "iso8601") {
                Value::String(string) => string,
                number => number.to_string(),
            },
            (ShapeKind::Blob(_), Value::String(string)) => base64::encode(string.as_bytes()),
            (_, Value::String(string)) => string.clone(),
            (_, value) => value.to_string(),
        };
        self.pairs.push((name.to_owned(), string));
    }
}

fn under(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}
