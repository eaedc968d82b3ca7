//! Signs policies, and puts signature and policy into URLs and cookies. Knows no kind of key.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use aws_core::{Error, ErrorKind, Result, Timestamp};

use crate::policy::{Policy, check_characters, invalid};

/// The hash that a signature is made over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HashAlgorithm {
    /// SHA-1: what CloudFront assumes of a URL or cookies that name none.
    #[default]
    Sha1,
    /// SHA-256, which CloudFront accepts since April 2026. The URL or the cookies name it.
    Sha256,
}

pub(crate) type Sign = dyn Fn(&[u8], HashAlgorithm) -> Result<Vec<u8>, Box<dyn StdError + Send + Sync>> + Send + Sync;

/// The query parameters of a signed URL, which CloudFront reserves.
const PARAMETERS: [&str; 5] = ["Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"];

/// Signs URLs and cookies with one key. Cheap to clone; `Debug` shows the id of the key only.
#[derive(Clone)]
pub struct Signer {
    key_pair_id: String,
    hash: HashAlgorithm,
    sign: Arc<Sign>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Signer");
        out.field("key_pair_id", &self.key_pair_id).field("hash", &self.hash).finish_non_exhaustive()
    }
}

impl Signer {
    /// A signer of your own: `sign` returns the signature of the bytes of a policy, RSA's of PKCS #1 v1.5 or ECDSA's in
    /// DER, over their SHA-1 or what [`hash`](Self::hash) names. `key_pair_id` is the id of the public key in CloudFront.
    ///
    /// The private key can stay with a process, a device or AWS KMS, whose keys sign with SHA-256.
    pub fn new<E: Into<Box<dyn StdError + Send + Sync>>>(
        key_pair_id: impl Into<String>,
        sign: impl Fn(&[u8]) -> Result<Vec<u8>, E> + Send + Sync + 'static,
    ) -> Self {
        Self::from_sign(key_pair_id.into(), Arc::new(move |message: &[u8], _| sign(message).map_err(Into::into)))
    }

    pub(crate) fn from_sign(key_pair_id: String, sign: Arc<Sign>) -> Self {
        Self { key_pair_id, hash: HashAlgorithm::default(), sign }
    }

    /// Sets the hash of the signatures. By default SHA-1, as in botocore. The closure of [`new`](Self::new) must use it, too;
    /// a signer of `from_pem` does.
    #[must_use]
    pub fn hash(mut self, hash: HashAlgorithm) -> Self {
        self.hash = hash;
        self
    }

    /// Signs a URL that is valid until `expires`, by a canned policy: for this URL alone, from anywhere.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] if the URL is not absolute, not percent-encoded or signed already, or if `expires` is
    /// before 1970; [`ErrorKind::Signing`] if the signature cannot be made.
    pub fn sign_url(&self, url: &str, expires: Timestamp) -> Result<String> {
        check_url(url)?;
        let policy = Policy::new(url, expires).to_json()?;
        Ok(add_to_url(url, self.signed(&policy, [("Expires", expires.as_secs().to_string())])?))
    }

    /// Signs a URL by a policy of its own, which may allow more URLs than this one.
    ///
    /// # Errors
    /// As [`sign_url`](Self::sign_url), and if the policy is not valid.
    pub fn sign_url_with(&self, url: &str, policy: &Policy) -> Result<String> {
        check_url(url)?;
        let policy = policy.to_json()?;
        Ok(add_to_url(url, self.signed(&policy, [("Policy", encode(policy.as_bytes()))])?))
    }

    /// The cookies that allow one URL until `expires`, by a canned policy.
    ///
    /// # Errors
    /// As [`sign_url`](Self::sign_url).
    pub fn sign_cookies(&self, url: &str, expires: Timestamp) -> Result<Cookies> {
        check_url(url)?;
        let policy = Policy::new(url, expires).to_json()?;
        Ok(Cookies::new(self.signed(&policy, [("Expires", expires.as_secs().to_string())])?))
    }

