//! The first half of a call, without waiting: an input becomes a request that is ready to be signed, with the headers
//! that all attempts have in common. Those of one attempt are added in `execute`, those of the signature in `auth`.

use std::borrow::Cow;

use super::bearer;
use super::client_state::ClientState;
use super::cross_region_presign::{self, CrossRegionPresign};
use super::events::{self, EventUpload};
use super::integrity::{self, Integrity};
use super::options::Options;
use super::resolve_endpoint::{self, RedirectContext, ResolvedEndpoint};
use super::user_agent::{Feature, Features};
use super::{bucket, customization, recursion_detection};
use crate::encoding::uuid;
use crate::error::{Error, ErrorKind, Result};
use crate::eventstream;
use crate::http::{Body, HeaderValue, Method, Request, Url, header};
use crate::operation::{Auth, OperationPlan};
use crate::schema::dynamic::Value;
use crate::schema::validate::validate;
use crate::schema::{StructureMut, StructureView, View};

/// A request and what is needed to sign it, send it and read its response.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) plan: &'static OperationPlan,
    pub(crate) request: Request,
    /// The features that the user agent reports; `None` if the caller set the user agent.
    pub(crate) features: Option<Features>,
    pub(crate) signing: Option<Signing>,
    /// Whether URL encoding of response strings was requested without the caller's knowledge, so that they are decoded.
    pub(crate) requested_url_encoding: bool,
    /// What is needed to redirect the call to another region, and the path, which is the same in each.
    pub(crate) redirect_context: Option<(RedirectContext, String)>,
    /// The checksums of request and response.
    pub(crate) integrity: Integrity,
    /// The same call in another region, whose presigned URL becomes part of this one.
    pub(crate) cross_region: Option<CrossRegionPresign>,
    /// The events to send, which are the body of every attempt.
    pub(crate) event_upload: Option<EventUpload>,
}

/// How to sign a request.
#[derive(Debug)]
pub(crate) struct Signing {
    pub(crate) region: String,
    pub(crate) name: Cow<'static, str>,
    pub(crate) s3: bool,
    pub(crate) double_encode: bool,
    pub(crate) unsigned_body: bool,
    pub(crate) trailer: bool,
    pub(crate) scheme: Scheme,
}

/// How a request is authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// Signature version 4.
    Sigv4,
    /// Signature version 2.
    Sigv2,
    /// A bearer token instead of a signature.
    Bearer,
}

/// What a request is prepared for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Send,
    /// A URL for others to use: no default checksum, and they choose the body.
    Presign,
}

