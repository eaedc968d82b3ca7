//! Credentials, bearer tokens, and the providers that need no network: explicit credentials, environment variables and
//! files. Also the chain of providers and the caches in front of them. Sends no requests: providers that do are in
//! `credential_providers`, a layer above, and join the chain from there.

mod cache;
mod chain;
mod environment;
mod expiring_cache;
mod identity;
mod legacy;
mod profile;
pub(crate) mod small_file;
mod token;

use std::fmt;
use std::future::ready;
use std::sync::Arc;

pub use cache::{CredentialsCache, Jitter, TimestampFn, TokenCache};
pub use chain::{CredentialsChain, LookUpCredentials, Lookup};
pub use environment::EnvironmentCredentials;
pub use identity::Credentials;
pub use legacy::{Boto2Credentials, Ec2FileCredentials};
pub use profile::ProfileCredentials;
pub use token::{EnvironmentTokenProvider, ProvideToken, Token};

use crate::{BoxFuture, Error, ErrorKind, Result};

/// Provides the credentials that requests are signed with.
///
/// [`Credentials`] are a provider themselves. A [`CredentialsCache`] in front of a provider stores its credentials
/// until shortly before they expire. When a session is built, it puts a cache in front of every provider whose
/// [`cached`](Self::cached) returns `None`.
pub trait ProvideCredentials: Send + Sync + fmt::Debug {
    /// Returns valid credentials, fetching them if necessary.
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>>;

    /// The credentials that [`provide`](Self::provide) would return, if they are in memory and still valid. Lets a call
    /// skip waiting. By default `None`.
    fn cached(&self) -> Option<Credentials> {
        None
    }

    /// Whether requests are sent unsigned. If true, [`provide`](Self::provide) and [`cached`](Self::cached) are never
    /// called. By default false.
    fn is_anonymous(&self) -> bool {
        false
    }
}

impl<P: ProvideCredentials + ?Sized> ProvideCredentials for Arc<P> {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        (**self).provide()
    }

    fn cached(&self) -> Option<Credentials> {
        (**self).cached()
    }

    fn is_anonymous(&self) -> bool {
        (**self).is_anonymous()
    }
}

impl ProvideCredentials for Credentials {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(ready(Ok(self.clone())))
    }

    fn cached(&self) -> Option<Credentials> {
        Some(self.clone())
    }
}

/// A provider without credentials: requests are sent unsigned. For public data.
#[derive(Clone, Copy, Debug, Default)]
pub struct Anonymous;

impl ProvideCredentials for Anonymous {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        let message = "anonymous requests have no credentials";
        Box::pin(ready(Err(Error::new(ErrorKind::Credentials, message))))
    }

    fn is_anonymous(&self) -> bool {
        true
    }
}
