//! Hooks of sessions, clients and single calls: places, order, what they can change, and how their failures are reported.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_core::config::Environment;
use aws_core::credentials::{Credentials, ProvideCredentials};
use aws_core::hooks::{self, Hook, HookContext, HookInput, HookOutcome, RetryDecision};
use aws_core::http::{Request, Response, StatusCode};
use aws_core::testing::{RecordedSleep, Reply, credentials};
use aws_core::{BoxFuture, Document, Error, ErrorKind, Options, Result, Session, SessionBuilder};
use aws_s3::operation::{GetObject, HeadObject, PutObject};
use tests::doubles::ScriptedClient;

fn builder(http: &ScriptedClient) -> SessionBuilder {
    Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(credentials())
        .sleep(RecordedSleep::new().sleep())
        .http_client(http.clone())
}

fn client(session: SessionBuilder) -> aws_s3::Client {
    aws_s3::Client::new(&session.build().expect("settings"))
}

type Log = Arc<Mutex<Vec<String>>>;

/// Records where it is called.
struct Recorder(&'static str, Log);

impl Recorder {
    fn add(&self, place: &str, call: &HookContext) {
        let source = call.credentials_source().unwrap_or("-");
        let region = call.region().unwrap_or("-");
        let text =
            format!("{} {place} {}.{} {} {region} {source}", self.0, call.service(), call.operation(), call.attempt());
        self.1.lock().expect("a log").push(text);
    }
}

impl Hook for Recorder {
    fn name(&self) -> &str {
        self.0
    }
    fn before_build(&self, call: &mut HookContext, _: &mut HookInput<'_>) -> Result<()> {
        self.add("build", call);
        Ok(())
    }
    fn before_sign<'a>(&'a self, call: &'a mut HookContext, request: &'a mut Request) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            assert!(!request.headers.contains_key("authorization"));
            self.add("sign", call);
            Ok(())
        })
    }
    fn before_send<'a>(&'a self, call: &'a mut HookContext, request: &'a mut Request) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            assert!(request.headers.contains_key("authorization"));
            self.add("send", call);
            Ok(())
        })
    }
    fn after_response<'a>(
        &'a self,
        call: &'a mut HookContext,
        response: &'a mut Response,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.add(&format!("response {}", response.status.as_u16()), call);
            Ok(())
        })
    }
    fn on_failure(&self, call: &mut HookContext, failure: &Error) -> Result<Option<RetryDecision>> {
        self.add(&format!("failure {}", failure.code().unwrap_or_default()), call);
        Ok(None)
    }
    fn after_call(&self, call: &mut HookContext, outcome: &HookOutcome<'_>) {
        self.add(&format!("end {:?} after {}", outcome.status(), outcome.attempts()), call);
    }
}

#[tokio::test]
async fn hooks_are_called_at_each_place_in_a_defined_order() {
    let log = Log::default();
    let http = ScriptedClient::new([Reply::new(503), Reply::ok("")]);
    let s3 = client(builder(&http).hook(Recorder("session", Arc::clone(&log))));
    let options = Options::new().hook(Recorder("call", Arc::clone(&log)));
    s3.get_object("b", "k").with_options(options).send().await.expect("a response");
    let found = std::mem::take(&mut *log.lock().expect("a log"));
    let expect = [
        "session build S3.GetObject 0 - -",
        "call build S3.GetObject 0 - -",
        "session sign S3.GetObject 1 us-east-1 explicit",
        "call sign S3.GetObject 1 us-east-1 explicit",
        "session send S3.GetObject 1 us-east-1 explicit",
        "call send S3.GetObject 1 us-east-1 explicit",
        "call response 503 S3.GetObject 1 us-east-1 explicit",
        "session response 503 S3.GetObject 1 us-east-1 explicit",
        "session failure ServiceUnavailable S3.GetObject 1 us-east-1 explicit",
        "call failure ServiceUnavailable S3.GetObject 1 us-east-1 explicit",
        "session sign S3.GetObject 2 us-east-1 explicit",
        "call sign S3.GetObject 2 us-east-1 explicit",
        "session send S3.GetObject 2 us-east-1 explicit",
        "call send S3.GetObject 2 us-east-1 explicit",
        "call response 200 S3.GetObject 2 us-east-1 explicit",
        "session response 200 S3.GetObject 2 us-east-1 explicit",
        "call end Some(200) after 2 S3.GetObject 2 us-east-1 explicit",
        "session end Some(200) after 2 S3.GetObject 2 us-east-1 explicit",
    ];
    assert_eq!(found, expect);
    // Another call of the client has the session's hook only.
    http.push(Reply::ok(""));
    s3.get_object("b", "k").send().await.expect("a response");
    assert!(log.lock().expect("a log").iter().all(|it| it.starts_with("session ")));
}

