//! The user agent, in the form that AWS's SDKs share (`ua/2.1`): the SDK, the machine, and the features of the SDK that
//! take part in a call. The string is built once for each set of features that occurs. Knows no request.

use std::sync::{Mutex, OnceLock};

use super::service::Service;
use crate::auth::Identity;
use crate::checksum::Algorithm;
use crate::config::{AccountIdEndpointMode, ChecksumMode, Config, EndpointDiscovery, Environment, RetryMode};
use crate::credentials::Credentials;
use crate::error::Result;
use crate::http::HeaderValue;
use crate::sync::lock;

/// Declares the features with the codes that AWS assigned (those of botocore's `useragent.py`). Resources, kinds of
/// profiles and resolved account IDs are not reported.
macro_rules! features {
    ($($name:ident = $code:literal,)+) => {
        /// A feature of the SDK that takes part in a call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Feature { $($name,)+ }

        /// All features with their codes, in the order in which they are reported.
        const FEATURES: &[(Feature, &str)] = &[$((Feature::$name, $code),)+];
    };
}

features! {
    Waiter = "B",
    Paginator = "C",
    RetryLegacy = "D",
    RetryStandard = "E",
    RetryAdaptive = "F",
    S3Express = "J",
    Gzip = "L",
    Cbor = "M",
    EndpointOverride = "N",
    AccountIdPreferred = "P",
    AccountIdDisabled = "Q",
    AccountIdRequired = "R",
    RequestCrc32 = "U",
    RequestCrc32c = "V",
    RequestCrc64 = "W",
    RequestSha1 = "X",
    RequestSha256 = "Y",
    RequestWhenSupported = "Z",
    RequestWhenRequired = "a",
    ResponseWhenSupported = "b",
    ResponseWhenRequired = "c",
    CredentialsCode = "e",
    CredentialsEnvironment = "g",
    CredentialsAssumeRole = "i",
    CredentialsSaml = "j",
    CredentialsWebIdentity = "k",
    CredentialsProfile = "n",
    CredentialsSso = "s",
    CredentialsProcess = "w",
    CredentialsBoto2 = "x",
    CredentialsHttp = "z",
    CredentialsImds = "0",
    BearerEnvironment = "3",
    CredentialsLogin = "AD",
    RequestMd5 = "AE",
    RequestSha512 = "AF",
    RequestXxHash3 = "AG",
    RequestXxHash64 = "AH",
    RequestXxHash128 = "AI",
    RegionRedirect = "Ah",
}

/// A set of features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Features(u64);

impl Features {
    pub(crate) fn add(&mut self, feature: Feature) {
        self.0 |= 1 << feature as u64;
    }

    pub(crate) fn with(mut self, feature: impl Into<Option<Feature>>) -> Self {
        if let Some(feature) = feature.into() {
            self.add(feature);
        }
        self
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The features for what a request is signed with.
    pub(crate) fn from_identity(identity: &Identity) -> Self {
        Self::default().with(match identity {
            Identity::Credentials(credentials) => Feature::from_credentials(credentials),
            Identity::Token(token) => (token.provider() == "env").then_some(Feature::BearerEnvironment),
        })
    }

    fn contains(self, feature: Feature) -> bool {
        self.0 & (1 << feature as u64) != 0
    }

    /// Appends ` m/B,E`, or nothing. At most 150 bytes; botocore's limit is 1,024 (`UserAgentComponentSizeConfig`).
    fn push(self, out: &mut String) {
        let mut separator = " m/";
        for (feature, code) in FEATURES {
            if self.contains(*feature) {
                out.push_str(separator);
                out.push_str(code);
                separator = ",";
            }
        }
    }
}

impl Feature {
    /// The feature for the checksum that a request carries.
    pub(crate) fn from_checksum(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Crc32 => Self::RequestCrc32,
            Algorithm::Crc32c => Self::RequestCrc32c,
            Algorithm::Crc64Nvme => Self::RequestCrc64,
            Algorithm::Md5 => Self::RequestMd5,
            Algorithm::Sha1 => Self::RequestSha1,
            Algorithm::Sha256 => Self::RequestSha256,
            Algorithm::Sha512 => Self::RequestSha512,
            Algorithm::XxHash64 => Self::RequestXxHash64,
            Algorithm::XxHash3 => Self::RequestXxHash3,
            Algorithm::XxHash128 => Self::RequestXxHash128,
        }
    }

