//! Buckets in memory behind an HTTP client, with what transfers of folders ask of S3: list, put, get, head, copy, delete.
//! Knows no multipart uploads.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use aws_core::http::{
    Body, HeaderMap, HeaderName, HeaderValue, HttpClient, HttpError, Method, Request, Response, StatusCode,
};
use aws_core::{BoxFuture, Bytes, Credentials, Session};
use md5::{Digest, Md5};

use crate::Transfers;
use crate::sums::Crc;

/// One object.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) bytes: Bytes,
    /// In seconds since 1970.
    pub(crate) modified: u64,
    pub(crate) class: &'static str,
    /// Whether HEAD and GET return its checksum.
    pub(crate) has_checksum: bool,
    /// Whether its ETag is the MD5 of its content.
    pub(crate) has_md5: bool,
}

/// What a request did: its method, and bucket and key.
pub(crate) type Seen = (String, String);

/// Buckets, and the requests that were received.
#[derive(Debug)]
pub(crate) struct Store {
    objects: Mutex<BTreeMap<String, BTreeMap<String, Object>>>,
    /// Keys of a page.
    page: usize,
    /// Buckets whose pages are out of order, as those of some stores are.
    pub(crate) reversed: Mutex<BTreeSet<String>>,
    /// Keys whose requests, and pages that have them, are refused.
    pub(crate) refused: Mutex<BTreeSet<String>>,
    pub(crate) queries: Mutex<Vec<String>>,
    pub(crate) seen: Mutex<Vec<Seen>>,
    /// Seconds since 1970 for what is written.
    pub(crate) now: Mutex<u64>,
}

impl Store {
    pub(crate) fn new() -> Arc<Self> {
        Self::with_page(1000)
    }

