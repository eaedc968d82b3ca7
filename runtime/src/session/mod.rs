//! The session: settings, credentials and connections that clients share. Knows no service.

mod auto;
mod base;
mod builder;
mod discovery;
mod explain;
mod files;
mod http;
mod resolve;
mod setters;
mod settings;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, OnceLock};

pub use builder::SessionBuilder;
pub use explain::{Explained, Explanation, Origin};
pub use files::ProfileFiles;

use crate::auth::Clock;
use crate::call::{Core, Provider, Service};
use crate::config::profile::Profiles;
use crate::config::{Config, Environment};
use crate::credentials::{Chain, ProvideCredentials, ProvideToken};
use crate::http::HttpClient;
use crate::retry::{Random, Sleep};
use crate::sources::{Surroundings, TokenChain};
use crate::{Error, ErrorKind, Result};
use resolve::Resolved;

/// Settings, credentials and connections, shared by the clients made from it.
///
/// A setting comes from code, else from an environment variable, else from the active profile in `~/.aws/config` and
/// `~/.aws/credentials`, else it has a default. Everything is resolved once: variables and files that change later do not
/// change a session. A clone is the same session.
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
    given: SessionBuilder,
    resolved: OnceLock<Result<Resolved, (ErrorKind, String)>>,
}

static DEFAULT: OnceLock<Session> = OnceLock::new();

impl Session {
    /// Starts a session with settings given in code.
    pub fn builder() -> SessionBuilder {
        SessionBuilder::new()
    }

    /// The one session of the process for those who need no other: the one of [`set_default`](Self::set_default), else one
    /// without settings in code. Whatever is wrong with it shows at the first call. `Session::default()` is the same.
    pub fn process_default() -> Self {
        DEFAULT.get_or_init(|| Self::builder().build_lazy()).clone()
    }

    /// Makes `session` the one of the process.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the process has one already, be it by use: clients made from it would disagree with later ones.
    pub fn set_default(session: Self) -> Result<()> {
        DEFAULT.set(session).map_err(|_| {
            let message =
                "the process has a default session already: set it once, before the first use of Session::default()";
            Error::new(ErrorKind::Config, message)
        })
    }

    /// Starts a session that differs from this one in what is then given. The two share connections, as long as both need
    /// the same of them, and credentials, unless profile, files, environment, credentials, proxies or certificates are given anew.
    pub fn to_builder(&self) -> SessionBuilder {
        self.0.given.clone()
    }

    /// All settings, resolved at the first use.
    ///
    /// # Errors
    /// Those of [`SessionBuilder::build`], the same at each use.
    pub fn config(&self) -> Result<&Arc<Config>> {
        self.resolved().map(|it| &it.config)
    }

    /// What every setting is, and where it came from: code, which variable, which line of which file, the defaults mode, or
    /// nobody. Asks nobody, and shows no secret.
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
    pub fn explain(&self) -> Result<Explanation> {
        Explanation::of(self, self.resolved()?)
    }

    /// The credentials.
    ///
    /// # Errors
    /// As [`config`](Self::config). That there are none shows when the provider is asked.
    pub fn credentials(&self) -> Result<&Arc<dyn ProvideCredentials>> {
        self.resolved().map(|it| &it.credentials)
    }

    /// What the profile files say.
    ///
    /// # Errors
    /// As [`config`](Self::config).
    pub fn profiles(&self) -> Result<&Arc<Profiles>> {
        self.resolved().map(|it| &it.profiles)
    }

    /// The HTTP client, made at the first use.
    ///
    /// # Errors
    /// As [`config`](Self::config), and those of [`ReqwestClient::new`](crate::http::ReqwestClient::new).
    pub fn http(&self) -> Result<Arc<dyn HttpClient>> {
        Provider::http(&self.resolved()?.base)
    }

    /// What signs the calls of the service with this signing name when it takes bearer tokens: the token of
    /// `AWS_BEARER_TOKEN_<SIGNING NAME>`, else of the `sso_session` of the profile. The latter is shared by all services.
    ///
    /// # Errors
    /// As [`config`](Self::config). That there is none shows when the provider is asked.
    pub fn token_provider(&self, signing_name: &str) -> Result<Arc<dyn ProvideToken>> {
        let resolved = self.resolved()?;
        let around: Arc<dyn Surroundings> = Arc::new(resolved.base.clone());
        Ok(Arc::new(TokenChain::new(&around, signing_name, resolved.token.clone())))
    }

    /// The chain of sources that a session with these settings has when code gives it no credentials, to be looked at or
    /// edited and given to another session:
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
    /// As [`config`](Self::config); and half a pair of keys.
    pub fn default_chain(&self) -> Result<Chain> {
        let resolved = self.resolved()?;
        resolve::chain(&self.0.given, &resolved.profiles, &resolved.base)
    }

    /// The region, if one is set.
    ///
    /// # Errors
    /// As [`config`](Self::config).
    pub fn region(&self) -> Result<Option<&str>> {
        Ok(self.config()?.region.as_deref())
    }

    /// The name of the active profile, `default` if none is chosen.
    ///
    /// # Errors
    /// As [`config`](Self::config).
    pub fn profile(&self) -> Result<&str> {
        Ok(&self.config()?.profile)
    }

    /// The names of all profiles in the two files, sorted.
    ///
    /// # Errors
    /// As [`config`](Self::config).
    pub fn available_profiles(&self) -> Result<Vec<String>> {
        Ok(self.profiles()?.names().map(str::to_owned).collect())
    }

    /// Where the session looks environment variables up.
    pub fn environment(&self) -> &Environment {
        &self.0.given.environment
    }

    fn from_builder(given: SessionBuilder) -> Self {
        Self(Arc::new(Inner { given, resolved: OnceLock::new() }))
    }

    fn resolved(&self) -> Result<&Resolved> {
        let resolved = self
            .0
            .resolved
            .get_or_init(|| resolve::resolve(&self.0.given).map_err(|error| (error.kind(), error.to_string())));
        // Errors are not cloneable; this one has no cause beyond its text.
        resolved.as_ref().map_err(|(kind, message)| Error::new(*kind, message.clone()))
    }

    #[cfg(test)]
    fn http_settings(&self) -> Result<crate::http::HttpSettings> {
        Ok(self.resolved()?.base.http_settings())
    }
}

/// What all calls of a client of this session share.
pub fn core_of(session: &Session, service: &'static Service) -> Core {
    Core::new(Arc::new(session.clone()), service)
}

impl Provider for Session {
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
        self.0.given.clock.clone()
    }
    fn sleep(&self) -> Sleep {
        self.0.given.sleep.clone()
    }
    fn random(&self) -> Random {
        self.0.given.random.clone()
    }
    fn environment(&self) -> Option<&Environment> {
        Some(self.environment())
    }
    fn token(&self, signing_name: &str) -> Result<Arc<dyn ProvideToken>> {
        self.token_provider(signing_name)
    }
}

impl Surroundings for Session {
    fn direct_http(&self) -> Result<Arc<dyn HttpClient>> {
        self.resolved()?.base.direct_http()
    }

    fn variables(&self) -> &Environment {
        &self.0.given.environment
    }
}

impl Default for Session {
    /// [`Session::process_default`].
    fn default() -> Self {
        Self::process_default()
    }
}

impl fmt::Debug for Session {
    /// Region and profile, if they are resolved; nothing secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Session");
        match self.0.resolved.get() {
            Some(Ok(it)) => {
                out.field("region", &it.config.region).field("profile", &it.config.profile);
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
    /// The names of the settings given.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder").field("given", &self.given).finish_non_exhaustive()
    }
}
