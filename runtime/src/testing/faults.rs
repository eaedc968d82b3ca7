//! Faults of transports and services, by rule and by seed, so that programs test how they and their retries stand them. Knows
//! no service.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;

use super::responder::error_response;
use super::{Reply, ServiceError};
use crate::BoxFuture;
use crate::error::{Error, ErrorKind, Result};
use crate::hooks::{Hook, HookContext};
use crate::http::{HttpErrorKind, Request, Response, header};
use crate::session::Random;
use crate::types::{ByteStream, Format, Timestamp};

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

#[derive(Clone, Debug)]
enum Kind {
    Reply(Reply),
    Error(ServiceError),
    ClockOff { by: Duration, ahead: bool },
    Body(BodyFault),
}

/// What is wrong with the body of a response.
#[derive(Clone, Copy, Debug)]
enum BodyFault {
    Reset(u64),
    Stall(u64),
    Truncated(u64),
    Trickle(usize),
    Corrupt,
    Length(i64),
}

impl Fault {
    fn new(kind: Kind) -> Self {
        Self { kind, times: None, rate: 1.0, condition: None }
    }

    /// A response with this status and without a body, instead of sending the request.
    pub fn status(status: u16) -> Self {
        Self::new(Kind::Reply(Reply::new(status)))
    }

    /// An error as the called service sends it, instead of sending the request.
    pub fn error(error: impl Into<ServiceError>) -> Self {
        Self::new(Kind::Error(error.into()))
    }

    /// No response: the connection fails in this manner. The request is not sent.
    pub fn failure(kind: HttpErrorKind) -> Self {
        Self::new(Kind::Reply(Reply::failure(kind)))
    }

    /// No response until the read timeout ends the attempt, which it does at once.
    pub fn silence() -> Self {
        Self::new(Kind::Reply(Reply::silence()))
    }

    /// The service refuses the credentials as expired.
    pub fn expired_credentials() -> Self {
        Self::error(ServiceError::new("ExpiredToken").status(400).message("The provided token has expired."))
    }

    /// The service refuses the signature: its clock is ahead of this one's by that much.
    pub fn service_clock_ahead(by: Duration) -> Self {
        Self::new(Kind::ClockOff { by, ahead: true })
    }

    /// The service refuses the signature: its clock is behind this one's by that much.
    pub fn service_clock_behind(by: Duration) -> Self {
        Self::new(Kind::ClockOff { by, ahead: false })
    }

    /// The connection is reset after so many bytes of the response's body.
    pub fn reset_after(bytes: u64) -> Self {
        Self::new(Kind::Body(BodyFault::Reset(bytes)))
    }

    /// The response's body stops after so many bytes, until the read timeout ends it, which it does at once.
    pub fn stall_after(bytes: u64) -> Self {
        Self::new(Kind::Body(BodyFault::Stall(bytes)))
    }

    /// The response's body ends after so many bytes, although its length is announced.
    pub fn truncated(bytes: u64) -> Self {
        Self::new(Kind::Body(BodyFault::Truncated(bytes)))
    }

    /// The response's body arrives in pieces of so many bytes.
    pub fn trickle(bytes: usize) -> Self {
        Self::new(Kind::Body(BodyFault::Trickle(bytes.max(1))))
    }

    /// One bit of the response's body is wrong, so that its checksum does not match.
    pub fn corrupt() -> Self {
        Self::new(Kind::Body(BodyFault::Corrupt))
    }

