//! Shows every chunk of a body to a callback. Knows no purpose.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::ByteStream;
use crate::Result;
use crate::sync::lock;

type Callback = dyn FnMut(Option<&Bytes>) -> Result<()> + Send;

/// A body whose chunks are shown to a callback, which copies of the body share.
pub(super) struct Inspect {
    body: ByteStream,
    callback: Arc<Mutex<Callback>>,
    is_started: bool,
    is_ended: bool,
}

impl Inspect {
    pub(super) fn new(body: ByteStream, callback: impl FnMut(Option<&Bytes>) -> Result<()> + Send + 'static) -> Self {
        Self { body, callback: Arc::new(Mutex::new(callback)), is_started: false, is_ended: false }
    }

    /// Declares the length of the body.
    pub(super) fn with_len(mut self, len: u64) -> Self {
        self.body = self.body.with_len(len);
        self
    }

    /// How many bytes are left, if that is known.
    pub(super) fn len(&self) -> Option<u64> {
        self.body.len()
    }

    /// A copy of the body without the callback.
    pub(super) fn try_clone_uninspected(&self) -> Option<ByteStream> {
        self.body.try_clone_uninspected().filter(|_| !self.is_started)
    }

    pub(super) fn is_replayable(&self) -> bool {
        !self.is_started && self.body.is_replayable()
    }

    pub(super) fn try_clone(&self) -> Option<Self> {
        let body = self.body.try_clone().filter(|_| !self.is_started)?;
        Some(Self { body, callback: Arc::clone(&self.callback), is_started: false, is_ended: false })
    }
}

impl Stream for Inspect {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_ended {
            return Poll::Ready(None);
        }
        let chunk = match ready!(Pin::new(&mut self.body).poll_next(cx)) {
            Some(Ok(chunk)) => Some(chunk),
            Some(Err(error)) => {
                self.is_ended = true;
                return Poll::Ready(Some(Err(error)));
            }
            None => None,
        };
        self.is_started = true;
        let mut callback = lock(&self.callback);
        let mut inspected = callback(chunk.as_ref());
        let is_last = chunk.is_some() && self.body.is_sent_to_its_end();
        if is_last && inspected.is_ok() {
            inspected = callback(None);
        }
        drop(callback);
        self.is_ended = inspected.is_err() || is_last || chunk.is_none();
        Poll::Ready(inspected.map(|()| chunk).transpose())
    }
}
