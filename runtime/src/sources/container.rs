//! Credentials of a container: Amazon ECS, AWS IoT Greengrass, EKS Pod Identity. Knows the variables they set and the
//! hosts that may be asked.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::document::{self, Kind};
use super::{Around, Surroundings, alone, failed, failed_by, metadata};
use crate::Result;
use crate::credentials::{BoxFuture, CredentialSource, Credentials, Lookup, ProvideCredentials};
use crate::http::{HeaderValue, Method, Request, Url, header};

const RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
/// Of ECS.
const HOST: &str = "169.254.170.2";
/// Hosts that may be asked without TLS, beside loopback addresses: ECS, and EKS in both families.
const HOSTS: [&str; 4] = [HOST, "169.254.170.23", "fd00:ec2::23", "localhost"];
/// For one try; botocore's numbers.
const LIMIT: Duration = Duration::from_secs(2);
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);
/// A token larger than this is none.
const MOST_TOKEN_BYTES: u64 = 64 * 1024;

/// Asks the server that `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` (a path at 169.254.170.2) or else
/// `AWS_CONTAINER_CREDENTIALS_FULL_URI` names, with the token of `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` or else
/// `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
///
/// The URL must be https, or of a loopback address, 169.254.170.2, 169.254.170.23, fd00:ec2::23 or localhost: a token is
/// not sent in the clear elsewhere. 2 seconds a try, 3 tries, a second between them; never through a proxy. Variables and
/// the token's file are read at each fetch.
#[derive(Clone, Debug)]
pub struct Container {
    around: Around,
    limit: Duration,
}

impl Container {
    /// A source over what `around`, a session, has.
    pub fn new<S: Surroundings + Clone + 'static>(around: &S) -> Self {
        Self::over(Arc::new(around.clone()))
    }

    pub(crate) fn over(around: Around) -> Self {
        Self { around, limit: LIMIT }
    }

    /// The same with another time limit for each of the three tries; 2 seconds by default.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The URL that is asked; `None` if no variable names one.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials) if it is malformed or its host is not allowed.
    pub fn url(&self) -> Result<Option<Url>> {
        let variables = self.around.variables();
        if let Some(path) = variables.get(RELATIVE_URI) {
            if !path.starts_with('/') {
                return Err(failed(format!("{RELATIVE_URI} is {path:?}: expected a path that starts with /")));
            }
            let url = Url::parse(format!("http://{HOST}{path}"));
            return url.map(Some).map_err(|it| failed_by(RELATIVE_URI, it));
        }
        let Some(text) = variables.get(FULL_URI) else { return Ok(None) };
        let url = Url::parse(text).map_err(|it| failed_by(FULL_URI, it))?;
        let host = url.host().trim_start_matches('[').trim_end_matches(']');
        let is_loopback = host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback());
        if url.is_https() || is_loopback || HOSTS.contains(&host) {
            return Ok(Some(url));
        }
        let hosts = HOSTS.join(", ");
        Err(failed(format!(
            "{FULL_URI} names the host {host:?}, which may not be asked: expected https, a loopback address, or one of {hosts}"
        )))
    }

    /// The token, if there is one.
    fn authorization(&self) -> Result<Option<HeaderValue>> {
        let variables = self.around.variables();
        let (token, place) = match (variables.path(TOKEN_FILE), variables.get(TOKEN)) {
            (Some(path), _) => {
                let place = format!("file {} named by {TOKEN_FILE}", path.display());
                let length = std::fs::metadata(&path).map_or(0, |it| it.len());
                let token = match length > MOST_TOKEN_BYTES {
                    true => Err(std::io::ErrorKind::FileTooLarge.into()),
                    false => std::fs::read_to_string(&path),
                };
                (token.map_err(|it| failed(format!("{place} cannot be read: {it}")).with_source(it))?, place)
            }
            (None, Some(token)) => (token, TOKEN.to_owned()),
            (None, None) => return Ok(None),
        };
        // A line break would end the header and begin another.
        let value = HeaderValue::from_str(&token).ok().filter(|_| !token.contains(['\r', '\n']));
        let mut value = value.ok_or_else(|| failed(format!("the token in {place} cannot stand in a header")))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    async fn fetch(&self, url: Url) -> Result<Credentials> {
        let mut try_number = 1;
        loop {
            let problem = match self.attempt(&url).await? {
                Ok(credentials) => return Ok(credentials.with_provider(self.name())),
                Err(problem) => problem,
            };
            tracing::debug!(try_number, %problem, "no credentials from the container's server");
            if try_number >= TRIES {
                return Err(failed(format!("{} {problem} ({TRIES} tries)", shown(&url))));
            }
            try_number += 1;
            self.around.sleep().wait(PAUSE).await;
        }
    }

    /// One try; what may be better next time is the inner error.
    async fn attempt(&self, url: &Url) -> Result<Result<Credentials, String>> {
        let mut request = Request::new(Method::GET, url.clone());
        request.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(token) = self.authorization()? {
            request.headers.insert(header::AUTHORIZATION, token);
        }
        let answer = match metadata::exchange(&self.around, request, self.limit).await {
            Ok(answer) => answer,
            Err(problem) => return Ok(Err(format!("gave no answer: {problem}"))),
        };
        if answer.status != 200 {
            return Ok(Err(format!("answered with {}", answer.refusal())));
        }
        let Ok(found) = serde_json::from_slice(&answer.body) else {
            return Ok(Err("answered with something that is no JSON".to_owned()));
        };
        let credentials = document::credentials(&found, Kind::Metadata);
        credentials.map(Ok).map_err(|it| failed(format!("the answer of {} {it}", shown(url))))
    }
}

/// Without the query, which may be secret.
fn shown(url: &Url) -> &str {
    url.as_str().split('?').next().unwrap_or_default()
}

impl CredentialSource for Container {
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
        Box::pin(alone(self))
    }
}
