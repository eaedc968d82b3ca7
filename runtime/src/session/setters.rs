//! The plain settings that code can give a session, in the order of the table of settings. Knows where else a setting comes
//! from only to say it.

use std::path::PathBuf;
use std::time::Duration;

use super::builder::SessionBuilder;
use crate::config::{
    AccountIdEndpointMode, ChecksumMode, ContextParam, DefaultsMode, EndpointDiscovery, MetadataSettings,
    RegionalEndpoint, RetryConfig, RetryMode, S3Settings, TimeoutConfig,
};

impl SessionBuilder {
    /// The region calls go to. A FIPS pseudo-region, `fips-us-east-1` or `us-east-1-fips`, is taken for the region with
    /// [`use_fips`](Self::use_fips), as in botocore. Else `AWS_REGION`, `AWS_DEFAULT_REGION`, `region` of the profile.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.set("region").region = Some(region.into());
        self
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

    /// Whether services are called by https, the default, or by http: boto3's client argument. It says nothing about endpoint
    /// URLs that are given, whose scheme stands in them.
    pub fn use_ssl(mut self, use_ssl: bool) -> Self {
        self.set("use_ssl").use_ssl = use_ssl;
        self
    }

    /// Whether the account id goes into host names. Else `AWS_ACCOUNT_ID_ENDPOINT_MODE`, `account_id_endpoint_mode` of the
    /// profile, preferred.
    pub fn account_id_endpoint_mode(mut self, mode: AccountIdEndpointMode) -> Self {
        self.set("account_id_endpoint_mode").account_id_endpoint_mode = mode;
        self
    }

    /// Whether STS is reached through the host of the region, or in old regions through the global one, whose signatures are
    /// those of us-east-1. Else `AWS_STS_REGIONAL_ENDPOINTS`, `sts_regional_endpoints` of the profile, regional.
    pub fn sts_regional_endpoints(mut self, which: RegionalEndpoint) -> Self {
        self.set("sts_regional_endpoints").sts_regional_endpoints = which;
        self
    }

    /// Whether services are asked for the endpoints of their operations. Else `AWS_ENDPOINT_DISCOVERY_ENABLED`,
    /// `endpoint_discovery_enabled` of the profile, auto. Without effect: no service is asked yet.
    pub fn endpoint_discovery_enabled(mut self, when: EndpointDiscovery) -> Self {
        self.set("endpoint_discovery_enabled").endpoint_discovery_enabled = when;
        self
    }

    /// Whether the prefix is left out that some operations put before the host. Else `AWS_DISABLE_HOST_PREFIX_INJECTION`,
    /// `disable_host_prefix_injection` of the profile, `false`.
    pub fn disable_host_prefix_injection(mut self, disable: bool) -> Self {
        self.set("disable_host_prefix_injection").disable_host_prefix_injection = disable;
        self
    }

    /// A parameter that only one service's endpoint rules know, by its name there or in snake case; it goes before the
    /// setting those rules would else be given. Services that do not know it ignore it. One value of botocore's
    /// `client_context_params`.
    pub fn client_context_param(mut self, name: impl Into<String>, value: impl Into<ContextParam>) -> Self {
        self.set("client_context_params").client_context_params.insert(name.into(), value.into());
        self
    }

    /// The defaults of settings that nobody gives. Else `AWS_DEFAULTS_MODE`, `defaults_mode` of the profile, legacy.
    pub fn defaults_mode(mut self, mode: DefaultsMode) -> Self {
        self.set("defaults_mode").defaults_mode = mode;
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

    /// The time limits. Those that are not their defaults go before what the [defaults mode](Self::defaults_mode) says.
    pub fn timeouts(mut self, timeouts: TimeoutConfig) -> Self {
        let default = TimeoutConfig::default();
        for (name, is_other) in [
            ("connect_timeout", timeouts.connect != default.connect),
            ("read_timeout", timeouts.read != default.read),
            ("attempt_timeout", timeouts.attempt != default.attempt),
            ("total_timeout", timeouts.total != default.total),
        ] {
            if is_other {
                self.set(name);
            }
        }
        self.config.timeouts = timeouts;
        self
    }

    /// The limit to look the name up, to connect and to shake hands; 10 seconds, or what the
    /// [defaults mode](Self::defaults_mode) says. (botocore: 60 seconds.)
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.set("connect_timeout").timeouts.connect = Some(limit);
        self
    }

    /// How long the other side may be silent; 60 seconds.
    pub fn read_timeout(mut self, limit: Duration) -> Self {
        self.set("read_timeout").timeouts.read = Some(limit);
        self
    }

    /// The limit for one attempt; none. A call may have [its own](crate::Options::attempt_timeout).
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.set("attempt_timeout").timeouts.attempt = Some(limit);
        self
    }

    /// The limit for a whole call, with all its attempts and pauses; none. A call may have
    /// [its own](crate::Options::total_timeout).
    pub fn total_timeout(mut self, limit: Duration) -> Self {
        self.set("total_timeout").timeouts.total = Some(limit);
        self
    }

    /// A PEM file of certificate authorities to trust instead of the system's. Else `AWS_CA_BUNDLE`, `ca_bundle` of the profile.
    pub fn ca_bundle(mut self, path: impl Into<PathBuf>) -> Self {
        self.set("ca_bundle").ca_bundle = Some(path.into());
        self.other_identity()
    }

    /// A name of the application, at most 50 characters, for the user agent. Else `AWS_SDK_UA_APP_ID`, `sdk_ua_app_id` of the
    /// profile.
    pub fn app_id(mut self, app_id: impl Into<String>) -> Self {
        self.set("app_id").app_id = Some(app_id.into());
        self
    }

    /// What is added at the end of the user agent, such as `my-tool/1.2`.
    pub fn user_agent_extra(mut self, extra: impl Into<String>) -> Self {
        self.set("user_agent_extra").user_agent_extra = Some(extra.into());
        self
    }

    /// The schemes to authenticate by, the dearest first, where service and operation allow several: `sigv4`, `sigv4a`,
    /// `httpBearerAuth`. Else `AWS_AUTH_SCHEME_PREFERENCE`, `auth_scheme_preference` of the profile, both with commas; else
    /// service and operation decide.
    pub fn auth_scheme_preference(mut self, schemes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.set("auth_scheme_preference").auth_scheme_preference = schemes.into_iter().map(Into::into).collect();
        self
    }

    /// The regions a signature of version 4a is good for, `*` for all. Else `AWS_SIGV4A_SIGNING_REGION_SET`,
    /// `sigv4a_signing_region_set` of the profile, both with commas. Without effect: nothing is signed by that version yet.
    pub fn sigv4a_signing_region_set(mut self, regions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.set("sigv4a_signing_region_set").sigv4a_signing_region_set = regions.into_iter().map(Into::into).collect();
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

    /// Whether inputs are checked before sending. Else `parameter_validation` of the profile, `true`.
    pub fn parameter_validation(mut self, validate: bool) -> Self {
        self.set("parameter_validation").parameter_validation = validate;
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
}
