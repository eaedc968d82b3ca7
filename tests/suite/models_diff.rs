//! What a new release of a model changes for users of the generated crates: small changes of one small service, and
//! what the comparison reports for each.

use codegen::compare::{ChangeKind, ResolvedService, ServiceChanges, compare};
use codegen::report::SourceLocation;
use codegen::source::{Document, Published, ServicePlan, ServiceSource};
use serde_json::{Value, json};

fn service() -> Value {
    json!({
        "version": "2.0",
        "metadata": {
            "apiVersion": "2020-01-01", "endpointPrefix": "toy", "protocol": "rest-json", "protocols": ["rest-json"],
            "serviceFullName": "Toy", "serviceId": "Toy", "signatureVersion": "v4", "uid": "toy-2020-01-01"
        },
        "operations": {
            "PutThing": {
                "name": "PutThing", "http": {"method": "PUT", "requestUri": "/things"},
                "input": {"shape": "PutThingRequest"}, "errors": [{"shape": "Gone"}]
            },
            "ListThings": {
                "name": "ListThings", "http": {"method": "GET", "requestUri": "/things"},
                "input": {"shape": "ListThingsRequest"}, "output": {"shape": "ListThingsResponse"}
            }
        },
        "shapes": {
            "PutThingRequest": {"type": "structure", "required": ["name"], "members": {
                "name": {"shape": "Name", "documentation": "<p>Its name.</p>"}, "color": {"shape": "Color"}, "size": {"shape": "Size"}
            }},
            "ListThingsRequest": {"type": "structure", "members": {"token": {"shape": "Name"}}},
            "ListThingsResponse": {"type": "structure", "members": {"things": {"shape": "Things"}, "next": {"shape": "Name"}}},
            "Things": {"type": "list", "member": {"shape": "Thing"}},
            "Thing": {"type": "structure", "members": {"name": {"shape": "Name"}, "colors": {"shape": "Colors"}}},
            "Colors": {"type": "list", "member": {"shape": "Color"}},
            "Color": {"type": "string", "enum": ["red", "green"]},
            "Name": {"type": "string", "documentation": "<p>A name.</p>"},
            "Size": {"type": "integer"},
            "Gone": {"type": "structure", "exception": true, "members": {"message": {"shape": "Name"}}}
        }
    })
}

fn resolved(service: Value, paginator: bool) -> ResolvedService {
    resolved_after(service, paginator, Published::new())
}

/// A release that is generated after `published` was published.
fn resolved_after(service: Value, paginator: bool, published: Published) -> ResolvedService {
    let document = |value| Document { location: SourceLocation::new("toy"), value };
    let paginators = json!({"pagination": {"ListThings": {
        "input_token": "token", "output_token": "next", "result_key": "things"
    }}});
    let source = ServiceSource {
        name: "toy".to_owned(),
        version: "2020-01-01".to_owned(),
        service: document(service),
        paginators: paginator.then(|| document(paginators)),
        waiters: None,
        rules: None,
        examples: None,
        resources: None,
    };
    let plan = ServicePlan::default_for("toy");
    let signatures = plan.signatures.after(published);
    ResolvedService::new(source, &ServicePlan { signatures, ..plan })
}

fn lines(changes: &ServiceChanges) -> Vec<String> {
    assert_eq!(changes.problems, Vec::<String>::new());
    let sign = |change_kind| match change_kind {
        ChangeKind::Added => '+',
        ChangeKind::Changed => '~',
        ChangeKind::Removed => '-',
    };
    let mut lines = Vec::new();
    for change in &changes.model {
        let details = match change.details.is_empty() {
            true => String::new(),
            false => format!(": {}", change.details.join("; ")),
        };
        lines.push(format!("{} {} {}{details}", sign(change.change_kind), change.kind.noun(), change.name));
    }
    for change in changes.api.iter().filter(|it| it.breaking) {
        let reason = change.reason.as_ref().map(|it| format!(" because {it}")).unwrap_or_default();
        let values = match change.change_kind {
            ChangeKind::Changed => format!(": {} → {}", change.before, change.after),
            _ => String::new(),
        };
        lines.push(format!("breaking {} {}{values}{reason}", sign(change.change_kind), change.path));
    }
    let added: Vec<_> = changes.api.iter().filter(|it| !it.breaking).map(|it| it.path.as_str()).collect();
    if !added.is_empty() {
        lines.push(format!("additive {}", added.join(", ")));
    }
    if changes.documentation > 0 {
        lines.push(format!("{} descriptions", changes.documentation));
    }
    lines
}

