//! The second half of a call: sign, send, classify, wait, again. One function for every operation of every service.

use std::time::Duration;

use super::address::Way;
use super::bucket::{self, Elsewhere};
use super::compress;
use super::core::Core;
use super::events::{self, Answers, Hold};
use super::integrity;
use super::options::Options;
use super::prepare::{self, Prepared, Scheme, Signing};
use super::special;
use super::user_agent::{self, Feature, Features};
use crate::auth::{Payload, Signer, SigningParams, sigv2};
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind, Response, Result};
use crate::http::{Body, BoxFuture, HeaderMap, HeaderValue, Method, Request, Url, header};
use crate::operation::Verdict;
use crate::retry::{Modeled, Next, Outcome, Stop, invocation_id, parse_retry_after};
use crate::schema::shape::Kind;
use crate::value::ByteStream;

/// A good answer.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: ReceivedBody,
    pub(crate) attempts: u32,
}

#[derive(Debug)]
pub(crate) enum ReceivedBody {
    Whole(bytes::Bytes),
    Streaming(ByteStream),
    /// Events, and the document with the members beside them.
    Events(Box<Answers>, bytes::Bytes),
}

/// Sends a prepared request until it succeeds or the policy gives up. Erased and boxed, so that a program holds it once.
pub(crate) fn execute<'a>(
    core: &'a Core,
    prepared: &'a mut Prepared,
    options: &'a Options,
) -> BoxFuture<'a, Result<Received>> {
    Box::pin(async move {
        let name = prepared.plan.name;
        let limit = options.total_timeout.or(core.config()?.timeouts.total);
        let mut attempts = 0;
        let run = run(core, prepared, options, &mut attempts);
        let result = match limit {
            None => run.await,
            Some(limit) => match tokio::time::timeout(limit, run).await {
                Ok(result) => result,
                Err(_) => Err(timed_out("the call", limit)),
            },
        };
        result.map_err(|it| it.of_call(name, attempts))
    })
}

async fn run(core: &Core, prepared: &mut Prepared, options: &Options, count: &mut u32) -> Result<Received> {
    let policy = core.policy()?;
    let mut attempts = policy.start().long_polling(prepared.plan.special.long_poll);
    let (mut redirected, mut corrected) = (false, false);
    let id = HeaderValue::from_str(&invocation_id(&core.random)).ok();
    if let Some(id) = id {
        prepared.request.headers.insert("amz-sdk-invocation-id", id);
    }
    if let Some(it) = prepared.elsewhere.take() {
        it.fill(core, &mut prepared.request).await?;
    }
    if prepared.plan.special.tree_hash {
        special::add_tree_hash(&mut prepared.request).await?;
    }
    if compress::apply(core.config()?, prepared.plan, &mut prepared.request).await?
        && let Some(features) = &mut prepared.features
    {
        features.add(Feature::Gzip);
    }
    if let Some(signing) = &mut prepared.signing {
        signing.trailer = prepared.integrity.trails(&prepared.request);
    }
    loop {
        let replayable = prepared.request.body.is_replayable();
        let mut request = match prepared.request.try_clone() {
            Some(request) => request,
            None => std::mem::take(&mut prepared.request),
        };
        if let Ok(value) = HeaderValue::from_str(&attempts.header()) {
            request.headers.insert("amz-sdk-request", value);
        }
        prepared.integrity.apply(&mut request).await?;
        let signed = core.clock.now();
        let hold = match &prepared.outlet {
            Some(outlet) => Some(outlet.open(core, prepared.signing.as_ref(), &mut request).await?),
            None => {
                let used = sign(core, prepared.signing.as_ref(), &mut request).await?;
                if let Some(features) = &mut prepared.features {
                    *features = features.and(used);
                }
                None
            }
        };
        // Never signed: proxies may change it.
        if let Some(features) = prepared.features {
            request.headers.insert(header::USER_AGENT, user_agent::of_call(core, features)?);
        }
        *count = attempts.number();
        let failure = match attempt(core, prepared, request, hold, options).await {
            Ok(mut received) => {
                received.attempts = attempts.number();
                attempts.succeeded();
                return Ok(received);
            }
            Err(failure) => failure,
        };
        let replayable = replayable && prepared.outlet.as_ref().is_none_or(|it| !it.is_taken());
        // The wrong region is no failure of the service: the right one is asked at once, and only once.
        if !redirected
            && replayable
            && let Some(region) = elsewhere(core, prepared, options, &failure).await
        {
            tracing::debug!(operation = prepared.plan.name, region, "going to the region that the service named");
            redirected = true;
            prepared.redirect(core, &region)?;
            prepared.features = prepared.features.map(|it| it.with(Feature::RegionRedirect));
            continue;
        }
        if !corrected && replayable && core.skew.learn(signed, &failure) {
            tracing::debug!(operation = prepared.plan.name, "signing with the time of the service, ours is another");
            corrected = true;
            continue;
        }
        let outcome = outcome(prepared, &failure);
        match attempts.failed(&outcome) {
            Next::Retry(_) if !replayable => {
                tracing::debug!(operation = prepared.plan.name, "not retried: the body can be read only once");
                return Err(failure);
            }
            Next::Retry(pause) => {
                tracing::debug!(operation = prepared.plan.name, attempt = attempts.number(), ?pause, error = %failure, "retrying");
                core.sleep.wait(pause).await;
            }
            Next::Stop(Stop::Quota { pause: Some(pause) }) => {
                core.sleep.wait(pause).await;
                return Err(failure);
            }
            Next::Stop(_) => return Err(failure),
        }
    }
}

