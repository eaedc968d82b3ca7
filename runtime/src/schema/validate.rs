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
        if shape.union && it.members().next().is_none() {
            let names: Vec<_> = shape.members.iter().map(|it| it.name).collect();
            self.found.push(format!(
                "Must set one of the following keys for tagged union structure {}: {}.",
                self.place(),
                names.join(", ")
            ));
        }
        for member in shape.members.iter().filter(|it| it.required && !it.token && !shape.union) {
            if it.get(member).is_none() {
                self.found.push(format!("Missing required parameter in {}: \"{}\"", self.place(), member.name));
            }
        }
        for (member, value) in it.members() {
            let dot = if self.path.is_empty() { "" } else { "." };
            self.at(format_args!("{dot}{}", member.name), |this| match value {
                // What goes into the host's name cannot be empty.
                View::String("") if member.host => this.length(0, member.node.min.max(Some(1))),
                value => this.value(value, &member.node),
            });
        }
    }

    /// The path so far, in botocore's words.
    fn place(&self) -> &str {
        if self.path.is_empty() { "input" } else { &self.path }
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
                let _ = map.try_each(|key, value| {
                    self.at(format_args!(" (key: {key})"), |this| this.length(key.chars().count(), kind.key_min));
                    if let Some(value) = value {
                        self.at(format_args!(".{key}"), |this| this.value(value, &kind.value));
                    }
                    Ok::<_, Error>(())
                });
            }
            (value, _) => {
                let Some(least) = node.min else { return };
                match value {
                    View::String(text) => self.length(text.chars().count(), node.min),
                    View::I32(it) => self.least(f64::from(it), least, it),
                    View::I64(it) => self.least(it as f64, least, it),
                    View::F32(it) => self.least(f64::from(it), least, it),
                    View::F64(it) => self.least(it, least, it),
                    _ => {}
                }
            }
        }
    }

    /// Runs a check with one more step on the path.
    fn at(&mut self, step: fmt::Arguments<'_>, check: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        let _ = self.path.write_fmt(step);
        check(self);
        self.path.truncate(length);
    }

    fn length(&mut self, length: usize, least: Option<i64>) {
        if let Some(least) = least.filter(|it| (length as i64) < *it) {
            self.found.push(format!(
                "Invalid length for parameter {}, value: {length}, valid min length: {least}",
                self.path
            ));
        }
    }

    fn least(&mut self, value: f64, least: i64, shown: impl std::fmt::Display) {
        if value < least as f64 {
            self.found
                .push(format!("Invalid value for parameter {}, value: {shown}, valid min value: {least}", self.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::dynamic::{Link, Schema, Value, view};
    use std::sync::LazyLock;

    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
        let mut schema = Schema::new();
        schema.define("Point", "X:i32 req min=1; Y:f64 min=-2; Token:str req token", &[]);
        schema.define("Choice", "union; Text:str min=2; Point:*", &[Link::Structure("Point".to_owned())]);
        let points = Link::List(Box::new(Link::Structure("Point".to_owned())));
        let names = Link::Map(Box::new(Link::Scalar("str")));
        let links = [points, names, Link::Structure("Choice".to_owned()), Link::List(Box::new(Link::Scalar("str")))];
        let text = "Name:str req min=3; Many:i32 min=0; Long:i64 min=5; Points:* min=2; Names:* imin=2 kmin=2; \
                    Choice:*; Words:* imin=2; Host:str host; Id:str req";
        schema.define("Input", text, &links);
        schema
    });

    fn shape(name: &str) -> &'static crate::schema::Shape {
        SCHEMA.shape(name).expect("defined")
    }

    /// Members by name; the others are absent.
    fn structure(of: &str, given: Vec<(&str, Value)>) -> Value {
        let mut members: Vec<Value> = shape(of).members.iter().map(|_| Value::Absent).collect();
        for (name, value) in given {
            members[shape(of).member(name).expect("a member").index] = value;
        }
        Value::Structure(members)
    }

    fn text(it: &str) -> Value {
        Value::String(it.to_owned())
    }

    fn check(given: Vec<(&str, Value)>, expect: &[&str]) {
        let mut all = vec![("Name", text("name")), ("Id", text(""))];
        all.retain(|(name, _)| given.iter().all(|it| it.0 != *name));
        all.extend(given);
        let Value::Structure(members) = structure("Input", all) else { panic!("no structure") };
        let found = match validate(view(&members, shape("Input"))) {
            Ok(()) => String::new(),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Validation);
                error.to_string()
            }
        };
        match expect {
            [] => assert_eq!(found, ""),
            expect => assert_eq!(found, format!("Parameter validation failed:\n{}", expect.join("\n"))),
        }
    }

    fn point(x: i32) -> Value {
        structure("Point", vec![("X", Value::I32(x))])
    }

    #[test]
    fn one_problem_each() {
        let names = |key: &str, value: &str| Value::Map([(key.to_owned(), text(value))].into());
        check(vec![], &[]);
        check(vec![("Name", Value::Absent)], &["Missing required parameter in input: \"Name\""]);
        check(vec![("Name", text("é€"))], &["Invalid length for parameter Name, value: 2, valid min length: 3"]);
        check(vec![("Name", text("é€𝄞"))], &[]);
        check(vec![("Many", Value::I32(-1))], &["Invalid value for parameter Many, value: -1, valid min value: 0"]);
        check(vec![("Many", Value::I32(0)), ("Names", Value::Map([].into()))], &[]);
        check(vec![("Long", Value::I64(4))], &["Invalid value for parameter Long, value: 4, valid min value: 5"]);
        check(vec![("Long", Value::I64(5))], &[]);
        check(vec![("Points", Value::List(vec![point(1), point(2)]))], &[]);
        check(
            vec![("Points", Value::List(vec![]))],
            &["Invalid length for parameter Points, value: 0, valid min length: 2"],
        );
        check(
            vec![("Points", Value::List(vec![point(1), structure("Point", vec![])]))],
            &["Missing required parameter in Points[1]: \"X\""],
        );
        check(
            vec![("Points", Value::List(vec![point(0), Value::Absent]))],
            &["Invalid value for parameter Points[0].X, value: 0, valid min value: 1"],
        );
        check(
            vec![("Names", names("k", "value"))],
            &["Invalid length for parameter Names (key: k), value: 1, valid min length: 2"],
        );
        check(
            vec![("Names", names("key", "v"))],
            &["Invalid length for parameter Names.key, value: 1, valid min length: 2"],
        );
        check(
            vec![("Words", Value::List(vec![text("ok"), text("")]))],
            &["Invalid length for parameter Words[1], value: 0, valid min length: 2"],
        );
        check(vec![("Host", text(""))], &["Invalid length for parameter Host, value: 0, valid min length: 1"]);
        check(
            vec![("Choice", structure("Choice", vec![]))],
            &["Must set one of the following keys for tagged union structure Choice: Text, Point."],
        );
        check(
            vec![("Choice", structure("Choice", vec![("Text", text("a"))]))],
            &["Invalid length for parameter Choice.Text, value: 1, valid min length: 2"],
        );
        check(
            vec![("Choice", structure("Choice", vec![("Point", structure("Point", vec![("Y", Value::F64(-2.5))]))]))],
            &[
                "Missing required parameter in Choice.Point: \"X\"",
                "Invalid value for parameter Choice.Point.Y, value: -2.5, valid min value: -2",
            ],
        );
    }

    #[test]
    fn all_problems_at_once() {
        check(
            vec![("Name", Value::Absent), ("Id", Value::Absent), ("Long", Value::I64(-1)), ("Host", text(""))],
            &[
                "Missing required parameter in input: \"Name\"",
                "Missing required parameter in input: \"Id\"",
                "Invalid value for parameter Long, value: -1, valid min value: 5",
                "Invalid length for parameter Host, value: 0, valid min length: 1",
            ],
        );
    }
}
