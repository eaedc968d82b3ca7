//! The attempts of one call: their number, their cost in retry quota, and what to do after a failure.

use std::time::{Duration, SystemTime};

use super::{Class, Outcome, RateLimiter, RetryPolicy, classify, request_header};

/// Counts the attempts of a call and decides on the next one. Created by [`RetryPolicy::start`].
#[derive(Debug)]
pub struct Attempts<'a> {
    policy: &'a RetryPolicy,
    attempt: u32,
    cost: Option<u32>,
    long_polling: bool,
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Retry after this time.
    Retry(Duration),
    /// Report the failure.
    Stop(Stop),
}

/// Why no further attempt is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The failure is not retryable.
    Final,
    /// The maximum number of attempts is reached. As in botocore, this takes precedence over [`Final`](Self::Final) outside
    /// of the legacy mode.
    MaxAttempts,
    /// The client's retry quota is exhausted. The failure is reported after the pause, which only long-polling
    /// operations have: their callers send the next request at once and would overload a failing service. As in
    /// botocore.
    Quota {
        /// How long to wait before the failure is reported.
        pause: Option<Duration>,
    },
}

impl RetryPolicy {
    /// Starts the first attempt of a call.
    pub fn start(&self) -> Attempts<'_> {
        Attempts { policy: self, attempt: 1, cost: None, long_polling: false }
    }
}

