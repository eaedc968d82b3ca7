//! Decodes the generator's notation into steps. Knows the notation, not JMESPath's grammar.

use super::failure::{FailureKind, JmesPathError};
use super::function::Function;
use super::{Comparison, Literal, MAX_DEPTH, Step};
use crate::types::Number;

type Result<T> = std::result::Result<T, JmesPathError>;

pub(super) fn decode(notation: &str) -> Result<Step> {
    let mut decoder = Decoder { rest: notation, depth: 0 };
    let step = decoder.step()?;
    match decoder.token()? {
        Token::End => Ok(step),
        _ => Err(decoder.syntax("unexpected characters after the expression")),
    }
}

struct Decoder<'n> {
    rest: &'n str,
    depth: usize,
}

enum Token<'n> {
    Open,
    Close,
    Atom(&'n str),
    QuotedField(String),
    QuotedString(String),
    End,
}

impl<'n> Decoder<'n> {
    fn syntax(&self, message: &str) -> JmesPathError {
        JmesPathError::new(
            FailureKind::Syntax,
            format!("{message} before `{}`", self.rest.chars().take(20).collect::<String>()),
        )
    }

    fn token(&mut self) -> Result<Token<'n>> {
        self.rest = self.rest.trim_start_matches(' ');
        let Some(first) = self.rest.chars().next() else { return Ok(Token::End) };
        match first {
            '(' | ')' => {
                self.rest = &self.rest[1..];
                Ok(if first == '(' { Token::Open } else { Token::Close })
            }
            '\'' => Ok(Token::QuotedString(self.quoted(first)?)),
            '"' => Ok(Token::QuotedField(self.quoted(first)?)),
            _ => {
                let end = self.rest.find([' ', '(', ')']).unwrap_or(self.rest.len());
                let (atom, rest) = self.rest.split_at(end);
                self.rest = rest;
                Ok(Token::Atom(atom))
            }
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String> {
        let mut text = String::new();
        let mut escaped = false;
        for (index, c) in self.rest.char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => {
                    escaped = true;
                    continue;
                }
                _ if c == quote => {
                    self.rest = &self.rest[index + 1..];
                    return Ok(text);
                }
                _ => {}
            }
            text.push(c);
        }
        Err(self.syntax("no closing quote"))
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.syntax("the expression is nested too deeply"));
        }
        self.depth += 1;
        let found = read(self)?;
        self.depth -= 1;
        Ok(found)
    }

    fn step(&mut self) -> Result<Step> {
        let token = self.token()?;
        self.step_from(token)
    }

    fn step_from(&mut self, token: Token<'n>) -> Result<Step> {
        match token {
            Token::Open => self.nested(Self::parenthesized),
            Token::QuotedField(name) => Ok(Step::Field(name.into())),
            Token::QuotedString(text) => Ok(Step::Literal(Literal::String(text.into()))),
            Token::Atom("@") => Ok(Step::Current),
            Token::Atom(atom) => match literal(atom) {
                Some(literal) => Ok(Step::Literal(literal)),
                None if atom.contains('.') => {
                    Ok(Step::Chain(atom.split('.').map(|it| Step::Field(it.into())).collect()))
                }
                None => Ok(Step::Field(atom.into())),
            },
            Token::Close | Token::End => Err(self.syntax("expected an expression")),
        }
    }

    /// Reads a parenthesized expression after `(`, including `)`.
    fn parenthesized(&mut self) -> Result<Step> {
        let Token::Atom(head) = self.token()? else {
            return Err(self.syntax("expected an operator"));
        };
        let step = match head {
            "." => return Ok(Step::Chain(self.steps()?)),
            "list" => return Ok(Step::MultiSelectList(self.steps()?)),
            "hash" => return Ok(Step::MultiSelectHash(self.pairs(Self::step)?)),
            "call" => return self.call(),
            "array" | "object" => return Ok(Step::Literal(self.collection_literal(head)?)),
            "at" => {
                Step::Index(self.number()?.ok_or_else(|| self.syntax("expected a number"))?, Box::new(self.step()?))
            }
            "slice" => {
                let bounds = [self.number()?, self.number()?, self.number()?];
                if bounds[2] == Some(0) {
                    return Err(JmesPathError::new(FailureKind::InvalidValue, "the step of a slice cannot be 0"));
                }
                Step::Slice(bounds, Box::new(self.step()?))
            }
            "each" => Step::ListProjection(self.operands()?),
            "values" => Step::ValueProjection(self.operands()?),
            "where" => Step::FilterProjection(Box::new([self.step()?, self.step()?, self.step()?])),
            "flat" => Step::Flatten(Box::new(self.step()?)),
            "or" => Step::Or(self.operands()?),
            "and" => Step::And(self.operands()?),
            "not" => Step::Not(Box::new(self.step()?)),
            "&" => Step::ExpressionReference(Box::new(self.step()?)),
            "==" => Step::Compare(Comparison::Equal, self.operands()?),
            "!=" => Step::Compare(Comparison::NotEqual, self.operands()?),
            "<" => Step::Compare(Comparison::Less, self.operands()?),
            "<=" => Step::Compare(Comparison::LessOrEqual, self.operands()?),
            ">" => Step::Compare(Comparison::Greater, self.operands()?),
            ">=" => Step::Compare(Comparison::GreaterOrEqual, self.operands()?),
            other => return Err(self.syntax(&format!("unknown operator `{other}`"))),
        };
        match self.token()? {
            Token::Close => Ok(step),
            _ => Err(self.syntax("expected `)`")),
        }
    }

    fn operands(&mut self) -> Result<Box<[Step; 2]>> {
        Ok(Box::new([self.step()?, self.step()?]))
    }

    /// Reads steps up to and including the closing parenthesis.
    fn steps(&mut self) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        loop {
            match self.token()? {
                Token::Close => return Ok(steps),
                token => steps.push(self.step_from(token)?),
            }
        }
    }

    /// Reads pairs of a key and a value, up to and including the closing parenthesis.
    fn pairs<V>(&mut self, mut value: impl FnMut(&mut Self) -> Result<V>) -> Result<Vec<(Box<str>, V)>> {
        let mut pairs = Vec::new();
        loop {
            match self.token()? {
                Token::Close => return Ok(pairs),
                Token::QuotedString(key) => pairs.push((key.into(), value(self)?)),
                _ => return Err(self.syntax("expected a key in quotes")),
            }
        }
    }

    /// Reads an integer, or `_` for `None`.
    fn number(&mut self) -> Result<Option<i64>> {
        match self.token()? {
            Token::Atom("_") => Ok(None),
            Token::Atom(atom) => atom.parse().map(Some).map_err(|_| self.syntax("expected a number")),
            _ => Err(self.syntax("expected a number")),
        }
    }

    fn call(&mut self) -> Result<Step> {
        let Token::Atom(name) = self.token()? else {
            return Err(self.syntax("expected the name of a function"));
        };
        let function = Function::from_name(name)
            .ok_or_else(|| JmesPathError::new(FailureKind::UnknownFunction, format!("unknown function `{name}`")))?;
        let arguments = self.steps()?;
        if !function.arity().contains(&arguments.len()) {
            return Err(JmesPathError::new(
                FailureKind::InvalidArity,
                format!("wrong number of arguments for `{name}`: {}", arguments.len()),
            ));
        }
        Ok(Step::Call(function, arguments))
    }

    fn collection_literal(&mut self, head: &str) -> Result<Literal> {
        if head == "object" {
            return Ok(Literal::Object(self.pairs(Self::literal)?));
        }
        let mut items = Vec::new();
        loop {
            match self.token()? {
                Token::Close => return Ok(Literal::Array(items)),
                token => items.push(self.literal_from(token)?),
            }
        }
    }

    fn literal(&mut self) -> Result<Literal> {
        let token = self.token()?;
        self.literal_from(token)
    }

    fn literal_from(&mut self, token: Token<'n>) -> Result<Literal> {
        match token {
            Token::QuotedString(text) => Ok(Literal::String(text.into())),
            Token::Atom(atom) => literal(atom).ok_or_else(|| self.syntax("expected a literal")),
            Token::Open => self.nested(|this| match this.token()? {
                Token::Atom(head @ ("array" | "object")) => this.collection_literal(head),
                _ => Err(this.syntax("expected `array` or `object`")),
            }),
            _ => Err(self.syntax("expected a literal")),
        }
    }
}

/// The literal that an atom is; `None` if the atom is a field.
fn literal(atom: &str) -> Option<Literal> {
    match atom {
        "null" => Some(Literal::Null),
        "true" => Some(Literal::Bool(true)),
        "false" => Some(Literal::Bool(false)),
        _ if atom.starts_with(|it: char| it == '-' || it.is_ascii_digit()) => parse_number(atom).map(Literal::Number),
        _ => None,
    }
}

/// Parses a number in JSON's notation.
pub(super) fn parse_number(text: &str) -> Option<Number> {
    if let Ok(it) = text.parse::<i64>() {
        return Some(it.into());
    }
    if let Ok(it) = text.parse::<u64>() {
        return Some(it.into());
    }
    // `parse` also accepts `inf` and `nan`.
    text.parse::<f64>().ok().filter(|it| it.is_finite()).map(Number::from)
}
