//! How far the transfer of a body is behind the lowest speed that is accepted. Knows no clock and no body.

use std::time::Duration;

use crate::config::MinThroughput;

/// The shortest grace. Our choice: waiting for `100 Continue` takes a second, and bytes pass in pieces.
const MIN_GRACE: Duration = Duration::from_secs(2);

/// The time that a transfer may still lose.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    limit: MinThroughput,
    left: Duration,
}

impl Budget {
    /// The budget at the begin; `None` without a limit.
    pub(super) fn new(limit: Option<MinThroughput>) -> Option<Self> {
        let limit = limit.filter(|it| it.bytes_per_second > 0)?;
        let limit = MinThroughput::new(limit.bytes_per_second, limit.grace.max(MIN_GRACE));
        Some(Self { limit, left: limit.grace })
    }

    pub(super) fn limit(&self) -> MinThroughput {
        self.limit
    }

    /// How long the transfer may wait for the next byte.
    pub(super) fn left(&self) -> Duration {
        self.left
    }

    /// Spends time in which bytes passed. Returns whether the transfer is still fast enough.
    pub(super) fn spend(&mut self, time: Duration, bytes: u64) -> bool {
        let gained = Duration::try_from_secs_f64(bytes as f64 / self.limit.bytes_per_second as f64);
        let gained = gained.unwrap_or(Duration::MAX);
        let is_fast_enough = time < self.left.saturating_add(gained);
        self.left = self.left.saturating_add(gained).saturating_sub(time).min(self.limit.grace);
        is_fast_enough
    }

    /// Gains time that the transfer had beside what is spent.
    pub(super) fn refill(&mut self, time: Duration) {
        self.left = self.left.saturating_add(time).min(self.limit.grace);
    }

    /// Begins again, after time that does not count.
    pub(super) fn reset(&mut self) {
        self.left = self.limit.grace;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transfer_fails_once_it_is_behind_by_the_grace() {
        // 100 bytes a second, 10 s of grace; the bytes of each second, and the second after which it fails.
        fn check(bytes: impl Iterator<Item = u64>, expect: Option<usize>) {
            let mut budget = Budget::new(Some(MinThroughput::new(100, Duration::from_secs(10)))).expect("a limit");
            let found = bytes.take(1000).position(|it| !budget.spend(Duration::from_secs(1), it));
            assert_eq!(found.map(|it| it + 1), expect);
        }
        check(std::iter::repeat(0), Some(10));
        check(std::iter::repeat(50), Some(20));
        check(std::iter::repeat(90), Some(100));
        check(std::iter::repeat(100), None);
        check(std::iter::repeat(u64::MAX), None);
        // A burst gains no more than the grace.
        check(std::iter::once(1_000_000).chain(std::iter::repeat(0)), Some(11));
        // Pauses shorter than the grace, if it is fast in between.
        check((0..).map(|it| if it % 9 == 0 { 900 } else { 0 }), None);
        check((0..).map(|it| if it % 12 == 0 { 1_000_000 } else { 0 }), Some(11));
    }

    #[test]
    fn no_speed_is_no_limit_and_the_grace_is_never_too_short() {
        assert!(Budget::new(None).is_none());
        assert!(Budget::new(Some(MinThroughput::new(0, Duration::from_secs(10)))).is_none());
        let budget = Budget::new(Some(MinThroughput::new(1, Duration::ZERO))).expect("a limit");
        assert_eq!(budget.left(), MIN_GRACE);
        let mut budget = Budget::new(Some(MinThroughput::new(u64::MAX, Duration::MAX))).expect("a limit");
        assert!(budget.spend(Duration::MAX - Duration::from_secs(1), u64::MAX));
    }
}
