//! Signs, presigns and sends HTTP requests for a service of any name, with the credentials of a session. Knows no
//! operation.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;

use crate::auth::{Payload, SessionToken, SigV4, Signer, SigningParams};
use crate::call::{Deadline, Options, SessionParts};
use crate::config::RetryConfig;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind, NotRetried, Result};
use crate::http::{Body, Method, Request, Response, Url};
use crate::retry::{FIRST_ERROR_STATUS, Next, Outcome, RetryPolicy, Stop};
use crate::session::Session;
use crate::types::ByteStream;

/// The most bytes of the body of a failed attempt that are read to use its connection again. Our choice: error documents
/// are shorter.
const MAX_DISCARDED: usize = 64 * 1024;

/// Signs HTTP requests by Signature Version 4 for a service of any name. Created by [`Session::signer`]; see
/// [the module](super). Clones share derived keys and the retry quota.
#[derive(Clone)]
pub struct RequestSigner {
    session: Session,
    service: String,
    region: Option<String>,
    unsigned_payload: bool,
    session_token: SessionToken,
    signer: Arc<SigV4>,
    policy: Arc<OnceLock<RetryPolicy>>,
}

impl fmt::Debug for RequestSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("RequestSigner");
        out.field("service", &self.service).field("region", &self.region).finish_non_exhaustive()
    }
}

impl Session {
    /// Signs requests to a service that has no client, with the credentials of the session and for its region. `service` is
    /// the name in the signature, such as `execute-api`: see [`signing`](crate::signing).
    pub fn signer(&self, service: impl Into<String>) -> RequestSigner {
        RequestSigner {
            session: self.clone(),
            service: service.into(),
            region: None,
            unsigned_payload: false,
            session_token: SessionToken::Signed,
            signer: Arc::default(),
            policy: Arc::default(),
        }
    }
}

impl RequestSigner {
    /// Signs for this region instead of the session's.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Leaves the body out of the signature. Use it over https only, with services that accept it.
    #[must_use]
    pub fn unsigned_payload(mut self) -> Self {
        self.unsigned_payload = true;
        self
    }

    /// Adds the session token of temporary credentials after signing, as AWS IoT expects it.
    #[must_use]
    pub fn unsigned_session_token(mut self) -> Self {
        self.session_token = SessionToken::Unsigned;
        self
    }

    /// Returns the request with the headers of its signature: `authorization`, `x-amz-date`, `x-amz-content-sha256`, and
    /// `x-amz-security-token` of temporary credentials. It must be sent as it is, within five minutes: headers that are
    /// changed after that break the signature, except those that no client signs, such as `user-agent`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the URL is not absolute or there is no region; [`ErrorKind::Credentials`] without
    /// credentials; [`ErrorKind::Timeout`] if the session's total timeout ends before there are any.
    pub async fn sign<B: AsRef<[u8]>>(&self, request: http::Request<B>) -> Result<http::Request<B>> {
        let (mut parts, body) = request.into_parts();
        let mut unsigned = Request::new(parts.method.clone(), Url::parse(parts.uri.to_string())?);
        unsigned.headers = std::mem::take(&mut parts.headers);
        unsigned.body = match body.as_ref() {
            _ if self.unsigned_payload => Body::Empty,
            bytes => Body::Bytes(Bytes::copy_from_slice(bytes)),
        };
        self.sign_headers(&mut unsigned, self.deadline()?).await?;
        parts.headers = unsigned.headers;
        Ok(http::Request::from_parts(parts, body))
    }

    /// Signs a GET of this URL in its query, so that anyone who has the URL can use it until it expires, after a second to
    /// seven days. The scheme may also be `wss` or `ws`, for a WebSocket. The URL is a secret.
    ///
    /// # Errors
    /// As [`sign`](Self::sign), and [`ErrorKind::Validation`] if `expires` is out of range.
    pub async fn presign_url(&self, url: &str, expires: Duration) -> Result<String> {
        let socket = ["wss", "ws"]
            .iter()
            .find(|scheme| url.split_once("://").is_some_and(|(it, _)| it.eq_ignore_ascii_case(scheme)));
        let address = match socket {
            Some(scheme) => format!("http{}{}", &scheme[2..], &url[scheme.len()..]),
            None => url.to_owned(),
        };
        let mut request = Request::new(Method::GET, Url::parse(address)?);
        self.presign(&mut request, expires).await?;
        let signed = request.url.as_str();
        Ok(match socket {
            Some(scheme) => format!("{scheme}{}", &signed[signed.find("://").unwrap_or(0)..]),
            None => signed.to_owned(),
        })
    }

    /// Presigns a request without a body.
    pub(super) async fn presign(&self, request: &mut Request, expires: Duration) -> Result<()> {
        let credentials = self.credentials(self.deadline()?).await?;
        let params = self.params(Payload::Empty)?;
        self.signer.presign(request, &credentials, &params, expires)
    }

