//! What models state about operations beside shapes, through complete calls: compression, endpoint parameters, host
//! prefix, authentication, exceptions that are not retried; and clock skew. Services are built from their models at run
//! time.

use std::io::Read as _;

use aws_core::config::{AccountIdEndpointMode, Environment};
use aws_core::http::header;
use aws_core::internals::DynamicClient;
use aws_core::testing::{FixedClock, ReceivedRequest, RecordedSleep, Reply};
use aws_core::{Credentials, Error, ErrorKind, Result, Session, SessionBuilder};
use codegen::report::Report;
use codegen::source::{ModelStore, ServiceSource};
use serde_json::{Value as Json, json};
use tests::doubles::ScriptedClient;
use tests::dynamic::Service;
use tests::suite::workspace;
use tests::values;

/// 2026-01-02T03:04:05Z.
const NOW: u64 = 1_767_323_045;

fn model(name: &str) -> ServiceSource {
    ModelStore::open(&workspace().join("models")).load(name, &mut Report::new()).expect("a model in the repository")
}

fn service(name: &str, operation: &str) -> Service {
    Service::from_operations(&model(name), &[operation]).expect("a valid model")
}

/// Calls the one operation of a service; returns the result, the requests sent, and the waits between attempts in
/// milliseconds.
async fn call(
    service: &Service,
    input: Json,
    replies: impl IntoIterator<Item = Reply>,
    configure: impl FnOnce(SessionBuilder) -> SessionBuilder,
) -> (Result<()>, Vec<ReceivedRequest>, Vec<u128>) {
    send(service, input, ScriptedClient::new(replies), configure).await
}

async fn send(
    service: &Service,
    input: Json,
    http: ScriptedClient,
    configure: impl FnOnce(SessionBuilder) -> SessionBuilder,
) -> (Result<()>, Vec<ReceivedRequest>, Vec<u128>) {
    let sleep = RecordedSleep::new();
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-west-2")
        .credentials(Credentials::new("AKIDEXAMPLE", "the-secret"))
        .clock(FixedClock::from_secs(NOW).clock())
        .sleep(sleep.sleep())
        .http_client(http.clone());
    let client = DynamicClient::new(&configure(session).build().expect("a session"), service.facts);
    let plan = service.operations.values().next().expect("an operation").plan;
    let input = values::structure(&input, plan.input).expect("members of the input");
    let result = client.call(plan, input).await.map(|_| ());
    (result, http.requests(), sleep.waits().iter().map(|it| it.as_millis()).collect())
}

/// The one request of a call, whatever becomes of its response.
async fn request(
    service: &Service,
    input: Json,
    configure: impl FnOnce(SessionBuilder) -> SessionBuilder,
) -> ReceivedRequest {
    let (result, mut requests, _) = call(service, input, [Reply::ok("{}")], configure).await;
    assert_eq!(requests.len(), 1, "{result:?}");
    requests.remove(0)
}

