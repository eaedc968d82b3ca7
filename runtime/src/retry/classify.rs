//! What an attempt's outcome means for the next one. The sets of codes and statuses are botocore's (standard mode).

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

/// What came of an attempt that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome<'a> {
    /// The status of the response, if there was one.
    pub status: Option<u16>,
    /// The error code in the response.
    pub code: Option<&'a str>,
    /// What the model says of an error with this code.
    pub modeled: Modeled,
    /// How the exchange failed, if it did.
    pub transport: Option<HttpErrorKind>,
    /// Whether the body of the response did not match its checksum.
    pub corrupt: bool,
    /// What the response's `x-amz-retry-after` header asks for, in milliseconds: see [`parse_retry_after`](super::parse_retry_after).
    pub retry_after_ms: Option<u64>,
}

impl Outcome<'_> {
    /// The outcome of an attempt that failed without a response that could be read.
    pub fn of_kind(kind: ErrorKind) -> Self {
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

/// What the service model says of an error: the `retryable` trait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Modeled {
    /// The operation has no such error.
    #[default]
    Unknown,
    /// The error has no `retryable` trait.
    Final,
    /// `retryable`.
    Retryable,
    /// `retryable` with `throttling`.
    Throttling,
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Trying again would not help.
    Final,
    /// It may work soon.
    Transient,
    /// The service asks to slow down.
    Throttling,
}

/// Sorts a failure. `extra_codes` are those that this service alone wants retried.
pub fn classify(outcome: &Outcome<'_>, extra_codes: &[&str]) -> Class {
    let is = |codes: &[&str]| outcome.code.is_some_and(|code| codes.contains(&code));
    // The fixed list outranks the model, the model the status.
    if is(&THROTTLING_CODES) || outcome.modeled == Modeled::Throttling {
        return Class::Throttling;
    }
    if outcome.status == Some(429) && outcome.modeled == Modeled::Unknown {
        return Class::Throttling;
    }
    let reachable =
        matches!(outcome.transport, Some(HttpErrorKind::Connect | HttpErrorKind::Timeout | HttpErrorKind::Io));
    if reachable
        || outcome.corrupt
        || outcome.modeled == Modeled::Retryable
        || outcome.status.is_some_and(|it| TRANSIENT_STATUSES.contains(&it))
        || is(&TRANSIENT_CODES)
        || is(extra_codes)
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
    fn by_status_and_code() {
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
    fn by_model() {
        fn check(status: u16, modeled: Modeled, expect: Class) {
            assert_eq!(classify(&Outcome { modeled, ..failure(status, "Modeled") }, &[]), expect);
        }
        check(400, Modeled::Retryable, Class::Transient);
        check(400, Modeled::Throttling, Class::Throttling);
        check(400, Modeled::Final, Class::Final);
        // The bare status stands for throttling only where the model is silent.
        check(429, Modeled::Final, Class::Final);
        check(429, Modeled::Retryable, Class::Transient);
        check(429, Modeled::Throttling, Class::Throttling);
        check(503, Modeled::Final, Class::Transient);
    }

    #[test]
    fn by_transport() {
        fn check(kind: ErrorKind, expect: Class) {
            assert_eq!(classify(&Outcome::of_kind(kind), &[]), expect, "{kind:?}");
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
