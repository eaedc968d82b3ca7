//! Calls without generated code, to services whose descriptors are built at run time.

use std::sync::Arc;
use std::time::Duration;

use crate::call::pipeline::{Purpose, begin, finish, presign, start};
use crate::call::{ClientState, OperationPlan, Options, PresignedRequest, ResponseMetadata, Service};
use crate::error::Result;
use crate::schema::dynamic::{self, Value};
use crate::session::{Session, client_state};

/// A client of a service that is defined at run time.
#[derive(Clone, Debug)]
pub struct DynamicClient {
    client: Arc<ClientState>,
    options: Options,
}

impl DynamicClient {
    /// Creates a client with the settings of `session`.
    pub fn new(session: &Session, service: &'static Service) -> Self {
        Self { client: Arc::new(client_state(session, service)), options: Options::default() }
    }

    /// Sets options for every call.
    #[must_use]
    pub fn with_options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// Calls an operation. `input` and the returned output are the members in the order of their shapes.
    ///
    /// # Errors
    /// Those of generated clients.
    pub async fn call(
        &self,
        plan: &'static OperationPlan,
        mut input: Vec<Value>,
    ) -> Result<(Vec<Value>, ResponseMetadata)> {
        let deadline = begin(&self.client, plan, &self.options, Purpose::Send)?.ready().await?;
        let input = dynamic::fill(&mut input, plan.input);
        let sent = start(Arc::clone(&self.client), plan, input, self.options.clone(), deadline)?.await?;
        let mut output = Vec::new();
        let metadata = finish(sent, dynamic::fill(&mut output, plan.output))?;
        Ok((output, metadata))
    }

    /// Presigns a request that is valid for the time `expires`.
    ///
    /// # Errors
    /// Those of generated clients.
    pub async fn presign(
        &self,
        plan: &'static OperationPlan,
        mut input: Vec<Value>,
        expires: Duration,
    ) -> Result<PresignedRequest> {
        let deadline = begin(&self.client, plan, &self.options, Purpose::Presign)?.ready().await?;
        let input = dynamic::fill(&mut input, plan.input);
        presign(&self.client, plan, input, &self.options, deadline, expires).await
    }
}
