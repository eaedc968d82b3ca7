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
    pub extra_codes: &'static [&'static str],
}

impl Default for RetryPolicy {
    /// The standard mode: 3 attempts.
    fn default() -> Self {
        Self::new(&RetryConfig::default(), None)
    }
}

impl RetryPolicy {
    /// The policy of a mode. Attempts are those of the configuration, else `service_attempts`, else the mode's: 3, or 5 in
    /// legacy mode, which waits a random part of 1, 2, 4, 8 s and knows no quota.
    pub fn new(config: &RetryConfig, service_attempts: Option<u32>) -> Self {
        let legacy = config.mode == RetryMode::Legacy;
        let mode_attempts = if legacy { LEGACY_ATTEMPTS } else { service_attempts.unwrap_or(STANDARD_ATTEMPTS) };
        let mut backoff = Backoff::default();
        if legacy {
            backoff.base = Duration::from_secs(1);
        }
        Self {
            max_attempts: config.max_attempts.unwrap_or(mode_attempts).max(1),
            backoff,
            quota: (!legacy).then(Arc::default),
            random: Random::system(),
            extra_codes: &[],
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

    #[test]
    fn numbers() {
        fn check(mode: RetryMode, given: Option<u32>, service: Option<u32>, attempts: u32, base_ms: u64, quota: bool) {
            let policy = RetryPolicy::new(&RetryConfig { mode, max_attempts: given }, service);
            assert_eq!(policy.max_attempts, attempts);
            assert_eq!(policy.backoff.base, Duration::from_millis(base_ms));
            assert_eq!(policy.quota.is_some(), quota);
        }
        check(RetryMode::Standard, None, None, 3, 50, true);
        check(RetryMode::Standard, None, Some(4), 4, 50, true);
        check(RetryMode::Standard, Some(2), Some(4), 2, 50, true);
        check(RetryMode::Standard, Some(0), None, 1, 50, true);
        check(RetryMode::Adaptive, None, None, 3, 50, true);
        check(RetryMode::Legacy, None, Some(4), 5, 1000, false);
        check(RetryMode::Legacy, Some(9), None, 9, 1000, false);
        assert_eq!(RetryPolicy::never().max_attempts, 1);
    }
}
