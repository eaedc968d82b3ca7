//! How a session is made: the default one, and the builder with identity, files and test doubles; `setters` has the plain
//! settings. Reads no environment and no file: see `resolve`.
//!
//! rustdoc shows the methods of a type in the order of modules: those that make a session are in the first.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::Session;
use super::settings::SETTINGS;
use crate::auth::Clock;
use crate::config::{Config, Environment};
use crate::credential_providers::{MfaPrompt, RoleCache};
use crate::credentials::{ProvideCredentials, ProvideToken};
use crate::hooks::Hook;
use crate::http::{HttpClient, HttpConfig};
use crate::retry::{Random, Sleep};
use crate::{Error, ErrorKind, Result};

static DEFAULT: OnceLock<Session> = OnceLock::new();

impl Session {
    /// Starts a session builder without any explicit setting.
    pub fn builder() -> SessionBuilder {
        SessionBuilder::new()
    }

    /// Returns the default session of the process: the one of [`set_default`](Self::set_default), else one without
    /// explicit settings, which takes everything from the environment and the profile files. Invalid settings are
    /// reported by the first call that uses it.
    #[allow(clippy::should_implement_trait, reason = "it does; here the page of the session begins with it")]
    pub fn default() -> Self {
        DEFAULT.get_or_init(|| Self::builder().build_lazy()).clone()
    }

    /// Makes `session` the process-wide default session.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if a default session was already set or used: clients created from it would disagree
    /// with later ones.
    pub fn set_default(session: Self) -> Result<()> {
        DEFAULT.set(session).map_err(|_| {
            let message =
                "the process already has a default session: set it once, before the first use of Session::default()";
            Error::new(ErrorKind::Config, message)
        })
    }
}

impl Default for Session {
    /// The default session of the process, as [`Session::default`](Session::default()).
    fn default() -> Self {
        Self::default()
    }
}

/// Collects the explicit settings of a [`Session`], which override environment, profile and defaults.
///
/// Created by [`Session::builder`], or by [`Session::to_builder`] to derive a session from another.
#[derive(Clone)]
#[must_use]
pub struct SessionBuilder {
    /// The values of the settings named in `explicit_settings`, and defaults for the others.
    pub(super) config: Config,
    /// The names of the settings that were set in code.
    pub(super) explicit_settings: Vec<&'static str>,
    pub(super) profile: Option<String>,
    pub(super) environment: Environment,
    pub(super) config_file: Option<PathBuf>,
    pub(super) credentials_file: Option<PathBuf>,
    pub(super) credentials: Option<Arc<dyn ProvideCredentials>>,
    pub(super) token_provider: Option<Arc<dyn ProvideToken>>,
    pub(super) mfa_prompt: Option<MfaPrompt>,
    pub(super) role_cache: Option<RoleCache>,
    pub(super) http_client: Option<Arc<dyn HttpClient>>,
    pub(super) http_config: HttpConfig,
    pub(super) clock: Clock,
    pub(super) sleep: Sleep,
    pub(super) random: Random,
    pub(super) hooks: Vec<Arc<dyn Hook>>,
    pub(super) shared: Shared,
}

/// What derived sessions share, filled by the first session that needs it.
#[derive(Clone, Default)]
pub(super) struct Shared {
    pub(super) credentials: Arc<OnceLock<Arc<dyn ProvideCredentials>>>,
    pub(super) http: Arc<OnceLock<(HttpConfig, Arc<dyn HttpClient>)>>,
}

impl SessionBuilder {
    pub(super) fn new() -> Self {
        Self {
            config: Config::default(),
            explicit_settings: Vec::new(),
            profile: None,
            environment: Environment::process(),
            config_file: None,
            credentials_file: None,
            credentials: None,
            token_provider: None,
            mfa_prompt: None,
            role_cache: None,
            http_client: None,
            http_config: HttpConfig::default(),
            clock: Clock::system(),
            sleep: Sleep::system(),
            random: Random::system(),
            hooks: Vec::new(),
            shared: Shared::default(),
        }
    }

