//! Where a reader stands in a JSON document, and what it has complained about so far. Knows nothing of what the document means.

use super::Complaint;
use serde_json::{Map, Value};

/// A reader's position, as a JSON pointer, with the complaints made on the way.
#[derive(Default)]
pub(super) struct Place {
    path: Vec<String>,
    pub(super) complaints: Vec<Complaint>,
}

impl Place {
    pub(super) fn enter(&mut self, key: impl ToString) {
        self.path.push(key.to_string().replace('~', "~0").replace('/', "~1"));
    }

    pub(super) fn leave(&mut self) {
        self.path.pop();
    }

    pub(super) fn complain(&mut self, message: impl Into<String>) {
        let pointer = self.path.iter().flat_map(|it| ["/", it]).collect();
        self.complaints.push((pointer, message.into()));
    }

    /// A complaint about the value under `key` of the object the reader stands at.
    pub(super) fn complain_at(&mut self, key: impl ToString, message: impl Into<String>) {
        self.enter(key);
        self.complain(message);
        self.leave();
    }

    /// The object at this place; every key outside `known` is a complaint.
    pub(super) fn object<'v>(&mut self, value: &'v Value, known: &[&str]) -> Option<&'v Map<String, Value>> {
        let Some(object) = value.as_object() else {
            self.complain(format!("expected an object, found {}", kind(value)));
            return None;
        };
        for key in object.keys().filter(|it| !known.contains(&it.as_str())) {
            self.complain_at(key, format!("unknown key `{key}`; known here: {}", known.join(", ")));
        }
        Some(object)
    }

    /// The value under `key`, or a complaint that it is missing.
    pub(super) fn required<'v>(&mut self, object: &'v Map<String, Value>, key: &str) -> Option<&'v Value> {
        let value = object.get(key);
        if value.is_none() {
            self.complain(format!("`{key}` is missing"));
        }
        value
    }

    /// The text under `key`; missing or of another type is a complaint.
    pub(super) fn string<'v>(&mut self, object: &'v Map<String, Value>, key: &str) -> Option<&'v str> {
        let value = self.required(object, key)?;
        if !value.is_string() {
            self.complain_at(key, format!("expected a string, found {}", kind(value)));
        }
        value.as_str()
    }

    /// The text under `key` if the key is there; another type is a complaint.
    pub(super) fn optional_string<'v>(&mut self, object: &'v Map<String, Value>, key: &str) -> Option<&'v str> {
        object.contains_key(key).then(|| self.string(object, key)).flatten()
    }

    /// The boolean under `key`, false if the key is missing; another type is a complaint.
    pub(super) fn flag(&mut self, object: &Map<String, Value>, key: &str) -> bool {
        match object.get(key) {
            None => false,
            Some(Value::Bool(it)) => *it,
            Some(other) => {
                self.complain_at(key, format!("expected a boolean, found {}", kind(other)));
                false
            }
        }
    }

    /// The list under `key`, with a complaint if it is missing or something else.
    pub(super) fn list<'v>(&mut self, object: &'v Map<String, Value>, key: &str) -> &'v [Value] {
        match self.required(object, key) {
            Some(Value::Array(it)) => it,
            Some(other) => {
                self.complain_at(key, format!("expected a list, found {}", kind(other)));
                &[]
            }
            None => &[],
        }
    }
}

/// What a JSON value is, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
