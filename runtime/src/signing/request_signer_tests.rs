use super::*;
use crate::config::Environment;
use crate::credentials::Anonymous;
use crate::session::SessionBuilder;
use crate::testing::{FixedClock, MockServer, RecordedSleep, Reply, ScriptedClient};

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

#[tokio::test]
async fn responses_have_headers_and_a_streamed_body() {
    let server = MockServer::start([Reply::new(201).header("x-id", "7").body("made")]);
    let request = http::Request::put(format!("{}/a", server.url())).body("x").unwrap();
    let response = session(None).build().unwrap().signer("execute-api").send(request).await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["x-id"].to_str().unwrap()), (201, "7"));
    assert_eq!(&*response.into_body().collect().await.unwrap(), b"made");
}
