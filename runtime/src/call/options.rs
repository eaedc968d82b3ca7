//! What a caller can change for one call.

use std::fmt;
use std::time::Duration;

use super::user_agent::Features;
use crate::config::without_user;
use crate::encoding::percent;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{HeaderName, HeaderValue, Request};

/// The headers that a signature consists of.
const SIGNATURE_HEADERS: [&str; 4] = ["authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"];

/// Changes for one call: timeouts, region, endpoint URL, additional headers and query parameters.
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
    /// The features that the user agent reports: that a paginator or a waiter sends the call.
    pub(crate) features: Features,
}

impl fmt::Debug for Options {
    /// Without the values of headers and query parameters, and without the user info of the URL.
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
    /// The headers of the signature itself (`authorization`, `x-amz-content-sha256`, `x-amz-date`, `x-amz-security-token`)
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
            .query("token", "hidden");
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
        let Options { attempt_timeout, total_timeout, region, endpoint_url, headers, query, features: _ } =
            Options::new();
        assert!(attempt_timeout.is_none() && total_timeout.is_none() && region.is_none() && endpoint_url.is_none());
        assert!(headers.is_empty() && query.is_empty());
    }
}
