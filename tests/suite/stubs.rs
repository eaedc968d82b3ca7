//! Stubs over every kind of call: rules and their order, what a failure says, and that responses take the wire.

mod cases;
mod shapes;
mod transfers;

use std::time::Duration;

use aws_core::config::Environment;
use aws_core::http::HttpErrorKind;
use aws_core::signing::{SendRequest, SendRequestInput, SendRequestOutput};
use aws_core::testing::{Reply, ServiceError, Stub, credentials};
use aws_core::{ByteStream, Error, ErrorKind, Session, make};
use aws_s3::error::NoSuchKey;
use aws_s3::operation::{
    GetObject, GetObjectInput, GetObjectOutput, HeadBucket, ListBuckets, PutObject, PutObjectOutput,
};
use tests::doubles::{ScriptedClient, verify_signature};

fn body(text: &'static str) -> GetObjectOutput {
    make!(GetObjectOutput { body: ByteStream::from_static(text.as_bytes()) })
}

/// The body of `bucket/key` in the stub's session, or the error.
async fn read(stub: &Stub, key: &str) -> aws_core::Result<String> {
    let s3 = aws_s3::Client::new(&stub.session());
    let body = s3.get_object("bucket", key).send().await?.body.collect().await?;
    Ok(String::from_utf8(body.into_bytes().to_vec()).expect("a string"))
}

#[tokio::test]
async fn the_last_response_repeats_and_others_do_not() {
    let stub = Stub::new();
    let rule = stub.on::<GetObject>().reply(body("one")).reply(body("two"));
    for expect in ["one", "two", "two", "two"] {
        assert_eq!(read(&stub, "k").await.expect("a body"), expect);
    }
    assert_eq!((rule.calls(), stub.calls::<GetObject>(), stub.calls::<PutObject>()), (4, 4, 0));
    stub.verify();
}

#[tokio::test]
async fn the_first_rule_that_matches_and_is_not_used_up_responds() {
    let stub = Stub::new();
    stub.on::<GetObject>().when(|it| it.key.as_deref() == Some("a")).reply(body("once")).times(1);
    stub.on::<GetObject>().matching(make!(GetObjectInput { key: "a" })).reply(body("then"));
    stub.on::<GetObject>().error(NoSuchKey::default());
    assert!(read(&stub, "b").await.expect_err("the last rule").is::<NoSuchKey>());
    assert_eq!(read(&stub, "a").await.expect("a body"), "once");
    assert_eq!(read(&stub, "a").await.expect("a body"), "then");
    stub.verify();
}

#[tokio::test]
async fn failures_are_retried_without_a_pause_and_without_jitter() {
    let run = || async {
        let stub = Stub::new();
        stub.on::<GetObject>().http(503).times(1).fail(HttpErrorKind::Io).reply(body("good"));
        assert_eq!(read(&stub, "k").await.expect("the third attempt"), "good");
        let numbers: Vec<_> = stub.requests().iter().map(|it| it.header("amz-sdk-request").to_owned()).collect();
        assert_eq!(numbers, ["attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3"]);
        stub.verify();
        (stub.waits(), stub.clock().now(), stub.requests()[2].header("authorization").to_owned())
    };
    let (waits, now, signature) = run().await;
    assert_eq!(waits.len(), 2);
    assert!(waits.iter().all(|it| *it < Duration::from_secs(1)) && waits.iter().any(|it| !it.is_zero()), "{waits:?}");
    assert_eq!(run().await, (waits, now, signature), "two runs are the same");
}

#[tokio::test]
async fn a_call_without_a_rule_names_the_input_and_the_nearest_rule() {
    async fn check(rules: fn(&Stub), expect: &[&str]) {
        let stub = Stub::new();
        rules(&stub);
        let error = read(&stub, "k").await.expect_err("no rule");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Hook, 1), "{error}");
        let text = error.to_string();
        assert!(text.contains("GetObjectInput { Bucket: \"bucket\", Key: \"k\" }"), "{text}");
        for part in expect {
            assert!(text.contains(part), "no {part:?} in {text}");
        }
        assert!(stub.problems().iter().any(|it| text.contains(it)), "{:?}", stub.problems());
    }
    check(|_| {}, &["no rule of the stub responds to GetObject", "it has no rules"]).await;
    check(|it| drop(it.on::<PutObject>().reply(PutObjectOutput::default())), &["it has rules for PutObject only"])
        .await;
    check(|it| drop(it.on::<GetObject>()), &["it has no response"]).await;
    check(|it| drop(it.on::<GetObject>().reply(body("")).times(0)), &["it is used up after 0 responses"]).await;
    // The nearest is the one of which more conditions hold.
    check(
        |it| {
            drop(it.on::<GetObject>().when(|_| false).when(|_| false).reply(body("")));
            drop(it.on::<GetObject>().when(|_| true).when(|_| false).reply(body("")));
        },
        &["tests/suite/stubs.rs:", "its condition 2 is not met"],
    )
    .await;
    check(
        |it| drop(it.on::<GetObject>().matching(make!(GetObjectInput { key: "other" })).reply(body(""))),
        &["Key is \"k\", expected \"other\""],
    )
    .await;
    check(
        |it| drop(it.on::<GetObject>().matching(make!(GetObjectInput { range: "bytes=0-1" })).reply(body(""))),
        &["Range is absent"],
    )
    .await;
    // A secret is not shown.
    check(
        |it| drop(it.on::<GetObject>().matching(make!(GetObjectInput { sse_customer_key: "hush" })).reply(body(""))),
        &["SSECustomerKey is absent"],
    )
    .await;
}

