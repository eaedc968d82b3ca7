//! The TLS configuration: rustls with ring. Certificate authorities are read when the first certificate has to be judged,
//! which keeps a program quick to start. Knows no HTTP.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::HttpSettings;
use crate::{Error, ErrorKind, Result};

/// The configuration of all `https` connections of one client.
pub(super) fn config(settings: &HttpSettings) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match &settings.ca_bundle {
        Some(path) => bundle(path, Arc::clone(&provider))?,
        None => Arc::new(SystemRoots {
            algorithms: provider.signature_verification_algorithms,
            provider: Arc::clone(&provider),
            loaded: OnceLock::new(),
        }),
    };
    let setup = |e: rustls::Error| Error::new(ErrorKind::Config, "TLS cannot be set up").with_source(e);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(setup)?
        // "Dangerous" are verifiers that say yes to everything: both of these are rustls' own checks over chosen roots.
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match &settings.client_certificate {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let (chain, key) = identity(path)?;
            builder.with_client_auth_cert(chain, key).map_err(|e| {
                let what = format!("the certificate and the private key in {} do not fit", path.display());
                Error::new(ErrorKind::Config, what).with_source(e)
            })?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn bundle(path: &Path, provider: Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>> {
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(certificates(path)?);
    let fail = |why: &str| Error::new(ErrorKind::Config, format!("CA bundle {}: {why}", path.display()));
    if added == 0 {
        return Err(fail("no certificates in PEM format"));
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|e| fail("its certificates cannot be used").with_source(e))
}

fn identity(path: &Path) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let chain = certificates(path)?;
    let fail = |why: &str| Error::new(ErrorKind::Config, format!("client certificate {}: {why}", path.display()));
    if chain.is_empty() {
        return Err(fail("no certificate in PEM format"));
    }
    let key = PrivateKeyDer::from_pem_file(path).map_err(|e| fail("no private key in PEM format").with_source(e))?;
    Ok((chain, key))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let fail = |e: rustls::pki_types::pem::Error| {
        Error::new(ErrorKind::Config, format!("cannot read certificate file {}: {e}", path.display())).with_source(e)
    };
    CertificateDer::pem_file_iter(path).map_err(fail)?.collect::<std::result::Result<_, _>>().map_err(fail)
}

/// The checks of the operating system, or of its certificate authorities, loaded on first use.
#[derive(Debug)]
struct SystemRoots {
    provider: Arc<CryptoProvider>,
    algorithms: WebPkiSupportedAlgorithms,
    loaded: OnceLock<std::result::Result<rustls_platform_verifier::Verifier, rustls::Error>>,
}

impl ServerCertVerifier for SystemRoots {
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
