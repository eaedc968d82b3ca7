//! A limit of bytes per second that all transfers of a client share. Knows no request.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::adapt::Adapt;
use super::gate::Gate;

/// How much may pass at once after a pause. Our choice: short enough that a meter of one second shows no burst.
const BURST: Duration = Duration::from_millis(100);

/// A limit of bytes per second. A task that takes bytes waits until those that were taken before have had their time.
#[derive(Debug)]
pub(crate) struct Rate {
    bytes_per_second: u64,
    /// Who takes next: one at a time, the urgent first. What waits here has no place among the requests in flight.
    queue: Gate,
    /// When the bytes that were taken so far have had their time.
    free_at: Mutex<Option<Instant>>,
}

/// The time of bytes that were taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    start: Instant,
    bytes_per_second: u64,
}

impl Rate {
    pub(crate) fn new(bytes_per_second: u64) -> Self {
        Self { bytes_per_second, queue: Gate::new(0, Adapt::fixed(1)), free_at: Mutex::new(None) }
    }

    /// Waits until the first of `bytes` may pass.
    pub(crate) async fn take(&self, bytes: u64, priority: i32) -> Pace {
        let _turn = self.queue.enter(0, priority).await;
        let now = Instant::now();
        let start = self.lock().unwrap_or(now).max(now.checked_sub(BURST).unwrap_or(now));
        until(start).await;
        let pace = Pace { start, bytes_per_second: self.bytes_per_second };
        *self.lock() = Some(pace.time_of(bytes));
        pace
    }

    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.free_at.lock().unwrap_or_else(|it| it.into_inner())
    }
}

impl Pace {
    /// When the bytes before this one have had their time.
    fn time_of(self, bytes: u64) -> Instant {
        self.start + Duration::from_secs_f64(bytes as f64 / self.bytes_per_second as f64)
    }

    /// Waits until this byte of those that were taken may pass.
    pub(crate) async fn reach(self, byte: u64) {
        until(self.time_of(byte)).await;
    }
}

/// Waits, but not even for the next tick of the clock if the time has come.
async fn until(time: Instant) {
    if time > Instant::now() {
        sleep_until(time).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn bytes_pass_at_the_rate() {
        let rate = Rate::new(1000);
        let start = Instant::now();
        for _ in 0..11 {
            rate.take(500, 0).await;
        }
        let seconds = start.elapsed().as_secs_f64();
        assert!((4.8..=5.1).contains(&seconds), "{seconds}");
        tokio::time::advance(Duration::from_secs(60)).await;
        let start = Instant::now();
        rate.take(1000, 0).await;
        rate.take(1000, 0).await;
        assert!(start.elapsed() >= Duration::from_millis(890), "a pause saves up no more than a burst");
    }

    #[tokio::test(start_paused = true)]
    async fn the_bytes_of_a_range_pass_one_after_another() {
        let rate = Rate::new(1000);
        let start = Instant::now();
        let (first, second) = tokio::join!(rate.take(5000, 0), rate.take(5000, 0));
        assert!((4.8..=5.1).contains(&start.elapsed().as_secs_f64()), "the second begins when the first has passed");
        first.reach(4999).await;
        second.reach(2500).await;
        assert!((7.3..=7.6).contains(&start.elapsed().as_secs_f64()));
    }

    #[tokio::test(start_paused = true)]
    async fn urgent_bytes_pass_first_and_what_stops_waiting_takes_none() {
        let rate = Rate::new(1000);
        rate.take(1000, 0).await;
        let start = Instant::now();
        let stopped = tokio::time::timeout(Duration::from_millis(10), rate.take(1_000_000, 0)).await;
        assert!(stopped.is_err());
        let passed = Mutex::new(Vec::new());
        let pass = async |priority: i32| {
            rate.take(1000, priority).await;
            passed.lock().unwrap().push(priority);
        };
        // The first has its turn before the urgent one comes.
        tokio::join!(pass(0), pass(1), pass(-1), pass(2));
        assert_eq!(passed.into_inner().unwrap(), [0, 2, 1, -1]);
        assert!((3.8..=4.1).contains(&start.elapsed().as_secs_f64()), "{:?}", start.elapsed());
    }
}
