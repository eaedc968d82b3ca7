//! Encodes checked rules as the table described in `rules`. Knows the layout of the table, but not the rules language.

use super::function::Type;
use super::{Body, DefaultValue, Expr, Parameter, Property, Rule};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn encode(parameters: &[Parameter], rules: &[Rule], slots: usize) -> String {
    let mut encoder = Encoder { pool: pool(parameters, rules), code: String::new(), offsets: BTreeMap::new() };
    let root = encoder.list(rules);
    let mut signature = String::new();
    parameters.iter().for_each(|it| encoder.parameter(&mut signature, it));
    let Encoder { pool, code, .. } = encoder;
    let mut table = "1".to_owned();
    for field in [code.len(), pool.len(), slots, root, parameters.len()] {
        number(&mut table, field);
    }
    table + &signature + &code + &pool
}

struct Encoder {
    pool: String,
    code: String,
    /// The pieces in `code`, with their offsets.
    offsets: BTreeMap<String, usize>,
}

impl Encoder {
    /// Stores a complete piece in `code` and returns its offset; equal pieces are stored once.
    fn intern_code(&mut self, piece: String) -> usize {
        let code = &mut self.code;
        *self.offsets.entry(piece).or_insert_with_key(|piece| {
            let offset = code.len();
            code.push_str(piece);
            offset
        })
    }

    fn list(&mut self, rules: &[Rule]) -> usize {
        let mut piece = String::new();
        number(&mut piece, rules.len());
        for rule in rules {
            let offset = self.rule(rule);
            number(&mut piece, offset);
        }
        self.intern_code(piece)
    }

    fn rule(&mut self, rule: &Rule) -> usize {
        let mut conditions: Vec<&Expr> = rule.conditions.iter().collect();
        let mut body = &rule.body;
        // A tree of one rule is that rule with the tree's conditions before its own.
        while let Body::Tree(rules) = body
            && let [only] = rules.as_slice()
        {
            conditions.extend(&only.conditions);
            body = &only.body;
        }
        let mut piece = String::new();
        number(&mut piece, conditions.len());
        for condition in conditions {
            let mut text = String::new();
            self.expr(&mut text, condition);
            let offset = self.intern_code(text);
            number(&mut piece, offset);
        }
        let (letter, offset) = match body {
            Body::Tree(rules) => ('>', self.list(rules)),
            Body::Error(message) => {
                let mut text = String::new();
                self.expr(&mut text, message);
                ('x', self.intern_code(text))
            }
            Body::Endpoint { url, headers, properties } => {
                let mut text = String::new();
                self.expr(&mut text, url);
                number(&mut text, headers.len());
                for (name, values) in headers {
                    self.string(&mut text, name);
                    number(&mut text, values.len());
                    values.iter().for_each(|it| self.expr(&mut text, it));
                }
                self.entries(&mut text, properties);
                ('e', self.intern_code(text))
            }
        };
        piece.push(letter);
        number(&mut piece, offset);
        self.intern_code(piece)
    }

    fn entries(&self, text: &mut String, entries: &[(String, Property)]) {
        number(text, entries.len());
        for (name, property) in entries {
            self.string(text, name);
            self.property(text, property);
        }
    }

    fn property(&self, text: &mut String, property: &Property) {
        match property {
            Property::Leaf(expr) => self.expr(text, expr),
            Property::List(list) => {
                text.push('[');
                number(text, list.len());
                list.iter().for_each(|it| self.property(text, it));
            }
            Property::Map(entries) => {
                text.push('{');
                self.entries(text, entries);
            }
        }
    }

    fn expr(&self, text: &mut String, expr: &Expr) {
        match expr {
            Expr::String(string) => {
                text.push('$');
                self.string(text, string);
            }
            Expr::Boolean(flag) => text.push(if *flag { 'T' } else { 'F' }),
            Expr::Integer(value) => {
                text.push('n');
                number(text, *value as usize);
            }
            Expr::Ref(slot) => {
                text.push('r');
                number(text, *slot);
            }
            Expr::Template(parts) => {
                text.push('t');
                number(text, parts.len());
                parts.iter().for_each(|it| self.expr(text, it));
            }
            Expr::Attribute(letter, operand) => {
                text.extend(['.', *letter]);
                self.expr(text, operand);
            }
            Expr::Element(index, operand) => {
                text.push('@');
                number(text, *index as usize);
                self.expr(text, operand);
            }
            Expr::Call(letter, arguments) => {
                text.push(*letter);
                arguments.iter().for_each(|it| self.expr(text, it));
            }
            Expr::Assign(slot, operand) => {
                text.push(':');
                number(text, *slot);
                self.expr(text, operand);
            }
        }
    }

