//! Endpoint discovery through complete calls: which calls take part, what the service is asked, what follows a failure, a
//! rejected endpoint or a host that is not the service's. DynamoDB's model offers discovery; here it is also made to
//! require it, as Timestream's does. The crates are slim ones, without a method for the operation that is asked with.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_core::config::{EndpointDiscovery, Environment};
use aws_core::hooks::{Hook, HookContext};
use aws_core::http::{HeaderMap, HttpClient, HttpError, HttpErrorKind, Request, Response, StatusCode};
use aws_core::internals::DynamicClient;
use aws_core::testing::{FixedClock, ReceivedRequest, RecordedSleep, Reply, Stub, credentials};
use aws_core::{BoxFuture, Credentials, Error, ErrorKind, Options, Result, Session, SessionBuilder};
use codegen::model;
use codegen::report::Report;
use codegen::source::{ModelStore, ServiceSource};
use serde_json::{Value as Json, json};
use tests::doubles::ScriptedClient;
use tests::dynamic::Service;
use tests::sample::Sampler;
use tests::suite::{models, workspace};
use tests::values;

const REGIONAL: &str = "dynamodb.us-west-2.amazonaws.com";
const CELL: &str = "cell1.dynamodb.us-west-2.amazonaws.com";
const OTHER_CELL: &str = "cell2.dynamodb.us-west-2.amazonaws.com";

/// What the model says about discovery.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Need {
    Optional,
    Required,
    /// Required, and the endpoint depends on the table.
    ByTable,
}

fn dynamodb() -> ServiceSource {
    ModelStore::open(&workspace().join("models")).load("dynamodb", &mut Report::new()).expect("a model")
}

/// DynamoDB with this operation.
fn service(operation: &str, need: Need) -> Service {
    let mut source = dynamodb();
    let model = &mut source.service.value;
    if need != Need::Optional && !model["operations"][operation]["endpointdiscovery"].is_null() {
        model["operations"][operation]["endpointdiscovery"] = json!({"required": true});
    }
    if need == Need::ByTable {
        model["shapes"]["DescribeTableInput"]["members"]["TableName"]["endpointdiscoveryid"] = json!(true);
    }
    Service::from_operations(&source, &[operation]).expect("a sound model")
}

/// A service that responds to questions and to calls, and keeps the order in which they arrive. Signatures are verified.
#[derive(Clone, Debug)]
struct Fake {
    questions: ScriptedClient,
    calls: ScriptedClient,
    /// Operations and hosts.
    order: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    fn new(questions: impl IntoIterator<Item = Reply>) -> Self {
        let calls = (0..20).map(|_| Reply::ok("{}"));
        Self { questions: ScriptedClient::new(questions), calls: ScriptedClient::new(calls), order: Arc::default() }
    }

    fn responding(questions: impl IntoIterator<Item = Reply>, calls: impl IntoIterator<Item = Reply>) -> Self {
        Self { calls: ScriptedClient::new(calls), ..Self::new(questions) }
    }

    /// What arrived since the last time.
    fn order(&self) -> Vec<String> {
        std::mem::take(&mut self.order.lock().expect("not poisoned"))
    }
}

impl HttpClient for Fake {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        let target = request.headers["x-amz-target"].to_str().expect("ASCII").to_owned();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let place = format!("{operation} {}", request.url.authority());
        self.order.lock().expect("not poisoned").push(place);
        match operation {
            "DescribeEndpoints" => self.questions.send(request),
            _ => self.calls.send(request),
        }
    }
}

/// The response to a question.
fn endpoint(address: &str, minutes: i64) -> Reply {
    Reply::ok(json!({"Endpoints": [{"Address": address, "CachePeriodInMinutes": minutes}]}).to_string())
}

fn error(status: u16, code: &str) -> Reply {
    Reply::new(status).body(json!({"__type": format!("com.amazonaws#{code}"), "message": "no"}).to_string())
}

fn builder(http: &Fake, clock: &FixedClock) -> SessionBuilder {
    Session::builder()
        .environment(Environment::empty())
        .region("us-west-2")
        .credentials(credentials())
        .clock(clock.clock())
        .sleep(RecordedSleep::new().sleep())
        .http_client(http.clone())
}

