//! What can be set on an HTTP client. Knows not where the values come from, but for what the environment says of proxies
//! and certificates.

use std::path::PathBuf;
use std::time::Duration;

use super::{Proxies, ProxySetting};
use crate::config::Environment;

/// The settings of an HTTP client; `HttpSettings::default()` is good for almost everybody.
///
/// ```
/// use aws_core::http::{HttpSettings, Proxies};
///
/// let mut settings = HttpSettings::default();
/// settings.proxy = Proxies::all("http://proxy.corp:3128").into();
/// settings.client_certificate = Some(("client.pem", "client.key").into());
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HttpSettings {
    /// How long name resolution, the connection and the TLS handshake may take together, those with a proxy included; 10 s.
    /// `None` leaves it to [`read_timeout`](Self::read_timeout).
    pub connect_timeout: Option<Duration>,
    /// How long the other side may neither send nor take a byte: while the request is sent, until the response begins, and
    /// between its chunks; 60 s. It limits a standstill, not the whole transfer. `None` waits for ever.
    pub read_timeout: Option<Duration>,
    /// How many idle connections are kept for a host; no limit by default: as many as were used at once. 0 keeps none.
    pub pool_max_idle_per_host: usize,
    /// How long an idle connection is kept; 90 s. `None` keeps it until the other side closes it.
    pub pool_idle_timeout: Option<Duration>,
    /// The time without traffic after which TCP keep-alive probes are sent, and the interval between them; 15 s. `None`
    /// sends none.
    pub tcp_keepalive: Option<Duration>,
    /// Certificate authorities to trust instead of the system's: a PEM file.
    pub ca_bundle: Option<PathBuf>,
    /// The certificate to show to servers that ask for one.
    pub client_certificate: Option<ClientCertificate>,
    /// Takes any certificate of any server for good: boto3's `verify=False`. **Whoever sits on the way can then read and
    /// change everything, credentials included**; a test server with a certificate of its own is better named as
    /// [`ca_bundle`](Self::ca_bundle). `false` by default.
    pub danger_accept_invalid_certs: bool,
    /// Through which proxy; by default what the environment says.
    pub proxy: ProxySetting,
    /// Certificate authorities to trust for proxies with an `https` URL: a PEM file. Without it they are judged like servers.
    /// Takes the feature `rustls`.
    pub proxy_ca_bundle: Option<PathBuf>,
    /// The certificate to show to proxies with an `https` URL. Takes the feature `rustls`.
    pub proxy_client_certificate: Option<ClientCertificate>,
    /// Whether a proxy with an `https` URL is sent `https` requests as they are, instead of being asked for a tunnel: **the
    /// proxy then reads everything, credentials included**. Takes the feature `rustls`. `false` by default.
    pub proxy_use_forwarding_for_https: bool,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Some(Duration::from_secs(10)),
            read_timeout: Some(Duration::from_secs(60)),
            pool_max_idle_per_host: usize::MAX,
            pool_idle_timeout: Some(Duration::from_secs(90)),
            tcp_keepalive: Some(Duration::from_secs(15)),
            ca_bundle: None,
            client_certificate: None,
            danger_accept_invalid_certs: false,
            proxy: ProxySetting::Environment,
            proxy_ca_bundle: None,
            proxy_client_certificate: None,
            proxy_use_forwarding_for_https: false,
        }
    }
}

impl HttpSettings {
    /// The settings with what `environment` says where they leave it to the environment: the proxies, and the CA bundle,
    /// for which `REQUESTS_CA_BUNDLE` goes last, as in botocore.
    #[must_use]
    pub fn resolved(&self, environment: &Environment) -> Self {
        let mut settings = self.clone();
        if settings.proxy == ProxySetting::Environment {
            settings.proxy = match Proxies::from_environment(environment) {
                proxies if proxies.is_empty() => ProxySetting::None,
                proxies => ProxySetting::Given(proxies),
            };
        }
        if settings.ca_bundle.is_none() && !settings.danger_accept_invalid_certs {
            settings.ca_bundle = environment.path("REQUESTS_CA_BUNDLE");
        }
        settings
    }
}

/// A certificate with its chain, and the private key that belongs to it, in PEM format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The file of the certificate and its chain.
    pub certificate: PathBuf,
    /// The file of the private key; `None`: it stands in the file of the certificate.
    pub key: Option<PathBuf>,
}

impl From<PathBuf> for ClientCertificate {
    /// One file with both.
    fn from(path: PathBuf) -> Self {
        Self { certificate: path, key: None }
    }
}

impl From<&str> for ClientCertificate {
    /// One file with both.
    fn from(path: &str) -> Self {
        PathBuf::from(path).into()
    }
}

impl<C: Into<PathBuf>, K: Into<PathBuf>> From<(C, K)> for ClientCertificate {
    /// The file of the certificate and the file of the key.
    fn from((certificate, key): (C, K)) -> Self {
        Self { certificate: certificate.into(), key: Some(key.into()) }
    }
}