    /// The feature for the credentials provider, by its name.
    pub(crate) fn from_credentials(credentials: &Credentials) -> Option<Self> {
        Some(match credentials.provider() {
            "explicit" => Self::CredentialsCode,
            "env" => Self::CredentialsEnvironment,
            "assume-role" => Self::CredentialsAssumeRole,
            "assume-role-with-saml" => Self::CredentialsSaml,
            "assume-role-with-web-identity" => Self::CredentialsWebIdentity,
            "shared-credentials-file" | "config-file" => Self::CredentialsProfile,
            "sso" => Self::CredentialsSso,
            "login" => Self::CredentialsLogin,
            "custom-process" => Self::CredentialsProcess,
            "boto-config" => Self::CredentialsBoto2,
            "container-role" => Self::CredentialsHttp,
            "iam-role" => Self::CredentialsImds,
            _ => return None,
        })
    }
}

/// The user agents of one client, by the features of the call.
#[derive(Debug, Default)]
pub(crate) struct UserAgentCache {
    parts: OnceLock<ClientParts>,
    values: Mutex<Vec<(Features, HeaderValue)>>,
}

/// The parts that are the same for all calls of a client: before the features, the client's own features, after them.
#[derive(Debug, PartialEq)]
struct ClientParts {
    prefix: String,
    features: Features,
    suffix: String,
}

/// How many sets of features are cached; when a client has more, the cache is emptied. Our choice: far more than occur.
const MAX_CACHED: usize = 64;

impl UserAgentCache {
    /// The user agent of a call with these features and those of its client.
    pub(crate) fn header_value<'a>(
        &self,
        features: Features,
        service: &Service,
        environment: Option<&Environment>,
        config: impl FnOnce() -> Result<&'a Config>,
    ) -> Result<HeaderValue> {
        let mut values = lock(&self.values);
        if let Some((_, value)) = values.iter().find(|it| it.0 == features) {
            return Ok(value.clone());
        }
        let parts = match self.parts.get() {
            Some(parts) => parts,
            None => {
                let uses_account_id = uses_account_id(service);
                let new = ClientParts::new(Machine::current(), environment, config()?, service, uses_account_id);
                self.parts.get_or_init(|| new)
            }
        };
        let value = parts.header_value(features);
        if values.len() >= MAX_CACHED {
            values.clear();
        }
        values.push((features, value.clone()));
        Ok(value)
    }
}

/// The user agent of requests to metadata servers, which belong to no client.
pub(crate) fn for_metadata_server(environment: &Environment) -> HeaderValue {
    let mut out = Machine::current().prefix();
    push_environment(&mut out, Some(environment));
    header_value(&out)
}

/// Whether the endpoint rule set of the service has the parameter for the account ID mode.
fn uses_account_id(service: &Service) -> bool {
    let Ok(rules) = service.rules.get() else { return false };
    rules.parameters().iter().any(|it| it.built_in == Some("AWS::Auth::AccountIdEndpointMode"))
}

impl ClientParts {
    fn new(
        machine: &Machine,
        environment: Option<&Environment>,
        config: &Config,
        service: &Service,
        uses_account_id: bool,
    ) -> Self {
        let mut prefix = machine.prefix();
        let id = service.id.replace(' ', "_").to_lowercase();
        push(&mut prefix, "api", &id, service.api_version);
        push_environment(&mut prefix, environment);

        let mut suffix = String::new();
        push(&mut suffix, "cfg", "retry-mode", config.retry.mode.as_str());
        if config.endpoint_discovery_enabled == EndpointDiscovery::Enabled {
            push(&mut suffix, "cfg", "endpoint-discovery", "");
        }
        if let Some(app) = config.app_id.as_deref().filter(|it| !it.is_empty()) {
            suffix.push_str(" app/");
            push_sanitized(&mut suffix, app, true);
        }
        if let Some(extra) = config.user_agent_extra.as_deref().filter(|it| !it.is_empty()) {
            suffix.push(' ');
            suffix.push_str(extra);
        }
        Self { prefix, features: config_features(config, service, uses_account_id), suffix }
    }

    fn header_value(&self, features: Features) -> HeaderValue {
        let mut out = self.prefix.clone();
        self.features.union(features).push(&mut out);
        out.push_str(&self.suffix);
        header_value(&out)
    }
}

