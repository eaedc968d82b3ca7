//! The compiled form of a rule set: a table, which is a string in the notation that `codegen::expr::rules` describes,
//! read in place. Knows the layout of the table, not the meaning of rules; every read is checked, so that no table
//! causes a panic.

use super::failure::EndpointError;
use super::parameter::{Parameter, ParameterKind};
use super::params::{Param, Params};
use std::borrow::Cow;

type Result<T> = std::result::Result<T, EndpointError>;

/// A service's endpoint rule set. Decoding reads only the parameters; the rules are interpreted in place.
#[derive(Clone, Debug)]
pub struct RuleSet {
    parameters: Vec<Parameter>,
    /// The parameters' defaults.
    defaults: Params<'static>,
    pub(super) code: &'static str,
    pub(super) pool: &'static str,
    /// The number of values that rules assign, without the parameters.
    pub(super) assigned: usize,
    pub(super) root: usize,
}

impl RuleSet {
    /// Decodes a table that the generator wrote.
    ///
    /// # Errors
    ///
    /// [`EndpointError::MalformedRuleSet`] if the head of the table is malformed. Malformed rules are an error when
    /// they are evaluated.
    pub fn decode(table: &'static str) -> Result<Self> {
        let mut head = Cursor { table, position: 0 };
        if head.byte()? != b'1' {
            return Err(EndpointError::MalformedRuleSet("unknown version"));
        }
        let (code, pool, slots, root, count) =
            (head.number()?, head.number()?, head.number()?, head.number()?, head.number()?);
        let split = |end: usize, size: usize| {
            end.checked_sub(size).ok_or(EndpointError::MalformedRuleSet("the table is shorter than its head declares"))
        };
        let pool_start = split(table.len(), pool)?;
        let code_start = split(pool_start, code)?;
        let inside_character = EndpointError::MalformedRuleSet("a section starts inside a character");
        let (code, pool) = table.get(code_start..pool_start).zip(table.get(pool_start..)).ok_or(inside_character)?;
        let mut parameters = Vec::new();
        let mut defaults = Vec::new();
        for index in 0..count {
            let (parameter, default) = head.parameter(index, pool)?;
            parameters.push(parameter);
            defaults.push(default);
        }
        if head.position != code_start {
            return Err(EndpointError::MalformedRuleSet("the rules do not follow the parameters"));
        }
        let assigned = slots.checked_sub(count).filter(|it| *it <= code.len());
        let assigned = assigned.ok_or(EndpointError::MalformedRuleSet("impossible number of assigned values"))?;
        Ok(Self { parameters, defaults: Params { values: defaults }, code, pool, assigned, root })
    }

    /// The parameters, in the order of the rule set.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The parameter with that name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|it| it.name == name)
    }

    /// The values for a call, initially the defaults.
    pub fn params<'a>(&self) -> Params<'a> {
        self.defaults.clone()
    }
}

/// A read position in a table.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    pub(super) table: &'static str,
    pub(super) position: usize,
}

impl Cursor {
    pub(super) fn byte(&mut self) -> Result<u8> {
        let byte =
            *self.table.as_bytes().get(self.position).ok_or(EndpointError::MalformedRuleSet("unexpected end"))?;
        self.position += 1;
        Ok(byte)
    }

    fn digit(&mut self) -> Result<usize> {
        match self.byte()? {
            it @ b'#'..=b'[' => Ok(usize::from(it - b'#')),
            it @ b']'..=b'~' => Ok(usize::from(it - b'#' - 1)),
            _ => Err(EndpointError::MalformedRuleSet("invalid digit")),
        }
    }

    pub(super) fn number(&mut self) -> Result<usize> {
        Ok(match self.digit()? {
            it @ 0..75 => it,
            it @ 75..89 => 75 + (it - 75) * 91 + self.digit()?,
            89 => self.digit()? * 91 + self.digit()?,
            _ => (self.digit()? * 91 + self.digit()?) * 91 + self.digit()?,
        })
    }

    pub(super) fn string(&mut self, pool: &'static str) -> Result<&'static str> {
        let (start, length) = (self.number()?, self.number()?);
        pool.get(start..start + length).ok_or(EndpointError::MalformedRuleSet("a string is outside the string pool"))
    }

    fn parameter(&mut self, index: usize, pool: &'static str) -> Result<(Parameter, Param<'static>)> {
        let kind = match self.byte()? {
            b'b' => ParameterKind::Boolean,
            b's' => ParameterKind::String,
            b'l' => ParameterKind::StringList,
            _ => return Err(EndpointError::MalformedRuleSet("unknown parameter type")),
        };
        let flags = self.number()?;
        let name = self.string(pool)?;
        let built_in = Some(self.string(pool)?).filter(|it| !it.is_empty());
        let default = match (self.byte()?, kind) {
            (b'-', _) => Param::Unset,
            (it @ (b'T' | b'F'), ParameterKind::Boolean) => Param::Boolean(it == b'T'),
            (b'$', ParameterKind::String) => Param::String(Cow::Borrowed(self.string(pool)?)),
            (b'[', ParameterKind::StringList) => {
                let count = self.number()?;
                let list: Result<Vec<String>> = (0..count).map(|_| Ok(self.string(pool)?.to_owned())).collect();
                Param::StringList(Cow::Owned(list?))
            }
            _ => {
                return Err(EndpointError::MalformedRuleSet("a default does not have the type of its parameter"));
            }
        };
        let (required, read) = (flags & 1 == 1, flags & 2 == 2);
        // Of a parameter that no rule reads, only whether it is set is stored.
        let default = if read || default == Param::Unset { default } else { Param::String(Cow::Borrowed("")) };
        Ok((Parameter { name, index, kind, required, read, built_in }, default))
    }
}
