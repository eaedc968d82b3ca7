//! Values without a schema, with the data model of JSON: the `document` shapes of models. Knows no codec; `Display`
//! prints JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Index;

use crate::ordered;

/// A value without a schema: a `document` shape may have any structure that JSON can express.
///
/// Build one with [`From`] and [`FromIterator`]; read it with `match` or the `as_…` accessors. Indexing never panics:
/// `document["key"][0]` is [`Null`](Self::Null) if there is no such value. [`Display`](fmt::Display) and
/// [`Debug`](fmt::Debug) print JSON.
///
/// However deeply a document is nested, cloning, comparing, printing and dropping it take no more stack than for a flat
/// one. So the type implements `Drop`: match on a reference, or take a value out with [`std::mem::take`]. An input
/// whose values are nested more than 128 levels deep is rejected before it is sent.
#[derive(Default)]
pub enum Document {
    /// JSON's `null`.
    #[default]
    Null,
    /// A Boolean.
    Bool(bool),
    /// An integer of up to 64 bits or a double.
    Number(Number),
    /// A string.
    String(String),
    /// A list of values.
    Array(Vec<Document>),
    /// Values by name, sorted by name.
    Object(BTreeMap<String, Document>),
}

/// What [`Index`] returns for a value that does not exist.
static NULL: Document = Document::Null;

impl Document {
    /// Whether this is [`Null`](Self::Null).
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The Boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(it) = self { Some(*it) } else { None }
    }

    /// The number, if this is one.
    pub fn as_number(&self) -> Option<Number> {
        if let Self::Number(it) = self { Some(*it) } else { None }
    }

    /// The number, if this is an integer that fits into `i64`.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number()?.as_i64()
    }

    /// The number, if this is an integer that fits into `u64`.
    pub fn as_u64(&self) -> Option<u64> {
        self.as_number()?.as_u64()
    }

    /// The number as the nearest `f64`, if this is one.
    pub fn as_f64(&self) -> Option<f64> {
        self.as_number().map(Number::as_f64)
    }

    /// The string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(it) = self { Some(it) } else { None }
    }

    /// The values, if this is an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(it) = self { Some(it) } else { None }
    }

    /// The named values, if this is an object.
    pub fn as_object(&self) -> Option<&BTreeMap<String, Self>> {
        if let Self::Object(it) = self { Some(it) } else { None }
    }

    /// The value for `key`, if this is an object that has one.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_object()?.get(key)
    }

    /// Whether arrays and objects inside each other make more than this many levels.
    pub(crate) fn is_deeper_than(&self, levels: usize) -> bool {
        let mut pending = Vec::new();
        let mut next = Some((self, 0));
        while let Some((document, outside)) = next {
            if document.is_nested() && outside == levels {
                return true;
            }
            match document {
                Self::Array(values) => pending.extend(values.iter().map(|it| (it, outside + 1))),
                Self::Object(values) => pending.extend(values.values().map(|it| (it, outside + 1))),
                _ => {}
            }
            next = pending.pop();
        }
        false
    }

    /// Whether this is an array or an object.
    fn is_nested(&self) -> bool {
        matches!(self, Self::Array(_) | Self::Object(_))
    }

    /// Moves the arrays and objects directly inside this value to `out`.
    fn take_nested(&mut self, out: &mut Vec<Self>) {
        match self {
            Self::Array(values) if values.iter().any(Self::is_nested) => {
                out.extend(std::mem::take(values).into_iter().filter(Self::is_nested));
            }
            Self::Object(values) if values.values().any(Self::is_nested) => {
                out.extend(std::mem::take(values).into_values().filter(Self::is_nested));
            }
            _ => {}
        }
    }
}

// None of the four recurses, as derived implementations and the compiler's own drop would: a program may build a
// document of any depth.

impl Drop for Document {
    fn drop(&mut self) {
        let mut pending = Vec::new();
        self.take_nested(&mut pending);
        while let Some(mut document) = pending.pop() {
            document.take_nested(&mut pending);
        }
    }
}

impl Clone for Document {
    fn clone(&self) -> Self {
        let mut copy = Self::Null;
        let mut pending = Vec::new();
        let mut next = Some((self, &mut copy));
        while let Some((from, to)) = next {
            *to = match from {
                Self::Null => Self::Null,
                Self::Bool(it) => Self::Bool(*it),
                Self::Number(it) => Self::Number(*it),
                Self::String(it) => Self::String(it.clone()),
                Self::Array(values) => Self::Array(values.iter().map(|_| Self::Null).collect()),
                Self::Object(values) => Self::Object(ordered::map(values.keys().map(|key| (key.clone(), Self::Null)))),
            };
            match (from, to) {
                (Self::Array(from), Self::Array(to)) => pending.extend(from.iter().zip(to)),
                (Self::Object(from), Self::Object(to)) => pending.extend(from.values().zip(to.values_mut())),
                _ => {}
            }
            next = pending.pop();
        }
        copy
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        let mut pending = Vec::new();
        let mut next = Some((self, other));
        while let Some(pair) = next {
            let equal = match pair {
                (Self::Null, Self::Null) => true,
                (Self::Bool(a), Self::Bool(b)) => a == b,
                (Self::Number(a), Self::Number(b)) => a == b,
                (Self::String(a), Self::String(b)) => a == b,
                (Self::Array(a), Self::Array(b)) => {
                    pending.extend(a.iter().zip(b));
                    a.len() == b.len()
                }
                (Self::Object(a), Self::Object(b)) => {
                    pending.extend(a.values().zip(b.values()));
                    a.keys().eq(b.keys())
                }
                _ => false,
            };
            if !equal {
                return false;
            }
            next = pending.pop();
        }
        true
    }
}

