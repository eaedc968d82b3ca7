//! What a call keeps of a response: the body in memory, up to a limit, and in every error about it the head and the part
//! of the body that arrived. Knows no protocol.

use bytes::{Bytes, BytesMut};

use crate::error::{Error, ErrorKind, RawResponse, Result};
use crate::http::{HeaderMap, Response, Url};
use crate::types::ByteStream;

/// How many bytes are allocated in advance at most. Our choice: most responses are shorter, and what a header says of the
/// length is never believed.
const ALLOCATE_AHEAD: u64 = 1024 * 1024;

/// Reads the body into memory.
///
/// # Errors
/// Those of the connection, and [`ErrorKind::ResponseTooLong`] for more than `limit` bytes, with what arrived before.
pub(super) async fn read(response: Response, limit: u64) -> Result<RawResponse> {
    let Response { status, headers, mut body } = response;
    let mut received = Received::default();
    let result = match body.len() {
        Some(len) if len > limit => Err(too_long(limit)),
        len => receive(&mut body, len, limit, &mut received).await,
    };
    let response = RawResponse { status: status.as_u16(), headers, body: received.into_bytes() };
    match result {
        Ok(()) => Ok(response),
        Err(error) => Err(error.with_response(response)),
    }
}

async fn receive(body: &mut ByteStream, len: Option<u64>, limit: u64, received: &mut Received) -> Result<()> {
    let mut room = limit;
    while let Some(chunk) = body.try_next().await? {
        room = room.checked_sub(chunk.len() as u64).ok_or_else(|| too_long(limit))?;
        received.push(chunk, len);
    }
    Ok(())
}

fn too_long(limit: u64) -> Error {
    let why = format!("the response is longer than {limit} bytes, the limit that the setting max_response_bytes sets");
    Error::new(ErrorKind::ResponseTooLong, why)
}

/// The chunks of a body. One chunk is kept as it came, without a copy.
#[derive(Default)]
struct Received {
    first: Bytes,
    joined: BytesMut,
}

impl Received {
    /// Appends a chunk of a body that is said to be `len` bytes long.
    fn push(&mut self, chunk: Bytes, len: Option<u64>) {
        if self.first.is_empty() && self.joined.is_empty() {
            self.first = chunk;
            return;
        }
        if self.joined.is_empty() {
            self.joined.reserve(len.unwrap_or(0).min(ALLOCATE_AHEAD) as usize);
            self.joined.extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.joined.extend_from_slice(&chunk);
    }

    fn into_bytes(self) -> Bytes {
        if self.joined.is_empty() { self.first } else { self.joined.freeze() }
    }
}

/// Adds operation, attempts, host and path, and the head of the response to the errors of a streamed body: it may be read
/// far from the call, beside many others.
pub(super) fn explain_stream(
    stream: ByteStream,
    operation: &'static str,
    url: &Url,
    attempts: u32,
    (status, headers): (u16, &HeaderMap),
) -> ByteStream {
    if stream.as_bytes().is_some() || stream.len() == Some(0) {
        return stream;
    }
    let place = format!("{}{}", url.host(), url.path());
    let head = RawResponse { status, headers: headers.clone(), body: Bytes::new() };
    stream.map_errors(move |it| it.with_operation(operation, attempts).with_place(&place).with_response(head.clone()))
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use super::*;
    use crate::http::StatusCode;

    struct Chunks<I>(I);

    impl<I: Iterator<Item = Bytes> + Unpin> futures_core::Stream for Chunks<I> {
        type Item = Result<Bytes>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            Poll::Ready(self.0.next().map(Ok))
        }
    }

    fn response(body: ByteStream) -> Response {
        Response { status: StatusCode::BAD_GATEWAY, headers: HeaderMap::new(), body }
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_the_limit_and_not_beyond() {
        // The chunks share their memory.
        let chunk = Bytes::from(vec![b' '; 1 << 20]);
        let endless = |len| ByteStream::received(Chunks(std::iter::repeat(chunk.clone())), len);
        // A length above the limit is enough to stop at once; one below it is not believed.
        for (declared, kept) in [(None, 10 << 20), (Some(1 << 30), 0), (Some(u64::MAX), 0)] {
            let error = read(response(endless(declared)), 10 << 20).await.expect_err("too long");
            assert_eq!((error.kind(), error.status()), (ErrorKind::ResponseTooLong, Some(502)));
            assert_eq!(error.response().map(|it| it.body.len()), Some(kept), "{declared:?}");
            let text = error.to_string();
            assert!(text.contains("10485760 bytes") && text.contains("max_response_bytes"), "{text}");
        }
        let exact = read(response("0123456789".into()), 10).await.expect("as long as the limit");
        assert_eq!(&exact.body[..], b"0123456789");
        read(response("0123456789".into()), 9).await.expect_err("one byte longer");
    }

    #[tokio::test]
    async fn chunks_are_joined_and_kept_when_reading_fails() {
        let stream = |chunks: &'static [&'static str], len| {
            ByteStream::received(Chunks(chunks.iter().map(|it| Bytes::from_static(it.as_bytes()))), len)
        };
        for (it, expect) in [(&["a"][..], "a"), (&["a", "bc", "", "d"], "abcd"), (&[], "")] {
            assert_eq!(read(response(stream(it, None)), 100).await.expect("a body").body, expect);
        }
        let error = read(response(stream(&["ab", "c"], Some(9))), 100).await.expect_err("ends early");
        assert_eq!((error.kind(), &error.response().expect("a response").body[..]), (ErrorKind::Io, &b"abc"[..]));
    }
}
