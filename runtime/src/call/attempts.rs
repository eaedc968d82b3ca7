//! The attempts of a call: identity, signature, exchange and verdict, in turn until the verdict is final. One function
//! for all operations of all services, so that a program contains it once.

use std::pin::pin;
use std::time::Duration;

use super::build::Built;
use super::context::Context;
use super::events::event_stream_member;
use super::exchange::{Received, exchange, with_attempt_timeout};
use super::learned::Learned;
use super::user_agent::{Feature, Features};
use super::verdict::{self, Signed, Verdict};
use super::{compress, customization, hook_places, identity, signature, trace};
use crate::auth::Identity;
use crate::config::MinThroughput;
use crate::error::Result;
use crate::http::{Body, HeaderName, HeaderValue, Request, header};
use crate::retry::{self, Attempts, invocation_id};
use crate::schema::shape::Kind;
use crate::types::UnreadBody;

// A name that is not in a constant is allocated for each request.
const INVOCATION_ID: HeaderName = HeaderName::from_static("amz-sdk-invocation-id");
const ATTEMPT: HeaderName = HeaderName::from_static("amz-sdk-request");

/// Sends a built request until it succeeds or the retry policy gives up.
pub(super) async fn run(cx: Context<'_>, built: &mut Built) -> Result<Received> {
    let (mut tally, mut learned) = (Tally::default(), Learned::default());
    let result = {
        // Pinned here: the future of a limit would have room for it several times.
        let sent = pin!(send_with_retries(cx, built, &mut tally, &mut learned));
        cx.deadline.limit(sent).await
    };
    learned.settle(cx.client, cx.plan, built.bucket(), &result);
    result.map_err(|it| {
        let error = it.with_service(cx.client.service.id).with_operation(cx.plan.name, tally.sent);
        let error = error.with_retry_delay(tally.paused);
        hook_places::failed(&mut built.hooks, &error);
        error
    })
}

/// What a call did so far, also when a timeout drops its future.
#[derive(Debug, Default)]
struct Tally {
    /// How many times the request was sent.
    sent: u32,
    /// The pauses before retries.
    paused: Duration,
}

async fn send_with_retries(
    cx: Context<'_>,
    built: &mut Built,
    tally: &mut Tally,
    learned: &mut Learned,
) -> Result<Received> {
    let own_policy = cx.options.retry_policy(cx.client)?;
    let policy = match &own_policy {
        Some(policy) => policy,
        None => cx.client.policy()?,
    };
    let mut attempts = policy.start().long_polling(cx.plan.customizations.long_poll);
    complete(cx, built).await?;
    loop {
        if let Some(limiter) = attempts.limiter() {
            let clock = cx.client.session.clock();
            Box::pin(limiter.acquire(|| clock.now(), &cx.client.sleep)).await;
        }
        let (mut request, unread) = next_attempt(&mut built.request);
        let is_signed = hook_places::before_sign(cx, built, &mut request).await?;
        let signing = built.signing.as_ref().filter(|_| is_signed);
        let identity = identity::fetch(cx, signing, built.bucket(), &request).await?;
        let hash = add_checksum(cx, built, (&attempts, learned), identity.is_some(), &mut request).await?;
        let signing = built.signing.as_ref();
        let signed = Signed::now(cx, signing, identity.as_ref());
        let send_guard = match &built.event_upload {
            Some(upload) => Some(signature::sign_events(cx, signing, identity.as_ref(), upload, &mut request)?),
            None => {
                signature::sign(cx, signing, identity.as_ref(), built.has_trailer, hash, &mut request).await?;
                None
            }
        };
        add_user_agent(cx, built, identity, &mut request)?;
        cx.client.http()?;
        tally.sent += 1;
        let started = trace::request(cx.plan, &request);
        let result = {
            // Pinned here: the future of a limit would have room for it several times.
            let exchanged = pin!(exchange(cx, request, send_guard, &mut built.hooks));
            with_attempt_timeout(cx, exchanged).await
        };
        trace::attempt(cx.plan, tally.sent, started, result.as_ref().map(|it| it.status));
        let failure = match result {
            Ok(mut received) => {
                (received.attempts, received.retry_delay) = (tally.sent, tally.paused);
                attempts.received(None, || cx.client.session.clock().now());
                attempts.succeeded();
                return Ok(received);
            }
            Err(failure) => failure,
        };
        // Boxed, since the future of every call would have room for it.
        match Box::pin(verdict::judge(cx, built, learned, &mut attempts, signed, unread, failure)).await? {
            Verdict::Again => {}
            Verdict::After(pause) => {
                tally.paused = tally.paused.saturating_add(pause);
                Box::pin(cx.client.sleep.wait(pause)).await;
            }
        }
    }
}

