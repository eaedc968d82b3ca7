//! The stage after a failed exchange: whether the request is sent again at once or after a pause, or the call failed. A
//! redirect, a corrected clock, another discovered endpoint and a new session are no failures of the service, and count as no
//! retry.

use std::time::{Duration, SystemTime};

use super::build::Built;
use super::context::Context;
use super::learned::Learned;
use super::user_agent::Feature;
use super::{hook_places, redirect, sessions, skew};
use crate::auth::{Identity, IdentityKind, Signing};
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind, NotRetried, Result};
use crate::http::Body;
use crate::operation::{self, OperationPlan};
use crate::retry::{Attempts, Modeled, Next, Outcome, Stop};
use crate::types::UnreadBody;

/// What follows a failed attempt.
pub(super) enum Verdict {
    /// The request is sent again at once.
    Again,
    /// The request is sent again after a pause.
    After(Duration),
}

/// How an attempt was signed.
pub(super) struct Signed {
    at: SystemTime,
    /// The session of a bucket that it was signed with.
    session: Option<Credentials>,
}

impl Signed {
    /// How an attempt is signed now.
    pub(super) fn now(cx: Context<'_>, signing: Option<&Signing>, identity: Option<&Identity>) -> Self {
        let is_session = signing.is_some_and(|it| it.scheme.identity() == IdentityKind::Session)
            && !cx.client.is_stubbed(&cx.options.hooks);
        let credentials = identity.filter(|_| is_session).and_then(|it| it.credentials().ok());
        Self { at: cx.client.clock.now(), session: credentials.cloned() }
    }
}

/// Judges the failure of an attempt, whose body is in `unread` if it can be read only once.
///
/// # Errors
/// The failure of the attempt, if it is that of the call.
pub(super) async fn judge(
    cx: Context<'_>,
    built: &mut Built,
    learned: &mut Learned,
    attempts: &mut Attempts<'_>,
    signed: Signed,
    unread: Option<UnreadBody>,
    failure: Error,
) -> Result<Verdict> {
    let failure = with_modeled(cx.plan, failure);
    attempts.received(Some(&Outcome::from_error(&failure)), || cx.client.session.clock().now());
    if let Some(ahead) = skew::ahead(cx.client.session.clock().now(), &failure) {
        learned.ahead = Some(ahead);
    }
    let operation = cx.plan.name;
    let replayable = restore_body(built, unread);
    // The request is redirected at once, and only once.
    if learned.region.is_none()
        && replayable
        && let Some(region) = redirect::region(cx, built, &failure).await
    {
        tracing::debug!(operation, region, "redirected to the region of the bucket");
        built.redirect_to(cx, &region)?;
        learned.region = Some(region);
        built.features = built.features.map(|it| it.with(Feature::RegionRedirect));
        return Ok(Verdict::Again);
    }
    if learned.previous_skew.is_none()
        && replayable
        && let Some(previous) = cx.client.skew.learn(signed.at, &failure)
    {
        tracing::debug!(operation, "clock skew: signing with the service's time");
        learned.previous_skew = Some(previous);
        return Ok(Verdict::Again);
    }
    // Forgotten also if the request cannot be sent again: it is the endpoint of other calls, too.
    if built.discovery.as_ref().is_some_and(|it| it.forget_rejected(cx.client, &failure))
        && replayable
        && !std::mem::replace(&mut learned.rediscovered, true)
    {
        tracing::debug!(operation, "the discovered endpoint is not valid any more: asking for another");
        built.discover(cx).await?;
        return Ok(Verdict::Again);
    }
    // Dropped also if the request cannot be sent again.
    if sessions::drop_rejected(cx.client, signed.session.as_ref(), &failure)
        && replayable
        && !std::mem::replace(&mut learned.has_new_session, true)
    {
        tracing::debug!(operation, "the session is not valid any more: creating another");
        return Ok(Verdict::Again);
    }
    match hook_places::after_failure(&mut built.hooks, attempts, &failure)? {
        Next::Retry(_) if !replayable => {
            tracing::debug!(operation, "not retried: the body can be read only once");
            Err(failure.with_not_retried(NotRetried::Body))
        }
        Next::Retry(pause) => {
            tracing::debug!(operation, attempt = attempts.number(), ?pause, error = %failure, "retrying");
            Ok(Verdict::After(pause))
        }
        Next::Stop(Stop::Quota { pause }) => {
            cx.client.sleep.wait(pause.unwrap_or_default()).await;
            Err(failure.with_not_retried(NotRetried::Quota))
        }
        Next::Stop(Stop::MaxAttempts) => {
            Err(failure.with_not_retried(NotRetried::MaxAttempts { retries: attempts.number() - 1 }))
        }
        Next::Stop(Stop::Final) => Err(failure),
    }
}

/// Returns a body that can be read only once to the request, if it was not read. Whether the request can be sent again.
fn restore_body(built: &mut Built, unread: Option<UnreadBody>) -> bool {
    let replayable = match unread.map(|it| it.take()) {
        None => true,
        Some(Some(body)) => {
            built.request.body = Body::Stream(body);
            true
        }
        Some(None) => false,
    };
    replayable && built.event_upload.as_ref().is_none_or(|it| !it.is_started())
}

/// The failure with what the model of the operation declares about it.
fn with_modeled(plan: &OperationPlan, failure: Error) -> Error {
    let verdict = failure.code().and_then(|code| plan.retryable.iter().find(|it| it.0 == code));
    let modeled = match verdict {
        Some((_, operation::Verdict::Final)) => Modeled::Final,
        Some((_, operation::Verdict::Retryable)) => Modeled::Retryable,
        Some((_, operation::Verdict::Throttling)) => Modeled::Throttling,
        // A truncated response of an operation with `late-error` is a failure of the service.
        None if plan.customizations.late_error && failure.kind() == ErrorKind::Parse => Modeled::Retryable,
        None => return failure,
    };
    failure.with_modeled(modeled)
}
