//! S3's directory buckets (S3 Express One Zone) through a whole client, against a zonal endpoint that creates sessions and
//! accepts what they sign, with a clock of the test: when sessions are created, what is signed with them, and what is not.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use aws_core::config::{Environment, S3Config};
use aws_core::http::{HttpClient, HttpError, Request, Response};
use aws_core::internals::DynamicClient;
use aws_core::testing::{FixedClock, Mode, ReceivedRequest, RecordedSleep, Recording, Reply, Stub, credentials};
use aws_core::{BoxFuture, ByteStream, Credentials, Error, ErrorKind, Options, Session, SessionBuilder, Timestamp};
use aws_s3::Client;
use aws_s3::operation::{GetObject, GetObjectOutput};
use aws_s3::types::{Delete, ObjectIdentifier};
use codegen::report::Report;
use codegen::source::ModelStore;
use serde_json::json;
use tests::doubles::{ScriptedClient, verify_signature};
use tests::dynamic::Service;
use tests::suite::workspace;
use tests::values;
use tokio::task::yield_now;

const BUCKET: &str = "mine--usw2-az1--x-s3";
const OTHER: &str = "other--usw2-az1--x-s3";
const HOST: &str = "https://mine--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com";
/// 2026-01-02T03:04:05Z.
const NOW: u64 = 1_767_323_045;
/// How long a session lives: S3's 5 minutes.
const LIFETIME: u64 = 300;
/// How often CreateSession lets others run before it responds.
const LATENCY: usize = 5;

/// A zonal endpoint. It checks the signature of each request, and that its session is valid.
#[derive(Clone, Debug)]
struct Zone {
    http: ScriptedClient,
    state: Arc<Mutex<State>>,
    clock: FixedClock,
}

#[derive(Debug, Default)]
struct State {
    /// When each session that was created expires, in seconds since the beginning, and for which host.
    sessions: Vec<(u64, String)>,
    in_flight: usize,
    most_in_flight: usize,
    /// What CreateSession responds with instead.
    failure: Option<Reply>,
    /// How many of the first sessions are rejected, and the response to requests that are signed with these.
    rejected: Option<(usize, Reply)>,
}

impl Zone {
    fn new() -> Self {
        Self { http: ScriptedClient::new([]).unverified(), state: Arc::default(), clock: FixedClock::from_secs(NOW) }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no panic")
    }

    fn created(&self) -> usize {
        self.state().sessions.len()
    }

    fn requests(&self) -> Vec<ReceivedRequest> {
        self.http.requests()
    }

    fn session(&self) -> SessionBuilder {
        Session::builder()
            .environment(Environment::empty())
            .region("us-west-2")
            .credentials(credentials().with_session_token("role-token"))
            .clock(self.clock.clock())
            .sleep(RecordedSleep::new().sleep())
            .http_client(self.clone())
    }

    /// The seconds since the beginning.
    fn seconds(&self) -> u64 {
        self.clock.now().duration_since(UNIX_EPOCH).expect("a time").as_secs() - NOW
    }

    /// Lets a second or more pass, and everything run that runs beside the test.
    async fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        for _ in 0..10 * LATENCY {
            yield_now().await;
        }
    }

    fn client(&self) -> Client {
        Client::new(&self.session().build().expect("a session"))
    }

    async fn create_session(&self, host: &str) -> Reply {
        {
            let mut state = self.state();
            state.in_flight += 1;
            state.most_in_flight = state.most_in_flight.max(state.in_flight);
        }
        for _ in 0..LATENCY {
            yield_now().await;
        }
        let mut state = self.state();
        state.in_flight -= 1;
        if let Some(failure) = &state.failure {
            return failure.clone();
        }
        let expires = self.seconds() + LIFETIME;
        let number = state.sessions.len();
        state.sessions.push((expires, host.to_owned()));
        let expiry = Timestamp::from_secs(i64::try_from(NOW + expires).expect("a time"));
        Reply::new(200).body(session_document(&format!(
            "<AccessKeyId>SESSION{number}</AccessKeyId><SecretAccessKey>session-secret-{number}</SecretAccessKey>\
             <SessionToken>session-token-{number}</SessionToken><Expiration>{expiry}</Expiration>"
        )))
    }

    fn respond(&self, request: &Request) -> Reply {
        let token = request.headers.get("x-amz-s3session-token").and_then(|it| it.to_str().ok());
        let session = token.and_then(|it| it.strip_prefix("session-token-")).and_then(|it| it.parse::<usize>().ok());
        let state = self.state();
        let rejected = state.rejected.as_ref().filter(|it| session.is_some_and(|session| session < it.0));
        rejected.map_or_else(|| Reply::new(200), |it| it.1.clone())
    }

    /// Checks what a request is signed with.
    fn check(&self, request: &ReceivedRequest) {
        let signed_by = request.header("authorization").split("Credential=").nth(1).and_then(|it| it.split('/').next());
        let Some(signed_by) = signed_by else {
            assert_eq!(request.header("x-amz-s3session-token"), "", "a token without a signature");
            return;
        };
        let key = match signed_by.strip_prefix("SESSION") {
            Some(number) => {
                let index: usize = number.parse().expect("a number");
                let (expires, host) = self.state().sessions[index].clone();
                assert!(self.seconds() < expires, "session {index} has expired");
                assert!(request.url.contains(&host), "{}: the session is one for {host}", request.url);
                assert_eq!(request.header("x-amz-s3session-token"), format!("session-token-{index}"));
                assert_eq!(request.header("x-amz-security-token"), "");
                session_keys(index)
            }
            None => {
                assert_eq!(request.header("x-amz-s3session-token"), "", "{}", request.url);
                Credentials::new(signed_by, credentials().secret_access_key())
            }
        };
        verify_signature(request, &[key]).expect("a valid signature");
    }
}

