//! What the model says of an operation beside its shapes, through whole calls: compression, endpoint parameters, how it is
//! signed, which exceptions are final; and a clock that is wrong. Services are made of their models at run time.

use std::io::Read as _;

use aws_core::config::{AccountIdEndpointMode, Environment};
use aws_core::http::header;
use aws_core::test_util::{DynamicClient, FixedClock, Received, RecordedSleep, Reply, ScriptedClient};
use aws_core::{Credentials, Error, ErrorKind, Result, Session, SessionBuilder};
use codegen::report::Report;
use codegen::source::{Library, ServiceSource};
use serde_json::{Value as Json, json};
use tests::dynamic::Service;
use tests::suite::workspace;
use tests::values;

/// 2026-01-02T03:04:05Z.
const NOW: u64 = 1_767_323_045;

fn model(name: &str) -> ServiceSource {
    Library::open(&workspace().join("models")).load(name, &mut Report::new()).expect("a model in the repository")
}

fn service(name: &str, operation: &str) -> Service {
    Service::of_operations(&model(name), &[operation]).expect("a sound model")
}

/// Calls the one operation of a service; its outcome, the requests that were seen, and how long it waited in all.
async fn call(
    service: &Service,
    input: Json,
    replies: impl IntoIterator<Item = Reply>,
    change: impl FnOnce(SessionBuilder) -> SessionBuilder,
) -> (Result<()>, Vec<Received>, Vec<u128>) {
    let (http, sleep) = (ScriptedClient::new(replies), RecordedSleep::new());
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-west-2")
        .credentials(Credentials::new("AKIDEXAMPLE", "the-secret"))
        .clock(FixedClock::at_epoch(NOW).clock())
        .sleep(sleep.sleep())
        .http_client(http.clone());
    let client = DynamicClient::new(&change(session).build().expect("a session"), service.facts);
    let plan = service.operations.values().next().expect("an operation").plan;
    let input = values::structure(&input, plan.input).expect("members of the input");
    let outcome = client.call(plan, input).await.map(|_| ());
    (outcome, http.requests(), sleep.waits().iter().map(|it| it.as_millis()).collect())
}

/// The one request of a call, whatever comes of its answer.
async fn request(service: &Service, input: Json, change: impl FnOnce(SessionBuilder) -> SessionBuilder) -> Received {
    let (outcome, mut requests, _) = call(service, input, [Reply::ok("{}")], change).await;
    assert_eq!(requests.len(), 1, "{outcome:?}");
    requests.remove(0)
}

fn host_of(request: &Received) -> &str {
    let (_, rest) = request.url.split_once("://").expect("a URL");
    rest.split(['/', '?']).next().unwrap_or_default()
}

async fn refused(service: &Service, input: Json) -> Error {
    let (outcome, requests, _) = call(service, input, [], |it| it).await;
    assert!(requests.is_empty(), "nothing is sent");
    outcome.expect_err("a refusal")
}

#[tokio::test]
async fn large_bodies_are_compressed() {
    let service = service("cloudwatch", "PutMetricData");
    let input = |len: usize| json!({"Namespace": "n", "MetricData": [{"MetricName": "m".repeat(len)}]});
    let check = async |len, change: fn(SessionBuilder) -> SessionBuilder, compressed: bool| {
        let request = request(&service, input(len), change).await;
        let body = match compressed {
            true => {
                assert_eq!(request.headers.get(header::CONTENT_ENCODING).and_then(|it| it.to_str().ok()), Some("gzip"));
                assert!(request.body.len() < len);
                let mut body = Vec::new();
                flate2::read::GzDecoder::new(&*request.body).read_to_end(&mut body).expect("gzip");
                body
            }
            false => {
                assert!(!request.headers.contains_key(header::CONTENT_ENCODING), "{len}");
                request.body.to_vec()
            }
        };
        assert!(String::from_utf8(body).expect("text").contains(&"m".repeat(len)));
    };
    check(20_000, |it| it, true).await;
    check(10_000, |it| it, false).await;
    check(10_000, |it| it.request_min_compression_size_bytes(10_000), true).await;
    check(20_000, |it| it.disable_request_compression(true), false).await;
}