pub(crate) fn prepare(
    client: &ClientState,
    plan: &'static OperationPlan,
    mut input: StructureMut<'_>,
    options: &Options,
    purpose: Purpose,
) -> Result<Prepared> {
    let config = client.config()?;
    customization::check(plan, input.view())?;
    let requested_url_encoding = customization::complete_input(&plan.customizations, &mut input);
    fill_idempotency_tokens(client, &mut input);
    validate(input.view(), config.parameter_validation)?;
    bucket::require(plan, input.view())?;
    let ResolvedEndpoint { endpoint, explicit_url, redirect_context } =
        resolve_endpoint::resolve(client, plan, input.view(), options)?;
    let integrity =
        integrity::decide(client, plan, &mut input, options, explicit_url.then_some(&*endpoint.url), purpose)?;
    let cross_region = cross_region_presign::prepare(client, plan, &mut input, options)?;
    let mut parts = client.service.protocol.serialize(plan, input.view())?;
    customization::reshape(plan, purpose, input.view(), &mut parts);

    let input_endpoint = customization::endpoint_from_input(&plan.customizations, input.view())?;
    let base = input_endpoint.as_deref().unwrap_or(&endpoint.url);
    let mut url = Url::join(base, &parts.path, &parts.query)?;
    if let Some(prefix) = plan.host_prefix
        && !config.disable_host_prefix_injection
    {
        let prefix = host_prefix(prefix, input.view())?;
        // Unlike in botocore, whose request then has a host that no resolver knows: a server on an address has no name below
        // it.
        if !is_ip_address(url.host()) {
            url.set_authority(&format!("{prefix}{}", url.authority()))?;
        }
    }
    let mut request = Request::new(parts.method, url);
    request.headers = parts.headers;
    let event_upload = events::event_stream_member(plan.input).map(|(member, _)| {
        request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(eventstream::MEDIA_TYPE));
        EventUpload::new(input.take_events(member), parts.body.clone())
    });
    request.body = match (parts.body, parts.streaming) {
        _ if event_upload.is_some() => Body::Empty,
        (Some(bytes), _) => Body::from(bytes),
        (None, true) => {
            let member = plan.input.payload.map(|it| &plan.input.members[it]);
            member.and_then(|it| input.take_stream(it)).map_or(Body::Empty, Body::from)
        }
        (None, false) => Body::Empty,
    };
    // The length that the caller set as a member applies to a stream of unknown length.
    if let Some(value) = request.headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()) {
        let len: u64 = value.parse().map_err(|_| {
            let why = "expected the number of bytes of the body";
            let message = format!(
                "Parameter validation failed:\nInvalid value for parameter ContentLength, value: {value}: {why}"
            );
            Error::new(ErrorKind::Validation, message)
        })?;
        request.body = match std::mem::take(&mut request.body) {
            Body::Stream(body) if body.len().is_none() => Body::Stream(body.with_len(len)),
            // A URL can be presigned for a body that its holder sends.
            Body::Empty if purpose == Purpose::Presign => Body::Empty,
            body => {
                check_length(&body, len)?;
                body
            }
        };
    }
    for (name, values) in &endpoint.headers {
        for value in values {
            let value = value.parse::<HeaderValue>().map_err(|it| {
                Error::new(ErrorKind::Endpoint, format!("the endpoint rule set has an invalid value for header {name}"))
                    .with_source(it)
            })?;
            request.headers.append(*name, value);
        }
    }
    customization::add_headers(&plan.customizations, &mut request.headers);
    // As botocore does with files: a service that rejects or redirects the request does so before the body is sent.
    let is_upload = matches!(request.method, Method::PUT | Method::POST) && purpose == Purpose::Send;
    if client.service.s3_signature && is_upload && request.body.as_bytes().is_none() && !request.body.is_empty() {
        request.headers.insert(header::EXPECT, HeaderValue::from_static("100-continue"));
    }
    if purpose == Purpose::Send {
        recursion_detection::add(client, &mut request.headers);
    }
    options.apply(&mut request)?;
    let features = (!request.headers.contains_key(header::USER_AGENT)).then(|| {
        let is_cbor = request.headers.contains_key("smithy-protocol");
        let is_override = explicit_url.then_some(Feature::EndpointOverride);
        options.features.with(integrity.feature()).with(is_cbor.then_some(Feature::Cbor)).with(is_override)
    });
    let redirect_context = redirect_context.map(|it| (it, parts.path));
    let signing = signing_for_operation(client, plan, options, &endpoint, integrity.uses_trailer(&request))?;
    if let Some(signing) = &signing
        && (signing.scheme == Scheme::Bearer || !options.credentials_provider(client)?.is_anonymous())
    {
        options.check_signed()?;
    }
    Ok(Prepared {
        plan,
        request,
        features,
        signing,
        requested_url_encoding,
        redirect_context,
        integrity,
        cross_region,
        event_upload,
    })
}

impl Prepared {
    /// Redirects the request to the region that a response reported.
    pub(crate) fn redirect(&mut self, client: &ClientState, options: &Options, region: &str) -> Result<()> {
        let Some((redirect_context, path)) = &self.redirect_context else { return Ok(()) };
        let endpoint = redirect_context.endpoint_in_region(client, region)?;
        self.request.url = Url::join(&endpoint.url, path, self.request.url.query().unwrap_or_default())?;
        let trailer = self.signing.as_ref().is_some_and(|it| it.trailer);
        self.signing = signing_for_operation(client, self.plan, options, &endpoint, trailer)?;
        if let Some(signing) = &mut self.signing
            && endpoint.auth_schemes.is_empty()
        {
            signing.region = region.to_owned();
        }
        Ok(())
    }
}

/// Whether a host is an IP address; one of version 6 is in brackets.
fn is_ip_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok()
}

/// Rejects a declared length that is not that of the body: the body would be cut off, or the service wait for the rest.
fn check_length(body: &Body, declared: u64) -> Result<()> {
    let actual = match body {
        Body::Empty => 0,
        Body::Bytes(bytes) => bytes.len() as u64,
        Body::Stream(body) => body.len().unwrap_or(declared),
    };
    if actual != declared {
        let why = format!(
            "Parameter validation failed:\nInvalid value for parameter ContentLength, value: {declared}: the body has \
             {actual} bytes"
        );
        return Err(Error::new(ErrorKind::Validation, why));
    }
    Ok(())
}

