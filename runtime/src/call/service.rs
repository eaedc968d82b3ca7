//! The descriptor of a service, as its crate has it. Knows no call.

use std::fmt;
use std::mem::ManuallyDrop;
use std::sync::OnceLock;

use crate::endpoint::RuleSet;
use crate::error::{Error, ErrorKind, Result, ServiceRef};
use crate::operation::OperationPlan;
use crate::protocol::Protocol;
use crate::schema::Shape;

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
    /// The operation that returns the endpoints of others; mostly none.
    pub discovery: LazyOperation,
    /// The protocol.
    pub protocol: &'static dyn Protocol,
    /// The endpoint rule set.
    pub rules: LazyRules,
    /// The operation that creates the sessions which requests to some endpoints are signed with; mostly none.
    pub sessions: LazyOperation,
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

/// An operation that the runtime itself calls, decoded at first use. A crate states it also if it has no method for it.
#[derive(Debug)]
pub struct LazyOperation {
    descriptor: &'static str,
    // As for the rules.
    decoded: ManuallyDrop<OnceLock<OperationPlan>>,
}

impl LazyOperation {
    /// The operation of a descriptor; none if it is empty.
    pub const fn new(descriptor: &'static str) -> Self {
        Self { descriptor, decoded: ManuallyDrop::new(OnceLock::new()) }
    }

    /// The operation, whose input and output have these shapes.
    pub(crate) fn plan(&'static self, [input, output]: [&'static Shape; 2]) -> Option<&'static OperationPlan> {
        let decode = || OperationPlan { is_internal: true, ..OperationPlan::decode(self.descriptor, input, output) };
        (!self.descriptor.is_empty()).then(|| self.decoded.get_or_init(decode))
    }
}
