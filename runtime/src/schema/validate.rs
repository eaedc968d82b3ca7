//! Validation of an input before it is sent: the rules that botocore applies (required members, minimum lengths and
//! values, one member of a union), every problem in one error, each with its path. What is nested too deeply is found
//! here too, before anything recurses into it. Knows no protocol.

use std::fmt::{self, Write};

use super::MAX_DEPTH;
use super::layout::{StructureView, View};
use super::shape::{Kind, Node};
use crate::error::{Error, ErrorKind, Result};

/// How many characters of the path to a value that is nested too deeply an error shows. Our choice: enough to find it.
const MAX_PATH: usize = 100;

/// Validates `input`; the error lists every problem, each in a line of its own. Without `rules`, it only has to be
/// nested at most [`MAX_DEPTH`] levels deep.
///
/// Patterns, enumerations and maximum lengths are left to the service, as in botocore (`validate.py`).
pub fn validate(input: StructureView<'_>, rules: bool) -> Result<()> {
    let mut problems = Problems { path: String::new(), messages: Vec::new(), rules, depth: 0, is_too_deep: false };
    problems.structure(input);
    match problems.messages.is_empty() {
        true => Ok(()),
        false => Err(Error::new(
            ErrorKind::Validation,
            format!("Parameter validation failed:\n{}", problems.messages.join("\n")),
        )),
    }
}

struct Problems {
    path: String,
    messages: Vec<String>,
    /// Whether anything but the depth is checked.
    rules: bool,
    /// How many structures, lists and maps the current value lies in.
    depth: usize,
    /// Whether a value that is nested too deeply was reported: one of them is enough.
    is_too_deep: bool,
}

impl Problems {
    fn structure(&mut self, input: StructureView<'_>) {
        self.depth += 1;
        if self.rules {
            self.members(input);
        }
        for (member, value) in input.members() {
            let dot = if self.path.is_empty() { "" } else { "." };
            self.nested(format_args!("{dot}{}", member.name), |this| match value {
                // A part of the host name cannot be empty.
                View::String("") if member.host => this.length(0, member.node.min.max(Some(1))),
                value => this.value(value, &member.node),
            });
        }
        self.depth -= 1;
    }

    fn members(&mut self, input: StructureView<'_>) {
        let shape = input.shape();
        if shape.union && input.members().next().is_none() {
            let names: Vec<_> = shape.members.iter().map(|it| it.name).collect();
            self.messages.push(format!(
                "Must set one of the following keys for tagged union structure {}: {}.",
                self.path_or_input(),
                names.join(", ")
            ));
        }
        for member in shape.members.iter().filter(|it| it.required && !it.token && !shape.union) {
            if input.get(member).is_none() {
                self.messages.push(format!(
                    "Missing required parameter in {}: \"{}\"",
                    self.path_or_input(),
                    member.name
                ));
            }
        }
    }

    /// The current path; `input` at the root, as in botocore's messages.
    fn path_or_input(&self) -> &str {
        if self.path.is_empty() { "input" } else { &self.path }
    }

    fn value(&mut self, value: View<'_>, node: &Node) {
        match (value, &node.kind) {
            (View::Structure(_) | View::List(_) | View::Map(_), _) if self.depth == MAX_DEPTH => self.too_deep(),
            (View::Document(it), _) if it.is_deeper_than(MAX_DEPTH - self.depth) => self.too_deep(),
            (View::Structure(it), _) => self.structure(it),
            (View::List(list), Kind::List(kind)) => {
                self.length(list.len(), node.min);
                self.depth += 1;
                for (index, element) in list.iter().enumerate() {
                    if let Some(element) = element {
                        self.nested(format_args!("[{index}]"), |this| this.value(element, &kind.element));
                    }
                }
                self.depth -= 1;
            }
            (View::Map(map), Kind::Map(kind)) => {
                self.depth += 1;
                let _ = map.try_each(|key, value| {
                    self.nested(format_args!(" (key: {key})"), |this| this.length(key.chars().count(), kind.key_min));
                    if let Some(value) = value {
                        self.nested(format_args!(".{key}"), |this| this.value(value, &kind.value));
                    }
                    Ok::<_, Error>(())
                });
                self.depth -= 1;
            }
            (value, _) => {
                let Some(min) = node.min else { return };
                match value {
                    View::String(it) => self.length(it.chars().count(), node.min),
                    View::I32(it) => self.minimum(f64::from(it), min, it),
                    View::I64(it) => self.minimum(it as f64, min, it),
                    View::F32(it) => self.minimum(f64::from(it), min, it),
                    View::F64(it) => self.minimum(it, min, it),
                    _ => {}
                }
            }
        }
    }

