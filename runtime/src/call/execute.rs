//! The second half of a call: sign, send, classify the failure, wait, retry. One function for all operations of all
//! services.

use std::pin::pin;
use std::time::Duration;

use super::bucket::{self, RedirectTarget};
use super::client_state::ClientState;
use super::compress;
use super::customization;
use super::deadline::Deadline;
use super::events::{self, EventSendGuard, ResponseEvents};
use super::integrity;
use super::options::Options;
use super::prepare::{self, Prepared, Scheme, Signing};
use super::resolve_endpoint::RedirectContext;
use super::response;
use super::user_agent::{self, Feature, Features};
use crate::auth::{Payload, Signer, SigningParams, sigv2};
use crate::credentials::{Credentials, ProvideCredentials};
use crate::error::{Error, ErrorKind, NotRetried, Result};
use crate::http::{Body, HeaderMap, HeaderName, HeaderValue, HttpClient, Method, Request, Url, header};
use crate::operation::Verdict;
use crate::retry::{FIRST_ERROR_STATUS, Modeled, Next, Outcome, Stop, invocation_id};
use crate::schema::shape::Kind;
use crate::tokio_runtime;
use crate::types::{ByteStream, UnreadBody};

// A name that is not in a constant is allocated for each request.
const INVOCATION_ID: HeaderName = HeaderName::from_static("amz-sdk-invocation-id");
const ATTEMPT: HeaderName = HeaderName::from_static("amz-sdk-request");
const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// A successful response.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: ReceivedBody,
    pub(crate) attempts: u32,
}

#[derive(Debug)]
pub(crate) enum ReceivedBody {
    Buffered(bytes::Bytes),
    Streaming(ByteStream),
    /// Events, and the document with the members beside them.
    Events(Box<ResponseEvents>, bytes::Bytes),
}

/// Sends a prepared request until it succeeds or the retry policy gives up. Type-erased, so that a program contains it
/// once.
pub(crate) async fn execute(
    client: &ClientState,
    prepared: &mut Prepared,
    options: &Options,
    deadline: Deadline,
) -> Result<Received> {
    let name = prepared.plan.name;
    let (mut attempts, mut learned) = (0, Learned::default());
    let identity = wait_for_identity(client, prepared, options, deadline).await;
    let result = match identity {
        Ok(()) => {
            // Pinned here: the future of a limit would have room for it several times.
            let sent = pin!(send_with_retries(client, prepared, options, &mut attempts, &mut learned));
            deadline.limit(sent).await
        }
        Err(error) => Err(error),
    };
    if let (Some(previous), Err(failure)) = (learned.previous_skew, &result) {
        client.skew.forget(previous, failure);
    }
    learn_region(client, prepared, learned.region, &result);
    result.map_err(|it| it.with_service(client.service.id).with_operation(name, attempts))
}

/// What a call learned from the responses that it got. It is kept only if it worked.
#[derive(Default)]
struct Learned {
    /// The region that the call was redirected to.
    region: Option<String>,
    /// The clock skew before it was corrected, in milliseconds.
    previous_skew: Option<i64>,
}

/// Caches the region that a redirect led to once the service responded there, and forgets the region of a bucket that was
/// redirected in turn. Other failures say nothing about the region: a body that can be read only once needs it next time.
fn learn_region(client: &ClientState, prepared: &Prepared, redirected: Option<String>, result: &Result<Received>) {
    let Some((redirect_context, _)) = &prepared.redirect_context else { return };
    let bucket = redirect_context.bucket();
    match (result, redirected) {
        (Err(error), _) if bucket::redirect_from_error(prepared.plan, error).is_some() => client.forget_region(bucket),
        (Err(error), _) if error.status().is_none() => {}
        (_, Some(region)) => client.cache_region(bucket, &region),
        (_, None) => {}
    }
}

