//! Responses with a streaming body, which gives its connection back when it was read to its end. Knows no pool.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use ::http::{Method, Response as HttpResponse, StatusCode};
use bytes::Bytes;
use futures_core::Stream;
use http_body::Body;
use hyper::body::Incoming;

use super::idle_timeout::{Activity, Expired, LimitedBody, Limits};
use super::pool::Lease;
use super::{Response, hyper_error};
use crate::types::ByteStream;
use crate::{Error, Result};

/// Builds the response to a request with `method`. Reading its body fails at the limits.
pub(super) fn into_response(
    response: HttpResponse<Incoming>,
    lease: Lease,
    activity: Arc<Activity>,
    method: &Method,
    host: &str,
    limits: Limits,
) -> Response {
    let (head, body) = response.into_parts();
    // Over HTTP/2 hyper believes the header `content-length` whatever the method and the status.
    let len = if has_no_body(method, head.status) { Some(0) } else { body.size_hint().exact() };
    let body = if len == Some(0) {
        drop(body);
        lease.finish();
        ByteStream::default()
    } else {
        let frames = DataFrames { body, lease: Some(lease), host: host.into() };
        match limits {
            Limits { idle: None, throughput: None } => ByteStream::received(frames, len),
            limits => ByteStream::received(LimitedBody::new(frames, limits, activity, DataFrames::expire), len),
        }
    };
    Response { status: head.status, headers: head.headers, body }
}

/// Whether a response has no body whatever its headers say (RFC 9110, section 6.4.1).
fn has_no_body(method: &Method, status: StatusCode) -> bool {
    *method == Method::HEAD || matches!(status.as_u16(), 100..=199 | 204 | 304)
}

/// The data frames of a response body.
struct DataFrames {
    body: Incoming,
    /// `None` after the end.
    lease: Option<Lease>,
    host: Box<str>,
}

impl Stream for DataFrames {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            let frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
            match &frame {
                Some(Err(_)) => this.retire(),
                None => this.finish(),
                // A reader that knows the length may not ask for the end.
                Some(Ok(_)) if this.body.is_end_stream() => this.finish(),
                Some(Ok(_)) => {}
            }
            return Poll::Ready(match frame {
                None => None,
                Some(Err(e)) => Some(Err(hyper_error::from_body(e, &this.host))),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => Some(Ok(data)),
                    // No caller reads trailers.
                    Err(_) => continue,
                },
            });
        }
    }
}

impl DataFrames {
    fn expire(&mut self, limit: Expired) -> Error {
        self.retire();
        hyper_error::expired(&self.host, limit).into()
    }

    fn retire(&mut self) {
        if let Some(mut lease) = self.lease.take() {
            lease.retire();
        }
    }

    fn finish(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.finish();
        }
    }
}
