//! A transfer that is running: how far it is, and how to pause, hurry and end it. Knows no kind of transfer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::engine::command::{Command, Commander, Orders};
use crate::engine::meter::{Events, Meter, Progress};
use crate::file::of_task;
use crate::transfers::Running;
use crate::{Checkpoint, Error, ErrorKind, Result, Transfers};

/// What a running transfer works with.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) transfers: Transfers,
    pub(crate) meter: Meter,
    pub(crate) orders: Orders,
}

impl Job {
    /// Runs `work` until it ends or the handle wants it to stop; then the work is dropped.
    pub(crate) async fn until_stopped<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut orders = self.orders.clone();
        tokio::select! {
            biased;
            ended = work => ended,
            command = orders.stop() => Err(match command {
                Command::Pause => Error::new(ErrorKind::Paused, "the transfer is paused: resume it from its checkpoint"),
                Command::Run | Command::Abort => Error::new(ErrorKind::Aborted, "the transfer was aborted"),
            }),
        }
    }
}

/// A running transfer. Await it for its result.
///
/// Dropping it aborts the transfer: requests in flight end, and neither parts nor a partial file stay behind.
#[derive(Debug)]
#[must_use = "a transfer is aborted when its handle is dropped"]
pub struct Transfer<T> {
    task: Result<JoinHandle<Result<T>>, Error>,
    commander: Commander,
    meter: Meter,
}

/// How a pause ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Paused<T> {
    /// The transfer stopped; the checkpoint resumes it, in this process or another.
    At(Box<Checkpoint>),
    /// The transfer stopped, and there is nothing to resume: it was a single request, or its source or target can be used
    /// once, as a stream and memory can. Start it again. No parts are left behind. A transfer of a folder, which is started
    /// again as a whole, keeps its parts if it has a folder of [checkpoints](crate::folder::FolderTransfer::checkpoints).
    NotKept,
    /// It was faster, and is complete.
    Complete(T),
}

impl<T: Send + 'static> Transfer<T> {
    /// Starts `work` in a task.
    pub(crate) fn start<F>(transfers: &Transfers, meter: Meter, priority: i32, work: impl FnOnce(Job) -> F) -> Self
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let commander = Commander::default();
        commander.set_priority(priority);
        let job = Job { transfers: transfers.clone(), meter: meter.clone(), orders: commander.orders() };
        let task = match Handle::try_current() {
            Ok(runtime) => {
                let (running, work) = (Running::new(transfers), work(job));
                let meter = meter.clone();
                Ok(runtime.spawn(async move {
                    let ended = work.await;
                    drop(running);
                    meter.end();
                    ended
                }))
            }
            Err(error) => {
                let why = "transfers need a Tokio runtime whose time and I/O are enabled, as in `#[tokio::main]`";
                Err(Error::new(ErrorKind::Settings, why).with_source(error))
            }
        };
        Self { task, commander, meter }
    }

    /// How far the transfer is. Cheap: no request, no waiting.
    pub fn progress(&self) -> Progress {
        self.meter.progress()
    }

    /// The changes of the progress from now on.
    pub fn events(&self) -> Events {
        self.meter.events()
    }

    /// Sets how urgent the transfer is: parts of transfers with a higher number are sent first. Default: 0.
    pub fn set_priority(&self, priority: i32) {
        self.commander.set_priority(priority);
    }

    /// Waits for the end. Awaiting the handle does the same.
    ///
    /// # Errors
    /// That of the transfer.
    pub async fn wait(self) -> Result<T> {
        self.await
    }

    /// Stops the transfer, and returns what resumes it. Parts in flight are sent again then; what has arrived is not.
    ///
    /// # Errors
    /// That of the transfer, if it failed before.
    pub async fn pause(self) -> Result<Paused<T>> {
        self.commander.order(Command::Pause);
        match self.wait().await {
            Ok(result) => Ok(Paused::Complete(result)),
            Err(error) if error.kind() == ErrorKind::Paused => match error.checkpoint() {
                Some(checkpoint) => Ok(Paused::At(Box::new(checkpoint.clone()))),
                None => Ok(Paused::NotKept),
            },
            Err(error) => Err(error),
        }
    }

    /// Ends the transfer, and waits until its parts and its partial file are removed. Without effect on one that has
    /// ended.
    ///
    /// # Errors
    /// That of the transfer, if it failed before.
    pub async fn abort(self) -> Result<()> {
        self.commander.order(Command::Abort);
        match self.wait().await {
            Err(error) if error.kind() != ErrorKind::Aborted => Err(error),
            _ => Ok(()),
        }
    }
}

/// Ends when the transfer does. Await `&mut transfer` beside something else, such as a signal, to keep the handle.
impl<T: Send + 'static> Future for Transfer<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        match &mut self.task {
            Ok(task) => match ready!(Pin::new(task).poll(cx)) {
                Ok(result) => Poll::Ready(result),
                Err(error) => Poll::Ready(Err(of_task(error))),
            },
            Err(error) => Poll::Ready(Err(std::mem::replace(error, Error::new(ErrorKind::Settings, "")))),
        }
    }
}
