//! Reads single values of the rules language: literals, references, function calls, attribute paths, template strings.
//! Knows no rules.

use super::Expr;
use super::function::{FUNCTIONS, Type, function};
use super::read::{RuleReader, Variable};
use crate::json::type_name;
use serde_json::{Map, Value};

/// The placeholder for an expression with a reported problem.
const INVALID: (Expr, Type) = (Expr::Boolean(false), Type::Unknown);

impl RuleReader {
    /// An expression with its type.
    pub(super) fn expression(&mut self, value: &Value) -> (Expr, Type) {
        match value {
            Value::String(string) => (self.template(string), Type::String),
            Value::Bool(flag) => (Expr::Boolean(*flag), Type::Boolean),
            Value::Number(number) if number.as_u64().is_some_and(|value| value <= u64::from(u16::MAX)) => {
                (Expr::Integer(number.as_u64().unwrap_or_default() as u32), Type::Integer)
            }
            Value::Object(object) if object.contains_key("fn") => self.call(value, object),
            Value::Object(object) if object.contains_key("ref") => {
                self.json.object(value, &["ref"]);
                match self.json.string(object, "ref") {
                    Some(name) => self.reference(name),
                    None => INVALID,
                }
            }
            Value::Object(_) => {
                self.json.problem("expected an object with `fn` or `ref`");
                INVALID
            }
            other => {
                self.json.problem(format!("{} is not a value of the rules language", type_name(other)));
                INVALID
            }
        }
    }

    /// An expression of type `expected`; another type is a problem.
    pub(super) fn typed(&mut self, value: &Value, expected: Type) -> Expr {
        let (expr, ty) = self.expression(value);
        if ty != expected && ty != Type::Unknown {
            self.json.problem(format!("expected {}, found {}", expected.name(), ty.name()));
        }
        expr
    }

    fn reference(&mut self, name: &str) -> (Expr, Type) {
        let Some(Variable { ty, slot, .. }) = self.scope.iter().find(|it| it.name == name) else {
            let known = self.scope.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ");
            self.json.problem(format!("unknown reference `{name}`; known here: {known}"));
            return INVALID;
        };
        if let Some(parameter) = self.parameters.get_mut(*slot) {
            parameter.read = true;
        }
        (Expr::Ref(*slot), *ty)
    }

    fn call(&mut self, value: &Value, object: &Map<String, Value>) -> (Expr, Type) {
        self.json.object(value, &["fn", "argv", "assign"]);
        let Some(name) = self.json.string(object, "fn") else { return INVALID };
        let list = self.json.list(object, "argv");
        let (expr, ty) = match function(name) {
            Some(function) => {
                self.check_arity(name, function.arguments.len(), list.len());
                let mut arguments = Vec::with_capacity(list.len());
                self.json.enter("argv");
                for (index, (argument, expected)) in list.iter().zip(function.arguments).enumerate() {
                    self.json.enter(index);
                    let (expr, ty) = self.expression(argument);
                    if !expected.accepts(ty) {
                        self.json.problem(format!("`{name}` takes {} here, not {}", expected.name(), ty.name()));
                    }
                    arguments.push(expr);
                    self.json.leave();
                }
                self.json.leave();
                (Expr::Call(function.letter, arguments), function.result)
            }
            None if name == "getAttr" => self.get_attr(list),
            None => {
                let known = FUNCTIONS.iter().map(|it| it.name).collect::<Vec<_>>().join(", ");
                self.json.problem_at("fn", format!("unknown function `{name}`; known: getAttr, {known}"));
                INVALID
            }
        };
        match self.json.optional_string(object, "assign") {
            Some(name) => (self.assign(name, expr, ty), ty),
            None => (expr, ty),
        }
    }

    fn check_arity(&mut self, name: &str, expected: usize, found: usize) {
        if expected != found {
            self.json.problem_at("argv", format!("`{name}` takes {expected} arguments, not {found}"));
        }
    }

    fn assign(&mut self, name: &str, expr: Expr, ty: Type) -> Expr {
        if self.scope.iter().any(|it| it.name == name) {
            self.json.problem_at("assign", format!("`{name}` already has a value here and cannot be assigned again"));
            return expr;
        }
        // Branches that assign values of one type to the same name share a slot: they never apply at the same time.
        let existing = self.assigned.iter().position(|it| it.0 == name && it.1 == ty);
        let index = existing.unwrap_or_else(|| {
            self.assigned.push((name.to_owned(), ty));
            self.assigned.len() - 1
        });
        let slot = self.parameters.len() + index;
        self.scope.push(Variable { name: name.to_owned(), ty, slot });
        Expr::Assign(slot, Box::new(expr))
    }

