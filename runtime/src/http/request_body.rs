//! The body of a request on its way to a connection: records progress, waits for `100 Continue`, and does not touch the
//! caller's data before the connection has proved alive. Knows no connection.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use ::http::header::EXPECT;
use ::http::{HeaderMap, Request};
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use hyper::client::conn::TrySendError;
use tokio::runtime::Handle;
use tokio::time::Sleep;

use super::Body;
use super::idle_timeout::Activity;
use crate::config::MinThroughput;
use crate::sync::lock;
use crate::tokio_runtime::spawn;
use crate::types::ByteStream;
use crate::{Error, Result};

/// How long to wait for `100 Continue` before the body is sent without it: 1 s, as in botocore (`awsrequest.py`).
/// HTTP/1.0 servers never send that response.
const CONTINUE_TIMEOUT: Duration = Duration::from_secs(1);

/// The size of the pieces that a body is given to an HTTP/2 connection in, so that progress can be observed. Our choice:
/// small enough that a slow connection sends one within any sensible timeout.
pub(super) const PIECE: usize = 64 * 1024;

/// The size of the smallest pieces. Our choice: they cost little, and a server that takes none in any sensible grace is slow.
const MIN_PIECE: usize = 1024;

/// Why a request got no response; with the request, if none of it was sent.
pub(super) type SendError = TrySendError<Request<RequestBody>>;

/// A request body as hyper reads it.
pub(super) enum RequestBody {
    Empty,
    Bytes(Bytes),
    Stream(Box<StreamBody>),
}

/// A request body that is read while it is sent.
pub(super) struct StreamBody {
    stream: ByteStream,
    activity: Arc<Activity>,
    gate: Option<GateWait>,
    /// Pending until the connection has been polled once more: see [`RequestBody::probe_connection_first`].
    probe: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// For HTTP/2, whose connections do not show the progress of one request.
    records_pieces: bool,
    /// The size of the pieces that the body is given to the connection in; `None` for chunks as they come.
    piece: Option<usize>,
    rest: Bytes,
}

impl RequestBody {
    /// `records_pieces` is for connections that serve several requests at once.
    pub(super) fn new(
        body: Body,
        activity: &Arc<Activity>,
        records_pieces: bool,
        throughput: Option<MinThroughput>,
    ) -> Self {
        let piece = throughput.map(|it| piece(it, records_pieces)).or(records_pieces.then_some(PIECE));
        let stream = match body {
            Body::Empty => return Self::Empty,
            Body::Bytes(bytes) if bytes.is_empty() => return Self::Empty,
            Body::Bytes(bytes) if piece.is_none() || bytes.len() <= PIECE => return Self::Bytes(bytes),
            Body::Bytes(bytes) => bytes.into(),
            Body::Stream(stream) => stream,
        };
        let activity = Arc::clone(activity);
        activity.set_sending(true);
        Self::Stream(Box::new(StreamBody {
            stream,
            activity,
            gate: None,
            probe: None,
            records_pieces,
            piece,
            rest: Bytes::new(),
        }))
    }

    /// Delays the first read until the head was written and the runtime has looked for events once. If the server has
    /// closed the connection in the meantime, as servers do with idle ones, the exchange fails before the body is read,
    /// and a body that can be read only once can be sent on another connection.
    pub(super) fn probe_connection_first(&mut self) {
        if let Self::Stream(body) = self {
            // hyper may poll the body again at once, which ends `yield_now`, but not another task.
            body.probe = Some(Box::pin(async {
                spawn(&Handle::current(), Box::pin(tokio::task::yield_now())).await.unwrap_or_default()
            }));
        }
    }
}

/// The size of the pieces of a body with a lowest speed. Over HTTP/1 the connection shows what was taken, and pieces only keep
/// the body in sight until it was sent; over HTTP/2 a piece that is taken is all that shows, so that slow ones are small.
fn piece(limit: MinThroughput, is_http2: bool) -> usize {
    let bytes = limit.bytes_per_second.saturating_mul(limit.grace.as_secs().max(1)) / 4;
    if is_http2 { usize::try_from(bytes).unwrap_or(PIECE).clamp(MIN_PIECE, PIECE) } else { PIECE }
}

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        match this {
            Self::Empty => Poll::Ready(None),
            Self::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                *this = Self::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Self::Stream(body) => body.poll_chunk(cx).map_ok(Frame::data),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Empty)
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream(body) => body.stream.size_hint(),
        }
    }
}

