//! Timeouts of attempts, calls and connections, and calls that are dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use aws_core::BoxFuture;
use aws_core::config::TimeoutConfig;
use aws_core::http::{HttpClient, HttpError, Request, Response};
use aws_core::testing::{RecordedSleep, Reply};
use aws_core::{ErrorKind, Options, SessionBuilder};
use aws_s3::Client;
use tests::doubles::MockServer;

use super::session;

const TINY: Duration = Duration::from_millis(5);

/// An HTTP client that never returns a response. It counts the requests and records whether one was dropped.
#[derive(Clone, Debug, Default)]
struct Abyss {
    requests: Arc<AtomicU32>,
    dropped: Arc<AtomicBool>,
}

/// Records that the future of a request was dropped.
struct DropGuard(Arc<AtomicBool>);

impl Drop for DropGuard {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl HttpClient for Abyss {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        let guard = DropGuard(Arc::clone(&self.dropped));
        Box::pin(async move {
            let _guard = guard;
            std::future::pending().await
        })
    }
}

fn abyss(timeouts: TimeoutConfig) -> (Client, Abyss) {
    let abyss = Abyss::default();
    let session =
        session(&RecordedSleep::new()).http_client(abyss.clone()).timeouts(timeouts).build().expect("a session");
    (Client::new(&session), abyss)
}

#[tokio::test]
async fn an_attempt_timeout_is_retried_and_a_total_timeout_is_not() {
    let (s3, abyss) = abyss(TimeoutConfig::default());
    let attempt =
        s3.head_bucket("b").with_options(Options::new().attempt_timeout(TINY)).send().await.expect_err("no response");
    assert_eq!((attempt.kind(), attempt.attempts()), (ErrorKind::Timeout, 3), "{attempt}");
    assert_eq!(abyss.requests.swap(0, Ordering::SeqCst), 3);
    let total =
        s3.head_bucket("b").with_options(Options::new().total_timeout(TINY)).send().await.expect_err("no response");
    assert_eq!((total.kind(), total.attempts()), (ErrorKind::Timeout, 1), "{total}");
    assert_eq!(abyss.requests.load(Ordering::SeqCst), 1);
    assert!(total.to_string().contains("HeadBucket") && total.to_string().contains("5ms"), "{total}");

    let (s3, _abyss) = self::abyss(TimeoutConfig::new().total(TINY));
    assert_eq!(s3.head_bucket("b").send().await.expect_err("no response").kind(), ErrorKind::Timeout);
    let (s3, _abyss) = self::abyss(TimeoutConfig::new().attempt(TINY));
    assert_eq!(s3.head_bucket("b").send().await.expect_err("no response").attempts(), 3);
}

#[tokio::test]
async fn each_timeout_ends_a_stalled_response_and_is_named_in_the_error() {
    let check = async |change: fn(SessionBuilder) -> SessionBuilder, attempts: u32, expect: &str| {
        let server = MockServer::start((0..3).map(|_| Reply::silence()));
        let builder = session(&RecordedSleep::new()).endpoint_url(server.url());
        let s3 = Client::new(&change(builder).build().expect("a session"));
        let error = s3.head_bucket("b").send().await.expect_err("no response");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, attempts), "{expect}: {error}");
        assert!(error.to_string().contains(expect), "{error}");
    };
    check(|it| it.read_timeout(TINY * 10), 3, "no data sent or received for 50ms").await;
    check(|it| it.attempt_timeout(TINY * 10), 3, "the attempt timed out after 50ms").await;
    check(|it| it.total_timeout(TINY * 10), 1, "the call timed out after 50ms").await;
}

#[tokio::test]
async fn dropping_a_call_cancels_its_request() {
    let (s3, abyss) = abyss(TimeoutConfig::default());
    let call = s3.put_object("b", "k").body("x").send();
    assert!(tokio::time::timeout(TINY, call).await.is_err());
    assert_eq!(abyss.requests.load(Ordering::SeqCst), 1);
    assert!(abyss.dropped.load(Ordering::SeqCst), "the request still runs");
}
