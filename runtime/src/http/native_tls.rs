//! TLS with the operating system's library. Certificate authorities are read when the first connection is made. Knows no
//! HTTP.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use memchr::memmem;
use native_tls::{Certificate, Identity, TlsConnectorBuilder};

use super::established::{BoxIo, ConnectError, Version};
use super::{ClientCertificate, HttpConfig};
use crate::{Error, ErrorKind, Result};

/// Starts TLS on connections.
pub(super) struct TlsConnector {
    /// The name of the setting and the file.
    bundle: Option<(String, PathBuf)>,
    identity: Option<Identity>,
    accept_any: bool,
    /// What connections need, or what is wrong with the bundle.
    ready: OnceLock<Result<Ready, String>>,
}

struct Ready {
    roots: Option<Vec<Certificate>>,
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
        if let Some((setting, path)) = bundle {
            File::open(path).map_err(|e| unreadable(setting, path, e))?;
        }
        let bundle = bundle.filter(|_| !accept_any).map(|(setting, path)| (setting.to_owned(), path.to_owned()));
        let identity = certificate.map(|(setting, files)| read_identity(setting, files)).transpose()?;
        Ok(Self { bundle, identity, accept_any, ready: OnceLock::new() })
    }

    fn ready(&self) -> Result<&Ready, String> {
        let prepare = || {
            let roots = self.bundle.as_ref().map(|(setting, path)| read_bundle(setting, path)).transpose()?;
            let connector = builder(roots.as_deref(), self.identity.as_ref(), self.accept_any).build();
            let connector =
                connector.map_err(|e| Error::new(ErrorKind::Config, "could not set up TLS").with_source(e))?;
            Ok(Ready { roots, connector })
        };
        let prepare = || prepare().map_err(|it: Error| it.to_string());
        self.ready.get_or_init(prepare).as_ref().map_err(Clone::clone)
    }

    /// Performs the handshake with `host`. Returns the encrypted connection, and whether it uses HTTP/2.
    pub(super) async fn connect(&self, host: &str, io: BoxIo, version: Version) -> Result<(BoxIo, bool), ConnectError> {
        let offered: &[&str] = match version {
            Version::Http1 => &[],
            Version::Negotiated => &["h2", "http/1.1"],
            Version::Http2 => &["h2"],
        };
        let Ready { roots, connector } = self.ready()?;
        let connector = match offered.is_empty() {
            true => connector.clone(),
            false => {
                let mut builder = builder(roots.as_deref(), self.identity.as_ref(), self.accept_any);
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
    Identity::from_pkcs8(&pem, private_key(key.as_ref().unwrap_or(&pem))).map_err(|e| {
        invalid_file(setting, path, "no certificate with a PKCS#8 private key in PEM format").with_source(e)
    })
}

/// The private key in a PEM file, which may have the certificate before it.
fn private_key(pem: &[u8]) -> &[u8] {
    let Some(start) = memmem::find(pem, b"-----BEGIN PRIVATE KEY-----") else { return pem };
    let end_line = b"-----END PRIVATE KEY-----";
    let end = memmem::find(&pem[start..], end_line).map_or(pem.len(), |it| start + it + end_line.len());
    &pem[start..end]
}

fn read(setting: &str, path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| unreadable(setting, path, e))
}

fn unreadable(setting: &str, path: &Path, error: std::io::Error) -> Error {
    invalid_file(setting, path, &format!("cannot be read: {error}")).with_source(error)
}

fn invalid_file(setting: &str, path: &Path, problem: &str) -> Error {
    Error::new(ErrorKind::Config, format!("{setting} {}: {problem}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> String {
        format!("{}/src/http/testdata/{name}", env!("CARGO_MANIFEST_DIR"))
    }

    /// The outcome of a handshake with `host`, a server with the certificate and the key in the file `identity`.
    async fn handshake(settings: &HttpConfig, identity: &str, host: &str) -> Result<bool, String> {
        let (client, server) = tokio::io::duplex(16 * 1024);
        let identity = read_identity("server", &file(identity).as_str().into()).expect("an identity");
        let acceptor = native_tls::TlsAcceptor::new(identity).expect("a server");
        let task = tokio::spawn(async move {
            let _stream = tokio_native_tls::TlsAcceptor::from(acceptor).accept(server).await;
            std::future::pending::<()>().await
        });
        let tls = TlsConnector::for_servers(settings).expect("valid settings");
        let connected = tls.connect(host, Box::pin(client), Version::Negotiated).await;
        task.abort();
        connected.map(|it| it.1).map_err(|it| it.to_string())
    }

    #[tokio::test]
    async fn servers_are_verified() {
        let check = async |bundle: Option<&str>, accept_any: bool, identity: &str, host: &str, succeeds: bool| {
            let settings = HttpConfig {
                ca_bundle: bundle.map(|it| file(it).into()),
                danger_accept_invalid_certs: accept_any,
                ..HttpConfig::default()
            };
            let result = handshake(&settings, identity, host).await;
            assert_eq!(result.is_ok(), succeeds, "{bundle:?} {identity} {host}: {result:?}");
            assert!(result.is_err() || result == Ok(false), "the server offers HTTP/1.1 only");
        };
        check(Some("ca.pem"), false, "server.pem", "localhost", true).await;
        check(Some("ca.pem"), false, "server.pem", "127.0.0.1", true).await;
        check(Some("ca.pem"), false, "server.pem", "other.test", false).await;
        check(Some("proxy-ca.pem"), false, "server.pem", "localhost", false).await;
        check(None, false, "server.pem", "localhost", false).await;
        check(None, true, "server.pem", "other.test", true).await;
        check(Some("self-signed-expired.pem"), false, "self-signed-expired.pem", "localhost", false).await;
    }

    #[tokio::test]
    async fn a_bundle_is_read_by_the_first_connection() {
        let settings = HttpConfig { ca_bundle: Some("/dev/null".into()), ..HttpConfig::default() };
        TlsConnector::for_servers(&settings).map(drop).expect("nothing is read yet");
        let error = handshake(&settings, "server.pem", "localhost").await.expect_err("no authority");
        assert!(error.contains("ca_bundle /dev/null: no certificates in PEM format"), "{error}");
    }

    #[test]
    fn unusable_files_are_rejected_by_name() {
        let check = |change: &dyn Fn(&mut HttpConfig), expect: &str| {
            let mut settings = HttpConfig::default();
            change(&mut settings);
            let result = TlsConnector::for_servers(&settings).and_then(|_| TlsConnector::for_proxies(&settings));
            let text = result.err().expect("an error").to_string();
            assert!(text.contains(expect), "{text}");
        };
        check(&|it| it.ca_bundle = Some("/no/such.pem".into()), "ca_bundle /no/such.pem: cannot be read");
        check(&|it| it.proxy_ca_bundle = Some("/no/such.pem".into()), "proxy_ca_bundle /no/such.pem: cannot be read");
        check(
            &|it| it.client_certificate = Some(file("ca.pem").as_str().into()),
            "ca.pem: no certificate with a PKCS#8 private key",
        );
        let two_files = (file("client.pem"), file("client.key")).into();
        for files in [two_files, file("client-both.pem").as_str().into()] {
            let settings = HttpConfig { client_certificate: Some(files), ..HttpConfig::default() };
            TlsConnector::for_servers(&settings).map(drop).expect("a certificate with its key");
        }
    }
}
