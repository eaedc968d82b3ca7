//! TLS with the operating system's library. Knows no HTTP.

use std::path::Path;

use native_tls::{Certificate, Identity, TlsConnectorBuilder};

use super::connect::{BoxIo, ConnectError};
use super::pool::Version;
use super::{ClientCertificate, HttpConfig};
use crate::{Error, ErrorKind, Result};

/// Starts TLS on connections.
pub(super) struct TlsConnector {
    roots: Option<Vec<Certificate>>,
    identity: Option<Identity>,
    accept_any: bool,
    /// For HTTP/1.1.
    connector: native_tls::TlsConnector,
}

impl TlsConnector {
    /// For connections to servers.
    pub(super) fn for_servers(settings: &HttpConfig) -> Result<Self> {
        Self::new(
            settings.ca_bundle.as_deref().map(|it| ("ca_bundle", it)),
            settings.danger_accept_invalid_certs,
            settings.client_certificate.as_ref().map(|it| ("client_certificate", it)),
        )
    }

    /// For connections to proxies with `https` URLs.
    pub(super) fn for_proxies(settings: &HttpConfig) -> Result<Self> {
        let proxy_bundle = settings.proxy_ca_bundle.as_deref().map(|it| ("proxy_ca_bundle", it));
        Self::new(
            proxy_bundle.or_else(|| settings.ca_bundle.as_deref().map(|it| ("ca_bundle", it))),
            settings.danger_accept_invalid_certs && proxy_bundle.is_none(),
            settings.proxy_client_certificate.as_ref().map(|it| ("proxy_client_certificate", it)),
        )
    }

    /// Files come with the name of their setting, for error messages.
    fn new(
        bundle: Option<(&str, &Path)>,
        accept_any: bool,
        certificate: Option<(&str, &ClientCertificate)>,
    ) -> Result<Self> {
        let roots = bundle.map(|(setting, path)| read_bundle(setting, path)).transpose()?;
        let identity = certificate.map(|(setting, files)| read_identity(setting, files)).transpose()?;
        let connector = builder(roots.as_deref(), identity.as_ref(), accept_any).build();
        let connector = connector.map_err(|e| Error::new(ErrorKind::Config, "could not set up TLS").with_source(e))?;
        Ok(Self { roots, identity, accept_any, connector })
    }

    /// Performs the handshake with `host`. Returns the encrypted connection, and whether it uses HTTP/2.
    pub(super) async fn connect(&self, host: &str, io: BoxIo, version: Version) -> Result<(BoxIo, bool), ConnectError> {
        let offered: &[&str] = match version {
            Version::Http1 => &[],
            Version::Negotiated => &["h2", "http/1.1"],
            Version::Http2 => &["h2"],
        };
        let connector = match offered.is_empty() {
            true => self.connector.clone(),
            false => {
                let mut builder = builder(self.roots.as_deref(), self.identity.as_ref(), self.accept_any);
                builder.request_alpns(offered).build()?
            }
        };
        let stream = tokio_native_tls::TlsConnector::from(connector).connect(host, io).await?;
        let is_http2 = stream.get_ref().negotiated_alpn()?.as_deref() == Some(b"h2");
        Ok((Box::pin(stream), is_http2))
    }
}

fn builder(roots: Option<&[Certificate]>, identity: Option<&Identity>, accept_any: bool) -> TlsConnectorBuilder {
    let mut builder = native_tls::TlsConnector::builder();
    if let Some(roots) = roots {
        builder.disable_built_in_roots(true);
        for root in roots {
            builder.add_root_certificate(root.clone());
        }
    }
    if let Some(identity) = identity {
        builder.identity(identity.clone());
    }
    builder.danger_accept_invalid_certs(accept_any).danger_accept_invalid_hostnames(accept_any);
    builder
}

fn read_bundle(setting: &str, path: &Path) -> Result<Vec<Certificate>> {
    let roots = Certificate::stack_from_pem(&read(setting, path)?)
        .map_err(|e| invalid_file(setting, path, "no certificates in PEM format").with_source(e))?;
    if roots.is_empty() {
        return Err(invalid_file(setting, path, "no certificates in PEM format"));
    }
    Ok(roots)
}

fn read_identity(setting: &str, files: &ClientCertificate) -> Result<Identity> {
    let path = &files.certificate;
    let pem = read(setting, path)?;
    let key = files.key.as_ref().map(|it| read(setting, it)).transpose()?;
    Identity::from_pkcs8(&pem, key.as_ref().unwrap_or(&pem)).map_err(|e| {
        invalid_file(setting, path, "no certificate with a PKCS#8 private key in PEM format").with_source(e)
    })
}

fn read(setting: &str, path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| invalid_file(setting, path, &format!("cannot be read: {e}")).with_source(e))
}

fn invalid_file(setting: &str, path: &Path, problem: &str) -> Error {
    Error::new(ErrorKind::Config, format!("{setting} {}: {problem}", path.display()))
}
