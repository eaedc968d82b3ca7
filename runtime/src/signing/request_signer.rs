//! Signs, presigns and sends HTTP requests for a service of any name, with the credentials of a session. Knows no
//! operation.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;

use super::{SendRequest, SendRequestInput, SendRequestOutput};
use crate::auth::{Payload, SessionToken, Signer, Signing, signing_for};
use crate::call::pipeline::{Purpose, begin, finish, start_request};
use crate::call::{ClientState, Deadline, LazyOperation, LazyRules, OperationPlan, Options, Service};
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind, Result};
use crate::hooks::TO_HTTP;
use crate::http::{Body, HeaderMap, Method, Request, StatusCode, Url};
use crate::protocol::RestJson;
use crate::schema::{StructureMut, StructureView};
use crate::session::{Session, client_state};
use crate::sync::lock;
use crate::types::ByteStream;

/// Signs HTTP requests by Signature Version 4 for a service of any name. Created by [`Session::signer`]; see
/// [the module](super). Clones share derived keys and the retry quota.
#[derive(Clone)]
pub struct RequestSigner {
    session: Session,
    client: Arc<ClientState>,
    region: Option<String>,
    unsigned_payload: bool,
    session_token: SessionToken,
}

impl fmt::Debug for RequestSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("RequestSigner");
        out.field("service", &self.client.service.id).field("region", &self.region).finish_non_exhaustive()
    }
}

