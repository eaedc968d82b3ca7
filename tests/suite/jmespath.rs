//! JMESPath's compliance cases, by both ways of an expression: parsed by the runtime, and parsed and written in the notation
//! by the generator; evaluated by the runtime.

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
    let parsed = Expression::parse(expression).map_err(|it| it.kind().name());
    let generated = parse(expression).map_err(|it| it.kind.name());
    assert_eq!(parsed.as_ref().err(), generated.as_ref().err(), "{expression}: both parsers reject it, and why");
    let (parsed, ast) = (parsed?, generated?);
    let notation = notation(&ast);
    let decoded = Expression::decode(&notation).unwrap_or_else(|it| panic!("{expression}: {notation}: {it}"));
    assert_eq!(parsed.to_string(), decoded.to_string(), "{expression}: both parsers read the same");
    let value = decoded.evaluate(Json(document)).map_err(|it| it.kind().name());
    let by_parsed = parsed.evaluate(Json(document)).map_err(|it| it.kind().name());
    assert_eq!(value.as_ref().map(to_json), by_parsed.as_ref().map(to_json), "{expression}");
    let value = value?;
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
            // Both reject what is too deep, each at a depth of its own.
            let _ = Expression::parse(&expression);
            if let Ok(ast) = parse(&expression) {
                assert!(Expression::decode(&notation(&ast)).is_ok(), "{head}a{tail} {count}");
            }
        }
        assert!(parse(&(head.repeat(70) + "a" + &tail.repeat(70))).is_ok(), "{head}a{tail}");
    }
}

/// Words of the language, in an order that only chance chooses: mostly no expression, sometimes a deep one.
fn words(seed: u64) -> String {
    const WORDS: [&str; 40] = [
        "a",
        "b",
        "Contents",
        "\"q s\"",
        "\"",
        "'raw'",
        "'",
        "`1`",
        "`{\"k\": [null]}`",
        "`",
        "@",
        "*",
        ".",
        "[",
        "]",
        "[]",
        "[?",
        "[*]",
        "[0]",
        "[-1]",
        "[1:2]",
        "[::0]",
        "{",
        "}",
        "{k: a}",
        "(",
        ")",
        "length(",
        "sort_by(",
        "&",
        "&&",
        "||",
        "|",
        "!",
        "==",
        "<",
        ",",
        ":",
        " ",
        "ü",
    ];
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |bound: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % bound
    };
    (0..next(24) + 1).map(|_| WORDS[next(WORDS.len() as u64) as usize]).collect()
}

#[test]
fn both_parsers_agree_on_any_text_and_what_is_shown_is_read_again() {
    let document = json!({"a": [1, {"b": "x"}], "b": {"a": null}, "Contents": [[1], []], "q s": "x"});
    let mut sound = 0;
    for seed in 0..60_000 {
        let text = words(seed);
        let parsed = Expression::parse(&text);
        let generated = parse(&text);
        let kinds =
            (parsed.as_ref().err().map(|it| it.kind().name()), generated.as_ref().err().map(|it| it.kind.name()));
        assert_eq!(kinds.0, kinds.1, "{text}");
        if let Err(error) = &parsed {
            assert!(
                error.position().is_some_and(|it| it <= text.len() && text.is_char_boundary(it)),
                "{text}: {error}"
            );
            continue;
        }
        sound += 1;
        let expression = parsed.expect("checked above");
        let shown = expression.to_string();
        let again = Expression::parse(&shown).unwrap_or_else(|it| panic!("{text} is shown as {shown}: {it}"));
        assert_eq!(again.to_string(), shown, "{text}");
        let value = |it: &Expression| it.evaluate(Json(&document)).map(|it| to_json(&it)).map_err(|it| it.kind());
        assert_eq!(value(&again), value(&expression), "{text} is shown as {shown}");
    }
    assert!(sound > 1_000, "{sound} expressions are sound");
}

#[test]
fn an_error_says_where_it_is_and_what_was_expected() {
    let check = |text: &str, position: usize, expect: &str| {
        let error = Expression::parse(text).expect_err(text);
        assert_eq!((error.position(), error.to_string().as_str()), (Some(position), expect), "{text}");
    };
    check("", 0, "syntax: expected an expression, found the end, at byte 0 of ``");
    check("a.[", 3, "syntax: expected an expression, found the end, at byte 3 of `a.[`");
    check(
        "Contents[?Size > 100]",
        17,
        "syntax: expected an expression, found the number 100 (a literal is between backticks: `100`), at byte 17 of \
         `Contents[?Size > 100]`",
    );
    check("a = b", 2, "syntax: unexpected `=`: equality is `==`, at byte 2 of `a = b`");
    check("a b", 2, "syntax: expected an operator or the end, found `b`, at byte 2 of `a b`");
    check("a.'b", 2, "syntax: no closing `'`, at byte 2 of `a.'b`");
    check("ä", 0, "syntax: unexpected character `ä`, at byte 0 of `ä`");
    check("a[].lenght(@)", 4, "unknown-function: unknown function `lenght`, at byte 4 of `a[].lenght(@)`");
    check("abs(a, b)", 0, "invalid-arity: `abs` takes 1 arguments, not 2, at byte 0 of `abs(a, b)`");
    check("a[::0]", 2, "invalid-value: the step of a slice cannot be 0, at byte 2 of `a[::0]`");
}

#[test]
fn no_text_is_too_deep_or_too_long_to_be_rejected() {
    for part in [
        "!", "(", "[", "a.", "a[", "a[0]", "[0]", "a[]", "[*]", "*.", "a||", "a|", "{k:", "length(", "&", "[?", "`[`",
        "a==", "[:",
    ] {
        for count in [10, 160, 161, 100_000] {
            let text = part.repeat(count);
            for text in [text.clone(), format!("a{text}"), format!("{text}a")] {
                if let Ok(expression) = Expression::parse(&text) {
                    let _ = expression.evaluate(Json(&Value::Null));
                    assert!(!expression.to_string().is_empty());
                }
            }
        }
    }
    let long = format!("a{}", ".a".repeat(100_000));
    assert!(Expression::parse(&long).is_ok(), "a chain is one level, however long");
}
