//! The Tokio runtime of the caller, which connections, timers, tasks and processes need. Knows nothing of what they are for.

use tokio::runtime::Handle;

use crate::error::{Error, ErrorKind, Result};

/// What is wrong if there is none.
pub(crate) const MISSING: &str =
    "no Tokio runtime: requests must be sent from within one whose time and I/O are enabled";

/// The runtime of the caller. To be called before a timer or a task is created, which would panic without one. That time
/// and I/O are enabled cannot be asked.
pub(crate) fn current() -> Result<Handle> {
    Handle::try_current().map_err(|it| Error::new(ErrorKind::Config, MISSING).with_source(it))
}