fn clock() -> FixedClock {
    // 2026-01-02T03:04:05Z.
    FixedClock::from_secs(1_767_323_045)
}

struct Client {
    service: Service,
    client: DynamicClient,
}

impl Client {
    fn new(service: Service, session: SessionBuilder) -> Self {
        Self { client: DynamicClient::new(&session.build().expect("a session"), service.facts), service }
    }

    async fn call_with(&self, input: Json, options: Options) -> Result<(), Error> {
        let plan = self.service.operations.values().next().expect("an operation").plan;
        let input = values::structure(&input, plan.input).expect("members of the input");
        self.client.clone().with_options(options).call(plan, input).await.map(drop)
    }

    async fn call(&self, input: Json) -> Result<(), Error> {
        self.call_with(input, Options::new()).await
    }
}

/// A client of `ListTables` that takes part in discovery.
fn list_tables(need: Need, http: &Fake, clock: &FixedClock) -> Client {
    let session = builder(http, clock).endpoint_discovery_enabled(EndpointDiscovery::Enabled);
    Client::new(service("ListTables", need), session)
}

fn asked() -> String {
    format!("DescribeEndpoints {REGIONAL}")
}

fn listed(host: &str) -> String {
    format!("ListTables {host}")
}

#[tokio::test]
async fn a_call_takes_part_if_it_must_or_if_the_settings_say_so_and_never_with_an_endpoint_url() {
    type Change = fn(SessionBuilder) -> SessionBuilder;
    async fn check(need: Need, change: Change, options: Options, expect: &[String]) {
        let http = Fake::new([endpoint(CELL, 60)]);
        let client = Client::new(service("ListTables", need), change(builder(&http, &clock())));
        client.call_with(json!({}), options).await.expect("a response");
        assert_eq!(http.order(), expect, "{need:?}");
    }
    const AUTO: Change = |it| it.endpoint_discovery_enabled(EndpointDiscovery::Auto);
    const TRUE: Change = |it| it.endpoint_discovery_enabled(EndpointDiscovery::Enabled);
    const FALSE: Change = |it| it.endpoint_discovery_enabled(EndpointDiscovery::Disabled);
    let (discovered, regional) = ([asked(), listed(CELL)], [listed(REGIONAL)]);
    for change in [|it| it, AUTO, TRUE] as [Change; 3] {
        check(Need::Required, change, Options::new(), &discovered).await;
    }
    for change in [|it| it, AUTO, FALSE] as [Change; 3] {
        check(Need::Optional, change, Options::new(), &regional).await;
    }
    check(Need::Optional, TRUE, Options::new(), &discovered).await;
    for variable in ["AWS_ENDPOINT_DISCOVERY_ENABLED", "AWS_ENABLE_ENDPOINT_DISCOVERY"] {
        let http = Fake::new([endpoint(CELL, 60)]);
        let environment = Environment::from_iter([(variable, "true")]);
        let client =
            Client::new(service("ListTables", Need::Optional), builder(&http, &clock()).environment(environment));
        client.call(json!({})).await.expect("a response");
        assert_eq!(http.order(), discovered, "{variable}");
    }
    let fips = [listed("dynamodb-fips.us-west-2.amazonaws.com")];
    check(Need::Optional, |it| TRUE(it.use_fips(true)), Options::new(), &fips).await;
    // The settings only say what is sent without an endpoint URL.
    for need in [Need::Required, Need::Optional] {
        let own = [listed("own.host")];
        check(need, |it| it.endpoint_url("https://own.host"), Options::new(), &own).await;
        check(need, |it| TRUE(it.service_endpoint_url("DynamoDB", "https://own.host")), Options::new(), &own).await;
        check(need, FALSE, Options::new().endpoint_url("https://own.host"), &own).await;
    }
    // The model names no discovery for this operation.
    let http = Fake::new([]);
    let client = Client::new(service("ListExports", Need::Required), TRUE(builder(&http, &clock())));
    client.call(json!({})).await.expect("a response");
    assert_eq!(http.order(), [format!("ListExports {REGIONAL}")]);
}

