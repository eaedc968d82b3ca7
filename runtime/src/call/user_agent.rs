//! The user agent, in the form that AWS's SDKs share (`ua/2.1`): who calls, from what machine, and which features of the SDK
//! take part. A text is made once for each set of features that occurs. Knows no request.

use std::sync::{Mutex, OnceLock, PoisonError};

use super::core::{Core, Service};
use crate::checksum::Algorithm;
use crate::config::{AccountIdEndpointMode, ChecksumMode, Config, Environment, RetryMode};
use crate::credentials::Credentials;
use crate::error::Result;
use crate::http::HeaderValue;

/// Declares the features, by the codes that AWS gave them (those of botocore's `useragent.py`). Those of resources, of kinds
/// of profiles and of account ids that were found are not told.
macro_rules! features {
    ($($name:ident = $code:literal,)+) => {
        /// A feature of the SDK that takes part in a call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Feature { $($name,)+ }

        /// All features with their codes, in the order in which they are told.
        const FEATURES: &[(Feature, &str)] = &[$((Feature::$name, $code),)+];
    };
}

features! {
    Waiter = "B",
    Paginator = "C",
    RetryLegacy = "D",
    RetryStandard = "E",
    RetryAdaptive = "F",
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

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has(self, feature: Feature) -> bool {
        self.0 & (1 << feature as u64) != 0
    }

    /// ` m/B,E`, or nothing. At most 150 bytes, where 1,024 are allowed.
    fn push(self, out: &mut String) {
        let mut before = " m/";
        for (feature, code) in FEATURES {
            if self.has(*feature) {
                out.push_str(before);
                out.push_str(code);
                before = ",";
            }
        }
    }
}

