//! A link of the chain that a profile or a variable asks for, or does not. Knows why it gives nothing, not what it gives.

use std::sync::Arc;

use super::failed;
use crate::credentials::{BoxFuture, CredentialSource, Lookup, ProvideCredentials};
use crate::{Error, Result};

/// A provider under the name it has in the chain.
#[derive(Debug)]
pub(super) struct Link {
    name: &'static str,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready(Arc<dyn ProvideCredentials>),
    /// Nobody asks for it.
    Absent(String),
    /// It is asked for in a way that cannot work.
    Broken(String),
}

impl Link {
    /// A link of what was found; `why` tells why nothing was.
    pub(super) fn new(
        name: &'static str,
        found: Result<Option<Arc<dyn ProvideCredentials>>, Error>,
        why: impl FnOnce() -> String,
    ) -> Self {
        let state = match found {
            Ok(Some(provider)) => State::Ready(provider),
            Ok(None) => State::Absent(why()),
            Err(error) => State::Broken(error.to_string()),
        };
        Self { name, state }
    }

    /// Whether the chain goes past it.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self.state, State::Absent(_))
    }
}

impl CredentialSource for Link {
    fn name(&self) -> &'static str {
        self.name
    }

    fn look_up(&self) -> BoxFuture<'_, Result<Lookup>> {
        Box::pin(async move {
            match &self.state {
                State::Ready(provider) => provider.provide().await.map(Lookup::Found),
                State::Absent(reason) => Ok(Lookup::NotConfigured(reason.clone())),
                State::Broken(message) => Err(failed(message.clone())),
            }
        })
    }
}