/// `count` is how many times the request was sent so far, also when a timeout drops the future.
async fn send_with_retries(
    client: &ClientState,
    prepared: &mut Prepared,
    options: &Options,
    count: &mut u32,
    learned: &mut Learned,
) -> Result<Received> {
    let own_policy = options.retry_policy(client)?;
    let policy = match &own_policy {
        Some(policy) => policy,
        None => client.policy()?,
    };
    let mut attempts = policy.start().long_polling(prepared.plan.customizations.long_poll);
    if let Ok(id) = HeaderValue::try_from(invocation_id(&client.random)) {
        prepared.request.headers.insert(INVOCATION_ID, id);
    }
    if let Some(presign) = prepared.cross_region.take() {
        presign.add_to(client, options, &mut prepared.request).await?;
    }
    if prepared.plan.customizations.tree_hash {
        customization::add_tree_hash(&mut prepared.request).await?;
    }
    if compress::apply(client.config()?, prepared.plan, &mut prepared.request).await?
        && let Some(features) = &mut prepared.features
    {
        features.add(Feature::Gzip);
    }
    if let Some(signing) = &mut prepared.signing {
        signing.trailer = prepared.integrity.uses_trailer(&prepared.request);
    }
    loop {
        let (mut request, unread) = next_attempt(&mut prepared.request);
        request.timeouts = options.timeouts;
        if let Ok(value) = HeaderValue::try_from(attempts.header()) {
            request.headers.insert(ATTEMPT, value);
        }
        prepared.integrity.apply(&mut request).await?;
        let signed = client.clock.now();
        let send_guard = match &prepared.event_upload {
            Some(event_upload) => {
                Some(event_upload.attach(client, options, prepared.signing.as_ref(), &mut request).await?)
            }
            None => {
                let used = sign(client, options, prepared.signing.as_ref(), &mut request).await?;
                if let Some(features) = &mut prepared.features {
                    *features = features.union(used);
                }
                None
            }
        };
        // Added after signing: it is never signed, since proxies may change it.
        if let Some(features) = prepared.features {
            request.headers.insert(header::USER_AGENT, user_agent::for_call(client, features)?);
        }
        let http = client.http()?;
        *count += 1;
        let failure = match attempt(client, http, prepared, request, send_guard, options).await {
            Ok(mut received) => {
                received.attempts = *count;
                attempts.succeeded();
                return Ok(received);
            }
            Err(failure) => with_modeled(prepared, failure),
        };
        let replayable = match unread.map(|it| it.take()) {
            None => true,
            Some(Some(body)) => {
                prepared.request.body = Body::Stream(body);
                true
            }
            Some(None) => false,
        };
        let replayable = replayable && prepared.event_upload.as_ref().is_none_or(|it| !it.is_started());
        // A redirect is not a failure of the service: the request is sent to the other region at once, and only once.
        if learned.region.is_none()
            && replayable
            && let Some(region) = redirect_region(client, prepared, options, &failure).await
        {
            tracing::debug!(operation = prepared.plan.name, region, "redirected to the region of the bucket");
            prepared.redirect(client, options, &region)?;
            learned.region = Some(region);
            prepared.features = prepared.features.map(|it| it.with(Feature::RegionRedirect));
            continue;
        }
        if learned.previous_skew.is_none()
            && replayable
            && let Some(previous) = client.skew.learn(signed, &failure)
        {
            tracing::debug!(operation = prepared.plan.name, "clock skew: signing with the service's time");
            learned.previous_skew = Some(previous);
            continue;
        }
        match attempts.failed(&Outcome::from_error(&failure)) {
            Next::Retry(_) if !replayable => {
                tracing::debug!(operation = prepared.plan.name, "not retried: the body can be read only once");
                return Err(failure.with_not_retried(NotRetried::Body));
            }
            Next::Retry(pause) => {
                tracing::debug!(operation = prepared.plan.name, attempt = attempts.number(), ?pause, error = %failure, "retrying");
                client.sleep.wait(pause).await;
            }
            Next::Stop(Stop::Quota { pause }) => {
                client.sleep.wait(pause.unwrap_or_default()).await;
                return Err(failure.with_not_retried(NotRetried::Quota));
            }
            Next::Stop(Stop::MaxAttempts) => {
                return Err(failure.with_not_retried(NotRetried::MaxAttempts { retries: attempts.number() - 1 }));
            }
            Next::Stop(Stop::Final) => return Err(failure),
        }
    }
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

/// The region to send the request to instead, if the failure is a redirect to another region.
async fn redirect_region(
    client: &ClientState,
    prepared: &Prepared,
    options: &Options,
    failure: &Error,
) -> Option<String> {
    let (redirect_context, _) = prepared.redirect_context.as_ref()?;
    let region = match bucket::redirect_from_error(prepared.plan, failure)? {
        RedirectTarget::Region(region) => region.to_owned(),
        // If the region cannot be looked up, the failure is reported as received.
        RedirectTarget::Unknown => {
            let lookup = look_up_region(client, prepared, options, redirect_context);
            with_attempt_timeout(client, options, lookup).await.ok()??
        }
    };
    (prepared.signing.as_ref().is_none_or(|it| it.region != region)).then_some(region)
}

/// Looks up the region of a bucket by a HEAD request, whose response has it in a header whatever its status.
async fn look_up_region(
    client: &ClientState,
    prepared: &Prepared,
    options: &Options,
    redirect_context: &RedirectContext,
) -> Result<Option<String>> {
    let endpoint = redirect_context.original_endpoint(client)?;
    let mut request = Request::new(Method::HEAD, Url::join(&endpoint.url, "/", "")?);
    request.timeouts = options.timeouts;
    let signing = prepare::signing_for_operation(client, prepared.plan, options, &endpoint, false)?;
    sign(client, options, signing.as_ref(), &mut request).await?;
    if let Some(features) = prepared.features {
        request.headers.insert(header::USER_AGENT, user_agent::for_call(client, features)?);
    }
    let response = client.http()?.send(request).await?;
    Ok(bucket::region_from_headers(&response.headers).map(str::to_owned))
}

/// The credentials to sign with, without waiting if the provider has valid ones in memory; `None` to send unsigned
/// requests.
pub(crate) async fn credentials(provider: &dyn ProvideCredentials) -> Result<Option<Credentials>> {
    if provider.is_anonymous() {
        return Ok(None);
    }
    match provider.cached() {
        Some(credentials) => Ok(Some(credentials)),
        None => provider.provide().await.map(Some),
    }
}

/// Fetches what the request is signed with before anything else of a call that has a total timeout, so that its error
/// names the provider. Later it is in memory.
async fn wait_for_identity(
    client: &ClientState,
    prepared: &Prepared,
    options: &Options,
    deadline: Deadline,
) -> Result<()> {
    let Some(signing) = prepared.signing.as_ref().filter(|_| deadline.is_set()) else { return Ok(()) };
    if signing.scheme == Scheme::Bearer {
        return super::bearer::wait_for_token(client, &prepared.request, deadline).await;
    }
    let provider = options.credentials_provider(client)?;
    deadline.limit_credentials(provider, credentials(provider)).await.map(drop)
}

/// Signs a request. Returns the features that took part, for the user agent.
async fn sign(
    client: &ClientState,
    options: &Options,
    signing: Option<&Signing>,
    request: &mut Request,
) -> Result<Features> {
    let mut features = Features::default();
    let Some(signing) = signing else { return Ok(features) };
    if signing.scheme == Scheme::Bearer {
        return Ok(features.with(super::bearer::authorize(client, request).await?));
    }
    let Some(credentials) = credentials(options.credentials_provider(client)?).await? else {
        // S3 requires this header for a trailing checksum even if the request is not signed.
        if signing.trailer {
            let value = HeaderValue::from_static("STREAMING-UNSIGNED-PAYLOAD-TRAILER");
            request.headers.insert(CONTENT_SHA256, value);
        }
        return Ok(features);
    };
    features = features.with(Feature::from_credentials(&credentials));
    if signing.scheme == Scheme::Sigv2 {
        sigv2::sign(request, &credentials, client.clock.now())?;
        return Ok(features);
    }
    let sign_payload = client.config()?.s3.payload_signing_enabled.filter(|_| signing.s3);
    let payload = match &request.body {
        _ if signing.trailer => Payload::UnsignedTrailer,
        _ if sign_payload == Some(false) => Payload::Unsigned,
        // Over HTTP anyone on the network path could change an unsigned body.
        _ if signing.unsigned_body && request.url.is_https() => Payload::Unsigned,
        Body::Stream(_) if signing.s3 && sign_payload.is_none() => Payload::Unsigned,
        Body::Stream(_) => {
            // The tree hash customization has already computed the hash and added it as a header.
            let computed = request.headers.get(CONTENT_SHA256).and_then(|it| it.to_str().ok());
            let hash = match computed {
                Some(hash) => hash.to_owned(),
                None => crate::auth::hash_payload(&request.body).await?,
            };
            client.signer.sign(request, &credentials, &signing_params(client, signing, Payload::Hash(&hash)))?;
            return Ok(features);
        }
        _ => Payload::Body,
    };
    client.signer.sign(request, &credentials, &signing_params(client, signing, payload))?;
    Ok(features)
}

/// The parameters of a signature with the current time.
pub(crate) fn signing_params<'a>(
    client: &ClientState,
    signing: &'a Signing,
    payload: Payload<'a>,
) -> SigningParams<'a> {
    let time = client.clock.now();
    let base = match signing.s3 {
        true => SigningParams::s3(&signing.region, &signing.name, time),
        false => SigningParams::new(&signing.region, &signing.name, time),
    };
    // Without the header the service would verify the hash of the body.
    let unsigned = matches!(payload, Payload::Unsigned | Payload::UnsignedTrailer);
    let content_sha256_header = base.content_sha256_header || unsigned;
    SigningParams { double_encode: signing.double_encode, payload, content_sha256_header, ..base }
}

