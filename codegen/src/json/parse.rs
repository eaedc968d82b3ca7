//! Bytes into a JSON tree that keeps the order of keys. Broken bytes are a Problem with line and column, a key given
//! twice is a Problem with its place.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::Value;
use super::way::Way;
use crate::report::{Place, Report};

/// Parses a whole document; `None` when it is not JSON, after a complaint about it.
pub fn parse(report: &mut Report, place: &Place, bytes: &[u8]) -> Option<Value> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let twice = RefCell::new(Vec::new());
    let tree = Tree { root: place, way: Way::default(), twice: &twice };
    let parsed = tree.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    for (place, key) in twice.into_inner() {
        report.duplicate_key(place, &key);
    }
    match parsed {
        Ok(value) => Some(value),
        Err(error) => {
            report.problem(place.clone(), format!("not readable as JSON: {error}"));
            None
        }
    }
}

/// Builds one value and notes keys given twice.
struct Tree<'a> {
    root: &'a Place,
    way: Way<'a>,
    twice: &'a RefCell<Vec<(Place, String)>>,
}

impl Tree<'_> {
    fn below<'b>(&'b self, way: Way<'b>) -> Tree<'b> {
        Tree { root: self.root, way, twice: self.twice }
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = access.next_element_seed(self.below(self.way.index(list.len())))? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = serde_json::Map::new();
        while let Some(key) = access.next_key::<String>()? {
            let value = access.next_value_seed(self.below(self.way.key(&key)))?;
            if map.contains_key(&key) {
                self.twice.borrow_mut().push((self.way.place(self.root), key.clone()));
            }
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>, problems: &[&str]) {
        let mut report = Report::new();
        let value = parse(&mut report, &Place::new("f.json"), text.as_bytes());
        assert_eq!(value.map(|value| value.to_string()).as_deref(), expect, "{text}");
        let found: Vec<String> = report.problems().iter().map(ToString::to_string).collect();
        assert_eq!(found, problems, "{text}");
    }

    #[test]
    fn values_keep_order_and_kind() {
        check(r#"{"b":1,"a":[null,true,-2,1.5,"x\n"]}"#, Some(r#"{"b":1,"a":[null,true,-2,1.5,"x\n"]}"#), &[]);
        check("\u{feff}{}", Some("{}"), &[]);
        check("18446744073709551615", Some("18446744073709551615"), &[]);
    }

    #[test]
    fn broken_bytes_name_line_and_column() {
        check("{\"a\":\n  ", None, &["f.json: not readable as JSON: EOF while parsing a value at line 2 column 2"]);
        check("", None, &["f.json: not readable as JSON: EOF while parsing a value at line 1 column 0"]);
        check("{} x", None, &["f.json: not readable as JSON: trailing characters at line 1 column 4"]);
    }

    #[test]
    fn keys_given_twice() {
        check(
            r#"{"shapes":[{"a":1,"a":2}]}"#,
            Some(r#"{"shapes":[{"a":2}]}"#),
            &["f.json#/shapes/0/a: the key `a` is given twice in one object"],
        );
    }

    #[test]
    fn depth_is_limited() {
        let mut report = Report::new();
        assert!(parse(&mut report, &Place::new("f"), "[".repeat(100_000).as_bytes()).is_none());
        assert_eq!(report.len(), 1);
    }
}
