use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::DuplexStream;

use super::super::connection::MAX_HEADERS;
use super::super::established::Connected;
use super::super::idle_timeout::RecordingIo;
use super::*;
use crate::doubles::MockServer;
use crate::http::{Proxies, ProxySource, Url};
use crate::testing::Reply;
use crate::types::ByteStream;
use crate::{Error, ErrorKind};

pub(super) fn client(change: impl FnOnce(&mut HttpConfig)) -> HyperClient {
    let mut settings = HttpConfig { proxy: ProxySource::None, ..HttpConfig::default() };
    change(&mut settings);
    HyperClient::with_environment(&settings, &Environment::empty()).expect("valid settings")
}

/// For requests that end at this limit, or before it whatever the machine does. A busy one may take as long for others.
fn client_with_short_timeout() -> HyperClient {
    client(|it| it.read_timeout = Some(Duration::from_millis(100)))
}

/// Gives the client an open connection to the host of `url` which holds `capacity` bytes on their way. Returns the server's
/// end. For a paused clock, which would not wait for a socket of the system.
pub(super) async fn connect_in_memory(client: &HyperClient, url: &str, capacity: usize) -> DuplexStream {
    let (near, far) = tokio::io::duplex(capacity);
    let activity = Activity::start();
    let io = Box::pin(RecordingIo::new(near, Arc::clone(&activity)));
    let connected = Connected { io, activity, is_http2: false };
    let connection = Connection::start(connected, MAX_HEADERS).await.expect("a connection");
    client.0.pool.add(connection, Version::Http1, &Url::parse(url.to_owned()).expect("a URL")).finish();
    far
}

pub(super) fn request(method: &str, url: String) -> Request {
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
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_limit_of_connections_is_any_number_but_zero() {
    let mut settings = HttpConfig { proxy: ProxySource::None, ..HttpConfig::default() };
    for (max, expect) in [(Some(0), false), (Some(1), true), (Some(usize::MAX), true), (None, true)] {
        settings.max_connections = max;
        let server = MockServer::start([Reply::ok("")]);
        match HyperClient::with_environment(&settings, &Environment::empty()) {
            Ok(client) => assert_eq!(client.send(get(&server)).await.is_ok(), expect, "{max:?}"),
            Err(error) => {
                assert!(!expect && error.kind() == ErrorKind::Config, "{error}");
                check_error(&error, "max_connections is 0: expected at least 1");
            }
        }
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
        Reply::ok("5\r\n12345\r\n").header("transfer-encoding", "chunked").truncated(9),
        Reply::ok("12345").truncated(2),
    ]);
    for path in ["p", "p", "a/../b"] {
        let url = format!("{}/{path}?X-Amz-Signature=hush", server.url());
        let response = client(|_| {}).send(request("GET", url)).await.unwrap();
        let error = response.body.collect().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        check_error(&error, "could not read the response body");
        check_error(&error, "127.0.0.1");
    }
}

