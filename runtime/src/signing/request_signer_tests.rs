use super::*;
use crate::config::Environment;
use crate::credentials::Anonymous;
use crate::doubles::{MockServer, ScriptedClient};
use crate::hooks::{self, Hook, HookContext, HookInput, HookOutcome};
use crate::session::SessionBuilder;
use crate::testing::{FixedClock, ReceivedRequest, RecordedSleep, Reply};

fn session(token: Option<&str>) -> SessionBuilder {
    let credentials = Credentials::new("akid", "skid");
    let credentials = match token {
        Some(token) => credentials.with_session_token(token),
        None => credentials,
    };
    Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(credentials)
        .sleep(RecordedSleep::new().sleep())
        // 2016-11-07T17:39:33Z.
        .clock(FixedClock::from_secs(1_478_540_373).clock())
}

const TOKEN: Option<&str> = Some("the/token+=");

/// `expect`: signed headers and signature that botocore 1.44.5 (`SigV4Auth`) computes at the same time.
async fn check(signer: RequestSigner, request: http::Request<&str>, expect: (&str, &str)) {
    let signed = signer.sign(request).await.unwrap();
    let value = signed.headers()["authorization"].to_str().unwrap();
    let (rest, signature) = value.rsplit_once(", Signature=").unwrap();
    assert_eq!((rest.rsplit_once("SignedHeaders=").unwrap().1, signature), expect);
    assert!(signed.headers()["authorization"].is_sensitive());
}