impl Feature {
    /// The checksum that a request carries.
    pub(crate) fn of_checksum(algorithm: Algorithm) -> Self {
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

    /// Where the credentials come from, by the name of their source.
    pub(crate) fn of_credentials(credentials: &Credentials) -> Option<Self> {
        Some(match credentials.provider() {
            "explicit" => Self::CredentialsCode,
            "env" => Self::CredentialsEnvironment,
            "assume-role" => Self::CredentialsAssumeRole,
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

/// The user agents of one client.
#[derive(Debug, Default)]
pub(crate) struct UserAgent {
    parts: OnceLock<Parts>,
    made: Mutex<Vec<(Features, HeaderValue)>>,
}

/// What stays the same for all calls of a client.
#[derive(Debug, PartialEq)]
struct Parts {
    before: String,
    features: Features,
    after: String,
}

/// So many sets of features are kept; a client that meets more makes texts anew.
const MOST_SETS: usize = 64;

/// The user agent of a call in which these features take part, beside those of its client.
pub(crate) fn of_call(core: &Core, features: Features) -> Result<HeaderValue> {
    let UserAgent { parts, made } = &core.user_agent;
    let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, value)) = made.iter().find(|(known, _)| *known == features) {
        return Ok(value.clone());
    }
    let parts = match parts.get() {
        Some(parts) => parts,
        None => {
            let takes_account = takes_account(core);
            let config = core.config()?;
            let made = Parts::of(Machine::here(), core.provider.environment(), config, core.service, takes_account);
            parts.get_or_init(|| made)
        }
    };
    let value = parts.value(features);
    if made.len() >= MOST_SETS {
        made.clear();
    }
    made.push((features, value.clone()));
    Ok(value)
}

/// The user agent of requests to metadata servers, which belong to no client.
pub(crate) fn of_metadata(environment: &Environment) -> HeaderValue {
    let mut text = Machine::here().text();
    push_environment(&mut text, Some(environment));
    header(&text)
}

/// Whether the rules of the service ask for the mode in which account ids go into host names.
fn takes_account(core: &Core) -> bool {
    let rules = core.service.rules.get();
    rules.is_ok_and(|it| it.parameters().iter().any(|it| it.built_in == Some("AWS::Auth::AccountIdEndpointMode")))
}

impl Parts {
    fn of(
        machine: &Machine,
        environment: Option<&Environment>,
        config: &Config,
        service: &Service,
        takes_account: bool,
    ) -> Self {
        let mut before = machine.text();
        let id = service.id.replace(' ', "_").to_lowercase();
        push(&mut before, "api", &id, service.api_version);
        push_environment(&mut before, environment);

        let mut after = String::new();
        push(&mut after, "cfg", "retry-mode", config.retry.mode.as_str());
        if let Some(app) = config.app_id.as_deref().filter(|it| !it.is_empty()) {
            after.push_str(" app/");
            push_clean(&mut after, app, true);
        }
        if let Some(extra) = config.user_agent_extra.as_deref().filter(|it| !it.is_empty()) {
            after.push(' ');
            after.push_str(extra);
        }
        Self { before, features: features_of(config, service, takes_account), after }
    }

    fn value(&self, features: Features) -> HeaderValue {
        let mut text = self.before.clone();
        self.features.and(features).push(&mut text);
        text.push_str(&self.after);
        header(&text)
    }
}

/// The features that the settings choose for every call.
fn features_of(config: &Config, service: &Service, takes_account: bool) -> Features {
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
        .with(takes_account.then_some(account_ids))
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

/// What a program runs on.
#[derive(Debug)]
struct Machine {
    os: &'static str,
    os_version: Option<String>,
    arch: &'static str,
    rust: Option<&'static str>,
}

/// Names that AWS knows; others are told beside `other`.
const SYSTEMS: [&str; 7] = ["windows", "linux", "macos", "android", "ios", "watchos", "tvos"];

impl Machine {
    /// This machine. Asked for once in a program.
    fn here() -> &'static Self {
        static HERE: OnceLock<Machine> = OnceLock::new();
        HERE.get_or_init(|| Self {
            os: std::env::consts::OS,
            // Elsewhere the version is not to be had without a library.
            os_version: std::fs::read_to_string("/proc/sys/kernel/osrelease")
                .ok()
                .filter(|_| cfg!(target_os = "linux")),
            arch: std::env::consts::ARCH,
            rust: option_env!("COMPILER_VERSION"),
        })
    }

    /// The part of a user agent that is the same for all clients.
    fn text(&self) -> String {
        let mut out = format!("aws-core-rust/{} ua/2.1", env!("CARGO_PKG_VERSION"));
        let version = self.os_version.as_deref().map(str::trim).unwrap_or_default();
        if SYSTEMS.contains(&self.os) {
            push(&mut out, "os", self.os, version);
        } else {
            push(&mut out, "os", "other", "");
            push(&mut out, "md", self.os, version);
        }
        push(&mut out, "md", "arch", self.arch);
        push(&mut out, "lang", "rust", self.rust.unwrap_or_default());
        out
    }
}

fn push_environment(out: &mut String, environment: Option<&Environment>) {
    if let Some(name) = environment.and_then(|it| it.get("AWS_EXECUTION_ENV")) {
        push(out, "exec-env", &name, "");
    }
}

/// ` prefix/name#value`, or ` prefix/name` if the value is empty.
fn push(out: &mut String, prefix: &str, name: &str, value: &str) {
    out.push(' ');
    out.push_str(prefix);
    out.push('/');
    push_clean(out, name, false);
    if !value.is_empty() {
        out.push('#');
        push_clean(out, value, true);
    }
}

/// The text with a dash for every character that has no place in a component: botocore's rule.
fn push_clean(out: &mut String, text: &str, takes_hash: bool) {
    let is_fine = |it: char| it.is_ascii_alphanumeric() || "!$%&'*+-.^_`|~,".contains(it) || (takes_hash && it == '#');
    out.extend(text.chars().map(|it| if is_fine(it) { it } else { '-' }));
}

/// The text as a header. What code adds to it is not sanitised by component, as in botocore; what a header cannot hold
/// becomes a dash.
fn header(text: &str) -> HeaderValue {
    let clean: String = text.chars().map(|it| if it.is_ascii_graphic() || it == ' ' { it } else { '-' }).collect();
    HeaderValue::try_from(clean).unwrap_or(HeaderValue::from_static("aws-core-rust"))
}

#[cfg(test)]
#[path = "user_agent_tests.rs"]
mod tests;
