//! Credentials of an EC2 instance's role, from the instance metadata service (IMDS). Knows its paths, both of its
//! versions, and how long expired credentials may be used.

use std::sync::Arc;
use std::time::Duration;

use super::credentials_json::{self, Kind};
use super::metadata_server::{self, Response};
use super::{ProviderContext, SharedContext, failed, failed_with, look_up_or_fail, now};
use crate::BoxFuture;
use crate::Result;
use crate::codec::json;
use crate::config::{ImdsConfig, ImdsEndpointMode};
use crate::credentials::{Credentials, LookUpCredentials, Lookup, ProvideCredentials};
use crate::http::{HeaderValue, HttpError, HttpErrorKind, Method, Request, Url};

const NAME: &str = "iam-role";
const IPV4: &str = "http://169.254.169.254";
const IPV6: &str = "http://[fd00:ec2::254]";
const DISABLED: &str = "AWS_EC2_METADATA_DISABLED";
const TOKEN_PATH: &str = "latest/api/token";
const ROLE_PATH: &str = "latest/meta-data/iam/security-credentials/";
const ZONE_PATH: &str = "latest/meta-data/placement/availability-zone/";
/// Six hours, the longest lifetime of a token that IMDS allows; botocore's `_TOKEN_TTL` (`utils.py`).
const TOKEN_TTL_SECONDS: &str = "21600";

/// The attempts of each request once the service has responded to one: it is there, so a failure is a passing one. Until
/// then a further attempt would delay programs on machines that have no such service. Our choice: as many as the other SDKs
/// make, which retry in either case.
const ATTEMPTS_OF_PRESENT_SERVICE: u32 = 3;

/// Credentials with less time left than this count as not refreshed by IMDS in time. botocore's
/// `ec2_credential_refresh_window` (`credentials.py`).
const STALE: Duration = Duration::from_secs(15 * 60);
/// How long such credentials are used before IMDS is called again, and the most that is added at random. Together 17 to
/// 25 minutes, as in botocore: 15 minutes, plus 2 to 10 (`InstanceMetadataFetcher._evaluate_expiration`, `utils.py`).
const EXTENSION: Duration = Duration::from_secs(17 * 60);
const MAX_EXTENSION_JITTER: Duration = Duration::from_secs(8 * 60);
/// Credentials that expired longer ago than this are not extended. Our choice, so that an instance that can no longer
/// refresh its credentials reports that as an error; botocore has no such limit.
const MAX_EXPIRED: Duration = Duration::from_secs(12 * 60 * 60);

/// Provides the credentials of the instance's role from the instance metadata service: requests a session token
/// (IMDSv2), the name of the role, and its credentials.
///
/// Settings that the builder does not set are those of the session: `metadata_service_timeout` (1 s),
/// `metadata_service_num_attempts` (1), `ec2_metadata_service_endpoint`, `ec2_metadata_service_endpoint_mode`,
/// `imds_use_ipv6` and `ec2_metadata_v1_disabled`. Once the service has responded, a request that fails on its side is
/// attempted three times in any case. No proxy is used. If the service rejects the token request (status
/// 403, 404 or 405) or the request times out, as it does behind a hop limit of 1, IMDSv1 is used, unless it is
/// disabled.
///
/// **Expired credentials.** IMDS returns the old credentials if it cannot refresh them, and services often accept them
/// nevertheless. Credentials that have less than 15 minutes left, or are expired, are therefore used for another 17 to
/// 25 minutes at a time, each time with a warning. 12 hours after their expiry they are an error. (botocore has no such
/// limit.)
#[derive(Clone, Debug)]
pub struct Imds {
    context: SharedContext,
    overrides: ImdsBuilder,
}

/// Configures an [`Imds`] provider. Settings that are not set here are those of the session.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ImdsBuilder {
    endpoint: Option<String>,
    mode: Option<ImdsEndpointMode>,
    timeout: Option<Duration>,
    attempts: Option<u32>,
    v1_disabled: Option<bool>,
}

