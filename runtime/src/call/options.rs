//! What a caller may change about one call.

use std::fmt;
use std::time::Duration;

use super::user_agent::Features;
use crate::config::without_user;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{HeaderName, HeaderValue, Request};
use crate::text::percent;

/// Changes for one call: limits, headers and query parameters of its own.
///
/// ```
/// # use std::time::Duration;
/// let options = aws_core::Options::new().total_timeout(Duration::from_secs(5)).header("x-trace", "abc");
/// ```
#[derive(Clone, Default)]
pub struct Options {
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) total_timeout: Option<Duration>,
    pub(crate) region: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    headers: Vec<(String, String)>,
    query: Vec<(String, String)>,
    /// What makes the call: a paginator, a waiter.
    pub(crate) features: Features,
}

impl fmt::Debug for Options {
    /// Without the values of headers and query parameters, and without a user in the URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |pairs: &[(String, String)]| pairs.iter().map(|it| it.0.clone()).collect::<Vec<_>>();
        f.debug_struct("Options")
            .field("attempt_timeout", &self.attempt_timeout)
            .field("total_timeout", &self.total_timeout)
            .field("region", &self.region)
            .field("endpoint_url", &self.endpoint_url.as_deref().map(without_user))
            .field("headers", &names(&self.headers))
            .field("query", &names(&self.query))
            .finish()
    }
}

impl Options {
    /// No changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// The limit for one attempt, from connecting to the end of the answer (of a streamed answer: to its head).
    #[must_use]
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = Some(limit);
        self
    }

    /// The limit for the whole call, all attempts and pauses included.
    #[must_use]
    pub fn total_timeout(mut self, limit: Duration) -> Self {
        self.total_timeout = Some(limit);
        self
    }

    /// The region this call goes to and is signed for, in place of the client's; a region that
    /// [`SessionBuilder::region`](crate::SessionBuilder::region) takes, but no pseudo-region. Services of one endpoint for
    /// all regions stay there.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The endpoint URL of this call, in place of that of the settings or of the service's rules.
    #[must_use]
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// Adds a header, signed like the others; it replaces one of the same name.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a query parameter, signed like the others.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    pub(crate) fn apply(&self, request: &mut Request) -> Result<()> {
        for (name, value) in &self.headers {
            let wrong = |it: &str| Error::new(ErrorKind::Validation, format!("{name:?} of the options is no {it}"));
            let header: HeaderName = name.parse().map_err(|it| wrong("header name").with_source(it))?;
            let value: HeaderValue = value.parse().map_err(|it| wrong("header with such a value").with_source(it))?;
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
            .query("token", "hidden");
        let text = format!("{options:?}");
        for shown in ["eu-west-1", "host", "authorization", "token"] {
            assert!(text.contains(shown), "{text}");
        }
        assert!(!text.contains("hidden"), "{text}");
    }
}
