//! Bodies of responses with a fault. Knows no rule and no call.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use crate::error::{Error, ErrorKind, Result};
use crate::http::{Response, header};
use crate::types::ByteStream;

/// What is wrong with the body of a response; numbers are bytes.
#[derive(Clone, Copy, Debug)]
pub(super) enum BodyFault {
    Reset(u64),
    Stall(u64),
    Truncated(u64),
    Trickle(usize),
    Corrupt,
    Length(i64),
}

impl BodyFault {
    /// Gives the body of a response the fault.
    pub(super) fn apply(self, response: &mut Response) {
        let body = std::mem::take(&mut response.body);
        let mut len = body.len();
        if let (Self::Length(by), Some(it)) = (self, &mut len) {
            *it = it.saturating_add_signed(by);
            response.headers.insert(header::CONTENT_LENGTH, (*it).into());
        }
        response.body = ByteStream::received(FaultyBody { body, fault: self, position: 0, rest: Bytes::new() }, len);
    }
}

/// A body with a fault.
struct FaultyBody {
    body: ByteStream,
    fault: BodyFault,
    position: u64,
    rest: Bytes,
}

impl Stream for FaultyBody {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let (end, error) = match this.fault {
            BodyFault::Reset(at) => (at, Some((ErrorKind::Io, "the connection was reset"))),
            BodyFault::Stall(at) => (at, Some((ErrorKind::Timeout, "the response body stalled"))),
            BodyFault::Truncated(at) => (at, None),
            _ => (u64::MAX, None),
        };
        if this.position >= end {
            return Poll::Ready(error.map(|(kind, why)| Err(Error::new(kind, why))));
        }
        if this.rest.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_next(cx)) {
                Some(Ok(chunk)) => this.rest = chunk,
                other => return Poll::Ready(other),
            }
        }
        let most = match this.fault {
            BodyFault::Trickle(bytes) => bytes,
            _ => usize::try_from(end - this.position).unwrap_or(usize::MAX),
        };
        let mut chunk = this.rest.split_to(this.rest.len().min(most));
        if matches!(this.fault, BodyFault::Corrupt) && this.position == 0 && !chunk.is_empty() {
            let mut bytes = chunk.to_vec();
            bytes[0] ^= 1;
            chunk = bytes.into();
        }
        this.position += chunk.len() as u64;
        Poll::Ready(Some(Ok(chunk)))
    }
}
