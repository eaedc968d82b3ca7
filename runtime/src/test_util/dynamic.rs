//! Calls without generated code: of services that are known as models only.

use std::sync::Arc;
use std::time::Duration;

use crate::call::address::account;
use crate::call::prepare::{Purpose, prepare};
use crate::call::presign::presign;
use crate::call::request::{finish, start};
use crate::call::{Core, Metadata, Options, Plan, PresignedRequest, Service};
use crate::error::Result;
use crate::schema::dynamic::{self, Value};
use crate::session::{Session, core_of};

/// A client of a service made at run time.
#[derive(Clone, Debug)]
pub struct DynamicClient {
    core: Arc<Core>,
    options: Options,
}

impl DynamicClient {
    /// A client with the settings of a session.
    pub fn new(session: &Session, service: &'static Service) -> Self {
        Self { core: Arc::new(core_of(session, service)), options: Options::default() }
    }

    /// The same with changes for every call.
    #[must_use]
    pub fn with_options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// Calls an operation with the members of its input, in the order of its shape; the answer is the members of its output.
    ///
    /// # Errors
    /// As those of generated clients.
    pub async fn call(&self, plan: &'static Plan, mut input: Vec<Value>) -> Result<(Vec<Value>, Metadata)> {
        if let Some(account) = account(&self.core) {
            account.await;
        }
        let input = dynamic::fill(&mut input, plan.input);
        let (sent, received) = start(Arc::clone(&self.core), plan, input, self.options.clone())?.await?;
        let mut output = Vec::new();
        let metadata = finish(&sent, received, dynamic::fill(&mut output, plan.output))?;
        Ok((output, metadata))
    }

    /// Presigns a call.
    ///
    /// # Errors
    /// As those of generated clients.
    pub async fn presign(
        &self,
        plan: &'static Plan,
        mut input: Vec<Value>,
        expires: Duration,
    ) -> Result<PresignedRequest> {
        let input = dynamic::fill(&mut input, plan.input);
        let prepared = prepare(&self.core, plan, input, &self.options, Purpose::Presign)?;
        presign(&self.core, prepared, expires).await
    }
}
