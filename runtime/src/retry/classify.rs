//! Whether the failure of an attempt is retryable. The sets of codes and statuses are those of botocore's standard mode
//! (`retries/standard.py`). Knows no delays and no quota.

use super::parse_retry_after;
pub use crate::error::Modeled;
use crate::http::HttpErrorKind;
use crate::{Error, ErrorKind};

/// The lowest HTTP status that is an error; 300 counts as success. Source: botocore (`parsers.py`,
/// `ResponseParser.parse` compares with `>= 301`).
pub(crate) const FIRST_ERROR_STATUS: u16 = 301;

const TRANSIENT_STATUSES: [u16; 4] = [500, 502, 503, 504];
const TRANSIENT_CODES: [&str; 3] = ["PriorRequestNotComplete", "RequestTimeout", "RequestTimeoutException"];
/// The transient codes with which a service says that it waited too long for the request.
const TIMEOUT_CODES: [&str; 2] = ["RequestTimeout", "RequestTimeoutException"];
const THROTTLING_CODES: [&str; 14] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

/// The outcome of a failed attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome<'a> {
    /// The status of the response, if there is one.
    pub status: Option<u16>,
    /// The error code in the response.
    pub code: Option<&'a str>,
    /// What the service model declares for an error with this code.
    pub modeled: Modeled,
    /// How the HTTP exchange failed, if it did.
    pub transport: Option<HttpErrorKind>,
    /// Whether the response body did not match its checksum.
    pub corrupt: bool,
    /// The response header `x-amz-retry-after`, in milliseconds: see [`parse_retry_after`](super::parse_retry_after).
    pub retry_after_ms: Option<u64>,
}

impl<'a> Outcome<'a> {
    /// The outcome of an attempt that failed with this error.
    pub fn from_error(error: &'a Error) -> Self {
        let modeled = error.modeled();
        let Some(response) = error.response().filter(|_| error.kind() == ErrorKind::Service) else {
            return Self { modeled, ..Self::from_error_kind(error.kind()) };
        };
        // An error with a successful status counts as status 500, as in botocore.
        let status = if response.status < FIRST_ERROR_STATUS { 500 } else { response.status };
        let retry_after = response.headers.get("x-amz-retry-after").and_then(|it| it.to_str().ok());
        Self {
            status: Some(status),
            code: error.code(),
            modeled,
            retry_after_ms: retry_after.and_then(parse_retry_after),
            ..Self::default()
        }
    }

    /// The outcome of an attempt that failed with an error of `kind` instead of a response.
    pub fn from_error_kind(kind: ErrorKind) -> Self {
        let transport = match kind {
            ErrorKind::Connect => Some(HttpErrorKind::Connect),
            ErrorKind::Proxy => Some(HttpErrorKind::Proxy),
            ErrorKind::Tls => Some(HttpErrorKind::Tls),
            ErrorKind::Timeout => Some(HttpErrorKind::Timeout),
            ErrorKind::Io => Some(HttpErrorKind::Io),
            ErrorKind::Body => Some(HttpErrorKind::Body),
            _ => None,
        };
        Self { transport, corrupt: kind == ErrorKind::Checksum, ..Self::default() }
    }
}

/// The class of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A retry does not help.
    Final,
    /// A retry may succeed.
    Transient,
    /// The service limits the request rate: a retry may succeed after a longer delay.
    Throttling,
}

/// Classifies a failure. `extra_codes` are error codes that are retried for this service only.
pub fn classify(outcome: &Outcome<'_>, extra_codes: &[&str]) -> Class {
    let is_among = |codes: &[&str]| outcome.code.is_some_and(|code| codes.contains(&code));
    // The list of codes takes precedence over the model, and the model over the status.
    if is_among(&THROTTLING_CODES) || outcome.modeled == Modeled::Throttling {
        return Class::Throttling;
    }
    if outcome.status == Some(429) && outcome.modeled == Modeled::Unknown {
        return Class::Throttling;
    }
    // botocore retries all of `requests`' connection errors, those of TLS and of proxies included.
    let is_transport_failure = matches!(
        outcome.transport,
        Some(
            HttpErrorKind::Connect
                | HttpErrorKind::Proxy
                | HttpErrorKind::Tls
                | HttpErrorKind::Timeout
                | HttpErrorKind::Io
        )
    );
    if is_transport_failure
        || outcome.corrupt
        || outcome.modeled == Modeled::Retryable
        || outcome.status.is_some_and(|it| TRANSIENT_STATUSES.contains(&it))
        || is_among(&TRANSIENT_CODES)
        || is_among(extra_codes)
    {
        return Class::Transient;
    }
    Class::Final
}

