//! Credentials of an EC2 instance's role, from the instance metadata service. Knows its paths, both of its versions, and
//! what to make of credentials it did not renew in time.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::document::{self, Kind};
use super::metadata::{self, Answer};
use super::{Around, Surroundings, alone, failed, failed_by, now};
use crate::Result;
use crate::config::{ImdsEndpointMode, MetadataSettings};
use crate::credentials::{BoxFuture, CredentialSource, Credentials, Lookup, ProvideCredentials};
use crate::http::{HeaderValue, HttpErrorKind, Method, Request, Url};

const IPV4: &str = "http://169.254.169.254";
const IPV6: &str = "http://[fd00:ec2::254]";
const DISABLED: &str = "AWS_EC2_METADATA_DISABLED";
const TOKEN_PATH: &str = "latest/api/token";
const ROLE_PATH: &str = "latest/meta-data/iam/security-credentials/";
const ZONE_PATH: &str = "latest/meta-data/placement/availability-zone/";
/// Seconds: six hours, the most there is.
const TOKEN_LIFE: &str = "21600";

/// Credentials that IMDS gives with less life than this it failed to renew.
const STALE: Duration = Duration::from_secs(15 * 60);
/// For how long such credentials are used before IMDS is asked again, and by how much more by chance.
const EXTENSION: (u64, u64) = (17 * 60, 8 * 60);
/// From this long after they expired nobody uses them any more.
const MOST_EXTENDED: Duration = Duration::from_secs(12 * 60 * 60);

/// Asks the instance metadata service: a session token (IMDSv2), the name of the role, its credentials.
///
/// Settings are the session's (`metadata_service_timeout`, 1 s; `metadata_service_num_attempts`, 1;
/// `ec2_metadata_service_endpoint`; `ec2_metadata_service_endpoint_mode`, `imds_use_ipv6`; `ec2_metadata_v1_disabled`)
/// unless the builder says otherwise. Never through a proxy. When the service refuses a token (403, 404, 405) or it does
/// not arrive in time, as behind a hop limit of 1, the older version is tried, unless that is disabled.
///
/// **Expired credentials.** IMDS goes on to give old credentials when it cannot get new ones, and services then often
/// accept them. Credentials that come with less than 15 minutes to live, or expired, are therefore used for another 17 to
/// 25 minutes at a time, each time with a warning, but only until 12 hours after their expiry: then they are what
/// they are, expired. (botocore extends without end.)
#[derive(Clone, Debug)]
pub struct Imds {
    around: Around,
    given: ImdsBuilder,
}

/// Says how [`Imds`] asks; what is left open is as in the session.
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
    /// The URL of the service, in place of the usual one.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Which of the two usual addresses is asked.
    pub fn endpoint_mode(mut self, mode: ImdsEndpointMode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// The time limit for each try.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// How often each request is tried; at least once.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// Whether requests without a token are never made.
    pub fn v1_disabled(mut self, disabled: bool) -> Self {
        self.v1_disabled = Some(disabled);
        self
    }

    /// The source, over what `around`, a session, has.
    pub fn build<S: Surroundings + Clone + 'static>(self, around: &S) -> Imds {
        Imds { around: Arc::new(around.clone()), given: self }
    }
}

/// How a fetch ends without credentials.
enum Ending {
    /// There are none to be had here.
    Nothing(String),
    Failed(crate::Error),
}

impl From<crate::Error> for Ending {
    fn from(error: crate::Error) -> Self {
        Self::Failed(error)
    }
}

impl Imds {
    /// Starts a source with settings of its own.
    pub fn builder() -> ImdsBuilder {
        ImdsBuilder::default()
    }

