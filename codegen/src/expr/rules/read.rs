//! Reads and checks a rule set's JSON: parameters, rules, endpoints. Rejects unknown keys and names, and values of a
//! wrong type. Single values are read by `value`. Knows no table.

use super::function::Type;
use super::{Body, DefaultValue, Expr, Parameter, Property, Rule};
use crate::json::reader::JsonReader;
use crate::json::{JsonProblem, type_name};
use serde_json::{Map, Value};

/// Deeper trees are rejected, here and at run time, to bound the recursion. Our choice: AWS's deepest has 16 levels.
const MAX_DEPTH: usize = 60;

/// A rule set without problems.
pub(super) struct CheckedRules {
    pub(super) parameters: Vec<Parameter>,
    pub(super) rules: Vec<Rule>,
    /// The number of slots that the rules use, parameters included.
    pub(super) slots: usize,
}

/// A name that expressions may refer to.
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) ty: Type,
    pub(super) slot: usize,
}

#[derive(Default)]
pub(super) struct RuleReader {
    pub(super) json: JsonReader,
    /// The names in scope, outermost first; parameters come first.
    pub(super) scope: Vec<Variable>,
    /// Assigned names with their types, in the order of their slots, which follow those of the parameters.
    pub(super) assigned: Vec<(String, Type)>,
    pub(super) parameters: Vec<Parameter>,
}

pub(super) fn read(document: &Value) -> Result<CheckedRules, Vec<JsonProblem>> {
    let mut reader = RuleReader::default();
    let rules = reader.document(document);
    if !reader.json.problems.is_empty() {
        return Err(reader.json.problems);
    }
    let slots = reader.parameters.len() + reader.assigned.len();
    Ok(CheckedRules { parameters: reader.parameters, rules, slots })
}

impl RuleReader {
    fn document(&mut self, document: &Value) -> Vec<Rule> {
        let Some(object) =
            self.json.object(document, &["version", "serviceId", "documentation", "parameters", "rules"])
        else {
            return Vec::new();
        };
        if let Some(version) = self.json.string(object, "version")
            && !version.starts_with("1.")
        {
            self.json.problem_at("version", format!("unknown version `{version}` of the rules language; known: 1.x"));
        }
        if let Some(parameters) = self.json.required(object, "parameters") {
            self.json.enter("parameters");
            match parameters.as_object() {
                Some(map) => map.iter().for_each(|(name, parameter)| self.parameter(name, parameter)),
                None => self.json.problem(format!("expected an object, found {}", type_name(parameters))),
            }
            self.json.leave();
        }
        self.rules(object, 0)
    }

    fn parameter(&mut self, name: &str, parameter: &Value) {
        self.json.enter(name);
        if let Some(object) =
            self.json.object(parameter, &["type", "builtIn", "default", "required", "documentation", "deprecated"])
        {
            // AWS's files spell the types in both cases.
            let ty = match self.json.string(object, "type").map(str::to_ascii_lowercase).as_deref() {
                Some("string") => Type::String,
                Some("boolean") => Type::Boolean,
                Some("stringarray") => Type::StringList,
                Some(_) => {
                    self.json.problem_at(
                        "type",
                        format!("unknown parameter type {}; known: string, boolean, stringArray", object["type"]),
                    );
                    Type::Unknown
                }
                None => Type::Unknown,
            };
            let parameter = Parameter {
                name: name.to_owned(),
                ty,
                required: self.json.flag(object, "required"),
                built_in: self.json.optional_string(object, "builtIn").map(str::to_owned),
                default: object.get("default").and_then(|it| self.default_value(ty, it)),
                documentation: self.json.optional_string(object, "documentation").map(str::to_owned),
                deprecated: self.deprecated(object),
                read: false,
            };
            self.scope.push(Variable { name: name.to_owned(), ty, slot: self.parameters.len() });
            self.parameters.push(parameter);
        }
        self.json.leave();
    }

