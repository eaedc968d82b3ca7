//! The choices and groups of settings a config is made of: retries, time limits, checksums, S3. Data without behaviour.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::endpoint_url::without_user;
use crate::{Error, ErrorKind};

/// Declares a setting that is one of a few words: an enum, its texts, and a reader that ignores case.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every value as it is written in a profile.
            pub const TEXTS: &[&str] = &[$($text),+];

            /// The value as it is written in a profile.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl FromStr for $name {
            type Err = Error;

            /// Reads a value, ignoring case.
            fn from_str(text: &str) -> Result<Self, Error> {
                $(if text.eq_ignore_ascii_case($text) { return Ok(Self::$variant); })+
                let texts = Self::TEXTS.join(", ");
                Err(Error::new(ErrorKind::Config, format!("{text:?} is none of {texts}")))
            }
        }
    };
}

choice! {
    /// How failed attempts are repeated.
    RetryMode {
        /// Exponential backoff with jitter and a quota per client; three attempts unless the service says otherwise.
        Standard = "standard",
        /// As standard, and the client slows down while the service throttles it.
        Adaptive = "adaptive",
        /// The behaviour of old SDKs: five attempts, no quota.
        Legacy = "legacy",
    }
}

choice! {
    /// When checksums are computed for requests or checked in answers.
    ChecksumMode {
        /// Wherever the operation supports one.
        WhenSupported = "when_supported",
        /// Only where the operation requires one or the caller asks for one.
        WhenRequired = "when_required",
    }
}

choice! {
    /// Where S3 puts the name of the bucket.
    AddressingStyle {
        /// In the host wherever the name allows it; in the path for a custom endpoint.
        Auto = "auto",
        /// In the path: `https://host/bucket/key`.
        Path = "path",
        /// In the host: `https://bucket.host/key`.
        Virtual = "virtual",
    }
}

choice! {
    /// A set of defaults for settings that nobody gives: how failed attempts are repeated, how long connecting may take, and
    /// whether STS and S3 are reached through their global or their regional host. A setting that is given anywhere goes
    /// before its mode. The values are those of botocore's `sdk-default-configuration.json`.
    DefaultsMode {
        /// The defaults given at each setting.
        Legacy = "legacy",
        /// For most programs: connect within 3.1 seconds.
        Standard = "standard",
        /// For programs in the region they call: connect within 1.1 seconds.
        InRegion = "in-region",
        /// For programs that call another region than their own: connect within 3.1 seconds.
        CrossRegion = "cross-region",
        /// For programs on phones: connect within 30 seconds.
        Mobile = "mobile",
        /// `in-region` if the program runs in the region of the session, `cross-region` if it runs in another, `standard` if it
        /// cannot tell. Where it runs say `AWS_REGION` or `AWS_DEFAULT_REGION` beside `AWS_EXECUTION_ENV`, else the instance
        /// metadata service, which is asked at the first call, within the limits of `metadata_service_timeout`.
        Auto = "auto",
    }
}

choice! {
    /// Whether a service is asked for the endpoint of its operations.
    EndpointDiscovery {
        /// Where the operation requires it.
        Auto = "auto",
        /// Wherever the operation knows of it.
        Enabled = "true",
        /// Never.
        Disabled = "false",
    }
}

choice! {
    /// Whether STS, or S3 in us-east-1, is reached through the global or the regional host.
    RegionalEndpoint {
        /// The global host.
        Legacy = "legacy",
        /// The host of the region.
        Regional = "regional",
    }
}

choice! {
    /// Whether the account id goes into the host name of services that offer it.
    AccountIdEndpointMode {
        /// If it is known.
        Preferred = "preferred",
        /// Never.
        Disabled = "disabled",
        /// Always: a call without a known account id fails.
        Required = "required",
    }
}

choice! {
    /// Which of its two addresses the instance metadata service of EC2 is asked at.
    ImdsEndpointMode {
        /// 169.254.169.254.
        Ipv4 = "ipv4",
        /// fd00:ec2::254.
        Ipv6 = "ipv6",
    }
}

/// How failed attempts are repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryConfig {
    /// The algorithm. Default: standard.
    pub mode: RetryMode,
    /// Attempts in all, the first one included; at least 1. Default: what mode and service say.
    pub max_attempts: Option<u32>,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self { mode: RetryMode::Standard, max_attempts: None }
    }
}

/// Time limits; `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeoutConfig {
    /// To look the name up, to connect and to shake hands. Default: 10 seconds.
    pub connect: Option<Duration>,
    /// How long the other side may be silent. Default: 60 seconds.
    pub read: Option<Duration>,
    /// For one attempt, from connecting to the last byte of a buffered answer. Default: none.
    pub attempt: Option<Duration>,
    /// For the whole call with all its attempts and pauses. Default: none.
    pub total: Option<Duration>,
}

impl Default for TimeoutConfig {
    fn default() -> Self {
        let (connect, read) = (Duration::from_secs(10), Duration::from_secs(60));
        Self { connect: Some(connect), read: Some(read), attempt: None, total: None }
    }
}