    /// A source over what `around`, a session, has.
    pub fn new<S: Surroundings + Clone + 'static>(around: &S) -> Self {
        Self::builder().build(around)
    }

    pub(crate) fn over(around: Around) -> Self {
        Self { around, given: ImdsBuilder::default() }
    }

    /// The URL of the service, without a slash at its end.
    ///
    /// # Errors
    /// If the URL is malformed, or the session's settings are.
    pub fn endpoint(&self) -> Result<String> {
        let settings = self.settings()?;
        let configured = self.given.endpoint.as_ref().or(settings.ec2_metadata_service_endpoint.as_ref());
        let mode = self.given.mode.or(settings.ec2_metadata_service_endpoint_mode);
        let mode = mode.unwrap_or(match settings.imds_use_ipv6 {
            true => ImdsEndpointMode::Ipv6,
            false => ImdsEndpointMode::Ipv4,
        });
        let usual = match mode {
            ImdsEndpointMode::Ipv4 => IPV4,
            ImdsEndpointMode::Ipv6 => IPV6,
        };
        let text = configured.map_or(usual, |it| it).trim_end_matches('/');
        Url::parse(text).map_err(|it| failed_by("the endpoint of the instance metadata service", it))?;
        Ok(text.to_owned())
    }

    fn settings(&self) -> Result<&MetadataSettings> {
        Ok(&self.around.config()?.metadata)
    }

    /// The region the instance is in; `None` if nobody says.
    pub(crate) async fn region(&self) -> Option<String> {
        if self.is_disabled() {
            return None;
        }
        let endpoint = self.endpoint().ok()?;
        let ask = async {
            let token = self.token(&endpoint).await?;
            let read = |answer: &Answer| answer.text().and_then(region_of_zone).map(str::to_owned);
            self.get(&format!("{endpoint}/{ZONE_PATH}"), token.as_ref(), "no availability zone", read).await
        };
        match ask.await {
            Ok(region) => Some(region),
            Err(Ending::Nothing(why)) => {
                tracing::debug!(why, "the instance metadata service says no region");
                None
            }
            Err(Ending::Failed(error)) => {
                tracing::debug!(%error, "the instance metadata service says no region");
                None
            }
        }
    }

    fn is_disabled(&self) -> bool {
        self.around.variables().get(DISABLED).is_some_and(|it| it.eq_ignore_ascii_case("true"))
    }

    async fn fetch(&self) -> Result<Credentials, Ending> {
        let endpoint = self.endpoint()?;
        let token = self.token(&endpoint).await?;
        let url = format!("{endpoint}/{ROLE_PATH}");
        let is_name = |answer: &Answer| {
            answer
                .text()
                .and_then(|it| it.lines().next())
                .filter(|it| it.bytes().all(|it| it.is_ascii_alphanumeric() || b"+=,.@_-".contains(&it)))
                .map(str::to_owned)
        };
        let role = self.get(&url, token.as_ref(), "no name of a role", is_name).await?;
        let url = format!("{url}{role}");
        let parse = |answer: &Answer| serde_json::from_slice::<Value>(&answer.body).ok();
        let document = self.get(&url, token.as_ref(), "no JSON", parse).await?;
        let credentials = document::credentials(&document, Kind::Metadata).map_err(|problem| {
            // An error, in a document with a good status.
            let said = document::text(&document, "Message").or_else(|| document::text(&document, "Code"));
            let said = said.map(|it| format!(": {it}")).unwrap_or_default();
            Ending::Nothing(format!("the answer of {url} {problem}{said}"))
        })?;
        tracing::debug!(role, "credentials of an instance role");
        Ok(self.extended(credentials).with_provider(self.name()))
    }

    /// Credentials whose expiry is put off if IMDS did not renew them in time.
    fn extended(&self, credentials: Credentials) -> Credentials {
        let now = now(&self.around.clock());
        let Some(expiry) = credentials.expiry() else { return credentials };
        let past = now.saturating_duration_since(expiry);
        if expiry.saturating_duration_since(now) >= STALE || past > MOST_EXTENDED {
            return credentials;
        }
        let (least, more) = EXTENSION;
        let extension = Duration::from_secs(least) + Duration::from_secs(more).mul_f64(self.around.random().fraction());
        let Some(until) = now.checked_add(extension) else { return credentials };
        tracing::warn!(%expiry, %until, "the instance metadata service gave credentials it should have renewed; using them on");
        credentials.with_expiry(until)
    }

    /// A token for the requests that follow; `None` if the service wants none.
    async fn token(&self, endpoint: &str) -> Result<Option<HeaderValue>, Ending> {
        let url = format!("{endpoint}/{TOKEN_PATH}");
        let (mut why, mut is_absent) = (String::new(), false);
        for _ in 0..self.attempts()? {
            let mut request = Request::new(Method::PUT, Url::parse(url.clone())?);
            request.headers.insert("x-aws-ec2-metadata-token-ttl-seconds", HeaderValue::from_static(TOKEN_LIFE));
            match metadata::exchange(&self.around, request, self.limit()?).await {
                Ok(answer @ Answer { status: 200, .. }) => {
                    let token = answer.text().and_then(|it| HeaderValue::from_str(it).ok());
                    let mut token = token.ok_or_else(|| failed(format!("{url} answered with no token")))?;
                    token.set_sensitive(true);
                    return Ok(Some(token));
                }
                Ok(Answer { status: status @ (403..=405), .. }) => {
                    why = format!("{url} answered with status {status}");
                    break;
                }
                Ok(Answer { status: 400, .. }) => {
                    return Err(Ending::Nothing(format!("{url} answered with status 400")));
                }
                Ok(answer) => why = format!("{url} answered with {}", answer.refusal()),
                // The token may have been lost on its way through a container's network: the older version has no such trouble.
                Err(problem) if problem.kind() == HttpErrorKind::Timeout => {
                    why = problem.to_string();
                    break;
                }
                Err(problem) => {
                    why = format!("{url}: {problem}");
                    is_absent = problem.kind() == HttpErrorKind::Connect;
                }
            }
        }
        if is_absent {
            return Err(Ending::Nothing(why));
        }
        let disabled = self.given.v1_disabled.unwrap_or(self.settings()?.ec2_metadata_v1_disabled);
        if disabled {
            return Err(failed(format!("no token of IMDSv2, and IMDSv1 is disabled: {why}")).into());
        }
        tracing::debug!(why, "no token of IMDSv2, trying IMDSv1");
        Ok(None)
    }

    /// What `read` makes of a good answer.
    async fn get<T>(
        &self,
        url: &str,
        token: Option<&HeaderValue>,
        otherwise: &str,
        read: impl Fn(&Answer) -> Option<T>,
    ) -> Result<T, Ending> {
        let mut why = String::new();
        for _ in 0..self.attempts()? {
            let mut request = Request::new(Method::GET, Url::parse(url)?);
            if let Some(token) = token {
                request.headers.insert("x-aws-ec2-metadata-token", token.clone());
            }
            why = match metadata::exchange(&self.around, request, self.limit()?).await {
                Ok(answer) if answer.status != 200 => format!("{url} answered with {}", answer.refusal()),
                Ok(answer) => match Some(&answer).filter(|it| !it.body.is_empty()).and_then(&read) {
                    Some(found) => return Ok(found),
                    None => format!("{url} answered with {otherwise}"),
                },
                Err(problem) => format!("{url}: {problem}"),
            };
        }
        Err(Ending::Nothing(why))
    }

    fn attempts(&self) -> Result<u32> {
        Ok(self.given.attempts.unwrap_or(self.settings()?.metadata_service_num_attempts).max(1))
    }

    fn limit(&self) -> Result<Duration> {
        Ok(self.given.timeout.unwrap_or(self.settings()?.metadata_service_timeout))
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

impl CredentialSource for Imds {
    fn name(&self) -> &'static str {
        "iam-role"
    }

    fn look_up(&self) -> BoxFuture<'_, Result<Lookup>> {
        Box::pin(async move {
            if self.is_disabled() {
                return Ok(Lookup::NotConfigured(format!("{DISABLED} is true")));
            }
            match self.fetch().await {
                Ok(credentials) => Ok(Lookup::Found(credentials)),
                Err(Ending::Nothing(reason)) => Ok(Lookup::NotConfigured(reason)),
                Err(Ending::Failed(error)) => Err(error),
            }
        })
    }
}

impl ProvideCredentials for Imds {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(alone(self))
    }
}
