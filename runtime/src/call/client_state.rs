//! The state that all calls of one client share: the service's descriptor, the session, the endpoints used last,
//! the retry quota.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use super::discovered::DiscoveredEndpoints;
use super::endpoint_cache::EndpointCache;
use super::service::Service;
use super::session_key::SessionKey;
use super::session_parts::SessionParts;
use super::skew::ClockSkew;
use super::user_agent::{Features, UserAgentCache};
use crate::auth::{Clock, Signers, prefers_token};
use crate::config::Config;
use crate::credentials::{ProvideToken, SessionCache};
use crate::endpoint::{Endpoint, Params, RuleSet};
use crate::error::{Error, Result};
use crate::hooks::{Hook, HookChain, HookContext};
use crate::http::{HeaderValue, HttpClient};
use crate::operation::OperationPlan;
use crate::retry::{Random, RetryPolicy, Sleep};
use crate::sync::lock;

/// The state that all calls of one client share.
pub struct ClientState {
    pub(crate) service: &'static Service,
    pub(crate) session: Arc<dyn SessionParts>,
    pub(crate) signers: Signers,
    /// The clock of the service: the session's, corrected by the clock skew.
    pub(crate) clock: Clock,
    pub(crate) skew: ClockSkew,
    pub(crate) sleep: Sleep,
    pub(crate) random: Random,
    http: OnceLock<Arc<dyn HttpClient>>,
    policy: OnceLock<RetryPolicy>,
    user_agent: UserAgentCache,
    in_lambda: OnceLock<bool>,
    prefers_token: OnceLock<bool>,
    token: OnceLock<Arc<dyn ProvideToken>>,
    endpoints: EndpointCache,
    endpoint_url: OnceLock<Option<Box<str>>>,
    /// Allocated by the first call that takes part in endpoint discovery.
    discovered: OnceLock<Box<DiscoveredEndpoints>>,
    /// Allocated by the first call that is signed with a session.
    sessions: OnceLock<Box<SessionCache<SessionKey>>>,
    /// The regions that responses reported, by bucket.
    regions: Mutex<HashMap<String, String>>,
}

impl fmt::Debug for ClientState {
    /// Only the service: the `Debug` output of a custom HTTP client may contain secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientState").field("service", &self.service.id).finish_non_exhaustive()
    }
}

/// How many bucket regions are cached; when a client uses more redirected buckets, the cache is emptied. Our choice, to
/// bound memory: botocore's cache (`utils.py`, `S3RegionRedirectorv2`) has no limit.
const MAX_CACHED_REGIONS: usize = 1000;

impl ClientState {
    /// The state of a client of `service`. Does no work: problems of the session are reported by the first call.
    pub fn new(session: Arc<dyn SessionParts>, service: &'static Service) -> Self {
        let skew = ClockSkew::new(session.clock());
        Self {
            service,
            signers: Signers::default(),
            clock: skew.clock(),
            skew,
            sleep: session.sleep(),
            random: session.random(),
            session,
            http: OnceLock::new(),
            policy: OnceLock::new(),
            user_agent: UserAgentCache::default(),
            in_lambda: OnceLock::new(),
            prefers_token: OnceLock::new(),
            token: OnceLock::new(),
            endpoints: EndpointCache::default(),
            endpoint_url: OnceLock::new(),
            discovered: OnceLock::new(),
            sessions: OnceLock::new(),
            regions: Mutex::new(HashMap::new()),
        }
    }

    pub(crate) fn config(&self) -> Result<&Config> {
        self.session.config().map(|it| &**it)
    }

    /// The endpoint URL that the settings have for the service. It is searched and checked once.
    pub(crate) fn endpoint_url(&self) -> Result<Option<&str>> {
        if self.endpoint_url.get().is_none() {
            let url = self.config()?.endpoint_url(self.service.id)?;
            let _ = self.endpoint_url.set(url.map(Into::into));
        }
        Ok(self.endpoint_url.get().expect("set above").as_deref())
    }

