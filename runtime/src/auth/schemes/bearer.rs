//! The scheme `httpBearerAuth`: a bearer token instead of a signature, only over HTTPS. Knows where the token goes, not
//! where it comes from.

use std::borrow::Cow;

use crate::auth::scheme::{self, Facts, Identity, IdentityKind, Signers, Signing, rejected};
use crate::auth::signer::SigningParams;
use crate::error::Result;
use crate::http::{HeaderValue, Request, header};

const NAME: &str = "httpBearerAuth";

#[derive(Debug)]
pub(super) struct Scheme;

impl scheme::Scheme for Scheme {
    fn name(&self) -> &'static str {
        NAME
    }

    fn signing(&'static self, facts: &Facts<'_>) -> Result<Signing> {
        let name = Cow::Borrowed(facts.signing_name);
        Ok(Signing::new(self, String::new(), name))
    }

    fn identity(&self) -> IdentityKind {
        IdentityKind::Token
    }

    fn check(&self, request: &Request) -> Result<()> {
        if request.url.is_https() {
            return Ok(());
        }
        let host = request.url.authority();
        Err(rejected(format!("a bearer token is only sent over HTTPS, but the endpoint is http://{host}")))
    }

    fn sign(&self, _: &Signers, request: &mut Request, identity: &Identity, _: &SigningParams<'_>) -> Result<()> {
        let Identity::Token(token) = identity else {
            return Err(rejected("credentials cannot take the place of a bearer token"));
        };
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.as_str()))
            .map_err(|_| rejected(format!("the bearer token from {} is not a valid header value", token.provider())))?;
        value.set_sensitive(true);
        request.headers.insert(header::AUTHORIZATION, value);
        Ok(())
    }

    fn check_presign(&self) -> Result<()> {
        Err(rejected("the call carries a bearer token instead of a signature, so it cannot be presigned"))
    }
}
