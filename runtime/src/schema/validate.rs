//! Checks of an input before it is sent: the rules that botocore applies (required members, least lengths and values,
//! one member a union), every problem in one error, each with its path. Knows no protocol.

use std::fmt::{self, Write};

use super::layout::{StructureView, View};
use super::shape::{Kind, Node};
use crate::error::{Error, ErrorKind, Result};

/// Checks `input`; the error lists every problem, one a line.
///
/// Pattern, enumeration and greatest length are left to the service, as botocore does (`validate.py`).
pub fn validate(input: StructureView<'_>) -> Result<()> {
    let mut problems = Problems { path: String::new(), found: Vec::new() };
    problems.structure(input);
    match problems.found.is_empty() {
        true => Ok(()),
        false => Err(Error::new(
            ErrorKind::Validation,
            format!("Parameter validation failed:\n{}", problems.found.join("\n")),
        )),
    }
}

struct Problems {
    path: String,
    found: Vec<String>,
}

impl Problems {
    fn structure(&mut self, it: StructureView<'_>) {
        let shape = it.shape();
        let place = if self.path.is_empty() { "input" } else { &self.path };
        if shape.union && it.members().next().is_none() {
            let names: Vec<_> = shape.members.iter().map(|it| it.name).collect();
            self.found.push(format!("Must set one of the following members of union {place}: {}", names.join(", ")));
        }
        for member in &shape.members {
            match it.get(member) {
                None if member.required && !member.token => {
                    let place = if self.path.is_empty() { "input" } else { &self.path };
                    self.found.push(format!("Missing required parameter in {place}: \"{}\"", member.name));
                }
                None => {}
                Some(value) => {
                    let dot = if self.path.is_empty() { "" } else { "." };
                    self.at(format_args!("{dot}{}", member.name), |this| this.value(value, &member.node));
                }
            }
        }
    }

    fn value(&mut self, value: View<'_>, node: &Node) {
        match (value, &node.kind) {
            (View::Structure(it), _) => self.structure(it),
            (View::List(list), Kind::List(kind)) => {
                self.length(list.len(), node.min);
                for (index, element) in list.iter().enumerate() {
                    if let Some(element) = element {
                        self.at(format_args!("[{index}]"), |this| this.value(element, &kind.element));
                    }
                }
            }
            (View::Map(map), Kind::Map(kind)) => {
                self.length(map.len(), node.min);
                let _ = map.try_each(|key, value| {
                    self.at(format_args!(" (key: {key})"), |this| this.length(key.chars().count(), kind.key_min));
                    if let Some(value) = value {
                        self.at(format_args!(".{key}"), |this| this.value(value, &kind.value));
                    }
                    Ok::<_, Error>(())
                });
            }
            _ if node.min == 0 => {}
            (View::String(text), _) => self.length(text.chars().count(), node.min),
            (View::Blob(bytes), _) => self.length(bytes.len(), node.min),
            (View::I32(it), _) => self.least(f64::from(it), node.min, it),
            (View::I64(it), _) => self.least(it as f64, node.min, it),
            (View::F32(it), _) => self.least(f64::from(it), node.min, it),
            (View::F64(it), _) => self.least(it, node.min, it),
            _ => {}
        }
    }

    /// Runs a check with one more step on the path.
    fn at(&mut self, step: fmt::Arguments<'_>, check: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        let _ = self.path.write_fmt(step);
        check(self);
        self.path.truncate(length);
    }

    fn length(&mut self, length: usize, least: i64) {
        if (length as i64) < least {
            self.found.push(format!(
                "Invalid length for parameter {}, value: {length}, valid min length: {least}",
                self.path
            ));
        }
    }

    fn least(&mut self, value: f64, least: i64, shown: impl std::fmt::Display) {
        if value < least as f64 {
            self.found.push(format!(
                "Invalid value for parameter {}, value: {shown}, valid min value: {least}",
                self.path
            ));
        }
    }
}