impl ImdsBuilder {
    /// Sets the URL of the service. By default that of the endpoint mode.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Sets whether the default URL is the IPv4 or the IPv6 one.
    pub fn endpoint_mode(mut self, mode: ImdsEndpointMode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Sets the timeout of each attempt.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the maximum number of attempts of each request, the first one included; 0 counts as 1.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// Sets whether IMDSv1 is disabled: no request is sent without a token.
    pub fn v1_disabled(mut self, disabled: bool) -> Self {
        self.v1_disabled = Some(disabled);
        self
    }

    /// Builds the provider. It uses the session's settings, HTTP client, clock and environment.
    pub fn build<S: ProviderContext + Clone + 'static>(self, session: &S) -> Imds {
        Imds { context: Arc::new(session.clone()), overrides: self }
    }
}

/// What the requests of one fetch show of the service.
#[derive(Debug, Default)]
struct Presence {
    has_responded: bool,
    /// Whether it has responded, and the last request failed on its side or on the network path.
    is_failing: bool,
}

impl Presence {
    fn observe(&mut self, outcome: Result<Response, HttpError>) -> Result<Response, HttpError> {
        self.has_responded |= outcome.is_ok();
        self.is_failing = self.has_responded
            && match &outcome {
                Ok(response) => response.status >= 500 || (response.status == 200 && response.body.is_empty()),
                Err(error) => error.kind() != HttpErrorKind::Other,
            };
        outcome
    }
}

/// Why a fetch failed.
enum FetchError {
    /// There is no metadata service, or it does not have the data: the provider is not configured.
    Unavailable(String),
    /// Another error, which ends the chain.
    Failed(crate::Error),
}

impl From<crate::Error> for FetchError {
    fn from(error: crate::Error) -> Self {
        Self::Failed(error)
    }
}

impl Imds {
    /// Starts a builder, for settings that differ from the session's.
    pub fn builder() -> ImdsBuilder {
        ImdsBuilder::default()
    }

