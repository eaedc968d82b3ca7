//! Settings as plain data: what a session resolves and a call reads, the format of profile files, and the environment.
//! Opens no files and knows no value chain: see the session for both.

mod endpoint_url;
mod environment;
mod kind;
mod mode;
mod modes;
pub mod profile;
pub mod settings;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub(crate) use endpoint_url::without_user;
pub use endpoint_url::{Configured, EndpointUrls, Services, check_url};
pub use environment::Environment;
pub use kind::{
    AccountIdEndpointMode, AddressingStyle, ChecksumMode, ContextParam, DefaultsMode, EndpointDiscovery,
    ImdsEndpointMode, MetadataSettings, ProxySettings, RegionalEndpoint, RetryConfig, RetryMode, S3Settings,
    TimeoutConfig,
};
pub(crate) use mode::ModeDefaults;

use crate::Result;

/// All settings of a session, resolved: from code, else environment, else profile, else the defaults mode, else the default
/// given here. [`settings`] has them all in one table, with their variables and keys.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The region calls go to, a valid host label such as `eu-west-1`. Default: none; most services then refuse to be called.
    pub region: Option<String>,
    /// The name of the active profile. Default: `default`.
    pub profile: String,
    /// Endpoint URLs by which the user replaces those of the services: see [`Config::endpoint_url`].
    pub endpoint_urls: EndpointUrls,
    /// Use FIPS endpoints. Default: unset, which is false.
    pub use_fips: Option<bool>,
    /// Use dual-stack (IPv4 and IPv6) endpoints. Default: unset, which is false.
    pub use_dual_stack: Option<bool>,
    /// Call services by https, where no endpoint URL says otherwise; `false` is http. Default: true.
    pub use_ssl: bool,
    /// Whether STS is reached through its regional host, or through the global one in the regions that had no other before
    /// 2019. Default: regional.
    pub sts_regional_endpoints: RegionalEndpoint,
    /// Whether services are asked for the endpoints of their operations. Default: auto. Without effect: no service is asked.
    pub endpoint_discovery_enabled: EndpointDiscovery,
    /// Parameters that only one service's endpoint rules know, by their names there (`DisableMultiRegionAccessPoints`) or in
    /// snake case (`disable_multi_region_access_points`). They go before the settings the rules would else be given; those
    /// that a service does not know are ignored, as in botocore. Default: none.
    pub client_context_params: BTreeMap<String, ContextParam>,
    /// The defaults of settings that nobody gives. Default: legacy.
    pub defaults_mode: DefaultsMode,
    /// How failed attempts are repeated.
    pub retry: RetryConfig,
    /// Time limits.
    pub timeouts: TimeoutConfig,
    /// When requests carry a checksum. Unset: when supported, but only when required with an endpoint URL of one's own.
    pub request_checksum_calculation: Option<ChecksumMode>,
    /// When checksums of answers are checked. Unset: when supported.
    pub response_checksum_validation: Option<ChecksumMode>,
    /// Settings of S3.
    pub s3: S3Settings,
    /// How the instance metadata service of EC2 is asked.
    pub metadata: MetadataSettings,
    /// The schemes to sign with, the dearest first, by their names without namespace: `sigv4`, `sigv4a`, `httpBearerAuth`.
    /// Default: none; service and operation decide.
    pub auth_scheme_preference: Vec<String>,
    /// Whether code gave the former: then a token's variable does not go before it.
    pub(crate) insists_on_auth_scheme: bool,
    /// The regions a signature of version 4a is good for; `*` is all. Default: none; the endpoint rules decide. Without effect
    /// as long as nothing is signed by that version.
    pub sigv4a_signing_region_set: Vec<String>,
    /// A name of the application, part of the user agent.
    pub app_id: Option<String>,
    /// What is added at the end of the user agent. Default: nothing.
    pub user_agent_extra: Option<String>,
    /// A PEM file of certificate authorities to trust instead of the system's.
    pub ca_bundle: Option<PathBuf>,
    /// Whether idle connections are probed. Default: unset, which is true; botocore's is false.
    pub tcp_keepalive: Option<bool>,
    /// How proxies are spoken to.
    pub proxies_config: ProxySettings,
    /// Leave the prefix out that some operations put before the host. Default: false.
    pub disable_host_prefix_injection: bool,
    /// Whether account ids go into host names. Default: preferred.
    pub account_id_endpoint_mode: AccountIdEndpointMode,
    /// Check inputs against the model before sending. Default: true.
    pub parameter_validation: bool,
    /// Send bodies as they are even if the operation supports compression. Default: false.
    pub disable_request_compression: bool,
    /// The size in bytes from which bodies are compressed, 1 to 1,048,576. Default: 10,240.
    pub request_min_compression_size_bytes: u32,
}

impl Config {
    /// The URL the user configured for the service with this service id (`S3`, `DynamoDB`, `Lex Runtime V2`), without its
    /// endpoint rules: see [`EndpointUrls::get`].
    ///
    /// # Errors
    /// As [`EndpointUrls::get`].
    pub fn endpoint_url(&self, service_id: &str) -> Result<Option<&str>> {
        self.endpoint_urls.get(service_id)
    }
}

/// A region is part of host names: 1 to 63 letters, digits and inner hyphens, not digits alone (the rule of botocore). The
/// error is what was expected.
pub(crate) fn check_region(text: &str) -> std::result::Result<(), String> {
    let is_label = (1..=63).contains(&text.len())
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.bytes().all(|it| it.is_ascii_digit());
    if is_label { Ok(()) } else { Err("a region such as us-east-1".to_owned()) }
}

impl Default for Config {
    /// Every default as given at the fields.
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
            request_checksum_calculation: None,
            response_checksum_validation: None,
            s3: S3Settings::default(),
            metadata: MetadataSettings::default(),
            auth_scheme_preference: Vec::new(),
            insists_on_auth_scheme: false,
            sigv4a_signing_region_set: Vec::new(),
            app_id: None,
            user_agent_extra: None,
            ca_bundle: None,
            tcp_keepalive: None,
            proxies_config: ProxySettings::default(),
            disable_host_prefix_injection: false,
            account_id_endpoint_mode: AccountIdEndpointMode::Preferred,
            parameter_validation: true,
            disable_request_compression: false,
            request_min_compression_size_bytes: 10_240,
        }
    }
}
