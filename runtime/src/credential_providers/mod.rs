//! Providers of credentials and tokens that need more than files and variables: they call a service or a metadata
//! server, or run a process. Those that need no more are in `credentials`, a layer below; `default_chain` has all of
//! them in order.
//!
//! Each implements [`ProvideCredentials`], those of the default chain `LookUpCredentials` too. It is built from a
//! session, whose settings, HTTP client, clock and environment it uses:
//!
//! ```no_run
//! # fn main() -> aws_core::Result<()> {
//! use aws_core::Session;
//! use aws_core::credential_providers::AssumeRole;
//!
//! let base = Session::builder().profile("dev").build()?;
//! let role = AssumeRole::builder("arn:aws:iam::123456789012:role/deploy").session_name("ci").build(&base)?;
//! let deploy = base.to_builder().credentials(role).build()?; // refreshes the credentials automatically
//! # Ok(())
//! # }
//! ```
//!
//! The services behind them are called like any other, through generated descriptors. Knows no session: a session
//! builds the default chain from these providers.

mod assume_role;
mod caller;
mod chain_link;
mod cognito_identity;
mod container;
mod credentials_json;
mod default_chain;
#[cfg(feature = "login")]
mod dpop;
mod identity_token;
mod imds;
mod json_file;
#[cfg(feature = "login")]
mod login;
mod metadata_server;
mod mfa;
#[cfg(not(all(feature = "login", feature = "process", feature = "sso")))]
mod missing_feature;
#[cfg(feature = "process")]
mod process;
mod profile_chain;
mod profile_provider;
mod role_cache;
mod saml;
#[allow(unreachable_pub, dead_code, unsafe_code, reason = "generated for every operation alike, with descriptions")]
mod services;
#[cfg(feature = "process")]
mod shell_words;
#[cfg(feature = "sso")]
mod sso;
#[cfg(feature = "sso")]
mod sso_token;
#[cfg(test)]
mod tests;
mod token_chain;
#[cfg(any(feature = "login", feature = "sso"))]
mod token_file;
mod web_identity;

use std::sync::Arc;

pub use assume_role::{AssumeRole, AssumeRoleBuilder};
pub use cognito_identity::{CognitoIdentity, CognitoIdentityBuilder};
pub use container::Container;
pub(crate) use default_chain::{ChainInputs, default_chain};
pub use identity_token::IdentityToken;
pub use imds::{Imds, ImdsBuilder};
#[cfg(feature = "login")]
pub use login::Login;
pub use mfa::MfaPrompt;
#[cfg(feature = "process")]
pub use process::Process;
pub use profile_chain::{BaseCredentials, ProfileChain, RoleHop, SsoAccount, WebIdentityRole};
pub use role_cache::RoleCache;
pub use saml::{SamlRole, SamlRoleBuilder};
#[cfg(feature = "sso")]
pub use sso::{Sso, SsoBuilder};
#[cfg(feature = "sso")]
pub use sso_token::SsoTokenProvider;
pub(crate) use token_chain::SharedToken;
pub(crate) use token_chain::TokenChain;
pub use web_identity::{WebIdentity, WebIdentityBuilder};

use crate::auth::Clock;
use crate::call::SessionParts;
use crate::config::Environment;
use crate::credentials::{Credentials, CredentialsCache, LookUpCredentials, Lookup, ProvideCredentials};
use crate::http::HttpClient;
use crate::types::Timestamp;
use crate::{Error, ErrorKind, Result};

/// What a provider needs: settings, HTTP clients, clock and environment. Only [`Session`](crate::Session) implements it, and
/// other crates cannot.
pub trait ProviderContext: SessionParts {
    /// An HTTP client that uses no proxy, for metadata servers, which are on this machine.
    ///
    /// # Errors
    /// If the HTTP settings are malformed.
    fn direct_http(&self) -> Result<Arc<dyn HttpClient>>;

    /// The environment variables.
    fn variables(&self) -> &Environment;
}

/// The context that the providers of a chain share.
pub(crate) type SharedContext = Arc<dyn ProviderContext>;

/// Puts a cache in front of a provider, unless the provider has its credentials in memory.
pub(crate) fn cached(context: &SharedContext, provider: Arc<dyn ProvideCredentials>) -> Arc<dyn ProvideCredentials> {
    if provider.cached().is_some() {
        return provider;
    }
    let (clock, random) = (context.clock(), context.random());
    let cache = CredentialsCache::new(provider)
        .clock(Arc::new(move || now(&clock)))
        .jitter(Arc::new(move || random.fraction()));
    Arc::new(cache)
}

fn now(clock: &Clock) -> Timestamp {
    Timestamp::from(clock.now())
}

/// An error of a provider.
fn failed(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Credentials, message)
}

/// An error of a provider that another error caused, whose message it includes. A timeout stays one.
fn failed_with(problem: impl std::fmt::Display, cause: Error) -> Error {
    let kind = if cause.kind() == ErrorKind::Timeout { ErrorKind::Timeout } else { ErrorKind::Credentials };
    Error::new(kind, format!("{problem}: {cause}")).with_source(cause)
}

/// The credentials of a provider that is used without a chain, where not being configured is an error.
async fn look_up_or_fail(provider: &dyn LookUpCredentials) -> Result<Credentials> {
    match provider.look_up().await? {
        Lookup::Found(credentials) => Ok(credentials),
        Lookup::NotConfigured(reason) => Err(failed(format!("no credentials from {}: {reason}", provider.name()))),
    }
}
