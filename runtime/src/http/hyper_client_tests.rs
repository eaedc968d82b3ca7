use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;

use super::*;
use crate::http::{Proxies, ProxySource, Url};
use crate::test_util::{MockServer, Reply};
use crate::types::ByteStream;

fn client(change: impl FnOnce(&mut HttpConfig)) -> ReqwestClient {
    let mut settings = HttpConfig { proxy: ProxySource::None, ..HttpConfig::default() };
    change(&mut settings);
    ReqwestClient::with_environment(&settings, &Environment::empty()).expect("valid settings")
}

fn client_with_short_timeout() -> ReqwestClient {
    client(|it| it.read_timeout = Some(Duration::from_millis(100)))
}

fn request(method: &str, url: String) -> Request {
    Request::new(Method::from_bytes(method.as_bytes()).expect("a method"), Url::parse(url).expect("a URL"))
}

fn get(server: &MockServer) -> Request {
    request("GET", format!("{}/p?X-Amz-Signature=hush", server.url()))
}

fn check_error(error: &(impl std::error::Error + 'static), expect: &str) {
    let mut text = format!("{error} {error:?}");
    assert!(text.contains(expect), "{text}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!("{error} {error:?}"));
        cause = error.source();
    }
    assert!(!text.contains("hush"), "{text}");
}

#[tokio::test]
async fn responses_are_returned_unchanged() {
    let server = MockServer::start([
        Reply::ok("hello").header("x-amz-request-id", "r1"),
        Reply::new(204),
        Reply::new(200).body("not for HEAD"),
        Reply::new(307).header("location", "http://127.0.0.1:1/").body("moved"),
        Reply::new(404).body("no"),
        Reply::ok("packed").header("content-encoding", "gzip"),
    ]);
    let client = client(|_| {});
    for (method, status, body) in [
        ("GET", 200, "hello"),
        ("DELETE", 204, ""),
        ("HEAD", 200, ""),
        ("GET", 307, "moved"),
        ("GET", 404, "no"),
        ("GET", 200, "packed"),
    ] {
        let mut request = request(method, format!("{}/a//b%20c/?x=1&y", server.url()));
        request.headers.insert("x-mine", "1".parse().unwrap());
        let response = client.send(request).await.unwrap();
        assert_eq!(response.status.as_u16(), status);
        if method == "GET" && status == 200 {
            assert_eq!(response.body.len(), Some(body.len() as u64));
        }
        assert_eq!(&*response.body.collect().await.unwrap(), body.as_bytes(), "{method} {status}");
    }
    let seen = server.requests();
    for received in &seen {
        assert_eq!((received.target.as_str(), received.header("x-mine")), ("/a//b%20c/?x=1&y", "1"));
        for absent in ["accept-encoding", "referer", "user-agent", "content-length"] {
            assert_eq!(received.header(absent), "", "{absent}");
        }
    }
    assert_eq!((seen.len(), server.connections()), (6, 1), "connections are reused");
}

#[tokio::test]
async fn uploads_send_their_body_and_length() {
    let server = MockServer::start((0..8).map(|_| Reply::ok("")));
    let client = client(|_| {});
    let long: Vec<u8> = (0..3_000_000u32).map(|it| it as u8).collect();
    let bodies: [(Body, &[u8], &str); 8] = [
        (Body::Empty, b"", "0"),
        (Body::Bytes(Bytes::new()), b"", "0"),
        (Body::Stream(ByteStream::default()), b"", "0"),
        ("small".into(), b"small", "5"),
        (long.clone().into(), &long, "3000000"),
        (Body::Stream(ByteStream::from(long.clone())), &long, "3000000"),
        (Body::Stream(ByteStream::from_reader(&b"read"[..]).with_len(4)), b"read", "4"),
        (Body::Stream(ByteStream::from_reader(&b"read"[..])), b"read", ""),
    ];
    for (body, content, length) in bodies {
        let mut request = request("PUT", server.url());
        request.body = body;
        client.send(request).await.unwrap().body.collect().await.unwrap();
        let seen = server.requests().pop().unwrap();
        assert!(seen.body == content);
        assert_eq!(seen.header("content-length"), length);
        assert_eq!(seen.header("transfer-encoding"), if length.is_empty() { "chunked" } else { "" });
    }
}

#[tokio::test]
async fn unreadable_request_bodies_are_body_errors() {
    let server = MockServer::start((0..2).map(|_| Reply::ok("")));
    let torn = |_: Option<&Bytes>| Err(Error::new(ErrorKind::Body, "torn"));
    let broken = ByteStream::from("text").inspect(torn);
    for (body, expect) in
        [(ByteStream::from_reader(&b"ab"[..]).with_len(9), "7 bytes before its declared length"), (broken, "torn")]
    {
        let mut request = request("PUT", server.url());
        request.body = Body::Stream(body);
        let error = client(|_| {}).send(request).await.unwrap_err();
        assert_eq!(error.kind(), HttpErrorKind::Body, "{error}");
        check_error(&error, expect);
    }
}

#[tokio::test]
async fn incomplete_responses_are_errors() {
    let server = MockServer::start([
        Reply::ok(vec![7; 100_000]).truncated(70_000),
        Reply::ok("12345").stalled(2),
        Reply::ok("5\r\n12345\r\n").header("transfer-encoding", "chunked").truncated(10),
    ]);
    for (kind, expect) in [
        (ErrorKind::Io, "could not read the response body"),
        (ErrorKind::Timeout, "received for 100ms"),
        (ErrorKind::Io, "could not read the response body"),
    ] {
        let response = client_with_short_timeout().send(get(&server)).await.unwrap();
        let error = response.body.collect().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        check_error(&error, expect);
        check_error(&error, "127.0.0.1");
    }
}

#[tokio::test]
async fn a_missing_response_is_an_error() {
    let server = MockServer::start([Reply::close(), Reply::silence()]);
    for (kind, expect) in
        [(HttpErrorKind::Io, "the connection to 127.0.0.1"), (HttpErrorKind::Timeout, "received for 100ms")]
    {
        let error = client_with_short_timeout().send(get(&server)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        check_error(&error, expect);
    }
    let url = get(&server).url;
    drop(server);
    let error = client_with_short_timeout().send(Request::new(Method::GET, url)).await.unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Connect, "{error}");
    check_error(&error, "could not connect to 127.0.0.1");
}

#[tokio::test]
async fn a_request_body_that_never_arrives_times_out() {
    let server = MockServer::start([Reply::ok("")]);
    let mut request = request("PUT", server.url());
    request.body = Body::Stream(ByteStream::from_stream(Never).with_len(9));
    let error = client_with_short_timeout().send(request).await.unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Timeout);
}