/// The region to ask instead of the one that was asked, if an answer says that it was the wrong one.
async fn elsewhere(core: &Core, prepared: &Prepared, options: &Options, failure: &Error) -> Option<String> {
    let (way, _) = prepared.way.as_ref()?;
    let region = match bucket::elsewhere(prepared.plan, failure)? {
        Elsewhere::In(region) => region.to_owned(),
        // Who does not get to know reports the failure as it was.
        Elsewhere::Somewhere => limited(core, options, ask(core, prepared, way)).await.ok()??,
    };
    (prepared.signing.as_ref().is_none_or(|it| it.region != region)).then_some(region)
}

/// Asks for the region of a bucket by a HEAD of it, whose answer tells it whatever else it says.
async fn ask(core: &Core, prepared: &Prepared, way: &Way) -> Result<Option<String>> {
    let endpoint = way.here(core)?;
    let mut request = Request::new(Method::HEAD, Url::join(&endpoint.url, "/", "")?);
    let signing = prepare::signing(core, prepared.plan, &endpoint, false)?;
    sign(core, signing.as_ref(), &mut request).await?;
    if let Some(features) = prepared.features {
        request.headers.insert(header::USER_AGENT, user_agent::of_call(core, features)?);
    }
    let answer = core.http()?.send(request).await?;
    Ok(bucket::region_of(&answer.headers).map(str::to_owned))
}

/// Credentials at hand cost nothing; others are asked for.
pub(crate) async fn credentials(core: &Core) -> Result<Option<Credentials>> {
    let provider = core.provider.credentials()?;
    if provider.is_anonymous() {
        return Ok(None);
    }
    match provider.cached() {
        Some(credentials) => Ok(Some(credentials)),
        None => provider.provide().await.map(Some),
    }
}

/// Signs, and tells what took part.
async fn sign(core: &Core, signing: Option<&Signing>, request: &mut Request) -> Result<Features> {
    let mut features = Features::default();
    let Some(signing) = signing else { return Ok(features) };
    if signing.scheme == Scheme::Bearer {
        return Ok(features.with(super::bearer::authorize(core, request).await?));
    }
    let Some(credentials) = credentials(core).await? else {
        // Without a signature S3 must be told that a checksum follows the body.
        if signing.trailer {
            let value = HeaderValue::from_static("STREAMING-UNSIGNED-PAYLOAD-TRAILER");
            request.headers.insert("x-amz-content-sha256", value);
        }
        return Ok(features);
    };
    features = features.with(Feature::of_credentials(&credentials));
    if signing.scheme == Scheme::Sigv2 {
        sigv2::sign(request, &credentials, core.clock.now())?;
        return Ok(features);
    }
    let chosen = core.config()?.s3.payload_signing_enabled.filter(|_| signing.s3);
    let payload = match &request.body {
        _ if signing.trailer => Payload::UnsignedTrailer,
        _ if chosen == Some(false) => Payload::Unsigned,
        // Whoever listens could change a body that nothing vouches for.
        _ if signing.unsigned_body && request.url.is_https() => Payload::Unsigned,
        Body::Stream(_) if signing.s3 && chosen.is_none() => Payload::Unsigned,
        Body::Stream(_) => {
            // Where the hash is sent along it is known by now.
            let known = request.headers.get("x-amz-content-sha256").and_then(|it| it.to_str().ok());
            let hash = match known {
                Some(hash) => hash.to_owned(),
                None => crate::auth::hash_payload(&request.body).await?,
            };
            core.signer.sign(request, &credentials, &params(core, signing, Payload::Hash(&hash)))?;
            return Ok(features);
        }
        _ => Payload::Body,
    };
    core.signer.sign(request, &credentials, &params(core, signing, payload))?;
    Ok(features)
}

