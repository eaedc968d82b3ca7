//! The HTTP client in use: reqwest, with everything of it that AWS calls must not have switched off. Knows reqwest's ways
//! and no other module does.

use std::fmt;
use std::sync::{Arc, OnceLock};

use http::Method;
use http::header::{CONTENT_LENGTH, EXPECT, HeaderValue};

use super::client::{BoxFuture, HttpClient};
use super::dial::Dialer;
use super::proxy::{Proxy, Routes};
use super::receive::respond;
use super::verbatim::Verbatim;
use super::watch::{Pulse, watched, within};
use super::{Body, HttpError, HttpErrorKind, HttpSettings, Request, Response, expect, reqwest_error};
use crate::config::Environment;
use crate::{Error, ErrorKind, Result};

/// A body in memory up to this length is handed over whole: it is taken within any sensible read timeout.
const WHOLE: usize = 1024 * 1024;

/// After so many keep-alive probes without an answer a connection is given up.
pub(super) const PROBES: u32 = 3;

/// A pool of connections over reqwest. Cheap to clone; clones share the pool.
///
/// HTTP/1.1, and HTTP/2 where TLS negotiates it; HTTP/2 alone for requests that are [`duplex`](Request::duplex), which go
/// through a pool of their own. No redirects, no decompression, no referer, no cookies. Certificate
/// authorities are loaded when the first `https` connection is made, so that a program that makes none does not pay for it.
///
/// What reqwest does not do is done beside it, over HTTP/1.1 and connections of its own: paths with `.` or `..` between slashes
/// are sent as they are; a request with `expect: 100-continue` sends its body once the server wants it, or after a second
/// without an answer; proxies with `https` URLs may have certificates of their own, or be sent `https` requests as they are.
/// With `native-tls` that is so for `http` URLs only.
#[derive(Clone)]
pub struct ReqwestClient(Arc<Inner>);

struct Inner {
    /// Resolved.
    settings: HttpSettings,
    routes: Routes,
    client: reqwest::Client,
    /// For what reqwest changes or cannot do.
    verbatim: Verbatim,
    /// Whether that is so for requests through proxies with `https` URLs.
    by_hand: bool,
    #[cfg(feature = "rustls")]
    tls: rustls::ClientConfig,
    /// For exchanges in both directions at once: another pool that speaks HTTP/2 alone, with `http` URLs too, made when it is
    /// first wanted.
    duplex: OnceLock<reqwest::Client>,
}

impl ReqwestClient {
    /// A client with its own pool. What the settings leave to the environment is that of the process.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], naming the setting, when a certificate file cannot be read, when the URL of a proxy is
    /// malformed, or when a setting takes a feature that is not there.
    pub fn new(settings: &HttpSettings) -> Result<Self> {
        Self::with_environment(settings, &Environment::process())
    }

