//! A cache for sessions: temporary credentials that are got in exchange for others, each for one purpose, such as requests to
//! one bucket. Each is refreshed ahead of its expiry, so that after the first request for a purpose none waits. Knows no
//! purpose, and not how a session is got.

use std::fmt;
use std::sync::{Arc, Mutex};

use super::expiring_cache::{AHEAD, ExpiringCache, Jitter, TimestampFn};
use super::{Credentials, FETCH_TIMEOUT};
use crate::sync::lock;
use crate::{BoxFuture, Result};

/// How many sessions are cached; the one that was used longest ago is dropped first. botocore's `lru_cache(maxsize=100)`
/// (`utils.py`, `S3ExpressIdentityCache`), and the default quota of directory buckets of an account in a region.
const MAX_SESSIONS: usize = 100;

/// The sessions of a client, by a key that says what each is for.
pub(crate) struct SessionCache<K> {
    clock: TimestampFn,
    jitter: Jitter,
    /// The session used last comes first.
    sessions: Mutex<Vec<(K, CachedSession)>>,
}

/// A place for one session. A clone is the same place.
#[derive(Clone)]
pub(crate) struct CachedSession(ExpiringCache<Credentials>);

impl<K> SessionCache<K> {
    pub(crate) fn new(clock: TimestampFn) -> Self {
        Self { clock, jitter: Arc::new(fastrand::f64), sessions: Mutex::default() }
    }

    /// The place of the session that is wanted; a new one under `key` if there is none.
    pub(crate) fn find(&self, is_wanted: impl Fn(&K) -> bool, key: impl FnOnce() -> K) -> CachedSession {
        let mut sessions = lock(&self.sessions);
        match sessions.iter().position(|it| is_wanted(&it.0)) {
            Some(index) => sessions[..=index].rotate_right(1),
            None => {
                let mut session = ExpiringCache::new(&AHEAD);
                session.set_clock(Arc::clone(&self.clock));
                session.set_jitter(Arc::clone(&self.jitter));
                sessions.truncate(MAX_SESSIONS - 1);
                sessions.insert(0, (key(), CachedSession(session)));
            }
        }
        sessions[0].1.clone()
    }

    /// Drops a session that was rejected, unless there is another in its place already. Whether it was one of this cache.
    pub(crate) fn drop_rejected(&self, session: &Credentials) -> bool {
        let is_rejected = |it: &Credentials| it.ptr_eq(session) || it == session;
        lock(&self.sessions).iter().any(|(_, place)| place.0.remove(is_rejected))
    }
}

impl CachedSession {
    /// The session, if it need not be refreshed.
    pub(crate) fn fresh(&self) -> Option<Credentials> {
        self.0.fresh()
    }

    /// The session, which `fetch` gets. Waits for it only if there is no valid one. `provider` is who gets it, for messages.
    pub(crate) async fn get(
        &self,
        provider: &'static str,
        fetch: BoxFuture<'static, Result<Credentials>>,
    ) -> Result<Credentials> {
        self.0.get(provider, Some(FETCH_TIMEOUT), fetch).await
    }
}

impl<K> fmt::Debug for SessionCache<K> {
    /// Only how many there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionCache").field("sessions", &lock(&self.sessions).len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "session_cache_tests.rs"]
mod tests;
