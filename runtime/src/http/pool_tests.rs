//! Connections without a network, on a clock that stands still while anything happens: when idle ones are closed, what a
//! slow upload shows of its progress, and when a request body is held back.

use std::time::Duration;

use ::http::{Request, Version as HttpVersion};
use bytes::Bytes;
use http_body::Body as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::task::JoinHandle;

use super::super::connection::MAX_HEADERS;
use super::super::established::Connected;
use super::super::idle_timeout::{Expired, Limits, with_limits};
use super::super::request_body::Gate;
use super::super::{Body, ProxySource};
use super::*;
use crate::config::MinThroughput;
use crate::types::ByteStream;

const IDLE: Duration = Duration::from_secs(90);
/// How many bytes are on their way at most.
const WIRE: usize = 16 * 1024;

fn pool(change: impl FnOnce(&mut HttpConfig)) -> Arc<Pool> {
    let mut settings = HttpConfig { proxy: ProxySource::None, pool_idle_timeout: Some(IDLE), ..HttpConfig::default() };
    change(&mut settings);
    Pool::new(&settings)
}

fn url(host: impl std::fmt::Display) -> Url {
    Url::parse(format!("http://{host}/")).expect("a URL")
}

/// A connection to a server that responds to every request, and when the client closed it.
async fn open(version: Version) -> (Connection, JoinHandle<Instant>) {
    let (client, server) = tokio::io::duplex(WIRE);
    let is_http2 = version == Version::Http2;
    let closed = match is_http2 {
        false => tokio::spawn(serve_http1(server)),
        true => tokio::spawn(serve_http2(server, 100, None, 65_535)),
    };
    (connection(client, is_http2).await, closed)
}

async fn connection(client: DuplexStream, is_http2: bool) -> Connection {
    let connected = Connected { io: Box::pin(client), activity: Activity::start(), is_http2 };
    Connection::start(connected, MAX_HEADERS).await.expect("a connection")
}

async fn serve_http1(mut server: DuplexStream) -> Instant {
    let mut head = Vec::new();
    while let Ok(byte) = server.read_u8().await {
        head.push(byte);
        if head.ends_with(b"\r\n\r\n") {
            head.clear();
            server.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.expect("a client");
        }
    }
    Instant::now()
}

/// Reads request bodies at `rate` bytes a second, and responds after them.
async fn serve_http2(server: DuplexStream, max_streams: u32, rate: Option<usize>, window: u32) -> Instant {
    let mut builder = h2::server::Builder::new();
    builder.initial_window_size(window).initial_connection_window_size(window);
    let mut connection = builder.max_concurrent_streams(max_streams).handshake::<_, Bytes>(server).await.expect("h2");
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        tokio::spawn(async move {
            let mut body = request.into_body();
            while let Some(Ok(chunk)) = body.data().await {
                if let Some(rate) = rate {
                    tokio::time::sleep(Duration::from_secs_f64(chunk.len() as f64 / rate as f64)).await;
                }
                let _ = body.flow_control().release_capacity(chunk.len());
            }
            let _ = respond.send_response(::http::Response::new(()), true);
        });
    }
    Instant::now()
}

fn request(version: Version, body: RequestBody) -> Request<RequestBody> {
    let mut request = Request::new(body);
    *request.uri_mut() = "http://a.test/".parse().expect("a URI");
    if version == Version::Http2 {
        *request.version_mut() = HttpVersion::HTTP_2;
    }
    request
}

/// Sends a request and reads its response.
async fn exchange(mut lease: Lease) {
    let version = if lease.is_http2() { Version::Http2 } else { Version::Http1 };
    let response = lease.send(request(version, RequestBody::Empty)).await;
    let response = response.map_err(|it| it.into_error()).expect("a response");
    let mut body = response.into_body();
    while std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await.is_some() {}
    lease.finish();
}

async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// Whether the server saw that the connection was closed.
async fn is_closed(closed: &JoinHandle<Instant>) -> bool {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    closed.is_finished()
}

