//! The responses, and which request gets which. Knows no connections.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

use crate::objects::Objects;
use crate::pages;

/// The length of the small object.
const SMALL: u64 = 1024;
/// The length of the big object.
const BIG: u64 = 256 * 1024 * 1024;
/// The part that the big object repeats.
const BLOCK: usize = 1024 * 1024;

/// A body: bytes of an endless repetition of a block.
pub struct Repeated {
    block: Bytes,
    /// Where in the block the next bytes are.
    at: usize,
    rest: u64,
}

impl Repeated {
    /// The bytes from `start` to before `end`.
    pub fn range(block: Bytes, start: u64, end: u64) -> Self {
        let at = if block.is_empty() { 0 } else { start as usize % block.len() };
        Self { block, at, rest: end.saturating_sub(start) }
    }
}

impl Body for Repeated {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest == 0 {
            return Poll::Ready(None);
        }
        let start = std::mem::take(&mut self.at);
        let len = self.rest.min((self.block.len() - start) as u64);
        self.rest -= len;
        Poll::Ready(Some(Ok(Frame::data(self.block.slice(start..start + len as usize)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest)
    }
}

/// A response that is sent again and again.
struct Canned {
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
    len: u64,
}

impl Canned {
    fn new(headers: &[(&'static str, &str)], body: impl Into<Bytes>) -> Self {
        // What services add to every response.
        let common = [
            ("x-amz-request-id", "4442587FB7D0A2F9"),
            ("x-amz-id-2", "eftixk72aD6Ap51TnqcoF8eFidJG9Z/2mkiDFu8yU9AS1ed4OpIszj7UDNEHGran"),
            ("x-amzn-requestid", "6e1c2f3a-9a3b-4d53-9a0e-5b1f0c3a7d11"),
            ("server", "AmazonS3"),
        ];
        let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("invalid"));
        let headers = common.iter().chain(headers);
        let body = body.into();
        let len = body.len() as u64;
        Self { headers: headers.map(|(name, it)| (HeaderName::from_static(name), value(it))).collect(), body, len }
    }

    fn response(&self) -> Response<Repeated> {
        let mut response = Response::new(Repeated::range(self.body.clone(), 0, self.len));
        for (name, value) in &self.headers {
            response.headers_mut().append(name, value.clone());
        }
        response
    }
}

/// All responses.
pub struct Responses {
    small: Canned,
    big: Canned,
    put: Canned,
    buckets: Canned,
    list: Canned,
    message: Canned,
    item: Canned,
    query: Canned,
    instances: Canned,
    objects: Objects,
}

impl Responses {
    /// Makes all responses.
    pub fn new() -> Self {
        let block: Vec<u8> = (0..BLOCK).map(|it| (it * 131 + it / 256) as u8).collect();
        let block = Bytes::from(block);
        let small = block.slice(..SMALL as usize);
        let xml = [("content-type", "application/xml")];
        let json = [("content-type", "application/x-amz-json-1.0")];
        let mut big = object(&checksum(&block, BIG / BLOCK as u64), block.clone());
        big.len = BIG;
        Self {
            small: object(&checksum(&small, 1), small),
            big,
            put: Canned::new(&[("etag", ETAG), ("x-amz-server-side-encryption", "AES256")], ""),
            buckets: Canned::new(&xml, buckets()),
            list: Canned::new(&xml, pages::list_page()),
            message: Canned::new(
                &json,
                r#"{"MD5OfMessageBody":"fafb00f5732ab283681e124bf8747ed1","MessageId":"219f8380-5770-4cc2-8c3e-5c715e145f5e"}"#,
            ),
            item: Canned::new(&json, format!("{{\"Item\":{}}}", pages::order(7))),
            query: Canned::new(&json, pages::query_page()),
            instances: Canned::new(&xml, pages::instances_page()),
            objects: Objects::new(block),
        }
    }

    /// The response to a request whose body begins with `start` and has `len` bytes.
    pub fn find<B>(&self, request: &Request<B>, start: &[u8], len: u64) -> Response<Repeated> {
        if let Some(response) = self.objects.find(request) {
            return response;
        }
        let target = request.headers().get("x-amz-target").map_or("", |it| it.to_str().unwrap_or("?"));
        let path = request.uri().path().trim_end_matches('/');
        let canned = match (request.method(), path, target) {
            (&Method::POST, _, "AmazonSQS.SendMessage") => &self.message,
            (&Method::POST, _, "DynamoDB_20120810.GetItem") => &self.item,
            (&Method::POST, _, "DynamoDB_20120810.Query") => &self.query,
            (&Method::POST, "", "") if contains(start, b"Action=DescribeInstances") => &self.instances,
            (&Method::GET, "", _) => &self.buckets,
            (&Method::GET, "/bucket", _) => &self.list,
            (&Method::GET, "/bucket/small", _) => &self.small,
            (&Method::GET, "/bucket/big", _) => &self.big,
            (&Method::PUT, "/bucket/small", _) if len >= SMALL => &self.put,
            (&Method::PUT, "/bucket/big", _) if len >= BIG => &self.put,
            _ => {
                let mut response = text(format!("no such request: {} {path}, {len} bytes", request.method()));
                *response.status_mut() = StatusCode::BAD_REQUEST;
                return response;
            }
        };
        canned.response()
    }
}

/// A response in plain text.
pub fn text(body: String) -> Response<Repeated> {
    let rest = body.len() as u64;
    Response::new(Repeated::range(body.into(), 0, rest))
}

/// The entity tag of all objects.
pub const ETAG: &str = "\"9b2cf535f27731c974343645a3985328\"";

fn object(crc32: &str, body: Bytes) -> Canned {
    let headers = [
        ("etag", ETAG),
        ("last-modified", "Sun, 22 Nov 2026 12:34:56 GMT"),
        ("accept-ranges", "bytes"),
        ("content-type", "binary/octet-stream"),
        ("x-amz-server-side-encryption", "AES256"),
        ("x-amz-checksum-crc32", crc32),
        ("x-amz-checksum-type", "FULL_OBJECT"),
    ];
    Canned::new(&headers, body)
}

/// CRC-32 of a block that is repeated, in base64.
fn checksum(block: &[u8], times: u64) -> String {
    let mut hasher = crc32fast::Hasher::new();
    for _ in 0..times {
        hasher.update(block);
    }
    BASE64_STANDARD.encode(hasher.finalize().to_be_bytes())
}

fn buckets() -> String {
    let bucket = |index| {
        format!("<Bucket><Name>bucket-{index:02}</Name><CreationDate>2026-11-22T12:34:56.000Z</CreationDate></Bucket>")
    };
    let buckets: String = (0..10).map(bucket).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID></Owner><Buckets>{buckets}</Buckets>\
         </ListAllMyBucketsResult>"
    )
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|it| it == part)
}
