//! Every way in which a server or a body can hang, under every limit: which limit ends it, and which party the error
//! names.

use std::net::{IpAddr, TcpStream as StdTcpStream};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use aws_core::config::{Environment, TimeoutConfig};
use aws_core::http::{HttpConfig, Proxies, ProxySource, ResolveHost};
use aws_core::types::ByteStream;
use aws_core::{BoxFuture, Bytes, Credentials, Error, ErrorKind, Session};
use futures_core::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Hang {
    /// The server's address is not found.
    Dns,
    /// The address of the proxy is not found.
    ProxyDns,
    /// The server's queue of connections is full.
    Connect,
    /// The proxy does not respond to `CONNECT`.
    Tunnel,
    /// The server takes no part in the handshake.
    Tls,
    /// The server sends nothing.
    Head,
    /// The server sends half a head.
    HalfHead,
    /// The server sends half a body.
    HalfBody,
    /// The server does not read the request.
    Upload,
    /// The caller's body has no next chunk.
    Producer,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Limit {
    Connect,
    Read,
    Attempt,
    Total,
}

const ALL: [Hang; 10] = [
    Hang::Dns,
    Hang::ProxyDns,
    Hang::Connect,
    Hang::Tunnel,
    Hang::Tls,
    Hang::Head,
    Hang::HalfHead,
    Hang::HalfBody,
    Hang::Upload,
    Hang::Producer,
];

/// Finds no address, and does not end.
#[derive(Debug)]
struct SilentResolver;

impl ResolveHost for SilentResolver {
    fn resolve_host<'a>(
        &'a self,
        _: &'a str,
    ) -> BoxFuture<'a, Result<Vec<IpAddr>, Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(std::future::pending())
    }
}

/// A server that hangs, until it is dropped.
struct Server {
    url: String,
    task: tokio::task::JoinHandle<()>,
    _queued: Vec<StdTcpStream>,
}

impl Server {
    async fn start(hang: Hang) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
        let listener = socket.listen(1).expect("a listener");
        let address = listener.local_addr().expect("an address");
        let mut queued = Vec::new();
        if hang == Hang::Connect {
            // Once the queue is full, the system does not respond to further connections.
            while let Ok(stream) = StdTcpStream::connect_timeout(&address, Duration::from_millis(50)) {
                queued.push(stream);
                assert!(queued.len() < 1000, "the queue is never full");
            }
        }
        let scheme = if matches!(hang, Hang::Tls | Hang::Tunnel) { "https" } else { "http" };
        let task = tokio::spawn(serve(listener, hang));
        Self { url: format!("{scheme}://{address}"), task, _queued: queued }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, hang: Hang) {
    if hang == Hang::Connect {
        return std::future::pending().await;
    }
    let mut open = Vec::new();
    while let Ok((mut stream, _)) = listener.accept().await {
        let response: &[u8] = match hang {
            Hang::HalfHead => b"HTTP/1.1 200 OK\r\ncontent-",
            Hang::HalfBody => b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n<ListAllMyBucketsResult>",
            _ => b"",
        };
        if !matches!(hang, Hang::Tls | Hang::Upload) {
            read_head(&mut stream).await;
            stream.write_all(response).await.expect("a client");
        }
        open.push(stream);
    }
}

async fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a request"));
    }
}

/// A body of zeros without end, or without beginning.
struct Zeros {
    is_stuck: bool,
}

impl Stream for Zeros {
    type Item = Result<Bytes, Error>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.is_stuck {
            true => Poll::Pending,
            false => Poll::Ready(Some(Ok(Bytes::from_static(&[0; 65536])))),
        }
    }
}

/// The error of a call under one limit; `None` if it does not end in four times the limit.
async fn failure(hang: Hang, limit: Limit, timeout: Duration) -> Option<Error> {
    let server = Server::start(hang).await;
    let mut timeouts = TimeoutConfig::default();
    (timeouts.connect, timeouts.read) = (None, None);
    match limit {
        Limit::Connect => timeouts.connect = Some(timeout),
        Limit::Read => timeouts.read = Some(timeout),
        Limit::Attempt => timeouts.attempt = Some(timeout),
        Limit::Total => timeouts.total = Some(timeout),
    }
    let address = server.url.split_once("://").expect("a URL").1;
    let (endpoint_url, proxy) = match hang {
        Hang::Dns => ("http://server.test", ProxySource::None),
        Hang::ProxyDns => ("http://server.test", Proxies::all("http://proxy.test:3128").into()),
        Hang::Tunnel => ("https://server.test", Proxies::all(format!("http://{address}")).into()),
        _ => (&*server.url, ProxySource::None),
    };
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .endpoint_url(endpoint_url)
        .http_config(HttpConfig::default().with_resolver(SilentResolver))
        .proxies(proxy)
        .timeouts(timeouts)
        .expect_continue(false)
        .max_attempts(1)
        .build()
        .expect("valid settings");
    let s3 = aws_s3::Client::new(&session);
    let call = async {
        match hang {
            Hang::Upload | Hang::Producer => {
                let body = ByteStream::from_stream(Zeros { is_stuck: hang == Hang::Producer }).with_len(1 << 40);
                s3.put_object("bucket", "key").body(body).send().await.map(drop)
            }
            _ => s3.list_buckets().send().await.map(drop),
        }
    };
    let start = Instant::now();
    let error = tokio::time::timeout(timeout * 4, call).await.ok()?.expect_err("no response");
    assert!(start.elapsed() >= timeout, "{hang:?} {limit:?}: too early");
    Some(error)
}

#[tokio::test]
async fn every_hang_ends_by_every_limit_that_is_for_it() {
    let timeout = Duration::from_millis(150);
    for hang in ALL {
        for limit in [Limit::Connect, Limit::Read, Limit::Attempt, Limit::Total] {
            let opens = match hang {
                Hang::Dns => {
                    Some("server.test within 150ms: the address of the host server.test was not found in time")
                }
                Hang::ProxyDns => Some(
                    "server.test through the proxy http://proxy.test:3128 within 150ms: the address of the host \
                     proxy.test was not found in time",
                ),
                Hang::Connect => Some("within 150ms: no response from 127.0.0.1"),
                Hang::Tunnel => Some("within 150ms: the proxy did not open the tunnel"),
                Hang::Tls => Some("within 150ms: the TLS handshake with 127.0.0.1 did not end"),
                _ => None,
            };
            let expect = match limit {
                // Without a limit of its own, connecting has that of reading.
                Limit::Connect | Limit::Read if opens.is_some() => opens,
                Limit::Connect => None,
                // The server is not to blame for the caller's body.
                Limit::Read if hang == Hang::Producer => None,
                Limit::Read => Some("read timeout on 127.0.0.1"),
                Limit::Attempt => Some("the attempt timed out after 150ms"),
                Limit::Total => Some("the call timed out after 150ms"),
            };
            let failure = failure(hang, limit, timeout).await;
            match (&failure, expect) {
                (None, None) => {}
                (Some(error), Some(expect)) => {
                    assert_eq!(error.kind(), ErrorKind::Timeout, "{hang:?} {limit:?}: {error}");
                    assert!(error.to_string().contains(expect), "{hang:?} {limit:?}: {error}, expected {expect}");
                }
                _ => panic!("{hang:?} {limit:?}: {failure:?}, expected {expect:?}"),
            }
        }
    }
}
