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
mod session_cache;
pub(crate) mod small_file;
mod token;

use std::fmt;
use std::future::{Future, ready};
use std::sync::Arc;
use std::time::Duration;

pub use cache::{CredentialsCache, TokenCache};
pub use chain::{CredentialsChain, LookUpCredentials, Lookup};
pub use environment::EnvironmentCredentials;
pub use expiring_cache::{Jitter, TimestampFn};
pub use identity::Credentials;
pub use legacy::{Boto2Credentials, Ec2FileCredentials};
pub use profile::ProfileCredentials;
pub(crate) use session_cache::{CachedSession, SessionCache};
pub use token::{EnvironmentTokenProvider, ProvideToken, Token};

use crate::{BoxFuture, Error, ErrorKind, Result, tokio_runtime};

/// How long a fetch of credentials or of a token may take by default, with all its requests and their retries. Our choice:
/// as long as one attempt of a call may be silent. botocore has no such limit, aws-sdk-rust's identity cache one of 5
/// seconds (`load_timeout` in `aws-smithy-runtime`), which a chain of roles or a busy metadata server can exceed.
pub(crate) const FETCH_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a user may take to respond to a program or a prompt. Our choice: enough to find a device or to open a browser.
pub(crate) const USER_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// Awaits a fetch of `what` from `provider` no longer than `timeout`.
pub(crate) async fn limited<T>(
    what: &str,
    provider: &str,
    timeout: Option<Duration>,
    fetch: impl Future<Output = Result<T>>,
) -> Result<T> {
    let Some(timeout) = timeout else { return fetch.await };
    tokio_runtime::current()?;
    tokio::time::timeout(timeout, fetch).await.unwrap_or_else(|_| {
        let message = format!("{provider}: fetching {what} timed out after {timeout:?}");
        Err(Error::new(ErrorKind::Timeout, message))
    })
}

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

    /// The name of the provider in messages, as botocore names it: `env`, `assume-role`. By default the name of its type.
    fn provider_name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    /// The most time that a fetch may take; a cache in front of the provider then ends it with an error. By default a
    /// minute. A provider that asks the user for something needs more. `None` means no limit, for a provider that limits
    /// each of its steps by itself.
    fn fetch_timeout(&self) -> Option<Duration> {
        Some(FETCH_TIMEOUT)
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

    fn provider_name(&self) -> &'static str {
        (**self).provider_name()
    }

    fn fetch_timeout(&self) -> Option<Duration> {
        (**self).fetch_timeout()
    }
}

impl ProvideCredentials for Credentials {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(ready(Ok(self.clone())))
    }

    fn cached(&self) -> Option<Credentials> {
        Some(self.clone())
    }

    fn provider_name(&self) -> &'static str {
        "explicit"
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
