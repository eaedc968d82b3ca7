//! What can be set on an HTTP client. Knows not where the values come from.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of an HTTP client; `HttpSettings::default()` is good for almost everybody.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HttpSettings {
    /// How long name resolution, the connection and the TLS handshake may take together; 10 s. `None` leaves it to
    /// [`read_timeout`](Self::read_timeout).
    pub connect_timeout: Option<Duration>,
    /// How long the other side may neither send nor take a byte: while the request is sent, until the response begins, and
    /// between its chunks; 60 s. It limits a standstill, not the whole transfer. `None` waits for ever.
    pub read_timeout: Option<Duration>,
    /// How many idle connections are kept for a host; no limit by default: as many as were used at once.
    pub pool_max_idle_per_host: usize,
    /// How long an idle connection is kept; 90 s.
    pub pool_idle_timeout: Option<Duration>,
    /// The interval of TCP keep-alive probes; 15 s. `None` sends none.
    pub tcp_keepalive: Option<Duration>,
    /// Certificate authorities to trust instead of the system's: a PEM file.
    pub ca_bundle: Option<PathBuf>,
    /// The certificate to show to servers that ask for one: a PEM file with the chain and the private key.
    pub client_certificate: Option<PathBuf>,
    /// Through which proxy; by default what the environment says.
    pub proxy: ProxySetting,
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
            proxy: ProxySetting::Environment,
        }
    }
}

/// Where proxies come from.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub enum ProxySetting {
    /// `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in upper or lower case.
    #[default]
    Environment,
    /// No proxy, whatever the environment says.
    None,
    /// Everything through the proxy at this URL, which may hold a user name and password.
    All(String),
}

impl fmt::Debug for ProxySetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "Environment",
            Self::None => "None",
            Self::All(_) => "All(***)",
        })
    }
}
