//! The interpreter of compiled endpoint rules. Knows the meaning of the rules language, no service and no network.
//!
//! Values borrow from the parameters and the table; conditions allocate only for templates, encoded strings and
//! normalized paths.

use super::failure::EndpointError;
use super::function::{is_host_label, is_virtual_hostable_bucket, substring};
use super::params::{Param, Params};
use super::partition::Partition;
use super::rule_set::{Cursor, RuleSet};
use super::url::Url;
use super::value::{Arn, Value, slice};
use super::{AuthScheme, Endpoint, Property};
use crate::encoding::percent;
use std::borrow::Cow;

type Result<T> = std::result::Result<T, EndpointError>;

/// The maximum nesting; a deeper table is malformed. Our choice: far above the 60 levels to which the generator limits
/// rules.
const MAX_DEPTH: usize = 160;

/// The maximum number of rules and expressions that are evaluated for one endpoint. Our choice: S3 needs a few hundred,
/// and a malformed table must not keep a call busy forever.
const MAX_STEPS: usize = 1_000_000;

impl RuleSet {
    /// Resolves the endpoint for these parameters.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Rejected`] with the rule's message, [`EndpointError::MissingParameter`] or
    /// [`EndpointError::NoMatchingRule`].
    pub fn resolve(&self, params: &Params<'_>) -> Result<Endpoint> {
        for (parameter, value) in self.parameters().iter().zip(&params.values) {
            if parameter.required && *value == Param::Unset {
                return Err(EndpointError::MissingParameter { parameter: parameter.name });
            }
        }
        let mut evaluation = Evaluation { rules: self, params, assigned: vec![Value::Absent; self.assigned], steps: 0 };
        match evaluation.rule_list(self.root, 0)? {
            Some(endpoint) => Ok(endpoint),
            None => {
                let parameters =
                    self.parameters().iter().filter(|it| it.read).map(|it| format!("{}: {}", it.name, params.get(it)));
                Err(EndpointError::NoMatchingRule(parameters.collect::<Vec<_>>().join(", ")))
            }
        }
    }
}

struct Evaluation<'a> {
    rules: &'a RuleSet,
    params: &'a Params<'a>,
    /// The values that rules assigned. Rules read a name only after assigning it, so values left from other branches
    /// have no effect.
    assigned: Vec<Value<'a>>,
    steps: usize,
}

impl<'a> Evaluation<'a> {
    /// A cursor at an offset, which must be before `limit`, so that evaluation always ends.
    fn cursor(&self, offset: usize, limit: usize) -> Result<Cursor> {
        if offset >= limit {
            return Err(EndpointError::MalformedRuleSet("an offset points forward"));
        }
        Ok(Cursor { table: self.rules.code, position: offset })
    }

    fn rule_list(&mut self, offset: usize, depth: usize) -> Result<Option<Endpoint>> {
        let depth = self.step(depth)?;
        let mut cursor = self.cursor(offset, usize::MAX)?;
        for _ in 0..cursor.number()? {
            let rule = self.cursor(cursor.number()?, offset)?;
            let endpoint = self.rule(rule, depth)?;
            if endpoint.is_some() {
                return Ok(endpoint);
            }
        }
        Ok(None)
    }

    fn rule(&mut self, mut rule: Cursor, depth: usize) -> Result<Option<Endpoint>> {
        let start = rule.position;
        self.step(depth)?;
        for _ in 0..rule.number()? {
            let mut condition = self.cursor(rule.number()?, start)?;
            if !self.condition(&mut condition, 0)? {
                return Ok(None);
            }
        }
        let kind = rule.byte()?;
        let mut body = self.cursor(rule.number()?, start)?;
        match kind {
            b'>' => self.rule_list(body.position, depth),
            b'e' => self.endpoint(&mut body).map(Some),
            b'x' => Err(EndpointError::Rejected(self.required_string(&mut body, 0, "an error message")?.into_owned())),
            _ => Err(EndpointError::MalformedRuleSet("unknown kind of rule")),
        }
    }

