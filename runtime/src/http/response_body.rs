//! Responses with a streaming body. Knows no HTTP client.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::response::Parts;
use http_body::Body;

use super::idle_timeout::ReadTimeoutBody;
use super::{HttpError, Response};
use crate::types::ByteStream;
use crate::{Error, Result};

/// Builds the response with this head and body. `map_error` translates an error of the body, with the host for its
/// message.
pub(super) fn into_response<B>(
    head: Parts,
    body: B,
    host: &str,
    read_timeout: Option<Duration>,
    map_error: fn(B::Error, &str) -> Error,
) -> Response
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    // hyper derives the length from the method and the status too.
    let len = body.size_hint().exact();
    let body = if len == Some(0) {
        ByteStream::default()
    } else {
        let frames = DataFrames { body, host: host.into(), map_error };
        match read_timeout {
            Some(limit) => ByteStream::received(ReadTimeoutBody::new(frames, limit, host, timeout_error), len),
            None => ByteStream::received(frames, len),
        }
    };
    Response { status: head.status, headers: head.headers, body }
}

fn timeout_error(host: &str, limit: Duration) -> Error {
    HttpError::timed_out(host, limit).into()
}

/// The data frames of a response body.
struct DataFrames<B: Body> {
    body: B,
    host: Box<str>,
    map_error: fn(B::Error, &str) -> Error,
}

impl<B: Body<Data = Bytes> + Unpin> Stream for DataFrames<B> {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                // No caller reads trailers.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => return Poll::Ready(Some(Ok(data))),
                    Err(_) => continue,
                },
                Some(Err(e)) => return Poll::Ready(Some(Err((this.map_error)(e, &this.host)))),
                None => return Poll::Ready(None),
            }
        }
    }
}
