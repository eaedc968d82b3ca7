//! The builder methods for plain settings, in the order of the table of settings. Knows the environment variables and
//! profile keys of a setting only to document them.

use std::path::PathBuf;
use std::time::Duration;

use super::builder::SessionBuilder;
use crate::config::{
    AccountIdEndpointMode, ChecksumMode, ContextParam, DefaultsMode, EndpointDiscovery, ImdsConfig, MinThroughput,
    RegionalEndpoint, RetryConfig, RetryMode, S3Config, TimeoutConfig, service_key,
};

impl SessionBuilder {
    /// Sets the region that requests are sent to. A FIPS pseudo-region, `fips-us-east-1` or `us-east-1-fips`, means
    /// that region with [`use_fips`](Self::use_fips), as in botocore. If not set here: environment variable
    /// `AWS_REGION`, then `AWS_DEFAULT_REGION`, then profile key `region`.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.set("region").region = Some(region.into());
        self
    }

    /// Sets the endpoint URL of every service that clients call, such as `http://localhost:9000`. As in boto3, the calls of
    /// credentials providers (STS, IAM Identity Center, sign-in) do not go there: for them, see
    /// [`service_endpoint_url`](Self::service_endpoint_url). If not set here: environment variable
    /// `AWS_ENDPOINT_URL_<SERVICE>`, then `AWS_ENDPOINT_URL`, then the services section that the profile names, then
    /// profile key `endpoint_url`.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.config.endpoint_urls.code = Some(url.into());
        self
    }

    /// Sets the endpoint URL of one service, by its service id: `sts`, `Lex Runtime V2`. It applies to the calls of clients
    /// and of credentials providers, and wins over [`endpoint_url`](Self::endpoint_url). If not set here: environment
    /// variable `AWS_ENDPOINT_URL_<SERVICE>`, and so on as there.
    ///
    /// ```
    /// use aws_core::Session;
    ///
    /// // Objects come from this store, and roles are assumed there.
    /// let session = Session::builder()
    ///     .endpoint_url("http://localhost:9000")
    ///     .service_endpoint_url("sts", "http://localhost:9000")
    ///     .build_lazy();
    /// ```
    pub fn service_endpoint_url(mut self, service_id: &str, url: impl Into<String>) -> Self {
        self.config.endpoint_urls.code_services.insert(service_key(service_id), url.into());
        self.unshare_credentials()
    }

    /// Sets whether endpoint URLs from the environment and the profile are ignored. If not set here: environment
    /// variable `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, then profile key `ignore_configured_endpoint_urls`, then
    /// `false`.
    pub fn ignore_configured_endpoint_urls(mut self, ignore: bool) -> Self {
        self.set("ignore_configured_endpoint_urls").endpoint_urls.ignore_configured = ignore;
        self.unshare_credentials()
    }

    /// Sets whether FIPS endpoints are used. If not set here: environment variable `AWS_USE_FIPS_ENDPOINT`, then
    /// profile key `use_fips_endpoint`, then `false`.
    pub fn use_fips(mut self, use_fips: bool) -> Self {
        self.set("use_fips").use_fips = Some(use_fips);
        self
    }

    /// Sets whether dual-stack endpoints (IPv4 and IPv6) are used. If not set here: environment variable
    /// `AWS_USE_DUALSTACK_ENDPOINT`, then profile key `use_dualstack_endpoint`, then `false`.
    pub fn use_dual_stack(mut self, use_dual_stack: bool) -> Self {
        self.set("use_dual_stack").use_dual_stack = Some(use_dual_stack);
        self
    }

    /// Sets whether resolved endpoints use https (the default) or http: boto3's client argument of this name. An
    /// endpoint URL that you configure keeps its own scheme.
    pub fn use_ssl(mut self, use_ssl: bool) -> Self {
        self.set("use_ssl").use_ssl = use_ssl;
        self
    }

    /// Sets whether the account id goes into host names. If not set here: environment variable
    /// `AWS_ACCOUNT_ID_ENDPOINT_MODE`, then profile key `account_id_endpoint_mode`, then `preferred`.
    pub fn account_id_endpoint_mode(mut self, mode: AccountIdEndpointMode) -> Self {
        self.set("account_id_endpoint_mode").account_id_endpoint_mode = mode;
        self
    }

    /// Sets whether STS is reached through its regional endpoint, or, in the regions that existed before 2019,
    /// through the global one, whose requests are signed for us-east-1. If not set here: environment variable
    /// `AWS_STS_REGIONAL_ENDPOINTS`, then profile key `sts_regional_endpoints`, then `regional`.
    pub fn sts_regional_endpoints(mut self, host: RegionalEndpoint) -> Self {
        self.set("sts_regional_endpoints").sts_regional_endpoints = host;
        self
    }

    /// Sets whether services are asked for the endpoints of their operations, which Timestream requires and DynamoDB
    /// offers. With an endpoint URL they are not. If not set here: environment variable
    /// `AWS_ENDPOINT_DISCOVERY_ENABLED` or `AWS_ENABLE_ENDPOINT_DISCOVERY`, then profile key
    /// `endpoint_discovery_enabled`, then `auto`.
    pub fn endpoint_discovery_enabled(mut self, mode: EndpointDiscovery) -> Self {
        self.set("endpoint_discovery_enabled").endpoint_discovery_enabled = mode;
        self
    }

    /// Sets whether to omit the prefix that some operations put before the host name. If not set here: environment
    /// variable `AWS_DISABLE_HOST_PREFIX_INJECTION`, then profile key `disable_host_prefix_injection`, then `false`.
    pub fn disable_host_prefix_injection(mut self, disable: bool) -> Self {
        self.set("disable_host_prefix_injection").disable_host_prefix_injection = disable;
        self
    }

    /// Sets one parameter that only the endpoint rules of one service have, by its name in the rules or in snake
    /// case. It overrides the setting from which the rules would otherwise take the value. Services without such a
    /// parameter ignore it. One entry of botocore's `client_context_params`.
    pub fn client_context_param(mut self, name: impl Into<String>, value: impl Into<ContextParam>) -> Self {
        self.set("client_context_params").client_context_params.insert(name.into(), value.into());
        self
    }

    /// Sets the defaults mode: the defaults of settings that are set neither in code nor in the environment nor in
    /// the profile. If not set here: environment variable `AWS_DEFAULTS_MODE`, then profile key `defaults_mode`, then
    /// `legacy`.
    pub fn defaults_mode(mut self, mode: DefaultsMode) -> Self {
        self.set("defaults_mode").defaults_mode = mode;
        self
    }

    /// Sets how failed attempts are retried: the mode and, if it is `Some`, the number of attempts.
    pub fn retry(self, retry: RetryConfig) -> Self {
        let builder = self.retry_mode(retry.mode);
        match retry.max_attempts {
            Some(attempts) => builder.max_attempts(attempts),
            None => builder,
        }
    }

    /// Sets the retry mode. If not set here: environment variable `AWS_RETRY_MODE`, then profile key `retry_mode`,
    /// then `standard`.
    pub fn retry_mode(mut self, mode: RetryMode) -> Self {
        self.set("retry_mode").retry.mode = mode;
        self
    }

    /// Sets the maximum number of attempts, the first one included: 1 disables retries. If not set here: environment
    /// variable `AWS_MAX_ATTEMPTS`, then profile key `max_attempts`, then the number of the retry mode and the
    /// service.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.set("max_attempts").retry.max_attempts = Some(attempts);
        self
    }

    /// Sets all timeouts at once. A timeout that differs from its default overrides the [defaults
    /// mode](Self::defaults_mode); one that equals its default counts as not set: to override the mode with it, use
    /// [`connect_timeout`](Self::connect_timeout).
    pub fn timeouts(mut self, timeouts: TimeoutConfig) -> Self {
        let default = TimeoutConfig::default();
        for (name, differs) in [
            ("connect_timeout", timeouts.connect != default.connect),
            ("read_timeout", timeouts.read != default.read),
            ("attempt_timeout", timeouts.attempt != default.attempt),
            ("total_timeout", timeouts.total != default.total),
        ] {
            if differs {
                self.set(name);
            }
        }
        self.config.timeouts = timeouts;
        self
    }

    /// Sets the timeout for name resolution, connecting and the TLS handshake together. If not set here: the
    /// [defaults mode](Self::defaults_mode), then 10 seconds. (botocore: 60 seconds.)
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.set("connect_timeout").timeouts.connect = Some(timeout);
        self
    }

    /// Sets how long a request may pass without a byte sent or received. Default: 60 seconds.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.set("read_timeout").timeouts.read = Some(timeout);
        self
    }

    /// Sets the timeout for one attempt. Default: none. A call can have [its own](crate::Options::attempt_timeout).
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.set("attempt_timeout").timeouts.attempt = Some(timeout);
        self
    }

    /// Sets the timeout for a whole call, with all its attempts and the pauses between them. Default: none. A call can
    /// have [its own](crate::Options::total_timeout).
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.set("total_timeout").timeouts.total = Some(timeout);
        self
    }

    /// Sets the lowest speed at which bodies must be sent and received. Default: none, so that only
    /// [`read_timeout`](Self::read_timeout) ends a transfer that does not go on. A call can have
    /// [its own](crate::Options::min_throughput).
    pub fn min_throughput(mut self, limit: MinThroughput) -> Self {
        self.set("min_throughput").min_throughput = Some(limit);
        self
    }

    /// Sets the longest response that is read into memory, in bytes: an output or an error, not the body of a stream. A
    /// longer one is an error. Default: 256 MiB, ten times the longest response of any service.
    pub fn max_response_bytes(mut self, bytes: u64) -> Self {
        self.set("max_response_bytes").max_response_bytes = bytes;
        self
    }

    /// Sets a PEM file of certificate authorities to trust instead of the system's. If not set here: environment
    /// variable `AWS_CA_BUNDLE`, then profile key `ca_bundle`, then environment variable `REQUESTS_CA_BUNDLE`.
    pub fn ca_bundle(mut self, path: impl Into<PathBuf>) -> Self {
        self.set("ca_bundle").ca_bundle = Some(path.into());
        self.unshare_credentials()
    }

    /// Sets the name of the application, which becomes part of the user agent; a name longer than 50 characters logs
    /// a warning. If not set here: environment variable `AWS_SDK_UA_APP_ID`, then profile key `sdk_ua_app_id`.
    pub fn app_id(mut self, app_id: impl Into<String>) -> Self {
        self.set("app_id").app_id = Some(app_id.into());
        self
    }

    /// Sets a string to append to the user agent, such as `my-tool/1.2`.
    pub fn user_agent_extra(mut self, extra: impl Into<String>) -> Self {
        self.set("user_agent_extra").user_agent_extra = Some(extra.into());
        self
    }

    /// Sets the authentication schemes in order of preference, for operations that allow several: `sigv4`, `sigv4a`,
    /// `httpBearerAuth`. If not set here: environment variable `AWS_AUTH_SCHEME_PREFERENCE`, then profile key
    /// `auth_scheme_preference`, both comma-separated, then the order of the service and operation.
    pub fn auth_scheme_preference(mut self, schemes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.set("auth_scheme_preference").auth_scheme_preference = schemes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the regions that a SigV4A signature is valid for; `*` means all. If not set here: environment variable
    /// `AWS_SIGV4A_SIGNING_REGION_SET`, then profile key `sigv4a_signing_region_set`, both comma-separated, then
    /// the regions that the endpoint names. Signing by SigV4A requires the crate feature `sigv4a`.
    pub fn sigv4a_signing_region_set(mut self, regions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.set("sigv4a_signing_region_set").sigv4a_signing_region_set = regions.into_iter().map(Into::into).collect();
        self
    }

    /// Sets when requests carry a checksum. If not set here: environment variable `AWS_REQUEST_CHECKSUM_CALCULATION`,
    /// then profile key `request_checksum_calculation`, then `when_supported`, or `when_required` with an
    /// endpoint URL whose host is not AWS's.
    pub fn request_checksum_calculation(mut self, mode: ChecksumMode) -> Self {
        self.set("request_checksum_calculation").request_checksum_calculation = Some(mode);
        self
    }

    /// Sets when checksums of responses are validated. If not set here: environment variable
    /// `AWS_RESPONSE_CHECKSUM_VALIDATION`, then profile key `response_checksum_validation`, then `when_supported`.
    pub fn response_checksum_validation(mut self, mode: ChecksumMode) -> Self {
        self.set("response_checksum_validation").response_checksum_validation = Some(mode);
        self
    }

    /// Sets whether request bodies are sent uncompressed. If not set here: environment variable
    /// `AWS_DISABLE_REQUEST_COMPRESSION`, then profile key `disable_request_compression`, then `false`.
    pub fn disable_request_compression(mut self, disable: bool) -> Self {
        self.set("disable_request_compression").disable_request_compression = disable;
        self
    }

    /// Sets the size in bytes from which request bodies are compressed, 1 to 1,048,576. If not set here: environment
    /// variable `AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES`, then profile key `request_min_compression_size_bytes`, then
    /// 10,240.
    pub fn request_min_compression_size_bytes(mut self, bytes: u32) -> Self {
        let config = self.set("request_min_compression_size_bytes");
        config.request_min_compression_size_bytes = bytes;
        self
    }

    /// Sets whether inputs are validated before they are sent. If not set here: profile key `parameter_validation`,
    /// then `true`.
    pub fn parameter_validation(mut self, validate: bool) -> Self {
        self.set("parameter_validation").parameter_validation = validate;
        self
    }

    /// Sets the settings of S3. Those that are `None` come from the environment and the profile.
    pub fn s3(mut self, config: S3Config) -> Self {
        macro_rules! set_if_some {
            ($($name:literal $field:ident,)*) => {
                $(if config.$field.is_some() { self.set($name).s3.$field = config.$field; })*
            };
        }
        set_if_some! {
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

    /// Sets all settings of the EC2 instance metadata service (IMDS) at once. If not set here, each of them has its
    /// own environment variable: `AWS_METADATA_SERVICE_TIMEOUT` (seconds), `AWS_METADATA_SERVICE_NUM_ATTEMPTS`,
    /// `AWS_EC2_METADATA_SERVICE_ENDPOINT`, `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`, `AWS_IMDS_USE_IPV6`,
    /// `AWS_EC2_METADATA_V1_DISABLED`; then its own profile key, which is the same name without `AWS_` in lower case.
    pub fn imds(mut self, config: ImdsConfig) -> Self {
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
        self.config.imds = config;
        self.unshare_credentials()
    }
}
