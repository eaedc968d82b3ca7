//! Laws over every required member there is, wherever it is sent: path, host, header, query or body. One that is absent is
//! reported by name before anything is sent. Behind this guard are others, which hold even where the caller turned
//! validation off: a member of the path must not be empty, since `DELETE /bucket/` of an object without a key would delete
//! the bucket; one of the host must be a host label; one of a header must not begin another header.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use aws_core::config::Environment;
use aws_core::internals::DynamicClient;
use aws_core::internals::schema::Kind;
use aws_core::testing::{RecordedSleep, Reply, credentials};
use aws_core::{ErrorKind, Session};
use codegen::fixups;
use codegen::model::{self, Models};
use codegen::report::Report;
use codegen::source::ModelStore;
use serde_json::{Map, Value, json};
use tests::doubles::ScriptedClient;
use tests::dynamic::Service;
use tests::sample::Sampler;
use tests::suite::workspace;
use tests::values;

/// Services of the protocols that bind members to the path, and some of the others.
const SERVICES: [&str; 12] = [
    "s3",
    "s3control",
    "lambda",
    "apigateway",
    "route53",
    "glacier",
    "polly",
    "bedrock-runtime",
    "sso",
    "sts",
    "dynamodb",
    "sqs",
];

/// Required members that are filled in if they are absent.
const FILLED_IN: [(&str, &str); 1] = [
    // Glacier: `-` stands for the account of the credentials.
    ("glacier", "accountId"),
];

/// A model, and the service that it makes. Loaded once for all tests of this module.
struct Loaded {
    models: Models,
    service: Service,
}