    fn endpoint(&mut self, cursor: &mut Cursor) -> Result<Endpoint> {
        let mut endpoint = Endpoint::new(self.required_string(cursor, 0, "a URL")?);
        for _ in 0..cursor.number()? {
            let name = cursor.string(self.rules.pool)?;
            let mut values = Vec::new();
            for _ in 0..cursor.number()? {
                values.push(self.required_string(cursor, 0, "a header")?.into_owned());
            }
            endpoint.headers.push((name, values));
        }
        for (name, property) in self.entries(cursor, 0)? {
            let schemes = if name == "authSchemes" { AuthScheme::list_from_property(&property) } else { None };
            match schemes.filter(|it| !it.is_empty()) {
                Some(schemes) => endpoint.auth_schemes = schemes,
                None => endpoint.properties.push((name, property)),
            }
        }
        Ok(endpoint)
    }

    fn entries(&mut self, cursor: &mut Cursor, depth: usize) -> Result<Vec<(&'static str, Property)>> {
        let mut entries = Vec::new();
        for _ in 0..cursor.number()? {
            entries.push((cursor.string(self.rules.pool)?, self.property(cursor, depth)?));
        }
        Ok(entries)
    }

    fn property(&mut self, cursor: &mut Cursor, depth: usize) -> Result<Property> {
        let depth = self.step(depth)?;
        let start = *cursor;
        Ok(match cursor.byte()? {
            b'$' => Property::String(Cow::Borrowed(cursor.string(self.rules.pool)?)),
            b'T' => Property::Boolean(true),
            b'F' => Property::Boolean(false),
            b'n' => Property::Integer(u32::try_from(cursor.number()?).unwrap_or(u32::MAX)),
            b'[' => {
                let mut list = Vec::new();
                for _ in 0..cursor.number()? {
                    list.push(self.property(cursor, depth)?);
                }
                Property::List(list)
            }
            b'{' => Property::Map(self.entries(cursor, depth)?),
            _ => {
                *cursor = start;
                Property::String(Cow::Owned(self.required_string(cursor, 0, "a property")?.into_owned()))
            }
        })
    }

    /// Whether a condition is met.
    fn condition(&mut self, cursor: &mut Cursor, depth: usize) -> Result<bool> {
        let depth = self.step(depth)?;
        let start = *cursor;
        match cursor.byte()? {
            b'!' => Ok(!self.condition(cursor, depth)?),
            b'i' => self.is_set(cursor, depth),
            b'b' => Ok(self.boolean(cursor, depth)? == self.boolean(cursor, depth)?),
            b'=' => {
                let one = self.required_string(cursor, depth, "stringEquals")?;
                Ok(one == self.required_string(cursor, depth, "stringEquals")?)
            }
            letter @ (b'h' | b'v') => {
                let string = self.optional_string(cursor, depth)?;
                let subdomains = self.boolean(cursor, depth)?;
                let test = if letter == b'h' { is_host_label } else { is_virtual_hostable_bucket };
                Ok(string.is_some_and(|it| test(&it, subdomains)))
            }
            _ => {
                *cursor = start;
                Ok(self.value(cursor, depth)?.is_truthy())
            }
        }
    }

    fn is_set(&mut self, cursor: &mut Cursor, depth: usize) -> Result<bool> {
        let mut ahead = *cursor;
        if ahead.byte()? == b'r'
            && let Some(param) = self.params.values.get(ahead.number()?)
        {
            *cursor = ahead;
            return Ok(*param != Param::Unset);
        }
        Ok(!matches!(self.value(cursor, depth)?, Value::Absent))
    }