#[tokio::test(start_paused = true)]
async fn each_connection_is_closed_when_it_was_idle_for_the_limit() {
    for version in [Version::Http1, Version::Http2] {
        let pool = pool(|_| {});
        let start = Instant::now();
        let mut closed = Vec::new();
        // Opened, and used for the last time; the last one after all others are gone.
        let times = [(0, 0), (10, 50), (60, 60), (400, 420)];
        for (number, (opened, used)) in times.into_iter().enumerate() {
            tokio::time::sleep_until(start + Duration::from_secs(opened)).await;
            let (connection, end) = open(version).await;
            exchange(pool.add(connection, version, &url(number))).await;
            closed.push(end);
            if used > opened {
                tokio::time::sleep_until(start + Duration::from_secs(used)).await;
                exchange(pool.take(version, &url(number)).await.expect("an open connection")).await;
            }
        }
        for (end, (_, used)) in closed.into_iter().zip(times) {
            let end = tokio::time::timeout(2 * IDLE, end).await.expect("closed").expect("a server");
            let lasted = (end - start).as_secs_f64();
            assert!((lasted - (used + IDLE.as_secs()) as f64).abs() < 0.1, "{version:?}, used at {used}: {lasted}");
        }
        assert!(lock(&pool.hosts[version as usize]).is_empty(), "hosts without connections are forgotten");
        assert!(lock(&pool.sweeper).is_none(), "the task ends");
    }
}

