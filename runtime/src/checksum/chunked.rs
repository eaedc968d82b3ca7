//! The `aws-chunked` encoding, which carries a checksum behind the body it is computed from. Knows the framing and its
//! headers, and no service.

use std::fmt::Write;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::{Algorithm, Hasher};
use crate::http::{Body, HeaderName, HeaderValue, Request, header};
use crate::value::ByteStream;
use crate::{Error, ErrorKind, Result};

/// The length of a chunk in the encoding, the last excepted.
const CHUNK: u64 = 1024 * 1024;

/// Turns the body of `request` into `aws-chunked` with a checksum in the trailer, and says so in the headers. Sign it with
/// [`Payload::UnsignedTrailer`](crate::auth::Payload). Do it anew for every attempt, on the request as it was before.
///
/// # Errors
/// [`ErrorKind::Validation`] when the `content-encoding` set by the caller cannot stand in a header.
pub fn add_trailer(request: &mut Request, algorithm: Algorithm) -> Result<()> {
    let body = std::mem::take(&mut request.body);
    let headers = &mut request.headers;
    let encoding = match headers.get(header::CONTENT_ENCODING) {
        None => HeaderValue::from_static("aws-chunked"),
        Some(own) => HeaderValue::from_bytes(&[own.as_bytes(), b",aws-chunked"].concat())
            .map_err(|e| Error::new(ErrorKind::Validation, "malformed content-encoding").with_source(e))?,
    };
    headers.insert(header::CONTENT_ENCODING, encoding);
    headers.insert(HeaderName::from_static("x-amz-trailer"), HeaderValue::from_static(algorithm.header_name()));
    if let Some(len) = body.len() {
        headers.insert(HeaderName::from_static("x-amz-decoded-content-length"), len.into());
    }
    // The length of the encoded body is another one, and the client knows it.
    headers.remove(header::CONTENT_LENGTH);
    request.body = Body::Stream(aws_chunked(body.into_stream(), algorithm));
    Ok(())
}

/// `body` in the `aws-chunked` encoding, with its checksum in the trailer. When the length of `body` is known, so is that of
/// the result.
#[must_use]
pub fn aws_chunked(body: ByteStream, algorithm: Algorithm) -> ByteStream {
    let left = body.len();
    let encoder = Encoder {
        body,
        hasher: Some(algorithm.hasher()),
        algorithm,
        left,
        left_in_chunk: 0,
        begun: false,
        data: Bytes::new(),
    };
    let encoded = ByteStream::from_stream(encoder);
    match left {
        Some(len) => encoded.with_len(encoded_len(len, algorithm)),
        None => encoded,
    }
}

/// The length of a body of `len` bytes in the encoding of [`aws_chunked`].
pub fn encoded_len(len: u64, algorithm: Algorithm) -> u64 {
    let framed = |size: u64| hex_digits(size) + 2 + size + 2;
    let rest = match len % CHUNK {
        0 => 0,
        rest => framed(rest),
    };
    let trailer = "0\r\n".len() + algorithm.header_name().len() + ":".len() + algorithm.base64_len() + "\r\n\r\n".len();
    (len / CHUNK) * framed(CHUNK) + rest + trailer as u64
}

fn hex_digits(number: u64) -> u64 {
    u64::from(number.max(1).ilog2() / 4 + 1)
}

/// Writes chunk heads between the pieces of a body; data is handed on as it comes, never collected.
struct Encoder {
    body: ByteStream,
    /// `None` once the trailer is out.
    hasher: Option<Hasher>,
    algorithm: Algorithm,
    /// Bytes of the body that are not yet in a chunk that was begun, when known.
    left: Option<u64>,
    left_in_chunk: u64,
    /// Whether a chunk came before, whose end is still to be written.
    begun: bool,
    /// What the body gave and is not yet handed on.
    data: Bytes,
}

impl Encoder {
    /// The end of the chunk before and the head of one of `size` bytes.
    fn head(&mut self, size: u64) -> String {
        let mut head = String::with_capacity(20);
        if self.begun {
            head.push_str("\r\n");
        }
        self.begun = true;
        let _ = write!(head, "{size:x}\r\n");
        head
    }

    fn trailer(&mut self, hasher: Hasher) -> String {
        let mut end = self.head(0);
        let _ = write!(end, "{}:{}\r\n\r\n", self.algorithm.header_name(), hasher.finish().to_base64());
        end
    }
}

