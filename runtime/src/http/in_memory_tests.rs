//! Exchanges over connections in memory, on a paused clock: when silent and slow ones and idle connections end, and how long
//! a body waits for `100 Continue`.

use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::tests::{client, connect_in_memory, ok, request};
use super::*;
use crate::sync::lock;
use crate::types::ByteStream;

const SECOND: Duration = Duration::from_secs(1);

const URL: &str = "http://127.0.0.1:1/";
/// What the systems hold of a body that a server does not read.
const HELD: usize = 1 << 20;

/// Connects to a server that sends a byte of its body once in a second, or reads this much of a request's and never
/// responds.
async fn connect_to_slow_server(client: &HyperClient, reads: Option<usize>) {
    let mut server = connect_in_memory(client, URL, HELD).await;
    tokio::spawn(async move {
        let mut head = vec![0; 65536];
        let _ = server.read(&mut head).await;
        if reads.is_none() {
            let _ = server.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 60\r\n\r\n").await;
        }
        // The client closes the connection.
        loop {
            tokio::time::sleep(SECOND).await;
            let ended = match reads {
                Some(len) => server.read_exact(&mut vec![0; len]).await.is_err(),
                None => server.write_all(b"x").await.is_err(),
            };
            if ended {
                return;
            }
        }
    });
}

/// Whether a response whose body takes a minute, a byte a second, is read to its end.
async fn download(of_client: Option<MinThroughput>, of_request: Option<MinThroughput>) -> Result<usize, String> {
    let client = client(|it| it.min_throughput = of_client);
    connect_to_slow_server(&client, None).await;
    let mut request = request("GET", URL.to_owned());
    request.timeouts.min_throughput = of_request;
    let body = client.send(request).await.map_err(|it| it.to_string())?.body;
    body.collect().await.map(|it| it.into_bytes().len()).map_err(|it| {
        assert_eq!(it.kind(), ErrorKind::Timeout);
        it.to_string()
    })
}

