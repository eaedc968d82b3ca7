//! JSON to checked rules: parameters, rules, endpoints. Every key is known, every name resolved, every value typed.
//! Knows no table; what a single value may be is `value`'s.

use super::super::place::{Place, kind};
use super::function::Type;
use super::{Body, Complaint, DefaultValue, Expr, Parameter, Property, Rule};
use serde_json::{Map, Value};

/// Deeper trees than this are refused, here and at run time; the deepest of AWS's has 16 levels.
const MAX_DEPTH: usize = 60;

pub(super) struct Checked {
    pub(super) parameters: Vec<Parameter>,
    pub(super) rules: Vec<Rule>,
    /// How many slots the rules use, parameters included.
    pub(super) slots: usize,
}

/// A name that expressions may refer to.
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) ty: Type,
    pub(super) slot: usize,
}

#[derive(Default)]
pub(super) struct Reader {
    pub(super) place: Place,
    /// The names visible here, outermost first; parameters are the first ones.
    pub(super) scope: Vec<Variable>,
    /// Assigned names with their types, in the order of their slots (which follow the parameters').
    pub(super) assigned: Vec<(String, Type)>,
    pub(super) parameters: Vec<Parameter>,
}

pub(super) fn read(document: &Value) -> Result<Checked, Vec<Complaint>> {
    let mut reader = Reader::default();
    let rules = reader.document(document);
    if !reader.place.complaints.is_empty() {
        return Err(reader.place.complaints);
    }
    let slots = reader.parameters.len() + reader.assigned.len();
    Ok(Checked { parameters: reader.parameters, rules, slots })
}

impl Reader {
    fn document(&mut self, document: &Value) -> Vec<Rule> {
        let Some(object) =
            self.place.object(document, &["version", "serviceId", "documentation", "parameters", "rules"])
        else {
            return Vec::new();
        };
        if let Some(version) = self.place.string(object, "version")
            && !version.starts_with("1.")
        {
            self.place.complain_at("version", format!("unknown version `{version}` of the rules language; known: 1.x"));
        }
        if let Some(parameters) = self.place.required(object, "parameters") {
            self.place.enter("parameters");
            match parameters.as_object() {
                Some(it) => it.iter().for_each(|(name, parameter)| self.parameter(name, parameter)),
                None => self.place.complain(format!("expected an object, found {}", kind(parameters))),
            }
            self.place.leave();
        }
        self.rules(object, 0)
    }

