//! Signature Version 4, in headers and in the query of presigned URLs. Keys and signatures are computed by aws-sigv4;
//! the canonical request is written directly from our request, and signing keys are cached. Knows no service.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use super::canonical::{self, CanonicalRequest, PathRules};
use super::date::Date;
use super::signer::{SessionToken, Signer, SigningParams, check_expiry};
use crate::credentials::Credentials;
use crate::encoding::hex;
use crate::http::{Request, Url};
use crate::sync::lock;
use crate::{Error, ErrorKind, Result};

const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const X_AMZ_CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const X_AMZ_S3SESSION_TOKEN: HeaderName = HeaderName::from_static("x-amz-s3session-token");
/// The number of cached signing keys; the oldest is dropped first. Our choice: there is one key per credentials and
/// scope (day, region, service), so a client uses one or a few at a time, and a linear search over 16 is cheap.
const MAX_SIGNING_KEYS: usize = 16;

// The parts of the header `authorization`.
const BEGIN: &str = "AWS4-HMAC-SHA256 Credential=";
const SIGNED_HEADERS: &str = ", SignedHeaders=";
const SIGNATURE: &str = ", Signature=";
const SCOPE_END: &str = "/aws4_request";

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

/// The parts of a signature that do not depend on the request.
struct Scope<'a> {
    date: Date,
    params: &'a SigningParams<'a>,
    credentials: &'a Credentials,
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
        let scope = Scope::new(credentials, params)?;
        let mut url = request.url.clone();
        let exclude = scope.excluded_headers();
        if presigned {
            let added_after_signing = if params.session_token == SessionToken::Unsigned {
                &["X-Amz-Signature", "X-Amz-Security-Token"][..]
            } else {
                &["X-Amz-Signature"]
            };
            url = without_parameters(&url, added_after_signing)?;
        }
        let signed = canonical::signed_headers(&request.headers, &exclude);
        let payload = params.payload.signed_value(&request.body)?;
        let (method, rules) = (request.method.as_str(), scope.path_rules());
        let canonical = canonical::write(method, &url, rules, None, &request.headers, &signed, payload.as_bytes());
        let string_to_sign = scope.string_to_sign(&canonical);
        let signature = self.signature(&scope, &string_to_sign);
        let canonical_request = String::from_utf8_lossy(&canonical).into_owned();
        Ok(CanonicalRequest { canonical_request, string_to_sign, signature })
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
        let scope = Scope::new(credentials, params)?;
        let mut string_to_sign = format!("AWS4-HMAC-SHA256-PAYLOAD\n{}\n", scope.date.as_str());
        scope.push_scope(&mut string_to_sign);
        for part in [prior, &hex::encode(Sha256::digest(headers)), &hex::encode(Sha256::digest(payload))] {
            string_to_sign.push('\n');
            string_to_sign.push_str(part);
        }
        Ok(self.signature(&scope, &string_to_sign))
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
        let scope = Scope::new(credentials, params)?;
        let mut credential = format!("{}/", credentials.access_key_id());
        scope.push_scope(&mut credential);
        let mut fields = vec![
            ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential", credential),
            ("x-amz-date", scope.date.as_str().to_owned()),
        ];
        fields.extend(credentials.session_token().map(|it| ("x-amz-security-token", it.to_owned())));
        let policy = policy(&fields);
        let signature = self.signature(&scope, &policy);
        fields.extend([("policy", policy), ("x-amz-signature", signature)]);
        Ok(fields)
    }

    fn signature(&self, scope: &Scope<'_>, string_to_sign: &str) -> String {
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
            return calculate_signature(key, string_to_sign.as_bytes());
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
        signature
    }
}