#[tokio::test]
async fn a_missing_response_is_an_error() {
    let server = MockServer::start([Reply::close(), Reply::silence()]);
    for (client, kind, expect) in [
        (client(|_| {}), HttpErrorKind::Io, "the connection to 127.0.0.1"),
        (client_with_short_timeout(), HttpErrorKind::Timeout, "received for 100ms"),
    ] {
        let error = client.send(get(&server)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        check_error(&error, expect);
    }
    let url = get(&server).url;
    drop(server);
    let error = client(|_| {}).send(Request::new(Method::GET, url)).await.unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Connect, "{error}");
    check_error(&error, "could not connect to 127.0.0.1");
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
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn timeouts_apply_to_paths_with_dot_segments() {
    let server = MockServer::start([Reply::silence(), Reply::close()]);
    let dots = |url: String| request("GET", format!("{url}/a/../b?X-Amz-Signature=hush"));
    let any = || client(|_| {});
    for (client, kind) in [(client_with_short_timeout(), HttpErrorKind::Timeout), (any(), HttpErrorKind::Io)] {
        let error = client.send(dots(server.url())).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        check_error(&error, "127.0.0.1");
    }
    let refused = any().send(dots("http://127.0.0.1:1".to_owned())).await.unwrap_err();
    assert_eq!(refused.kind(), HttpErrorKind::Connect, "{refused}");
    check_error(&refused, "could not connect to 127.0.0.1:1");
}

#[test]
fn invalid_settings_are_rejected() {
    fn check(settings: HttpConfig, expect: &str) {
        let error = HyperClient::new(&settings).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        check_error(&error, expect);
    }
    let base = HttpConfig::default;
    let with_proxy = |url: &str| HttpConfig { proxy: Proxies::default().https(url).into(), ..base() };
    check(HttpConfig { max_connections: Some(0), ..base() }, "max_connections is 0");
    check(with_proxy("http://user:hush@["), "the proxy for https is not a valid proxy URL: it is malformed");
    check(with_proxy("socks5://user:hush@h"), "its scheme is socks5, but only http and https are supported");
    let variables = Environment::from_iter([("HTTPS_PROXY", "http://user:hush@h:99999")]);
    let error = HyperClient::with_environment(&base(), &variables).unwrap_err();
    check_error(&error, "HTTPS_PROXY is not a valid proxy URL: its port is not a number from 0 to 65535");
    check(HttpConfig { ca_bundle: Some("/no/such.pem".into()), ..base() }, "ca_bundle /no/such.pem: cannot be read");
    if !http2::IS_ENABLED {
        check(
            HttpConfig { http2: true, ..base() },
            "the setting `http2` requires the crate feature `http2`, which this program lacks",
        );
    }
    check(
        HttpConfig { client_certificate: Some("/dev/null".into()), ..base() },
        "client_certificate /dev/null: no certificate",
    );
    let variables = Environment::from_iter([("REQUESTS_CA_BUNDLE", "/no/such.pem")]);
    let error = HyperClient::with_environment(&base(), &variables).unwrap_err();
    check_error(&error, "ca_bundle /no/such.pem: cannot be read");
}

/// A server that responds to each request with the next of `responses` and then acts.
pub(super) async fn raw_server(
    responses: Vec<(Vec<u8>, After)>,
) -> (String, Arc<std::sync::Mutex<Vec<(usize, String)>>>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a working test server");
    let url = format!("http://{}", listener.local_addr().expect("a working test server"));
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        let mut responses = responses.into_iter();
        for number in 1.. {
            let Ok((mut tcp, _)) = listener.accept().await else { return };
            loop {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    match tcp.read_u8().await {
                        Ok(byte) => head.push(byte),
                        Err(_) => break,
                    }
                }
                if head.is_empty() {
                    break;
                }
                let head = String::from_utf8(head).expect("a working test server").to_lowercase();
                log.lock().expect("a working test server").push((number, head.clone()));
                let Some((response, after)) = responses.next() else { return };
                if after != After::WithoutBody {
                    let length = head.split("content-length: ").nth(1).and_then(|it| it.split('\r').next());
                    let mut body = vec![0; length.map_or(0, |it| it.parse().expect("a working test server"))];
                    tcp.read_exact(&mut body).await.expect("a working test server");
                }
                if let After::Slowly(pause) = after {
                    for byte in response {
                        tcp.write_all(&[byte]).await.expect("a working test server");
                        tokio::time::sleep(pause).await;
                    }
                    continue;
                }
                tcp.write_all(&response).await.expect("a working test server");
                if after == After::Close {
                    break;
                }
            }
        }
    });
    (url, seen)
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum After {
    Stay,
    Close,
    /// The response is sent byte by byte, with this pause after each.
    Slowly(Duration),
    /// The response is sent before the request body is read.
    WithoutBody,
}

pub(super) fn ok() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_vec()
}

fn upload_of_reader(url: &str) -> Request {
    let mut request = request("PUT", url.to_owned());
    request.body = Body::Stream(ByteStream::from_reader(&b"hello"[..]).with_len(5));
    request
}

#[tokio::test]
async fn bodies_that_can_be_read_once_survive_connections_that_servers_close() {
    let (url, seen) = raw_server(vec![(ok(), After::Close); 300]).await;
    let client = client(|_| {});
    for _ in 0..300 {
        let response = client.send(upload_of_reader(&url)).await.expect("a connection that is open");
        assert_eq!(&*response.body.collect().await.unwrap(), b"ok");
    }
    assert!(seen.lock().unwrap().len() >= 300);
}

/// A server in a thread of its own, which closes a connection when the function is called, while its client is blocked.
fn closing_server() -> (String, impl Fn()) {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (close, closes) = std::sync::mpsc::channel();
    let (closed, is_closed) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\nhello") && stream.read_exact(&mut byte).is_ok() {
                request.push(byte[0]);
            }
            let _ = stream.write_all(&ok());
            let _ = closes.recv();
            drop(stream);
            let _ = closed.send(());
        }
    });
    let close = move || {
        close.send(()).expect("a working test server");
        is_closed.recv_timeout(Duration::from_secs(60)).expect("a working test server");
    };
    (url, close)
}

#[tokio::test]
async fn a_closed_connection_is_noticed_before_a_body_is_read() {
    let (url, close) = closing_server();
    let client = client(|_| {});
    for number in 0..20 {
        let mut upload = upload_of_reader(&url);
        // A request that is in memory is sent without a look, unless the runtime has seen the end by then.
        if number % 2 == 1 {
            upload.body = "hello".into();
            tokio::task::yield_now().await;
        }
        let response = client.send(upload).await.unwrap_or_else(|e| panic!("{number}: {e}"));
        assert_eq!(&*response.body.collect().await.unwrap(), b"ok");
        // The runtime does not see in the meantime that the server closes the connection.
        close();
    }
}

