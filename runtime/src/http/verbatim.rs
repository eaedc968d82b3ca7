//! Sends the requests that reqwest would change: to paths with `.` or `..` between slashes. Each goes over a connection of
//! its own, HTTP/1.1, by the same HTTP stack. Knows no proxies.

use std::io;
use std::pin::Pin;
#[cfg(feature = "rustls")]
use std::sync::Arc;

use http::header::HOST;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use hyper::body::Incoming;
use hyper::client::conn::http1::handshake;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::{Body, HttpError, HttpErrorKind, HttpSettings, ProxySetting, Url, reqwest_error};

/// What it takes to connect.
pub(super) struct Verbatim {
    settings: HttpSettings,
    #[cfg(feature = "rustls")]
    tls: tokio_rustls::TlsConnector,
}

trait Connection: AsyncRead + AsyncWrite + Send {}

impl<C: AsyncRead + AsyncWrite + Send> Connection for C {}

impl Verbatim {
    pub(super) fn new(settings: &HttpSettings, #[cfg(feature = "rustls")] mut tls: rustls::ClientConfig) -> Self {
        #[cfg(feature = "rustls")]
        tls.alpn_protocols.clear();
        Self {
            settings: settings.clone(),
            #[cfg(feature = "rustls")]
            tls: tokio_rustls::TlsConnector::from(Arc::new(tls)),
        }
    }

    pub(super) async fn send(
        &self,
        method: Method,
        url: &Url,
        mut headers: HeaderMap,
        body: Body,
    ) -> Result<Response<Incoming>, HttpError> {
        let other = |why: &str| {
            let path = url.path();
            let what = format!("the path {path:?} of host {} cannot be sent: {why}", url.host());
            HttpError::new(HttpErrorKind::Other, what)
        };
        let whole = Uri::try_from(url.as_str());
        let unencoded = |e: http::Error| other("it has to be percent-encoded").with_source(e);
        if self.is_proxied(&whole.map_err(|e| unencoded(e.into()))?) {
            return Err(other("paths with . or .. between slashes do not go through a proxy"));
        }
        let mut request = Request::new(body.into_stream());
        *request.method_mut() = method;
        *request.uri_mut() = Uri::try_from(url.path_and_query()).map_err(|e| unencoded(e.into()))?;
        let host = HeaderValue::try_from(&*url.host_header()).map_err(|e| unencoded(e.into()))?;
        headers.entry(HOST).or_insert(host);
        *request.headers_mut() = headers;

        let authority = url.authority();
        let fail = |e| reqwest_error::of_hyper(e, authority);
        let (mut sender, connection) = handshake(TokioIo::new(self.connect(url).await?)).await.map_err(fail)?;
        // Ends with the response, or when both its ends are dropped.
        tokio::spawn(connection);
        sender.send_request(request).await.map_err(fail)
    }

    fn is_proxied(&self, uri: &Uri) -> bool {
        match &self.settings.proxy {
            ProxySetting::Environment => Matcher::from_env().intercept(uri).is_some(),
            ProxySetting::None => false,
            ProxySetting::All(_) => true,
        }
    }

    async fn connect(&self, url: &Url) -> Result<Pin<Box<dyn Connection>>, HttpError> {
        let authority = url.authority();
        let connected = match self.settings.connect_timeout {
            None => self.dial(url).await,
            Some(limit) => tokio::time::timeout(limit, self.dial(url)).await.map_err(|_| {
                let why = format!("could not connect to {authority} within {limit:?}");
                HttpError::new(HttpErrorKind::Timeout, why)
            })?,
        };
        connected.map_err(|e| {
            let why = format!("could not connect to {authority}: {e}");
            HttpError::new(HttpErrorKind::Connect, why).with_source(e)
        })
    }

    async fn dial(&self, url: &Url) -> io::Result<Pin<Box<dyn Connection>>> {
        let host = url.host().trim_start_matches('[').trim_end_matches(']');
        let port = url.authority()[url.host().len()..].trim_start_matches(':');
        let port = match port {
            "" if url.is_https() => 443,
            "" => 80,
            port => port.parse().map_err(io::Error::other)?,
        };
        let tcp = TcpStream::connect((host, port)).await?;
        tcp.set_nodelay(true)?;
        if !url.is_https() {
            return Ok(Box::pin(tcp));
        }
        #[cfg(feature = "rustls")]
        {
            let name = rustls::pki_types::ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
            Ok(Box::pin(self.tls.connect(name, tcp).await?))
        }
        #[cfg(not(feature = "rustls"))]
        Err(io::Error::other("paths with . or .. between slashes need the feature rustls"))
    }
}
