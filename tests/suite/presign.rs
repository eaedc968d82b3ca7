//! Presigned calls with a body, and calls with a bearer token instead of a signature. The expected signatures are those
//! of botocore's query signer for the same keys, time, headers and body.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_core::config::Environment;
use aws_core::credentials::{ProvideToken, Token};
use aws_core::internals::DynamicClient;
use aws_core::testing::{FixedClock, RecordedSleep, Reply};
use aws_core::{BoxFuture, Credentials, PresignedRequest, Session, SessionBuilder};
use codegen::report::Report;
use codegen::source::ModelStore;
use serde_json::{Value, json};
use tests::doubles::ScriptedClient;
use tests::dynamic::Service;
use tests::suite::workspace;
use tests::values;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn service(name: &str, operation: &str) -> Service {
    let source = ModelStore::open(&workspace().join("models")).load(name, &mut Report::new()).expect("a model");
    Service::from_operations(&source, &[operation]).expect("a sound model")
}

fn session(variables: &[(&str, &str)]) -> SessionBuilder {
    Session::builder()
        .environment(Environment::from_iter(variables.iter().copied()))
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", SECRET).with_session_token("the-session-token"))
        // 2026-01-02T03:04:05Z.
        .clock(FixedClock::from_secs(1_767_323_045).clock())
        .sleep(RecordedSleep::new().sleep())
}

async fn presigned(
    session: SessionBuilder,
    name: &str,
    operation: &str,
    input: Value,
    seconds: u64,
) -> aws_core::Result<PresignedRequest> {
    let service = service(name, operation);
    let plan = service.operations[operation].plan;
    let input = values::structure(&input, plan.input).expect("members of the input");
    let session = session.http_client(ScriptedClient::default()).build().expect("a session");
    DynamicClient::new(&session, service.facts).presign(plan, input, Duration::from_secs(seconds)).await
}

fn headers(request: &PresignedRequest) -> Vec<(&str, &str)> {
    let mut headers: Vec<_> =
        request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().expect("text"))).collect();
    headers.sort_unstable();
    headers
}

#[tokio::test]
async fn a_presigned_call_has_its_document_as_body_and_signs_its_headers() {
    struct Case {
        service: &'static str,
        operation: &'static str,
        input: Value,
        seconds: u64,
        path: &'static str,
        headers: &'static [(&'static str, &'static str)],
        body: &'static [u8],
        signature: &'static str,
    }
    let cases = [
        Case {
            service: "dynamodb",
            operation: "DescribeTable",
            input: json!({"TableName": "t"}),
            seconds: 900,
            path: "/",
            headers: &[
                ("content-type", "application/x-amz-json-1.0"),
                ("x-amz-target", "DynamoDB_20120810.DescribeTable"),
            ],
            body: br#"{"TableName":"t"}"#,
            signature: "4253a1bb6c32b47b953a9298f1980dceaf31d65107dc6fd92083bf5d062d5244",
        },
        Case {
            service: "kms",
            operation: "ListKeys",
            input: json!({}),
            seconds: 60,
            path: "/",
            headers: &[("content-type", "application/x-amz-json-1.1"), ("x-amz-target", "TrentService.ListKeys")],
            body: b"{}",
            signature: "02664c9f620c838fb3a9953df836923af498928a6b93462051e1c9ce454bcf0a",
        },
        Case {
            service: "lambda",
            operation: "Invoke",
            input: json!({"FunctionName": "f g", "InvocationType": "Event", "Payload": "{\"a\":1}"}),
            seconds: 900,
            path: "/2015-03-31/functions/f%20g/invocations",
            headers: &[("content-type", "application/octet-stream"), ("x-amz-invocation-type", "Event")],
            body: br#"{"a":1}"#,
            signature: "98e7defb738adbf284384be220d43e9913794ad4d1560eb257e922c75efd3e60",
        },
    ];
    for case in cases {
        let name = case.service;
        let request = presigned(session(&[]), name, case.operation, case.input, case.seconds).await.expect("a request");
        assert_eq!((request.method().as_str(), &request.body()[..]), ("POST", case.body), "{name}");
        assert_eq!(headers(&request), case.headers, "{name}");
        let mut signed: Vec<_> = headers(&request).into_iter().map(|it| it.0).chain(["host"]).collect();
        signed.sort_unstable();
        let expect = format!(
            "https://{name}.us-east-1.amazonaws.com{}?X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fus-east-1%2F{name}%2Faws4_request&X-Amz-Date=20260102T030405Z\
             &X-Amz-Expires={}&X-Amz-SignedHeaders={}&X-Amz-Security-Token=the-session-token&X-Amz-Signature={}",
            case.path,
            case.seconds,
            signed.join("%3B"),
            case.signature
        );
        assert_eq!(request.url(), expect);
        let debug = format!("{request:?}");
        assert!(!debug.contains("Signature") && !debug.contains("TableName"), "{debug}");
    }
}

