//! Signature Version 4, with keys that belong to a day, a region and a service. Keys and signatures are computed by
//! aws-sigv4, and keys are cached. Knows no service, and not what is signed of a request.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use sha2::{Digest, Sha256};

use super::canonical::CanonicalRequest;
use super::signed_request::{Algorithm, Scope, explain, presign, sign};
use super::signer::{SessionToken, Signer, SigningParams};
use crate::credentials::Credentials;
use crate::encoding::hex;
use crate::error::Result;
use crate::http::Request;
use crate::sync::lock;

const NAME: &str = "AWS4-HMAC-SHA256";
/// The number of cached signing keys; the oldest is dropped first. Our choice: there is one key per credentials and
/// scope (day, region, service), so a client uses one or a few at a time, and a linear search over 16 is cheap.
const MAX_SIGNING_KEYS: usize = 16;

/// Signature Version 4.
#[derive(Default)]
pub struct SigV4 {
    keys: Mutex<Vec<SigningKey>>,
}

struct SigningKey {
    day: [u8; 8],
    region: String,
    service: String,
    access_key_id: String,
    secret_access_key: String,
    key: [u8; 32],
}

impl SigV4 {
    /// A signer without cached keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Computes again what was signed in a signed request, to find out why a service rejects the signature. `presigned`
    /// is true if [`presign`](Signer::presign) signed it, false if [`sign`](Signer::sign) did.
    ///
    /// # Errors
    /// As [`sign`](Signer::sign).
    pub fn explain(
        &self,
        request: &Request,
        credentials: &Credentials,
        params: &SigningParams<'_>,
        presigned: bool,
    ) -> Result<CanonicalRequest> {
        explain(self, request, credentials, params, presigned)
    }

    /// Signs a message in the body of a request that was signed as [`Payload::Events`](super::Payload::Events). The
    /// signature covers the message's encoded `headers`, its `payload`, and the `prior` signature: that of the message
    /// before it, or of the request for the first message. Both signatures are in hex.
    ///
    /// # Errors
    /// As [`sign`](Signer::sign).
    pub fn sign_event(
        &self,
        credentials: &Credentials,
        params: &SigningParams<'_>,
        prior: &str,
        headers: &[u8],
        payload: &[u8],
    ) -> Result<String> {
        let scope = Scope::new(self, credentials, params)?;
        let mut string_to_sign = format!("AWS4-HMAC-SHA256-PAYLOAD\n{}\n", scope.date.as_str());
        scope.push_scope(&mut string_to_sign);
        for part in [prior, &hex::encode(Sha256::digest(headers)), &hex::encode(Sha256::digest(payload))] {
            string_to_sign.push('\n');
            string_to_sign.push_str(part);
        }
        self.signature(&scope, &string_to_sign)
    }

    /// Signs a presigned POST. Returns its form fields: algorithm, credential, date, the session token if there is one,
    /// the policy, and its signature. `policy` receives the fields before the policy, which must be among its
    /// conditions, and returns the policy document in base64.
    ///
    /// # Errors
    /// As [`sign`](Signer::sign).
    pub fn sign_policy(
        &self,
        credentials: &Credentials,
        params: &SigningParams<'_>,
        policy: impl FnOnce(&[(&'static str, String)]) -> String,
    ) -> Result<Vec<(&'static str, String)>> {
        let scope = Scope::new(self, credentials, params)?;
        let mut credential = format!("{}/", credentials.access_key_id());
        scope.push_scope(&mut credential);
        let mut fields = vec![
            ("x-amz-algorithm", NAME.to_owned()),
            ("x-amz-credential", credential),
            ("x-amz-date", scope.date.as_str().to_owned()),
        ];
        let token_field = match params.session_token {
            // As botocore spells it (`auth.py`, `S3ExpressPostAuth`).
            SessionToken::S3Express => "X-Amz-S3session-Token",
            SessionToken::Signed | SessionToken::Unsigned => "x-amz-security-token",
        };
        fields.extend(credentials.session_token().map(|it| (token_field, it.to_owned())));
        let policy = policy(&fields);
        let signature = self.signature(&scope, &policy)?;
        fields.extend([("policy", policy), ("x-amz-signature", signature)]);
        Ok(fields)
    }
}

impl Algorithm for SigV4 {
    fn name(&self) -> &'static str {
        NAME
    }

    fn signature(&self, scope: &Scope<'_>, string_to_sign: &str) -> Result<String> {
        let (params, credentials) = (scope.params, scope.credentials);
        let day = scope.date.day().as_bytes();
        let mut keys = lock(&self.keys);
        let cached = keys.iter().find(|it| {
            it.day == day
                && it.access_key_id == credentials.access_key_id()
                && it.region == params.region
                && it.service == params.service
                && it.secret_access_key == credentials.secret_access_key()
        });
        if let Some(cached) = cached {
            let key = cached.key;
            drop(keys);
            return Ok(calculate_signature(key, string_to_sign.as_bytes()));
        }
        let key = generate_signing_key(credentials.secret_access_key(), params.time, params.region, params.service);
        let signature = calculate_signature(&key, string_to_sign.as_bytes());
        if let (Ok(key), Ok(day)) = (key.as_ref().try_into(), day.try_into()) {
            if keys.len() == MAX_SIGNING_KEYS {
                keys.remove(0);
            }
            keys.push(SigningKey {
                day,
                region: params.region.to_owned(),
                service: params.service.to_owned(),
                access_key_id: credentials.access_key_id().to_owned(),
                secret_access_key: credentials.secret_access_key().to_owned(),
                key,
            });
        }
        Ok(signature)
    }
}

impl Signer for SigV4 {
    fn sign(&self, request: &mut Request, credentials: &Credentials, params: &SigningParams<'_>) -> Result<()> {
        sign(self, request, credentials, params)
    }

    fn presign(
        &self,
        request: &mut Request,
        credentials: &Credentials,
        params: &SigningParams<'_>,
        expires: Duration,
    ) -> Result<()> {
        presign(self, request, credentials, params, expires)
    }
}

impl fmt::Debug for SigV4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigV4")
    }
}

#[cfg(test)]
#[path = "sigv4_tests.rs"]
mod tests;