    /// The response announces so many bytes more than it has, or fewer if it is negative.
    pub fn wrong_length(by: i64) -> Self {
        Self::new(Kind::Body(BodyFault::Length(by)))
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
            match &self.rules[index].0.kind {
                Kind::Reply(reply) => match reply.clone().into_response(request.url.host()) {
                    Ok(response) => call.respond(response),
                    Err(failure) => call.fail_attempt(failure),
                },
                Kind::Error(error) => call.respond(error_response(error, call.protocol, call.plan)?),
                Kind::ClockOff { by, ahead } => {
                    let skewed = ServiceError::new("RequestTimeTooSkewed").status(403);
                    let skewed = skewed.message("The difference between the clocks is too large.");
                    let mut response = error_response(&skewed, call.protocol, call.plan)?;
                    // The time of the signature is that of the client's clock.
                    let signed = request.headers.get("x-amz-date").and_then(|it| it.to_str().ok());
                    let signed =
                        signed.and_then(|it| Timestamp::parse_any(&expanded(it)).ok()).unwrap_or_else(Timestamp::now);
                    let by = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
                    let secs = signed.as_secs().saturating_add(if *ahead { by } else { -by });
                    let date = Timestamp::from_secs(secs).format(Format::HttpDate)?;
                    if let Ok(date) = date.parse() {
                        response.headers.insert(header::DATE, date);
                    }
                    call.respond(response);
                }
                Kind::Body(fault) => {
                    call.insert_of(self.owner(), OfAttempt(call.attempt(), *fault));
                }
            }
            Ok(())
        })
    }

    fn after_response<'a>(
        &'a self,
        call: &'a mut HookContext,
        response: &'a mut Response,
    ) -> BoxFuture<'a, Result<()>> {
        let fault = call.get_of::<OfAttempt>(self.owner()).filter(|it| it.0 == call.attempt()).map(|it| it.1);
        Box::pin(async move {
            let Some(fault) = fault else { return Ok(()) };
            let body = std::mem::take(&mut response.body);
            let len = match (fault, body.len()) {
                (BodyFault::Length(by), Some(len)) => Some(len.saturating_add_signed(by)),
                (_, len) => len,
            };
            if let (BodyFault::Length(_), Some(len)) = (fault, len) {
                response.headers.insert(header::CONTENT_LENGTH, len.into());
            }
            response.body = ByteStream::received(FaultyBody { body, fault, position: 0, rest: Bytes::new() }, len);
            Ok(())
        })
    }
}

/// `20260102T030405Z` in the form that timestamps have everywhere else.
fn expanded(date: &str) -> String {
    let part = |range| date.get(range).unwrap_or_default();
    format!("{}-{}-{}T{}:{}:{}Z", part(0..4), part(4..6), part(6..8), part(9..11), part(11..13), part(13..15))
}

/// A body with a fault.
struct FaultyBody {
    body: ByteStream,
    fault: BodyFault,
    position: u64,
    rest: Bytes,
}

impl Stream for FaultyBody {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let end = match this.fault {
            BodyFault::Reset(at) | BodyFault::Stall(at) | BodyFault::Truncated(at) => at,
            _ => u64::MAX,
        };
        if this.position >= end {
            return Poll::Ready(match this.fault {
                BodyFault::Reset(_) => Some(Err(Error::new(ErrorKind::Io, "connection reset by a fault of the test"))),
                BodyFault::Stall(_) => {
                    Some(Err(Error::new(ErrorKind::Timeout, "the body stalled by a fault of the test")))
                }
                _ => None,
            });
        }
        if this.rest.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_next(cx)) {
                Some(Ok(chunk)) => this.rest = chunk,
                other => return Poll::Ready(other),
            }
        }
        let most = match this.fault {
            BodyFault::Trickle(bytes) => bytes,
            _ => usize::try_from(end - this.position).unwrap_or(usize::MAX),
        };
        let mut chunk = this.rest.split_to(this.rest.len().min(most));
        if matches!(this.fault, BodyFault::Corrupt) && this.position == 0 && !chunk.is_empty() {
            let mut bytes = chunk.to_vec();
            bytes[0] ^= 1;
            chunk = bytes.into();
        }
        this.position += chunk.len() as u64;
        Poll::Ready(Some(Ok(chunk)))
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.rules.iter().map(|it| &it.0)).finish()
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault").field("kind", &self.kind).field("times", &self.times).field("rate", &self.rate).finish()
    }
}
