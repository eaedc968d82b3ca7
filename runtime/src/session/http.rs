//! The builder methods for connections: pool, proxies, certificates. Knows nothing of how connections are made.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::SessionBuilder;
use crate::config::TimeoutConfig;
use crate::http::{ClientCertificate, HttpClient, HttpConfig, ProxySource};

impl SessionBuilder {
    /// Uses `client` instead of the built-in HTTP client. The timeouts for connecting and reading, the proxies, the
    /// CA bundle and the certificates of this session do not apply to it.
    pub fn http_client(mut self, client: impl HttpClient + 'static) -> Self {
        self.http_client = Some(Arc::new(client));
        self.unshare_credentials()
    }

    /// Sets all settings of the HTTP client at once: pool, proxies, certificates. Its timeouts replace those of
    /// [`timeouts`](Self::timeouts), and its CA bundle, if set, that of [`ca_bundle`](Self::ca_bundle).
    pub fn http_config(mut self, config: HttpConfig) -> Self {
        let TimeoutConfig { attempt, total, .. } = self.config.timeouts;
        let (connect, read) = (config.connect_timeout, config.read_timeout);
        self = self.timeouts(TimeoutConfig { connect, read, attempt, total });
        if let Some(limit) = config.min_throughput {
            self = self.min_throughput(limit);
        }
        if let Some(path) = config.ca_bundle.clone() {
            self = self.ca_bundle(path);
        }
        if let Some(path) = config.proxy_ca_bundle.clone() {
            self = self.proxy_ca_bundle(path);
        }
        if let Some(files) = config.proxy_client_certificate.clone() {
            self = self.proxy_client_certificate(files);
        }
        if config.proxy_use_forwarding_for_https {
            self = self.proxy_use_forwarding_for_https(true);
        }
        if config.tcp_keepalive != HttpConfig::default().tcp_keepalive {
            self = self.tcp_keepalive(config.tcp_keepalive);
        }
        self.http_config = config;
        self.unshare_credentials()
    }

    /// Sets the proxies that requests go through: a [`Proxies`](crate::http::Proxies), or [`ProxySource::None`] for
    /// none. If not set here: environment variables `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, see
    /// [`Proxies::from_environment`](crate::http::Proxies::from_environment). Requests to metadata servers never use
    /// a proxy.
    ///
    /// ```
    /// use aws_core::Session;
    /// use aws_core::http::Proxies;
    ///
    /// let proxies = Proxies::all("http://me:s%40cret@proxy.corp:3128").no_proxy(".corp,10.0.0.0/8");
    /// let session = Session::builder().proxies(proxies).build_lazy();
    /// ```
    pub fn proxies(mut self, proxies: impl Into<ProxySource>) -> Self {
        self.http_config.proxy = proxies.into();
        self.unshare_credentials()
    }

    /// Sets a PEM file of certificate authorities to trust for proxies with an `https` URL. If not set here: profile
    /// key `proxy_ca_bundle`, then the authorities that are trusted for servers.
    pub fn proxy_ca_bundle(mut self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        self.http_config.proxy_ca_bundle = Some(path.clone());
        self.set("proxies_config.proxy_ca_bundle").proxies_config.proxy_ca_bundle = Some(path);
        self.unshare_credentials()
    }

    /// Sets the certificate to present to proxies with an `https` URL: one file with certificate and key, or one file
    /// for each. If not set here: profile key `proxy_client_cert`, one file.
    pub fn proxy_client_certificate(mut self, files: impl Into<ClientCertificate>) -> Self {
        let files = files.into();
        self.set("proxies_config.proxy_client_cert").proxies_config.proxy_client_cert = Some(files.certificate.clone());
        self.http_config.proxy_client_certificate = Some(files);
        self.unshare_credentials()
    }

    /// Sets whether a proxy with an `https` URL makes `https` requests itself instead of opening a tunnel: **it then
    /// reads everything, credentials included**. If not set here: profile key `proxy_use_forwarding_for_https`, then
    /// `false`.
    pub fn proxy_use_forwarding_for_https(mut self, forward: bool) -> Self {
        let config = &mut self.set("proxies_config.proxy_use_forwarding_for_https").proxies_config;
        config.proxy_use_forwarding_for_https = Some(forward);
        self.http_config.proxy_use_forwarding_for_https = forward;
        self.unshare_credentials()
    }

    /// Sets the certificate to present to servers that request one: one PEM file with certificate and key, or one
    /// file for each. Default: none.
    ///
    /// ```
    /// let session = aws_core::Session::builder().client_certificate(("client.pem", "client.key")).build_lazy();
    /// ```
    pub fn client_certificate(mut self, files: impl Into<ClientCertificate>) -> Self {
        self.http_config.client_certificate = Some(files.into());
        self.unshare_credentials()
    }

    /// Sets whether certificate verification is turned off (boto3's `verify=False`): any certificate of any server is
    /// then accepted, so **anyone on the network path can read and change everything, credentials included**. For a
    /// server with its own certificate, prefer [`ca_bundle`](Self::ca_bundle), which this setting overrides. Default:
    /// `false`.
    pub fn danger_accept_invalid_certs(mut self, accept: bool) -> Self {
        self.http_config.danger_accept_invalid_certs = accept;
        self.unshare_credentials()
    }

    /// Sets how many idle connections are kept per host; 0 keeps none. It does not limit open connections. Default:
    /// no limit, where botocore keeps 10.
    pub fn max_pool_connections(mut self, connections: usize) -> Self {
        self.http_config.pool_max_idle_per_host = connections;
        self
    }

    /// Sets how many connections per host may be in use at the same time; further calls wait, first come, first served. A
    /// streaming body occupies its connection until it was read or dropped. At least 1; `None`, the default, sets no limit.
    pub fn max_connections(mut self, connections: impl Into<Option<usize>>) -> Self {
        self.http_config.max_connections = connections.into();
        self
    }

    /// Sets whether `https` calls use HTTP/2 where the server offers it. Default: `false`, as in botocore, which speaks
    /// HTTP/1.1 only. Event streams in both directions always use HTTP/2. Both need the crate feature `http2`: without it,
    /// `true` is an error of the first call.
    pub fn http2(mut self, http2: bool) -> Self {
        self.http_config.http2 = http2;
        self
    }

    /// Sets whether uploads to S3 that are read from a file or a stream wait for the server's consent
    /// (`Expect: 100-continue`), so that a rejected upload is not sent. Default: `true`, as in botocore. `false` is for
    /// servers that mishandle it.
    pub fn expect_continue(mut self, expect_continue: bool) -> Self {
        self.http_config.expect_continue = expect_continue;
        self
    }

    /// Sets how long an idle connection is kept; `None` keeps it until the server closes it. Default: 90 seconds.
    pub fn pool_idle_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.http_config.pool_idle_timeout = timeout.into();
        self
    }

    /// Sets the time after which idle connections are probed, and the interval between probes; `None` sends no
    /// probes. If not set here: environment variable `BOTOCORE_TCP_KEEPALIVE`, then profile key `tcp_keepalive`, both
    /// `true` or `false`, then 15 seconds.
    pub fn tcp_keepalive(mut self, interval: impl Into<Option<Duration>>) -> Self {
        let interval = interval.into();
        self.set("tcp_keepalive").tcp_keepalive = Some(interval.is_some());
        self.http_config.tcp_keepalive = interval;
        self
    }
}
