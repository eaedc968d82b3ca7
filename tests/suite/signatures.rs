//! Signatures of whole clients as values: URLs, headers and signatures of calls and presigned URLs, against those of
//! botocore at the same time and with the same keys (`signatures/botocore.json`, which `signatures/make.py` prints).

use std::collections::BTreeMap;
use std::time::Duration;

use aws_core::Session;
use aws_core::config::{ChecksumMode, Environment};
use aws_core::internals::DynamicClient;
use aws_core::session::Random;
use aws_core::testing::{FixedClock, RecordedSleep, Reply, credentials};
use codegen::report::Report;
use codegen::source::ModelStore;
use serde_json::Value;
use tests::doubles::{ScriptedClient, presigned, verify_signature};
use tests::dynamic::Service;
use tests::suite::{read_json, workspace};
use tests::values;

fn session(http: &ScriptedClient) -> Session {
    Session::builder()
        .environment(Environment::empty())
        .region("us-west-2")
        .credentials(credentials().with_session_token("the-session-token"))
        // 2026-01-02T03:04:05Z.
        .clock(FixedClock::from_secs(1_767_323_045).clock())
        .random(Random::fixed(1.0))
        .sleep(RecordedSleep::new().sleep())
        .request_checksum_calculation(ChecksumMode::WhenRequired)
        .response_checksum_validation(ChecksumMode::WhenRequired)
        .http_client(http.clone())
        .build()
        .expect("a session")
}

/// The service with the operations of its cases.
fn service(name: &str, cases: &[Value]) -> Service {
    let source = ModelStore::open(&workspace().join("models")).load(name, &mut Report::new()).expect("a model");
    let mut operations: Vec<_> =
        cases.iter().filter(|it| it["service"] == name).filter_map(|it| it["operation"].as_str()).collect();
    operations.sort_unstable();
    operations.dedup();
    Service::from_operations(&source, &operations).expect("a sound model")
}

/// A URL with its parameters in order, which a signature does not depend on.
fn sorted(url: &str) -> String {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let mut pairs: Vec<_> = query.split('&').collect();
    pairs.sort_unstable();
    format!("{base}?{}", pairs.join("&"))
}

#[tokio::test]
async fn signatures_are_those_of_botocore() {
    let table = read_json(&workspace().join("tests/suite/signatures/botocore.json"));
    let cases = table["cases"].as_array().expect("cases");
    let mut services = BTreeMap::new();
    let (mut compared, mut problems) = (0, Vec::new());
    for case in cases {
        let text = |name: &str| case[name].as_str().unwrap_or_default();
        let (name, operation) = (text("service"), text("operation"));
        let service = services.entry(name.to_owned()).or_insert_with(|| service(name, cases));
        let plan = service.operations[operation].plan;
        let input = values::structure(&case["input"], plan.input).expect("members of the input");
        let http = ScriptedClient::new([Reply::new(200)]);
        let client = DynamicClient::new(&session(&http), service.facts);
        let (found, expect) = match case["expires"].as_u64() {
            Some(seconds) => {
                let request = client.presign(plan, input, Duration::from_secs(seconds)).await.expect("a URL");
                let problem = verify_signature(&presigned(&request), &[credentials()]).err();
                problems.extend(problem.map(|it| format!("{} is invalid: {it}", request.url())));
                (sorted(request.url()), sorted(text("url")))
            }
            None => {
                // Whatever becomes of the response.
                let _ = client.call(plan, input).await;
                let request = http.requests().remove(0);
                let found = [&request.method, &sorted(&request.url), request.header("authorization")].join("\n");
                (found, [text("method"), &sorted(text("url")), text("authorization")].join("\n"))
            }
        };
        compared += 1;
        if found != expect {
            problems.push(format!("{operation} {}:\n{found}\n{expect}", case["input"]));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
    assert_eq!(compared, 69);
}
