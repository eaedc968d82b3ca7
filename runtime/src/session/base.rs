//! What a session is before it has credentials: settings, connections, time, environment. Its sources of credentials work
//! with this, so that they hold no session that holds them.

use std::sync::{Arc, OnceLock};

use super::builder::SessionBuilder;
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
    pub(super) fn new(given: &SessionBuilder, config: Arc<Config>) -> Self {
        let mut http_settings = given.http_settings.clone();
        http_settings.connect_timeout = config.timeouts.connect;
        http_settings.read_timeout = config.timeouts.read;
        http_settings.ca_bundle.clone_from(&config.ca_bundle);
        Self(Arc::new(Inner {
            config,
            anonymous: Arc::new(Anonymous),
            given_http: given.http_client.clone(),
            http_settings,
            shared_http: Arc::clone(&given.shared.http),
            http: OnceLock::new(),
            direct_http: OnceLock::new(),
            environment: given.environment.clone(),
            clock: given.clock.clone(),
            sleep: given.sleep.clone(),
            random: given.random.clone(),
        }))
    }

    #[cfg(test)]
    pub(super) fn http_settings(&self) -> &HttpSettings {
        &self.0.http_settings
    }
}

impl Provider for Base {
    fn config(&self) -> Result<&Arc<Config>> {
        Ok(&self.0.config)
    }

    fn credentials(&self) -> Result<&Arc<dyn ProvideCredentials>> {
        Ok(&self.0.anonymous)
    }

    fn http(&self) -> Result<Arc<dyn HttpClient>> {
        let Inner { given_http, http, http_settings: settings, shared_http: shared, .. } = &*self.0;
        if let Some(client) = given_http.as_ref().or_else(|| http.get()) {
            return Ok(Arc::clone(client));
        }
        if shared.get().is_none() {
            let client = ReqwestClient::new(settings)?;
            // Another thread may have been faster: then its client is the shared one.
            let _ = shared.set((settings.clone(), Arc::new(client)));
        }
        let client = match shared.get() {
            Some((theirs, client)) if theirs == settings => Arc::clone(client),
            _ => Arc::new(ReqwestClient::new(settings)?),
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
        let Inner { given_http, direct_http, http_settings, .. } = &*self.0;
        if let Some(client) = given_http.as_ref().or_else(|| direct_http.get()) {
            return Ok(Arc::clone(client));
        }
        let settings = HttpSettings { proxy: ProxySetting::None, ..http_settings.clone() };
        let client: Arc<dyn HttpClient> = Arc::new(ReqwestClient::new(&settings)?);
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
