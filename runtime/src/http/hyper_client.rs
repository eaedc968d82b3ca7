//! The default HTTP client, on hyper. One line for every request: the route to its host, a connection, the exchange, the
//! response. Knows no retries except on connections that turn out to be closed, and no redirects.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use ::http::header::{CONTENT_LENGTH, EXPECT, HOST, PROXY_AUTHORIZATION};
use ::http::{HeaderMap, HeaderValue, Method, Request as HttpRequest, StatusCode, Uri};
use tokio::time::Instant;

use super::client::HttpClient;
use super::connect::{ConnectVia, Connector};
use super::connection::Connection;
use super::established::Version;
use super::http2;
use super::hyper_error::{self, is_out_of_files};
use super::idle_timeout::{Activity, Limits, with_limits};
use super::pool::{Lease, Pool};
use super::request_body::{Gate, RequestBody, expects_continue};
use super::response_body::into_response;
use super::{Body, HttpConfig, HttpError, HttpErrorKind, Request, RequestTimeouts, Response, Url};
use crate::BoxFuture;
use crate::config::{Environment, MinThroughput};
use crate::error::requires_feature;
use crate::tokio_runtime;
use crate::types::UnreadBody;
use crate::{Error, ErrorKind, Result};

/// How long to wait for a file to be closed before the next connection is tried, when the process has no more files. Our
/// choice: short enough not to be noticed, long enough to cost nothing.
const OUT_OF_FILES_PAUSE: Duration = Duration::from_millis(20);

/// From which time on waiting for a connection is logged. Our choice: much longer than to take a free one.
const WAIT_LOGGED: Duration = Duration::from_millis(1);

/// Limits that are longer are cut to this: clocks cannot add any duration. As in tokio, 30 years.
const FOREVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// An HTTP client with a connection pool. Cheap to clone; clones share the pool.
///
/// * It sends every request as it is: no path is normalized, no header is added but `host`, `content-length` and those of
///   proxies. It follows no redirects and does not decompress.
/// * Requests use HTTP/1.1, one connection each; with [`HttpConfig::http2`], HTTP/2 where a server offers it. Requests that
///   are [`duplex`](Request::duplex) always use HTTP/2.
/// * A connection whose server responded with status 500, 502, 503 or 504 serves no further request: another connection
///   may lead to another server. HTTP/2 connections that failed or timed out are not used again either.
/// * A request with `expect: 100-continue` sends its body over HTTP/1.1 when the server asks for it, or after 1 s without
///   a response; after status 417 it is sent again without `expect`.
/// * A body that can be read only once is sent on another connection if the first one was closed before the body was read.
/// * It requires a Tokio runtime with time and I/O enabled. A connection belongs to the runtime that opened it.
/// * Certificate authorities of the system are loaded when the first `https` connection is opened.
#[derive(Clone)]
pub struct HyperClient(Arc<Inner>);

struct Inner {
    /// With the values of the environment filled in.
    settings: HttpConfig,
    connector: Connector,
    pool: Arc<Pool>,
}

impl HyperClient {
    /// Creates a client with its own pool. Settings left to the environment are read from that of the process.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config), with the name of the setting, if a certificate file cannot be
    /// read, if a proxy URL is malformed, if `max_connections` is 0, or if a setting requires a crate feature that is not
    /// enabled.
    pub fn new(settings: &HttpConfig) -> Result<Self> {
        Self::with_environment(settings, &Environment::process())
    }

    /// Creates a client with its own pool. Settings left to the environment are read from `environment`.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_environment(settings: &HttpConfig, environment: &Environment) -> Result<Self> {
        let mut settings = settings.resolved(environment);
        if settings.max_connections == Some(0) {
            return Err(Error::new(
                ErrorKind::Config,
                "max_connections is 0: expected at least 1, or None for no limit",
            ));
        }
        if settings.http2 && !http2::IS_ENABLED {
            return Err(Error::new(ErrorKind::Config, requires_feature("the setting `http2`", &["http2"])));
        }
        for limit in [&mut settings.connect_timeout, &mut settings.read_timeout, &mut settings.pool_idle_timeout] {
            *limit = limit.map(|it| it.min(FOREVER));
        }
        let connector = Connector::new(&settings)?;
        let pool = Pool::new(&settings);
        Ok(Self(Arc::new(Inner { settings, connector, pool })))
    }
}

