//! Stands in for a provider that this program was built without. Knows no provider.

use super::failed;
use crate::BoxFuture;
use crate::Result;
use crate::credentials::{Credentials, ProvideCredentials};
use crate::error::requires_feature;

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
        let message = requires_feature(format_args!("the credential provider {name}"), &[feature]);
        Box::pin(std::future::ready(Err(failed(message))))
    }

    fn provider_name(&self) -> &'static str {
        self.name
    }
}
