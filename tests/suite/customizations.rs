//! What only one service does, each behaviour through a whole call: the request that is seen, the answer that is read.
//! Services are made of their models at run time; those whose models are not in the repository are toys of the same name.

mod buckets;
mod copies;
mod glacier;
mod names;
mod post;
mod requests;
mod texts;

use aws_core::config::Environment;
use aws_core::test_util::{DynamicClient, FixedClock, Received, RecordedSleep, Reply, ScriptedClient};
use aws_core::{Credentials, Error, Metadata, Result, Session, SessionBuilder};
use codegen::report::{Place, Report};
use codegen::source::{Document, Library, ServiceSource};
use serde_json::{Map, Value as Json, json};
use tests::dynamic::Service;
use tests::suite::workspace;
use tests::values;

/// 2026-01-02T03:04:05Z.
const NOW: u64 = 1_767_323_045;

/// The operations of a service in `models/`, and what it takes to call them.
fn service(name: &str, operations: &[&str]) -> Service {
    let mut report = Report::new();
    let source = Library::open(&workspace().join("models")).load(name, &mut report).expect("a model in the repository");
    Service::of_operations(&source, operations).expect("a sound model")
}

/// A service that bears the name of one whose model is not in the repository: the fixups of that one, the endpoint rules of
/// Polly, operations from names to input members (texts), and no output.
fn toy(name: &str, protocol: &str, operations: &[(&str, &[&str])]) -> Service {
    let (mut shapes, mut made) = (Map::new(), Map::new());
    shapes.insert("Text".into(), json!({"type": "string"}));
    for (operation, members) in operations {
        let members: Map<String, Json> =
            members.iter().map(|it| ((*it).to_owned(), json!({"shape": "Text"}))).collect();
        shapes.insert(format!("{operation}Input"), json!({"type": "structure", "members": members}));
        let http = json!({"method": "POST", "requestUri": "/"});
        let input = json!({"shape": format!("{operation}Input")});
        made.insert((*operation).to_owned(), json!({"name": operation, "http": http, "input": input}));
    }
    let metadata = json!({
        "apiVersion": "2014-10-31", "endpointPrefix": "polly", "protocol": protocol, "serviceFullName": "A toy",
        "serviceId": "Polly", "signatureVersion": "v4", "signingName": name, "jsonVersion": "1.1", "targetPrefix": "Toy",
    });
    let value = json!({"version": "2.0", "metadata": metadata, "operations": made, "shapes": shapes});
    toy_of(name, value, rules_of_polly())
}

/// Endpoint rules like those of most services.
fn rules_of_polly() -> Option<Document> {
    Library::open(&workspace().join("models")).load("polly", &mut Report::new()).and_then(|it| it.rules)
}

fn toy_of(name: &str, value: Json, rules: Option<Document>) -> Service {
    let source = ServiceSource {
        name: name.to_owned(),
        version: "1".to_owned(),
        service: Document { place: Place::new("toy"), value },
        paginators: None,
        waiters: None,
        rules,
        examples: None,
        resources: None,
    };
    Service::of_source(&source).expect("a sound toy")
}

/// A service with a client whose requests are remembered and answered by a script.
struct Scene {
    service: Service,
    client: DynamicClient,
    http: ScriptedClient,
}

/// A session that depends on nothing outside.
fn session(http: &ScriptedClient) -> SessionBuilder {
    Session::builder()
        .environment(Environment::empty())
        .region("us-west-2")
        .credentials(Credentials::new("AKIDEXAMPLE", "the-secret").with_session_token("the-session-token"))
        .clock(FixedClock::at_epoch(NOW).clock())
        .sleep(RecordedSleep::new().sleep())
        .http_client(http.clone())
}

impl Scene {
    fn new(service: Service, replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::with(service, replies, |it| it)
    }

    fn with(
        service: Service,
        replies: impl IntoIterator<Item = Reply>,
        change: impl FnOnce(SessionBuilder) -> SessionBuilder,
    ) -> Self {
        let http = ScriptedClient::new(replies);
        let session = change(session(&http)).build().expect("a session");
        Self { client: DynamicClient::new(&session, service.facts), service, http }
    }

    /// Calls an operation; what it answers, as JSON.
    async fn call(&self, operation: &str, input: Json) -> Result<(Json, Metadata)> {
        let plan = self.service.operations[operation].plan;
        let input = values::structure(&input, plan.input).expect("members of the input");
        let (members, metadata) = self.client.call(plan, input).await?;
        let view = aws_core::schema::dynamic::view(&members, plan.output);
        Ok((texts_of(view), metadata))
    }

    /// The request that a call makes.
    async fn request(&self, operation: &str, input: Json) -> Received {
        self.call(operation, input).await.expect("an answer");
        self.http.requests().pop().expect("a request")
    }

    /// Why a call is not made.
    async fn refused(&self, operation: &str, input: Json) -> Error {
        let seen = self.http.requests().len();
        let error = self.call(operation, input).await.expect_err("a refusal");
        assert_eq!(self.http.requests().len(), seen, "nothing is sent");
        error
    }
}

/// The texts of a structure, with the structures and lists around them.
fn texts_of(it: aws_core::schema::StructureView<'_>) -> Json {
    it.members().map(|(member, value)| (member.name.to_owned(), text_of(value))).collect::<Map<_, _>>().into()
}

fn text_of(value: aws_core::schema::View<'_>) -> Json {
    use aws_core::schema::View;
    match value {
        View::String(text) => json!(text),
        View::Structure(it) => texts_of(it),
        View::List(list) => list.iter().flatten().map(text_of).collect(),
        _ => json!("…"),
    }
}

/// The pairs of a form or a query string, decoded.
fn pairs(text: &str) -> Map<String, Json> {
    let decode = |it: &str| aws_core::text::percent::decode_form(it).into_owned();
    text.split('&')
        .filter_map(|it| it.split_once('='))
        .map(|(key, value)| (decode(key), json!(decode(value))))
        .collect()
}

/// A correction of a service that nobody knows would never be missed.
#[test]
fn fixups_are_of_services_that_exist() {
    let mut report = Report::new();
    let manifest = Library::open(&workspace().join("models")).services().expect("the models of the repository");
    let corpus = tests::suite::models().services().expect("models");
    for name in codegen::fixups::services() {
        assert!(!codegen::fixups::of(name).is_empty(), "{name} has no fixups");
        // Without the corpus only the repository's own can be looked up.
        let known = manifest.iter().chain(&corpus).any(|it| it == name);
        assert!(known || corpus.len() == manifest.len(), "the fixups of {name}: no such service");
        if known && corpus.len() != manifest.len() {
            assert!(tests::suite::models().load(name, &mut report).is_some(), "{report}");
        }
    }
    let mut names: Vec<_> = codegen::fixups::services().flat_map(codegen::fixups::of).map(|it| it.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "each has a name of its own");
}
