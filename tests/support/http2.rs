//! A server for exchanges in both directions at once: HTTP/2 on a loopback socket, with TLS or without, whose other half
//! is a closure of the test. It checks signatures of requests and of their events with code of its own. Knows no service.

use std::future::Future;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_core::Bytes;
use aws_core::eventstream::{Decoder, HeaderValue, Message};
use aws_core::value::Timestamp;
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

/// A server that ends when it is dropped.
#[derive(Debug)]
pub struct Http2Server {
    /// Where it listens: `http://127.0.0.1:port`, or `https://localhost:port`.
    pub url: String,
    task: JoinHandle<()>,
}

impl Http2Server {
    /// Serves every request with what `each` makes of it, given how many came before.
    ///
    /// # Panics
    /// If no loopback socket can be opened.
    pub async fn start<F>(each: impl Fn(usize, Exchange) -> F + Clone + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::serve(None, each).await
    }

    /// The same over TLS, with a certificate of [`authority`], for clients that may choose among `protocols`.
    ///
    /// # Panics
    /// As [`start`](Self::start), and if the certificate cannot be read.
    pub async fn start_tls<F>(
        protocols: &[&str],
        each: impl Fn(usize, Exchange) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
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
        Self::serve(Some(TlsAcceptor::from(Arc::new(config))), each).await
    }

    async fn serve<F>(
        tls: Option<TlsAcceptor>,
        each: impl Fn(usize, Exchange) -> F + Clone + Send + Sync + 'static,
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
                let (each, count, tls) = (each.clone(), count.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => exchanges(socket, &count, each).await,
                        Some(tls) => {
                            if let Ok(socket) = tls.accept(socket).await {
                                assert_eq!(socket.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
                                exchanges(socket, &count, each).await;
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
async fn exchanges<S, F>(socket: S, count: &AtomicUsize, each: impl Fn(usize, Exchange) -> F)
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: Future<Output = ()> + Send + 'static,
{
    let Ok(mut connection) = handshake(socket).await else { return };
    while let Some(Ok((request, respond))) = connection.accept().await {
        let (head, body) = request.into_parts();
        let exchange = Exchange { head, body, respond, out: None, decoder: Decoder::new() };
        tokio::spawn(each(count.fetch_add(1, Ordering::Relaxed), exchange));
    }
}

/// The authority of the certificate of servers with TLS, in PEM format.
pub fn authority() -> PathBuf {
    testdata("ca.pem")
}

/// Certificates are those of the runtime's own tests.
fn testdata(name: &str) -> PathBuf {
    workspace().join("runtime/src/http/testdata").join(name)
}

impl Drop for Http2Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A request being read and answered.
#[derive(Debug)]
pub struct Exchange {
    /// Its head.
    pub head: http::request::Parts,
    body: RecvStream,
    respond: SendResponse<Bytes>,
    out: Option<SendStream<Bytes>>,
    decoder: Decoder,
}

impl Exchange {
    /// A header as text.
    pub fn header(&self, name: &str) -> &str {
        self.head.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default()
    }

    /// The next message of the request, or `None` at its end.
    ///
    /// # Errors
    /// The client gave the request up.
    ///
    /// # Panics
    /// If the body holds no messages.
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
                    self.decoder.finish().expect("whole messages");
                    return Ok(None);
                }
            }
        }
    }

    /// Begins the answer.
    ///
    /// # Panics
    /// If it has begun already, or the client is gone.
    pub fn answer(&mut self, status: u16, headers: &[(&str, &str)]) {
        let mut response = http::Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        let response = response.body(()).expect("a head");
        self.out = Some(self.respond.send_response(response, false).expect("a client"));
    }

    /// Sends a message.
    ///
    /// # Panics
    /// If the answer has not begun, or the client is gone.
    pub fn send(&mut self, message: &Message) {
        self.send_bytes(message.encode().expect("a message"));
    }

    /// Sends bytes.
    ///
    /// # Panics
    /// As [`send`](Self::send).
    pub fn send_bytes(&mut self, bytes: Bytes) {
        self.out.as_mut().expect("an answer that began").send_data(bytes, false).expect("a client");
    }

    /// Ends the answer.
    ///
    /// # Panics
    /// As [`send`](Self::send).
    pub fn end(&mut self) {
        self.out.as_mut().expect("an answer that began").send_data(Bytes::new(), true).expect("a client");
    }

    /// Breaks the exchange off.
    pub fn reset(&mut self) {
        self.respond.send_reset(Reason::INTERNAL_ERROR);
    }

    /// Checks the signature of the request, and returns what checks its events.
    ///
    /// # Panics
    /// If it has no signature, or not the right one.
    pub fn verified(&self, secret: &str) -> Chain {
        let line = self.header("authorization");
        let part = |name: &str| {
            let rest = line.split_once(&format!("{name}=")).unwrap_or_else(|| panic!("no {name} in {line:?}")).1;
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
        let chain = Chain { secret: secret.to_owned(), scope, prior: signature.clone() };
        let date = self.header("x-amz-date");
        let text = format!("AWS4-HMAC-SHA256\n{date}\n{}\n{}", chain.scope, hex(&Sha256::digest(&canonical)));
        assert_eq!(chain.sign(&text), signature, "{canonical}");
        chain
    }
}

/// The signatures of a request's events, each made over the one before.
#[derive(Debug)]
pub struct Chain {
    secret: String,
    scope: String,
    prior: String,
}

impl Chain {
    fn sign(&self, text: &str) -> String {
        let first = format!("AWS4{}", self.secret).into_bytes();
        let key = self.scope.split('/').fold(first, |key, part| hmac(&key, part.as_bytes()));
        hex(&hmac(&key, text.as_bytes()))
    }

    /// The message inside a signed one; `None` for the one that ends the events.
    ///
    /// # Panics
    /// If the signature is not the right one.
    pub fn open(&mut self, signed: &Message) -> Option<Message> {
        let names: Vec<_> = signed.headers.iter().map(|it| it.0).collect();
        assert_eq!(names, [":date", ":chunk-signature"]);
        let Some(HeaderValue::Timestamp(date)) = signed.headers.get(":date") else { panic!("no date") };
        let Some(HeaderValue::Bytes(found)) = signed.headers.get(":chunk-signature") else { panic!("no signature") };
        let headers = [b"\x05:date\x08".as_slice(), &date.as_millis().to_be_bytes()].concat();
        let second = Timestamp::from_secs(date.as_secs()).to_string().replace(['-', ':'], "");
        let text = format!(
            "AWS4-HMAC-SHA256-PAYLOAD\n{second}\n{}\n{}\n{}\n{}",
            self.scope,
            self.prior,
            hex(&Sha256::digest(headers)),
            hex(&Sha256::digest(&signed.payload))
        );
        self.prior = self.sign(&text);
        assert_eq!(hex(found), self.prior, "{text}");
        let mut decoder = Decoder::new();
        decoder.push(&signed.payload);
        let inner = decoder.take().expect("a message");
        decoder.finish().expect("nothing behind the message");
        inner
    }
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    match key.len() {
        0..=64 => block[..key.len()].copy_from_slice(key),
        _ => block[..32].copy_from_slice(&Sha256::digest(key)),
    }
    let padded = |byte: u8| block.map(|it| it ^ byte);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}