#[tokio::test]
async fn the_input_and_the_account_choose_the_endpoint() {
    let check = async |operation: &str, input: Json, account: Option<&str>, mode, host: &str| {
        let mut credentials = Credentials::new("AKIDEXAMPLE", "the-secret");
        if let Some(account) = account {
            credentials = credentials.with_account_id(account);
        }
        let service = service("dynamodb", operation);
        let change = |it: SessionBuilder| it.credentials(credentials).account_id_endpoint_mode(mode);
        assert_eq!(host_of(&request(&service, input, change).await), host, "{operation}");
    };
    let get = |table: &str| json!({"TableName": table, "Key": {"k": {"S": "v"}}});
    let arn = |account: &str| format!("arn:aws:dynamodb:us-west-2:{account}:table/t");
    let (plain, preferred) = ("dynamodb.us-west-2.amazonaws.com", AccountIdEndpointMode::Preferred);
    check("GetItem", get("t"), None, preferred, plain).await;
    check("GetItem", get("t"), Some("123456789012"), preferred, "123456789012.ddb.us-west-2.amazonaws.com").await;
    check("GetItem", get("t"), Some("123456789012"), AccountIdEndpointMode::Disabled, plain).await;
    // A member that gives a parameter, and a path through lists that gives a list.
    check("GetItem", get(&arn("222222222222")), None, preferred, "222222222222.ddb.us-west-2.amazonaws.com").await;
    let write = |table: &str| {
        json!({"TransactItems": [
            {"Put": {"TableName": table, "Item": {}}},
            {"Delete": {"TableName": "another", "Key": {}}},
        ]})
    };
    check("TransactWriteItems", write("t"), None, preferred, plain).await;
    let other = "333333333333.ddb.us-west-2.amazonaws.com";
    check("TransactWriteItems", write(&arn("333333333333")), None, preferred, other).await;
    let batch = json!({"RequestItems": {arn("333333333333"): {"Keys": [{"k": {"S": "v"}}]}}});
    check("BatchGetItem", batch, Some("123456789012"), preferred, other).await;

    let required = |it: SessionBuilder| it.account_id_endpoint_mode(AccountIdEndpointMode::Required);
    let (outcome, ..) = call(&service("dynamodb", "GetItem"), get("t"), [], required).await;
    let error = outcome.expect_err("no account");
    assert_eq!(error.kind(), ErrorKind::Endpoint);
    assert!(error.to_string().contains("AccountId"), "{error}");
}

