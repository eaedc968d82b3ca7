use super::*;
use serde_json::json;

fn with(parameters: Value, rules: Value) -> Value {
    json!({"version": "1.0", "parameters": parameters, "rules": rules})
}

/// A rule set of one error rule with these conditions.
fn conditions(conditions: Value) -> Value {
    let parameters = json!({
        "Region": {"type": "String", "builtIn": "AWS::Region"},
        "UseFIPS": {"type": "boolean", "required": true, "default": false},
        "List": {"type": "stringArray", "default": ["a", "b"]},
    });
    with(parameters, json!([{"type": "error", "conditions": conditions, "error": "no"}]))
}

/// Checks that compiling the document reports a problem with this message at this JSON pointer.
fn check_problem(document: Value, pointer: &str, message: &str) {
    let problems = compile(&document).expect_err(message);
    assert!(
        problems.iter().any(|it| it.0 == pointer && it.1.contains(message)),
        "no problem `{message}` at {pointer}, but {problems:#?}"
    );
}

#[test]
fn parameters_keep_their_order_types_and_defaults() {
    let set = compile(&conditions(json!([{"fn": "isSet", "argv": [{"ref": "Region"}]}]))).unwrap();
    let names: Vec<_> = set.parameters.iter().map(|it| (it.name.as_str(), it.ty, it.required, it.read)).collect();
    assert_eq!(
        names,
        [
            ("Region", Type::String, false, true),
            ("UseFIPS", Type::Boolean, true, false),
            ("List", Type::StringList, false, false)
        ]
    );
    assert_eq!(set.parameters[0].built_in.as_deref(), Some("AWS::Region"));
    assert_eq!(set.parameters[1].default, Some(DefaultValue::Boolean(false)));
    assert_eq!(set.parameters[2].default, Some(DefaultValue::StringList(vec!["a".into(), "b".into()])));
}

#[test]
fn tables_are_printable_and_store_equal_pieces_once() {
    let region = json!({"Region": {"type": "string"}, "Other": {"type": "string"}});
    let branch = |name: &str| {
        json!({"type": "tree", "conditions": [{"fn": "isSet", "argv": [{"ref": name}]}], "rules": [
            {"type": "endpoint", "conditions": [{"fn": "aws.partition", "argv": [{"ref": "Region"}], "assign": "p"}], "endpoint": {"url": "https://{Region}.{p#dnsSuffix}"}},
            {"type": "error", "conditions": [], "error": "a message long enough to be noticed twice"},
        ]})
    };
    let one = compile(&with(region.clone(), json!([branch("Region")]))).unwrap().table;
    let two = compile(&with(region, json!([branch("Region"), branch("Other")]))).unwrap().table;
    assert!(one.bytes().all(|it| (b' '..=b'~').contains(&it) && it != b'\\' && it != b'"'), "{one}");
    assert!(two.len() < one.len() + 16, "{one}\n{two}");
}

#[test]
fn invalid_values_are_problems_at_their_location() {
    let check = |condition: Value, pointer: &str, message: &str| {
        check_problem(conditions(json!([condition])), &format!("/rules/0/conditions/0{pointer}"), message)
    };
    check(json!({"fn": "isSett", "argv": []}), "/fn", "unknown function `isSett`");
    check(
        json!({"fn": "isSet", "argv": [{"ref": "Regoin"}]}),
        "/argv/0",
        "unknown reference `Regoin`; known here: Region, UseFIPS, List",
    );
    check(json!({"fn": "isSet", "argv": []}), "/argv", "takes 1 arguments, not 0");
    check(
        json!({"fn": "booleanEquals", "argv": [{"ref": "Region"}, true]}),
        "/argv/0",
        "takes a boolean here, not a string",
    );
    check(
        json!({"fn": "stringEquals", "argv": [{"ref": "Region"}, true]}),
        "/argv/1",
        "takes a string here, not a boolean",
    );
    check(json!({"fn": "isSet", "argv": [{"ref": "Region"}], "assing": "x"}), "/assing", "unknown key `assing`");
    check(
        json!({"fn": "isSet", "argv": [{"ref": "Region"}], "assign": "UseFIPS"}),
        "/assign",
        "cannot be assigned again",
    );
    check(json!({"fn": "isSet", "argv": {"ref": "Region"}}), "/argv", "expected an array, found an object");
    check(json!({"ref": "Region"}), "", "expected a condition");
    check(json!("{Region}"), "", "expected a condition");
    check(
        json!({"fn": "getAttr", "argv": [{"ref": "Region"}, "name"]}),
        "/argv/1",
        "a string has no attribute `name`; it has none",
    );
    check(
        json!({"fn": "getAttr", "argv": [{"fn": "aws.parseArn", "argv": [{"ref": "Region"}]}, "owner"]}),
        "/argv/1",
        "known: partition, service, region, accountId, resourceId",
    );
    check(json!({"fn": "getAttr", "argv": [{"ref": "List"}, "[x]"]}), "/argv/1", "malformed index");
    check(json!({"fn": "getAttr", "argv": [{"ref": "Region"}, "[0]"]}), "/argv/1", "not a list");
    check(json!({"fn": "isSet", "argv": ["{Region"]}), "/argv/0", "unpaired `{`");
    check(json!({"fn": "isSet", "argv": ["Region}"]}), "/argv/0", "unpaired `}`");
    check(json!({"fn": "isSet", "argv": ["{Region#name}"]}), "/argv/0", "has no attribute `name`");
    check(json!({"fn": "isSet", "argv": ["{UseFIPS}"]}), "/argv/0", "only strings are allowed in a template");
    check(json!({"fn": "isSet", "argv": [null]}), "/argv/0", "null is not a value");
    check(json!({"fn": "isSet", "argv": [{}]}), "/argv/0", "expected an object with `fn` or `ref`");
    check(json!({"fn": "substring", "argv": [{"ref": "Region"}, -1, 2, true]}), "/argv/1", "a number is not a value");
}

