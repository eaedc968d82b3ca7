//! How far the clock of a service is from ours, learned from its answers. Services refuse signatures whose time is some
//! minutes off; one such refusal is enough to sign with the service's time from then on. botocore does not correct this,
//! the other SDKs do.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use crate::auth::Clock;
use crate::error::Error;
use crate::http::header;
use crate::value::{Format, Timestamp};

/// What services say to a signature of the wrong time; the last three also to other wrong signatures.
const CODES: [&str; 6] = [
    "RequestTimeTooSkewed",
    "RequestExpired",
    "RequestInTheFuture",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "AuthFailure",
];

/// Smaller differences are no reason to refuse a signature.
const TOLERATED: Duration = Duration::from_secs(4 * 60);

/// The clock of a client, and the milliseconds that the service's is ahead of it.
#[derive(Clone, Debug)]
pub(crate) struct Skew {
    source: Clock,
    ahead: Arc<AtomicI64>,
}

impl Skew {
    pub(crate) fn new(source: Clock) -> Self {
        Self { source, ahead: Arc::default() }
    }

    /// A clock that shows the service's time, as far as it is known.
    pub(crate) fn clock(&self) -> Clock {
        let Self { source, ahead } = self.clone();
        Clock::from_fn(move || {
            let now = source.now();
            let ahead = ahead.load(Ordering::Relaxed);
            let by = Duration::from_millis(ahead.unsigned_abs());
            if ahead < 0 { now.checked_sub(by) } else { now.checked_add(by) }.unwrap_or(now)
        })
    }

    /// Whether a request was refused for the time it was signed with; the right one is then known.
    pub(crate) fn learn(&self, signed: SystemTime, failure: &Error) -> bool {
        let Some(answer) = failure.response() else { return false };
        // The answer to a HEAD has no code.
        let refused =
            failure.code().is_some_and(|it| CODES.contains(&it)) || answer.status == 403 && answer.body.is_empty();
        let date = answer.headers.get(header::DATE).and_then(|it| it.to_str().ok());
        let Some(theirs) = date.filter(|_| refused).and_then(|it| Timestamp::parse(it, Format::HttpDate).ok()) else {
            return false;
        };
        let (signed, ours) = (Timestamp::from(signed), Timestamp::from(self.source.now()));
        let off = theirs.saturating_duration_since(signed).max(signed.saturating_duration_since(theirs));
        if off <= TOLERATED {
            return false;
        }
        self.ahead.store(theirs.as_millis().saturating_sub(ours.as_millis()), Ordering::Relaxed);
        true
    }
}
