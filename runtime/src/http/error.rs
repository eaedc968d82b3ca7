//! What can go wrong between a request and its response. Names hosts, never queries or headers.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::{Error, ErrorKind};

/// What kind of failure an [`HttpError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HttpErrorKind {
    /// No connection: name resolution, refused, proxy, TLS handshake, certificate.
    Connect,
    /// The limit for connecting, or for waiting for the next bytes, ran out.
    Timeout,
    /// The connection failed or closed in the middle of the exchange.
    Io,
    /// The body to send could not be read.
    Body,
    /// Anything else: a URL or a setting this client cannot use. Trying again does not help.
    Other,
}

/// Why a request got no response.
pub struct HttpError {
    kind: HttpErrorKind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl HttpError {
    /// An error of `kind`; `message` names the host and holds no secret.
    pub fn new(kind: HttpErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Nothing came from `host` for the time `limit`.
    pub fn timed_out(host: &str, limit: Duration) -> Self {
        Self::new(HttpErrorKind::Timeout, format!("{host} sent and took nothing for {limit:?}"))
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> HttpErrorKind {
        self.kind
    }

    /// What happened, and to which host.
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
            HttpErrorKind::Timeout => ErrorKind::Timeout,
            HttpErrorKind::Io => ErrorKind::Io,
            HttpErrorKind::Body => ErrorKind::Body,
            HttpErrorKind::Other => ErrorKind::Config,
        };
        Self::new(kind, error.message.clone()).with_source(error)
    }
}
