//! One request and one response. Plain data; knows neither protocols nor clients.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::Url;
use crate::config::MinThroughput;
use crate::types::ByteStream;

/// Headers that `Debug` hides even when they are not marked as sensitive.
const SECRET_HEADERS: [&str; 9] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "x-amz-security-token",
    "x-amz-s3session-token",
    "x-amz-server-side-encryption-customer-key",
    "x-amz-copy-source-server-side-encryption-customer-key",
];

/// A request, ready to be signed and sent.
#[derive(Default)]
#[non_exhaustive]
pub struct Request {
    /// The method; `GET` by default.
    pub method: Method,
    /// The URL.
    pub url: Url,
    /// The headers. The client adds `host` from the URL and `content-length` from the body.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    /// Whether the response may arrive while the body is still being sent. Requires HTTP/2.
    pub duplex: bool,
    /// The timeouts of this request, instead of those of the client.
    pub timeouts: RequestTimeouts,
}

/// The timeouts of one request; `None` leaves that of the client. A client that cannot apply one must not ignore it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestTimeouts {
    /// For opening a connection: [`HttpConfig::connect_timeout`](super::HttpConfig::connect_timeout).
    pub connect: Option<Duration>,
    /// Without traffic: [`HttpConfig::read_timeout`](super::HttpConfig::read_timeout).
    pub read: Option<Duration>,
    /// For slow bodies: [`HttpConfig::min_throughput`](super::HttpConfig::min_throughput).
    pub min_throughput: Option<MinThroughput>,
}

impl Request {
    /// A request with no headers and no body.
    pub fn new(method: Method, url: Url) -> Self {
        let (headers, body) = (HeaderMap::new(), Body::Empty);
        Self { method, url, headers, body, duplex: false, timeouts: RequestTimeouts::default() }
    }

    /// Returns a copy for another attempt, or `None` if the body can be read only once.
    pub fn try_clone(&self) -> Option<Self> {
        let body = self.body.try_clone()?;
        Some(Self {
            method: self.method.clone(),
            url: self.url.clone(),
            headers: self.headers.clone(),
            body,
            duplex: self.duplex,
            timeouts: self.timeouts,
        })
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("headers", &RedactedHeaders(&self.headers))
            .field("body", &self.body)
            .finish()
    }
}

/// A response. Its body may not have arrived yet.
#[derive(Debug)]
#[non_exhaustive]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers, names in lower case.
    pub headers: HeaderMap,
    /// The body. Reading it fails if the connection fails.
    pub body: ByteStream,
}

impl Response {
    /// A response.
    pub fn new(status: StatusCode, headers: HeaderMap, body: impl Into<ByteStream>) -> Self {
        Self { status, headers, body: body.into() }
    }
}

/// The body of a request.
#[derive(Default)]
#[non_exhaustive]
pub enum Body {
    /// No bytes.
    #[default]
    Empty,
    /// Bytes in memory.
    Bytes(Bytes),
    /// Bytes that are read while they are sent.
    Stream(ByteStream),
}

impl Body {
    /// The length in bytes, if it is known in advance.
    pub fn len(&self) -> Option<u64> {
        match self {
            Self::Empty => Some(0),
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::Stream(stream) => stream.len(),
        }
    }

    /// Whether the body is known to be empty.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// The bytes, if they are in memory.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Empty => Some(&[]),
            Self::Bytes(bytes) => Some(bytes),
            Self::Stream(stream) => stream.as_bytes().map(AsRef::as_ref),
        }
    }

    /// Whether the body can be sent more than once.
    pub fn is_replayable(&self) -> bool {
        match self {
            Self::Empty | Self::Bytes(_) => true,
            Self::Stream(stream) => stream.is_replayable(),
        }
    }

    /// Returns a copy of the body, or `None` if it can be sent only once.
    pub fn try_clone(&self) -> Option<Self> {
        Some(match self {
            Self::Empty => Self::Empty,
            Self::Bytes(bytes) => Self::Bytes(bytes.clone()),
            Self::Stream(stream) => Self::Stream(stream.try_clone()?),
        })
    }

    /// Converts the body to a stream.
    pub fn into_stream(self) -> ByteStream {
        match self {
            Self::Empty => ByteStream::default(),
            Self::Bytes(bytes) => bytes.into(),
            Self::Stream(stream) => stream,
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        if bytes.is_empty() { Self::Empty } else { Self::Bytes(bytes) }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(string: String) -> Self {
        Bytes::from(string).into()
    }
}

impl From<&'static str> for Body {
    fn from(string: &'static str) -> Self {
        Bytes::from_static(string.as_bytes()).into()
    }
}

impl From<ByteStream> for Body {
    fn from(stream: ByteStream) -> Self {
        match stream.as_bytes() {
            Some(bytes) => bytes.clone().into(),
            None if stream.len() == Some(0) && stream.is_replayable() => Self::Empty,
            None => Self::Stream(stream),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Stream(stream) => stream.fmt(f),
        }
    }
}

/// Whether a header is not to be printed or recorded.
pub(crate) fn is_secret_header(name: &HeaderName, value: &HeaderValue) -> bool {
    value.is_sensitive() || SECRET_HEADERS.contains(&name.as_str())
}

/// Headers to be printed, without secrets.
pub(crate) struct RedactedHeaders<'a>(pub(crate) &'a HeaderMap);

impl fmt::Debug for RedactedHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.0.iter().map(|(name, value)| {
            (name, if is_secret_header(name, value) { "***".into() } else { String::from_utf8_lossy(value.as_bytes()) })
        });
        f.debug_map().entries(entries).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_secrets() {
        let url = "https://h/p?X-Amz-Signature=abc123&X-Amz-Security-Token=tok456&Signature=v2abc123\
                   &AWSAccessKeyId=hush789&a=b";
        let url = Url::parse(url).unwrap();
        let mut request = Request::new(Method::GET, url);
        for name in SECRET_HEADERS {
            request.headers.insert(name, HeaderValue::from_static("hush789"));
        }
        let mut marked = HeaderValue::from_static("hush789");
        marked.set_sensitive(true);
        request.headers.insert("x-mine", marked);
        request.headers.insert("x-plain", HeaderValue::from_static("shown"));
        request.body = "hush789".into();
        let text = format!("{request:?}");
        for secret in ["hush789", "abc123", "tok456"] {
            assert!(!text.contains(secret), "{text}");
        }
        for public in ["shown", "a=b", "7 bytes", "https://h/p"] {
            assert!(text.contains(public), "{text}");
        }
    }
}
