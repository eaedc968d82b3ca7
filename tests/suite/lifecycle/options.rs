//! A setting of the session and the same of one call, over every member of `Options`: which one wins, and that the other
//! works alone.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_core::http::{HeaderMap, HttpClient, HttpError, Request, Response, StatusCode};
use aws_core::test_util::RecordedSleep;
use aws_core::{BoxFuture, ByteStream, ErrorKind, Options, SessionBuilder};

use super::session;

/// How long a response takes: longer than `SHORT`, so that a timeout that should not count would end the call.
const LATENCY: Duration = Duration::from_millis(40);
const SHORT: Duration = Duration::from_millis(5);
const LONG: Duration = Duration::from_secs(100);

/// An HTTP client that takes its time or never responds, and keeps the last request as text.
#[derive(Clone, Debug)]
struct Slow {
    responds: bool,
    last: Arc<Mutex<String>>,
}

impl HttpClient for Slow {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(async move {
            *self.last.lock().expect("not poisoned") = format!("{} {:?}", request.url.as_str(), {
                let mut headers: Vec<_> =
                    request.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
                headers.iter_mut().for_each(|it| it.1.set_sensitive(false));
                headers
            });
            match self.responds {
                true => tokio::time::sleep(LATENCY).await,
                false => std::future::pending().await,
            }
            Ok(Response::new(StatusCode::OK, HeaderMap::new(), ByteStream::default()))
        })
    }
}

/// How a call ends, and its last request. The service responds if a response is expected.
async fn outcome(expect: &str, change: impl FnOnce(SessionBuilder) -> SessionBuilder, options: Options) -> String {
    let http = Slow { responds: !expect.contains("timed out"), last: Arc::default() };
    let session = change(session(&RecordedSleep::new()).http_client(http.clone())).build().expect("a session");
    let sts = aws_sts::Client::new(&session);
    let end = match sts.get_caller_identity().with_options(options).send().await {
        Err(error) if error.kind() == ErrorKind::Timeout => error.to_string(),
        // An empty document.
        _ => "responded".to_owned(),
    };
    format!("{end}; {}", http.last.lock().expect("not poisoned"))
}

/// A setting of the session, the same of the call, and what only the former and only the latter leads to.
struct Case {
    name: &'static str,
    session: fn(SessionBuilder) -> SessionBuilder,
    of_session: &'static str,
    call: fn(Options) -> Options,
    of_call: &'static str,
}

const CASES: [Case; 7] = [
    Case {
        name: "attempt_timeout",
        session: |it| it.attempt_timeout(SHORT),
        of_session: "the attempt timed out after 5ms",
        call: |it| it.attempt_timeout(LONG),
        of_call: "responded",
    },
    Case {
        name: "attempt_timeout",
        session: |it| it.attempt_timeout(LONG),
        of_session: "responded",
        call: |it| it.attempt_timeout(SHORT),
        of_call: "the attempt timed out after 5ms",
    },
    Case {
        name: "total_timeout",
        session: |it| it.total_timeout(SHORT),
        of_session: "the call timed out after 5ms",
        call: |it| it.total_timeout(LONG),
        of_call: "responded",
    },
    Case {
        name: "total_timeout",
        session: |it| it.total_timeout(LONG),
        of_session: "responded",
        call: |it| it.total_timeout(SHORT),
        of_call: "the call timed out after 5ms",
    },
    Case {
        name: "region",
        session: |it| it.region("eu-west-1"),
        of_session: "https://sts.eu-west-1.amazonaws.com/ ",
        call: |it| it.region("us-west-2"),
        of_call: "https://sts.us-west-2.amazonaws.com/ ",
    },
    Case {
        name: "endpoint_url",
        session: |it| it.endpoint_url("https://of-session:1"),
        of_session: "https://of-session:1/ ",
        call: |it| it.endpoint_url("https://of-call:2"),
        of_call: "https://of-call:2/ ",
    },
    Case {
        name: "headers",
        session: |it| it.app_id("of-session"),
        of_session: "app/of-session",
        call: |it| it.header("User-Agent", "of-call"),
        of_call: "(\"user-agent\", \"of-call\")",
    },
];

#[tokio::test]
async fn an_option_of_a_call_wins_over_the_same_setting_of_its_session() {
    for Case { name, session, of_session, call, of_call } in CASES {
        let found = outcome(of_session, session, Options::new()).await;
        assert!(found.contains(of_session), "{name} of the session: {found}");
        let found = outcome(of_call, |it| it, call(Options::new())).await;
        assert!(found.contains(of_call), "{name} of the call: {found}");
        let found = outcome(of_call, session, call(Options::new())).await;
        assert!(found.contains(of_call) && !found.contains(of_session), "{name} of both: {found}");
    }
    let found = outcome("", |it| it.region("eu-west-1"), Options::new().region("us-west-2")).await;
    assert!(found.contains("/us-west-2/sts/aws4_request"), "the region that is signed for: {found}");
    let found = outcome("", |it| it, Options::new().query("a", "b c")).await;
    assert!(found.contains("amazonaws.com/?a=b%20c "), "{found}");
}