impl Stream for Encoder {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.data.is_empty() && this.hasher.is_some() {
            match ready!(Pin::new(&mut this.body).poll_next(cx)) {
                Some(Ok(chunk)) => {
                    if let Some(hasher) = &mut this.hasher {
                        hasher.update(&chunk);
                    }
                    this.data = chunk;
                }
                Some(Err(e)) => {
                    this.hasher = None;
                    return Poll::Ready(Some(Err(e)));
                }
                None => {
                    let end = this.hasher.take().map(|hasher| Ok(this.trailer(hasher).into()));
                    return Poll::Ready(end);
                }
            }
        }
        if this.data.is_empty() {
            return Poll::Ready(None);
        }
        if this.left_in_chunk == 0 {
            // Without a known length the pieces themselves are the chunks.
            let size = this.left.map_or(this.data.len() as u64, |left| left.min(CHUNK));
            this.left = this.left.map(|left| left - size);
            this.left_in_chunk = size;
            return Poll::Ready(Some(Ok(this.head(size).into())));
        }
        let size = this.left_in_chunk.min(this.data.len() as u64);
        this.left_in_chunk -= size;
        Poll::Ready(Some(Ok(this.data.split_to(size as usize))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Method, Url};

    async fn encoded(body: ByteStream, algorithm: Algorithm) -> Vec<u8> {
        aws_chunked(body, algorithm).collect().await.unwrap().into_vec()
    }

    #[tokio::test]
    async fn frames() {
        async fn check(body: ByteStream, expect: &str) {
            assert_eq!(String::from_utf8(encoded(body, Algorithm::Crc32).await).unwrap(), expect);
        }
        let end = "0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n";
        check(ByteStream::default(), "0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n").await;
        check("123456789".into(), &format!("9\r\n123456789\r\n{end}")).await;
        let pieces = || ByteStream::from_reader(tokio::io::AsyncReadExt::chain(&b"1234"[..], &b"56789"[..]));
        check(pieces(), &format!("4\r\n1234\r\n5\r\n56789\r\n{end}")).await;
        check(pieces().with_len(9), &format!("9\r\n123456789\r\n{end}")).await;
    }

    #[tokio::test]
    async fn length_is_known_in_advance() {
        for algorithm in [Algorithm::Crc32, Algorithm::Crc64Nvme, Algorithm::Sha256, Algorithm::Sha1] {
            for len in [0, 1, 15, 16, 255, 256, 65_535, 1_048_575, 1_048_576, 1_048_577, 2_097_152, 3_000_000] {
                let body = ByteStream::from(vec![7; len]);
                let promised = aws_chunked(body.try_clone().unwrap(), algorithm).len();
                let got = encoded(body, algorithm).await;
                assert_eq!(promised, Some(got.len() as u64), "{len}");
            }
        }
        assert_eq!(aws_chunked(ByteStream::from_reader(&b""[..]), Algorithm::Crc32).len(), None);
    }

    #[tokio::test]
    async fn long_bodies_are_cut_at_a_mebibyte() {
        let got = encoded(vec![b'x'; 2_500_000].into(), Algorithm::Crc32).await;
        let text = String::from_utf8(got).unwrap();
        let frames: Vec<usize> = text.split("\r\n").map(str::len).collect();
        assert_eq!(frames, [6, 1_048_576, 6, 1_048_576, 5, 402_848, 1, 29, 0, 0]);
    }

    #[tokio::test]
    async fn a_short_body_fails() {
        let short = ByteStream::from_reader(&b"1234"[..]).with_len(9);
        assert_eq!(aws_chunked(short, Algorithm::Crc32).collect().await.unwrap_err().kind(), ErrorKind::Body);
    }

    #[tokio::test]
    async fn headers() {
        let mut request = Request::new(Method::PUT, Url::parse("https://h/b/k").unwrap());
        request.headers.insert("content-encoding", HeaderValue::from_static("gzip"));
        request.headers.insert("content-length", HeaderValue::from_static("9"));
        request.body = "123456789".into();
        add_trailer(&mut request, Algorithm::Crc32).unwrap();
        let header = |name: &str| request.headers.get(name).map(|it| it.to_str().unwrap());
        assert_eq!(header("content-encoding"), Some("gzip,aws-chunked"));
        assert_eq!(header("x-amz-trailer"), Some("x-amz-checksum-crc32"));
        assert_eq!(header("x-amz-decoded-content-length"), Some("9"));
        assert_eq!(header("content-length"), None);
        assert_eq!(request.body.len(), Some(encoded_len(9, Algorithm::Crc32)));
    }
}
