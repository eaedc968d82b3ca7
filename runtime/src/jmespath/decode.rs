//! The generator's notation to steps. Knows the notation, not JMESPath's grammar.

use super::failure::{Failure, Fault};
use super::function::Function;
use super::{Comparison, Literal, MAX_DEPTH, Step};
use crate::value::Number;

type Result<T> = std::result::Result<T, Failure>;

pub(super) fn decode(notation: &str) -> Result<Step> {
    let mut decoder = Decoder { rest: notation, depth: 0 };
    let step = decoder.step()?;
    match decoder.token()? {
        Token::End => Ok(step),
        _ => Err(decoder.syntax("something follows the expression")),
    }
}

struct Decoder<'n> {
    rest: &'n str,
    depth: usize,
}

enum Token<'n> {
    Open,
    Close,
    Word(&'n str),
    Field(String),
    Text(String),
    End,
}

impl<'n> Decoder<'n> {
    fn syntax(&self, message: &str) -> Failure {
        Failure::new(Fault::Syntax, format!("{message} before `{}`", self.rest.chars().take(20).collect::<String>()))
    }

    fn token(&mut self) -> Result<Token<'n>> {
        self.rest = self.rest.trim_start_matches(' ');
        let Some(first) = self.rest.chars().next() else { return Ok(Token::End) };
        match first {
            '(' | ')' => {
                self.rest = &self.rest[1..];
                Ok(if first == '(' { Token::Open } else { Token::Close })
            }
            '\'' => Ok(Token::Text(self.quoted(first)?)),
            '"' => Ok(Token::Field(self.quoted(first)?)),
            _ => {
                let end = self.rest.find([' ', '(', ')']).unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(end);
                self.rest = rest;
                Ok(Token::Word(word))
            }
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String> {
        let mut text = String::new();
        let mut escaped = false;
        for (index, it) in self.rest.char_indices().skip(1) {
            match it {
                _ if escaped => escaped = false,
                '\\' => {
                    escaped = true;
                    continue;
                }
                it if it == quote => {
                    self.rest = &self.rest[index + 1..];
                    return Ok(text);
                }
                _ => {}
            }
            text.push(it);
        }
        Err(self.syntax("no closing quote"))
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.syntax("nested too deep"));
        }
        self.depth += 1;
        let found = read(self)?;
        self.depth -= 1;
        Ok(found)
    }

    fn step(&mut self) -> Result<Step> {
        let token = self.token()?;
        self.step_of(token)
    }

    fn step_of(&mut self, token: Token<'n>) -> Result<Step> {
        match token {
            Token::Open => self.deeper(Self::form),
            Token::Field(name) => Ok(Step::Field(name.into())),
            Token::Text(text) => Ok(Step::Literal(Literal::String(text.into()))),
            Token::Word("@") => Ok(Step::Current),
            Token::Word(word) => match literal(word) {
                Some(literal) => Ok(Step::Literal(literal)),
                None if word.contains('.') => {
                    Ok(Step::Chain(word.split('.').map(|it| Step::Field(it.into())).collect()))
                }
                None => Ok(Step::Field(word.into())),
            },
            Token::Close | Token::End => Err(self.syntax("expected an expression")),
        }
    }

    /// What stands between parentheses, the closing one included.
    fn form(&mut self) -> Result<Step> {
        let Token::Word(head) = self.token()? else {
            return Err(self.syntax("expected the name of a form"));
        };
        let step = match head {
            "." => return Ok(Step::Chain(self.steps()?)),
            "list" => return Ok(Step::List(self.steps()?)),
            "hash" => return Ok(Step::Hash(self.pairs(Self::step)?)),
            "call" => return self.call(),
            "array" | "object" => return Ok(Step::Literal(self.literal_form(head)?)),
            "at" => {
                Step::Index(self.number()?.ok_or_else(|| self.syntax("expected a number"))?, Box::new(self.step()?))
            }
            "slice" => {
                let parts = [self.number()?, self.number()?, self.number()?];
                if parts[2] == Some(0) {
                    return Err(Failure::new(Fault::InvalidValue, "the step of a slice cannot be 0"));
                }
                Step::Slice(parts, Box::new(self.step()?))
            }
            "each" => Step::Each(self.two()?),
            "values" => Step::Values(self.two()?),
            "where" => Step::Where(Box::new([self.step()?, self.step()?, self.step()?])),
            "flat" => Step::Flatten(Box::new(self.step()?)),
            "or" => Step::Or(self.two()?),
            "and" => Step::And(self.two()?),
            "not" => Step::Not(Box::new(self.step()?)),
            "&" => Step::Expression(Box::new(self.step()?)),
            "==" => Step::Compare(Comparison::Equal, self.two()?),
            "!=" => Step::Compare(Comparison::NotEqual, self.two()?),
            "<" => Step::Compare(Comparison::Less, self.two()?),
            "<=" => Step::Compare(Comparison::LessOrEqual, self.two()?),
            ">" => Step::Compare(Comparison::Greater, self.two()?),
            ">=" => Step::Compare(Comparison::GreaterOrEqual, self.two()?),
            other => return Err(self.syntax(&format!("unknown form `{other}`"))),
        };
        match self.token()? {
            Token::Close => Ok(step),
            _ => Err(self.syntax("expected `)`")),
        }
    }

    fn two(&mut self) -> Result<Box<[Step; 2]>> {
        Ok(Box::new([self.step()?, self.step()?]))
    }

    /// Steps up to the closing parenthesis.
    fn steps(&mut self) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        loop {
            match self.token()? {
                Token::Close => return Ok(steps),
                token => steps.push(self.step_of(token)?),
            }
        }
    }

    /// Keys with what follows each, up to the closing parenthesis.
    fn pairs<V>(&mut self, mut value: impl FnMut(&mut Self) -> Result<V>) -> Result<Vec<(Box<str>, V)>> {
        let mut pairs = Vec::new();
        loop {
            match self.token()? {
                Token::Close => return Ok(pairs),
                Token::Text(key) => pairs.push((key.into(), value(self)?)),
                _ => return Err(self.syntax("expected a key in quotes")),
            }
        }
    }

    /// A whole number, or `_` for none.
    fn number(&mut self) -> Result<Option<i64>> {
        match self.token()? {
            Token::Word("_") => Ok(None),
            Token::Word(word) => word.parse().map(Some).map_err(|_| self.syntax("expected a number")),
            _ => Err(self.syntax("expected a number")),
        }
    }

    fn call(&mut self) -> Result<Step> {
        let Token::Word(name) = self.token()? else {
            return Err(self.syntax("expected the name of a function"));
        };
        let function = Function::named(name)
            .ok_or_else(|| Failure::new(Fault::UnknownFunction, format!("unknown function `{name}`")))?;
        let arguments = self.steps()?;
        if !function.arity().contains(&arguments.len()) {
            return Err(Failure::new(
                Fault::InvalidArity,
                format!("`{name}` does not take {} arguments", arguments.len()),
            ));
        }
        Ok(Step::Call(function, arguments))
    }

    fn literal_form(&mut self, head: &str) -> Result<Literal> {
        if head == "object" {
            return Ok(Literal::Object(self.pairs(Self::literal)?));
        }
        let mut items = Vec::new();
        loop {
            match self.token()? {
                Token::Close => return Ok(Literal::Array(items)),
                token => items.push(self.literal_of(token)?),
            }
        }
    }

    fn literal(&mut self) -> Result<Literal> {
        let token = self.token()?;
        self.literal_of(token)
    }

    fn literal_of(&mut self, token: Token<'n>) -> Result<Literal> {
        match token {
            Token::Text(text) => Ok(Literal::String(text.into())),
            Token::Word(word) => literal(word).ok_or_else(|| self.syntax("expected a literal")),
            Token::Open => self.deeper(|this| match this.token()? {
                Token::Word(head @ ("array" | "object")) => this.literal_form(head),
                _ => Err(this.syntax("expected `array` or `object`")),
            }),
            _ => Err(self.syntax("expected a literal")),
        }
    }
}

/// A literal that is one word; `None` for every other word, which is a field then.
fn literal(word: &str) -> Option<Literal> {
    match word {
        "null" => Some(Literal::Null),
        "true" => Some(Literal::Bool(true)),
        "false" => Some(Literal::Bool(false)),
        _ if word.starts_with(|it: char| it == '-' || it.is_ascii_digit()) => number(word).map(Literal::Number),
        _ => None,
    }
}

/// A number as JSON writes it.
pub(super) fn number(text: &str) -> Option<Number> {
    if let Ok(it) = text.parse::<i64>() {
        return Some(it.into());
    }
    if let Ok(it) = text.parse::<u64>() {
        return Some(it.into());
    }
    // `parse` also reads words such as `inf` and `nan`.
    text.parse::<f64>().ok().filter(|it| it.is_finite()).map(Number::from)
}
