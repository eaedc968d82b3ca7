//! How long to wait before the next attempt. The numbers are those of botocore's standard mode since 1.44 (class
//! `ExponentialBackoff` in `retries/standard.py`); version 1.43 had them behind `AWS_NEW_RETRIES_2026`. Reads no clock.

use std::time::Duration;

use super::Class;

/// The base for transient failures; 1 s in earlier versions of botocore. botocore: `non_throttling_base_scale`.
const BASE: Duration = Duration::from_millis(50);
/// The base for throttling. botocore: `throttling_base_scale`.
const THROTTLING_BASE: Duration = Duration::from_secs(1);
/// The longest delay. botocore: `_MAX_BACKOFF`.
const CAP: Duration = Duration::from_secs(20);
/// How far `x-amz-retry-after` may raise the computed delay. botocore: `_RETRY_AFTER_MAX_ADDITIONAL`.
const RETRY_AFTER_MARGIN: Duration = Duration::from_secs(5);

/// Truncated exponential backoff with jitter: a random part of `base × 2^i`, which is at most `cap`, where `i` counts
/// the retries from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backoff {
    /// The base for transient failures.
    pub base: Duration,
    /// The base for throttling.
    pub throttling_base: Duration,
    /// The longest delay.
    pub cap: Duration,
}

impl Default for Backoff {
    /// 50 ms, 1 s for throttling, at most 20 s.
    fn default() -> Self {
        Self { base: BASE, throttling_base: THROTTLING_BASE, cap: CAP }
    }
}

impl Backoff {
    /// The delay after attempt number `attempt` (the first is 1) failed. `random` is between 0 and 1. `retry_after_ms`,
    /// from the response, is clamped to the range from the computed delay to 5 s more.
    pub fn delay(&self, class: Class, attempt: u32, random: f64, retry_after_ms: Option<u64>) -> Duration {
        let base = if class == Class::Throttling { self.throttling_base } else { self.base };
        let factor = 2u32.checked_pow(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        let computed = base.saturating_mul(factor).min(self.cap).mul_f64(random.clamp(0.0, 1.0));
        match retry_after_ms {
            None => computed,
            Some(retry_after) => Duration::from_millis(retry_after).clamp(computed, computed + RETRY_AFTER_MARGIN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_cap() {
        fn check(class: Class, attempt: u32, random: f64, retry_after: Option<u64>, expect_ms: u64) {
            let delay = Backoff::default().delay(class, attempt, random, retry_after);
            assert_eq!(delay, Duration::from_millis(expect_ms), "{class:?} {attempt} {random} {retry_after:?}");
        }
        for (attempt, ms) in [(1, 50), (2, 100), (3, 200), (9, 12_800), (10, 20_000), (33, 20_000), (u32::MAX, 20_000)]
        {
            check(Class::Transient, attempt, 1.0, None, ms);
            check(Class::Transient, attempt, 0.5, None, ms / 2);
            check(Class::Transient, attempt, 0.0, None, 0);
        }
        for (attempt, ms) in [(1, 1000), (2, 2000), (5, 16_000), (6, 20_000)] {
            check(Class::Throttling, attempt, 1.0, None, ms);
        }
        check(Class::Transient, 1, 1.0, Some(10), 50);
        check(Class::Transient, 1, 1.0, Some(60), 60);
        check(Class::Transient, 1, 0.0, Some(60), 60);
        check(Class::Transient, 1, 1.0, Some(5050), 5050);
        check(Class::Transient, 1, 1.0, Some(u64::MAX), 5050);
        check(Class::Throttling, 6, 1.0, Some(60_000), 25_000);
    }

    #[test]
    fn the_base_leaves_throttling_unchanged() {
        let backoff = Backoff { base: Duration::from_millis(25), ..Backoff::default() };
        assert_eq!(backoff.delay(Class::Transient, 2, 1.0, None), Duration::from_millis(50));
        assert_eq!(backoff.delay(Class::Throttling, 1, 1.0, None), Duration::from_secs(1));
    }
}
