//! The first half of a call, without waiting: an input becomes a request that is ready to be signed.

use std::borrow::Cow;

use super::address::{self, Address, Way};
use super::bearer;
use super::core::Core;
use super::events::{self, Outlet};
use super::integrity::{self, Integrity};
use super::options::Options;
use super::presigned_url::{self, Elsewhere};
use super::user_agent::{Feature, Features};
use super::{special, trace};
use crate::error::{Error, ErrorKind, Result};
use crate::eventstream;
use crate::http::{Body, HeaderValue, Method, Request, Url, header};
use crate::operation::{Auth, Plan};
use crate::schema::dynamic::Value;
use crate::schema::validate::validate;
use crate::schema::{StructureMut, StructureView, View};
use crate::text::uuid;

/// A request and what is needed to sign it, send it and read its answer.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) plan: &'static Plan,
    pub(crate) request: Request,
    /// What the user agent tells; `None` if the caller gave one.
    pub(crate) features: Option<Features>,
    pub(crate) signing: Option<Signing>,
    /// Whether texts of the answer were asked for in an encoding that the caller does not know of.
    pub(crate) asked_encoded: bool,
    /// How to go elsewhere, and the path that stays the same there.
    pub(crate) way: Option<(Way, String)>,
    /// The checksums of request and answer.
    pub(crate) integrity: Integrity,
    /// The same call in another region, whose signed URL goes into this one.
    pub(crate) elsewhere: Option<Elsewhere>,
    /// The events to send, which are the body of every attempt.
    pub(crate) outlet: Option<Outlet>,
}

/// How to sign.
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

/// What vouches for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// Signature version 4.
    Sigv4,
    /// Signature version 2.
    Sigv2,
    /// A bearer token, and no signature.
    Bearer,
}

/// What a request is prepared for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Send,
    /// A URL that somebody else uses: no default checksum, and the body is theirs.
    Presign,
}

pub(crate) fn prepare(
    core: &Core,
    plan: &'static Plan,
    mut input: StructureMut<'_>,
    options: &Options,
    purpose: Purpose,
) -> Result<Prepared> {
    let config = core.config()?;
    special::check(plan, input.view())?;
    let asked_encoded = special::complete(&plan.special, &mut input);
    fill_tokens(core, &mut input);
    if config.parameter_validation {
        validate(input.view())?;
    }
    let Address { endpoint, given_url, way } = address::resolve(core, plan, input.view(), options)?;
    let integrity = integrity::plan(core, plan, &mut input, given_url, purpose)?;
    let elsewhere = presigned_url::plan(core, plan, &mut input, options)?;
    let mut parts = core.service.protocol.serialize(plan, input.view())?;
    special::reshape(plan, purpose, input.view(), &mut parts);

    let given = special::endpoint(&plan.special, input.view())?;
    let mut url = Url::join(given.as_deref().unwrap_or(&endpoint.url), &parts.path, &parts.query)?;
    if let Some(prefix) = plan.host_prefix
        && !config.disable_host_prefix_injection
    {
        let prefix = host_prefix(prefix, input.view())?;
        url.set_authority(&format!("{prefix}{}", url.authority()))?;
    }
    let mut request = Request::new(parts.method, url);
    request.headers = parts.headers;
    let outlet = events::member_of(plan.input).map(|(member, _)| {
        request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(eventstream::MEDIA_TYPE));
        Outlet::new(input.take_events(member), parts.body.clone())
    });
    request.body = match (parts.body, parts.streaming) {
        _ if outlet.is_some() => Body::Empty,
        (Some(bytes), _) => Body::from(bytes),
        (None, true) => {
            let member = plan.input.payload.map(|it| &plan.input.members[it]);
            member.and_then(|it| input.take_stream(it)).map_or(Body::Empty, Body::from)
        }
        (None, false) => Body::Empty,
    };
    // A length that the caller gives as a member is that of a stream which knows none itself.
    if let Some(len) = request.headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok()) {
        request.body = match std::mem::take(&mut request.body) {
            Body::Stream(body) if body.len().is_none() => Body::Stream(body.with_len(len)),
            body => body,
        };
    }
    for (name, values) in &endpoint.headers {
        for value in values {
            let value = value.parse::<HeaderValue>().map_err(|it| {
                Error::new(ErrorKind::Endpoint, format!("the endpoint rules give a bad value for {name}"))
                    .with_source(it)
            })?;
            request.headers.append(*name, value);
        }
    }
    special::add_headers(&plan.special, &mut request.headers);
    // As botocore does with files: whoever refuses such a request, or sends it elsewhere, need not be sent the body first.
    let is_upload = matches!(request.method, Method::PUT | Method::POST) && purpose == Purpose::Send;
    if core.service.s3_signature && is_upload && request.body.as_bytes().is_none() && !request.body.is_empty() {
        request.headers.insert(header::EXPECT, HeaderValue::from_static("100-continue"));
    }
    if purpose == Purpose::Send {
        trace::add(core, &mut request.headers);
    }
    options.apply(&mut request)?;
    let features = (!request.headers.contains_key(header::USER_AGENT)).then(|| {
        let is_cbor = request.headers.contains_key("smithy-protocol");
        let is_override = given_url.then_some(Feature::EndpointOverride);
        options.features.with(integrity.feature()).with(is_cbor.then_some(Feature::Cbor)).with(is_override)
    });
    let way = way.map(|it| (it, parts.path));
    let signing = signing(core, plan, &endpoint, integrity.trails(&request))?;
    Ok(Prepared { plan, request, features, signing, asked_encoded, way, integrity, elsewhere, outlet })
}

