//! The retry quota: limits the retries of all calls of a client together, so that retries do not overload a failing
//! service. Reads no clock: only successes refill it.

use std::sync::atomic::{AtomicU32, Ordering};

use super::Class;

// The numbers are those of botocore's standard mode since 1.44 (`retries/quota.py`, and class `RetryQuotaChecker` in
// `retries/standard.py`). Version 1.43 had them behind `AWS_NEW_RETRIES_2026`; before that, a retry cost 5, and 10
// after a timeout.

/// botocore: `INITIAL_CAPACITY`.
const CAPACITY: u32 = 500;
/// botocore: `_RETRY_COST`.
const TRANSIENT_COST: u32 = 14;
/// botocore: `_THROTTLING_RETRY_COST`.
const THROTTLING_COST: u32 = 5;
/// botocore: `_NO_RETRY_INCREMENT`.
const FIRST_ATTEMPT_REFUND: u32 = 1;

/// A number of tokens that retries take and successes return. Each client has one, shared by all its calls.
#[derive(Debug)]
pub struct RetryQuota {
    left: AtomicU32,
    capacity: u32,
}

impl Default for RetryQuota {
    /// 500 tokens.
    fn default() -> Self {
        Self::new(CAPACITY)
    }
}

impl RetryQuota {
    /// A full quota of `capacity` tokens.
    pub fn new(capacity: u32) -> Self {
        Self { left: AtomicU32::new(capacity), capacity }
    }

    /// How many tokens are left.
    pub fn available(&self) -> u32 {
        self.left.load(Ordering::Relaxed)
    }

    /// Takes the tokens for one retry, 14, or 5 after throttling. Returns how many; `None` if too few are left.
    pub fn acquire(&self, class: Class) -> Option<u32> {
        let cost = if class == Class::Throttling { THROTTLING_COST } else { TRANSIENT_COST };
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(cost)).ok().map(|_| cost)
    }

    /// Returns tokens after a success: the `cost` of the last retry, or 1 token if there was no retry.
    pub fn release(&self, cost: Option<u32>) {
        // If no call fails, the quota is full and calls only read it.
        if self.available() < self.capacity {
            let amount = cost.unwrap_or(FIRST_ATTEMPT_REFUND);
            let refill = |left: u32| Some(left.saturating_add(amount).min(self.capacity));
            // Never fails: `refill` always returns a value.
            let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, refill);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn successes_return_tokens_up_to_the_capacity() {
        let quota = RetryQuota::default();
        assert_eq!(quota.available(), 500);
        assert_eq!(quota.acquire(Class::Transient), Some(14));
        assert_eq!(quota.acquire(Class::Throttling), Some(5));
        assert_eq!(quota.available(), 481);
        quota.release(Some(5));
        quota.release(None);
        assert_eq!(quota.available(), 487);
        quota.release(Some(14));
        assert_eq!(quota.available(), 500);
        quota.release(None);
        assert_eq!(quota.available(), 500);
    }

    #[test]
    fn an_exhausted_quota_grants_no_retries() {
        let quota = RetryQuota::new(16);
        assert_eq!(quota.acquire(Class::Transient), Some(14));
        assert_eq!(quota.acquire(Class::Transient), None);
        assert_eq!(quota.acquire(Class::Throttling), None);
        assert_eq!(quota.available(), 2);
        for _ in 0..3 {
            quota.release(None);
        }
        assert_eq!(quota.acquire(Class::Throttling), Some(5));
    }

    #[test]
    fn threads_never_take_more_than_the_capacity() {
        let quota = RetryQuota::new(1400);
        let granted: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..100).filter(|_| quota.acquire(Class::Transient).is_some()).count()))
                .collect();
            threads.into_iter().map(|it| it.join().unwrap()).sum()
        });
        assert_eq!((granted, quota.available()), (100, 0));
    }
}
