//! The proof of an identity that another provider issues: an OpenID Connect token or a SAML assertion. Knows no service.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::failed;
use crate::BoxFuture;
use crate::Result;
use crate::credentials::{USER_TIMEOUT, limited, small_file};

type FetchFn = dyn Fn() -> BoxFuture<'static, Result<String>> + Send + Sync;

/// Larger token files are an error. Our choice: STS accepts a `SAMLAssertion` of at most 100,000 characters.
const MAX_BYTES: u64 = 256 * 1024;

/// An OpenID Connect token, the access token of a social provider, or a SAML assertion in base64. It is used at each fetch
/// of credentials, so it should come from a function or a file rather than be a string, which expires.
///
/// ```
/// use aws_core::credential_providers::IdentityToken;
///
/// # async fn log_in() -> aws_core::Result<String> { Ok(String::new()) }
/// let fetched = IdentityToken::new(|| Box::pin(async { log_in().await }));
/// let from_file = IdentityToken::from_path("/run/secrets/token");
/// let fixed = IdentityToken::from("eyJhbGciOi…");
/// ```
#[derive(Clone)]
pub struct IdentityToken(Source);

#[derive(Clone)]
enum Source {
    Fixed(Arc<str>),
    File(PathBuf),
    Fetched(Arc<FetchFn>),
}

impl IdentityToken {
    /// A token that `fetch` returns. It is called at each fetch of credentials, and may take five minutes, as a login in a
    /// browser does.
    pub fn new(fetch: impl Fn() -> BoxFuture<'static, Result<String>> + Send + Sync + 'static) -> Self {
        Self(Source::Fetched(Arc::new(fetch)))
    }

    /// A token in a file, which is read at each fetch of credentials.
    pub fn from_path(path: impl Into<PathBuf>) -> Self {
        Self(Source::File(path.into()))
    }

    /// The token, without white space at its ends. `what` names it in errors: `the SAML assertion`.
    pub(super) async fn get(&self, what: &'static str, provider: &'static str) -> Result<String> {
        let token = match &self.0 {
            Source::Fixed(token) => token.trim().to_owned(),
            Source::File(path) => {
                let origin = format!("file {} of {what}", path.display());
                small_file::read_text(path, MAX_BYTES, &origin).await?.trim().to_owned()
            }
            Source::Fetched(fetch) => limited(what, provider, Some(USER_TIMEOUT), fetch()).await?.trim().to_owned(),
        };
        if token.is_empty() { Err(failed(format!("{what} is empty"))) } else { Ok(token) }
    }
}

impl From<String> for IdentityToken {
    fn from(token: String) -> Self {
        Self(Source::Fixed(token.into()))
    }
}

impl From<&str> for IdentityToken {
    fn from(token: &str) -> Self {
        Self(Source::Fixed(token.into()))
    }
}

impl fmt::Debug for IdentityToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Fixed(_) => f.write_str("IdentityToken(***)"),
            Source::File(path) => write!(f, "IdentityToken({})", path.display()),
            Source::Fetched(_) => f.write_str("IdentityToken(fetched)"),
        }
    }
}
