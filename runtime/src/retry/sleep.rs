//! Waiting. The only code in this module that touches the async runtime.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::BoxFuture;
use crate::tokio_runtime;

type SleepFn = dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync;

/// Waits between attempts and polls: on the system's timer, or as a test defines.
#[derive(Clone, Default)]
pub struct Sleep(Option<Arc<SleepFn>>);

impl Sleep {
    /// Waits on tokio's timer; where there is no Tokio runtime, in a thread.
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
            None if tokio_runtime::current().is_ok() => tokio::time::sleep(time).await,
            // A client of the program's own may send requests on another runtime.
            None => {
                let (end, ended) = tokio::sync::oneshot::channel();
                std::thread::spawn(move || {
                    std::thread::sleep(time);
                    let _: Result<(), ()> = end.send(());
                });
                let _ = ended.await;
            }
            Some(sleep) => sleep(time).await,
        }
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_none() { "Sleep(system)" } else { "Sleep(custom)" })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::{Context, Poll, Wake};
    use std::time::Instant;

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Release);
        }
    }

    #[test]
    fn outside_of_tokio_a_pause_is_as_long() {
        let (start, woken) = (Instant::now(), Arc::new(Woken::default()));
        let waker = Arc::clone(&woken).into();
        let mut context = Context::from_waker(&waker);
        let sleep = Sleep::system();
        let mut pause = Box::pin(sleep.wait(Duration::from_millis(20)));
        while pause.as_mut().poll(&mut context) == Poll::Pending {
            while !woken.0.swap(false, Ordering::Acquire) {
                assert!(start.elapsed() < Duration::from_secs(10), "never woken");
                std::thread::yield_now();
            }
        }
        assert!(start.elapsed() >= Duration::from_millis(20));
    }
}
