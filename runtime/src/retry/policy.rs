//! The retry behaviour of one client: its numbers, and the quota its calls share. Knows no single call.

use std::sync::Arc;
use std::time::Duration;

use super::{Attempts, Backoff, Random, RetryQuota};
use crate::config::{RetryConfig, RetryMode};

const STANDARD_ATTEMPTS: u32 = 3;
const LEGACY_ATTEMPTS: u32 = 5;

/// How a client repeats what failed. Cheap to clone; clones share the quota.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Attempts in all, the first one included.
    pub max_attempts: u32,
    /// The waits.
    pub backoff: Backoff,
    /// The tokens that retries cost; `None` for as many as the attempts allow.
    pub quota: Option<Arc<RetryQuota>>,
    /// The jitter of the waits.
    pub random: Random,
    /// Error codes that are retried beside those of all services.
    pub extra_codes: Vec<&'static str>,
}

impl Default for RetryPolicy {
    /// The standard mode: 3 attempts.
    fn default() -> Self {
        Self::new(&RetryConfig::default(), "")
    }
}

impl RetryPolicy {
    /// The policy of a mode, with what its service says of retries.
    ///
    /// Attempts are those of the configuration, else the service's, else the mode's: 3, or 5 in legacy mode, which waits a random
    /// part of 1, 2, 4, 8 s and knows no quota. The service says it in words:
    ///
    /// | word | meaning |
    /// |---|---|
    /// | `attempts=4` `legacy-attempts=10` | attempts in all; outside of legacy mode, and in it |
    /// | `base=25` `legacy-base=50` | the base of the waits in milliseconds: for transient failures; in legacy mode for all |
    /// | `legacy-codes=A,B` | error codes that are retried beside those of all services, in legacy mode |
    ///
    /// # Panics
    /// If a word is none of these: they come from the generator of this very version.
    pub fn new(config: &RetryConfig, service: &'static str) -> Self {
        let legacy = config.mode == RetryMode::Legacy;
        let mut attempts = if legacy { LEGACY_ATTEMPTS } else { STANDARD_ATTEMPTS };
        let mut backoff = Backoff::default();
        if legacy {
            backoff.base = Duration::from_secs(1);
        }
        let mut extra_codes = Vec::new();
        for word in service.split_ascii_whitespace() {
            let (key, value) = word.split_once('=').unwrap_or((word, ""));
            let number = || value.parse::<u32>().unwrap_or_else(|_| panic!("`{word}` of a service's retries"));
            match (key, legacy) {
                ("attempts", false) | ("legacy-attempts", true) => attempts = number(),
                ("base", false) => backoff.base = Duration::from_millis(number().into()),
                ("legacy-base", true) => {
                    backoff.base = Duration::from_millis(number().into());
                    backoff.throttling_base = backoff.base;
                }
                ("legacy-codes", true) => extra_codes.extend(value.split(',')),
                ("attempts" | "base" | "legacy-attempts" | "legacy-base" | "legacy-codes", _) => {}
                _ => panic!("unknown word `{word}` of a service's retries; generate the crate again with this version"),
            }
        }
        Self {
            max_attempts: config.max_attempts.unwrap_or(attempts).max(1),
            backoff,
            quota: (!legacy).then(Arc::default),
            random: Random::system(),
            extra_codes,
        }
    }

    /// One try and nothing more.
    pub fn never() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }

    /// The attempts of one call.
    pub fn start(&self) -> Attempts<'_> {
        Attempts::new(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DynamoDB's words.
    const SERVICE: &str = "attempts=4 base=25 legacy-attempts=10 legacy-base=50 legacy-codes=Conflict";

    #[test]
    fn numbers() {
        fn check(mode: RetryMode, given: Option<u32>, service: &'static str, expect: (u32, u64, u64, &[&str])) {
            let policy = RetryPolicy::new(&RetryConfig { mode, max_attempts: given }, service);
            let [base, throttling] =
                [policy.backoff.base, policy.backoff.throttling_base].map(|it| it.as_millis() as u64);
            let found = (policy.max_attempts, base, throttling, &*policy.extra_codes);
            assert_eq!(found, expect, "{mode:?} {given:?} {service}");
            assert_eq!(policy.quota.is_some(), mode != RetryMode::Legacy);
        }
        check(RetryMode::Standard, None, "", (3, 50, 1000, &[]));
        check(RetryMode::Standard, None, SERVICE, (4, 25, 1000, &[]));
        check(RetryMode::Standard, Some(2), SERVICE, (2, 25, 1000, &[]));
        check(RetryMode::Standard, Some(0), "", (1, 50, 1000, &[]));
        check(RetryMode::Adaptive, None, SERVICE, (4, 25, 1000, &[]));
        check(RetryMode::Legacy, None, "", (5, 1000, 1000, &[]));
        check(RetryMode::Legacy, None, SERVICE, (10, 50, 50, &["Conflict"]));
        check(RetryMode::Legacy, Some(9), SERVICE, (9, 50, 50, &["Conflict"]));
        assert_eq!(RetryPolicy::never().max_attempts, 1);
    }
}
