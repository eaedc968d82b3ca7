//! `Cursor`: a JSON value that knows its place and which of its keys were asked for. Dropping it files a Problem for
//! every key nobody asked for, so strictness costs a reader no code. Wrong or missing values file a Problem too and
//! yield a stand-in: a reader never stops early, and all complaints come together.

use std::cell::{Cell, RefCell};

use super::way::Way;
use super::{Map, Number, Value};
use crate::report::{Place, Report};

/// Reads a document: `with` gets a cursor on its root; all complaints go to `report`.
pub fn read<T>(report: &mut Report, place: Place, value: &Value, with: impl FnOnce(&Cursor<'_>) -> T) -> T {
    let sink = Sink { root: place, report: RefCell::new(Report::new()) };
    let result = {
        let root = Cursor::new(value, Way::default(), &sink);
        with(&root)
    };
    report.merge(sink.report.into_inner());
    result
}

struct Sink {
    root: Place,
    report: RefCell<Report>,
}

/// A JSON value, its place, and the keys that were asked for.
pub struct Cursor<'a> {
    value: &'a Value,
    way: Way<'a>,
    sink: &'a Sink,
    asked: RefCell<Vec<&'static str>>,
    /// Nothing is left to complain of: read as a whole, or complained of as a whole.
    settled: Cell<bool>,
}

impl<'a> Cursor<'a> {
    fn new(value: &'a Value, way: Way<'a>, sink: &'a Sink) -> Cursor<'a> {
        Cursor { value, way, sink, asked: RefCell::default(), settled: Cell::new(false) }
    }

    /// Where this value is.
    pub fn place(&self) -> Place {
        self.way.place(&self.sink.root)
    }

    /// Files a complaint about this value.
    pub fn complain(&self, complaint: impl FnOnce(&mut Report, Place)) {
        self.settled.set(true);
        complaint(&mut self.sink.report.borrow_mut(), self.place());
    }

    /// The value itself, for what is kept as it is.
    pub fn raw(&self) -> &'a Value {
        self.settled.set(true);
        self.value
    }

    /// True for an object; these questions let a reader choose between two spellings.
    pub fn is_object(&self) -> bool {
        self.value.is_object()
    }

    /// True for an array.
    pub fn is_list(&self) -> bool {
        self.value.is_array()
    }

    /// True for true and false.
    pub fn is_flag(&self) -> bool {
        self.value.is_boolean()
    }

    /// True for text.
    pub fn is_text(&self) -> bool {
        self.value.is_string()
    }

    /// True for a number.
    pub fn is_number(&self) -> bool {
        self.value.is_number()
    }

    // ---- this value as a whole

    /// This value as text; a complaint and "" otherwise.
    pub fn as_text(&self) -> String {
        self.whole("text", |value| value.as_str().map(str::to_string)).unwrap_or_default()
    }

    /// This value as one text or an array of texts.
    pub fn as_texts(&self) -> Vec<String> {
        match self.is_list() {
            true => self.as_list(|it| it.as_text()),
            false => vec![self.as_text()],
        }
    }

    /// This value as true or false; a complaint and false otherwise.
    pub fn as_flag(&self) -> bool {
        self.whole("true or false", Value::as_bool).unwrap_or_default()
    }

    /// This value as a whole number; a complaint and 0 otherwise.
    pub fn as_integer(&self) -> i64 {
        self.whole("a whole number", Value::as_i64).unwrap_or_default()
    }

