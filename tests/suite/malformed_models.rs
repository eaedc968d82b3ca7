//! What the generator reports about malformed models: every fault is a problem with file and path, all problems are
//! reported at once, and no change of a model makes the generator panic.

mod depth;
mod files;
mod mutation;
mod toy;

use codegen::{fixups, report};
use serde_json::{Value, json};

use toy::{read, toy};

/// Reads the toy with the values at some locations replaced, and checks the reported problems.
fn check(changes: &[(&str, Value)], expect: &[&str]) {
    let mut toy = toy();
    for (location, value) in changes {
        *toy.value_at(location) = value.clone();
    }
    let (models, problems) = read(&toy.source());
    assert_eq!(problems, expect, "{changes:?}");
    assert_eq!(models.is_some(), expect.is_empty(), "{changes:?}");
}

#[test]
fn the_unchanged_toy_has_no_problems() {
    check(&[], &[]);
}

#[test]
fn unknown_keys_are_problems_with_a_suggestion() {
    let learn = "(the generator must learn what it means before it may be ignored)";
    for (location, value, expect) in [
        (
            "service-2#/shapes/Size",
            json!({"type": "integer", "pattern": "x"}),
            format!("service-2#/shapes/Size/pattern: unknown key `pattern` {learn}"),
        ),
        (
            "service-2#/operations/GetThing/http",
            json!({"method": "GET", "requestUri": "/", "reponseCode": 200}),
            "service-2#/operations/GetThing/http/reponseCode: unknown key `reponseCode` (did you mean `responseCode`?)"
                .to_string(),
        ),
        (
            "paginators-1#/pagination/ListThings",
            json!({"input_token": "Token", "output_token": "Token", "resultkey": "Things"}),
            "paginators-1#/pagination/ListThings/resultkey: unknown key `resultkey` (did you mean `result_key`?)"
                .to_string(),
        ),
        (
            "waiters-2#/waiters/ThingExists/acceptors/1",
            json!({"matcher": "error", "expected": true, "state": "retry", "delay": 1}),
            format!("waiters-2#/waiters/ThingExists/acceptors/1/delay: unknown key `delay` {learn}"),
        ),
        (
            "endpoint-rule-set-1#/rules/0/conditions/0/argv/0",
            json!({"ref": "Region", "fn": "isSet"}),
            format!("endpoint-rule-set-1#/rules/0/conditions/0/argv/0/fn: unknown key `fn` {learn}"),
        ),
        (
            "resources-1#/resources/Thing/identifiers/0",
            json!({"name": "Name", "memberNames": "Name"}),
            "resources-1#/resources/Thing/identifiers/0/memberNames: unknown key `memberNames` \
             (did you mean `memberName`?)"
                .to_string(),
        ),
    ] {
        check(&[(location, value)], &[&expect]);
    }
}

#[test]
fn references_to_missing_names_are_problems_with_a_suggestion() {
    for (location, value, expect) in [
        (
            "service-2#/shapes/Thing/members/Name/shape",
            json!("Nam"),
            "service-2#/shapes/Thing/members/Name/shape: there is no shape `Nam` (did you mean `Name`?)",
        ),
        (
            "service-2#/shapes/Things/member/shape",
            json!("Zebra"),
            "service-2#/shapes/Things/member/shape: there is no shape `Zebra`",
        ),
        ("service-2#/shapes/Tags/value/shape", json!(""), "service-2#/shapes/Tags/value/shape: there is no shape ``"),
        (
            "service-2#/operations/GetThing/errors/0/shape",
            json!("NoSuchThings"),
            "service-2#/operations/GetThing/errors/0/shape: there is no shape `NoSuchThings` \
             (did you mean `NoSuchThing`?)",
        ),
        (
            "service-2#/shapes/GetThingResponse/payload",
            json!("Body"),
            "service-2#/shapes/GetThingResponse/payload: there is no member `Body`",
        ),
        (
            "paginators-1#/pagination",
            json!({"ListThing": {"input_token": "Token", "output_token": "Token", "result_key": "Things"}}),
            "paginators-1#/pagination/ListThing: there is no operation `ListThing` (did you mean `ListThings`?)",
        ),
        (
            "waiters-2#/waiters/ThingExists/operation",
            json!("HeadThing"),
            "waiters-2#/waiters/ThingExists/operation: there is no operation `HeadThing` (did you mean `GetThing`?)",
        ),
        ("examples-1#/examples", json!({"Zebra": []}), "examples-1#/examples/Zebra: there is no operation `Zebra`"),
        (
            "resources-1#/resources/Thing/shape",
            json!("Zebra"),
            "resources-1#/resources/Thing/shape: there is no shape `Zebra`",
        ),
        (
            "resources-1#/resources/Thing/waiters/Exists/waiterName",
            json!("ThingExist"),
            "resources-1#/resources/Thing/waiters/Exists/waiterName: there is no waiter `ThingExist` \
             (did you mean `ThingExists`?)",
        ),
        (
            "resources-1#/resources/Thing/load/request/params/0/name",
            json!("Id"),
            "resources-1#/resources/Thing/load/request/params/0/name: there is no identifier `Id`",
        ),
        (
            "resources-1#/service/hasMany/Things/resource/identifiers/0/target",
            json!("Id"),
            "resources-1#/service/hasMany/Things/resource/identifiers/0/target: there is no identifier `Id`",
        ),
        (
            "resources-1#/service/has/Thing/resource/type",
            json!("Thong"),
            "resources-1#/service/has/Thing/resource/type: there is no resource `Thong` (did you mean `Thing`?)",
        ),
    ] {
        check(&[(location, value)], &[expect]);
    }
}

