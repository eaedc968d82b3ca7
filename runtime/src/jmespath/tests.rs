use super::*;
use crate::types::Document;

fn document() -> Document {
    let person = |name: &str, age: i64| Document::from([("name", Document::from(name)), ("age", age.into())]);
    [
        ("a", Document::from([("b", [("c", "deep")])])),
        ("list", Document::from(vec![1, 2, 3, 4, 5])),
        ("nested", vec![Document::from(vec![1, 2]), 3.into(), vec![Document::from(vec![4])].into()].into()),
        ("people", vec![person("bob", 40), person("ann", 30), person("eve", 40)].into()),
        ("text", "Grüße".into()),
        ("empty", Document::from("")),
        ("zero", 0.into()),
        ("float", 1.0.into()),
        ("null", ().into()),
        ("null key", true.into()),
    ]
    .into()
}

fn check(notation: &str, expect: &str) {
    let document = document();
    let expression = Expression::decode(notation).unwrap_or_else(|it| panic!("{notation}: {it}"));
    let found = match expression.evaluate(&document) {
        Ok(node) => node.to_document().to_string(),
        Err(failure) => failure.kind().name().to_owned(),
    };
    assert_eq!(found, expect, "{notation}");
}

#[test]
fn steps_have_the_expected_values() {
    check("a.b.c", "\"deep\"");
    check("a.x.c", "null");
    check("\"null key\"", "true");
    check("(or empty text)", "\"Grüße\"");
    check("(and empty text)", "\"\"");
    check("(or zero text)", "0");
    check("(not empty)", "true");
    check("(. (at -1 list))", "5");
    check("(at 5 list)", "null");
    check("(at -6 list)", "null");
    check("(at 0 text)", "null");
    check("(slice 1 _ 2 list)", "[2,4]");
    check("(slice _ _ -2 list)", "[5,3,1]");
    check("(slice -2 100 _ list)", "[4,5]");
    check("(slice 100 -100 -1 list)", "[5,4,3,2,1]");
    check("(slice 0 _ 9223372036854775807 list)", "[1]");
    check("(slice _ _ -9223372036854775808 list)", "[5]");
    check("(slice 0 1 _ text)", "null");
    check("(each people name)", "[\"bob\",\"ann\",\"eve\"]");
    check("(each people x)", "[]");
    check("(each text name)", "null");
    check("(values a.b @)", "[\"deep\"]");
    check("(values list @)", "null");
    check("(flat nested)", "[1,2,3,[4]]");
    check("(where people (> age 30) name)", "[\"bob\",\"eve\"]");
    check("(where people (== name 'ann') @)", "[{\"age\":30,\"name\":\"ann\"}]");
    check("(list zero (hash 'k' text 'k' float) @.x)", "[0,{\"k\":1.0},null]");
    check("(. x (list zero))", "null");
    check("(array 1 'a\\'b' (object 'k' null))", "[1,\"a'b\",{\"k\":null}]");
    check("-1.5e3", "-1500.0");
}

#[test]
fn values_are_compared_as_the_specification_says() {
    for (notation, expect) in [
        ("(== float 1)", "true"),
        ("(== zero false)", "false"),
        ("(!= zero null)", "true"),
        ("(== list (array 1 2 3 4 5))", "true"),
        ("(== list (array 1 2 3 4 6))", "false"),
        ("(== a (object 'b' (object 'c' 'deep')))", "true"),
        ("(== (object 'x' 1 'y' 2) (object 'y' 2 'x' 1.0))", "true"),
        ("(== (object 'x' 1) (object 'y' 1))", "false"),
        ("(< 'a' 'b')", "true"),
        ("(< 'a' 1)", "null"),
        ("(>= null null)", "null"),
        ("(< 9007199254740993 9007199254740992)", "false"),
        ("(== 18446744073709551615 18446744073709551614)", "false"),
        ("(<= -1 1.5)", "true"),
        ("(> 1 1)", "false"),
    ] {
        check(notation, expect);
    }
}

