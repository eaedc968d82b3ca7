//! Waiters over scripted responses: what ends a waiter, its delays, and its outcome.

use std::time::Duration;

use aws_core::config::Environment;
use aws_core::test_util::{RecordedSleep, Reply, ScriptedClient};
use aws_core::{Credentials, ErrorKind, Session};
use aws_s3::Client;

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
    let waiter = s3.wait_object_exists("logs", "k").input(|it| it.version_id = Some("v 1".into()));
    waiter.await.expect("it exists");
    assert_eq!(http.requests()[0].query(), "versionId=v%201");
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
