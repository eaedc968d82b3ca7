//! A list that a task makes ahead of its reader. Knows no entry.

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use crate::{Error, ErrorKind, Result};

/// A list that is read while a task makes it, a bounded number of items ahead. Dropping it stops the task.
pub(crate) struct Ahead<T> {
    name: &'static str,
    messages: Receiver<Message<T>>,
    task: Task<()>,
}

enum Message<T> {
    Item(T),
    /// A task that panics, as a closure of the program may, must not look like the end of the list, since what a source
    /// lacks may be deleted.
    End(Result<()>),
}

/// Where a task sends its items.
pub(crate) struct Out<T>(Sender<Message<T>>);

/// Why a list ended early.
pub(crate) enum Ended {
    Failed(Error),
    /// It is not read any more.
    Unread,
}

impl<E: Into<Error>> From<E> for Ended {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl<T: Send + 'static> Ahead<T> {
    /// Starts a task that runs what `list` returns. `name` is that of the list, for errors.
    pub(crate) fn start<F>(name: &'static str, ahead: usize, list: impl FnOnce(Out<T>) -> F) -> Self
    where
        F: Future<Output = Result<(), Ended>> + Send + 'static,
    {
        let (sender, messages) = channel(ahead);
        let list = list(Out(sender.clone()));
        let task = tokio::spawn(async move {
            let end = match list.await {
                Ok(()) => Ok(()),
                Err(Ended::Failed(error)) => Err(error),
                Err(Ended::Unread) => return,
            };
            let _ = sender.send(Message::End(end)).await;
        });
        Self { name, messages, task: Task(task) }
    }

    /// The next item; `None` at the end, after which it must not be called again.
    pub(crate) async fn next(&mut self) -> Result<Option<T>> {
        match self.messages.recv().await {
            Some(Message::Item(item)) => Ok(Some(item)),
            Some(Message::End(end)) => end.map(|()| None),
            None => {
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
    pub(crate) async fn send(&self, item: T) -> Result<(), Ended> {
        self.0.send(Message::Item(item)).await.map_err(|_| Ended::Unread)
    }
}

/// A task that ends when it is dropped.
pub(crate) struct Task<T>(pub(crate) JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