    fn parameter(&mut self, name: &str, parameter: &Value) {
        self.place.enter(name);
        if let Some(object) =
            self.place.object(parameter, &["type", "builtIn", "default", "required", "documentation", "deprecated"])
        {
            // AWS's files spell the types in both cases.
            let ty = match self.place.string(object, "type").map(str::to_ascii_lowercase).as_deref() {
                Some("string") => Type::String,
                Some("boolean") => Type::Boolean,
                Some("stringarray") => Type::StringList,
                Some(_) => {
                    self.place.complain_at(
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
                required: self.place.flag(object, "required"),
                built_in: self.place.optional_string(object, "builtIn").map(str::to_owned),
                default: object.get("default").and_then(|it| self.default_value(ty, it)),
                documentation: self.place.optional_string(object, "documentation").map(str::to_owned),
                deprecated: self.deprecated(object),
                read: false,
            };
            self.scope.push(Variable { name: name.to_owned(), ty, slot: self.parameters.len() });
            self.parameters.push(parameter);
        }
        self.place.leave();
    }

    fn default_value(&mut self, ty: Type, value: &Value) -> Option<DefaultValue> {
        let strings =
            |list: &Vec<Value>| list.iter().map(|it| it.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
        let default = match (ty, value) {
            (Type::Unknown, _) => return None,
            (Type::Boolean, Value::Bool(it)) => Some(DefaultValue::Boolean(*it)),
            (Type::String, Value::String(it)) => Some(DefaultValue::String(it.clone())),
            (Type::StringList, Value::Array(it)) => strings(it).map(DefaultValue::StringList),
            _ => None,
        };
        if default.is_none() {
            self.place.complain_at("default", format!("the default {value} is not {}", ty.name()));
        }
        default
    }

    fn deprecated(&mut self, object: &Map<String, Value>) -> Option<String> {
        let deprecated = object.get("deprecated")?;
        self.place.enter("deprecated");
        let message = self.place.object(deprecated, &["message", "since"]).map(|it| {
            self.place.optional_string(it, "since");
            self.place.optional_string(it, "message").unwrap_or_default().to_owned()
        });
        self.place.leave();
        message
    }

    fn rules(&mut self, object: &Map<String, Value>, depth: usize) -> Vec<Rule> {
        let list = self.place.list(object, "rules");
        self.place.enter("rules");
        let mut rules = Vec::with_capacity(list.len());
        for (index, rule) in list.iter().enumerate() {
            self.place.enter(index);
            // What a rule assigns is visible in its later conditions, its body and its own rules; not to its siblings.
            let visible = self.scope.len();
            rules.extend(self.rule(rule, depth));
            self.scope.truncate(visible);
            self.place.leave();
        }
        self.place.leave();
        rules
    }

    fn rule(&mut self, rule: &Value, depth: usize) -> Option<Rule> {
        if depth > MAX_DEPTH {
            self.place.complain(format!("rules are nested deeper than {MAX_DEPTH} levels"));
            return None;
        }
        let ty = rule.get("type").and_then(Value::as_str).unwrap_or_default();
        let own = match ty {
            "tree" => "rules",
            "endpoint" => "endpoint",
            "error" => "error",
            _ => {
                self.place.complain(format!(
                    "expected a rule of type `tree`, `endpoint` or `error`, found {}",
                    rule.get("type").unwrap_or(&Value::Null)
                ));
                return None;
            }
        };
        let object = self.place.object(rule, &["type", "conditions", "documentation", own])?;
        let list = self.place.list(object, "conditions");
        self.place.enter("conditions");
        let mut conditions = Vec::with_capacity(list.len());
        for (index, condition) in list.iter().enumerate() {
            self.place.enter(index);
            conditions.push(self.condition(condition));
            self.place.leave();
        }
        self.place.leave();
        let body = match ty {
            "tree" => Body::Tree(self.rules(object, depth + 1)),
            "error" => Body::Error(self.text(object, "error")),
            _ => self.endpoint(object)?,
        };
        Some(Rule { conditions, body })
    }

    fn condition(&mut self, condition: &Value) -> Expr {
        if condition.get("fn").is_none() {
            self.place.complain("expected a condition, an object with `fn`");
        }
        self.expression(condition).0
    }

    fn endpoint(&mut self, rule: &Map<String, Value>) -> Option<Body> {
        let endpoint = self.place.required(rule, "endpoint")?;
        self.place.enter("endpoint");
        let body = self.place.object(endpoint, &["url", "headers", "properties"]).map(|object| {
            let url = self.text(object, "url");
            let headers = self.entries(object, "headers", |this, values| this.header(values));
            let properties = self.entries(object, "properties", Self::property);
            Body::Endpoint { url, headers, properties }
        });
        self.place.leave();
        body
    }

    /// The entries of the object under `key`, none if the key is missing.
    fn entries<T>(
        &mut self,
        object: &Map<String, Value>,
        key: &str,
        mut read: impl FnMut(&mut Self, &Value) -> T,
    ) -> Vec<(String, T)> {
        let Some(value) = object.get(key) else { return Vec::new() };
        self.place.enter(key);
        let entries = match value {
            Value::Object(it) => self.map(it, &mut read),
            other => {
                self.place.complain(format!("expected an object, found {}", kind(other)));
                Vec::new()
            }
        };
        self.place.leave();
        entries
    }

    fn map<T>(&mut self, map: &Map<String, Value>, read: &mut dyn FnMut(&mut Self, &Value) -> T) -> Vec<(String, T)> {
        let mut entries = Vec::with_capacity(map.len());
        for (name, value) in map {
            self.place.enter(name);
            entries.push((name.clone(), read(self, value)));
            self.place.leave();
        }
        entries
    }

    fn header(&mut self, values: &Value) -> Vec<Expr> {
        let Some(values) = values.as_array() else {
            self.place.complain(format!("expected a list of values, found {}", kind(values)));
            return Vec::new();
        };
        let mut all = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            self.place.enter(index);
            all.push(self.typed(value, Type::String));
            self.place.leave();
        }
        all
    }

    /// The expression under `key`, which must give text.
    fn text(&mut self, object: &Map<String, Value>, key: &str) -> Expr {
        let Some(value) = self.place.required(object, key) else { return Expr::Boolean(false) };
        self.place.enter(key);
        let expr = self.typed(value, Type::String);
        self.place.leave();
        expr
    }

    fn property(&mut self, value: &Value) -> Property {
        match value {
            Value::String(it) => Property::Leaf(self.template(it)),
            Value::Bool(it) => Property::Leaf(Expr::Boolean(*it)),
            Value::Number(it) => match it.as_u64().and_then(|it| u32::try_from(it).ok()) {
                Some(it) => Property::Leaf(Expr::Integer(it)),
                None => self.no_property(value),
            },
            Value::Array(it) => {
                let mut all = Vec::with_capacity(it.len());
                for (index, value) in it.iter().enumerate() {
                    self.place.enter(index);
                    all.push(self.property(value));
                    self.place.leave();
                }
                Property::List(all)
            }
            Value::Object(it) => Property::Map(self.map(it, &mut Self::property)),
            Value::Null => self.no_property(value),
        }
    }

    fn no_property(&mut self, value: &Value) -> Property {
        self.place.complain(format!(
            "{value} cannot be a property; strings, booleans, natural numbers, lists and objects can"
        ));
        Property::Leaf(Expr::Boolean(false))
    }
}