#[tokio::test]
async fn as_the_model_wants_it_signed() {
    let signed = async |name: &str, operation: &str, input: Json, change: fn(SessionBuilder) -> SessionBuilder| {
        let request = request(&service(name, operation), input, change).await;
        request.headers.get(header::AUTHORIZATION).is_some()
    };
    assert!(signed("sts", "GetCallerIdentity", json!({}), |it| it).await);
    let token =
        json!({"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "me", "WebIdentityToken": "four"});
    assert!(!signed("sts", "AssumeRoleWithWebIdentity", token.clone(), |it| it).await);

    // A service that takes a token or nothing; one whose only signature is not made yet; a choice.
    let mut source = model("sts");
    let mut of = |auth: Json| {
        source.service.value["metadata"]["auth"] = auth;
        Service::of_operations(&source, &["GetCallerIdentity"]).expect("a sound model")
    };
    let error = refused(&of(json!(["smithy.api#httpBearerAuth"])), json!({})).await;
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(error.to_string().contains("no bearer token found"), "{error}");
    let error = refused(&of(json!(["aws.auth#sigv4a"])), json!({})).await;
    assert!(error.to_string().contains("wants sigv4a"), "{error}");
    let either = request(&of(json!(["aws.auth#sigv4a", "aws.auth#sigv4"])), json!({}), |it| it).await;
    assert!(either.headers.contains_key(header::AUTHORIZATION));
}

#[tokio::test]
async fn what_stands_before_the_host() {
    let check = async |name, operation, input: &Json, change: fn(SessionBuilder) -> SessionBuilder, host: &str| {
        assert_eq!(host_of(&request(&service(name, operation), input.clone(), change).await), host);
    };
    let machine = json!({"stateMachineArn": "arn:aws:states:us-west-2:123456789012:stateMachine:m"});
    let start = ("stepfunctions", "StartSyncExecution");
    check(start.0, start.1, &machine, |it| it, "sync-states.us-west-2.amazonaws.com").await;
    check(start.0, start.1, &machine, |it| it.endpoint_url("https://x.example:99"), "sync-x.example:99").await;
    check(start.0, start.1, &machine, |it| it.disable_host_prefix_injection(true), "states.us-west-2.amazonaws.com")
        .await;
    // With a label, which must be what a host may hold.
    let routed = |route: &str| json!({"RequestRoute": route, "RequestToken": "t"});
    let host = "io-cell1.s3-object-lambda.us-west-2.amazonaws.com";
    check("s3", "WriteGetObjectResponse", &routed("io-cell1"), |it| it, host).await;
    for route in ["a.b", "", "a/b", "a@b"] {
        let error = refused(&service("s3", "WriteGetObjectResponse"), routed(route)).await;
        assert_eq!(error.kind(), ErrorKind::Validation, "{error}");
        assert!(error.to_string().contains("RequestRoute"), "{error}");
    }
}

#[tokio::test]
async fn exceptions_that_the_model_calls_final() {
    let service = service("apigateway", "GetRestApis");
    let check = async |code: &str, waits: &[u128]| {
        let fault = Reply::new(429).header("x-amzn-errortype", code).body("{}");
        let (outcome, _, waited) = call(&service, json!({}), [fault, Reply::ok("{}")], |it| it.max_attempts(2)).await;
        assert_eq!((outcome.is_ok(), waited.len()), (!waits.is_empty(), waits.len()), "{code}");
    };
    // Not known to the model: the status says to slow down. Known, and without a word about retries: the model decides.
    check("SomethingElse", &[1000]).await;
    let mut source = model("apigateway");
    source.service.value["shapes"]["TooManyRequestsException"]["error"]["code"] = json!("Enough");
    let service = Service::of_operations(&source, &["GetRestApis"]).expect("a sound model");
    let fault = Reply::new(429).header("x-amzn-errortype", "Enough").body("{}");
    let (outcome, _, waited) = call(&service, json!({}), [fault], |it| it).await;
    assert_eq!(outcome.expect_err("an exception").code(), Some("Enough"));
    assert!(waited.is_empty());
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_corrected() {
    const LATER: &str = "Fri, 02 Jan 2026 04:04:05 GMT";
    let service = service("dynamodb", "ListTables");
    let fault = |code: &str, date: &str| {
        Reply::new(400).header("date", date).body(format!(r#"{{"__type":"x#{code}","message":"m"}}"#))
    };
    let check = async |fault: Reply, dates: &[&str]| {
        let (_, requests, waits) = call(&service, json!({}), [fault, Reply::ok("{}")], |it| it.max_attempts(1)).await;
        let found: Vec<_> = requests.iter().map(|it| it.header("x-amz-date").to_owned()).collect();
        assert_eq!(found, dates);
        assert!(waits.is_empty());
    };
    let (now, later) = ("20260102T030405Z", "20260102T040405Z");
    check(fault("RequestTimeTooSkewed", LATER), &[now, later]).await;
    check(fault("InvalidSignatureException", LATER), &[now, later]).await;
    check(fault("RequestExpired", "Thu, 01 Jan 2026 03:04:05 GMT"), &[now, "20260101T030405Z"]).await;
    // Another error, a clock that is right, no clock at all.
    check(fault("AccessDeniedException", LATER), &[now]).await;
    check(fault("InvalidSignatureException", "Fri, 02 Jan 2026 03:05:05 GMT"), &[now]).await;
    check(fault("RequestTimeTooSkewed", "soon"), &[now]).await;
    // Once a call; the next begins with what was learned.
    let replies =
        (0..3).map(|it| fault("RequestTimeTooSkewed", if it == 1 { "Fri, 02 Jan 2026 05:04:05 GMT" } else { LATER }));
    let (outcome, requests, _) = call(&service, json!({}), replies, |it| it.max_attempts(1)).await;
    assert_eq!((outcome.expect_err("refused again").code(), requests.len()), (Some("RequestTimeTooSkewed"), 2));
}