#[test]
fn values_of_the_wrong_type_or_without_meaning_are_problems() {
    for (location, value, expect) in [
        ("service-2", json!([]), vec!["service-2: expected an object, found an array"]),
        (
            "service-2#/shapes/Name/type",
            json!("strucutre"),
            vec![
                "service-2#/shapes/Name/type: unknown value `strucutre` (expected one of structure, list, map, string, \
                 integer, long, float, double, boolean, timestamp, blob)",
            ],
        ),
        (
            "service-2#/shapes/Name",
            json!({"enum": "a", "min": "1", "type": "string"}),
            vec![
                "service-2#/shapes/Name/enum: expected an array, found a string",
                "service-2#/shapes/Name/min: expected a number, found a string",
            ],
        ),
        (
            "service-2#/shapes/Thing",
            json!({"type": "structure"}),
            vec!["service-2#/shapes/Thing: the key `members` is missing"],
        ),
        (
            "service-2#/operations/GetThing/input/shape",
            json!("Name"),
            vec!["service-2#/operations/GetThing/input/shape: the input must be a structure, `Name` is of type string"],
        ),
        (
            "service-2#/shapes/Tags/key/shape",
            json!("Size"),
            vec!["service-2#/shapes/Tags/key: the key of a map must be a string, `Size` is of type integer"],
        ),
        ("waiters-2#/version", json!(1), vec!["waiters-2#/version: unsupported version: expected 2"]),
        (
            "waiters-2#/waiters/ThingExists/acceptors/0",
            json!({"matcher": "pathNone", "expected": null, "state": "done"}),
            vec![
                "waiters-2#/waiters/ThingExists/acceptors/0/expected: expected a string, found null",
                "waiters-2#/waiters/ThingExists/acceptors/0/matcher: unknown value `pathNone` \
                 (expected one of path, pathAll, pathAny, status, error)",
                "waiters-2#/waiters/ThingExists/acceptors/0/state: unknown value `done` \
                 (expected one of success, failure, retry)",
            ],
        ),
        (
            "endpoint-rule-set-1#/rules/0/type",
            json!("branch"),
            vec!["endpoint-rule-set-1#/rules/0/type: unknown value `branch` (expected one of endpoint, error, tree)"],
        ),
        (
            "resources-1#/resources/Thing/load/request/params/0",
            json!({"target": "Name", "source": "magic", "value": 1}),
            vec![
                "resources-1#/resources/Thing/load/request/params/0/source: unknown value `magic` \
                 (expected one of identifier, data, string, integer, boolean, input)",
            ],
        ),
    ] {
        check(&[(location, value)], &expect);
    }
}