    /// Sets the profile to read settings and credentials from; credentials in environment variables are then not
    /// used. If not set here: environment variable `AWS_DEFAULT_PROFILE`, then `AWS_PROFILE` (botocore's order), then
    /// `default`.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self.unshare_credentials()
    }

    /// Sets the credentials: a set of keys, another provider, or [`Anonymous`](crate::credentials::Anonymous). A
    /// provider that has no credentials in memory is wrapped in a
    /// [`CredentialsCache`](crate::credentials::CredentialsCache). If not set here: the chain of
    /// [`Session::default_chain`].
    pub fn credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.credentials = Some(Arc::new(provider));
        self.unshare_credentials()
    }

    /// Sets the bearer token of the services that accept one: a [`Token`](crate::credentials::Token), or another provider. A
    /// provider that has no token in memory is wrapped in a [`TokenCache`](crate::credentials::TokenCache). An operation that
    /// accepts both a token and a signature is sent with the token, unless
    /// [`auth_scheme_preference`](Self::auth_scheme_preference) is set in code. If not set here: environment variable
    /// `AWS_BEARER_TOKEN_<SERVICE>`, then the `sso_session` of the profile.
    ///
    /// ```
    /// use aws_core::Session;
    /// use aws_core::credentials::Token;
    ///
    /// let session = Session::builder().token_provider(Token::new("my Bedrock API key"));
    /// ```
    pub fn token_provider(mut self, provider: impl ProvideToken + 'static) -> Self {
        self.token_provider = Some(Arc::new(provider));
        self
    }

    /// Sets the prompt for the codes of MFA devices, for roles whose profile has an `mfa_serial`. Default: none, and
    /// such a role is then an error, because a library does not read from the terminal.
    pub fn mfa_prompt(mut self, prompt: MfaPrompt) -> Self {
        self.mfa_prompt = Some(prompt);
        self.unshare_credentials()
    }

    /// Sets where the credentials of the profile's roles are stored between runs of programs, such as the AWS CLI's
    /// `~/.aws/cli/cache`. Default: they are not stored.
    pub fn role_cache(mut self, cache: RoleCache) -> Self {
        self.role_cache = Some(cache);
        self.unshare_credentials()
    }

    /// Sets the shared config file, which must exist. If not set here: environment variable `AWS_CONFIG_FILE`, then
    /// `~/.aws/config`.
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.config_file = Some(path.into());
        self.unshare_credentials()
    }

    /// Sets the shared credentials file, which must exist. If not set here: environment variable
    /// `AWS_SHARED_CREDENTIALS_FILE`, then `~/.aws/credentials`.
    pub fn credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.credentials_file = Some(path.into());
        self.unshare_credentials()
    }

    /// Adds a hook of all calls of this session, after those that were added before. Sessions that are derived from it
    /// have it, too; the calls of credentials providers have none. See [`hooks`](crate::hooks).
    pub fn hook(mut self, hook: impl Hook) -> Self {
        self.hooks.push(Arc::new(hook));
        self
    }

    /// Replaces the clock that signatures and expiring credentials use, for tests.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Replaces the wait between attempts and polls, for tests.
    pub fn sleep(mut self, sleep: Sleep) -> Self {
        self.sleep = sleep;
        self
    }

    /// Replaces the source of jitter and ids, for tests.
    pub fn random(mut self, random: Random) -> Self {
        self.random = random;
        self
    }

    /// Replaces the environment of the process, for tests.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self.unshare_credentials()
    }

    /// Builds the session and resolves all its settings. Reads the two profile files if they exist. Opens no
    /// connection and awaits no credentials provider.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) or [`ErrorKind::Credentials`](crate::ErrorKind::Credentials),
    /// reporting every invalid setting: a malformed profile file (with its line), a profile that does not exist (with
    /// those that do), an access key id without its secret key (or the reverse), a malformed endpoint URL, region,
    /// number or choice.
    pub fn build(self) -> Result<Session> {
        let session = self.build_lazy();
        session.config()?;
        Ok(session)
    }

    /// Builds the session without reading anything yet: any error is returned by the first call.
    pub fn build_lazy(self) -> Session {
        Session::from_builder(self)
    }

    /// Marks a setting as explicit and returns the config, for the caller to write the value.
    pub(super) fn set(&mut self, name: &'static str) -> &mut Config {
        debug_assert!(SETTINGS.iter().any(|it| it.name == name), "{name} is not in the table");
        if !self.explicit_settings.contains(&name) {
            self.explicit_settings.push(name);
        }
        &mut self.config
    }

    /// Stops sharing credentials with the session this one derives from: a setting that they depend on has changed.
    pub(super) fn unshare_credentials(mut self) -> Self {
        self.shared.credentials = Arc::default();
        self
    }
}