    /// This text as one of the words listed; a complaint and the first otherwise.
    pub fn as_word<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let text = self.whole("text", Value::as_str)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.complain(|report, place| report.unknown_word(place, text, &known));
        }
        found.map(|(_, value)| *value)
    }

    /// Every element of this array.
    pub fn as_list<T>(&self, mut each: impl FnMut(&Cursor<'_>) -> T) -> Vec<T> {
        let Some(list) = self.whole("an array", Value::as_array) else { return Vec::new() };
        let element = |(index, value)| each(&Cursor::new(value, self.way.index(index), self.sink));
        list.iter().enumerate().map(element).collect()
    }

    /// This object as it is; a complaint otherwise.
    pub fn as_object(&self) -> Option<&'a Value> {
        self.whole("an object", |value| value.is_object().then_some(()))?;
        Some(self.value)
    }

    /// Every entry of this object, whatever its key.
    pub fn as_map<T>(&self, mut each: impl FnMut(&str, &Cursor<'_>) -> T) -> Map<T> {
        let Some(map) = self.whole("an object", Value::as_object) else { return Map::new() };
        let entry = |(key, value): (&String, _)| {
            let cursor = Cursor::new(value, self.way.key(key), self.sink);
            (key.clone(), each(key, &cursor))
        };
        map.iter().map(entry).collect()
    }

    fn whole<'v, T>(&'v self, expected: &str, read: impl FnOnce(&'v Value) -> Option<T>) -> Option<T> {
        let found = read(self.value);
        if found.is_none() && !self.settled.get() {
            self.complain(|report, place| report.wrong_type(place, expected, kind(self.value)));
        }
        self.settled.set(true);
        found
    }

    // ---- one key of this object

    /// The value at `key`, if there is one.
    pub fn get(&self, key: &'static str) -> Option<Cursor<'_>> {
        self.asked.borrow_mut().push(key);
        let Value::Object(map) = self.value else {
            if !self.settled.get() {
                self.complain(|report, place| report.wrong_type(place, "an object", kind(self.value)));
            }
            return None;
        };
        let (key, value) = map.get_key_value(key)?;
        Some(Cursor::new(value, self.way.key(key), self.sink))
    }

    /// The value at `key`, which must be there.
    pub fn need(&self, key: &'static str) -> Option<Cursor<'_>> {
        let found = self.get(key);
        if found.is_none() && self.value.is_object() {
            self.sink.report.borrow_mut().missing_key(self.place(), key);
        }
        found
    }

    /// Optional text at `key`.
    pub fn text(&self, key: &'static str) -> Option<String> {
        self.get(key).map(|value| value.as_text())
    }

    /// Text at `key`, which must be there.
    pub fn need_text(&self, key: &'static str) -> String {
        self.need(key).map(|value| value.as_text()).unwrap_or_default()
    }

    /// True or false at `key`; absent means false.
    pub fn flag(&self, key: &'static str) -> bool {
        self.get(key).is_some_and(|value| value.as_flag())
    }

    /// An optional whole number at `key`.
    pub fn integer(&self, key: &'static str) -> Option<i64> {
        self.get(key).map(|value| value.as_integer())
    }

    /// A whole number at `key`, which must be there.
    pub fn need_integer(&self, key: &'static str) -> i64 {
        self.need(key).map(|value| value.as_integer()).unwrap_or_default()
    }

    /// An optional number of any kind at `key`.
    pub fn number(&self, key: &'static str) -> Option<Number> {
        self.get(key)?.whole("a number", |value| value.as_number().cloned())
    }

    /// One of the words listed at `key`, which must be there; a complaint and `None` otherwise.
    pub fn need_word<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        self.need(key)?.as_word(words)
    }

    /// An optional array of texts at `key`; absent means empty.
    pub fn texts(&self, key: &'static str) -> Vec<String> {
        self.list(key, |it| it.as_text())
    }

    /// One text or an array of texts at `key`; absent means empty.
    pub fn one_or_more_texts(&self, key: &'static str) -> Vec<String> {
        self.get(key).map(|value| value.as_texts()).unwrap_or_default()
    }

    /// One text or an array of texts at `key`, which must be there.
    pub fn need_texts(&self, key: &'static str) -> Vec<String> {
        self.need(key).map(|value| value.as_texts()).unwrap_or_default()
    }

    /// An array at `key`, which must be there.
    pub fn need_list<T>(&self, key: &'static str, each: impl FnMut(&Cursor<'_>) -> T) -> Vec<T> {
        self.need(key).map(|value| value.as_list(each)).unwrap_or_default()
    }

    /// An optional array at `key`; absent means empty.
    pub fn list<T>(&self, key: &'static str, each: impl FnMut(&Cursor<'_>) -> T) -> Vec<T> {
        self.get(key).map(|value| value.as_list(each)).unwrap_or_default()
    }

    /// An optional object with free keys at `key`; absent means empty.
    pub fn map<T>(&self, key: &'static str, each: impl FnMut(&str, &Cursor<'_>) -> T) -> Map<T> {
        self.get(key).map(|value| value.as_map(each)).unwrap_or_default()
    }

    /// An object with free keys at `key`, which must be there.
    pub fn need_map<T>(&self, key: &'static str, each: impl FnMut(&str, &Cursor<'_>) -> T) -> Map<T> {
        self.need(key).map(|value| value.as_map(each)).unwrap_or_default()
    }
}