#[tokio::test(start_paused = true)]
async fn connections_in_use_are_not_idle() {
    for version in [Version::Http1, Version::Http2] {
        let pool = pool(|_| {});
        let (connection, closed) = open(version).await;
        exchange(pool.add(connection, version, &url("a"))).await;
        seconds(60).await;
        let lease = pool.take(version, &url("a")).await.expect("an open connection");
        seconds(500).await;
        assert!(!is_closed(&closed).await, "{version:?}");
        exchange(lease).await;
        seconds(89).await;
        assert!(!is_closed(&closed).await, "{version:?}");
        seconds(2).await;
        assert!(is_closed(&closed).await, "{version:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn expired_connections_are_not_used() {
    let pool = pool(|_| {});
    let (connection, _closed) = open(Version::Http1).await;
    exchange(pool.add(connection, Version::Http1, &url("a"))).await;
    // Without the task, as between two of its rounds.
    lock(&pool.sweeper).take().expect("a task").abort();
    seconds(89).await;
    exchange(pool.take(Version::Http1, &url("a")).await.expect("an open connection")).await;
    lock(&pool.sweeper).take().expect("a task").abort();
    seconds(91).await;
    assert!(pool.take(Version::Http1, &url("a")).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn for_files_all_idle_connections_are_closed_and_no_others() {
    for version in [Version::Http1, Version::Http2] {
        let pool = pool(|_| {});
        let (used, used_end) = open(version).await;
        let lease = pool.add(used, version, &url("used"));
        let mut ends = Vec::new();
        for host in ["a", "b"] {
            let (connection, end) = open(version).await;
            exchange(pool.add(connection, version, &url(host))).await;
            ends.push(end);
        }
        pool.close_idle();
        for end in &ends {
            assert!(is_closed(end).await, "{version:?}");
        }
        assert!(!is_closed(&used_end).await, "{version:?}");
        exchange(lease).await;
        pool.take(version, &url("used")).await.expect("an open connection");
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_idle_connections_are_kept_than_allowed() {
    for (max_idle, timeout, expect) in
        [(0, None, 0), (2, None, 2), (9, Some(IDLE), 5), (usize::MAX, None, 5), (9, Some(Duration::ZERO), 0)]
    {
        let pool = pool(|it| (it.pool_max_idle_per_host, it.pool_idle_timeout) = (max_idle, timeout));
        let mut leases = Vec::new();
        for _ in 0..5 {
            leases.push(pool.add(open(Version::Http1).await.0, Version::Http1, &url("a")));
        }
        for lease in leases {
            exchange(lease).await;
        }
        let idle = pool.with_host(Version::Http1, key(&url("a")), |it| it.idle.len());
        assert_eq!(idle, expect, "{max_idle} {timeout:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn hosts_without_connections_are_forgotten() {
    for timeout in [None, Some(Duration::ZERO)] {
        let pool = pool(|it| it.pool_idle_timeout = timeout);
        let len = || lock(&pool.hosts[Version::Http1 as usize]).len();
        let lease = pool.add(open(Version::Http1).await.0, Version::Http1, &url("used"));
        exchange(lease).await;
        for number in 0..1000 {
            let (connection, server) = open(Version::Http1).await;
            exchange(pool.add(connection, Version::Http1, &url(number))).await;
            server.abort();
            // The driver sees that the server is gone.
            seconds(1).await;
        }
        assert!(len() <= 2 * FORGET_HOSTS, "{timeout:?}: {}", len());
        let is_kept = pool.take(Version::Http1, &url("used")).await.is_some();
        assert_eq!(is_kept, timeout.is_none(), "connections that may be kept are kept");
    }
}

async fn with_idle_timeout<F: Future>(future: F, limit: Option<Duration>, activity: &Activity) -> Option<F::Output> {
    with_limits(future, Limits { idle: limit, throughput: None }, activity).await.ok()
}

#[tokio::test(start_paused = true)]
async fn a_slow_upload_ends_over_http2() {
    // The server takes 4096 bytes a second.
    for (bytes_per_second, is_fast_enough) in [(1, true), (3000, true), (6000, false)] {
        let limit = MinThroughput::new(bytes_per_second, Duration::from_secs(30));
        let pool = pool(|_| {});
        let (client, server) = tokio::io::duplex(WIRE);
        tokio::spawn(serve_http2(server, 100, Some(4096), 65_535));
        let mut lease = pool.add(connection(client, true).await, Version::Http2, &url("a"));
        let activity = Activity::start();
        let body = RequestBody::new(Bytes::from(vec![7; 2 << 20]).into(), &activity, true, Some(limit));
        let limits = Limits { idle: None, throughput: Some(limit) };
        let response = with_limits(lease.send(request(Version::Http2, body)), limits, &activity).await;
        let expect = if is_fast_enough { Ok(true) } else { Err(Expired::TooSlow(limit)) };
        assert_eq!(response.map(|it| it.is_ok()), expect, "{bytes_per_second} bytes per second");
    }
}

#[tokio::test(start_paused = true)]
async fn the_progress_of_an_upload_is_seen_over_http2() {
    const LIMIT: Duration = Duration::from_secs(60);
    let upload = async |rate: usize, body: Body| {
        let pool = pool(|_| {});
        let (client, server) = tokio::io::duplex(WIRE);
        tokio::spawn(serve_http2(server, 100, Some(rate), 65_535));
        let connection = connection(client, true).await;
        let mut lease = pool.add(connection, Version::Http2, &url("a"));
        let (start, activity) = (Instant::now(), Activity::start());
        let sent = request(Version::Http2, RequestBody::new(body, &activity, true, None));
        let response = with_idle_timeout(lease.send(sent), Some(LIMIT), &activity).await;
        (response.map(|it| it.is_ok()), start.elapsed().as_secs())
    };
    let content = || Bytes::from(vec![7; 2 << 20]);
    let bodies: [fn(Bytes) -> Body; 3] = [
        |it| it.into(),
        |it| Body::Stream(it.into()),
        |it| Body::Stream(ByteStream::from_reader(std::io::Cursor::new(it.to_vec())).with_len(it.len() as u64)),
    ];
    for body in bodies {
        // Eight minutes, and the last bytes that are on their way take less than one.
        let (response, took) = upload(4096, body(content())).await;
        assert_eq!(response, Some(true), "after {took} s");
        assert!(took > 400, "{took}");
        // An hour for the first chunk.
        let (response, took) = upload(4, body(content())).await;
        assert_eq!((response, took), (None, 60));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_allows_no_stream_costs_a_connection_each_time() {
    let pool = pool(|_| {});
    let (client, server) = tokio::io::duplex(WIRE);
    tokio::spawn(serve_http2(server, 0, None, 65_535));
    let connection = connection(client, true).await;
    let mut lease = pool.add(connection, Version::Http2, &url("a"));
    let sent = request(Version::Http2, RequestBody::Empty);
    let response = with_idle_timeout(lease.send(sent), Some(Duration::from_secs(60)), &Activity::start()).await;
    assert!(response.is_none(), "it waits, and the timeout ends that");
    assert!(pool.take(Version::Http2, &url("a")).await.is_none(), "no other request waits for it");
}

#[tokio::test(start_paused = true)]
async fn a_body_is_held_back_until_the_server_asks_for_it_or_a_time_is_over() {
    const SECOND: Duration = Duration::from_secs(1);
    // After which time the server asks for the body, and when the body arrives; without either it is rejected.
    let check = async |pause: Option<Duration>, read_timeout: Option<Duration>, expect: Option<Duration>| {
        let rejects = expect.is_none();
        let bodies: [fn() -> Body; 2] =
            [|| "hello".into(), || Body::Stream(ByteStream::from_reader(&b"hello"[..]).with_len(5))];
        for body in bodies {
            let (client, mut server) = tokio::io::duplex(WIRE);
            let start = Instant::now();
            let server = tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(server.read_u8().await.expect("a head"));
                }
                let (mut from_client, mut to_client) = tokio::io::split(server);
                let interim = async {
                    tokio::time::sleep(pause.unwrap_or_default()).await;
                    let response: &[u8] = match pause {
                        // Another interim response says nothing of the body.
                        Some(_) => b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
                        None if rejects => b"HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n",
                        None => b"HTTP/1.1 103 Early Hints\r\n\r\n",
                    };
                    let _ = to_client.write_all(response).await;
                };
                let body = async {
                    let mut body = [0; 5];
                    from_client.read_exact(&mut body).await.ok().map(|_| (body, start.elapsed()))
                };
                let (_, arrived) = tokio::join!(interim, body);
                let _ = to_client.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
                arrived
            });
            let Connection::Exclusive(mut connection) = connection(client, false).await else { panic!("HTTP/1.1") };
            let activity = Arc::clone(&connection.activity);
            let mut request = request(Version::Http1, RequestBody::new(body(), &activity, false, None));
            let gate = Gate::install(&mut request, read_timeout).expect("a body");
            let response = connection.send(request).await.map_err(|it| it.into_error()).expect("a response");
            assert_eq!(response.status() == 403, gate.close(), "closed while it held back");
            drop((response, connection));
            let arrived = server.await.expect("a server");
            assert_eq!(arrived.map(|it| it.0), expect.map(|_| *b"hello"));
            let near = |it: Duration| it.as_millis().abs_diff(expect.unwrap_or_default().as_millis()) <= 2;
            assert!(arrived.is_none_or(|it| near(it.1)), "{pause:?} {read_timeout:?}: {arrived:?}");
        }
    };
    check(Some(Duration::ZERO), None, Some(Duration::ZERO)).await;
    check(Some(SECOND / 2), None, Some(SECOND / 2)).await;
    check(Some(3 * SECOND), None, Some(SECOND)).await;
    check(None, None, Some(SECOND)).await;
    check(None, Some(60 * SECOND), Some(SECOND)).await;
    check(None, Some(SECOND), Some(SECOND / 2)).await;
    check(None, None, None).await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_dropped_is_not_awaited_any_more() {
    const LIMIT: Duration = Duration::from_secs(60);
    let activity = Activity::start();
    let (never, _open) = tokio::io::duplex(WIRE);
    let mut body = RequestBody::new(Body::Stream(ByteStream::from_reader(never)), &activity, false, None);
    let mut read = Box::pin(std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)));
    let waits = tokio::time::timeout(10 * LIMIT, with_idle_timeout(&mut read, Some(LIMIT), &activity)).await;
    assert!(waits.is_err(), "the caller's body is awaited, not the server");
    drop(read);
    drop(body);
    let start = Instant::now();
    let ended = with_idle_timeout(std::future::pending::<()>(), Some(LIMIT), &activity).await;
    assert_eq!((ended, start.elapsed().as_secs()), (None, 60));
    assert!(!activity.is_sending());
}

#[tokio::test(start_paused = true)]
async fn little_of_an_upload_is_unseen_over_http2() {
    const LIMIT: Duration = Duration::from_secs(60);
    const RATE: u64 = 8192;
    let (client, near) = tokio::io::duplex(WIRE);
    let (far, server) = tokio::io::duplex(WIRE);
    let (mut from_client, mut to_client) = tokio::io::split(near);
    let (mut from_server, mut to_server) = tokio::io::split(far);
    tokio::spawn(async move {
        let mut bytes = [0; 4096];
        while let Ok(len @ 1..) = from_client.read(&mut bytes).await {
            tokio::time::sleep(Duration::from_secs_f64(len as f64 / RATE as f64)).await;
            to_server.write_all(&bytes[..len]).await.expect("a server");
        }
    });
    tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    // The server takes all at once, the wire does not.
    tokio::spawn(serve_http2(server, 100, None, 8 << 20));
    let pool = pool(|_| {});
    let mut lease = pool.add(connection(client, true).await, Version::Http2, &url("a"));
    let (start, activity) = (Instant::now(), Activity::start());
    let sent = request(Version::Http2, RequestBody::new(vec![7; 2 << 20].into(), &activity, true, None));
    let response = with_idle_timeout(lease.send(sent), Some(LIMIT), &activity).await;
    assert_eq!(response.map(|it| it.is_ok()), Some(true), "after {:?}", start.elapsed());
    assert!(start.elapsed() > 4 * LIMIT);
}
