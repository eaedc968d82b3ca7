//! What a call keeps of a response: the body in memory, up to a limit, and in every error about it the head and the part
//! of the body that arrived. Knows no protocol.

use bytes::Bytes;

use crate::error::{Error, ErrorKind, RawResponse, Result};
use crate::http::{HeaderMap, Response, Url};
use crate::types::{ByteStream, JoinedChunks};

/// Reads the body into memory.
///
/// # Errors
/// Those of the connection, and [`ErrorKind::ResponseTooLong`] for more than `limit` bytes, with what arrived before.
pub(super) async fn read(response: Response, limit: u64) -> Result<RawResponse> {
    let Response { status, headers, mut body } = response;
    let mut received = JoinedChunks::default();
    let result = match body.len() {
        Some(len) if len > limit => Err(too_long(limit)),
        _ => receive(&mut body, limit, &mut received).await,
    };
    let response = RawResponse { status: status.as_u16(), headers, body: received.into_bytes() };
    match result {
        Ok(()) => Ok(response),
        Err(error) => Err(error.with_response(response)),
    }
}

async fn receive(body: &mut ByteStream, limit: u64, received: &mut JoinedChunks) -> Result<()> {
    let mut room = limit;
    while let Some(chunk) = body.try_next().await? {
        room = room.checked_sub(chunk.len() as u64).ok_or_else(|| too_long(limit))?;
        received.push(chunk, body.len());
    }
    Ok(())
}

fn too_long(limit: u64) -> Error {
    let why = format!("the response is longer than {limit} bytes, the limit that the setting max_response_bytes sets");
    Error::new(ErrorKind::ResponseTooLong, why)
}

/// Adds operation, attempts, host and path, and the head of the response to the errors of a streamed body: it may be read
/// far from the call, beside many others.
pub(super) fn explain_stream(
    stream: ByteStream,
    (service, operation): (&'static str, &'static str),
    url: &Url,
    attempts: u32,
    (status, headers): (u16, &HeaderMap),
) -> ByteStream {
    if stream.as_bytes().is_some() || stream.len() == Some(0) {
        return stream;
    }
    let (url, headers) = (url.clone(), headers.clone());
    stream.on_error(move |it| {
        let response = RawResponse { status, headers, body: Bytes::new() };
        let place = format!("{}{}", url.host(), url.path());
        it.with_service(service).with_operation(operation, attempts).with_place(&place).with_response(response)
    })
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
        // A limit of 0 allows what has no body, also if its length is not known before.
        let empty = || ByteStream::received(Chunks(std::iter::empty()), None);
        for (body, is_allowed) in [(ByteStream::default(), true), (empty(), true), ("x".into(), false)] {
            assert_eq!(read(response(body), 0).await.is_ok(), is_allowed);
        }
    }

    #[tokio::test]
    async fn errors_of_a_stream_name_the_call_and_keep_the_head() {
        let url = Url::parse("https://b.s3.test/key?X-Amz-Signature=hush").expect("a URL");
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-request-id", "r1".parse().expect("a header"));
        let chunks = || Chunks(["ab", "c"].iter().map(|it| Bytes::from_static(it.as_bytes())));
        let explained =
            |len| explain_stream(ByteStream::received(chunks(), len), ("S3", "GetObject"), &url, 2, (206, &headers));
        assert_eq!(&*explained(Some(3)).collect().await.expect("the whole body"), b"abc");
        // The end comes early, and late.
        for len in [9, 2] {
            let mut stream = explained(Some(len)).inspect(|_| Ok(()));
            assert_eq!(stream.try_next().await.expect("a chunk").as_deref(), Some(&b"ab"[..]));
            let error = loop {
                match stream.next().await.expect("an error, once") {
                    Ok(chunk) => assert_eq!(&*chunk, b"c"),
                    Err(error) => break error,
                }
            };
            assert_eq!((error.kind(), error.operation(), error.attempts()), (ErrorKind::Io, Some("GetObject"), 2));
            assert_eq!((error.status(), error.request_id()), (Some(206), Some("r1")));
            assert!(error.to_string().contains("b.s3.test/key,") && !error.to_string().contains("hush"), "{error}");
            assert!(stream.next().await.is_none());
        }
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