impl Signer for SigV4 {
    fn sign(&self, request: &mut Request, credentials: &Credentials, params: &SigningParams<'_>) -> Result<()> {
        let scope = Scope::new(credentials, params)?;
        let payload = params.payload.signed_value(&request.body)?;
        let headers = &mut request.headers;
        headers.insert(X_AMZ_DATE, header_value(scope.date.as_str(), "date")?);
        if params.content_sha256_header {
            let value = payload.header_value().map_err(|it| invalid_header_value("payload hash", it))?;
            headers.insert(X_AMZ_CONTENT_SHA256, value);
        }
        if let Some(token) = credentials.session_token() {
            headers.insert(scope.token_header(), sensitive_header_value(token.to_owned(), "session token")?);
        }
        let exclude = scope.excluded_headers();
        let signed = canonical::signed_headers(headers, &exclude);
        let (method, rules) = (request.method.as_str(), scope.path_rules());
        let canonical = canonical::write(method, &request.url, rules, None, headers, &signed, payload.as_bytes());
        let signature = self.signature(&scope, &scope.string_to_sign(&canonical));
        // Of exactly this length: a header takes over a string without spare capacity as it is.
        let names: usize = signed.iter().map(|it| it.len() + 1).sum();
        let (id, others) = (credentials.access_key_id(), BEGIN.len() + SIGNED_HEADERS.len() + SIGNATURE.len());
        let len = others + id.len() + scope.len() + names + signature.len();
        let mut authorization = String::with_capacity(len);
        authorization.push_str(BEGIN);
        authorization.push_str(id);
        authorization.push('/');
        scope.push_scope(&mut authorization);
        authorization.push_str(SIGNED_HEADERS);
        for (i, name) in signed.iter().enumerate() {
            if i > 0 {
                authorization.push(';');
            }
            authorization.push_str(name);
        }
        authorization.push_str(SIGNATURE);
        authorization.push_str(&signature);
        debug_assert_eq!(authorization.len(), len);
        headers.insert(AUTHORIZATION, sensitive_header_value(authorization, "access key id")?);
        Ok(())
    }

    fn presign(
        &self,
        request: &mut Request,
        credentials: &Credentials,
        params: &SigningParams<'_>,
        expires: Duration,
    ) -> Result<()> {
        let expires = check_expiry(expires)?;
        let scope = Scope::new(credentials, params)?;
        let payload = params.payload.signed_value(&request.body)?;
        let headers = &mut request.headers;
        // The query contains these values.
        for name in [X_AMZ_DATE, X_AMZ_CONTENT_SHA256, X_AMZ_SECURITY_TOKEN, X_AMZ_S3SESSION_TOKEN, AUTHORIZATION] {
            headers.remove(name);
        }
        let unsigned: Vec<HeaderName> = headers
            .keys()
            .filter(|it| canonical::is_unsigned(it.as_str()) || params.exclude.contains(&it.as_str()))
            .cloned()
            .collect();
        for name in unsigned {
            headers.remove(name);
        }
        let signed = canonical::signed_headers(headers, &[]);
        let mut query = Vec::with_capacity(512);
        query.extend_from_slice(b"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=");
        let mut credential = format!("{}/", credentials.access_key_id());
        scope.push_scope(&mut credential);
        canonical::push_encoded(&mut query, &credential);
        query.extend_from_slice(format!("&X-Amz-Date={}&X-Amz-Expires={expires}", scope.date.as_str()).as_bytes());
        query.extend_from_slice(b"&X-Amz-SignedHeaders=");
        let mut joined = Vec::new();
        canonical::push_joined(&mut joined, &signed);
        canonical::push_encoded(&mut query, &String::from_utf8_lossy(&joined));
        let token = credentials.session_token().map(|token| {
            let name: &[u8] = match params.session_token {
                SessionToken::S3Express => b"&X-Amz-S3session-Token=",
                SessionToken::Signed | SessionToken::Unsigned => b"&X-Amz-Security-Token=",
            };
            let mut pair = name.to_vec();
            canonical::push_encoded(&mut pair, token);
            pair
        });
        let (signed_token, unsigned_token) = match params.session_token {
            SessionToken::Unsigned => (None, token),
            SessionToken::Signed | SessionToken::S3Express => (token, None),
        };
        query.extend_from_slice(&signed_token.unwrap_or_default());
        let mut query = String::from_utf8_lossy(&query).into_owned();
        let (method, rules) = (request.method.as_str(), scope.path_rules());
        let canonical =
            canonical::write(method, &request.url, rules, Some(&query), headers, &signed, payload.as_bytes());
        let signature = self.signature(&scope, &scope.string_to_sign(&canonical));
        query.push_str(&String::from_utf8_lossy(&unsigned_token.unwrap_or_default()));
        query.push_str("&X-Amz-Signature=");
        query.push_str(&signature);
        request.url.push_query(&query);
        Ok(())
    }
}

