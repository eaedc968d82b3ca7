//! Waiters over scripted responses: what ends a waiter, its delays, and its outcome.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_core::config::Environment;
use aws_core::http::{HttpClient, HttpError, Request, Response};
use aws_core::testing::{RecordedSleep, Reply};
use aws_core::{BoxFuture, Credentials, ErrorKind, Options, Session};
use aws_s3::Client;
use tests::doubles::ScriptedClient;

fn client(statuses: &[u16]) -> (Client, ScriptedClient, RecordedSleep) {
    let (session, http, sleep) = session(statuses.iter().map(|&it| Reply::new(it)));
    (Client::new(&session), http, sleep)
}

fn session(replies: impl IntoIterator<Item = Reply>) -> (Session, ScriptedClient, RecordedSleep) {
    let (http, sleep) = (ScriptedClient::new(replies), RecordedSleep::new());
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .max_attempts(1)
        .http_client(http.clone())
        .sleep(sleep.sleep())
        .build()
        .expect("a session");
    (session, http, sleep)
}

#[tokio::test]
async fn a_waiter_ends_when_the_resource_exists() {
    let (s3, http, sleep) = client(&[404, 404, 200]);
    let outcome = s3.wait_object_exists("logs", "k").await.expect("it exists");
    assert_eq!((outcome.attempts, outcome.result.is_ok()), (3, true));
    assert_eq!(sleep.waits(), [Duration::from_secs(5); 2]);
    assert!(http.requests().iter().all(|it| it.method == "HEAD" && it.path() == "/k"));

    let (s3, _, sleep) = client(&[200]);
    assert_eq!(s3.wait_bucket_exists("logs").await.expect("it exists").attempts, 1);
    assert!(sleep.waits().is_empty(), "no delay before or after the attempt");
    // For HeadBucket a redirect or a 403 proves that the bucket exists.
    for status in [301, 403] {
        let (s3, _, _) = client(&[status]);
        let outcome = s3.wait_bucket_exists("logs").await.expect("it exists");
        assert_eq!(outcome.result.expect_err("an error").status(), Some(status));
    }
}

#[tokio::test]
async fn a_waiter_ends_when_the_resource_is_gone() {
    for waiter in ["ObjectNotExists", "BucketNotExists"] {
        let (s3, _, _) = client(&[200, 200, 404]);
        let attempts = match waiter {
            "ObjectNotExists" => s3.wait_object_not_exists("logs", "k").await.expect("it is gone").attempts,
            _ => s3.wait_bucket_not_exists("logs").await.expect("it is gone").attempts,
        };
        assert_eq!(attempts, 3, "{waiter}");
    }
}

#[tokio::test]
async fn a_waiter_uses_the_delay_and_attempts_set_in_code_or_those_of_the_model() {
    let (s3, _, sleep) = client(&[404; 9]);
    let waiter = s3.wait_object_exists("logs", "k").delay(Duration::from_millis(7)).max_attempts(4);
    let error = waiter.await.expect_err("it never exists");
    assert_eq!(sleep.waits(), [Duration::from_millis(7); 3], "no delay after the last attempt");
    assert_eq!(error.kind(), ErrorKind::Waiter);
    let text = "waiter ObjectExists gave up after 4 attempts: An error occurred (NotFound) when calling the \
                HeadObject operation: Not Found (status 404)";
    assert_eq!(error.to_string(), text);
    let failure = error.waiter_failure().expect("the failure");
    assert_eq!((failure.attempts(), failure.error().and_then(|it| it.status())), (4, Some(404)));
    let cause =
        std::error::Error::source(failure).and_then(|it| it.downcast_ref::<aws_core::Error>()).expect("a cause");
    assert_eq!(cause.code(), Some("NotFound"));
    let (s3, http, sleep) = client(&[404; 25]);
    s3.wait_object_exists("logs", "k").await.expect_err("it never exists");
    assert_eq!((http.requests().len(), sleep.waits().len()), (20, 19), "the delay and attempts of the model");
}

#[tokio::test]
async fn a_waiter_ends_at_an_unexpected_error_and_at_invalid_input() {
    let (s3, http, _) = client(&[403, 200]);
    let error = s3.wait_object_exists("logs", "k").await.expect_err("an error that no acceptor matches");
    assert_eq!((error.kind(), http.requests().len()), (ErrorKind::Waiter, 1));
    assert!(
        error.to_string().contains("an unexpected error after 1 attempt: ") && error.to_string().contains("403"),
        "{error}"
    );
    let (s3, http, _) = client(&[]);
    let error = s3.wait_bucket_exists("a b").await.expect_err("rejected");
    assert_eq!(http.requests().len(), 0);
    assert!(error.to_string().contains("Invalid bucket name"), "{error}");
}

