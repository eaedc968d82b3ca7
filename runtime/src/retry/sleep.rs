//! Waiting. The only code in this module that touches the async runtime.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::BoxFuture;

type SleepFn = dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync;

/// Waits between attempts and polls: on the system's timer, or as a test defines.
#[derive(Clone, Default)]
pub struct Sleep(Option<Arc<SleepFn>>);

impl Sleep {
    /// Waits on tokio's timer.
    pub fn system() -> Self {
        Self(None)
    }

    /// Waits by awaiting the future that `sleep` returns.
    pub fn from_fn(sleep: impl Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(sleep)))
    }

    /// Waits for `time`; returns at once if it is zero.
    pub async fn wait(&self, time: Duration) {
        match &self.0 {
            _ if time.is_zero() => {}
            None => tokio::time::sleep(time).await,
            Some(sleep) => sleep(time).await,
        }
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_none() { "Sleep(system)" } else { "Sleep(custom)" })
    }
}
