//! The clock that dates signatures. The only code, besides `Timestamp::now`, that reads the system's clock.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// A clock: that of the system, or one for tests.
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<dyn Fn() -> SystemTime + Send + Sync>>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that always returns `time`.
    pub fn fixed(time: SystemTime) -> Self {
        Self::from_fn(move || time)
    }

    /// A clock that returns what `now` returns.
    pub fn from_fn(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(now)))
    }

    /// The current time.
    pub fn now(&self) -> SystemTime {
        match &self.0 {
            None => SystemTime::now(),
            Some(now) => now(),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_none() { "Clock(system)" } else { "Clock(custom)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_fixed_clock_returns_its_time() {
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(7);
        assert_eq!(Clock::fixed(then).now(), then);
        assert!(Clock::system().now() > then);
    }
}
