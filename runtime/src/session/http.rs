//! What code says of a session's connections: pool, proxies, certificates. Knows not how they are made.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::SessionBuilder;
use crate::config::TimeoutConfig;
use crate::http::{ClientCertificate, HttpClient, HttpSettings, ProxySetting};

impl SessionBuilder {
    /// Another HTTP stack; it sees to connections, TLS, proxies and their time limits by itself.
    pub fn http_client(mut self, client: impl HttpClient + 'static) -> Self {
        self.http_client = Some(Arc::new(client));
        self.other_identity()
    }

    /// All settings of the HTTP client at once: pool, proxies, certificates. Its time limits replace those of
    /// [`timeouts`](Self::timeouts), and its CA bundle, if set, that of [`ca_bundle`](Self::ca_bundle).
    pub fn http_settings(mut self, settings: HttpSettings) -> Self {
        let TimeoutConfig { attempt, total, .. } = self.config.timeouts;
        let (connect, read) = (settings.connect_timeout, settings.read_timeout);
        self = self.timeouts(TimeoutConfig { connect, read, attempt, total });
        if let Some(path) = settings.ca_bundle.clone() {
            self = self.ca_bundle(path);
        }
        if let Some(path) = settings.proxy_ca_bundle.clone() {
            self = self.proxy_ca_bundle(path);
        }
        if let Some(files) = settings.proxy_client_certificate.clone() {
            self = self.proxy_client_certificate(files);
        }
        if settings.proxy_use_forwarding_for_https {
            self = self.proxy_use_forwarding_for_https(true);
        }
        if settings.tcp_keepalive != HttpSettings::default().tcp_keepalive {
            self = self.tcp_keepalive(settings.tcp_keepalive);
        }
        self.http_settings = settings;
        self.other_identity()
    }

    /// Through which proxies requests go: a [`Proxies`](crate::http::Proxies), or [`ProxySetting::None`] for none. Else
    /// `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`: see
    /// [`Proxies::from_environment`](crate::http::Proxies::from_environment). Metadata servers are never asked through one.
    ///
    /// ```
    /// use aws_core::Session;
    /// use aws_core::http::Proxies;
    ///
    /// let proxies = Proxies::all("http://me:s%40cret@proxy.corp:3128").no_proxy(".corp,10.0.0.0/8");
    /// let session = Session::builder().proxies(proxies).build_lazy();
    /// ```
    pub fn proxies(mut self, proxies: impl Into<ProxySetting>) -> Self {
        self.http_settings.proxy = proxies.into();
        self.other_identity()
    }

    /// A PEM file of certificate authorities to trust for proxies with an `https` URL. Else `proxy_ca_bundle` of the profile;
    /// else they are judged like servers.
    pub fn proxy_ca_bundle(mut self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        self.http_settings.proxy_ca_bundle = Some(path.clone());
        self.set("proxies_config.proxy_ca_bundle").proxies_config.proxy_ca_bundle = Some(path);
        self.other_identity()
    }

    /// The certificate to show to proxies with an `https` URL: one file, or that of the certificate and that of the key. Else
    /// `proxy_client_cert` of the profile, one file.
    pub fn proxy_client_certificate(mut self, files: impl Into<ClientCertificate>) -> Self {
        let files = files.into();
        self.set("proxies_config.proxy_client_cert").proxies_config.proxy_client_cert = Some(files.certificate.clone());
        self.http_settings.proxy_client_certificate = Some(files);
        self.other_identity()
    }

    /// Whether a proxy with an `https` URL makes `https` requests itself instead of giving a tunnel: **it then reads
    /// everything, credentials included**. Else `proxy_use_forwarding_for_https` of the profile, `false`.
    pub fn proxy_use_forwarding_for_https(mut self, forward: bool) -> Self {
        let config = &mut self.set("proxies_config.proxy_use_forwarding_for_https").proxies_config;
        config.proxy_use_forwarding_for_https = Some(forward);
        self.http_settings.proxy_use_forwarding_for_https = forward;
        self.other_identity()
    }

    /// The certificate to show to servers that ask for one: one PEM file, or that of the certificate and that of the key.
    ///
    /// ```
    /// let session = aws_core::Session::builder().client_certificate(("client.pem", "client.key")).build_lazy();
    /// ```
    pub fn client_certificate(mut self, files: impl Into<ClientCertificate>) -> Self {
        self.http_settings.client_certificate = Some(files.into());
        self.other_identity()
    }

    /// Takes any certificate of any server for good: boto3's `verify=False`. **Whoever sits on the way can then read and
    /// change everything, credentials included**; a server with a certificate of its own is better named by
    /// [`ca_bundle`](Self::ca_bundle), over which this goes.
    pub fn danger_accept_invalid_certs(mut self, accept: bool) -> Self {
        self.http_settings.danger_accept_invalid_certs = accept;
        self.other_identity()
    }

    /// How many idle connections are kept for a host: 0 keeps none. No limit by default, where botocore keeps 10; more are
    /// opened whenever they are needed.
    pub fn max_pool_connections(mut self, connections: usize) -> Self {
        self.http_settings.pool_max_idle_per_host = connections;
        self
    }

    /// How long an idle connection is kept, `None` until the other side closes it. 90 seconds by default.
    pub fn pool_idle_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.http_settings.pool_idle_timeout = limit.into();
        self
    }

    /// The time after which idle connections are probed, and the interval between probes; `None` sends none. Else
    /// `BOTOCORE_TCP_KEEPALIVE`, `tcp_keepalive` of the profile, which are `true` or `false`; 15 seconds.
    pub fn tcp_keepalive(mut self, interval: impl Into<Option<Duration>>) -> Self {
        let interval = interval.into();
        self.set("tcp_keepalive").tcp_keepalive = Some(interval.is_some());
        self.http_settings.tcp_keepalive = interval;
        self
    }
}
