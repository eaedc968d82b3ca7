//! How a request is signed by Signature Version 4 and its relatives, in headers and in the query of presigned URLs: what is
//! signed, and where the signature goes. Knows no key: an algorithm computes the signature of a string.

use std::time::Duration;

use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use super::canonical::{self, CanonicalRequest, PathRules};
use super::date::Date;
use super::signer::{SessionToken, SigningParams, check_expiry};
use crate::credentials::Credentials;
use crate::encoding::hex;
use crate::http::{Request, Url};
use crate::{Error, ErrorKind, Result};

const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const X_AMZ_CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const X_AMZ_S3SESSION_TOKEN: HeaderName = HeaderName::from_static("x-amz-s3session-token");
const X_AMZ_REGION_SET: HeaderName = HeaderName::from_static("x-amz-region-set");
/// The headers whose values are in the query of a presigned URL.
const REPLACED_HEADERS: [HeaderName; 6] =
    [X_AMZ_DATE, X_AMZ_CONTENT_SHA256, X_AMZ_SECURITY_TOKEN, X_AMZ_S3SESSION_TOKEN, X_AMZ_REGION_SET, AUTHORIZATION];

// The parts of the header `authorization`.
const CREDENTIAL: &str = " Credential=";
const SIGNED_HEADERS: &str = ", SignedHeaders=";
const SIGNATURE: &str = ", Signature=";
const SCOPE_END: &str = "/aws4_request";

/// What computes signatures.
pub(super) trait Algorithm {
    /// The name, with which the string to sign begins.
    fn name(&self) -> &'static str;

    /// Whether a signature is valid in a set of regions, which is sent beside it, instead of one region that is part of
    /// the scope.
    fn has_region_set(&self) -> bool {
        false
    }

    /// The signature of a string, in hex.
    fn signature(&self, scope: &Scope<'_>, string_to_sign: &str) -> Result<String>;
}

/// The parts of a signature that do not depend on the request.
pub(super) struct Scope<'a> {
    pub(super) date: Date,
    pub(super) params: &'a SigningParams<'a>,
    pub(super) credentials: &'a Credentials,
    algorithm: &'a dyn Algorithm,
}

/// Signs in headers, replacing any earlier signature.
pub(super) fn sign(
    algorithm: &dyn Algorithm,
    request: &mut Request,
    credentials: &Credentials,
    params: &SigningParams<'_>,
) -> Result<()> {
    let scope = Scope::new(algorithm, credentials, params)?;
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
    if algorithm.has_region_set() {
        headers.insert(X_AMZ_REGION_SET, header_value(params.region, "region set")?);
    }
    let exclude = scope.excluded_headers();
    let signed = canonical::signed_headers(headers, &exclude);
    let (method, rules) = (request.method.as_str(), scope.path_rules());
    let canonical = canonical::write(method, &request.url, rules, None, headers, &signed, payload.as_bytes());
    let signature = algorithm.signature(&scope, &scope.string_to_sign(&canonical))?;
    // Of exactly this length: a header takes over a string without spare capacity as it is.
    let names: usize = signed.iter().map(|it| it.len() + 1).sum();
    let name = algorithm.name();
    let id = credentials.access_key_id();
    let others = name.len() + CREDENTIAL.len() + SIGNED_HEADERS.len() + SIGNATURE.len();
    let len = others + id.len() + scope.len() + names + signature.len();
    let mut authorization = String::with_capacity(len);
    authorization.push_str(name);
    authorization.push_str(CREDENTIAL);
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

/// Signs in the URL.
pub(super) fn presign(
    algorithm: &dyn Algorithm,
    request: &mut Request,
    credentials: &Credentials,
    params: &SigningParams<'_>,
    expires: Duration,
) -> Result<()> {
    let expires = check_expiry(expires)?;
    let scope = Scope::new(algorithm, credentials, params)?;
    let payload = params.payload.signed_value(&request.body)?;
    let headers = &mut request.headers;
    // The query contains these values.
    for name in REPLACED_HEADERS {
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
    query.extend_from_slice(format!("X-Amz-Algorithm={}&X-Amz-Credential=", algorithm.name()).as_bytes());
    let mut credential = format!("{}/", credentials.access_key_id());
    scope.push_scope(&mut credential);
    canonical::push_encoded(&mut query, &credential);
    query.extend_from_slice(format!("&X-Amz-Date={}&X-Amz-Expires={expires}", scope.date.as_str()).as_bytes());
    if algorithm.has_region_set() {
        query.extend_from_slice(b"&X-Amz-Region-Set=");
        canonical::push_encoded(&mut query, params.region);
    }
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
    let canonical = canonical::write(method, &request.url, rules, Some(&query), headers, &signed, payload.as_bytes());
    let signature = algorithm.signature(&scope, &scope.string_to_sign(&canonical))?;
    query.push_str(&String::from_utf8_lossy(&unsigned_token.unwrap_or_default()));
    query.push_str("&X-Amz-Signature=");
    query.push_str(&signature);
    request.url.push_query(&query);
    Ok(())
}

/// What was signed in a signed request.
pub(super) fn explain(
    algorithm: &dyn Algorithm,
    request: &Request,
    credentials: &Credentials,
    params: &SigningParams<'_>,
    presigned: bool,
) -> Result<CanonicalRequest> {
    let scope = Scope::new(algorithm, credentials, params)?;
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
    let signature = algorithm.signature(&scope, &string_to_sign)?;
    let canonical_request = String::from_utf8_lossy(&canonical).into_owned();
    Ok(CanonicalRequest { canonical_request, string_to_sign, signature })
}

impl<'a> Scope<'a> {
    pub(super) fn new(
        algorithm: &'a dyn Algorithm,
        credentials: &'a Credentials,
        params: &'a SigningParams<'a>,
    ) -> Result<Self> {
        let parts = [
            (credentials.access_key_id(), "the access key id"),
            (credentials.secret_access_key(), "the secret access key"),
            (params.region, "the signing region"),
            (params.service, "the signing name of the service"),
        ];
        if let Some((_, what)) = parts.iter().find(|(part, _)| part.is_empty()) {
            return Err(Error::new(ErrorKind::Signing, format!("{what} is empty")));
        }
        Ok(Self { date: Date::from_time(params.time)?, params, credentials, algorithm })
    }

    /// The credential scope: `20150830/us-east-1/service/aws4_request`, or the same without the region for an algorithm
    /// that signs for a set of regions.
    fn parts(&self) -> [&str; 6] {
        let region = if self.algorithm.has_region_set() { ["", ""] } else { ["/", self.params.region] };
        [self.date.day(), region[0], region[1], "/", self.params.service, SCOPE_END]
    }

    /// Appends the credential scope.
    pub(super) fn push_scope(&self, out: &mut String) {
        for part in self.parts() {
            out.push_str(part);
        }
    }

    /// The length of the credential scope.
    fn len(&self) -> usize {
        self.parts().iter().map(|it| it.len()).sum()
    }

    fn string_to_sign(&self, canonical: &[u8]) -> String {
        let mut out = String::with_capacity(192);
        out.push_str(self.algorithm.name());
        out.push('\n');
        out.push_str(self.date.as_str());
        out.push('\n');
        self.push_scope(&mut out);
        out.push('\n');
        out.push_str(str::from_utf8(&hex::of_sha256(&Sha256::digest(canonical).into())).expect("digits are ASCII"));
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
