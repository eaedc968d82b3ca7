//! Presigned requests: the same preparation as a call, and a signature in the query string. What a form says goes there
//! too; other documents stay the body, whose hash is signed.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::core::Core;
use super::execute::{credentials, params};
use super::prepare::{Prepared, Scheme};
use crate::auth::{Payload, Signer, check_expiry, hash_payload};
use crate::codec::form;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Body, HeaderMap, Method, Request, header};

/// A request that is signed in its URL: whoever has the URL can make it until it expires.
///
/// `Display` is the URL. Send it with [`method`](Self::method) and, if there are any, with [`headers`](Self::headers) and
/// [`body`](Self::body): they are part of the signature.
///
/// | the operation | what there is to send |
/// |---|---|
/// | reads (`GetObject`), and whatever has no document | the URL alone |
/// | `PutObject`, `UploadPart` | the URL, its headers, and any body: S3 signs none |
/// | of a query or EC2 service (`GetCallerIdentity`) | the URL alone, by GET: the form stands in it |
/// | of a JSON, CBOR or XML document (DynamoDB's `GetItem`) | the URL, its headers, and exactly this body |
///
/// botocore has a URL only, into whose query it puts the members of a JSON document, where no service looks for them.
/// Here the document is the body, as in a call, and where the operation requires a checksum of it, that is a header.
///
/// ```no_run
/// # async fn example(presigned: aws_core::PresignedRequest) -> Result<(), Box<dyn std::error::Error>> {
/// let request = reqwest::Client::new()
///     .request(presigned.method().clone(), presigned.url())
///     .headers(presigned.headers().clone())
///     .body(presigned.body().clone()); // nothing, for most
/// let answer = request.send().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PresignedRequest {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Bytes,
}

impl PresignedRequest {
    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The URL, with the signature. A secret: it needs no further proof.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Headers that must be sent with it.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body that must be sent with it; empty where there is none, and where it is the sender's own. It says what the
    /// input said, secrets too.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

impl fmt::Display for PresignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl fmt::Debug for PresignedRequest {
    /// Without the query string, which holds the signature, and without what the body says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("PresignedRequest")
            .field("method", &self.method)
            .field("url", &format_args!("{url}?…"))
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

pub(crate) async fn presign(core: &Core, prepared: Prepared, expires: Duration) -> Result<PresignedRequest> {
    check_expiry(expires)?;
    let mut request = prepared.request;
    let refused = |why: &str| Err(Error::new(ErrorKind::Signing, why));
    let Some(signing) = &prepared.signing else {
        return refused("the operation takes no signature, so there is nothing to presign");
    };
    match signing.scheme {
        Scheme::Sigv4 => {}
        Scheme::Bearer => {
            return refused("the call carries a bearer token in place of a signature, so it cannot be presigned");
        }
        Scheme::Sigv2 => return refused("the service takes signature version 2, whose calls cannot be presigned"),
    }
    let Some(credentials) = credentials(core).await? else {
        return Err(Error::new(ErrorKind::Credentials, "anonymous credentials cannot presign"));
    };
    request.headers.remove(header::USER_AGENT);
    form_to_query(&mut request);
    prepared.integrity.apply(&mut request).await?;
    let hash;
    let payload = match &request.body {
        _ if signing.s3 => Payload::Unsigned,
        _ if signing.unsigned_body && request.url.is_https() => Payload::Unsigned,
        Body::Stream(_) => {
            hash = hash_payload(&request.body).await?;
            Payload::Hash(&hash)
        }
        _ => Payload::Body,
    };
    core.signer.presign(&mut request, &credentials, &params(core, signing, payload), expires)?;
    let Request { method, url, headers, body, .. } = request;
    let body = match body {
        Body::Bytes(bytes) => bytes,
        // The sender has it, or another.
        Body::Empty | Body::Stream(_) => Bytes::new(),
    };
    Ok(PresignedRequest { method, url: url.as_str().to_owned(), headers, body })
}

/// A service that takes a form takes it from the query too, so that whoever has the URL need send no body: then it is a GET,
/// as EKS wants the identity of its callers. botocore moves the form likewise.
fn form_to_query(request: &mut Request) {
    if request.headers.get(header::CONTENT_TYPE).is_none_or(|it| it != form::CONTENT_TYPE) {
        return;
    }
    if let Some(pairs) = request.body.as_bytes().map(|it| String::from_utf8_lossy(it).into_owned()) {
        request.url.push_query(&pairs);
        request.headers.remove(header::CONTENT_TYPE);
        request.body = Body::Empty;
        request.method = Method::GET;
    }
}