    /// The cookies of a policy of its own, such as one for all files of a path.
    ///
    /// # Errors
    /// As [`sign_url_with`](Self::sign_url_with).
    pub fn sign_cookies_with(&self, policy: &Policy) -> Result<Cookies> {
        let policy = policy.to_json()?;
        Ok(Cookies::new(self.signed(&policy, [("Policy", encode(policy.as_bytes()))])?))
    }

    /// The names and values of a signed policy; `first` is the policy itself, or what CloudFront rebuilds it from.
    fn signed(&self, policy: &str, first: [(&'static str, String); 1]) -> Result<Vec<(&'static str, String)>> {
        let is_id = !self.key_pair_id.is_empty() && self.key_pair_id.bytes().all(|it| it.is_ascii_alphanumeric());
        if !is_id {
            let why = "expected the id of a public key in CloudFront, such as K2JCJMDEHXQW5F";
            return Err(invalid(format!("the key pair id {:?} is not valid: {why}", self.key_pair_id)));
        }
        let signature = (self.sign)(policy.as_bytes(), self.hash).map_err(|cause| match cause.downcast::<Error>() {
            Ok(error) => *error,
            Err(cause) => {
                Error::new(ErrorKind::Signing, format!("cannot sign the CloudFront policy: {cause}")).with_source(cause)
            }
        })?;
        let mut signed = Vec::from(first);
        signed.extend([("Signature", encode(&signature)), ("Key-Pair-Id", self.key_pair_id.clone())]);
        if self.hash == HashAlgorithm::Sha256 {
            signed.push(("Hash-Algorithm", "SHA256".to_owned()));
        }
        Ok(signed)
    }
}

/// Signed cookies: send each as a `Set-Cookie` header, with `Secure`, `HttpOnly`, and the `Domain` and `Path` that the
/// files have. `Debug` hides the values.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookies(Vec<(String, String)>);

impl Cookies {
    fn new(signed: Vec<(&'static str, String)>) -> Self {
        Self(signed.into_iter().map(|(name, value)| (format!("CloudFront-{name}"), value)).collect())
    }

    /// The cookies as pairs of name and value, in the order of CloudFront's documentation. Values need no quotes.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of a cookie, such as that of `CloudFront-Signature`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(it, _)| *it == name).map(|(_, value)| value)
    }
}

impl IntoIterator for Cookies {
    type Item = (String, String);
    type IntoIter = std::vec::IntoIter<(String, String)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// Checks a URL that is to be signed. An error leaves out its query, which may hold secrets.
fn check_url(url: &str) -> Result<()> {
    let shown = url.split('?').next().unwrap_or_default();
    let fail = |why: &str| Err(invalid(format!("the URL {shown:?} {why}")));
    if let Err(why) = check_characters(url) {
        return fail(why);
    }
    let is_absolute = ["https://", "http://"].iter().any(|it| url.len() > it.len() && url.starts_with(it));
    if !is_absolute {
        return fail("is not absolute: it must begin with https:// or http:// and have a host");
    }
    let mut pairs = url.split_once('?').map_or("", |(_, query)| query).split('&');
    let name_of = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    match pairs.find(|pair| PARAMETERS.contains(&&*name_of(pair))) {
        Some(pair) => fail(&format!("has the query parameter {}, which CloudFront reserves", name_of(pair))),
        None => Ok(()),
    }
}

fn add_to_url(url: &str, signed: Vec<(&'static str, String)>) -> String {
    let mut out = url.to_owned();
    for (name, value) in signed {
        out.push(if out.contains('?') { '&' } else { '?' });
        out.push_str(name);
        out.push('=');
        out.push_str(&value);
    }
    out
}

/// Base64 with the characters that CloudFront has in place of those that URLs and cookies reserve.
fn encode(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes).replace('+', "-").replace('=', "_").replace('/', "~")
}