/// Sets the value at each JSON pointer, or removes it with null, and checks the report.
fn check(edits: &[(&str, Value)], expect: &[&str]) {
    let mut changed = service();
    for (pointer, value) in edits {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let parent = changed.pointer_mut(parent).and_then(Value::as_object_mut).unwrap_or_else(|| panic!("{pointer}"));
        match value {
            Value::Null => parent.remove(key),
            value => parent.insert(key.to_owned(), value.clone()),
        };
    }
    let old = resolved(service(), true);
    let new = resolved_after(changed, true, old.signatures());
    assert_eq!(lines(&compare("toy", Some(&old), Some(&new))), expect, "{edits:?}");
}

#[test]
fn equal_models_and_new_prose_change_nothing_in_the_api() {
    check(&[], &[]);
    check(&[("/shapes/Name/documentation", json!("<p>Another.</p>"))], &["1 descriptions"]);
    check(&[("/shapes/PutThingRequest/members/name/documentation", Value::Null)], &["1 descriptions"]);
}

#[test]
fn additions_are_additive() {
    check(
        &[("/shapes/Color/enum", json!(["red", "blue", "green"]))],
        &["+ enum value Color.blue", "additive types::Color::BLUE"],
    );
    check(
        &[("/shapes/PutThingRequest/members/tag", json!({"shape": "Name"}))],
        &["+ member PutThingRequest.tag", "additive operation::PutThingInput.tag"],
    );
    check(
        &[(
            "/operations/DropThings",
            json!({"name": "DropThings", "http": {"method": "POST", "requestUri": "/drop"}, "errors": [{"shape": "Gone"}]}),
        )],
        &["+ operation DropThings", "additive Client::drop_things"],
    );
    check(
        &[("/shapes/Size/max", json!(7)), ("/operations/PutThing/http/requestUri", json!("/things/all"))],
        &["~ operation PutThing: http.requestUri: \"/things\" → \"/things/all\"", "~ shape Size: max: 7 added"],
    );
}

#[test]
fn removals_are_breaking_with_their_reason() {
    check(
        &[
            ("/operations/PutThing", Value::Null),
            ("/shapes/PutThingRequest", Value::Null),
            ("/shapes/Size", Value::Null),
        ],
        &[
            "- operation PutThing",
            "- shape PutThingRequest",
            "- shape Size",
            "- member PutThingRequest.color",
            "- member PutThingRequest.name",
            "- member PutThingRequest.size",
            "breaking - Client::put_thing because there is no operation `PutThing`",
        ],
    );
    check(
        &[("/shapes/Thing/members/name", Value::Null)],
        &["- member Thing.name", "breaking - types::Thing.name because `Thing` has no member `name`"],
    );
    check(
        &[("/shapes/Color/enum", json!(["red"]))],
        &["- enum value Color.green", "breaking - types::Color::GREEN because `Color` has no value \"green\""],
    );
    check(
        &[("/operations/PutThing/errors", Value::Null), ("/shapes/Gone", Value::Null)],
        &[
            "~ operation PutThing: errors: [{\"shape\":\"Gone\"}] removed",
            "- member Gone.message",
            "- exception Gone",
            "breaking - error::Gone because there is no shape `Gone`",
        ],
    );
}

#[test]
fn changed_required_members_do_not_change_what_was_published() {
    check(
        &[("/shapes/PutThingRequest/required", json!(["name", "size"]))],
        &["~ shape PutThingRequest: required: +\"size\""],
    );
    check(
        &[("/shapes/PutThingRequest/required", json!(["color", "size", "name"]))],
        &["~ shape PutThingRequest: required: +\"color\", +\"size\""],
    );
    check(&[("/shapes/PutThingRequest/required", json!([]))], &["~ shape PutThingRequest: required: -\"name\""]);
    // An idempotency token is filled in automatically, so it is not an argument.
    check(
        &[
            ("/shapes/PutThingRequest/required", json!(["name", "color"])),
            ("/shapes/PutThingRequest/members/color", json!({"shape": "Name", "idempotencyToken": true})),
            ("/shapes/PutThingRequest/members/paint", json!({"shape": "Color"})),
        ],
        &[
            "~ shape PutThingRequest: required: +\"color\"",
            "+ member PutThingRequest.paint",
            "~ member PutThingRequest.color: idempotencyToken: true added; shape: \"Color\" → \"Name\"",
            "breaking ~ operation::PutThingInput.color: Option<Color> → Option<String> because `color` of \
             `PutThingRequest` is a `Name`, not a `Color`",
            "additive operation::PutThingInput.paint",
        ],
    );
}