impl Session {
    /// Signs requests to a service that has no client, with the credentials of the session and for its region. `service` is
    /// the name in the signature, such as `execute-api`: see [`signing`](crate::signing). A name is kept in memory for the rest
    /// of the program, once.
    pub fn signer(&self, service: impl Into<String>) -> RequestSigner {
        RequestSigner {
            session: self.clone(),
            client: Arc::new(client_state(self, descriptor(service.into()))),
            region: None,
            unsigned_payload: false,
            session_token: SessionToken::Signed,
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
        let (credentials, signing) = (self.credentials().await?, self.signing()?);
        let payload = if self.unsigned_payload { Payload::Unsigned } else { Payload::Body };
        let params = signing.params(self.client.clock.now(), payload);
        self.client.signers.sigv4.sign(&mut unsigned, &credentials, &params)?;
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
        let (credentials, signing) = (self.credentials().await?, self.signing()?);
        let params = signing.params(self.client.clock.now(), Payload::Empty);
        self.client.signers.sigv4.presign(request, &credentials, &params, expires)
    }

    /// Signs the request and sends it, as a call of the operation [`SendRequest`] of a service with the signer's name: with the
    /// session's HTTP client, timeouts and hooks, in its retry mode, with the service's time if its clock is off, with a span in
    /// logs, and with the SDK's user agent unless the request has one. Hooks see [`SendRequestInput`]; a stub responds by
    /// `stub.on::<SendRequest>()`.
    ///
    /// A successful response is streamed. One of another status, at last that of the last attempt, is returned, too: its body
    /// is in memory.
    ///
    /// # Errors
    /// As [`sign`](Self::sign); [`ErrorKind::Connect`], [`ErrorKind::Tls`], [`ErrorKind::Timeout`] or [`ErrorKind::Io`] if there
    /// is no response; [`ErrorKind::ResponseTooLong`] if one that is no success exceeds `max_response_bytes`;
    /// [`ErrorKind::Hook`] if a hook fails.
    pub async fn send<B: Into<Bytes>>(&self, request: http::Request<B>) -> Result<http::Response<ByteStream>> {
        let (parts, body) = request.into_parts();
        self.call(parts, body.into()).await
    }

    async fn call(&self, parts: Parts, body: Bytes) -> Result<http::Response<ByteStream>> {
        let (client, plan) = (Arc::clone(&self.client), OperationPlan::for_operation::<SendRequest>());
        let options = Options::default();
        let deadline = begin(&client, plan, &options, Purpose::Send)?.ready().await?;
        let Parts { method, uri, headers, .. } = parts;
        let (method, url) = (Some(method.to_string()), Some(uri.to_string()));
        let mut input = SendRequestInput { method, url, body: Some(body), ..Default::default() };
        let was_https = uri.scheme_str() == Some("https");
        let refuses = |input: StructureView<'_>| (was_https && is_to_http(input_of(input))).then_some(TO_HTTP);
        let make = |input: StructureView<'_>| Ok((request(input_of(input), headers)?, self.signing_of_call()?));
        let sent = start_request(client, plan, StructureMut::new(&mut input), options, deadline, refuses, make)?;
        match sent.await {
            Ok(sent) => {
                let mut output = SendRequestOutput::default();
                let metadata = finish(sent, StructureMut::new(&mut output))?;
                response(metadata.status, metadata.headers, output.body)
            }
            Err(error) => match error.response().filter(|_| error.kind() == ErrorKind::Service) {
                Some(raw) => response(raw.status, raw.headers.clone(), raw.body.clone().into()),
                None => Err(error),
            },
        }
    }

    fn deadline(&self) -> Result<Deadline> {
        Deadline::start(&self.session, &Options::default())
    }

    async fn credentials(&self) -> Result<Credentials> {
        let credentials = self.deadline()?.credentials(&**self.session.credentials()?).await?;
        credentials.ok_or_else(anonymous)
    }

    fn signing_of_call(&self) -> Result<Signing> {
        match self.session.credentials()?.is_anonymous() {
            true => Err(anonymous()),
            false => self.signing(),
        }
    }

    fn signing(&self) -> Result<Signing> {
        let region = match &self.region {
            Some(region) => region,
            None => self.session.region()?.ok_or_else(|| {
                let why = "no region to sign for: set the region of the signer or of the session";
                Error::new(ErrorKind::Config, why)
            })?,
        };
        let (unsigned_body, session_token) = (self.unsigned_payload, self.session_token);
        let signing = signing_for(region.to_owned(), self.client.service.signing_name);
        // Some services require the header, and none rejects it.
        Ok(Signing { unsigned_body, session_token, content_sha256_header: true, ..signing })
    }
}

fn anonymous() -> Error {
    Error::new(ErrorKind::Credentials, "anonymous credentials cannot sign")
}

/// The descriptor of a service without a model. Like those of crates it is never freed: programs have few.
fn descriptor(name: String) -> &'static Service {
    static SERVICES: Mutex<BTreeMap<String, &'static Service>> = Mutex::new(BTreeMap::new());
    lock(&SERVICES).entry(name).or_insert_with_key(|name| {
        let name: &'static str = Box::leak(name.clone().into_boxed_str());
        Box::leak(Box::new(Service {
            id: name,
            api_version: "",
            endpoint_prefix: name,
            signing_name: name,
            s3_signature: false,
            retries: "",
            // Error codes are read as API Gateway sends them.
            protocol: &RestJson,
            rules: LazyRules::new(""),
            discovery: LazyOperation::new(""),
            sessions: LazyOperation::new(""),
        }))
    })
}

fn input_of(view: StructureView<'_>) -> &SendRequestInput {
    view.downcast_ref().expect("the input of the operation")
}

/// The request of an input, which hooks may have changed.
fn request(input: &SendRequestInput, headers: HeaderMap) -> Result<Request> {
    let name = input.method.as_deref().unwrap_or("GET");
    let method = name
        .parse()
        .map_err(|it| Error::new(ErrorKind::Validation, format!("{name:?} is not an HTTP method")).with_source(it))?;
    let url = Url::parse(input.url.as_deref().unwrap_or_default())?;
    let body = input.body.clone().map_or(Body::Empty, Body::from);
    Ok(Request { headers, body, ..Request::new(method, url) })
}

/// Whether the URL in the input is one without TLS.
fn is_to_http(input: &SendRequestInput) -> bool {
    input.url.as_deref().is_some_and(|url| Url::parse(url).is_ok_and(|it| !it.is_https()))
}

fn response(status: u16, headers: HeaderMap, body: ByteStream) -> Result<http::Response<ByteStream>> {
    let status = StatusCode::from_u16(status)
        .map_err(|it| Error::new(ErrorKind::Parse, format!("{status} is not an HTTP status")).with_source(it))?;
    let mut response = http::Response::new(body);
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    Ok(response)
}

#[cfg(test)]
#[path = "request_signer_tests.rs"]
mod tests;
