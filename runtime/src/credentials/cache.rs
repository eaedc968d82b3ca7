//! Caches in front of other providers: one for credentials, one for tokens. Knows no provider by name.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::expiring_cache::{BEFORE_EXPIRY, Expiring, ExpiringCache, Jitter, TimestampFn};
use super::{Credentials, ProvideCredentials, ProvideToken, Token};
use crate::BoxFuture;
use crate::Result;
use crate::types::Timestamp;

impl Expiring for Credentials {
    const KIND: &'static str = "credentials";

    fn expiry(&self) -> Option<Timestamp> {
        self.expiry()
    }

    fn provider(&self) -> &str {
        self.provider()
    }
}

impl Expiring for Token {
    const KIND: &'static str = "tokens";

    fn expiry(&self) -> Option<Timestamp> {
        self.expiry()
    }

    fn provider(&self) -> &str {
        self.provider()
    }
}

/// Caches the credentials of another provider and refreshes them before they expire.
///
/// Credentials are fetched at the first use. As in botocore, the last 15 minutes before they expire are the advisory
/// window (one caller refreshes them, the others go on with the current ones, a failure is only logged), and the last
/// 10 are the mandatory window (all callers wait for one refresh and share its outcome). For credentials that live less
/// than an hour the windows are a quarter and a sixth of their lifetime; otherwise credentials that live 15 minutes
/// would be fetched at each use. The advisory window begins up to a minute earlier, at random. Credentials without
/// expiry are fetched once.
///
/// A fetch takes no longer than the provider's [`fetch_timeout`](ProvideCredentials::fetch_timeout). It runs in a task of its
/// own: if a call that waits for it is cancelled or times out, the next call finds its outcome.
///
/// Credentials that have expired according to the clock when they are fetched are used for five minutes, with a warning,
/// since the clock may be wrong; but it is an error if a refresh returns none that are newer.
pub struct CredentialsCache<P> {
    provider: Arc<P>,
    cache: ExpiringCache<Credentials>,
}

/// Caches the tokens of another provider and refreshes them before they expire, with the same windows as
/// [`CredentialsCache`].
pub struct TokenCache<P> {
    provider: Arc<P>,
    cache: ExpiringCache<Token>,
}

macro_rules! cache {
    ($name:ident, $trait:ident, $item:ident) => {
        impl<P: $trait> $name<P> {
            /// A cache in front of `provider`, with the system's clock and random jitter.
            pub fn new(provider: P) -> Self {
                Self { provider: Arc::new(provider), cache: ExpiringCache::new(&BEFORE_EXPIRY) }
            }

            /// A cache in front of `provider` with another clock.
            pub fn with_clock(provider: P, clock: TimestampFn) -> Self {
                Self::new(provider).clock(clock)
            }

            /// Sets the clock. By default the system's.
            #[must_use]
            pub fn clock(mut self, clock: TimestampFn) -> Self {
                self.cache.set_clock(clock);
                self
            }

            /// Sets the function that chooses how much earlier the advisory window begins: 0 not at all, 1 a minute. By
            /// default random.
            #[must_use]
            pub fn jitter(mut self, jitter: Jitter) -> Self {
                self.cache.set_jitter(jitter);
                self
            }
        }

        impl<P: fmt::Debug> fmt::Debug for $name<P> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("provider", &self.provider).finish_non_exhaustive()
            }
        }
    };
}

cache!(CredentialsCache, ProvideCredentials, Credentials);
cache!(TokenCache, ProvideToken, Token);

impl<P: ProvideCredentials + 'static> ProvideCredentials for CredentialsCache<P> {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        let (name, timeout) = (self.provider.provider_name(), self.provider.fetch_timeout());
        let provider = Arc::clone(&self.provider);
        Box::pin(self.cache.get(name, timeout, Box::pin(async move { provider.provide().await })))
    }

    fn cached(&self) -> Option<Credentials> {
        self.cache.fresh()
    }

    fn is_anonymous(&self) -> bool {
        self.provider.is_anonymous()
    }

    fn provider_name(&self) -> &'static str {
        self.provider.provider_name()
    }

    fn fetch_timeout(&self) -> Option<Duration> {
        self.provider.fetch_timeout()
    }
}

