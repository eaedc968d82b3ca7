//! TLS with rustls and ring or aws-lc. Certificate authorities are read when the first certificate is verified, which keeps
//! a program quick to start. Knows no HTTP.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
#[cfg(feature = "rustls-aws-lc")]
pub(super) use rustls::crypto::aws_lc_rs as cryptography;
#[cfg(not(feature = "rustls-aws-lc"))]
pub(super) use rustls::crypto::ring as cryptography;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::established::{BoxIo, ConnectError, Version};
use super::{ClientCertificate, HttpConfig};
use crate::{Error, ErrorKind, Result};

/// Starts TLS on connections.
pub(super) struct TlsConnector {
    /// For HTTP/1.1.
    config: Arc<ClientConfig>,
    /// The CA bundle, if there is one.
    bundle: Option<Arc<BundleVerifier>>,
}

impl TlsConnector {
    /// For connections to servers.
    pub(super) fn for_servers(settings: &HttpConfig) -> Result<Self> {
        Self::new(build_config(
            settings.ca_bundle.as_deref().map(|it| ("ca_bundle", it)),
            settings.danger_accept_invalid_certs,
            settings.client_certificate.as_ref().map(|it| ("client_certificate", it)),
        )?)
    }

    /// For connections to proxies with `https` URLs.
    pub(super) fn for_proxies(settings: &HttpConfig) -> Result<Self> {
        let proxy_bundle = settings.proxy_ca_bundle.as_deref().map(|it| ("proxy_ca_bundle", it));
        Self::new(build_config(
            proxy_bundle.or_else(|| settings.ca_bundle.as_deref().map(|it| ("ca_bundle", it))),
            settings.danger_accept_invalid_certs && proxy_bundle.is_none(),
            settings.proxy_client_certificate.as_ref().map(|it| ("proxy_client_certificate", it)),
        )?)
    }

    fn new((mut config, bundle): (ClientConfig, Option<Arc<BundleVerifier>>)) -> Result<Self> {
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config), bundle })
    }

    /// Performs the handshake with `host`. Returns the encrypted connection, and whether it uses HTTP/2.
    pub(super) async fn connect(
        &self,
        host: &str,
        io: BoxIo,
        version: Version,
    ) -> std::result::Result<(BoxIo, bool), ConnectError> {
        let offered: &[&[u8]] = match version {
            Version::Http1 => &[],
            Version::Negotiated => &[b"h2", b"http/1.1"],
            Version::Http2 => &[b"h2"],
        };
        let mut config = Arc::clone(&self.config);
        if !offered.is_empty() {
            Arc::make_mut(&mut config).alpn_protocols = offered.iter().map(|it| it.to_vec()).collect();
        }
        let name = ServerName::try_from(host.to_owned())?;
        let connected = tokio_rustls::TlsConnector::from(config).connect(name, io).await;
        // rustls would say that the certificate of the server is invalid.
        if let Some(Err(problem)) = self.bundle.as_ref().and_then(|it| it.loaded.get()) {
            return Err(problem.clone().into());
        }
        let stream = connected?;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok((Box::pin(stream), is_http2))
    }
}

/// Builds a configuration. Files come with the name of their setting, for error messages.
fn build_config(
    bundle: Option<(&str, &Path)>,
    accept_any: bool,
    certificate: Option<(&str, &ClientCertificate)>,
) -> Result<(ClientConfig, Option<Arc<BundleVerifier>>)> {
    let provider = Arc::new(cryptography::default_provider());
    let algorithms = provider.signature_verification_algorithms;
    let bundle = bundle.filter(|_| !accept_any);
    let bundle = bundle.map(|(setting, path)| BundleVerifier::new(setting, path, &provider)).transpose()?.map(Arc::new);
    let verifier: Arc<dyn ServerCertVerifier> = match &bundle {
        _ if accept_any => Arc::new(AcceptAnyCertificate { algorithms }),
        Some(bundle) => Arc::clone(bundle) as _,
        None => Arc::new(SystemVerifier { algorithms, provider: Arc::clone(&provider), loaded: OnceLock::new() }),
    };
    let fail = |e: rustls::Error| Error::new(ErrorKind::Config, "could not set up TLS").with_source(e);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(fail)?
        // rustls calls every custom verifier "dangerous". Two of the three run rustls' own checks against other roots.
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let Some((setting, files)) = certificate else { return Ok((builder.with_no_client_auth(), bundle)) };
    let (chain, key) = identity(setting, files)?;
    let config = builder.with_client_auth_cert(chain, key).map_err(|e| {
        let path = files.certificate.display();
        let message = format!("{setting} {path}: the private key does not match the certificate");
        Error::new(ErrorKind::Config, message).with_source(e)
    })?;
    Ok((config, bundle))
}

