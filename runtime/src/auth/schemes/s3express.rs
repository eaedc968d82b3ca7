//! The scheme `sigv4-s3express`: Signature Version 4 with a session, whose token has a header, a query parameter and a form
//! field of its own. Knows no bucket, and not how a session is got.

use std::time::Duration;

use super::sigv4;
use crate::auth::scheme::{self, Facts, Identity, IdentityKind, Signers, Signing};
use crate::auth::signer::{SessionToken, SigningParams};
use crate::error::Result;
use crate::http::Request;

const NAME: &str = "sigv4-s3express";

#[derive(Debug)]
pub(super) struct Scheme;

impl scheme::Scheme for Scheme {
    fn name(&self) -> &'static str {
        NAME
    }

    fn signing(&'static self, facts: &Facts<'_>) -> Result<Signing> {
        Ok(Signing { session_token: SessionToken::S3Express, ..sigv4::signing(self, facts)? })
    }

    fn identity(&self) -> IdentityKind {
        IdentityKind::Session
    }

    fn signs_body(&self) -> bool {
        true
    }

    fn signs_policies(&self) -> bool {
        true
    }

    fn sign(
        &self,
        signers: &Signers,
        request: &mut Request,
        identity: &Identity,
        params: &SigningParams<'_>,
    ) -> Result<()> {
        sigv4::Scheme.sign(signers, request, identity, params)
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
        sigv4::Scheme.presign(signers, request, identity, params, expires)
    }
}
