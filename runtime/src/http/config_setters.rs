//! The setters of `HttpConfig`: each is named like its field, which documents it. Knows nothing of connections.

use std::path::PathBuf;
use std::time::Duration;

use super::{ClientCertificate, HttpConfig, ProxySource};
use crate::config::MinThroughput;

impl HttpConfig {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long connecting may take; `None` is as long as the read timeout.
    #[must_use]
    pub fn connect_timeout(mut self, value: impl Into<Option<Duration>>) -> Self {
        self.connect_timeout = value.into();
        self
    }

    /// Sets how long the server may be idle; `None` waits forever.
    #[must_use]
    pub fn read_timeout(mut self, value: impl Into<Option<Duration>>) -> Self {
        self.read_timeout = value.into();
        self
    }

    /// Sets the lowest speed at which bodies must be sent and received; `None` is no limit.
    #[must_use]
    pub fn min_throughput(mut self, value: impl Into<Option<MinThroughput>>) -> Self {
        self.min_throughput = value.into();
        self
    }

    /// Sets the maximum number of idle connections per host.
    #[must_use]
    pub fn pool_max_idle_per_host(mut self, value: usize) -> Self {
        self.pool_max_idle_per_host = value;
        self
    }

    /// Sets the maximum number of connections per host that are in use; `None` is no limit.
    #[must_use]
    pub fn max_connections(mut self, value: impl Into<Option<usize>>) -> Self {
        self.max_connections = value.into();
        self
    }

    /// Sets whether `https` requests use HTTP/2 where the server offers it; this needs the crate feature `http2`.
    #[must_use]
    pub fn http2(mut self, value: bool) -> Self {
        self.http2 = value;
        self
    }

    /// Sets whether requests with `expect: 100-continue` wait before they send their body.
    #[must_use]
    pub fn expect_continue(mut self, value: bool) -> Self {
        self.expect_continue = value;
        self
    }

    /// Sets how long a connection may be idle; `None` is as long as the server keeps it.
    #[must_use]
    pub fn pool_idle_timeout(mut self, value: impl Into<Option<Duration>>) -> Self {
        self.pool_idle_timeout = value.into();
        self
    }

    /// Sets the interval of TCP keepalive probes; `None` sends none.
    #[must_use]
    pub fn tcp_keepalive(mut self, value: impl Into<Option<Duration>>) -> Self {
        self.tcp_keepalive = value.into();
        self
    }

    /// Sets a PEM file of authorities to trust instead of the system's.
    #[must_use]
    pub fn ca_bundle(mut self, value: impl Into<PathBuf>) -> Self {
        self.ca_bundle = Some(value.into());
        self
    }

    /// Sets the certificate to present to servers that request one.
    #[must_use]
    pub fn client_certificate(mut self, value: impl Into<ClientCertificate>) -> Self {
        self.client_certificate = Some(value.into());
        self
    }

    /// Sets whether **any certificate of any server is accepted**.
    #[must_use]
    pub fn danger_accept_invalid_certs(mut self, value: bool) -> Self {
        self.danger_accept_invalid_certs = value;
        self
    }

    /// Sets the proxies to use.
    #[must_use]
    pub fn proxy(mut self, value: impl Into<ProxySource>) -> Self {
        self.proxy = value.into();
        self
    }

    /// Sets a PEM file of authorities to trust for proxies with an `https` URL.
    #[must_use]
    pub fn proxy_ca_bundle(mut self, value: impl Into<PathBuf>) -> Self {
        self.proxy_ca_bundle = Some(value.into());
        self
    }

    /// Sets the certificate to present to proxies with an `https` URL.
    #[must_use]
    pub fn proxy_client_certificate(mut self, value: impl Into<ClientCertificate>) -> Self {
        self.proxy_client_certificate = Some(value.into());
        self
    }

    /// Sets whether a proxy with an `https` URL **reads and forwards** `https` requests instead of tunneling them.
    #[must_use]
    pub fn proxy_use_forwarding_for_https(mut self, value: bool) -> Self {
        self.proxy_use_forwarding_for_https = value;
        self
    }
}
