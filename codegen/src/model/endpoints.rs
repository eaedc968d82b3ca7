//! `endpoint-rule-set-1.json`: how an endpoint follows from settings and input. Templates, paths and function names are
//! kept as text; which of them mean something is not decided here.

use super::Map;
use super::member::{Deprecation, deprecation};
use crate::json::Cursor;
use crate::report::Place;

/// A rule set.
#[derive(Debug, Clone)]
pub struct EndpointRules {
    /// The file.
    pub place: Place,
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
    /// Without it no rule is tried.
    pub required: bool,
    /// The setting that feeds it (`AWS::Region`).
    pub built_in: Option<String>,
    /// Taken when nothing feeds it.
    pub default: Option<Property>,
    /// Plain text.
    pub documentation: Option<String>,
    /// Set when it should no longer be used.
    pub deprecated: Option<Deprecation>,
}

/// Type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterType {
    /// Text.
    String,
    /// True or false.
    Boolean,
    /// Several texts.
    StringArray,
}

/// A rule: when all conditions hold, its `kind` is the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Where it is.
    pub place: Place,
    /// Tried in order; all must hold.
    pub conditions: Vec<Condition>,
    /// Plain text.
    pub documentation: Option<String>,
    /// The answer.
    pub kind: RuleKind,
}

/// What a rule answers with.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleKind {
    /// An endpoint.
    Endpoint(Endpoint),
    /// A message, a template.
    Error(Argument),
    /// Further rules, of which one must answer.
    Tree(Vec<Rule>),
}

/// A condition; a function that yields neither nothing nor false.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// `isSet`, `aws.partition` and so on.
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
    /// Text, a template with names in braces (a path where the function wants one).
    Text(String),
    /// True or false.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// Several.
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

/// A property of an endpoint. Texts are templates.
#[derive(Debug, Clone, PartialEq)]
pub enum Property {
    /// Text, a template.
    Text(String),
    /// True or false.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// Several.
    List(Vec<Property>),
    /// By name.
    Map(Map<Property>),
}

/// Reads `endpoint-rule-set-1.json`.
pub fn read(cursor: &Cursor<'_>) -> EndpointRules {
    EndpointRules {
        place: cursor.place(),
        version: cursor.need_text("version"),
        parameters: cursor.need_map("parameters", |_, it| parameter(it)),
        rules: cursor.need_list("rules", rule),
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
        kind: cursor.need_word("type", &TYPES).unwrap_or(ParameterType::String),
        required: cursor.flag("required"),
        built_in: cursor.text("builtIn"),
        default: cursor.get("default").map(|it| property(&it)),
        documentation: cursor.text("documentation"),
        deprecated: match cursor.get("deprecated") {
            Some(it) if it.is_object() => Some(Deprecation { message: it.text("message"), since: it.text("since") }),
            _ => deprecation(cursor),
        },
    }
}

fn rule(cursor: &Cursor<'_>) -> Rule {
    type Read = fn(&Cursor<'_>) -> RuleKind;
    const KINDS: [(&str, Read); 3] = [
        ("endpoint", |c| {
            let endpoint = c.need("endpoint").map(|it| endpoint(&it));
            endpoint.map_or(RuleKind::Tree(Vec::new()), RuleKind::Endpoint)
        }),
        ("error", |c| RuleKind::Error(need_argument(c, "error"))),
        ("tree", |c| RuleKind::Tree(c.need_list("rules", rule))),
    ];
    let conditions = cursor.need_list("conditions", condition);
    let documentation = cursor.text("documentation");
    let kind = match cursor.need_word("type", &KINDS) {
        Some(read) => read(cursor),
        None => {
            cursor.raw();
            RuleKind::Tree(Vec::new())
        }
    };
    Rule { place: cursor.place(), conditions, documentation, kind }
}

fn condition(cursor: &Cursor<'_>) -> Condition {
    Condition {
        function: cursor.need_text("fn"),
        arguments: cursor.need_list("argv", argument),
        assign: cursor.text("assign"),
    }
}

fn need_argument(cursor: &Cursor<'_>, key: &'static str) -> Argument {
    cursor.need(key).map_or(Argument::Flag(false), |it| argument(&it))
}

fn argument(cursor: &Cursor<'_>) -> Argument {
    if cursor.is_object() {
        match cursor.text("ref") {
            Some(name) => Argument::Reference(name),
            None => {
                Argument::Function { function: cursor.need_text("fn"), arguments: cursor.need_list("argv", argument) }
            }
        }
    } else if cursor.is_list() {
        Argument::List(cursor.as_list(argument))
    } else if cursor.is_flag() {
        Argument::Flag(cursor.as_flag())
    } else if cursor.is_number() {
        Argument::Integer(cursor.as_integer())
    } else {
        Argument::Text(cursor.as_text())
    }
}

fn endpoint(cursor: &Cursor<'_>) -> Endpoint {
    Endpoint {
        url: need_argument(cursor, "url"),
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
        Property::Text(cursor.as_text())
    }
}