#[tokio::test]
async fn signatures_of_requests_are_equal_to_those_of_botocore() {
    let session_of = |token| session(token).build().unwrap();
    let uri = "https://abc.execute-api.eu-west-1.amazonaws.com/prod/a%20b/%C3%BC?x=1&a=b%2Fc";
    let request = http::Request::post(uri).header("content-type", "application/json").body(r#"{"a": 1}"#).unwrap();
    let names = "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token";
    let signature = "45f3af955b23fba86430df5d80d6c82099a09244cadafe36700ee79a0539ce60";
    check(session_of(TOKEN).signer("execute-api").region("eu-west-1"), request, (names, signature)).await;

    let uri = "https://aps-workspaces.us-east-1.amazonaws.com/workspaces/ws-1/api/v1/query?query=up";
    let signature = "abf8789c1ac72b67bcd299ca8ec0c8a74e9a4ff1ea259fb7cde406738445d809";
    let request = http::Request::get(uri).header("user-agent", "mine").body("").unwrap();
    let names = "host;x-amz-content-sha256;x-amz-date";
    check(session_of(None).signer("aps"), request, (names, signature)).await;

    let request = http::Request::put("https://x.vpc-lattice-svcs.us-east-1.on.aws/a").body("body").unwrap();
    let signature = "8567c6f9d5897273530e1e4fce3fc6034d174f739dfa9eb71c5ccec87a23b6f8";
    check(session_of(None).signer("vpc-lattice-svcs").unsigned_payload(), request, (names, signature)).await;
}

#[tokio::test]
async fn presigned_web_socket_urls_are_equal_to_those_of_botocore() {
    let session_of = |token| session(token).build().unwrap();
    let url = "wss://transcribestreaming.eu-west-1.amazonaws.com:8443/stream-transcription-websocket\
               ?language-code=en-US&media-encoding=pcm&sample-rate=16000";
    let signed = session_of(TOKEN).signer("transcribe").region("eu-west-1");
    let signed = signed.presign_url(url, Duration::from_secs(300)).await.unwrap();
    let expect = "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=akid%2F20161107%2Feu-west-1%2Ftranscribe%2F\
                  aws4_request&X-Amz-Date=20161107T173933Z&X-Amz-Expires=300&X-Amz-SignedHeaders=host\
                  &X-Amz-Security-Token=the%2Ftoken%2B%3D\
                  &X-Amz-Signature=e95d0a9ba4a2fc0567f5bfa15358af00f2a54e645b83a8ec6470ab90f8d607c1";
    assert_eq!(signed, format!("{url}{expect}"));

    // As botocore signs it without the token, which is added unsigned.
    let url = "WSS://abc-ats.iot.us-east-1.amazonaws.com/mqtt";
    let iot = |token| session_of(token).signer("iotdevicegateway").unsigned_session_token();
    for (token, pair) in [(None, ""), (TOKEN, "&X-Amz-Security-Token=the%2Ftoken%2B%3D")] {
        let signed = iot(token).presign_url(url, Duration::from_secs(86_400)).await.unwrap();
        assert!(signed.starts_with("wss://abc-ats.iot.us-east-1.amazonaws.com/mqtt?X-Amz-Algorithm="), "{signed}");
        let signature = "20bca1fc3e689f8d86516cfc710c72af8068f93738af874865ed70661beb1582";
        assert!(signed.ends_with(&format!("{pair}&X-Amz-Signature={signature}")), "{signed}");
    }
}

#[tokio::test]
async fn what_cannot_be_signed_is_an_error_that_says_why() {
    let builder = || session(None);
    let get = |uri: &str| http::Request::get(uri).body("").unwrap();
    let error = builder().build().unwrap().signer("a").sign(get("/relative")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    let anonymous = builder().credentials(Anonymous).build().unwrap();
    let error = anonymous.signer("a").sign(get("https://h/")).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Credentials, "anonymous credentials cannot sign"));
    let unset = Session::builder().environment(Environment::empty()).credentials(Credentials::new("a", "s"));
    let error = unset.build().unwrap().signer("a").sign(get("https://h/")).await.unwrap_err();
    assert!(error.message().contains("no region"), "{error}");
    let error = builder().build().unwrap().signer("").sign(get("https://h/")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Signing, "{error}");
    let signer = builder().build().unwrap().signer("a");
    let error = signer.presign_url("wss://h/", Duration::from_secs(604_801)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    let error = signer.presign_url("ftp://h/", Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(!format!("{signer:?}").contains("skid"));
}

/// Sends a request to scripted replies; returns status or error kind, and how many requests arrived.
async fn send(replies: Vec<Reply>) -> (std::result::Result<u16, ErrorKind>, usize) {
    let http = ScriptedClient::new(replies).signed_by(Credentials::new("akid", "skid"));
    let session = session(None).http_client(http.clone()).build().unwrap();
    let request = http::Request::post("https://h.example/a?b=c").body(r#"{"a": 1}"#).unwrap();
    let result = session.signer("execute-api").send(request).await;
    let requests = http.requests();
    assert!(requests.iter().all(|it| &it.body[..] == br#"{"a": 1}"#));
    (result.map(|it| it.status().as_u16()).map_err(|it| it.kind()), requests.len())
}

#[tokio::test]
async fn requests_are_retried_like_calls_and_the_last_response_is_returned() {
    let failed = Reply::new;
    assert_eq!(send(vec![Reply::ok("done")]).await, (Ok(200), 1));
    assert_eq!(send(vec![failed(503), failed(429), Reply::ok("done")]).await, (Ok(200), 3));
    assert_eq!(send(vec![Reply::close(), Reply::ok("done")]).await, (Ok(200), 2));
    assert_eq!(send(vec![failed(404)]).await, (Ok(404), 1));
    assert_eq!(send((0..3).map(|_| failed(500)).collect()).await, (Ok(500), 3));
    assert_eq!(send((0..3).map(|_| Reply::close()).collect()).await, (Err(ErrorKind::Io), 3));
}

/// Sends a request to these replies; the requests that arrived, and the pauses between them.
async fn exchange(
    change: fn(SessionBuilder) -> SessionBuilder,
    replies: Vec<Reply>,
) -> (Vec<ReceivedRequest>, Vec<Duration>) {
    let http = ScriptedClient::new(replies).signed_by(Credentials::new("akid", "skid"));
    let sleep = RecordedSleep::new();
    let session = change(session(None).http_client(http.clone()).sleep(sleep.sleep())).build().unwrap();
    let request = http::Request::post("https://h.example/a").body("{}").unwrap();
    let _ = session.signer("execute-api").send(request).await;
    (http.requests(), sleep.waits())
}

#[tokio::test]
async fn a_request_waits_as_long_as_the_service_asks_and_is_retried_by_the_code_of_an_error() {
    let throttled =
        Reply::new(400).header("x-amzn-errortype", "ThrottlingException").header("x-amz-retry-after", "2500");
    let (requests, waits) = exchange(|it| it, vec![throttled, Reply::ok("done")]).await;
    assert_eq!(requests.len(), 2);
    assert!(waits[0] >= Duration::from_millis(2500), "{waits:?}");
    let attempts: Vec<_> = requests.iter().map(|it| it.header("amz-sdk-request")).collect();
    assert_eq!(attempts, ["attempt=1; max=3", "attempt=2; max=3"]);
    assert!(requests[0].header("user-agent").contains(" api/execute-api "), "{:?}", requests[0].headers);
}

#[tokio::test]
async fn a_request_is_limited_in_the_adaptive_mode() {
    let throttled = || Reply::new(429);
    let replies = vec![throttled(), throttled(), Reply::ok("done")];
    let adaptive = |it: SessionBuilder| it.retry_mode(crate::config::RetryMode::Adaptive);
    let (standard, waits) = exchange(|it| it, replies.clone()).await;
    let (limited, more) = exchange(adaptive, replies).await;
    assert_eq!((standard.len(), limited.len()), (3, 3));
    assert!(more.len() > waits.len(), "{more:?} {waits:?}");
}

#[tokio::test]
async fn a_request_is_signed_with_the_time_of_the_service_after_it_was_refused() {
    let refused = Reply::new(403)
        .header("x-amzn-errortype", "InvalidSignatureException")
        .header("date", "Mon, 07 Nov 2016 19:39:33 GMT");
    let (requests, waits) = exchange(|it| it, vec![refused, Reply::ok("done")]).await;
    let dates: Vec<_> = requests.iter().map(|it| it.header("x-amz-date")).collect();
    assert_eq!(dates, ["20161107T173933Z", "20161107T193933Z"]);
    assert!(waits.is_empty(), "{waits:?}");
}

#[tokio::test]
async fn hooks_see_and_change_a_request() {
    struct Place(Arc<Mutex<Vec<String>>>);
    impl Hook for Place {
        fn before_build(&self, call: &mut HookContext, input: &mut HookInput<'_>) -> Result<()> {
            let text = format!("{}.{} {}", call.service(), call.operation(), input.to_document());
            lock(&self.0).push(text);
            input.set("Url", "https://other.example/b")
        }
        fn after_call(&self, call: &mut HookContext, outcome: &HookOutcome<'_>) {
            lock(&self.0).push(format!("{:?} {:?} {}", call.region(), outcome.status(), outcome.attempts()));
        }
    }
    let log = Arc::default();
    let http =
        ScriptedClient::new([Reply::new(404).body("none"), Reply::ok("")]).signed_by(Credentials::new("akid", "skid"));
    let builder = session(None).http_client(http.clone()).hook(Place(Arc::clone(&log)));
    let signer = builder.hook(hooks::header("x-mine", "1")).build().unwrap().signer("aps");
    for _ in 0..2 {
        signer.send(http::Request::put("https://h.example/a").body("x").unwrap()).await.unwrap();
    }
    assert_eq!(
        (http.requests()[0].url.as_str(), http.requests()[0].header("x-mine")),
        ("https://other.example/b", "1")
    );
    let build = r#"aps.SendRequest {"Body":"eA==","Method":"PUT","Url":"https://h.example/a"}"#;
    let end = |status| format!("Some(\"us-east-1\") Some({status}) 1");
    assert_eq!(*lock(&log), [build, &end(404), build, &end(200)]);
    // What it finds before it is sent has an end, too.
    let anonymous = signer.session.to_builder().credentials(Anonymous).build().unwrap().signer("aps");
    let error = anonymous.send(http::Request::put("https://h.example/a").body("x").unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Credentials, Some("SendRequest")));
    assert_eq!(lock(&log).last().unwrap(), "None None 0");
}

#[tokio::test]
async fn responses_have_headers_and_a_streamed_body() {
    let server = MockServer::start([Reply::new(201).header("x-id", "7").body("made")]);
    let request = http::Request::put(format!("{}/a", server.url())).body("x").unwrap();
    let response = session(None).build().unwrap().signer("execute-api").send(request).await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["x-id"].to_str().unwrap()), (201, "7"));
    assert_eq!(&*response.into_body().collect().await.unwrap(), b"made");
}

#[tokio::test]
async fn a_hook_cannot_send_a_request_without_tls_and_is_named() {
    struct Downgrade(&'static str);
    impl Hook for Downgrade {
        fn before_build(&self, _: &mut HookContext, input: &mut HookInput<'_>) -> Result<()> {
            input.set("Url", self.0)
        }
    }
    struct Other;
    impl Hook for Other {
        fn before_build(&self, _: &mut HookContext, input: &mut HookInput<'_>) -> Result<()> {
            input.set("Method", "GET")
        }
    }
    let send = async |from: &str, to: &'static str| {
        let http = ScriptedClient::new([Reply::ok("")]).unverified();
        let builder = session(None).http_client(http.clone()).hook(Other).hook(Downgrade(to)).hook(Other);
        let signer = builder.build().unwrap().signer("aps");
        let sent = signer.send(http::Request::get(from).body("").unwrap()).await;
        assert_eq!(http.requests().len(), usize::from(sent.is_ok()));
        sent.map(drop)
    };
    for to in ["http://h.example/a", "HTTP://other.example"] {
        let error = send("https://h.example/a", to).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Hook);
        let expect = "Downgrade failed in before_build: it changed the scheme of the URL from https to http";
        assert!(error.to_string().contains(expect), "{error}");
    }
    send("http://h.example/a", "http://h.example/b").await.expect("it was http before");
    send("http://h.example/a", "https://h.example/b").await.expect("https is better");
}