/// A body that never arrives.
struct Never;

impl Stream for Never {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn http_requests_are_forwarded_by_the_proxy() {
    let server = MockServer::start([Reply::ok("by proxy")]);
    let proxied = client(|it| it.proxy = Proxies::all(server.url()).into());
    let response = proxied.send(request("GET", "http://no.such.host.invalid/p".to_owned())).await.unwrap();
    assert_eq!(&*response.body.collect().await.unwrap(), b"by proxy");
    assert_eq!(server.requests()[0].target, "http://no.such.host.invalid/p");
}

#[tokio::test]
async fn paths_are_sent_unchanged() {
    let server = MockServer::start([]);
    let client = client(|_| {});
    for path in [
        "/b/a/../c",
        "/b/./c",
        "/b/..",
        "/b/.",
        "/b/%2e%2E/c",
        "/b/.%2e",
        "/b/.hidden",
        "/b/...",
        "/b/a..b",
        "/b//c//",
        "/b/%20%2F%2e%2ex",
        "/b/!'()*@:;,$&=+~",
    ] {
        server.push(Reply::ok("content"));
        let mut request = request("PUT", format!("{}{path}?x=%20&y", server.url()));
        request.body = "sent".into();
        let response = client.send(request).await.unwrap();
        assert_eq!(&*response.body.collect().await.unwrap(), b"content");
        let seen = server.requests().pop().unwrap();
        assert_eq!((seen.target, &seen.body[..]), (format!("{path}?x=%20&y"), &b"sent"[..]));
        assert_eq!(format!("http://{}", seen.headers["host"].to_str().unwrap()), server.url());
    }
    assert_eq!(server.connections(), 2, "one for paths without dot segments, one for those with");
}

#[tokio::test]
async fn timeouts_apply_to_paths_with_dot_segments() {
    let server = MockServer::start([Reply::silence(), Reply::close(), Reply::ok("12345").truncated(2)]);
    let dots = |url: String| request("GET", format!("{url}/a/../b?X-Amz-Signature=hush"));
    for kind in [HttpErrorKind::Timeout, HttpErrorKind::Io] {
        let error = client_with_short_timeout().send(dots(server.url())).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        check_error(&error, "127.0.0.1");
    }
    let incomplete =
        client_with_short_timeout().send(dots(server.url())).await.unwrap().body.collect().await.unwrap_err();
    assert_eq!(incomplete.kind(), ErrorKind::Io);
    check_error(&incomplete, "could not read the response body");
    let refused = client_with_short_timeout().send(dots("http://127.0.0.1:1".to_owned())).await.unwrap_err();
    assert_eq!(refused.kind(), HttpErrorKind::Connect, "{refused}");
    check_error(&refused, "could not connect to 127.0.0.1:1");
}

#[test]
fn invalid_settings_are_rejected() {
    fn check(settings: HttpConfig, expect: &str) {
        let error = ReqwestClient::new(&settings).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        check_error(&error, expect);
    }
    let base = HttpConfig::default;
    let with_proxy = |url: &str| HttpConfig { proxy: Proxies::default().https(url).into(), ..base() };
    check(with_proxy("http://user:hush@["), "the proxy for https is not a valid proxy URL: it is malformed");
    check(with_proxy("socks5://user:hush@h"), "its scheme is socks5, but only http and https are supported");
    let variables = Environment::from_iter([("HTTPS_PROXY", "http://user:hush@h:99999")]);
    let error = ReqwestClient::with_environment(&base(), &variables).unwrap_err();
    check_error(&error, "HTTPS_PROXY is not a valid proxy URL: its port is not a number from 0 to 65535");
    check(HttpConfig { ca_bundle: Some("/no/such.pem".into()), ..base() }, "ca_bundle /no/such.pem: cannot be read");
    check(
        HttpConfig { ca_bundle: Some("/dev/null".into()), ..base() },
        "ca_bundle /dev/null: no certificates in PEM format",
    );
    check(
        HttpConfig { client_certificate: Some("/dev/null".into()), ..base() },
        "client_certificate /dev/null: no certificate",
    );
    let variables = Environment::from_iter([("REQUESTS_CA_BUNDLE", "/no/such.pem")]);
    let error = ReqwestClient::with_environment(&base(), &variables).unwrap_err();
    check_error(&error, "ca_bundle /no/such.pem: cannot be read");
}
