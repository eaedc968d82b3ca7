//! Checksums of a call: which one a request carries and how, and which one a response is checked against.
//!
//! The rules are botocore's (`httpchecksum.py`), with one exception: at an explicit endpoint URL whose host is not AWS's, a
//! checksum is sent only if the call requires one, and then as `Content-MD5`, unless `request_checksum_calculation` is set.
//! Stores other than S3 have rejected the newer algorithms.

use super::context::{Context, Purpose};
use super::user_agent::Feature;
use crate::checksum::{Algorithm, add_trailer, check, crc32, expected_in_headers, hash_stream, validated};
use crate::config::ChecksumMode;
use crate::encoding::hex;
use crate::endpoint::Partition;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Body, HeaderMap, HeaderName, HeaderValue, Method, Request, Url};
use crate::operation::OperationPlan;
use crate::schema::shape::Kind;
use crate::schema::{StructureMut, StructureView, View};
use crate::types::ByteStream;

/// The decision about the checksums of a call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Integrity {
    request: Option<RequestChecksum>,
    /// Whether the response is checked.
    pub(crate) verify: bool,
}

#[derive(Clone, Copy, Debug)]
enum RequestChecksum {
    Header(Algorithm),
    ContentMd5,
}

impl Integrity {
    /// The feature for the user agent: the algorithm of the request's checksum.
    pub(crate) fn feature(&self) -> Option<Feature> {
        match self.request? {
            RequestChecksum::Header(algorithm) => Some(Feature::from_checksum(algorithm)),
            RequestChecksum::ContentMd5 => None,
        }
    }
}

/// Decides about the checksums, and sets the members that name the decision to the service.
pub(crate) fn decide(cx: Context<'_>, input: &mut StructureMut<'_>, explicit_url: Option<&str>) -> Result<Integrity> {
    let Context { client, plan, options, purpose, .. } = cx;
    let config = client.config()?;
    let calculation = options.request_checksum_calculation.or(config.request_checksum_calculation);
    let validation = options.response_checksum_validation.or(config.response_checksum_validation);
    // Only asked for operations that have checksums.
    let at_other_store = || explicit_url.is_some_and(|it| !is_aws(it));
    let required = plan.checksum_required
        || plan.customizations.checksum_with.iter().any(|&it| input.view().get(&plan.input.members[it]).is_some());
    // The sender of a presigned URL may choose the body. If a checksum is required, the body is ours and so is the
    // checksum.
    let is_presigned = purpose == Purpose::Presign;
    if is_presigned && !(plan.checksum_required && plan.input.payload.is_none_or(|it| !is_stream(plan, it))) {
        return Ok(Integrity::default());
    }
    let by_default = || match calculation {
        Some(mode) => mode == ChecksumMode::WhenSupported,
        None => !at_other_store(),
    };
    let member = plan.checksum_member.map(|it| &plan.input.members[it]);
    let chosen = member.and_then(|it| input.view().get(it));
    let request = if has_checksum(input.view(), chosen.is_some()) {
        None
    } else {
        match (chosen, member) {
            (Some(View::String(name)), _) => {
                let algorithm = Algorithm::from_name(name).ok_or_else(|| {
                    let member = member.map_or("", |it| it.name);
                    let why = format!(
                        "Parameter validation failed:\nUnknown checksum algorithm for parameter {member}: {name:?}"
                    );
                    Error::new(ErrorKind::Validation, why)
                })?;
                Some(RequestChecksum::Header(algorithm))
            }
            // An MD5 is sent before the body, so a body that can be read only once has the default checksum after it.
            _ if required && calculation.is_none() && at_other_store() && !is_read_once(plan, input.view()) => {
                Some(RequestChecksum::ContentMd5)
            }
            (_, Some(member)) if required || by_default() => {
                input.slot(member).put_str(Algorithm::Crc32.name().into());
                Some(RequestChecksum::Header(Algorithm::Crc32))
            }
            _ if required => Some(RequestChecksum::Header(Algorithm::Crc32)),
            _ => None,
        }
    };
    let mut verify = false;
    if let Some(member) = plan.verify_member.filter(|_| !is_presigned).map(|it| &plan.input.members[it]) {
        let is_requested = input.view().get(member).is_some();
        verify = is_requested || validation != Some(ChecksumMode::WhenRequired);
        if verify && !is_requested {
            input.slot(member).put_str("ENABLED".into());
        }
    }
    Ok(Integrity { request, verify })
}

/// Labels of host names that are below the suffixes of AWS, and whose servers are customers': virtual machines, load
/// balancers, APIs. Source: the documentation of EC2, Elastic Load Balancing and API Gateway about their host names.
const CUSTOMER_LABELS: [&str; 4] = ["compute", "compute-1", "elb", "execute-api"];