    fn parameter(&self, text: &mut String, parameter: &Parameter) {
        text.push(match parameter.ty {
            Type::Boolean => 'b',
            Type::StringList => 'l',
            _ => 's',
        });
        number(text, usize::from(parameter.required) + 2 * usize::from(parameter.read));
        self.string(text, &parameter.name);
        self.string(text, parameter.built_in.as_deref().unwrap_or_default());
        match &parameter.default {
            None => text.push('-'),
            Some(DefaultValue::Boolean(flag)) => text.push(if *flag { 'T' } else { 'F' }),
            Some(DefaultValue::String(string)) => {
                text.push('$');
                self.string(text, string);
            }
            Some(DefaultValue::StringList(list)) => {
                text.push('[');
                number(text, list.len());
                list.iter().for_each(|it| self.string(text, it));
            }
        }
    }

    fn string(&self, text: &mut String, string: &str) {
        // The pool contains every string of the rules.
        number(text, self.pool.find(string).unwrap_or_default());
        number(text, string.len());
    }
}

/// The pool: every string once; one that is part of another is not stored again.
fn pool(parameters: &[Parameter], rules: &[Rule]) -> String {
    let mut strings = BTreeSet::new();
    for parameter in parameters {
        strings.insert(parameter.name.as_str());
        strings.extend(parameter.built_in.as_deref());
        match &parameter.default {
            Some(DefaultValue::String(string)) => strings.extend([string.as_str()]),
            Some(DefaultValue::StringList(list)) => strings.extend(list.iter().map(String::as_str)),
            _ => {}
        }
    }
    rules.iter().for_each(|it| gather_rule(&mut strings, it));
    let mut strings: Vec<&str> = strings.into_iter().collect();
    strings.sort_by_key(|it| std::cmp::Reverse(it.len()));
    let mut pool = String::new();
    for string in strings {
        if !pool.contains(string) {
            pool.push_str(string);
        }
    }
    pool
}

fn gather_rule<'r>(strings: &mut BTreeSet<&'r str>, rule: &'r Rule) {
    rule.conditions.iter().for_each(|it| gather(strings, it));
    match &rule.body {
        Body::Tree(rules) => rules.iter().for_each(|it| gather_rule(strings, it)),
        Body::Error(message) => gather(strings, message),
        Body::Endpoint { url, headers, properties } => {
            gather(strings, url);
            for (name, values) in headers {
                strings.insert(name);
                values.iter().for_each(|it| gather(strings, it));
            }
            gather_entries(strings, properties);
        }
    }
}

fn gather_entries<'r>(strings: &mut BTreeSet<&'r str>, entries: &'r [(String, Property)]) {
    for (name, property) in entries {
        strings.insert(name);
        gather_property(strings, property);
    }
}

fn gather_property<'r>(strings: &mut BTreeSet<&'r str>, property: &'r Property) {
    match property {
        Property::Leaf(expr) => gather(strings, expr),
        Property::List(list) => list.iter().for_each(|it| gather_property(strings, it)),
        Property::Map(entries) => gather_entries(strings, entries),
    }
}

fn gather<'r>(strings: &mut BTreeSet<&'r str>, expr: &'r Expr) {
    match expr {
        Expr::String(string) => strings.extend([string.as_str()]),
        Expr::Boolean(_) | Expr::Integer(_) | Expr::Ref(_) => {}
        Expr::Template(parts) | Expr::Call(_, parts) => parts.iter().for_each(|it| gather(strings, it)),
        Expr::Attribute(_, operand) | Expr::Element(_, operand) | Expr::Assign(_, operand) => gather(strings, operand),
    }
}

/// Appends a number in the notation that `rules` describes. Its limit is 753,571; tables are far smaller.
fn number(text: &mut String, value: usize) {
    let digit = |value: usize| {
        // 91 printable characters from `#` on, without the backslash.
        let code = b'#' + value as u8;
        char::from(if code >= b'\\' { code + 1 } else { code })
    };
    match value {
        0..75 => text.push(digit(value)),
        75..1349 => text.extend([digit(75 + (value - 75) / 91), digit((value - 75) % 91)]),
        1349..8281 => text.extend([digit(89), digit(value / 91), digit(value % 91)]),
        _ => text.extend([digit(90), digit(value / 8281 % 91), digit(value / 91 % 91), digit(value % 91)]),
    }
}
