//! The settings of the HTTP client. Knows no profile; reads only the environment variables for proxies and
//! certificates.

use std::path::PathBuf;
use std::time::Duration;

use super::resolver::Resolver;
use super::{Proxies, ProxySource};
use crate::config::{Environment, MinThroughput};

/// Our choice; botocore waits 60 s (`DEFAULT_TIMEOUT` in `httpsession.py`).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// As in botocore (`DEFAULT_TIMEOUT` in `httpsession.py`).
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// As in reqwest.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(90);
/// As in reqwest.
const TCP_KEEPALIVE: Duration = Duration::from_secs(15);

/// The settings of the HTTP client. `HttpConfig::default()` suits almost every program.
///
/// ```
/// use aws_core::http::{HttpConfig, Proxies};
///
/// let proxies = Proxies::all("http://proxy.corp:3128");
/// let settings = HttpConfig::new().proxy(proxies).client_certificate(("client.pem", "client.key"));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HttpConfig {
    /// How long name resolution, the TCP connection and the TLS handshake may take together, including those with a
    /// proxy; 10 s by default. With `None`, [`read_timeout`](Self::read_timeout) applies.
    pub connect_timeout: Option<Duration>,
    /// How long the server may neither send nor receive a byte, from the begin of the request to the end of the response;
    /// 60 s by default. It limits idle time, not the whole transfer, and does not count the time in which the next bytes
    /// of the caller's request body are awaited. `None` waits forever.
    pub read_timeout: Option<Duration>,
    /// The lowest speed at which bodies must be sent and received; no limit by default, beside that of `read_timeout`: a
    /// server that sends a byte now and then is slow, but not idle. Request bodies of up to 64 KB are not limited.
    pub min_throughput: Option<MinThroughput>,
    /// The maximum number of idle connections per host; 0 keeps none. No limit by default: as many as were used at
    /// once.
    pub pool_max_idle_per_host: usize,
    /// The maximum number of connections per host that are in use at the same time; a request for which there is none
    /// waits, first come, first served. A response occupies its connection until its body was read or dropped, except
    /// over HTTP/2. At least 1; no limit by default; botocore's `max_pool_connections` limits only idle ones, too.
    pub max_connections: Option<usize>,
    /// Whether `https` requests use HTTP/2 where the server offers it. `false` by default: botocore speaks HTTP/1.1 only,
    /// which spreads requests over connections and so over servers. [`duplex`](super::Request::duplex) requests always use
    /// HTTP/2. Both need the crate feature `http2`.
    pub http2: bool,
    /// Whether requests with `expect: 100-continue` wait for the server before they send their body; `true` by default.
    /// With `false` the header is removed.
    pub expect_continue: bool,
    /// How long a connection may be idle before it is closed; 90 s by default. `None` keeps it until the server closes
    /// it.
    pub pool_idle_timeout: Option<Duration>,
    /// The time without traffic after which TCP keepalive probes are sent, and the interval between them; 15 s by
    /// default. `None` sends none.
    pub tcp_keepalive: Option<Duration>,
    /// A PEM file with the certificate authorities to trust instead of the system's.
    pub ca_bundle: Option<PathBuf>,
    /// The certificate to present to servers that request one.
    pub client_certificate: Option<ClientCertificate>,
    /// Turns off certificate verification (boto3's `verify=False`): any certificate is accepted, so **anyone on the
    /// network path can read and change everything, credentials included**. For a test server with its own certificate,
    /// set [`ca_bundle`](Self::ca_bundle) instead. `false` by default.
    pub danger_accept_invalid_certs: bool,
    /// The proxies to use; by default those of the environment variables.
    pub proxy: ProxySource,
    /// A PEM file with the certificate authorities to trust for proxies with an `https` URL. If not set, proxies are
    /// verified like servers.
    pub proxy_ca_bundle: Option<PathBuf>,
    /// The certificate to present to proxies with an `https` URL.
    pub proxy_client_certificate: Option<ClientCertificate>,
    /// Whether `https` requests are sent to a proxy with an `https` URL for forwarding, instead of through a tunnel:
    /// **the proxy can then read everything, credentials included**. `false` by default.
    pub proxy_use_forwarding_for_https: bool,
    /// Who finds the addresses of hosts and proxies.
    pub(crate) resolver: Resolver,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Some(CONNECT_TIMEOUT),
            read_timeout: Some(READ_TIMEOUT),
            min_throughput: None,
            pool_max_idle_per_host: usize::MAX,
            max_connections: None,
            http2: false,
            expect_continue: true,
            pool_idle_timeout: Some(POOL_IDLE_TIMEOUT),
            tcp_keepalive: Some(TCP_KEEPALIVE),
            ca_bundle: None,
            client_certificate: None,
            danger_accept_invalid_certs: false,
            proxy: ProxySource::Environment,
            proxy_ca_bundle: None,
            proxy_client_certificate: None,
            proxy_use_forwarding_for_https: false,
            resolver: Resolver::default(),
        }
    }
}

impl HttpConfig {
    /// Sets who finds the addresses of hosts and proxies; the system by default.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn with_resolver(mut self, resolver: impl Into<Resolver>) -> Self {
        self.resolver = resolver.into();
        self
    }

    /// Returns a copy with the settings that are left to the environment filled in from `environment`: the proxies, and
    /// the CA bundle from `REQUESTS_CA_BUNDLE`, which comes last, as in botocore.
    #[must_use]
    pub(crate) fn resolved(&self, environment: &Environment) -> Self {
        let mut settings = self.clone();
        if settings.proxy == ProxySource::Environment {
            settings.proxy = match Proxies::from_environment(environment) {
                proxies if proxies.is_empty() => ProxySource::None,
                proxies => ProxySource::Explicit(proxies),
            };
        }
        if settings.ca_bundle.is_none() && !settings.danger_accept_invalid_certs {
            settings.ca_bundle = environment.path("REQUESTS_CA_BUNDLE");
        }
        settings
    }
}

/// A client certificate with its chain and its private key, in PEM format.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientCertificate {
    /// The file with the certificate and its chain.
    pub certificate: PathBuf,
    /// The file with the private key; `None` if the key is in the certificate file.
    pub key: Option<PathBuf>,
}

impl From<PathBuf> for ClientCertificate {
    /// One file with certificate and key.
    fn from(path: PathBuf) -> Self {
        Self { certificate: path, key: None }
    }
}

impl From<&str> for ClientCertificate {
    /// One file with certificate and key.
    fn from(path: &str) -> Self {
        PathBuf::from(path).into()
    }
}

impl<C: Into<PathBuf>, K: Into<PathBuf>> From<(C, K)> for ClientCertificate {
    /// The certificate file and the key file.
    fn from((certificate, key): (C, K)) -> Self {
        Self { certificate: certificate.into(), key: Some(key.into()) }
    }
}
