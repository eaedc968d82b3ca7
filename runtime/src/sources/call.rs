//! Calls of a service made for credentials: the surroundings' settings and connections, another identity, maybe another
//! region. Knows no service.

use std::sync::{Arc, OnceLock};

use super::Around;
use crate::Result;
use crate::auth::Clock;
use crate::call::{Call, Core, Operation, Options, Provider, Service};
use crate::config::Config;
use crate::credentials::{Anonymous, ProvideCredentials};
use crate::http::HttpClient;
use crate::retry::{Random, Sleep};

/// A client of one service.
#[derive(Clone, Debug)]
pub(super) struct Caller(Arc<Core>);

impl Caller {
    /// A client whose calls nobody signs.
    pub(super) fn anonymous(around: &Around, service: &'static Service, region: Option<String>) -> Self {
        Self::of(Lent::new(around, Arc::new(Anonymous), region), service)
    }

    /// A client that signs with `identity`.
    pub(super) fn signing(
        around: &Around,
        service: &'static Service,
        region: Option<String>,
        identity: Arc<dyn ProvideCredentials>,
    ) -> Self {
        Self::of(Lent::new(around, identity, region), service)
    }

    /// A client over connections of its own.
    pub(super) fn over(
        around: &Around,
        service: &'static Service,
        region: Option<String>,
        http: Arc<dyn HttpClient>,
    ) -> Self {
        Self::of(Lent { http: Some(http), ..Lent::new(around, Arc::new(Anonymous), region) }, service)
    }

    fn of(lent: Lent, service: &'static Service) -> Self {
        Self(Arc::new(Core::new(Arc::new(lent), service)))
    }

    /// Calls the operation.
    pub(super) async fn call<O: Operation>(&self, input: O::Input) -> Result<O::Output> {
        let call = Call::<O> { core: Arc::clone(&self.0), input, options: Options::default() };
        call.send().await.map(|it| it.0)
    }
}

/// The surroundings with another identity and region.
#[derive(Debug)]
struct Lent {
    around: Around,
    identity: Arc<dyn ProvideCredentials>,
    http: Option<Arc<dyn HttpClient>>,
    region: Option<String>,
    /// The settings with this region.
    config: OnceLock<Arc<Config>>,
}

impl Lent {
    fn new(around: &Around, identity: Arc<dyn ProvideCredentials>, region: Option<String>) -> Self {
        Self { around: Arc::clone(around), identity, http: None, region, config: OnceLock::new() }
    }
}

impl Provider for Lent {
    fn config(&self) -> Result<&Arc<Config>> {
        let config = self.around.config()?;
        let Some(region) = &self.region else { return Ok(config) };
        Ok(self.config.get_or_init(|| Arc::new(Config { region: Some(region.clone()), ..Config::clone(config) })))
    }

    fn credentials(&self) -> Result<&Arc<dyn ProvideCredentials>> {
        Ok(&self.identity)
    }

    fn http(&self) -> Result<Arc<dyn HttpClient>> {
        match &self.http {
            Some(http) => Ok(Arc::clone(http)),
            None => self.around.http(),
        }
    }

    fn clock(&self) -> Clock {
        self.around.clock()
    }

    fn sleep(&self) -> Sleep {
        self.around.sleep()
    }

    fn random(&self) -> Random {
        self.around.random()
    }
}
