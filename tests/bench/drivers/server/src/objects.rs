//! The objects that are transferred, in the bucket `transfer`: a key begins with a size in bytes, and the content of all
//! repeats one block. A listing has as many keys as a folder has files. What is uploaded is forgotten. Knows no connections.

use std::cell::RefCell;
use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use crc_fast::CrcAlgorithm;
use hyper::header::HeaderValue;
use hyper::{Method, Request, Response, StatusCode};

use crate::responses::{ETAG, Repeated};

/// The path of the bucket.
const BUCKET: &str = "/transfer";
/// The keys of a listing, and of its pages.
const KEYS: usize = 10_000;
const PAGE: usize = 1000;
const CREATED: &str = "<InitiateMultipartUploadResult><Bucket>transfer</Bucket><UploadId>VXBsb2FkIElE</UploadId>\
                       </InitiateMultipartUploadResult>";
const COMPLETED: &str = "<CompleteMultipartUploadResult><Bucket>transfer</Bucket>\
                         <ETag>&quot;9b2cf535f27731c974343645a3985328-32&quot;</ETag></CompleteMultipartUploadResult>";

/// The objects.
pub struct Objects {
    block: Bytes,
    /// CRC-64/NVME by size, in base64.
    checksums: RefCell<HashMap<u64, String>>,
}

impl Objects {
    /// Objects that repeat the block.
    pub fn new(block: Bytes) -> Self {
        Self { block, checksums: RefCell::default() }
    }

    /// The response to a request for an object; none if it is for something else.
    pub fn find<B>(&self, request: &Request<B>) -> Option<Response<Repeated>> {
        let key = request.uri().path().strip_prefix(BUCKET)?.trim_start_matches('/');
        let query = request.uri().query().unwrap_or_default();
        if key.is_empty() {
            return Some(xml(page(query)));
        }
        let size: u64 = key.split('/').next()?.parse().ok()?;
        Some(match *request.method() {
            Method::PUT => self.response(StatusCode::OK, 0, 0, &[]),
            Method::POST if query.contains("uploads") => xml(CREATED),
            Method::POST => xml(COMPLETED),
            Method::HEAD => {
                let checksum = self.checksum(size);
                let length = size.to_string();
                let headers = [("content-length", &*length), ("x-amz-checksum-crc64nvme", &*checksum)];
                self.response(StatusCode::OK, 0, 0, &headers)
            }
            _ => match range(request, size) {
                Some((start, end)) => {
                    let range = format!("bytes {start}-{}/{size}", end - 1);
                    self.response(StatusCode::PARTIAL_CONTENT, start, end, &[("content-range", &range)])
                }
                None => self.response(StatusCode::OK, 0, size, &[("x-amz-checksum-crc64nvme", &self.checksum(size))]),
            },
        })
    }

    fn response(
        &self,
        status: StatusCode,
        start: u64,
        end: u64,
        headers: &[(&'static str, &str)],
    ) -> Response<Repeated> {
        let mut response = Response::new(Repeated::range(self.block.clone(), start, end));
        *response.status_mut() = status;
        let common = [("etag", ETAG), ("last-modified", "Sun, 22 Nov 2026 12:34:56 GMT"), ("accept-ranges", "bytes")];
        for (name, value) in common.iter().chain(headers) {
            let value = HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static("invalid"));
            response.headers_mut().insert(*name, value);
        }
        response
    }

    fn checksum(&self, size: u64) -> String {
        let mut checksums = self.checksums.borrow_mut();
        let compute = || {
            let mut digest = crc_fast::Digest::new(CrcAlgorithm::Crc64Nvme);
            let mut rest = size as usize;
            while rest > 0 {
                let len = rest.min(self.block.len());
                digest.update(&self.block[..len]);
                rest -= len;
            }
            BASE64_STANDARD.encode(digest.finalize().to_be_bytes())
        };
        checksums.entry(size).or_insert_with(compute).clone()
    }
}

/// Where the range of the request begins and ends.
fn range<B>(request: &Request<B>, size: u64) -> Option<(u64, u64)> {
    let (start, last) = request.headers().get("range")?.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
    let end = last.parse::<u64>().map_or(size, |it| size.min(it + 1));
    Some((start.parse().ok()?, end))
}

/// A page of a listing. The token of the next one is the number of its first key.
fn page(query: &str) -> String {
    let value = |name: &str| query.split('&').find_map(|it| it.strip_prefix(name)).unwrap_or_default();
    let prefix = value("prefix=").replace("%2F", "/");
    let size = prefix.split('/').next().unwrap_or_default();
    let start: usize = value("continuation-token=").parse().unwrap_or_default();
    let contents = |index| {
        format!(
            "<Contents><Key>{prefix}{index:05}</Key><LastModified>2026-11-22T12:34:56.000Z</LastModified><ETag>&quot;{}&quot;\
             </ETag><Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>",
            ETAG.trim_matches('"')
        )
    };
    let keys: String = (start..start + PAGE).map(contents).collect();
    let next = start + PAGE;
    let token =
        if next < KEYS { format!("<NextContinuationToken>{next}</NextContinuationToken>") } else { String::new() };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult><Name>transfer</Name><KeyCount>{PAGE}</KeyCount>\
         <IsTruncated>{}</IsTruncated>{token}{keys}</ListBucketResult>",
        next < KEYS
    )
}

fn xml(body: impl Into<Bytes>) -> Response<Repeated> {
    let body = body.into();
    let len = body.len() as u64;
    let mut response = Response::new(Repeated::range(body, 0, len));
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/xml"));
    response
}
