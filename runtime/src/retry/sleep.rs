//! How time is let pass. The only thing here that touches the async runtime.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::http::BoxFuture;

type Wait = dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync;

/// Waits between attempts and polls: in truth, or as a test likes.
#[derive(Clone, Default)]
pub struct Sleep(Option<Arc<Wait>>);

impl Sleep {
    /// Waits on the timer of tokio.
    pub fn system() -> Self {
        Self(None)
    }

    /// Waits as `wait` does.
    pub fn from_fn(wait: impl Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(wait)))
    }

    /// Lets `time` pass.
    pub async fn wait(&self, time: Duration) {
        match &self.0 {
            _ if time.is_zero() => {}
            None => tokio::time::sleep(time).await,
            Some(wait) => wait(time).await,
        }
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_none() { "Sleep(system)" } else { "Sleep(given)" })
    }
}