    fn get_attr(&mut self, list: &[Value]) -> (Expr, Type) {
        self.check_arity("getAttr", 2, list.len());
        let [operand, path] = list else { return INVALID };
        self.json.enter("argv");
        self.json.enter(0);
        let operand = self.expression(operand);
        self.json.leave();
        self.json.enter(1);
        let found = match path.as_str() {
            Some(path) => self.attribute_path(operand, path),
            None => {
                self.json.problem(format!("`getAttr` takes the path of an attribute here, not {}", type_name(path)));
                INVALID
            }
        };
        self.json.leave();
        self.json.leave();
        found
    }

    /// Applies a path of attributes (`name`, `name[1]`, `[1]`, joined by dots) to a value.
    fn attribute_path(&mut self, operand: (Expr, Type), path: &str) -> (Expr, Type) {
        let (mut expr, mut ty) = operand;
        if ty == Type::Unknown {
            return INVALID;
        }
        for part in path.split('.') {
            let (name, index) = match part.split_once('[') {
                Some((name, index)) => (name, Some(index)),
                None => (part, None),
            };
            if !name.is_empty() || index.is_none() {
                let Some((letter, attribute)) = ty.attribute(name) else {
                    let known = ty.attributes().iter().map(|it| it.0).collect::<Vec<_>>().join(", ");
                    let known = if known.is_empty() { "it has none".to_owned() } else { format!("known: {known}") };
                    self.json.problem(format!("{} has no attribute `{name}`; {known}", ty.name()));
                    return INVALID;
                };
                (expr, ty) = (Expr::Attribute(letter, Box::new(expr)), attribute);
            }
            let Some(index) = index else { continue };
            match index.strip_suffix(']').and_then(|it| it.parse::<u16>().ok()) {
                Some(index) if ty == Type::StringList => {
                    (expr, ty) = (Expr::Element(u32::from(index), Box::new(expr)), Type::String)
                }
                Some(_) => {
                    self.json
                        .problem(format!("`{part}` takes an element of {}, which is not a list of strings", ty.name()));
                    return INVALID;
                }
                None => {
                    self.json.problem(format!("malformed index in `{part}`; expected a number in brackets"));
                    return INVALID;
                }
            }
        }
        (expr, ty)
    }

    /// A template string: `{name}` and `{name#attribute}` stand for values, `{{` and `}}` for single braces.
    pub(super) fn template(&mut self, text: &str) -> Expr {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(position) = rest.find(['{', '}']) {
            literal.push_str(&rest[..position]);
            let (brace, after) = rest[position..].split_at(1);
            if let Some(after) = after.strip_prefix(brace) {
                literal.push_str(brace);
                rest = after;
                continue;
            }
            let Some((name, after)) = after.split_once('}').filter(|(name, _)| brace == "{" && !name.contains('{'))
            else {
                self.json.problem(format!(
                    "unpaired `{brace}` in the template `{text}`; double a brace to use it literally"
                ));
                return INVALID.0;
            };
            if !literal.is_empty() {
                parts.push(Expr::String(std::mem::take(&mut literal)));
            }
            parts.push(self.placeholder(name));
            rest = after;
        }
        literal.push_str(rest);
        if parts.is_empty() {
            return Expr::String(literal);
        }
        if !literal.is_empty() {
            parts.push(Expr::String(literal));
        }
        match <[Expr; 1]>::try_from(parts) {
            Ok([one]) => one,
            Err(parts) => Expr::Template(parts),
        }
    }

    fn placeholder(&mut self, name: &str) -> Expr {
        let mut names = name.split('#');
        let mut value = self.reference(names.next().unwrap_or_default());
        for attribute in names {
            value = self.attribute_path(value, attribute);
        }
        let (expr, ty) = value;
        if ty != Type::String && ty != Type::Unknown {
            self.json.problem(format!("`{{{name}}}` is {}; only strings are allowed in a template", ty.name()));
        }
        expr
    }
}
