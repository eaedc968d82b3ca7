//! JMESPath text to tokens. Knows no grammar.

use super::{Comparison, Malformed, Mistake};
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
    /// The token in words, for complaints.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Name(it) => format!("`{it}`"),
            Self::Quoted(it) => format!("{it:?}"),
            Self::Literal(it) => format!("the literal {it}"),
            Self::Number(it) => format!("the number {it}"),
            Self::Compare(it) => format!("`{}`", it.sign()),
            Self::End => "the end".to_owned(),
            other => {
                let sign = match other {
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
                format!("`{sign}`")
            }
        }
    }
}

/// The tokens with their positions, [`Token::End`] last.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Malformed> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start_matches([' ', '\t', '\r', '\n']).len();
        let (token, end) = token(text, at)?;
        let ends = token == Token::End;
        tokens.push((at, token));
        if ends {
            return Ok(tokens);
        }
        at = end;
    }
}

/// The token at a position, and where it ends.
fn token(text: &str, at: usize) -> Result<(Token, usize), Malformed> {
    let rest = &text[at..];
    let next = rest.chars().nth(1);
    let one = |token| Ok((token, at + 1));
    let two = |token| Ok((token, at + 2));
    match rest.chars().next() {
        None => Ok((Token::End, at)),
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
        Some('`') => literal(text, at),
        Some('\'') => {
            let (inside, end) = delimited(text, at, '\'')?;
            Ok((Token::Literal(Value::String(inside.replace("\\'", "'"))), end))
        }
        Some('"') => {
            let (_, end) = delimited(text, at, '"')?;
            match serde_json::from_str(&text[at..end]) {
                Ok(name) => Ok((Token::Quoted(name), end)),
                Err(cause) => Err(syntax(at, format!("malformed quoted name: {cause}"))),
            }
        }
        Some('-' | '0'..='9') => {
            let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
            let number = rest[..=digits]
                .parse()
                .map_err(|_| syntax(at, format!("`{}` is no number of 64 bits", &rest[..=digits])))?;
            Ok((Token::Number(number), at + 1 + digits))
        }
        Some('a'..='z' | 'A'..='Z' | '_') => {
            let length = rest.bytes().take_while(|it| it.is_ascii_alphanumeric() || *it == b'_').count();
            Ok((Token::Name(rest[..length].to_owned()), at + length))
        }
        Some(other) => Err(syntax(at, format!("`{other}` has no meaning here"))),
    }
}

/// What stands between the delimiter at a position and the next one without a backslash before it, and where that ends.
fn delimited(text: &str, at: usize, delimiter: char) -> Result<(&str, usize), Malformed> {
    let inside = &text[at + 1..];
    let mut escaped = false;
    for (index, it) in inside.char_indices() {
        if it == delimiter && !escaped {
            return Ok((&inside[..index], at + index + 2));
        }
        escaped = it == '\\' && !escaped;
    }
    Err(syntax(at, format!("no closing `{delimiter}`")))
}

/// A JSON literal. As in botocore's jmespath, text that is no JSON stands for itself.
fn literal(text: &str, at: usize) -> Result<(Token, usize), Malformed> {
    let (inside, end) = delimited(text, at, '`')?;
    let inside = inside.replace("\\`", "`");
    match serde_json::from_str(&inside) {
        Ok(value) => Ok((Token::Literal(value), end)),
        Err(cause) => match serde_json::from_str(&format!("\"{}\"", inside.trim_start())) {
            Ok(value) => Ok((Token::Literal(Value::String(value)), end)),
            Err(_) => Err(syntax(at, format!("malformed JSON literal: {cause}"))),
        },
    }
}

pub(super) fn syntax(position: usize, message: String) -> Malformed {
    Malformed { mistake: Mistake::Syntax, position, message }
}