impl StreamBody {
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        if let Some(probe) = &mut self.probe {
            ready!(probe.as_mut().poll(cx));
            self.probe = None;
        }
        if let Some(gate) = &mut self.gate {
            ready!(gate.poll_open(cx));
            self.gate = None;
        }
        if self.records_pieces {
            self.activity.record();
        }
        if self.rest.is_empty() {
            let chunk = Pin::new(&mut self.stream).poll_frame(cx);
            self.activity.set_awaits_caller(chunk.is_pending());
            match ready!(chunk) {
                Some(Ok(frame)) => self.rest = frame.into_data().unwrap_or_default(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let len = self.piece.map_or(self.rest.len(), |it| it.min(self.rest.len()));
        if self.records_pieces {
            self.activity.record_sent(len);
        }
        Poll::Ready(Some(Ok(self.rest.split_to(len))))
    }
}

impl Drop for StreamBody {
    fn drop(&mut self) {
        // The connection may serve another request.
        self.activity.set_awaits_caller(false);
        self.activity.set_sending(false);
    }
}

/// Whether `headers` contain `expect: 100-continue`.
pub(super) fn expects_continue(headers: &HeaderMap) -> bool {
    headers.get(EXPECT).is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// Holds a request body back until it is opened, so that a server that rejects the request is not sent its body.
#[derive(Debug, Default)]
pub(super) struct Gate {
    state: AtomicU8,
    waker: Mutex<Option<Waker>>,
}

const WAITING: u8 = 0;
const OPEN: u8 = 1;
const CLOSED: u8 = 2;

impl Gate {
    /// Holds the body of `request` back until the server responds with `100 Continue`, or has sent nothing for 1 s or
    /// for half of `read_timeout`, whichever is shorter. `None` if there is no body to hold back.
    pub(super) fn install(request: &mut Request<RequestBody>, read_timeout: Option<Duration>) -> Option<Arc<Self>> {
        let body = std::mem::replace(request.body_mut(), RequestBody::Empty);
        let mut body = match body {
            RequestBody::Empty => return None,
            RequestBody::Bytes(bytes) => Box::new(StreamBody {
                stream: bytes.into(),
                activity: Activity::start(),
                gate: None,
                probe: None,
                records_pieces: false,
                piece: None,
                rest: Bytes::new(),
            }),
            RequestBody::Stream(body) => body,
        };
        let gate = Arc::new(Self::default());
        let timeout = read_timeout.map_or(CONTINUE_TIMEOUT, |it| CONTINUE_TIMEOUT.min(it / 2));
        body.gate = Some(GateWait { gate: Arc::clone(&gate), timeout, sleep: None });
        *request.body_mut() = RequestBody::Stream(body);
        let on_continue = Arc::clone(&gate);
        hyper::ext::on_informational(request, move |interim| {
            if interim.status().as_u16() == 100 {
                on_continue.set(OPEN);
            }
        });
        Some(gate)
    }

    /// Closes the gate after the final response. Returns `true` if the body was still held back: then it is never sent.
    pub(super) fn close(&self) -> bool {
        self.set(CLOSED)
    }

    /// Leaves `WAITING` for `state`. Returns `false` if the gate left it before: then nothing changes.
    fn set(&self, state: u8) -> bool {
        let is_first = self.state.compare_exchange(WAITING, state, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if let Some(waker) = lock(&self.waker).take() {
            waker.wake();
        }
        is_first
    }

    fn state(&self) -> u8 {
        self.state.load(Ordering::Acquire)
    }
}

/// A request body's side of its gate.
struct GateWait {
    gate: Arc<Gate>,
    timeout: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl GateWait {
    /// Ready when the body may be read; never if the gate was closed.
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.gate.state() == OPEN {
            return Poll::Ready(());
        }
        // Register the waker before reading the state again, so that no change in between is missed.
        *lock(&self.gate.waker) = Some(cx.waker().clone());
        match self.gate.state() {
            OPEN => Poll::Ready(()),
            CLOSED => Poll::Pending,
            _ => {
                let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.timeout)));
                ready!(sleep.as_mut().poll(cx));
                match self.gate.set(OPEN) || self.gate.state() == OPEN {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                }
            }
        }
    }
}
