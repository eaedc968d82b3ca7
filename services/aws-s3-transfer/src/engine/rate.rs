//! A limit of bytes per second that all transfers of a client share. Knows no request.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// How much may pass at once after a pause. Our choice: short enough that a meter of one second shows no burst.
const BURST: Duration = Duration::from_millis(100);

/// A limit of bytes per second. A task that takes bytes waits until those that were taken before have had their time.
#[derive(Debug)]
pub(crate) struct Rate {
    bytes_per_second: u64,
    /// When the bytes that were taken so far have had their time.
    free_at: Mutex<Option<Instant>>,
}

impl Rate {
    pub(crate) fn new(bytes_per_second: u64) -> Self {
        Self { bytes_per_second, free_at: Mutex::new(None) }
    }

    /// Waits until `bytes` may pass.
    pub(crate) async fn take(&self, bytes: u64) {
        let start = {
            let mut free_at = self.free_at.lock().unwrap_or_else(|it| it.into_inner());
            let now = Instant::now();
            let start = free_at.unwrap_or(now).max(now.checked_sub(BURST).unwrap_or(now));
            *free_at = Some(start + Duration::from_secs_f64(bytes as f64 / self.bytes_per_second as f64));
            start
        };
        sleep_until(start).await;
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
            rate.take(500).await;
        }
        let seconds = start.elapsed().as_secs_f64();
        assert!((4.8..=5.1).contains(&seconds), "{seconds}");
        tokio::time::advance(Duration::from_secs(60)).await;
        let start = Instant::now();
        rate.take(1000).await;
        rate.take(1000).await;
        assert!(start.elapsed() >= Duration::from_millis(890), "a pause saves up no more than a burst");
    }
}
