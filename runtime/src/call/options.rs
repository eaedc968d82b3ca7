//! What a caller can change for one call.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::client_state::ClientState;
use super::user_agent::Features;
use crate::config::{ChecksumMode, MinThroughput, RetryConfig, RetryMode, without_user};
use crate::credentials::{Anonymous, CredentialsCache, ProvideCredentials};
use crate::encoding::percent;
use crate::error::{Error, ErrorKind, Result};
use crate::hooks::Hook;
use crate::http::{HeaderName, HeaderValue, Request, RequestTimeouts};
use crate::retry::RetryPolicy;

/// The headers that a signature consists of.
const SIGNATURE_HEADERS: [&str; 5] =
    ["authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token", "x-amz-s3session-token"];

/// Changes for one call: credentials, region, endpoint URL, retries, timeouts, checksums, additional headers and query
/// parameters. They apply to every request of pages, items and waiters, and to presigned URLs.
///
/// ```
/// # use std::time::Duration;
/// let options = aws_core::Options::new().total_timeout(Duration::from_secs(5)).max_attempts(1).header("x-trace", "abc");
/// ```
#[derive(Clone, Default)]
pub struct Options {
    pub(crate) credentials: Option<Arc<dyn ProvideCredentials>>,
    retry_mode: Option<RetryMode>,
    max_attempts: Option<u32>,
    pub(crate) timeouts: RequestTimeouts,
    pub(crate) request_checksum_calculation: Option<ChecksumMode>,
    pub(crate) response_checksum_validation: Option<ChecksumMode>,
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) total_timeout: Option<Duration>,
    pub(crate) region: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    headers: Vec<(String, String)>,
    query: Vec<(String, String)>,
    pub(crate) hooks: Vec<Arc<dyn Hook>>,
    /// The features that the user agent reports: that a paginator or a waiter sends the call.
    pub(crate) features: Features,
}

impl fmt::Debug for Options {
    /// Without the values of headers and query parameters, and without the user info of the URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |pairs: &[(String, String)]| pairs.iter().map(|it| it.0.clone()).collect::<Vec<_>>();
        f.debug_struct("Options")
            .field("credentials", &self.credentials.as_ref().map(|it| it.provider_name()))
            .field("retry_mode", &self.retry_mode)
            .field("max_attempts", &self.max_attempts)
            .field("timeouts", &self.timeouts)
            .field("request_checksum_calculation", &self.request_checksum_calculation)
            .field("response_checksum_validation", &self.response_checksum_validation)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("total_timeout", &self.total_timeout)
            .field("region", &self.region)
            .field("endpoint_url", &self.endpoint_url.as_deref().map(without_user))
            .field("headers", &names(&self.headers))
            .field("query", &names(&self.query))
            .field("hooks", &self.hooks.iter().map(|it| it.name()).collect::<Vec<_>>())
            .finish()
    }
}