    pub(crate) fn http(&self) -> Result<&dyn HttpClient> {
        if self.http.get().is_none() {
            let _ = self.http.set(self.session.http()?);
        }
        Ok(&**self.http.get().expect("set above"))
    }

    pub(crate) fn policy(&self) -> Result<&RetryPolicy> {
        if self.policy.get().is_none() {
            let mut policy = RetryPolicy::new(&self.config()?.retry, self.service.retries);
            policy.random = self.random.clone();
            let _ = self.policy.set(policy);
        }
        Ok(self.policy.get().expect("set above"))
    }

    /// The user agent of a call with these features.
    pub(crate) fn user_agent(&self, features: Features) -> Result<HeaderValue> {
        let environment = self.session.environment();
        self.user_agent.header_value(features, self.service, environment, || self.config())
    }

    /// Whether the settings prefer a bearer token for operations that accept one beside a signature. Evaluated once.
    pub(crate) fn prefers_token(&self) -> bool {
        *self.prefers_token.get_or_init(|| {
            let Ok(config) = self.config() else { return false };
            let (session, name) = (&self.session, self.service.signing_name);
            prefers_token(config, session.environment(), name, session.has_explicit_token())
        })
    }

    /// The provider of the bearer tokens.
    pub(crate) fn token_provider(&self) -> Result<&dyn ProvideToken> {
        if self.token.get().is_none() {
            let _ = self.token.set(self.session.token(self.service.signing_name)?);
        }
        Ok(&**self.token.get().expect("set above"))
    }

    /// The sessions that requests are signed with, whose expiry is in the time of the service.
    pub(super) fn sessions(&self) -> &SessionCache<SessionKey> {
        self.sessions.get_or_init(|| {
            let clock = self.clock.clone();
            Box::new(SessionCache::new(Arc::new(move || clock.now().into())))
        })
    }

    /// The hooks of a call whose options have these; `None` if there are none.
    pub(crate) fn hooks(&self, of_call: &[Arc<dyn Hook>], plan: &'static OperationPlan) -> Option<Box<HookChain>> {
        let service = self.service;
        HookChain::new(self.session.hooks(), of_call, || HookContext::new(service.id, service.protocol, plan))
    }

    /// Whether a hook of the session or of the call, whose options have these, responds in place of the service, so that
    /// the runtime asks nothing of it for the call.
    pub(crate) fn is_stubbed(&self, of_call: &[Arc<dyn Hook>]) -> bool {
        self.session.hooks().iter().chain(of_call).any(|it| it.responds_always())
    }

    /// Whether the program runs as an AWS Lambda function.
    pub(crate) fn in_lambda(&self) -> bool {
        let name = || self.session.environment().and_then(|it| it.get("AWS_LAMBDA_FUNCTION_NAME"));
        *self.in_lambda.get_or_init(|| name().is_some())
    }

    /// The cached region of a bucket.
    pub(crate) fn cached_region(&self, bucket: &str) -> Option<String> {
        lock(&self.regions).get(bucket).cloned()
    }

    /// Caches the region of a bucket.
    pub(crate) fn cache_region(&self, bucket: &str, region: &str) {
        let mut regions = lock(&self.regions);
        if regions.len() >= MAX_CACHED_REGIONS && !regions.contains_key(bucket) {
            regions.clear();
        }
        regions.insert(bucket.to_owned(), region.to_owned());
    }

    /// Forgets the cached region of a bucket.
    pub(crate) fn forget_region(&self, bucket: &str) {
        lock(&self.regions).remove(bucket);
    }

    /// The endpoints that the service reported.
    pub(crate) fn discovered(&self) -> &DiscoveredEndpoints {
        self.discovered.get_or_init(Box::default)
    }

    /// The endpoint for these parameters, and the parameters as the cache has them.
    pub(crate) fn endpoint(
        &self,
        rules: &RuleSet,
        params: Params<'_>,
    ) -> Result<(Arc<Params<'static>>, Arc<Endpoint>)> {
        self.endpoints.get_or_resolve(params, |params| rules.resolve(params).map_err(Error::from))
    }
}
