//! The interpreter of compiled rules: walks the table and decides. Knows the language's meaning, no service and no network.
//!
//! Values borrow from the parameters and the table; conditions allocate only for templates, encoded strings and normal paths.

use super::failure::EndpointFailure;
use super::function::{is_host_label, is_virtual_hostable_bucket, substring, uri_encode};
use super::params::{Param, Params};
use super::partition::Partition;
use super::table::{Code, RuleSet};
use super::url::Url;
use super::value::{Arn, Value, slice};
use super::{AuthScheme, Endpoint, Property};
use std::borrow::Cow;

type Result<T> = std::result::Result<T, EndpointFailure>;

/// Deeper nesting than this is malformed; the generator refuses rule sets that come near.
const MAX_DEPTH: usize = 160;

/// More rules and expressions than this are never looked at: S3 needs a few hundred. It ends what a malformed table would
/// make endless.
const MAX_STEPS: usize = 1_000_000;

impl RuleSet {
    /// The endpoint for these parameters.
    ///
    /// # Errors
    ///
    /// [`EndpointFailure::Refused`] with the rules' own text, or that a required parameter is missing, or that no rule decides.
    pub fn resolve(&self, params: &Params<'_>) -> Result<Endpoint> {
        for (parameter, value) in self.parameters().iter().zip(&params.values) {
            if parameter.required && *value == Param::Unset {
                return Err(EndpointFailure::Missing { parameter: parameter.name });
            }
        }
        let mut evaluation = Evaluation { rules: self, params, assigned: vec![Value::Absent; self.assigned], steps: 0 };
        match evaluation.list(self.root, 0)? {
            Some(endpoint) => Ok(endpoint),
            None => {
                let given =
                    self.parameters().iter().filter(|it| it.read).map(|it| format!("{}: {}", it.name, params.get(it)));
                Err(EndpointFailure::NoRule(given.collect::<Vec<_>>().join(", ")))
            }
        }
    }
}

struct Evaluation<'a> {
    rules: &'a RuleSet,
    params: &'a Params<'a>,
    /// What rules have assigned. A name is read only where it is surely assigned, so leftovers of other branches never show.
    assigned: Vec<Value<'a>>,
    steps: usize,
}

impl<'a> Evaluation<'a> {
    /// The code at an offset, which must lie before `from`: so every walk comes to an end.
    fn code(&self, offset: usize, from: usize) -> Result<Code> {
        if offset >= from {
            return Err(EndpointFailure::Table("an offset points forward"));
        }
        Ok(Code { text: self.rules.code, at: offset })
    }

    fn list(&mut self, offset: usize, depth: usize) -> Result<Option<Endpoint>> {
        let depth = self.step(depth)?;
        let mut code = self.code(offset, usize::MAX)?;
        for _ in 0..code.number()? {
            let rule = self.code(code.number()?, offset)?;
            let endpoint = self.rule(rule, depth)?;
            if endpoint.is_some() {
                return Ok(endpoint);
            }
        }
        Ok(None)
    }

    fn rule(&mut self, mut rule: Code, depth: usize) -> Result<Option<Endpoint>> {
        let from = rule.at;
        self.step(depth)?;
        for _ in 0..rule.number()? {
            let mut condition = self.code(rule.number()?, from)?;
            if !self.holds(&mut condition, 0)? {
                return Ok(None);
            }
        }
        let body = rule.byte()?;
        let mut code = self.code(rule.number()?, from)?;
        match body {
            b'>' => self.list(code.at, depth),
            b'e' => self.endpoint(&mut code).map(Some),
            b'x' => Err(EndpointFailure::Refused(self.needed_text(&mut code, 0, "an error text")?.into_owned())),
            _ => Err(EndpointFailure::Table("unknown kind of rule")),
        }
    }

    fn endpoint(&mut self, code: &mut Code) -> Result<Endpoint> {
        let mut endpoint = Endpoint::new(self.needed_text(code, 0, "a URL")?);
        for _ in 0..code.number()? {
            let name = code.string(self.rules.pool)?;
            let mut values = Vec::new();
            for _ in 0..code.number()? {
                values.push(self.needed_text(code, 0, "a header")?.into_owned());
            }
            endpoint.headers.push((name, values));
        }
        for (name, property) in self.entries(code, 0)? {
            let schemes = if name == "authSchemes" { AuthScheme::read_all(&property) } else { None };
            match schemes.filter(|it| !it.is_empty()) {
                Some(schemes) => endpoint.auth_schemes = schemes,
                None => endpoint.properties.push((name, property)),
            }
        }
        Ok(endpoint)
    }

