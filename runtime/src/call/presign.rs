//! Presigned requests: prepared like a call, with the signature in the query string. A form-encoded body moves there
//! too; other documents stay in the body, whose hash is signed.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::build::Built;
use super::context::Context;
use super::identity;
use crate::auth::{Payload, check_expiry, hash_payload};
use crate::codec::form;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Body, HeaderMap, Method, Request, header};

/// A request whose signature is in its URL: anyone who has the URL can send it until it expires.
///
/// `Display` prints the URL. Send it with [`method`](Self::method) and, if not empty, with [`headers`](Self::headers)
/// and [`body`](Self::body): they are part of the signature.
///
/// | the operation | what to send |
/// |---|---|
/// | without a body (`GetObject`) | the URL, and headers only if the input sets some, such as `Range` |
/// | `PutObject`, `UploadPart` | the URL, its headers, and any body: S3's presigned URLs do not sign the body |
/// | of a query or EC2 service (`GetCallerIdentity`) | the URL alone, by GET: its query contains the form |
/// | with a JSON, CBOR or XML body (DynamoDB's `GetItem`) | the URL, its headers, and exactly this body |
///
/// A URL for an S3 directory bucket ends with the session that signed it, whatever `expires` is: after at most 5 minutes, and
/// after seconds if the client has had the session for long. For one that is valid longer, turn sessions off by `S3Config::disable_express_session_auth`.
///
/// botocore returns a URL only, and puts the members of a JSON body into its query, where services do not read them.
/// Here the body is that of a call; if the operation requires a checksum of it, the checksum is a header.
///
/// ```no_run
/// # async fn example(presigned: aws_core::PresignedRequest) -> Result<(), Box<dyn std::error::Error>> {
/// let request = reqwest::Client::new()
///     .request(presigned.method().clone(), presigned.url())
///     .headers(presigned.headers().clone())
///     .body(presigned.body().clone()); // empty, for most operations
/// let response = request.send().await?;
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
    /// The HTTP method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The URL, with the signature. A secret: anyone who has it can send the request.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers that must be sent with it.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body that must be sent with it; empty if there is none or if the sender can choose it. It contains the
    /// values of the input, including secrets.
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
    /// Without the query string, which holds the signature, and without the content of the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("PresignedRequest")
            .field("method", &self.method)
            .field("url", &format_args!("{url}?…"))
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

/// Signs a built request in its URL. Everything that it waits for, credentials and a body to hash, must end at the
/// deadline of the call.
pub(super) async fn presign(cx: Context<'_>, built: Built, expires: Duration) -> Result<PresignedRequest> {
    check_expiry(expires)?;
    let bucket = built.redirect.as_ref().map(|it| it.bucket());
    let (mut request, deadline) = (built.request, cx.deadline);
    let Some(signing) = &built.signing else {
        return Err(Error::new(ErrorKind::Signing, "the operation is not signed, so it cannot be presigned"));
    };
    signing.scheme.check_presign()?;
    let Some(identity) = identity::fetch(cx, Some(signing), bucket, &request).await? else {
        return Err(Error::new(ErrorKind::Credentials, "anonymous credentials cannot presign"));
    };
    request.headers.remove(header::USER_AGENT);
    form_to_query(&mut request);
    deadline.limit(built.integrity.apply(&mut request, false)).await?;
    let hash;
    let payload = match &request.body {
        _ if signing.s3 => Payload::Unsigned,
        _ if signing.unsigned_body && request.url.is_https() => Payload::Unsigned,
        Body::Stream(_) => {
            hash = deadline.limit(hash_payload(&request.body)).await?;
            Payload::Hash(&hash)
        }
        _ => Payload::Body,
    };
    let params = signing.params(cx.client.clock.now(), payload);
    signing.scheme.presign(&cx.client.signers, &mut request, &identity, &params, expires)?;
    let Request { method, url, headers, body, .. } = request;
    let body = match body {
        Body::Bytes(bytes) => bytes,
        // The sender supplies it.
        Body::Empty | Body::Stream(_) => Bytes::new(),
    };
    Ok(PresignedRequest { method, url: url.as_str().to_owned(), headers, body })
}

/// Moves a form-encoded body to the query string, which services of the query protocols also accept: then the URL alone
/// is enough, by GET, as EKS expects a presigned `GetCallerIdentity`. botocore does the same.
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