impl<P: ProvideToken + 'static> ProvideToken for TokenCache<P> {
    fn provide(&self) -> BoxFuture<'_, Result<Token>> {
        let (name, timeout) = (self.provider.provider_name(), self.provider.fetch_timeout());
        let provider = Arc::clone(&self.provider);
        Box::pin(self.cache.get(name, timeout, Box::pin(async move { provider.provide().await })))
    }

    fn cached(&self) -> Option<Token> {
        self.cache.fresh()
    }

    fn provider_name(&self) -> &'static str {
        self.provider.provider_name()
    }

    fn fetch_timeout(&self) -> Option<Duration> {
        self.provider.fetch_timeout()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    use super::*;
    use crate::{Error, ErrorKind};

    /// Returns keys named after the number of the fetch, with the next of the scripted lifetimes in seconds; fails if
    /// none is left.
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

    fn cache(lifetimes: &[Option<i64>]) -> (Arc<CredentialsCache<Script>>, Arc<AtomicI64>) {
        let now = Arc::<AtomicI64>::default();
        let script = Script {
            lifetimes: Mutex::new(lifetimes.iter().copied().collect()),
            now: Arc::clone(&now),
            ..Script::default()
        };
        let clock = Arc::clone(&now);
        let clock = Arc::new(move || Timestamp::from_secs(clock.load(Ordering::SeqCst)));
        (Arc::new(CredentialsCache::with_clock(script, clock).jitter(Arc::new(|| 0.0))), now)
    }

    /// At each time, what `cached` and `provide` return: the number of the fetch, or a part of the error message.
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
    async fn credentials_are_refreshed_before_they_expire() {
        let hour = Some(3600);
        check(&[None], &[(0, None, Ok("0")), (1 << 40, Some("0"), Ok("0"))]).await;
        check(
            &[hour, hour],
            &[(0, None, Ok("0")), (2700, Some("0"), Ok("0")), (2701, None, Ok("1")), (2701, Some("1"), Ok("1"))],
        )
        .await;
        // From 15 to 10 minutes before expiry a failure is tolerated, and the refresh is not tried again for a minute.
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
        // Shorter lifetimes have shorter windows.
        check(&[Some(900), None], &[(0, None, Ok("0")), (675, Some("0"), Ok("0")), (676, None, Ok("1"))]).await;
        // Credentials that are already expired are an error if a refresh returns no newer ones.
        check(
            &[Some(-5), Some(-305), Some(60)],
            &[
                (0, None, Ok("0")),
                (299, Some("0"), Ok("0")),
                (300, None, Err("refreshed credentials from explicit are already expired (at 1969-12-31T23:59:55Z)")),
                (300, None, Ok("2")),
            ],
        )
        .await;
    }

    /// With a clock two hours fast, credentials of an hour have always expired. They work, and are fetched once in five
    /// minutes rather than for each call.
    #[tokio::test]
    async fn credentials_are_used_with_a_clock_that_is_fast() {
        for lifetime in [-3600, -1, 0] {
            let (cache, now) = cache(&[Some(lifetime); 100]);
            for second in (0..3600).step_by(10) {
                now.store(second, Ordering::SeqCst);
                let found = cache.provide().await.expect("used although expired");
                assert_eq!(found.access_key_id(), (second / 300).to_string(), "at {second}");
                assert_eq!(
                    cache.cached().map(|it| it.access_key_id().to_owned()).as_deref(),
                    Some(found.access_key_id())
                );
            }
        }
    }

    #[tokio::test]
    async fn all_waiting_callers_share_one_fetch() {
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
            assert_eq!(cache.provider.fetches.load(Ordering::SeqCst), 1);
        };
        check(&[None], "0").await;
        check(&[], "fetch 0 failed").await;
    }

    #[tokio::test]
    async fn jitter_only_makes_the_advisory_window_begin_earlier() {
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
    async fn other_callers_do_not_wait_for_an_advisory_refresh() {
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
    async fn a_cancelled_fetch_runs_on_for_the_next_caller() {
        let (cache, _) = cache(&[None]);
        let mut cancelled = cache.provide();
        let waker = std::task::Waker::noop();
        assert!(cancelled.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
        drop(cancelled);
        assert_eq!(cache.provide().await.expect("scripted").access_key_id(), "0");
        assert_eq!(cache.provider.fetches.load(Ordering::SeqCst), 1);
    }

    /// Returns its credentials after some seconds; counts its fetches.
    #[derive(Debug)]
    struct Slow(u64, Arc<AtomicUsize>);

    impl ProvideCredentials for Slow {
        fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
            self.1.fetch_add(1, Ordering::SeqCst);
            Box::pin(async {
                tokio::time::sleep(Duration::from_secs(self.0)).await;
                Ok(Credentials::new("slow", "secret"))
            })
        }
    }

    /// Callers that each wait 4 seconds: the number of the first that gets credentials within a hundred, and of the
    /// fetches until then.
    #[tokio::test(start_paused = true)]
    async fn a_provider_slower_than_each_caller_is_asked_once() {
        let check = async |seconds: u64, first: Option<usize>, fetches: usize| {
            let count = Arc::<AtomicUsize>::default();
            let cache = CredentialsCache::new(Slow(seconds, Arc::clone(&count)));
            let mut found = None;
            for number in 0..100 {
                if let Ok(Ok(_)) = tokio::time::timeout(Duration::from_secs(4), cache.provide()).await {
                    found = Some(number);
                    break;
                }
            }
            assert_eq!((found, count.load(Ordering::SeqCst)), (first, fetches), "{seconds} s");
        };
        check(1, Some(0), 1).await;
        check(5, Some(1), 1).await;
        check(59, Some(14), 1).await;
        // A fetch ends after a minute, and the next caller starts another: no task outlives its timeout.
        check(61, None, 7).await;
    }

    #[test]
    fn without_a_runtime_a_cache_returns_an_error() {
        let (cache, _) = cache(&[None]);
        let mut providing = cache.provide();
        let poll = providing.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
        let std::task::Poll::Ready(Err(error)) = poll else { panic!("{poll:?}") };
        assert!(error.to_string().contains("no Tokio runtime"), "{error}");
        assert_eq!(cache.provider.fetches.load(Ordering::SeqCst), 0);
    }
}