fn session_keys(number: usize) -> Credentials {
    Credentials::new(format!("SESSION{number}"), format!("session-secret-{number}"))
}

fn session_document(members: &str) -> String {
    format!("<CreateSessionResult><Credentials>{members}</Credentials></CreateSessionResult>")
}

fn is_create_session(request: &ReceivedRequest) -> bool {
    request.method == "GET" && request.query() == "session"
}

impl HttpClient for Zone {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(async move {
            let is_session = request.url.query() == Some("session");
            let reply = match is_session {
                true => self.create_session(request.url.authority()).await,
                false => self.respond(&request),
            };
            // Nothing waits between these, so that each request gets its own reply.
            self.http.push(reply);
            let response = self.http.send(request).await;
            self.check(self.requests().last().expect("a request"));
            response
        })
    }
}

/// The output of a call, and whether it waited for anything: the zone responds to all but CreateSession at once.
async fn observed<T>(call: impl Future<Output = T>) -> (T, bool) {
    let (mut call, mut polls) = (pin!(call), 0);
    let output = poll_fn(|cx| {
        polls += 1;
        call.as_mut().poll(cx)
    });
    (output.await, polls > 1)
}

/// An hour of calls to two buckets: the first of each waits, and no other.
#[tokio::test]
async fn after_the_first_call_no_call_waits_for_a_session() {
    let zone = Zone::new();
    let s3 = zone.client();
    let (mut calls, mut waits) = (0, 0);
    while zone.seconds() < 3600 {
        for bucket in [BUCKET, OTHER] {
            let (response, waited) = observed(s3.put_object(bucket, "key").body("content").send()).await;
            response.expect("a response");
            calls += 1;
            waits += usize::from(waited);
        }
        zone.pass(5).await;
    }
    assert_eq!(waits, 2, "of {calls} calls");
    assert!((2 * 22..=2 * 26).contains(&zone.created()), "{} sessions", zone.created());
    // Of each bucket one.
    assert!(zone.state().most_in_flight <= 2);
}

#[tokio::test]
async fn calls_at_the_same_time_share_a_session() {
    let zone = Zone::new();
    let s3 = zone.client();
    let calls: Vec<_> = (0..200)
        .map(|number| {
            let s3 = s3.clone();
            tokio::spawn(async move { s3.head_object(BUCKET, number.to_string()).send().await })
        })
        .collect();
    for call in calls {
        call.await.expect("no panic").expect("a response");
    }
    assert_eq!(zone.created(), 1);
    assert_eq!(zone.requests().len(), 201);
}

#[tokio::test]
async fn a_refresh_that_fails_keeps_the_session() {
    let zone = Zone::new();
    let s3 = zone.client();
    for second in 0..900 {
        let is_down = (100..240).contains(&second);
        zone.state().failure = is_down.then(|| Reply::new(503));
        s3.get_object(BUCKET, "key").send().await.expect("a response");
        zone.pass(1).await;
    }
}

fn rejection(code: &str) -> Reply {
    Reply::new(400).body(format!("<Error><Code>{code}</Code><Message>not this session</Message></Error>"))
}