    pub(crate) fn with_page(page: usize) -> Arc<Self> {
        Arc::new(Self {
            objects: Mutex::default(),
            page,
            reversed: Mutex::default(),
            refused: Mutex::default(),
            queries: Mutex::default(),
            seen: Mutex::default(),
            now: Mutex::new(2_000_000_000),
        })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, BTreeMap<String, Object>>> {
        self.objects.lock().expect("no panic")
    }

    pub(crate) fn put(&self, bucket: &str, key: &str, content: &str, modified: u64) {
        let object = Object {
            bytes: content.to_owned().into(),
            modified,
            class: "STANDARD",
            has_checksum: true,
            has_md5: false,
        };
        self.lock().entry(bucket.into()).or_default().insert(key.into(), object);
    }

    pub(crate) fn change(&self, bucket: &str, key: &str, change: impl FnOnce(&mut Object)) {
        change(self.lock().get_mut(bucket).and_then(|it| it.get_mut(key)).expect("an object"));
    }

    pub(crate) fn keys(&self, bucket: &str) -> Vec<String> {
        self.lock().get(bucket).into_iter().flatten().map(|(key, _)| key.clone()).collect()
    }

    pub(crate) fn content(&self, bucket: &str, key: &str) -> Option<String> {
        let objects = self.lock();
        Some(String::from_utf8(objects.get(bucket)?.get(key)?.bytes.to_vec()).expect("UTF-8"))
    }

    /// The requests since the last call, except listings, sorted.
    pub(crate) fn take_seen(&self) -> Vec<Seen> {
        let mut seen = std::mem::take(&mut *self.seen.lock().expect("no panic"));
        seen.sort();
        seen
    }

    pub(crate) fn client(self: &Arc<Self>) -> aws_s3::Client {
        let session = Session::builder()
            .region("us-east-1")
            .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
            .max_attempts(1)
            .http_client(Arc::clone(self))
            .build();
        aws_s3::Client::new(&session.expect("a session"))
    }

    pub(crate) fn transfers(self: &Arc<Self>) -> Transfers {
        Transfers::new(&self.client())
    }

    fn is_refused(&self, key: &str) -> bool {
        self.refused.lock().expect("no panic").contains(key)
    }

    fn list(&self, bucket: &str, query: &BTreeMap<String, String>) -> Option<String> {
        let get = |name: &str| query.get(name).map_or("", String::as_str);
        let (prefix, delimiter) = (get("prefix"), get("delimiter"));
        let after = query.get("continuation-token").map_or(get("start-after"), String::as_str);
        let (mut entries, mut count, mut last, mut common) = (Vec::new(), 0, String::new(), String::new());
        let mut is_truncated = false;
        let objects = self.lock();
        let bounds = (Bound::Excluded(after), Bound::Unbounded);
        for (key, object) in objects.get(bucket).into_iter().flat_map(|it| it.range::<str, _>(bounds)) {
            let Some(rest) = key.strip_prefix(prefix) else { continue };
            if !common.is_empty() && key.starts_with(&common) {
                last.clone_from(key);
                continue;
            }
            if count == self.page {
                is_truncated = true;
                break;
            }
            if self.is_refused(key) && delimiter.is_empty() {
                return None;
            }
            count += 1;
            last.clone_from(key);
            match rest.find(delimiter).filter(|_| !delimiter.is_empty()) {
                Some(at) => {
                    common = format!("{prefix}{}", &rest[..at + delimiter.len()]);
                    entries.push(format!("<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>", encoded(&common)));
                }
                None => {
                    let time = iso(object.modified);
                    let (size, class) = (object.bytes.len(), object.class);
                    entries.push(format!(
                        "<Contents><Key>{}</Key><LastModified>{time}</LastModified><ETag>{}</ETag><Size>{size}</Size>\
                         <StorageClass>{class}</StorageClass></Contents>",
                        encoded(key),
                        tag(object)
                    ));
                }
            }
        }
        if self.reversed.lock().expect("no panic").contains(bucket) {
            entries.reverse();
        }
        let xml = entries.concat();
        let token = match is_truncated {
            true => format!("<NextContinuationToken>{}</NextContinuationToken>", encoded(&last)),
            false => String::new(),
        };
        Some(format!(
            "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>{is_truncated}</IsTruncated>{token}{xml}</ListBucketResult>"
        ))
    }

    fn respond(
        &self,
        method: &Method,
        bucket: &str,
        key: &str,
        query: &BTreeMap<String, String>,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Reply {
        if query.contains_key("list-type") {
            return self.list(bucket, query).map_or_else(|| failure(403, "AccessDenied"), Reply::ok);
        }
        self.seen.lock().expect("no panic").push((method.to_string(), format!("{bucket}/{key}")));
        if query.contains_key("delete") {
            return self.delete_all(bucket, &body);
        }
        if self.is_refused(key) {
            return failure(403, "AccessDenied");
        }
        let header = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
        let found = self.lock().get(bucket).and_then(|it| it.get(key)).cloned();
        match *method {
            Method::PUT if found.is_some() && header("if-none-match") == "*" => failure(412, "PreconditionFailed"),
            Method::PUT => {
                let source = decoded(header("x-amz-copy-source"));
                let copied = source.trim_start_matches('/').split_once('/');
                let content = copied.map(|(bucket, key)| self.lock().get(bucket).and_then(|it| it.get(key)).cloned());
                let bytes = match content {
                    None => body,
                    Some(Some(object)) => object.bytes,
                    Some(None) => return failure(404, "NoSuchKey"),
                };
                let modified = *self.now.lock().expect("no panic");
                let object = Object { bytes, modified, class: "STANDARD", has_checksum: true, has_md5: false };
                let reply = format!("<CopyObjectResult><ETag>{}</ETag></CopyObjectResult>", tag(&object));
                self.lock().entry(bucket.into()).or_default().insert(key.into(), object);
                Reply::ok(if copied.is_some() { reply } else { String::new() })
            }
            Method::GET | Method::HEAD => {
                let Some(object) = found else { return failure(404, "NoSuchKey") };
                let all = object.bytes.clone();
                let mut reply = Reply { status: 200, headers: Vec::new(), body: all.clone() };
                if let Some((from, to)) = header("range").strip_prefix("bytes=").and_then(|it| it.split_once('-')) {
                    let from: usize = from.parse().expect("a number");
                    let end = to.parse().map_or(all.len(), |to: usize| (to + 1).min(all.len()));
                    if from >= all.len() {
                        return failure(416, "InvalidRange");
                    }
                    reply.status = 206;
                    reply.body = all.slice(from..end);
                    reply.headers.push(("content-range", format!("bytes {from}-{}/{}", end - 1, all.len())));
                }
                if !header("if-match").is_empty() && header("if-match") != tag(&object).replace("&quot;", "\"") {
                    return failure(412, "PreconditionFailed");
                }
                reply.headers.push(("content-length", reply.body.len().to_string()));
                reply.headers.push(("etag", tag(&object).replace("&quot;", "\"")));
                reply.headers.push(("last-modified", http_date(object.modified)));
                if object.has_checksum && reply.status == 200 {
                    reply.headers.push(("x-amz-checksum-crc64nvme", Crc::Crc64Nvme.of(&all).to_string()));
                    reply.headers.push(("x-amz-checksum-type", "FULL_OBJECT".into()));
                }
                if *method == Method::HEAD {
                    reply.body = Bytes::new();
                }
                reply
            }
            Method::DELETE => {
                self.lock().get_mut(bucket).and_then(|it| it.remove(key));
                Reply { status: 204, ..Reply::ok("") }
            }
            _ => failure(405, "MethodNotAllowed"),
        }
    }

    fn delete_all(&self, bucket: &str, body: &[u8]) -> Reply {
        let body = String::from_utf8_lossy(body);
        let mut xml = String::new();
        for part in body.split("<Key>").skip(1) {
            let key = part
                .split("</Key>")
                .next()
                .expect("a key")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&");
            if self.is_refused(&key) {
                xml += &format!("<Error><Key>{key}</Key><Code>AccessDenied</Code><Message>no</Message></Error>");
            } else {
                self.lock().get_mut(bucket).and_then(|it| it.remove(&key));
            }
        }
        Reply::ok(format!("<DeleteResult>{xml}</DeleteResult>"))
    }
}

struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

impl Reply {
    fn ok(body: impl Into<Bytes>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into() }
    }
}

fn failure(status: u16, code: &str) -> Reply {
    Reply { status, ..Reply::ok(format!("<Error><Code>{code}</Code><Message>no</Message></Error>")) }
}

/// Equal content has an equal tag, as with MD5.
fn tag(object: &Object) -> String {
    if object.has_md5 {
        let digits: String = Md5::digest(&object.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        return format!("&quot;{digits}&quot;");
    }
    format!("&quot;{}&quot;", Crc::Crc32.of(&object.bytes))
}

fn time(seconds: u64) -> aws_core::Timestamp {
    (SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).into()
}

fn iso(seconds: u64) -> String {
    time(seconds).to_string()
}

fn http_date(seconds: u64) -> String {
    time(seconds).format(aws_core::types::Format::HttpDate).expect("a time")
}

fn encoded(key: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    key.bytes().map(byte).collect()
}

fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|it| char::from(it).to_digit(16)).expect("a digit") as u8;
        bytes.push(if byte == b'%' { digit() * 16 + digit() } else { byte });
    }
    String::from_utf8(bytes).expect("UTF-8")
}

impl HttpClient for Store {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(async move {
            let bucket = request.url.host().split('.').next().unwrap_or_default().to_owned();
            let key = decoded(request.url.path().trim_start_matches('/'));
            let query = request.url.query().unwrap_or_default().to_owned();
            self.queries.lock().expect("no panic").push(query.clone());
            let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
            let query = pairs.map(|(name, value)| (decoded(name), decoded(value))).collect();
            let body = match request.body {
                Body::Empty => Bytes::new(),
                body => body.into_stream().collect().await.expect("a body").into_bytes(),
            };
            let reply = self.respond(&request.method, &bucket, &key, &query, &request.headers, body);
            tokio::task::yield_now().await;
            let mut headers = HeaderMap::new();
            for (name, value) in reply.headers {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_str(&value).expect("a header"));
            }
            Ok(Response::new(StatusCode::from_u16(reply.status).expect("a status"), headers, reply.body))
        })
    }
}
