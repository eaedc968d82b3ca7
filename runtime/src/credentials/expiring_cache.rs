//! A cache for one value that expires. It is refreshed before that, on a schedule, by one caller at a time, in a task that
//! outlives the caller. Knows neither credentials nor tokens.

use std::future::Future;
use std::sync::{Arc, RwLock, RwLockReadGuard};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tracing::Instrument;

use super::limited;
use crate::types::Timestamp;
use crate::{BoxFuture, Error, ErrorKind, Result, sync, tokio_runtime};

/// Returns the current time.
pub type TimestampFn = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Returns a random fraction between 0 and 1.
pub type Jitter = Arc<dyn Fn() -> f64 + Send + Sync>;

/// When a value is refreshed.
#[derive(Debug)]
pub(super) struct Schedule {
    /// How long before expiry the advisory window begins: one caller refreshes the value while the others use the current
    /// one, and a failure is tolerated.
    advisory: Duration,
    /// How long before expiry the mandatory window begins: all callers wait for the refresh.
    mandatory: Duration,
    /// The advisory window is at most this fraction of the lifetime, and the mandatory one that.
    advisory_fraction: u32,
    mandatory_fraction: u32,
    /// How long no advisory refresh is tried after one failed, so that a provider that is down does not slow every call.
    retry_delay: Duration,
    /// Whether no caller waits for an advisory refresh, not even the one that begins it, and a value is used until it has
    /// expired if it cannot be refreshed.
    ahead: bool,
}

/// The schedule of credentials and tokens: botocore's `_DEFAULT_ADVISORY_REFRESH_TIMEOUT` and
/// `_DEFAULT_MANDATORY_REFRESH_TIMEOUT` (`credentials.py`), and its `_attempt_timeout` for tokens (`tokens.py`); for
/// credentials botocore has no such delay. The fractions are our choice: the ratios of botocore's windows to a lifetime of an
/// hour, for otherwise credentials of 15 minutes would be refreshed at each use.
pub(super) static BEFORE_EXPIRY: Schedule = Schedule {
    advisory: Duration::from_secs(15 * 60),
    mandatory: Duration::from_secs(10 * 60),
    advisory_fraction: 4,
    mandatory_fraction: 6,
    retry_delay: Duration::from_secs(60),
    ahead: false,
};

/// The schedule of sessions, which live minutes and are used by every request: from half of their lifetime on, so that a
/// refresh that fails can be tried several times, and no request waits that comes within the other half. A request signed
/// in the last 10 seconds could arrive too late: botocore's `mandatory_timeout` for S3 Express (`utils.py`). The rest is our
/// choice.
pub(super) static AHEAD: Schedule = Schedule {
    advisory: Duration::MAX,
    mandatory: Duration::from_secs(10),
    advisory_fraction: 2,
    mandatory_fraction: 6,
    retry_delay: Duration::from_secs(30),
    ahead: true,
};

/// The most by which the advisory window begins earlier. Our choice, so that machines that were started together do not
/// refresh at the same moment.
const MAX_JITTER: Duration = Duration::from_secs(60);
/// The jitter is also at most this fraction of the lifetime (1/60): a minute for a lifetime of an hour.
const JITTER_FRACTION: u32 = 60;
/// How long a value is used that has expired according to the clock when it is fetched. The clock may be wrong, and the
/// service decides. Our choice: a third of the shortest lifetime that AWS issues, 15 minutes, so that a value that is not
/// expired in fact is refreshed in time; botocore fails.
const EXPIRED_USE: Duration = Duration::from_secs(5 * 60);

/// A value that can be cached.
pub(super) trait Expiring: Clone + Send + Sync + 'static {
    /// The name of such values in messages, in the plural: `credentials`.
    const KIND: &'static str;

    fn expiry(&self) -> Option<Timestamp>;

    fn provider(&self) -> &str;
}

/// A cache for one value. A clone is the same cache.
#[derive(Clone)]
pub(super) struct ExpiringCache<T> {
    schedule: &'static Schedule,
    clock: TimestampFn,
    jitter: Jitter,
    state: Arc<RwLock<State<T>>>,
    refresh_lock: Arc<tokio::sync::Mutex<()>>,
}

