//! The session: settings, credentials and connections that clients share. Knows no service.

mod auto_mode;
mod builder;
mod catalog;
mod context;
mod explain;
pub(crate) mod files;
mod http;
mod meta;
mod resolve;
mod setters;
mod settings;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, OnceLock};

pub use crate::auth::Clock;
pub use crate::retry::{Random, Sleep};
pub use builder::SessionBuilder;
pub use explain::{ExplainedSetting, Origin, SettingsReport};
pub use meta::ClientMeta;
#[doc(hidden)]
pub use meta::client_meta;

use crate::call::{ClientState, Service, SessionParts};
use crate::config::profile::Profiles;
use crate::config::{Config, Environment};
use crate::credential_providers::{ProviderContext, TokenChain};
use crate::credentials::{CredentialsChain, ProvideCredentials, ProvideToken};
use crate::hooks::Hook;
use crate::http::HttpClient;
use crate::{Error, ErrorKind, Result};
use resolve::Resolved;

/// Settings, credentials and connections, shared by the clients created from it. Made by [`Session::builder`], or
/// without explicit settings by [`Session::default`](Session::default()).
///
/// A setting comes from code, else from an environment variable, else from the active profile in `~/.aws/config` and
/// `~/.aws/credentials`, else it has a default. Settings are resolved once: later changes of variables and files do not
/// change them. A clone is the same session.
///
/// ```
/// use aws_core::credentials::Credentials;
/// use aws_core::session::Session;
///
/// # fn main() -> aws_core::Result<()> {
/// # let environment = aws_core::config::Environment::empty();
/// let west = Session::builder()
///     .region("us-west-2")
///     .credentials(Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret"))
/// #   .environment(environment)
///     .build()?;
/// let east = west.to_builder().region("us-east-1").build()?; // shares credentials and connections
/// assert_eq!(east.region()?, Some("us-east-1"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    builder: SessionBuilder,
    resolved: OnceLock<Result<Resolved, (ErrorKind, String)>>,
}

impl Session {
    /// Starts a builder with the settings of this session, to derive another one from it. Connections are shared if
    /// both sessions need the same [`HttpConfig`](crate::http::HttpConfig). Credentials are shared unless the derived
    /// session sets one of the things they depend on: profile, files, environment, credentials, MFA prompt, role
    /// cache, IMDS, the endpoint URL of one service or whether configured ones are ignored, HTTP client, proxies or
    /// certificates.
    pub fn to_builder(&self) -> SessionBuilder {
        self.0.builder.clone()
    }

    /// Returns all settings, resolved on first use.
    ///
    /// # Errors
    /// Those of [`SessionBuilder::build`], the same at each call.
    pub fn config(&self) -> Result<&Arc<Config>> {
        self.resolved().map(|it| &it.config)
    }

    /// Reports the value of every setting and where it came from: code, an environment variable, a line of a profile
    /// file, the defaults mode, or the default. Sends no request, and the report holds no secret.
    ///
    /// ```
    /// # fn main() -> aws_core::Result<()> {
    /// # use aws_core::config::Environment;
    /// use aws_core::Session;
    /// use aws_core::session::Origin;
    ///
    /// # let environment = Environment::from_iter([("AWS_REGION", "eu-west-1")]);
    /// let session = Session::builder().max_attempts(5)
    /// #   .environment(environment)
    ///     .build()?;
    /// let explained = session.explain()?;
    /// println!("{explained}"); // a table
    /// let region = explained.get("region").expect("a setting");
    /// assert_eq!(region.value.as_deref(), Some("eu-west-1"));
    /// assert_eq!(region.origin, Origin::Variable("AWS_REGION".to_owned()));
    /// assert_eq!(explained.get("max_attempts").map(|it| &it.origin), Some(&Origin::Code));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`config`](Self::config), and [`default_chain`](Self::default_chain).
    pub fn explain(&self) -> Result<SettingsReport> {
        SettingsReport::new(self, self.resolved()?)
    }

    /// Returns the credentials provider.
    ///
    /// # Errors
    /// As [`config`](Self::config). Missing credentials are not an error here, but when the provider is called.
    pub fn credentials(&self) -> Result<&Arc<dyn ProvideCredentials>> {
        self.resolved().map(|it| &it.credentials)
    }

    /// Returns the contents of the profile files.
    ///
    /// # Errors
    /// As [`config`](Self::config).
    pub fn profiles(&self) -> Result<&Arc<Profiles>> {
        self.resolved().map(|it| &it.profiles)
    }

    /// Returns the HTTP client, which is created on first use.
    ///
    /// # Errors
    /// As [`config`](Self::config), and those of [`HyperClient::new`](crate::http::HyperClient::new).
    pub fn http(&self) -> Result<Arc<dyn HttpClient>> {
        SessionParts::http(&self.resolved()?.context)
    }

