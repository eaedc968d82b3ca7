//! Checksums of a call: which one a request carries and how, and which one an answer is checked against.
//!
//! The rules are botocore's (`httpchecksum.py`), but for one: with an endpoint URL of one's own a checksum is sent only
//! where the operation requires one, and then as `Content-MD5`, unless the setting says otherwise. Stores other than S3
//! have refused the newer kinds.

use super::core::Core;
use super::execute::ReceivedBody;
use super::prepare::Purpose;
use super::user_agent::Feature;
use crate::checksum::{Algorithm, add_trailer, announced, check, crc32, hash_stream, validated};
use crate::config::ChecksumMode;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Body, HeaderMap, HeaderName, HeaderValue, Request};
use crate::operation::Plan;
use crate::schema::dynamic::Value;
use crate::schema::shape::Kind;
use crate::schema::{StructureMut, StructureView, View};
use crate::value::ByteStream;

/// What was decided about a call's checksums.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Integrity {
    request: Option<Sum>,
    pub(crate) verify: bool,
}

#[derive(Clone, Copy, Debug)]
enum Sum {
    Header(Algorithm),
    ContentMd5,
}

impl Integrity {
    /// What the user agent tells of the request's checksum.
    pub(crate) fn feature(&self) -> Option<Feature> {
        match self.request? {
            Sum::Header(algorithm) => Some(Feature::of_checksum(algorithm)),
            Sum::ContentMd5 => None,
        }
    }
}

/// Decides, and fills the members that name the decision to the service.
pub(crate) fn plan(
    core: &Core,
    plan: &Plan,
    input: &mut StructureMut<'_>,
    given_url: bool,
    purpose: Purpose,
) -> Result<Integrity> {
    let config = core.config()?;
    // Whoever is given a URL may have a body of his own; where there must be a checksum, ours is the one that is sent.
    let is_presigned = purpose == Purpose::Presign;
    if is_presigned && !(plan.checksum_required && plan.input.payload.is_none_or(|it| !is_stream(plan, it))) {
        return Ok(Integrity::default());
    }
    let by_default = match config.request_checksum_calculation {
        Some(mode) => mode == ChecksumMode::WhenSupported,
        None => !given_url,
    };
    let named = plan.checksum_member.map(|it| &plan.input.members[it]);
    let wanted = named.and_then(|it| input.view().get(it));
    let request = if has_checksum(input.view(), wanted.is_some()) {
        None
    } else {
        match (wanted, named) {
            (Some(View::String(name)), _) => Some(Sum::Header(Algorithm::from_name(name).ok_or_else(|| {
                let member = named.map_or("", |it| it.name);
                let why = format!(
                    "Parameter validation failed:\nParameter {member} names no known checksum algorithm: {name:?}"
                );
                Error::new(ErrorKind::Validation, why)
            })?)),
            _ if plan.checksum_required && given_url && config.request_checksum_calculation.is_none() => {
                Some(Sum::ContentMd5)
            }
            (_, Some(member)) if plan.checksum_required || by_default => {
                input.slot(member).put(Value::String(Algorithm::Crc32.name().to_owned()));
                Some(Sum::Header(Algorithm::Crc32))
            }
            _ if plan.checksum_required => Some(Sum::Header(Algorithm::Crc32)),
            _ => None,
        }
    };
    let mut verify = false;
    if let Some(member) = plan.verify_member.filter(|_| !is_presigned).map(|it| &plan.input.members[it]) {
        let asked = input.view().get(member).is_some();
        verify = asked || config.response_checksum_validation != Some(ChecksumMode::WhenRequired);
        if verify && !asked {
            input.slot(member).put(Value::String("ENABLED".to_owned()));
        }
    }
    Ok(Integrity { request, verify })
}

fn is_stream(plan: &Plan, member: usize) -> bool {
    matches!(plan.input.members[member].node.kind, Kind::Stream)
}

/// Whether the caller gave a checksum of the body: then none is computed. Who names an algorithm beside an MD5 wants both, and
/// S3 refuses the name without its checksum.
fn has_checksum(input: StructureView<'_>, is_named: bool) -> bool {
    let is_sum = |wire: &str| {
        (!is_named && wire.eq_ignore_ascii_case("content-md5"))
            || wire.get(..15).is_some_and(|it| it.eq_ignore_ascii_case("x-amz-checksum-"))
                && Algorithm::from_name(&wire[15..]).is_some()
    };
    let shape = input.shape();
    shape.headers.iter().map(|&it| &shape.members[it]).any(|it| is_sum(it.wire) && input.get(it).is_some())
}

impl Integrity {
    /// Whether the body of this request is to carry its checksum behind it.
    pub(crate) fn trails(&self, request: &Request) -> bool {
        match (self.request, &request.body) {
            (Some(Sum::Header(_)), Body::Stream(body)) => request.url.is_https() || !body.is_replayable(),
            _ => false,
        }
    }

    /// Gives an attempt its checksum: a header, or a trailer where the body is a stream.
    pub(crate) async fn apply(&self, request: &mut Request) -> Result<()> {
        let Some(sum) = self.request else { return Ok(()) };
        let algorithm = match sum {
            Sum::Header(it) => it,
            Sum::ContentMd5 => Algorithm::Md5,
        };
        let digest = match &request.body {
            Body::Stream(_) if self.trails(request) => return add_trailer(request, algorithm),
            Body::Stream(body) => hash_stream(body, algorithm).await?.to_base64(),
            body => algorithm.digest_base64(body.as_bytes().unwrap_or_default()),
        };
        let name = match sum {
            Sum::Header(it) => HeaderName::from_static(it.header_name()),
            Sum::ContentMd5 => HeaderName::from_static("content-md5"),
        };
        let value = HeaderValue::from_str(&digest)
            .map_err(|it| Error::new(ErrorKind::Checksum, "no header value").with_source(it))?;
        request.headers.insert(name, value);
        Ok(())
    }
}

/// Checks an answer, be it good or bad, against the header that DynamoDB gives all of its own.
pub(crate) fn verify_crc32(headers: &HeaderMap, body: &[u8]) -> Result<()> {
    let told = headers.get("x-amz-crc32").filter(|_| !headers.contains_key(http::header::CONTENT_ENCODING));
    match told.and_then(|it| it.to_str().ok()?.parse::<u32>().ok()) {
        Some(told) if crc32(body) != told => {
            let (found, bytes) = (crc32(body), body.len());
            let why = format!("the CRC32 of the answer is {found}, but {told} was announced ({bytes} bytes)");
            Err(Error::new(ErrorKind::Checksum, why))
        }
        _ => Ok(()),
    }
}

/// Checks an answer that is in memory; a streamed one is checked while it is read.
pub(crate) fn verify_whole(plan: &Plan, headers: &HeaderMap, body: &ReceivedBody) -> Result<()> {
    match (body, announced(headers, &plan.verify_algorithms)) {
        (ReceivedBody::Whole(bytes), Some(expected)) if plan.method != crate::http::Method::HEAD => {
            check(bytes, expected)
        }
        _ => Ok(()),
    }
}

/// A streamed answer that fails at its end if it does not match its checksum.
pub(crate) fn verify_stream(plan: &Plan, headers: &HeaderMap, stream: ByteStream) -> ByteStream {
    match announced(headers, &plan.verify_algorithms) {
        Some(expected) => validated(stream, expected),
        None => stream,
    }
}