#[tokio::test]
async fn a_waiter_sends_the_optional_members_of_its_input() {
    let (s3, http, _) = client(&[200]);
    s3.wait_object_exists("logs", "k").version_id("v 1").await.expect("it exists");
    assert_eq!(http.requests()[0].query(), "versionId=v%201");
    // In any order with the methods of the waiter, and as a value that can be stored.
    let (s3, http, _) = client(&[404, 200]);
    let waiter: aws_s3::Waiter<aws_s3::operation::HeadObject> =
        s3.wait_object_exists("logs", "k").max_attempts(2).version_id("1").delay(Duration::ZERO).part_number(3);
    assert_eq!(waiter.as_ref().input().version_id.as_deref(), Some("1"));
    waiter.clone().await.expect("it exists");
    assert!(http.requests().iter().all(|it| it.query() == "versionId=1&partNumber=3"), "{:?}", http.requests());
}

#[tokio::test]
async fn the_options_of_a_waiter_apply_to_each_of_its_calls() {
    let http = ScriptedClient::new([404, 200].map(Reply::new)).unverified();
    let s3 = Client::new(&session([]).0.to_builder().http_client(http.clone()).build().expect("a session"));
    let options = Options::new().region("eu-west-1").anonymous().header("x-trace", "abc");
    s3.wait_object_exists("logs", "k").with_options(options).await.expect("it exists");
    let requests = http.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert_eq!((request.header("x-trace"), request.header("authorization")), ("abc", ""));
        assert!(request.url.contains("eu-west-1"), "{}", request.url);
    }
}

#[tokio::test]
async fn the_success_of_a_waiter_has_metadata() {
    let (session, ..) = session([export("IN_PROGRESS"), export("COMPLETED")]);
    let outcome = aws_dynamodb::Client::new(&session).wait_export_completed(EXPORT).await.expect("completed");
    let metadata = outcome.metadata.expect("a response");
    assert_eq!((metadata.status, metadata.attempts, metadata.request_id()), (200, 1, Some("R1")));
    let (s3, ..) = client(&[404]);
    let outcome = s3.wait_object_not_exists("logs", "k").await.expect("it is gone");
    assert!(outcome.metadata.is_none() && outcome.result.is_err_and(|it| it.status() == Some(404)));
}

