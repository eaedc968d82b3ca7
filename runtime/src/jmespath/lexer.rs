//! Splits an expression in JMESPath's own grammar into tokens. Knows no grammar and no values.

use super::failure::{FailureKind, JmesPathError};
use super::{Comparison, Literal};
use crate::types::Number;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Name(String),
    Quoted(String),
    Literal(Literal),
    Number(i64),
    Compare(Comparison),
    /// Any other operator or bracket, as it is written.
    Symbol(&'static str),
    End,
}

impl Token {
    /// The token in a message.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Name(name) => format!("`{name}`"),
            Self::Quoted(name) => format!("{name:?}"),
            Self::Literal(_) => "a literal".to_owned(),
            Self::Number(number) => format!("the number {number}"),
            Self::Compare(comparison) => format!("`{}`", comparison.symbol()),
            Self::Symbol(symbol) => format!("`{symbol}`"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// The symbols; one that begins with another comes before it.
const SYMBOLS: [&str; 19] =
    ["[]", "[?", "&&", "||", ".", "*", ",", ":", "@", "(", ")", "{", "}", "[", "]", "&", "|", "!", "="];

const COMPARISONS: [Comparison; 6] = [
    Comparison::Equal,
    Comparison::NotEqual,
    Comparison::LessOrEqual,
    Comparison::GreaterOrEqual,
    Comparison::Less,
    Comparison::Greater,
];

/// The tokens with the positions of their first bytes, [`Token::End`] last.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, JmesPathError> {
    let mut tokens = Vec::new();
    let mut position = 0;
    loop {
        let rest = text[position..].trim_start_matches([' ', '\t', '\r', '\n']);
        position = text.len() - rest.len();
        let (token, length) = token(text, position, rest)?;
        let is_end = token == Token::End;
        tokens.push((position, token));
        if is_end {
            return Ok(tokens);
        }
        position += length;
    }
}

/// The first token of `rest`, which begins at `position` of the text, and its length in bytes.
fn token(text: &str, position: usize, rest: &str) -> Result<(Token, usize), JmesPathError> {
    let failed = |message: String| Err(JmesPathError::at(FailureKind::Syntax, message, text, position));
    let Some(first) = rest.chars().next() else { return Ok((Token::End, 0)) };
    match first {
        'a'..='z' | 'A'..='Z' | '_' => {
            let length = rest.bytes().take_while(|it| it.is_ascii_alphanumeric() || *it == b'_').count();
            return Ok((Token::Name(rest[..length].to_owned()), length));
        }
        '-' | '0'..='9' => {
            let length = 1 + rest.bytes().skip(1).take_while(u8::is_ascii_digit).count();
            return match rest[..length].parse() {
                Ok(number) => Ok((Token::Number(number), length)),
                Err(_) => failed(format!("`{}` is not a 64-bit number", &rest[..length])),
            };
        }
        '"' | '\'' | '`' => {
            let Some(inside) = delimited(rest, first) else { return failed(format!("no closing `{first}`")) };
            let length = inside.len() + 2;
            let token = match first {
                '"' => serde_json::from_str(&rest[..length]).map(Token::Quoted),
                '\'' => Ok(Token::Literal(Literal::String(inside.replace("\\'", "'").into()))),
                _ => literal(&inside.replace("\\`", "`")).map(Token::Literal),
            };
            return match token {
                Ok(token) => Ok((token, length)),
                Err(cause) if first == '"' => failed(format!("malformed name in quotes: {cause}")),
                Err(cause) => failed(format!("malformed JSON between backticks: {cause}")),
            };
        }
        _ => {}
    }
    if let Some(comparison) = COMPARISONS.into_iter().find(|it| rest.starts_with(it.symbol())) {
        return Ok((Token::Compare(comparison), comparison.symbol().len()));
    }
    match SYMBOLS.into_iter().find(|it| rest.starts_with(*it)) {
        Some("=") => failed("unexpected `=`: equality is `==`".to_owned()),
        Some(symbol) => Ok((Token::Symbol(symbol), symbol.len())),
        None => failed(format!("unexpected character `{first}`")),
    }
}

/// The text between the delimiter with which `rest` begins and the next one that no backslash escapes.
fn delimited(rest: &str, delimiter: char) -> Option<&str> {
    let inside = rest.get(1..)?;
    let mut escaped = false;
    for (index, char) in inside.char_indices() {
        if char == delimiter && !escaped {
            return inside.get(..index);
        }
        escaped = char == '\\' && !escaped;
    }
    None
}

/// A literal in JSON. As in Python's jmespath, which botocore uses, text that is not JSON is a string.
fn literal(json: &str) -> Result<Literal, serde_json::Error> {
    serde_json::from_str(json).map(from_json).or_else(|cause| {
        let text: Result<String, _> = serde_json::from_str(&format!("\"{}\"", json.trim_start()));
        text.map(|it| Literal::String(it.into())).map_err(|_| cause)
    })
}

fn from_json(value: serde_json::Value) -> Literal {
    use serde_json::Value;
    match value {
        Value::Null => Literal::Null,
        Value::Bool(it) => Literal::Bool(it),
        Value::Number(it) => Literal::Number(match (it.as_i64(), it.as_u64()) {
            (Some(it), _) => Number::from(it),
            (None, Some(it)) => Number::from(it),
            (None, None) => Number::from(it.as_f64().unwrap_or_default()),
        }),
        Value::String(it) => Literal::String(it.into()),
        Value::Array(items) => Literal::Array(items.into_iter().map(from_json).collect()),
        Value::Object(fields) => {
            Literal::Object(fields.into_iter().map(|(key, value)| (key.into(), from_json(value))).collect())
        }
    }
}
