//! `Expect: 100-continue`: holds the request body back until the server asks for it, so that a server that rejects the
//! request is not sent its body. Knows no connection.

use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use ::http::header::EXPECT;
use ::http::{HeaderMap, Request, Response};
use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::task::AbortHandle;
use tokio::time::Sleep;

use crate::Result;
use crate::types::ByteStream;

/// How long to wait for `100 Continue` before the body is sent without it: 1 s, as in botocore (`awsrequest.py`).
/// HTTP/1.0 servers never send that response.
const CONTINUE_TIMEOUT: Duration = Duration::from_secs(1);

/// Whether `headers` contain `expect: 100-continue`.
pub(super) fn expects_continue(headers: &HeaderMap) -> bool {
    headers.get(EXPECT).is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// Holds a request body back until it is opened.
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
    /// for half of `read_timeout`, whichever is shorter.
    pub(super) fn install(request: &mut Request<ByteStream>, read_timeout: Option<Duration>) -> Arc<Self> {
        let gate = Arc::new(Self::default());
        let body = std::mem::take(request.body_mut());
        let len = body.len();
        let timeout = read_timeout.map_or(CONTINUE_TIMEOUT, |it| CONTINUE_TIMEOUT.min(it / 2));
        let gated = GatedBody { body, gate: Arc::clone(&gate), timeout, sleep: None };
        *request.body_mut() = match len {
            Some(len) => ByteStream::from_stream(gated).with_inner_len(len),
            None => ByteStream::from_stream(gated),
        };
        let on_continue = Arc::clone(&gate);
        hyper::ext::on_informational(request, move |interim| {
            if interim.status().as_u16() == 100 {
                on_continue.set(OPEN);
            }
        });
        gate
    }

    /// Closes the gate after the final response. Returns `true` if the body was still held back: then it is never sent.
    pub(super) fn close(&self) -> bool {
        self.set(CLOSED)
    }

    /// Leaves `WAITING` for `state`. Returns `false` if the gate left it before: then nothing changes.
    fn set(&self, state: u8) -> bool {
        let is_first = self.state.compare_exchange(WAITING, state, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if let Some(waker) = self.waker.lock().unwrap_or_else(PoisonError::into_inner).take() {
            waker.wake();
        }
        is_first
    }

    fn state(&self) -> u8 {
        self.state.load(Ordering::Acquire)
    }
}

/// A request body behind a gate.
struct GatedBody {
    body: ByteStream,
    gate: Arc<Gate>,
    timeout: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Stream for GatedBody {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.gate.state() != OPEN {
            // Register the waker before reading the state again, so that no change in between is missed.
            *this.gate.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.waker().clone());
            match this.gate.state() {
                OPEN => {}
                CLOSED => return Poll::Pending,
                _ => {
                    let sleep = this.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(this.timeout)));
                    ready!(sleep.as_mut().poll(cx));
                    if !this.gate.set(OPEN) && this.gate.state() == CLOSED {
                        return Poll::Pending;
                    }
                }
            }
        }
        Pin::new(&mut this.body).poll_next(cx)
    }
}

/// The body of a response. If the request body was never sent, dropping the response body closes the connection, which
/// cannot be used again: it still expects that body.
#[derive(Debug)]
pub(super) struct ResponseBody {
    body: Incoming,
    connection: Option<AbortHandle>,
}

impl ResponseBody {
    /// Wraps the body of `response`; `connection` is aborted when the body is dropped.
    pub(super) fn wrap(response: Response<Incoming>, connection: Option<AbortHandle>) -> Response<Self> {
        response.map(|body| Self { body, connection })
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        if let Some(connection) = &self.connection {
            connection.abort();
        }
    }
}
