//! Values without a schema, with the data model of JSON: the `document` shapes of models. Knows no codec; `Display`
//! prints JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Index;

/// A value without a schema: a `document` shape may have any structure that JSON can express.
///
/// Build one with [`From`] and [`FromIterator`]; read it with `match` or the `as_…` accessors. Indexing never panics:
/// `document["key"][0]` is [`Null`](Self::Null) if there is no such value. [`Display`](fmt::Display) prints JSON.
#[derive(Clone, Debug, Default, PartialEq)]
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
        Self::Object(values.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
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

impl fmt::Display for Document {
    /// Prints JSON without white space.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(it) => write!(f, "{it}"),
            Self::Number(it) => write!(f, "{it}"),
            Self::String(it) => quote(f, it),
            Self::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    f.write_str(if index == 0 { "[" } else { "," })?;
                    value.fmt(f)?;
                }
                f.write_str(if values.is_empty() { "[]" } else { "]" })
            }
            Self::Object(values) => {
                for (index, (key, value)) in values.iter().enumerate() {
                    f.write_str(if index == 0 { "{" } else { "," })?;
                    quote(f, key)?;
                    f.write_str(":")?;
                    value.fmt(f)?;
                }
                f.write_str(if values.is_empty() { "{}" } else { "}" })
            }
        }
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
}
