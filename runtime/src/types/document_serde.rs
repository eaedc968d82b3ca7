//! Documents from and to JSON text, serde_json's values and any format of serde. Knows no shape.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde_core::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_core::ser::{Serialize, Serializer};
use serde_json::Value;

use super::{Document, Number};

/// The only key of the map that serde_json passes instead of a number with a point or an exponent, where another crate of
/// the program enables its feature `arbitrary_precision`; the value is the number as a string.
pub(crate) const NUMBER: &str = "$serde_json::private::Number";

/// Reads the next value as a document.
pub(crate) struct DocumentSeed;

impl<'de> DeserializeSeed<'de> for DocumentSeed {
    type Value = Document;

    fn deserialize<D: Deserializer<'de>>(self, it: D) -> Result<Document, D::Error> {
        it.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for DocumentSeed {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Document, E> {
        Ok(Document::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Document, E> {
        Ok(Document::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, it: D) -> Result<Document, D::Error> {
        it.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, it: bool) -> Result<Document, E> {
        Ok(it.into())
    }

    fn visit_i64<E: Error>(self, it: i64) -> Result<Document, E> {
        Ok(it.into())
    }

    fn visit_u64<E: Error>(self, it: u64) -> Result<Document, E> {
        Ok(it.into())
    }

    fn visit_f64<E: Error>(self, it: f64) -> Result<Document, E> {
        Ok(it.into())
    }

    fn visit_str<E: Error>(self, it: &str) -> Result<Document, E> {
        Ok(it.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Document, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(Self)? {
            array.push(item);
        }
        Ok(Document::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Document, A::Error> {
        let mut object = BTreeMap::new();
        while let Some(key) = entries.next_key::<String>()? {
            if key == NUMBER {
                let digits = entries.next_value::<String>()?;
                return Number::from_digits(&digits).map(Document::Number).ok_or_else(out_of_range);
            }
            object.insert(key, entries.next_value_seed(Self)?);
        }
        Ok(Document::Object(object))
    }
}

/// The error for a number that no `f64` is near to, in serde_json's words.
pub(crate) fn out_of_range<E: Error>() -> E {
    E::custom("number out of range")
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(it: D) -> Result<Self, D::Error> {
        it.deserialize_any(DocumentSeed)
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => to.serialize_unit(),
            Self::Bool(it) => to.serialize_bool(*it),
            Self::Number(it) => it.serialize(to),
            Self::String(it) => to.serialize_str(it),
            Self::Array(it) => to.collect_seq(it),
            Self::Object(it) => to.collect_map(it),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match (self.as_u64(), self.as_i64()) {
            (Some(it), _) => to.serialize_u64(it),
            (None, Some(it)) => to.serialize_i64(it),
            (None, None) => to.serialize_f64(self.as_f64()),
        }
    }
}

impl Number {
    /// The number that JSON's digits stand for: an integer if it is one of up to 64 bits, else the nearest double;
    /// `None` if it is none, or larger than any.
    pub(crate) fn from_digits(digits: &str) -> Option<Self> {
        if let Ok(it) = digits.parse::<u64>() {
            return Some(it.into());
        }
        if let Ok(it) = digits.parse::<i64>() {
            return Some(it.into());
        }
        digits.parse::<f64>().ok().filter(|it| it.is_finite()).map(Self::from)
    }
}

impl FromStr for Document {
    type Err = serde_json::Error;

    /// Parses JSON text. Integers of up to 64 bits and doubles are kept exactly, as in responses.
    fn from_str(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

impl From<Value> for Document {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(it) => it.into(),
            Value::Number(it) => match (it.as_u64(), it.as_i64(), it.as_f64()) {
                (Some(it), ..) => it.into(),
                (None, Some(it), _) => it.into(),
                (None, None, Some(it)) => it.into(),
                // With the feature `arbitrary_precision` a number may be beyond every double.
                (None, None, None) => Self::Null,
            },
            Value::String(it) => it.into(),
            Value::Array(it) => it.into_iter().collect(),
            Value::Object(it) => it.into_iter().collect(),
        }
    }
}

impl From<Document> for Value {
    /// NaN and infinities, which JSON does not have, become null.
    fn from(mut document: Document) -> Self {
        match &mut document {
            Document::Null => Self::Null,
            Document::Bool(it) => Self::Bool(*it),
            Document::Number(it) => match (it.as_u64(), it.as_i64()) {
                (Some(it), _) => it.into(),
                (None, Some(it)) => it.into(),
                (None, None) => it.as_f64().into(),
            },
            Document::String(it) => Self::String(std::mem::take(it)),
            Document::Array(it) => std::mem::take(it).into_iter().map(Self::from).collect(),
            Document::Object(it) => {
                std::mem::take(it).into_iter().map(|(key, value)| (key, Self::from(value))).collect()
            }
        }
    }
}
