//! Credentials and where they come from: given, environment, files; the chain over the sources and the caches before it;
//! bearer tokens. Makes no calls: sources that ask a service stand higher (`sources`) and join the chain.

mod cache;
mod chain;
mod environment;
mod identity;
mod keep;
mod legacy;
mod profile;
mod token;

use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

pub use cache::{Cache, Clock, Jitter, TokenCache};
pub use chain::{Chain, CredentialSource, Lookup};
pub use environment::EnvironmentCredentials;
pub use identity::Credentials;
pub use legacy::{Boto2Credentials, Ec2FileCredentials};
pub use profile::ProfileCredentials;
pub use token::{EnvironmentToken, ProvideToken, Token};

use crate::{Error, ErrorKind, Result};

/// A future on the heap.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Gives the credentials a request is signed with.
///
/// [`Credentials`] are a provider themselves. A [`Cache`] before a provider keeps what it gave until shortly before it
/// expires; a session puts one before every provider that has nothing at hand when the session is built.
pub trait ProvideCredentials: Send + Sync + fmt::Debug {
    /// Credentials that are good to sign with now.
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>>;

    /// What [`provide`](Self::provide) would give, if that takes no waiting: the short way of every call but the first.
    fn cached(&self) -> Option<Credentials> {
        None
    }

    /// Whether requests go unsigned: then neither of the others is asked.
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

/// No credentials: requests go unsigned. For public data.
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
