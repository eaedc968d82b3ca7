//! The errors of an HTTP exchange. Messages name hosts, never queries or headers.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::{Error, ErrorKind};

/// The kind of an [`HttpError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HttpErrorKind {
    /// No connection to the server could be opened: name resolution, connection refused.
    Connect,
    /// No connection through the proxy could be opened.
    Proxy,
    /// The TLS handshake with the server failed, or its certificate was rejected.
    Tls,
    /// The connect timeout or the read timeout expired.
    Timeout,
    /// The connection failed or closed in the middle of the exchange.
    Io,
    /// The request body could not be read.
    Body,
    /// Anything else: a URL or a setting that this client cannot use. A retry does not help.
    Other,
}

/// Why a request got no response.
pub struct HttpError {
    kind: HttpErrorKind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl HttpError {
    /// Creates an error of `kind`. `message` should name the host and must not contain secrets.
    pub fn new(kind: HttpErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// Sets the cause of the error.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The read timeout `limit` expired: no data was sent to or received from `host` for that long.
    pub(crate) fn timed_out(host: &str, limit: Duration) -> Self {
        Self::new(HttpErrorKind::Timeout, format!("read timeout on {host}: no data sent or received for {limit:?}"))
    }

    /// The kind of the error.
    pub fn kind(&self) -> HttpErrorKind {
        self.kind
    }

    /// The message: what failed, and for which host.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpError").field("kind", &self.kind).field("message", &self.message).finish_non_exhaustive()
    }
}

impl StdError for HttpError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}

impl From<HttpError> for Error {
    fn from(error: HttpError) -> Self {
        let kind = match error.kind {
            HttpErrorKind::Connect => ErrorKind::Connect,
            HttpErrorKind::Proxy => ErrorKind::Proxy,
            HttpErrorKind::Tls => ErrorKind::Tls,
            HttpErrorKind::Timeout => ErrorKind::Timeout,
            HttpErrorKind::Io => ErrorKind::Io,
            HttpErrorKind::Body => ErrorKind::Body,
            HttpErrorKind::Other => ErrorKind::Config,
        };
        Self::new(kind, error.message.clone()).with_source(error)
    }
}