struct State<T> {
    current: Option<T>,
    /// The time from the fetch of `current` to its expiry.
    lifetime: Duration,
    /// How much earlier the advisory window of `current` begins.
    jitter: Duration,
    /// The number of finished fetches.
    fetches: u64,
    /// The error of the last fetch, if it failed.
    failure: Option<(ErrorKind, String)>,
    /// No advisory refresh is tried before this time.
    no_refresh_before: Option<Timestamp>,
    /// Until when `current` is used although it had expired when it was fetched.
    expired_use_until: Option<Timestamp>,
}

/// What a caller has to do with the current value.
enum Phase<T> {
    /// Use it.
    Fresh(T),
    /// Refresh it unless another caller does; use it if that fails.
    Advisory(T),
    /// Refresh it, or wait until another caller has.
    Mandatory,
}

impl<T: Expiring> ExpiringCache<T> {
    pub(super) fn new(schedule: &'static Schedule) -> Self {
        Self {
            schedule,
            clock: Arc::new(Timestamp::now),
            jitter: Arc::new(fastrand::f64),
            state: Arc::new(RwLock::new(State {
                current: None,
                lifetime: Duration::ZERO,
                jitter: Duration::ZERO,
                fetches: 0,
                failure: None,
                no_refresh_before: None,
                expired_use_until: None,
            })),
            refresh_lock: Arc::default(),
        }
    }

    pub(super) fn set_clock(&mut self, clock: TimestampFn) {
        self.clock = clock;
    }

    pub(super) fn set_jitter(&mut self, jitter: Jitter) {
        self.jitter = jitter;
    }

    /// The current value, if it needs no refresh.
    pub(super) fn fresh(&self) -> Option<T> {
        match self.phase(&self.read()) {
            Phase::Fresh(current) => Some(current),
            Phase::Advisory(_) | Phase::Mandatory => None,
        }
    }

    /// The current value, or that of `fetch` if it must be refreshed. Only one fetch runs at a time, and no longer
    /// than `timeout`; `provider` is the name of who fetches. A fetch whose caller is cancelled runs on, for the next one.
    pub(super) async fn get(
        &self,
        provider: &'static str,
        timeout: Option<Duration>,
        fetch: BoxFuture<'static, Result<T>>,
    ) -> Result<T> {
        let (phase, fetches) = {
            let state = self.read();
            (self.phase(&state), state.fetches)
        };
        match phase {
            Phase::Fresh(current) => Ok(current),
            Phase::Advisory(current) => {
                let Ok(lock) = Arc::clone(&self.refresh_lock).try_lock_owned() else { return Ok(current) };
                if let Phase::Fresh(current) = self.phase(&self.read()) {
                    return Ok(current);
                }
                let fetch = limited(T::KIND, provider, timeout, fetch);
                let runtime = if self.schedule.ahead { tokio_runtime::current().ok() } else { None };
                let Some(runtime) = runtime else {
                    return self.refresh(lock, fetch).await.or_else(|error| Ok(still_valid(current, &error)));
                };
                // Outside of the caller's span, which ends before the refresh does.
                let (cache, valid) = (self.clone(), current.clone());
                let refresh = async move {
                    let _lock = lock;
                    if let Err(error) = cache.store(fetch.await) {
                        still_valid(valid, &error);
                    }
                };
                tokio_runtime::spawn(&runtime, Box::pin(refresh));
                Ok(current)
            }
            Phase::Mandatory => {
                let lock = Arc::clone(&self.refresh_lock).lock_owned().await;
                {
                    let state = self.read();
                    if let Phase::Fresh(current) | Phase::Advisory(current) = self.phase(&state) {
                        return Ok(current);
                    }
                    // Callers that waited for a fetch that failed share its error instead of fetching one after
                    // another.
                    if let (true, Some((kind, message))) = (state.fetches != fetches, &state.failure) {
                        return Err(Error::new(*kind, message.clone()));
                    }
                }
                let refreshed = self.refresh(lock, limited(T::KIND, provider, timeout, fetch)).await;
                refreshed.or_else(|error| match self.unexpired() {
                    Some(current) => Ok(still_valid(current, &error)),
                    None => Err(error),
                })
            }
        }
    }

    /// Removes the current value if `is_rejected` by whom it is for. Whether it was; another one stays.
    pub(super) fn remove(&self, is_rejected: impl FnOnce(&T) -> bool) -> bool {
        sync::write(&self.state).current.take_if(|it| is_rejected(it)).is_some()
    }