impl HttpClient for HyperClient {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(self.0.exchange(request))
    }
}

impl fmt::Debug for HyperClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperClient").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl Inner {
    async fn exchange(&self, request: Request) -> Result<Response, HttpError> {
        tokio_runtime::current().map_err(|_| HttpError::new(HttpErrorKind::Other, tokio_runtime::MISSING))?;
        let Request { method, url, mut headers, body, duplex, timeouts } = request;
        let limits = self.limits(timeouts);
        let (host, read_timeout) = (url.authority(), limits.read);
        let of_exchange = Limits { idle: read_timeout, throughput: limits.min_throughput };
        let via = self.connector.connect_via(&url);
        let version = match &via {
            _ if duplex && !http2::IS_ENABLED => {
                let message = requires_feature(format_args!("bidirectional streaming with {host}"), &["http2"]);
                return Err(HttpError::new(HttpErrorKind::Other, message));
            }
            ConnectVia::Forward(_) if duplex => {
                let message = format!("bidirectional streaming with {host} requires a proxy that opens tunnels");
                return Err(HttpError::new(HttpErrorKind::Other, message));
            }
            _ if duplex => Version::Http2,
            ConnectVia::Direct | ConnectVia::Tunnel(_) if self.settings.http2 && url.is_https() => Version::Negotiated,
            _ => Version::Http1,
        };
        let with_hint = |error| if duplex { hyper_error::with_http2_hint(error) } else { error };
        if body.is_empty() && may_have_body(&method) {
            // Servers require the length of the body of a PUT or POST even if it is empty; hyper omits it.
            headers.entry(CONTENT_LENGTH).or_insert(HeaderValue::from_static("0"));
        }
        if !self.settings.expect_continue {
            headers.remove(EXPECT);
        }
        let mut body = match body {
            body if body.is_empty() => Body::Empty,
            Body::Stream(stream) => stream.as_bytes().map(|it| Body::Bytes(it.clone())).unwrap_or(Body::Stream(stream)),
            body => body,
        };
        loop {
            let mut lease = self.lease(&url, &via, version, limits).await.map_err(with_hint)?;
            let activity = lease.activity().map_or_else(Activity::start, Arc::clone);
            let is_one_shot = !body.is_replayable();
            let (sent, kept) = KeptBody::keep(body);
            let mut sent = RequestBody::new(sent, &activity, lease.is_http2(), limits.min_throughput);
            let may_resend = matches!(kept, KeptBody::Stream(_)) || expects_continue(&headers);
            let kept_headers = may_resend.then(|| headers.clone());
            if lease.is_reused && is_one_shot {
                sent.probe_connection_first();
            }
            let mut outgoing = build(&method, &url, &via, headers, sent, lease.is_http2())?;
            let gate = match expects_continue(outgoing.headers()) && !lease.is_http2() {
                true => Gate::install(&mut outgoing, read_timeout),
                false => None,
            };
            if gate.is_none() {
                outgoing.headers_mut().remove(EXPECT);
            }
            let response = {
                // Pinned here: the future of the limits would have room for it several times.
                let sent = pin!(lease.send(outgoing));
                with_limits(sent, of_exchange, &activity).await
            };
            let response = match response {
                Ok(response) => response,
                Err(expired) => {
                    lease.retire();
                    return Err(hyper_error::expired(host, expired));
                }
            };
            match response {
                Ok(response) => {
                    let is_withheld = gate.is_some_and(|it| it.close());
                    // A connection whose request is incomplete cannot be used again.
                    if is_withheld || is_server_error(response.status()) {
                        lease.retire();
                    }
                    if is_withheld
                        && response.status() == StatusCode::EXPECTATION_FAILED
                        && let (Some(kept_headers), Some(unread)) = (&kept_headers, kept.take())
                    {
                        headers = kept_headers.clone();
                        headers.remove(EXPECT);
                        body = unread;
                        continue;
                    }
                    return Ok(into_response(response, lease, activity, &method, host, of_exchange));
                }
                Err(mut failure) => {
                    lease.retire();
                    let unsent = failure.take_message();
                    let is_unsent = unsent.is_some();
                    // Only a connection that may have been closed before fails this way; a new one is a failure.
                    let resent = match lease.is_reused {
                        true => unsent.map(|it| it.into_parts().0.headers).or(kept_headers),
                        false => None,
                    };
                    let resent = resent.and_then(|headers| match kept {
                        KeptBody::Memory(memory) => is_unsent.then_some((headers, memory)),
                        KeptBody::Stream(unread) => unread.take().map(|it| (headers, Body::Stream(it))),
                    });
                    match resent {
                        Some(unsent) => (headers, body) = unsent,
                        None => {
                            let error = failure.into_error();
                            // hyper does not say whether there were too many headers.
                            if error.is_parse() {
                                self.pool.allow_many_headers(version, &url);
                            }
                            return Err(with_hint(hyper_error::from_exchange(error, host)));
                        }
                    }
                }
            }
        }
    }

    /// The timeouts of a request, completed by those of the client.
    fn limits(&self, timeouts: RequestTimeouts) -> RequestTimeouts {
        let RequestTimeouts { connect, read, min_throughput } = timeouts;
        RequestTimeouts {
            connect: connect.map(|it| it.min(FOREVER)).or(self.settings.connect_timeout),
            read: read.map(|it| it.min(FOREVER)).or(self.settings.read_timeout),
            min_throughput: min_throughput
                .or(self.settings.min_throughput)
                .filter(|it| it.bytes_per_second > 0)
                .map(|it| MinThroughput { grace: it.grace.min(FOREVER), ..it }),
        }
    }

    /// A connection for one exchange: an open one, or a new one.
    async fn lease(
        &self,
        url: &Url,
        via: &ConnectVia<'_>,
        version: Version,
        limits: RequestTimeouts,
    ) -> Result<Lease, HttpError> {
        let pool = &self.pool;
        let permit = match version {
            Version::Http2 => None,
            _ if self.settings.max_connections.is_none() => None,
            // Boxed, both, since the future of every exchange would have room for them.
            _ => Box::pin(self.permit(url, version, limits.read)).await?,
        };
        let mut lease = match pool.take(version, url).await {
            Some(lease) => lease,
            None => Box::pin(self.connect(url, via, version, limits.connect.or(limits.read))).await?,
        };
        lease.permit = permit.filter(|_| !lease.is_http2());
        Ok(lease)
    }

    /// Waits for one of the `max_connections` to the host.
    async fn permit(
        &self,
        url: &Url,
        version: Version,
        limit: Option<Duration>,
    ) -> Result<Option<tokio::sync::OwnedSemaphorePermit>, HttpError> {
        let Some(max) = self.settings.max_connections else { return Ok(None) };
        let waiting = Waiting { host: url.authority(), start: Instant::now() };
        let permit = self.pool.permit(version, url);
        let result = match limit {
            None => Ok(permit.await),
            Some(limit) => tokio::time::timeout(limit, permit).await.map_err(|_| limit),
        };
        drop(waiting);
        result.map_err(|limit| {
            let host = url.authority();
            let others = match self.pool.waiting(version, url, max) {
                0 => "no other request waits",
                1 => "1 other request waits",
                others => &format!("{others} other requests wait"),
            };
            let message = format!(
                "no connection to {host} became free within {limit:?}: all {max} of `max_connections` are in use and \
                 {others}; a response occupies its connection until its body was read or dropped"
            );
            HttpError::new(HttpErrorKind::Timeout, message)
        })
    }

    async fn connect(
        &self,
        url: &Url,
        via: &ConnectVia<'_>,
        version: Version,
        limit: Option<Duration>,
    ) -> Result<Lease, HttpError> {
        let pool = &self.pool;
        let _connecting = match version {
            Version::Http1 => None,
            // Calls that start at the same time share the first connection. The first call's runtime may have stopped.
            _ => {
                tokio::time::timeout(limit.unwrap_or(FOREVER), pool.connecting(version, url)).await.unwrap_or_default()
            }
        };
        if version != Version::Http1
            && let Some(lease) = pool.take(version, url).await
        {
            return Ok(lease);
        }
        let start = Instant::now();
        loop {
            match self.connector.connect(url, via, version, limit).await {
                Ok(connected) => {
                    let max_headers = pool.max_headers(version, url);
                    let connection = Connection::start(connected, max_headers).await;
                    let connection = connection.map_err(|e| hyper_error::from_exchange(e, url.authority()))?;
                    return Ok(pool.add(connection, version, url));
                }
                Err(error) if is_out_of_files(&error) => {
                    let waited = start.elapsed();
                    if limit.is_some_and(|it| waited >= it) {
                        let message = format!("{} (no file was closed within {waited:?})", error.message());
                        return Err(HttpError::new(error.kind(), message).with_source(error));
                    }
                    tracing::debug!(host = url.authority(), ?waited, "no more files: waits for a connection to close");
                    pool.close_idle();
                    let _ = tokio::time::timeout(OUT_OF_FILES_PAUSE, pool.released.notified()).await;
                    if let Some(lease) = pool.take(version, url).await {
                        return Ok(lease);
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// A request that waits for one of the `max_connections`. It is logged also when the call ends before it gets one.
struct Waiting<'a> {
    host: &'a str,
    start: Instant,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let waited = self.start.elapsed();
        if waited >= WAIT_LOGGED {
            tracing::debug!(host = self.host, ?waited, "waited for one of `max_connections`");
        }
    }
}

/// What is needed to send a body on another connection.
enum KeptBody {
    Memory(Body),
    Stream(UnreadBody),
}

impl KeptBody {
    /// The body to send, and how to get it back.
    fn keep(body: Body) -> (Body, Self) {
        match body {
            Body::Stream(stream) => {
                let (stream, unread) = stream.split_unread();
                (Body::Stream(stream), Self::Stream(unread))
            }
            Body::Bytes(bytes) => (Body::Bytes(bytes.clone()), Self::Memory(Body::Bytes(bytes))),
            Body::Empty => (Body::Empty, Self::Memory(Body::Empty)),
        }
    }

    /// The body, unless it was read.
    fn take(&self) -> Option<Body> {
        match self {
            Self::Memory(body) => body.try_clone(),
            Self::Stream(unread) => unread.take().map(Body::Stream),
        }
    }
}

/// The request as hyper sends it.
fn build(
    method: &Method,
    url: &Url,
    via: &ConnectVia<'_>,
    mut headers: HeaderMap,
    body: RequestBody,
    is_http2: bool,
) -> Result<HttpRequest<RequestBody>, HttpError> {
    let not_encoded = |e: ::http::Error| {
        let message = format!("the path {:?} of host {} is not percent-encoded", url.path(), url.host());
        HttpError::new(HttpErrorKind::Other, message).with_source(e)
    };
    let target = match via {
        ConnectVia::Forward(proxy) => {
            if let Some(value) = &proxy.authorization {
                headers.insert(PROXY_AUTHORIZATION, value.clone());
            }
            url.as_str()
        }
        // HTTP/2 has the host in the target.
        _ if is_http2 => url.as_str(),
        _ => url.path_and_query(),
    };
    if is_http2 {
        headers.remove(HOST);
    } else if !headers.contains_key(HOST) {
        let host = HeaderValue::try_from(&*url.host_header()).map_err(|e| not_encoded(e.into()))?;
        headers.insert(HOST, host);
    }
    let mut request = HttpRequest::new(body);
    *request.method_mut() = method.clone();
    *request.uri_mut() = Uri::try_from(target).map_err(|e| not_encoded(e.into()))?;
    *request.headers_mut() = headers;
    Ok(request)
}

fn may_have_body(method: &Method) -> bool {
    *method == Method::PUT || *method == Method::POST || *method == Method::PATCH
}

/// Whether another server may respond to the same request with success. As in aws-sdk-rust, which then reconnects for the
/// next attempt.
fn is_server_error(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502 | 503 | 504)
}

#[cfg(all(test, feature = "testing"))]
#[path = "hyper_client_tests.rs"]
mod tests;

#[cfg(all(test, feature = "testing"))]
#[path = "reuse_tests.rs"]
mod reuse_tests;

#[cfg(test)]
#[cfg(feature = "testing")]
#[path = "in_memory_tests.rs"]
mod in_memory_tests;

#[cfg(test)]
#[cfg(all(feature = "__rustls", not(feature = "native-tls")))]
#[path = "proxy_tls_tests.rs"]
mod proxy_tls_tests;

#[cfg(test)]
#[cfg(all(feature = "__rustls", feature = "http2", not(feature = "native-tls")))]
#[path = "version_tests.rs"]
mod version_tests;
