//! The HTTP client of a session that was given none. Knows which crate features there are, and nothing else.

use std::sync::Arc;

use super::{HttpClient, HttpConfig};
use crate::Result;
use crate::config::Environment;

/// Makes the client. Settings left to the environment are read from `environment`.
///
/// # Errors
/// [`ErrorKind::Config`](crate::ErrorKind::Config) if a setting is invalid, or if the crate features include no client.
#[cfg(feature = "hyper")]
pub(crate) fn default_client(settings: &HttpConfig, environment: &Environment) -> Result<Arc<dyn HttpClient>> {
    Ok(Arc::new(super::HyperClient::with_environment(settings, environment)?))
}

/// Fails, since the crate features include no client.
#[cfg(not(feature = "hyper"))]
pub(crate) fn default_client(_: &HttpConfig, _: &Environment) -> Result<Arc<dyn HttpClient>> {
    let message = "there is no HTTP client: set one with `http_client` of the session, or enable the crate feature \
                   `rustls`, `rustls-aws-lc`, `native-tls` or `hyper`";
    Err(crate::Error::new(crate::ErrorKind::Config, message))
}

#[cfg(all(test, not(feature = "hyper")))]
mod tests {
    use super::*;

    #[test]
    fn without_a_client_the_error_names_what_to_do() {
        let error = default_client(&HttpConfig::default(), &Environment::empty()).expect_err("no client");
        assert!(error.to_string().contains("`http_client`"), "{error}");
    }
}
