//! Keeps credentials until shortly before they expire, and lets one caller at a time fetch new ones.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use super::{BoxFuture, Credentials, ProvideCredentials};
use crate::value::Timestamp;
use crate::{Error, ErrorKind, Result};

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// From here on new credentials are fetched by one caller, while the others keep using the old; a failure is put up with.
const ADVISORY: Duration = Duration::from_secs(15 * 60);
/// From here on everybody waits for new credentials, and a failure is an error.
const MANDATORY: Duration = Duration::from_secs(10 * 60);
/// How long after a failure that was put up with the next attempt waits: a source that is down shall not slow every call.
const PAUSE: Duration = Duration::from_secs(60);

/// A provider that remembers what another one gave.
///
/// Credentials are fetched at the first use, again in the last 15 minutes before they expire (one caller fetches, the
/// others go on with what is there, a failure is only logged), and without fail in the last 10 (all wait for one fetch and
/// share its outcome). For credentials that live less than an hour these become a quarter and a sixth of their life, lest
/// those of 15 minutes be fetched at each use. Credentials without expiry are fetched once.
pub struct Cache<P> {
    source: P,
    clock: Clock,
    state: RwLock<State>,
    flight: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    current: Option<Credentials>,
    /// How long `current` had to live when it came.
    lifetime: Duration,
    /// Number of fetches that came to an end.
    fetches: u64,
    /// The outcome of the last fetch, if it failed.
    failure: Option<(ErrorKind, String)>,
    /// No advisory fetch before this time.
    rest_until: Option<Timestamp>,
}

enum Phase {
    Good(Credentials),
    Advisory(Credentials),
    Mandatory,
}

impl<P: ProvideCredentials> Cache<P> {
    /// A cache before `source`, on the system clock.
    pub fn new(source: P) -> Self {
        Self::with_clock(source, Arc::new(Timestamp::now))
    }

    /// A cache before `source` on another clock, for tests.
    pub fn with_clock(source: P, clock: Clock) -> Self {
        Self { source, clock, state: RwLock::default(), flight: tokio::sync::Mutex::new(()) }
    }

    fn phase(&self, state: &State) -> Phase {
        let Some(current) = state.current.clone() else { return Phase::Mandatory };
        let Some(expiry) = current.expiry() else { return Phase::Good(current) };
        let now = (self.clock)();
        let left = expiry.saturating_duration_since(now);
        if left.is_zero() || left < MANDATORY.min(state.lifetime / 6) {
            Phase::Mandatory
        } else if left >= ADVISORY.min(state.lifetime / 4) || state.rest_until.is_some_and(|until| now < until) {
            Phase::Good(current)
        } else {
            Phase::Advisory(current)
        }
    }

    /// Asks the source and writes the outcome down. Only while holding `flight`.
    async fn fetch(&self) -> Result<Credentials> {
        let outcome = self.source.provide().await.and_then(|new| self.alive(new));
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.fetches += 1;
        match &outcome {
            Ok(new) => {
                let now = (self.clock)();
                state.lifetime = new.expiry().map_or(Duration::ZERO, |it| it.saturating_duration_since(now));
                state.current = Some(new.clone());
                (state.failure, state.rest_until) = (None, None);
            }
            Err(error) => {
                state.failure = Some((error.kind(), error.to_string()));
                state.rest_until = (self.clock)().checked_add(PAUSE);
            }
        }
        outcome
    }

    /// Refuses renewed credentials that are already expired. Those of the first fetch pass: the service decides, for the
    /// clock may be wrong.
    fn alive(&self, new: Credentials) -> Result<Credentials> {
        let is_first = self.read().current.is_none();
        match new.expiry() {
            Some(expiry) if !is_first && expiry <= (self.clock)() => {
                let provider = new.provider();
                let message = format!("the credentials {provider} gave anew expired already at {expiry}");
                Err(Error::new(ErrorKind::Credentials, message))
            }
            _ => Ok(new),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P: ProvideCredentials> ProvideCredentials for Cache<P> {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(async move {
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
                    self.fetch().await.or_else(|error| {
                        tracing::warn!(%error, "renewing credentials failed, the old ones still hold");
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
                    self.fetch().await
                }
            }
        })
    }

    fn cached(&self) -> Option<Credentials> {
        match self.phase(&self.read()) {
            Phase::Good(current) => Some(current),
            Phase::Advisory(_) | Phase::Mandatory => None,
        }
    }

    fn is_anonymous(&self) -> bool {
        self.source.is_anonymous()
    }
}

impl<P: fmt::Debug> fmt::Debug for Cache<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("source", &self.source).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    use super::*;

    /// Gives keys named by the number of the fetch, with the next of the scripted lifetimes in seconds; fails without one.
    #[derive(Debug, Default)]
    struct Script {
        lifetimes: Mutex<VecDeque<Option<i64>>>,
        fetches: AtomicUsize,
        now: Arc<AtomicI64>,
    }

    impl ProvideCredentials for Script {
        fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
            Box::pin(async move {
                let number = self.fetches.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                let lifetime = self.lifetimes.lock().expect("no panic").pop_front();
                let now = self.now.load(Ordering::SeqCst);
                let credentials = Credentials::new(number.to_string(), "secret");
                match lifetime {
                    Some(Some(seconds)) => Ok(credentials.with_expiry(Timestamp::from_secs(now + seconds))),
                    Some(None) => Ok(credentials),
                    None => Err(Error::new(ErrorKind::Credentials, format!("fetch {number} failed"))),
                }
            })
        }
    }