impl Attempts<'_> {
    /// Sets whether the operation is long-polling. Such an operation pauses even when the quota is exhausted.
    #[must_use]
    pub fn long_polling(mut self, long_polling: bool) -> Self {
        self.long_polling = long_polling;
        self
    }

    /// The number of the current attempt; the first is 1.
    pub fn number(&self) -> u32 {
        self.attempt
    }

    /// The value of the `amz-sdk-request` header of the current attempt, whose response is awaited until `ttl`.
    pub fn header(&self, ttl: Option<&str>) -> String {
        request_header(self.attempt, self.policy.max_attempts, ttl)
    }

    /// What each attempt waits for, in the adaptive mode.
    pub fn limiter(&self) -> Option<&RateLimiter> {
        self.policy.adaptive.then_some(&*self.policy.limiter)
    }

    /// Tells the rate limiter how an attempt ended; `None` for a success.
    pub fn received(&self, failure: Option<&Outcome<'_>>, now: impl FnOnce() -> SystemTime) {
        if let Some(limiter) = self.limiter() {
            let class = failure.map(|it| classify(it, &self.policy.extra_codes));
            limiter.received(class == Some(Class::Throttling), now());
        }
    }

    /// Records that the attempt failed and decides what to do next. [`Next::Retry`] makes the next attempt the current
    /// one.
    pub fn failed(&mut self, outcome: &Outcome<'_>) -> Next {
        let policy = self.policy;
        let class = classify(outcome, &policy.extra_codes);
        let is_last = self.attempt >= policy.max_attempts;
        match class {
            // botocore: `MaxAttemptsChecker` in `retries/standard.py` is asked first, `MaxAttemptsDecorator` in
            // `retryhandler.py` last.
            Class::Final if policy.legacy || !is_last => return Next::Stop(Stop::Final),
            _ if is_last => return Next::Stop(Stop::MaxAttempts),
            _ => {}
        }
        let delay = || policy.backoff.delay(class, self.attempt, policy.random.fraction(), outcome.retry_after_ms);
        if let Some(quota) = &policy.quota {
            match quota.acquire(class) {
                Some(cost) => self.cost = Some(cost),
                None => return Next::Stop(Stop::Quota { pause: self.long_polling.then(delay) }),
            }
        }
        let delay = delay();
        self.attempt += 1;
        Next::Retry(delay)
    }

    /// Records that the attempt failed, and that it is retried after `pause` if the maximum number of attempts allows: the
    /// decision of a hook.
    pub fn retry_after(&mut self, pause: Duration) -> Next {
        if self.attempt >= self.policy.max_attempts {
            return Next::Stop(Stop::MaxAttempts);
        }
        self.attempt += 1;
        Next::Retry(pause)
    }

    /// Records that the response was a success (status 2xx) and returns tokens to the quota.
    pub fn succeeded(self) {
        if let Some(quota) = &self.policy.quota {
            quota.release(self.cost);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::retry::{Random, RetryQuota};

    fn policy(quota: u32) -> RetryPolicy {
        RetryPolicy {
            quota: Some(Arc::new(RetryQuota::new(quota))),
            random: Random::fixed(1.0),
            ..RetryPolicy::default()
        }
    }

    fn status(status: u16) -> Outcome<'static> {
        Outcome { status: Some(status), ..Outcome::default() }
    }

    fn retry(ms: u64) -> Next {
        Next::Retry(Duration::from_millis(ms))
    }

    #[test]
    fn retries_stop_at_the_maximum_number_of_attempts() {
        let policy = policy(500);
        let mut attempts = policy.start();
        assert_eq!((attempts.number(), attempts.header(None).as_str()), (1, "attempt=1; max=3"));
        assert_eq!(attempts.failed(&status(503)), retry(50));
        assert_eq!(attempts.failed(&status(429)), retry(2000));
        assert_eq!((attempts.number(), attempts.header(None).as_str()), (3, "attempt=3; max=3"));
        assert_eq!(attempts.failed(&status(503)), Next::Stop(Stop::MaxAttempts));
        assert_eq!(policy.quota.as_ref().unwrap().available(), 500 - 14 - 5);
    }

    #[test]
    fn the_maximum_is_reached_by_any_failure_of_the_last_attempt_in_legacy_mode_by_a_retryable_one() {
        let stop = |legacy, statuses: &[u16]| {
            let policy = RetryPolicy { legacy, ..policy(500) };
            let mut attempts = policy.start();
            statuses.iter().map(|it| attempts.failed(&status(*it))).last()
        };
        for legacy in [false, true] {
            assert_eq!(stop(legacy, &[503, 404]), Some(Next::Stop(Stop::Final)));
            assert_eq!(stop(legacy, &[503, 503, 503]), Some(Next::Stop(Stop::MaxAttempts)));
        }
        assert_eq!(stop(false, &[503, 503, 404]), Some(Next::Stop(Stop::MaxAttempts)));
        assert_eq!(stop(true, &[503, 503, 404]), Some(Next::Stop(Stop::Final)));
    }

    #[test]
    fn successes_refill_the_quota() {
        let policy = policy(500);
        let quota = policy.quota.as_ref().unwrap();
        let mut attempts = policy.start();
        attempts.failed(&status(503));
        attempts.failed(&status(429));
        attempts.succeeded();
        assert_eq!(quota.available(), 486);
        policy.start().succeeded();
        assert_eq!(quota.available(), 487);
    }

    #[test]
    fn an_exhausted_quota_stops_retries() {
        fn check(long_polling: bool, pause: Option<Duration>) {
            let policy = policy(20);
            let mut attempts = policy.start().long_polling(long_polling);
            assert_eq!(attempts.failed(&status(500)), retry(50));
            assert_eq!(attempts.failed(&status(500)), Next::Stop(Stop::Quota { pause }));
        }
        check(false, None);
        check(true, Some(Duration::from_millis(100)));
    }

    #[test]
    fn retry_after_raises_the_delay() {
        let policy = policy(500);
        let outcome = Outcome { retry_after_ms: Some(700), ..status(503) };
        assert_eq!(policy.start().failed(&outcome), retry(700));
    }

    #[test]
    fn without_a_quota_only_attempts_are_limited() {
        let policy =
            RetryPolicy { quota: None, max_attempts: 100, random: Random::fixed(0.0), ..RetryPolicy::default() };
        let mut attempts = policy.start();
        for _ in 1..100 {
            assert_eq!(attempts.failed(&status(500)), retry(0));
        }
        assert_eq!(attempts.failed(&status(500)), Next::Stop(Stop::MaxAttempts));
        attempts.succeeded();
    }
}