#[tokio::test]
async fn without_the_discovery_that_it_requires_a_call_is_not_sent_and_the_error_names_the_setting() {
    let http = Fake::new([]);
    let session = builder(&http, &clock()).endpoint_discovery_enabled(EndpointDiscovery::Disabled);
    let error = Client::new(service("ListTables", Need::Required), session).call(json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let expect = "ListTables: the operation requires endpoint discovery, which the setting `endpoint_discovery_enabled` \
                  turns off: expected auto or true, or an endpoint URL";
    assert_eq!(error.to_string(), expect);
    assert!(http.order().is_empty());
}

#[tokio::test]
async fn the_service_is_asked_like_in_any_call_and_the_user_agent_says_so() {
    let http = Fake::new([endpoint(CELL, 60)]);
    list_tables(Need::Optional, &http, &clock()).call(json!({"Limit": 1})).await.expect("a response");
    let question = &http.questions.requests()[0];
    let header = |it: &ReceivedRequest, name: &str| it.headers[name].to_str().expect("ASCII").to_owned();
    assert_eq!((&*question.body, header(question, "x-amz-api-version")), (&b"{}"[..], "2012-08-10".to_owned()));
    let call = &http.calls.requests()[0];
    assert_eq!((&*call.body, call.headers.contains_key("x-amz-api-version")), (&br#"{"Limit":1}"#[..], false));
    for request in [question, call] {
        let user_agent = header(request, "user-agent");
        assert!(user_agent.contains(" cfg/endpoint-discovery"), "{user_agent}");
    }
    let http = Fake::new([]);
    Client::new(service("ListTables", Need::Optional), builder(&http, &clock()))
        .call(json!({}))
        .await
        .expect("a response");
    let user_agent = header(&http.calls.requests()[0], "user-agent");
    assert!(!user_agent.contains("endpoint-discovery"), "{user_agent}");
}

#[tokio::test]
async fn an_endpoint_is_used_for_its_period_and_refreshed_in_the_background() {
    let (http, clock) = (Fake::new([endpoint(CELL, 60), endpoint(OTHER_CELL, 60)]), clock());
    let client = list_tables(Need::Required, &http, &clock);
    for (minutes, expect) in [
        (0, vec![asked(), listed(CELL)]),
        (44, vec![listed(CELL)]),
        // In the last quarter; the call does not wait.
        (1, vec![listed(CELL), asked()]),
        (1, vec![listed(OTHER_CELL)]),
    ] {
        clock.advance(Duration::from_secs(minutes * 60));
        client.call(json!({})).await.expect("a response");
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        let mut order = http.order();
        // The call and the question take turns.
        if minutes == 1 {
            order.sort_by_key(|it| it.starts_with("DescribeEndpoints"));
        }
        assert_eq!(order, expect, "{minutes} minutes later");
    }
    assert_eq!(http.questions.remaining(), 0);
}

#[tokio::test]
async fn a_rejected_endpoint_is_replaced_and_the_call_repeated_once() {
    for rejection in [|| error(400, "InvalidEndpointException"), || error(421, "Misdirected"), || Reply::new(421)] {
        let questions = || [endpoint(CELL, 60), endpoint(OTHER_CELL, 60), endpoint(CELL, 60)];
        let http = Fake::responding(questions(), [rejection(), Reply::ok("{}"), Reply::ok("{}")]);
        let client = list_tables(Need::Required, &http, &clock());
        client.call(json!({})).await.expect("a response");
        assert_eq!(http.order(), [asked(), listed(CELL), asked(), listed(OTHER_CELL)]);
        client.call(json!({})).await.expect("a response");
        assert_eq!(http.order(), [listed(OTHER_CELL)]);

        // A second rejection is the failure of the call, and the endpoint is forgotten all the same.
        let http = Fake::responding(questions(), [rejection(), rejection(), Reply::ok("{}")]);
        let client = list_tables(Need::Required, &http, &clock());
        let failure = client.call(json!({})).await.unwrap_err();
        assert_eq!((failure.kind(), failure.attempts()), (ErrorKind::Service, 2), "{failure}");
        assert_eq!(http.order(), [asked(), listed(CELL), asked(), listed(OTHER_CELL)]);
        client.call(json!({})).await.expect("a response");
        assert_eq!(http.order(), [asked(), listed(CELL)]);
    }
    // Without another endpoint: the regional one, or the error of the question.
    for need in [Need::Optional, Need::Required] {
        let questions = [endpoint(CELL, 60), error(400, "AccessDeniedException")];
        let http = Fake::responding(questions, [error(400, "InvalidEndpointException"), Reply::ok("{}")]);
        let result = list_tables(need, &http, &clock()).call(json!({})).await;
        let mut expect = vec![asked(), listed(CELL), asked()];
        match need {
            Need::Optional => expect.push(listed(REGIONAL)),
            _ => assert_eq!(result.unwrap_err().kind(), ErrorKind::Endpoint),
        }
        assert_eq!(http.order(), expect);
    }
}

#[tokio::test]
async fn if_the_service_does_not_respond_a_call_ends_with_an_error_or_goes_to_the_regional_endpoint() {
    let failures = || [error(400, "AccessDeniedException"), Reply::failure(HttpErrorKind::Connect)];
    for (failure, says) in
        failures().into_iter().zip(["An error occurred (AccessDeniedException)", "DescribeEndpoints: "])
    {
        let http = Fake::new(std::iter::repeat_n(failure, 4));
        let client = list_tables(Need::Required, &http, &clock());
        let failure = client.call(json!({})).await.unwrap_err();
        assert_eq!(
            (failure.kind(), failure.attempts(), failure.operation()),
            (ErrorKind::Endpoint, 0, Some("ListTables"))
        );
        let text = failure.to_string();
        let start = "ListTables: endpoint discovery failed, which the operation requires (setting \
                     `endpoint_discovery_enabled`): ";
        assert!(text.strip_prefix(start).is_some_and(|it| it.starts_with(says)), "{text}");
        assert!(http.calls.requests().is_empty());
    }
    for failure in failures() {
        let (http, clock) = (Fake::new(std::iter::repeat_n(failure, 4)), clock());
        let client = list_tables(Need::Optional, &http, &clock);
        client.call(json!({})).await.expect("a response");
        let order = http.order();
        assert_eq!((&order[0], &order[order.len() - 1]), (&asked(), &listed(REGIONAL)));
        // Not asked again for a minute.
        clock.advance(Duration::from_secs(59));
        client.call(json!({})).await.expect("a response");
        assert_eq!(http.order(), [listed(REGIONAL)]);
        clock.advance(Duration::from_secs(1));
        client.call(json!({})).await.expect("a response");
        assert_eq!(http.order()[0], asked());
    }
}

#[tokio::test]
async fn a_response_that_names_no_host_of_the_service_is_an_error_and_nothing_is_signed_for_it() {
    let foreign = "the response to DescribeEndpoints has the endpoint \"evil.com\": expected a host of the service, as below \
                   dynamodb.us-west-2.amazonaws.com";
    for (reply, says) in [
        (endpoint("evil.com", 60), foreign),
        (endpoint("https://x.execute-api.us-west-2.amazonaws.com/", 60), "expected a host of the service"),
        (Reply::ok("{}"), "the response to DescribeEndpoints has no endpoints"),
        (Reply::ok(r#"{"Endpoints": []}"#), "the response to DescribeEndpoints has no endpoint"),
        (Reply::ok(r#"{"Endpoints": [{}]}"#), "the response to DescribeEndpoints has an endpoint without an address"),
    ] {
        for need in [Need::Required, Need::Optional] {
            let http = Fake::new([reply.clone(), endpoint(CELL, 60)]);
            let client = list_tables(need, &http, &clock());
            let failure = client.call(json!({})).await.unwrap_err();
            assert_eq!(failure.kind(), ErrorKind::Endpoint);
            assert!(failure.to_string().ends_with(says) || failure.to_string().contains(says), "{failure}");
            assert_eq!(http.order(), [asked()], "nothing is sent to it");
            client.call(json!({})).await.expect("a response");
            assert_eq!(http.order(), [asked(), listed(CELL)]);
        }
    }
}

#[tokio::test]
async fn identifiers_are_sent_with_the_operation_and_have_endpoints_of_their_own() {
    let http = Fake::new([endpoint(CELL, 60), endpoint(OTHER_CELL, 60)]);
    let client = Client::new(service("DescribeTable", Need::ByTable), builder(&http, &clock()));
    for table in ["one", "two", "one", "two"] {
        client.call(json!({"TableName": table})).await.expect("a response");
    }
    let described = |host| format!("DescribeTable {host}");
    let expect = [asked(), described(CELL), asked(), described(OTHER_CELL), described(CELL), described(OTHER_CELL)];
    assert_eq!(http.order(), expect);
    for (question, table) in http.questions.requests().iter().zip(["one", "two"]) {
        let body: Json = serde_json::from_slice(&question.body).expect("JSON");
        assert_eq!(body, json!({"Operation": "DescribeTable", "Identifiers": {"TableName": table}}));
    }
}

#[tokio::test]
async fn regions_and_credentials_of_single_calls_have_endpoints_of_their_own() {
    let cell = |region: &str| endpoint(&format!("cell.dynamodb.{region}.amazonaws.com"), 60);
    let mut http = Fake::new([cell("us-west-2"), cell("eu-west-1"), cell("us-west-2")]);
    (http.questions, http.calls) = (http.questions.unverified(), http.calls.unverified());
    let client = list_tables(Need::Required, &http, &clock());
    let other = || Options::new().credentials(Credentials::new("AKIDOTHER", "secret"));
    for _ in 0..2 {
        for options in [Options::new(), Options::new().region("eu-west-1"), other()] {
            client.call_with(json!({}), options).await.expect("a response");
        }
    }
    let keys = |requests: Vec<ReceivedRequest>| {
        requests.iter().fold(String::new(), |mut out, it| {
            let signature = it.headers["authorization"].to_str().expect("ASCII");
            let scope = signature.split(['=', ',']).nth(1).expect("a credential");
            let mut parts = scope.split('/');
            let (key, region) = (parts.next().unwrap_or_default(), parts.nth(1).unwrap_or_default());
            let _ = writeln!(out, "{key} {region} {}", it.url);
            out
        })
    };
    let own = credentials();
    let own = own.access_key_id();
    let expect = |host: &dyn Fn(&str) -> String| {
        let line = |key: &str, region: &str| format!("{key} {region} https://{}/\n", host(region));
        [line(own, "us-west-2"), line(own, "eu-west-1"), line("AKIDOTHER", "us-west-2")].concat()
    };
    assert_eq!(keys(http.questions.requests()), expect(&|region| format!("dynamodb.{region}.amazonaws.com")));
    assert_eq!(
        keys(http.calls.requests()),
        expect(&|region| format!("cell.dynamodb.{region}.amazonaws.com")).repeat(2)
    );
}

/// A service that never responds.
#[derive(Debug)]
struct Silent;

impl HttpClient for Silent {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_service_that_never_responds_ends_at_the_limit_of_the_call() {
    let session = builder(&Fake::new([]), &clock()).http_client(Silent).total_timeout(Duration::from_millis(20));
    let failure = Client::new(service("ListTables", Need::Required), session).call(json!({})).await.unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Timeout);
    assert_eq!(failure.to_string(), "ListTables: the call timed out after 20ms while it waited for DescribeEndpoints");
}

#[tokio::test]
async fn a_presigned_url_has_a_discovered_endpoint_only_if_one_is_required() {
    for (need, host, order) in [(Need::Required, CELL, vec![asked()]), (Need::Optional, REGIONAL, vec![])] {
        let http = Fake::new([endpoint(CELL, 60)]);
        let client = list_tables(need, &http, &clock());
        let plan = client.service.operations["ListTables"].plan;
        let input = values::structure(&json!({}), plan.input).expect("an input");
        let presigned = client.client.presign(plan, input, Duration::from_secs(60)).await.expect("a URL");
        assert!(presigned.url().starts_with(&format!("https://{host}/?")), "{}", presigned.url());
        assert_eq!(http.order(), order);
    }
}

#[tokio::test]
async fn a_stub_responds_without_discovery() {
    let stub = Stub::new();
    stub.on::<aws_dynamodb::operation::ListTables>().reply(aws_dynamodb::operation::ListTablesOutput::default());
    let session = stub.builder().endpoint_discovery_enabled(EndpointDiscovery::Enabled).build_lazy();
    aws_dynamodb::Client::new(&session).list_tables().await.expect("a response");
    stub.verify();
}

#[tokio::test]
async fn every_operation_that_names_discovery_is_sent_to_the_discovered_endpoint() {
    let store = models();
    let mut called = 0;
    // All services of botocore with the trait; the repository's models have one of them.
    for name in ["dynamodb", "timestream-query", "timestream-write"] {
        let Some(source) = store.load(name, &mut Report::new()) else { continue };
        let model = model::read(&source, &mut Report::new()).expect("a sound model").service;
        let mut sampler = Sampler::new(&model);
        for (operation, it) in model.operations.iter().filter(|it| it.1.endpoint_discovery.is_some()) {
            let input = it.input.as_ref().map_or_else(|| json!({}), |it| sampler.structure(&it.shape));
            let http = Fake::new([Reply::close()]);
            let session = builder(&http, &clock()).endpoint_discovery_enabled(EndpointDiscovery::Enabled);
            let service = || Service::from_operations(&source, &[operation]).expect("a sound model");
            // The first question shows the regional host.
            let _ = Client::new(service(), session.clone()).call(input.clone()).await;
            let order = http.order();
            let [asked, ..] = &order[..] else { panic!("{name} {operation}: no question") };
            let regional = asked.strip_prefix("DescribeEndpoints ").expect("a question");
            let (first, rest) = regional.split_once('.').expect("a host");
            let cell = format!("{first}-cell1.{rest}");
            let http = Fake::new([endpoint(&cell, 1440)]);
            let result = Client::new(service(), session.http_client(http.clone())).call(input).await;
            assert!(result.is_ok(), "{name} {operation}: {result:?}");
            assert_eq!(http.order(), [asked.clone(), format!("{operation} {cell}")]);
            called += 1;
        }
    }
    assert!(called >= 46, "{called} operations");
}

#[test]
fn a_model_whose_discovery_cannot_work_is_a_problem() {
    let check = |change: fn(&mut Json), expect: &str| {
        let mut source = dynamodb();
        change(&mut source.service.value);
        let problems = Service::from_operations(&source, &["ListTables"]).map(drop).unwrap_err();
        assert!(problems.contains(expect), "{problems}");
    };
    check(
        |model| model["operations"]["DescribeEndpoints"]["endpointoperation"] = json!(false),
        "operations/ListTables/endpointdiscovery: no operation of the service has `endpointoperation`",
    );
    check(
        |model| model["operations"]["DescribeEndpoints"]["endpointdiscovery"] = json!({}),
        "the operation of endpoint discovery cannot take part in it",
    );
    check(
        |model| {
            model["shapes"]["DescribeEndpointsRequest"] =
                json!({"type": "structure", "required": ["Zone"], "members": {"Zone": {"shape": "String"}}});
        },
        "the operation of endpoint discovery requires the input `Zone`, which the runtime does not send",
    );
    for change in [
        (|model| model["shapes"]["DescribeEndpointsResponse"]["members"] = json!({})) as fn(&mut Json),
        |model| model["shapes"]["Endpoint"]["members"]["Address"]["shape"] = json!("Long"),
        |model| model["shapes"]["Endpoint"]["members"]["CachePeriodInMinutes"]["shape"] = json!("String"),
    ] {
        check(change, "the operation of endpoint discovery has no output `Endpoints`, a list of structures with");
    }
}

/// Responds to every attempt, as a replay does.
struct Always;

impl Hook for Always {
    fn responds_always(&self) -> bool {
        true
    }

    fn before_sign<'a>(&'a self, call: &'a mut HookContext, _: &'a mut Request) -> BoxFuture<'a, Result<(), Error>> {
        call.respond(Response::new(StatusCode::OK, HeaderMap::new(), "{}"));
        call.skip_signature();
        Box::pin(std::future::ready(Ok(())))
    }
}

#[tokio::test]
async fn what_responds_in_place_of_the_service_is_asked_for_no_endpoint() {
    for need in [Need::Required, Need::Optional] {
        let http = Fake::new([endpoint(CELL, 60)]);
        let session = builder(&http, &clock()).endpoint_discovery_enabled(EndpointDiscovery::Enabled);
        let client = Client::new(service("ListTables", need), session.hook(Always));
        client.call(json!({})).await.expect("the hook's response");
        assert_eq!(http.order(), [""; 0], "{need:?}");
    }
}
