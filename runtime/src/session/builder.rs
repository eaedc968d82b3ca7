//! What code gives a session. Knows no environment and no file: see `resolve`.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::Session;
use super::settings::SETTINGS;
use crate::Result;
use crate::auth::Clock;
use crate::config::{
    AccountIdEndpointMode, ChecksumMode, Config, Environment, MetadataSettings, RetryConfig, RetryMode, S3Settings,
    TimeoutConfig,
};
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

    /// The region calls go to. Else `AWS_REGION`, `AWS_DEFAULT_REGION`, `region` of the profile.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.set("region").region = Some(region.into());
        self
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

    /// The URL of every service called with the session, such as `http://localhost:9000`. Else `AWS_ENDPOINT_URL_<SERVICE>`,
    /// `AWS_ENDPOINT_URL`, the services section the profile names, `endpoint_url` of the profile.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.config.endpoint_urls.code = Some(url.into());
        self
    }

    /// Whether endpoint URLs of environment and profile are ignored. Else `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`,
    /// `ignore_configured_endpoint_urls` of the profile, `false`.
    pub fn ignore_configured_endpoint_urls(mut self, ignore: bool) -> Self {
        self.set("ignore_configured_endpoint_urls").endpoint_urls.ignore_configured = ignore;
        self
    }

    /// How failed attempts are repeated: mode and, if it is set, number of attempts.
    pub fn retry(self, retry: RetryConfig) -> Self {
        let builder = self.retry_mode(retry.mode);
        match retry.max_attempts {
            Some(attempts) => builder.max_attempts(attempts),
            None => builder,
        }
    }

    /// How failed attempts are repeated. Else `AWS_RETRY_MODE`, `retry_mode` of the profile, standard.
    pub fn retry_mode(mut self, mode: RetryMode) -> Self {
        self.set("retry_mode").retry.mode = mode;
        self
    }

    /// The number of attempts in all, the first one included: 1 repeats nothing. Else `AWS_MAX_ATTEMPTS`, `max_attempts` of
    /// the profile, what mode and service say.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.set("max_attempts").retry.max_attempts = Some(attempts);
        self
    }

    /// The time limits.
    pub fn timeouts(mut self, timeouts: TimeoutConfig) -> Self {
        self.config.timeouts = timeouts;
        self
    }

    /// Another HTTP stack; it sees to connections, TLS, proxies and their time limits by itself.
    pub fn http_client(mut self, client: impl HttpClient + 'static) -> Self {
        self.http_client = Some(Arc::new(client));
        self
    }

    /// The settings of the HTTP client: pool, proxy, certificates. Its time limits replace those of
    /// [`timeouts`](Self::timeouts), and its CA bundle, if set, that of [`ca_bundle`](Self::ca_bundle).
    pub fn http_settings(mut self, settings: HttpSettings) -> Self {
        self.config.timeouts.connect = settings.connect_timeout;
        self.config.timeouts.read = settings.read_timeout;
        if let Some(path) = settings.ca_bundle.clone() {
            self = self.ca_bundle(path);
        }
        self.http_settings = settings;
        self
    }

    /// A PEM file of certificate authorities to trust instead of the system's. Else `AWS_CA_BUNDLE`, `ca_bundle` of the profile.
    pub fn ca_bundle(mut self, path: impl Into<PathBuf>) -> Self {
        self.set("ca_bundle").ca_bundle = Some(path.into());
        self
    }

    /// Whether FIPS endpoints are used. Else `AWS_USE_FIPS_ENDPOINT`, `use_fips_endpoint` of the profile, `false`.
    pub fn use_fips(mut self, use_fips: bool) -> Self {
        self.set("use_fips").use_fips = Some(use_fips);
        self
    }

    /// Whether dual-stack endpoints are used. Else `AWS_USE_DUALSTACK_ENDPOINT`, `use_dualstack_endpoint` of the profile, `false`.
    pub fn use_dual_stack(mut self, use_dual_stack: bool) -> Self {
        self.set("use_dual_stack").use_dual_stack = Some(use_dual_stack);
        self
    }

    /// When requests carry a checksum. Else `AWS_REQUEST_CHECKSUM_CALCULATION`, `request_checksum_calculation` of the
    /// profile, when supported.
    pub fn request_checksum_calculation(mut self, mode: ChecksumMode) -> Self {
        self.set("request_checksum_calculation").request_checksum_calculation = Some(mode);
        self
    }

    /// When checksums of answers are checked. Else `AWS_RESPONSE_CHECKSUM_VALIDATION`, `response_checksum_validation` of the
    /// profile, when supported.
    pub fn response_checksum_validation(mut self, mode: ChecksumMode) -> Self {
        self.set("response_checksum_validation").response_checksum_validation = Some(mode);
        self
    }

    /// Settings of S3; those that are `None` come from environment and profile.
    pub fn s3(mut self, settings: S3Settings) -> Self {
        macro_rules! take {
            ($($name:literal $field:ident,)*) => {
                $(if settings.$field.is_some() { self.set($name).s3.$field = settings.$field; })*
            };
        }
        take! {
            "s3.addressing_style" addressing_style,
            "s3.use_accelerate_endpoint" use_accelerate_endpoint,
            "s3.use_dualstack_endpoint" use_dualstack_endpoint,
            "s3.payload_signing_enabled" payload_signing_enabled,
            "s3.use_arn_region" use_arn_region,
            "s3.us_east_1_regional_endpoint" us_east_1_regional_endpoint,
            "s3.disable_multiregion_access_points" disable_multiregion_access_points,
            "s3.disable_express_session_auth" disable_express_session_auth,
        }
        self
    }

    /// How the instance metadata service of EC2 is asked, all of it. Else, each setting on its own, its variable and its key
    /// of the profile: `AWS_METADATA_SERVICE_TIMEOUT` (seconds), `AWS_METADATA_SERVICE_NUM_ATTEMPTS`,
    /// `AWS_EC2_METADATA_SERVICE_ENDPOINT`, `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`, `AWS_IMDS_USE_IPV6`,
    /// `AWS_EC2_METADATA_V1_DISABLED`; the keys are the same without `AWS_`, in lower case, and `imds_use_ipv6`.
    pub fn metadata(mut self, settings: MetadataSettings) -> Self {
        for name in [
            "metadata_service_timeout",
            "metadata_service_num_attempts",
            "ec2_metadata_service_endpoint",
            "ec2_metadata_service_endpoint_mode",
            "imds_use_ipv6",
            "ec2_metadata_v1_disabled",
        ] {
            self.set(name);
        }
        self.config.metadata = settings;
        self.other_identity()
    }

    /// A name of the application, at most 50 characters, for the user agent. Else `AWS_SDK_UA_APP_ID`, `sdk_ua_app_id` of the
    /// profile.
    pub fn app_id(mut self, app_id: impl Into<String>) -> Self {
        self.set("app_id").app_id = Some(app_id.into());
        self
    }

    /// Whether the account id goes into host names. Else `AWS_ACCOUNT_ID_ENDPOINT_MODE`, `account_id_endpoint_mode` of the
    /// profile, preferred.
    pub fn account_id_endpoint_mode(mut self, mode: AccountIdEndpointMode) -> Self {
        self.set("account_id_endpoint_mode").account_id_endpoint_mode = mode;
        self
    }

    /// Whether the prefix is left out that some operations put before the host. Else `AWS_DISABLE_HOST_PREFIX_INJECTION`,
    /// `disable_host_prefix_injection` of the profile, `false`.
    pub fn disable_host_prefix_injection(mut self, disable: bool) -> Self {
        self.set("disable_host_prefix_injection").disable_host_prefix_injection = disable;
        self
    }

    /// Whether inputs are checked before sending. Else `parameter_validation` of the profile, `true`.
    pub fn parameter_validation(mut self, validate: bool) -> Self {
        self.set("parameter_validation").parameter_validation = validate;
        self
    }

    /// Whether bodies stay uncompressed. Else `AWS_DISABLE_REQUEST_COMPRESSION`, `disable_request_compression` of the profile,
    /// `false`.
    pub fn disable_request_compression(mut self, disable: bool) -> Self {
        self.set("disable_request_compression").disable_request_compression = disable;
        self
    }

    /// The size from which bodies are compressed, 1 to 1,048,576 bytes. Else `AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES`,
    /// `request_min_compression_size_bytes` of the profile, 10,240.
    pub fn request_min_compression_size_bytes(mut self, bytes: u32) -> Self {
        let config = self.set("request_min_compression_size_bytes");
        config.request_min_compression_size_bytes = bytes;
        self
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
    fn set(&mut self, name: &'static str) -> &mut Config {
        debug_assert!(SETTINGS.iter().any(|it| it.name == name), "{name} is not in the table");
        if !self.given.contains(&name) {
            self.given.push(name);
        }
        &mut self.config
    }

    /// What credentials depend on has changed: those of the session this one derives from are not its own.
    fn other_identity(mut self) -> Self {
        self.shared.credentials = Arc::default();
        self
    }
}
