//! Credentials of a container: Amazon ECS, AWS IoT Greengrass, EKS Pod Identity. Knows the variables they set and the
//! hosts that requests may be sent to.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::credentials_json::{self, Kind};
use super::{ProviderContext, SharedContext, failed, failed_with, look_up_or_fail, metadata_server};
use crate::BoxFuture;
use crate::Result;
use crate::codec::json;
use crate::credentials::{Credentials, LookUpCredentials, Lookup, ProvideCredentials, small_file};
use crate::http::{HeaderValue, Method, Request, Url, header};

const RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
/// The host of relative URIs, on Amazon ECS.
const ECS_HOST: &str = "169.254.170.2";
/// The hosts that are allowed without TLS, beside loopback addresses: that of ECS, and those of EKS for IPv4 and IPv6.
/// botocore's `ContainerMetadataFetcher._ALLOWED_HOSTS` (`utils.py`).
const ALLOWED_HOSTS: [&str; 4] = [ECS_HOST, "169.254.170.23", "fd00:ec2::23", "localhost"];
/// The timeout of one attempt, the number of attempts, and the delay between them: `TIMEOUT_SECONDS`, `RETRY_ATTEMPTS`
/// and `SLEEP_TIME` of botocore's `ContainerMetadataFetcher` (`utils.py`).
const TIMEOUT: Duration = Duration::from_secs(2);
const ATTEMPTS: u32 = 3;
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// Larger token files are an error. Our choice: far more than fits into a header.
const MAX_TOKEN_BYTES: u64 = 64 * 1024;

/// Provides the credentials of a container: requests them from the URL in `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` (a
/// path at 169.254.170.2) or else `AWS_CONTAINER_CREDENTIALS_FULL_URI`, with the token in
/// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` or else `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
///
/// The URL must be https, or its host a loopback address, 169.254.170.2, 169.254.170.23, fd00:ec2::23 or localhost: the
/// token is sent to no other host without encryption. A request is attempted 3 times, with a timeout of 2 seconds and a
/// second between attempts, and never through a proxy. Variables and the token's file are read at each fetch.
#[derive(Clone, Debug)]
pub struct Container {
    context: SharedContext,
    timeout: Duration,
}

impl Container {
    /// A provider with the session's settings, HTTP client, clock and environment.
    pub fn new<S: ProviderContext + Clone + 'static>(session: &S) -> Self {
        Self::from_context(Arc::new(session.clone()))
    }

    pub(crate) fn from_context(context: SharedContext) -> Self {
        Self { context, timeout: TIMEOUT }
    }

    /// Sets the timeout of each of the three attempts. By default 2 seconds.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The URL that credentials are requested from; `None` if neither variable is set.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials) if the URL is malformed or its host is not allowed.
    pub fn url(&self) -> Result<Option<Url>> {
        let variables = self.context.variables();
        if let Some(path) = variables.get(RELATIVE_URI) {
            if !path.starts_with('/') {
                return Err(failed(format!("{RELATIVE_URI} is {path:?}: expected a path that starts with /")));
            }
            let url = Url::parse(format!("http://{ECS_HOST}{path}"));
            return url.map(Some).map_err(|it| failed_with(RELATIVE_URI, it));
        }
        let Some(uri) = variables.get(FULL_URI) else { return Ok(None) };
        let url = Url::parse(uri).map_err(|it| failed_with(FULL_URI, it))?;
        let host = url.host().trim_start_matches('[').trim_end_matches(']');
        let is_loopback = host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback());
        if url.is_https() || is_loopback || ALLOWED_HOSTS.contains(&host) {
            return Ok(Some(url));
        }
        let allowed = ALLOWED_HOSTS.join(", ");
        Err(failed(format!(
            "{FULL_URI} has the host {host:?}, which is not allowed: expected https, a loopback address, or one of \
             {allowed}"
        )))
    }

    /// The value of the `authorization` header, if a token is configured.
    async fn authorization(&self) -> Result<Option<HeaderValue>> {
        let variables = self.context.variables();
        let (token, origin) = match (variables.path(TOKEN_FILE), variables.get(TOKEN)) {
            (Some(path), _) => {
                let origin = format!("file {} named by {TOKEN_FILE}", path.display());
                // Editors and `kubectl` end a file with a line break, which is no part of the token.
                let token = small_file::read_text(&path, MAX_TOKEN_BYTES, &origin).await?;
                (token.trim_end_matches(['\r', '\n']).to_owned(), origin)
            }
            (None, Some(token)) => (token, TOKEN.to_owned()),
            (None, None) => return Ok(None),
        };
        // A line break would end the header and begin another.
        let value = HeaderValue::from_str(&token).ok().filter(|_| !token.contains(['\r', '\n']));
        let mut value = value.ok_or_else(|| failed(format!("the token in {origin} cannot be sent in a header")))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    async fn fetch(&self, url: Url) -> Result<Credentials> {
        // A client that cannot be built is an error of the settings: no further attempt helps.
        self.context.direct_http()?;
        let mut attempt = 1;
        loop {
            let problem = match self.attempt(&url).await? {
                Ok(credentials) => return Ok(credentials.with_provider(self.name())),
                Err(problem) => problem,
            };
            tracing::debug!(attempt, %problem, "no credentials from the container's server");
            if attempt >= ATTEMPTS {
                return Err(failed(format!("{} {problem} ({ATTEMPTS} attempts)", without_query(&url))));
            }
            attempt += 1;
            self.context.sleep().wait(RETRY_DELAY).await;
        }
    }

    /// One attempt. The inner error is a problem that a retry may solve.
    async fn attempt(&self, url: &Url) -> Result<Result<Credentials, String>> {
        let mut request = Request::new(Method::GET, url.clone());
        request.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(token) = self.authorization().await? {
            request.headers.insert(header::AUTHORIZATION, token);
        }
        let response = match metadata_server::send(&self.context, request, self.timeout).await {
            Ok(response) => response,
            Err(problem) => return Ok(Err(format!("sent no response: {problem}"))),
        };
        if response.status != 200 {
            return Ok(Err(format!("returned {}", response.status_and_message())));
        }
        let Ok(document) = json::value(&response.body) else {
            return Ok(Err("returned a body that is not JSON".to_owned()));
        };
        let credentials = credentials_json::credentials(&document, Kind::Metadata);
        credentials.map(Ok).map_err(|it| failed(format!("the response of {} {it}", without_query(url))))
    }
}

/// The URL for messages, without the query, which may be secret.
fn without_query(url: &Url) -> &str {
    url.as_str().split('?').next().unwrap_or_default()
}

impl LookUpCredentials for Container {
    fn name(&self) -> &'static str {
        "container-role"
    }

    fn look_up(&self) -> BoxFuture<'_, Result<Lookup>> {
        Box::pin(async move {
            match self.url()? {
                Some(url) => self.fetch(url).await.map(Lookup::Found),
                None => Ok(Lookup::NotConfigured(format!("{RELATIVE_URI} and {FULL_URI} are not set"))),
            }
        })
    }
}

impl ProvideCredentials for Container {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(look_up_or_fail(self))
    }

    fn provider_name(&self) -> &'static str {
        self.name()
    }
}
