//! Opens connections for [`HyperClient`](super::hyper_client::HyperClient): to a server, to a proxy that forwards
//! requests to it, or through a proxy's tunnel. Knows no request except `CONNECT`.

use std::pin::Pin;

use ::http::header::{HOST, PROXY_AUTHORIZATION};
use ::http::{HeaderValue, Method, Request, Uri};
use bytes::Bytes;
use hyper::client::conn::http1::handshake;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;

use super::proxy::{Proxy, Routes, host_and_port};
use super::reqwest_client::KEEPALIVE_PROBES;
use super::reqwest_error::causes;
use super::{HttpConfig, HttpError, HttpErrorKind, Url};
use crate::Result;
use crate::types::ByteStream;

pub(super) trait Connection: AsyncRead + AsyncWrite + Send {}

impl<C: AsyncRead + AsyncWrite + Send> Connection for C {}

/// A connection, with or without TLS, to a server or a proxy.
pub(super) type BoxConnection = Pin<Box<dyn Connection>>;

/// Why a connection could not be opened. Its causes become part of an error message.
type ConnectError = Box<dyn std::error::Error + Send + Sync>;

/// How requests reach a server.
pub(super) enum ConnectVia<'a> {
    Direct,
    /// Sent to the proxy, which forwards them.
    Forward(&'a Proxy),
    /// Sent through a tunnel of the proxy, which cannot read them if they are encrypted.
    Tunnel(&'a Proxy),
}

/// Opens connections to servers, directly or through the proxies of one client.
pub(super) struct ProxyConnector {
    routes: Routes,
    settings: HttpConfig,
    tcp: HttpConnector,
    #[cfg(feature = "rustls")]
    tls: tokio_rustls::TlsConnector,
    #[cfg(feature = "rustls")]
    proxy_tls: tokio_rustls::TlsConnector,
}

impl ProxyConnector {
    pub(super) fn new(
        settings: &HttpConfig,
        routes: Routes,
        #[cfg(feature = "rustls")] mut tls: rustls::ClientConfig,
    ) -> Result<Self> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(settings.tcp_keepalive);
        tcp.set_keepalive_interval(settings.tcp_keepalive);
        tcp.set_keepalive_retries(settings.tcp_keepalive.map(|_| KEEPALIVE_PROBES));
        // hyper-util divides it among the addresses of a name, so that a dead one leaves time for the others.
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

    /// How requests to `url` reach its server.
    pub(super) fn connect_via(&self, url: &Url) -> ConnectVia<'_> {
        match self.routes.proxy_for(url) {
            None => ConnectVia::Direct,
            Some(proxy) if !url.is_https() => ConnectVia::Forward(proxy),
            Some(proxy) if proxy.is_https() && self.settings.proxy_use_forwarding_for_https => {
                ConnectVia::Forward(proxy)
            }
            Some(proxy) => ConnectVia::Tunnel(proxy),
        }
    }

    /// Opens a connection over which requests to `url` can be sent, within the connect timeout.
    pub(super) async fn connect(&self, url: &Url, via: &ConnectVia<'_>) -> Result<BoxConnection, HttpError> {
        let authority = url.authority();
        let connected = match self.settings.connect_timeout {
            None => self.open(url, via).await,
            Some(limit) => tokio::time::timeout(limit, self.open(url, via)).await.map_err(|_| {
                let message = format!("could not connect to {authority}{} within {limit:?}", through_proxy(via));
                HttpError::new(HttpErrorKind::Timeout, message)
            })?,
        };
        connected.map_err(|e| {
            // The outermost error says only that TCP or name resolution failed.
            let message = format!("could not connect to {authority}{}: {}", through_proxy(via), causes(&*e));
            HttpError::new(HttpErrorKind::Connect, message).with_source(e)
        })
    }

    async fn open(&self, url: &Url, via: &ConnectVia<'_>) -> Result<BoxConnection, ConnectError> {
        let (host, port) = host_and_port(url);
        let port = port.ok_or("the port is not a number from 0 to 65535")?;
        let connection = match via {
            ConnectVia::Direct => self.connect_tcp(&url.as_str().parse()?).await?,
            ConnectVia::Forward(proxy) => return self.connect_to_proxy(proxy).await,
            ConnectVia::Tunnel(proxy) => {
                let target = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
                open_tunnel(self.connect_to_proxy(proxy).await?, &target, proxy).await?
            }
        };
        if url.is_https() { self.start_tls(connection, host, false).await } else { Ok(connection) }
    }

    async fn connect_tcp(&self, uri: &Uri) -> Result<BoxConnection, ConnectError> {
        let mut tcp = self.tcp.clone();
        std::future::poll_fn(|cx| tcp.poll_ready(cx)).await?;
        Ok(Box::pin(tcp.call(uri.clone()).await?.into_inner()))
    }

    async fn connect_to_proxy(&self, proxy: &Proxy) -> Result<BoxConnection, ConnectError> {
        let connection = self.connect_tcp(&proxy.uri).await?;
        match proxy.uri.host() {
            Some(host) if proxy.is_https() => {
                self.start_tls(connection, host.trim_start_matches('[').trim_end_matches(']'), true).await
            }
            _ => Ok(connection),
        }
    }

    #[cfg(feature = "rustls")]
    async fn start_tls(
        &self,
        connection: BoxConnection,
        host: &str,
        is_proxy: bool,
    ) -> Result<BoxConnection, ConnectError> {
        let name = rustls::pki_types::ServerName::try_from(host.to_owned())?;
        let tls = if is_proxy { &self.proxy_tls } else { &self.tls };
        Ok(Box::pin(tls.connect(name, connection).await?))
    }

    #[cfg(not(feature = "rustls"))]
    async fn start_tls(&self, _: BoxConnection, _: &str, _: bool) -> Result<BoxConnection, ConnectError> {
        Err("https URLs whose path has a segment `.` or `..` require the crate feature `rustls`".into())
    }
}

#[cfg(feature = "rustls")]
fn connector(config: rustls::ClientConfig) -> tokio_rustls::TlsConnector {
    tokio_rustls::TlsConnector::from(std::sync::Arc::new(config))
}

/// The part of a message that names the proxy; empty without one.
fn through_proxy(via: &ConnectVia<'_>) -> String {
    match via {
        ConnectVia::Direct => String::new(),
        ConnectVia::Forward(proxy) | ConnectVia::Tunnel(proxy) => {
            format!(" through the proxy {}", proxy.redacted_url())
        }
    }
}

/// Asks a proxy to open a tunnel to `target`, a host and a port.
async fn open_tunnel(connection: BoxConnection, target: &str, proxy: &Proxy) -> Result<BoxConnection, ConnectError> {
    let (mut sender, driver) = handshake(TokioIo::new(connection)).await?;
    tokio::spawn(driver.with_upgrades());
    let mut request = Request::new(ByteStream::from(Bytes::new()));
    *request.method_mut() = Method::CONNECT;
    *request.uri_mut() = target.parse()?;
    request.headers_mut().insert(HOST, HeaderValue::try_from(target)?);
    if let Some(value) = &proxy.authorization {
        request.headers_mut().insert(PROXY_AUTHORIZATION, value.clone());
    }
    let response = sender.send_request(request).await?;
    match response.status().as_u16() {
        200..=299 => Ok(Box::pin(TokioIo::new(hyper::upgrade::on(response).await?))),
        407 if proxy.authorization.is_none() => {
            Err("the proxy requires a user name and a password (status 407)".into())
        }
        407 => Err("the proxy rejected the user name or the password (status 407)".into()),
        status => Err(format!("the proxy rejected the tunnel with status {status}").into()),
    }
}
