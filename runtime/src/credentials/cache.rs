//! Providers that remember what other providers gave: one for credentials, one for tokens.

use std::fmt;
use std::sync::Arc;

use super::keep::{Keep, Perishable};
use super::{BoxFuture, Credentials, ProvideCredentials, ProvideToken, Token};
use crate::Result;
use crate::value::Timestamp;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Tells a fraction between 0 and 1 by chance.
pub type Jitter = Arc<dyn Fn() -> f64 + Send + Sync>;

impl Perishable for Credentials {
    const WHAT: &'static str = "credentials";

    fn expiry(&self) -> Option<Timestamp> {
        self.expiry()
    }

    fn provider(&self) -> &str {
        self.provider()
    }
}

impl Perishable for Token {
    const WHAT: &'static str = "tokens";

    fn expiry(&self) -> Option<Timestamp> {
        self.expiry()
    }

    fn provider(&self) -> &str {
        self.provider()
    }
}

/// A provider that remembers what another one gave.
///
/// Credentials are fetched at the first use, again in the last 15 minutes before they expire (one caller fetches, the
/// others go on with what is there, a failure is only logged), and without fail in the last 10 (all wait for one fetch and
/// share its outcome). For credentials that live less than an hour these become a quarter and a sixth of their life, lest
/// those of 15 minutes be fetched at each use. The first of the two begins up to a minute earlier, by chance. Credentials
/// without expiry are fetched once.
///
/// Those of the first fetch are used even if they are expired, since the clock may be wrong; expired ones that come later
/// are an error.
pub struct Cache<P> {
    source: P,
    keep: Keep<Credentials>,
}

/// The same for tokens.
pub struct TokenCache<P> {
    source: P,
    keep: Keep<Token>,
}

macro_rules! cache {
    ($name:ident, $trait:ident, $item:ident) => {
        impl<P: $trait> $name<P> {
            /// A cache before `source`, on the system's clock and chance.
            pub fn new(source: P) -> Self {
                Self { source, keep: Keep::new() }
            }

            /// A cache before `source` on another clock.
            pub fn with_clock(source: P, clock: Clock) -> Self {
                Self::new(source).clock(clock)
            }

            /// The same on another clock.
            #[must_use]
            pub fn clock(mut self, clock: Clock) -> Self {
                self.keep.set_clock(clock);
                self
            }

            /// The same with another chance.
            #[must_use]
            pub fn jitter(mut self, jitter: Jitter) -> Self {
                self.keep.set_jitter(jitter);
                self
            }
        }

        impl<P: fmt::Debug> fmt::Debug for $name<P> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("source", &self.source).finish_non_exhaustive()
            }
        }
    };
}

cache!(Cache, ProvideCredentials, Credentials);
cache!(TokenCache, ProvideToken, Token);

impl<P: ProvideCredentials> ProvideCredentials for Cache<P> {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(self.keep.get(async { self.source.provide().await }))
    }

    fn cached(&self) -> Option<Credentials> {
        self.keep.at_hand()
    }

    fn is_anonymous(&self) -> bool {
        self.source.is_anonymous()
    }
}

impl<P: ProvideToken> ProvideToken for TokenCache<P> {
    fn provide(&self) -> BoxFuture<'_, Result<Token>> {
        Box::pin(self.keep.get(async { self.source.provide().await }))
    }

    fn cached(&self) -> Option<Token> {
        self.keep.at_hand()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    use super::*;
    use crate::{Error, ErrorKind};

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
        (Arc::new(Cache::with_clock(source, clock).jitter(Arc::new(|| 0.0))), now)
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
            let tasks: Vec<_> = (0..1000)
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
    async fn chance_only_begins_earlier() {
        let check = async |jitter: f64, first: i64| {
            for (time, expect) in [(first - 1, "0"), (first, "1")] {
                let (cache, now) = cache(&[Some(3600), None]);
                let cache = Arc::into_inner(cache).expect("not shared").jitter(Arc::new(move || jitter));
                cache.provide().await.expect("scripted");
                now.store(time, Ordering::SeqCst);
                assert_eq!(cache.provide().await.expect("either").access_key_id(), expect, "{jitter} at {time}");
            }
        };
        check(0.0, 2701).await;
        check(0.5, 2671).await;
        check(1.0, 2641).await;
        check(7.0, 2641).await;
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
