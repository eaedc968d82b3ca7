//! Where the time of day comes from. The one place that asks the system for it.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// The time of day: of the system, or of a test.
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<dyn Fn() -> SystemTime + Send + Sync>>);

impl Clock {
    /// The clock of the system.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still.
    pub fn fixed(time: SystemTime) -> Self {
        Self::from_fn(move || time)
    }

    /// A clock that shows what `now` says.
    pub fn from_fn(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(now)))
    }

    /// The time now.
    pub fn now(&self) -> SystemTime {
        match &self.0 {
            None => SystemTime::now(),
            Some(now) => now(),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_none() { "Clock(system)" } else { "Clock(given)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn shows_what_it_is_told() {
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(7);
        assert_eq!(Clock::fixed(then).now(), then);
        assert!(Clock::system().now() > then);
    }
}