    /// A client with its own pool. What the settings leave to the environment is that of `environment`.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_environment(settings: &HttpSettings, environment: &Environment) -> Result<Self> {
        let settings = settings.resolved(environment);
        let routes = Routes::new(&settings.proxy)?;
        let by_hand = routes.has_https_proxy()
            && (settings.proxy_use_forwarding_for_https
                || settings.proxy_ca_bundle.is_some()
                || settings.proxy_client_certificate.is_some());
        #[cfg(not(feature = "rustls"))]
        if by_hand {
            let what =
                "proxy_ca_bundle, proxy_client_certificate and proxy_use_forwarding_for_https take the feature rustls";
            return Err(Error::new(ErrorKind::Config, what));
        }
        #[cfg(feature = "rustls")]
        let tls = super::tls::config(&settings)?;
        #[cfg(feature = "rustls")]
        let dialer = Dialer::new(&settings, routes.clone(), tls.clone())?;
        #[cfg(not(feature = "rustls"))]
        let dialer = Dialer::new(&settings, routes.clone())?;
        let builder = Self::builder(&settings, &routes)?;
        #[cfg(feature = "rustls")]
        let builder = builder.tls_backend_preconfigured(tls.clone());
        let client = build(builder)?;
        Ok(Self(Arc::new(Inner {
            client,
            verbatim: Verbatim::new(&settings, dialer),
            by_hand,
            #[cfg(feature = "rustls")]
            tls,
            duplex: OnceLock::new(),
            routes,
            settings,
        })))
    }

    /// All settings but those of rustls.
    fn builder(settings: &HttpSettings, routes: &Routes) -> Result<reqwest::ClientBuilder> {
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .tcp_nodelay(true)
            .tcp_keepalive(settings.tcp_keepalive)
            .tcp_keepalive_interval(settings.tcp_keepalive)
            // Any of the three alone would switch probes on.
            .tcp_keepalive_retries(settings.tcp_keepalive.map(|_| PROBES))
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
        let builder = super::native_tls::configured(builder, settings)?;
        Ok(builder)
    }

    async fn exchange(&self, request: Request) -> Result<Response, HttpError> {
        let Request { method, url, mut headers, body, duplex } = request;
        let Inner { settings, routes, client, verbatim, .. } = &*self.0;
        let (host, limit) = (url.authority(), settings.read_timeout);
        let mut pulse = None;
        let body = match body {
            body if body.is_empty() => {
                // Servers ask for the length of what a PUT or POST carries even when that is nothing; hyper leaves it out.
                if may_carry(&method) {
                    headers.entry(CONTENT_LENGTH).or_insert(HeaderValue::from_static("0"));
                }
                Body::Empty
            }
            Body::Bytes(bytes) if bytes.len() <= WHOLE || limit.is_none() => Body::Bytes(bytes),
            body => {
                let pulse = pulse.insert(Pulse::start());
                Body::Stream(watched(body.into_stream(), pulse.clone()))
            }
        };
        let late = || HttpError::timed_out(host, limit.unwrap_or_default());
        let by_hand = self.0.by_hand && routes.to(&url).is_some_and(Proxy::is_https);
        if by_hand && duplex {
            let why = format!(
                "an exchange with {host} in both directions at once cannot go through a proxy with settings of its own"
            );
            return Err(HttpError::new(HttpErrorKind::Other, why));
        }
        let asks =
            expect::asks(&headers) && !body.is_empty() && !duplex && (cfg!(feature = "rustls") || !url.is_https());
        if !asks {
            headers.remove(EXPECT);
        }
        if by_hand || asks || (has_dot_segment(url.path()) && !duplex) {
            let answer = within(verbatim.send(method, &url, headers, body), limit, pulse).await;
            let (head, body) = answer.ok_or_else(late)??.into_parts();
            return Ok(respond(head, body, host, limit, reqwest_error::of_hyper_body));
        }
        let parsed = reqwest::Url::parse(url.as_str()).map_err(|e| {
            let why = format!("the URL of host {} is malformed: {e}", url.host());
            HttpError::new(HttpErrorKind::Other, why).with_source(e)
        })?;
        let mut outgoing = reqwest::Request::new(method, parsed);
        *outgoing.headers_mut() = headers;
        *outgoing.body_mut() = match body {
            Body::Empty => None,
            Body::Bytes(bytes) => Some(bytes.into()),
            Body::Stream(stream) => Some(reqwest::Body::wrap(stream)),
        };
        let client = if duplex { self.duplex(host)? } else { client };
        let answer = within(client.execute(outgoing), limit, pulse).await.ok_or_else(late)?;
        let answer = answer.map_err(|e| {
            let proxy = routes.to(&url).map(Proxy::shown);
            let error = reqwest_error::of_request(e, host, proxy.as_deref(), settings.connect_timeout);
            if duplex { reqwest_error::of_duplex(error) } else { error }
        })?;
        let (head, body) = http::Response::<reqwest::Body>::from(answer).into_parts();
        Ok(respond(head, body, host, limit, reqwest_error::of_response_body))
    }

    /// The client that speaks HTTP/2 alone.
    fn duplex(&self, host: &str) -> Result<&reqwest::Client, HttpError> {
        let Inner { settings, routes, duplex, .. } = &*self.0;
        if duplex.get().is_none() {
            let builder = Self::builder(settings, routes).map(reqwest::ClientBuilder::http2_prior_knowledge);
            #[cfg(feature = "rustls")]
            let builder = builder.map(|it| {
                let mut tls = self.0.tls.clone();
                tls.alpn_protocols = vec![b"h2".to_vec()];
                it.tls_backend_preconfigured(tls)
            });
            let made = builder.and_then(build).map_err(|e| {
                let why = format!("no client for HTTP/2 with {host}: {e}");
                HttpError::new(HttpErrorKind::Other, why).with_source(e)
            })?;
            let _ = duplex.set(made);
        }
        Ok(duplex.get().expect("set above"))
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

/// A proxy as reqwest wants it, for URLs of one scheme.
fn intercept(scheme: &'static str, proxy: &Proxy, routes: Routes) -> Result<reqwest::Proxy> {
    let url = reqwest::Url::parse(&proxy.uri.to_string())
        .map_err(|e| Error::new(ErrorKind::Config, format!("the proxy {} has no usable URL: {e}", proxy.shown())))?;
    let is_ours = move |to: &reqwest::Url| {
        let port = to.port_or_known_default().unwrap_or_default();
        to.scheme() == scheme && to.host_str().is_some_and(|host| !routes.is_direct(host, port))
    };
    let intercept = reqwest::Proxy::custom(move |to| is_ours(to).then(|| url.clone()));
    Ok(match &proxy.authorization {
        Some(value) => intercept.custom_http_auth(value.clone()),
        None => intercept,
    })
}

fn build(builder: reqwest::ClientBuilder) -> Result<reqwest::Client> {
    builder
        .build()
        .map_err(|e| Error::new(ErrorKind::Config, "the HTTP client cannot be set up").with_source(e.without_url()))
}

fn may_carry(method: &Method) -> bool {
    *method == Method::PUT || *method == Method::POST || *method == Method::PATCH
}

/// Whether the path has segments that the URL standard, and reqwest with it, takes away: to S3 they are part of the key.
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
#[path = "travel_tests.rs"]
mod travel_tests;
