//! What calls report to `tracing`: the fields of a call's span, an event for each attempt, and no secret at any level.

use std::time::Duration;

use aws_core::config::Environment;
use aws_core::credentials::{Credentials, Token};
use aws_core::hooks;
use aws_core::http::{Response, StatusCode};
use aws_core::testing::{RecordedSleep, Reply, Stub};
use aws_core::{Options, Session, make};
use aws_s3::operation::{GetObject, HeadBucket, HeadBucketOutput, PutObject, PutObjectOutput};
use aws_sts::operation::{AssumeRole, AssumeRoleOutput, GetCallerIdentity};
use aws_talk::error::BadWordsException;
use aws_talk::operation::Talk;
use tests::logs::Log;
use tracing::Level;

fn check(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
}

#[tokio::test]
async fn a_call_is_a_span_with_its_facts_and_an_attempt_an_event() {
    let log = Log::new(Level::DEBUG);
    let _guard = tracing::subscriber::set_default(log.clone());
    // Twice: a place that reports for the first time, while a subscriber begins to listen in another thread, may remember
    // that there is none.
    for _ in 0..2 {
        tracing::callsite::rebuild_interest_cache();
        log.clear();
        let stub = Stub::new();
        stub.on::<HeadBucket>().http(503).times(1).http(Reply::ok("").header("x-amz-request-id", "R1"));
        stub.on::<GetObject>().http(404);
        let s3 = aws_s3::Client::new(&stub.session());
        s3.head_bucket("b").send().await.expect("a response");
        s3.get_object("b", "k").send().await.expect_err("none");
        s3.get_object("", "k").send().await.expect_err("invalid");
        let unset = stub.builder().environment(Environment::from_iter([("AWS_MAX_ATTEMPTS", "many")])).build_lazy();
        aws_s3::Client::new(&unset).head_bucket("b").send().await.expect_err("an invalid setting");
    }
    let text = log.text();
    check(
        &text,
        &[
            "span 1 call otel.name=S3.HeadBucket otel.kind=\"client\" rpc.system=\"aws-api\" aws.service=\"S3\" \
             aws.operation=\"HeadBucket\"",
            "record 1 cloud.region=\"us-east-1\"",
            "DEBUG message=attempt failed: Service Unavailable attempt=1 http.response.status_code=503 error.type=\"ServiceUnavailable\"",
            "DEBUG message=attempt succeeded attempt=2 http.response.status_code=200 duration_ms=",
            "record 1 aws.retry_delay_ms=",
            "record 1 http.response.status_code=200",
            "record 1 aws.request_id=\"R1\"",
            "record 1 aws.attempts=2",
            "record 1 duration_ms=",
            "span 2 call otel.name=S3.GetObject",
            "record 2 error.type=\"NotFound\"",
            "record 3 error.type=\"Validation\"",
            "record 3 aws.attempts=0",
            "span 4 call otel.name=S3.HeadBucket",
            "record 4 error.type=\"Config\"",
        ],
    );
    assert_eq!(text.matches("aws.retry_delay_ms=").count(), 1, "of the one call with a retry: {text}");
    assert!(!text.contains("aws.not_retried="), "{text}");

    log.clear();
    let stub = Stub::new();
    stub.on::<HeadBucket>().http(503);
    aws_s3::Client::new(&stub.session()).head_bucket("b").send().await.expect_err("a failure");
    let text = log.text();
    assert!(text.contains("aws.not_retried=\"max_attempts\"") && text.contains("aws.retry_delay_ms="), "{text}");
    assert!(!text.contains("TRACE"), "{text}");
}

#[tokio::test]
async fn at_the_level_trace_inputs_headers_and_outputs_are_shown() {
    let log = Log::new(Level::TRACE);
    let _guard = tracing::subscriber::set_default(log.clone());
    let stub = Stub::new();
    stub.on::<PutObject>().reply(make!(PutObjectOutput { e_tag: "\"e\"" }));
    let s3 = aws_s3::Client::new(&stub.session());
    s3.put_object("b", "k").content_type("text/plain").body("content").send().await.expect("stored");
    check(
        &log.text(),
        &[
            "TRACE message=input input=PutObjectInput { Body: ",
            "TRACE message=request method=PUT url=https://s3.us-east-1.amazonaws.com/b/k",
            "\"content-type\": \"text/plain\"",
            "\"authorization\": \"***\"",
            "TRACE message=response status=200",
            "TRACE message=output output=PutObjectOutput { ETag: \"\\\"e\\\"\"",
        ],
    );
}