    fn phase(&self, state: &State<T>) -> Phase<T> {
        let Some(current) = state.current.clone() else { return Phase::Mandatory };
        let Some(expiry) = current.expiry() else { return Phase::Fresh(current) };
        let now = (self.clock)();
        if state.expired_use_until.is_some_and(|until| now < until) {
            return Phase::Fresh(current);
        }
        let left = expiry.saturating_duration_since(now);
        let Schedule { advisory, mandatory, advisory_fraction, mandatory_fraction, ahead, .. } = *self.schedule;
        let is_paused = state.no_refresh_before.is_some_and(|until| now < until);
        let is_mandatory = left < mandatory.min(state.lifetime / mandatory_fraction) && !(ahead && is_paused);
        if left.is_zero() || is_mandatory {
            Phase::Mandatory
        } else if left >= advisory.min(state.lifetime / advisory_fraction) + state.jitter || is_paused {
            Phase::Fresh(current)
        } else {
            Phase::Advisory(current)
        }
    }

    /// Awaits `fetch` and stores its outcome, in a task of its own: otherwise a provider that is slower than the timeout of
    /// each call would start again with each. Without a runtime only a fetch that needs none succeeds.
    async fn refresh(
        &self,
        lock: OwnedMutexGuard<()>,
        fetch: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let cache = self.clone();
        let refresh = async move {
            let _lock = lock;
            cache.store(fetch.await)
        };
        let Ok(runtime) = tokio_runtime::current() else { return refresh.await };
        tokio_runtime::outcome(&runtime, refresh.in_current_span()).await.map_err(|it| {
            let message = format!("the fetch of {} ended early: {it}", T::KIND);
            Error::new(ErrorKind::Credentials, message)
        })?
    }

    /// Stores the outcome of a fetch. Must be called while holding `refresh_lock`.
    fn store(&self, outcome: Result<T>) -> Result<T> {
        let outcome = outcome.and_then(|new| self.reject_expired(new));
        let mut state = sync::write(&self.state);
        state.fetches += 1;
        let now = (self.clock)();
        match &outcome {
            Ok(new) => {
                state.lifetime = new.expiry().map_or(Duration::ZERO, |it| it.saturating_duration_since(now));
                let max_jitter = MAX_JITTER.min(state.lifetime / JITTER_FRACTION);
                state.jitter = max_jitter.mul_f64((self.jitter)().clamp(0.0, 1.0));
                state.current = Some(new.clone());
                state.expired_use_until = match new.expiry().filter(|it| *it <= now) {
                    Some(expiry) => {
                        let provider = new.provider();
                        tracing::warn!(%expiry, provider, "using {} that have expired according to the clock", T::KIND);
                        now.checked_add(EXPIRED_USE)
                    }
                    None => None,
                };
                (state.failure, state.no_refresh_before) = (None, None);
            }
            Err(error) => {
                state.failure = Some((error.kind(), error.to_string()));
                state.no_refresh_before = now.checked_add(self.schedule.retry_delay);
            }
        }
        outcome
    }

    /// Rejects a refreshed value that is already expired, if it is no newer than the one before: its provider has no other.
    /// A newer one passes, and the first: the clock may be wrong, and the service decides.
    fn reject_expired(&self, new: T) -> Result<T> {
        let before = self.read().current.as_ref().and_then(T::expiry);
        match new.expiry() {
            Some(expiry) if before.is_some_and(|it| expiry <= it) && expiry <= (self.clock)() => {
                let (kind, provider) = (T::KIND, new.provider());
                let message = format!("refreshed {kind} from {provider} are already expired (at {expiry})");
                Err(Error::new(ErrorKind::Credentials, message))
            }
            _ => Ok(new),
        }
    }

    /// The current value if it may be used until it expires, and has not.
    fn unexpired(&self) -> Option<T> {
        let current = self.read().current.clone().filter(|_| self.schedule.ahead)?;
        current.expiry().is_none_or(|it| it > (self.clock)()).then_some(current)
    }

    fn read(&self) -> RwLockReadGuard<'_, State<T>> {
        sync::read(&self.state)
    }
}

/// The current value, which was to be refreshed.
fn still_valid<T: Expiring>(current: T, error: &Error) -> T {
    tracing::warn!(%error, "refreshing {} failed; the current ones are still valid", T::KIND);
    current
}
