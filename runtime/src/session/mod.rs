//! The session: settings, credentials and connections that clients share. Knows no service.

mod builder;
mod files;
mod resolve;
mod settings;
#[cfg(test)]
mod tests;
mod unavailable;

use std::fmt;
use std::sync::{Arc, OnceLock};

pub use builder::SessionBuilder;
pub use files::ProfileFiles;

use crate::auth::Clock;
use crate::call::{Core, Provider, Service};
use crate::config::profile::Profiles;
use crate::config::{Config, Environment};
use crate::credentials::ProvideCredentials;
use crate::http::{HttpClient, HttpSettings, ReqwestClient};
use crate::retry::{Random, Sleep};
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
    http: OnceLock<Arc<dyn HttpClient>>,
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
    /// the same of them, and credentials, unless profile, files, environment or credentials are given anew.
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
    /// As [`config`](Self::config), and those of [`ReqwestClient::new`].
    pub fn http(&self) -> Result<Arc<dyn HttpClient>> {
        let Inner { given, http, .. } = &*self.0;
        if let Some(client) = given.http_client.as_ref().or_else(|| http.get()) {
            return Ok(Arc::clone(client));
        }
        let settings = self.http_settings()?;
        let shared = &given.shared.http;
        if shared.get().is_none() {
            let client = ReqwestClient::new(&settings)?;
            // Another thread may have been faster: then its client is the shared one.
            let _ = shared.set((settings.clone(), Arc::new(client)));
        }
        let client = match shared.get() {
            Some((theirs, client)) if *theirs == settings => Arc::clone(client),
            _ => Arc::new(ReqwestClient::new(&settings)?),
        };
        Ok(Arc::clone(http.get_or_init(|| client)))
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
    pub fn profile_name(&self) -> Result<&str> {
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
        Self(Arc::new(Inner { given, resolved: OnceLock::new(), http: OnceLock::new() }))
    }

    fn resolved(&self) -> Result<&Resolved> {
        let resolved = self
            .0
            .resolved
            .get_or_init(|| resolve::resolve(&self.0.given).map_err(|error| (error.kind(), error.to_string())));
        // Errors are not cloneable; this one has no cause beyond its text.
        resolved.as_ref().map_err(|(kind, message)| Error::new(*kind, message.clone()))
    }

    fn http_settings(&self) -> Result<HttpSettings> {
        let config = self.config()?;
        let mut settings = self.0.given.http_settings.clone();
        settings.connect_timeout = config.timeouts.connect;
        settings.read_timeout = config.timeouts.read;
        settings.ca_bundle.clone_from(&config.ca_bundle);
        Ok(settings)
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
