//! Takes a body back from its reader, as long as nothing was read from it. Knows no HTTP.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::ByteStream;
use crate::sync::lock;
use crate::{Error, ErrorKind, Result};

/// A body, until its first chunk is read or it is taken back.
type Slot = Arc<Mutex<Option<ByteStream>>>;

/// The way to take a body back.
#[derive(Debug)]
pub(crate) struct UnreadBody(Slot);

impl UnreadBody {
    /// The body, if no chunk was read from it. It cannot be read any more by the one that it was given to.
    pub(crate) fn take(&self) -> Option<ByteStream> {
        lock(&self.0).take()
    }
}

/// The stream of a body that can be taken back.
pub(super) struct Unread {
    slot: Slot,
    /// The body, after its first chunk was read.
    body: Option<ByteStream>,
}

impl Unread {
    pub(super) fn new(body: ByteStream) -> (Self, UnreadBody) {
        let slot = Arc::new(Mutex::new(Some(body)));
        (Self { slot: Arc::clone(&slot), body: None }, UnreadBody(slot))
    }
}

impl Stream for Unread {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Some(body) = &mut this.body {
            return Pin::new(body).poll_next(cx);
        }
        let mut slot = lock(&this.slot);
        let Some(body) = &mut *slot else {
            let message = "the request body is sent on another connection";
            return Poll::Ready(Some(Err(Error::new(ErrorKind::Body, message))));
        };
        let first = ready!(Pin::new(body).poll_next(cx));
        this.body = slot.take();
        Poll::Ready(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_can_be_taken_back_until_it_is_read() {
        let (mut sent, unread) = ByteStream::from_reader(&b"hello"[..]).with_len(5).split_unread();
        assert_eq!((sent.len(), sent.is_replayable()), (Some(5), false));
        let taken = unread.take().expect("nothing was read");
        assert!(unread.take().is_none());
        assert_eq!(sent.try_next().await.unwrap_err().kind(), ErrorKind::Body);
        let (sent, unread) = taken.split_unread();
        assert_eq!(&*sent.collect().await.unwrap(), b"hello");
        assert!(unread.take().is_none(), "read to its end");
        let (mut sent, unread) = ByteStream::from_reader(&b"hello"[..]).with_len(5).split_unread();
        assert_eq!(sent.try_next().await.unwrap().as_deref(), Some(&b"hello"[..]));
        assert!(unread.take().is_none(), "read in part");
    }

    #[tokio::test]
    async fn bodies_that_can_be_sent_again_stay_so() {
        let (sent, unread) = ByteStream::from("hello").split_unread();
        assert!(sent.is_replayable(), "bytes in memory are not wrapped");
        assert_eq!(&*sent.collect().await.unwrap(), b"hello");
        assert_eq!(&*unread.take().expect("a copy").collect().await.unwrap(), b"hello");
    }
}
