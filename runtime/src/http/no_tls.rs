//! Stands in for TLS when no crate feature selects an implementation. Knows no HTTP.

use super::HttpConfig;
use super::established::{BoxIo, ConnectError, Version};
use crate::Result;

/// Starts no TLS.
pub(super) struct TlsConnector;

impl TlsConnector {
    pub(super) fn for_servers(_: &HttpConfig) -> Result<Self> {
        Ok(Self)
    }

    pub(super) fn for_proxies(_: &HttpConfig) -> Result<Self> {
        Ok(Self)
    }

    pub(super) async fn connect(&self, _: &str, _: BoxIo, _: Version) -> Result<(BoxIo, bool), ConnectError> {
        Err("https URLs require the crate feature `rustls` or `native-tls`".into())
    }
}