#[tokio::test]
async fn a_presigned_call_lists_the_body_and_headers_to_send() {
    let check = async |name: &str, operation: &str, input: Value, body: &str, expect: &[(&str, &str)]| {
        let request = presigned(session(&[]), name, operation, input, 60).await.expect("a request");
        assert_eq!(String::from_utf8_lossy(request.body()), body, "{operation}");
        assert_eq!(headers(&request), expect, "{operation}");
    };
    check("s3", "GetObject", json!({"Bucket": "b", "Key": "k"}), "", &[]).await;
    check("sts", "GetCallerIdentity", json!({}), "", &[]).await;
    check("ec2", "DescribeRegions", json!({"AllRegions": true}), "", &[]).await;
    // The content of an object is chosen when the URL is used, so it has no checksum.
    check("s3", "PutObject", json!({"Bucket": "b", "Key": "k"}), "", &[]).await;
    // A checksum that the service requires of a document is included.
    let policy = json!({"Bucket": "b", "Policy": "{}"});
    let content_type = ("content-type", "text/plain");
    let headers = [content_type, ("x-amz-checksum-crc32", "o6a/Qw=="), ("x-amz-sdk-checksum-algorithm", "CRC32")];
    check("s3", "PutBucketPolicy", policy, "{}", &headers).await;
}

#[tokio::test]
async fn a_call_with_a_bearer_token_cannot_be_presigned() {
    let token = [("AWS_BEARER_TOKEN_BEDROCK", "tok")];
    let input = || json!({"modelId": "m", "body": "{}"});
    let error = presigned(session(&token), "bedrock-runtime", "InvokeModel", input(), 60).await.expect_err("a token");
    let why = "the call carries a bearer token instead of a signature, so it cannot be presigned";
    assert_eq!(error.to_string(), format!("InvokeModel: {why}"));
    presigned(session(&[]), "bedrock-runtime", "InvokeModel", input(), 60).await.expect("a request");
}

/// The header `authorization` of a call's request, or the error of the call.
async fn authorization(session: SessionBuilder, name: &str, operation: &str, input: Value) -> String {
    let service = service(name, operation);
    let plan = service.operations[operation].plan;
    let input = values::structure(&input, plan.input).expect("members of the input");
    // A bearer token may replace the signature.
    let client = ScriptedClient::new([Reply::ok("{}")]).unverified();
    let session = session.http_client(client.clone()).build().expect("a session");
    let response = DynamicClient::new(&session, service.facts).call(plan, input).await;
    match client.requests().pop() {
        Some(request) => request.header("authorization").to_owned(),
        None => response.expect_err("no request").to_string(),
    }
}

const SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/";