fn host_of(request: &ReceivedRequest) -> &str {
    let (_, rest) = request.url.split_once("://").expect("a URL");
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// The error of a call that is rejected before a request is sent.
async fn rejection(service: &Service, input: Json) -> Error {
    let (result, requests, _) = call(service, input, [], |it| it).await;
    assert!(requests.is_empty(), "a request was sent");
    result.expect_err("a rejection")
}

#[tokio::test]
async fn bodies_above_the_minimum_size_are_compressed_unless_disabled() {
    let service = service("cloudwatch", "PutMetricData");
    let input = |len: usize| json!({"Namespace": "n", "MetricData": [{"MetricName": "m".repeat(len)}]});
    let check = async |len, configure: fn(SessionBuilder) -> SessionBuilder, compressed: bool| {
        let request = request(&service, input(len), configure).await;
        let body = match compressed {
            true => {
                let encoding = request.headers.get(header::CONTENT_ENCODING).and_then(|it| it.to_str().ok());
                assert_eq!(encoding, Some("gzip"), "{len}");
                assert!(request.body.len() < len, "{len}");
                let mut body = Vec::new();
                flate2::read::GzDecoder::new(&*request.body).read_to_end(&mut body).expect("gzip");
                body
            }
            false => {
                assert!(!request.headers.contains_key(header::CONTENT_ENCODING), "{len}");
                request.body.to_vec()
            }
        };
        assert!(String::from_utf8(body).expect("UTF-8").contains(&"m".repeat(len)), "{len}");
    };
    check(20_000, |it| it, true).await;
    check(10_000, |it| it, false).await;
    check(10_000, |it| it.request_min_compression_size_bytes(10_000), true).await;
    check(20_000, |it| it.disable_request_compression(true), false).await;
}

#[tokio::test]
async fn the_smallest_body_that_is_compressed_has_exactly_the_minimum_size() {
    let service = service("cloudwatch", "PutMetricData");
    let input = |len: usize| json!({"Namespace": "n", "MetricData": [{"MetricName": "m".repeat(len)}]});
    let is_compressed = async |len: usize, minimum: Option<u32>| {
        let request = request(&service, input(len), |it| match minimum {
            Some(minimum) => it.request_min_compression_size_bytes(minimum),
            None => it,
        });
        request.await.headers.contains_key(header::CONTENT_ENCODING)
    };
    let plain = request(&service, input(5000), |it| it.disable_request_compression(true)).await;
    let size = u32::try_from(plain.body.len()).expect("a small body");
    for (minimum, expect) in [(size - 1, true), (size, true), (size + 1, false)] {
        assert_eq!(is_compressed(5000, Some(minimum)).await, expect, "{minimum} for {size} bytes");
    }
    // The default, botocore's: 10,240 bytes.
    let overhead = plain.body.len() - 5000;
    for (bytes, expect) in [(10_239, false), (10_240, true), (10_241, true)] {
        assert_eq!(is_compressed(bytes - overhead, None).await, expect, "{bytes}");
    }
}

#[tokio::test]
async fn a_host_prefix_is_left_out_before_an_ip_address() {
    let service = service("stepfunctions", "StartSyncExecution");
    let machine = json!({"stateMachineArn": "arn:aws:states:us-west-2:123456789012:stateMachine:m"});
    for (url, host) in [
        ("http://127.0.0.1:5000", "127.0.0.1:5000"),
        ("http://127.0.0.1", "127.0.0.1"),
        ("http://[::1]:5000", "[::1]:5000"),
        ("http://localhost:5000", "sync-localhost:5000"),
        ("http://127.0.0.1.nip.io:5000", "sync-127.0.0.1.nip.io:5000"),
    ] {
        let request = request(&service, machine.clone(), |it| it.endpoint_url(url)).await;
        assert_eq!(host_of(&request), host, "{url}");
    }
}

#[tokio::test]
async fn members_of_the_input_and_the_account_select_the_endpoint() {
    let check = async |operation: &str, input: Json, account: Option<&str>, mode, host: &str| {
        let mut credentials = Credentials::new("AKIDEXAMPLE", "the-secret");
        if let Some(account) = account {
            credentials = credentials.with_account_id(account);
        }
        let service = service("dynamodb", operation);
        let configure = |it: SessionBuilder| it.credentials(credentials).account_id_endpoint_mode(mode);
        assert_eq!(host_of(&request(&service, input, configure).await), host, "{operation}");
    };
    let get = |table: &str| json!({"TableName": table, "Key": {"k": {"S": "v"}}});
    let arn = |account: &str| format!("arn:aws:dynamodb:us-west-2:{account}:table/t");
    let (plain, preferred) = ("dynamodb.us-west-2.amazonaws.com", AccountIdEndpointMode::Preferred);
    check("GetItem", get("t"), None, preferred, plain).await;
    check("GetItem", get("t"), Some("123456789012"), preferred, "123456789012.ddb.us-west-2.amazonaws.com").await;
    check("GetItem", get("t"), Some("123456789012"), AccountIdEndpointMode::Disabled, plain).await;
    // A parameter from a member, and one from a path through lists.
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
    let (result, ..) = call(&service("dynamodb", "GetItem"), get("t"), [], required).await;
    let error = result.expect_err("no account");
    assert_eq!(error.kind(), ErrorKind::Endpoint);
    assert!(error.to_string().contains("AccountId"), "{error}");
}

#[tokio::test]
async fn requests_are_signed_as_the_model_requires() {
    let is_signed =
        async |name: &str, operation: &str, input: Json, configure: fn(SessionBuilder) -> SessionBuilder| {
            let request = request(&service(name, operation), input, configure).await;
            request.headers.get(header::AUTHORIZATION).is_some()
        };
    assert!(is_signed("sts", "GetCallerIdentity", json!({}), |it| it).await);
    let token =
        json!({"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "me", "WebIdentityToken": "four"});
    let unverified = ScriptedClient::new([Reply::ok("{}")]).unverified();
    let (_, requests, _) = send(&service("sts", "AssumeRoleWithWebIdentity"), token, unverified, |it| it).await;
    assert!(requests[0].headers.get(header::AUTHORIZATION).is_none());

    // A service that requires a bearer token; one whose only signature is not supported; a choice.
    let mut source = model("sts");
    let mut with_auth = |auth: Json| {
        source.service.value["metadata"]["auth"] = auth;
        Service::from_operations(&source, &["GetCallerIdentity"]).expect("a valid model")
    };
    let error = rejection(&with_auth(json!(["smithy.api#httpBearerAuth"])), json!({})).await;
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(error.to_string().contains("no bearer token found"), "{error}");
    let error = rejection(&with_auth(json!(["aws.auth#sigv9"])), json!({})).await;
    assert!(error.to_string().contains("unsupported auth scheme of the operation: sigv9; expected sigv4"), "{error}");
    // The first of a list that the program has, unless the settings prefer another.
    let prefer: [fn(SessionBuilder) -> SessionBuilder; 3] = [
        |it| it,
        |it| it.auth_scheme_preference(["httpBearerAuth", "sigv4a"]),
        |it| it.auth_scheme_preference(["sigv9", "sigv4"]),
    ];
    for (schemes, expect) in [
        (json!(["aws.auth#sigv4a"]), ["ECDSA", "ECDSA", "ECDSA"]),
        (json!(["aws.auth#sigv4a", "aws.auth#sigv4"]), ["ECDSA", "ECDSA", "HMAC"]),
        (json!(["aws.auth#sigv9", "aws.auth#sigv4", "aws.auth#sigv4a"]), ["HMAC", "ECDSA", "HMAC"]),
        (json!(["aws.auth#sigv4"]), ["HMAC", "HMAC", "HMAC"]),
    ] {
        for (configure, expect) in prefer.into_iter().zip(expect) {
            let unverified = ScriptedClient::new([Reply::ok("{}")]).unverified();
            let (_, requests, _) = send(&with_auth(schemes.clone()), json!({}), unverified, configure).await;
            let authorization = requests[0].header("authorization");
            assert!(authorization.starts_with(&format!("AWS4-{expect}")), "{schemes}: {authorization}");
        }
    }
}

#[tokio::test]
async fn host_prefixes_are_filled_in_and_invalid_labels_are_rejected() {
    let check = async |name, operation, input: &Json, configure: fn(SessionBuilder) -> SessionBuilder, host: &str| {
        assert_eq!(host_of(&request(&service(name, operation), input.clone(), configure).await), host, "{operation}");
    };
    let machine = json!({"stateMachineArn": "arn:aws:states:us-west-2:123456789012:stateMachine:m"});
    let start = ("stepfunctions", "StartSyncExecution");
    check(start.0, start.1, &machine, |it| it, "sync-states.us-west-2.amazonaws.com").await;
    check(start.0, start.1, &machine, |it| it.endpoint_url("https://x.example:99"), "sync-x.example:99").await;
    check(start.0, start.1, &machine, |it| it.disable_host_prefix_injection(true), "states.us-west-2.amazonaws.com")
        .await;
    // A prefix with a label from the input, which must be a valid host label.
    let routed = |route: &str| json!({"RequestRoute": route, "RequestToken": "t"});
    let host = "io-cell1.s3-object-lambda.us-west-2.amazonaws.com";
    check("s3", "WriteGetObjectResponse", &routed("io-cell1"), |it| it, host).await;
    for route in ["a.b", "", "a/b", "a@b"] {
        let error = rejection(&service("s3", "WriteGetObjectResponse"), routed(route)).await;
        assert_eq!(error.kind(), ErrorKind::Validation, "{error}");
        assert!(error.to_string().contains("RequestRoute"), "{error}");
    }
}

#[tokio::test]
async fn exceptions_of_the_model_without_a_retry_trait_are_not_retried_by_status() {
    let service = service("apigateway", "GetRestApis");
    let check = async |code: &str, waits: &[u128]| {
        let error = Reply::new(429).header("x-amzn-errortype", code).body("{}");
        let (result, _, waited) = call(&service, json!({}), [error, Reply::ok("{}")], |it| it.max_attempts(2)).await;
        assert_eq!((result.is_ok(), waited.len()), (!waits.is_empty(), waits.len()), "{code}");
    };
    // A code that the model lacks: the status 429 means throttling. A modelled exception without a retry trait is
    // final.
    check("SomethingElse", &[1000]).await;
    let mut source = model("apigateway");
    source.service.value["shapes"]["TooManyRequestsException"]["error"]["code"] = json!("Enough");
    let service = Service::from_operations(&source, &["GetRestApis"]).expect("a valid model");
    let error = Reply::new(429).header("x-amzn-errortype", "Enough").body("{}");
    let (result, _, waited) = call(&service, json!({}), [error], |it| it).await;
    assert_eq!(result.expect_err("an exception").code(), Some("Enough"));
    assert!(waited.is_empty());
}

#[tokio::test]
async fn clock_skew_is_corrected_once_per_call() {
    const LATER: &str = "Fri, 02 Jan 2026 04:04:05 GMT";
    let service = service("dynamodb", "ListTables");
    let error = |code: &str, date: &str| {
        Reply::new(400).header("date", date).body(format!(r#"{{"__type":"x#{code}","message":"m"}}"#))
    };
    let check = async |error: Reply, dates: &[&str]| {
        let (_, requests, waits) = call(&service, json!({}), [error, Reply::ok("{}")], |it| it.max_attempts(1)).await;
        let found: Vec<_> = requests.iter().map(|it| it.header("x-amz-date").to_owned()).collect();
        assert_eq!(found, dates);
        assert!(waits.is_empty(), "{dates:?}");
    };
    let (now, later) = ("20260102T030405Z", "20260102T040405Z");
    check(error("RequestTimeTooSkewed", LATER), &[now, later]).await;
    check(error("InvalidSignatureException", LATER), &[now, later]).await;
    check(error("RequestExpired", "Thu, 01 Jan 2026 03:04:05 GMT"), &[now, "20260101T030405Z"]).await;
    // Another error, a clock that is right, a response without a valid date.
    check(error("AccessDeniedException", LATER), &[now]).await;
    check(error("InvalidSignatureException", "Fri, 02 Jan 2026 03:05:05 GMT"), &[now]).await;
    check(error("RequestTimeTooSkewed", "soon"), &[now]).await;
    // Only once per call, even if the server's clock moves again.
    let replies =
        (0..3).map(|it| error("RequestTimeTooSkewed", if it == 1 { "Fri, 02 Jan 2026 05:04:05 GMT" } else { LATER }));
    let (result, requests, _) = call(&service, json!({}), replies, |it| it.max_attempts(1)).await;
    assert_eq!((result.expect_err("rejected again").code(), requests.len()), (Some("RequestTimeTooSkewed"), 2));
}
