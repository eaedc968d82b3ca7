//! Customizations of single services, each tested through a whole call: the request that is sent, the response that is
//! read. Services are built from their models at run time; for a service whose model is not in the repository, a toy of
//! the same name stands in.

mod bucket_regions;
mod buckets;
mod copies;
mod encoded_strings;
mod glacier;
mod guards;
mod presigned_post;
mod renamed_members;
mod requests;

use aws_core::config::Environment;
use aws_core::internals::DynamicClient;
use aws_core::testing::{FixedClock, ReceivedRequest, RecordedSleep, Reply};
use aws_core::{Credentials, Error, ResponseMetadata, Result, Session, SessionBuilder};
use codegen::report::{Report, SourceLocation};
use codegen::source::{Document, ModelStore, ServiceSource};
use serde_json::{Map, Value as Json, json};
use tests::doubles::ScriptedClient;
use tests::dynamic::Service;
use tests::suite::workspace;
use tests::values;

/// 2026-01-02T03:04:05Z.
const NOW: u64 = 1_767_323_045;

/// Loads these operations of a service in `models/`.
fn service(name: &str, operations: &[&str]) -> Service {
    let mut report = Report::new();
    let source =
        ModelStore::open(&workspace().join("models")).load(name, &mut report).expect("a model in the repository");
    Service::from_operations(&source, operations).expect("a sound model")
}

/// A service with the name, and so the fixups, of one whose model is not in the repository, and with the endpoint rules
/// of Polly. `operations` lists each operation's name and its input members, which are strings; there is no output.
fn toy(name: &str, protocol: &str, operations: &[(&str, &[&str])]) -> Service {
    let (mut shapes, mut operation_models) = (Map::new(), Map::new());
    shapes.insert("String".into(), json!({"type": "string"}));
    for (operation, members) in operations {
        let members: Map<String, Json> =
            members.iter().map(|it| ((*it).to_owned(), json!({"shape": "String"}))).collect();
        shapes.insert(format!("{operation}Input"), json!({"type": "structure", "members": members}));
        let http = json!({"method": "POST", "requestUri": "/"});
        let input = json!({"shape": format!("{operation}Input")});
        operation_models.insert((*operation).to_owned(), json!({"name": operation, "http": http, "input": input}));
    }
    let metadata = json!({
        "apiVersion": "2014-10-31", "endpointPrefix": "polly", "protocol": protocol, "serviceFullName": "A toy",
        "serviceId": "Polly", "signatureVersion": "v4", "signingName": name, "jsonVersion": "1.1", "targetPrefix": "Toy",
    });
    let value = json!({"version": "2.0", "metadata": metadata, "operations": operation_models, "shapes": shapes});
    toy_from_model(name, value, polly_rules())
}

/// The endpoint rules of Polly, which are like those of most services.
fn polly_rules() -> Option<Document> {
    ModelStore::open(&workspace().join("models")).load("polly", &mut Report::new()).and_then(|it| it.rules)
}

/// A service with this model.
fn toy_from_model(name: &str, value: Json, rules: Option<Document>) -> Service {
    let source = ServiceSource {
        name: name.to_owned(),
        version: "1".to_owned(),
        service: Document { location: SourceLocation::new("toy"), value },
        paginators: None,
        waiters: None,
        rules,
        examples: None,
        resources: None,
    };
    Service::from_source(&source).expect("a sound toy")
}

/// A service, and a client of it whose HTTP client records the requests and returns the scripted replies.
struct Fixture {
    service: Service,
    client: DynamicClient,
    http: ScriptedClient,
}

/// A session that reads neither the environment nor files, and opens no connection.
fn session(http: &ScriptedClient) -> SessionBuilder {
    Session::builder()
        .environment(Environment::empty())
        .region("us-west-2")
        .credentials(Credentials::new("AKIDEXAMPLE", "the-secret").with_session_token("the-session-token"))
        .clock(FixedClock::from_secs(NOW).clock())
        .sleep(RecordedSleep::new().sleep())
        .http_client(http.clone())
}