    fn entries(&mut self, code: &mut Code, depth: usize) -> Result<Vec<(&'static str, Property)>> {
        let mut entries = Vec::new();
        for _ in 0..code.number()? {
            entries.push((code.string(self.rules.pool)?, self.property(code, depth)?));
        }
        Ok(entries)
    }

    fn property(&mut self, code: &mut Code, depth: usize) -> Result<Property> {
        let depth = self.step(depth)?;
        let start = *code;
        Ok(match code.byte()? {
            b'$' => Property::String(Cow::Borrowed(code.string(self.rules.pool)?)),
            b'T' => Property::Boolean(true),
            b'F' => Property::Boolean(false),
            b'n' => Property::Integer(u32::try_from(code.number()?).unwrap_or(u32::MAX)),
            b'[' => {
                let mut list = Vec::new();
                for _ in 0..code.number()? {
                    list.push(self.property(code, depth)?);
                }
                Property::List(list)
            }
            b'{' => Property::Map(self.entries(code, depth)?),
            _ => {
                *code = start;
                Property::String(Cow::Owned(self.needed_text(code, 0, "a property")?.into_owned()))
            }
        })
    }

    /// Whether a condition holds.
    fn holds(&mut self, code: &mut Code, depth: usize) -> Result<bool> {
        let depth = self.step(depth)?;
        let start = *code;
        match code.byte()? {
            b'!' => Ok(!self.holds(code, depth)?),
            b'i' => self.is_set(code, depth),
            b'b' => Ok(self.boolean(code, depth)? == self.boolean(code, depth)?),
            b'=' => {
                let one = self.needed_text(code, depth, "stringEquals")?;
                Ok(one == self.needed_text(code, depth, "stringEquals")?)
            }
            letter @ (b'h' | b'v') => {
                let text = self.text(code, depth)?;
                let subdomains = self.boolean(code, depth)?;
                let test = if letter == b'h' { is_host_label } else { is_virtual_hostable_bucket };
                Ok(text.is_some_and(|it| test(&it, subdomains)))
            }
            _ => {
                *code = start;
                Ok(self.value(code, depth)?.holds())
            }
        }
    }

    fn is_set(&mut self, code: &mut Code, depth: usize) -> Result<bool> {
        let mut ahead = *code;
        if ahead.byte()? == b'r'
            && let Some(param) = self.params.values.get(ahead.number()?)
        {
            *code = ahead;
            return Ok(*param != Param::Unset);
        }
        Ok(!matches!(self.value(code, depth)?, Value::Absent))
    }

    fn boolean(&mut self, code: &mut Code, depth: usize) -> Result<bool> {
        let mut ahead = *code;
        let found = match ahead.byte()? {
            b'T' => Some(true),
            b'F' => Some(false),
            b'r' => match self.params.values.get(ahead.number()?) {
                Some(Param::Boolean(it)) => Some(*it),
                _ => None,
            },
            _ => None,
        };
        if let Some(it) = found {
            *code = ahead;
            return Ok(it);
        }
        match self.value(code, depth)? {
            Value::Boolean(it) => Ok(it),
            Value::Absent => Err(EndpointFailure::Absent { needed_by: "a boolean function" }),
            _ => Err(EndpointFailure::Table("a boolean is none")),
        }
    }

    fn integer(&mut self, code: &mut Code) -> Result<usize> {
        if code.byte()? != b'n' {
            return Err(EndpointFailure::Table("a number is none"));
        }
        code.number()
    }

    fn needed_text(&mut self, code: &mut Code, depth: usize, needed_by: &'static str) -> Result<Cow<'a, str>> {
        self.text(code, depth)?.ok_or(EndpointFailure::Absent { needed_by })
    }

    fn text(&mut self, code: &mut Code, depth: usize) -> Result<Option<Cow<'a, str>>> {
        let mut ahead = *code;
        let found = match ahead.byte()? {
            b'$' => Some(ahead.string(self.rules.pool)?),
            b'r' => match self.params.values.get(ahead.number()?) {
                Some(Param::String(it)) => Some(&**it),
                _ => None,
            },
            _ => None,
        };
        if let Some(it) = found {
            *code = ahead;
            return Ok(Some(Cow::Borrowed(it)));
        }
        match self.value(code, depth)? {
            Value::String(it) => Ok(Some(it)),
            Value::Absent => Ok(None),
            _ => Err(EndpointFailure::Table("a text is none")),
        }
    }