/// The service may know better than the clock of the client.
#[tokio::test]
async fn a_call_whose_session_is_rejected_is_repeated_once_with_another() {
    // How many sessions are rejected; then how many were created, and whether the call succeeded.
    let check = async |code: &str, rejected: usize, created: usize, is_ok: bool| {
        let zone = Zone::new();
        let s3 = Client::new(&zone.session().max_attempts(1).build().expect("a session"));
        s3.get_object(BUCKET, "key").send().await.expect("a response");
        zone.state().rejected = Some((rejected, rejection(code)));
        let result = s3.put_object(BUCKET, "key").body("content").send().await;
        assert_eq!((result.is_ok(), zone.created()), (is_ok, created), "{code} {rejected}");
        if let Err(error) = result {
            assert_eq!(error.code(), Some(code));
        }
        // What was rejected is used by no later call.
        zone.state().rejected = None;
        s3.get_object(BUCKET, "key").send().await.expect("a response");
        let is_dropped = code != "AccessDenied" && !is_ok;
        assert_eq!(zone.created(), created + usize::from(is_dropped), "{code} {rejected}");
    };
    for code in ["ExpiredToken", "InvalidToken", "InvalidAccessKeyId"] {
        check(code, 1, 2, true).await;
        check(code, 9, 2, false).await;
    }
    check("AccessDenied", 1, 1, false).await;
}

#[tokio::test]
async fn calls_whose_session_is_rejected_at_the_same_time_share_the_next() {
    let zone = Zone::new();
    let s3 = zone.client();
    s3.get_object(BUCKET, "key").send().await.expect("a response");
    zone.state().rejected = Some((1, rejection("ExpiredToken")));
    let calls: Vec<_> = (0..50)
        .map(|number| {
            let (s3, zone) = (s3.clone(), zone.clone());
            tokio::spawn(async move {
                // Some are rejected after others have a new session.
                for _ in 0..number % 7 {
                    yield_now().await;
                }
                s3.get_object(BUCKET, "key").send().await.map(|_| zone.created())
            })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.expect("no panic").expect("a response"), 2);
    }
}

/// The next call has a new session, though this one cannot be repeated.
#[tokio::test]
async fn a_session_is_dropped_also_if_the_body_cannot_be_read_again() {
    let zone = Zone::new();
    let s3 = zone.client();
    s3.get_object(BUCKET, "key").send().await.expect("a response");
    zone.state().rejected = Some((1, rejection("ExpiredToken")));
    let put = s3.put_object(BUCKET, "key").body(ByteStream::from_reader(&b"content"[..])).content_length(7);
    let error = put.send().await.expect_err("the body was read");
    assert_eq!((error.code(), zone.created()), (Some("ExpiredToken"), 1));
    s3.get_object(BUCKET, "key").send().await.expect("a response");
    assert_eq!(zone.created(), 2);
}

fn text(error: &Error) -> String {
    format!("{error} {error:?}")
}

#[tokio::test]
async fn without_a_session_nothing_is_signed_and_the_error_says_why() {
    let check = async |failure: Reply, kind: ErrorKind, expect: &str| {
        let zone = Zone::new();
        zone.state().failure = Some(failure);
        let error = zone.client().get_object(BUCKET, "key").send().await.expect_err("no session");
        assert_eq!((error.kind(), error.operation()), (kind, Some("GetObject")), "{error}");
        let text = text(&error);
        for part in [BUCKET, "CreateSession", "GetObject", expect] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(!text.contains("hidden"), "{text}");
        assert!(zone.requests().iter().all(is_create_session), "a request was sent without a session");
    };
    let denied = Reply::new(403).body("<Error><Code>AccessDenied</Code><Message>not you</Message></Error>");
    check(denied, ErrorKind::Credentials, "AccessDenied").await;
    let incomplete = "<AccessKeyId>id</AccessKeyId><SecretAccessKey>hidden</SecretAccessKey>";
    check(Reply::ok(session_document(incomplete)), ErrorKind::Parse, "no complete session").await;
    check(Reply::ok("<CreateSessionResult/>"), ErrorKind::Parse, "no complete session").await;
    let strange =
        format!("{incomplete}<SessionToken>hid&#10;den</SessionToken><Expiration>2026-01-02T03:09:05Z</Expiration>");
    check(Reply::ok(session_document(&strange)), ErrorKind::Credentials, "white space").await;
}

