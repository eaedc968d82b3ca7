//! A server for bidirectional streams: HTTP/2 on a loopback socket, with or without TLS; a closure of the test handles
//! each request. It checks the signatures of requests and of their events with code of its own. Knows no service.

use std::future::Future;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_core::Bytes;
use aws_core::internals::eventstream::{Decoder, EventHeaderValue, Message};
use aws_core::types::Timestamp;
use h2::server::{SendResponse, handshake};
use h2::{Reason, RecvStream, SendStream};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::suite::workspace;

/// A server that stops when it is dropped.
#[derive(Debug)]
pub struct Http2Server {
    /// Its URL: `http://127.0.0.1:port`, or `https://localhost:port` with TLS.
    pub url: String,
    task: JoinHandle<()>,
}

impl Http2Server {
    /// Starts a server that passes every request to `handler`, with the number of requests before it.
    ///
    /// # Panics
    /// If no loopback socket can be opened.
    pub async fn start<F>(handler: impl Fn(usize, Exchange) -> F + Clone + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::serve(None, handler).await
    }

    /// Like [`start`](Self::start), over TLS with a certificate signed by [`ca_file`], offering `protocols` by ALPN.
    ///
    /// # Panics
    /// If no loopback socket can be opened, or the certificate cannot be read.
    pub async fn start_tls<F>(
        protocols: &[&str],
        handler: impl Fn(usize, Exchange) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::serve(Some(tls_acceptor(protocols)), handler).await
    }

    async fn serve<F>(
        tls: Option<TlsAcceptor>,
        handler: impl Fn(usize, Exchange) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a loopback socket");
        let address = listener.local_addr().expect("an address");
        let url = match tls {
            None => format!("http://{address}"),
            Some(_) => format!("https://localhost:{}", address.port()),
        };
        let count = Arc::new(AtomicUsize::new(0));
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (handler, count, tls) = (handler.clone(), count.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve_connection(socket, &count, handler).await,
                        Some(tls) => {
                            if let Ok(socket) = tls.accept(socket).await {
                                assert_eq!(socket.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
                                serve_connection(socket, &count, handler).await;
                            }
                        }
                    }
                });
            }
        });
        Self { url, task }
    }
}

/// Serves the requests of one connection.
async fn serve_connection<S, F>(socket: S, count: &AtomicUsize, handler: impl Fn(usize, Exchange) -> F)
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: Future<Output = ()> + Send + 'static,
{
    let Ok(mut connection) = handshake(socket).await else { return };
    while let Some(Ok((request, respond))) = connection.accept().await {
        let (head, body) = request.into_parts();
        let exchange = Exchange { head, body, respond, response: None, decoder: Decoder::new() };
        tokio::spawn(handler(count.fetch_add(1, Ordering::Relaxed), exchange));
    }
}

