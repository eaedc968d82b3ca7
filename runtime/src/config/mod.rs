//! Settings as plain data: the settings that a session resolves and a call reads, the format of profile files, and the
//! environment. Opens no files and resolves no settings: the session does both.

mod defaults_mode;
mod defaults_mode_table;
mod endpoint_url;
mod environment;
mod group_setters;
mod min_throughput;
pub mod profile;
mod setting_types;
pub mod settings;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub(crate) use endpoint_url::{CODE_LOCATION, check_url_at, service_code_location, service_key, without_user};
pub(crate) use endpoint_url::{EndpointUrls, ProfileValue, Services, check_url};
pub use environment::Environment;
pub use min_throughput::MinThroughput;
pub use setting_types::{
    AccountIdEndpointMode, AddressingStyle, ChecksumMode, ContextParam, DefaultsMode, EndpointDiscovery, ImdsConfig,
    ImdsEndpointMode, ProxyTlsConfig, RegionalEndpoint, RetryConfig, RetryMode, S3Config, TimeoutConfig,
};
pub(crate) use setting_types::{Choice, ModeDefaults};

use crate::Result;

/// All settings of a session, resolved: from code, else environment, else profile, else the defaults mode, else the
/// default documented here. [`settings`] lists them all in one table, with their variables and keys.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The region that requests are sent to, a valid host label such as `eu-west-1`. Default: none; calls of most
    /// services then fail.
    pub region: Option<String>,
    /// The name of the active profile. Default: `default`.
    pub profile: String,
    /// Endpoint URLs that replace those of the services: see [`Config::endpoint_url`].
    pub(crate) endpoint_urls: EndpointUrls,
    /// Whether to use FIPS endpoints. Default: unset, which means `false`.
    pub use_fips: Option<bool>,
    /// Whether to use dual-stack (IPv4 and IPv6) endpoints. Default: unset, which means `false`.
    pub use_dual_stack: Option<bool>,
    /// Whether resolved endpoints use https; `false` is http. A configured endpoint URL keeps its scheme. Default:
    /// `true`.
    pub use_ssl: bool,
    /// Whether STS is reached through its regional host, or, in the regions that existed before 2019, through the
    /// global one. Default: `regional`.
    pub sts_regional_endpoints: RegionalEndpoint,
    /// Whether services are asked for the endpoints of their operations. Default: `auto`.
    pub endpoint_discovery_enabled: EndpointDiscovery,
    /// Parameters that only the endpoint rules of one service have, by their names in the rules
    /// (`DisableMultiRegionAccessPoints`) or in snake case (`disable_multi_region_access_points`). They override the
    /// settings from which the rules would otherwise take the values. Services without such a parameter ignore it, as
    /// in botocore. Default: none.
    pub client_context_params: BTreeMap<String, ContextParam>,
    /// The defaults of settings that are not set. Default: `legacy`.
    pub defaults_mode: DefaultsMode,
    /// How failed attempts are retried.
    pub retry: RetryConfig,
    /// Timeouts.
    pub timeouts: TimeoutConfig,
    /// The longest response that is read into memory, in bytes: an output or an error, not the body of a stream. A longer
    /// one is an error. Default: 256 MiB.
    pub max_response_bytes: u64,
    /// The lowest speed at which bodies must be sent and received. Default: none.
    pub min_throughput: Option<MinThroughput>,
    /// When requests carry a checksum. Default: unset, which means `when_supported`, or `when_required` with a custom
    /// endpoint URL.
    pub request_checksum_calculation: Option<ChecksumMode>,
    /// When checksums of responses are validated. Default: unset, which means `when_supported`.
    pub response_checksum_validation: Option<ChecksumMode>,
    /// Settings of S3.
    pub s3: S3Config,
    /// Settings of the EC2 instance metadata service (IMDS).
    pub imds: ImdsConfig,
    /// The authentication schemes in order of preference, by their names without namespace: `sigv4`, `sigv4a`,
    /// `httpBearerAuth`. Default: none; service and operation decide.
    pub auth_scheme_preference: Vec<String>,
    /// Whether `auth_scheme_preference` was set in code: it then overrides `AWS_BEARER_TOKEN_<SIGNING NAME>`.
    pub(crate) auth_scheme_preference_is_explicit: bool,
    /// The regions that a SigV4A signature is valid for; `*` means all. Default: none; the endpoint rules decide. Has
    /// no effect yet: SigV4A signing is not implemented.
    pub sigv4a_signing_region_set: Vec<String>,
    /// The name of the application, part of the user agent. Default: none.
    pub app_id: Option<String>,
    /// A string that is appended to the user agent. Default: none.
    pub user_agent_extra: Option<String>,
    /// A PEM file of certificate authorities to trust instead of the system's. Default: none.
    pub ca_bundle: Option<PathBuf>,
    /// Whether idle connections are probed (TCP keep-alive). Default: unset, which means `true`; botocore's is `false`.
    pub tcp_keepalive: Option<bool>,
    /// TLS settings for proxies.
    pub proxies_config: ProxyTlsConfig,
    /// Whether to omit the prefix that some operations put before the host name. Default: `false`.
    pub disable_host_prefix_injection: bool,
    /// Whether the account id goes into host names. Default: `preferred`.
    pub account_id_endpoint_mode: AccountIdEndpointMode,
    /// Whether inputs are validated against the model before they are sent. Default: `true`.
    pub parameter_validation: bool,
    /// Whether request bodies are sent uncompressed even if the operation supports compression. Default: `false`.
    pub disable_request_compression: bool,
    /// The size in bytes from which request bodies are compressed, 1 to 1,048,576. Default: 10,240, as in botocore.
    pub request_min_compression_size_bytes: u32,
}

