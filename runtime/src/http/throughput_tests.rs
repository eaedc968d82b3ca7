//! The lowest speed of bodies over connections: which transfers end, what the error says, and which limit wins.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::tests::{client, request};
use super::*;
use crate::types::ByteStream;

const SECOND: Duration = Duration::from_secs(1);

/// A server that sends a byte of its body once in a second, or reads this much of a request's and never responds.
async fn slow_server(reads: Option<usize>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = vec![0; 65536];
                let _ = stream.read(&mut head).await;
                if reads.is_none() {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 60\r\n\r\n").await;
                }
                // The client closes the connection.
                loop {
                    tokio::time::sleep(SECOND).await;
                    let ended = match reads {
                        Some(len) => stream.read_exact(&mut vec![0; len]).await.is_err(),
                        None => stream.write_all(b"x").await.is_err(),
                    };
                    if ended {
                        return;
                    }
                }
            });
        }
    });
    url
}

/// Whether a response whose body takes a minute, a byte a second, is read to its end.
async fn download(of_client: Option<MinThroughput>, of_request: Option<MinThroughput>) -> Result<usize, String> {
    let url = slow_server(None).await;
    let client = client(|it| it.min_throughput = of_client);
    let mut request = request("GET", url);
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
        let url = slow_server(Some(0)).await;
        let client = client(|it| {
            it.read_timeout = None;
            it.min_throughput = Some(MinThroughput::new(1000, 10 * SECOND));
        });
        let mut upload = request("PUT", url);
        upload.body = body;
        let sent = tokio::time::timeout(100 * SECOND, client.send(upload)).await;
        sent.ok().map(|it| it.map(drop).expect_err("the server never responds").kind())
    }
    let stream = |it: Bytes| Body::Stream(ByteStream::from(it).inspect(|_| Ok(())));
    // More than a system takes for a server that does not read, and less.
    let (large, small) = (Bytes::from(vec![0; 64 << 20]), Bytes::from(vec![0; 100_000]));
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
        let url = slow_server(Some(1 << 20)).await;
        let client = client(|it| {
            it.read_timeout = None;
            it.min_throughput = Some(MinThroughput::new(bytes_per_second, 10 * SECOND));
        });
        let mut upload = request("PUT", url);
        upload.body = Body::Stream(ByteStream::from_stream(Hesitant { chunks: 1000, is_ready: false }));
        let sent = tokio::time::timeout(200 * SECOND, client.send(upload)).await;
        let failure = sent.ok().map(|it| it.map(drop).expect_err("the server never responds").kind());
        assert_eq!(failure, is_too_slow.then_some(HttpErrorKind::Timeout), "{bytes_per_second}");
    }
}