/// TLS with a certificate for `localhost` and 127.0.0.1 signed by [`ca_file`], offering `protocols` by ALPN.
///
/// # Panics
/// If the certificate cannot be read.
pub fn tls_acceptor(protocols: &[&str]) -> TlsAcceptor {
    let file = testdata("server.pem");
    let chain = CertificateDer::pem_file_iter(&file).expect("certificates");
    let chain = chain.collect::<Result<Vec<_>, _>>().expect("certificates");
    let key = PrivateKeyDer::from_pem_file(&file).expect("a key");
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate with its key");
    config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// The PEM file of the certificate authority behind the certificate of servers with TLS.
pub fn ca_file() -> PathBuf {
    testdata("ca.pem")
}

/// A file of the runtime's own test data.
fn testdata(name: &str) -> PathBuf {
    workspace().join("runtime/src/http/testdata").join(name)
}

impl Drop for Http2Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A request being read and its response being sent.
#[derive(Debug)]
pub struct Exchange {
    /// Method, URI and headers of the request.
    pub head: http::request::Parts,
    body: RecvStream,
    respond: SendResponse<Bytes>,
    response: Option<SendStream<Bytes>>,
    decoder: Decoder,
}

impl Exchange {
    /// The value of a header; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.head.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default()
    }

    /// Reads the next message of the request; `None` at its end.
    ///
    /// # Errors
    /// If the client cancelled the request.
    ///
    /// # Panics
    /// If the body does not consist of messages.
    pub async fn message(&mut self) -> Result<Option<Message>, h2::Error> {
        loop {
            if let Some(message) = self.decoder.take().expect("messages") {
                return Ok(Some(message));
            }
            match self.body.data().await {
                Some(chunk) => {
                    let chunk = chunk?;
                    self.body.flow_control().release_capacity(chunk.len())?;
                    self.decoder.push(&chunk);
                }
                None => {
                    self.decoder.finish().expect("complete messages");
                    return Ok(None);
                }
            }
        }
    }

    /// Sends the head of the response.
    ///
    /// # Panics
    /// If it was sent already, or the client is gone.
    pub fn response(&mut self, status: u16, headers: &[(&str, &str)]) {
        let mut response = http::Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        let response = response.body(()).expect("a head");
        self.response = Some(self.respond.send_response(response, false).expect("a client"));
    }

    /// Sends a message.
    ///
    /// # Panics
    /// If the head of the response was not sent, or the client is gone.
    pub fn send(&mut self, message: &Message) {
        self.send_bytes(message.encode().expect("a message"));
    }

    /// Sends bytes.
    ///
    /// # Panics
    /// As [`send`](Self::send).
    pub fn send_bytes(&mut self, bytes: Bytes) {
        self.response.as_mut().expect("a started response").send_data(bytes, false).expect("a client");
    }

    /// Ends the response.
    ///
    /// # Panics
    /// As [`send`](Self::send).
    pub fn end(&mut self) {
        self.response.as_mut().expect("a started response").send_data(Bytes::new(), true).expect("a client");
    }

    /// Resets the stream with INTERNAL_ERROR.
    pub fn reset(&mut self) {
        self.respond.send_reset(Reason::INTERNAL_ERROR);
    }

    /// Checks the signature of the request, and returns the verifier of its events.
    ///
    /// # Panics
    /// If there is no signature, or a wrong one.
    pub fn verify_signature(&self, secret: &str) -> EventVerifier {
        let authorization = self.header("authorization");
        let part = |name: &str| {
            let after = authorization.split_once(&format!("{name}="));
            let rest = after.unwrap_or_else(|| panic!("no {name} in {authorization:?}")).1;
            rest.split(',').next().unwrap_or_default().to_owned()
        };
        let scope = part("Credential").split_once('/').expect("a scope").1.to_owned();
        let (names, signature) = (part("SignedHeaders"), part("Signature"));
        let uri = &self.head.uri;
        let path = uri.path().replace('%', "%25");
        let mut canonical = format!("{}\n{}\n{}\n", self.head.method, path, uri.query().unwrap_or_default());
        for name in names.split(';') {
            let value = if name == "host" { uri.authority().expect("a host").as_str() } else { self.header(name) };
            canonical.push_str(&format!("{name}:{value}\n"));
        }
        assert_eq!(self.header("x-amz-content-sha256"), "STREAMING-AWS4-HMAC-SHA256-EVENTS");
        canonical.push_str(&format!("\n{names}\nSTREAMING-AWS4-HMAC-SHA256-EVENTS"));
        let verifier = EventVerifier { secret: secret.to_owned(), scope, prior: signature.clone() };
        let date = self.header("x-amz-date");
        let string_to_sign =
            format!("AWS4-HMAC-SHA256\n{date}\n{}\n{}", verifier.scope, hex(&Sha256::digest(&canonical)));
        assert_eq!(verifier.sign(&string_to_sign), signature, "{canonical}");
        verifier
    }
}

/// Verifies the signatures of a request's events. Each covers the signature before it; the first, that of the request.
#[derive(Debug)]
pub struct EventVerifier {
    secret: String,
    scope: String,
    prior: String,
}

impl EventVerifier {
    fn sign(&self, string_to_sign: &str) -> String {
        let first = format!("AWS4{}", self.secret).into_bytes();
        let key = self.scope.split('/').fold(first, |key, part| hmac(&key, part.as_bytes()));
        hex(&hmac(&key, string_to_sign.as_bytes()))
    }

    /// Checks the next signed message and returns the message inside; `None` for the empty one that ends the events.
    ///
    /// # Panics
    /// If the signature is wrong.
    pub fn verify(&mut self, signed: &Message) -> Option<Message> {
        let names: Vec<_> = signed.headers.iter().map(|it| it.0).collect();
        assert_eq!(names, [":date", ":chunk-signature"]);
        let Some(EventHeaderValue::Timestamp(date)) = signed.headers.get(":date") else { panic!("no date") };
        let Some(EventHeaderValue::Bytes(found)) = signed.headers.get(":chunk-signature") else {
            panic!("no signature")
        };
        let headers = [b"\x05:date\x08".as_slice(), &date.as_millis().to_be_bytes()].concat();
        let date_to_the_second = Timestamp::from_secs(date.as_secs()).to_string().replace(['-', ':'], "");
        let string_to_sign = format!(
            "AWS4-HMAC-SHA256-PAYLOAD\n{date_to_the_second}\n{}\n{}\n{}\n{}",
            self.scope,
            self.prior,
            hex(&Sha256::digest(headers)),
            hex(&Sha256::digest(&signed.payload))
        );
        self.prior = self.sign(&string_to_sign);
        assert_eq!(hex(found), self.prior, "{string_to_sign}");
        let mut decoder = Decoder::new();
        decoder.push(&signed.payload);
        let inner = decoder.take().expect("a message");
        decoder.finish().expect("nothing after the message");
        inner
    }
}

fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    match key.len() {
        0..=64 => block[..key.len()].copy_from_slice(key),
        _ => block[..32].copy_from_slice(&Sha256::digest(key)),
    }
    let padded = |byte: u8| block.map(|it| it ^ byte);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(data).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}