#[test]
fn functions_have_the_expected_values() {
    for (call, expect) in [
        ("abs -5", "5"),
        ("abs -5.5", "5.5"),
        ("abs -9223372036854775808", "9223372036854775808"),
        ("abs text", "invalid-type"),
        ("avg list", "3.0"),
        ("avg (array)", "null"),
        ("ceil 1.2", "2"),
        ("floor -1.2", "-2"),
        ("floor 1e300", "1e300"),
        ("contains text 'rü'", "true"),
        ("contains text 1", "false"),
        ("contains list 3.0", "true"),
        ("contains zero 1", "invalid-type"),
        ("ends_with text 'ße'", "true"),
        ("starts_with text 'ße'", "false"),
        ("join ', ' (each people name)", "\"bob, ann, eve\""),
        ("join ', ' list", "invalid-type"),
        ("keys a", "[\"b\"]"),
        ("keys list", "invalid-type"),
        ("values a.b", "[\"deep\"]"),
        ("length text", "5"),
        ("length a", "1"),
        ("length (list a)", "1"),
        ("map (& name) people", "[\"bob\",\"ann\",\"eve\"]"),
        ("map (& x) people", "[null,null,null]"),
        ("map name people", "invalid-type"),
        ("max list", "5"),
        ("max (array)", "null"),
        ("max (array 1 'a')", "invalid-type"),
        ("min (array 'b' 'a')", "\"a\""),
        ("max_by people (& age)", "{\"age\":40,\"name\":\"bob\"}"),
        ("min_by people (& age)", "{\"age\":30,\"name\":\"ann\"}"),
        ("min_by people (& x)", "invalid-type"),
        ("merge a (object 'b' 1 'c' 2)", "{\"b\":1,\"c\":2}"),
        ("merge a text", "invalid-type"),
        ("not_null x zero", "0"),
        ("reverse text", "\"eßürG\""),
        ("reverse list", "[5,4,3,2,1]"),
        ("sort (array 3 1.5 2)", "[1.5,2,3]"),
        ("sort (array true)", "invalid-type"),
        (
            "sort_by people (& age)",
            "[{\"age\":30,\"name\":\"ann\"},{\"age\":40,\"name\":\"bob\"},{\"age\":40,\"name\":\"eve\"}]",
        ),
        ("sort_by people name", "invalid-type"),
        ("sort_by people (& @)", "invalid-type"),
        ("sum list", "15"),
        ("sum (array)", "0"),
        ("to_array zero", "[0]"),
        ("to_array list", "[1,2,3,4,5]"),
        ("to_number '18446744073709551615'", "18446744073709551615"),
        ("to_number '1e2'", "100.0"),
        ("to_number 'nan'", "null"),
        ("to_number list", "null"),
        ("to_string list", "\"[1,2,3,4,5]\""),
        (
            "to_string (hash 'b' (array) 'a' (object) 'c' (list zero 'x\"'))",
            r#""{\"b\":[],\"a\":{},\"c\":[0,\"x\\\"\"]}""#,
        ),
        ("not_null zero (call abs text)", "invalid-type"),
        ("to_string text", "\"Grüße\""),
        ("type a", "\"object\""),
        ("type x", "\"null\""),
        ("type (& a)", "invalid-type"),
    ] {
        check(&format!("(call {call})"), expect);
    }
    check("(call length x)", "invalid-type");
    // A sum beyond 64 bits becomes a double.
    check("(> (call sum (array 9223372036854775807 9223372036854775807)) 9223372036854775807)", "true");
}

#[test]
fn malformed_notations_are_rejected() {
    let check = |notation: &str, kind: FailureKind| {
        assert_eq!(Expression::decode(notation).expect_err(notation).kind(), kind, "{notation}")
    };
    for notation in [
        "",
        "(",
        ")",
        "(or a)",
        "(or a b c)",
        "a b",
        "'a",
        "\"a",
        "(x a)",
        "(at a b)",
        "(at _ b)",
        "(slice 1 2 a)",
        "(array a)",
        "(hash a b)",
        "(object 'a')",
        "(call)",
        "((a))",
    ] {
        check(notation, FailureKind::Syntax);
    }
    check("(call foo a)", FailureKind::UnknownFunction);
    check("(call abs a b)", FailureKind::InvalidArity);
    check("(call merge)", FailureKind::InvalidArity);
    check("(slice _ _ 0 a)", FailureKind::InvalidValue);
    check(&"(not ".repeat(100_000), FailureKind::Syntax);
    check(&"(array ".repeat(100_000), FailureKind::Syntax);
}

/// The deepest expression that can be decoded is evaluated on the stack of a test thread (2 MiB).
#[test]
fn the_deepest_expression_fits_the_stack() {
    for (head, tail) in [
        ("(not ", ")"),
        ("(each list ", ")"),
        ("(call to_array ", ")"),
        ("(hash 'a' ", ")"),
        ("(or x ", ")"),
        ("(. @ ", ")"),
    ] {
        let notation = head.repeat(MAX_DEPTH) + "@" + &tail.repeat(MAX_DEPTH);
        let expression = Expression::decode(&notation).unwrap();
        let document = document();
        expression.evaluate(&document).unwrap().to_document();
    }
}

/// Values that a program built have any depth: they are copied, written and compared on the stack of a test thread.
#[test]
fn values_of_any_depth_fit_the_stack() {
    let deep = |innermost: i64, is_list: bool| {
        (0..200_000).fold(Document::from(innermost), |inner, _| match is_list {
            true => Document::Array(vec![inner]),
            false => Document::from([("a", inner)]),
        })
    };
    for is_list in [true, false] {
        let document = Document::from([("l", deep(1, is_list)), ("r", deep(1, is_list)), ("other", deep(2, is_list))]);
        let left = Expression::decode("l").unwrap();
        assert!(left.evaluate(&document).unwrap().to_document() == document["l"]);
        assert_eq!(left.evaluate(&document).unwrap().to_json(), document["l"].to_string());
        for (notation, expect) in [("(== l r)", true), ("(== l other)", false), ("(!= l other)", true)] {
            let expression = Expression::decode(notation).unwrap();
            assert_eq!(expression.evaluate(&document).unwrap().as_bool(), Some(expect), "{notation}");
        }
        let text = Expression::decode("(call to_string l)").unwrap();
        let text = text.evaluate(&document).unwrap();
        assert_eq!(text.as_str(), Some(&*document["l"].to_string()));
    }
}

/// Damaged notations are errors or other expressions, but never cause a panic.
#[test]
fn damaged_notations_never_panic() {
    let notation = "(or \"a\\\"b\" (. (at -1 list) (where people (>= age 3.5) (hash 'k' (call sort_by @ (& name)))) (slice 1 _ -2 @) (object 'k' (array null 'ü'))))";
    let document = document();
    let ends: Vec<usize> = notation.char_indices().map(|it| it.0).collect();
    for (index, end) in ends.iter().enumerate() {
        for replacement in ["", "(", ")", "'", "\"", " ", "@", "9", "ä"] {
            let after = ends.get(index + 1).map_or("", |it| &notation[*it..]);
            if let Ok(expression) = Expression::decode(&format!("{}{replacement}{after}", &notation[..*end])) {
                let _ = expression.evaluate(&document);
            }
        }
        let _ = Expression::decode(&notation[..*end]);
    }
}
