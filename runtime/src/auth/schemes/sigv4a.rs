//! The scheme `sigv4a`: Signature Version 4A for the regions that the settings name, or else the endpoint. It exists in
//! programs with the crate feature `sigv4a`. Knows no key.

use std::time::Duration;

use crate::auth::scheme::{self, Facts, Identity, Signers, Signing};
use crate::auth::signer::SigningParams;
use crate::error::Result;
use crate::http::Request;

const NAME: &str = "sigv4a";
/// The set of all regions: botocore's default (`handlers.py`, `_resolve_sigv4a_region`).
const ALL_REGIONS: &str = "*";

#[derive(Debug)]
pub(super) struct Scheme;

impl scheme::Scheme for Scheme {
    fn name(&self) -> &'static str {
        NAME
    }

    fn missing_feature(&self) -> Option<&'static str> {
        (!cfg!(feature = "sigv4a")).then_some("sigv4a")
    }

    fn signing(&'static self, facts: &Facts<'_>) -> Result<Signing> {
        let of_endpoint = facts.option(self).and_then(|it| it.signing_region_set.as_deref()).unwrap_or_default();
        let region = match (facts.region_set, of_endpoint) {
            ([], []) => facts.region.unwrap_or(ALL_REGIONS).to_owned(),
            ([], regions) => regions.join(","),
            (regions, _) => regions.join(","),
        };
        Ok(Signing::for_region(self, region, facts))
    }

    fn signs_body(&self) -> bool {
        true
    }

    fn sign(
        &self,
        signers: &Signers,
        request: &mut Request,
        identity: &Identity,
        params: &SigningParams<'_>,
    ) -> Result<()> {
        signers.sigv4a()?.sign(request, identity.credentials()?, params)
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
        signers.sigv4a()?.presign(request, identity.credentials()?, params, expires)
    }
}
