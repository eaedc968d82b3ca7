//! Splits a JMESPath expression into tokens. Knows no grammar.

use super::{Comparison, ParseError, ParseErrorKind};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    Quoted(String),
    Literal(Value),
    Number(i64),
    Compare(Comparison),
    Dot,
    Star,
    Comma,
    Colon,
    At,
    Amp,
    And,
    Pipe,
    Or,
    Not,
    OpenParen,
    CloseParen,
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    /// `[]`
    Flatten,
    /// `[?`
    Filter,
    End,
}

impl Token {
    /// The token's name in messages.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Name(name) => format!("`{name}`"),
            Self::Quoted(name) => format!("{name:?}"),
            Self::Literal(value) => format!("the literal {value}"),
            Self::Number(number) => format!("the number {number}"),
            Self::Compare(comparison) => format!("`{}`", comparison.symbol()),
            Self::End => "the end".to_owned(),
            other => {
                let symbol = match other {
                    Self::Dot => ".",
                    Self::Star => "*",
                    Self::Comma => ",",
                    Self::Colon => ":",
                    Self::At => "@",
                    Self::Amp => "&",
                    Self::And => "&&",
                    Self::Pipe => "|",
                    Self::Or => "||",
                    Self::Not => "!",
                    Self::OpenParen => "(",
                    Self::CloseParen => ")",
                    Self::OpenBrace => "{",
                    Self::CloseBrace => "}",
                    Self::OpenBracket => "[",
                    Self::CloseBracket => "]",
                    Self::Flatten => "[]",
                    _ => "[?",
                };
                format!("`{symbol}`")
            }
        }
    }
}

/// The tokens with their positions, [`Token::End`] last.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ParseError> {
    let mut tokens = Vec::new();
    let mut position = 0;
    loop {
        position += text[position..].len() - text[position..].trim_start_matches([' ', '\t', '\r', '\n']).len();
        let (token, end) = token(text, position)?;
        let ends = token == Token::End;
        tokens.push((position, token));
        if ends {
            return Ok(tokens);
        }
        position = end;
    }
}

/// The token at a position, and its end.
fn token(text: &str, position: usize) -> Result<(Token, usize), ParseError> {
    let rest = &text[position..];
    let next = rest.chars().nth(1);
    let one = |token| Ok((token, position + 1));
    let two = |token| Ok((token, position + 2));
    match rest.chars().next() {
        None => Ok((Token::End, position)),
        Some('.') => one(Token::Dot),
        Some('*') => one(Token::Star),
        Some(',') => one(Token::Comma),
        Some(':') => one(Token::Colon),
        Some('@') => one(Token::At),
        Some('(') => one(Token::OpenParen),
        Some(')') => one(Token::CloseParen),
        Some('{') => one(Token::OpenBrace),
        Some('}') => one(Token::CloseBrace),
        Some(']') => one(Token::CloseBracket),
        Some('[') if next == Some(']') => two(Token::Flatten),
        Some('[') if next == Some('?') => two(Token::Filter),
        Some('[') => one(Token::OpenBracket),
        Some('&') if next == Some('&') => two(Token::And),
        Some('&') => one(Token::Amp),
        Some('|') if next == Some('|') => two(Token::Or),
        Some('|') => one(Token::Pipe),
        Some('=') if next == Some('=') => two(Token::Compare(Comparison::Equal)),
        Some('!') if next == Some('=') => two(Token::Compare(Comparison::NotEqual)),
        Some('!') => one(Token::Not),
        Some('<') if next == Some('=') => two(Token::Compare(Comparison::LessOrEqual)),
        Some('<') => one(Token::Compare(Comparison::Less)),
        Some('>') if next == Some('=') => two(Token::Compare(Comparison::GreaterOrEqual)),
        Some('>') => one(Token::Compare(Comparison::Greater)),
        Some('`') => literal(text, position),
        Some('\'') => {
            let (inside, end) = delimited(text, position, '\'')?;
            Ok((Token::Literal(Value::String(inside.replace("\\'", "'"))), end))
        }
        Some('"') => {
            let (_, end) = delimited(text, position, '"')?;
            match serde_json::from_str(&text[position..end]) {
                Ok(name) => Ok((Token::Quoted(name), end)),
                Err(cause) => Err(syntax(position, format!("malformed quoted name: {cause}"))),
            }
        }
        Some('-' | '0'..='9') => {
            let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
            let number = rest[..=digits]
                .parse()
                .map_err(|_| syntax(position, format!("`{}` is not a 64-bit number", &rest[..=digits])))?;
            Ok((Token::Number(number), position + 1 + digits))
        }
        Some('a'..='z' | 'A'..='Z' | '_') => {
            let length = rest.bytes().take_while(|it| it.is_ascii_alphanumeric() || *it == b'_').count();
            Ok((Token::Name(rest[..length].to_owned()), position + length))
        }
        Some(other) => Err(syntax(position, format!("unexpected character `{other}`"))),
    }
}

/// The text between the delimiter at a position and the next one that no backslash escapes, and the end of the token.
fn delimited(text: &str, position: usize, delimiter: char) -> Result<(&str, usize), ParseError> {
    let inside = &text[position + 1..];
    let mut escaped = false;
    for (index, char) in inside.char_indices() {
        if char == delimiter && !escaped {
            return Ok((&inside[..index], position + index + 2));
        }
        escaped = char == '\\' && !escaped;
    }
    Err(syntax(position, format!("no closing `{delimiter}`")))
}

/// A JSON literal. As in botocore's jmespath, text that is not JSON is a string.
fn literal(text: &str, position: usize) -> Result<(Token, usize), ParseError> {
    let (inside, end) = delimited(text, position, '`')?;
    let inside = inside.replace("\\`", "`");
    match serde_json::from_str(&inside) {
        Ok(value) => Ok((Token::Literal(value), end)),
        Err(cause) => match serde_json::from_str(&format!("\"{}\"", inside.trim_start())) {
            Ok(value) => Ok((Token::Literal(Value::String(value)), end)),
            Err(_) => Err(syntax(position, format!("malformed JSON literal: {cause}"))),
        },
    }
}

pub(super) fn syntax(position: usize, message: String) -> ParseError {
    ParseError { kind: ParseErrorKind::Syntax, position, message }
}
