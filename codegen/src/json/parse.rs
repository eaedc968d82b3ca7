//! Parses bytes into a JSON tree that keeps the order of keys. Malformed JSON is a problem with line and column; a
//! duplicate key is a problem with its location.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::Value;
use super::pointer::PointerChain;
use crate::report::{Report, SourceLocation};

/// Parses a whole document; `None`, after reporting a problem, if it is not JSON.
pub fn parse(report: &mut Report, location: &SourceLocation, bytes: &[u8]) -> Option<Value> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let duplicates = RefCell::new(Vec::new());
    let tree = Tree { root: location, pointer: PointerChain::default(), duplicates: &duplicates };
    let parsed = tree.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    for (location, key) in duplicates.into_inner() {
        report.duplicate_key(location, &key);
    }
    match parsed {
        Ok(value) => Some(value),
        Err(error) => {
            report.problem(location.clone(), format!("invalid JSON: {error}"));
            None
        }
    }
}

/// Builds one value and records duplicate keys.
struct Tree<'a> {
    root: &'a SourceLocation,
    pointer: PointerChain<'a>,
    duplicates: &'a RefCell<Vec<(SourceLocation, String)>>,
}

impl Tree<'_> {
    fn descend<'b>(&'b self, pointer: PointerChain<'b>) -> Tree<'b> {
        Tree { root: self.root, pointer, duplicates: self.duplicates }
    }
}

/// The only key of the map that serde_json passes instead of a number with a point or an exponent, where another crate
/// enables its feature `arbitrary_precision`; the value is the number as a string.
const NUMBER: &str = "$serde_json::private::Number";

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
        while let Some(value) = access.next_element_seed(self.descend(self.pointer.index(list.len())))? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = serde_json::Map::new();
        while let Some(key) = access.next_key::<String>()? {
            if key == NUMBER {
                let digits = access.next_value::<String>()?;
                let number = digits.parse().ok().and_then(serde_json::Number::from_f64);
                return number.map(Value::Number).ok_or_else(|| A::Error::custom("number out of range"));
            }
            let value = access.next_value_seed(self.descend(self.pointer.key(&key)))?;
            if map.contains_key(&key) {
                self.duplicates.borrow_mut().push((self.pointer.location(self.root), key.clone()));
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
        let value = parse(&mut report, &SourceLocation::new("f.json"), text.as_bytes());
        assert_eq!(value.map(|value| value.to_string()).as_deref(), expect, "{text}");
        let found: Vec<String> = report.problems().iter().map(ToString::to_string).collect();
        assert_eq!(found, problems, "{text}");
    }

    #[test]
    fn values_keep_their_order_and_type() {
        check(r#"{"b":1,"a":[null,true,-2,1.5,"x\n"]}"#, Some(r#"{"b":1,"a":[null,true,-2,1.5,"x\n"]}"#), &[]);
        check("\u{feff}{}", Some("{}"), &[]);
        check("18446744073709551615", Some("18446744073709551615"), &[]);
    }

    #[test]
    fn malformed_json_is_reported_with_line_and_column() {
        check("{\"a\":\n  ", None, &["f.json: invalid JSON: EOF while parsing a value at line 2 column 2"]);
        check("", None, &["f.json: invalid JSON: EOF while parsing a value at line 1 column 0"]);
        check("{} x", None, &["f.json: invalid JSON: trailing characters at line 1 column 4"]);
    }

    #[test]
    fn duplicate_keys_are_reported_and_the_last_wins() {
        check(
            r#"{"shapes":[{"a":1,"a":2}]}"#,
            Some(r#"{"shapes":[{"a":2}]}"#),
            &["f.json#/shapes/0/a: duplicate key `a`"],
        );
    }

    #[test]
    fn depth_is_limited() {
        let mut report = Report::new();
        assert!(parse(&mut report, &SourceLocation::new("f"), "[".repeat(100_000).as_bytes()).is_none());
        assert_eq!(report.len(), 1);
    }
}
