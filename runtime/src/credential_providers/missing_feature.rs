//! Stands in for a provider that this program was built without. Knows no provider.

use super::failed;
use crate::BoxFuture;
use crate::Result;
use crate::credentials::{Credentials, ProvideCredentials};

/// Provides nothing: the error says which crate feature has the provider.
#[derive(Debug)]
pub(super) struct MissingFeature {
    /// The name of the provider in the chain.
    pub(super) name: &'static str,
    pub(super) feature: &'static str,
}

impl ProvideCredentials for MissingFeature {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        let Self { name, feature } = self;
        let message = format!("credentials of {name} require the crate feature `{feature}`, which this program lacks");
        Box::pin(std::future::ready(Err(failed(message))))
    }

    fn provider_name(&self) -> &'static str {
        self.name
    }
}