#[tokio::test]
async fn a_call_that_fails_before_it_is_sent_has_an_end() {
    let log = Log::default();
    let s3 = client(builder(&ScriptedClient::new([])).hook(Recorder("h", Arc::clone(&log))));
    assert_eq!(s3.get_object("", "k").send().await.expect_err("invalid").kind(), ErrorKind::Validation);
    let found = log.lock().expect("a log").clone();
    assert_eq!(found, ["h build S3.GetObject 0 - -", "h end None after 0 S3.GetObject 0 - -"]);
}

#[tokio::test]
async fn a_call_that_fails_before_its_first_place_has_an_end() {
    #[derive(Debug)]
    struct Hanging;
    impl ProvideCredentials for Hanging {
        fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
            Box::pin(pending())
        }
    }
    let log = Log::default();
    let end = || std::mem::take(&mut *log.lock().expect("a log"));
    let options = || Options::new().hook(Recorder("h", Arc::clone(&log)));
    // Its endpoint depends on the account id of the credentials.
    let session = builder(&ScriptedClient::new([])).credentials(Hanging).total_timeout(Duration::from_millis(20));
    let dynamodb = aws_dynamodb::Client::new(&session.build().expect("settings"));
    let error = dynamodb.list_tables().with_options(options()).send().await.expect_err("a timeout");
    assert_eq!(
        (error.kind(), end()),
        (ErrorKind::Timeout, vec!["h end None after 0 DynamoDB.ListTables 0 - -".into()])
    );

    let session = builder(&ScriptedClient::new([])).environment(Environment::from_iter([("AWS_MAX_ATTEMPTS", "many")]));
    let s3 = aws_s3::Client::new(&session.build_lazy());
    let get = || s3.get_object("b", "k").with_options(options());
    assert_eq!(get().send().await.expect_err("a setting").kind(), ErrorKind::Config);
    assert_eq!(end(), ["h end None after 0 S3.GetObject 0 - -"]);
    get().presign(Duration::from_secs(60)).await.expect_err("a setting");
    assert_eq!(end(), [""; 0]);
}

#[tokio::test]
async fn a_derived_session_gives_one_client_its_hooks() {
    let http = ScriptedClient::new([Reply::ok(""), Reply::ok("")]);
    let session = builder(&http).build().expect("settings");
    let derived = session.to_builder().hook(hooks::header("x-mine", "1")).build().expect("settings");
    for session in [&session, &derived] {
        aws_s3::Client::new(session).head_bucket("b").send().await.expect("a response");
    }
    let found: Vec<_> = http.requests().iter().map(|it| it.header("x-mine").to_owned()).collect();
    assert_eq!(found, ["", "1"]);
}