#[tokio::test]
async fn verify_reports_what_was_not_used_and_what_had_no_rule() {
    let stub = Stub::new();
    stub.on::<GetObject>().reply(body("x")).times(3);
    stub.on::<PutObject>().reply(PutObjectOutput::default()).optional();
    stub.on::<ListBuckets>().http(200);
    stub.on::<HeadBucket>();
    read(&stub, "k").await.expect("a body");
    let problems = stub.problems();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems[0].contains("the rule for GetObject") && problems[0].ends_with("responded 1 times, expected 3"));
    assert!(problems[1].contains("ListBuckets") && problems[1].ends_with("responded 0 times, expected 1"));
    assert!(problems[2].contains("HeadBucket") && problems[2].ends_with("has no response"), "{problems:?}");
    let panicked = std::panic::catch_unwind(|| stub.verify()).expect_err("not satisfied");
    assert!(panicked.downcast_ref::<String>().is_some_and(|it| it.contains(&problems[0])));
}

#[tokio::test]
async fn the_order_of_rules_is_checked_on_demand() {
    let stub = Stub::new().in_order();
    let s3 = aws_s3::Client::new(&stub.session());
    stub.on::<PutObject>().reply(PutObjectOutput::default()).times(1);
    stub.on::<GetObject>().reply(body("x"));
    let error = read(&stub, "k").await.expect_err("too early");
    assert!(error.to_string().contains("it is not its turn: the rule for PutObject at"), "{error}");
    s3.put_object("bucket", "k").send().await.expect("the first");
    assert_eq!(read(&stub, "k").await.expect("the second"), "x");
    s3.put_object("bucket", "k").send().await.expect_err("used up");
}

#[tokio::test]
async fn an_output_that_cannot_be_written_is_an_error_of_its_rule() {
    async fn check(output: GetObjectOutput, expect: &str) {
        let stub = Stub::new();
        stub.on::<GetObject>().reply(output);
        let text = read(&stub, "k").await.expect_err("not writable").to_string();
        assert!(text.contains("the rule for GetObject at") && text.contains(expect), "{text}");
    }
    check(make!(GetObjectOutput { content_language: "a\nb" }), "ContentLanguage").await;
    let stream = ByteStream::from_reader(&b"abc"[..]);
    let stub = Stub::new();
    stub.on::<GetObject>().reply(make!(GetObjectOutput { body: stream }));
    assert_eq!(read(&stub, "k").await.expect("once"), "abc");
    let text = read(&stub, "k").await.expect_err("used up").to_string();
    assert!(text.contains("can be read only once"), "{text}");
}

#[tokio::test]
async fn requests_are_real_validated_signed_and_recorded() {
    let stub = Stub::new();
    stub.on::<PutObject>().reply(make!(PutObjectOutput { e_tag: "\"e\"" }));
    let s3 = aws_s3::Client::new(&stub.session());
    let put =
        s3.put_object("bucket", "a key").body("content").metadata([("owner", "me")]).send().await.expect("stored");
    assert_eq!(put.e_tag.as_deref(), Some("\"e\""));
    let requests = stub.requests();
    assert_eq!((requests.len(), requests[0].method.as_str(), requests[0].target.as_str()), (1, "PUT", "/a%20key"));
    assert_eq!(requests[0].header("x-amz-meta-owner"), "me");
    verify_signature(&requests[0], &[credentials()]).expect("a valid signature");
    let error = s3.put_object("", "k").send().await.expect_err("an invalid bucket");
    assert_eq!((error.kind(), stub.requests().len()), (ErrorKind::Validation, 1));
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_an_error_of_the_call_as_over_a_connection() {
    let stub = Stub::new();
    let rule = stub.on::<PutObject>().reply(PutObjectOutput::default());
    let scripted = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(credentials())
        .http_client(ScriptedClient::new([]));
    for session in [stub.builder(), scripted] {
        let session = session.max_attempts(1).build().expect("settings");
        let broken = ByteStream::from_static(b"x").inspect(|_| Err(Error::new(ErrorKind::Io, "the disk is gone")));
        let error = aws_s3::Client::new(&session).put_object("b", "k").body(broken).send().await.expect_err("broken");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Body, 1), "{error}");
        assert!(error.to_string().contains("the disk is gone"), "{error}");
    }
    assert_eq!(rule.calls(), 0);
}

