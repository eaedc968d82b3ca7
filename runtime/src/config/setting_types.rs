//! The types of settings: choices, and the groups of settings for retries, timeouts, S3, proxies and IMDS. Data without
//! behaviour.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::endpoint_url::without_user;
use crate::{Error, ErrorKind};

/// A setting with a fixed list of values.
pub(crate) trait Choice: FromStr {
    /// The values, for messages: `a, b or c`.
    fn expected() -> String;
}

/// Declares a setting with a fixed list of values: an enum, its strings, and a parser that ignores case. The string
/// after the type is its name in messages.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident $title:literal { $($(#[$variant_doc:meta])* $variant:ident = $value:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// All values as they are written in a profile.
            pub const VALUES: &[&str] = &[$($value),+];

            /// The value as it is written in a profile.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $value,)+ }
            }
        }

        impl Choice for $name {
            fn expected() -> String {
                match Self::VALUES {
                    [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
                    values => values.concat(),
                }
            }
        }

        impl FromStr for $name {
            type Err = Error;

            /// Parses a value, ignoring case.
            fn from_str(text: &str) -> Result<Self, Error> {
                $(if text.eq_ignore_ascii_case($value) { return Ok(Self::$variant); })+
                let message = format!("{text:?} is not a valid {}: expected {}", $title, Self::expected());
                Err(Error::new(ErrorKind::Config, message))
            }
        }
    };
}

choice! {
    /// How failed attempts are retried.
    RetryMode "retry mode" {
        /// Exponential backoff with jitter and a quota per client; three attempts unless the service has its own
        /// number.
        Standard = "standard",
        /// Like `standard`, and once the service asked to slow down, calls wait before each attempt so that the client sends
        /// no more requests a second than the service accepts, as in botocore. All calls of a client share that limit, so a
        /// client should call what is limited together: one table, one stream.
        ///
        /// What a service that accepts 50 requests a second receives in a minute from 100 callers that call without a pause
        /// (simulated, drawn, and compared with this table, by `cargo test -p aws-core --lib busy_service`):
        ///
        /// | mode | accepted | rejected | longest wait for a turn |
        /// |---|---|---|---|
        /// | `standard`, its quota never exhausted | 3049 | 11539 | 0 s |
        /// | `adaptive` in botocore, where calls wait in no order | 2878 | 65 | 17 s |
        /// | `adaptive`, where calls wait in line | 2878 | 65 | 5 s |
        /// | the most that is possible | 3050 | 0 | |
        ///
        #[doc = include_str!("../retry/busy_service.svg")]
        Adaptive = "adaptive",
        /// The behaviour of older SDKs: five attempts, no quota.
        Legacy = "legacy",
    }
}

choice! {
    /// When checksums are computed for requests, or validated in responses.
    ChecksumMode "checksum mode" {
        /// If the operation supports one.
        WhenSupported = "when_supported",
        /// Only if the operation requires one or the caller requests one.
        WhenRequired = "when_required",
    }
}

choice! {
    /// Where the name of the bucket goes in URLs of S3.
    AddressingStyle "addressing style" {
        /// In the host if the name allows it; in the path for a custom endpoint.
        Auto = "auto",
        /// In the path: `https://host/bucket/key`.
        Path = "path",
        /// In the host: `https://bucket.host/key`.
        Virtual = "virtual",
    }
}

choice! {
    /// A set of defaults for settings that are not set: the retry mode, the connect timeout, and whether STS and S3 are
    /// reached through their global or their regional host. A setting that is set in code, environment or profile
    /// overrides the mode. The values are those of botocore's `sdk-default-configuration.json`.
    DefaultsMode "defaults mode" {
        /// The defaults documented at each setting.
        Legacy = "legacy",
        /// For most programs: a connect timeout of 3.1 seconds.
        Standard = "standard",
        /// For programs in the region they call: a connect timeout of 1.1 seconds.
        InRegion = "in-region",
        /// For programs that call another region than their own: a connect timeout of 3.1 seconds.
        CrossRegion = "cross-region",
        /// For programs on phones: a connect timeout of 30 seconds.
        Mobile = "mobile",
        /// `in-region` if the program runs in the region of the session, `cross-region` if it runs in another one,
        /// `standard` if that is unknown. The region that the program runs in is `AWS_REGION` or `AWS_DEFAULT_REGION`
        /// if `AWS_EXECUTION_ENV` is set, else the one reported by the instance metadata service, to which a request is
        /// sent at the first call, subject to `metadata_service_timeout`.
        Auto = "auto",
    }
}

