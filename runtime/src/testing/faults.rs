//! Faults of transports and services, by rule and by seed, so that programs test how they and their retries stand them. Knows
//! no service.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::body_fault::BodyFault;
use super::responder::{self, Attempt, Responder};
use super::{Reply, ServiceError};
use crate::BoxFuture;
use crate::error::Result;
use crate::hooks::{Hook, HookContext};
use crate::http::{HttpErrorKind, Request, Response};
use crate::session::Random;
use crate::types::{Format, Timestamp};

/// Faults that are put into calls, as a [`Hook`] of a session or of one call. It works beside a real service, a local one and
/// a [`Stub`](super::Stub), whose responses it changes when it is added after it.
///
/// ```
/// use aws_core::Session;
/// use aws_core::testing::{Fault, Faults};
///
/// let faults = Faults::new(7)
///     .with(Fault::status(503).times(2))
///     .with(Fault::reset_after(1_000).rate(0.1))
///     .with(Fault::expired_credentials().when(|call| call.operation() == "GetObject").times(1));
/// let session = Session::builder().hook(faults);
/// ```
///
/// Each attempt gets the first fault that applies to it, or none. A run with the same seed and the same order of attempts has
/// the same faults.
pub struct Faults {
    random: Random,
    rules: Vec<(Fault, AtomicUsize)>,
}

impl Faults {
    /// No faults. The seed decides on those that have a [`rate`](Fault::rate).
    pub fn new(seed: u64) -> Self {
        Self { random: Random::seeded(seed), rules: Vec::new() }
    }

    /// Adds a fault, after those that were added before.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        self.rules.push((fault, AtomicUsize::new(0)));
        self
    }

    /// Under which the state of calls is kept: they may have other faults, too.
    fn owner(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The fault of an attempt.
    fn choose(&self, call: &HookContext) -> Option<usize> {
        self.rules.iter().position(|(fault, used)| {
            let applies = fault.condition.as_ref().is_none_or(|it| it(call))
                && (fault.rate >= 1.0 || self.random.fraction() < fault.rate);
            let limit = fault.times.unwrap_or(usize::MAX);
            let next = |it| (it < limit).then_some(it + 1);
            applies && used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
        })
    }
}

/// One fault, and when it happens: always, unless its methods say otherwise.
pub struct Fault {
    kind: Kind,
    times: Option<usize>,
    rate: f64,
    condition: Option<Box<Condition>>,
}

type Condition = dyn Fn(&HookContext) -> bool + Send + Sync;

enum Kind {
    /// In place of sending the request.
    Instead(Responder),
    /// By how many seconds the service's clock is ahead.
    ClockOff(i64),
    Body(BodyFault),
}

impl Fault {
    fn new(kind: Kind) -> Self {
        Self { kind, times: None, rate: 1.0, condition: None }
    }

    fn instead(responder: Responder) -> Self {
        Self::new(Kind::Instead(responder))
    }

    fn body(fault: BodyFault) -> Self {
        Self::new(Kind::Body(fault))
    }

    /// A response with this status and without a body, instead of sending the request.
    pub fn status(status: u16) -> Self {
        Self::instead(responder::reply(Reply::new(status)))
    }

    /// An error as the called service sends it, instead of sending the request.
    pub fn error(error: impl Into<ServiceError>) -> Self {
        Self::instead(responder::error(error.into()))
    }

    /// No response: the connection fails in this manner. The request is not sent.
    pub fn failure(kind: HttpErrorKind) -> Self {
        Self::instead(responder::reply(Reply::failure(kind)))
    }

    /// No response until the read timeout ends the attempt, which it does at once.
    pub fn silence() -> Self {
        Self::failure(HttpErrorKind::Timeout)
    }

    /// The service refuses the credentials as expired.
    pub fn expired_credentials() -> Self {
        Self::error(ServiceError::new("ExpiredToken").status(400).message("The provided token has expired."))
    }

    /// The service refuses the signature: its clock is ahead of this one's by that much.
    pub fn service_clock_ahead(by: Duration) -> Self {
        Self::new(Kind::ClockOff(seconds(by)))
    }