/// What a failure means for another call. The decisions are those of the retries themselves.
impl Error {
    /// Whether the service limits the request rate: `ThrottlingException`, `SlowDown`, status 429 and their like, and what
    /// the service's model marks so. Slow down before the next call.
    ///
    /// ```
    /// # async fn example(sqs: impl AsyncFn() -> aws_core::Result<()>) -> aws_core::Result<()> {
    /// match sqs().await {
    ///     Err(error) if error.is_throttling() => println!("{:?} is overloaded: later", error.service()),
    ///     other => other?,
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_throttling(&self) -> bool {
        classify(&Outcome::from_error(self), &[]) == Class::Throttling
    }

    /// Whether the same call may succeed later: the service was overloaded or failed, the connection failed, a timeout
    /// expired, a response was corrupt. The retries of the call, if it had any, did not suffice. A call that was not
    /// idempotent may have had its effect all the same.
    pub fn is_retryable(&self) -> bool {
        classify(&Outcome::from_error(self), &[]) != Class::Final
    }

    /// Whether a timeout expired: one of this side ([`ErrorKind::Timeout`]), or that of a service which waited for the
    /// request (`RequestTimeout`).
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout || self.code().is_some_and(|code| TIMEOUT_CODES.contains(&code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: u16, code: &str) -> Outcome<'_> {
        let code = (!code.is_empty()).then_some(code);
        Outcome { status: Some(status), code, ..Outcome::default() }
    }

    #[test]
    fn statuses_and_codes_are_classified() {
        fn check(status: u16, code: &str, expect: Class) {
            assert_eq!(classify(&failure(status, code), &["Mine"]), expect, "{status} {code}");
        }
        for status in TRANSIENT_STATUSES {
            check(status, "", Class::Transient);
            check(status, "Whatever", Class::Transient);
            check(status, "SlowDown", Class::Throttling);
        }
        for status in [400, 403, 404, 409, 412, 501, 505, 200, 304] {
            check(status, "", Class::Final);
            check(status, "AccessDenied", Class::Final);
            check(status, "Mine", Class::Transient);
        }
        check(429, "", Class::Throttling);
        check(429, "Whatever", Class::Throttling);
        for code in THROTTLING_CODES {
            check(400, code, Class::Throttling);
        }
        check(400, "RequestTimeout", Class::Transient);
        check(400, "RequestTimeoutException", Class::Transient);
        check(400, "slowdown", Class::Final);
    }

    #[test]
    fn the_model_takes_precedence_over_status_429() {
        fn check(status: u16, modeled: Modeled, expect: Class) {
            assert_eq!(classify(&Outcome { modeled, ..failure(status, "Modeled") }, &[]), expect);
        }
        check(400, Modeled::Retryable, Class::Transient);
        check(400, Modeled::Throttling, Class::Throttling);
        check(400, Modeled::Final, Class::Final);
        // The status alone means throttling only if the model does not have the error.
        check(429, Modeled::Final, Class::Final);
        check(429, Modeled::Retryable, Class::Transient);
        check(429, Modeled::Throttling, Class::Throttling);
        check(503, Modeled::Final, Class::Transient);
    }

    #[test]
    fn transport_failures_are_transient() {
        fn check(kind: ErrorKind, expect: Class) {
            assert_eq!(classify(&Outcome::from_error_kind(kind), &[]), expect, "{kind:?}");
        }
        check(ErrorKind::Connect, Class::Transient);
        check(ErrorKind::Proxy, Class::Transient);
        check(ErrorKind::Tls, Class::Transient);
        check(ErrorKind::Timeout, Class::Transient);
        check(ErrorKind::Io, Class::Transient);
        check(ErrorKind::Checksum, Class::Transient);
        check(ErrorKind::Body, Class::Final);
        check(ErrorKind::Config, Class::Final);
        check(ErrorKind::Parse, Class::Final);
        let other = Outcome { transport: Some(HttpErrorKind::Other), ..Outcome::default() };
        assert_eq!(classify(&other, &[]), Class::Final);
    }
}
