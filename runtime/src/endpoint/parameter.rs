//! The parameters that a rule set declares. Knows no values.

/// A parameter of a rule set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    /// The name, as operations' context parameters spell it.
    pub name: &'static str,
    /// Its index among the rule set's parameters.
    pub index: usize,
    /// The type of its values.
    pub kind: ParameterKind,
    /// Whether a missing value is an error of resolution.
    pub required: bool,
    /// Whether any rule reads the parameter; else its value changes nothing.
    pub read: bool,
    /// The client setting that the value comes from, such as `AWS::Region`.
    pub built_in: Option<&'static str>,
}

/// The type of a parameter's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// A boolean.
    Boolean,
    /// A string.
    String,
    /// A list of strings.
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
