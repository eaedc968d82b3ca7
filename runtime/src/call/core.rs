//! What all calls of one client share: the service's facts, the settings, the endpoint of the last call, the retry quota.

use std::collections::HashMap;
use std::fmt;
use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::skew::Skew;
use super::user_agent::UserAgent;
use crate::auth::{Clock, SigV4};
use crate::config::{Config, Environment};
use crate::credentials::{ProvideCredentials, ProvideToken};
use crate::endpoint::{Endpoint, Params, RuleSet};
use crate::error::{Error, ErrorKind, Result};
use crate::http::HttpClient;
use crate::protocol::Protocol;
use crate::retry::{Random, RetryPolicy, Sleep};

/// The facts of a service, as its crate states them.
pub struct Service {
    /// The service's id in settings and user agents: `S3`.
    pub id: &'static str,
    /// The API version: `2006-03-01`.
    pub api_version: &'static str,
    /// The service's name before endpoint rules.
    pub endpoint_prefix: &'static str,
    /// The name to sign with, unless the endpoint says otherwise.
    pub signing_name: &'static str,
    /// Whether paths and payloads are signed the way S3 wants it.
    pub s3_signature: bool,
    /// How calls are repeated where it is not the usual way, in the words of [`RetryPolicy::new`]; mostly empty.
    pub retries: &'static str,
    /// The protocol.
    pub protocol: &'static dyn Protocol,
    /// The endpoint rules.
    pub rules: LazyRules,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Endpoint rules, decoded at first use.
#[derive(Debug)]
pub struct LazyRules {
    table: &'static str,
    // It stands in a static, which nothing drops. Saying so spares rustc the list of all drop glue below a service's crate.
    decoded: ManuallyDrop<OnceLock<Option<RuleSet>>>,
}

impl LazyRules {
    /// The rules of a compiled table; empty for a service that has none.
    pub const fn new(table: &'static str) -> Self {
        Self { table, decoded: ManuallyDrop::new(OnceLock::new()) }
    }

    /// The rules.
    pub fn get(&self) -> Result<&RuleSet> {
        self.decoded.get_or_init(|| RuleSet::decode(self.table).ok()).as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Endpoint, "the endpoint rules of the crate cannot be read; generate it again")
        })
    }
}

/// Where a client gets settings, credentials and connections: a session.
pub trait Provider: Send + Sync + std::fmt::Debug {
    /// The settings.
    fn config(&self) -> Result<&Arc<Config>>;
    /// The credentials.
    fn credentials(&self) -> Result<&Arc<dyn ProvideCredentials>>;
    /// The connections.
    fn http(&self) -> Result<Arc<dyn HttpClient>>;
    /// The time to sign with.
    fn clock(&self) -> Clock;
    /// How to wait between attempts.
    fn sleep(&self) -> Sleep;
    /// Where jitter and ids come from.
    fn random(&self) -> Random;
    /// Where environment variables are looked up that change while the program runs.
    fn environment(&self) -> Option<&Environment> {
        None
    }
    /// Where the bearer tokens of the service with this signing name come from.
    fn token(&self, signing_name: &str) -> Result<Arc<dyn ProvideToken>> {
        Err(Error::new(ErrorKind::Credentials, format!("there is no source of bearer tokens for {signing_name}")))
    }
}

/// What all calls of one client share.
pub struct Core {
    pub(crate) service: &'static Service,
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) signer: SigV4,
    /// The time of the service, as far as it is known.
    pub(crate) clock: Clock,
    pub(crate) skew: Skew,
    pub(crate) sleep: Sleep,
    pub(crate) random: Random,
    http: OnceLock<Arc<dyn HttpClient>>,
    policy: OnceLock<RetryPolicy>,
    pub(super) user_agent: UserAgent,
    in_lambda: OnceLock<bool>,
    pub(super) prefers_token: OnceLock<bool>,
    pub(super) token: OnceLock<Arc<dyn ProvideToken>>,
    endpoint: Mutex<Option<(Params<'static>, Arc<Endpoint>)>>,
    /// Regions that answers told, by bucket.
    regions: Mutex<HashMap<String, String>>,
}

impl fmt::Debug for Core {
    /// The service. Not the rest: a client of HTTP that code gave may show whatever it holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").field("service", &self.service.id).finish_non_exhaustive()
    }
}

/// How many regions are kept: botocore's number. A client of more buckets asks again.
const MOST_REGIONS: usize = 1000;

impl Core {
    /// The core of a client of `service`. Does no work: whatever is wrong with the session shows at the first call.
    pub fn new(provider: Arc<dyn Provider>, service: &'static Service) -> Self {
        let skew = Skew::new(provider.clock());
        Self {
            service,
            signer: SigV4::new(),
            clock: skew.clock(),
            skew,
            sleep: provider.sleep(),
            random: provider.random(),
            provider,
            http: OnceLock::new(),
            policy: OnceLock::new(),
            user_agent: UserAgent::default(),
            in_lambda: OnceLock::new(),
            prefers_token: OnceLock::new(),
            token: OnceLock::new(),
            endpoint: Mutex::new(None),
            regions: Mutex::new(HashMap::new()),
        }
    }

    pub(crate) fn config(&self) -> Result<&Config> {
        self.provider.config().map(|it| &**it)
    }

    pub(crate) fn http(&self) -> Result<&dyn HttpClient> {
        if self.http.get().is_none() {
            let _ = self.http.set(self.provider.http()?);
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

    /// Whether the program is a function of AWS Lambda.
    pub(crate) fn in_lambda(&self) -> bool {
        let name = || self.provider.environment().and_then(|it| it.get("AWS_LAMBDA_FUNCTION_NAME"));
        *self.in_lambda.get_or_init(|| name().is_some())
    }

    /// The region that was learned for a bucket.
    pub(crate) fn learned_region(&self, bucket: &str) -> Option<String> {
        self.regions.lock().unwrap_or_else(PoisonError::into_inner).get(bucket).cloned()
    }

    /// Keeps the region of a bucket.
    pub(crate) fn learn_region(&self, bucket: &str, region: &str) {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        if regions.len() >= MOST_REGIONS {
            regions.clear();
        }
        regions.insert(bucket.to_owned(), region.to_owned());
    }

    /// The endpoint of these parameters; the last one is kept, since most clients have but one.
    pub(crate) fn endpoint(&self, rules: &RuleSet, params: Params<'_>) -> Result<Arc<Endpoint>> {
        let mut kept = self.endpoint.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, endpoint)) = &*kept
            && *known == params
        {
            return Ok(Arc::clone(endpoint));
        }
        let endpoint = Arc::new(rules.resolve(&params).map_err(Error::from)?);
        *kept = Some((params.into_owned(), Arc::clone(&endpoint)));
        Ok(endpoint)
    }
}
