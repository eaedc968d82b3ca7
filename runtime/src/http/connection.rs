//! A new connection, and one of HTTP/1.1 with its driver task: it serves one exchange at a time. Knows neither how it was
//! opened nor where it is kept.

use std::sync::Arc;

use ::http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::runtime::{Handle, Id};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::established::Connected;
use super::http2::Shared;
use super::idle_timeout::Activity;
use super::request_body::{RequestBody, SendError};
use crate::tokio_runtime::spawn;

/// How many headers a response may have at first. Our choice: hyper's own limit is 100, which is that of Python and so of
/// botocore. A table of 256 is read at no measurable cost; one of 600 costs every response a microsecond.
pub(super) const MAX_HEADERS: usize = 256;
/// The same for a host that sent more: an S3 object may have some 500, for a request to S3 has 8 KB of headers at most.
pub(super) const MANY_HEADERS: usize = 1024;

/// An HTTP/1.1 connection. Dropping it closes it.
pub(super) struct Exclusive {
    sender: http1::SendRequest<RequestBody>,
    task: AbortHandle,
    pub(super) runtime: Id,
    pub(super) activity: Arc<Activity>,
    /// When its last response ended.
    pub(super) idle_since: Instant,
}

/// A new connection.
pub(super) enum Connection {
    Exclusive(Exclusive),
    #[cfg_attr(not(feature = "http2"), allow(dead_code, reason = "there is none"))]
    Shared(Arc<Shared>),
}

impl Connection {
    /// Starts HTTP on an open connection, in the version that was agreed on.
    pub(super) async fn start(connected: Connected, max_headers: usize) -> hyper::Result<Self> {
        #[cfg_attr(not(feature = "http2"), allow(unused_variables))]
        let Connected { io, activity, is_http2 } = connected;
        // The drivers end when the server closes the connection, or when all handles are dropped.
        #[cfg(feature = "http2")]
        if is_http2 {
            return Shared::start(io).await.map(Arc::new).map(Self::Shared);
        }
        let (sender, driver) = http1::Builder::new().max_headers(max_headers).handshake(TokioIo::new(io)).await?;
        let runtime = Handle::current();
        let task = spawn(&runtime, Box::pin(async { _ = driver.await })).abort_handle();
        Ok(Self::Exclusive(Exclusive { sender, task, runtime: runtime.id(), activity, idle_since: Instant::now() }))
    }
}

impl Exclusive {
    pub(super) async fn send(&mut self, request: Request<RequestBody>) -> Result<Response<Incoming>, SendError> {
        self.activity.record();
        self.sender.try_send_request(request).await
    }

    /// Whether the last exchange is over and the connection is open.
    pub(super) fn is_ready(&self) -> bool {
        self.sender.is_ready()
    }

    /// Waits until the last exchange is over; `false` if the connection is closed instead.
    pub(super) async fn ready(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }
}

impl Drop for Exclusive {
    fn drop(&mut self) {
        // In the middle of an exchange the driver might wait for the server.
        if !self.sender.is_ready() {
            self.task.abort();
        }
    }
}
