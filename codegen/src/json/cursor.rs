//! `Cursor`: a JSON value that knows its location and which of its keys were read. Dropping it reports a problem for
//! every key that was not read, so a reader is strict without code of its own. A wrong or missing value is a problem
//! too and yields a placeholder: a reader never stops early, and all problems are reported together.

use std::cell::{Cell, RefCell};

use super::pointer::PointerChain;
use super::{Map, Number, Value, type_name};
use crate::report::{Report, SourceLocation};

/// Reads a document: calls `with` with a cursor on its root; all problems go to `report`.
pub fn read<T>(report: &mut Report, location: SourceLocation, value: &Value, with: impl FnOnce(&Cursor<'_>) -> T) -> T {
    let sink = Sink { root: location, report: RefCell::new(Report::new()) };
    let result = {
        let root = Cursor::new(value, PointerChain::default(), &sink);
        with(&root)
    };
    report.merge(sink.report.into_inner());
    result
}

struct Sink {
    root: SourceLocation,
    report: RefCell<Report>,
}

/// A JSON value, its location, and the keys that were read.
pub struct Cursor<'a> {
    value: &'a Value,
    pointer: PointerChain<'a>,
    sink: &'a Sink,
    read_keys: RefCell<Vec<&'static str>>,
    /// Whether unread keys are no problem (any more): the whole value was read, or a problem with it was reported.
    consumed: Cell<bool>,
}

impl<'a> Cursor<'a> {
    fn new(value: &'a Value, pointer: PointerChain<'a>, sink: &'a Sink) -> Cursor<'a> {
        Cursor { value, pointer, sink, read_keys: RefCell::default(), consumed: Cell::new(false) }
    }

    /// The location of this value.
    pub fn location(&self) -> SourceLocation {
        self.pointer.location(&self.sink.root)
    }

    /// Reports a problem with this value: `problem` gets the report and the value's location.
    pub fn problem(&self, problem: impl FnOnce(&mut Report, SourceLocation)) {
        self.consumed.set(true);
        problem(&mut self.sink.report.borrow_mut(), self.location());
    }

    /// The value as parsed, for what the model stores as JSON.
    pub fn raw(&self) -> &'a Value {
        self.consumed.set(true);
        self.value
    }

    /// Whether this is an object. The `is_…` methods let a reader choose between two spellings.
    pub fn is_object(&self) -> bool {
        self.value.is_object()
    }

    /// Whether this is an array.
    pub fn is_list(&self) -> bool {
        self.value.is_array()
    }

    /// Whether this is a boolean.
    pub fn is_flag(&self) -> bool {
        self.value.is_boolean()
    }

    /// Whether this is a string.
    pub fn is_string(&self) -> bool {
        self.value.is_string()
    }

    /// Whether this is a number.
    pub fn is_number(&self) -> bool {
        self.value.is_number()
    }

    // ---- this value as a whole

    /// This value as a string; otherwise a problem and "".
    pub fn as_string(&self) -> String {
        self.read_as("a string", |value| value.as_str().map(str::to_string)).unwrap_or_default()
    }

    /// This value as strings: an array of them, or one alone.
    pub fn as_strings(&self) -> Vec<String> {
        match self.is_list() {
            true => self.as_list(|element| element.as_string()),
            false => vec![self.as_string()],
        }
    }

    /// This value as a boolean; otherwise a problem and false.
    pub fn as_flag(&self) -> bool {
        self.read_as("a boolean", Value::as_bool).unwrap_or_default()
    }

    /// This value as an integer; otherwise a problem and 0.
    pub fn as_integer(&self) -> i64 {
        self.read_as("an integer", Value::as_i64).unwrap_or_default()
    }

    /// This string as one of `keywords`; otherwise a problem and `None`.
    pub fn as_keyword<T: Copy>(&self, keywords: &[(&str, T)]) -> Option<T> {
        let keyword = self.read_as("a string", Value::as_str)?;
        let found = keywords.iter().find(|(known, _)| *known == keyword);
        if found.is_none() {
            let expected: Vec<_> = keywords.iter().map(|(known, _)| *known).collect();
            self.problem(|report, location| report.unknown_value(location, keyword, &expected));
        }
        found.map(|(_, value)| *value)
    }

