//! The default HTTP client: reqwest, with every feature off that would change AWS requests. Only this module and
//! `reqwest_error` know reqwest.

use std::fmt;
use std::sync::{Arc, OnceLock};

use http::Method;
use http::header::{CONTENT_LENGTH, EXPECT, HeaderValue};

use super::client::HttpClient;
use super::connect::ProxyConnector;
use super::hyper_client::HyperClient;
use super::idle_timeout::{UploadActivity, with_activity, with_idle_timeout};
use super::proxy::{Proxy, Routes};
use super::response_body::into_response;
use super::{Body, HttpConfig, HttpError, HttpErrorKind, Request, Response, expect, reqwest_error};
use crate::BoxFuture;
use crate::config::Environment;
use crate::{Error, ErrorKind, Result};

/// A body in memory up to this length is sent without recording upload activity. Our choice: 1 MiB is sent within any
/// sensible read timeout.
const MAX_UNTRACKED_BODY: usize = 1024 * 1024;

/// The number of unacknowledged TCP keepalive probes after which a connection is closed; reqwest's default.
pub(super) const KEEPALIVE_PROBES: u32 = 3;

/// An HTTP client on reqwest with a connection pool. Cheap to clone; clones share the pool.
///
/// It uses HTTP/1.1 and, with a pool of its own, HTTP/2 for requests that are [`duplex`](Request::duplex). It follows no redirects, does not decompress, and sends no referer and no cookies.
/// Certificate authorities are loaded when the first `https` connection is opened, so that a program that opens none
/// does not pay for it.
///
/// A second HTTP/1.1 client, with connections of its own, sends what reqwest cannot:
///
/// * Paths with a segment `.` or `..` are sent unchanged.
/// * A request with `expect: 100-continue` sends its body when the server asks for it, or after 1 s without a response.
/// * Proxies with `https` URLs may have their own certificates, or forward `https` requests.
///
/// With the crate feature `native-tls` instead of `rustls`, the second client sends to `http` URLs only. For an `https`
/// URL, a path with a segment `.` or `..` is then an error, and `expect` is removed, so that the body is sent at once.
/// The settings for proxies with `https` URLs are an error when the client is built.
#[derive(Clone)]
pub struct ReqwestClient(Arc<Inner>);

struct Inner {
    /// With the values of the environment filled in.
    settings: HttpConfig,
    routes: Routes,
    client: reqwest::Client,
    /// Sends what reqwest would change or cannot do.
    hyper_client: HyperClient,
    /// Whether requests through proxies with `https` URLs are sent by `hyper_client`.
    has_custom_https_proxy: bool,
    #[cfg(feature = "rustls")]
    tls: rustls::ClientConfig,
    /// For bidirectional streaming: a client with its own pool that uses only HTTP/2, with `http` URLs too. Built on
    /// first use.
    http2_client: OnceLock<reqwest::Client>,
}

impl ReqwestClient {
    /// Creates a client with its own pool. Settings left to the environment are read from that of the process.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], with the name of the setting, if a certificate file cannot be read, if a proxy URL is
    /// malformed, or if a setting requires a crate feature that is not enabled.
    pub fn new(settings: &HttpConfig) -> Result<Self> {
        Self::with_environment(settings, &Environment::process())
    }

