//! The `aws-chunked` content encoding, which sends a checksum in a trailer after the body. Knows no service.

use std::fmt::Write;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::{Algorithm, Hasher};
use crate::http::{Body, HeaderName, HeaderValue, Request, header};
use crate::types::ByteStream;
use crate::{Error, ErrorKind, Result};

/// The length of every chunk except the last: 1 MiB, as in botocore (`AwsChunkedWrapper` in `httpchecksum.py`).
const CHUNK_LEN: u64 = 1024 * 1024;

/// Encodes the body of `request` as `aws-chunked` with a checksum in the trailer, and sets the headers for it. The
/// request must be signed with [`Payload::UnsignedTrailer`](crate::auth::Payload). Call it once for each attempt, on a
/// copy of the original request.
///
/// # Errors
/// [`ErrorKind::Validation`] if the caller's `content-encoding` cannot be extended to a valid header.
pub fn add_trailer(request: &mut Request, algorithm: Algorithm) -> Result<()> {
    let body = std::mem::take(&mut request.body);
    let headers = &mut request.headers;
    let encoding = match headers.get(header::CONTENT_ENCODING) {
        None => HeaderValue::from_static("aws-chunked"),
        Some(existing) => HeaderValue::from_bytes(&[existing.as_bytes(), b",aws-chunked"].concat())
            .map_err(|e| Error::new(ErrorKind::Validation, "malformed content-encoding").with_source(e))?,
    };
    headers.insert(header::CONTENT_ENCODING, encoding);
    headers.insert(HeaderName::from_static("x-amz-trailer"), HeaderValue::from_static(algorithm.header_name()));
    if let Some(len) = body.len() {
        headers.insert(HeaderName::from_static("x-amz-decoded-content-length"), len.into());
    }
    // The encoded body has another length, which the HTTP client sets.
    headers.remove(header::CONTENT_LENGTH);
    request.body = Body::Stream(aws_chunked(body.into_stream(), algorithm));
    Ok(())
}

/// Encodes `body` as `aws-chunked`, with its checksum in the trailer. If the length of `body` is known, so is that of
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
        has_open_chunk: false,
        data: Bytes::new(),
    };
    let encoded = ByteStream::from_stream(encoder);
    match left {
        Some(len) => encoded.with_inner_len(encoded_len(len, algorithm)),
        None => encoded,
    }
}

/// The length of a body of `len` bytes after [`aws_chunked`].
pub fn encoded_len(len: u64, algorithm: Algorithm) -> u64 {
    let framed = |size: u64| hex_digits(size) + 2 + size + 2;
    let rest = match len % CHUNK_LEN {
        0 => 0,
        rest => framed(rest),
    };
    let trailer = "0\r\n".len() + algorithm.header_name().len() + ":".len() + algorithm.base64_len() + "\r\n\r\n".len();
    (len / CHUNK_LEN) * framed(CHUNK_LEN) + rest + trailer as u64
}

fn hex_digits(number: u64) -> u64 {
    u64::from(number.max(1).ilog2() / 4 + 1)
}

/// Writes chunk headers between the pieces of a body. Data is passed on as it arrives, never collected.
struct Encoder {
    body: ByteStream,
    /// `None` once the trailer is written.
    hasher: Option<Hasher>,
    algorithm: Algorithm,
    /// The bytes of the body that no chunk header has announced yet, if the length is known.
    left: Option<u64>,
    left_in_chunk: u64,
    /// Whether there is a chunk whose end is not written yet.
    has_open_chunk: bool,
    /// What was read from the body and is not passed on yet.
    data: Bytes,
}

impl Encoder {
    /// The end of the previous chunk and the header of a chunk of `size` bytes.
    fn chunk_header(&mut self, size: u64) -> String {
        let mut header = String::with_capacity(20);
        if self.has_open_chunk {
            header.push_str("\r\n");
        }
        self.has_open_chunk = true;
        let _ = write!(header, "{size:x}\r\n");
        header
    }

    fn trailer(&mut self, hasher: Hasher) -> String {
        let mut trailer = self.chunk_header(0);
        let _ = write!(trailer, "{}:{}\r\n\r\n", self.algorithm.header_name(), hasher.finish().to_base64());
        trailer
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
                    let trailer = this.hasher.take().map(|hasher| Ok(this.trailer(hasher).into()));
                    return Poll::Ready(trailer);
                }
            }
        }
        if this.data.is_empty() {
            return Poll::Ready(None);
        }
        if this.left_in_chunk == 0 {
            // If the length is unknown, each piece of the body becomes a chunk.
            let size = this.left.map_or(this.data.len() as u64, |left| left.min(CHUNK_LEN));
            this.left = this.left.map(|left| left - size);
            this.left_in_chunk = size;
            return Poll::Ready(Some(Ok(this.chunk_header(size).into())));
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
    async fn bodies_are_framed_in_chunks() {
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
                let announced_len = aws_chunked(body.try_clone().unwrap(), algorithm).len();
                let encoded = encoded(body, algorithm).await;
                assert_eq!(announced_len, Some(encoded.len() as u64), "{len}");
            }
        }
        assert_eq!(aws_chunked(ByteStream::from_reader(&b""[..]), Algorithm::Crc32).len(), None);
    }

    #[tokio::test]
    async fn long_bodies_are_split_into_chunks_of_one_mebibyte() {
        let encoded = encoded(vec![b'x'; 2_500_000].into(), Algorithm::Crc32).await;
        let encoded = String::from_utf8(encoded).unwrap();
        let frames: Vec<usize> = encoded.split("\r\n").map(str::len).collect();
        assert_eq!(frames, [6, 1_048_576, 6, 1_048_576, 5, 402_848, 1, 29, 0, 0]);
    }

    #[tokio::test]
    async fn a_body_shorter_than_its_length_fails() {
        let short = ByteStream::from_reader(&b"1234"[..]).with_len(9);
        assert_eq!(aws_chunked(short, Algorithm::Crc32).collect().await.unwrap_err().kind(), ErrorKind::Body);
    }

    #[tokio::test]
    async fn add_trailer_sets_headers() {
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