    fn default_value(&mut self, ty: Type, value: &Value) -> Option<DefaultValue> {
        let strings =
            |list: &Vec<Value>| list.iter().map(|it| it.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
        let default = match (ty, value) {
            (Type::Unknown, _) => return None,
            (Type::Boolean, Value::Bool(flag)) => Some(DefaultValue::Boolean(*flag)),
            (Type::String, Value::String(string)) => Some(DefaultValue::String(string.clone())),
            (Type::StringList, Value::Array(list)) => strings(list).map(DefaultValue::StringList),
            _ => None,
        };
        if default.is_none() {
            self.json.problem_at("default", format!("the default {value} is not {}", ty.name()));
        }
        default
    }

    fn deprecated(&mut self, object: &Map<String, Value>) -> Option<String> {
        let deprecated = object.get("deprecated")?;
        self.json.enter("deprecated");
        let message = self.json.object(deprecated, &["message", "since"]).map(|details| {
            self.json.optional_string(details, "since");
            self.json.optional_string(details, "message").unwrap_or_default().to_owned()
        });
        self.json.leave();
        message
    }

    fn rules(&mut self, object: &Map<String, Value>, depth: usize) -> Vec<Rule> {
        let list = self.json.list(object, "rules");
        self.json.enter("rules");
        let mut rules = Vec::with_capacity(list.len());
        for (index, rule) in list.iter().enumerate() {
            self.json.enter(index);
            // Names that a rule assigns are in scope for its later conditions, its body and its own rules, but not for
            // its siblings.
            let outer = self.scope.len();
            rules.extend(self.rule(rule, depth));
            self.scope.truncate(outer);
            self.json.leave();
        }
        self.json.leave();
        rules
    }

    fn rule(&mut self, rule: &Value, depth: usize) -> Option<Rule> {
        if depth > MAX_DEPTH {
            self.json.problem(format!("rules are nested deeper than {MAX_DEPTH} levels"));
            return None;
        }
        let ty = rule.get("type").and_then(Value::as_str).unwrap_or_default();
        let body_key = match ty {
            "tree" => "rules",
            "endpoint" => "endpoint",
            "error" => "error",
            _ => {
                self.json.problem(format!(
                    "expected a rule of type `tree`, `endpoint` or `error`, found {}",
                    rule.get("type").unwrap_or(&Value::Null)
                ));
                return None;
            }
        };
        let object = self.json.object(rule, &["type", "conditions", "documentation", body_key])?;
        let list = self.json.list(object, "conditions");
        self.json.enter("conditions");
        let mut conditions = Vec::with_capacity(list.len());
        for (index, condition) in list.iter().enumerate() {
            self.json.enter(index);
            conditions.push(self.condition(condition));
            self.json.leave();
        }
        self.json.leave();
        let body = match ty {
            "tree" => Body::Tree(self.rules(object, depth + 1)),
            "error" => Body::Error(self.string(object, "error")),
            _ => self.endpoint(object)?,
        };
        Some(Rule { conditions, body })
    }

    fn condition(&mut self, condition: &Value) -> Expr {
        if condition.get("fn").is_none() {
            self.json.problem("expected a condition, an object with `fn`");
        }
        self.expression(condition).0
    }

    fn endpoint(&mut self, rule: &Map<String, Value>) -> Option<Body> {
        let endpoint = self.json.required(rule, "endpoint")?;
        self.json.enter("endpoint");
        let body = self.json.object(endpoint, &["url", "headers", "properties"]).map(|object| {
            let url = self.string(object, "url");
            let headers = self.entries(object, "headers", |this, values| this.header(values));
            let properties = self.entries(object, "properties", Self::property);
            Body::Endpoint { url, headers, properties }
        });
        self.json.leave();
        body
    }

    /// The entries of the object under `key`; empty if the key is missing.
    fn entries<T>(
        &mut self,
        object: &Map<String, Value>,
        key: &str,
        mut read: impl FnMut(&mut Self, &Value) -> T,
    ) -> Vec<(String, T)> {
        let Some(value) = object.get(key) else { return Vec::new() };
        self.json.enter(key);
        let entries = match value {
            Value::Object(map) => self.map(map, &mut read),
            other => {
                self.json.problem(format!("expected an object, found {}", type_name(other)));
                Vec::new()
            }
        };
        self.json.leave();
        entries
    }

    fn map<T>(&mut self, map: &Map<String, Value>, read: &mut dyn FnMut(&mut Self, &Value) -> T) -> Vec<(String, T)> {
        let mut entries = Vec::with_capacity(map.len());
        for (name, value) in map {
            self.json.enter(name);
            entries.push((name.clone(), read(self, value)));
            self.json.leave();
        }
        entries
    }

    fn header(&mut self, values: &Value) -> Vec<Expr> {
        let Some(values) = values.as_array() else {
            self.json.problem(format!("expected an array of values, found {}", type_name(values)));
            return Vec::new();
        };
        let mut all = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            self.json.enter(index);
            all.push(self.typed(value, Type::String));
            self.json.leave();
        }
        all
    }

    /// The expression under `key`, which must be of type string.
    fn string(&mut self, object: &Map<String, Value>, key: &str) -> Expr {
        let Some(value) = self.json.required(object, key) else { return Expr::Boolean(false) };
        self.json.enter(key);
        let expr = self.typed(value, Type::String);
        self.json.leave();
        expr
    }

    fn property(&mut self, value: &Value) -> Property {
        match value {
            Value::String(string) => Property::Leaf(self.template(string)),
            Value::Bool(flag) => Property::Leaf(Expr::Boolean(*flag)),
            Value::Number(number) => match number.as_u64().and_then(|it| u32::try_from(it).ok()) {
                Some(number) => Property::Leaf(Expr::Integer(number)),
                None => self.invalid_property(value),
            },
            Value::Array(list) => {
                let mut all = Vec::with_capacity(list.len());
                for (index, value) in list.iter().enumerate() {
                    self.json.enter(index);
                    all.push(self.property(value));
                    self.json.leave();
                }
                Property::List(all)
            }
            Value::Object(map) => Property::Map(self.map(map, &mut Self::property)),
            Value::Null => self.invalid_property(value),
        }
    }

    fn invalid_property(&mut self, value: &Value) -> Property {
        self.json.problem(format!(
            "{value} cannot be a property: expected a string, boolean, natural number, array or object"
        ));
        Property::Leaf(Expr::Boolean(false))
    }
}