    /// The service refuses the signature: its clock is behind this one's by that much.
    pub fn service_clock_behind(by: Duration) -> Self {
        Self::new(Kind::ClockOff(-seconds(by)))
    }

    /// The connection is reset after so many bytes of the response's body.
    pub fn reset_after(bytes: u64) -> Self {
        Self::body(BodyFault::Reset(bytes))
    }

    /// The response's body stops after so many bytes, until the read timeout ends it, which it does at once.
    pub fn stall_after(bytes: u64) -> Self {
        Self::body(BodyFault::Stall(bytes))
    }

    /// The response's body ends after so many bytes, although its length is announced.
    pub fn truncated(bytes: u64) -> Self {
        Self::body(BodyFault::Truncated(bytes))
    }

    /// The response's body arrives in pieces of so many bytes.
    pub fn trickle(bytes: usize) -> Self {
        Self::body(BodyFault::Trickle(bytes.max(1)))
    }

    /// One bit of the response's body is wrong, so that its checksum does not match.
    pub fn corrupt() -> Self {
        Self::body(BodyFault::Corrupt)
    }

    /// The response announces so many bytes more than it has, or fewer if it is negative.
    pub fn wrong_length(by: i64) -> Self {
        Self::body(BodyFault::Length(by))
    }

    /// The fault happens this often, and then no more.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    /// The fault happens to this part of the attempts, between 0 and 1.
    #[must_use]
    pub fn rate(mut self, rate: f64) -> Self {
        self.rate = rate;
        self
    }

    /// The fault happens only to the attempts that meet a condition.
    #[must_use]
    pub fn when(mut self, condition: impl Fn(&HookContext) -> bool + Send + Sync + 'static) -> Self {
        self.condition = Some(Box::new(condition));
        self
    }
}

/// The fault of the response that is awaited.
struct OfAttempt(u32, BodyFault);

impl Hook for Faults {
    fn name(&self) -> &str {
        "Faults"
    }

    fn before_send<'a>(&'a self, call: &'a mut HookContext, request: &'a mut Request) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let Some(index) = self.choose(call) else { return Ok(()) };
            let responder = match &self.rules[index].0.kind {
                Kind::Instead(responder) => Arc::clone(responder),
                Kind::ClockOff(by) => responder::error(skewed(request, *by)?),
                Kind::Body(fault) => {
                    call.insert_of(self.owner(), OfAttempt(call.attempt(), *fault));
                    return Ok(());
                }
            };
            let (protocol, plan, host) = (call.protocol, call.plan, request.url.host());
            call.response = Some(responder(&Attempt { protocol, plan, host, input: None })?);
            Ok(())
        })
    }

    fn after_response<'a>(
        &'a self,
        call: &'a mut HookContext,
        response: &'a mut Response,
    ) -> BoxFuture<'a, Result<()>> {
        if let Some(OfAttempt(attempt, fault)) = call.get_of(self.owner())
            && *attempt == call.attempt()
        {
            fault.apply(response);
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

/// What a service sends whose clock is so many seconds ahead of that of the signature.
fn skewed(request: &Request, by: i64) -> Result<ServiceError> {
    let signed = request.headers.get("x-amz-date").and_then(|it| it.to_str().ok());
    let signed = signed.and_then(|it| Timestamp::parse_any(&expanded(it)).ok()).unwrap_or_else(Timestamp::now);
    let date = Timestamp::from_secs(signed.as_secs().saturating_add(by)).format(Format::HttpDate)?;
    let error = ServiceError::new("RequestTimeTooSkewed").status(403).header("date", &date);
    Ok(error.message("The difference between the clocks is too large."))
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// `20260102T030405Z` in the form that timestamps have everywhere else.
fn expanded(date: &str) -> String {
    let part = |range| date.get(range).unwrap_or_default();
    format!("{}-{}-{}T{}:{}:{}Z", part(0..4), part(4..6), part(6..8), part(9..11), part(11..13), part(13..15))
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.rules.iter().map(|it| &it.0)).finish()
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault").field("times", &self.times).field("rate", &self.rate).finish_non_exhaustive()
    }
}
