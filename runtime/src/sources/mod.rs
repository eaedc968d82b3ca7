//! Sources of credentials and tokens that ask somebody: a service, a metadata server, a process, a file of another tool.
//!
//! Each is a provider of its own, made by a builder and given what it works with, usually a session:
//!
//! ```no_run
//! # fn main() -> aws_core::Result<()> {
//! use aws_core::Session;
//! use aws_core::sources::AssumeRole;
//!
//! let base = Session::builder().profile("dev").build()?;
//! let role = AssumeRole::builder("arn:aws:iam::123456789012:role/deploy").session_name("ci").build(&base)?;
//! let deploy = base.to_builder().credentials(role).build()?; // renews by itself
//! # Ok(())
//! # }
//! ```
//!
//! The services behind them are called like any other, through generated tables. Knows no session: that makes the default
//! chain of these.

mod assume_role;
mod call;
mod container;
mod default_chain;
mod document;
mod dpop;
mod imds;
mod link;
mod login;
mod metadata;
mod mfa;
mod process;
mod profile_chain;
mod profile_provider;
mod role_cache;
#[allow(unreachable_pub, dead_code, unsafe_code, reason = "generated for every operation alike, with descriptions")]
mod services;
mod sso;
mod sso_token;
mod store;
#[cfg(test)]
mod tests;
mod token_chain;
mod web_identity;
mod words;

use std::sync::Arc;

pub use assume_role::{AssumeRole, AssumeRoleBuilder};
pub use container::Container;
pub(crate) use default_chain::{Ground, default_chain};
pub use imds::{Imds, ImdsBuilder};
pub use login::Login;
pub use mfa::MfaPrompt;
pub use process::Process;
pub use profile_chain::{BaseCredentials, ProfileChain, RoleHop, SsoAccount, WebIdentityRole};
pub use role_cache::RoleCache;
pub use sso::{Sso, SsoBuilder};
pub use sso_token::SsoToken;
pub(crate) use token_chain::SharedToken;
pub use token_chain::TokenChain;
pub use web_identity::{WebIdentity, WebIdentityBuilder};

use crate::auth::Clock;
use crate::call::Provider;
use crate::config::Environment;
use crate::credentials::{Cache, CredentialSource, Credentials, Lookup, ProvideCredentials};
use crate::http::HttpClient;
use crate::value::Timestamp;
use crate::{Error, ErrorKind, Result};

/// What a source works with: settings, connections, time and environment. A session is one.
pub trait Surroundings: Provider {
    /// Connections that go through no proxy, for metadata servers: they are on this machine.
    ///
    /// # Errors
    /// If the settings of the connections are malformed.
    fn direct_http(&self) -> Result<Arc<dyn HttpClient>>;

    /// Where variables are looked up.
    fn variables(&self) -> &Environment;
}

/// Surroundings, shared by the sources of a chain.
pub(crate) type Around = Arc<dyn Surroundings>;

/// Puts a provider behind a cache, unless it has its credentials at hand.
pub(crate) fn cached(around: &Around, source: Arc<dyn ProvideCredentials>) -> Arc<dyn ProvideCredentials> {
    if source.cached().is_some() {
        return source;
    }
    let (clock, random) = (around.clock(), around.random());
    let cache = Cache::new(source).clock(Arc::new(move || now(&clock))).jitter(Arc::new(move || random.fraction()));
    Arc::new(cache)
}

fn now(clock: &Clock) -> Timestamp {
    Timestamp::from(clock.now())
}

/// A problem of a source.
fn failed(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Credentials, message)
}

/// A problem that another one caused; its text is part of the message.
fn failed_by(what: impl std::fmt::Display, cause: Error) -> Error {
    failed(format!("{what}: {cause}")).with_source(cause)
}

/// The credentials of a source that is asked alone: that it is not configured is an error then.
async fn alone(source: &dyn CredentialSource) -> Result<Credentials> {
    match source.look_up().await? {
        Lookup::Found(credentials) => Ok(credentials),
        Lookup::NotConfigured(reason) => Err(failed(format!("{} gave no credentials: {reason}", source.name()))),
    }
}