choice! {
    /// Whether a service is asked for the endpoint of its operations. With an endpoint URL it is not.
    EndpointDiscovery "endpoint discovery mode" {
        /// If the operation requires it.
        Auto = "auto",
        /// If the operation supports it.
        Enabled = "true",
        /// Never.
        Disabled = "false",
    }
}

choice! {
    /// Whether STS, or S3 in us-east-1, is reached through the global or the regional host.
    RegionalEndpoint "regional endpoint mode" {
        /// The global host.
        Legacy = "legacy",
        /// The host of the region.
        Regional = "regional",
    }
}

choice! {
    /// Whether the account id goes into the host name of services that offer it.
    AccountIdEndpointMode "account id endpoint mode" {
        /// If the account id is known.
        Preferred = "preferred",
        /// Never.
        Disabled = "disabled",
        /// Always: a call without a known account id fails.
        Required = "required",
    }
}

choice! {
    /// Which of its two addresses is used for the EC2 instance metadata service (IMDS).
    ImdsEndpointMode "IMDS endpoint mode" {
        /// 169.254.169.254.
        Ipv4 = "ipv4",
        /// fd00:ec2::254.
        Ipv6 = "ipv6",
    }
}

/// How failed attempts are retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryConfig {
    /// The algorithm. Default: `standard`.
    pub mode: RetryMode,
    /// The maximum number of attempts, the first one included; at least 1. Default: the number of the mode and the
    /// service.
    pub max_attempts: Option<u32>,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self { mode: RetryMode::Standard, max_attempts: None }
    }
}

/// Timeouts; `None` is no timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeoutConfig {
    /// For name resolution, connecting and the TLS handshake together. Default: 10 seconds. (botocore: 60 seconds.)
    pub connect: Option<Duration>,
    /// How long a request may pass without a byte sent or received. Default: 60 seconds, as in botocore.
    pub read: Option<Duration>,
    /// For one attempt, from connecting to the last byte of a buffered response. Default: none.
    pub attempt: Option<Duration>,
    /// For a whole call, with all its attempts and the pauses between them. Default: none.
    pub total: Option<Duration>,
}

impl Default for TimeoutConfig {
    fn default() -> Self {
        let (connect, read) = (Duration::from_secs(10), Duration::from_secs(60));
        Self { connect: Some(connect), read: Some(read), attempt: None, total: None }
    }
}

/// The settings that only S3 has; `None` leaves the choice to the service's endpoint rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct S3Config {
    /// Where the bucket's name goes. Default: `auto`.
    pub addressing_style: Option<AddressingStyle>,
    /// Whether to use the accelerate endpoint. Default: `false`.
    pub use_accelerate_endpoint: Option<bool>,
    /// Whether to use the dual-stack endpoint; overrides the setting for all services. Default: as for other services.
    pub use_dualstack_endpoint: Option<bool>,
    /// `true`: all bodies are signed, even streams, which are read once more for it; `false`: none is. Default: bodies
    /// in memory are signed, streams are not. A stream that is followed by a checksum is never signed.
    pub payload_signing_enabled: Option<bool>,
    /// Whether to send requests to the region in an ARN instead of the session's. Default: `true` for S3, `false` for
    /// S3 Control.
    pub use_arn_region: Option<bool>,
    /// Which host is used for us-east-1. Default: the regional one. (In botocore's defaults mode `legacy` it is the
    /// global one.)
    pub us_east_1_regional_endpoint: Option<RegionalEndpoint>,
    /// Whether to reject multi-region access points. Default: `false`.
    pub disable_multiregion_access_points: Option<bool>,
    /// Whether to sign directory-bucket requests with the credentials of the client instead of a session of the bucket.
    /// Default: `false`.
    pub disable_express_session_auth: Option<bool>,
}

