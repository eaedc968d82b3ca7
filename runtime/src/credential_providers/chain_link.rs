//! A link of the chain whose provider a profile or an environment variable may configure. Knows no kind of provider.

use std::sync::Arc;
use std::time::Duration;

use super::failed;
use crate::BoxFuture;
use crate::credentials::{LookUpCredentials, Lookup, ProvideCredentials};
use crate::{Error, Result};

/// The names of those that a program may be built without.
pub(super) const LOGIN: &str = "login";
pub(super) const PROCESS: &str = "custom-process";
pub(super) const SSO: &str = "sso";

/// A provider with its name in the chain.
#[derive(Debug)]
pub(super) struct Link {
    name: &'static str,
    state: State,
}

#[derive(Debug)]
enum State {
    Configured(Arc<dyn ProvideCredentials>),
    /// The reason why the provider is not configured.
    NotConfigured(String),
    /// The error in the configuration.
    Misconfigured(String),
}

impl Link {
    /// A link for `provider`; `reason` says why it is not configured, if it is `None`.
    pub(super) fn new(
        name: &'static str,
        provider: Result<Option<Arc<dyn ProvideCredentials>>, Error>,
        reason: impl FnOnce() -> String,
    ) -> Self {
        let state = match provider {
            Ok(Some(provider)) => State::Configured(provider),
            Ok(None) => State::NotConfigured(reason()),
            Err(error) => State::Misconfigured(error.to_string()),
        };
        Self { name, state }
    }

    /// Whether the chain ends at this link: with credentials or with an error.
    pub(super) fn is_configured(&self) -> bool {
        !matches!(self.state, State::NotConfigured(_))
    }
}

impl LookUpCredentials for Link {
    fn name(&self) -> &'static str {
        self.name
    }

    fn look_up(&self) -> BoxFuture<'_, Result<Lookup>> {
        Box::pin(async move {
            match &self.state {
                State::Configured(provider) => provider.provide().await.map(Lookup::Found),
                State::NotConfigured(reason) => Ok(Lookup::NotConfigured(reason.clone())),
                State::Misconfigured(message) => Err(failed(message.clone())),
            }
        })
    }

    fn fetch_timeout(&self) -> Option<Duration> {
        match &self.state {
            State::Configured(provider) => provider.fetch_timeout(),
            State::NotConfigured(_) | State::Misconfigured(_) => None,
        }
    }
}
