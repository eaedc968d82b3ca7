//! Certificate settings for the operating system's TLS library. Knows no HTTP.

use std::path::Path;

use reqwest::{Certificate, ClientBuilder, Identity};

use super::HttpConfig;
use crate::{Error, ErrorKind, Result};

/// Applies the CA bundle and the client certificate of the settings to `builder`.
pub(super) fn apply_certificates(mut builder: ClientBuilder, settings: &HttpConfig) -> Result<ClientBuilder> {
    if let Some(path) = &settings.ca_bundle {
        let invalid = |problem: &str| invalid_file("ca_bundle", path, problem);
        let roots = Certificate::from_pem_bundle(&read("ca_bundle", path)?)
            .map_err(|e| invalid("no certificates in PEM format").with_source(e))?;
        if roots.is_empty() {
            return Err(invalid("no certificates in PEM format"));
        }
        builder = builder.tls_certs_only(roots);
    }
    if let Some(files) = &settings.client_certificate {
        let (setting, path) = ("client_certificate", &files.certificate);
        let pem = read(setting, path)?;
        let key = files.key.as_ref().map(|it| read(setting, it)).transpose()?;
        let identity = Identity::from_pkcs8_pem(&pem, key.as_ref().unwrap_or(&pem)).map_err(|e| {
            invalid_file(setting, path, "no certificate with a PKCS#8 private key in PEM format").with_source(e)
        })?;
        builder = builder.identity(identity);
    }
    Ok(builder.tls_danger_accept_invalid_certs(settings.danger_accept_invalid_certs))
}

fn read(setting: &str, path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| invalid_file(setting, path, &format!("cannot be read: {e}")).with_source(e))
}

fn invalid_file(setting: &str, path: &Path, problem: &str) -> Error {
    Error::new(ErrorKind::Config, format!("{setting} {}: {problem}", path.display()))
}
