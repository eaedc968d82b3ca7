//! What a session is before it has credentials: settings, connections, time, environment. Its sources of credentials work
//! with this, so that they hold no session that holds them.

use std::sync::{Arc, OnceLock};

use super::auto::Auto;
use super::builder::SessionBuilder;
use super::files::expand;
use crate::Result;
use crate::auth::Clock;
use crate::call::Provider;
use crate::config::{Config, Environment};
use crate::credentials::{Anonymous, ProvideCredentials};
use crate::http::{HttpClient, HttpSettings, ProxySetting, ReqwestClient};
use crate::retry::{Random, Sleep};
use crate::sources::Surroundings;

/// A session without credentials. A clone is the same.
#[derive(Clone)]
pub(super) struct Base(Arc<Inner>);

struct Inner {
    config: Arc<Config>,
    anonymous: Arc<dyn ProvideCredentials>,
    given_http: Option<Arc<dyn HttpClient>>,
    http_settings: HttpSettings,
    /// Whether the limit for connecting depends on where the program runs, which nobody knows yet.
    is_open: bool,
    /// The connections that derived sessions share, as long as they need the same of them.
    shared_http: Arc<OnceLock<(HttpSettings, Arc<dyn HttpClient>)>>,
    http: OnceLock<Arc<dyn HttpClient>>,
    direct_http: OnceLock<Arc<dyn HttpClient>>,
    environment: Environment,
    clock: Clock,
    sleep: Sleep,
    random: Random,
}

impl Base {
    pub(super) fn new(given: &SessionBuilder, config: Arc<Config>, is_open: bool) -> Self {
        Self(Arc::new(Inner {
            http_settings: http_settings(given, &config),
            config,
            anonymous: Arc::new(Anonymous),
            given_http: given.http_client.clone(),
            is_open,
            shared_http: Arc::clone(&given.shared.http),
            http: OnceLock::new(),
            direct_http: OnceLock::new(),
            environment: given.environment.clone(),
            clock: given.clock.clone(),
            sleep: given.sleep.clone(),
            random: given.random.clone(),
        }))
    }

    /// The settings of the connections, with what the environment says of proxies and certificates.
    pub(super) fn http_settings(&self) -> HttpSettings {
        self.0.http_settings.resolved(&self.0.environment)
    }

    /// Where proxies come from.
    pub(super) fn proxy(&self) -> &ProxySetting {
        &self.0.http_settings.proxy
    }

    /// The same without the connections made so far: what holds it is not held by it.
    fn apart(&self) -> Self {
        let Inner { config, anonymous, given_http, http_settings, environment, clock, sleep, random, .. } = &*self.0;
        Self(Arc::new(Inner {
            config: Arc::clone(config),
            anonymous: Arc::clone(anonymous),
            given_http: given_http.clone(),
            http_settings: http_settings.clone(),
            is_open: false,
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

/// What code gives, and the settings of environment and profile where it gives nothing.
fn http_settings(given: &SessionBuilder, config: &Config) -> HttpSettings {
    let mut settings = given.http_settings.clone();
    settings.connect_timeout = config.timeouts.connect;
    settings.read_timeout = config.timeouts.read;
    settings.ca_bundle.clone_from(&config.ca_bundle);
    // An interval of code's own stays.
    if config.tcp_keepalive == Some(false) && settings.tcp_keepalive == HttpSettings::default().tcp_keepalive {
        settings.tcp_keepalive = None;
    }
    let proxies = &config.proxies_config;
    settings.proxy_ca_bundle = settings.proxy_ca_bundle.or_else(|| proxies.proxy_ca_bundle.clone());
    let certificate = || proxies.proxy_client_cert.clone().map(Into::into);
    settings.proxy_client_certificate = settings.proxy_client_certificate.or_else(certificate);
    settings.proxy_use_forwarding_for_https |= proxies.proxy_use_forwarding_for_https.unwrap_or(false);
    let HttpSettings { ca_bundle, client_certificate, proxy_ca_bundle, proxy_client_certificate, .. } = &mut settings;
    let certificates = [client_certificate, proxy_client_certificate].into_iter().flatten();
    let pairs = certificates.flat_map(|it| [Some(&mut it.certificate), it.key.as_mut()]);
    for path in [ca_bundle.as_mut(), proxy_ca_bundle.as_mut()].into_iter().chain(pairs).flatten() {
        if path.starts_with("~") {
            *path = expand(std::mem::take(path), &given.environment);
        }
    }
    settings
}

impl Provider for Base {
    fn config(&self) -> Result<&Arc<Config>> {
        Ok(&self.0.config)
    }

    fn credentials(&self) -> Result<&Arc<dyn ProvideCredentials>> {
        Ok(&self.0.anonymous)
    }

    fn http(&self) -> Result<Arc<dyn HttpClient>> {
        let Inner { given_http, http, is_open, shared_http: shared, environment, .. } = &*self.0;
        if let Some(client) = given_http.as_ref().or_else(|| http.get()) {
            return Ok(Arc::clone(client));
        }
        let settings = &self.http_settings();
        if *is_open {
            let auto: Arc<dyn HttpClient> = Arc::new(Auto::new(Arc::new(self.apart()), settings.clone())?);
            return Ok(Arc::clone(http.get_or_init(|| auto)));
        }
        if shared.get().is_none() {
            let client = ReqwestClient::with_environment(settings, environment)?;
            // Another thread may have been faster: then its client is the shared one.
            let _ = shared.set((settings.clone(), Arc::new(client)));
        }
        let client = match shared.get() {
            Some((theirs, client)) if theirs == settings => Arc::clone(client),
            _ => Arc::new(ReqwestClient::with_environment(settings, environment)?),
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

impl Surroundings for Base {
    fn direct_http(&self) -> Result<Arc<dyn HttpClient>> {
        let Inner { given_http, direct_http, environment, .. } = &*self.0;
        if let Some(client) = given_http.as_ref().or_else(|| direct_http.get()) {
            return Ok(Arc::clone(client));
        }
        let settings = HttpSettings { proxy: ProxySetting::None, ..self.http_settings() };
        let client: Arc<dyn HttpClient> = Arc::new(ReqwestClient::with_environment(&settings, environment)?);
        Ok(Arc::clone(direct_http.get_or_init(|| client)))
    }

    fn variables(&self) -> &Environment {
        &self.0.environment
    }
}

impl std::fmt::Debug for Base {
    /// Region and profile; nothing secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Config { region, profile, .. } = &*self.0.config;
        f.debug_struct("Base").field("region", region).field("profile", profile).finish_non_exhaustive()
    }
}