/// Completes the request with what must be waited for, and with the id that its attempts share.
async fn complete(cx: Context<'_>, built: &mut Built) -> Result<()> {
    if let Ok(id) = HeaderValue::try_from(invocation_id(&cx.client.random)) {
        built.request.headers.insert(INVOCATION_ID, id);
    }
    built.discover(cx).await?;
    if let Some(presign) = built.cross_region.take() {
        Box::pin(presign.add_to(cx, &mut built.request)).await?;
    }
    // Boxed where few calls wait, since the future of every call would have room for it.
    if cx.plan.customizations.tree_hash {
        Box::pin(customization::add_tree_hash(&mut built.request)).await?;
    }
    if cx.plan.compress
        && Box::pin(compress::apply(cx.client.config()?, cx.plan, &mut built.request)).await?
        && let Some(features) = &mut built.features
    {
        features.add(Feature::Gzip);
    }
    built.has_trailer = built.integrity.uses_trailer(&built.request);
    Ok(())
}

/// The request of the next attempt. A body that can be read only once moves there; the handle gets it back if the attempt
/// fails before the body is read.
fn next_attempt(request: &mut Request) -> (Request, Option<UnreadBody>) {
    let body = std::mem::take(&mut request.body);
    let (body, unread) = match body.try_clone() {
        Some(copy) => {
            request.body = body;
            (copy, None)
        }
        None => {
            let (stream, unread) = body.into_stream().split_unread();
            (Body::Stream(stream), Some(unread))
        }
    };
    let Request { method, url, headers, duplex, timeouts, .. } = request;
    // The attempt gets the map that has room for more; the copy is as large as its headers.
    let kept = headers.clone();
    let headers = std::mem::replace(headers, kept);
    (Request { method: method.clone(), url: url.clone(), headers, body, duplex: *duplex, timeouts: *timeouts }, unread)
}

/// Adds what differs between attempts: number and timeouts, and the checksum of the body. Returns the hash for the signature
/// if the body was read for both.
async fn add_checksum(
    cx: Context<'_>,
    built: &Built,
    (attempts, learned): (&Attempts<'_>, &Learned),
    is_signed: bool,
    request: &mut Request,
) -> Result<Option<String>> {
    request.timeouts = cx.options.timeouts;
    let min_throughput = request.timeouts.min_throughput.or(cx.client.config()?.min_throughput);
    if min_throughput.is_some() && (built.event_upload.is_some() || event_stream_member(cx.plan.output).is_some()) {
        // Events come when something happens, not at a speed.
        request.timeouts.min_throughput = Some(MinThroughput::new(0, Duration::ZERO));
    }
    if let Ok(value) = HeaderValue::try_from(attempts.header(ttl(cx, learned).as_deref())) {
        request.headers.insert(ATTEMPT, value);
    }
    let signing = built.signing.as_ref().filter(|_| is_signed && built.event_upload.is_none());
    let is_hashed = match signing {
        Some(signing) => signature::needs_hash(cx, signing, built.has_trailer, request)?,
        None => false,
    };
    built.integrity.apply(request, is_hashed).await
}

/// Until when the response of an attempt is awaited. As in botocore, it is sent once the service's clock is known by a response
/// to this call, and not with a stream, whose transfer may take longer.
fn ttl(cx: Context<'_>, learned: &Learned) -> Option<String> {
    let ahead = learned.ahead?;
    let input = cx.plan.input;
    let streams = input.payload.is_some_and(|it| matches!(input.members[it].node.kind, Kind::Stream | Kind::Events(_)));
    let timeout = cx.options.timeouts.read.or(cx.client.config().ok()?.timeouts.read).filter(|_| !streams)?;
    retry::ttl(cx.client.session.clock().now(), timeout, ahead)
}

/// Adds the user agent, with the features that took part. It is never signed, since proxies may change it.
fn add_user_agent(cx: Context<'_>, built: &mut Built, identity: Option<Identity>, request: &mut Request) -> Result<()> {
    let Some(features) = &mut built.features else { return Ok(()) };
    *features = features.union(identity.map_or(Features::default(), |it| Features::from_identity(&it)));
    request.headers.insert(header::USER_AGENT, cx.client.user_agent(*features)?);
    Ok(())
}
