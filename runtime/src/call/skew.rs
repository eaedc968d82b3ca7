//! Clock skew: how far the clock of a service is from the local one, learned from its responses. Services reject
//! signatures whose time is some minutes off; after one such response calls are signed with the service's time.
//! botocore does not correct clock skew, the other SDKs do.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use crate::auth::Clock;
use crate::error::{Error, ErrorKind};
use crate::http::header;
use crate::types::{Format, Timestamp};

/// Error codes of a signature with the wrong time; the last three also stand for other wrong signatures.
const CODES: [&str; 6] = [
    "RequestTimeTooSkewed",
    "RequestExpired",
    "RequestInTheFuture",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "AuthFailure",
];

/// Smaller differences are not taken for the reason of the rejection. Our choice: below the five minutes that most
/// services accept (IAM User Guide, Signature Version 4).
const TOLERATED: Duration = Duration::from_secs(4 * 60);

/// The times that a service's clock may show, in seconds since 1970: from the launch of the first service, S3, on
/// 2006-03-14, to the end of the 21st century. Our choice: no service has another date, and every time in between can be
/// signed with, so that no response can disable a client.
const PLAUSIBLE: std::ops::Range<i64> = 1_142_294_400..4_102_444_800;

/// The local clock of a client, and how far the service's clock is ahead of it.
#[derive(Clone, Debug)]
pub(crate) struct ClockSkew {
    local: Clock,
    offset_millis: Arc<AtomicI64>,
}

impl ClockSkew {
    pub(crate) fn new(local: Clock) -> Self {
        Self { local, offset_millis: Arc::default() }
    }

    /// A clock that returns the service's time: the local time plus the skew learned so far.
    pub(crate) fn clock(&self) -> Clock {
        let Self { local, offset_millis } = self.clone();
        Clock::from_fn(move || {
            let now = local.now();
            let millis = offset_millis.load(Ordering::Relaxed);
            let offset = Duration::from_millis(millis.unsigned_abs());
            if millis < 0 { now.checked_sub(offset) } else { now.checked_add(offset) }.unwrap_or(now)
        })
    }

    /// If a request was rejected for the time it was signed with: stores the skew, and returns the one stored before, in
    /// milliseconds, for [`forget`](Self::forget).
    pub(crate) fn learn(&self, signed: SystemTime, failure: &Error) -> Option<i64> {
        let theirs = service_time(failure).filter(|_| is_rejection(failure))?;
        let (signed, ours) = (Timestamp::from(signed), Timestamp::from(self.local.now()));
        let difference = theirs.saturating_duration_since(signed).max(signed.saturating_duration_since(theirs));
        if difference <= TOLERATED {
            return None;
        }
        Some(self.offset_millis.swap(theirs.as_millis().saturating_sub(ours.as_millis()), Ordering::Relaxed))
    }

    /// Returns to the skew stored before, if a call that was signed with the learned one was rejected all the same.
    pub(crate) fn forget(&self, previous: i64, failure: &Error) {
        if is_rejection(failure) {
            self.offset_millis.store(previous, Ordering::Relaxed);
        }
    }
}

/// The time of the service when it responded with this failure, if it is one that its clock may show.
fn service_time(failure: &Error) -> Option<Timestamp> {
    let date = failure.response()?.headers.get(header::DATE)?.to_str().ok()?;
    Timestamp::parse(date, Format::HttpDate).ok().filter(|it| PLAUSIBLE.contains(&it.as_secs()))
}

/// How many milliseconds the service's clock is ahead of `now`, when its response with this failure arrived.
pub(crate) fn ahead(now: SystemTime, failure: &Error) -> Option<i64> {
    Some(service_time(failure)?.as_millis().saturating_sub(Timestamp::from(now).as_millis()))
}

/// Whether the time of a signature may be the reason of a failure. The response to a HEAD request has no code.
fn is_rejection(failure: &Error) -> bool {
    if failure.kind() != ErrorKind::Service {
        return false;
    }
    let no_body = |it: &crate::error::RawResponse| it.status == 403 && it.body.is_empty();
    failure.code().is_some_and(|it| CODES.contains(&it)) || failure.response().is_some_and(no_body)
}
