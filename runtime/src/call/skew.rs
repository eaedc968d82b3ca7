//! Clock skew: how far the clock of a service is from the local one, learned from its responses. Services reject
//! signatures whose time is some minutes off; after one such response calls are signed with the service's time.
//! botocore does not correct clock skew, the other SDKs do.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use crate::auth::Clock;
use crate::error::Error;
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

    /// Whether a request was rejected for the time it was signed with. If so, the skew is stored.
    pub(crate) fn learn(&self, signed: SystemTime, failure: &Error) -> bool {
        let Some(response) = failure.response() else { return false };
        // The response to a HEAD request has no code.
        let rejected =
            failure.code().is_some_and(|it| CODES.contains(&it)) || response.status == 403 && response.body.is_empty();
        let date = response.headers.get(header::DATE).and_then(|it| it.to_str().ok());
        let Some(theirs) = date.filter(|_| rejected).and_then(|it| Timestamp::parse(it, Format::HttpDate).ok()) else {
            return false;
        };
        let (signed, ours) = (Timestamp::from(signed), Timestamp::from(self.local.now()));
        let difference = theirs.saturating_duration_since(signed).max(signed.saturating_duration_since(theirs));
        if difference <= TOLERATED {
            return false;
        }
        self.offset_millis.store(theirs.as_millis().saturating_sub(ours.as_millis()), Ordering::Relaxed);
        true
    }
}
