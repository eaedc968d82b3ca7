//! Presigned requests: the same preparation as a call, and a signature in the query string. What a form says goes there too.

use std::fmt;
use std::time::Duration;

use super::core::Core;
use super::execute::{credentials, params};
use super::prepare::Prepared;
use crate::auth::{Payload, Signer, check_expiry};
use crate::codec::form;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Body, HeaderMap, Method, Request, header};

/// A request that is signed in its URL: whoever has the URL can make it until it expires.
///
/// `Display` is the URL. Send it with [`method`](Self::method) and, if there are any, with [`headers`](Self::headers):
/// they are part of the signature.
#[derive(Clone)]
pub struct PresignedRequest {
    method: Method,
    url: String,
    headers: HeaderMap,
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
}

impl fmt::Display for PresignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl fmt::Debug for PresignedRequest {
    /// Without the query string, which holds the signature.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("PresignedRequest").field("method", &self.method).field("url", &format_args!("{url}?…")).finish()
    }
}

pub(crate) async fn presign(core: &Core, prepared: Prepared, expires: Duration) -> Result<PresignedRequest> {
    check_expiry(expires)?;
    let mut request = prepared.request;
    let Some(signing) = prepared.signing.as_ref().filter(|it| !it.bearer) else {
        return Err(Error::new(ErrorKind::Signing, "the operation takes no signature, so there is nothing to presign"));
    };
    let Some(credentials) = credentials(core).await? else {
        return Err(Error::new(ErrorKind::Credentials, "anonymous credentials cannot presign"));
    };
    request.headers.remove(header::USER_AGENT);
    form_to_query(&mut request);
    let payload = if signing.s3 { Payload::Unsigned } else { Payload::Body };
    core.signer.presign(&mut request, &credentials, &params(core, signing, payload), expires)?;
    Ok(PresignedRequest { method: request.method, url: request.url.as_str().to_owned(), headers: request.headers })
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
