//! Reads a few fields of an object: the code and message of an error, before its shape is known.

use std::fmt;

use serde_core::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::mend::mend;
use crate::types::{Document, DocumentSeed};

/// Returns the strings of these fields of the object in a body; numbers become strings, and the last of equal names
/// wins. `None` if the body is not a JSON object. What is no Unicode character becomes U+FFFD.
pub fn fields<const N: usize>(body: &[u8], names: [&str; N]) -> Option<[Option<String>; N]> {
    parse(body, names).or_else(|| parse(mend(body)?.as_bytes(), names))
}

fn parse<const N: usize>(body: &[u8], names: [&str; N]) -> Option<[Option<String>; N]> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let text = String::from_utf8_lossy(body);
    let mut json = serde_json::Deserializer::from_str(&text);
    let fields = json.deserialize_map(Fields(names)).ok()?;
    json.end().ok().map(|()| fields)
}

struct Fields<'n, const N: usize>([&'n str; N]);

impl<'de, const N: usize> Visitor<'de> for Fields<'_, N> {
    type Value = [Option<String>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut found = [const { None }; N];
        while let Some(name) = entries.next_key::<String>()? {
            match self.0.iter().position(|it| *it == name) {
                Some(index) => {
                    found[index] = match entries.next_value_seed(DocumentSeed)? {
                        Document::String(ref mut it) => Some(std::mem::take(it)),
                        Document::Number(it) => Some(it.to_string()),
                        _ => None,
                    }
                }
                None => {
                    entries.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}
