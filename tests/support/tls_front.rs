//! Puts TLS in front of a server that speaks plain HTTP/1.1: as it is, or as HTTP/2. Runs in a thread of its own, so that
//! tests with runtimes of their own share it. Knows no service.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Poll, ready};

use aws_core::Bytes;
use aws_core::http::{Body, HeaderValue, HttpClient, HttpConfig, HyperClient, ProxySource, Request, Url, header};
use aws_core::types::ByteStream;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::server::TlsStream;

use crate::http2::tls_acceptor;

/// Starts a front of the server on this port of 127.0.0.1. Returns its URL; [`ca_file`](crate::http2::ca_file) verifies
/// its certificate. It runs until the process ends.
///
/// # Panics
/// If no loopback socket can be opened.
pub fn start(backend: u16) -> String {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a loopback socket");
            let port = listener.local_addr().expect("an address").port();
            sender.send(format!("https://localhost:{port}")).expect("a receiver");
            serve(listener, SocketAddr::from((Ipv4Addr::LOCALHOST, backend))).await;
        });
    });
    receiver.recv().expect("a URL")
}

async fn serve(listener: TcpListener, backend: SocketAddr) {
    let acceptor = tls_acceptor(&["h2", "http/1.1"]);
    let mut settings = HttpConfig::default();
    settings.proxy = ProxySource::None;
    let client = HyperClient::new(&settings).expect("valid settings");
    while let Ok((socket, _)) = listener.accept().await {
        let (acceptor, client) = (acceptor.clone(), client.clone());
        tokio::spawn(async move {
            let Ok(mut socket) = acceptor.accept(socket).await else { return };
            if socket.get_ref().1.alpn_protocol() == Some(b"h2") {
                serve_http2(socket, backend, client).await;
            } else if let Ok(mut plain) = TcpStream::connect(backend).await {
                let _ = copy_bidirectional(&mut socket, &mut plain).await;
            }
        });
    }
}

async fn serve_http2(socket: TlsStream<TcpStream>, backend: SocketAddr, client: HyperClient) {
    let Ok(mut connection) = h2::server::handshake(socket).await else { return };
    while let Some(Ok((request, respond))) = connection.accept().await {
        tokio::spawn(forward(request, respond, backend, client.clone()));
    }
}

async fn forward(
    request: http::Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    backend: SocketAddr,
    client: HyperClient,
) {
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", |it| it.as_str());
    let url = Url::parse(format!("http://{backend}{target}")).expect("a URL");
    let mut outgoing = Request::new(head.method, url);
    outgoing.headers = head.headers;
    let host = head.uri.authority().expect("an authority").as_str();
    outgoing.headers.insert(header::HOST, HeaderValue::from_str(host).expect("a host"));
    if !body.is_end_stream() {
        let length = outgoing.headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
        let stream = ByteStream::from_stream(Incoming(body));
        outgoing.body = Body::Stream(match length {
            Some(length) => stream.with_len(length),
            None => stream,
        });
    }
    let Ok(mut response) = client.send(outgoing).await else {
        respond.send_reset(Reason::INTERNAL_ERROR);
        return;
    };
    let mut head = http::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        // Headers of the connection have no meaning in HTTP/2.
        if !matches!(name.as_str(), "connection" | "transfer-encoding" | "keep-alive") {
            head = head.header(name, value);
        }
    }
    let Ok(mut out) = respond.send_response(head.body(()).expect("a head"), false) else { return };
    while let Some(chunk) = response.body.next().await {
        let sent = match chunk {
            Ok(chunk) => out.send_data(chunk, false),
            Err(_) => return out.send_reset(Reason::INTERNAL_ERROR),
        };
        if sent.is_err() {
            return;
        }
    }
    let _ = out.send_data(Bytes::new(), true);
}

/// The body of a request.
struct Incoming(RecvStream);

impl futures_core::Stream for Incoming {
    type Item = Result<Bytes, h2::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunk = ready!(self.0.poll_data(cx));
        if let Some(Ok(chunk)) = &chunk {
            let _ = self.0.flow_control().release_capacity(chunk.len());
        }
        Poll::Ready(chunk)
    }
}
