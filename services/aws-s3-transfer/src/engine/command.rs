//! What the holder of a handle asks of its transfer: to go on, to pause, to abort; and how urgent it is. Knows no transfer.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use tokio::sync::watch;

/// What a transfer shall do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Command {
    #[default]
    Run,
    Pause,
    Abort,
}

/// The side of the handle. When it is dropped, the transfer aborts.
#[derive(Debug, Default)]
pub(crate) struct Commander {
    command: watch::Sender<Command>,
    priority: Arc<AtomicI32>,
}

impl Commander {
    pub(crate) fn order(&self, command: Command) {
        self.command.send_replace(command);
    }

    pub(crate) fn set_priority(&self, priority: i32) {
        self.priority.store(priority, Ordering::Relaxed);
    }

    /// The side of the transfer.
    pub(crate) fn orders(&self) -> Orders {
        Orders { command: self.command.subscribe(), priority: Arc::clone(&self.priority) }
    }
}

/// The side of the transfer.
#[derive(Clone, Debug)]
pub(crate) struct Orders {
    command: watch::Receiver<Command>,
    priority: Arc<AtomicI32>,
}

impl Orders {
    /// Waits until the transfer shall stop, and says how.
    pub(crate) async fn stop(&mut self) -> Command {
        match self.command.wait_for(|it| *it != Command::Run).await {
            Ok(command) => *command,
            Err(_) => Command::Abort,
        }
    }

    /// A commander of transfers that are part of this one: it stops them by itself, and they are as urgent as this one.
    pub(crate) fn commander(&self) -> Commander {
        Commander { command: watch::Sender::default(), priority: Arc::clone(&self.priority) }
    }

    pub(crate) fn priority(&self) -> i32 {
        self.priority.load(Ordering::Relaxed)
    }
}