#[test]
fn an_argument_that_aws_took_away_or_retyped_is_breaking_by_its_cause() {
    check(
        &[("/shapes/PutThingRequest/required", json!([])), ("/shapes/PutThingRequest/members/name", Value::Null)],
        &[
            "~ shape PutThingRequest: required: -\"name\"",
            "- member PutThingRequest.name",
            "breaking ~ Client::put_thing: (name: String) → () because `PutThingRequest` has no member `name`",
            "breaking - operation::PutThingInput.name because `PutThingRequest` has no member `name`",
        ],
    );
    check(
        &[("/shapes/PutThingRequest/members/name", json!({"shape": "Size"}))],
        &[
            "~ member PutThingRequest.name: shape: \"Name\" → \"Size\"",
            "breaking ~ Client::put_thing: (name: String) → (name: i32) because `name` of `PutThingRequest` is a `Size`, \
             not a `Name`",
            "breaking ~ operation::PutThingInput.name: Option<String> → Option<i32> because `name` of `PutThingRequest` \
             is a `Size`, not a `Name`",
            "1 descriptions",
        ],
    );
}

#[test]
fn a_type_that_starts_to_be_sent_keeps_its_fields() {
    check(
        &[("/shapes/PutThingRequest/members/thing", json!({"shape": "Thing"}))],
        &["+ member PutThingRequest.thing", "additive operation::PutThingInput.thing"],
    );
}

#[test]
fn changed_types_are_breaking_with_their_reason() {
    check(
        &[("/shapes/Size/type", json!("long"))],
        &[
            "~ shape Size: type: \"integer\" → \"long\"",
            "breaking ~ operation::PutThingInput.size: Option<i32> → Option<i64> because `Size` changed from integer to \
             long",
        ],
    );
    check(
        &[("/shapes/Colors/sparse", json!(true))],
        &[
            "~ shape Colors: sparse: true added",
            "breaking ~ types::Thing.colors: List<Color> → List<Option<Color>> because the elements of `Colors` may be null",
        ],
    );
    check(
        &[("/shapes/Thing/union", json!(true))],
        &[
            "~ shape Thing: union: true added",
            "breaking ~ types::Thing: structure → union because `Thing` changed from structure to union",
            "breaking - types::Thing.colors because `Thing` changed from structure to union",
            "breaking - types::Thing.name because `Thing` changed from structure to union",
            "additive types::Thing::Colors, types::Thing::Name",
        ],
    );
}

#[test]
fn added_and_removed_services_and_paginators_are_reported() {
    let with = resolved(service(), true);
    let without = resolved(service(), false);
    assert_eq!(
        lines(&compare("toy", Some(&with), Some(&without))),
        [
            "- paginator ListThings",
            "breaking - Request<ListThings>::items because `ListThings` has no such paginator",
            "breaking - Request<ListThings>::pages because `ListThings` has no such paginator",
        ]
    );
    assert_eq!(
        lines(&compare("toy", Some(&without), Some(&with))),
        ["+ paginator ListThings", "additive Request<ListThings>::items, Request<ListThings>::pages"]
    );
    assert_eq!(lines(&compare("toy", None, Some(&with))), ["+ service toy", "additive aws-toy"]);
    assert_eq!(lines(&compare("toy", Some(&with), None)), ["- service toy", "breaking - aws-toy"]);
    assert_eq!(compare("toy", Some(&with), None).versions, [Some("2020-01-01".to_owned()), None]);
}

#[test]
fn a_model_with_an_unknown_key_is_a_problem_and_no_change() {
    let mut broken = service();
    broken["shapes"]["Size"]["novelty"] = json!(1);
    let changes = compare("toy", Some(&resolved(service(), true)), Some(&resolved(broken, true)));
    assert!(changes.api.is_empty());
    let [problem] = &changes.problems[..] else { panic!("{:?}", changes.problems) };
    assert!(problem.contains("novelty"), "{problem}");
}
