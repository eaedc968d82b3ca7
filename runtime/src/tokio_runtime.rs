//! The Tokio runtime of the caller, which connections, timers, tasks and processes need. Knows nothing of what they are for.

use std::io;

use tokio::runtime::Handle;

use crate::BoxFuture;
use crate::error::{Error, ErrorKind, Result};

/// What is wrong if there is none.
pub(crate) const MISSING: &str =
    "no Tokio runtime: requests must be sent from within one whose time and I/O are enabled";

/// The runtime of the caller. To be called before a timer or a task is created, which would panic without one. That time
/// and I/O are enabled cannot be asked.
pub(crate) fn current() -> Result<Handle> {
    Handle::try_current().map_err(|it| Error::new(ErrorKind::Config, MISSING).with_source(it))
}

/// Runs work that waits for files where it stops no other task.
pub(crate) fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> BoxFuture<'static, io::Result<T>> {
    // WebAssembly has no threads.
    if cfg!(target_family = "wasm") {
        return Box::pin(std::future::ready(Ok(work())));
    }
    match current() {
        Ok(runtime) => {
            let task = runtime.spawn_blocking(work);
            Box::pin(async move { task.await.map_err(io::Error::other) })
        }
        Err(error) => Box::pin(std::future::ready(Err(io::Error::other(error)))),
    }
}
