//! Waiters over scripted answers: what ends a wait, how long it pauses, and what it tells.

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
async fn until_it_is_there() {
    let (s3, http, sleep) = client(&[404, 404, 200]);
    let waited = s3.wait_object_exists("logs", "k").await.expect("it comes");
    assert_eq!((waited.attempts, waited.answer.is_ok()), (3, true));
    assert_eq!(sleep.waits(), [Duration::from_secs(5); 2]);
    assert!(http.requests().iter().all(|it| it.method == "HEAD" && it.path() == "/k"));

    let (s3, _, sleep) = client(&[200]);
    assert_eq!(s3.wait_bucket_exists("logs").await.expect("it is there").attempts, 1);
    assert!(sleep.waits().is_empty(), "no pause before or after");
    // For HeadBucket a redirect or a refusal proves that the bucket is there.
    for status in [301, 403] {
        let (s3, _, _) = client(&[status]);
        let waited = s3.wait_bucket_exists("logs").await.expect("it is there");
        assert_eq!(waited.answer.expect_err("an error").status(), Some(status));
    }
}

#[tokio::test]
async fn until_it_is_gone() {
    for wait in 0..2 {
        let (s3, _, _) = client(&[200, 200, 404]);
        let attempts = match wait {
            0 => s3.wait_object_not_exists("logs", "k").await.expect("it goes").attempts,
            _ => s3.wait_bucket_not_exists("logs").await.expect("it goes").attempts,
        };
        assert_eq!(attempts, 3);
    }
}

#[tokio::test]
async fn at_a_pace_of_ones_own() {
    let (s3, _, sleep) = client(&[404; 9]);
    let wait = s3.wait_object_exists("logs", "k").delay(Duration::from_millis(7)).max_attempts(4);
    let error = wait.await.expect_err("it never comes");
    assert_eq!(sleep.waits(), [Duration::from_millis(7); 3], "no pause after the last");
    assert_eq!(error.kind(), ErrorKind::Waiter);
    let text = "waiting for ObjectExists met the last attempt after 4 calls: An error occurred (NotFound) when calling the \
                HeadObject operation: Not Found (status 404)";
    assert_eq!(error.to_string(), text);
    let cause = std::error::Error::source(&error).and_then(|it| it.downcast_ref::<aws_core::Error>()).expect("a cause");
    assert_eq!(cause.status(), Some(404));
    let (s3, http, sleep) = client(&[404; 25]);
    s3.wait_object_exists("logs", "k").await.expect_err("it never comes");
    assert_eq!((http.requests().len(), sleep.waits().len()), (20, 19), "the model's pace");
}

#[tokio::test]
async fn for_nothing() {
    let (s3, http, _) = client(&[403, 200]);
    let error = s3.wait_object_exists("logs", "k").await.expect_err("an error that no acceptor knows");
    assert_eq!((error.kind(), http.requests().len()), (ErrorKind::Waiter, 1));
    assert!(
        error.to_string().contains("an unexpected error after 1 call: ") && error.to_string().contains("403"),
        "{error}"
    );
    let (s3, http, _) = client(&[]);
    let error = s3.wait_bucket_exists("a b").await.expect_err("refused");
    assert_eq!(http.requests().len(), 0);
    assert!(error.to_string().contains("Invalid bucket name"), "{error}");
}

#[tokio::test]
async fn with_more_in_the_input() {
    let (s3, http, _) = client(&[200]);
    let wait = s3.wait_object_exists("logs", "k").input(|it| it.version_id = Some("v 1".into()));
    wait.await.expect("it is there");
    assert_eq!(http.requests()[0].query(), "versionId=v%201");
}