impl Index<&str> for Document {
    type Output = Self;

    fn index(&self, key: &str) -> &Self {
        self.get(key).unwrap_or(&NULL)
    }
}

impl Index<usize> for Document {
    type Output = Self;

    fn index(&self, index: usize) -> &Self {
        self.as_array().and_then(|it| it.get(index)).unwrap_or(&NULL)
    }
}

/// A JSON number: an exact integer of up to 64 bits, or a double.
///
/// Two integers are equal if their values are, whether they were `i64` or `u64`; an integer never equals a double.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(Kind);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Unsigned(u64),
    Negative(i64),
    Double(f64),
}

impl Number {
    /// Whether the number is an integer: in JSON, one without fraction and exponent.
    pub fn is_integer(self) -> bool {
        !matches!(self.0, Kind::Double(_))
    }

    /// The number, if it is an integer that fits into `i64`.
    pub fn as_i64(self) -> Option<i64> {
        match self.0 {
            Kind::Unsigned(it) => it.try_into().ok(),
            Kind::Negative(it) => Some(it),
            Kind::Double(_) => None,
        }
    }

    /// The number, if it is an integer that fits into `u64`.
    pub fn as_u64(self) -> Option<u64> {
        if let Kind::Unsigned(it) = self.0 { Some(it) } else { None }
    }

    /// The number as the nearest `f64`.
    pub fn as_f64(self) -> f64 {
        match self.0 {
            Kind::Unsigned(it) => it as f64,
            Kind::Negative(it) => it as f64,
            Kind::Double(it) => it,
        }
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self(Kind::Unsigned(number))
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(u64::try_from(number).map_or(Kind::Negative(number), Kind::Unsigned))
    }
}

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        Self(Kind::Double(number))
    }
}

macro_rules! from {
    ($($from:ty as $it:ident => $make:expr;)*) => {
        $(impl From<$from> for Document {
            fn from($it: $from) -> Self {
                $make
            }
        })*
    };
}

from! {
    () as _it => Self::Null;
    bool as it => Self::Bool(it);
    i32 as it => Self::Number(i64::from(it).into());
    u32 as it => Self::Number(u64::from(it).into());
    i64 as it => Self::Number(it.into());
    u64 as it => Self::Number(it.into());
    f64 as it => Self::Number(it.into());
    Number as it => Self::Number(it);
    &str as it => Self::String(it.to_owned());
    String as it => Self::String(it);
}

