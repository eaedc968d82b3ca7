//! Signature Version 4: in headers, and in the query of presigned URLs. Keys and signatures are computed by aws-sigv4; the
//! canonical request is written straight from ours, and the signing key of a day is kept. Knows no service.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use super::canonical::{self, CanonicalRequest, PathRules};
use super::date::Date;
use super::payload::hex;
use super::signer::{SessionToken, Signer, SigningParams, check_expiry};
use crate::credentials::Credentials;
use crate::http::{Request, Url};
use crate::{Error, ErrorKind, Result};

const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const X_AMZ_CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const X_AMZ_S3SESSION_TOKEN: HeaderName = HeaderName::from_static("x-amz-s3session-token");
/// How many signing keys are kept: one for each pair of credentials and scope in use.
const KEYS: usize = 16;

/// Signature Version 4.
#[derive(Default)]
pub struct SigV4 {
    keys: Mutex<Vec<Key>>,
}

struct Key {
    day: [u8; 8],
    region: String,
    service: String,
    access_key_id: String,
    secret_access_key: String,
    key: [u8; 32],
}

/// What is known of a signature before its headers are.
struct Scope<'a> {
    date: Date,
    params: &'a SigningParams<'a>,
    credentials: &'a Credentials,
}

impl SigV4 {
    /// A signer with no keys kept yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What [`sign`](Signer::sign) signed, or with `presigned` what [`presign`](Signer::presign) did, given the request they
    /// left behind: to find out why a service refuses a signature.
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
        let exclude = scope.excluded();
        if presigned {
            let after = if params.session_token == SessionToken::Unsigned {
                &["X-Amz-Signature", "X-Amz-Security-Token"][..]
            } else {
                &["X-Amz-Signature"]
            };
            url = without_parameters(&url, after)?;
        }
        let signed = canonical::signed_headers(&request.headers, &exclude);
        let payload = params.payload.text(&request.body)?;
        let (method, rules) = (request.method.as_str(), scope.path_rules());
        let text = canonical::write(method, &url, rules, None, &request.headers, &signed, &payload);
        let string_to_sign = scope.string_to_sign(&text);
        let signature = self.signature(&scope, &string_to_sign);
        Ok(CanonicalRequest { text: String::from_utf8_lossy(&text).into_owned(), string_to_sign, signature })
    }

    /// The signature of a message in the body of a request that was signed as [`Payload::Events`](super::Payload::Events):
    /// of its `headers` as they stand on the wire, its `payload`, and the signature before it, in hex as it is itself. The
    /// first message follows the signature of the request.
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
        let mut text = format!("AWS4-HMAC-SHA256-PAYLOAD\n{}\n", scope.date.as_str());
        scope.push(&mut text);
        for part in [prior, &hex(&Sha256::digest(headers)), &hex(&Sha256::digest(payload))] {
            text.push('\n');
            text.push_str(part);
        }
        Ok(self.signature(&scope, &text))
    }

    /// The fields that sign a form which others fill and send: algorithm, credential, date, the session token if there is one,
    /// then the policy, and its signature. `policy` is given the first of them, which must be among its conditions, and
    /// answers with the document in base64.
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
        scope.push(&mut credential);
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
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let known = keys.iter().find(|it| {
            it.day == day
                && it.access_key_id == credentials.access_key_id()
                && it.region == params.region
                && it.service == params.service
                && it.secret_access_key == credentials.secret_access_key()
        });
        if let Some(known) = known {
            let key = known.key;
            drop(keys);
            return calculate_signature(key, string_to_sign.as_bytes());
        }
        let made = generate_signing_key(credentials.secret_access_key(), params.time, params.region, params.service);
        let signature = calculate_signature(&made, string_to_sign.as_bytes());
        if let (Ok(key), Ok(day)) = (made.as_ref().try_into(), day.try_into()) {
            if keys.len() == KEYS {
                keys.remove(0);
            }
            keys.push(Key {
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
        let payload = params.payload.text(&request.body)?;
        let headers = &mut request.headers;
        headers.insert(X_AMZ_DATE, value(scope.date.as_str(), "date")?);
        if params.content_sha256_header {
            headers.insert(X_AMZ_CONTENT_SHA256, value(&payload, "payload hash")?);
        }
        if let Some(token) = credentials.session_token() {
            headers.insert(scope.token_header(), secret(token.to_owned(), "session token")?);
        }
        let exclude = scope.excluded();
        let signed = canonical::signed_headers(headers, &exclude);
        let (method, rules) = (request.method.as_str(), scope.path_rules());
        let text = canonical::write(method, &request.url, rules, None, headers, &signed, &payload);
        let signature = self.signature(&scope, &scope.string_to_sign(&text));
        let mut line = String::with_capacity(256);
        line.push_str("AWS4-HMAC-SHA256 Credential=");
        line.push_str(credentials.access_key_id());
        line.push('/');
        scope.push(&mut line);
        line.push_str(", SignedHeaders=");
        for (i, name) in signed.iter().enumerate() {
            if i > 0 {
                line.push(';');
            }
            line.push_str(name);
        }
        line.push_str(", Signature=");
        line.push_str(&signature);
        headers.insert(AUTHORIZATION, secret(line, "access key id")?);
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
        let payload = params.payload.text(&request.body)?;
        let headers = &mut request.headers;
        // What the URL says is not said twice.
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
        scope.push(&mut credential);
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
        let (before, after) = match params.session_token {
            SessionToken::Unsigned => (None, token),
            SessionToken::Signed | SessionToken::S3Express => (token, None),
        };
        query.extend_from_slice(&before.unwrap_or_default());
        let mut query = String::from_utf8_lossy(&query).into_owned();
        let (method, rules) = (request.method.as_str(), scope.path_rules());
        let text = canonical::write(method, &request.url, rules, Some(&query), headers, &signed, &payload);
        let signature = self.signature(&scope, &scope.string_to_sign(&text));
        query.push_str(&String::from_utf8_lossy(&after.unwrap_or_default()));
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
        if let Some((_, what)) = parts.iter().find(|(text, _)| text.is_empty()) {
            return Err(Error::new(ErrorKind::Signing, format!("{what} is empty")));
        }
        Ok(Self { date: Date::of(params.time)?, params, credentials })
    }

    /// `20150830/us-east-1/service/aws4_request`.
    fn push(&self, out: &mut String) {
        for part in [self.date.day(), "/", self.params.region, "/", self.params.service, "/aws4_request"] {
            out.push_str(part);
        }
    }

    fn string_to_sign(&self, canonical: &[u8]) -> String {
        let mut text = String::with_capacity(192);
        text.push_str("AWS4-HMAC-SHA256\n");
        text.push_str(self.date.as_str());
        text.push('\n');
        self.push(&mut text);
        text.push('\n');
        text.push_str(&hex(&Sha256::digest(canonical)));
        text
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

    fn excluded(&self) -> Vec<&'a str> {
        let mut names = self.params.exclude.to_vec();
        if self.params.session_token == SessionToken::Unsigned {
            names.push("x-amz-security-token");
        }
        names
    }
}

fn without_parameters(url: &Url, names: &[&str]) -> Result<Url> {
    let (base, query) = url.as_str().split_once('?').unwrap_or((url.as_str(), ""));
    let kept: Vec<&str> =
        query.split('&').filter(|pair| !names.contains(&pair.split('=').next().unwrap_or_default())).collect();
    Url::join(base, "", &kept.join("&"))
}

fn value(text: &str, what: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(|e| unfit(what, e))
}

fn secret(text: String, what: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(text).map_err(|e| unfit(what, e))?;
    value.set_sensitive(true);
    Ok(value)
}

fn unfit(what: &str, source: http::header::InvalidHeaderValue) -> Error {
    Error::new(ErrorKind::Signing, format!("the {what} holds characters that no header can carry")).with_source(source)
}

#[cfg(test)]
#[path = "sigv4_tests.rs"]
mod tests;
