//! Settings as plain data: what a session resolves and a call reads, the format of profile files, and the environment.
//! Opens no files and knows no value chain: see the session for both.

mod endpoint_url;
mod environment;
mod kind;
pub mod profile;

use std::path::PathBuf;

pub use endpoint_url::{Configured, EndpointUrls, Services, check_url};
pub use environment::Environment;
pub use kind::{
    AccountIdEndpointMode, AddressingStyle, ChecksumMode, ImdsEndpointMode, MetadataSettings, RegionalEndpoint,
    RetryConfig, RetryMode, S3Settings, TimeoutConfig,
};

use crate::Result;

/// All settings of a session, resolved: from code, else environment, else profile, else the default given here.
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
    /// A name of the application, part of the user agent.
    pub app_id: Option<String>,
    /// A PEM file of certificate authorities to trust instead of the system's.
    pub ca_bundle: Option<PathBuf>,
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

impl Default for Config {
    /// Every default as given at the fields.
    fn default() -> Self {
        Self {
            region: None,
            profile: profile::DEFAULT_PROFILE.to_owned(),
            endpoint_urls: EndpointUrls::default(),
            use_fips: None,
            use_dual_stack: None,
            retry: RetryConfig::default(),
            timeouts: TimeoutConfig::default(),
            request_checksum_calculation: None,
            response_checksum_validation: None,
            s3: S3Settings::default(),
            metadata: MetadataSettings::default(),
            app_id: None,
            ca_bundle: None,
            disable_host_prefix_injection: false,
            account_id_endpoint_mode: AccountIdEndpointMode::Preferred,
            parameter_validation: true,
            disable_request_compression: false,
            request_min_compression_size_bytes: 10_240,
        }
    }
}
