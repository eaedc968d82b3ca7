//! Resume tokens: botocore's form, base64 of JSON with the tokens and how much of the page was used.

use super::plan::Tokens;
use crate::error::{Error, ErrorKind, Result};
use crate::text::base64;
use crate::value::{Document, Number};

/// botocore's name for the number of items of the page that were returned.
const TRUNCATED: &str = "boto_truncate_amount";

/// The text of tokens.
pub(super) fn encode(tokens: &Tokens, taken: usize) -> String {
    let mut fields: Vec<(String, Document)> =
        tokens.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect();
    if taken > 0 {
        fields.push((TRUNCATED.to_owned(), Document::from(taken as i64)));
    }
    base64::encode(Document::Object(fields.into_iter().collect()).to_string())
}

/// The tokens of a text, and how many items of their page to pass over.
pub(super) fn decode(text: &str, members: impl Iterator<Item = &'static str>) -> Result<(Tokens, usize)> {
    let wrong = || Error::new(ErrorKind::Pagination, format!("{text:?} is no resume token"));
    let json = base64::decode(text).map_err(|it| wrong().with_source(it))?;
    let json: serde_json::Value = serde_json::from_slice(&json).map_err(|it| wrong().with_source(it))?;
    let serde_json::Value::Object(mut fields) = json else { return Err(wrong()) };
    let taken = match fields.remove(TRUNCATED) {
        None => 0,
        Some(it) => it.as_u64().and_then(|it| usize::try_from(it).ok()).ok_or_else(wrong)?,
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
            let why = format!("{text:?} is a resume token of another operation: this one has no token {name}");
            Err(Error::new(ErrorKind::Pagination, why))
        }
    }
}

fn document(json: serde_json::Value) -> Document {
    match json {
        serde_json::Value::Null => Document::Null,
        serde_json::Value::Bool(it) => Document::Bool(it),
        serde_json::Value::Number(it) => Document::Number(match (it.as_u64(), it.as_i64()) {
            (Some(it), _) => Number::from(it),
            (None, Some(it)) => Number::from(it),
            (None, None) => Number::from(it.as_f64().unwrap_or(0.0)),
        }),
        serde_json::Value::String(it) => Document::String(it),
        serde_json::Value::Array(it) => Document::Array(it.into_iter().map(document).collect()),
        serde_json::Value::Object(it) => {
            Document::Object(it.into_iter().map(|(key, it)| (key, document(it))).collect())
        }
    }
}