    fn cache(lifetimes: &[Option<i64>]) -> (Arc<Cache<Script>>, Arc<AtomicI64>) {
        let now = Arc::<AtomicI64>::default();
        let source = Script {
            lifetimes: Mutex::new(lifetimes.iter().copied().collect()),
            now: Arc::clone(&now),
            ..Script::default()
        };
        let clock = Arc::clone(&now);
        let clock = Arc::new(move || Timestamp::from_secs(clock.load(Ordering::SeqCst)));
        (Arc::new(Cache::with_clock(source, clock)), now)
    }

    /// At each time, what is at hand and what comes: the number of the fetch, or what the error contains.
    async fn check(lifetimes: &[Option<i64>], steps: &[(i64, Option<&str>, Result<&str, &str>)]) {
        let (cache, now) = cache(lifetimes);
        for (time, cached, expect) in steps {
            now.store(*time, Ordering::SeqCst);
            let found = cache.cached();
            assert_eq!(found.as_ref().map(Credentials::access_key_id), *cached, "at {time}");
            match (cache.provide().await, expect) {
                (Ok(found), Ok(expect)) => assert_eq!(found.access_key_id(), *expect, "at {time}"),
                (Err(found), Err(expect)) => assert!(found.to_string().contains(expect), "{found}"),
                (found, expect) => panic!("{found:?} instead of {expect:?} at {time}"),
            }
        }
    }

    #[tokio::test]
    async fn renews_in_time() {
        let hour = Some(3600);
        check(&[None], &[(0, None, Ok("0")), (1 << 40, Some("0"), Ok("0"))]).await;
        check(
            &[hour, hour],
            &[(0, None, Ok("0")), (2700, Some("0"), Ok("0")), (2701, None, Ok("1")), (2701, Some("1"), Ok("1"))],
        )
        .await;
        // A failure is put up with from 15 to 10 minutes before the end, and not repeated for a minute.
        check(
            &[hour],
            &[
                (0, None, Ok("0")),
                (2701, None, Ok("0")),
                (2760, Some("0"), Ok("0")),
                (2761, None, Ok("0")),
                (3000, None, Ok("0")),
                (3001, None, Err("fetch 4 failed")),
                (4000, None, Err("fetch 5 failed")),
            ],
        )
        .await;
        // Short lives have shorter windows.
        check(&[Some(900), None], &[(0, None, Ok("0")), (675, Some("0"), Ok("0")), (676, None, Ok("1"))]).await;
        // What is expired at first is the service's to judge, later it is an error.
        check(
            &[Some(-5), Some(-5), Some(60)],
            &[
                (0, None, Ok("0")),
                (0, None, Err("the credentials explicit gave anew expired already")),
                (0, None, Ok("2")),
            ],
        )
        .await;
    }

    #[tokio::test]
    async fn one_fetch_serves_all_who_wait() {
        let check = async |lifetimes: &[Option<i64>], expect: &str| {
            let (cache, _) = cache(lifetimes);
            let tasks: Vec<_> = (0..20)
                .map(|_| {
                    tokio::spawn({
                        let cache = Arc::clone(&cache);
                        async move { cache.provide().await }
                    })
                })
                .collect();
            for task in tasks {
                let found = match task.await.expect("no panic") {
                    Ok(found) => found.access_key_id().to_owned(),
                    Err(error) => error.to_string(),
                };
                assert_eq!(found, expect);
            }
            assert_eq!(cache.source.fetches.load(Ordering::SeqCst), 1);
        };
        check(&[None], "0").await;
        check(&[], "fetch 0 failed").await;
    }

    #[tokio::test]
    async fn nobody_waits_for_an_advisory_fetch() {
        let (cache, now) = cache(&[Some(3600), Some(3600)]);
        cache.provide().await.expect("scripted");
        now.store(2800, Ordering::SeqCst);
        let fetching = tokio::spawn({
            let cache = Arc::clone(&cache);
            async move { cache.provide().await }
        });
        tokio::task::yield_now().await;
        assert_eq!(cache.provide().await.expect("old").access_key_id(), "0");
        assert_eq!(fetching.await.expect("no panic").expect("new").access_key_id(), "1");
    }

    #[tokio::test]
    async fn a_caller_who_leaves_blocks_nobody() {
        let (cache, _) = cache(&[None]);
        let mut gone = cache.provide();
        let waker = std::task::Waker::noop();
        assert!(gone.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
        drop(gone);
        assert_eq!(cache.provide().await.expect("scripted").access_key_id(), "1");
    }
}