#[tokio::test(start_paused = true)]
async fn a_slow_response_ends_at_the_limit_of_the_request_else_of_the_client() {
    let limit = |bytes| Some(MinThroughput::new(bytes, 10 * SECOND));
    for fast_enough in [None, limit(0), limit(1)] {
        assert_eq!(download(fast_enough, None).await, Ok(60));
        assert_eq!(download(limit(2), fast_enough).await.is_ok(), fast_enough.is_some());
    }
    for (of_client, of_request) in [(limit(2), None), (limit(1), limit(2)), (None, limit(2))] {
        let error = download(of_client, of_request).await.expect_err("too slow");
        let says = "the body fell 10s behind 2 bytes per second (min_throughput)";
        assert!(error.starts_with("too slow on 127.0.0.1:") && error.contains(says), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_takes_no_more_of_a_body_ends_the_exchange_and_one_that_only_does_not_respond_does_not() {
    async fn upload(body: Body) -> Option<HttpErrorKind> {
        let client = client(|it| {
            it.read_timeout = None;
            it.min_throughput = Some(MinThroughput::new(1000, 10 * SECOND));
        });
        connect_to_slow_server(&client, Some(0)).await;
        let mut upload = request("PUT", URL.to_owned());
        upload.body = body;
        let sent = tokio::time::timeout(100 * SECOND, client.send(upload)).await;
        sent.ok().map(|it| it.map(drop).expect_err("the server never responds").kind())
    }
    let stream = |it: Bytes| Body::Stream(ByteStream::from(it).inspect(|_| Ok(())));
    let (large, small) = (Bytes::from(vec![0; 2 * HELD]), Bytes::from(vec![0; HELD / 2]));
    assert_eq!(upload(large.clone().into()).await, Some(HttpErrorKind::Timeout));
    assert_eq!(upload(stream(large)).await, Some(HttpErrorKind::Timeout));
    assert_eq!(upload(small.clone().into()).await, None);
    assert_eq!(upload(stream(small)).await, None);
}

/// A source that has no bytes ready when it is asked for the next chunk, but a moment later: a file, for example.
struct Hesitant {
    chunks: usize,
    is_ready: bool,
}

impl futures_core::Stream for Hesitant {
    type Item = Result<Bytes, HttpError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.is_ready = !self.is_ready;
        if !self.is_ready {
            self.chunks = self.chunks.saturating_sub(1);
            return Poll::Ready((self.chunks > 0).then(|| Ok(Bytes::from(vec![0; 64 << 10]))));
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hesitates_hides_no_slow_server() {
    for (bytes_per_second, is_too_slow) in [(100_000_000, true), (1000, false)] {
        let client = client(|it| {
            it.read_timeout = None;
            it.min_throughput = Some(MinThroughput::new(bytes_per_second, 10 * SECOND));
        });
        connect_to_slow_server(&client, Some(1 << 20)).await;
        let mut upload = request("PUT", URL.to_owned());
        upload.body = Body::Stream(ByteStream::from_stream(Hesitant { chunks: 1000, is_ready: false }));
        let sent = tokio::time::timeout(200 * SECOND, client.send(upload)).await;
        let failure = sent.ok().map(|it| it.map(drop).expect_err("the server never responds").kind());
        assert_eq!(failure, is_too_slow.then_some(HttpErrorKind::Timeout), "{bytes_per_second}");
    }
}

#[tokio::test(start_paused = true)]
async fn idle_connections_are_closed_in_time() {
    let client = client(|_| {});
    let mut server = connect_in_memory(&client, URL, 1 << 10).await;
    let server = tokio::spawn(async move {
        while !server.read_u8().await.unwrap().is_ascii_control() {}
        server.write_all(&ok()).await.unwrap();
        let start = tokio::time::Instant::now();
        let mut rest = Vec::new();
        server.read_to_end(&mut rest).await.unwrap();
        start.elapsed().as_secs()
    });
    client.send(request("GET", URL.to_owned())).await.unwrap().body.collect().await.unwrap();
    let seconds = tokio::time::timeout(Duration::from_secs(300), server).await.expect("closed").unwrap();
    assert!((89..=91).contains(&seconds), "{seconds}");
}

/// Serves `responses` one after the other over two connections; for `100` it sends `100 Continue`, reads five bytes and
/// sends `200`; for an empty one it reads five bytes and sends `200`. Returns what it read, with the number of the
/// connection and whether the request had `expect`.
async fn serve(client: &HyperClient, responses: &'static [&'static str]) -> Arc<Mutex<Vec<String>>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let responses = Arc::new(Mutex::new(responses.iter()));
    // The client uses the newest one first.
    for number in [2, 1] {
        let mut server = connect_in_memory(client, URL, 1 << 10).await;
        let (log, responses) = (Arc::clone(&seen), Arc::clone(&responses));
        tokio::spawn(async move {
            while let Some(head) = read_head(&mut server).await {
                let Some(response) = lock(&responses).next() else { return };
                let mut body = [0; 5];
                if *response == "100" || response.is_empty() {
                    if *response == "100" {
                        server.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.unwrap();
                    }
                    server.read_exact(&mut body).await.unwrap();
                    server.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await.unwrap();
                } else {
                    server.write_all(response.as_bytes()).await.unwrap();
                }
                let has_expect = head.to_lowercase().contains("expect: 100-continue");
                lock(&log).push(format!("{number} {has_expect} {}", String::from_utf8_lossy(&body)));
            }
        });
    }
    seen
}

async fn read_head(server: &mut DuplexStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(server.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}

fn upload(body: Body) -> Request {
    let mut request = request("PUT", URL.to_owned());
    request.headers.insert("expect", "100-continue".parse().unwrap());
    request.body = body;
    request
}

#[tokio::test(start_paused = true)]
async fn bodies_wait_for_100_continue() {
    const REJECTED: &str = "HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nhi";
    // Without a response, the client sends the body after 1 s, which passes at once here.
    static RESPONSES: [&str; 5] = ["100", "100", REJECTED, "", "100"];
    let client = client(|_| {});
    let seen = serve(&client, &RESPONSES).await;
    for expect in [200, 200, 403, 200, 200] {
        let sent = Arc::new(Mutex::new(0));
        let count = Arc::clone(&sent);
        let body = ByteStream::from_reader(&b"hello"[..]).with_len(5).inspect(move |piece: Option<&Bytes>| {
            *lock(&count) += piece.map_or(0, Bytes::len);
            Ok(())
        });
        let start = tokio::time::Instant::now();
        let response = client.send(upload(Body::Stream(body))).await.unwrap();
        assert_eq!(response.status.as_u16(), expect);
        assert_eq!(&*response.body.collect().await.unwrap(), b"hi");
        assert_eq!(*lock(&sent), if expect == 403 { 0 } else { 5 });
        assert!(start.elapsed() <= Duration::from_secs(1));
    }
    let body = "\0\0\0\0\0";
    let expect = ["1 true hello", "1 true hello", &format!("1 true {body}"), "2 true hello", "2 true hello"];
    assert_eq!(*lock(&seen), expect);
    let client = super::tests::client(|_| {});
    let seen = serve(&client, &["HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"]).await;
    client.send(upload(Body::Empty)).await.unwrap();
    assert_eq!(*lock(&seen), [format!("1 false {body}")]);
}

/// Serves one response over a connection in memory, with this pause before each byte, and then nothing more.
async fn serve_slowly(client: &HyperClient, response: Vec<u8>, pause: Duration) {
    let mut server = connect_in_memory(client, URL, HELD).await;
    tokio::spawn(async move {
        let Some(head) = read_head(&mut server).await else { return };
        if head.contains("content-length: 4") {
            server.read_exact(&mut [0; 4]).await.unwrap();
        }
        for byte in response {
            tokio::time::sleep(pause).await;
            server.write_all(&[byte]).await.unwrap();
        }
        // The client closes the connection.
        let _ = server.read_u8().await;
    });
}

#[tokio::test(start_paused = true)]
async fn the_server_may_take_time_for_a_response_but_not_be_silent_for_the_read_timeout() {
    let check = async |pause: Duration, len: usize, expect: Result<&[u8], ErrorKind>| {
        let client = client(|it| it.read_timeout = Some(10 * SECOND));
        serve_slowly(&client, ok()[..len].to_vec(), pause).await;
        let response = client.send(request("GET", URL.to_owned())).await;
        let read = match response {
            Ok(response) => response.body.collect().await,
            Err(error) => Err(error.into()),
        };
        assert_eq!(read.as_ref().map(|it| &**it).map_err(|it| it.kind()), expect, "{pause:?} {len}");
        if let Err(error) = read {
            assert!(error.to_string().contains("received for 10s"), "{error}");
        }
    };
    let len = ok().len();
    check(9 * SECOND, len, Ok(b"ok")).await;
    check(11 * SECOND, len, Err(ErrorKind::Timeout)).await;
    check(Duration::ZERO, len - 1, Err(ErrorKind::Timeout)).await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_request_body_is_not_a_silent_server() {
    for (response, expect) in [(ok(), true), (Vec::new(), false)] {
        let client = client(|it| it.read_timeout = Some(10 * SECOND));
        serve_slowly(&client, response, Duration::ZERO).await;
        let mut upload = request("PUT", URL.to_owned());
        upload.body = Body::Stream(ByteStream::from_stream(Paused::new(25 * SECOND)).with_len(4));
        let start = Instant::now();
        let status = client.send(upload).await.map(|it| it.status.as_u16()).map_err(|it| it.kind());
        assert_eq!(status, if expect { Ok(200) } else { Err(HttpErrorKind::Timeout) });
        assert_eq!(start.elapsed().as_secs(), if expect { 100 } else { 110 }, "once the body is sent");
    }
}

/// A body of four bytes that pauses before each.
struct Paused {
    pause: Duration,
    remaining: usize,
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Paused {
    fn new(pause: Duration) -> Self {
        Self { pause, remaining: 4, sleep: None }
    }
}

impl futures_core::Stream for Paused {
    type Item = Result<Bytes, HttpError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.remaining == 0 {
            return Poll::Ready(None);
        }
        let pause = self.pause;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(pause)));
        std::task::ready!(sleep.as_mut().poll(cx));
        (self.sleep, self.remaining) = (None, self.remaining - 1);
        Poll::Ready(Some(Ok(Bytes::from_static(b"x"))))
    }
}

#[tokio::test(start_paused = true)]
async fn connections_in_use_stay_known_when_idle_ones_expire() {
    let client = client(|it| it.pool_idle_timeout = Some(30 * SECOND));
    let mut server = connect_in_memory(&client, URL, HELD).await;
    let server = tokio::spawn(async move {
        for pause in [Duration::ZERO, 50 * SECOND, Duration::ZERO] {
            read_head(&mut server).await.expect("another request");
            tokio::time::sleep(pause).await;
            server.write_all(&ok()).await.unwrap();
        }
    });
    for _ in 0..3 {
        let response = client.send(request("GET", URL.to_owned())).await.expect("the only connection");
        assert_eq!(&*response.body.collect().await.unwrap(), b"ok");
        tokio::time::sleep(20 * SECOND).await;
    }
    server.await.expect("three requests");
}