impl Config {
    /// Returns the endpoint URL that is configured for the service with this service id (`S3`, `DynamoDB`, `Lex Runtime
    /// V2`); endpoint rules are not involved. `None` leaves the choice to them.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the URL is malformed, or if the search reaches a services section
    /// that does not exist.
    pub fn endpoint_url(&self, service_id: &str) -> Result<Option<&str>> {
        self.endpoint_urls.get(service_id)
    }
}

/// Checks a region, which must be a valid host label: 1 to 63 letters, digits and inner hyphens, not digits alone (the
/// rule of botocore's `utils.py`). The error is what was expected.
pub(crate) fn check_region(text: &str) -> std::result::Result<(), String> {
    let is_label = (1..=63).contains(&text.len())
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.bytes().all(|it| it.is_ascii_digit());
    if is_label { Ok(()) } else { Err("a region such as us-east-1".to_owned()) }
}

/// The region that a FIPS pseudo-region (`fips-us-east-1`, `us-east-1-fips`) names, as in botocore (`args.py`); `None` for
/// every other region.
pub(crate) fn fips_region(written: &str) -> Option<String> {
    let region = written.replace("fips-", "").replace("-fips", "");
    (region != written && check_region(&region).is_ok()).then_some(region)
}

/// Our choice: ten times the longest output without a stream, 25 MB (`InvokeEndpoint` of SageMaker, `InvokeModel` of
/// Bedrock), and an amount that a program can spare; botocore has no limit.
const MAX_RESPONSE_BYTES: u64 = 256 * 1024 * 1024;

impl Default for Config {
    /// The defaults documented at the fields.
    fn default() -> Self {
        Self {
            region: None,
            profile: profile::DEFAULT_PROFILE.to_owned(),
            endpoint_urls: EndpointUrls::default(),
            use_fips: None,
            use_dual_stack: None,
            use_ssl: true,
            sts_regional_endpoints: RegionalEndpoint::Regional,
            endpoint_discovery_enabled: EndpointDiscovery::Auto,
            client_context_params: BTreeMap::new(),
            defaults_mode: DefaultsMode::Legacy,
            retry: RetryConfig::default(),
            timeouts: TimeoutConfig::default(),
            max_response_bytes: MAX_RESPONSE_BYTES,
            min_throughput: None,
            request_checksum_calculation: None,
            response_checksum_validation: None,
            s3: S3Config::default(),
            imds: ImdsConfig::default(),
            auth_scheme_preference: Vec::new(),
            auth_scheme_preference_is_explicit: false,
            sigv4a_signing_region_set: Vec::new(),
            app_id: None,
            user_agent_extra: None,
            ca_bundle: None,
            tcp_keepalive: None,
            proxies_config: ProxyTlsConfig::default(),
            disable_host_prefix_injection: false,
            account_id_endpoint_mode: AccountIdEndpointMode::Preferred,
            parameter_validation: true,
            disable_request_compression: false,
            request_min_compression_size_bytes: 10_240,
        }
    }
}
