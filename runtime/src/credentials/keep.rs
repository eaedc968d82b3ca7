//! Keeps what expires until shortly before it does, and lets one caller at a time fetch anew. Knows not what it keeps.

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use super::{Clock, Jitter};
use crate::value::Timestamp;
use crate::{Error, ErrorKind, Result};

/// From here on something new is fetched by one caller, while the others keep using the old; a failure is put up with.
const ADVISORY: Duration = Duration::from_secs(15 * 60);
/// From here on everybody waits for something new, and a failure is an error.
const MANDATORY: Duration = Duration::from_secs(10 * 60);
/// By how much at most the first of the two begins earlier, lest machines that were started together ask together.
const JITTER: Duration = Duration::from_secs(60);
/// How long after a failure that was put up with the next attempt waits: a source that is down shall not slow every call.
const PAUSE: Duration = Duration::from_secs(60);

/// What can be kept.
pub(super) trait Perishable: Clone {
    /// What it is called in messages: `credentials`.
    const WHAT: &'static str;

    fn expiry(&self) -> Option<Timestamp>;

    fn provider(&self) -> &str;
}

/// A place for one thing that expires.
pub(super) struct Keep<T> {
    clock: Clock,
    jitter: Jitter,
    state: RwLock<State<T>>,
    flight: tokio::sync::Mutex<()>,
}

struct State<T> {
    current: Option<T>,
    /// How long `current` had to live when it came.
    lifetime: Duration,
    /// By how much the advisory window of `current` is longer.
    early: Duration,
    /// Number of fetches that came to an end.
    fetches: u64,
    /// The outcome of the last fetch, if it failed.
    failure: Option<(ErrorKind, String)>,
    /// No advisory fetch before this time.
    rest_until: Option<Timestamp>,
}

enum Phase<T> {
    Good(T),
    Advisory(T),
    Mandatory,
}

impl<T: Perishable> Keep<T> {
    pub(super) fn new() -> Self {
        Self {
            clock: Arc::new(Timestamp::now),
            jitter: Arc::new(fastrand::f64),
            state: RwLock::new(State {
                current: None,
                lifetime: Duration::ZERO,
                early: Duration::ZERO,
                fetches: 0,
                failure: None,
                rest_until: None,
            }),
            flight: tokio::sync::Mutex::new(()),
        }
    }

    pub(super) fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
    }

    pub(super) fn set_jitter(&mut self, jitter: Jitter) {
        self.jitter = jitter;
    }

    /// What is there and needs no renewal.
    pub(super) fn at_hand(&self) -> Option<T> {
        match self.phase(&self.read()) {
            Phase::Good(current) => Some(current),
            Phase::Advisory(_) | Phase::Mandatory => None,
        }
    }

    /// What is there, or what `fetch` gives; one fetch runs at a time.
    pub(super) async fn get(&self, fetch: impl Future<Output = Result<T>>) -> Result<T> {
        let (phase, fetches) = {
            let state = self.read();
            (self.phase(&state), state.fetches)
        };
        match phase {
            Phase::Good(current) => Ok(current),
            Phase::Advisory(current) => {
                let Ok(_flight) = self.flight.try_lock() else { return Ok(current) };
                if let Phase::Good(current) = self.phase(&self.read()) {
                    return Ok(current);
                }
                self.renew(fetch).await.or_else(|error| {
                    tracing::warn!(%error, "renewing {} failed, the old ones still hold", T::WHAT);
                    Ok(current)
                })
            }
            Phase::Mandatory => {
                let _flight = self.flight.lock().await;
                {
                    let state = self.read();
                    if let Phase::Good(current) | Phase::Advisory(current) = self.phase(&state) {
                        return Ok(current);
                    }
                    // Whoever waited for a fetch that failed shares the failure instead of queueing for another.
                    if let (true, Some((kind, message))) = (state.fetches != fetches, &state.failure) {
                        return Err(Error::new(*kind, message.clone()));
                    }
                }
                self.renew(fetch).await
            }
        }
    }

    fn phase(&self, state: &State<T>) -> Phase<T> {
        let Some(current) = state.current.clone() else { return Phase::Mandatory };
        let Some(expiry) = current.expiry() else { return Phase::Good(current) };
        let now = (self.clock)();
        let left = expiry.saturating_duration_since(now);
        if left.is_zero() || left < MANDATORY.min(state.lifetime / 6) {
            Phase::Mandatory
        } else if left >= ADVISORY.min(state.lifetime / 4) + state.early
            || state.rest_until.is_some_and(|until| now < until)
        {
            Phase::Good(current)
        } else {
            Phase::Advisory(current)
        }
    }

    /// Fetches and writes the outcome down. Only while holding `flight`.
    async fn renew(&self, fetch: impl Future<Output = Result<T>>) -> Result<T> {
        let outcome = fetch.await.and_then(|new| self.alive(new));
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.fetches += 1;
        let now = (self.clock)();
        match &outcome {
            Ok(new) => {
                state.lifetime = new.expiry().map_or(Duration::ZERO, |it| it.saturating_duration_since(now));
                state.early = JITTER.min(state.lifetime / 60).mul_f64((self.jitter)().clamp(0.0, 1.0));
                state.current = Some(new.clone());
                (state.failure, state.rest_until) = (None, None);
            }
            Err(error) => {
                state.failure = Some((error.kind(), error.to_string()));
                state.rest_until = now.checked_add(PAUSE);
            }
        }
        outcome
    }

    /// Refuses what is renewed and already expired. What came first passes: the service decides, for the clock may be wrong.
    fn alive(&self, new: T) -> Result<T> {
        let is_first = self.read().current.is_none();
        match new.expiry() {
            Some(expiry) if !is_first && expiry <= (self.clock)() => {
                let (what, provider) = (T::WHAT, new.provider());
                let message = format!("the {what} {provider} gave anew expired already at {expiry}");
                Err(Error::new(ErrorKind::Credentials, message))
            }
            _ => Ok(new),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, State<T>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}