#[tokio::test]
async fn headers_are_signed_before_signing_and_unsigned_after() {
    let http = ScriptedClient::new([Reply::new(500), Reply::ok("")]);
    let s3 =
        client(builder(&http).hook(hooks::header("x-amz-before", "1")).hook(hooks::before_send(|call, request| {
            let number = call.attempt().to_string();
            request.headers.insert("x-after", number.parse().expect("a number is a header value"));
        })));
    s3.head_bucket("b").send().await.expect("a response");
    // The client verifies signatures, of which `x-amz-…` must be part.
    for (index, request) in http.requests().iter().enumerate() {
        let signed = request.header("authorization").split("SignedHeaders=").nth(1).unwrap_or_default().to_owned();
        assert!(signed.contains("x-amz-before") && !signed.contains("x-after"), "{signed}");
        assert_eq!((request.header("x-amz-before"), request.header("x-after")), ("1", &*(index + 1).to_string()));
    }
    let error =
        client(builder(&http).hook(hooks::header("bad name", "1"))).list_buckets().send().await.expect_err("invalid");
    assert_eq!(error.kind(), ErrorKind::Hook);
    assert!(error.to_string().contains("invalid name of the header \"bad name\""), "{error}");
}

#[tokio::test]
async fn a_url_that_is_changed_before_signing_is_signed() {
    let http = ScriptedClient::new([Reply::ok("")]);
    let s3 = client(builder(&http).hook(hooks::on_request(|request| {
        request.url.set_authority("gateway.example:8443").expect("an authority");
        request.url.push_query("via=gateway");
    })));
    s3.head_object("bucket", "k").send().await.expect("a response");
    assert_eq!(http.requests()[0].url, "https://gateway.example:8443/k?via=gateway");
}

#[tokio::test]
async fn an_input_is_changed_by_type_and_by_value() {
    let http = ScriptedClient::new([Reply::ok(""), Reply::ok("")]);
    let seen = Log::default();
    let log = Arc::clone(&seen);
    struct ByValue(Log);
    impl Hook for ByValue {
        fn before_build(&self, call: &mut HookContext, input: &mut HookInput<'_>) -> Result<()> {
            let bucket = input.search("Bucket")?;
            self.0.lock().expect("a log").push(format!("{} {bucket} {input:?}", call.operation()));
            assert_eq!(input.to_document().get("Bucket"), Some(&bucket));
            assert!(input.of::<HeadObject>().is_none());
            let invalid = input.set("Nothing", "x").expect_err("no such member");
            assert!(invalid.to_string().contains("Nothing: there is no such member"), "{invalid}");
            input.set("Bucket", vec!["x"]).expect_err("not a string");
            input.set("Bucket", "other")?;
            input.set("ContentType", Document::Null)
        }
    }
    let typed = hooks::on_input::<PutObject>(|input| input.cache_control = Some("no-store".to_owned()));
    let s3 = client(builder(&http).hook(ByValue(log)).hook(typed));
    s3.put_object("first", "k").content_type("text/plain").sse_customer_key("hush").send().await.expect("a response");
    let request = &http.requests()[0];
    assert!(request.url.starts_with("https://other.s3."), "{}", request.url);
    assert_eq!((request.header("cache-control"), request.header("content-type")), ("no-store", ""));
    let text = seen.lock().expect("a log").join("\n");
    assert!(
        text.starts_with("PutObject \"first\" PutObjectInput { Bucket: \"first\"") && !text.contains("hush"),
        "{text}"
    );
}

/// Fails at one place, in one manner.
struct Failing {
    place: &'static str,
    panics: bool,
}

impl Failing {
    fn at(&self, place: &str) -> Result<()> {
        match place == self.place {
            true if self.panics => panic!("oh {place}"),
            true => Err(Error::new(ErrorKind::Config, format!("no {place}"))),
            false => Ok(()),
        }
    }
}

impl Hook for Failing {
    fn name(&self) -> &str {
        "Failing"
    }
    fn before_build(&self, _: &mut HookContext, _: &mut HookInput<'_>) -> Result<()> {
        self.at("before_build")
    }
    fn before_sign<'a>(&'a self, _: &'a mut HookContext, _: &'a mut Request) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { self.at("before_sign") })
    }
    fn before_send<'a>(&'a self, _: &'a mut HookContext, _: &'a mut Request) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { self.at("before_send") })
    }
    fn after_response<'a>(&'a self, _: &'a mut HookContext, _: &'a mut Response) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { self.at("after_response") })
    }
    fn on_failure(&self, _: &mut HookContext, _: &Error) -> Result<Option<RetryDecision>> {
        self.at("on_failure").map(|()| None)
    }
    fn after_call(&self, _: &mut HookContext, _: &HookOutcome<'_>) {
        let _ = self.at("after_call");
    }
}

