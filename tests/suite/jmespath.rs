//! JMESPath's compliance cases, through every stage of an expression: parsed and written in the notation by the
//! generator, decoded and evaluated by the runtime.

use crate::endpoints::report;
use aws_core::internals::jmespath::{Node, Tree, View};
use aws_core::jmespath::Expression;
use aws_core::types::{Document, Number};
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

fn to_json<'a, T: Tree<'a>>(node: &Node<'a, T>) -> Value {
    match node.to_document() {
        Document::Null => Value::Null,
        other => serde_json::from_str(&other.to_string()).unwrap(),
    }
}

/// Equality of JMESPath: integers equal floats of the same value, the order of keys does not matter.
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

/// The value of an expression, or the name of its error.
fn evaluate(document: &Value, expression: &str) -> Result<Value, &'static str> {
    let ast = parse(expression).map_err(|it| it.kind.name())?;
    let notation = notation(&ast);
    let decoded = Expression::decode(&notation).unwrap_or_else(|it| panic!("{expression}: {notation}: {it}"));
    let value = decoded.evaluate(Json(document)).map_err(|it| it.kind().name())?;
    // The text in a message means the same as the expression.
    let text = decoded.to_string();
    let again = parse(&text).unwrap_or_else(|it| panic!("{expression} is shown as {text}: {it}"));
    let again = Expression::decode(&codegen::expr::jmespath::notation(&again)).expect("a sound expression");
    let same = again.evaluate(Json(document)).map_or(Value::Null, |it| to_json(&it));
    assert!(equal(&same, &to_json(&value)), "{expression} is shown as {text}");
    Ok(to_json(&value))
}

fn check(document: &Value, case: &Value) -> Result<(), String> {
    let expression = case["expression"].as_str().unwrap_or_default();
    let found = evaluate(document, expression);
    let as_expected = match (&found, case.get("error").and_then(Value::as_str), case.get("result")) {
        (Err(found), Some(expect), _) => *found == expect,
        (Ok(found), None, Some(expect)) => equal(found, expect),
        (Ok(_), None, None) => true,
        _ => false,
    };
    if as_expected { Ok(()) } else { Err(format!("{expression}: {found:?}, expected {case}")) }
}

#[test]
fn the_compliance_cases_pass() {
    let Some(folder) = conformance("jmespath") else { return };
    let (mut passed, mut failures) = (0, Vec::new());
    for path in entries(&folder).into_iter().filter(|path| path.extension().is_some_and(|it| it == "json")) {
        for group in read_json(&path).as_array().into_iter().flatten() {
            for case in group["cases"].as_array().into_iter().flatten() {
                match check(&group["given"], case) {
                    Ok(()) => passed += 1,
                    Err(why) => failures.push(format!("{}: {why}", path.display())),
                }
            }
        }
    }
    report("jmespath", passed, &failures, 0);
}

#[test]
fn generator_and_runtime_have_the_same_functions_with_the_same_arity() {
    for (name, least, most) in codegen::expr::jmespath::FUNCTIONS {
        let call = |count: usize| Expression::decode(&format!("(call {name}{})", " a".repeat(count)));
        assert!(call(least).is_ok(), "{name}");
        assert_eq!(call(least - 1).unwrap_err().kind().name(), "invalid-arity", "{name}");
        assert!(call(most.min(9)).is_ok(), "{name}");
        assert_eq!(call(most.min(9) + 1).is_ok(), most > 9, "{name}");
    }
}

#[test]
fn expressions_as_services_use_them_have_their_values() {
    let page = json!({
        "NextMarker": null,
        "Contents": [{"Key": "a"}, {"Key": "b"}],
        "Reservations": [{"Instances": [{"State": {"Name": "running"}}, {"State": {"Name": "stopped"}}]}],
        "services": [{"deployments": [1], "runningCount": 2, "desiredCount": 2}],
    });
    let check = |expression: &str, expect: Value| {
        assert_eq!(evaluate(&page, expression), Ok(expect), "{expression}");
    };
    check("NextMarker || Contents[-1].Key", json!("b"));
    check("Reservations[].Instances[].State.Name", json!(["running", "stopped"]));
    check("length(services[?!(length(deployments) == `1` && runningCount == desiredCount)]) == `0`", json!(true));
    check("Contents[].{Key: Key}[?Key == 'a'].Key | [0]", json!("a"));
    check("*.Key | length(@)", json!(0));
}

#[test]
fn the_runtime_decodes_every_depth_that_the_generator_accepts() {
    for (head, tail) in [("!", ""), ("", "[*]"), ("", "[0]"), ("[", "]"), ("a.", ""), ("length(", ")"), ("x && [", "]")]
    {
        for count in [10, 50, 100, 140, 149, 150, 151, 200, 5000] {
            let expression = head.repeat(count) + "a" + &tail.repeat(count);
            if let Ok(ast) = parse(&expression) {
                assert!(Expression::decode(&notation(&ast)).is_ok(), "{head}a{tail} {count}");
            }
        }
        assert!(parse(&(head.repeat(70) + "a" + &tail.repeat(70))).is_ok(), "{head}a{tail}");
    }
}