impl Prepared {
    /// Points the request at the region that an answer tells.
    pub(crate) fn redirect(&mut self, core: &Core, region: &str) -> Result<()> {
        let Some((way, path)) = &self.way else { return Ok(()) };
        let endpoint = way.elsewhere(core, region)?;
        self.request.url = Url::join(&endpoint.url, path, self.request.url.query().unwrap_or_default())?;
        let trailer = self.signing.as_ref().is_some_and(|it| it.trailer);
        self.signing = signing(core, self.plan, &endpoint, trailer)?;
        if let Some(signing) = &mut self.signing
            && endpoint.auth_schemes.is_empty()
        {
            signing.region = region.to_owned();
        }
        Ok(())
    }
}

fn fill_tokens(core: &Core, input: &mut StructureMut<'_>) {
    for member in input.shape().members.iter().filter(|it| it.token) {
        if input.view().get(member).is_none() {
            input.slot(member).put(Value::String(uuid::v4(core.random.bits())));
        }
    }
}

/// Fills the labels of a host prefix.
///
/// # Errors
/// [`ErrorKind::Validation`] if a label is absent, or is not what a host may hold.
pub fn host_prefix(template: &str, input: StructureView<'_>) -> Result<String> {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((literal, tail)) = rest.split_once('{') {
        let (label, tail) = tail.split_once('}').unwrap_or((tail, ""));
        out.push_str(literal);
        let member = input.shape().members.iter().find(|it| it.host && (it.wire == label || it.name == label));
        match member.and_then(|it| input.get(it)) {
            Some(View::String(text))
                if !text.is_empty()
                    && text.len() < 64
                    && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-') =>
            {
                out.push_str(text);
            }
            _ => {
                return Err(Error::new(
                    ErrorKind::Validation,
                    format!(
                        "Parameter validation failed:\nParameter {label} is part of the host name: 1 to 63 letters, digits and hyphens"
                    ),
                ));
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// How a call to this endpoint is signed.
pub(super) fn signing(
    core: &Core,
    plan: &Plan,
    endpoint: &crate::endpoint::Endpoint,
    trailer: bool,
) -> Result<Option<Signing>> {
    let scheme = match plan.auth {
        Auth::None => return Ok(None),
        Auth::Sigv4 | Auth::UnsignedBody if plan.takes_token && bearer::is_chosen(core) => Scheme::Bearer,
        Auth::Sigv4 | Auth::UnsignedBody => Scheme::Sigv4,
        Auth::Sigv2 => Scheme::Sigv2,
        Auth::Bearer => Scheme::Bearer,
        Auth::Other(wanted) => {
            let why = format!("the operation wants {wanted}, but only sigv4 can be signed");
            return Err(Error::new(ErrorKind::Signing, why));
        }
    };
    // Neither knows a region.
    if scheme != Scheme::Sigv4 {
        let (region, name) = (String::new(), Cow::Borrowed(core.service.signing_name));
        let (s3, double_encode, unsigned_body) = (false, true, false);
        return Ok(Some(Signing { region, name, s3, double_encode, unsigned_body, trailer, scheme }));
    }
    let unsigned_body = plan.auth == Auth::UnsignedBody;
    Ok(Some(Signing { unsigned_body, trailer, ..signing_of(core, endpoint)? }))
}

/// How the service signs what goes to this endpoint.
pub(super) fn signing_of(core: &Core, endpoint: &crate::endpoint::Endpoint) -> Result<Signing> {
    let config = core.config()?;
    let schemes = &endpoint.auth_schemes;
    let scheme = schemes.iter().find(|it| it.name == "sigv4");
    if scheme.is_none() && !schemes.is_empty() {
        let names: Vec<_> = schemes.iter().map(|it| it.name.as_ref()).collect();
        let why =
            format!("the endpoint {} wants one of {}, but only sigv4 can be signed", endpoint.url, names.join(", "));
        return Err(Error::new(ErrorKind::Signing, why));
    }
    let region = scheme
        .and_then(|it| it.signing_region.as_deref())
        .or(config.region.as_deref())
        .ok_or_else(|| Error::new(ErrorKind::Config, "no region to sign for"))?;
    let s3 = core.service.s3_signature;
    Ok(Signing {
        region: region.to_owned(),
        name: scheme.and_then(|it| it.signing_name.clone()).unwrap_or(Cow::Borrowed(core.service.signing_name)),
        s3,
        double_encode: !scheme.and_then(|it| it.disable_double_encoding).unwrap_or(s3),
        unsigned_body: false,
        trailer: false,
        scheme: Scheme::Sigv4,
    })
}
