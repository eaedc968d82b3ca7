//! HTTP/2: a connection that serves many exchanges at a time, with its driver task. Knows neither how it was opened nor
//! where it is kept.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use ::http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper::rt::Executor;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::runtime::{Handle, Id};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::established::BoxIo;
use super::request_body::{PIECE, RequestBody, SendError};
use crate::sync::lock;
use crate::tokio_runtime::spawn;

/// Whether this program has HTTP/2.
pub(super) const IS_ENABLED: bool = true;

/// How many exchanges share an HTTP/2 connection at most; a server may allow fewer. Our choice: what servers usually
/// allow.
const MAX_STREAMS: usize = 100;
/// How many bytes of a response an HTTP/2 server may send before they are read. Our choice: enough for 80 MB/s at a round
/// trip of 12 ms.
const STREAM_WINDOW: u32 = 1024 * 1024;
/// The same for all responses of a connection together: those that are not read must not stop the others.
const CONNECTION_WINDOW: u32 = STREAM_WINDOW * MAX_STREAMS as u32;
/// How many bytes of a request body an HTTP/2 connection takes before it sends them. Our choice: whether they make progress
/// is not seen, so few enough to be sent within any sensible timeout. The system has buffers of its own.
const SEND_BUFFER: usize = PIECE;
/// How long an HTTP/2 connection may be silent before it is pinged. Our choice: well below the 350 s after which AWS's
/// load balancers forget a connection.
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// How long a ping may take before the connection is closed; hyper's default.
const PING_TIMEOUT: Duration = Duration::from_secs(20);

type Http2Connection = http2::Connection<TokioIo<BoxIo>, RequestBody, Tasks>;

/// Starts the tasks of a connection.
#[derive(Clone)]
struct Tasks;

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Tasks {
    fn execute(&self, task: F) {
        spawn(&Handle::current(), Box::pin(task));
    }
}

/// Drives an HTTP/2 connection. The connection is dropped when it ends, or when its runtime drops the task: then requests
/// that wait for it fail, and no more are sent over it.
struct Http2Driver(Arc<Mutex<Option<Http2Connection>>>);

impl Future for Http2Driver {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match &mut *lock(&self.0) {
            Some(connection) => Pin::new(connection).poll(cx).map(drop),
            None => Poll::Ready(()),
        }
    }
}

impl Drop for Http2Driver {
    fn drop(&mut self) {
        // The requests are dropped without the lock: their bodies are the caller's code.
        let ended = lock(&self.0).take();
        drop(ended);
    }
}

/// An HTTP/2 connection. It is closed when the last handle is dropped.
pub(super) struct Shared {
    sender: http2::SendRequest<RequestBody>,
    task: AbortHandle,
    runtime: Id,
    /// Knows how many streams the server allows, which it may change at any time.
    connection: Arc<Mutex<Option<Http2Connection>>>,
    /// How many streams the server allowed when it was last asked.
    max_streams: AtomicUsize,
    streams: AtomicUsize,
    is_retired: AtomicBool,
    /// Milliseconds from `start` to the end of the last exchange.
    idle_since: AtomicU64,
    start: Instant,
}

impl Shared {
    /// Starts HTTP/2 on an open connection, with one stream taken.
    pub(super) async fn start(io: BoxIo) -> hyper::Result<Self> {
        let (sender, connection) = http2::Builder::new(Tasks)
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(SEND_BUFFER)
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_TIMEOUT)
            .keep_alive_while_idle(true)
            .handshake(TokioIo::new(io))
            .await?;
        let connection = Arc::new(Mutex::new(Some(connection)));
        let runtime = Handle::current();
        let task = spawn(&runtime, Box::pin(Http2Driver(Arc::clone(&connection))));
        Ok(Self {
            sender,
            task: task.abort_handle(),
            runtime: runtime.id(),
            connection,
            max_streams: AtomicUsize::new(MAX_STREAMS),
            streams: AtomicUsize::new(1),
            is_retired: AtomicBool::new(false),
            idle_since: AtomicU64::new(0),
            start: Instant::now(),
        })
    }

    pub(super) async fn send(&self, request: Request<RequestBody>) -> Result<Response<Incoming>, SendError> {
        self.sender.clone().try_send_request(request).await
    }

    /// The runtime that drives it.
    pub(super) fn runtime(&self) -> Id {
        self.runtime
    }

    /// Takes one of the connection's streams; `false` if there is none, or if the connection serves no new exchanges. The
    /// first stream of a new connection is taken for the exchange that it was opened for.
    pub(super) fn take_stream(&self) -> bool {
        // While the driver runs it is not waited for: it reads request bodies, which may send requests themselves.
        if let Ok(connection) = self.connection.try_lock()
            && let Some(connection) = &*connection
        {
            self.max_streams.store(connection.current_max_send_streams(), Ordering::Relaxed);
        }
        let limit = MAX_STREAMS.min(self.max_streams.load(Ordering::Relaxed));
        let take = |streams| (streams < limit).then_some(streams + 1);
        !self.is_unusable() && self.streams.fetch_update(Ordering::AcqRel, Ordering::Acquire, take).is_ok()
    }

    /// Gives a stream back.
    pub(super) fn return_stream(&self) {
        self.idle_since.store(self.start.elapsed().as_millis() as u64, Ordering::Relaxed);
        self.streams.fetch_sub(1, Ordering::AcqRel);
    }

    /// Lets the exchanges that have begun end, and starts no more.
    pub(super) fn retire(&self) {
        self.is_retired.store(true, Ordering::Release);
    }

    pub(super) fn is_unusable(&self) -> bool {
        self.is_retired.load(Ordering::Acquire) || self.sender.is_closed()
    }

    /// Since when there has been no exchange; `None` if there is one.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        let is_idle = self.streams.load(Ordering::Acquire) == 0;
        is_idle.then(|| self.start + Duration::from_millis(self.idle_since.load(Ordering::Relaxed)))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.task.abort();
    }
}
