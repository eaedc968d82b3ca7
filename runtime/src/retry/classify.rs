//! Whether the failure of an attempt is retryable. The sets of codes and statuses are those of botocore's standard mode
//! (`retries/standard.py`). Knows no delays and no quota.

use crate::ErrorKind;
use crate::http::HttpErrorKind;

const TRANSIENT_STATUSES: [u16; 4] = [500, 502, 503, 504];
const TRANSIENT_CODES: [&str; 3] = ["PriorRequestNotComplete", "RequestTimeout", "RequestTimeoutException"];
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

impl Outcome<'_> {
    /// The outcome of an attempt that failed with an error of `kind` instead of a response.
    pub fn from_error_kind(kind: ErrorKind) -> Self {
        let transport = match kind {
            ErrorKind::Connect => Some(HttpErrorKind::Connect),
            ErrorKind::Timeout => Some(HttpErrorKind::Timeout),
            ErrorKind::Io => Some(HttpErrorKind::Io),
            ErrorKind::Body => Some(HttpErrorKind::Body),
            _ => None,
        };
        Self { transport, corrupt: kind == ErrorKind::Checksum, ..Self::default() }
    }
}

/// The `retryable` trait of an error in the service model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Modeled {
    /// The model has no such error for the operation.
    #[default]
    Unknown,
    /// The error has no `retryable` trait.
    Final,
    /// The error has the trait `retryable`.
    Retryable,
    /// The error has the trait `retryable` with `throttling`.
    Throttling,
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
    let is_transport_failure =
        matches!(outcome.transport, Some(HttpErrorKind::Connect | HttpErrorKind::Timeout | HttpErrorKind::Io));
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
