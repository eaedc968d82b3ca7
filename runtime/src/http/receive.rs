//! Responses with bodies that are read as they come. Knows no HTTP client.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::response::Parts;
use http_body::Body;

use super::watch::Punctual;
use super::{HttpError, Response};
use crate::value::ByteStream;
use crate::{Error, Result};

/// The response with this head and body. `broke` puts an error of the body into our words, given the host.
pub(super) fn respond<B>(
    head: Parts,
    body: B,
    host: &str,
    limit: Option<Duration>,
    broke: fn(B::Error, &str) -> Error,
) -> Response
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    // What hyper knows of the length takes method and status into account.
    let len = body.size_hint().exact();
    let body = if len == Some(0) {
        ByteStream::default()
    } else {
        let frames = Frames { body, host: host.into(), broke };
        match limit {
            Some(limit) => ByteStream::received(Punctual::new(frames, limit, host, late), len),
            None => ByteStream::received(frames, len),
        }
    };
    Response { status: head.status, headers: head.headers, body }
}

fn late(host: &str, limit: Duration) -> Error {
    HttpError::timed_out(host, limit).into()
}

/// The data frames of a received body.
struct Frames<B: Body> {
    body: B,
    host: Box<str>,
    broke: fn(B::Error, &str) -> Error,
}

impl<B: Body<Data = Bytes> + Unpin> Stream for Frames<B> {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                // Trailers say nothing that a caller asks for.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => return Poll::Ready(Some(Ok(data))),
                    Err(_) => continue,
                },
                Some(Err(e)) => return Poll::Ready(Some(Err((this.broke)(e, &this.host)))),
                None => return Poll::Ready(None),
            }
        }
    }
}
