//! What an error keeps of the responses and attempts before it: status, headers, body, request id, operation, the number of
//! requests, and why there was no further one.

use std::error::Error as _;

use aws_core::config::RetryMode;
use aws_core::testing::{RecordedSleep, Reply};
use aws_core::{BoxFuture, ByteStream, Credentials, Error, ErrorKind, Result, credentials::ProvideCredentials};
use tests::doubles::ScriptedClient;

use super::{ScriptedS3, error_reply, session};

const PAGE: &str = "<html><head><title>Log in</title></head><body>Welcome to the hotel's network.</body></html>";

#[tokio::test]
async fn a_response_that_cannot_be_parsed_is_kept_by_the_error_and_described_by_its_message() {
    let reply = |body: &str| {
        Reply::ok(body.to_owned())
            .header("content-type", "text/html")
            .header("x-amz-request-id", "REQ1")
            .header("x-amz-id-2", "HOST1")
    };
    let cut = "<ListBucketResult><Contents><Key>a";
    let wrong = "<ListBucketResult><Contents><Size>five</Size></Contents></ListBucketResult>";
    for body in ["no XML at all", cut, wrong] {
        let scripted = ScriptedS3::with_session([reply(body)], |it| it.max_attempts(1));
        let error = scripted.s3.list_objects_v2("b").send().await.expect_err(body);
        assert_eq!((error.kind(), error.status(), error.code()), (ErrorKind::Parse, Some(200), None), "{body}");
        assert_eq!((error.request_id(), error.extended_request_id()), (Some("REQ1"), Some("HOST1")), "{body}");
        let response = error.response().expect("the response");
        assert_eq!(response.body, body, "{body}");
        assert_eq!(response.headers["content-type"], "text/html", "{body}");
        let text = error.to_string();
        assert!(text.starts_with("ListObjectsV2: "), "{text}");
        assert!(text.ends_with(" (status 200, content type text/html, request id REQ1)"), "{text}");
        assert!(!format!("{error:?} {response:?}").contains(body), "the body may hold secrets: {error:?}");
    }
    // JSON: a proxy's page, a document that was cut off, a member of the wrong type.
    for (body, says) in [
        (PAGE, "malformed JSON: expected value at line 1 column 1"),
        ("{\"TableNames\":[\"a\"", "malformed JSON: EOF"),
        ("{\"TableNames\":[\"a\",{}]}", "TableNames[1]: expected a string, found an object at line 1 column 21"),
    ] {
        let http = ScriptedClient::new([Reply::ok(body)
            .header("content-type", "text/html")
            .header("x-amzn-requestid", "REQ2")]);
        let session = session(&RecordedSleep::new()).http_client(http).build().expect("a session");
        let error = aws_dynamodb::Client::new(&session).list_tables().send().await.expect_err(body);
        assert_eq!(
            (error.kind(), error.status(), error.request_id()),
            (ErrorKind::Parse, Some(200), Some("REQ2")),
            "{body}"
        );
        let text = error.to_string();
        assert!(
            text.contains(says) && text.contains("(status 200, content type text/html, request id REQ2)"),
            "{text}"
        );
        assert_eq!(error.response().map(|it| &it.body[..]), Some(body.as_bytes()));
    }
}

#[tokio::test]
async fn a_response_that_breaks_off_or_has_a_wrong_checksum_is_kept_too() {
    let replies = [Reply::ok("0123456789").header("x-amz-request-id", "REQ1").truncated(4)];
    let scripted = ScriptedS3::with_session(replies, |it| it.max_attempts(1));
    let error = scripted.s3.list_objects_v2("b").send().await.expect_err("ends early");
    assert_eq!((error.kind(), error.status(), error.request_id()), (ErrorKind::Io, Some(200), Some("REQ1")));
    assert_eq!(error.response().map(|it| &it.body[..]), Some(&b"0123"[..]));

    let replies = [Reply::new(500).body("broken").header("x-amz-crc32", "1")];
    let scripted = ScriptedS3::with_session(replies, |it| it.max_attempts(1));
    let error = scripted.s3.list_objects_v2("b").send().await.expect_err("another checksum");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Checksum, Some(500)));
}

