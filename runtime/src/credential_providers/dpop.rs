//! Proofs of possession (DPoP, RFC 9449): a header with the request's method, URL and time, signed with a private key.
//! Knows P-256 keys and HTTP requests, but no service.

use std::fmt;
use std::sync::Arc;

use serde_json::json;

use crate::BoxFuture;
use crate::auth::Clock;
use crate::encoding::{base64, uuid};
use crate::http::{HeaderValue, HttpClient, HttpError, HttpErrorKind, Request, Response};
use crate::retry::Random;

/// A private key on the curve P-256, with its public point.
#[derive(Clone)]
pub(super) struct Key {
    private: Arc<[u8]>,
    /// x and y, 32 bytes each.
    point: [u8; 64],
}

impl Key {
    /// Reads a key in PEM format, PKCS #8 or SEC 1. The error quotes nothing of it.
    pub(super) fn from_pem(pem: &str) -> Result<Self, &'static str> {
        let body: String = pem.lines().map(str::trim).filter(|it| !it.starts_with("-----")).collect();
        let der = base64::decode(body).map_err(|_| "is not PEM")?;
        Self::from_der(&der).ok_or("is not a P-256 private key with its public key")
    }

    fn from_der(der: &[u8]) -> Option<Self> {
        let (mut rest, _) = element(der, 0x30)?;
        let (version, after) = element(rest, 0x02)?;
        rest = after;
        if version == [0] {
            // PKCS #8: the algorithm, then the SEC 1 key inside an octet string.
            let (_, after) = element(rest, 0x30)?;
            let (inner, _) = element(after, 0x04)?;
            return Self::from_der(inner).filter(|_| inner.first() == Some(&0x30));
        }
        let (private, mut rest) = element(rest, 0x04)?;
        // The optional parameters, then the public point.
        if let Some((_, after)) = element(rest, 0xa0) {
            rest = after;
        }
        let (bits, _) = element(element(rest, 0xa1)?.0, 0x03)?;
        let [0, 4, point @ ..] = bits else { return None };
        (private.len() == 32).then_some(Self { private: private.into(), point: point.try_into().ok()? })
    }

    /// The proof for a request: a JSON Web Token, signed with ES256.
    fn proof(&self, method: &str, url: &str, seconds: u64, id: &str) -> Result<String, &'static str> {
        let part = |value: serde_json::Value| url_base64(value.to_string().as_bytes());
        let (x, y) = self.point.split_at(32);
        let jwk = json!({ "kty": "EC", "x": url_base64(x), "y": url_base64(y), "crv": "P-256" });
        let header = part(json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk }));
        let claims = part(json!({ "htm": method, "htu": url, "iat": seconds, "jti": id }));
        let message = format!("{header}.{claims}");
        let signature = url_base64(&self.sign(message.as_bytes())?);
        Ok(format!("{message}.{signature}"))
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, &'static str> {
        use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
        let random = ring::rand::SystemRandom::new();
        let public = [&[4], &self.point[..]].concat();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &self.private, &public, &random);
        let pair = pair.map_err(|_| "does not match its public key")?;
        let signature = pair.sign(&random, message).map_err(|_| "cannot sign: the system returns no random numbers")?;
        Ok(signature.as_ref().to_vec())
    }
}

/// The content of a DER element, and the bytes after it. `None` if the element has another tag or is malformed.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => (usize::from(*rest.first()?), &rest[1..]),
        0x82 => (usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])), &rest[2..]),
        _ => return None,
    };
    (found == tag).then_some(())?;
    rest.split_at_checked(length)
}

fn url_base64(bytes: &[u8]) -> String {
    base64::encode(bytes).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

/// An HTTP client that adds a new proof to each attempt, in the header `DPoP`.
pub(super) struct DpopClient {
    pub(super) inner: Arc<dyn HttpClient>,
    pub(super) key: Key,
    pub(super) clock: Clock,
    pub(super) random: Random,
}

impl HttpClient for DpopClient {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        let time = self.clock.now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let id = uuid::v4(self.random.bits());
        let proof = self.key.proof(request.method.as_str(), request.url.as_str(), time.as_secs(), &id);
        match proof.map(HeaderValue::try_from) {
            Ok(Ok(mut proof)) => {
                proof.set_sensitive(true);
                request.headers.insert("dpop", proof);
                self.inner.send(request)
            }
            Ok(Err(_)) => fail("makes a proof that cannot be sent in a header"),
            Err(problem) => fail(problem),
        }
    }
}

