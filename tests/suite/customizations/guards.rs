//! Guards that hold even if inputs are not validated: an empty or absent part of the path never makes another operation of
//! a call, whose effect would be another.

use aws_core::ErrorKind;
use aws_core::internals::operation::Segment;
use aws_core::internals::schema::Kind;
use aws_core::testing::Reply;
use codegen::report::Report;
use codegen::source::ModelStore;
use serde_json::{Map, Value as Json, json};
use tests::dynamic::Service;
use tests::suite::workspace;

use super::Fixture;

#[tokio::test]
async fn no_call_is_sent_without_a_part_of_its_path_whatever_the_settings_are() {
    let (mut report, mut complete, mut rejected) = (Report::new(), 0, 0);
    let store = ModelStore::open(&workspace().join("models"));
    for name in store.services().expect("models") {
        let source = store.load(&name, &mut report).unwrap_or_else(|| panic!("{report}"));
        // The other protocols have one path for all operations.
        if !source.service.value["metadata"]["protocol"].as_str().is_some_and(|it| it.starts_with("rest-")) {
            continue;
        }
        let service = Service::from_source(&source).expect("a sound model");
        let plans: Vec<_> = service.operations.iter().map(|(name, it)| (name.clone(), it.plan)).collect();
        let fixture = Fixture::with_session(service, [], |it| it.parameter_validation(false).max_attempts(1));
        for (operation, plan) in plans {
            let labels = plan.path.iter().filter_map(|it| match it {
                Segment::Label { member, .. } => Some(*member),
                Segment::Literal(_) => None,
            });
            let members: Vec<_> = labels.chain(plan.customizations.bucket.map(|it| it.member)).collect();
            if members.is_empty() {
                continue;
            }
            let mut input = Map::new();
            for &member in &members {
                let member = &plan.input.members[member];
                let sample = match member.node.kind {
                    Kind::String | Kind::Enum => json!("abc"),
                    Kind::Bool => json!(true),
                    Kind::Timestamp(_) => json!("2026-01-02T03:04:05Z"),
                    _ => json!(1),
                };
                input.insert(member.name.to_owned(), sample);
            }
            // What is rejected below would be sent if it were complete.
            fixture.http.push(Reply::new(400));
            let before = fixture.http.requests().len();
            let _ = fixture.call(&operation, Json::Object(input.clone())).await;
            if fixture.http.requests().len() == before {
                continue;
            }
            complete += 1;
            for &member in &members {
                let member = &plan.input.members[member];
                let mut broken = Vec::new();
                // Glacier's account has a default.
                if !plan.customizations.defaults.iter().any(|it| plan.input.members[it.0].name == member.name) {
                    let mut without = input.clone();
                    without.remove(member.name);
                    broken.push(without);
                }
                if matches!(member.node.kind, Kind::String | Kind::Enum) {
                    let mut empty = input.clone();
                    empty.insert(member.name.to_owned(), json!(""));
                    broken.push(empty);
                }
                for input in broken {
                    let shown = format!("{name} {operation} {input:?}");
                    let before = fixture.http.requests().len();
                    fixture.http.push(Reply::new(400));
                    let error = fixture.call(&operation, Json::Object(input)).await.expect_err(&shown);
                    assert_eq!(fixture.http.requests().len(), before, "{shown} was sent");
                    assert_eq!(error.kind(), ErrorKind::Validation, "{shown}: {error}");
                    let text = error.to_string();
                    assert!(text.contains(member.name) || text.contains("bucket name"), "{shown}: {error}");
                    rejected += 1;
                }
            }
        }
    }
    assert!(complete > 150 && rejected > 500, "{complete} complete calls, {rejected} rejected");
}

#[tokio::test]
async fn every_response_checksum_is_verified_for_a_body_in_memory_too() {
    use crate::lifecycle::checksum_laws::{BODY, DIGESTS, in_base64};
    let algorithms: Vec<_> = DIGESTS.iter().map(|it| it.0.name()).collect();
    let model = json!({
        "version": "2.0",
        "metadata": {
            "apiVersion": "2014-10-31", "endpointPrefix": "polly", "protocol": "rest-xml", "serviceFullName": "A toy",
            "serviceId": "Polly", "signatureVersion": "v4", "signingName": "polly",
        },
        "operations": {"Read": {
            "name": "Read", "http": {"method": "GET", "requestUri": "/"},
            "input": {"shape": "Input"}, "output": {"shape": "Output"},
            "httpChecksum": {"requestValidationModeMember": "Mode", "responseAlgorithms": algorithms},
        }},
        "shapes": {
            "Input": {"type": "structure", "members": {"Mode": {"shape": "Mode", "location": "header", "locationName": "mode"}}},
            "Mode": {"type": "string", "enum": ["ENABLED"]},
            "Output": {"type": "structure", "members": {"Text": {"shape": "Text"}}, "payload": "Text"},
            "Text": {"type": "string"},
        },
    });
    let service = super::toy_from_model("toy", model, super::polly_rules());
    let fixture = Fixture::with_session(service, [], |it| it.max_attempts(1));
    for (algorithm, hex) in DIGESTS {
        let (value, wrong) = (in_base64(hex), in_base64(&hex.chars().rev().collect::<String>()));
        fixture.http.push(Reply::ok(BODY).header(algorithm.header_name(), &value));
        let (output, _) = fixture.call("Read", json!({})).await.expect("a response");
        assert_eq!(output["Text"], BODY, "{algorithm:?}");
        fixture.http.push(Reply::ok(BODY).header(algorithm.header_name(), &wrong));
        let result = fixture.call("Read", json!({})).await;
        let kind = result.err().map(|it| it.kind());
        let expect = (algorithm.name() != "MD5").then_some(ErrorKind::Checksum);
        assert_eq!(kind, expect, "{algorithm:?}");
    }
}
