//! A client that providers call a service with: it has the settings and HTTP client of their context, but its own
//! identity and region. Knows no service.

use std::sync::{Arc, OnceLock};

use super::{SharedContext, failed};
use crate::auth::Clock;
use crate::call::{Call, ClientState, Operation, Service, SessionParts};
use crate::config::{Config, check_region};
use crate::credentials::{Anonymous, ProvideCredentials};
use crate::http::HttpClient;
use crate::retry::{Random, Sleep};
use crate::{BoxFuture, Result};

/// A client of one service.
#[derive(Clone, Debug)]
pub(super) struct Caller(Arc<ClientState>);

impl Caller {
    /// A client whose requests are unsigned. `region` is by default that of the context.
    pub(super) fn anonymous(context: &SharedContext, service: &'static Service, region: Option<String>) -> Self {
        Self::new(ScopedContext::new(context, Arc::new(Anonymous), region), service)
    }

    /// A client whose requests are signed with the credentials of `identity`.
    pub(super) fn signing(
        context: &SharedContext,
        service: &'static Service,
        region: Option<String>,
        identity: Arc<dyn ProvideCredentials>,
    ) -> Self {
        Self::new(ScopedContext::new(context, identity, region), service)
    }

    /// A client whose requests are unsigned and sent with another HTTP client.
    pub(super) fn with_http(
        context: &SharedContext,
        service: &'static Service,
        region: Option<String>,
        http: Arc<dyn HttpClient>,
    ) -> Self {
        let scoped = ScopedContext { http: Some(http), ..ScopedContext::new(context, Arc::new(Anonymous), region) };
        Self::new(scoped, service)
    }

    fn new(context: ScopedContext, service: &'static Service) -> Self {
        Self(Arc::new(ClientState::new(Arc::new(context), service)))
    }

    /// Calls the operation and returns its output.
    pub(super) fn call<O>(&self, input: O::Input) -> BoxFuture<'static, Result<O::Output>>
    where
        O: Operation<Input: Send, Output: Send>,
    {
        Box::pin(Call::<O>::new(Arc::clone(&self.0), input).send())
    }
}

/// The context of a provider with another identity, and optionally another region and HTTP client. The attempt and total
/// timeouts of the session and the endpoint URL that code sets for all services do not apply: fetching credentials has a
/// limit and endpoints of its own.
#[derive(Debug)]
struct ScopedContext {
    context: SharedContext,
    identity: Arc<dyn ProvideCredentials>,
    http: Option<Arc<dyn HttpClient>>,
    region: Option<String>,
    /// The settings of the calls, once they are needed.
    config: OnceLock<Arc<Config>>,
}

impl ScopedContext {
    fn new(context: &SharedContext, identity: Arc<dyn ProvideCredentials>, region: Option<String>) -> Self {
        Self { context: Arc::clone(context), identity, http: None, region, config: OnceLock::new() }
    }
}

impl SessionParts for ScopedContext {
    fn config(&self) -> Result<&Arc<Config>> {
        let config = self.context.config()?;
        // It becomes part of the host name that tokens and keys are sent to.
        if let Some(region) = &self.region
            && let Err(expected) = check_region(region)
        {
            return Err(failed(format!("invalid region {region:?}: expected {expected}")));
        }
        Ok(self.config.get_or_init(|| {
            let mut config = Config::clone(config);
            config.region = self.region.clone().or(config.region);
            // They are limits of the program's call, which may give up while a token is being refreshed.
            (config.timeouts.attempt, config.timeouts.total) = (None, None);
            // That of the program's calls, as in boto3: a store for objects is no place to send tokens and keys to.
            config.endpoint_urls.code = None;
            Arc::new(config)
        }))
    }

    fn credentials(&self) -> Result<&Arc<dyn ProvideCredentials>> {
        Ok(&self.identity)
    }

    fn http(&self) -> Result<Arc<dyn HttpClient>> {
        match &self.http {
            Some(http) => Ok(Arc::clone(http)),
            None => self.context.http(),
        }
    }

    fn clock(&self) -> Clock {
        self.context.clock()
    }

    fn sleep(&self) -> Sleep {
        self.context.sleep()
    }

    fn random(&self) -> Random {
        self.context.random()
    }
}