#[tokio::test]
async fn a_failure_of_a_hook_is_reported_as_that_hooks() {
    for place in ["before_build", "before_sign", "before_send", "after_response", "on_failure"] {
        for panics in [false, true] {
            let http = ScriptedClient::new([Reply::new(503), Reply::ok("")]);
            let log = Log::default();
            let s3 = client(builder(&http).hook(Recorder("r", Arc::clone(&log))).hook(Failing { place, panics }));
            let error = s3.get_object("b", "k").send().await.expect_err(place);
            let sent = usize::from(["after_response", "on_failure"].contains(&place));
            assert_eq!((error.kind(), http.requests().len()), (ErrorKind::Hook, sent), "{place}");
            let what = if panics { format!("it panicked: oh {place}") } else { format!("no {place}") };
            let text = error.to_string();
            assert!(text.starts_with(&format!("GetObject: the hook Failing failed in {place}: {what}")), "{text}");
            let cause = error.cause().and_then(|it| it.downcast_ref::<Error>()).map(Error::kind);
            assert_eq!(cause, (!panics).then_some(ErrorKind::Config), "{place}");
            let end = log.lock().expect("a log").last().cloned().unwrap_or_default();
            assert!(place == "before_build" || end.starts_with("r end"), "{place}: {end}");
        }
    }
    // After the call nothing can fail any more.
    let http = ScriptedClient::new([Reply::ok("")]);
    let s3 = client(builder(&http).hook(Failing { place: "after_call", panics: true }));
    s3.get_object("b", "k").send().await.expect("a response");
}

#[tokio::test]
async fn timeouts_hold_for_hooks() {
    struct Hanging(&'static str);
    impl Hook for Hanging {
        fn before_sign<'a>(&'a self, _: &'a mut HookContext, _: &'a mut Request) -> BoxFuture<'a, Result<()>> {
            Box::pin(async { if self.0 == "sign" { pending().await } else { Ok(()) } })
        }
        fn before_send<'a>(&'a self, _: &'a mut HookContext, _: &'a mut Request) -> BoxFuture<'a, Result<()>> {
            Box::pin(async { if self.0 == "send" { pending().await } else { Ok(()) } })
        }
    }
    let short = Duration::from_millis(20);
    for (place, options) in
        [("sign", Options::new().total_timeout(short)), ("send", Options::new().attempt_timeout(short).max_attempts(1))]
    {
        let s3 = client(builder(&ScriptedClient::new([])).hook(Hanging(place)));
        let error = s3.get_object("b", "k").with_options(options).send().await.expect_err(place);
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    }
}

#[tokio::test]
async fn a_hook_that_calls_its_own_client_ends() {
    struct Recursive(Arc<Mutex<Option<aws_s3::Client>>>);
    impl Hook for Recursive {
        fn name(&self) -> &str {
            "Recursive"
        }
        fn before_sign<'a>(&'a self, _: &'a mut HookContext, _: &'a mut Request) -> BoxFuture<'a, Result<()>> {
            Box::pin(async {
                let client = self.0.lock().expect("a client").clone();
                client.expect("a client").list_buckets().await.map(drop)
            })
        }
    }
    let slot = Arc::new(Mutex::new(None));
    let first = hooks::header("x-first", "1");
    let s3 = client(builder(&ScriptedClient::new([])).hook(first).hook(Recursive(Arc::clone(&slot))));
    *slot.lock().expect("a slot") = Some(s3.clone());
    let error = s3.get_object("b", "k").send().await.expect_err("without end");
    assert!(error.to_string().contains("the hook Recursive failed in before_sign: it calls a client"), "{error}");
}

#[derive(Debug)]
struct NoCredentials;

impl ProvideCredentials for NoCredentials {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(async { Err(Error::new(ErrorKind::Credentials, "must not be asked")) })
    }
}

