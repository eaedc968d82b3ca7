//! Resume tokens, in botocore's format: base64 of JSON with the tokens and the number of items of the page that were
//! returned.

use super::plan::Tokens;
use crate::encoding::base64;
use crate::error::{Error, ErrorKind, Result};
use crate::types::{Document, Number};

/// botocore's key for the number of items of the page that were returned.
const TRUNCATE_AMOUNT: &str = "boto_truncate_amount";

/// Encodes tokens and the number of items to skip as a resume token.
pub(super) fn encode(tokens: &Tokens, taken: usize) -> String {
    let mut fields: Vec<(String, Document)> =
        tokens.iter().map(|(name, token)| ((*name).to_owned(), token.clone())).collect();
    if taken > 0 {
        fields.push((TRUNCATE_AMOUNT.to_owned(), Document::from(taken as i64)));
    }
    base64::encode(Document::Object(fields.into_iter().collect()).to_string())
}

/// Decodes a resume token. Returns the tokens, and how many items of their page to skip.
pub(super) fn decode(token: &str, members: impl Iterator<Item = &'static str>) -> Result<(Tokens, usize)> {
    let invalid = || Error::new(ErrorKind::Pagination, format!("invalid resume token {token:?}"));
    let json = base64::decode(token).map_err(|it| invalid().with_source(it))?;
    let json: serde_json::Value = serde_json::from_slice(&json).map_err(|it| invalid().with_source(it))?;
    let serde_json::Value::Object(mut fields) = json else { return Err(invalid()) };
    let taken = match fields.remove(TRUNCATE_AMOUNT) {
        None => 0,
        Some(amount) => amount.as_u64().and_then(|it| usize::try_from(it).ok()).ok_or_else(invalid)?,
    };
    let mut tokens = Tokens::new();
    for member in members {
        match fields.remove(member) {
            None | Some(serde_json::Value::Null) => {}
            Some(value) => tokens.push((member, document(value))),
        }
    }
    match fields.keys().next() {
        None => Ok((tokens, taken)),
        Some(name) => {
            let why = format!("resume token {token:?} belongs to another operation: this one has no token {name}");
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