/// Whether a URL is that of a service of AWS, such as a regional, dual-stack, FIPS or VPC endpoint.
pub(crate) fn is_aws(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let host = url.host();
    let is_customers = || host.split('.').any(|it| CUSTOMER_LABELS.iter().any(|label| it.eq_ignore_ascii_case(label)));
    Partition::find_for_host(host).is_some() && !is_customers()
}

/// Whether the body is a stream that can be read only once.
fn is_read_once(plan: &OperationPlan, input: StructureView<'_>) -> bool {
    let body = plan.input.payload.and_then(|it| input.get(&plan.input.members[it]));
    matches!(body, Some(View::Stream(body)) if !body.is_replayable())
}

fn is_stream(plan: &OperationPlan, member: usize) -> bool {
    matches!(plan.input.members[member].node.kind, Kind::Stream)
}

/// Whether the caller set a checksum of the body: then none is computed. If the caller names an algorithm beside an
/// MD5, both are sent, since S3 rejects the name without its checksum.
fn has_checksum(input: StructureView<'_>, names_algorithm: bool) -> bool {
    let is_checksum = |wire: &str| {
        (!names_algorithm && wire.eq_ignore_ascii_case("content-md5"))
            || wire.get(..15).is_some_and(|it| it.eq_ignore_ascii_case("x-amz-checksum-"))
                && Algorithm::from_name(&wire[15..]).is_some()
    };
    let shape = input.shape();
    shape.headers.iter().map(|&it| &shape.members[it]).any(|it| is_checksum(it.wire) && input.get(it).is_some())
}

impl Integrity {
    /// Whether the checksum of this request is a trailer after the body.
    pub(crate) fn uses_trailer(&self, request: &Request) -> bool {
        match (self.request, &request.body) {
            (Some(RequestChecksum::Header(_)), Body::Stream(body)) => request.url.is_https() || !body.is_replayable(),
            _ => false,
        }
    }

    /// Adds the checksum to an attempt: a header, or a trailer if the body is a stream. If a stream is read for a header
    /// and for the signature, it is read once: then the SHA-256 in hex is returned.
    pub(crate) async fn apply(&self, request: &mut Request, is_hashed: bool) -> Result<Option<String>> {
        let Some(checksum) = self.request else { return Ok(None) };
        let mut sha256 = None;
        let algorithm = match checksum {
            RequestChecksum::Header(it) => it,
            RequestChecksum::ContentMd5 => Algorithm::Md5,
        };
        let digest = match &request.body {
            Body::Stream(_) if self.uses_trailer(request) => return add_trailer(request, algorithm).map(|()| None),
            Body::Stream(body) if is_hashed => {
                // Boxed, both, since the future of every call would have room for it.
                let [checksum, hash] = Box::pin(hash_stream(body, [algorithm, Algorithm::Sha256])).await?;
                sha256 = Some(hex::encode(hash.as_bytes()));
                checksum.to_base64()
            }
            Body::Stream(body) => Box::pin(hash_stream(body, [algorithm])).await?[0].to_base64(),
            body => algorithm.digest_base64(body.as_bytes().unwrap_or_default()),
        };
        let name = match checksum {
            RequestChecksum::Header(it) => HeaderName::from_static(it.header_name()),
            RequestChecksum::ContentMd5 => HeaderName::from_static("content-md5"),
        };
        let value = HeaderValue::from_str(&digest).map_err(|it| {
            Error::new(ErrorKind::Checksum, "the checksum is not a valid header value").with_source(it)
        })?;
        request.headers.insert(name, value);
        Ok(sha256)
    }
}

/// Checks a response, whether successful or not, against the header that DynamoDB adds to all of its responses.
pub(crate) fn verify_crc32(headers: &HeaderMap, body: &[u8]) -> Result<()> {
    let header = headers.get("x-amz-crc32").filter(|_| !headers.contains_key(http::header::CONTENT_ENCODING));
    match header.and_then(|it| it.to_str().ok()?.parse::<u32>().ok()) {
        Some(expected) if crc32(body) != expected => {
            let (actual, bytes) = (crc32(body), body.len());
            let why = format!(
                "checksum mismatch: the CRC32 of the response is {actual}, expected {expected} ({bytes} bytes)"
            );
            Err(Error::new(ErrorKind::Checksum, why))
        }
        _ => Ok(()),
    }
}

/// Checks a response that is in memory; a streamed one is checked while it is read.
pub(crate) fn verify_buffered(plan: &OperationPlan, headers: &HeaderMap, body: &[u8]) -> Result<()> {
    match plan.method {
        // It has the headers of the response to GET, without its body.
        Method::HEAD => Ok(()),
        _ => expected_in_headers(headers, &plan.verify_algorithms).map_or(Ok(()), |it| check(body, it)),
    }
}

/// Wraps a streamed response so that it fails at its end if it does not match its checksum.
pub(crate) fn verify_stream(plan: &OperationPlan, headers: &HeaderMap, stream: ByteStream) -> ByteStream {
    match expected_in_headers(headers, &plan.verify_algorithms) {
        Some(expected) => validated(stream, expected),
        None => stream,
    }
}
