//! TLS servers that offer HTTP/2 and fail in many ways: which connection the next request uses, and that both versions of
//! HTTP give the same responses.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use h2::Reason;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::proxy_tls_tests::{file, tls};
use super::*;
use crate::http::ProxySource;
use crate::types::ByteStream;

/// What a connection does with one request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    /// Responds with this status, and with `ok` where a status may have a body.
    Respond(u16),
    /// Responds with this many bytes.
    Download(usize),
    /// Keeps the stream open, and goes on with the other streams.
    Ignore,
    /// Does nothing any more.
    FallSilent,
    Reset(Reason),
    /// Sends GOAWAY before it looks at the request.
    GoAway,
    /// Responds with 200, and closes the connection.
    Leave,
    /// Responds with a head only.
    Stall,
    /// Responds with a head at once, and with `ok` when the request body has ended.
    Listen,
    /// Responds with the length of the largest piece of the request body; over HTTP/2 only.
    Measure,
}

/// An HTTPS server whose connections act by script; one without a script responds with 200 for ever.
struct Server {
    url: String,
    connections: Arc<Mutex<usize>>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    async fn start(max_streams: u32, scripts: &[&[Act]]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let connections = Arc::new(Mutex::new(0));
        let count = Arc::clone(&connections);
        let mut scripts: VecDeque<Vec<Act>> = scripts.iter().map(|it| it.to_vec()).collect();
        let acceptor = tls("server.pem", false);
        let task = tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                *count.lock().unwrap() += 1;
                let (acceptor, script) = (acceptor.clone(), scripts.pop_front().unwrap_or_default());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(tcp).await else { return };
                    match stream.get_ref().1.alpn_protocol() {
                        Some(b"h2") => serve_http2(stream, max_streams, script.into()).await,
                        _ => serve_http1(stream, script.into()).await,
                    }
                });
            }
        });
        Self { url, connections, task }
    }

    fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Tls = tokio_rustls::server::TlsStream<tokio::net::TcpStream>;

async fn serve_http2(stream: Tls, max_streams: u32, mut script: VecDeque<Act>) {
    let mut builder = h2::server::Builder::new();
    let mut connection = builder.max_concurrent_streams(max_streams).handshake::<_, Bytes>(stream).await.unwrap();
    let (mut ignored, mut stalled) = (Vec::new(), Vec::new());
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        match script.pop_front().unwrap_or(Act::Respond(200)) {
            Act::Respond(status) => {
                let has_body = request.method() != "HEAD" && !matches!(status, 204 | 304);
                let mut response = ::http::Response::builder().status(status);
                if status != 204 {
                    response = response.header("content-length", "2");
                }
                let mut body = respond.send_response(response.body(()).unwrap(), !has_body).unwrap();
                if has_body {
                    body.send_data(Bytes::from_static(b"ok"), true).unwrap();
                }
            }
            Act::Download(len) => {
                let response = ::http::Response::builder().header("content-length", len);
                let mut body = respond.send_response(response.body(()).unwrap(), false).unwrap();
                body.send_data(vec![7; len].into(), true).unwrap();
            }
            Act::Ignore => ignored.push((request, respond)),
            Act::FallSilent => pending().await,
            Act::Reset(reason) => respond.send_reset(reason),
            Act::GoAway => connection.abrupt_shutdown(Reason::NO_ERROR),
            Act::Leave => {
                let mut body = respond.send_response(::http::Response::new(()), false).unwrap();
                body.send_data(Bytes::from_static(b"ok"), true).unwrap();
                connection.graceful_shutdown();
            }
            Act::Stall => {
                stalled.push(respond.send_response(::http::Response::new(()), false).unwrap());
            }
            Act::Listen => {
                let mut response = respond.send_response(::http::Response::new(()), false).unwrap();
                tokio::spawn(async move {
                    let mut body = request.into_body();
                    while let Some(chunk) = body.data().await {
                        let _ = body.flow_control().release_capacity(chunk.unwrap().len());
                    }
                    response.send_data(Bytes::from_static(b"ok"), true).unwrap();
                });
            }
            Act::Measure => {
                let mut response = respond.send_response(::http::Response::new(()), false).unwrap();
                tokio::spawn(async move {
                    let (mut body, mut largest) = (request.into_body(), 0);
                    while let Some(chunk) = body.data().await {
                        let len = chunk.unwrap().len();
                        largest = largest.max(len);
                        let _ = body.flow_control().release_capacity(len);
                    }
                    response.send_data(largest.to_string().into(), true).unwrap();
                });
            }
        }
    }
}

