//! The retries a client may spend together, so that a service in trouble is not given more of it. Knows no time.

use std::sync::atomic::{AtomicU32, Ordering};

const CAPACITY: u32 = 500;
const TRANSIENT_COST: u32 = 14;
const THROTTLING_COST: u32 = 5;
const FIRST_TRY_REFUND: u32 = 1;

use super::Class;

/// Tokens that retries take and successes give back; one per client, shared by all its calls.
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

    /// Takes the tokens of one retry, 14, or 5 after throttling, and tells how many; `None` when there are too few.
    pub fn acquire(&self, class: Class) -> Option<u32> {
        let cost = if class == Class::Throttling { THROTTLING_COST } else { TRANSIENT_COST };
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(cost)).ok().map(|_| cost)
    }

    /// Gives back after a success what the last retry cost, or one token when there was none.
    pub fn release(&self, cost: Option<u32>) {
        // Nearly every call of a healthy client ends here: it only reads.
        if self.available() < self.capacity {
            let amount = cost.unwrap_or(FIRST_TRY_REFUND);
            let refill = |left: u32| Some(left.saturating_add(amount).min(self.capacity));
            // Never refused: `refill` always gives a value.
            let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, refill);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_and_gives() {
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
    fn runs_dry() {
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
    fn shared_between_threads() {
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