    fn boolean(&mut self, cursor: &mut Cursor, depth: usize) -> Result<bool> {
        let mut ahead = *cursor;
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
            *cursor = ahead;
            return Ok(it);
        }
        match self.value(cursor, depth)? {
            Value::Boolean(it) => Ok(it),
            Value::Absent => Err(EndpointError::AbsentValue { required_by: "a boolean function" }),
            _ => Err(EndpointError::MalformedRuleSet("expected a boolean")),
        }
    }

    fn integer(&mut self, cursor: &mut Cursor) -> Result<usize> {
        if cursor.byte()? != b'n' {
            return Err(EndpointError::MalformedRuleSet("expected a number"));
        }
        cursor.number()
    }

    fn required_string(
        &mut self,
        cursor: &mut Cursor,
        depth: usize,
        required_by: &'static str,
    ) -> Result<Cow<'a, str>> {
        self.optional_string(cursor, depth)?.ok_or(EndpointError::AbsentValue { required_by })
    }

    fn optional_string(&mut self, cursor: &mut Cursor, depth: usize) -> Result<Option<Cow<'a, str>>> {
        let mut ahead = *cursor;
        let found = match ahead.byte()? {
            b'$' => Some(ahead.string(self.rules.pool)?),
            b'r' => match self.params.values.get(ahead.number()?) {
                Some(Param::String(it)) => Some(&**it),
                _ => None,
            },
            _ => None,
        };
        if let Some(it) = found {
            *cursor = ahead;
            return Ok(Some(Cow::Borrowed(it)));
        }
        match self.value(cursor, depth)? {
            Value::String(it) => Ok(Some(it)),
            Value::Absent => Ok(None),
            _ => Err(EndpointError::MalformedRuleSet("expected a string")),
        }
    }

    /// Counts one evaluation step and returns the next depth.
    fn step(&mut self, depth: usize) -> Result<usize> {
        self.steps += 1;
        if depth >= MAX_DEPTH || self.steps > MAX_STEPS {
            return Err(EndpointError::MalformedRuleSet("nested too deeply, or too many rules"));
        }
        Ok(depth + 1)
    }

    fn value(&mut self, cursor: &mut Cursor, depth: usize) -> Result<Value<'a>> {
        let depth = self.step(depth)?;
        let start = *cursor;
        Ok(match cursor.byte()? {
            b'$' => Value::String(Cow::Borrowed(cursor.string(self.rules.pool)?)),
            b'T' => Value::Boolean(true),
            b'F' => Value::Boolean(false),
            b'n' => {
                cursor.number()?;
                Value::Integer
            }
            b'r' => self.slot(cursor.number()?)?,
            b't' => {
                let mut text = String::with_capacity(64);
                for _ in 0..cursor.number()? {
                    text.push_str(&self.required_string(cursor, depth, "a template")?);
                }
                Value::String(Cow::Owned(text))
            }
            b':' => {
                let slot = cursor.number()?;
                let value = self.value(cursor, depth)?;
                let index = slot.checked_sub(self.params.values.len());
                let assigned = index
                    .and_then(|it| self.assigned.get_mut(it))
                    .ok_or(EndpointError::MalformedRuleSet("assignment to an unknown slot"))?;
                *assigned = value.clone();
                value
            }
            b'.' => {
                let letter = cursor.byte()?;
                self.read_value(cursor, depth, |it| it.attribute(letter))?
                    .ok_or(EndpointError::MalformedRuleSet("unknown attribute"))?
            }
            b'@' => {
                let index = cursor.number()?;
                self.read_value(cursor, depth, |it| it.element(index))?
                    .ok_or(EndpointError::MalformedRuleSet("index into a value that is not a list"))?
            }
            b'c' => {
                let text = self.required_string(cursor, depth, "substring")?;
                let (from, to) = (self.integer(cursor)?, self.integer(cursor)?);
                let reverse = self.boolean(cursor, depth)?;
                substring(&text, from, to, reverse).map_or(Value::Absent, |range| Value::String(slice(&text, range)))
            }
            b'u' => match self.optional_string(cursor, depth)? {
                Some(text) => Value::String(percent::encode(&text).into_owned().into()),
                None => Value::Absent,
            },
            b'l' => self.optional_string(cursor, depth)?.and_then(Url::parse).map_or(Value::Absent, Value::Url),
            b'p' => Value::Partition(Partition::for_region(&self.optional_string(cursor, depth)?.unwrap_or_default())),
            b'a' => self.optional_string(cursor, depth)?.and_then(Arn::parse).map_or(Value::Absent, Value::Arn),
            b'!' | b'i' | b'b' | b'=' | b'h' | b'v' => {
                *cursor = start;
                Value::Boolean(self.condition(cursor, depth)?)
            }
            _ => return Err(EndpointError::MalformedRuleSet("unknown function")),
        })
    }

    /// Evaluates the next value and applies `read` to it; a value in a slot is not copied for that.
    fn read_value<T>(&mut self, cursor: &mut Cursor, depth: usize, read: impl FnOnce(&Value<'a>) -> T) -> Result<T> {
        let mut ahead = *cursor;
        if ahead.byte()? == b'r'
            && let Some(index) = ahead.number()?.checked_sub(self.params.values.len())
            && let Some(value) = self.assigned.get(index)
        {
            *cursor = ahead;
            return Ok(read(value));
        }
        Ok(read(&self.value(cursor, depth)?))
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
        self.assigned
            .get(slot - self.params.values.len())
            .cloned()
            .ok_or(EndpointError::MalformedRuleSet("unknown slot"))
    }
}

#[cfg(test)]
mod tests;