async fn serve_http1(mut stream: Tls, mut script: VecDeque<Act>) {
    let mut head = Vec::new();
    while let Ok(byte) = stream.read_u8().await {
        head.push(byte);
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        let is_head = head.starts_with(b"HEAD");
        head.clear();
        match script.pop_front().unwrap_or(Act::Respond(200)) {
            Act::Respond(204) => stream.write_all(b"HTTP/1.1 204 -\r\n\r\n").await.unwrap(),
            Act::Respond(status) => {
                let body = if is_head || status == 304 { "" } else { "ok" };
                let response = format!("HTTP/1.1 {status} -\r\ncontent-length: 2\r\n\r\n{body}");
                stream.write_all(response.as_bytes()).await.unwrap();
            }
            Act::Download(len) => {
                let head = format!("HTTP/1.1 200 -\r\ncontent-length: {len}\r\n\r\n");
                stream.write_all(head.as_bytes()).await.unwrap();
                let _ = stream.write_all(&vec![7; len]).await;
            }
            Act::Ignore | Act::FallSilent | Act::Listen | Act::Measure => pending().await,
            Act::Reset(_) | Act::GoAway => return,
            Act::Leave => {
                stream.write_all(b"HTTP/1.1 200 -\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
                return;
            }
            Act::Stall => stream.write_all(b"HTTP/1.1 200 -\r\ncontent-length: 2\r\n\r\n").await.unwrap(),
        }
    }
}

fn client(http2: bool, change: impl FnOnce(&mut HttpConfig)) -> HyperClient {
    let mut settings = HttpConfig {
        ca_bundle: Some(file("ca.pem").into()),
        proxy: ProxySource::None,
        read_timeout: Some(Duration::from_secs(60)),
        http2,
        ..HttpConfig::default()
    };
    change(&mut settings);
    HyperClient::with_environment(&settings, &Environment::empty()).expect("valid settings")
}

fn request(method: Method, server: &Server) -> Request {
    Request::new(method, Url::parse(format!("{}/p", server.url)).unwrap())
}

async fn get(client: &HyperClient, server: &Server) -> Result<String, HttpError> {
    get_within(client, server, None).await
}

/// A read timeout that a request exceeds for which no response comes. Only such requests have one so short: a busy machine
/// may take as long for others.
const SHORT: Option<Duration> = Some(Duration::from_millis(100));

async fn get_within(client: &HyperClient, server: &Server, limit: Option<Duration>) -> Result<String, HttpError> {
    let mut request = request(Method::GET, server);
    request.timeouts.read = limit;
    let response = client.send(request).await?;
    let body = response.body.collect().await.map_err(|e| HttpError::new(HttpErrorKind::Io, e.to_string()))?;
    Ok(format!("{} {}", response.status.as_u16(), String::from_utf8_lossy(&body)))
}

#[tokio::test]
async fn after_a_failure_the_next_request_uses_another_connection() {
    use Act::{FallSilent, GoAway, Ignore, Reset, Respond};
    for http2 in [false, true] {
        for fault in [
            FallSilent,
            Ignore,
            Reset(Reason::PROTOCOL_ERROR),
            Reset(Reason::REFUSED_STREAM),
            Reset(Reason::INTERNAL_ERROR),
            GoAway,
            Respond(500),
            Respond(502),
            Respond(503),
            Respond(504),
        ] {
            let server = Server::start(100, &[&[Respond(200), fault, fault, fault], &[]]).await;
            let client = client(http2, |_| {});
            assert_eq!(get(&client, &server).await.unwrap(), "200 ok");
            let limit = if matches!(fault, FallSilent | Ignore) { SHORT } else { None };
            let failed = get_within(&client, &server, limit).await;
            match fault {
                Respond(status) => assert_eq!(failed.unwrap(), format!("{status} ok")),
                // A request that certainly was not processed may have been sent again.
                _ => assert!(failed.as_ref().is_ok_and(|it| it == "200 ok") || failed.is_err(), "{failed:?}"),
            }
            for _ in 0..3 {
                assert_eq!(get(&client, &server).await.expect("another connection"), "200 ok", "{http2} {fault:?}");
            }
            assert_eq!(server.connections(), 2, "{http2} {fault:?}");
        }
        // Failures that are the caller's do not cost a connection.
        let server = Server::start(100, &[&[Respond(404), Respond(403), Respond(409), Respond(301)]]).await;
        let client = client(http2, |_| {});
        for status in [404, 403, 409, 301] {
            assert_eq!(get(&client, &server).await.unwrap(), format!("{status} ok"));
        }
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn responses_are_the_same_over_both_versions() {
    use Act::Respond;
    let cases = [
        (Method::GET, 200, "ok"),
        (Method::HEAD, 200, ""),
        (Method::HEAD, 404, ""),
        (Method::GET, 304, ""),
        (Method::DELETE, 204, ""),
        (Method::GET, 404, "ok"),
        (Method::PUT, 200, "ok"),
    ];
    for http2 in [false, true] {
        let script: Vec<Act> = cases.iter().map(|it| Respond(it.1)).collect();
        let server = Server::start(100, &[&script]).await;
        let client = client(http2, |_| {});
        for (method, status, body) in &cases {
            let response = client.send(request(method.clone(), &server)).await.unwrap();
            assert_eq!(response.status.as_u16(), *status);
            assert_eq!(response.body.len(), Some(body.len() as u64), "{http2} {method} {status}");
            assert_eq!(&*response.body.collect().await.unwrap(), body.as_bytes(), "{http2} {method} {status}");
        }
        assert_eq!(server.connections(), 1, "{http2}");
    }
}

#[tokio::test]
async fn unread_responses_block_no_other_request() {
    use Act::{Download, Respond};
    for http2 in [false, true] {
        let mut script = vec![Download(4_000_000); 18];
        script.push(Respond(200));
        let (all, one): ([&[Act]; 1], [&[Act]; 18]) = ([&script], [&[Download(4_000_000)]; 18]);
        let server = Server::start(100, if http2 { &all } else { &one }).await;
        let client = client(http2, |_| {});
        let mut unread = Vec::new();
        for _ in 0..18 {
            unread.push(client.send(request(Method::GET, &server)).await.unwrap());
        }
        assert_eq!(get(&client, &server).await.expect("a response in time"), "200 ok");
        assert_eq!(server.connections(), if http2 { 1 } else { 19 });
        for response in unread {
            assert_eq!(response.body.collect().await.unwrap().len(), 4_000_000);
        }
    }
    // A server that allows no second stream gets a second connection.
    let server = Server::start(1, &[&[Act::Download(4_000_000)], &[]]).await;
    let client = client(true, |_| {});
    let first = client.send(request(Method::GET, &server)).await.unwrap();
    assert_eq!(get(&client, &server).await.expect("a response in time"), "200 ok");
    assert_eq!(first.body.collect().await.unwrap().len(), 4_000_000);
}

#[tokio::test]
async fn requests_that_start_together_share_one_http2_connection() {
    let server = Server::start(100, &[]).await;
    let client = client(true, |_| {});
    let calls = (0..20).map(|_| {
        let (client, request) = (client.clone(), request(Method::GET, &server));
        tokio::spawn(async move { client.send(request).await.map(|it| it.status.as_u16()) })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap().unwrap(), 200);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn requests_in_turn_share_one_connection() {
    for http2 in [false, true] {
        let server = Server::start(100, &[]).await;
        let client = client(http2, |_| {});
        // More than an HTTP/2 connection serves at once.
        for _ in 0..150 {
            assert_eq!(get(&client, &server).await.expect("a response"), "200 ok");
        }
        assert_eq!(server.connections(), 1, "{http2}");
    }
}

#[tokio::test]
async fn a_bound_on_connections_holds() {
    let server = Server::start(100, &[]).await;
    let limited = client(false, |it| it.max_connections = Some(3));
    let calls = (0..50).map(|_| {
        let (client, request) = (limited.clone(), request(Method::GET, &server));
        tokio::spawn(async move { client.send(request).await.unwrap().body.collect().await.map(|it| it.len()) })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap().unwrap(), 2);
    }
    assert_eq!(server.connections(), 3);
    let limited = client(false, |it| it.max_connections = Some(1));
    let unread = limited.send(request(Method::GET, &server)).await.unwrap();
    let error = get_within(&limited, &server, SHORT).await.unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Timeout);
    assert!(error.message().contains("all 1 of `max_connections` are in use and no other request waits"), "{error}");
    let waiting = (0..3).map(|_| {
        let (client, mut request) = (limited.clone(), request(Method::GET, &server));
        request.timeouts.read = Some(Duration::from_millis(500));
        tokio::spawn(async move { client.send(request).await.unwrap_err().to_string() })
    });
    for (call, expect) in
        waiting.collect::<Vec<_>>().into_iter().zip(["2 other requests", "1 other request", "no other"])
    {
        let text = call.await.unwrap();
        assert!(text.contains(expect), "{text}");
    }
    drop(unread);
    assert_eq!(get(&limited, &server).await.unwrap(), "200 ok");
}

#[tokio::test]
async fn duplex_requests_require_http2() {
    let server = Server::start(100, &[]).await;
    let mut duplex = request(Method::POST, &server);
    duplex.duplex = true;
    duplex.body = Body::Stream(ByteStream::from_reader(&b"events"[..]));
    let response = client(false, |_| {}).send(duplex).await.unwrap();
    assert_eq!(&*response.body.collect().await.unwrap(), b"ok");
}

#[tokio::test]
async fn connections_that_servers_closed_while_idle_are_not_used() {
    for http2 in [false, true] {
        let server = Server::start(100, &[&[Act::Leave], &[Act::Leave], &[]]).await;
        let client = client(http2, |_| {});
        for connection in 1..=3 {
            assert_eq!(get(&client, &server).await.expect("a connection that is open"), "200 ok", "{http2}");
            assert_eq!(server.connections(), connection, "{http2}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }
}

#[test]
fn a_client_may_be_used_in_several_runtimes() {
    let servers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for http2 in [false, true] {
        for keeps_runtimes in [false, true] {
            let server = servers.block_on(Server::start(100, &[]));
            let client = client(http2, |_| {});
            let mut kept = Vec::new();
            for _ in 0..3 {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                for _ in 0..2 {
                    let response = runtime.block_on(get(&client, &server));
                    assert_eq!(response.expect("a connection of this runtime"), "200 ok", "{http2} {keeps_runtimes}");
                }
                // One that is kept runs no task any more.
                kept.extend(keeps_runtimes.then_some(runtime));
            }
            assert_eq!(server.connections(), 3, "{http2} {keeps_runtimes}");
        }
    }
}

#[test]
fn a_runtime_that_stopped_blocks_no_other() {
    let servers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = servers.block_on(Server::start(100, &[]));
    let client = client(true, |it| it.connect_timeout = Some(Duration::from_secs(1)));
    let stopped = runtime();
    let (stopped_client, connecting) = (client.clone(), request(Method::GET, &server));
    stopped.spawn(async move { stopped_client.send(connecting).await });
    stopped.block_on(tokio::task::yield_now());
    let response = runtime().block_on(async {
        let limit = Duration::from_secs(30);
        tokio::time::timeout(limit, get(&client, &server)).await
    });
    assert_eq!(response.expect("in time").unwrap(), "200 ok");
}

/// A body that sends a request when it is read.
struct Nested(crate::BoxFuture<'static, Result<String, HttpError>>);

impl futures_core::Stream for Nested {
    type Item = Result<Bytes, HttpError>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let response = std::task::ready!(self.0.as_mut().poll(cx));
        self.0 = Box::pin(pending());
        std::task::Poll::Ready(Some(response.map(Into::into)))
    }
}

#[tokio::test]
async fn a_request_body_may_send_requests() {
    let server = Arc::new(Server::start(100, &[]).await);
    let client = client(true, |_| {});
    let mut upload = request(Method::PUT, &server);
    let (inner_client, inner_server) = (client.clone(), Arc::clone(&server));
    let nested = Nested(Box::pin(async move { get(&inner_client, &inner_server).await }));
    upload.body = Body::Stream(ByteStream::from_stream(nested).with_len(6));
    let response = client.send(upload).await.unwrap();
    assert_eq!(response.status.as_u16(), 200);
}

#[tokio::test]
async fn a_response_that_stalls_costs_its_connection() {
    for http2 in [false, true] {
        let server = Server::start(100, &[&[Act::Respond(200), Act::Stall], &[]]).await;
        let client = client(http2, |_| {});
        assert_eq!(get(&client, &server).await.unwrap(), "200 ok");
        let error = get_within(&client, &server, SHORT).await.unwrap_err();
        assert!(error.message().contains("read timeout"), "{error}");
        assert_eq!(get(&client, &server).await.unwrap(), "200 ok");
        assert_eq!(server.connections(), 2, "{http2}");
    }
}

/// A slow limit is kept by small pieces, and no limit by none.
#[tokio::test]
async fn a_lowest_speed_of_0_cuts_no_body_into_small_pieces() {
    let limit = |bytes| Some(MinThroughput::new(bytes, Duration::from_secs(10)));
    // The default of the largest frame in HTTP/2.
    const FRAME: usize = 16 * 1024;
    for (of_client, of_request, expect) in [
        (None, None, FRAME),
        (limit(0), None, FRAME),
        (limit(1), None, 1024),
        (limit(1), limit(0), FRAME),
        (limit(0), limit(1), 1024),
    ] {
        let server = Server::start(100, &[&[Act::Measure]]).await;
        let client = client(true, |it| it.min_throughput = of_client);
        let mut upload = request(Method::PUT, &server);
        upload.timeouts.min_throughput = of_request;
        upload.body = Bytes::from(vec![0; 4 * crate::http::request_body::PIECE]).into();
        let body = client.send(upload).await.unwrap().body.collect().await.unwrap();
        assert_eq!(&*body, expect.to_string().as_bytes(), "{of_client:?} {of_request:?}");
    }
}

#[tokio::test]
async fn a_silent_caller_is_not_a_silent_server() {
    let server = Server::start(100, &[&[Act::Listen]]).await;
    let mut duplex = request(Method::POST, &server);
    duplex.duplex = true;
    let (caller, mut data) = tokio::io::duplex(8);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        data.write_all(b"words").await.unwrap();
    });
    duplex.body = Body::Stream(ByteStream::from_reader(caller));
    let client = client(false, |it| it.read_timeout = Some(Duration::from_secs(1)));
    let response = client.send(duplex).await.unwrap();
    assert_eq!(&*response.body.collect().await.expect("the server waits for the caller"), b"ok");
}
