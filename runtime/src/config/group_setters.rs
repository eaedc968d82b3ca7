//! The setters of the groups of settings: `RetryConfig::new().mode(…).max_attempts(5)`. Each is named like its field, which
//! documents it. Knows no other setting.

use std::time::Duration;

use super::setting_types::{
    AddressingStyle, ImdsConfig, ImdsEndpointMode, RegionalEndpoint, RetryConfig, RetryMode, S3Config, TimeoutConfig,
};

impl RetryConfig {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the algorithm.
    #[must_use]
    pub fn mode(mut self, value: RetryMode) -> Self {
        self.mode = value;
        self
    }

    /// Sets the maximum number of attempts, the first one included; `None` is the number of the mode and the service.
    #[must_use]
    pub fn max_attempts(mut self, value: impl Into<Option<u32>>) -> Self {
        self.max_attempts = value.into();
        self
    }
}

impl TimeoutConfig {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the timeout for name resolution, connecting and the TLS handshake together; `None` is none.
    #[must_use]
    pub fn connect(mut self, value: impl Into<Option<Duration>>) -> Self {
        self.connect = value.into();
        self
    }

    /// Sets how long a request may pass without a byte sent or received; `None` is no limit.
    #[must_use]
    pub fn read(mut self, value: impl Into<Option<Duration>>) -> Self {
        self.read = value.into();
        self
    }

    /// Sets the timeout for one attempt; `None` is none.
    #[must_use]
    pub fn attempt(mut self, value: impl Into<Option<Duration>>) -> Self {
        self.attempt = value.into();
        self
    }

    /// Sets the timeout for a whole call; `None` is none.
    #[must_use]
    pub fn total(mut self, value: impl Into<Option<Duration>>) -> Self {
        self.total = value.into();
        self
    }
}

impl S3Config {
    /// The defaults: the endpoint rules of S3 decide.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets where the bucket's name goes.
    #[must_use]
    pub fn addressing_style(mut self, value: impl Into<Option<AddressingStyle>>) -> Self {
        self.addressing_style = value.into();
        self
    }

    /// Sets whether to use the accelerate endpoint.
    #[must_use]
    pub fn use_accelerate_endpoint(mut self, value: impl Into<Option<bool>>) -> Self {
        self.use_accelerate_endpoint = value.into();
        self
    }

    /// Sets whether to use the dual-stack endpoint.
    #[must_use]
    pub fn use_dualstack_endpoint(mut self, value: impl Into<Option<bool>>) -> Self {
        self.use_dualstack_endpoint = value.into();
        self
    }

    /// Sets whether bodies are signed, even streams.
    #[must_use]
    pub fn payload_signing_enabled(mut self, value: impl Into<Option<bool>>) -> Self {
        self.payload_signing_enabled = value.into();
        self
    }

    /// Sets whether to send requests to the region in an ARN instead of the session's.
    #[must_use]
    pub fn use_arn_region(mut self, value: impl Into<Option<bool>>) -> Self {
        self.use_arn_region = value.into();
        self
    }

    /// Sets which host is used for us-east-1.
    #[must_use]
    pub fn us_east_1_regional_endpoint(mut self, value: impl Into<Option<RegionalEndpoint>>) -> Self {
        self.us_east_1_regional_endpoint = value.into();
        self
    }

    /// Sets whether to reject multi-region access points.
    #[must_use]
    pub fn disable_multiregion_access_points(mut self, value: impl Into<Option<bool>>) -> Self {
        self.disable_multiregion_access_points = value.into();
        self
    }

    /// Sets whether to sign directory-bucket requests with the credentials of the client, which S3 checks for each request,
    /// instead of a session of the bucket, which is faster. Permissions differ: `s3express:CreateSession` covers sessions. A
    /// presigned URL lasts as long as it says only without them.
    ///
    /// ```
    /// use aws_core::Session;
    /// use aws_core::config::S3Config;
    ///
    /// # fn main() -> aws_core::Result<()> {
    /// let session = Session::builder().region("us-west-2").s3(S3Config::new().disable_express_session_auth(true)).build()?;
    /// # let _ = session;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn disable_express_session_auth(mut self, value: impl Into<Option<bool>>) -> Self {
        self.disable_express_session_auth = value.into();
        self
    }
}

impl ImdsConfig {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the timeout for one attempt.
    #[must_use]
    pub fn metadata_service_timeout(mut self, value: Duration) -> Self {
        self.metadata_service_timeout = value;
        self
    }

    /// Sets the maximum number of attempts of each request, the first one included.
    #[must_use]
    pub fn metadata_service_num_attempts(mut self, value: u32) -> Self {
        self.metadata_service_num_attempts = value;
        self
    }

    /// Sets the URL of the service, instead of its usual addresses.
    #[must_use]
    pub fn ec2_metadata_service_endpoint(mut self, value: impl Into<String>) -> Self {
        self.ec2_metadata_service_endpoint = Some(value.into());
        self
    }

    /// Sets which of the usual addresses to use.
    #[must_use]
    pub fn ec2_metadata_service_endpoint_mode(mut self, value: impl Into<Option<ImdsEndpointMode>>) -> Self {
        self.ec2_metadata_service_endpoint_mode = value.into();
        self
    }

    /// Sets whether to use the IPv6 address.
    #[must_use]
    pub fn imds_use_ipv6(mut self, value: bool) -> Self {
        self.imds_use_ipv6 = value;
        self
    }

    /// Sets whether IMDSv1, requests without a token, is disabled.
    #[must_use]
    pub fn ec2_metadata_v1_disabled(mut self, value: bool) -> Self {
        self.ec2_metadata_v1_disabled = value;
        self
    }
}
