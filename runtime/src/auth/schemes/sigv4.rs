//! The scheme `sigv4`: Signature Version 4 with the region and name that the endpoint has, or else the settings and the
//! service. Knows no key.

use std::borrow::Cow;
use std::time::Duration;

use crate::auth::scheme::{self, Facts, Identity, Signers, Signing};
use crate::auth::signer::{Signer, SigningParams};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Request;

const NAME: &str = "sigv4";

#[derive(Debug)]
pub(super) struct Scheme;

/// A signature for a service that has neither a model nor endpoint rules.
pub(crate) fn signing_for(region: String, service: &'static str) -> Signing {
    Signing::new(&Scheme, region, Cow::Borrowed(service))
}

/// How a scheme signs that is this one under another name.
pub(super) fn signing(scheme: &'static dyn scheme::Scheme, facts: &Facts<'_>) -> Result<Signing> {
    let region = facts.option(scheme).and_then(|it| it.signing_region.as_deref()).or(facts.region);
    let region = region.ok_or_else(|| Error::new(ErrorKind::Config, "no region to sign for"))?;
    Ok(Signing::for_region(scheme, region.to_owned(), facts))
}

impl scheme::Scheme for Scheme {
    fn name(&self) -> &'static str {
        NAME
    }

    fn signing(&'static self, facts: &Facts<'_>) -> Result<Signing> {
        signing(self, facts)
    }

    fn signs_body(&self) -> bool {
        true
    }

    fn signs_policies(&self) -> bool {
        true
    }

    fn signs_events(&self) -> bool {
        true
    }

    fn sign(
        &self,
        signers: &Signers,
        request: &mut Request,
        identity: &Identity,
        params: &SigningParams<'_>,
    ) -> Result<()> {
        signers.sigv4.sign(request, identity.credentials()?, params)
    }

    fn check_presign(&self) -> Result<()> {
        Ok(())
    }

    fn presign(
        &self,
        signers: &Signers,
        request: &mut Request,
        identity: &Identity,
        params: &SigningParams<'_>,
        expires: Duration,
    ) -> Result<()> {
        signers.sigv4.presign(request, identity.credentials()?, params, expires)
    }
}