    /// Every element of this array, in order; empty, with a problem, if this is not an array.
    pub fn as_list<T>(&self, mut each: impl FnMut(&Cursor<'_>) -> T) -> Vec<T> {
        let Some(list) = self.read_as("an array", Value::as_array) else { return Vec::new() };
        let element = |(index, value)| each(&Cursor::new(value, self.pointer.index(index), self.sink));
        list.iter().enumerate().map(element).collect()
    }

    /// This object as parsed; otherwise a problem and `None`.
    pub fn as_object(&self) -> Option<&'a Value> {
        self.read_as("an object", |value| value.is_object().then_some(()))?;
        Some(self.value)
    }

    /// Every entry of this object, in order, whatever its key; empty, with a problem, if this is not an object.
    pub fn as_map<T>(&self, mut each: impl FnMut(&str, &Cursor<'_>) -> T) -> Map<T> {
        let Some(map) = self.read_as("an object", Value::as_object) else { return Map::new() };
        let entry = |(key, value): (&String, _)| {
            let cursor = Cursor::new(value, self.pointer.key(key), self.sink);
            (key.clone(), each(key, &cursor))
        };
        map.iter().map(entry).collect()
    }

    fn read_as<'v, T>(&'v self, expected: &str, read: impl FnOnce(&'v Value) -> Option<T>) -> Option<T> {
        let found = read(self.value);
        if found.is_none() && !self.consumed.get() {
            self.problem(|report, location| report.wrong_type(location, expected, type_name(self.value)));
        }
        self.consumed.set(true);
        found
    }

    // ---- one key of this object

    /// The value at `key`, if there is one; also marks `key` as read.
    pub fn get(&self, key: &'static str) -> Option<Cursor<'_>> {
        self.read_keys.borrow_mut().push(key);
        let Value::Object(map) = self.value else {
            if !self.consumed.get() {
                self.problem(|report, location| report.wrong_type(location, "an object", type_name(self.value)));
            }
            return None;
        };
        let (key, value) = map.get_key_value(key)?;
        Some(Cursor::new(value, self.pointer.key(key), self.sink))
    }

    /// The value at `key`; a missing key is a problem.
    pub fn required(&self, key: &'static str) -> Option<Cursor<'_>> {
        let found = self.get(key);
        if found.is_none() && self.value.is_object() {
            self.sink.report.borrow_mut().missing_key(self.location(), key);
        }
        found
    }

    /// An optional string at `key`.
    pub fn string(&self, key: &'static str) -> Option<String> {
        self.get(key).map(|value| value.as_string())
    }

    /// A required string at `key`.
    pub fn required_string(&self, key: &'static str) -> String {
        self.required(key).map(|value| value.as_string()).unwrap_or_default()
    }

    /// A boolean at `key`; absent means false.
    pub fn flag(&self, key: &'static str) -> bool {
        self.get(key).is_some_and(|value| value.as_flag())
    }

    /// An optional integer at `key`.
    pub fn integer(&self, key: &'static str) -> Option<i64> {
        self.get(key).map(|value| value.as_integer())
    }

    /// A required integer at `key`.
    pub fn required_integer(&self, key: &'static str) -> i64 {
        self.required(key).map(|value| value.as_integer()).unwrap_or_default()
    }

    /// An optional number of any kind at `key`.
    pub fn number(&self, key: &'static str) -> Option<Number> {
        self.get(key)?.read_as("a number", |value| value.as_number().cloned())
    }

    /// A required string at `key` that is one of `keywords`; otherwise a problem and `None`.
    pub fn required_keyword<T: Copy>(&self, key: &'static str, keywords: &[(&str, T)]) -> Option<T> {
        self.required(key)?.as_keyword(keywords)
    }

    /// An optional array of strings at `key`; absent means empty.
    pub fn strings(&self, key: &'static str) -> Vec<String> {
        self.list(key, |element| element.as_string())
    }

    /// A string or an array of strings at `key`; absent means empty.
    pub fn one_or_more_strings(&self, key: &'static str) -> Vec<String> {
        self.get(key).map(|value| value.as_strings()).unwrap_or_default()
    }

    /// A required string or array of strings at `key`.
    pub fn required_strings(&self, key: &'static str) -> Vec<String> {
        self.required(key).map(|value| value.as_strings()).unwrap_or_default()
    }

    /// A required array at `key`.
    pub fn required_list<T>(&self, key: &'static str, each: impl FnMut(&Cursor<'_>) -> T) -> Vec<T> {
        self.required(key).map(|value| value.as_list(each)).unwrap_or_default()
    }

    /// An optional array at `key`; absent means empty.
    pub fn list<T>(&self, key: &'static str, each: impl FnMut(&Cursor<'_>) -> T) -> Vec<T> {
        self.get(key).map(|value| value.as_list(each)).unwrap_or_default()
    }

    /// An optional object with free keys at `key`; absent means empty.
    pub fn map<T>(&self, key: &'static str, each: impl FnMut(&str, &Cursor<'_>) -> T) -> Map<T> {
        self.get(key).map(|value| value.as_map(each)).unwrap_or_default()
    }

