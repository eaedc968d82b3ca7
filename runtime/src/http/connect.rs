//! Opens connections: to a server, to a proxy that forwards requests to it, or through a proxy's tunnel. Knows no request
//! except `CONNECT`.

use std::io;
use std::pin::Pin;
use std::sync::Arc;

use ::http::header::{HOST, PROXY_AUTHORIZATION};
use ::http::{HeaderValue, Method, Request, Uri};
use hyper::client::conn::http1::handshake;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;

use super::hyper_error::{causes, find};
use super::idle_timeout::{Activity, RecordingIo};
use super::pool::Version;
use super::proxy::{Proxy, Routes, host_and_port};
use super::request_body::RequestBody;
use super::tls::TlsConnector;
use super::{HttpConfig, HttpError, HttpErrorKind, Url};
use crate::Result;

/// The number of unacknowledged TCP keepalive probes after which a connection is closed. As in reqwest.
const KEEPALIVE_PROBES: u32 = 3;

pub(super) trait Io: AsyncRead + AsyncWrite + Send {}

impl<C: AsyncRead + AsyncWrite + Send> Io for C {}

/// A connection, with or without TLS, to a server or a proxy.
pub(super) type BoxIo = Pin<Box<dyn Io>>;

/// Why a connection could not be opened. Its causes become part of an error message.
pub(super) type ConnectError = Box<dyn std::error::Error + Send + Sync>;

/// An open connection.
pub(super) struct Connected {
    pub(super) io: BoxIo,
    pub(super) activity: Arc<Activity>,
    /// Whether client and server agreed on HTTP/2.
    pub(super) is_http2: bool,
}

/// How requests reach a server.
pub(super) enum ConnectVia<'a> {
    Direct,
    /// Sent to the proxy, which forwards them.
    Forward(&'a Proxy),
    /// Sent through a tunnel of the proxy, which cannot read them if they are encrypted.
    Tunnel(&'a Proxy),
}

/// Opens connections to servers, directly or through the proxies of one client.
pub(super) struct Connector {
    routes: Routes,
    settings: HttpConfig,
    tcp: HttpConnector,
    tls: TlsConnector,
    /// `None` if no proxy has an `https` URL.
    proxy_tls: Option<TlsConnector>,
}

impl Connector {
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config), with the name of the setting, if a proxy URL is malformed or a
    /// certificate file cannot be read.
    pub(super) fn new(settings: &HttpConfig) -> Result<Self> {
        let routes = Routes::new(&settings.proxy)?;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(settings.tcp_keepalive);
        tcp.set_keepalive_interval(settings.tcp_keepalive);
        // Each of the three alone would turn probes on.
        tcp.set_keepalive_retries(settings.tcp_keepalive.map(|_| KEEPALIVE_PROBES));
        // hyper-util divides it among the addresses of a name, so that a dead one leaves time for the others.
        tcp.set_connect_timeout(settings.connect_timeout);
        Ok(Self {
            tls: TlsConnector::for_servers(settings)?,
            proxy_tls: routes.has_https_proxy().then(|| TlsConnector::for_proxies(settings)).transpose()?,
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
    pub(super) async fn connect(
        &self,
        url: &Url,
        via: &ConnectVia<'_>,
        version: Version,
    ) -> Result<Connected, HttpError> {
        let authority = url.authority();
        let limit = self.settings.connect_timeout.or(self.settings.read_timeout);
        let timed_out = || {
            let limit = limit.map(|it| format!(" within {it:?}")).unwrap_or_default();
            let message = format!("could not connect to {authority}{}{limit}", through_proxy(via));
            HttpError::new(HttpErrorKind::Timeout, message)
        };
        let connected = match limit {
            None => self.open(url, via, version).await,
            Some(limit) => tokio::time::timeout(limit, self.open(url, via, version)).await.map_err(|_| timed_out())?,
        };
        connected.map_err(|e| {
            // The connector limits the time for each address of a name.
            let is_timeout = find::<io::Error>(&*e).is_some_and(|it| it.kind() == io::ErrorKind::TimedOut);
            if is_timeout {
                return timed_out().with_source(e);
            }
            // The outermost error says only that TCP or name resolution failed.
            let message = format!("could not connect to {authority}{}: {}", through_proxy(via), causes(&*e));
            HttpError::new(HttpErrorKind::Connect, message).with_source(e)
        })
    }

    async fn open(&self, url: &Url, via: &ConnectVia<'_>, version: Version) -> Result<Connected, ConnectError> {
        let (host, port) = host_and_port(url);
        let port = port.ok_or("the port is not a number from 0 to 65535")?;
        let activity = Activity::start();
        let io = match via {
            ConnectVia::Direct => self.connect_tcp(&url.as_str().parse()?, &activity).await?,
            ConnectVia::Forward(proxy) => {
                let io = self.connect_to_proxy(proxy, &activity).await?;
                return Ok(Connected { io, activity, is_http2: false });
            }
            ConnectVia::Tunnel(proxy) => {
                let target = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
                open_tunnel(self.connect_to_proxy(proxy, &activity).await?, &target, proxy).await?
            }
        };
        if !url.is_https() {
            return Ok(Connected { io, activity, is_http2: version == Version::Http2 });
        }
        let (io, is_http2) = self.tls.connect(host, io, version).await?;
        if version == Version::Http2 && !is_http2 {
            return Err("the server does not offer HTTP/2".into());
        }
        Ok(Connected { io, activity, is_http2 })
    }

    async fn connect_tcp(&self, uri: &Uri, activity: &Arc<Activity>) -> Result<BoxIo, ConnectError> {
        let mut tcp = self.tcp.clone();
        std::future::poll_fn(|cx| tcp.poll_ready(cx)).await?;
        Ok(Box::pin(RecordingIo::new(tcp.call(uri.clone()).await?.into_inner(), Arc::clone(activity))))
    }

    async fn connect_to_proxy(&self, proxy: &Proxy, activity: &Arc<Activity>) -> Result<BoxIo, ConnectError> {
        let connection = self.connect_tcp(&proxy.uri, activity).await?;
        match (proxy.uri.host(), &self.proxy_tls) {
            (Some(host), Some(tls)) if proxy.is_https() => {
                let host = host.trim_start_matches('[').trim_end_matches(']');
                Ok(tls.connect(host, connection, Version::Http1).await?.0)
            }
            _ => Ok(connection),
        }
    }
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
async fn open_tunnel(connection: BoxIo, target: &str, proxy: &Proxy) -> Result<BoxIo, ConnectError> {
    let (mut sender, driver) = handshake(TokioIo::new(connection)).await?;
    tokio::spawn(driver.with_upgrades());
    let mut request = Request::new(RequestBody::Empty);
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