#[test]
fn problems_of_all_files_are_reported_at_once_and_sorted() {
    check(
        &[
            ("waiters-2#/waiters/ThingExists/delay", json!("5")),
            ("service-2#/shapes/Size/box", json!("yes")),
            ("service-2#/operations/GetThing/name", json!(null)),
            ("examples-1#/examples/GetThing/0/id", json!(7)),
            ("service-2#/shapes/Things/member/shape", json!("Zebra")),
            ("service-2#/shapes/Tags/type", json!("mop")),
            ("service-2#/shapes/Thing/members/Name/shape", json!(1)),
        ],
        &[
            "examples-1#/examples/GetThing/0/id: expected a string, found a number",
            "service-2#/operations/GetThing/name: expected a string, found null",
            "service-2#/shapes/Size/box: expected a boolean, found a string",
            "service-2#/shapes/Tags/type: unknown value `mop` (expected one of structure, list, map, string, \
             integer, long, float, double, boolean, timestamp, blob)",
            "service-2#/shapes/Thing/members/Name/shape: expected a string, found a number",
            "service-2#/shapes/Things/member/shape: there is no shape `Zebra`",
            "waiters-2#/waiters/ThingExists/delay: expected an integer, found a string",
        ],
    );
}

#[test]
fn a_fixup_that_changes_nothing_is_a_problem() {
    let mut source = toy().source();
    source.name = "s3".to_string();
    let (_, problems) = read(&source);
    // These two apply to any operation, and any service: they always change something.
    let expect: Vec<String> = fixups::for_service("s3")
        .iter()
        .filter(|it| !["s3-late-error", "s3-legacy-retries"].contains(&it.name))
        .map(|fixup| {
            let name = fixup.name;
            format!(
                "service-2: the fixup `{name}` changes nothing (the model was corrected upstream: remove the fixup)"
            )
        })
        .collect();
    assert!(!expect.is_empty());
    let mut sorted = expect.clone();
    sorted.sort();
    assert_eq!(problems, sorted);
}

#[test]
fn similar_names_are_suggested_nearest_first() {
    let known = ["s3", "s3control", "sts", "sns", "sqs"];
    assert_eq!(report::nearest_few("s4", known, 3), ["s3"]);
    assert_eq!(report::nearest_few("s3-control", known, 3), ["s3control"]);
}

#[test]
fn lists_and_maps_without_a_rust_type_are_problems() {
    let check = |added: Vec<(String, Value)>, expect: &[String]| {
        let mut shapes = toy().value_at("service-2#/shapes").clone();
        shapes.as_object_mut().expect("shapes").extend(added);
        check(&[("service-2#/shapes", shapes)], &expect.iter().map(String::as_str).collect::<Vec<_>>());
    };
    let list = |name: &str, of: &str| (name.to_owned(), json!({"type": "list", "member": {"shape": of}}));
    let map = |name: &str, of: &str| {
        (name.to_owned(), json!({"type": "map", "key": {"shape": "Name"}, "value": {"shape": of}}))
    };
    let itself = |name: &str| {
        format!("service-2#/shapes/{name}: it contains itself by way of lists and maps alone: put a structure between")
    };
    check(vec![list("Loop", "Loop")], &[itself("Loop")]);
    check(vec![map("Loop", "Loop")], &[itself("Loop")]);
    check(vec![list("One", "Two"), map("Two", "One")], &[itself("One"), itself("Two")]);
    let nested = |depth: usize| {
        let inner = |at: usize| if at + 1 < depth { format!("L{}", at + 1) } else { "Name".to_owned() };
        (0..depth).map(|at| list(&format!("L{at}"), &inner(at))).collect::<Vec<_>>()
    };
    check(nested(30), &[]);
    let too_deep = "service-2#/shapes/L0: structures, lists and maps are nested more than 30 levels deep";
    check(nested(31), &[too_deep.to_owned()]);
}

#[test]
fn names_that_cannot_be_rust_types_are_problems() {
    for name in ["1", "a-b", "a b", "", "_", "É", "x\ny"] {
        for (what, location) in [("operation", "service-2#/operations"), ("shape", "service-2#/shapes")] {
            let mut toy = toy();
            let group = toy.value_at(location).as_object_mut().expect("an object");
            let mut value = group.values().next().expect("an entry").clone();
            if what == "operation" {
                value["name"] = json!(name);
            }
            group.insert(name.to_owned(), value);
            let (models, problems) = read(&toy.source());
            assert!(models.is_none(), "{what} {name:?}");
            assert!(problems.iter().any(|it| it.contains(&format!("invalid {what} name `{name}`"))), "{problems:?}");
        }
    }
}
