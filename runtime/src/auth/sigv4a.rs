//! Signature Version 4A: signatures by an elliptic-curve key, valid in a set of regions. A key belongs to credentials alone,
//! and is derived once for them; signatures are computed by p256. Knows no service, and not what is signed of a request.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use aws_sigv4::sign::v4::calculate_signature as hmac_sha256;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};

use super::canonical::CanonicalRequest;
use super::signed_request::{Algorithm, Scope, explain, presign, sign};
use super::signer::{Signer, SigningParams};
use crate::credentials::Credentials;
use crate::encoding::hex;
use crate::error::{Error, ErrorKind, Result};
use crate::http::Request;
use crate::sync::lock;

const NAME: &str = "AWS4-ECDSA-P256-SHA256";
/// The number of cached keys; the oldest is dropped first. Our choice: a client uses one set of credentials at a time, and
/// the one before while it is refreshed.
const MAX_KEYS: usize = 4;

/// Signature Version 4A. `SigningParams::region` is the set of regions, separated by commas; `*` stands for all.
#[derive(Default)]
pub struct SigV4a {
    keys: Mutex<Vec<(Credentials, SigningKey)>>,
}

impl SigV4a {
    /// A signer without cached keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// As [`SigV4::explain`](super::SigV4::explain). Implementations may compute another signature for the same string:
    /// it is verified, not compared.
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

    /// The key of these credentials.
    fn key(&self, credentials: &Credentials) -> Result<SigningKey> {
        let (id, secret) = (credentials.access_key_id(), credentials.secret_access_key());
        let mut keys = lock(&self.keys);
        // Other parts of credentials, such as the session token, are not part of the key.
        let is_same = |it: &Credentials| it.access_key_id() == id && it.secret_access_key() == secret;
        if let Some((_, key)) = keys.iter().find(|it| is_same(&it.0)) {
            return Ok(key.clone());
        }
        let key = derive_key(id, secret)?;
        if keys.len() == MAX_KEYS {
            keys.remove(0);
        }
        keys.push((credentials.clone(), key.clone()));
        Ok(key)
    }

    /// How many keys are cached.
    #[cfg(test)]
    fn cached(&self) -> usize {
        lock(&self.keys).len()
    }
}

impl Algorithm for SigV4a {
    fn name(&self) -> &'static str {
        NAME
    }

    fn has_region_set(&self) -> bool {
        true
    }

    fn signature(&self, scope: &Scope<'_>, string_to_sign: &str) -> Result<String> {
        let key = self.key(scope.credentials)?;
        let signature: Signature = key.try_sign(string_to_sign.as_bytes()).map_err(|it| {
            Error::new(ErrorKind::Signing, "cannot compute an elliptic-curve signature").with_source(it)
        })?;
        Ok(hex::encode(signature.to_der()))
    }
}

impl Signer for SigV4a {
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

impl fmt::Debug for SigV4a {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigV4a")
    }
}

/// The order of the curve P-256, less two: the largest number that becomes a key.
const ORDER_LESS_TWO: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7,
    0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x4f,
];

/// Derives the private key of credentials, as the AWS Common Runtime does (`key_derivation.c`): by the counter mode of NIST
/// SP 800-108, with another counter until the number is in the range of keys.
fn derive_key(access_key_id: &str, secret_access_key: &str) -> Result<SigningKey> {
    let secret = format!("AWS4A{secret_access_key}");
    let failed = || Error::new(ErrorKind::Signing, "cannot derive an elliptic-curve key from the credentials");
    for counter in 1..=u8::MAX {
        let mut input = Vec::with_capacity(64);
        input.extend_from_slice(&1u32.to_be_bytes());
        input.extend_from_slice(NAME.as_bytes());
        input.push(0);
        input.extend_from_slice(access_key_id.as_bytes());
        input.push(counter);
        input.extend_from_slice(&256u32.to_be_bytes());
        let digest = hex::decode(&hmac_sha256(&secret, &input))?;
        let mut number: [u8; 32] = digest.try_into().map_err(|_| failed())?;
        if number > ORDER_LESS_TWO {
            continue;
        }
        for byte in number.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                break;
            }
        }
        return SigningKey::from_slice(&number).map_err(|_| failed());
    }
    Err(failed())
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::http::{Method, Url};

    #[test]
    fn a_key_is_derived_once_for_credentials() {
        let signer = SigV4a::new();
        let first = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let sign = |credentials: &Credentials, region| {
            let params = SigningParams::new(region, "s3", SystemTime::UNIX_EPOCH);
            let mut request = Request::new(Method::GET, Url::parse("https://a.example/").expect("a URL"));
            signer.sign(&mut request, credentials, &params).expect("a signature");
            request.headers.get("x-amz-region-set").cloned().expect("a region set")
        };
        assert_eq!(sign(&first, "*"), "*");
        // Neither the regions nor a session token are part of the key.
        assert_eq!(sign(&first.clone().with_session_token("t"), "us-east-1,us-west-*"), "us-east-1,us-west-*");
        assert_eq!(signer.cached(), 1);
        sign(&Credentials::new("AKIDEXAMPLE", "another"), "*");
        assert_eq!(signer.cached(), 2);
        (0..10).for_each(|it| drop(sign(&Credentials::new(format!("A{it}"), "s"), "*")));
        assert_eq!(signer.cached(), MAX_KEYS);
    }
}
