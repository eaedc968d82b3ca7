//! The values of a rule set's parameters for a call. Knows their types, not their meaning.

use super::failure::EndpointError;
use super::parameter::{Parameter, ParameterKind};
use std::borrow::Cow;
use std::fmt;

/// Values for the parameters of one rule set, created by [`RuleSet::params`](super::RuleSet::params) with the defaults
/// filled in.
///
/// Equal `Params` resolve to equal endpoints, so they are a cache key for endpoints: of a parameter that no rule reads,
/// only whether it is set is stored. They borrow values for a call; [`into_owned`](Self::into_owned) makes a copy to
/// store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Params<'a> {
    pub(super) values: Vec<Param<'a>>,
}

/// The value of a parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Param<'a> {
    /// No value.
    #[default]
    Unset,
    /// A boolean.
    Boolean(bool),
    /// A string.
    String(Cow<'a, str>),
    /// A list of strings.
    StringList(Cow<'a, [String]>),
}

impl<'a> Params<'a> {
    /// Sets the value of a parameter, which must be of the same rule set, replacing its default or an earlier value.
    /// `None` and [`Param::Unset`] change nothing.
    ///
    /// # Errors
    ///
    /// [`EndpointError::WrongType`] if the parameter has another type.
    pub fn set(&mut self, parameter: &Parameter, value: impl Into<Param<'a>>) -> Result<(), EndpointError> {
        let value = value.into();
        let (found, fits) = match &value {
            Param::Unset => return Ok(()),
            Param::Boolean(_) => (ParameterKind::Boolean, parameter.kind == ParameterKind::Boolean),
            Param::String(_) => (ParameterKind::String, parameter.kind == ParameterKind::String),
            Param::StringList(_) => (ParameterKind::StringList, parameter.kind == ParameterKind::StringList),
        };
        if !fits {
            return Err(EndpointError::WrongType {
                parameter: parameter.name,
                expected: parameter.kind.name(),
                found: found.name(),
            });
        }
        if let Some(slot) = self.values.get_mut(parameter.index) {
            *slot = if parameter.read { value } else { Param::String(Cow::Borrowed("")) };
        }
        Ok(())
    }

    /// The value of a parameter.
    pub fn get(&self, parameter: &Parameter) -> &Param<'a> {
        self.values.get(parameter.index).unwrap_or(&Param::Unset)
    }

    /// Parameters of no rule set in particular.
    #[cfg(test)]
    pub(crate) fn from_values(values: Vec<Param<'a>>) -> Self {
        Self { values }
    }

    /// The same values, owned.
    pub fn into_owned(self) -> Params<'static> {
        Params { values: self.values.into_iter().map(Param::into_owned).collect() }
    }
}

impl Param<'_> {
    /// The same value, owned.
    pub fn into_owned(self) -> Param<'static> {
        match self {
            Self::Unset => Param::Unset,
            Self::Boolean(it) => Param::Boolean(it),
            Self::String(it) => Param::String(Cow::Owned(it.into_owned())),
            Self::StringList(it) => Param::StringList(Cow::Owned(it.into_owned())),
        }
    }
}

impl fmt::Display for Param<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unset => f.write_str("unset"),
            Self::Boolean(it) => write!(f, "{it}"),
            Self::String(it) => write!(f, "{it:?}"),
            Self::StringList(it) => write!(f, "{it:?}"),
        }
    }
}

impl From<bool> for Param<'_> {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Self::String(Cow::Borrowed(value))
    }
}

impl From<String> for Param<'_> {
    fn from(value: String) -> Self {
        Self::String(Cow::Owned(value))
    }
}

impl<'a> From<Cow<'a, str>> for Param<'a> {
    fn from(value: Cow<'a, str>) -> Self {
        Self::String(value)
    }
}

impl<'a> From<&'a [String]> for Param<'a> {
    fn from(value: &'a [String]) -> Self {
        Self::StringList(Cow::Borrowed(value))
    }
}

impl From<Vec<String>> for Param<'_> {
    fn from(value: Vec<String>) -> Self {
        Self::StringList(Cow::Owned(value))
    }
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unset, Into::into)
    }
}
