//! Stands in for TLS when no crate feature selects an implementation. Knows no HTTP.

use super::HttpConfig;
use super::established::{BoxIo, ConnectError, Version};
use crate::Result;
use crate::error::requires_feature;

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
        Err(requires_feature("an https URL", &["rustls", "rustls-aws-lc", "native-tls"]).into())
    }
}
