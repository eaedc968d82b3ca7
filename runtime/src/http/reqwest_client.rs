//! The HTTP client in use: reqwest, with everything of it that AWS calls must not have switched off. Knows reqwest's ways
//! and no other module does.

use std::fmt;
use std::sync::{Arc, OnceLock};

use http::Method;
use http::header::{CONTENT_LENGTH, HeaderValue};

use super::client::{BoxFuture, HttpClient};
use super::receive::respond;
use super::verbatim::Verbatim;
use super::watch::{Pulse, watched, within};
use super::{Body, HttpError, HttpErrorKind, HttpSettings, ProxySetting, Request, Response, reqwest_error};
use crate::{Error, ErrorKind, Result};

/// A body in memory up to this length is handed over whole: it is taken within any sensible read timeout.
const WHOLE: usize = 1024 * 1024;

/// A pool of connections over reqwest. Cheap to clone; clones share the pool.
///
/// HTTP/1.1, and HTTP/2 where TLS negotiates it; HTTP/2 alone for requests that are [`duplex`](Request::duplex), which go
/// through a pool of their own. No redirects, no decompression, no referer, no cookies. Certificate
/// authorities are loaded when the first `https` connection is made, so that a program that makes none does not pay for it.
#[derive(Clone)]
pub struct ReqwestClient {
    client: reqwest::Client,
    /// For the paths that reqwest changes.
    verbatim: Arc<Verbatim>,
    /// For exchanges in both directions at once.
    duplex: Arc<Duplex>,
    connect_timeout: Option<std::time::Duration>,
    read_timeout: Option<std::time::Duration>,
}

impl ReqwestClient {
    /// A client with its own pool.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when a certificate file cannot be read or the proxy URL is malformed.
    pub fn new(settings: &HttpSettings) -> Result<Self> {
        #[cfg(feature = "rustls")]
        let tls = super::tls::config(settings)?;
        #[cfg(feature = "rustls")]
        let verbatim = Verbatim::new(settings, tls.clone());
        #[cfg(not(feature = "rustls"))]
        let verbatim = Verbatim::new(settings);
        let duplex = Duplex {
            settings: settings.clone(),
            #[cfg(feature = "rustls")]
            tls: tls.clone(),
            client: OnceLock::new(),
        };
        let builder = Self::builder(settings)?;
        #[cfg(feature = "rustls")]
        let builder = builder.tls_backend_preconfigured(tls);
        Ok(Self {
            client: build(builder)?,
            verbatim: Arc::new(verbatim),
            duplex: Arc::new(duplex),
            connect_timeout: settings.connect_timeout,
            read_timeout: settings.read_timeout,
        })
    }

    /// All settings but those of rustls.
    fn builder(settings: &HttpSettings) -> Result<reqwest::ClientBuilder> {
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .tcp_nodelay(true)
            .tcp_keepalive(settings.tcp_keepalive)
            .pool_max_idle_per_host(settings.pool_max_idle_per_host)
            .pool_idle_timeout(settings.pool_idle_timeout);
        if let Some(limit) = settings.connect_timeout {
            builder = builder.connect_timeout(limit);
        }
        builder = match &settings.proxy {
            ProxySetting::Environment => builder,
            ProxySetting::None => builder.no_proxy(),
            ProxySetting::All(url) => {
                let proxy = reqwest::Proxy::all(url).map_err(|e| {
                    let why = "the proxy URL is malformed; it looks like http://host:port";
                    Error::new(ErrorKind::Config, why).with_source(e.without_url())
                })?;
                builder.no_proxy().proxy(proxy)
            }
        };
        #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
        let builder = with_certificates(builder, settings)?;
        Ok(builder)
    }

    async fn exchange(&self, request: Request) -> Result<Response, HttpError> {
        let Request { method, url, mut headers, body, duplex } = request;
        let (host, limit) = (url.authority(), self.read_timeout);
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
        if has_dot_segment(url.path()) && !duplex {
            let answer = within(self.verbatim.send(method, &url, headers, body), limit, pulse).await;
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
        let client = if duplex { self.duplex.client(host)? } else { &self.client };
        let answer = within(client.execute(outgoing), limit, pulse).await.ok_or_else(late)?;
        let answer = answer.map_err(|e| match duplex {
            false => reqwest_error::of_request(e, host, self.connect_timeout),
            true => reqwest_error::of_duplex(e, host, self.connect_timeout),
        })?;
        let (head, body) = http::Response::<reqwest::Body>::from(answer).into_parts();
        Ok(respond(head, body, host, limit, reqwest_error::of_response_body))
    }
}

impl HttpClient for ReqwestClient {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(self.exchange(request))
    }
}

impl fmt::Debug for ReqwestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestClient")
            .field("connect_timeout", &self.connect_timeout)
            .field("read_timeout", &self.read_timeout)
            .finish_non_exhaustive()
    }
}

/// Another pool that speaks HTTP/2 alone, with `http` URLs too, made when it is first wanted.
struct Duplex {
    settings: HttpSettings,
    #[cfg(feature = "rustls")]
    tls: rustls::ClientConfig,
    client: OnceLock<reqwest::Client>,
}

impl Duplex {
    fn client(&self, host: &str) -> Result<&reqwest::Client, HttpError> {
        if self.client.get().is_none() {
            let builder = ReqwestClient::builder(&self.settings).map(reqwest::ClientBuilder::http2_prior_knowledge);
            #[cfg(feature = "rustls")]
            let builder = builder.map(|it| {
                let mut tls = self.tls.clone();
                tls.alpn_protocols = vec![b"h2".to_vec()];
                it.tls_backend_preconfigured(tls)
            });
            let made = builder.and_then(build).map_err(|e| {
                let why = format!("no client for HTTP/2 with {host}: {e}");
                HttpError::new(HttpErrorKind::Other, why).with_source(e)
            })?;
            let _ = self.client.set(made);
        }
        Ok(self.client.get().expect("set above"))
    }
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

#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
fn with_certificates(mut builder: reqwest::ClientBuilder, settings: &HttpSettings) -> Result<reqwest::ClientBuilder> {
    let read = |path: &std::path::Path| {
        std::fs::read(path).map_err(|e| {
            Error::new(ErrorKind::Config, format!("cannot read certificate file {}: {e}", path.display()))
                .with_source(e)
        })
    };
    if let Some(path) = &settings.ca_bundle {
        let roots = reqwest::Certificate::from_pem_bundle(&read(path)?).map_err(|e| {
            Error::new(ErrorKind::Config, format!("no certificates in PEM format in {}", path.display())).with_source(e)
        })?;
        builder = builder.tls_certs_only(roots);
    }
    if let Some(path) = &settings.client_certificate {
        let pem = read(path)?;
        let identity = reqwest::Identity::from_pkcs8_pem(&pem, &pem).map_err(|e| {
            let what = format!("no certificate with a PKCS#8 private key in {}", path.display());
            Error::new(ErrorKind::Config, what).with_source(e)
        })?;
        builder = builder.identity(identity);
    }
    Ok(builder)
}

#[cfg(all(test, feature = "test-util"))]
#[path = "reqwest_client_tests.rs"]
mod tests;
