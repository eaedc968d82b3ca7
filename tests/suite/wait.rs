//! Waiters over scripted responses: what ends a waiter, its delays, and its outcome.

use std::time::Duration;

use aws_core::config::Environment;
use aws_core::test_util::{RecordedSleep, Reply, ScriptedClient};
use aws_core::{Credentials, ErrorKind, Session};
use aws_s3::Client;

fn client(statuses: &[u16]) -> (Client, ScriptedClient, RecordedSleep) {
    let (http, sleep) = (ScriptedClient::new(statuses.iter().map(|&it| Reply::new(it))), RecordedSleep::new());
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .max_attempts(1)
        .http_client(http.clone())
        .sleep(sleep.sleep())
        .build()
        .expect("a session");
    (Client::new(&session), http, sleep)
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
    let cause = error.cause().and_then(|it| it.downcast_ref::<aws_core::Error>()).expect("a cause");
    assert_eq!(cause.status(), Some(404));
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
