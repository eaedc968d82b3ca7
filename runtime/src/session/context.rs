//! A session without credentials: settings, connections, time, environment. Credentials providers hold this instead of
//! the session, which holds them: a reference to it would be a cycle.

use std::sync::{Arc, OnceLock};

use super::auto_mode::AutoModeClient;
use super::builder::SessionBuilder;
use super::files::expand_path;
use crate::Result;
use crate::auth::Clock;
use crate::call::SessionParts;
use crate::config::{Config, Environment};
use crate::credential_providers::ProviderContext;
use crate::credentials::{Anonymous, ProvideCredentials};
use crate::http::{HttpClient, HttpConfig, ProxySource, default_client};
use crate::retry::{Random, Sleep};

/// A session without credentials. A clone is the same context.
#[derive(Clone)]
pub(super) struct SessionContext(Arc<Inner>);

struct Inner {
    config: Arc<Config>,
    anonymous: Arc<dyn ProvideCredentials>,
    custom_http: Option<Arc<dyn HttpClient>>,
    http_config: HttpConfig,
    /// Whether the connect timeout depends on the region that the program runs in, which is not known yet.
    connect_timeout_undecided: bool,
    /// The client that derived sessions share, and its settings: only a session that needs the same settings uses it.
    shared_http: Arc<OnceLock<(HttpConfig, Arc<dyn HttpClient>)>>,
    http: OnceLock<Arc<dyn HttpClient>>,
    direct_http: OnceLock<Arc<dyn HttpClient>>,
    environment: Environment,
    clock: Clock,
    sleep: Sleep,
    random: Random,
}

impl SessionContext {
    pub(super) fn new(builder: &SessionBuilder, config: Arc<Config>, connect_timeout_undecided: bool) -> Self {
        Self(Arc::new(Inner {
            http_config: http_config(builder, &config),
            config,
            anonymous: Arc::new(Anonymous),
            custom_http: builder.http_client.clone(),
            connect_timeout_undecided,
            shared_http: Arc::clone(&builder.shared.http),
            http: OnceLock::new(),
            direct_http: OnceLock::new(),
            environment: builder.environment.clone(),
            clock: builder.clock.clone(),
            sleep: builder.sleep.clone(),
            random: builder.random.clone(),
        }))
    }

    /// The settings of the HTTP client, with the proxies and certificates of the environment.
    pub(super) fn http_config(&self) -> HttpConfig {
        self.0.http_config.resolved(&self.0.environment)
    }

    /// The source of the proxies, not yet resolved.
    pub(super) fn proxy(&self) -> &ProxySource {
        &self.0.http_config.proxy
    }

    /// A copy without connections, for [`AutoModeClient`]: it becomes part of `http`, so holding this context itself
    /// would be a reference cycle.
    fn without_connections(&self) -> Self {
        let Inner { config, anonymous, custom_http, http_config, environment, clock, sleep, random, .. } = &*self.0;
        Self(Arc::new(Inner {
            config: Arc::clone(config),
            anonymous: Arc::clone(anonymous),
            custom_http: custom_http.clone(),
            http_config: http_config.clone(),
            connect_timeout_undecided: false,
            shared_http: Arc::default(),
            http: OnceLock::new(),
            direct_http: OnceLock::new(),
            environment: environment.clone(),
            clock: clock.clone(),
            sleep: sleep.clone(),
            random: random.clone(),
        }))
    }
}

/// The explicit settings of the HTTP client, completed with those of environment and profile.
fn http_config(builder: &SessionBuilder, config: &Config) -> HttpConfig {
    let mut settings = builder.http_config.clone();
    settings.connect_timeout = config.timeouts.connect;
    settings.read_timeout = config.timeouts.read;
    settings.min_throughput = config.min_throughput;
    settings.ca_bundle.clone_from(&config.ca_bundle);
    // An explicit interval wins.
    if config.tcp_keepalive == Some(false) && settings.tcp_keepalive == HttpConfig::default().tcp_keepalive {
        settings.tcp_keepalive = None;
    }
    let proxies = &config.proxies_config;
    settings.proxy_ca_bundle = settings.proxy_ca_bundle.or_else(|| proxies.proxy_ca_bundle.clone());
    let certificate = || proxies.proxy_client_cert.clone().map(Into::into);
    settings.proxy_client_certificate = settings.proxy_client_certificate.or_else(certificate);
    settings.proxy_use_forwarding_for_https |= proxies.proxy_use_forwarding_for_https.unwrap_or(false);
    let HttpConfig { ca_bundle, client_certificate, proxy_ca_bundle, proxy_client_certificate, .. } = &mut settings;
    let certificates = [client_certificate, proxy_client_certificate].into_iter().flatten();
    let files = certificates.flat_map(|it| [Some(&mut it.certificate), it.key.as_mut()]);
    for path in [ca_bundle.as_mut(), proxy_ca_bundle.as_mut()].into_iter().chain(files).flatten() {
        if path.starts_with("~") {
            *path = expand_path(std::mem::take(path), &builder.environment);
        }
    }
    settings
}

impl SessionParts for SessionContext {
    fn config(&self) -> Result<&Arc<Config>> {
        Ok(&self.0.config)
    }

    fn credentials(&self) -> Result<&Arc<dyn ProvideCredentials>> {
        Ok(&self.0.anonymous)
    }

    fn http(&self) -> Result<Arc<dyn HttpClient>> {
        let Inner { custom_http, http, connect_timeout_undecided, shared_http: shared, environment, .. } = &*self.0;
        if let Some(client) = custom_http.as_ref().or_else(|| http.get()) {
            return Ok(Arc::clone(client));
        }
        let settings = &self.http_config();
        if *connect_timeout_undecided {
            let auto: Arc<dyn HttpClient> =
                Arc::new(AutoModeClient::new(Arc::new(self.without_connections()), settings.clone())?);
            return Ok(Arc::clone(http.get_or_init(|| auto)));
        }
        if shared.get().is_none() {
            let client = default_client(settings, environment)?;
            // If another thread was faster, its client is the shared one.
            let _ = shared.set((settings.clone(), client));
        }
        let client = match shared.get() {
            Some((shared_settings, client)) if shared_settings == settings => Arc::clone(client),
            _ => default_client(settings, environment)?,
        };
        Ok(Arc::clone(http.get_or_init(|| client)))
    }

    fn clock(&self) -> Clock {
        self.0.clock.clone()
    }

    fn sleep(&self) -> Sleep {
        self.0.sleep.clone()
    }

    fn random(&self) -> Random {
        self.0.random.clone()
    }

    fn environment(&self) -> Option<&Environment> {
        Some(&self.0.environment)
    }
}

impl ProviderContext for SessionContext {
    fn direct_http(&self) -> Result<Arc<dyn HttpClient>> {
        let Inner { custom_http, direct_http, environment, .. } = &*self.0;
        if let Some(client) = custom_http.as_ref().or_else(|| direct_http.get()) {
            return Ok(Arc::clone(client));
        }
        let settings = HttpConfig { proxy: ProxySource::None, ..self.http_config() };
        let client = default_client(&settings, environment)?;
        Ok(Arc::clone(direct_http.get_or_init(|| client)))
    }

    fn variables(&self) -> &Environment {
        &self.0.environment
    }
}

impl std::fmt::Debug for SessionContext {
    /// Region and profile; nothing secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Config { region, profile, .. } = &*self.0.config;
        f.debug_struct("SessionContext").field("region", region).field("profile", profile).finish_non_exhaustive()
    }
}
