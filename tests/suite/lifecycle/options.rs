//! A setting of the session and the same of one call, over every member of `Options`: which one wins, and that the other
//! works alone.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_core::config::{ChecksumMode, Environment, MinThroughput, RetryMode};
use aws_core::credentials::ProvideCredentials;
use aws_core::http::{HeaderMap, HttpClient, HttpError, Request, Response, StatusCode};
use aws_core::testing::{RecordedSleep, Reply, credentials};
use aws_core::{BoxFuture, ByteStream, Credentials, ErrorKind, Options, Result, Session, SessionBuilder};
use tests::doubles::{MockServer, ScriptedClient};

use super::{ScriptedS3, error_reply, session};

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

const CASES: [Case; 10] = [
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
        name: "credentials",
        session: |it| it.credentials(Credentials::new("AKIDOFSESSION", "s")),
        of_session: "Credential=AKIDOFSESSION/",
        call: |it| it.credentials(Credentials::new("AKIDOFCALL", "s")),
        of_call: "Credential=AKIDOFCALL/",
    },
    Case {
        name: "max_attempts",
        session: |it| it.max_attempts(4),
        of_session: "\"attempt=1; max=4\"",
        call: |it| it.max_attempts(2),
        of_call: "\"attempt=1; max=2\"",
    },
    Case {
        name: "retry_mode",
        session: |it| it.retry_mode(RetryMode::Legacy),
        of_session: "\"attempt=1; max=5\"",
        call: |it| it.retry_mode(RetryMode::Standard),
        of_call: "\"attempt=1; max=3\"",
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

#[tokio::test]
async fn an_anonymous_call_is_not_signed_and_cannot_be_presigned() {
    let scripted = ScriptedS3::unverified([Reply::ok("hi")], |it| it);
    let anonymous = || scripted.s3.get_object("b", "k").with_options(Options::new().anonymous());
    anonymous().send().await.expect("an object");
    assert_eq!(scripted.only_request().header("authorization"), "");
    let error = anonymous().presign(SHORT * 1000).await.expect_err("no credentials");
    assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
    // A header of the signature can be set, since there is none.
    let options = Options::new().anonymous().header("authorization", "mine");
    let scripted = ScriptedS3::unverified([Reply::ok("hi")], |it| it);
    scripted.s3.get_object("b", "k").with_options(options).send().await.expect("an object");
    assert_eq!(scripted.only_request().header("authorization"), "mine");
}

#[tokio::test]
async fn a_presigned_url_is_that_of_the_credentials_and_region_of_its_options() {
    let scripted = ScriptedS3::new([]);
    let options = Options::new().credentials(Credentials::new("AKIDOFCALL", "s")).region("eu-west-1").query("a", "b");
    let presigned = scripted.s3.get_object("b", "k").with_options(options).presign(SHORT * 1000).await.expect("a URL");
    for expect in ["eu-west-1.amazonaws.com/", "X-Amz-Credential=AKIDOFCALL%2F", "%2Feu-west-1%2Fs3", "a=b"] {
        assert!(presigned.url().contains(expect), "{expect}: {}", presigned.url());
    }
}

/// Credentials with an account id, which are counted as they are fetched.
#[derive(Clone, Debug, Default)]
struct Counted(Arc<AtomicU32>);

impl ProvideCredentials for Counted {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok(Credentials::new("AKIDOFCALL", "s").with_account_id("111122223333")) })
    }
}

#[tokio::test]
async fn credentials_of_a_call_are_fetched_once_and_choose_its_endpoint() {
    let http = ScriptedClient::new([Reply::ok("{}"), Reply::ok("{}")]).unverified();
    let session = Session::builder().environment(Environment::empty()).region("us-east-1").http_client(http.clone());
    let dynamodb = aws_dynamodb::Client::new(&session.credentials(credentials()).build_lazy());
    let provider = Counted::default();
    let options = Options::new().credentials(provider.clone()).total_timeout(Duration::from_secs(9));
    for _ in 0..2 {
        dynamodb.list_tables().with_options(options.clone()).send().await.expect("tables");
    }
    assert_eq!(provider.0.load(Ordering::Relaxed), 1);
    for request in http.requests() {
        assert!(request.url.starts_with("https://111122223333.ddb.us-east-1.amazonaws.com/"), "{}", request.url);
        assert!(request.header("authorization").contains("AKIDOFCALL"));
    }
}

#[tokio::test]
async fn a_call_has_a_lowest_speed_of_its_own() {
    /// Responds to requests with this lowest speed.
    #[derive(Debug)]
    struct Expects(Option<MinThroughput>);

    impl HttpClient for Expects {
        fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
            assert_eq!(request.timeouts.min_throughput, self.0);
            Box::pin(async { Ok(Response::new(StatusCode::OK, HeaderMap::new(), ByteStream::default())) })
        }
    }
    for limit in [None, Some(MinThroughput::new(0, SHORT)), Some(MinThroughput::new(1 << 20, LONG))] {
        let session = session(&RecordedSleep::new()).http_client(Expects(limit)).build().expect("a session");
        let options = limit.map_or(Options::new(), |it| Options::new().min_throughput(it));
        let call = aws_s3::Client::new(&session).get_object("b", "k").with_options(options);
        call.send().await.expect("a response");
    }
}