impl Drop for Cursor<'_> {
    fn drop(&mut self) {
        let Value::Object(map) = self.value else { return };
        if self.settled.get() {
            return;
        }
        let asked = self.asked.borrow();
        for key in map.keys().filter(|key| !asked.contains(&key.as_str())) {
            let place = self.place();
            self.sink.report.borrow_mut().unknown_key(place, key, &asked);
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(value: Value, with: impl FnOnce(&Cursor<'_>), expect: &[&str]) {
        let mut report = Report::new();
        read(&mut report, Place::new("f.json"), &value, with);
        let found: Vec<String> = report.problems().iter().map(ToString::to_string).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn unread_keys_are_complaints() {
        let value = || json!({"name": "a", "http": {"method": "GET", "rest": 1}, "x": {"y": 1}});
        check(
            value(),
            |c| {
                c.need_text("name");
                c.need("http").map(|http| http.need_text("method"));
            },
            &[
                "f.json#/http/rest: unknown key `rest` (the generator must learn what it means before it may be ignored)",
                "f.json#/x: unknown key `x` (the generator must learn what it means before it may be ignored)",
            ],
        );
        check(value(), |c| assert!(c.raw().is_object()), &[]);
    }

    #[test]
    fn every_wrong_value_is_one_complaint() {
        check(
            json!({"a": 1, "b": "x", "c": [1, "y"], "d": {"e": true}, "f": null}),
            |c| {
                assert_eq!(c.need_text("a"), "");
                assert_eq!(c.integer("b"), Some(0));
                assert_eq!(c.texts("c"), ["", "y"]);
                assert_eq!(c.texts("d"), Vec::<String>::new());
                assert!(!c.flag("f"));
                assert_eq!(c.need_text("gone"), "");
            },
            &[
                "f.json: the key `gone` is missing",
                "f.json#/a: expected text, found a number",
                "f.json#/b: expected a whole number, found text",
                "f.json#/c/0: expected text, found a number",
                "f.json#/d: expected an array, found an object",
                "f.json#/f: expected true or false, found null",
            ],
        );
    }

    #[test]
    fn a_list_where_an_object_should_be() {
        let read = |c: &Cursor<'_>| {
            assert_eq!(c.need_text("a"), "");
            assert_eq!(c.need_text("b"), "");
        };
        check(json!([1]), read, &["f.json: expected an object, found an array"]);
    }

    #[test]
    fn words_and_maps() {
        let words = [("one", 1), ("two", 2)];
        check(
            json!({"m": {"b": "two", "a": "three"}}),
            |c| {
                let map = c.need_map("m", |_, value| value.as_word(&words));
                assert_eq!(map.into_iter().collect::<Vec<_>>(), [("b".into(), Some(2)), ("a".into(), None)]);
            },
            &["f.json#/m/a: unknown word `three` (one of one, two)"],
        );
    }
}