/// The TLS settings for proxies with an `https` URL. The fields are named like the profile keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProxyTlsConfig {
    /// A PEM file of certificate authorities to trust for the proxy itself. Default: as for services.
    pub proxy_ca_bundle: Option<PathBuf>,
    /// The certificate to present to the proxy: a PEM file with the chain and the private key. Default: none.
    pub proxy_client_cert: Option<PathBuf>,
    /// Whether the proxy makes https requests itself instead of opening a tunnel; it then reads all of them. Default:
    /// `false`.
    pub proxy_use_forwarding_for_https: Option<bool>,
}

/// The value of a parameter that only the endpoint rules of one service have: see
/// [`Config::client_context_params`](super::Config::client_context_params).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContextParam {
    /// A boolean.
    Bool(bool),
    /// A string.
    String(String),
    /// A list of strings.
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

/// The settings of the EC2 instance metadata service (IMDS). The fields are named like the profile keys.
/// `Debug` omits what precedes an `@` in the URL.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImdsConfig {
    /// The timeout for one attempt, in whole seconds in profile and environment. Default: 1 second, as in botocore.
    pub metadata_service_timeout: Duration,
    /// The maximum number of attempts of each request, the first one included. Default: 1, as in botocore.
    pub metadata_service_num_attempts: u32,
    /// The URL of the service, instead of its usual addresses. Default: none.
    pub ec2_metadata_service_endpoint: Option<String>,
    /// Which of the usual addresses to use. Default: according to `imds_use_ipv6`.
    pub ec2_metadata_service_endpoint_mode: Option<ImdsEndpointMode>,
    /// Whether to use the IPv6 address. Default: `false`.
    pub imds_use_ipv6: bool,
    /// Whether IMDSv1, requests without a token, is disabled. Default: `false`.
    pub ec2_metadata_v1_disabled: bool,
}

impl fmt::Debug for ImdsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImdsConfig")
            .field("metadata_service_timeout", &self.metadata_service_timeout)
            .field("metadata_service_num_attempts", &self.metadata_service_num_attempts)
            .field("ec2_metadata_service_endpoint", &self.ec2_metadata_service_endpoint.as_deref().map(without_user))
            .field("ec2_metadata_service_endpoint_mode", &self.ec2_metadata_service_endpoint_mode)
            .field("imds_use_ipv6", &self.imds_use_ipv6)
            .field("ec2_metadata_v1_disabled", &self.ec2_metadata_v1_disabled)
            .finish()
    }
}

impl Default for ImdsConfig {
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

/// The values that a mode has for settings that are not set.
#[derive(Debug)]
pub(crate) struct ModeDefaults {
    pub(super) mode: DefaultsMode,
    pub(crate) retry_mode: RetryMode,
    pub(crate) sts_regional_endpoints: RegionalEndpoint,
    pub(crate) s3_us_east_1_regional_endpoint: RegionalEndpoint,
    pub(crate) connect_timeout: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_ignore_case_and_errors_list_the_values() {
        assert_eq!("Path".parse::<AddressingStyle>().ok(), Some(AddressingStyle::Path));
        assert_eq!("WHEN_REQUIRED".parse::<ChecksumMode>().ok(), Some(ChecksumMode::WhenRequired));
        assert_eq!(RetryMode::Adaptive.as_str(), "adaptive");
        let error = "fast".parse::<RetryMode>().expect_err("no such mode");
        assert_eq!(error.to_string(), r#""fast" is not a valid retry mode: expected standard, adaptive or legacy"#);
    }
}