#[tokio::test]
async fn a_call_has_retries_of_its_own() {
    for (attempts, expect) in [(0, 1), (1, 1), (2, 2), (4, 4)] {
        let replies = (0..9).map(|_| error_reply(503, "SlowDown"));
        let scripted = ScriptedS3::with_session(replies, |it| it.max_attempts(3));
        let call = scripted.s3.list_buckets().with_options(Options::new().max_attempts(attempts));
        let error = call.send().await.expect_err("it fails");
        assert_eq!((error.attempts(), error.max_attempts_reached()), (expect, true), "{attempts}");
        assert_eq!(scripted.http.requests().len(), expect as usize, "{attempts}");
    }
    // The quota is that of the client: a call takes from it what others need.
    let scripted = ScriptedS3::with_session((0..400).map(|_| Reply::close()), |it| it);
    let mut exhausted = 0;
    for _ in 0..60 {
        let call = scripted.s3.list_buckets().with_options(Options::new().max_attempts(5));
        exhausted += u32::from(call.send().await.expect_err("it fails").retry_quota_reached());
    }
    assert!(exhausted > 0);
    assert!(scripted.s3.list_buckets().send().await.expect_err("it fails").retry_quota_reached());
}

#[tokio::test]
async fn a_call_has_checksum_modes_of_its_own() {
    let algorithm = "x-amz-sdk-checksum-algorithm";
    for (of_session, of_call, expect) in [
        (None, None, "CRC32"),
        (None, Some(ChecksumMode::WhenRequired), ""),
        (Some(ChecksumMode::WhenRequired), Some(ChecksumMode::WhenSupported), "CRC32"),
        (Some(ChecksumMode::WhenRequired), None, ""),
    ] {
        let scripted = ScriptedS3::with_session([Reply::ok(""), Reply::ok("")], |it| match of_session {
            Some(mode) => it.request_checksum_calculation(mode).response_checksum_validation(mode),
            None => it,
        });
        let options = || match of_call {
            Some(mode) => Options::new().request_checksum_calculation(mode).response_checksum_validation(mode),
            None => Options::new(),
        };
        scripted.s3.put_object("b", "k").body("x").with_options(options()).send().await.expect("an upload");
        scripted.s3.get_object("b", "k").with_options(options()).send().await.expect("a download");
        let requests = scripted.http.requests();
        assert_eq!(requests[0].header(algorithm), expect, "{of_session:?} {of_call:?}");
        let enabled = if expect.is_empty() { "" } else { "ENABLED" };
        assert_eq!(requests[1].header("x-amz-checksum-mode"), enabled, "{of_session:?} {of_call:?}");
    }
}

#[tokio::test]
async fn a_call_has_connect_and_read_timeouts_of_its_own() {
    let call = async |server: &MockServer, change: fn(SessionBuilder) -> SessionBuilder, options: Options| {
        let session = change(session(&RecordedSleep::new()).endpoint_url(server.url()).max_attempts(1));
        let s3 = aws_s3::Client::new(&session.build().expect("a session"));
        s3.list_buckets().with_options(options).send().await.map(drop).map_err(|it| it.to_string())
    };
    let server = MockServer::start([Reply::silence(), Reply::ok("<ListAllMyBucketsResult/>")]);
    let error =
        call(&server, |it| it.read_timeout(LONG), Options::new().read_timeout(SHORT)).await.expect_err("silence");
    assert!(error.contains("no data sent or received for 5ms"), "{error}");
    // A timeout of the session that has passed does not count.
    call(&server, |it| it.read_timeout(Duration::ZERO), Options::new().read_timeout(LONG)).await.expect("a response");
    // A server that accepts connections and never speaks TLS.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    let session = session(&RecordedSleep::new()).endpoint_url(url).connect_timeout(LONG).max_attempts(1);
    let s3 = aws_s3::Client::new(&session.build().expect("a session"));
    let error =
        s3.list_buckets().with_options(Options::new().connect_timeout(SHORT * 4)).send().await.expect_err("no TLS");
    assert!(error.is_timeout() && error.to_string().contains("within 20ms"), "{error}");
}

#[tokio::test]
async fn a_client_that_has_no_timeouts_of_requests_says_so() {
    let http = aws_core::http::ReqwestClient::new(Default::default()).expect("a client");
    let session = session(&RecordedSleep::new()).endpoint_url("http://127.0.0.1:1").http_client(http).max_attempts(1);
    let s3 = aws_s3::Client::new(&session.build().expect("a session"));
    let error =
        s3.list_buckets().with_options(Options::new().read_timeout(SHORT)).send().await.expect_err("no such timeout");
    assert!(error.to_string().contains("reqwest has no connect and read timeouts of single requests"), "{error}");
}
