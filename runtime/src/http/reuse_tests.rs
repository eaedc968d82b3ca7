//! HTTP/1.1 connections over time: which are used again, and what extreme settings do.

use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;

use super::tests::{After, client, ok, raw_server, request};
use super::*;
use crate::test_util::{MockServer, Reply};
use crate::types::ByteStream;

async fn read(client: &HyperClient, request: Request) -> Result<Bytes, HttpError> {
    let body = client.send(request).await?.body;
    body.collect().await.map(|it| it.into_bytes()).map_err(|e| HttpError::new(HttpErrorKind::Io, e.to_string()))
}

#[tokio::test]
async fn settings_may_be_as_large_as_their_types_allow() {
    let (url, _) = raw_server(vec![(ok(), After::Slowly(Duration::from_millis(2))); 3]).await;
    let client = client(|it| {
        it.connect_timeout = Some(Duration::MAX);
        it.read_timeout = Some(Duration::MAX);
        it.pool_idle_timeout = Some(Duration::MAX);
        it.max_connections = Some(usize::MAX);
    });
    for _ in 0..3 {
        let mut upload = request("PUT", url.clone());
        upload.body = "body".into();
        assert_eq!(&*read(&client, upload).await.unwrap(), b"ok");
    }
}

#[tokio::test]
async fn a_request_that_was_sent_is_not_sent_again() {
    let bodies: [fn() -> Body; 4] = [
        || Body::Empty,
        || "hello".into(),
        || Body::Stream(ByteStream::from("hello")),
        || Body::Stream(ByteStream::from("hello").inspect(|_| Ok(()))),
    ];
    for (number, body) in bodies.into_iter().enumerate() {
        let (url, seen) = raw_server(vec![(ok(), After::Stay), (Vec::new(), After::Close), (ok(), After::Stay)]).await;
        let client = client(|_| {});
        assert_eq!(&*read(&client, request("GET", url.clone())).await.unwrap(), b"ok");
        let mut upload = request("POST", url);
        upload.body = body();
        let response = read(&client, upload).await;
        assert_eq!(response.map_err(|it| it.kind()), Err(HttpErrorKind::Io), "body {number}");
        assert_eq!(seen.lock().unwrap().len(), 2, "body {number}");
    }
}

#[tokio::test]
async fn connections_in_use_stay_known_when_idle_ones_expire() {
    let limit = Duration::from_millis(30);
    let slow = (ok(), After::Slowly(Duration::from_millis(3)));
    let (url, seen) = raw_server(vec![(ok(), After::Stay), slow, (ok(), After::Stay)]).await;
    let client = client(|it| it.pool_idle_timeout = Some(limit));
    for _ in 0..3 {
        assert_eq!(&*read(&client, request("GET", url.clone())).await.unwrap(), b"ok");
    }
    let connections: Vec<usize> = seen.lock().unwrap().iter().map(|it| it.0).collect();
    assert_eq!(connections, [1, 1, 1]);
}

/// A body without end.
struct Endless(#[expect(dead_code, reason = "counts")] Arc<()>);

impl Stream for Endless {
    type Item = Result<Bytes, HttpError>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Pending
    }
}

#[tokio::test]
async fn after_the_response_the_request_body_is_not_read() {
    let denied = b"HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno".to_vec();
    let (url, _) = raw_server(vec![(denied, After::WithoutBody)]).await;
    let client = client(|_| {});
    let alive = Arc::new(());
    let mut upload = request("PUT", url);
    upload.body = Body::Stream(ByteStream::from_stream(Endless(Arc::clone(&alive))).with_len(9));
    assert_eq!(&*read(&client, upload).await.unwrap(), b"no");
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(Arc::strong_count(&alive), 1, "the body is dropped with its connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn sequential_requests_on_many_threads_use_one_connection() {
    let server = MockServer::start((0..1000).map(|_| Reply::ok("ok")));
    let client = client(|_| {});
    for _ in 0..1000 {
        assert_eq!(&*read(&client, request("GET", server.url())).await.unwrap(), b"ok");
    }
    // A busy machine may delay a driver for long.
    assert!(server.connections() <= 3, "{}", server.connections());
}
