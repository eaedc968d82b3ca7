//! The retry behaviour of one client: its numbers, and the quota that its calls share. Knows no single call.

use std::sync::Arc;
use std::time::Duration;

use super::{Backoff, Random, RateLimiter, RetryQuota};
use crate::config::{RetryConfig, RetryMode};

/// As in botocore (`DEFAULT_MAX_ATTEMPTS` in `retries/standard.py`).
const STANDARD_ATTEMPTS: u32 = 3;
/// As in botocore (`data/_retry.json`).
const LEGACY_ATTEMPTS: u32 = 5;
/// As in botocore (`retryhandler.py`): the delays are a random part of 1, 2, 4, 8 s.
const LEGACY_BASE: Duration = Duration::from_secs(1);

/// How a client retries failed attempts. Cheap to clone; clones share the quota and the rate limiter.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// The maximum number of attempts, including the first.
    pub max_attempts: u32,
    /// The delays between attempts.
    pub backoff: Backoff,
    /// The quota that retries take tokens from; `None` if only `max_attempts` limits them.
    pub quota: Option<Arc<RetryQuota>>,
    /// The source of the delays' jitter.
    pub random: Random,
    /// Error codes that are retried besides those of all services.
    pub extra_codes: Vec<&'static str>,
    /// Whether the mode is `legacy`.
    pub(super) legacy: bool,
    /// Whether the mode is `adaptive`: calls wait for the rate limiter.
    pub(super) adaptive: bool,
    /// What limits the requests of the client.
    pub(crate) limiter: Arc<RateLimiter>,
}

impl Default for RetryPolicy {
    /// The standard mode: 3 attempts.
    fn default() -> Self {
        Self::new(&RetryConfig::default(), "")
    }
}

impl RetryPolicy {
    /// The policy of a retry mode for a service with these retry `annotations`.
    ///
    /// The maximum number of attempts is that of the configuration, otherwise that of the service, otherwise that of
    /// the mode: 3, or 5 in legacy mode. Legacy mode waits a random part of 1, 2, 4, 8 s and has no quota. The
    /// annotations are separated by spaces:
    ///
    /// | annotation | meaning |
    /// |---|---|
    /// | `attempts=4` `legacy-attempts=10` | maximum number of attempts: outside of legacy mode; in it |
    /// | `base=25` `legacy-base=50` | base of the delays in milliseconds: for transient failures; in legacy mode, for all |
    /// | `legacy-codes=A,B` | error codes that are retried besides those of all services, in legacy mode |
    ///
    /// # Panics
    /// On any other annotation: annotations come from the generator of the same version.
    pub fn new(config: &RetryConfig, annotations: &'static str) -> Self {
        let legacy = config.mode == RetryMode::Legacy;
        let mut attempts = if legacy { LEGACY_ATTEMPTS } else { STANDARD_ATTEMPTS };
        let mut backoff = Backoff::default();
        if legacy {
            backoff.base = LEGACY_BASE;
        }
        let mut extra_codes = Vec::new();
        for annotation in annotations.split_ascii_whitespace() {
            let (key, value) = annotation.split_once('=').unwrap_or((annotation, ""));
            let number = || value.parse::<u32>().unwrap_or_else(|_| panic!("invalid retry annotation `{annotation}`"));
            match (key, legacy) {
                ("attempts", false) | ("legacy-attempts", true) => attempts = number(),
                ("base", false) => backoff.base = Duration::from_millis(number().into()),
                ("legacy-base", true) => {
                    backoff.base = Duration::from_millis(number().into());
                    backoff.throttling_base = backoff.base;
                }
                ("legacy-codes", true) => extra_codes.extend(value.split(',')),
                ("attempts" | "base" | "legacy-attempts" | "legacy-base" | "legacy-codes", _) => {}
                _ => panic!("unknown retry annotation `{annotation}`: generate the crate with this version"),
            }
        }
        Self {
            max_attempts: config.max_attempts.unwrap_or(attempts).max(1),
            backoff,
            quota: (!legacy).then(Arc::default),
            random: Random::system(),
            extra_codes,
            legacy,
            adaptive: config.mode == RetryMode::Adaptive,
            limiter: Arc::default(),
        }
    }

    /// The policy without retries: one attempt.
    pub fn never() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The annotations of DynamoDB.
    const DYNAMODB: &str = "attempts=4 base=25 legacy-attempts=10 legacy-base=50 legacy-codes=Conflict";

    #[test]
    fn configuration_precedes_annotations_and_annotations_the_mode() {
        fn check(
            mode: RetryMode,
            max_attempts: Option<u32>,
            annotations: &'static str,
            expect: (u32, u64, u64, &[&str]),
        ) {
            let policy = RetryPolicy::new(&RetryConfig { mode, max_attempts }, annotations);
            let [base, throttling] =
                [policy.backoff.base, policy.backoff.throttling_base].map(|it| it.as_millis() as u64);
            let found = (policy.max_attempts, base, throttling, &*policy.extra_codes);
            assert_eq!(found, expect, "{mode:?} {max_attempts:?} {annotations}");
            assert_eq!(policy.quota.is_some(), mode != RetryMode::Legacy);
        }
        check(RetryMode::Standard, None, "", (3, 50, 1000, &[]));
        check(RetryMode::Standard, None, DYNAMODB, (4, 25, 1000, &[]));
        check(RetryMode::Standard, Some(2), DYNAMODB, (2, 25, 1000, &[]));
        check(RetryMode::Standard, Some(0), "", (1, 50, 1000, &[]));
        check(RetryMode::Adaptive, None, DYNAMODB, (4, 25, 1000, &[]));
        check(RetryMode::Legacy, None, "", (5, 1000, 1000, &[]));
        check(RetryMode::Legacy, None, DYNAMODB, (10, 50, 50, &["Conflict"]));
        check(RetryMode::Legacy, Some(9), DYNAMODB, (9, 50, 50, &["Conflict"]));
        assert_eq!(RetryPolicy::never().max_attempts, 1);
    }
}