    /// One step of the walk, one level deeper.
    fn step(&mut self, depth: usize) -> Result<usize> {
        self.steps += 1;
        if depth >= MAX_DEPTH || self.steps > MAX_STEPS {
            return Err(EndpointFailure::Table("it is nested too deep or goes on too long"));
        }
        Ok(depth + 1)
    }

    fn value(&mut self, code: &mut Code, depth: usize) -> Result<Value<'a>> {
        let depth = self.step(depth)?;
        let start = *code;
        Ok(match code.byte()? {
            b'$' => Value::String(Cow::Borrowed(code.string(self.rules.pool)?)),
            b'T' => Value::Boolean(true),
            b'F' => Value::Boolean(false),
            b'n' => {
                code.number()?;
                Value::Integer
            }
            b'r' => self.slot(code.number()?)?,
            b't' => {
                let mut text = String::with_capacity(64);
                for _ in 0..code.number()? {
                    text.push_str(&self.needed_text(code, depth, "a template")?);
                }
                Value::String(Cow::Owned(text))
            }
            b':' => {
                let slot = code.number()?;
                let value = self.value(code, depth)?;
                let index = slot.checked_sub(self.params.values.len());
                let kept = index
                    .and_then(|it| self.assigned.get_mut(it))
                    .ok_or(EndpointFailure::Table("no such value to assign"))?;
                *kept = value.clone();
                value
            }
            b'.' => {
                let letter = code.byte()?;
                self.record(code, depth, |it| it.attribute(letter))?
                    .ok_or(EndpointFailure::Table("no such attribute"))?
            }
            b'@' => {
                let index = code.number()?;
                self.record(code, depth, |it| it.element(index))?
                    .ok_or(EndpointFailure::Table("an element of no list"))?
            }
            b'c' => {
                let text = self.needed_text(code, depth, "substring")?;
                let (from, to) = (self.integer(code)?, self.integer(code)?);
                let reverse = self.boolean(code, depth)?;
                substring(&text, from, to, reverse).map_or(Value::Absent, |range| Value::String(slice(&text, range)))
            }
            b'u' => self.text(code, depth)?.map_or(Value::Absent, |it| Value::String(uri_encode(it))),
            b'l' => self.text(code, depth)?.and_then(Url::parse).map_or(Value::Absent, Value::Url),
            b'p' => Value::Partition(Partition::of(&self.text(code, depth)?.unwrap_or_default())),
            b'a' => self.text(code, depth)?.and_then(Arn::parse).map_or(Value::Absent, Value::Arn),
            b'!' | b'i' | b'b' | b'=' | b'h' | b'v' => {
                *code = start;
                Value::Boolean(self.holds(code, depth)?)
            }
            _ => return Err(EndpointFailure::Table("unknown function")),
        })
    }

    /// What `read` finds in the value that follows; one that is kept in a slot is not copied for it.
    fn record<T>(&mut self, code: &mut Code, depth: usize, read: impl FnOnce(&Value<'a>) -> T) -> Result<T> {
        let mut ahead = *code;
        if ahead.byte()? == b'r'
            && let Some(index) = ahead.number()?.checked_sub(self.params.values.len())
            && let Some(kept) = self.assigned.get(index)
        {
            *code = ahead;
            return Ok(read(kept));
        }
        Ok(read(&self.value(code, depth)?))
    }

    fn slot(&self, slot: usize) -> Result<Value<'a>> {
        if let Some(param) = self.params.values.get(slot) {
            return Ok(match param {
                Param::Unset => Value::Absent,
                Param::Boolean(it) => Value::Boolean(*it),
                Param::String(it) => Value::String(Cow::Borrowed(it)),
                Param::StringList(it) => Value::Strings(it),
            });
        }
        self.assigned.get(slot - self.params.values.len()).cloned().ok_or(EndpointFailure::Table("no such value"))
    }
}

#[cfg(test)]
mod tests;