impl Options {
    /// No changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the credentials that this call is signed with: a set of keys, or another provider. A provider that fetches
    /// is asked once for all calls with these options and their clones, as by a
    /// [`CredentialsCache`](crate::credentials::CredentialsCache). A bearer token is not sent where the operation also
    /// accepts a signature. If not set here: the session's.
    #[must_use]
    pub fn credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.credentials = Some(match provider.is_anonymous() || provider.cached().is_some() {
            true => Arc::new(provider),
            false => Arc::new(CredentialsCache::new(provider)),
        });
        self
    }

    /// Sends this call without a signature, as public data allows: boto3's `signature_version=UNSIGNED`.
    #[must_use]
    pub fn anonymous(self) -> Self {
        self.credentials(Anonymous)
    }

    /// Sets how failed attempts of this call are retried. If not set here: the session's mode.
    #[must_use]
    pub fn retry_mode(mut self, mode: RetryMode) -> Self {
        self.retry_mode = Some(mode);
        self
    }

    /// Sets the maximum number of attempts of this call, the first one included: 1 disables retries, and 0 counts as 1. If
    /// not set here: the session's, else the number of the retry mode and the service.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts);
        self
    }

    /// Sets the timeout for name resolution, connecting and the TLS handshake together, where the call needs a new
    /// connection. If not set here: the session's. An HTTP client that was set in code must know it:
    /// `http::ReqwestClient` returns an error.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.connect = Some(timeout);
        self
    }

    /// Sets how long this call may pass without a byte sent or received, its streamed response included. If not set here:
    /// the session's. As to HTTP clients see [`connect_timeout`](Self::connect_timeout).
    #[must_use]
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.read = Some(timeout);
        self
    }

    /// Sets the lowest speed at which the bodies of this call must be sent and received; 0 bytes a second is no limit. If not
    /// set here: the session's. As to HTTP clients see [`connect_timeout`](Self::connect_timeout).
    #[must_use]
    pub fn min_throughput(mut self, limit: MinThroughput) -> Self {
        self.timeouts.min_throughput = Some(limit);
        self
    }

    /// Sets whether the request carries a checksum only where it must. If not set here: the session's setting.
    #[must_use]
    pub fn request_checksum_calculation(mut self, mode: ChecksumMode) -> Self {
        self.request_checksum_calculation = Some(mode);
        self
    }

    /// Sets whether the checksum of the response is validated only where the input asks for it. If not set here: the
    /// session's setting.
    #[must_use]
    pub fn response_checksum_validation(mut self, mode: ChecksumMode) -> Self {
        self.response_checksum_validation = Some(mode);
        self
    }

    /// Sets the timeout of one attempt, from connecting to the end of the response (of a streamed response: to the end
    /// of its headers). If not set here: the session's.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Sets the timeout of the whole call, including all attempts and the pauses between them. If not set here: the
    /// session's.
    #[must_use]
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = Some(timeout);
        self
    }

    /// Sets the region that this call is sent to and signed for, instead of the client's. Must be a real region: a
    /// pseudo-region that [`SessionBuilder::region`](crate::SessionBuilder::region) accepts, such as `fips-us-east-1`,
    /// is rejected, since `use_fips` is a setting of the session. Services with one endpoint for all regions keep that endpoint.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Sets the endpoint URL of this call, instead of that of the settings or of the service's endpoint rule set.
    #[must_use]
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// Sets a header on every attempt, replacing one of the same name.
    ///
    /// It is signed, except for the names that proxies and clients add, change or drop, which are never signed:
    /// `authorization`, `baggage`, `connection`, `expect`, `keep-alive`, `proxy-authenticate`, `proxy-authorization`,
    /// `te`, `traceparent`, `tracestate`, `trailer`, `transfer-encoding`, `upgrade`, `user-agent`, `x-amzn-trace-id`.
    ///
    /// The headers of the signature itself (`authorization`, `x-amz-content-sha256`, `x-amz-date`, `x-amz-security-token`, `x-amz-s3session-token`)
    /// can be set for unsigned requests only; a signed call with one of them is an error before anything is sent.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a query parameter to every attempt. It is signed.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Adds a hook of this call, after those of the session and those that were added before. See [`hooks`](crate::hooks).
    #[must_use]
    pub fn hook(mut self, hook: impl Hook) -> Self {
        self.hooks.push(Arc::new(hook));
        self
    }

    /// Shortens the total timeout to a limit.
    pub(crate) fn limit_total(&mut self, limit: Option<Duration>) {
        self.total_timeout = [self.total_timeout, limit].into_iter().flatten().min();
    }

    /// The provider of the credentials that the call is signed with.
    pub(crate) fn credentials_provider<'a>(&'a self, client: &'a ClientState) -> Result<&'a dyn ProvideCredentials> {
        match &self.credentials {
            Some(provider) => Ok(&**provider),
            None => Ok(&**client.session.credentials()?),
        }
    }

    /// The retry policy of this call, if it is not that of the client. It shares the client's retry quota
    /// and rate limiter.
    pub(crate) fn retry_policy(&self, client: &ClientState) -> Result<Option<RetryPolicy>> {
        if self.retry_mode.is_none() && self.max_attempts.is_none() {
            return Ok(None);
        }
        let (of_client, of_session) = (client.policy()?, &client.config()?.retry);
        let config = RetryConfig {
            mode: self.retry_mode.unwrap_or(of_session.mode),
            max_attempts: self.max_attempts.or(of_session.max_attempts),
        };
        let mut policy = RetryPolicy::new(&config, client.service.retries);
        policy.random = of_client.random.clone();
        policy.limiter = Arc::clone(&of_client.limiter);
        if policy.quota.is_some() && of_client.quota.is_some() {
            policy.quota.clone_from(&of_client.quota);
        }
        Ok(Some(policy))
    }

    /// Rejects headers that the signature of a call writes: the caller's value would be replaced.
    pub(crate) fn check_signed(&self) -> Result<()> {
        let is_written = |name: &str| SIGNATURE_HEADERS.iter().any(|it| it.eq_ignore_ascii_case(name));
        match self.headers.iter().find(|(name, _)| is_written(name)) {
            Some((name, _)) => {
                let why = format!("invalid header name in `Options::header`: {name:?} is written by the signature");
                Err(Error::new(ErrorKind::Validation, why))
            }
            None => Ok(()),
        }
    }

    pub(crate) fn apply(&self, request: &mut Request) -> Result<()> {
        for (name, value) in &self.headers {
            let invalid =
                |what| Error::new(ErrorKind::Validation, format!("invalid {what} in `Options::header`: {name:?}"));
            let header: HeaderName = name.parse().map_err(|it| invalid("header name").with_source(it))?;
            let value: HeaderValue = value.parse().map_err(|it| invalid("value of a header").with_source(it))?;
            request.headers.insert(header, value);
        }
        for (name, value) in &self.query {
            request.url.push_query(&format!("{}={}", percent::encode(name), percent::encode(value)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_secrets() {
        let options = Options::new()
            .region("eu-west-1")
            .endpoint_url("https://me:hidden@host")
            .header("authorization", "hidden")
            .query("token", "hidden")
            .credentials(crate::Credentials::new("hidden", "hidden"));
        let text = format!("{options:?}");
        for visible in ["eu-west-1", "host", "authorization", "token"] {
            assert!(text.contains(visible), "{text}");
        }
        assert!(!text.contains("hidden"), "{text}");
    }

    #[test]
    fn every_option_has_a_case_in_the_law_of_options() {
        // Not compiled if there is another one: then `tests/suite/lifecycle/options.rs` needs a case. `query` has no
        // setting of a session, and no caller sets `features`.
        let Options {
            credentials,
            retry_mode,
            max_attempts,
            timeouts: RequestTimeouts { connect, read, min_throughput },
            request_checksum_calculation,
            response_checksum_validation,
            attempt_timeout,
            total_timeout,
            region,
            endpoint_url,
            headers,
            query,
            hooks,
            features: _,
        } = Options::new();
        assert!(credentials.is_none() && retry_mode.is_none() && max_attempts.is_none());
        assert!(request_checksum_calculation.is_none() && response_checksum_validation.is_none());
        assert!(
            [connect, read, attempt_timeout, total_timeout].iter().all(Option::is_none) && min_throughput.is_none()
        );
        assert!(region.is_none() && endpoint_url.is_none() && headers.is_empty() && query.is_empty());
        assert!(hooks.is_empty(), "tested beside the hooks of sessions: `tests/suite/hooks.rs`");
    }
}
