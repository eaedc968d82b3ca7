//! Connections made by hand: to a server, to a proxy that takes requests for it, or through a proxy's tunnel. Knows no
//! request but the one that asks for a tunnel.

use std::pin::Pin;

use ::http::header::{HOST, PROXY_AUTHORIZATION};
use ::http::{HeaderValue, Method, Request, Uri};
use bytes::Bytes;
use hyper::client::conn::http1::handshake;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;

use super::proxy::{Proxy, Routes, endpoint};
use super::reqwest_client::PROBES;
use super::reqwest_error::causes;
use super::{HttpError, HttpErrorKind, HttpSettings, Url};
use crate::Result;
use crate::value::ByteStream;

pub(super) trait Connection: AsyncRead + AsyncWrite + Send {}

impl<C: AsyncRead + AsyncWrite + Send> Connection for C {}

/// A connection of any kind.
pub(super) type Line = Pin<Box<dyn Connection>>;

/// Why there is none; the text is part of a message.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// How requests for one server travel.
pub(super) enum Way<'a> {
    Direct,
    /// Sent to the proxy, which passes them on.
    Forward(&'a Proxy),
    /// Sent through the proxy, which cannot read them if they are encrypted.
    Tunnel(&'a Proxy),
}

/// What it takes to connect.
pub(super) struct Dialer {
    routes: Routes,
    settings: HttpSettings,
    tcp: HttpConnector,
    #[cfg(feature = "rustls")]
    tls: tokio_rustls::TlsConnector,
    #[cfg(feature = "rustls")]
    proxy_tls: tokio_rustls::TlsConnector,
}

impl Dialer {
    pub(super) fn new(
        settings: &HttpSettings,
        routes: Routes,
        #[cfg(feature = "rustls")] mut tls: rustls::ClientConfig,
    ) -> Result<Self> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(settings.tcp_keepalive);
        tcp.set_keepalive_interval(settings.tcp_keepalive);
        tcp.set_keepalive_retries(settings.tcp_keepalive.map(|_| PROBES));
        // Shared out among the addresses of a name, so that a dead one leaves time for the others.
        tcp.set_connect_timeout(settings.connect_timeout);
        #[cfg(feature = "rustls")]
        tls.alpn_protocols.clear();
        Ok(Self {
            #[cfg(feature = "rustls")]
            proxy_tls: match routes.has_https_proxy() {
                true => connector(super::tls::proxy_config(settings)?),
                false => connector(tls.clone()),
            },
            #[cfg(feature = "rustls")]
            tls: connector(tls),
            routes,
            settings: settings.clone(),
            tcp,
        })
    }

    /// Which way requests to `url` go.
    pub(super) fn way(&self, url: &Url) -> Way<'_> {
        match self.routes.to(url) {
            None => Way::Direct,
            Some(proxy) if !url.is_https() => Way::Forward(proxy),
            Some(proxy) if proxy.is_https() && self.settings.proxy_use_forwarding_for_https => Way::Forward(proxy),
            Some(proxy) => Way::Tunnel(proxy),
        }
    }

    /// A connection over which requests to `url` can be sent, within the limit for connecting.
    pub(super) async fn dial(&self, url: &Url, way: &Way<'_>) -> Result<Line, HttpError> {
        let authority = url.authority();
        let connected = match self.settings.connect_timeout {
            None => self.connect(url, way).await,
            Some(limit) => tokio::time::timeout(limit, self.connect(url, way)).await.map_err(|_| {
                let why = format!("could not connect to {authority}{} within {limit:?}", through(way));
                HttpError::new(HttpErrorKind::Timeout, why)
            })?,
        };
        connected.map_err(|e| {
            // The top one says no more than that it was TCP, or the name.
            let why = format!("could not connect to {authority}{}: {}", through(way), causes(&*e));
            HttpError::new(HttpErrorKind::Connect, why).with_source(e)
        })
    }

    async fn connect(&self, url: &Url, way: &Way<'_>) -> Result<Line, Trouble> {
        let (host, port) = endpoint(url);
        let port = port.ok_or("the port is no number up to 65535")?;
        let line = match way {
            Way::Direct => self.reach(&url.as_str().parse()?).await?,
            Way::Forward(proxy) => return self.reach_proxy(proxy).await,
            Way::Tunnel(proxy) => {
                let to = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
                tunnel(self.reach_proxy(proxy).await?, &to, proxy).await?
            }
        };
        if url.is_https() { self.encrypt(line, host, false).await } else { Ok(line) }
    }

    async fn reach(&self, uri: &Uri) -> Result<Line, Trouble> {
        let mut tcp = self.tcp.clone();
        std::future::poll_fn(|cx| tcp.poll_ready(cx)).await?;
        Ok(Box::pin(tcp.call(uri.clone()).await?.into_inner()))
    }

    async fn reach_proxy(&self, proxy: &Proxy) -> Result<Line, Trouble> {
        let line = self.reach(&proxy.uri).await?;
        match proxy.uri.host() {
            Some(host) if proxy.is_https() => {
                self.encrypt(line, host.trim_start_matches('[').trim_end_matches(']'), true).await
            }
            _ => Ok(line),
        }
    }

    #[cfg(feature = "rustls")]
    async fn encrypt(&self, line: Line, host: &str, is_proxy: bool) -> Result<Line, Trouble> {
        let name = rustls::pki_types::ServerName::try_from(host.to_owned())?;
        let tls = if is_proxy { &self.proxy_tls } else { &self.tls };
        Ok(Box::pin(tls.connect(name, line).await?))
    }

    #[cfg(not(feature = "rustls"))]
    async fn encrypt(&self, _: Line, _: &str, _: bool) -> Result<Line, Trouble> {
        Err("paths with . or .. between slashes need the feature rustls".into())
    }
}

#[cfg(feature = "rustls")]
fn connector(config: rustls::ClientConfig) -> tokio_rustls::TlsConnector {
    tokio_rustls::TlsConnector::from(std::sync::Arc::new(config))
}

fn through(way: &Way<'_>) -> String {
    match way {
        Way::Direct => String::new(),
        Way::Forward(proxy) | Way::Tunnel(proxy) => format!(" through the proxy {}", proxy.shown()),
    }
}

/// Asks a proxy for a tunnel to `to`, a host and a port.
async fn tunnel(line: Line, to: &str, proxy: &Proxy) -> Result<Line, Trouble> {
    let (mut sender, connection) = handshake(TokioIo::new(line)).await?;
    tokio::spawn(connection.with_upgrades());
    let mut request = Request::new(ByteStream::from(Bytes::new()));
    *request.method_mut() = Method::CONNECT;
    *request.uri_mut() = to.parse()?;
    request.headers_mut().insert(HOST, HeaderValue::try_from(to)?);
    if let Some(value) = &proxy.authorization {
        request.headers_mut().insert(PROXY_AUTHORIZATION, value.clone());
    }
    let answer = sender.send_request(request).await?;
    match answer.status().as_u16() {
        200..=299 => Ok(Box::pin(TokioIo::new(hyper::upgrade::on(answer).await?))),
        407 if proxy.authorization.is_none() => Err("the proxy wants a user name and a password (status 407)".into()),
        407 => Err("the proxy does not accept the user name or the password (status 407)".into()),
        status => Err(format!("the proxy refused the tunnel with status {status}").into()),
    }
}
