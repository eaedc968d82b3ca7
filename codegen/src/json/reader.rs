//! `JsonReader`: the current position in a JSON document and the problems found so far. Knows nothing about what the
//! document means.

use serde_json::{Map, Value};

use super::{JsonProblem, type_name};

/// The position of a reader, as a JSON pointer, and the problems it found.
#[derive(Default)]
pub(crate) struct JsonReader {
    path: Vec<String>,
    pub(crate) problems: Vec<JsonProblem>,
}

impl JsonReader {
    /// Moves down to `key`, a key of an object or an index of an array.
    pub(crate) fn enter(&mut self, key: impl ToString) {
        self.path.push(key.to_string().replace('~', "~0").replace('/', "~1"));
    }

    /// Moves back up.
    pub(crate) fn leave(&mut self) {
        self.path.pop();
    }

    /// Records a problem with the current value.
    pub(crate) fn problem(&mut self, message: impl Into<String>) {
        let pointer = self.path.iter().flat_map(|step| ["/", step]).collect();
        self.problems.push((pointer, message.into()));
    }

    /// Records a problem with the value under `key` of the current object.
    pub(crate) fn problem_at(&mut self, key: impl ToString, message: impl Into<String>) {
        self.enter(key);
        self.problem(message);
        self.leave();
    }

    /// The current value, which must be an object; every key outside `known` is a problem.
    pub(crate) fn object<'v>(&mut self, value: &'v Value, known: &[&str]) -> Option<&'v Map<String, Value>> {
        let Some(object) = value.as_object() else {
            self.problem(format!("expected an object, found {}", type_name(value)));
            return None;
        };
        for key in object.keys().filter(|it| !known.contains(&it.as_str())) {
            self.problem_at(key, format!("unknown key `{key}`; known here: {}", known.join(", ")));
        }
        Some(object)
    }

    /// The value under `key`; a missing key is a problem.
    pub(crate) fn required<'v>(&mut self, object: &'v Map<String, Value>, key: &str) -> Option<&'v Value> {
        let value = object.get(key);
        if value.is_none() {
            self.problem(format!("`{key}` is missing"));
        }
        value
    }

    /// The string under `key`; a missing key or another type is a problem.
    pub(crate) fn string<'v>(&mut self, object: &'v Map<String, Value>, key: &str) -> Option<&'v str> {
        let value = self.required(object, key)?;
        if !value.is_string() {
            self.problem_at(key, format!("expected a string, found {}", type_name(value)));
        }
        value.as_str()
    }

    /// The string under `key` if the key is there; another type is a problem.
    pub(crate) fn optional_string<'v>(&mut self, object: &'v Map<String, Value>, key: &str) -> Option<&'v str> {
        object.contains_key(key).then(|| self.string(object, key)).flatten()
    }

    /// The boolean under `key`, false if the key is missing; another type is a problem.
    pub(crate) fn flag(&mut self, object: &Map<String, Value>, key: &str) -> bool {
        match object.get(key) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(other) => {
                self.problem_at(key, format!("expected a boolean, found {}", type_name(other)));
                false
            }
        }
    }

    /// The array under `key`; a missing key or another type is a problem.
    pub(crate) fn list<'v>(&mut self, object: &'v Map<String, Value>, key: &str) -> &'v [Value] {
        match self.required(object, key) {
            Some(Value::Array(list)) => list,
            Some(other) => {
                self.problem_at(key, format!("expected an array, found {}", type_name(other)));
                &[]
            }
            None => &[],
        }
    }
}