#[cfg(not(feature = "http2"))]
#[tokio::test]
async fn without_http2_a_duplex_request_is_an_error_that_names_the_feature() {
    let mut duplex = request("POST", "https://h/".to_owned());
    duplex.duplex = true;
    let error = client(|_| {}).send(duplex).await.unwrap_err();
    let expect = "bidirectional streaming with h requires the crate feature `http2`, which this program lacks";
    check_error(&error, expect);
}

#[tokio::test]
async fn expect_can_be_switched_off() {
    let server = MockServer::start([Reply::ok("")]);
    let client = client(|it| it.expect_continue = false);
    let mut upload = upload_of_reader(&server.url());
    upload.headers.insert("expect", "100-continue".parse().unwrap());
    client.send(upload).await.unwrap();
    assert_eq!((server.requests()[0].header("expect"), &server.requests()[0].body[..]), ("", &b"hello"[..]));
}

#[tokio::test]
async fn after_417_the_body_is_sent_without_expect() {
    let rejected = b"HTTP/1.1 417 No\r\ncontent-length: 0\r\n\r\n".to_vec();
    let bodies: [fn() -> Body; 3] = [
        || "hello".into(),
        || Body::Stream(ByteStream::from("hello")),
        || Body::Stream(ByteStream::from_reader(&b"hello"[..]).with_len(5)),
    ];
    for body in bodies {
        let script = vec![(rejected.clone(), After::WithoutBody), (ok(), After::Stay), (rejected.clone(), After::Stay)];
        let (url, seen) = raw_server(script).await;
        let client = client(|_| {});
        let mut upload = request("PUT", url.clone());
        upload.headers.insert("expect", "100-continue".parse().unwrap());
        upload.body = body();
        let response = client.send(upload).await.unwrap();
        assert_eq!(response.status.as_u16(), 200);
        response.body.collect().await.unwrap();
        // Without `expect` it is an ordinary response.
        let mut upload = request("PUT", url);
        upload.body = body();
        assert_eq!(client.send(upload).await.unwrap().status.as_u16(), 417);
        let seen = seen.lock().unwrap();
        let expects: Vec<bool> = seen.iter().map(|it| it.1.contains("expect: 100-continue")).collect();
        assert_eq!(expects, [true, false, false]);
    }
}

#[tokio::test]
async fn sequential_requests_use_one_connection_and_parallel_ones_no_more_than_there_are() {
    let server = MockServer::start((0..400).map(|_| Reply::ok("ok")));
    let client = client(|_| {});
    for _ in 0..100 {
        client.send(get(&server)).await.unwrap().body.collect().await.unwrap();
    }
    assert_eq!(server.connections(), 1);
    for _ in 0..10 {
        let calls: Vec<_> = (0..30)
            .map(|_| {
                let (client, request) = (client.clone(), get(&server));
                tokio::spawn(async move { client.send(request).await.unwrap().body.collect().await.unwrap() })
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
    }
    assert!(server.connections() <= 30, "{}", server.connections());
}

#[test]
fn without_a_runtime_sending_is_an_error() {
    let client = client(|_| {});
    let mut sending = std::pin::pin!(client.send(request("GET", "http://127.0.0.1:1/".to_owned())));
    let mut context = Context::from_waker(std::task::Waker::noop());
    let Poll::Ready(result) = sending.as_mut().poll(&mut context) else { panic!("waits") };
    check_error(&result.unwrap_err(), "no Tokio runtime");
}

/// The requests are sent by a process of its own, which may open few files only.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn without_files_requests_wait_for_connections() {
    let (url, _) = slow_server().await;
    let program = std::env::current_exe().unwrap();
    let name = "http::hyper_client::tests::a_hundred_requests_at_once";
    let script = format!("ulimit -n 48; exec '{}' --exact {name} --ignored", program.display());
    let run = move || std::process::Command::new("sh").arg("-c").arg(script).env("TEST_URL", url).output().unwrap();
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "run by without_files_requests_wait_for_connections, with few files"]
fn a_hundred_requests_at_once() {
    let url = std::env::var("TEST_URL").expect("set by that test");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = client(|_| {});
        let calls: Vec<_> = (0..100)
            .map(|_| {
                let (client, request) = (client.clone(), request("GET", url.clone()));
                tokio::spawn(async move { client.send(request).await.unwrap().body.collect().await.unwrap() })
            })
            .collect();
        for call in calls {
            assert_eq!(&*call.await.unwrap(), b"ok");
        }
    });
}

/// A server for many connections in one task, which responds after a moment.
async fn slow_server() -> (String, tokio::task::JoinHandle<()>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a working test server");
    let url = format!("http://{}", listener.local_addr().expect("a working test server"));
    let task = tokio::spawn(async move {
        loop {
            let Ok((mut tcp, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(1)).await;
                continue;
            };
            tokio::spawn(async move {
                let mut head = Vec::new();
                while let Ok(byte) = tcp.read_u8().await {
                    head.push(byte);
                    if head.ends_with(b"\r\n\r\n") {
                        head.clear();
                        tokio::time::sleep(Duration::from_millis(5)).await;
                        if tcp.write_all(&ok()).await.is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    (url, task)
}
