//! An established connection, and which version of HTTP it may use. Knows not how it is opened, and no request.

use std::pin::Pin;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::idle_timeout::Activity;

/// Which versions of HTTP a connection may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Version {
    Http1,
    /// HTTP/2 if the server offers it in the TLS handshake, else HTTP/1.1.
    Negotiated,
    Http2,
}

pub(super) trait Io: AsyncRead + AsyncWrite + Send {}

impl<C: AsyncRead + AsyncWrite + Send> Io for C {}

/// A connection, with or without TLS, to a server or a proxy.
pub(super) type BoxIo = Pin<Box<dyn Io>>;

/// Why a connection could not be opened. Its causes become part of an error message.
pub(super) type ConnectError = Box<dyn std::error::Error + Send + Sync>;

/// An open connection.
pub(super) struct Connected {
    pub(super) io: BoxIo,
    pub(super) activity: Arc<Activity>,
    /// Whether client and server agreed on HTTP/2.
    pub(super) is_http2: bool,
}
