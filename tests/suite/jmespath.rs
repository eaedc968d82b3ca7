//! JMESPath's compliance cases, through the whole way of an expression: parsed, written in the notation, decoded, evaluated.

use crate::endpoints::report;
use aws_core::jmespath::{Expression, Node, Tree, View};
use aws_core::value::{Document, Number};
use codegen::expr::jmespath::{notation, parse};
use serde_json::{Value, json};
use std::borrow::Cow;
use tests::suite::{conformance, entries, read_json};

/// JSON as a tree, with objects in the order of the file.
#[derive(Clone, Copy)]
struct Json<'a>(&'a Value);

impl<'a> Tree<'a> for Json<'a> {
    fn view(self) -> View<'a> {
        match self.0 {
            Value::Null => View::Null,
            Value::Bool(it) => View::Bool(*it),
            Value::Number(it) => View::Number(number(it)),
            Value::String(it) => View::String(Cow::Borrowed(it)),
            Value::Array(_) => View::Array,
            Value::Object(_) => View::Object,
        }
    }

    fn field(self, name: &str) -> Option<Self> {
        self.0.get(name).map(Self)
    }

    fn len(self) -> usize {
        match self.0 {
            Value::Array(it) => it.len(),
            Value::Object(it) => it.len(),
            _ => 0,
        }
    }

    fn element(self, index: usize) -> Option<Self> {
        self.0.get(index).map(Self)
    }

    fn entries(self) -> Vec<(Cow<'a, str>, Self)> {
        self.0
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| (Cow::Borrowed(name.as_str()), Self(value)))
            .collect()
    }
}

fn number(number: &serde_json::Number) -> Number {
    match (number.as_i64(), number.as_u64()) {
        (Some(it), _) => it.into(),
        (_, Some(it)) => it.into(),
        _ => number.as_f64().unwrap_or_default().into(),
    }
}

fn json_of<'a, T: Tree<'a>>(node: &Node<'a, T>) -> Value {
    match node.to_document() {
        Document::Null => Value::Null,
        other => serde_json::from_str(&other.to_string()).unwrap(),
    }
}

/// Equal as JMESPath sees it: integers equal floats of the same value, the order of keys does not count.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.get(key).is_some_and(|it| equal(value, it)))
        }
        _ => left == right,
    }
}

/// The value of an expression, or the name of its mistake.
fn evaluate(given: &Value, text: &str) -> Result<Value, &'static str> {
    let ast = parse(text).map_err(|it| it.mistake.name())?;
    let expression =
        Expression::decode(&notation(&ast)).unwrap_or_else(|it| panic!("{text}: {}: {it}", notation(&ast)));
    let value = expression.evaluate(Json(given)).map_err(|it| it.fault().name())?;
    Ok(json_of(&value))
}

fn check(given: &Value, case: &Value) -> Result<(), String> {
    let text = case["expression"].as_str().unwrap_or_default();
    let found = evaluate(given, text);
    let as_expected = match (&found, case.get("error").and_then(Value::as_str), case.get("result")) {
        (Err(found), Some(expect), _) => *found == expect,
        (Ok(found), None, Some(expect)) => equal(found, expect),
        (Ok(_), None, None) => true,
        _ => false,
    };
    if as_expected { Ok(()) } else { Err(format!("{text}: {found:?}, expected {case}")) }
}

#[test]
fn compliance() {
    let Some(folder) = conformance("jmespath") else { return };
    let (mut passed, mut failures) = (0, Vec::new());
    for path in entries(&folder).into_iter().filter(|it| it.extension().is_some_and(|it| it == "json")) {
        for group in read_json(&path).as_array().into_iter().flatten() {
            for case in group["cases"].as_array().into_iter().flatten() {
                match check(&group["given"], case) {
                    Ok(()) => passed += 1,
                    Err(text) => failures.push(format!("{}: {text}", path.display())),
                }
            }
        }
    }
    report("jmespath", passed, &failures, 0);
}

#[test]
fn both_sides_know_the_same_functions() {
    for (name, least, most) in codegen::expr::jmespath::FUNCTIONS {
        let call = |count: usize| Expression::decode(&format!("(call {name}{})", " a".repeat(count)));
        assert!(call(least).is_ok(), "{name}");
        assert_eq!(call(least - 1).unwrap_err().fault().name(), "invalid-arity", "{name}");
        assert!(call(most.min(9)).is_ok(), "{name}");
        assert_eq!(call(most.min(9) + 1).is_ok(), most > 9, "{name}");
    }
}

#[test]
fn expressions_of_services() {
    let page = json!({
        "NextMarker": null,
        "Contents": [{"Key": "a"}, {"Key": "b"}],
        "Reservations": [{"Instances": [{"State": {"Name": "running"}}, {"State": {"Name": "stopped"}}]}],
        "services": [{"deployments": [1], "runningCount": 2, "desiredCount": 2}],
    });
    let check = |text: &str, expect: Value| assert_eq!(evaluate(&page, text), Ok(expect), "{text}");
    check("NextMarker || Contents[-1].Key", json!("b"));
    check("Reservations[].Instances[].State.Name", json!(["running", "stopped"]));
    check("length(services[?!(length(deployments) == `1` && runningCount == desiredCount)]) == `0`", json!(true));
    check("Contents[].{Key: Key}[?Key == 'a'].Key | [0]", json!("a"));
    check("*.Key | length(@)", json!(0));
}

/// As deep as the generator lets an expression be, the runtime decodes it.
#[test]
fn depth() {
    for (head, tail) in [("!", ""), ("", "[*]"), ("", "[0]"), ("[", "]"), ("a.", ""), ("length(", ")"), ("x && [", "]")]
    {
        for count in [10, 50, 100, 140, 149, 150, 151, 200, 5000] {
            let text = head.repeat(count) + "a" + &tail.repeat(count);
            if let Ok(ast) = parse(&text) {
                assert!(Expression::decode(&notation(&ast)).is_ok(), "{head}a{tail} {count}");
            }
        }
        assert!(parse(&(head.repeat(70) + "a" + &tail.repeat(70))).is_ok(), "{head}a{tail}");
    }
}
