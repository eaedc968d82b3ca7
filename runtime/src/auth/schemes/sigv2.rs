//! The scheme `v2`: Signature Version 2 of the form in a body. It has no region. Knows no service.

use std::borrow::Cow;

use crate::auth::scheme::{self, Facts, Identity, Signers, Signing, rejected};
use crate::auth::signer::SigningParams;
use crate::auth::sigv2;
use crate::error::Result;
use crate::http::Request;

const NAME: &str = "v2";

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

    fn sign(&self, _: &Signers, request: &mut Request, identity: &Identity, params: &SigningParams<'_>) -> Result<()> {
        sigv2::sign(request, identity.credentials()?, params.time)
    }

    fn check_presign(&self) -> Result<()> {
        Err(rejected("the service uses signature version 2, which cannot be presigned"))
    }
}