fn load(name: &'static str) -> &'static Loaded {
    static LOADED: Mutex<BTreeMap<&str, &Loaded>> = Mutex::new(BTreeMap::new());
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    loaded.entry(name).or_insert_with(|| {
        let mut report = Report::new();
        let source = ModelStore::open(&workspace().join("models")).load(name, &mut report).expect("a model");
        let mut models = model::read(&source, &mut report).expect("a sound model");
        fixups::apply(&mut models, &mut report);
        Box::leak(Box::new(Loaded { models, service: Service::from_source(&source).expect("a sound model") }))
    })
}

/// An operation, a sample of its required members, and the name and the location of each of those.
type Case = (String, Map<String, Value>, Vec<(String, String)>);

struct Fixture {
    models: &'static Models,
    service: &'static Service,
    http: ScriptedClient,
    client: DynamicClient,
}

impl Fixture {
    fn new(name: &'static str, validation: bool) -> Self {
        let Loaded { models, service } = load(name);
        let http = ScriptedClient::new([]);
        let session = Session::builder()
            .environment(Environment::empty())
            .region("us-west-2")
            .credentials(credentials().with_account_id("123456789012"))
            .parameter_validation(validation)
            .max_attempts(1)
            .sleep(RecordedSleep::new().sleep())
            .http_client(http.clone())
            .build()
            .expect("a session");
        Self { client: DynamicClient::new(&session, service.facts), models, service, http }
    }

    /// Each operation that has an input.
    fn cases(&self) -> Vec<Case> {
        let mut found = Vec::new();
        for (name, operation) in &self.models.service.operations {
            let Some(shape) = operation.input.as_ref().and_then(|it| self.models.service.structure(&it.shape)) else {
                continue;
            };
            let input = operation.input.as_ref().expect("seen above");
            let sample = Sampler::new(&self.models.service).structure(&input.shape);
            let required = |name: &String| shape.required.contains(name);
            let sample: Map<_, _> =
                sample.as_object().expect("a structure").clone().into_iter().filter(|it| required(&it.0)).collect();
            let members = shape.members.iter().filter(|it| required(it.0) && !it.1.idempotency_token);
            let members: Vec<_> =
                members.map(|(name, it)| (name.clone(), it.location.clone().unwrap_or_default())).collect();
            // A stream of events has no sample.
            if members.iter().all(|it| sample.contains_key(&it.0)) {
                found.push((name.clone(), sample, members));
            }
        }
        found
    }

    /// The error of a call, and whether a request was sent.
    async fn call(&self, operation: &str, input: &Value) -> (aws_core::Error, bool) {
        let plan = self.service.operations[operation].plan;
        let input = values::structure(input, plan.input).expect("members of the input");
        let before = self.http.requests().len();
        let error = self.client.call(plan, input).await.expect_err("no reply is left");
        (error, self.http.requests().len() > before)
    }
}

#[tokio::test]
async fn an_absent_required_member_is_reported_by_its_name() {
    let (mut count, mut problems) = (0, Vec::new());
    for name in SERVICES {
        let fixture = Fixture::new(name, true);
        for (operation, sample, members) in fixture.cases() {
            for (member, location) in members.iter().filter(|it| !FILLED_IN.contains(&(name, &it.0))) {
                let mut input = sample.clone();
                input.remove(member);
                let (error, is_sent) = fixture.call(&operation, &input.into()).await;
                let text = error.to_string();
                count += 1;
                if is_sent || error.kind() != ErrorKind::Validation || !text.contains(&format!("{member:?}")) {
                    problems.push(format!("{name} {operation} without {member} ({location}): {text}"));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{} of {count}:\n{}", problems.len(), problems.join("\n"));
    assert!(count > 800, "{count}");
}

#[tokio::test]
async fn an_empty_or_absent_member_of_the_path_is_never_sent() {
    let (mut count, mut problems) = (0, Vec::new());
    for name in SERVICES {
        for validation in [true, false] {
            let fixture = Fixture::new(name, validation);
            for (operation, sample, members) in fixture.cases() {
                for (member, _) in members.iter().filter(|it| it.1 == "uri") {
                    for value in [json!(""), Value::Null] {
                        if value.is_null() && FILLED_IN.contains(&(name, member)) || sample[member].as_str().is_none() {
                            continue;
                        }
                        let mut input = sample.clone();
                        input.insert(member.clone(), value.clone());
                        let (error, is_sent) = fixture.call(&operation, &input.into()).await;
                        count += 1;
                        if is_sent || !matches!(error.kind(), ErrorKind::Validation | ErrorKind::Endpoint) {
                            let what = format!("{name} {operation} with {member}: {value}, validation: {validation}");
                            problems.push(format!("{what}: {error}"));
                        }
                    }
                }
            }
        }
    }
    assert!(problems.is_empty(), "{} of {count}:\n{}", problems.len(), problems.join("\n"));
    assert!(count > 1000, "{count}");
}

#[tokio::test]
async fn a_member_of_the_host_that_is_no_host_label_is_never_sent() {
    let long = "a".repeat(64);
    let mut count = 0;
    for name in ["s3", "s3control"] {
        let fixture = Fixture::new(name, false);
        for (operation, sample, _) in fixture.cases() {
            let plan = fixture.service.operations[&operation].plan;
            for member in plan.input.members.iter().filter(|it| it.host) {
                // An express access point has a host of its own, without the account.
                let mut input = sample.clone();
                input.insert(member.name.to_owned(), json!("valid-label"));
                if fixture.call(&operation, &input.into()).await.1
                    && !fixture.http.requests().pop().is_some_and(|it| it.url.contains("//valid-label"))
                {
                    continue;
                }
                for value in ["", "a.b", "evil.com/", "a@b", "a:1", "a b", "ä", "a_b", "%61", "a\r\nb", &long] {
                    let mut input = sample.clone();
                    input.insert(member.name.to_owned(), json!(value));
                    let (error, is_sent) = fixture.call(&operation, &input.into()).await;
                    count += 1;
                    assert!(!is_sent, "{name} {operation} with {}: {value:?}: {error}", member.name);
                }
            }
        }
    }
    assert!(count > 500, "{count}");
}

#[tokio::test]
async fn a_member_of_a_header_cannot_begin_another_header() {
    let mut count = 0;
    for name in ["s3", "lambda", "glacier"] {
        let fixture = Fixture::new(name, false);
        for (operation, sample, _) in fixture.cases() {
            let plan = fixture.service.operations[&operation].plan;
            // The copy source is percent-encoded.
            let members = plan.input.headers.iter().map(|it| &plan.input.members[*it]);
            for member in members.filter(|it| it.name != "CopySource") {
                for text in ["a\r\nx-evil: 1", "a\nb", "a\0"] {
                    let values = match &member.node.kind {
                        Kind::String | Kind::Enum if !member.json => vec![json!(text)],
                        Kind::Map(_) => vec![json!({"k": text}), json!({text: "v"})],
                        Kind::List(list) if matches!(list.element.kind, Kind::String | Kind::Enum) => {
                            vec![json!([text])]
                        }
                        _ => continue,
                    };
                    for value in values {
                        let mut input = sample.clone();
                        input.insert(member.name.to_owned(), value.clone());
                        let (error, is_sent) = fixture.call(&operation, &input.into()).await;
                        count += 1;
                        assert!(!is_sent, "{name} {operation} with {}: {value}: {error}", member.name);
                    }
                }
            }
        }
    }
    assert!(count > 500, "{count}");
}

/// The sample is complete, except for what a case takes away: without that, the call is sent.
#[tokio::test]
async fn a_sample_of_all_required_members_is_sent() {
    let fixture = Fixture::new("s3", false);
    fixture.http.push(Reply::new(204));
    let plan = fixture.service.operations["DeleteObject"].plan;
    let input = values::structure(&json!({"Bucket": "bucket", "Key": "k"}), plan.input).expect("an input");
    fixture.client.call(plan, input).await.expect("a response");
    assert_eq!(fixture.http.requests()[0].url, "https://bucket.s3.us-west-2.amazonaws.com/k");
}