#[tokio::test]
async fn other_credentials_have_a_session_of_their_own() {
    let zone = Zone::new();
    let s3 = zone.client();
    let get = async |options: Options| {
        s3.get_object(BUCKET, "key").with_options(options).send().await.expect("a response");
        zone.created()
    };
    let another = || Options::new().credentials(Credentials::new("ANOTHER", credentials().secret_access_key()));
    assert_eq!(get(Options::new()).await, 1);
    assert_eq!(get(another()).await, 2);
    assert_eq!(get(Options::new()).await, 2);
    assert_eq!(get(another()).await, 2);
    // No credentials, no session.
    assert_eq!(get(Options::new().anonymous()).await, 2);
    assert_eq!(zone.requests().last().expect("a request").header("authorization"), "");
    // Another client knows nothing of them.
    zone.client().get_object(BUCKET, "key").send().await.expect("a response");
    assert_eq!(zone.created(), 3);
}

#[tokio::test]
async fn operations_without_sessions_are_signed_by_the_credentials() {
    let zone = Zone::new();
    let s3 = zone.client();
    s3.copy_object(BUCKET, "key", "a/b").send().await.expect("a response");
    s3.create_bucket(BUCKET).send().await.expect("a response");
    s3.list_buckets().send().await.expect("a response");
    s3.list_directory_buckets().send().await.expect("a response");
    s3.put_object("ordinary", "key").send().await.expect("a response");
    assert_eq!(zone.created(), 0);
    // A user who creates a session calls an operation like any other.
    s3.create_session(BUCKET).send().await.expect("a response");
    assert_eq!(zone.created(), 1);
    s3.head_bucket(BUCKET).send().await.expect("a response");
    assert_eq!(zone.created(), 2);
}

#[tokio::test]
async fn sessions_are_turned_off_by_code_environment_and_profile() {
    let check = async |what: &str, change: &dyn Fn(SessionBuilder) -> SessionBuilder, created: usize| {
        let zone = Zone::new();
        let s3 = Client::new(&change(zone.session()).build().expect("a session"));
        s3.get_object(BUCKET, "key").send().await.expect("a response");
        assert_eq!(zone.created(), created, "{what}");
        let request = zone.requests().pop().expect("a request");
        assert!(request.url.starts_with(&format!("{HOST}/key")), "{}", request.url);
        assert!(request.header("authorization").contains("/us-west-2/s3express/aws4_request"), "{what}");
        let token = if created == 0 { "role-token" } else { "" };
        assert_eq!(request.header("x-amz-security-token"), token, "{what}");
    };
    let config = std::env::temp_dir().join(format!("express-{}", std::process::id()));
    std::fs::write(&config, "[default]\ns3_disable_express_session_auth = true\n").expect("a file");
    let file = config.to_str().expect("UTF-8");
    let environment = |name: &'static str, value: &str| {
        let variables = [(name.to_owned(), value.to_owned())];
        move |it: SessionBuilder| it.environment(Environment::from_iter(variables.clone()))
    };
    check("default", &|it| it, 1).await;
    check("code", &|it| it.s3(S3Config::new().disable_express_session_auth(true)), 0).await;
    check("variable", &environment("AWS_S3_DISABLE_EXPRESS_SESSION_AUTH", "true"), 0).await;
    check("variable", &environment("AWS_S3_DISABLE_EXPRESS_SESSION_AUTH", "false"), 1).await;
    check("profile", &environment("AWS_CONFIG_FILE", file), 0).await;
    let code_wins = S3Config::new().disable_express_session_auth(false);
    check("code over profile", &|it| environment("AWS_CONFIG_FILE", file)(it).s3(code_wins), 1).await;
    std::fs::remove_file(&config).expect("the file");
}

#[tokio::test]
async fn urls_and_posts_are_presigned_with_a_session() {
    let zone = Zone::new();
    let s3 = zone.client();
    let presigned = s3.get_object(BUCKET, "key").presign(Duration::from_secs(60)).await.expect("a URL");
    let url = presigned.url();
    assert!(url.starts_with(&format!("{HOST}/key?")), "{url}");
    assert!(url.contains("X-Amz-S3session-Token=session-token-0") && !url.contains("X-Amz-Security-Token"), "{url}");
    verify_signature(&tests::doubles::presigned(&presigned), &[session_keys(0)]).expect("a valid signature");
    let debug = format!("{presigned:?}");
    assert!(!debug.contains("session-token"), "{debug}");

    let post = s3.presigned_post(BUCKET, "key").send().await.expect("a presigned POST");
    assert_eq!(post.field("X-Amz-S3session-Token"), Some("session-token-0"));
    assert_eq!(post.field("x-amz-security-token"), None);
    assert!(post.field("x-amz-credential").is_some_and(|it| it.starts_with("SESSION0/20260102/us-west-2/s3express/")));
    assert_eq!(zone.created(), 1, "both are signed with the session that calls use");
}

