//! HTTP/1.1 connections over time: which are used again, and what extreme settings do.

use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;

use super::tests::{After, client, ok, raw_server, request};
use super::*;
use crate::doubles::MockServer;
use crate::testing::Reply;
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
    let dropped = async {
        while Arc::strong_count(&alive) > 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), dropped).await.expect("the body is dropped with its connection");
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

#[tokio::test]
async fn responses_may_have_many_headers() {
    // The response to the second request may have more headers than that to the first.
    let check = async |count: usize, expect: [bool; 2]| {
        let headers: String = (0..count).map(|it| format!("x-amz-meta-{it}: v\r\n")).collect();
        let response = format!("HTTP/1.1 200 OK\r\n{headers}content-length: 2\r\n\r\nok");
        let all = [(ok(), After::Stay), (response.clone().into(), After::Stay), (response.into(), After::Stay)];
        let (url, _) = raw_server(all.into()).await;
        let client = client(|_| {});
        let first = client.send(request("GET", url.clone())).await.unwrap();
        first.body.collect().await.unwrap();
        for expect in expect {
            let response = client.send(request("GET", url.clone())).await;
            assert_eq!(response.as_ref().map_err(|it| it.kind()).is_ok(), expect, "{count}: {response:?}");
            match response {
                Ok(response) => assert_eq!(response.headers.len(), count + 1),
                Err(error) => assert_eq!(error.kind(), HttpErrorKind::Io, "repeated by the call"),
            }
        }
    };
    check(100, [true, true]).await;
    check(250, [true, true]).await;
    check(500, [false, true]).await;
    check(1000, [false, true]).await;
    check(5000, [false, false]).await;
}

/// Finds what it was made with, whatever the host.
#[derive(Debug)]
struct Finds(Result<Vec<std::net::IpAddr>, &'static str>);

impl crate::http::ResolveHost for Finds {
    fn resolve_host<'a>(
        &'a self,
        _: &'a str,
    ) -> BoxFuture<'a, Result<Vec<std::net::IpAddr>, Box<dyn std::error::Error + Send + Sync>>> {
        let found = self.0.clone().map_err(Into::into);
        Box::pin(async move { found })
    }
}

#[tokio::test]
async fn hosts_and_proxies_are_resolved_by_the_resolver() {
    let server = MockServer::start((0..2).map(|_| Reply::ok("ok")));
    let port = server.url().rsplit_once(':').expect("a port").1.to_owned();
    let loopback = || Ok(vec![[127, 0, 0, 1].into()]);
    let check = async |found: Result<Vec<_>, &'static str>, proxy: Option<String>, expect: Result<&str, &str>| {
        let kind = if proxy.is_some() { HttpErrorKind::Proxy } else { HttpErrorKind::Connect };
        let client = client(|it| {
            it.resolver = Finds(found).into();
            if let Some(proxy) = proxy {
                it.proxy = crate::http::Proxies::all(proxy).into();
            }
        });
        let response = client.send(request("GET", format!("http://server.test:{port}/p"))).await;
        match (response, expect) {
            (Ok(response), Ok(target)) => {
                response.body.collect().await.expect("a body");
                assert_eq!(server.requests().pop().expect("a request").target, target);
            }
            (Err(error), Err(expect)) => {
                assert_eq!(error.kind(), kind, "{error}");
                assert!(error.message().ends_with(expect), "{error}");
            }
            (response, expect) => panic!("{response:?}, expected {expect:?}"),
        }
    };
    check(loopback(), None, Ok("/p")).await;
    let forwarded = format!("http://server.test:{port}/p");
    check(loopback(), Some(format!("http://proxy.test:{port}")), Ok(&forwarded)).await;
    check(Ok(Vec::new()), None, Err(": the host server.test has no address")).await;
    check(Err("refused"), None, Err(": the address of the host server.test was not found: refused")).await;
    let expect = "through the proxy http://proxy.test:3128: the host proxy.test has no address";
    check(Ok(Vec::new()), Some("http://proxy.test:3128".to_owned()), Err(expect)).await;
}
