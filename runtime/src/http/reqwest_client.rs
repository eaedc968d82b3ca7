//! An HTTP client on reqwest, for its features that this crate has not. Knows nothing of the settings of this crate.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http_body::Body as _;

use super::client::HttpClient;
use super::{Body, HttpError, HttpErrorKind, Request, Response, causes};
use crate::types::ByteStream;
use crate::{BoxFuture, Error, ErrorKind};

/// An HTTP client on reqwest, for what [`HyperClient`](super::HyperClient) has not: SOCKS proxies, the proxies of the
/// system, other name resolution.
///
/// Timeouts, proxies and certificates are those of the reqwest client, not those of the session. Requests whose path has a
/// segment `.` or `..` are an error, since reqwest would remove it. `expect: 100-continue` is removed.
/// [`duplex`](Request::duplex) requests work where the server offers HTTP/2.
///
/// ```no_run
/// use aws_core::Session;
/// use aws_core::http::ReqwestClient;
///
/// # fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let proxy = reqwest::Proxy::all("socks5h://proxy.corp:1080")?;
/// let client = ReqwestClient::new(reqwest::Client::builder().proxy(proxy))?;
/// let session = Session::builder().http_client(client).build_lazy();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ReqwestClient(reqwest::Client);

impl ReqwestClient {
    /// Creates a client. Redirects, decompression and the header `referer` are switched off, whatever `builder` says. If
    /// the process has no default cryptography for rustls yet, it becomes that of this crate's features.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if reqwest rejects its settings.
    pub fn new(builder: reqwest::ClientBuilder) -> crate::Result<Self> {
        // Another crate of the program may enable these features of reqwest; S3 stores what it is sent, and lengths and
        // checksums are those of the bytes on the wire.
        let builder = builder.no_gzip().no_brotli().no_deflate().no_zstd();
        let builder = builder.redirect(reqwest::redirect::Policy::none()).retry(reqwest::retry::never()).referer(false);
        // With the features that this crate enables, reqwest has no cryptography of its own, and panics without one.
        #[cfg(feature = "rustls-aws-lc")]
        use rustls::crypto::aws_lc_rs as cryptography;
        #[cfg(all(feature = "rustls", not(feature = "rustls-aws-lc")))]
        use rustls::crypto::ring as cryptography;
        #[cfg(feature = "__rustls")]
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            let _ = cryptography::default_provider().install_default();
        }
        let problem = |e: reqwest::Error| Error::new(ErrorKind::Config, "could not set up reqwest").with_source(e);
        builder.build().map(Self).map_err(problem)
    }

    async fn exchange(&self, request: Request) -> Result<Response, HttpError> {
        let Request { method, url, mut headers, body, duplex: _, timeouts } = request;
        let host = url.authority();
        let is_limited = timeouts.min_throughput.is_some_and(|it| it.bytes_per_second > 0);
        if is_limited || timeouts.connect.is_some() || timeouts.read.is_some() {
            let message = "reqwest has no connect and read timeouts of single requests, and no lowest speed: set timeouts \
                           for the client";
            return Err(HttpError::new(HttpErrorKind::Other, message));
        }
        let parsed = reqwest::Url::parse(url.as_str()).ok().filter(|it| it.path() == url.path()).ok_or_else(|| {
            let message = format!("reqwest cannot send the path {:?} to {host} unchanged", url.path());
            HttpError::new(HttpErrorKind::Other, message)
        })?;
        headers.remove(http::header::EXPECT);
        let mut outgoing = reqwest::Request::new(method, parsed);
        *outgoing.headers_mut() = headers;
        *outgoing.body_mut() = match body {
            body if body.is_empty() => {
                let method = outgoing.method();
                // Servers require the length of the body of a PUT or POST even if it is empty.
                (method == http::Method::PUT || method == http::Method::POST || method == http::Method::PATCH)
                    .then(|| Bytes::new().into())
            }
            Body::Empty => None,
            Body::Bytes(bytes) => Some(bytes.into()),
            Body::Stream(stream) => Some(reqwest::Body::wrap(stream)),
        };
        let response = self.0.execute(outgoing).await.map_err(|it| from_reqwest(it, host))?;
        let (head, body) = http::Response::<reqwest::Body>::from(response).into_parts();
        let len = body.size_hint().exact();
        let body = ByteStream::received(Frames { body, host: host.into() }, len);
        Ok(Response { status: head.status, headers: head.headers, body })
    }
}

impl HttpClient for ReqwestClient {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(self.exchange(request))
    }
}

impl fmt::Debug for ReqwestClient {
    /// Without the settings of the reqwest client, which may contain secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReqwestClient")
    }
}

fn from_reqwest(error: reqwest::Error, host: &str) -> HttpError {
    // The URL may contain a signature.
    let error = error.without_url();
    let causes = causes::causes(&error as &dyn StdError);
    let (kind, message) = if error.is_timeout() {
        (HttpErrorKind::Timeout, format!("the request to {host} timed out: {causes}"))
    } else if error.is_connect() {
        (HttpErrorKind::Connect, format!("could not connect to {host}: {causes}"))
    } else if causes::find::<Error>(&error).is_some() {
        (HttpErrorKind::Body, format!("could not read the request body for {host}: {causes}"))
    } else if error.is_builder() {
        (HttpErrorKind::Other, format!("the request to {host} cannot be sent: {causes}"))
    } else {
        (HttpErrorKind::Io, format!("the connection to {host} failed: {causes}"))
    };
    HttpError::new(kind, message).with_source(error)
}

/// The data frames of a response body.
struct Frames {
    body: reqwest::Body,
    host: Box<str>,
}

impl Stream for Frames {
    type Item = crate::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        // Trailers come last, and no caller reads them.
        Pin::new(&mut this.body).poll_frame(cx).map(|frame| match frame? {
            Ok(frame) => frame.into_data().ok().map(Ok),
            Err(e) => {
                let e = e.without_url();
                let kind = if e.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Io };
                let causes = causes::causes(&e as &dyn StdError);
                let message = format!("could not read the response body from {}: {causes}", this.host);
                Some(Err(Error::new(kind, message).with_source(e)))
            }
        })
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use crate::doubles::MockServer;
    use crate::http::{Method, Url};
    use crate::testing::Reply;

    #[tokio::test]
    async fn requests_and_responses_are_passed_on_unchanged() {
        let server = MockServer::start([Reply::ok("packed").header("content-encoding", "gzip"), Reply::new(307)]);
        let client = ReqwestClient::new(reqwest::Client::builder()).expect("no setup is needed");
        let request = |path: &str| {
            let mut request = Request::new(Method::PUT, Url::parse(format!("{}{path}", server.url())).expect("a URL"));
            request.body = Body::Stream(ByteStream::from_reader(&b"hello"[..]).with_len(5));
            request
        };
        for (path, status, body) in [("/a%2Fb//c?x=1", 200, "packed"), ("/moved", 307, "")] {
            let response = client.send(request(path)).await.expect("a response");
            assert_eq!(response.status.as_u16(), status);
            assert_eq!(&*response.body.collect().await.expect("a body"), body.as_bytes());
            let seen = server.requests().pop().expect("a request");
            assert_eq!((&seen.body[..], seen.header("content-length")), (&b"hello"[..], "5"), "{path}");
        }
        for path in ["/a/../b", "/./a"] {
            let error = client.send(request(path)).await.expect_err("reqwest removes segments");
            assert!(error.message().contains("unchanged"), "{error}");
        }
        assert_eq!(server.requests().len(), 2);
    }
}