    /// A provider with the session's settings, HTTP client, clock and environment.
    pub fn new<S: ProviderContext + Clone + 'static>(session: &S) -> Self {
        Self::builder().build(session)
    }

    pub(crate) fn from_context(context: SharedContext) -> Self {
        Self { context, overrides: ImdsBuilder::default() }
    }

    /// The URL of the service, without a trailing slash.
    ///
    /// # Errors
    /// If the URL or the session's settings are malformed.
    pub fn endpoint(&self) -> Result<String> {
        let settings = self.settings()?;
        let configured = self.overrides.endpoint.as_ref().or(settings.ec2_metadata_service_endpoint.as_ref());
        let mode = self.overrides.mode.or(settings.ec2_metadata_service_endpoint_mode);
        let mode = mode.unwrap_or(match settings.imds_use_ipv6 {
            true => ImdsEndpointMode::Ipv6,
            false => ImdsEndpointMode::Ipv4,
        });
        let default = match mode {
            ImdsEndpointMode::Ipv4 => IPV4,
            ImdsEndpointMode::Ipv6 => IPV6,
        };
        let url = configured.map_or(default, |it| it).trim_end_matches('/');
        Url::parse(url).map_err(|it| failed_with("invalid endpoint of the instance metadata service", it))?;
        Ok(url.to_owned())
    }

    fn settings(&self) -> Result<&ImdsConfig> {
        Ok(&self.context.config()?.imds)
    }

    /// The region of the instance; `None` if IMDS is disabled or does not return one.
    pub(crate) async fn region(&self) -> Option<String> {
        if self.is_disabled() {
            return None;
        }
        let endpoint = self.endpoint().ok()?;
        let fetch = async {
            let mut presence = Presence::default();
            let token = self.token(&endpoint, &mut presence).await?;
            let read = |response: &Response| response.text().and_then(region_of_zone).map(str::to_owned);
            let url = format!("{endpoint}/{ZONE_PATH}");
            self.get(&url, token.as_ref(), &mut presence, "no availability zone", read).await
        };
        match fetch.await {
            Ok(region) => Some(region),
            Err(FetchError::Unavailable(reason)) => {
                tracing::debug!(reason, "no region from the instance metadata service");
                None
            }
            Err(FetchError::Failed(error)) => {
                tracing::debug!(%error, "no region from the instance metadata service");
                None
            }
        }
    }

    fn is_disabled(&self) -> bool {
        self.context.variables().get(DISABLED).is_some_and(|it| it.eq_ignore_ascii_case("true"))
    }

    async fn fetch(&self) -> Result<Credentials, FetchError> {
        let endpoint = self.endpoint()?;
        // A client that cannot be built is an error of the settings, and no sign that there is no service.
        self.context.direct_http()?;
        let mut presence = Presence::default();
        let token = self.token(&endpoint, &mut presence).await?;
        let url = format!("{endpoint}/{ROLE_PATH}");
        let role_name = |response: &Response| {
            response
                .text()
                .and_then(|it| it.lines().next())
                .filter(|name| name.bytes().all(|it| it.is_ascii_alphanumeric() || b"+=,.@_-".contains(&it)))
                .map(str::to_owned)
        };
        let role = self.get(&url, token.as_ref(), &mut presence, "no role name", role_name).await?;
        let url = format!("{url}{role}");
        let parse = |response: &Response| json::value(&response.body).ok();
        let document = self.get(&url, token.as_ref(), &mut presence, "a body that is not JSON", parse).await?;
        let credentials = credentials_json::credentials(&document, Kind::Metadata).map_err(|problem| {
            // IMDS reports some errors in a response with status 200.
            let message =
                credentials_json::string(&document, "Message").or_else(|| credentials_json::string(&document, "Code"));
            let message = message.map(|it| format!(": {it}")).unwrap_or_default();
            FetchError::Unavailable(format!("the response of {url} {problem}{message}"))
        })?;
        tracing::debug!(role, "credentials of an instance role");
        Ok(self.extend(credentials).with_provider(NAME))
    }

    /// Moves the expiry into the future if IMDS did not refresh the credentials in time.
    fn extend(&self, credentials: Credentials) -> Credentials {
        let now = now(&self.context.clock());
        let Some(expiry) = credentials.expiry() else { return credentials };
        let expired_since = now.saturating_duration_since(expiry);
        if expiry.saturating_duration_since(now) >= STALE || expired_since > MAX_EXPIRED {
            return credentials;
        }
        let extension = EXTENSION + MAX_EXTENSION_JITTER.mul_f64(self.context.random().fraction());
        let Some(until) = now.checked_add(extension) else { return credentials };
        tracing::warn!(%expiry, %until, "extending credentials that the instance metadata service did not refresh");
        credentials.with_expiry(until)
    }

    /// A token for the requests that follow; `None` for IMDSv1.
    async fn token(&self, endpoint: &str, presence: &mut Presence) -> Result<Option<HeaderValue>, FetchError> {
        let url = format!("{endpoint}/{TOKEN_PATH}");
        let (mut problem, mut is_unreachable) = (String::new(), false);
        let mut attempt = 0;
        while attempt < self.attempts(presence)? {
            attempt += 1;
            let mut request = Request::new(Method::PUT, Url::parse(url.clone())?);
            request.headers.insert("x-aws-ec2-metadata-token-ttl-seconds", HeaderValue::from_static(TOKEN_TTL_SECONDS));
            match presence.observe(metadata_server::send(&self.context, request, self.timeout()?).await) {
                Ok(response @ Response { status: 200, .. }) => {
                    let token = response.text().and_then(|it| HeaderValue::from_str(it).ok());
                    let mut token = token.ok_or_else(|| failed(format!("{url} returned no token")))?;
                    token.set_sensitive(true);
                    return Ok(Some(token));
                }
                Ok(Response { status: status @ (403..=405), .. }) => {
                    problem = format!("{url} returned status {status}");
                    break;
                }
                Ok(Response { status: 400, .. }) => {
                    return Err(FetchError::Unavailable(format!("{url} returned status 400")));
                }
                Ok(response) => problem = format!("{url} returned {}", response.status_and_message()),
                // A hop limit of 1 drops the token in a container's network; responses of IMDSv1 pass.
                Err(error) if error.kind() == HttpErrorKind::Timeout => {
                    problem = error.to_string();
                    break;
                }
                Err(error) => {
                    problem = format!("{url}: {error}");
                    is_unreachable = error.kind() == HttpErrorKind::Connect;
                }
            }
        }
        if is_unreachable {
            return Err(FetchError::Unavailable(problem));
        }
        let v1_disabled = self.overrides.v1_disabled.unwrap_or(self.settings()?.ec2_metadata_v1_disabled);
        if v1_disabled {
            return Err(failed(format!("no IMDSv2 token, and IMDSv1 is disabled: {problem}")).into());
        }
        tracing::debug!(problem, "no IMDSv2 token, trying IMDSv1");
        Ok(None)
    }

    /// The value that `read` finds in a response with status 200; `invalid` describes a response without one.
    async fn get<T>(
        &self,
        url: &str,
        token: Option<&HeaderValue>,
        presence: &mut Presence,
        invalid: &str,
        read: impl Fn(&Response) -> Option<T>,
    ) -> Result<T, FetchError> {
        let mut problem = String::new();
        let mut attempt = 0;
        while attempt < self.attempts(presence)? {
            attempt += 1;
            let mut request = Request::new(Method::GET, Url::parse(url)?);
            if let Some(token) = token {
                request.headers.insert("x-aws-ec2-metadata-token", token.clone());
            }
            problem = match presence.observe(metadata_server::send(&self.context, request, self.timeout()?).await) {
                Ok(response) if response.status != 200 => format!("{url} returned {}", response.status_and_message()),
                Ok(response) => match Some(&response).filter(|it| !it.body.is_empty()).and_then(&read) {
                    Some(value) => return Ok(value),
                    None => format!("{url} returned {invalid}"),
                },
                Err(error) => format!("{url}: {error}"),
            };
        }
        Err(FetchError::Unavailable(problem))
    }

    /// How often a request is attempted, as far as is known from the responses until now.
    fn attempts(&self, presence: &Presence) -> Result<u32> {
        if let Some(attempts) = self.overrides.attempts {
            return Ok(attempts.max(1));
        }
        let present = if presence.is_failing { ATTEMPTS_OF_PRESENT_SERVICE } else { 1 };
        Ok(self.settings()?.metadata_service_num_attempts.max(present))
    }

    fn timeout(&self) -> Result<Duration> {
        Ok(self.overrides.timeout.unwrap_or(self.settings()?.metadata_service_timeout))
    }
}

