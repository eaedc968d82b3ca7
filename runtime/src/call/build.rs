//! The stage that builds the request: what the protocol serializes, sent to the address, with the headers that all
//! attempts have in common. Those of one attempt are added in `attempts`, those of the signature in `auth`.

use super::address::{Address, RedirectContext};
use super::client_state::ClientState;
use super::context::{Context, Purpose};
use super::cross_region_presign::{self, CrossRegionPresign};
use super::discovery::Discovery;
use super::events::{self, EventUpload};
use super::input::Completed;
use super::integrity::{self, Integrity};
use super::user_agent::{Feature, Features};
use super::{customization, recursion_detection, scheme};
use crate::auth::{IdentityKind, Signing};
use crate::error::{Error, ErrorKind, Result};
use crate::eventstream;
use crate::hooks::Hooks;
use crate::http::{Body, HeaderValue, Method, Request, Url, header};
use crate::protocol::RequestParts;
use crate::schema::{StructureMut, StructureView, View};

/// A request, and what its attempts and its response need.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) request: Request,
    /// The features that the user agent reports; `None` if the caller set the user agent.
    pub(crate) features: Option<Features>,
    pub(crate) signing: Option<Signing>,
    pub(crate) completed: Completed,
    /// What is needed to redirect the call to another region; `None` if the service does not redirect it.
    pub(crate) redirect: Option<RedirectContext>,
    /// What is needed to ask the service for the endpoint; `None` if the call takes no part in endpoint discovery.
    pub(crate) discovery: Option<Box<Discovery>>,
    /// The path, which is the same in each region.
    path: String,
    /// The checksums of request and response.
    pub(crate) integrity: Integrity,
    /// Whether the checksum of the request follows its body.
    pub(crate) has_trailer: bool,
    /// The same call in another region, whose presigned URL becomes part of this one.
    pub(crate) cross_region: Option<CrossRegionPresign>,
    /// The events to send, which are the body of every attempt.
    pub(crate) event_upload: Option<EventUpload>,
    /// The hooks of the call.
    pub(crate) hooks: Hooks,
}

/// Builds the request of a valid input.
pub(super) fn build(
    cx: Context<'_>,
    completed: Completed,
    address: Address,
    mut input: StructureMut<'_>,
) -> Result<Built> {
    let Context { client, plan, options, purpose, .. } = cx;
    let Address { endpoint, explicit_url, redirect } = address;
    // A store for which the rules have a backend has the checksums of AWS's wherever it is, and S3 Express takes no MD5.
    let of_other_store = explicit_url && endpoint.property("backend").is_none();
    let integrity = integrity::decide(cx, &mut input, of_other_store.then_some(&*endpoint.url))?;
    let cross_region = cross_region_presign::prepare(cx, &mut input)?;
    let mut parts = client.service.protocol.serialize(plan, input.view())?;
    customization::reshape(plan, purpose, input.view(), &mut parts);
    let url = url(cx, &endpoint.url, &parts, input.view())?;
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
    declare_length(&mut request, purpose)?;
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
    let signing = scheme::choose(client, plan, options, &endpoint, None)?;
    if let Some(signing) = &signing
        && (signing.scheme.identity() == IdentityKind::Token || !options.credentials_provider(client)?.is_anonymous())
    {
        options.check_signed()?;
    }
    let is_session = signing.as_ref().is_some_and(|it| it.scheme.identity() == IdentityKind::Session);
    let features = features.map(|it| it.with(is_session.then_some(Feature::S3Express)));
    let path = parts.path;
    Ok(Built {
        request,
        features,
        signing,
        completed,
        redirect,
        discovery: None,
        path,
        integrity,
        has_trailer: false,
        cross_region,
        event_upload,
        hooks: None,
    })
}

impl Built {
    /// A request that was made without a protocol, with what all requests have.
    pub(super) fn of_request(client: &ClientState, mut request: Request, signing: Signing) -> Self {
        recursion_detection::add(client, &mut request.headers);
        Self {
            features: (!request.headers.contains_key(header::USER_AGENT)).then(Features::default),
            request,
            signing: Some(signing),
            completed: Completed { requested_url_encoding: false },
            redirect: None,
            path: String::new(),
            integrity: Integrity::default(),
            has_trailer: false,
            cross_region: None,
            event_upload: None,
            hooks: None,
            discovery: None,
        }
    }

    /// Sends the request to another endpoint, which is signed for like the one before.
    pub(super) fn send_to(&mut self, endpoint: &str) -> Result<()> {
        self.request.url = Url::join(endpoint, &self.path, self.request.url.query().unwrap_or_default())?;
        Ok(())
    }

    /// Sends the request to the endpoint that the service reports for it, if the call takes part in endpoint discovery.
    pub(super) async fn discover(&mut self, cx: Context<'_>) -> Result<()> {
        let Some(discovery) = &mut self.discovery else { return Ok(()) };
        // Boxed, since the future of every call would have room for it.
        match Box::pin(discovery.find(cx)).await? {
            Some(url) => self.send_to(&url),
            None => Ok(()),
        }
    }

    /// The bucket of the call, unless it is an access point by its ARN.
    pub(super) fn bucket(&self) -> Option<&str> {
        self.redirect.as_ref().map(|it| it.bucket())
    }

    /// Redirects the request to the region that a response reported.
    pub(super) fn redirect_to(&mut self, cx: Context<'_>, region: &str) -> Result<()> {
        let Some(redirect) = &self.redirect else { return Ok(()) };
        let endpoint = redirect.endpoint_in_region(cx.client, region)?;
        self.send_to(&endpoint.url)?;
        self.signing = scheme::choose(cx.client, cx.plan, cx.options, &endpoint, Some(region))?;
        Ok(())
    }
}

/// The URL of the request: that of the endpoint, or one that the input names, with the operation's path and host prefix.
fn url(cx: Context<'_>, endpoint: &str, parts: &RequestParts, input: StructureView<'_>) -> Result<Url> {
    let input_endpoint = customization::endpoint_from_input(&cx.plan.customizations, input)?;
    let mut url = Url::join(input_endpoint.as_deref().unwrap_or(endpoint), &parts.path, &parts.query)?;
    if let Some(prefix) = cx.plan.host_prefix
        && !cx.client.config()?.disable_host_prefix_injection
    {
        let prefix = host_prefix(prefix, input)?;
        // Unlike in botocore, whose request then has a host that no resolver knows: a server on an address has no name below
        // it.
        if !is_ip_address(url.host()) {
            url.set_authority(&format!("{prefix}{}", url.authority()))?;
        }
    }
    Ok(url)
}

/// The length that the caller set as a member applies to a stream of unknown length.
fn declare_length(request: &mut Request, purpose: Purpose) -> Result<()> {
    let Some(value) = request.headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()) else {
        return Ok(());
    };
    let len: u64 = value.parse().map_err(|_| {
        let why = "expected the number of bytes of the body";
        let message =
            format!("Parameter validation failed:\nInvalid value for parameter ContentLength, value: {value}: {why}");
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
    Ok(())
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