    /// Runs a check with one more step in the path.
    fn nested(&mut self, step: fmt::Arguments<'_>, check: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        let _ = self.path.write_fmt(step);
        check(self);
        self.path.truncate(length);
    }

    fn too_deep(&mut self) {
        if !std::mem::replace(&mut self.is_too_deep, true) {
            let (path, more) = match self.path.char_indices().nth(MAX_PATH) {
                Some((end, _)) => (&self.path[..end], "…"),
                None => (&*self.path, ""),
            };
            self.messages
                .push(format!("Invalid value for parameter {path}{more}: nested more than {MAX_DEPTH} levels deep"));
        }
    }

    fn length(&mut self, length: usize, min: Option<i64>) {
        if let Some(min) = min.filter(|it| self.rules && (length as i64) < *it) {
            self.messages
                .push(format!("Invalid length for parameter {}, value: {length}, valid min length: {min}", self.path));
        }
    }

    fn minimum(&mut self, value: f64, min: i64, printed: impl fmt::Display) {
        if self.rules && value < min as f64 {
            self.messages
                .push(format!("Invalid value for parameter {}, value: {printed}, valid min value: {min}", self.path));
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
        let notation = "Name:str req min=3; Many:i32 min=0; Long:i64 min=5; Points:* min=2; Names:* imin=2 kmin=2; \
                    Choice:*; Labels:* imin=2; Host:str host; Id:str req";
        schema.define("Input", notation, &links);
        schema
    });

    fn shape(name: &str) -> &'static crate::schema::Shape {
        SCHEMA.shape(name).expect("defined")
    }

    /// A structure with these members; the others are absent.
    fn structure(name: &str, present: Vec<(&str, Value)>) -> Value {
        let shape = shape(name);
        let mut members: Vec<Value> = shape.members.iter().map(|_| Value::Absent).collect();
        for (name, value) in present {
            members[shape.member(name).expect("a member").index] = value;
        }
        Value::Structure(members)
    }

    fn string(it: &str) -> Value {
        Value::String(it.to_owned())
    }

    fn check(members: Vec<(&str, Value)>, expect: &[&str]) {
        let mut all = vec![("Name", string("name")), ("Id", string(""))];
        all.retain(|(name, _)| members.iter().all(|it| it.0 != *name));
        all.extend(members);
        let Value::Structure(members) = structure("Input", all) else { panic!("not a structure") };
        let found = match validate(view(&members, shape("Input")), true) {
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
    fn each_rule_reports_its_problem() {
        let names = |key: &str, value: &str| Value::Map([(key.to_owned(), string(value))].into());
        check(vec![], &[]);
        check(vec![("Name", Value::Absent)], &["Missing required parameter in input: \"Name\""]);
        check(vec![("Name", string("é€"))], &["Invalid length for parameter Name, value: 2, valid min length: 3"]);
        check(vec![("Name", string("é€𝄞"))], &[]);
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
            vec![("Labels", Value::List(vec![string("ok"), string("")]))],
            &["Invalid length for parameter Labels[1], value: 0, valid min length: 2"],
        );
        check(vec![("Host", string(""))], &["Invalid length for parameter Host, value: 0, valid min length: 1"]);
        check(
            vec![("Choice", structure("Choice", vec![]))],
            &["Must set one of the following keys for tagged union structure Choice: Text, Point."],
        );
        check(
            vec![("Choice", structure("Choice", vec![("Text", string("a"))]))],
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
    fn all_problems_are_reported_at_once() {
        check(
            vec![("Name", Value::Absent), ("Id", Value::Absent), ("Long", Value::I64(-1)), ("Host", string(""))],
            &[
                "Missing required parameter in input: \"Name\"",
                "Missing required parameter in input: \"Id\"",
                "Invalid value for parameter Long, value: -1, valid min value: 5",
                "Invalid length for parameter Host, value: 0, valid min length: 1",
            ],
        );
    }
}
