//! A list that a task makes ahead of its reader. Knows no entry.

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use crate::{Error, ErrorKind, Result};

/// A list that is read while a task makes it, a bounded number of items ahead. Dropping it stops the task.
pub(crate) struct Ahead<T> {
    name: &'static str,
    items: Receiver<T>,
    task: Task<Result<()>>,
}

/// Where a task sends its items.
pub(crate) struct Out<T>(Sender<T>);

impl<T: Send + 'static> Ahead<T> {
    /// Starts a task that runs what `list` returns. `name` is that of the list, for errors.
    pub(crate) fn start<F>(name: &'static str, ahead: usize, list: impl FnOnce(Out<T>) -> F) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let (sender, items) = channel(ahead);
        Self { name, items, task: Task(tokio::spawn(list(Out(sender)))) }
    }

    /// The next item; `None` at the end, after which it must not be called again.
    pub(crate) async fn next(&mut self) -> Result<Option<T>> {
        if let Some(item) = self.items.recv().await {
            return Ok(Some(item));
        }
        match (&mut self.task.0).await {
            Ok(end) => end.map(|()| None),
            // A closure of the program may panic. That must not look like the end of the list, since what a source lacks
            // may be deleted.
            Err(_) => {
                let message = format!("{} ended before its end: did a closure of the program panic?", self.name);
                Err(Error::new(ErrorKind::Call, message))
            }
        }
    }

    /// Stops the task.
    pub(crate) fn stop(&self) {
        self.task.0.abort();
    }
}

impl<T> Out<T> {
    /// Sends an item. Once the list is not read any more, this does not return: its task is being stopped.
    pub(crate) async fn send(&self, item: T) {
        if self.0.send(item).await.is_err() {
            std::future::pending().await
        }
    }
}

/// A task that ends when it is dropped.
pub(crate) struct Task<T>(pub(crate) JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