/// Accepts certificates that an authority of a CA bundle has issued, and those that are in the bundle themselves.
#[derive(Debug)]
struct BundleVerifier {
    setting: String,
    path: PathBuf,
    provider: Arc<CryptoProvider>,
    algorithms: WebPkiSupportedAlgorithms,
    /// The bundle, or what is wrong with it.
    loaded: OnceLock<std::result::Result<Bundle, String>>,
}

#[derive(Debug)]
struct Bundle {
    authorities: Arc<WebPkiServerVerifier>,
    certificates: Vec<CertificateDer<'static>>,
}

impl BundleVerifier {
    /// Checks that the file can be opened; does not read it.
    fn new(setting: &str, path: &Path, provider: &Arc<CryptoProvider>) -> Result<Self> {
        File::open(path)
            .map_err(|e| invalid_file(setting, path, format!("cannot be read: I/O error: {e}")).with_source(e))?;
        Ok(Self {
            setting: setting.to_owned(),
            path: path.to_owned(),
            provider: Arc::clone(provider),
            algorithms: provider.signature_verification_algorithms,
            loaded: OnceLock::new(),
        })
    }

    fn load(&self) -> Result<Bundle> {
        let certificates = certificates(&self.setting, &self.path)?;
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(certificates.iter().cloned());
        if added == 0 {
            return Err(invalid_file(&self.setting, &self.path, "no certificates in PEM format"));
        }
        let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider));
        let authorities = builder
            .build()
            .map_err(|e| invalid_file(&self.setting, &self.path, "its certificates cannot be used").with_source(e))?;
        Ok(Bundle { authorities, certificates })
    }

    fn loaded(&self) -> std::result::Result<&Bundle, rustls::Error> {
        let loaded = self.loaded.get_or_init(|| self.load().map_err(|it| it.to_string()));
        loaded.as_ref().map_err(|problem| rustls::Error::General(problem.clone()))
    }
}

impl ServerCertVerifier for BundleVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        let Bundle { authorities, certificates } = self.loaded()?;
        let verified = authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            // A certificate that is its own authority is trusted as OpenSSL does, and with it boto3: webpki rejects it,
            // since an authority is no server. Its dates were verified before.
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(_)))
                if certificates.iter().any(|it| it == end_entity) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn identity(
    setting: &str,
    files: &ClientCertificate,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let chain = certificates(setting, &files.certificate)?;
    if chain.is_empty() {
        return Err(invalid_file(setting, &files.certificate, "no certificate in PEM format"));
    }
    let path = files.key.as_ref().unwrap_or(&files.certificate);
    let key = PrivateKeyDer::from_pem_file(path).map_err(|e| match e {
        pem::Error::NoItemsFound => invalid_file(setting, path, "no private key in PEM format"),
        e => invalid_file(setting, path, format!("its private key cannot be read: {e}")).with_source(e),
    })?;
    Ok((chain, key))
}

fn certificates(setting: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let fail = |e: pem::Error| invalid_file(setting, path, format!("cannot be read: {e}")).with_source(e);
    CertificateDer::pem_file_iter(path).map_err(fail)?.collect::<std::result::Result<_, _>>().map_err(fail)
}

fn invalid_file(setting: &str, path: &Path, problem: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Config, format!("{setting} {}: {problem}", path.display()))
}

/// The verifier of the operating system, or one that uses its certificate authorities; loaded on first use.
#[derive(Debug)]
struct SystemVerifier {
    provider: Arc<CryptoProvider>,
    algorithms: WebPkiSupportedAlgorithms,
    loaded: OnceLock<std::result::Result<rustls_platform_verifier::Verifier, rustls::Error>>,
}

impl ServerCertVerifier for SystemVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        let load = || rustls_platform_verifier::Verifier::new(Arc::clone(&self.provider));
        match self.loaded.get_or_init(load) {
            Ok(verifier) => verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now),
            Err(e) => Err(e.clone()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Accepts everything, for `danger_accept_invalid_certs`. Signatures are not verified either: rustls cannot verify
/// those of certificates that are too old or malformed.
#[derive(Debug)]
struct AcceptAnyCertificate {
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for AcceptAnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
