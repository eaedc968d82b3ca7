//! Reads a byte stream as an `AsyncRead`. Knows no source of the bytes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_core::Stream;
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};

use super::ByteStream;

/// A [`ByteStream`] as a buffered reader, returned by [`ByteStream::into_async_read`].
#[derive(Debug)]
pub struct StreamReader {
    stream: ByteStream,
    chunk: Bytes,
}

impl StreamReader {
    pub(super) fn new(stream: ByteStream) -> Self {
        Self { stream, chunk: Bytes::new() }
    }
}

impl AsyncBufRead for StreamReader {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        while this.chunk.is_empty() {
            match ready!(Pin::new(&mut this.stream).poll_next(cx)) {
                Some(Ok(chunk)) => this.chunk = chunk,
                Some(Err(e)) => return Poll::Ready(Err(io::Error::other(e))),
                None => break,
            }
        }
        Poll::Ready(Ok(&this.chunk))
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        let amount = amount.min(self.chunk.len());
        self.chunk.advance(amount);
    }
}

impl AsyncRead for StreamReader {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let ready = ready!(self.as_mut().poll_fill_buf(cx))?;
        let size = ready.len().min(into.remaining());
        into.put_slice(&ready[..size]);
        self.consume(size);
        Poll::Ready(Ok(()))
    }
}
