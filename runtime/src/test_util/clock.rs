//! Time that stands still until it is moved.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::auth::Clock;
use crate::retry::Sleep;

/// A clock that is moved by hand. Clones show the same time.
#[derive(Clone, Debug)]
pub struct FixedClock(Arc<Mutex<SystemTime>>);

impl FixedClock {
    /// A clock that shows `time`.
    pub fn at(time: SystemTime) -> Self {
        Self(Arc::new(Mutex::new(time)))
    }

    /// A clock that shows the time `seconds` after 1970-01-01T00:00:00Z.
    pub fn at_epoch(seconds: u64) -> Self {
        Self::at(UNIX_EPOCH + Duration::from_secs(seconds))
    }

    /// Moves the clock.
    pub fn advance(&self, time: Duration) {
        *lock(&self.0) += time;
    }

    /// The time shown.
    pub fn now(&self) -> SystemTime {
        *lock(&self.0)
    }

    /// The clock for a client.
    pub fn clock(&self) -> Clock {
        let this = self.clone();
        Clock::from_fn(move || this.now())
    }
}

/// Waits that are over at once, and remembered. Clones share the memory.
#[derive(Clone, Debug, Default)]
pub struct RecordedSleep {
    waits: Arc<Mutex<Vec<Duration>>>,
    clock: Option<FixedClock>,
}

impl RecordedSleep {
    /// No waits yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits that move `clock`.
    pub fn moving(clock: FixedClock) -> Self {
        Self { clock: Some(clock), ..Self::default() }
    }

    /// The waits so far.
    pub fn waits(&self) -> Vec<Duration> {
        lock(&self.waits).clone()
    }

    /// The sleep for a client.
    pub fn sleep(&self) -> Sleep {
        let this = self.clone();
        Sleep::from_fn(move |time| {
            lock(&this.waits).push(time);
            if let Some(clock) = &this.clock {
                clock.advance(time);
            }
            Box::pin(std::future::ready(()))
        })
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waits_move_the_clock() {
        let clock = FixedClock::at_epoch(100);
        let shown = clock.clock();
        let recorded = RecordedSleep::moving(clock);
        let sleep = recorded.sleep();
        sleep.wait(Duration::from_secs(5)).await;
        sleep.wait(Duration::ZERO).await;
        sleep.wait(Duration::from_secs(7)).await;
        assert_eq!(shown.now(), UNIX_EPOCH + Duration::from_secs(112));
        assert_eq!(recorded.waits(), [Duration::from_secs(5), Duration::from_secs(7)]);
    }
}
