//! Reads JSON without a shape. Knows nothing of what it is for.

use serde_core::de::Error;
use serde_json::Value;

/// The value in a text. All JSON is read from text: serde_json's parser for bytes would be another one in each program.
///
/// # Errors
/// What is no JSON, or no UTF-8; with the line, unless the value is complete before it.
pub(crate) fn value(text: &[u8]) -> serde_json::Result<Value> {
    let start = text.utf8_chunks().next().map_or("", |it| it.valid());
    let value = serde_json::from_str(start)?;
    match start.len() == text.len() {
        true => Ok(value),
        false => Err(Error::custom("invalid UTF-8")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_is_read() {
        let check = |text: &[u8], expect: Result<&str, usize>| {
            let found = value(text).map(|it| it.to_string()).map_err(|it| it.line());
            assert_eq!(found.as_deref().map_err(|it| *it), expect, "{}", text.escape_ascii());
        };
        check(b"", Err(1));
        check(b"{\"a\": 1}\n", Ok(r#"{"a":1}"#));
        check(b"{\n\"a\": \"\xff\"}", Err(2));
        check(b"{\"a\": 1} \xff", Err(0));
    }
}