    /// Creates a client with its own pool. Settings left to the environment are read from `environment`.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_environment(settings: &HttpConfig, environment: &Environment) -> Result<Self> {
        let settings = settings.resolved(environment);
        let routes = Routes::new(&settings.proxy)?;
        let has_custom_https_proxy = routes.has_https_proxy()
            && (settings.proxy_use_forwarding_for_https
                || settings.proxy_ca_bundle.is_some()
                || settings.proxy_client_certificate.is_some());
        #[cfg(not(feature = "rustls"))]
        if has_custom_https_proxy {
            let message = "proxy_ca_bundle, proxy_client_certificate and proxy_use_forwarding_for_https require the \
                           crate feature `rustls`";
            return Err(Error::new(ErrorKind::Config, message));
        }
        #[cfg(feature = "rustls")]
        let tls = super::tls::config(&settings)?;
        #[cfg(feature = "rustls")]
        let connector = ProxyConnector::new(&settings, routes.clone(), tls.clone())?;
        #[cfg(not(feature = "rustls"))]
        let connector = ProxyConnector::new(&settings, routes.clone())?;
        // One HTTP/2 connection per host lets a silent connection, or responses that are not read, block all other calls.
        let builder = Self::builder(&settings, &routes)?.http1_only();
        #[cfg(feature = "rustls")]
        let builder = builder.tls_backend_preconfigured(tls.clone());
        let client = build(builder)?;
        Ok(Self(Arc::new(Inner {
            client,
            hyper_client: HyperClient::new(&settings, connector),
            has_custom_https_proxy,
            #[cfg(feature = "rustls")]
            tls,
            http2_client: OnceLock::new(),
            routes,
            settings,
        })))
    }

    /// Applies all settings except those of rustls.
    fn builder(settings: &HttpConfig, routes: &Routes) -> Result<reqwest::ClientBuilder> {
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // Another crate of the program may enable these features of reqwest; S3 stores what it is sent, and lengths
            // and checksums are those of the bytes on the wire.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .tcp_nodelay(true)
            .tcp_keepalive(settings.tcp_keepalive)
            .tcp_keepalive_interval(settings.tcp_keepalive)
            // Each of the three alone would turn probes on.
            .tcp_keepalive_retries(settings.tcp_keepalive.map(|_| KEEPALIVE_PROBES))
            .pool_max_idle_per_host(settings.pool_max_idle_per_host)
            .pool_idle_timeout(settings.pool_idle_timeout)
            .no_proxy();
        if let Some(limit) = settings.connect_timeout {
            builder = builder.connect_timeout(limit);
        }
        for (scheme, proxy) in [("http", &routes.http), ("https", &routes.https)] {
            if let Some(proxy) = proxy {
                builder = builder.proxy(intercept(scheme, proxy, routes.clone())?);
            }
        }
        #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
        let builder = super::native_tls::apply_certificates(builder, settings)?;
        Ok(builder)
    }

    async fn exchange(&self, request: Request) -> Result<Response, HttpError> {
        let Request { method, url, mut headers, body, duplex } = request;
        let Inner { settings, routes, client, hyper_client, .. } = &*self.0;
        let (host, read_timeout) = (url.authority(), settings.read_timeout);
        let mut activity = None;
        let body = match body {
            body if body.is_empty() => {
                // Servers require the length of the body of a PUT or POST even if it is empty; hyper omits it.
                if may_have_body(&method) {
                    headers.entry(CONTENT_LENGTH).or_insert(HeaderValue::from_static("0"));
                }
                Body::Empty
            }
            Body::Bytes(bytes) if bytes.len() <= MAX_UNTRACKED_BODY || read_timeout.is_none() => Body::Bytes(bytes),
            body => {
                let activity = activity.insert(UploadActivity::start());
                Body::Stream(with_activity(body.into_stream(), activity.clone()))
            }
        };
        let timeout_error = || HttpError::timed_out(host, read_timeout.unwrap_or_default());
        let uses_custom_proxy = self.0.has_custom_https_proxy && routes.proxy_for(&url).is_some_and(Proxy::is_https);
        if uses_custom_proxy && duplex {
            let message = format!(
                "bidirectional streaming with {host} is not supported through an https proxy that has its own settings"
            );
            return Err(HttpError::new(HttpErrorKind::Other, message));
        }
        let expects_continue = expect::expects_continue(&headers)
            && !body.is_empty()
            && !duplex
            && (cfg!(feature = "rustls") || !url.is_https());
        if !expects_continue {
            headers.remove(EXPECT);
        }
        if uses_custom_proxy || expects_continue || (has_dot_segment(url.path()) && !duplex) {
            let sending = hyper_client.send(method, &url, headers, body);
            let response = with_idle_timeout(sending, read_timeout, activity).await;
            let (head, body) = response.ok_or_else(timeout_error)??.into_parts();
            return Ok(into_response(head, body, host, read_timeout, reqwest_error::from_hyper_body));
        }
        let parsed = reqwest::Url::parse(url.as_str()).map_err(|e| {
            let message = format!("the URL of host {} is malformed: {e}", url.host());
            HttpError::new(HttpErrorKind::Other, message).with_source(e)
        })?;
        let mut outgoing = reqwest::Request::new(method, parsed);
        *outgoing.headers_mut() = headers;
        *outgoing.body_mut() = match body {
            Body::Empty => None,
            Body::Bytes(bytes) => Some(bytes.into()),
            Body::Stream(stream) => Some(reqwest::Body::wrap(stream)),
        };
        let client = if duplex { self.http2_client(host)? } else { client };
        let response = with_idle_timeout(client.execute(outgoing), read_timeout, activity).await;
        let response = response.ok_or_else(timeout_error)?;
        let response = response.map_err(|e| {
            let proxy = routes.proxy_for(&url).map(Proxy::redacted_url);
            let error = reqwest_error::from_reqwest(e, host, proxy.as_deref(), settings.connect_timeout);
            if duplex { reqwest_error::with_http2_hint(error) } else { error }
        })?;
        let (head, body) = http::Response::<reqwest::Body>::from(response).into_parts();
        Ok(into_response(head, body, host, read_timeout, reqwest_error::from_reqwest_body))
    }

    /// The client that uses only HTTP/2, built on first use.
    fn http2_client(&self, host: &str) -> Result<&reqwest::Client, HttpError> {
        let Inner { settings, routes, http2_client, .. } = &*self.0;
        if http2_client.get().is_none() {
            let builder = Self::builder(settings, routes).map(reqwest::ClientBuilder::http2_prior_knowledge);
            #[cfg(feature = "rustls")]
            let builder = builder.map(|builder| {
                let mut tls = self.0.tls.clone();
                tls.alpn_protocols = vec![b"h2".to_vec()];
                builder.tls_backend_preconfigured(tls)
            });
            let client = builder.and_then(build).map_err(|e| {
                let message = format!("could not set up an HTTP/2 client for {host}: {e}");
                HttpError::new(HttpErrorKind::Other, message).with_source(e)
            })?;
            let _ = http2_client.set(client);
        }
        Ok(http2_client.get().expect("set above"))
    }
}

