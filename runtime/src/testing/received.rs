//! A request as a test double receives it: its facts, and how its body is read. Knows no connection.

use bytes::Bytes;

use super::drain;
use crate::http::{Body, HeaderMap, HttpError, HttpErrorKind, Request};

/// A request as a test double received it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReceivedRequest {
    /// The method.
    pub method: String,
    /// The request target: path and query.
    pub target: String,
    /// The whole URL.
    pub url: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, without the framing of a chunked transfer encoding.
    pub body: Bytes,
}

impl ReceivedRequest {
    /// A request with a method, to a URL, with headers and a body.
    pub fn new(method: impl Into<String>, url: impl Into<String>, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        let (method, url, body) = (method.into(), url.into(), body.into());
        let after_scheme = url.split_once("://").map_or(&*url, |it| it.1);
        let target = after_scheme.find(['/', '?']).map_or("", |it| &after_scheme[it..]);
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        Self { method, target, url, headers, body }
    }

    /// The value of a header; empty if it is missing or not ASCII.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default()
    }

    /// The path without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The query; empty if there is none.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// Reads a request as a server does, and leaves it its body in memory. Events are taken beside the response.
    ///
    /// # Errors
    /// [`HttpErrorKind::Body`] if the body cannot be read.
    pub async fn receive(request: &mut Request) -> Result<Self, HttpError> {
        let body = std::mem::take(&mut request.body);
        let body = match request.duplex {
            false => body.into_stream().collect().await.map_err(|it| {
                let why = format!("could not read the request body for {}: {it}", request.url.host());
                HttpError::new(HttpErrorKind::Body, why).with_source(it)
            })?,
            true => {
                drain(body);
                Default::default()
            }
        };
        let body = body.into_bytes();
        request.body = Body::from(body.clone());
        Ok(Self::new(request.method.as_str(), request.url.as_str(), request.headers.clone(), body))
    }
}