impl fmt::Debug for SigV4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigV4")
    }
}

impl<'a> Scope<'a> {
    fn new(credentials: &'a Credentials, params: &'a SigningParams<'a>) -> Result<Self> {
        let parts = [
            (credentials.access_key_id(), "the access key id"),
            (credentials.secret_access_key(), "the secret access key"),
            (params.region, "the signing region"),
            (params.service, "the signing name of the service"),
        ];
        if let Some((_, what)) = parts.iter().find(|(part, _)| part.is_empty()) {
            return Err(Error::new(ErrorKind::Signing, format!("{what} is empty")));
        }
        Ok(Self { date: Date::from_time(params.time)?, params, credentials })
    }

    /// Appends the credential scope: `20150830/us-east-1/service/aws4_request`.
    fn push_scope(&self, out: &mut String) {
        for part in [self.date.day(), "/", self.params.region, "/", self.params.service, SCOPE_END] {
            out.push_str(part);
        }
    }

    /// The length of the credential scope.
    fn len(&self) -> usize {
        self.date.day().len() + self.params.region.len() + self.params.service.len() + SCOPE_END.len() + 2
    }

    fn string_to_sign(&self, canonical: &[u8]) -> String {
        let mut out = String::with_capacity(192);
        out.push_str("AWS4-HMAC-SHA256\n");
        out.push_str(self.date.as_str());
        out.push('\n');
        self.push_scope(&mut out);
        out.push('\n');
        out.extend(hex::of_sha256(&Sha256::digest(canonical).into()).map(char::from));
        out
    }

    fn path_rules(&self) -> PathRules {
        PathRules { normalize: self.params.normalize_path, double_encode: self.params.double_encode }
    }

    fn token_header(&self) -> HeaderName {
        match self.params.session_token {
            SessionToken::S3Express => X_AMZ_S3SESSION_TOKEN,
            SessionToken::Signed | SessionToken::Unsigned => X_AMZ_SECURITY_TOKEN,
        }
    }

    /// The headers that are not signed, besides those that are never signed.
    fn excluded_headers(&self) -> Vec<&'a str> {
        let mut names = self.params.exclude.to_vec();
        if self.params.session_token == SessionToken::Unsigned {
            names.push("x-amz-security-token");
        }
        names
    }
}

/// `url` without the query parameters `names`.
fn without_parameters(url: &Url, names: &[&str]) -> Result<Url> {
    let (base, query) = url.as_str().split_once('?').unwrap_or((url.as_str(), ""));
    let pairs: Vec<&str> =
        query.split('&').filter(|pair| !names.contains(&pair.split('=').next().unwrap_or_default())).collect();
    Url::join(base, "", &pairs.join("&"))
}

fn header_value(value: &str, what: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(value).map_err(|e| invalid_header_value(what, e))
}

fn sensitive_header_value(value: String, what: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(value).map_err(|e| invalid_header_value(what, e))?;
    value.set_sensitive(true);
    Ok(value)
}

fn invalid_header_value(what: &str, source: http::header::InvalidHeaderValue) -> Error {
    Error::new(ErrorKind::Signing, format!("the {what} contains characters that are not allowed in a header"))
        .with_source(source)
}

#[cfg(test)]
#[path = "sigv4_tests.rs"]
mod tests;