    /// A required object with free keys at `key`.
    pub fn required_map<T>(&self, key: &'static str, each: impl FnMut(&str, &Cursor<'_>) -> T) -> Map<T> {
        self.required(key).map(|value| value.as_map(each)).unwrap_or_default()
    }
}

impl Drop for Cursor<'_> {
    fn drop(&mut self) {
        let Value::Object(map) = self.value else { return };
        if self.consumed.get() {
            return;
        }
        let read_keys = self.read_keys.borrow();
        for key in map.keys().filter(|key| !read_keys.contains(&key.as_str())) {
            let location = self.location();
            self.sink.report.borrow_mut().unknown_key(location, key, &read_keys);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(value: Value, with: impl FnOnce(&Cursor<'_>), expect: &[&str]) {
        let mut report = Report::new();
        read(&mut report, SourceLocation::new("f.json"), &value, with);
        let found: Vec<String> = report.problems().iter().map(ToString::to_string).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn unread_keys_are_problems() {
        let value = || json!({"name": "a", "http": {"method": "GET", "rest": 1}, "x": {"y": 1}});
        check(
            value(),
            |c| {
                c.required_string("name");
                c.required("http").map(|http| http.required_string("method"));
            },
            &[
                "f.json#/http/rest: unknown key `rest` (the generator must learn what it means before it may be ignored)",
                "f.json#/x: unknown key `x` (the generator must learn what it means before it may be ignored)",
            ],
        );
        check(value(), |c| assert!(c.raw().is_object()), &[]);
    }

    #[test]
    fn every_wrong_value_is_one_problem() {
        check(
            json!({"a": 1, "b": "x", "c": [1, "y"], "d": {"e": true}, "f": null}),
            |c| {
                assert_eq!(c.required_string("a"), "");
                assert_eq!(c.integer("b"), Some(0));
                assert_eq!(c.strings("c"), ["", "y"]);
                assert_eq!(c.strings("d"), Vec::<String>::new());
                assert!(!c.flag("f"));
                assert_eq!(c.required_string("gone"), "");
            },
            &[
                "f.json: the key `gone` is missing",
                "f.json#/a: expected a string, found a number",
                "f.json#/b: expected an integer, found a string",
                "f.json#/c/0: expected a string, found a number",
                "f.json#/d: expected an array, found an object",
                "f.json#/f: expected a boolean, found null",
            ],
        );
    }

    #[test]
    fn a_wrong_type_is_reported_once_for_all_keys() {
        let read = |c: &Cursor<'_>| {
            assert_eq!(c.required_string("a"), "");
            assert_eq!(c.required_string("b"), "");
        };
        check(json!([1]), read, &["f.json: expected an object, found an array"]);
    }

    #[test]
    fn unknown_keywords_are_problems() {
        let keywords = [("one", 1), ("two", 2)];
        check(
            json!({"m": {"b": "two", "a": "three"}}),
            |c| {
                let map = c.required_map("m", |_, value| value.as_keyword(&keywords));
                assert_eq!(map.into_iter().collect::<Vec<_>>(), [("b".into(), Some(2)), ("a".into(), None)]);
            },
            &["f.json#/m/a: unknown value `three` (expected one of one, two)"],
        );
    }
}
