//! The state that all calls of one client share: the service's descriptor, the session, the endpoints used last,
//! the retry quota.

use std::collections::HashMap;
use std::fmt;
use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, OnceLock};

use super::endpoint_cache::EndpointCache;
use super::skew::ClockSkew;
use super::user_agent::UserAgentCache;
use crate::auth::{Clock, SigV4};
use crate::config::{Config, Environment};
use crate::credentials::{ProvideCredentials, ProvideToken};
use crate::endpoint::{Endpoint, Params, RuleSet};
use crate::error::{Error, ErrorKind, Result, ServiceRef};
use crate::http::HttpClient;
use crate::protocol::Protocol;
use crate::retry::{Random, RetryPolicy, Sleep};
use crate::sync::lock;

/// The descriptor of a service, from its crate.
pub struct Service {
    /// The service id in settings and user agents: `S3`.
    pub id: &'static str,
    /// The API version: `2006-03-01`.
    pub api_version: &'static str,
    /// The service's name in host names where no endpoint rule set is used: botocore's `endpointPrefix`.
    pub endpoint_prefix: &'static str,
    /// The name to sign with, unless the endpoint names another.
    pub signing_name: &'static str,
    /// Whether paths and payloads are signed by S3's variant of the signature.
    pub s3_signature: bool,
    /// How the service's retries differ from the standard, as annotations of `RetryPolicy::new`; mostly empty.
    pub retries: &'static str,
    /// The protocol.
    pub protocol: &'static dyn Protocol,
    /// The endpoint rule set.
    pub rules: LazyRules,
}

impl Service {
    /// What the errors of the service refer to.
    pub(crate) fn as_ref(&self) -> ServiceRef {
        ServiceRef { id: self.id, protocol: self.protocol }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("id", &self.id).finish_non_exhaustive()
    }
}

/// An endpoint rule set, decoded at first use.
#[derive(Debug)]
pub struct LazyRules {
    table: &'static str,
    // The value is part of a static, which is never dropped. `ManuallyDrop` saves rustc the drop glue in a service's
    // crate.
    decoded: ManuallyDrop<OnceLock<Option<RuleSet>>>,
}

impl LazyRules {
    /// The rule set of a compiled table; empty for a service that has none.
    pub const fn new(table: &'static str) -> Self {
        Self { table, decoded: ManuallyDrop::new(OnceLock::new()) }
    }

    /// The rule set.
    ///
    /// # Errors
    /// [`ErrorKind::Endpoint`] if the table cannot be decoded.
    pub fn get(&self) -> Result<&RuleSet> {
        self.decoded.get_or_init(|| RuleSet::decode(self.table).ok()).as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Endpoint, "cannot decode the endpoint rule set of the crate; regenerate the crate")
        })
    }
}

/// The parts of a session that a client uses: settings, providers, the HTTP client, and what tests replace.
pub trait SessionParts: Send + Sync + std::fmt::Debug {
    /// The settings.
    fn config(&self) -> Result<&Arc<Config>>;
    /// The credentials provider.
    fn credentials(&self) -> Result<&Arc<dyn ProvideCredentials>>;
    /// The HTTP client.
    fn http(&self) -> Result<Arc<dyn HttpClient>>;
    /// The clock to sign with.
    fn clock(&self) -> Clock;
    /// The sleep between attempts.
    fn sleep(&self) -> Sleep;
    /// The random numbers for jitter and ids.
    fn random(&self) -> Random;
    /// The environment, for variables that may change while the program runs, such as Lambda's trace ID.
    fn environment(&self) -> Option<&Environment> {
        None
    }
    /// The bearer token provider for the service with this signing name.
    fn token(&self, signing_name: &str) -> Result<Arc<dyn ProvideToken>> {
        Err(Error::new(ErrorKind::Credentials, format!("no bearer token provider for {signing_name}")))
    }
    /// Whether code set a bearer token provider.
    fn has_explicit_token(&self) -> bool {
        false
    }
    /// The session itself, for the layers above calls, which know its type.
    fn as_any(&self) -> Option<&dyn std::any::Any> {
        None
    }
}

/// The state that all calls of one client share.
pub struct ClientState {
    pub(crate) service: &'static Service,
    pub(crate) session: Arc<dyn SessionParts>,
    pub(crate) signer: SigV4,
    /// The clock of the service: the session's, corrected by the clock skew.
    pub(crate) clock: Clock,
    pub(crate) skew: ClockSkew,
    pub(crate) sleep: Sleep,
    pub(crate) random: Random,
    http: OnceLock<Arc<dyn HttpClient>>,
    policy: OnceLock<RetryPolicy>,
    pub(super) user_agent: UserAgentCache,
    in_lambda: OnceLock<bool>,
    pub(super) prefers_token: OnceLock<bool>,
    pub(super) token: OnceLock<Arc<dyn ProvideToken>>,
    endpoints: EndpointCache,
    endpoint_url: OnceLock<Option<Box<str>>>,
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
            signer: SigV4::new(),
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

    /// The endpoint for these parameters, and the parameters as the cache has them.
    pub(crate) fn endpoint(
        &self,
        rules: &RuleSet,
        params: Params<'_>,
    ) -> Result<(Arc<Params<'static>>, Arc<Endpoint>)> {
        self.endpoints.get_or_resolve(params, |params| rules.resolve(params).map_err(Error::from))
    }
}