#[tokio::test]
async fn what_a_hook_logs_at_the_end_of_a_call_is_in_the_span_of_the_call() {
    let log = Log::new(Level::TRACE);
    let _guard = tracing::subscriber::set_default(log.clone());
    let stub = Stub::new();
    stub.on::<HeadBucket>().reply(HeadBucketOutput::default()).times(1).http(404);
    let end = hooks::after_call(|_, outcome| tracing::info!(status = outcome.status(), "the end"));
    let s3 = aws_s3::Client::new(&stub.builder().hook(end).build().expect("settings"));
    s3.head_bucket("b").send().await.expect("a response");
    s3.head_bucket("b").send().await.expect_err("none");
    s3.head_bucket("").send().await.expect_err("invalid");
    let text = log.text();
    check(&text, &["the end status=200 in [1]", "the end status=404 in [2]", "the end in [3]"]);
    check(&text, &["message=output output=HeadBucketOutput in [1]"]);
}

#[tokio::test]
async fn a_request_to_a_service_without_a_model_is_a_span_too() {
    let log = Log::new(Level::TRACE);
    let _guard = tracing::subscriber::set_default(log.clone());
    let respond = hooks::before_send(|call, _| {
        let status = if call.attempt() == 1 { 503 } else { 200 };
        call.respond(Response::new(StatusCode::from_u16(status).expect("a status"), Default::default(), ""));
    });
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(aws_core::testing::credentials())
        .sleep(RecordedSleep::new().sleep())
        .hook(respond);
    let session = session.build().expect("settings");
    let request = http::Request::post("https://h.example/a?X-Amz-Security-Token=hush").body("hush").expect("a request");
    let response = session.signer("execute-api").send(request).await;
    let text = log.text();
    assert_eq!(response.expect("a response").status(), 200, "{text}");
    check(
        &text,
        &[
            "span 1 call otel.name=execute-api.SendRequest",
            "record 1 cloud.region=\"us-east-1\"",
            "attempt=1 http.response.status_code=503",
            "attempt=2 http.response.status_code=200",
            "record 1 http.response.status_code=200",
        ],
    );
    assert!(!text.contains("hush"), "{text}");
}

#[tokio::test]
async fn nothing_is_formatted_for_a_level_that_is_not_listened_to() {
    let log = Log::new(Level::ERROR);
    let _guard = tracing::subscriber::set_default(log.clone());
    let stub = Stub::new();
    stub.on::<HeadBucket>().reply(HeadBucketOutput::default());
    aws_s3::Client::new(&stub.session()).head_bucket("b").send().await.expect("a response");
    assert_eq!((log.formatted(), log.text()), (0, String::new()));
}

#[tokio::test]
async fn no_level_shows_a_secret() {
    let log = Log::new(Level::TRACE);
    let _guard = tracing::subscriber::set_default(log.clone());
    let stub = Stub::new();
    stub.on::<PutObject>().reply(PutObjectOutput::default());
    stub.on::<GetCallerIdentity>().http(Reply::new(403).body("<ErrorResponse><Error/></ErrorResponse>"));
    stub.on::<AssumeRole>().reply(make!(AssumeRoleOutput {
        credentials: aws_sts::types::Credentials {
            access_key_id: "ASIASHOWN",
            secret_access_key: "hush-output",
            session_token: "hush-output-token"
        }
    }));
    let keys = Credentials::new("AKIDSHOWN", "hush-secret").with_session_token("hush-token");
    let session = stub.builder().credentials(keys).token_provider(Token::new("hush-bearer"));
    let session = session.build().expect("settings");
    calls(&session).await;
    stub.on::<Talk>().error(make!(BadWordsException { message: "hush: no", reason: "rude" }));
    let events = aws_core::EventInput::<aws_talk::types::TalkInput>::from_iter([]);
    let refused = aws_talk::Client::new(&session).talk("r", events).send().await.expect_err("refused");
    assert_eq!(refused.message(), "hush: no", "the program has it");
    let text = log.text();
    assert!(text.contains("TRACE") && text.contains("SecretAccessKey: ***"), "{text}");
    assert!(text.contains("attempt failed: ***"), "{text}");
    for line in text.lines() {
        // In base64, as the header has the key of the customer.
        assert!(!line.contains("hush") && !line.contains("aHVzaC"), "a secret in: {line}");
        assert!(!line.contains("Signature="), "a signature in: {line}");
    }
}

/// Calls that have secrets in their credentials, options, input, output and URL.
async fn calls(session: &Session) {
    let (s3, sts) = (aws_s3::Client::new(session), aws_sts::Client::new(session));
    let put =
        s3.put_object("b", "k").sse_customer_algorithm("AES256").sse_customer_key("hush-hush-hush-hush-hush-hush-hu");
    put.send().await.expect("stored");
    let options = Options::new().header("x-api-key", "hush-header").header("cookie", "hush-cookie");
    sts.get_caller_identity().with_options(options).send().await.expect_err("refused");
    sts.assume_role("arn:aws:iam::123456789012:role/r", "session").send().await.expect("credentials");
    s3.get_object("b", "k").presign(Duration::from_secs(60)).await.expect("a URL");
}