    /// Signs the request and sends it by the session's HTTP client, with its proxies and timeouts. Failures are retried as
    /// those of a call: without connection or response, and on the statuses 429, 500, 502, 503 and 504, in the session's
    /// retry mode, each attempt with a signature of its own. A response with another status is returned, and so is that of the
    /// last attempt.
    ///
    /// # Errors
    /// As [`sign`](Self::sign); and [`ErrorKind::Connect`], [`ErrorKind::Tls`], [`ErrorKind::Timeout`] or
    /// [`ErrorKind::Io`] if there is no response.
    pub async fn send<B: Into<Bytes>>(&self, request: http::Request<B>) -> Result<http::Response<ByteStream>> {
        let deadline = self.deadline()?;
        deadline.limit(self.send_within(request.map(Into::into), deadline)).await
    }

    async fn send_within(
        &self,
        request: http::Request<Bytes>,
        deadline: Deadline,
    ) -> Result<http::Response<ByteStream>> {
        let (parts, body) = request.into_parts();
        let mut unsigned = Request::new(parts.method, Url::parse(parts.uri.to_string())?);
        (unsigned.headers, unsigned.body) = (parts.headers, Body::Bytes(body));
        let (http, sleep) = (self.session.http()?, SessionParts::sleep(&self.session));
        let mut attempts = self.policy()?.start();
        loop {
            let mut attempt = unsigned.try_clone().unwrap_or_default();
            self.sign_headers(&mut attempt, deadline).await?;
            let result = http.send(attempt).await;
            let next = match &result {
                Ok(response) if response.status.as_u16() < FIRST_ERROR_STATUS => {
                    attempts.succeeded();
                    return result.map(into_response).map_err(Error::from);
                }
                Ok(response) => {
                    attempts.failed(&Outcome { status: Some(response.status.as_u16()), ..Outcome::default() })
                }
                Err(error) => attempts.failed(&Outcome { transport: Some(error.kind()), ..Outcome::default() }),
            };
            match (next, result) {
                (Next::Retry(pause), result) => {
                    let (service, attempt) = (&*self.service, attempts.number());
                    let failure = match &result {
                        Ok(response) => response.status.to_string(),
                        Err(error) => error.to_string(),
                    };
                    tracing::debug!(service, attempt, ?pause, failure, "retrying");
                    discard(result.ok()).await;
                    sleep.wait(pause).await;
                }
                (Next::Stop(_), Ok(response)) => return Ok(into_response(response)),
                (Next::Stop(stop), Err(error)) => {
                    let error = Error::from(error);
                    return Err(match stop {
                        Stop::MaxAttempts => {
                            error.with_not_retried(NotRetried::MaxAttempts { retries: attempts.number() - 1 })
                        }
                        Stop::Quota { .. } => error.with_not_retried(NotRetried::Quota),
                        Stop::Final => error,
                    });
                }
            }
        }
    }

    async fn sign_headers(&self, request: &mut Request, deadline: Deadline) -> Result<()> {
        let credentials = self.credentials(deadline).await?;
        let params = self.params(if self.unsigned_payload { Payload::Unsigned } else { Payload::Body })?;
        self.signer.sign(request, &credentials, &params)
    }

    fn deadline(&self) -> Result<Deadline> {
        Deadline::start(&self.session, &Options::default())
    }

    async fn credentials(&self, deadline: Deadline) -> Result<Credentials> {
        let credentials = deadline.credentials(&**self.session.credentials()?).await?;
        credentials.ok_or_else(|| Error::new(ErrorKind::Credentials, "anonymous credentials cannot sign"))
    }

    fn params<'a>(&'a self, payload: Payload<'a>) -> Result<SigningParams<'a>> {
        let region = match &self.region {
            Some(region) => region,
            None => self.session.region()?.ok_or_else(|| {
                let why = "no region to sign for: set the region of the signer or of the session";
                Error::new(ErrorKind::Config, why)
            })?,
        };
        let now = SessionParts::clock(&self.session).now();
        let params = SigningParams::new(region, &self.service, now);
        // Some services require the header, and none rejects it.
        Ok(SigningParams { payload, session_token: self.session_token, content_sha256_header: true, ..params })
    }

    fn policy(&self) -> Result<&RetryPolicy> {
        if self.policy.get().is_none() {
            let config: &RetryConfig = &self.session.config()?.retry;
            let mut policy = RetryPolicy::new(config, "");
            policy.random = SessionParts::random(&self.session);
            let _ = self.policy.set(policy);
        }
        Ok(self.policy.get().expect("set above"))
    }
}

fn into_response(response: Response) -> http::Response<ByteStream> {
    let mut converted = http::Response::new(response.body);
    (*converted.status_mut(), *converted.headers_mut()) = (response.status, response.headers);
    converted
}

/// Reads the rest of a response that is not used, so that its connection is.
async fn discard(response: Option<Response>) {
    let Some(Response { mut body, .. }) = response else { return };
    let mut read = 0;
    while read < MAX_DISCARDED
        && let Some(Ok(chunk)) = body.next().await
    {
        read += chunk.len();
    }
}

#[cfg(test)]
#[path = "request_signer_tests.rs"]
mod tests;
