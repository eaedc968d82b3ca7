//! A limit of bytes per second that all transfers of a client share. Knows no request.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::adapt::Adapt;
use super::gate::Gate;

/// How much may pass at once after a pause. Our choice: short enough that a meter of one second shows no burst.
const BURST: Duration = Duration::from_millis(100);

/// A limit of bytes per second, or none. A task that takes bytes waits until those that were taken before have had their
/// time. Clones are the same limit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rate(Option<Arc<Limit>>);

#[derive(Debug)]
struct Limit {
    bytes_per_second: u64,
    /// Who takes next: one at a time, the urgent first. What waits here has no place among the requests in flight.
    queue: Gate,
    /// When the bytes that were taken so far have had their time.
    free_at: watch::Sender<Instant>,
}

/// Bytes that were taken. Those that have not passed are given back when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Turn(Option<Taken>);

#[derive(Debug)]
struct Taken {
    limit: Arc<Limit>,
    start: Instant,
    bytes: u64,
    passed: u64,
}

impl Rate {
    pub(crate) fn new(bytes_per_second: Option<u64>) -> Self {
        let limit = |bytes_per_second| {
            let queue = Gate::new(0, Adapt::fixed(1));
            Arc::new(Limit { bytes_per_second, queue, free_at: watch::Sender::new(Instant::now()) })
        };
        Self(bytes_per_second.map(limit))
    }

    /// Waits until the first of `bytes` may pass.
    pub(crate) async fn take(&self, bytes: u64, priority: i32) -> Turn {
        let Some(limit) = &self.0 else { return Turn(None) };
        let _next = limit.queue.enter(0, priority).await;
        let mut free_at = limit.free_at.subscribe();
        let start = loop {
            let now = Instant::now();
            let start = (*free_at.borrow_and_update()).max(now.checked_sub(BURST).unwrap_or(now));
            tokio::select! {
                biased;
                () = until(start) => break start,
                // Bytes were given back.
                _ = free_at.changed() => {}
            }
        };
        let taken = Taken { limit: Arc::clone(limit), start, bytes, passed: 0 };
        limit.free_at.send_replace(taken.time_of(bytes));
        Turn(Some(taken))
    }
}

impl Turn {
    /// Whether so many bytes more are part of the turn.
    pub(crate) fn has(&self, bytes: u64) -> bool {
        self.0.as_ref().is_none_or(|it| it.passed + bytes <= it.bytes)
    }

    /// Waits until the next bytes may pass.
    pub(crate) async fn pass(&mut self, bytes: u64) {
        if let Some(taken) = &mut self.0 {
            until(taken.time_of(taken.passed)).await;
            taken.passed += bytes;
        }
    }

    /// Lets all bytes pass, as fast as they can.
    pub(crate) fn pass_all(&mut self) {
        if let Some(taken) = &mut self.0 {
            taken.passed = taken.bytes;
        }
    }
}

impl Taken {
    /// When the bytes before this one have had their time.
    fn time_of(&self, byte: u64) -> Instant {
        self.start + Duration::from_secs_f64(byte as f64 / self.limit.bytes_per_second as f64)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let (passed, end) = (self.time_of(self.passed), self.time_of(self.bytes));
        self.limit.free_at.send_if_modified(|free_at| {
            // A body that took bytes since has waited for the time of these to be over.
            let is_last = *free_at == end && passed < end;
            if is_last {
                *free_at = passed;
            }
            is_last
        });
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
    use std::sync::Mutex;

    use super::*;

    /// Takes bytes that all pass.
    async fn pass(rate: &Rate, bytes: u64, priority: i32) {
        rate.take(bytes, priority).await.pass_all();
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_pass_at_the_rate() {
        let rate = Rate::new(Some(1000));
        let start = Instant::now();
        for _ in 0..11 {
            pass(&rate, 500, 0).await;
        }
        let seconds = start.elapsed().as_secs_f64();
        assert!((4.8..=5.1).contains(&seconds), "{seconds}");
        tokio::time::advance(Duration::from_secs(60)).await;
        let start = Instant::now();
        pass(&rate, 1000, 0).await;
        pass(&rate, 1000, 0).await;
        assert!(start.elapsed() >= Duration::from_millis(890), "a pause saves up no more than a burst");
    }

    #[tokio::test(start_paused = true)]
    async fn the_bytes_of_a_range_pass_one_after_another() {
        let rate = Rate::new(Some(1000));
        let start = Instant::now();
        let (mut first, mut second) = tokio::join!(rate.take(5000, 0), rate.take(5000, 0));
        assert!((4.8..=5.1).contains(&start.elapsed().as_secs_f64()), "the second begins when the first has passed");
        first.pass(5000).await;
        second.pass(2500).await;
        second.pass(2500).await;
        assert!((7.3..=7.6).contains(&start.elapsed().as_secs_f64()));
        assert!(second.has(0) && !second.has(1));
    }

    #[tokio::test(start_paused = true)]
    async fn urgent_bytes_pass_first_and_what_stops_waiting_takes_none() {
        let rate = Rate::new(Some(1000));
        pass(&rate, 1000, 0).await;
        let start = Instant::now();
        let stopped = tokio::time::timeout(Duration::from_millis(10), rate.take(1_000_000, 0)).await;
        assert!(stopped.is_err());
        let passed = Mutex::new(Vec::new());
        let next = async |priority: i32| {
            pass(&rate, 1000, priority).await;
            passed.lock().unwrap().push(priority);
        };
        // The first has its turn before the urgent one comes.
        tokio::join!(next(0), next(1), next(-1), next(2));
        assert_eq!(passed.into_inner().unwrap(), [0, 2, 1, -1]);
        assert!((3.8..=4.1).contains(&start.elapsed().as_secs_f64()), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_that_did_not_pass_return_to_those_that_wait() {
        let rate = Rate::new(Some(1000));
        let start = Instant::now();
        let mut stopped = rate.take(1_000_000, 0).await;
        stopped.pass(3000).await;
        let next = async {
            pass(&rate, 1000, 0).await;
            start.elapsed().as_secs_f64()
        };
        let stop = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            drop(stopped);
        };
        let begun = tokio::join!(next, stop).0;
        assert!((2.8..=3.1).contains(&begun), "{begun}: 3,000 bytes have passed");
        // What was taken since is not given back with it.
        let mut late = rate.take(1000, 0).await;
        late.pass(500).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let last = rate.take(5000, 0).await;
        drop(late);
        let start = Instant::now();
        drop((tokio::time::timeout(Duration::from_secs(4), rate.take(1, 0)).await.unwrap_err(), last));
        pass(&rate, 1, 0).await;
        assert!(start.elapsed() <= Duration::from_secs(4), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_nothing_waits() {
        let rate = Rate::new(None);
        let mut turn = rate.take(u64::MAX, 0).await;
        turn.pass(u64::MAX).await;
        assert!(turn.has(u64::MAX));
    }
}
