//! `endpoint-rule-set-1.json`: how settings and input determine an endpoint. Templates, paths and function names stay
//! strings; whether they are valid is not checked here.

use super::Map;
use super::member::{Deprecation, deprecation};
use crate::json::Cursor;
use crate::report::SourceLocation;

/// A rule set.
#[derive(Debug, Clone)]
pub struct EndpointRules {
    /// The file.
    pub location: SourceLocation,
    /// Version of the format.
    pub version: String,
    /// Parameters by name, in order.
    pub parameters: Map<Parameter>,
    /// Tried in order.
    pub rules: Vec<Rule>,
}

/// A parameter of a rule set.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its type.
    pub kind: ParameterType,
    /// Whether resolution fails without a value.
    pub required: bool,
    /// The setting that fills it (`AWS::Region`).
    pub built_in: Option<String>,
    /// The value if nothing fills it.
    pub default: Option<Property>,
    /// Plain text.
    pub documentation: Option<String>,
    /// Set if it should no longer be used.
    pub deprecated: Option<Deprecation>,
}

/// Type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterType {
    /// A string.
    String,
    /// A boolean.
    Boolean,
    /// A list of strings.
    StringArray,
}

/// A rule: if all conditions hold, its `kind` is the result.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Where it is.
    pub location: SourceLocation,
    /// Tried in order; all must hold.
    pub conditions: Vec<Condition>,
    /// Plain text.
    pub documentation: Option<String>,
    /// The result.
    pub kind: RuleKind,
}

/// What a rule results in.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleKind {
    /// An endpoint.
    Endpoint(Endpoint),
    /// An error; its message is a template.
    Error(Argument),
    /// Further rules, tried in order, of which one should match.
    Tree(Vec<Rule>),
}

/// A condition: it holds if its function returns a value other than false.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The function: `isSet`, `aws.partition` and so on.
    pub function: String,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// The name its result is bound to.
    pub assign: Option<String>,
}

/// An argument, or any other value that is computed.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// A parameter or a bound name.
    Reference(String),
    /// A call.
    Function {
        /// Name of the function.
        function: String,
        /// Its arguments.
        arguments: Vec<Argument>,
    },
    /// A string: a template with names in braces, or a path if the function expects one.
    String(String),
    /// A boolean.
    Flag(bool),
    /// An integer.
    Integer(i64),
    /// A list.
    List(Vec<Argument>),
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// Scheme, host and path.
    pub url: Argument,
    /// Properties by name (`authSchemes`).
    pub properties: Map<Property>,
    /// Headers by name.
    pub headers: Map<Vec<Argument>>,
}

/// A property of an endpoint. Strings are templates.
#[derive(Debug, Clone, PartialEq)]
pub enum Property {
    /// A template.
    String(String),
    /// A boolean.
    Flag(bool),
    /// An integer.
    Integer(i64),
    /// A list.
    List(Vec<Property>),
    /// An object.
    Map(Map<Property>),
}

/// Reads `endpoint-rule-set-1.json`.
pub fn read(cursor: &Cursor<'_>) -> EndpointRules {
    EndpointRules {
        location: cursor.location(),
        version: cursor.required_string("version"),
        parameters: cursor.required_map("parameters", |_, it| parameter(it)),
        rules: cursor.required_list("rules", rule),
    }
}

fn parameter(cursor: &Cursor<'_>) -> Parameter {
    const TYPES: [(&str, ParameterType); 6] = [
        ("string", ParameterType::String),
        ("boolean", ParameterType::Boolean),
        ("stringArray", ParameterType::StringArray),
        ("String", ParameterType::String),
        ("Boolean", ParameterType::Boolean),
        ("StringArray", ParameterType::StringArray),
    ];
    Parameter {
        kind: cursor.required_keyword("type", &TYPES).unwrap_or(ParameterType::String),
        required: cursor.flag("required"),
        built_in: cursor.string("builtIn"),
        default: cursor.get("default").map(|it| property(&it)),
        documentation: cursor.string("documentation"),
        deprecated: match cursor.get("deprecated") {
            Some(value) if value.is_object() => {
                Some(Deprecation { message: value.string("message"), since: value.string("since") })
            }
            _ => deprecation(cursor),
        },
    }
}

fn rule(cursor: &Cursor<'_>) -> Rule {
    type Read = fn(&Cursor<'_>) -> RuleKind;
    const KINDS: [(&str, Read); 3] = [
        ("endpoint", |c| {
            let endpoint = c.required("endpoint").map(|it| endpoint(&it));
            endpoint.map_or(RuleKind::Tree(Vec::new()), RuleKind::Endpoint)
        }),
        ("error", |c| RuleKind::Error(required_argument(c, "error"))),
        ("tree", |c| RuleKind::Tree(c.required_list("rules", rule))),
    ];
    let conditions = cursor.required_list("conditions", condition);
    let documentation = cursor.string("documentation");
    let kind = match cursor.required_keyword("type", &KINDS) {
        Some(read) => read(cursor),
        None => {
            cursor.raw();
            RuleKind::Tree(Vec::new())
        }
    };
    Rule { location: cursor.location(), conditions, documentation, kind }
}

fn condition(cursor: &Cursor<'_>) -> Condition {
    Condition {
        function: cursor.required_string("fn"),
        arguments: cursor.required_list("argv", argument),
        assign: cursor.string("assign"),
    }
}

fn required_argument(cursor: &Cursor<'_>, key: &'static str) -> Argument {
    cursor.required(key).map_or(Argument::Flag(false), |it| argument(&it))
}

fn argument(cursor: &Cursor<'_>) -> Argument {
    if cursor.is_object() {
        match cursor.string("ref") {
            Some(name) => Argument::Reference(name),
            None => Argument::Function {
                function: cursor.required_string("fn"),
                arguments: cursor.required_list("argv", argument),
            },
        }
    } else if cursor.is_list() {
        Argument::List(cursor.as_list(argument))
    } else if cursor.is_flag() {
        Argument::Flag(cursor.as_flag())
    } else if cursor.is_number() {
        Argument::Integer(cursor.as_integer())
    } else {
        Argument::String(cursor.as_string())
    }
}

fn endpoint(cursor: &Cursor<'_>) -> Endpoint {
    Endpoint {
        url: required_argument(cursor, "url"),
        properties: cursor.map("properties", |_, it| property(it)),
        headers: cursor.map("headers", |_, it| it.as_list(argument)),
    }
}

fn property(cursor: &Cursor<'_>) -> Property {
    if cursor.is_object() {
        Property::Map(cursor.as_map(|_, it| property(it)))
    } else if cursor.is_list() {
        Property::List(cursor.as_list(property))
    } else if cursor.is_flag() {
        Property::Flag(cursor.as_flag())
    } else if cursor.is_number() {
        Property::Integer(cursor.as_integer())
    } else {
        Property::String(cursor.as_string())
    }
}