    /// Returns the provider of bearer tokens for the service with this signing name: that of
    /// [`SessionBuilder::token_provider`], else the token in `AWS_BEARER_TOKEN_<SIGNING NAME>`, else the token of the profile's `sso_session`. All services share the
    /// latter.
    ///
    /// # Errors
    /// As [`config`](Self::config). A missing token is not an error here, but when the provider is called.
    pub fn token_provider(&self, signing_name: &str) -> Result<Arc<dyn ProvideToken>> {
        let resolved = self.resolved()?;
        if let Some(explicit) = &resolved.explicit_token {
            return Ok(Arc::clone(explicit));
        }
        let context: Arc<dyn ProviderContext> = Arc::new(resolved.context.clone());
        Ok(Arc::new(TokenChain::new(&context, signing_name, resolved.token.clone())))
    }

    /// Returns the chain of credentials providers that a session with these settings uses if code sets no credentials,
    /// for inspection, or to edit it and set it for another session:
    ///
    /// ```
    /// # use aws_core::Session;
    /// # fn main() -> aws_core::Result<()> {
    /// # let base = Session::builder().environment(aws_core::config::Environment::empty()).build()?;
    /// let mut chain = base.default_chain()?;
    /// chain.remove("iam-role");
    /// let session = base.to_builder().credentials(chain).build()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`config`](Self::config), and [`ErrorKind::Credentials`] if an access key id has no secret key or
    /// the reverse.
    pub fn default_chain(&self) -> Result<CredentialsChain> {
        let resolved = self.resolved()?;
        resolve::default_chain_of(&self.0.builder, &resolved.profiles, &resolved.context)
    }

    /// Returns the region, if one is set.
    ///
    /// # Errors
    /// As [`config`](Self::config).
    pub fn region(&self) -> Result<Option<&str>> {
        Ok(self.config()?.region.as_deref())
    }

    /// Returns the name of the active profile, `default` if none is chosen.
    ///
    /// # Errors
    /// As [`config`](Self::config).
    pub fn profile(&self) -> Result<&str> {
        Ok(&self.config()?.profile)
    }

    /// Returns the names of all profiles in the two files, sorted.
    ///
    /// # Errors
    /// As [`config`](Self::config).
    pub fn available_profiles(&self) -> Result<Vec<String>> {
        Ok(self.profiles()?.names().map(str::to_owned).collect())
    }

    /// Returns the environment that the session reads variables from.
    pub fn environment(&self) -> &Environment {
        &self.0.builder.environment
    }

    fn from_builder(builder: SessionBuilder) -> Self {
        Self(Arc::new(Inner { builder, resolved: OnceLock::new() }))
    }

    fn resolved(&self) -> Result<&Resolved> {
        let resolved = self
            .0
            .resolved
            .get_or_init(|| resolve::resolve(&self.0.builder).map_err(|error| (error.kind(), error.to_string())));
        // Errors are not cloneable; this one has no cause beyond its message.
        resolved.as_ref().map_err(|(kind, message)| Error::new(*kind, message.clone()))
    }

    #[cfg(test)]
    fn http_config(&self) -> Result<crate::http::HttpConfig> {
        Ok(self.resolved()?.context.http_config())
    }
}

/// Creates the state that all operations of a client share.
#[doc(hidden)]
pub fn client_state(session: &Session, service: &'static Service) -> ClientState {
    ClientState::new(Arc::new(session.clone()), service)
}

impl SessionParts for Session {
    fn config(&self) -> Result<&Arc<Config>> {
        self.config()
    }
    fn credentials(&self) -> Result<&Arc<dyn ProvideCredentials>> {
        self.credentials()
    }
    fn http(&self) -> Result<Arc<dyn HttpClient>> {
        self.http()
    }
    fn clock(&self) -> Clock {
        self.0.builder.clock.clone()
    }
    fn sleep(&self) -> Sleep {
        self.0.builder.sleep.clone()
    }
    fn random(&self) -> Random {
        self.0.builder.random.clone()
    }
    fn environment(&self) -> Option<&Environment> {
        Some(self.environment())
    }
    fn token(&self, signing_name: &str) -> Result<Arc<dyn ProvideToken>> {
        self.token_provider(signing_name)
    }
    fn hooks(&self) -> &[Arc<dyn Hook>] {
        &self.0.builder.hooks
    }
    fn has_explicit_token(&self) -> bool {
        self.0.builder.token_provider.is_some()
    }
    fn as_any(&self) -> Option<&dyn std::any::Any> {
        Some(self)
    }
}

impl ProviderContext for Session {
    fn direct_http(&self) -> Result<Arc<dyn HttpClient>> {
        self.resolved()?.context.direct_http()
    }

    fn variables(&self) -> &Environment {
        &self.0.builder.environment
    }
}

impl fmt::Debug for Session {
    /// Region and profile, if they are resolved; nothing secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Session");
        match self.0.resolved.get() {
            Some(Ok(resolved)) => {
                out.field("region", &resolved.config.region).field("profile", &resolved.config.profile);
            }
            Some(Err((_, message))) => {
                out.field("error", message);
            }
            None => {}
        }
        out.finish_non_exhaustive()
    }
}

impl fmt::Debug for SessionBuilder {
    /// The names of the explicit settings, without their values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder").field("explicit_settings", &self.explicit_settings).finish_non_exhaustive()
    }
}
