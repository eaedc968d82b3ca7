//! The compiled form of a rule set: a string in the notation that the generator describes (`codegen::expr::rules`), read
//! in place. Knows where things stand, not what they mean; every step is checked, so that no table can make it panic.

use super::failure::EndpointFailure;
use super::params::{Param, Params};
use std::borrow::Cow;

type Result<T> = std::result::Result<T, EndpointFailure>;

/// A service's rule set, ready to resolve. Decoding reads only the parameters; the rules are interpreted where they stand.
#[derive(Clone, Debug)]
pub struct RuleSet {
    parameters: Vec<Parameter>,
    /// The parameters' defaults.
    defaults: Params<'static>,
    pub(super) code: &'static str,
    pub(super) pool: &'static str,
    /// How many values the rules keep beside the parameters.
    pub(super) assigned: usize,
    pub(super) root: usize,
}

/// A parameter of a rule set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    /// The name, as operations' context parameters spell it.
    pub name: &'static str,
    /// Its place among the rule set's parameters.
    pub index: usize,
    /// The type of its values.
    pub kind: ParameterKind,
    /// Whether resolving without a value is an error.
    pub required: bool,
    /// Whether any rule reads it; else its value changes nothing.
    pub read: bool,
    /// The setting of the client that fills it, such as `AWS::Region`.
    pub built_in: Option<&'static str>,
}

/// The type of a parameter's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// True or false.
    Boolean,
    /// Text.
    String,
    /// A list of texts.
    StringList,
}

impl ParameterKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Boolean => "a boolean",
            Self::String => "a string",
            Self::StringList => "a list of strings",
        }
    }
}

impl RuleSet {
    /// Decodes a table of the generator's.
    ///
    /// # Errors
    ///
    /// [`EndpointFailure::Table`] if its head is malformed; what is malformed further on is found when it is reached.
    pub fn decode(table: &'static str) -> Result<Self> {
        let mut head = Code { text: table, at: 0 };
        if head.byte()? != b'1' {
            return Err(EndpointFailure::Table("unknown version"));
        }
        let (code, pool, slots, root, count) =
            (head.number()?, head.number()?, head.number()?, head.number()?, head.number()?);
        let split =
            |end: usize, size: usize| end.checked_sub(size).ok_or(EndpointFailure::Table("shorter than it says"));
        let pool_at = split(table.len(), pool)?;
        let code_at = split(pool_at, code)?;
        let missing = EndpointFailure::Table("cut inside a character");
        let (code, pool) = table.get(code_at..pool_at).zip(table.get(pool_at..)).ok_or(missing)?;
        let mut parameters = Vec::new();
        let mut defaults = Vec::new();
        for index in 0..count {
            let (parameter, default) = head.parameter(index, pool)?;
            parameters.push(parameter);
            defaults.push(default);
        }
        if head.at != code_at {
            return Err(EndpointFailure::Table("the rules do not follow the parameters"));
        }
        let assigned = slots.checked_sub(count).filter(|it| *it <= code.len());
        let assigned = assigned.ok_or(EndpointFailure::Table("impossible number of values"))?;
        Ok(Self { parameters, defaults: Params { values: defaults }, code, pool, assigned, root })
    }

    /// The parameters, in the order of the rule set.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|it| it.name == name)
    }

    /// Values for a call, with every default filled in.
    pub fn params<'a>(&self) -> Params<'a> {
        self.defaults.clone()
    }
}

/// A place in a table.
#[derive(Clone, Copy)]
pub(super) struct Code {
    pub(super) text: &'static str,
    pub(super) at: usize,
}

impl Code {
    pub(super) fn byte(&mut self) -> Result<u8> {
        let byte = *self.text.as_bytes().get(self.at).ok_or(EndpointFailure::Table("it ends too early"))?;
        self.at += 1;
        Ok(byte)
    }

    fn digit(&mut self) -> Result<usize> {
        match self.byte()? {
            it @ b'#'..=b'[' => Ok(usize::from(it - b'#')),
            it @ b']'..=b'~' => Ok(usize::from(it - b'#' - 1)),
            _ => Err(EndpointFailure::Table("a digit is none")),
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
        pool.get(start..start + length).ok_or(EndpointFailure::Table("a text lies outside the texts"))
    }

    fn parameter(&mut self, index: usize, pool: &'static str) -> Result<(Parameter, Param<'static>)> {
        let kind = match self.byte()? {
            b'b' => ParameterKind::Boolean,
            b's' => ParameterKind::String,
            b'l' => ParameterKind::StringList,
            _ => return Err(EndpointFailure::Table("unknown type of a parameter")),
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
                return Err(EndpointFailure::Table("a default is of another type than its parameter"));
            }
        };
        let (required, read) = (flags & 1 == 1, flags & 2 == 2);
        // What no rule reads is kept only as given or not.
        let default = if read || default == Param::Unset { default } else { Param::String(Cow::Borrowed("")) };
        Ok((Parameter { name, index, kind, required, read, built_in }, default))
    }
}
