//! What code gives a session: who it is and what it is made of; `setters` has the plain settings. Knows no environment and
//! no file: see `resolve`.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::Session;
use super::settings::SETTINGS;
use crate::Result;
use crate::auth::Clock;
use crate::config::{Config, Environment};
use crate::credentials::ProvideCredentials;
use crate::http::{HttpClient, HttpSettings};
use crate::retry::{Random, Sleep};
use crate::sources::{MfaPrompt, RoleCache};

/// Collects what code says about a [`Session`]: it goes before environment, profile and defaults.
///
/// Made by [`Session::builder`], or by [`Session::to_builder`] to derive a session from another.
#[derive(Clone)]
#[must_use]
pub struct SessionBuilder {
    /// Holds the values of the settings named in `given`, defaults for the others.
    pub(super) config: Config,
    pub(super) given: Vec<&'static str>,
    pub(super) profile: Option<String>,
    pub(super) environment: Environment,
    pub(super) config_file: Option<PathBuf>,
    pub(super) credentials_file: Option<PathBuf>,
    pub(super) credentials: Option<Arc<dyn ProvideCredentials>>,
    pub(super) mfa_prompt: Option<MfaPrompt>,
    pub(super) role_cache: Option<RoleCache>,
    pub(super) http_client: Option<Arc<dyn HttpClient>>,
    pub(super) http_settings: HttpSettings,
    pub(super) clock: Clock,
    pub(super) sleep: Sleep,
    pub(super) random: Random,
    pub(super) shared: Shared,
}

/// What derived sessions share, filled by the first that needs it.
#[derive(Clone, Default)]
pub(super) struct Shared {
    pub(super) credentials: Arc<OnceLock<Arc<dyn ProvideCredentials>>>,
    pub(super) http: Arc<OnceLock<(HttpSettings, Arc<dyn HttpClient>)>>,
}

impl SessionBuilder {
    pub(super) fn new() -> Self {
        Self {
            config: Config::default(),
            given: Vec::new(),
            profile: None,
            environment: Environment::process(),
            config_file: None,
            credentials_file: None,
            credentials: None,
            mfa_prompt: None,
            role_cache: None,
            http_client: None,
            http_settings: HttpSettings::default(),
            clock: Clock::system(),
            sleep: Sleep::system(),
            random: Random::system(),
            shared: Shared::default(),
        }
    }

    /// The profile to read settings and credentials from; credentials in environment variables are then not used. Else
    /// `AWS_DEFAULT_PROFILE`, `AWS_PROFILE` (in botocore's order), `default`.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self.other_identity()
    }

    /// The credentials: a set of keys, another provider, or [`Anonymous`](crate::credentials::Anonymous). A provider that
    /// has none at hand yet is put behind a [`Cache`](crate::credentials::Cache). Else the chain of
    /// [`Session::default_chain`].
    pub fn credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.credentials = Some(Arc::new(provider));
        self.other_identity()
    }

    /// Who is asked for the codes of multi-factor devices, when a profile's role wants one (`mfa_serial`). Without, such a
    /// role is an error: a library does not take over the terminal.
    pub fn mfa_prompt(mut self, prompt: MfaPrompt) -> Self {
        self.mfa_prompt = Some(prompt);
        self.other_identity()
    }

    /// Where the credentials of the profile's roles are kept between runs of programs, such as the AWS CLI's
    /// `~/.aws/cli/cache`. By default nowhere.
    pub fn role_cache(mut self, cache: RoleCache) -> Self {
        self.role_cache = Some(cache);
        self.other_identity()
    }

    /// The shared config file, which must exist. Else `AWS_CONFIG_FILE`, `~/.aws/config`.
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.config_file = Some(path.into());
        self.other_identity()
    }

    /// The shared credentials file, which must exist. Else `AWS_SHARED_CREDENTIALS_FILE`, `~/.aws/credentials`.
    pub fn credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.credentials_file = Some(path.into());
        self.other_identity()
    }

    /// Another clock for signatures, for tests.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Another way to wait between attempts and polls, for tests.
    pub fn sleep(mut self, sleep: Sleep) -> Self {
        self.sleep = sleep;
        self
    }

    /// Another source of jitter and ids, for tests.
    pub fn random(mut self, random: Random) -> Self {
        self.random = random;
        self
    }

    /// Another environment than that of the process, for tests.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self.other_identity()
    }

    /// The session, with all its settings resolved. Reads the two profile files if they exist; opens no connection and asks
    /// no source of credentials that would have to be waited for.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) or [`ErrorKind::Credentials`](crate::ErrorKind::Credentials), telling
    /// of every setting that is wrong: a malformed profile file (with its line), a profile that does not exist (with those
    /// that do), half a pair of keys, a malformed endpoint URL, region, number or choice.
    pub fn build(self) -> Result<Session> {
        let session = self.build_lazy();
        session.config()?;
        Ok(session)
    }

    /// The session without reading anything yet: whatever is wrong shows at the first call.
    pub fn build_lazy(self) -> Session {
        Session::from_builder(self)
    }

    /// Marks a setting as given in code, to be written by the caller.
    pub(super) fn set(&mut self, name: &'static str) -> &mut Config {
        debug_assert!(SETTINGS.iter().any(|it| it.name == name), "{name} is not in the table");
        if !self.given.contains(&name) {
            self.given.push(name);
        }
        &mut self.config
    }

    /// What credentials depend on has changed: those of the session this one derives from are not its own.
    pub(super) fn other_identity(mut self) -> Self {
        self.shared.credentials = Arc::default();
        self
    }
}
