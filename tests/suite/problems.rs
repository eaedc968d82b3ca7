//! What the generator says about models that are broken: every fault is a complaint with file and path, all of them come
//! together, and nothing that can be done to a model makes the generator panic.

mod files;
mod mutation;
mod toy;

use codegen::{fixups, report};
use serde_json::{Value, json};

use toy::{read, toy};

/// Reads the toy with the values at some places replaced.
fn check(changes: &[(&str, Value)], expect: &[&str]) {
    let mut toy = toy();
    for (place, value) in changes {
        *toy.at(place) = value.clone();
    }
    let (models, problems) = read(&toy.source());
    assert_eq!(problems, expect, "{changes:?}");
    assert_eq!(models.is_some(), expect.is_empty(), "{changes:?}");
}

#[test]
fn the_toy_is_sound() {
    check(&[], &[]);
}

#[test]
fn unknown_keys() {
    let learn = "(the generator must learn what it means before it may be ignored)";
    for (place, value, expect) in [
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
        check(&[(place, value)], &[&expect]);
    }
}

#[test]
fn names_that_lead_nowhere() {
    for (place, value, expect) in [
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
        check(&[(place, value)], &[expect]);
    }
}

#[test]
fn wrong_values() {
    for (place, value, expect) in [
        ("service-2", json!([]), vec!["service-2: expected an object, found an array"]),
        (
            "service-2#/shapes/Name/type",
            json!("strucutre"),
            vec![
                "service-2#/shapes/Name/type: unknown word `strucutre` (one of structure, list, map, string, integer, \
                 long, float, double, boolean, timestamp, blob)",
            ],
        ),
        (
            "service-2#/shapes/Name",
            json!({"enum": "a", "min": "1", "type": "string"}),
            vec![
                "service-2#/shapes/Name/enum: expected an array, found text",
                "service-2#/shapes/Name/min: expected a number, found text",
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
        ("waiters-2#/version", json!(1), vec!["waiters-2#/version: only version 2 is understood"]),
        (
            "waiters-2#/waiters/ThingExists/acceptors/0",
            json!({"matcher": "pathNone", "expected": null, "state": "done"}),
            vec![
                "waiters-2#/waiters/ThingExists/acceptors/0/expected: expected text, found null",
                "waiters-2#/waiters/ThingExists/acceptors/0/matcher: unknown word `pathNone` \
                 (one of path, pathAll, pathAny, status, error)",
                "waiters-2#/waiters/ThingExists/acceptors/0/state: unknown word `done` \
                 (one of success, failure, retry)",
            ],
        ),
        (
            "endpoint-rule-set-1#/rules/0/type",
            json!("branch"),
            vec!["endpoint-rule-set-1#/rules/0/type: unknown word `branch` (one of endpoint, error, tree)"],
        ),
        (
            "resources-1#/resources/Thing/load/request/params/0",
            json!({"target": "Name", "source": "magic", "value": 1}),
            vec![
                "resources-1#/resources/Thing/load/request/params/0/source: unknown word `magic` \
                 (one of identifier, data, string, integer, boolean, input)",
            ],
        ),
    ] {
        check(&[(place, value)], &expect);
    }
}

#[test]
fn complaints_of_all_files_come_together() {
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
            "examples-1#/examples/GetThing/0/id: expected text, found a number",
            "service-2#/operations/GetThing/name: expected text, found null",
            "service-2#/shapes/Size/box: expected true or false, found text",
            "service-2#/shapes/Tags/type: unknown word `mop` (one of structure, list, map, string, integer, long, \
             float, double, boolean, timestamp, blob)",
            "service-2#/shapes/Thing/members/Name/shape: expected text, found a number",
            "service-2#/shapes/Things/member/shape: there is no shape `Zebra`",
            "waiters-2#/waiters/ThingExists/delay: expected a whole number, found text",
        ],
    );
}

#[test]
fn an_idle_fixup_is_a_complaint() {
    let mut source = toy().source();
    source.name = "s3".to_string();
    let (_, problems) = read(&source);
    // Two are about every operation, and every service.
    let expect: Vec<String> = fixups::of("s3")
        .iter()
        .filter(|it| !["s3-late-error", "s3-legacy-retries"].contains(&it.name))
        .map(|fixup| {
            let name = fixup.name;
            format!(
                "service-2: the fixup `{name}` changes nothing (the model was healed at its source, so the fixup can go)"
            )
        })
        .collect();
    assert!(!expect.is_empty());
    let mut sorted = expect.clone();
    sorted.sort();
    assert_eq!(problems, sorted);
}

#[test]
fn near_names_are_offered_nearest_first() {
    let known = ["s3", "s3control", "sts", "sns", "sqs"];
    assert_eq!(report::nearest_few("s4", known, 3), ["s3"]);
    assert_eq!(report::nearest_few("s3-control", known, 3), ["s3control"]);
}
