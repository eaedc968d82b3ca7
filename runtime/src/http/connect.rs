//! Opens connections: to a server, to a proxy that forwards requests to it, or through a proxy's tunnel. Knows no request
//! except `CONNECT`.

use std::convert::Infallible;
use std::fmt;
use std::future::{Future, Ready, ready};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use ::http::header::{HOST, PROXY_AUTHORIZATION};
use ::http::{HeaderValue, Method, Request, Uri};
use hyper::client::conn::http1::handshake;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioIo;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tower_service::Service;

use super::causes::{causes, find};
use super::established::{BoxIo, ConnectError, Connected, Version};
use super::idle_timeout::{Activity, RecordingIo};
use super::proxy::{Proxy, Routes, host_and_port, without_brackets};
use super::request_body::RequestBody;
use super::resolver::Unresolved;
use super::tls::TlsConnector;
use super::{HttpConfig, HttpError, HttpErrorKind, Url};
use crate::Result;
use crate::tokio_runtime::spawn;

/// The number of unacknowledged TCP keepalive probes after which a connection is closed. As in reqwest.
const KEEPALIVE_PROBES: u32 = 3;

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
        Ok(Self {
            tls: TlsConnector::for_servers(settings)?,
            proxy_tls: routes.has_https_proxy().then(|| TlsConnector::for_proxies(settings)).transpose()?,
            routes,
            settings: settings.clone(),
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

    /// Opens a connection over which requests to `url` can be sent, within the time `limit`.
    pub(super) async fn connect(
        &self,
        url: &Url,
        via: &ConnectVia<'_>,
        version: Version,
        limit: Option<Duration>,
    ) -> Result<Connected, HttpError> {
        let time = ConnectTime(limit.map(|it| Instant::now() + it));
        self.open(url, via, version, time).await.map_err(|(kind, e)| {
            // The system has a limit of its own.
            let is_timeout = || find::<io::Error>(&*e).is_some_and(|it| it.kind() == io::ErrorKind::TimedOut);
            let (kind, limit, why) = match (e.downcast_ref::<TimedOut>(), e.downcast_ref::<Unresolved>()) {
                (Some(timed_out), _) => (HttpErrorKind::Timeout, limit, timed_out.to_string()),
                (_, Some(unresolved)) => (kind, None, unresolved.to_string()),
                // The outermost error says only that TCP failed.
                _ if is_timeout() => (HttpErrorKind::Timeout, None, causes(&*e)),
                _ => (kind, None, causes(&*e)),
            };
            let limit = limit.map(|it| format!(" within {it:?}")).unwrap_or_default();
            let message = format!("could not connect to {}{}{limit}: {why}", url.authority(), through_proxy(via));
            HttpError::new(kind, message).with_source(e)
        })
    }

    /// The kind of an error says what failed: the way to the server, the proxy, or TLS with the server.
    async fn open(
        &self,
        url: &Url,
        via: &ConnectVia<'_>,
        version: Version,
        time: ConnectTime,
    ) -> Result<Connected, (HttpErrorKind, ConnectError)> {
        let (host, port) = host_and_port(url);
        let to_server = |e| (HttpErrorKind::Connect, e);
        let to_proxy = |e| (HttpErrorKind::Proxy, e);
        let port = port.ok_or_else(|| to_server("the port is not a number from 0 to 65535".into()))?;
        let activity = Activity::start();
        let io = match via {
            ConnectVia::Direct => {
                let uri = url.as_str().parse().map_err(|e: ::http::uri::InvalidUri| to_server(e.into()))?;
                self.connect_tcp(&uri, &activity, time).await.map_err(to_server)?
            }
            ConnectVia::Forward(proxy) => {
                let io = self.connect_to_proxy(proxy, &activity, time).await.map_err(to_proxy)?;
                return Ok(Connected { io, activity, is_http2: false });
            }
            ConnectVia::Tunnel(proxy) => {
                let target = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
                let connection = self.connect_to_proxy(proxy, &activity, time).await.map_err(to_proxy)?;
                let waiting = || "the proxy did not open the tunnel".to_owned();
                time.limit(open_tunnel(connection, &target, proxy), waiting).await.map_err(to_proxy)?
            }
        };
        if !url.is_https() {
            return Ok(Connected { io, activity, is_http2: version == Version::Http2 });
        }
        let connected = time.limit(self.tls.connect(host, io, version), || no_handshake(host)).await;
        let (io, is_http2) = connected.map_err(|e| (HttpErrorKind::Tls, e))?;
        if version == Version::Http2 && !is_http2 {
            return Err(to_server("the server does not offer HTTP/2".into()));
        }
        Ok(Connected { io, activity, is_http2 })
    }

    async fn connect_tcp(&self, uri: &Uri, activity: &Arc<Activity>, time: ConnectTime) -> Result<BoxIo, ConnectError> {
        let host = without_brackets(uri.host().ok_or("the URL has no host")?);
        let waiting = || format!("the address of the host {host} was not found in time");
        let addresses = time.limit(self.settings.resolver.resolve(host), waiting).await?;
        let mut tcp = HttpConnector::new_with_resolver(Resolved(addresses));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let keepalive = self.settings.tcp_keepalive;
        tcp.set_keepalive(keepalive);
        tcp.set_keepalive_interval(keepalive);
        // Each of the three alone would turn probes on.
        tcp.set_keepalive_retries(keepalive.map(|_| KEEPALIVE_PROBES));
        // hyper-util divides it among the addresses of a host, so that a dead one leaves time for the others.
        tcp.set_connect_timeout(time.remaining());
        let waiting = || format!("no response from {}", uri.authority().map_or("", |it| it.as_str()));
        let connected = time.limit(tcp.call(uri.clone()), waiting).await.map_err(|e| {
            // An error of the system has a number.
            let io_error = find::<io::Error>(&*e).filter(|it| it.raw_os_error().is_none());
            let is_limit = io_error.is_some_and(|it| it.kind() == io::ErrorKind::TimedOut);
            if is_limit { Box::new(TimedOut(waiting())) } else { e }
        })?;
        Ok(Box::pin(RecordingIo::new(connected.into_inner(), Arc::clone(activity))))
    }

    async fn connect_to_proxy(
        &self,
        proxy: &Proxy,
        activity: &Arc<Activity>,
        time: ConnectTime,
    ) -> Result<BoxIo, ConnectError> {
        let connection = self.connect_tcp(&proxy.uri, activity, time).await?;
        match (proxy.uri.host(), &self.proxy_tls) {
            (Some(host), Some(tls)) if proxy.is_https() => {
                let host = without_brackets(host);
                let handshake = tls.connect(host, connection, Version::Http1);
                Ok(time.limit(handshake, || no_handshake(host)).await?.0)
            }
            _ => Ok(connection),
        }
    }
}

/// When a connection must be open; `None` waits forever.
#[derive(Clone, Copy)]
struct ConnectTime(Option<Instant>);

impl ConnectTime {
    /// Awaits a step. `waiting` says what is missing if the time is over.
    async fn limit<T, E: Into<ConnectError>>(
        self,
        step: impl Future<Output = Result<T, E>>,
        waiting: impl FnOnce() -> String,
    ) -> Result<T, ConnectError> {
        let Some(end) = self.0 else { return step.await.map_err(Into::into) };
        match tokio::time::timeout_at(end, step).await {
            Ok(result) => result.map_err(Into::into),
            Err(_) => Err(Box::new(TimedOut(waiting()))),
        }
    }

    fn remaining(self) -> Option<Duration> {
        self.0.map(|it| it.saturating_duration_since(Instant::now()))
    }
}

/// What a connection waited for when its time was over.
#[derive(Debug)]
struct TimedOut(String);

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TimedOut {}

fn no_handshake(host: &str) -> String {
    format!("the TLS handshake with {host} did not end")
}

/// The addresses that were found, as hyper-util asks for them.
#[derive(Clone)]
struct Resolved(Vec<SocketAddr>);

impl Service<Name> for Resolved {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        ready(Ok(std::mem::take(&mut self.0).into_iter()))
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
    let driver = driver.with_upgrades();
    spawn(&Handle::current(), Box::pin(async { _ = driver.await }));
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