#[tokio::test]
async fn a_hook_responds_without_credentials_and_connection() {
    struct Cache(Mutex<Option<(StatusCode, aws_core::Bytes)>>);
    impl Hook for Cache {
        fn before_sign<'a>(&'a self, call: &'a mut HookContext, _: &'a mut Request) -> BoxFuture<'a, Result<()>> {
            Box::pin(async move {
                if let Some((status, body)) = self.0.lock().expect("a cache").clone() {
                    call.respond(Response::new(status, Default::default(), body));
                }
                Ok(())
            })
        }
        fn after_response<'a>(
            &'a self,
            call: &'a mut HookContext,
            response: &'a mut Response,
        ) -> BoxFuture<'a, Result<()>> {
            Box::pin(async move {
                assert!(call.is::<GetObject>());
                let body = std::mem::take(&mut response.body).collect().await?.into_bytes();
                *self.0.lock().expect("a cache") = Some((response.status, body.clone()));
                response.body = body.into();
                Ok(())
            })
        }
    }
    let http = ScriptedClient::new([Reply::ok("cached")]);
    let session = builder(&http).hook(Cache(Mutex::default())).build().expect("settings");
    let read = |session: Session| async move {
        let response = aws_s3::Client::new(&session).get_object("b", "k").send().await.expect("a response");
        response.body.collect().await.expect("a body").into_bytes()
    };
    assert_eq!(read(session.clone()).await, "cached");
    let without = session.to_builder().credentials(NoCredentials).build().expect("settings");
    assert_eq!(read(without).await, "cached");
    assert_eq!(http.requests().len(), 1);
}

#[tokio::test]
async fn a_response_of_a_hook_is_retried_like_one_of_the_service() {
    let http = ScriptedClient::new([Reply::ok("")]);
    let s3 = client(builder(&http).hook(hooks::before_send(|call, _| {
        if call.attempt() == 1 {
            call.respond(Response::new(StatusCode::SERVICE_UNAVAILABLE, Default::default(), ""));
        }
    })));
    let (_, metadata) = s3.head_bucket("b").send_with_metadata().await.expect("the second attempt");
    assert_eq!((metadata.attempts, http.requests().len()), (2, 1));
}

#[tokio::test]
async fn a_hook_signs_by_itself_or_not_at_all_only_if_it_says_so() {
    struct Own(bool);
    impl Hook for Own {
        fn name(&self) -> &str {
            "Own"
        }
        fn before_sign<'a>(&'a self, call: &'a mut HookContext, request: &'a mut Request) -> BoxFuture<'a, Result<()>> {
            Box::pin(async move {
                if self.0 {
                    call.skip_signature();
                    request.headers.insert("authorization", "Bearer mine".parse().expect("a header value"));
                }
                Ok(())
            })
        }
        fn before_send<'a>(&'a self, _: &'a mut HookContext, request: &'a mut Request) -> BoxFuture<'a, Result<()>> {
            Box::pin(async move {
                if !self.0 {
                    request.headers.remove("authorization");
                }
                Ok(())
            })
        }
    }
    let http = ScriptedClient::new([Reply::ok("")]).unverified();
    let s3 = client(builder(&http).credentials(NoCredentials).hook(Own(true)));
    s3.head_bucket("b").send().await.expect("a response");
    assert_eq!(http.requests()[0].header("authorization"), "Bearer mine");
    let error = client(builder(&http).hook(Own(false))).head_bucket("b").send().await.expect_err("refused");
    assert!(error.to_string().contains("the hook Own failed in before_send: it removed the signature"), "{error}");
}

#[tokio::test]
async fn a_request_is_not_sent_over_http_instead_of_https() {
    let to_http = || {
        hooks::on_request(|request| {
            let url = request.url.as_str().replace("https:", "http:");
            request.url = aws_core::http::Url::parse(url).expect("a URL");
        })
    };
    let s3 = client(builder(&ScriptedClient::new([])).hook(to_http()));
    let error = s3.head_bucket("b").send().await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Hook);
    assert!(error.to_string().contains("it changed the scheme of the URL from https to http"), "{error}");
    let http = ScriptedClient::new([Reply::ok("")]);
    let s3 = client(builder(&http).endpoint_url("http://store.example").hook(to_http()));
    s3.head_bucket("b").send().await.expect("it was http before");
}