#[tokio::test]
async fn checksums_are_crc32_and_never_md5() {
    let check = async |change: &dyn Fn(SessionBuilder) -> SessionBuilder| {
        let zone = Zone::new();
        let s3 = Client::new(&change(zone.session()).build().expect("a session"));
        let delete = Delete {
            objects: vec![ObjectIdentifier { key: Some("a".into()), ..Default::default() }].into(),
            ..Default::default()
        };
        s3.delete_objects(BUCKET, delete).send().await.expect("a response");
        s3.put_object(BUCKET, "key").body("content").send().await.expect("a response");
        let mut requests = zone.requests();
        requests.retain(|it| !is_create_session(it));
        assert_eq!(requests.len(), 2);
        for request in requests {
            assert_ne!(request.header("x-amz-checksum-crc32"), "", "{}", request.url);
            assert_eq!(request.header("content-md5"), "", "{}", request.url);
        }
    };
    check(&|it| it).await;
    check(&|it| it.endpoint_url("https://zone.example")).await;
}

/// A crate that was generated for one operation has no method for CreateSession.
#[tokio::test]
async fn slim_crates_create_sessions_too() {
    let source = ModelStore::open(&workspace().join("models")).load("s3", &mut Report::new()).expect("a model");
    let service = Service::from_operations(&source, &["GetObject"]).expect("a sound model");
    assert_eq!(service.operations.len(), 1);
    let zone = Zone::new();
    let client = DynamicClient::new(&zone.session().build().expect("a session"), service.facts);
    let plan = service.operations["GetObject"].plan;
    let input = values::structure(&json!({"Bucket": BUCKET, "Key": "key"}), plan.input).expect("members");
    client.call(plan, input).await.expect("a response");
    assert_eq!(zone.created(), 1);
}

/// A recording has the calls of the program, not those that the runtime made for them, so that it can be replayed.
#[tokio::test]
async fn recordings_have_no_sessions_and_no_secrets() {
    let folder = std::env::temp_dir().join(format!("express-recording-{}", std::process::id()));
    let path = folder.join("calls.jsonl");
    let zone = Zone::new();
    for mode in [Mode::Record, Mode::Replay] {
        let recording = Recording::new(&path, mode).expect("a recording");
        let s3 = Client::new(&zone.session().hook(recording.clone()).build().expect("a session"));
        s3.head_object(BUCKET, "key").send().await.expect("a response");
        recording.verify();
        let text = std::fs::read_to_string(&path).expect("a file");
        for secret in ["session-secret", "session-token", "SESSION0"] {
            assert!(!text.contains(secret), "{text}");
        }
        let debug = format!("{s3:?}");
        assert!(!debug.contains("SESSION0") && !debug.contains("session-"), "{debug}");
    }
    assert_eq!(zone.created(), 1, "a replay needs no session");
    std::fs::remove_dir_all(&folder).expect("the folder");
}

#[tokio::test]
async fn what_responds_in_place_of_the_service_is_asked_for_no_session() {
    let zone = Zone::new();
    let stub = Stub::new();
    stub.on::<GetObject>().reply(GetObjectOutput { body: "stubbed".into(), ..Default::default() });
    let session = zone.session().hook(stub.clone());
    let s3 = Client::new(&session.build().expect("a session"));
    let object = s3.get_object(BUCKET, "key").send().await.expect("the stub's response");
    assert_eq!(&*object.body.collect().await.expect("a body"), b"stubbed");
    s3.get_object(BUCKET, "key").presign(Duration::from_secs(60)).await.expect("a URL");
    let post = s3.presigned_post(BUCKET, "key").send().await.expect("a presigned POST");
    assert_eq!(post.url, format!("{HOST}/"));
    let key = credentials().access_key_id().to_owned();
    assert!(post.field("x-amz-credential").is_some_and(|it| it.starts_with(&key) && it.contains("/s3express/")));
    assert_eq!(post.field("X-Amz-S3session-Token"), Some("role-token"));
    stub.verify();
    assert_eq!((zone.created(), zone.requests().len()), (0, 0));
}