#[tokio::test]
async fn an_error_of_a_streamed_body_names_the_operation_and_the_response() {
    let reply = |body: Reply| body.header("x-amz-request-id", "REQ1");
    for (broken, kind) in [
        (Reply::ok("0123456789").truncated(4), ErrorKind::Io),
        (Reply::ok("0123456789").stalled(4), ErrorKind::Timeout),
        (Reply::ok("0123456789").header("x-amz-checksum-crc32", "AAAAAA=="), ErrorKind::Checksum),
    ] {
        let scripted = ScriptedS3::new([error_reply(503, "SlowDown"), reply(broken)]);
        let body = scripted.s3.get_object("b", "a key").send().await.expect("a head").body;
        let error = body.collect().await.expect_err("broken");
        assert_eq!((error.kind(), error.operation(), error.attempts()), (kind, Some("GetObject"), 2), "{error}");
        assert_eq!((error.status(), error.request_id()), (Some(200), Some("REQ1")), "{error}");
        let text = error.to_string();
        assert!(
            text.starts_with("GetObject: ")
                && text
                    .ends_with("(s3.us-east-1.amazonaws.com/b/a%20key, status 200, request id REQ1, after 2 attempts)"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn max_retries_are_named_exactly_where_botocore_names_them() {
    async fn check(mode: RetryMode, attempts: u32, statuses: &[u16], retries: Option<u32>, reached: bool) {
        let replies = statuses.iter().map(|it| error_reply(*it, "Code"));
        let scripted = ScriptedS3::with_session(replies, |it| it.retry_mode(mode).max_attempts(attempts));
        let error = scripted.s3.list_objects_v2("b").send().await.expect_err("a failure");
        let case = format!("{mode:?} {attempts} {statuses:?}: {error}");
        let says = retries.map(|it| format!(" (reached max retries: {it}): what happened"));
        assert_eq!(error.to_string().contains("reached max retries"), says.is_some(), "{case}");
        assert!(error.to_string().contains(&says.unwrap_or_default()), "{case}");
        assert_eq!((error.max_attempts_reached(), error.retry_quota_reached()), (reached, false), "{case}");
        assert_eq!(error.attempts() as usize, statuses.len(), "{case}");
    }
    // As botocore 1.44 reports them, except for its "(reached max retries: 0)" where only one attempt is allowed.
    for mode in [RetryMode::Standard, RetryMode::Adaptive, RetryMode::Legacy] {
        check(mode, 3, &[404], None, false).await;
        check(mode, 3, &[503, 404], None, false).await;
        check(mode, 3, &[503, 503, 503], Some(2), true).await;
        check(mode, 1, &[503], None, true).await;
    }
    check(RetryMode::Standard, 3, &[503, 503, 404], Some(2), true).await;
    check(RetryMode::Legacy, 3, &[503, 503, 404], None, false).await;
    check(RetryMode::Standard, 1, &[404], None, true).await;
    check(RetryMode::Legacy, 1, &[404], None, false).await;
}

#[tokio::test]
async fn an_error_says_why_it_was_not_retried() {
    let scripted = ScriptedS3::new((0..60).map(|_| error_reply(500, "InternalError")));
    let mut errors = Vec::new();
    for _ in 0..20 {
        errors.push(scripted.s3.head_bucket("b").send().await.expect_err("a failure"));
    }
    let spent = errors.last().expect("an error");
    assert!(spent.retry_quota_reached() && !spent.max_attempts_reached() && !errors[0].retry_quota_reached());
    let text = "An error occurred (InternalError) when calling the HeadBucket operation (not retried: the retry quota is \
                exhausted): what happened (status 500, request id REQ1)";
    assert_eq!(spent.to_string(), text);
    scripted.http.push(Reply::close());
    while scripted.http.remaining() > 1 {
        let _ = scripted.s3.head_bucket("b").send().await;
    }
    let error = scripted.s3.head_bucket("b").send().await.expect_err("closed");
    assert!(error.to_string().ends_with(" (not retried: the retry quota is exhausted)"), "{error}");

    let scripted = ScriptedS3::new([error_reply(503, "SlowDown")]);
    let body = ByteStream::from_reader(&b"once"[..]).with_len(4);
    let error = scripted.s3.put_object("b", "k").body(body).send().await.expect_err("no second reading");
    let says = "PutObject operation (not retried: the request body can be read only once): what happened";
    assert!(error.to_string().contains(says), "{error}");
}

#[tokio::test]
async fn attempts_are_the_requests_that_were_sent() {
    let skewed = || error_reply(403, "RequestTimeTooSkewed").header("date", "Fri, 02 Jan 2026 04:04:05 GMT");
    let moved = || error_reply(301, "PermanentRedirect").header("x-amz-bucket-region", "eu-west-1");
    for (replies, sent) in [
        (vec![], 1),
        (vec![skewed()], 2),
        (vec![moved()], 2),
        (vec![moved(), skewed(), error_reply(503, "SlowDown")], 4),
    ] {
        let scripted = ScriptedS3::new(replies.iter().cloned().chain([Reply::ok("x")]));
        let (_, metadata) = scripted.s3.get_object("abc", "k").send_with_metadata().await.expect("an object");
        assert_eq!(metadata.attempts, sent, "{replies:?}");
        let scripted = ScriptedS3::new(replies.iter().cloned().chain([error_reply(404, "NoSuchKey")]));
        let error = scripted.s3.get_object("abc", "k").send().await.expect_err("no object");
        assert_eq!((error.attempts(), scripted.http.requests().len() as u32), (sent, sent), "{replies:?}");
    }
    // Nothing was sent: the input is not valid, there is nothing to sign with.
    let scripted = ScriptedS3::with_session([], |it| it.credentials(Failing));
    for error in [
        scripted.s3.get_object("", "k").send().await.expect_err("no bucket"),
        scripted.s3.get_object("abc", "k").send().await.expect_err("no credentials"),
    ] {
        assert_eq!((error.attempts(), scripted.http.requests().len()), (0, 0), "{error}");
    }
}

#[derive(Debug)]
struct Failing;

impl ProvideCredentials for Failing {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(async { Err(Error::new(ErrorKind::Credentials, "no credentials today")) })
    }
}

#[tokio::test]
async fn an_exception_of_another_service_is_not_recognized() {
    let reply = |code: &str| {
        let body = format!("<ErrorResponse><Error><Code>{code}</Code><Message>m</Message></Error></ErrorResponse>");
        ScriptedClient::new([Reply::new(400).body(body)])
    };
    let http = reply("InvalidObjectState");
    let sts = aws_sts::Client::new(&session(&RecordedSleep::new()).http_client(http).build().expect("a session"));
    let error = sts.get_caller_identity().send().await.expect_err("an exception");
    assert_eq!(error.code(), Some("InvalidObjectState"));
    assert!(
        !error.is::<aws_s3::error::InvalidObjectState>() && error.get::<aws_s3::error::InvalidObjectState>().is_none()
    );
    let http = reply("ExpiredTokenException");
    let sts = aws_sts::Client::new(&session(&RecordedSleep::new()).http_client(http).build().expect("a session"));
    let error = sts.get_caller_identity().send().await.expect_err("an exception");
    assert!(
        error.is::<aws_sts::error::ExpiredTokenException>()
            && error.get::<aws_sts::error::ExpiredTokenException>().is_some()
    );
}

#[tokio::test]
async fn no_source_of_an_error_repeats_what_its_message_says() {
    let s3 = |reply| ScriptedS3::with_session([reply], |it| it.max_attempts(1)).s3;
    let closed = s3(Reply::close()).list_objects_v2("b").send().await.expect_err("closed");
    let options = |it: aws_core::Options| s3(Reply::ok("")).get_object("abc", "k").with_options(it);
    let errors = [
        options(aws_core::Options::new().endpoint_url("localhost")).send().await.expect_err("no URL"),
        options(aws_core::Options::new().header("a b", "c")).send().await.expect_err("no header"),
        s3(Reply::ok("<a>")).list_objects_v2("b").send().await.expect_err("malformed"),
        ByteStream::from_path("/missing.txt").await.expect_err("no file"),
        session(&RecordedSleep::new())
            .ca_bundle("/missing.pem")
            .build()
            .and_then(|it| it.http().map(drop))
            .expect_err("no bundle"),
        Error::new(ErrorKind::Io, "it failed: gone").with_source(std::io::Error::other("gone")),
        Error::new(ErrorKind::Io, "it failed").with_source(std::io::Error::other("gone")),
    ];
    // The causes of the HTTP library come between the message and the last cause, which it contains.
    let unreachable = session(&RecordedSleep::new()).endpoint_url("http://127.0.0.1:1").max_attempts(1);
    let s3 = aws_s3::Client::new(&unreachable.build().expect("a session"));
    let refused = s3.list_objects_v2("b").send().await.expect_err("no server");
    assert_eq!(refused.kind(), ErrorKind::Connect);
    for error in errors.iter().chain([&closed, &refused]) {
        let mut source = error.source();
        while let Some(it) = source {
            assert!(!error.to_string().contains(&it.to_string()), "{error} and its source {it}");
            source = it.source();
        }
    }
    // The cause is there to be downcast, and is a source where the message leaves it out.
    let [.., contained, left_out] = &errors;
    for error in [contained, left_out] {
        assert!(error.cause().is_some_and(|it| it.is::<std::io::Error>()), "{error}");
    }
    assert!(contained.source().is_none() && left_out.source().is_some());
    assert!(closed.cause().is_some_and(|it| it.is::<aws_core::http::HttpError>()), "{closed}");
}
