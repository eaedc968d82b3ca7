//! A clock that tests set, and a sleep that returns at once.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::auth::Clock;
use crate::retry::Sleep;
use crate::sync::lock;

/// A clock that stands still until it is advanced. Clones share the same time.
#[derive(Clone, Debug)]
pub struct FixedClock(Arc<Mutex<SystemTime>>);

impl FixedClock {
    /// A clock set to `time`.
    pub fn new(time: SystemTime) -> Self {
        Self(Arc::new(Mutex::new(time)))
    }

    /// A clock set to `seconds` after 1970-01-01T00:00:00Z.
    pub fn from_secs(seconds: u64) -> Self {
        Self::new(UNIX_EPOCH + Duration::from_secs(seconds))
    }

    /// Advances the clock by `time`.
    pub fn advance(&self, time: Duration) {
        *lock(&self.0) += time;
    }

    /// The current time of the clock.
    pub fn now(&self) -> SystemTime {
        *lock(&self.0)
    }

    /// The [`Clock`] to configure a client with.
    pub fn clock(&self) -> Clock {
        let this = self.clone();
        Clock::from_fn(move || this.now())
    }
}

/// A sleep that returns at once and records its waits. Clones share the record.
#[derive(Clone, Debug, Default)]
pub struct RecordedSleep {
    waits: Arc<Mutex<Vec<Duration>>>,
    clock: Option<FixedClock>,
}

impl RecordedSleep {
    /// A sleep without recorded waits.
    pub fn new() -> Self {
        Self::default()
    }

    /// A sleep whose waits advance `clock`.
    pub fn with_clock(clock: FixedClock) -> Self {
        Self { clock: Some(clock), ..Self::default() }
    }

    /// The waits recorded so far.
    pub fn waits(&self) -> Vec<Duration> {
        lock(&self.waits).clone()
    }

    /// The [`Sleep`] to configure a client with.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waits_advance_the_clock() {
        let clock = FixedClock::from_secs(100);
        let client_clock = clock.clock();
        let recorded = RecordedSleep::with_clock(clock);
        let sleep = recorded.sleep();
        sleep.wait(Duration::from_secs(5)).await;
        sleep.wait(Duration::ZERO).await;
        sleep.wait(Duration::from_secs(7)).await;
        assert_eq!(client_clock.now(), UNIX_EPOCH + Duration::from_secs(112));
        assert_eq!(recorded.waits(), [Duration::from_secs(5), Duration::from_secs(7)]);
    }
}