#[test]
fn invalid_documents_are_problems_at_their_location() {
    check_problem(json!([]), "", "expected an object, found an array");
    check_problem(json!({"version": "2.0", "parameters": {}, "rules": []}), "/version", "unknown version `2.0`");
    check_problem(json!({"version": "1.0", "rules": []}), "", "`parameters` is missing");
    check_problem(
        with(json!({"A": {"type": "number"}}), json!([])),
        "/parameters/A/type",
        "unknown parameter type \"number\"",
    );
    check_problem(
        with(json!({"A": {"type": "string", "default": true}}), json!([])),
        "/parameters/A/default",
        "is not a string",
    );
    check_problem(with(json!({"a/b~": {}}), json!([])), "/parameters/a~1b~0", "`type` is missing");
    check_problem(with(json!({}), json!([{"type": "choice"}])), "/rules/0", "found \"choice\"");
    check_problem(
        with(json!({}), json!([{"type": "error", "conditions": [], "error": "x", "rules": []}])),
        "/rules/0/rules",
        "unknown key",
    );
    check_problem(with(json!({}), json!([{"type": "error", "error": "x"}])), "/rules/0", "`conditions` is missing");
    check_problem(
        with(json!({}), json!([{"type": "endpoint", "conditions": [], "endpoint": {"url": true}}])),
        "/rules/0/endpoint/url",
        "expected a string, found a boolean",
    );
    check_problem(
        with(
            json!({}),
            json!([{"type": "endpoint", "conditions": [], "endpoint": {"url": "x", "properties": {"p": [null]}}}]),
        ),
        "/rules/0/endpoint/properties/p/0",
        "null cannot be a property",
    );
    check_problem(
        with(
            json!({}),
            json!([{"type": "endpoint", "conditions": [], "endpoint": {"url": "x", "headers": {"h": "v"}}}]),
        ),
        "/rules/0/endpoint/headers/h",
        "expected an array of values",
    );
}

#[test]
fn names_of_one_branch_are_unknown_in_the_next() {
    let assigns = json!({"fn": "aws.partition", "argv": ["x"], "assign": "p"});
    let reads = json!({"fn": "stringEquals", "argv": ["{p#name}", "aws"]});
    let rule = |conditions: Value| json!({"type": "error", "conditions": conditions, "error": "no"});
    assert!(compile(&with(json!({}), json!([rule(json!([assigns, reads]))]))).is_ok());
    assert!(compile(&with(json!({}), json!([rule(json!([assigns])), rule(json!([assigns]))]))).is_ok());
    check_problem(
        with(json!({}), json!([rule(json!([assigns])), rule(json!([reads]))])),
        "/rules/1/conditions/0/argv/0",
        "unknown reference `p`",
    );
    check_problem(
        with(json!({}), json!([rule(json!([assigns, assigns]))])),
        "/rules/0/conditions/1/assign",
        "already has a value",
    );
}

#[test]
fn deep_trees_are_rejected() {
    let mut rule = json!({"type": "error", "conditions": [], "error": "no"});
    for _ in 0..100 {
        rule = json!({"type": "tree", "conditions": [], "rules": [rule]});
    }
    let problems = compile(&with(json!({}), json!([rule]))).unwrap_err();
    assert!(problems[0].1.contains("nested deeper"), "{problems:?}");
}
