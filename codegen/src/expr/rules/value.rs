//! Single values of the rules language: literals, references, function calls, attribute paths, template strings. Knows no rules.

use super::super::place::kind;
use super::Expr;
use super::function::{FUNCTIONS, Type, function};
use super::read::{Reader, Variable};
use serde_json::{Map, Value};

/// What stands in for an expression that was complained about.
const NOTHING: (Expr, Type) = (Expr::Boolean(false), Type::Unknown);

impl Reader {
    /// An expression with its type.
    pub(super) fn expression(&mut self, value: &Value) -> (Expr, Type) {
        match value {
            Value::String(it) => (self.template(it), Type::String),
            Value::Bool(it) => (Expr::Boolean(*it), Type::Boolean),
            Value::Number(it) if it.as_u64().is_some_and(|it| it <= u64::from(u16::MAX)) => {
                (Expr::Integer(it.as_u64().unwrap_or_default() as u32), Type::Integer)
            }
            Value::Object(it) if it.contains_key("fn") => self.call(value, it),
            Value::Object(it) if it.contains_key("ref") => {
                self.place.object(value, &["ref"]);
                match self.place.string(it, "ref") {
                    Some(name) => self.reference(name),
                    None => NOTHING,
                }
            }
            Value::Object(_) => {
                self.place.complain("expected an object with `fn` or `ref`");
                NOTHING
            }
            other => {
                self.place.complain(format!("{} is no value of the rules language", kind(other)));
                NOTHING
            }
        }
    }

    /// An expression that must be of the type.
    pub(super) fn typed(&mut self, value: &Value, want: Type) -> Expr {
        let (expr, ty) = self.expression(value);
        if ty != want && ty != Type::Unknown {
            self.place.complain(format!("expected {}, found {}", want.name(), ty.name()));
        }
        expr
    }

    fn reference(&mut self, name: &str) -> (Expr, Type) {
        let Some(Variable { ty, slot, .. }) = self.scope.iter().find(|it| it.name == name) else {
            let known = self.scope.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ");
            self.place.complain(format!("unknown reference `{name}`; known here: {known}"));
            return NOTHING;
        };
        if let Some(parameter) = self.parameters.get_mut(*slot) {
            parameter.read = true;
        }
        (Expr::Ref(*slot), *ty)
    }

    fn call(&mut self, value: &Value, object: &Map<String, Value>) -> (Expr, Type) {
        self.place.object(value, &["fn", "argv", "assign"]);
        let Some(name) = self.place.string(object, "fn") else { return NOTHING };
        let list = self.place.list(object, "argv");
        let (expr, ty) = match function(name) {
            Some(function) => {
                self.arity(name, function.arguments.len(), list.len());
                let mut arguments = Vec::with_capacity(list.len());
                self.place.enter("argv");
                for (index, (argument, want)) in list.iter().zip(function.arguments).enumerate() {
                    self.place.enter(index);
                    let (expr, ty) = self.expression(argument);
                    if !want.accepts(ty) {
                        self.place.complain(format!("`{name}` takes {} here, not {}", want.name(), ty.name()));
                    }
                    arguments.push(expr);
                    self.place.leave();
                }
                self.place.leave();
                (Expr::Call(function.letter, arguments), function.result)
            }
            None if name == "getAttr" => self.get_attr(list),
            None => {
                let known = FUNCTIONS.iter().map(|it| it.name).collect::<Vec<_>>().join(", ");
                self.place.complain_at("fn", format!("unknown function `{name}`; known: getAttr, {known}"));
                NOTHING
            }
        };
        match self.place.optional_string(object, "assign") {
            Some(name) => (self.assign(name, expr, ty), ty),
            None => (expr, ty),
        }
    }

    fn arity(&mut self, name: &str, want: usize, found: usize) {
        if want != found {
            self.place.complain_at("argv", format!("`{name}` takes {want} arguments, not {found}"));
        }
    }

    fn assign(&mut self, name: &str, expr: Expr, ty: Type) -> Expr {
        if self.scope.iter().any(|it| it.name == name) {
            self.place.complain_at("assign", format!("`{name}` already has a value here and cannot be assigned again"));
            return expr;
        }
        // Branches that assign one name to one type share the slot: they never hold at the same time.
        let known = self.assigned.iter().position(|it| it.0 == name && it.1 == ty);
        let index = known.unwrap_or_else(|| {
            self.assigned.push((name.to_owned(), ty));
            self.assigned.len() - 1
        });
        let slot = self.parameters.len() + index;
        self.scope.push(Variable { name: name.to_owned(), ty, slot });
        Expr::Assign(slot, Box::new(expr))
    }

    fn get_attr(&mut self, list: &[Value]) -> (Expr, Type) {
        self.arity("getAttr", 2, list.len());
        let [of, path] = list else { return NOTHING };
        self.place.enter("argv");
        self.place.enter(0);
        let of = self.expression(of);
        self.place.leave();
        self.place.enter(1);
        let found = match path.as_str() {
            Some(path) => self.attribute_path(of, path),
            None => {
                self.place.complain(format!("`getAttr` takes the path of an attribute here, not {}", kind(path)));
                NOTHING
            }
        };
        self.place.leave();
        self.place.leave();
        found
    }

    /// `name`, `name[1]`, `[1]`, joined by dots.
    fn attribute_path(&mut self, of: (Expr, Type), path: &str) -> (Expr, Type) {
        let (mut expr, mut ty) = of;
        if ty == Type::Unknown {
            return NOTHING;
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
                    self.place.complain(format!("{} has no attribute `{name}`; {known}", ty.name()));
                    return NOTHING;
                };
                (expr, ty) = (Expr::Attribute(letter, Box::new(expr)), attribute);
            }
            let Some(index) = index else { continue };
            match index.strip_suffix(']').and_then(|it| it.parse::<u16>().ok()) {
                Some(index) if ty == Type::StringList => {
                    (expr, ty) = (Expr::Element(u32::from(index), Box::new(expr)), Type::String)
                }
                Some(_) => {
                    self.place.complain(format!("`{part}` takes an element of {}, which is no list", ty.name()));
                    return NOTHING;
                }
                None => {
                    self.place.complain(format!("malformed index in `{part}`; expected a number in brackets"));
                    return NOTHING;
                }
            }
        }
        (expr, ty)
    }

    /// A string: `{name}` and `{name#attribute}` stand for values, `{{` and `}}` for single braces.
    pub(super) fn template(&mut self, text: &str) -> Expr {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let (brace, after) = rest[at..].split_at(1);
            if let Some(after) = after.strip_prefix(brace) {
                literal.push_str(brace);
                rest = after;
                continue;
            }
            let Some((name, after)) = after.split_once('}').filter(|it| brace == "{" && !it.0.contains('{')) else {
                self.place.complain(format!(
                    "unpaired `{brace}` in the template `{text}`; a brace that stands for itself is doubled"
                ));
                return NOTHING.0;
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
            self.place.complain(format!("`{{{name}}}` is {}; only strings fit into a template", ty.name()));
        }
        expr
    }
}