/// The features that the settings imply for every call.
fn config_features(config: &Config, service: &Service, uses_account_id: bool) -> Features {
    let is_override = config.endpoint_url(service.id).is_ok_and(|it| it.is_some());
    let account_ids = match config.account_id_endpoint_mode {
        AccountIdEndpointMode::Preferred => Feature::AccountIdPreferred,
        AccountIdEndpointMode::Disabled => Feature::AccountIdDisabled,
        AccountIdEndpointMode::Required => Feature::AccountIdRequired,
    };
    Features::default()
        .with(match config.retry.mode {
            RetryMode::Legacy => Feature::RetryLegacy,
            RetryMode::Standard => Feature::RetryStandard,
            RetryMode::Adaptive => Feature::RetryAdaptive,
        })
        .with(is_override.then_some(Feature::EndpointOverride))
        .with(uses_account_id.then_some(account_ids))
        .with(match config.request_checksum_calculation {
            None if is_override => Feature::RequestWhenRequired,
            None | Some(ChecksumMode::WhenSupported) => Feature::RequestWhenSupported,
            Some(ChecksumMode::WhenRequired) => Feature::RequestWhenRequired,
        })
        .with(match config.response_checksum_validation {
            None | Some(ChecksumMode::WhenSupported) => Feature::ResponseWhenSupported,
            Some(ChecksumMode::WhenRequired) => Feature::ResponseWhenRequired,
        })
}

/// The machine and compiler of a program.
#[derive(Debug)]
struct Machine {
    os: &'static str,
    os_version: Option<String>,
    arch: &'static str,
    rust_version: Option<&'static str>,
}

/// The operating systems that AWS has names for; others are reported as `other`, with their name as metadata.
const SYSTEMS: [&str; 7] = ["windows", "linux", "macos", "android", "ios", "watchos", "tvos"];

impl Machine {
    /// This machine. Detected once in a program.
    fn current() -> &'static Self {
        static CURRENT: OnceLock<Machine> = OnceLock::new();
        CURRENT.get_or_init(|| Self {
            os: std::env::consts::OS,
            // Other systems report their version only through a library.
            os_version: std::fs::read_to_string("/proc/sys/kernel/osrelease")
                .ok()
                .filter(|_| cfg!(target_os = "linux")),
            arch: std::env::consts::ARCH,
            rust_version: option_env!("COMPILER_VERSION"),
        })
    }

    /// The first part of a user agent, which is the same for all clients.
    fn prefix(&self) -> String {
        let mut out = format!("aws-core-rust/{} ua/2.1", env!("CARGO_PKG_VERSION"));
        let version = self.os_version.as_deref().map(str::trim).unwrap_or_default();
        if SYSTEMS.contains(&self.os) {
            push(&mut out, "os", self.os, version);
        } else {
            push(&mut out, "os", "other", "");
            push(&mut out, "md", self.os, version);
        }
        push(&mut out, "md", "arch", self.arch);
        push(&mut out, "lang", "rust", self.rust_version.unwrap_or_default());
        out
    }
}

fn push_environment(out: &mut String, environment: Option<&Environment>) {
    if let Some(name) = environment.and_then(|it| it.get("AWS_EXECUTION_ENV")) {
        push(out, "exec-env", &name, "");
    }
}

/// Appends ` prefix/name#value`, or ` prefix/name` if the value is empty.
fn push(out: &mut String, prefix: &str, name: &str, value: &str) {
    out.push(' ');
    out.push_str(prefix);
    out.push('/');
    push_sanitized(out, name, false);
    if !value.is_empty() {
        out.push('#');
        push_sanitized(out, value, true);
    }
}

/// Appends a component with a dash for every character that is not allowed in one: botocore's rule (`useragent.py`,
/// `sanitize_user_agent_string_component`).
fn push_sanitized(out: &mut String, component: &str, allow_hash: bool) {
    let is_allowed =
        |it: char| it.is_ascii_alphanumeric() || "!$%&'*+-.^_`|~,".contains(it) || (allow_hash && it == '#');
    out.extend(component.chars().map(|it| if is_allowed(it) { it } else { '-' }));
}

/// The user agent as a header value. As in botocore, `user_agent_extra` is not sanitized like a component; characters
/// that are invalid in a header value become a dash.
fn header_value(user_agent: &str) -> HeaderValue {
    let clean: String =
        user_agent.chars().map(|it| if it.is_ascii_graphic() || it == ' ' { it } else { '-' }).collect();
    HeaderValue::try_from(clean).unwrap_or(HeaderValue::from_static("aws-core-rust"))
}

#[cfg(test)]
#[path = "user_agent_tests.rs"]
mod tests;