/// In botocore the variable affects only Bedrock, whose models are the only ones that list both schemes. Here the
/// models decide, too.
#[tokio::test]
async fn token_variables_replace_signatures_only_where_the_model_lists_both_schemes() {
    let check = async |variable: &str, name: &str, operation: &str, input: Value, expect: &str| {
        let found = authorization(session(&[(variable, "tok")]), name, operation, input).await;
        assert!(found.starts_with(expect), "{variable} {name}: {found}");
    };
    let model = || json!({"modelId": "m", "body": "{}"});
    check("AWS_BEARER_TOKEN_BEDROCK", "bedrock-runtime", "InvokeModel", model(), "Bearer tok").await;
    check("AWS_BEARER_TOKEN_BEDROCK_RUNTIME", "bedrock-runtime", "InvokeModel", model(), SIGNATURE).await;
    check("AWS_BEARER_TOKEN_STS", "sts", "GetCallerIdentity", json!({}), SIGNATURE).await;
    check("AWS_BEARER_TOKEN_DYNAMODB", "dynamodb", "ListTables", json!({}), SIGNATURE).await;
    check("AWS_BEARER_TOKEN_S3", "s3", "ListBuckets", json!({}), SIGNATURE).await;
}

#[tokio::test]
async fn only_a_scheme_preference_set_in_code_overrides_a_token_variable() {
    let check = async |variables: &[(&str, &str)], code: &[&str], expect: &str| {
        let session = match code {
            [] => session(variables),
            code => session(variables).auth_scheme_preference(code.iter().copied()),
        };
        let model = json!({"modelId": "m", "body": "{}"});
        let found = authorization(session, "bedrock-runtime", "InvokeModel", model).await;
        assert!(found.contains(expect), "{variables:?} {code:?}: {found}");
    };
    let token = ("AWS_BEARER_TOKEN_BEDROCK", "tok");
    let none = "no bearer token found; tried: env (AWS_BEARER_TOKEN_BEDROCK is not set)";
    check(&[token, ("AWS_AUTH_SCHEME_PREFERENCE", "sigv4")], &[], "Bearer tok").await;
    check(&[("AWS_AUTH_SCHEME_PREFERENCE", "httpBearerAuth,sigv4")], &[], none).await;
    check(&[token], &["sigv4"], SIGNATURE).await;
    check(&[token], &["httpBearerAuth"], "Bearer tok").await;
    check(&[], &["httpBearerAuth", "sigv4"], none).await;
    // A preferred scheme that the service does not support is skipped.
    let session = session(&[]).auth_scheme_preference(["httpBearerAuth"]);
    assert!(authorization(session, "sts", "GetCallerIdentity", json!({})).await.starts_with(SIGNATURE));
}

#[tokio::test]
async fn a_token_provider_in_code_wins_over_variables_and_replaces_signatures_where_the_model_lists_both() {
    let check = async |session: SessionBuilder, name: &str, operation: &str, input: Value, expect: &str| {
        let found = authorization(session, name, operation, input).await;
        assert!(found.starts_with(expect), "{name}: {found}");
    };
    let model = || json!({"modelId": "m", "body": "{}"});
    let with_token = |variables| session(variables).token_provider(Token::new("mine"));
    check(with_token(&[]), "bedrock-runtime", "InvokeModel", model(), "Bearer mine").await;
    check(with_token(&[("AWS_BEARER_TOKEN_BEDROCK", "tok")]), "bedrock-runtime", "InvokeModel", model(), "Bearer mine")
        .await;
    check(with_token(&[]).auth_scheme_preference(["sigv4"]), "bedrock-runtime", "InvokeModel", model(), SIGNATURE)
        .await;
    check(with_token(&[]), "sts", "GetCallerIdentity", json!({}), SIGNATURE).await;
    // Another provider is cached: it is asked once by the calls of a session.
    let asked = Arc::new(AtomicU32::new(0));
    let built = session(&[]).token_provider(Counting(Arc::clone(&asked)));
    let built = built.build().expect("a session");
    for _ in 0..3 {
        assert_eq!(
            built.token_provider("bedrock").expect("a provider").provide().await.expect("a token").as_str(),
            "1"
        );
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

/// A provider whose token is how often it was asked.
#[derive(Debug)]
struct Counting(Arc<AtomicU32>);

impl ProvideToken for Counting {
    fn provide(&self) -> BoxFuture<'_, aws_core::Result<Token>> {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        Box::pin(std::future::ready(Ok(Token::new(count.to_string()))))
    }
}