#[tokio::test]
async fn a_hook_decides_on_retries_within_the_attempts_that_are_allowed() {
    async fn check(decision: RetryDecision, replies: &[u16], expect: Result<u32, (u16, u32)>) {
        let http = ScriptedClient::new(replies.iter().map(|it| Reply::new(*it)));
        let s3 = client(builder(&http).hook(hooks::on_failure(move |_, _| Some(decision))));
        let found = s3.head_bucket("b").send_with_metadata().await;
        let found = found.map(|it| it.1.attempts).map_err(|it| (it.status().unwrap_or_default(), it.attempts()));
        assert_eq!(found, expect, "{decision:?} {replies:?}");
    }
    let retry = RetryDecision::Retry(Duration::from_secs(5));
    check(retry, &[403, 200], Ok(2)).await;
    check(retry, &[403, 403, 403, 200], Err((403, 3))).await;
    check(RetryDecision::Stop, &[503, 200], Err((503, 1))).await;
}

#[tokio::test]
async fn state_is_kept_from_place_to_place_and_not_from_call_to_call() {
    struct Counter(Log);
    impl Hook for Counter {
        fn before_build(&self, call: &mut HookContext, _: &mut HookInput<'_>) -> Result<()> {
            assert!(call.insert(0_u32).is_none(), "a new call has no state");
            Ok(())
        }
        fn before_send<'a>(&'a self, call: &'a mut HookContext, _: &'a mut Request) -> BoxFuture<'a, Result<()>> {
            Box::pin(async move {
                *call.get_mut::<u32>().expect("inserted before") += 1;
                Ok(())
            })
        }
        fn after_call(&self, call: &mut HookContext, outcome: &HookOutcome<'_>) {
            let text = match outcome.output::<GetObject>() {
                Some(output) => format!("{:?} {:?}", output.e_tag, outcome.request_id()),
                None => format!("{:?}", outcome.error().and_then(Error::code)),
            };
            assert!(call.elapsed() < Duration::from_secs(60));
            self.0.lock().expect("a log").push(format!("{} {text}", call.get::<u32>().expect("inserted before")));
        }
    }
    let log = Log::default();
    let http = ScriptedClient::new([
        Reply::new(500),
        Reply::ok("").header("etag", "e").header("x-amz-request-id", "R1"),
        Reply::new(404),
    ]);
    let s3 = client(builder(&http).hook(Counter(Arc::clone(&log))));
    s3.get_object("b", "k").send().await.expect("a response");
    s3.get_object("b", "k").send().await.expect_err("none");
    assert_eq!(*log.lock().expect("a log"), ["2 Some(\"e\") Some(\"R1\")", "1 Some(\"NotFound\")"]);
}

#[tokio::test]
async fn presigning_has_the_first_place_only_and_waiters_have_all() {
    let log = Log::default();
    let http = ScriptedClient::new([Reply::new(404), Reply::ok("")]);
    let s3 = client(builder(&http));
    let options = || Options::new().hook(Recorder("h", Arc::clone(&log)));
    s3.get_object("b", "k").with_options(options()).presign(Duration::from_secs(60)).await.expect("a URL");
    assert_eq!(std::mem::take(&mut *log.lock().expect("a log")), ["h build S3.GetObject 0 - -"]);
    s3.get_object("", "k").with_options(options()).presign(Duration::from_secs(60)).await.expect_err("invalid");
    assert_eq!(std::mem::take(&mut *log.lock().expect("a log")), ["h build S3.GetObject 0 - -"]);
    s3.wait_bucket_exists("b").with_options(options()).await.expect("it exists");
    let found = log.lock().expect("a log").iter().filter(|it| it.contains(" end ")).cloned().collect::<Vec<_>>();
    assert_eq!(found.len(), 2, "{found:?}");
}