async fn attempt(
    client: &ClientState,
    http: &dyn HttpClient,
    prepared: &Prepared,
    request: Request,
    send_guard: Option<EventSendGuard>,
    options: &Options,
) -> Result<Received> {
    // Pinned for the same reason as in `execute`.
    let exchange = pin!(exchange(client, http, prepared, request, send_guard));
    with_attempt_timeout(client, options, exchange).await
}

/// Runs one exchange with the timeout of an attempt.
async fn with_attempt_timeout<T>(
    client: &ClientState,
    options: &Options,
    exchange: impl Future<Output = Result<T>>,
) -> Result<T> {
    match options.attempt_timeout.or(client.config()?.timeouts.attempt) {
        None => exchange.await,
        Some(timeout) => {
            tokio_runtime::current()?;
            match tokio::time::timeout(timeout, exchange).await {
                Ok(result) => result,
                Err(_) => Err(timed_out("the attempt", timeout)),
            }
        }
    }
}

async fn exchange(
    client: &ClientState,
    http: &dyn HttpClient,
    prepared: &Prepared,
    request: Request,
    send_guard: Option<EventSendGuard>,
) -> Result<Received> {
    let plan = prepared.plan;
    let response = http.send(request).await.map_err(|it| EventSendGuard::explain(&send_guard, it.into()))?;
    let status = response.status.as_u16();
    if status < FIRST_ERROR_STATUS
        && let Some((_, union)) = events::event_stream_member(plan.output)
    {
        let head = (status, response.headers.clone());
        let mut events = Box::new(ResponseEvents::new(client, plan, head, response.body, send_guard)?);
        let initial = events.initial(union).await?;
        let body = ReceivedBody::Events(events, initial);
        return Ok(Received { status, headers: response.headers, body, attempts: 0 });
    }
    let streams = plan.output.payload.is_some_and(|it| matches!(plan.output.members[it].node.kind, Kind::Stream));
    if status < FIRST_ERROR_STATUS && streams {
        let body = ReceivedBody::Streaming(response.body);
        return Ok(Received { status, headers: response.headers, body, attempts: 0 });
    }
    let response = response::read(response, client.config()?.max_response_bytes).await?;
    let is_error = || -> Result<bool> {
        integrity::verify_crc32(&response.headers, &response.body)?;
        Ok(status >= FIRST_ERROR_STATUS || customization::is_error(&plan.customizations, &response.body)?)
    };
    match is_error() {
        Ok(false) => {
            let body = ReceivedBody::Buffered(response.body);
            Ok(Received { status, headers: response.headers, body, attempts: 0 })
        }
        Ok(true) => Err(Error::from_response(client.service.as_ref(), response)),
        Err(error) => Err(error.with_response(response)),
    }
}

/// The failure with what the model of the operation declares about it.
fn with_modeled(prepared: &Prepared, failure: Error) -> Error {
    let plan = prepared.plan;
    let verdict = failure.code().and_then(|code| plan.retryable.iter().find(|it| it.0 == code));
    let modeled = match verdict {
        Some((_, Verdict::Final)) => Modeled::Final,
        Some((_, Verdict::Retryable)) => Modeled::Retryable,
        Some((_, Verdict::Throttling)) => Modeled::Throttling,
        // A truncated response of an operation with `late-error` is a failure of the service.
        None if plan.customizations.late_error && failure.kind() == ErrorKind::Parse => Modeled::Retryable,
        None => return failure,
    };
    failure.with_modeled(modeled)
}

fn timed_out(what: &str, timeout: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("{what} timed out after {timeout:?}"))
}