/// The region of an availability zone: its name up to the number, `us-west-2` of `us-west-2a` and of the local zone
/// `us-west-2-lax-1a`.
fn region_of_zone(zone: &str) -> Option<&str> {
    let digits = zone.find(|it: char| it.is_ascii_digit())?;
    let length = zone[digits..].find(|it: char| !it.is_ascii_digit()).unwrap_or(zone.len() - digits);
    let region = &zone[..digits + length];
    (region.contains('-') && region.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')).then_some(region)
}

impl LookUpCredentials for Imds {
    fn name(&self) -> &'static str {
        NAME
    }

    /// Timeout and attempts of each request are settings.
    fn fetch_timeout(&self) -> Option<Duration> {
        None
    }

    fn look_up(&self) -> BoxFuture<'_, Result<Lookup>> {
        Box::pin(async move {
            if self.is_disabled() {
                return Ok(Lookup::NotConfigured(format!("{DISABLED} is true")));
            }
            match self.fetch().await {
                Ok(credentials) => Ok(Lookup::Found(credentials)),
                Err(FetchError::Unavailable(reason)) => Ok(Lookup::NotConfigured(reason)),
                Err(FetchError::Failed(error)) => Err(error),
            }
        })
    }
}

impl ProvideCredentials for Imds {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(look_up_or_fail(self))
    }

    fn provider_name(&self) -> &'static str {
        NAME
    }

    /// It limits each of its steps.
    fn fetch_timeout(&self) -> Option<Duration> {
        None
    }
}