impl<T: Into<Self>> From<Option<T>> for Document {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Document {
    fn from(values: Vec<T>) -> Self {
        values.into_iter().collect()
    }
}

impl<K: Into<String>, T: Into<Self>> From<BTreeMap<K, T>> for Document {
    fn from(values: BTreeMap<K, T>) -> Self {
        values.into_iter().collect()
    }
}

impl<K: Into<String>, T: Into<Self>, const N: usize> From<[(K, T); N]> for Document {
    fn from(values: [(K, T); N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T: Into<Self>> FromIterator<T> for Document {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self::Array(values.into_iter().map(Into::into).collect())
    }
}

impl<K: Into<String>, T: Into<Self>> FromIterator<(K, T)> for Document {
    fn from_iter<I: IntoIterator<Item = (K, T)>>(values: I) -> Self {
        Self::Object(ordered::map(values.into_iter().map(|(key, value)| (key.into(), value.into()))))
    }
}

impl fmt::Display for Number {
    /// Prints JSON: a double keeps its decimal point (`1.0`); NaN and infinities, which JSON does not have, are `null`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Unsigned(it) => write!(f, "{it}"),
            Kind::Negative(it) => write!(f, "{it}"),
            Kind::Double(it) if it.is_finite() => write!(f, "{it:?}"),
            Kind::Double(_) => f.write_str("null"),
        }
    }
}

/// An array or object that is being printed.
enum Open<'d> {
    Array(std::slice::Iter<'d, Document>),
    Object(std::collections::btree_map::Iter<'d, String, Document>),
}

impl fmt::Display for Document {
    /// Prints JSON without white space.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut open = Vec::new();
        let mut document = self;
        loop {
            // Whether `document` is an array or object whose first value follows.
            let mut is_first = false;
            match document {
                Self::Null => f.write_str("null")?,
                Self::Bool(it) => write!(f, "{it}")?,
                Self::Number(it) => write!(f, "{it}")?,
                Self::String(it) => quote(f, it)?,
                Self::Array(values) => {
                    f.write_str("[")?;
                    open.push(Open::Array(values.iter()));
                    is_first = true;
                }
                Self::Object(values) => {
                    f.write_str("{")?;
                    open.push(Open::Object(values.iter()));
                    is_first = true;
                }
            }
            document = loop {
                let (next, close) = match open.last_mut() {
                    Some(Open::Array(values)) => (values.next().map(|value| (None, value)), "]"),
                    Some(Open::Object(values)) => (values.next().map(|(key, value)| (Some(key), value)), "}"),
                    None => return Ok(()),
                };
                if let Some((key, value)) = next {
                    f.write_str(if is_first { "" } else { "," })?;
                    if let Some(key) = key {
                        quote(f, key)?;
                        f.write_str(":")?;
                    }
                    break value;
                }
                f.write_str(close)?;
                open.pop();
                is_first = false;
            };
        }
    }
}

impl fmt::Debug for Document {
    /// Prints JSON, as [`Display`](fmt::Display) does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Writes `string` as a JSON string, with quotes and escapes.
pub(crate) fn quote(f: &mut impl fmt::Write, string: &str) -> fmt::Result {
    let mut plain = 0;
    f.write_str("\"")?;
    for (at, byte) in string.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        f.write_str(&string[plain..at])?;
        plain = at + 1;
        match byte {
            b'"' => f.write_str("\\\"")?,
            b'\\' => f.write_str("\\\\")?,
            b'\n' => f.write_str("\\n")?,
            b'\r' => f.write_str("\\r")?,
            b'\t' => f.write_str("\\t")?,
            _ => write!(f, "\\u{byte:04x}")?,
        }
    }
    f.write_str(&string[plain..])?;
    f.write_str("\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_prints_json() {
        let check = |document: Document, expect: &str| assert_eq!(document.to_string(), expect);
        check(().into(), "null");
        check(true.into(), "true");
        check(i64::MIN.into(), "-9223372036854775808");
        check(u64::MAX.into(), "18446744073709551615");
        check(1.0.into(), "1.0");
        check(1e300.into(), "1e300");
        check((-0.25).into(), "-0.25");
        check(f64::NAN.into(), "null");
        check("a\"b\\c\n\u{1}é\u{1F600}".into(), "\"a\\\"b\\\\c\\n\\u0001é\u{1F600}\"");
        check(Vec::<bool>::new().into(), "[]");
        check(BTreeMap::<String, bool>::new().into(), "{}");
        check(vec![Some(1), None].into(), "[1,null]");
        check([("b", Document::from(vec!["x"])), ("a", [("c", 1)].into())].into(), r#"{"a":{"c":1},"b":["x"]}"#);
    }

    #[test]
    fn numbers_keep_their_kind_and_value() {
        assert_eq!(Document::from(5_i64), Document::from(5_u64));
        assert_ne!(Document::from(5_i64), Document::from(5.0));
        assert_eq!(Document::from(u64::MAX).as_u64(), Some(u64::MAX));
        assert_eq!(Document::from(u64::MAX).as_i64(), None);
        assert_eq!(Document::from(-1).as_u64(), None);
        assert_eq!(Document::from(-1).as_f64(), Some(-1.0));
        assert_eq!(Document::from(1.5).as_i64(), None);
        assert!(!Number::from(1.0).is_integer() && Number::from(1_u64).is_integer());
    }

    #[test]
    fn missing_values_are_null() {
        let document: Document = [("list", vec![1, 2])].into();
        assert_eq!(document["list"][1].as_i64(), Some(2));
        for missing in [&document["list"][2], &document["list"]["x"], &document["x"]["y"][0]] {
            assert!(missing.is_null());
        }
        assert_eq!(document.get("x"), None);
        assert_eq!(document["list"].as_array().map(<[_]>::len), Some(2));
        assert_eq!(document.as_str(), None);
        assert_eq!(Document::default(), Document::Null);
    }

    #[test]
    fn a_document_of_any_depth_is_cloned_compared_printed_and_dropped() {
        // Less than one byte of stack for each level.
        let thread = std::thread::Builder::new().stack_size(64 << 10).spawn(|| {
            for depth in [1, 100, 100_000_usize] {
                let wrap = |inner, level| match level % 2 {
                    0 => Document::Array(vec![Document::from("a"), inner]),
                    _ => [("key", inner), ("last", Document::Null)].into(),
                };
                let document = (0..depth).fold(Document::from(1), wrap);
                let mut copy = document.clone();
                assert!(copy == document);
                assert!(!document.is_deeper_than(depth) && document.is_deeper_than(depth - 1));
                let printed = document.to_string();
                assert_eq!(printed.matches("null").count() + printed.matches("\"a\"").count(), depth);
                assert_eq!(format!("{document:?}"), printed);
                let mut innermost = &mut copy;
                loop {
                    innermost = match innermost {
                        Document::Array(values) => &mut values[1],
                        Document::Object(values) => values.get_mut("key").expect("the key"),
                        _ => break,
                    };
                }
                *innermost = Document::from(2);
                assert!(copy != document);
            }
        });
        thread.expect("a thread").join().expect("no failure");
    }
}