impl Fixture {
    fn new(service: Service, replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::with_session(service, replies, |it| it)
    }

    fn with_session(
        service: Service,
        replies: impl IntoIterator<Item = Reply>,
        change: impl FnOnce(SessionBuilder) -> SessionBuilder,
    ) -> Self {
        Self::with_http(service, ScriptedClient::new(replies), change)
    }

    /// For operations that are not signed by version 4.
    fn unverified(service: Service, replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::with_http(service, ScriptedClient::new(replies).unverified(), |it| it)
    }

    fn with_http(
        service: Service,
        http: ScriptedClient,
        change: impl FnOnce(SessionBuilder) -> SessionBuilder,
    ) -> Self {
        let session = change(session(&http)).build().expect("a session");
        Self { client: DynamicClient::new(&session, service.facts), service, http }
    }

    /// Calls an operation. Returns its output as JSON.
    async fn call(&self, operation: &str, input: Json) -> Result<(Json, ResponseMetadata)> {
        let plan = self.service.operations[operation].plan;
        let input = values::structure(&input, plan.input).expect("members of the input");
        let (members, metadata) = self.client.call(plan, input).await?;
        let view = aws_core::internals::schema::dynamic::view(&members, plan.output);
        Ok((structure_json(view), metadata))
    }

    /// Calls an operation, which must succeed. Returns the last request that was sent.
    async fn request(&self, operation: &str, input: Json) -> ReceivedRequest {
        self.call(operation, input).await.expect("a response");
        self.http.requests().pop().expect("a request")
    }

    /// Calls an operation that must fail before anything is sent. Returns the error.
    async fn rejected(&self, operation: &str, input: Json) -> Error {
        let seen = self.http.requests().len();
        let error = self.call(operation, input).await.expect_err("a rejection");
        assert_eq!(self.http.requests().len(), seen, "nothing is sent");
        error
    }
}

/// A structure as JSON: its strings, structures and lists; `…` stands for a value of any other type.
fn structure_json(structure: aws_core::internals::schema::StructureView<'_>) -> Json {
    structure.members().map(|(member, value)| (member.name.to_owned(), value_json(value))).collect::<Map<_, _>>().into()
}

fn value_json(value: aws_core::internals::schema::View<'_>) -> Json {
    use aws_core::internals::schema::View;
    match value {
        View::String(text) => json!(text),
        View::Structure(it) => structure_json(it),
        View::List(list) => list.iter().flatten().map(value_json).collect(),
        _ => json!("…"),
    }
}

/// The pairs of a query string, or of a body in the same format, decoded.
fn pairs(text: &str) -> Map<String, Json> {
    let decode = |it: &str| aws_core::internals::encoding::percent::decode_form(it).into_owned();
    text.split('&')
        .filter_map(|it| it.split_once('='))
        .map(|(key, value)| (decode(key), json!(decode(value))))
        .collect()
}

/// A fixup for a service that does not exist would never run, and no other test would notice.
#[test]
fn fixups_are_for_services_that_exist_and_have_unique_names() {
    let mut report = Report::new();
    let manifest = ModelStore::open(&workspace().join("models")).services().expect("the models of the repository");
    let corpus = tests::suite::models().services().expect("models");
    for name in codegen::fixups::services() {
        assert!(!codegen::fixups::for_service(name).is_empty(), "{name} has no fixups");
        // Without the corpus only the services in the repository can be looked up.
        let exists = manifest.iter().chain(&corpus).any(|it| it == name);
        assert!(exists || corpus.len() == manifest.len(), "fixups for {name}: there is no such service");
        if exists && corpus.len() != manifest.len() {
            assert!(tests::suite::models().load(name, &mut report).is_some(), "{report}");
        }
    }
    let mut names: Vec<_> =
        codegen::fixups::services().flat_map(codegen::fixups::for_service).map(|it| it.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two fixups have the same name");
}