#[tokio::test]
async fn a_waiter_reports_each_poll() {
    let (session, _, sleep) = session([export("IN_PROGRESS"), Reply::new(400), export("COMPLETED")]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let waiter = aws_dynamodb::Client::new(&session).wait_export_completed(EXPORT).inspect(move |poll| {
        let found = poll.actual().map(ToString::to_string).unwrap_or_default();
        let output = poll.output::<aws_dynamodb::operation::DescribeExportOutput>().is_some();
        let id = poll.metadata().and_then(|it| it.request_id().map(str::to_owned));
        let line = format!("{} {found} {output} {id:?} {:?}", poll.attempts(), poll.error().and_then(|it| it.status()));
        log.lock().expect("not poisoned").push((line, poll.elapsed()));
    });
    let error = waiter.delay(Duration::from_secs(7)).await.expect_err("an unexpected error");
    assert_eq!(error.service(), Some("DynamoDB"));
    let seen = seen.lock().expect("not poisoned");
    let lines: Vec<_> = seen.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(lines, ["1 \"IN_PROGRESS\" true Some(\"R1\") None", "2 \"BadRequest\" false None Some(400)"]);
    assert!(seen[1].1 >= Duration::from_secs(7) && sleep.waits().len() == 1, "{seen:?}");
}

#[tokio::test]
async fn a_waiter_ends_within_its_maximum_time() {
    let check = async |limit: u64, polls: usize| {
        let (s3, http, sleep) = client(&[404; 40]);
        let error = s3.wait_object_exists("logs", "k").max_wait(Duration::from_secs(limit)).await.expect_err("time");
        assert_eq!((http.requests().len(), sleep.waits().len()), (polls, polls - 1), "{limit} s");
        assert!(error.to_string().contains(&format!("has no time for another poll after {polls} attempt")), "{error}");
        assert!(error.waiter_failure().is_some_and(|it| it.error().is_some()));
    };
    // Every 5 s; a poll that could only begin at the end is not waited for.
    check(0, 1).await;
    check(5, 1).await;
    check(12, 3).await;
    // The time is the limit, not the 20 attempts of the model.
    check(152, 31).await;
    let (s3, http, _) = client(&[404; 40]);
    let waiter = s3.wait_object_exists("logs", "k").max_wait(Duration::from_secs(1000)).max_attempts(2);
    assert!(waiter.await.expect_err("attempts").to_string().contains("gave up after 2 attempts"));
    assert_eq!(http.requests().len(), 2);
}

/// An HTTP client that never responds.
#[derive(Debug)]
struct Silent;

impl HttpClient for Silent {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_call_that_hangs_ends_with_the_time_of_its_waiter() {
    let s3 = Client::new(&session([]).0.to_builder().http_client(Silent).build().expect("a session"));
    let error = s3.wait_object_exists("logs", "k").max_wait(Duration::from_millis(30)).await.expect_err("time");
    let text = "waiter ObjectExists ran out of time after 1 attempt: HeadObject: the call timed out after 30ms";
    assert!(error.to_string().starts_with(text), "{error}");
}

const EXPORT: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/t/export/1";

/// The response to DescribeExport with this status.
fn export(status: &str) -> Reply {
    Reply::ok(format!(r#"{{"ExportDescription": {{"ExportArn": "{EXPORT}", "ExportStatus": "{status}"}}}}"#))
        .header("x-amzn-requestid", "R1")
}

#[tokio::test]
async fn a_failed_waiter_names_the_value_that_decided_and_keeps_the_last_response() {
    let wait = async |replies: Vec<Reply>| {
        let (session, ..) = session(replies);
        let waiter = aws_dynamodb::Client::new(&session).wait_export_completed(EXPORT).max_attempts(3);
        waiter.await.expect_err("a failure")
    };
    let path = "path `ExportDescription.ExportStatus` =";
    for (replies, text, attempts, expected, actual) in [
        (
            vec![export("IN_PROGRESS"), export("FAILED")],
            format!(
                "reached a failure state after 2 attempts: matched {path} \"FAILED\", the last response has \"FAILED\""
            ),
            2,
            "FAILED",
            "FAILED",
        ),
        (
            vec![export("IN_PROGRESS"); 3],
            format!("gave up after 3 attempts: expected {path} \"COMPLETED\", the last response has \"IN_PROGRESS\""),
            3,
            "COMPLETED",
            "IN_PROGRESS",
        ),
    ] {
        let error = wait(replies).await;
        assert_eq!(error.to_string(), format!("waiter ExportCompleted {text}"));
        let failure = error.waiter_failure().expect("the failure");
        assert_eq!(
            (failure.waiter(), failure.attempts(), failure.matcher()),
            ("ExportCompleted", attempts, Some("path"))
        );
        assert_eq!(failure.path(), Some("ExportDescription.ExportStatus"));
        let value = |it: Option<&aws_core::Document>| it.and_then(|it| it.as_str().map(str::to_owned));
        assert_eq!(
            (value(failure.expected()).as_deref(), value(failure.actual()).as_deref()),
            (Some(expected), Some(actual))
        );
        let output = failure.output::<aws_dynamodb::operation::DescribeExportOutput>().expect("the last output");
        let status = output.export_description.as_ref().and_then(|it| it.export_status.as_ref());
        assert_eq!(status.map(|it| it.as_str()), Some(actual));
        assert_eq!(failure.metadata().and_then(|it| it.request_id()), Some("R1"));
        assert!(failure.error().is_none() && failure.output::<String>().is_none());
    }

    // An error: its code is what decided, or nothing did.
    let error = wait(vec![Reply::new(400).body(r#"{"__type": "ExportNotFoundException", "message": "no"}"#)]).await;
    assert!(error.to_string().contains("received an unexpected error after 1 attempt: An error occurred"), "{error}");
    let failure = error.waiter_failure().expect("the failure");
    assert_eq!(failure.error().and_then(|it| it.code()), Some("ExportNotFoundException"));
    assert_eq!(failure.actual().and_then(|it| it.as_str()), Some("ExportNotFoundException"));
    assert!(failure.metadata().is_none());
    // A long value is cut, and Debug shows no output.
    let error = wait(vec![export(&"X".repeat(1000)); 3]).await;
    assert!(error.to_string().len() < 400 && error.to_string().ends_with("XX…"), "{error}");
    let shown = format!("{:?}", error.waiter_failure());
    assert!(!shown.contains("ExportArn") && !shown.contains("export_arn"), "{shown}");
    // Other errors have none.
    assert!(aws_core::Error::new(ErrorKind::Io, "x").waiter_failure().is_none());
}
