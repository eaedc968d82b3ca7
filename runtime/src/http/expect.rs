//! `Expect: 100-continue`: the body waits until the server wants it, so that it is not sent to one that refuses the request.
//! Knows no connection.

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
use crate::value::ByteStream;

/// How long the server may keep silent before it is sent the body all the same: botocore's second. Servers of HTTP/1.0 never
/// ask for one.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether the request asks before it sends its body.
pub(super) fn asks(headers: &HeaderMap) -> bool {
    headers.get(EXPECT).is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// What holds a body back.
#[derive(Debug, Default)]
pub(super) struct Gate {
    state: AtomicU8,
    waker: Mutex<Option<Waker>>,
}

const WAITING: u8 = 0;
const OPEN: u8 = 1;
const SHUT: u8 = 2;

impl Gate {
    /// Holds the body of `request` back until the server asks for it, or has said nothing for a second; for half of the limit
    /// on silence, if that is less.
    pub(super) fn before(request: &mut Request<ByteStream>, limit: Option<Duration>) -> Arc<Self> {
        let gate = Arc::new(Self::default());
        let body = std::mem::take(request.body_mut());
        let len = body.len();
        let patience = limit.map_or(PATIENCE, |it| PATIENCE.min(it / 2));
        let held = Held { body, gate: Arc::clone(&gate), patience, sleep: None };
        *request.body_mut() = match len {
            Some(len) => ByteStream::from_stream(held).with_len(len),
            None => ByteStream::from_stream(held),
        };
        let told = Arc::clone(&gate);
        hyper::ext::on_informational(request, move |interim| {
            if interim.status().as_u16() == 100 {
                told.turn(OPEN);
            }
        });
        gate
    }

    /// Shuts the gate after the final answer. Tells whether the body had not begun, and never will.
    pub(super) fn shut(&self) -> bool {
        self.turn(SHUT)
    }

    /// Changes the state, unless that happened before.
    fn turn(&self, state: u8) -> bool {
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

/// A body behind a gate.
struct Held {
    body: ByteStream,
    gate: Arc<Gate>,
    patience: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Stream for Held {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.gate.state() != OPEN {
            // The waker is there before the state is looked at again: whoever turns it wakes us.
            *this.gate.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.waker().clone());
            match this.gate.state() {
                OPEN => {}
                SHUT => return Poll::Pending,
                _ => {
                    let sleep = this.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(this.patience)));
                    ready!(sleep.as_mut().poll(cx));
                    if !this.gate.turn(OPEN) && this.gate.state() == SHUT {
                        return Poll::Pending;
                    }
                }
            }
        }
        Pin::new(&mut this.body).poll_next(cx)
    }
}

/// The body of an answer. One that came in place of what the request would have sent ends its connection, which still waits
/// for that.
#[derive(Debug)]
pub(super) struct Answered {
    body: Incoming,
    connection: Option<AbortHandle>,
}

impl Answered {
    pub(super) fn of(response: Response<Incoming>, connection: Option<AbortHandle>) -> Response<Self> {
        response.map(|body| Self { body, connection })
    }
}

impl Body for Answered {
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

impl Drop for Answered {
    fn drop(&mut self) {
        if let Some(connection) = &self.connection {
            connection.abort();
        }
    }
}
