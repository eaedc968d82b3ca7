//! The Tokio runtime of the caller, which connections, timers, tasks and processes need. Knows nothing of what they are for.

use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex};

use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinHandle};

use crate::BoxFuture;
use crate::error::{Error, ErrorKind, Result};
use crate::sync::lock;

/// What is wrong if there is none.
pub(crate) const MISSING: &str =
    "no Tokio runtime: requests must be sent from within one whose time and I/O are enabled";

/// The runtime of the caller. To be called before a timer or a task is created, which would panic without one. That time
/// and I/O are enabled cannot be asked.
pub(crate) fn current() -> Result<Handle> {
    Handle::try_current().map_err(|it| Error::new(ErrorKind::Config, MISSING).with_source(it))
}

/// Starts a task. All tasks are of one type, since Tokio has some thirty functions for each.
pub(crate) fn spawn(runtime: &Handle, task: BoxFuture<'static, ()>) -> JoinHandle<()> {
    runtime.spawn(task)
}

/// Runs work in a task, which goes on if no one waits for its outcome. It fails if the work panics or the runtime ends.
pub(crate) fn outcome<T: Send + 'static>(
    runtime: &Handle,
    work: impl Future<Output = T> + Send + 'static,
) -> BoxFuture<'static, io::Result<T>> {
    let place = Place::default();
    let task = spawn(
        runtime,
        Box::pin({
            let place = place.clone();
            async move { place.set(work.await) }
        }),
    );
    Box::pin(async move { place.take(task.await) })
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
            let place = Place::default();
            let work: Box<dyn FnOnce() + Send> = Box::new({
                let place = place.clone();
                move || place.set(work())
            });
            let task = runtime.spawn_blocking(work);
            Box::pin(async move { place.take(task.await) })
        }
        Err(error) => Box::pin(std::future::ready(Err(io::Error::other(error)))),
    }
}

/// Where a task leaves its outcome. A clone is the same place.
struct Place<T>(Arc<Mutex<Option<T>>>);

impl<T> Place<T> {
    fn set(&self, outcome: T) {
        *lock(&self.0) = Some(outcome);
    }

    fn take(&self, ended: Result<(), JoinError>) -> io::Result<T> {
        ended.map_err(io::Error::other)?;
        lock(&self.0).take().ok_or_else(|| io::Error::other("the task ended without an outcome"))
    }
}

impl<T> Clone for Place<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Place<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}
