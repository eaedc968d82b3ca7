//! Holds back the last chunk of a body until the body has ended, so that a body which is longer than declared is an error
//! before its last byte is sent: HTTP clients stop reading at the declared length. Knows no HTTP.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use crate::error::Result;

/// A stream that yields its last chunk when the stream behind it has ended.
pub(super) struct ExactLength<S> {
    /// `None` after its end: a stream need not be polled again.
    stream: Option<Pin<Box<S>>>,
    /// The declared bytes that have not been yielded by `stream`.
    remaining: u64,
    /// The chunk with the last declared byte.
    last: Option<Bytes>,
}

impl<S> ExactLength<S> {
    pub(super) fn new(stream: S, len: u64) -> Self {
        Self { stream: Some(Box::pin(stream)), remaining: len, last: None }
    }
}

impl<S: Stream<Item = Result<Bytes>>> Stream for ExactLength<S> {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(stream) = &mut self.stream else { return Poll::Ready(None) };
            match ready!(stream.as_mut().poll_next(cx)) {
                Some(Ok(chunk)) if chunk.is_empty() => {}
                Some(Ok(chunk)) if self.last.is_none() && chunk.len() as u64 == self.remaining => {
                    self.remaining = 0;
                    self.last = Some(chunk);
                }
                Some(Ok(chunk)) => {
                    // With the chunk that was held back it is longer than declared, which the reader reports.
                    let chunk = match self.last.take() {
                        Some(last) => [last, chunk].concat().into(),
                        None => chunk,
                    };
                    self.remaining = self.remaining.saturating_sub(chunk.len() as u64);
                    return Poll::Ready(Some(Ok(chunk)));
                }
                Some(Err(error)) => {
                    self.stream = None;
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    self.stream = None;
                    return Poll::Ready(self.last.take().map(Ok));
                }
            }
        }
    }
}