/// Fills the idempotency tokens that the caller did not set with random UUIDs.
fn fill_idempotency_tokens(client: &ClientState, input: &mut StructureMut<'_>) {
    for member in input.shape().members.iter().filter(|it| it.token) {
        if input.view().get(member).is_none() {
            input.slot(member).put(Value::String(uuid::v4(client.random.bits())));
        }
    }
}

/// Fills the labels of a host prefix.
///
/// # Errors
/// [`ErrorKind::Validation`] if a label is absent, or is invalid in a host name.
pub fn host_prefix(template: &str, input: StructureView<'_>) -> Result<String> {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((literal, tail)) = rest.split_once('{') {
        let (label, tail) = tail.split_once('}').unwrap_or((tail, ""));
        out.push_str(literal);
        let member = input.shape().members.iter().find(|it| it.host && (it.wire == label || it.name == label));
        match member.and_then(|it| input.get(it)) {
            Some(View::String(value))
                if !value.is_empty()
                    && value.len() < 64
                    && value.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-') =>
            {
                out.push_str(value);
            }
            _ => {
                return Err(Error::new(
                    ErrorKind::Validation,
                    format!(
                        "Parameter validation failed:\nInvalid host label for parameter {label}: expected 1 to 63 letters, digits and hyphens"
                    ),
                ));
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// How a call of this operation to this endpoint is signed; `None` if it is not signed.
pub(super) fn signing_for_operation(
    client: &ClientState,
    plan: &OperationPlan,
    options: &Options,
    endpoint: &crate::endpoint::Endpoint,
    trailer: bool,
) -> Result<Option<Signing>> {
    let scheme = match plan.auth {
        Auth::None => return Ok(None),
        Auth::Sigv4 | Auth::UnsignedBody
            if plan.accepts_token && options.credentials.is_none() && bearer::is_preferred(client) =>
        {
            Scheme::Bearer
        }
        Auth::Sigv4 | Auth::UnsignedBody => Scheme::Sigv4,
        Auth::Sigv2 => Scheme::Sigv2,
        Auth::Bearer => Scheme::Bearer,
        Auth::Other(name) => {
            let why = format!("unsupported auth scheme of the operation: {name}; expected sigv4");
            return Err(Error::new(ErrorKind::Signing, why));
        }
    };
    // The other schemes have no region.
    if scheme != Scheme::Sigv4 {
        let (region, name) = (String::new(), Cow::Borrowed(client.service.signing_name));
        let (s3, double_encode, unsigned_body) = (false, true, false);
        return Ok(Some(Signing { region, name, s3, double_encode, unsigned_body, trailer, scheme }));
    }
    let unsigned_body = plan.auth == Auth::UnsignedBody;
    Ok(Some(Signing { unsigned_body, trailer, ..signing_for_endpoint(client, endpoint)? }))
}

/// How the service's requests to this endpoint are signed with signature version 4.
pub(super) fn signing_for_endpoint(client: &ClientState, endpoint: &crate::endpoint::Endpoint) -> Result<Signing> {
    let config = client.config()?;
    let schemes = &endpoint.auth_schemes;
    let scheme = schemes.iter().find(|it| it.name == "sigv4");
    if scheme.is_none() && !schemes.is_empty() {
        let names: Vec<_> = schemes.iter().map(|it| it.name.as_ref()).collect();
        let why =
            format!("unsupported auth schemes of endpoint {}: {}; expected sigv4", endpoint.url, names.join(", "));
        return Err(Error::new(ErrorKind::Signing, why));
    }
    let region = scheme
        .and_then(|it| it.signing_region.as_deref())
        .or(config.region.as_deref())
        .ok_or_else(|| Error::new(ErrorKind::Config, "no region to sign for"))?;
    let s3 = client.service.s3_signature;
    Ok(Signing {
        region: region.to_owned(),
        name: scheme.and_then(|it| it.signing_name.clone()).unwrap_or(Cow::Borrowed(client.service.signing_name)),
        s3,
        double_encode: !scheme.and_then(|it| it.disable_double_encoding).unwrap_or(s3),
        unsigned_body: false,
        trailer: false,
        scheme: Scheme::Sigv4,
    })
}