/// The parameters of a signature made now.
pub(crate) fn params<'a>(core: &Core, signing: &'a Signing, payload: Payload<'a>) -> SigningParams<'a> {
    let time = core.clock.now();
    let base = match signing.s3 {
        true => SigningParams::s3(&signing.region, &signing.name, time),
        false => SigningParams::new(&signing.region, &signing.name, time),
    };
    // A service that is not told hashes the body all the same.
    let unsigned = matches!(payload, Payload::Unsigned | Payload::UnsignedTrailer);
    let content_sha256_header = base.content_sha256_header || unsigned;
    SigningParams { double_encode: signing.double_encode, payload, content_sha256_header, ..base }
}

async fn attempt(
    core: &Core,
    prepared: &Prepared,
    request: Request,
    hold: Option<Hold>,
    options: &Options,
) -> Result<Received> {
    limited(core, options, exchange(core, prepared, request, hold)).await
}

/// One exchange within the time that an attempt may take.
async fn limited<T>(core: &Core, options: &Options, exchange: impl Future<Output = Result<T>>) -> Result<T> {
    match options.attempt_timeout.or(core.config()?.timeouts.attempt) {
        None => exchange.await,
        Some(limit) => match tokio::time::timeout(limit, exchange).await {
            Ok(result) => result,
            Err(_) => Err(timed_out("the attempt", limit)),
        },
    }
}

async fn exchange(core: &Core, prepared: &Prepared, request: Request, hold: Option<Hold>) -> Result<Received> {
    let plan = prepared.plan;
    let response = core.http()?.send(request).await.map_err(|it| Hold::explain(&hold, it.into()))?;
    let status = response.status.as_u16();
    if status < 301
        && let Some((_, union)) = events::member_of(plan.output)
    {
        let mut answers = Box::new(Answers::new(core, plan, response.headers.clone(), response.body, hold)?);
        let initial = answers.initial(union).await?;
        let body = ReceivedBody::Events(answers, initial);
        return Ok(Received { status, headers: response.headers, body, attempts: 0 });
    }
    let streams = plan.output.payload.is_some_and(|it| matches!(plan.output.members[it].node.kind, Kind::Stream));
    if status < 301 && streams {
        let body = ReceivedBody::Streaming(response.body);
        return Ok(Received { status, headers: response.headers, body, attempts: 0 });
    }
    let headers = response.headers;
    let body = response.body.collect().await?.into_bytes();
    integrity::verify_crc32(&headers, &body)?;
    if status >= 301 || special::is_error(&plan.special, &body)? {
        return Err(Error::service(core.service.protocol, Response { status, headers, body }));
    }
    Ok(Received { status, headers, body: ReceivedBody::Whole(body), attempts: 0 })
}

/// What the retry policy is told of a failure.
fn outcome<'a>(prepared: &Prepared, failure: &'a Error) -> Outcome<'a> {
    let Some(answer) = failure.response() else {
        // Half an answer of an operation that may fail late is a failure of the service, too.
        let late = prepared.plan.special.late_error && failure.kind() == ErrorKind::Parse;
        return if late {
            Outcome { status: Some(500), ..Outcome::default() }
        } else {
            Outcome::of_kind(failure.kind())
        };
    };
    let code = failure.code();
    let modeled = match prepared.plan.retryable.iter().find(|it| Some(it.0) == code) {
        Some((_, Verdict::Final)) => Modeled::Final,
        Some((_, Verdict::Retryable)) => Modeled::Retryable,
        Some((_, Verdict::Throttling)) => Modeled::Throttling,
        None => Modeled::Unknown,
    };
    // An error behind a good status counts as the service's own failure, as in botocore.
    let status = if answer.status < 301 { 500 } else { answer.status };
    let retry_after = answer.headers.get("x-amz-retry-after").and_then(|it| it.to_str().ok());
    Outcome {
        status: Some(status),
        code,
        modeled,
        retry_after_ms: retry_after.and_then(parse_retry_after),
        ..Outcome::default()
    }
}

fn timed_out(what: &str, limit: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("{what} did not end within {limit:?}"))
}