impl HttpClient for ReqwestClient {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(self.exchange(request))
    }
}

impl fmt::Debug for ReqwestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestClient").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

/// The reqwest proxy for URLs of one scheme.
fn intercept(scheme: &'static str, proxy: &Proxy, routes: Routes) -> Result<reqwest::Proxy> {
    let url = reqwest::Url::parse(&proxy.uri.to_string())
        .map_err(|e| Error::new(ErrorKind::Config, format!("invalid proxy URL {}: {e}", proxy.redacted_url())))?;
    let is_proxied = move |target: &reqwest::Url| {
        let port = target.port_or_known_default().unwrap_or_default();
        target.scheme() == scheme && target.host_str().is_some_and(|host| !routes.is_direct(host, port))
    };
    let intercept = reqwest::Proxy::custom(move |target| is_proxied(target).then(|| url.clone()));
    Ok(match &proxy.authorization {
        Some(value) => intercept.custom_http_auth(value.clone()),
        None => intercept,
    })
}

fn build(builder: reqwest::ClientBuilder) -> Result<reqwest::Client> {
    builder
        .build()
        .map_err(|e| Error::new(ErrorKind::Config, "could not set up the HTTP client").with_source(e.without_url()))
}

fn may_have_body(method: &Method) -> bool {
    *method == Method::PUT || *method == Method::POST || *method == Method::PATCH
}

/// Whether the path has segments that the URL standard, and so reqwest, removes. In S3 they are part of the object key.
fn has_dot_segment(path: &str) -> bool {
    let is_dot = |segment: &str| {
        let dots = segment.replace("%2e", ".").replace("%2E", ".");
        dots == "." || dots == ".."
    };
    (path.contains("/.") || path.contains("/%2")) && path.split('/').any(is_dot)
}

#[cfg(all(test, feature = "test-util"))]
#[path = "reqwest_client_tests.rs"]
mod tests;

#[cfg(test)]
#[cfg(feature = "rustls")]
#[path = "proxy_tls_tests.rs"]
mod proxy_tls_tests;