fn fail(problem: &str) -> BoxFuture<'_, Result<Response, HttpError>> {
    let error = HttpError::new(HttpErrorKind::Other, format!("the DPoP key of the login {problem}"));
    Box::pin(std::future::ready(Err(error)))
}

impl fmt::Debug for DpopClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopClient").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}

#[cfg(test)]
pub(super) use tests::PKCS8 as TEST_KEY;

#[cfg(test)]
mod tests {
    use super::*;

    /// Generated for this test with openssl; used nowhere else.
    pub(crate) const PKCS8: &str = "-----BEGIN PRIVATE KEY-----\n\
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCbo4XYK5dUQisyjP\n\
        iYdJyMqnbZgjThV3YX+jwW7RZ2GhRANCAASayKQIpiiQUt0mxPm+6lU6MqKItpsK\n\
        XtVMOCAiI5/laiz2v8GnRKv0VFYOw2w9s8pjGnV9Owu/WcB8sYfiy3Km\n\
        -----END PRIVATE KEY-----";
    const SEC1: &str = "-----BEGIN EC PRIVATE KEY-----\n\
        MHcCAQEEIAm6OF2CuXVEIrMoz4mHScjKp22YI04Vd2F/o8Fu0WdhoAoGCCqGSM49\n\
        AwEHoUQDQgAEmsikCKYokFLdJsT5vupVOjKiiLabCl7VTDggIiOf5Wos9r/Bp0Sr\n\
        9FRWDsNsPbPKYxp1fTsLv1nAfLGH4stypg==\n\
        -----END EC PRIVATE KEY-----";

    #[test]
    fn proofs_are_signed_with_the_key() {
        for pem in [PKCS8, SEC1] {
            let key = Key::from_pem(pem).expect("a key");
            let proof = key.proof("POST", "https://h/v1/token", 7, "id").expect("signed");
            let parts: Vec<_> = proof.split('.').collect();
            let decode = |part: &str| {
                let mut encoded = part.replace('-', "+").replace('_', "/");
                encoded.push_str(&"=".repeat((4 - encoded.len() % 4) % 4));
                base64::decode(encoded).expect("base64")
            };
            let claims: serde_json::Value = serde_json::from_slice(&decode(parts[1])).expect("JSON");
            assert_eq!(claims, json!({ "htm": "POST", "htu": "https://h/v1/token", "iat": 7, "jti": "id" }));
            let header: serde_json::Value = serde_json::from_slice(&decode(parts[0])).expect("JSON");
            assert_eq!((&header["typ"], &header["alg"]), (&json!("dpop+jwt"), &json!("ES256")));
            let point = [
                vec![4],
                decode(header["jwk"]["x"].as_str().expect("x")),
                decode(header["jwk"]["y"].as_str().expect("y")),
            ];
            let public =
                ring::signature::UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_FIXED, point.concat());
            let message = format!("{}.{}", parts[0], parts[1]);
            public.verify(message.as_bytes(), &decode(parts[2])).expect("a signature of the key");
        }
    }

    #[test]
    fn malformed_keys_are_rejected() {
        let check = |pem: &str, expect: &str| assert_eq!(Key::from_pem(pem).err(), Some(expect), "{pem}");
        check("-----BEGIN X-----\n%%%\n", "is not PEM");
        check("", "is not a P-256 private key with its public key");
        check("MHcCAQ==", "is not a P-256 private key with its public key");
        check("MIIBAA==", "is not a P-256 private key with its public key");
        let der = base64::decode(PKCS8.lines().filter(|it| !it.starts_with('-')).collect::<String>()).expect("PEM");
        for end in 0..der.len() {
            assert!(Key::from_der(&der[..end]).is_none(), "{end}");
        }
        assert_eq!(format!("{:?}", Key::from_pem(SEC1).expect("a key")), "Key(***)");
    }
}
