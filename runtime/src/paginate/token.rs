//! Resume tokens, in botocore's format (`paginate.py`, `TokenEncoder`): base64 of JSON with all tokens of the operation,
//! the paths of those values that are bytes, and the number of items of the page that were returned.

use super::plan::Tokens;
use crate::codec::json;
use crate::encoding::base64;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::shape::{Kind, Shape};
use crate::types::{Document, Number};

/// botocore's key for the number of items of the page that were returned.
const TRUNCATE_AMOUNT: &str = "boto_truncate_amount";
/// botocore's key for the paths of the values that are bytes, in base64.
const ENCODED_KEYS: &str = "boto_encoded_keys";

/// Encodes tokens of the members of `input` and the number of items to skip as a resume token. botocore expects every
/// member, absent tokens as null.
pub(super) fn encode(
    tokens: &Tokens,
    skip: usize,
    members: impl Iterator<Item = &'static str>,
    input: &Shape,
) -> String {
    let mut fields: Vec<(String, Document)> = members.map(|it| (it.to_owned(), Document::Null)).collect();
    let mut bytes = Vec::new();
    for (name, token) in tokens {
        if let Some(field) = fields.iter_mut().find(|it| it.0 == *name) {
            field.1 = token.clone();
        }
        if let Some(member) = input.member(name) {
            find_bytes(&member.node.kind, token, &mut vec![Document::from(*name)], &mut bytes);
        }
    }
    if !bytes.is_empty() {
        fields.push((ENCODED_KEYS.to_owned(), Document::Array(bytes)));
    }
    if skip > 0 {
        fields.push((TRUNCATE_AMOUNT.to_owned(), Document::from(skip as u64)));
    }
    base64::encode(Document::Object(fields.into_iter().collect()).to_string())
}

/// Adds the paths of all bytes within a value: lists of keys and indexes.
fn find_bytes(kind: &Kind, value: &Document, path: &mut Vec<Document>, found: &mut Vec<Document>) {
    let mut within = |step: Document, kind: &Kind, value: &Document| {
        path.push(step);
        find_bytes(kind, value, path, found);
        path.pop();
    };
    match (kind, value) {
        (Kind::Blob, Document::String(_)) => found.push(Document::Array(path.clone())),
        (Kind::List(list), Document::Array(values)) => {
            for (index, value) in values.iter().enumerate() {
                within(Document::from(index as u64), &list.element.kind, value);
            }
        }
        (Kind::Map(map), Document::Object(values)) => {
            for (key, value) in values {
                within(Document::from(key.as_str()), &map.value.kind, value);
            }
        }
        (Kind::Structure(shape), Document::Object(values)) => {
            for (key, value) in values {
                if let Some(member) = shape.get().member(key) {
                    within(Document::from(key.as_str()), &member.node.kind, value);
                }
            }
        }
        _ => {}
    }
}

/// Decodes a resume token. Returns the tokens, and how many items of their page to skip.
pub(super) fn decode(
    token: &str,
    members: impl Iterator<Item = &'static str>,
    input: &Shape,
) -> Result<(Tokens, usize)> {
    let invalid = || Error::new(ErrorKind::Pagination, format!("invalid resume token {token:?}"));
    let json = base64::decode(token).map_err(|it| invalid().with_source(it))?;
    let json: serde_json::Value = json::value(&json).map_err(|it| invalid().with_source(it))?;
    let serde_json::Value::Object(mut fields) = json else { return Err(invalid()) };
    let skip = match fields.remove(TRUNCATE_AMOUNT) {
        None => 0,
        Some(amount) => amount.as_u64().and_then(|it| usize::try_from(it).ok()).ok_or_else(invalid)?,
    };
    let encoded: Vec<Document> = match fields.remove(ENCODED_KEYS) {
        None | Some(serde_json::Value::Null) => Vec::new(),
        Some(serde_json::Value::Array(paths)) => paths.into_iter().map(document).collect(),
        Some(_) => return Err(invalid()),
    };
    let (mut tokens, mut bytes) = (Tokens::new(), Vec::new());
    for name in members {
        match fields.remove(name).map(document) {
            None | Some(Document::Null) => {}
            Some(value) => {
                if let Some(member) = input.member(name) {
                    find_bytes(&member.node.kind, &value, &mut vec![Document::from(name)], &mut bytes);
                }
                tokens.push((name, value));
            }
        }
    }
    if let Some(name) = fields.keys().next() {
        let why = format!("resume token {token:?} belongs to another operation: this one has no token {name}");
        return Err(Error::new(ErrorKind::Pagination, why));
    }
    // Bytes that are a string here would be sent in base64, and the pages begin at a wrong place.
    match encoded.iter().find(|it| !bytes.contains(it)) {
        None => Ok((tokens, skip)),
        Some(path) => {
            let why = format!("resume token {token:?} has bytes at {path}, where this operation has none");
            Err(Error::new(ErrorKind::Pagination, why))
        }
    }
}

fn document(json: serde_json::Value) -> Document {
    match json {
        serde_json::Value::Null => Document::Null,
        serde_json::Value::Bool(value) => Document::Bool(value),
        serde_json::Value::Number(number) => Document::Number(match (number.as_u64(), number.as_i64()) {
            (Some(value), _) => Number::from(value),
            (None, Some(value)) => Number::from(value),
            (None, None) => Number::from(number.as_f64().unwrap_or(0.0)),
        }),
        serde_json::Value::String(value) => Document::String(value),
        serde_json::Value::Array(elements) => Document::Array(elements.into_iter().map(document).collect()),
        serde_json::Value::Object(fields) => {
            Document::Object(fields.into_iter().map(|(key, value)| (key, document(value))).collect())
        }
    }
}
