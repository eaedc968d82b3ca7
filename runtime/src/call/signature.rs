//! The stage that signs an attempt: how its body enters the signature, and the signatures of the events that are its
//! body. Knows no scheme, and not where an identity comes from.

use super::context::Context;
use super::events::{EventSendGuard, EventUpload};
use crate::auth::{EventSignatures, Identity, Payload, Signing, hash_payload};
use crate::error::Result;
use crate::http::{Body, HeaderName, HeaderValue, Request};

const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// Whether the body is a stream that must be read to sign the request.
pub(super) fn needs_hash(cx: Context<'_>, signing: &Signing, has_trailer: bool, request: &Request) -> Result<bool> {
    let is_computed = request.headers.contains_key(CONTENT_SHA256);
    Ok(!is_computed && payload(cx, signing, has_trailer, request)?.is_none())
}

/// Signs a request that lacks only its user agent. Without an identity it stays unsigned. `has_trailer`: a
/// checksum follows the body. `known_hash` is the SHA-256 of the body in hex, if it is known.
pub(super) async fn sign(
    cx: Context<'_>,
    signing: Option<&Signing>,
    identity: Option<&Identity>,
    has_trailer: bool,
    known_hash: Option<String>,
    request: &mut Request,
) -> Result<()> {
    let Some(signing) = signing else { return Ok(()) };
    let Some(identity) = identity else {
        // S3 requires this header for a trailing checksum even if the request is not signed.
        if has_trailer {
            let value = HeaderValue::from_static("STREAMING-UNSIGNED-PAYLOAD-TRAILER");
            request.headers.insert(CONTENT_SHA256, value);
        }
        return Ok(());
    };
    let hash;
    let payload = match payload(cx, signing, has_trailer, request)? {
        Some(payload) => payload,
        None => {
            // The tree hash customization has already computed the hash and added it as a header.
            let computed = request.headers.get(CONTENT_SHA256).and_then(|it| it.to_str().ok());
            hash = match (computed, known_hash) {
                (Some(hash), _) => hash.to_owned(),
                (None, Some(hash)) => hash,
                (None, None) => Box::pin(hash_payload(&request.body)).await?,
            };
            Payload::Hash(&hash)
        }
    };
    sign_with(cx, signing, identity, payload, request)
}

/// How the body enters the signature; `None` if it must be read for it.
fn payload(
    cx: Context<'_>,
    signing: &Signing,
    has_trailer: bool,
    request: &Request,
) -> Result<Option<Payload<'static>>> {
    if !signing.scheme.signs_body() {
        return Ok(Some(Payload::Body));
    }
    let sign_payload = cx.client.config()?.s3.payload_signing_enabled.filter(|_| signing.s3);
    Ok(match &request.body {
        _ if has_trailer => Some(Payload::UnsignedTrailer),
        _ if sign_payload == Some(false) => Some(Payload::Unsigned),
        // Over HTTP anyone on the network path could change an unsigned body.
        _ if signing.unsigned_body && request.url.is_https() => Some(Payload::Unsigned),
        Body::Stream(_) if signing.s3 && sign_payload.is_none() => Some(Payload::Unsigned),
        Body::Stream(_) => None,
        _ => Some(Payload::Body),
    })
}

/// Signs the request and makes the events its body, which is sent until the returned guard is dropped.
pub(super) fn sign_events(
    cx: Context<'_>,
    signing: Option<&Signing>,
    identity: Option<&Identity>,
    upload: &EventUpload,
    request: &mut Request,
) -> Result<EventSendGuard> {
    let mut signatures = None;
    if let (Some(signing), Some(identity)) = (signing, identity) {
        sign_with(cx, signing, identity, Payload::Events, request)?;
        if signing.scheme.signs_events() {
            signatures = Some(EventSignatures::after(request, signing, identity.credentials()?, &cx.client.clock));
        }
    }
    upload.attach(cx.client, signatures, request)
}

fn sign_with(
    cx: Context<'_>,
    signing: &Signing,
    identity: &Identity,
    payload: Payload<'_>,
    request: &mut Request,
) -> Result<()> {
    let params = signing.params(cx.client.clock.now(), payload);
    signing.scheme.sign(&cx.client.signers, request, identity, &params)
}
