//! Proofs of possession (DPoP, RFC 9449): a request tells, signed with a key of its own, where it goes and when. Knows
//! elliptic keys and HTTP requests, not what they are proved for.

use std::fmt;
use std::sync::Arc;

use serde_json::json;

use crate::auth::Clock;
use crate::http::{BoxFuture, HeaderValue, HttpClient, HttpError, HttpErrorKind, Request, Response};
use crate::retry::Random;
use crate::text::{base64, uuid};

/// A private key on the curve P-256, with its public point.
#[derive(Clone)]
pub(super) struct Key {
    private: Arc<[u8]>,
    /// x and y, 32 bytes each.
    point: [u8; 64],
}

impl Key {
    /// Reads a key in PEM, of PKCS #8 or SEC 1. The problem quotes nothing.
    pub(super) fn from_pem(pem: &str) -> Result<Self, &'static str> {
        let text: String = pem.lines().map(str::trim).filter(|it| !it.starts_with("-----")).collect();
        let der = base64::decode(text).map_err(|_| "is no PEM")?;
        Self::from_der(&der).ok_or("is no private key on P-256 with its public part")
    }

    fn from_der(der: &[u8]) -> Option<Self> {
        let (mut rest, _) = element(der, 0x30)?;
        let (version, after) = element(rest, 0x02)?;
        rest = after;
        if version == [0] {
            // PKCS #8: algorithm, then the key of SEC 1 inside.
            let (_, after) = element(rest, 0x30)?;
            let (inner, _) = element(after, 0x04)?;
            return Self::from_der(inner).filter(|_| inner.first() == Some(&0x30));
        }
        let (private, mut rest) = element(rest, 0x04)?;
        // Optional parameters, then the public point.
        if let Some((_, after)) = element(rest, 0xa0) {
            rest = after;
        }
        let (bits, _) = element(element(rest, 0xa1)?.0, 0x03)?;
        let [0, 4, point @ ..] = bits else { return None };
        (private.len() == 32).then_some(Self { private: private.into(), point: point.try_into().ok()? })
    }

    /// The proof for a request: a signed token of header and claims.
    fn proof(&self, method: &str, url: &str, seconds: u64, id: &str) -> Result<String, &'static str> {
        let part = |value: serde_json::Value| url_base64(value.to_string().as_bytes());
        let (x, y) = self.point.split_at(32);
        let jwk = json!({ "kty": "EC", "x": url_base64(x), "y": url_base64(y), "crv": "P-256" });
        let header = part(json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk }));
        let claims = part(json!({ "htm": method, "htu": url, "iat": seconds, "jti": id }));
        let signed = format!("{header}.{claims}");
        let signature = url_base64(&self.sign(signed.as_bytes())?);
        Ok(format!("{signed}.{signature}"))
    }

    #[cfg(feature = "rustls")]
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, &'static str> {
        use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
        let random = ring::rand::SystemRandom::new();
        let public = [&[4], &self.point[..]].concat();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &self.private, &public, &random);
        let pair = pair.map_err(|_| "does not fit its public part")?;
        let signature = pair.sign(&random, message).map_err(|_| "cannot sign: the system gives no random numbers")?;
        Ok(signature.as_ref().to_vec())
    }

    #[cfg(not(feature = "rustls"))]
    fn sign(&self, _message: &[u8]) -> Result<Vec<u8>, &'static str> {
        let _ = &self.private;
        Err("cannot sign: the crate is built without its feature `rustls`, which has the algorithm")
    }
}

/// The content of a DER element and what follows it.
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

/// Connections whose requests carry a proof, each attempt its own.
pub(super) struct Proving {
    pub(super) inner: Arc<dyn HttpClient>,
    pub(super) key: Key,
    pub(super) clock: Clock,
    pub(super) random: Random,
}

impl HttpClient for Proving {
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
            Ok(Err(_)) => refuse("cannot stand in a header"),
            Err(problem) => refuse(problem),
        }
    }
}

fn refuse(problem: &str) -> BoxFuture<'_, Result<Response, HttpError>> {
    let error = HttpError::new(HttpErrorKind::Other, format!("the key of the login {problem}"));
    Box::pin(std::future::ready(Err(error)))
}

impl fmt::Debug for Proving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proving").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}

#[cfg(all(test, feature = "rustls"))]
pub(super) use tests::PKCS8 as TEST_KEY;

#[cfg(all(test, feature = "rustls"))]
mod tests {
    use super::*;

    /// Made for this test with openssl; signs nothing else.
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
    fn proofs_are_signed_by_the_key() {
        for pem in [PKCS8, SEC1] {
            let key = Key::from_pem(pem).expect("a key");
            let proof = key.proof("POST", "https://h/v1/token", 7, "id").expect("signed");
            let parts: Vec<_> = proof.split('.').collect();
            let decode = |part: &str| {
                let mut text = part.replace('-', "+").replace('_', "/");
                text.push_str(&"=".repeat((4 - text.len() % 4) % 4));
                base64::decode(text).expect("base64")
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
            let signed = format!("{}.{}", parts[0], parts[1]);
            public.verify(signed.as_bytes(), &decode(parts[2])).expect("the signature is the key's");
        }
    }

    #[test]
    fn keys_that_are_none() {
        let check = |pem: &str, expect: &str| assert_eq!(Key::from_pem(pem).err(), Some(expect), "{pem}");
        check("-----BEGIN X-----\n%%%\n", "is no PEM");
        check("", "is no private key on P-256 with its public part");
        check("MHcCAQ==", "is no private key on P-256 with its public part");
        check("MIIBAA==", "is no private key on P-256 with its public part");
        let whole = base64::decode(PKCS8.lines().filter(|it| !it.starts_with('-')).collect::<String>()).expect("PEM");
        for end in 0..whole.len() {
            assert!(Key::from_der(&whole[..end]).is_none(), "{end}");
        }
        assert_eq!(format!("{:?}", Key::from_pem(SEC1).expect("a key")), "Key(***)");
    }
}