#[tokio::test]
async fn a_response_can_be_computed_from_the_input_or_be_raw() {
    let stub = Stub::new();
    stub.on::<GetObject>().when(|it| it.key.as_deref() == Some("raw")).http(Reply::ok("raw").header("etag", "\"r\""));
    stub.on::<GetObject>().reply_with(|input| {
        make!(GetObjectOutput { body: ByteStream::from(input.key.clone().unwrap_or_default().repeat(2)) })
    });
    assert_eq!(read(&stub, "raw").await.expect("a body"), "raw");
    assert_eq!(read(&stub, "ab").await.expect("a body"), "abab");
    stub.verify();
}

#[tokio::test]
async fn errors_have_code_message_status_and_members_of_their_service() {
    let stub = Stub::new();
    stub.on::<GetObject>().when(|it| it.key.as_deref() == Some("a")).error(NoSuchKey::default());
    stub.on::<GetObject>()
        .error(ServiceError::new("AccessDenied").status(403).message("no <entry> & no exit").request_id("R7"));
    let error = read(&stub, "a").await.expect_err("the exception");
    assert_eq!((error.is::<NoSuchKey>(), error.status()), (true, Some(404)));
    let error = read(&stub, "b").await.expect_err("the error");
    assert_eq!((error.code(), error.status(), error.request_id()), (Some("AccessDenied"), Some(403), Some("R7")));
    assert_eq!(error.message(), "no <entry> & no exit");
}

#[tokio::test]
async fn a_call_beside_the_rules_reaches_no_network() {
    let stub = Stub::new();
    let http = stub.session().http().expect("a client");
    let url = aws_core::http::Url::parse("https://example.com/").expect("a URL");
    let error = http.send(aws_core::http::Request::new(aws_core::http::Method::GET, url)).await.expect_err("none");
    assert!(error.to_string().contains("no network"), "{error}");
}

#[tokio::test]
async fn a_request_to_a_service_without_a_client_gets_a_response() {
    let stub = Stub::new();
    let of_orders = make!(SendRequestInput { method: "POST", url: "https://api.example/orders" });
    let created = Reply::new(201).header("location", "/orders/7");
    let orders = stub.on::<SendRequest>().matching(of_orders).http(503).times(1).http(created);
    stub.on::<SendRequest>().when(|it| it.body.is_none()).http(400).optional();
    stub.on::<SendRequest>().reply(make!(SendRequestOutput { body: "none" }));
    let signer = stub.session().signer("execute-api");
    let send = async |method: &str, uri: &str| {
        let request = http::Request::builder().method(method).uri(uri).body("{}").expect("a request");
        signer.send(request).await.expect("a response")
    };
    let response = send("POST", "https://api.example/orders").await;
    assert_eq!((response.status().as_u16(), response.headers()["location"].as_bytes()), (201, &b"/orders/7"[..]));
    let response = send("GET", "https://api.example/").await;
    assert_eq!(response.into_body().collect().await.expect("a body").into_bytes(), "none");
    assert_eq!((orders.calls(), stub.calls::<SendRequest>()), (2, 3));
    verify_signature(&stub.requests()[1], &[credentials()]).expect("signed");
    stub.verify();
}

#[tokio::test]
async fn a_stub_of_a_call_responds_beside_that_of_the_session() {
    let (of_session, of_call) = (Stub::new(), Stub::new());
    for stub in [&of_session, &of_call] {
        stub.on::<GetObject>().when(|_| false).reply(body("no"));
    }
    of_session.on::<GetObject>().reply(body("session"));
    of_call.on::<PutObject>().reply(PutObjectOutput::default()).optional();
    of_call.on::<GetObject>().reply(body("call"));
    let options = aws_core::Options::new().hook(of_call.clone());
    let get = aws_s3::Client::new(&of_session.session()).get_object("b", "k").with_options(options);
    let read = get.send().await.expect("a response").body.collect().await.expect("a body");
    assert_eq!(
        (read.into_bytes(), of_session.calls::<GetObject>(), of_call.calls::<GetObject>()),
        ("call".into(), 1, 1)
    );
}