/// Settings of S3 alone; `None` leaves the choice to the service's rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct S3Settings {
    /// Where the bucket's name goes. Default: auto.
    pub addressing_style: Option<AddressingStyle>,
    /// Use the accelerate endpoint. Default: false.
    pub use_accelerate_endpoint: Option<bool>,
    /// Use the dual-stack endpoint; goes before the setting for all services. Default: as for other services.
    pub use_dualstack_endpoint: Option<bool>,
    /// Sign bodies, those of streams too, which are read once more for it; or none. Default: bodies in memory are signed, streams
    /// are not. A stream with a checksum behind it is never signed.
    pub payload_signing_enabled: Option<bool>,
    /// Call the region an ARN names instead of the session's. Default: true for S3, false for S3 Control.
    pub use_arn_region: Option<bool>,
    /// Which host serves us-east-1. Default: the regional one. (botocore's `legacy` mode has the global one.)
    pub us_east_1_regional_endpoint: Option<RegionalEndpoint>,
    /// Refuse multi-region access points. Default: false.
    pub disable_multiregion_access_points: Option<bool>,
    /// Sign directory-bucket requests with ordinary credentials instead of session ones. Default: false. Without effect as
    /// long as there are no such sessions: every request is signed with ordinary credentials.
    pub disable_express_session_auth: Option<bool>,
}

/// How a proxy is spoken to, beside its URL; names are those of the profile's keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxySettings {
    /// A PEM file of certificate authorities to trust when the proxy itself is reached by https. Default: as for services.
    pub proxy_ca_bundle: Option<PathBuf>,
    /// The certificate to show to the proxy: a PEM file with the chain and the private key. Default: none.
    pub proxy_client_cert: Option<PathBuf>,
    /// Let the proxy make https requests itself instead of asking it for a tunnel; it then sees all of them. Default: false.
    pub proxy_use_forwarding_for_https: Option<bool>,
}

/// The value of a parameter that only one service's endpoint rules know: see
/// [`Config::client_context_params`](super::Config::client_context_params).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContextParam {
    /// A truth value.
    Bool(bool),
    /// A text.
    String(String),
    /// A list of texts.
    List(Vec<String>),
}

impl From<bool> for ContextParam {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for ContextParam {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<String> for ContextParam {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl From<Vec<String>> for ContextParam {
    fn from(value: Vec<String>) -> Self {
        Self::List(value)
    }
}

/// How the instance metadata service of EC2 is asked; names are those of the profile's keys.
/// `Debug` leaves out what stands before an `@` in the URL.
#[derive(Clone, PartialEq, Eq)]
pub struct MetadataSettings {
    /// The limit for one try, in whole seconds in profile and environment. Default: 1 second.
    pub metadata_service_timeout: Duration,
    /// How often each request is tried, the first try included. Default: 1.
    pub metadata_service_num_attempts: u32,
    /// The URL, in place of the usual ones.
    pub ec2_metadata_service_endpoint: Option<String>,
    /// Which of the usual URLs. Default: what `imds_use_ipv6` says.
    pub ec2_metadata_service_endpoint_mode: Option<ImdsEndpointMode>,
    /// Ask by IPv6. Default: false.
    pub imds_use_ipv6: bool,
    /// Never ask without a token. Default: false.
    pub ec2_metadata_v1_disabled: bool,
}

impl fmt::Debug for MetadataSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetadataSettings")
            .field("metadata_service_timeout", &self.metadata_service_timeout)
            .field("metadata_service_num_attempts", &self.metadata_service_num_attempts)
            .field("ec2_metadata_service_endpoint", &self.ec2_metadata_service_endpoint.as_deref().map(without_user))
            .field("ec2_metadata_service_endpoint_mode", &self.ec2_metadata_service_endpoint_mode)
            .field("imds_use_ipv6", &self.imds_use_ipv6)
            .field("ec2_metadata_v1_disabled", &self.ec2_metadata_v1_disabled)
            .finish()
    }
}

impl Default for MetadataSettings {
    fn default() -> Self {
        Self {
            metadata_service_timeout: Duration::from_secs(1),
            metadata_service_num_attempts: 1,
            ec2_metadata_service_endpoint: None,
            ec2_metadata_service_endpoint_mode: None,
            imds_use_ipv6: false,
            ec2_metadata_v1_disabled: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_read_in_any_case_and_name_what_is_possible() {
        assert_eq!("Path".parse::<AddressingStyle>().ok(), Some(AddressingStyle::Path));
        assert_eq!("WHEN_REQUIRED".parse::<ChecksumMode>().ok(), Some(ChecksumMode::WhenRequired));
        assert_eq!(RetryMode::Adaptive.as_str(), "adaptive");
        let error = "fast".parse::<RetryMode>().expect_err("no such mode");
        assert_eq!(error.to_string(), r#""fast" is none of standard, adaptive, legacy"#);
    }
}
