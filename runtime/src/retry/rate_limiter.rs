//! The rate limiter of the adaptive retry mode: how many requests a second a client sends, learned from the responses
//! that ask to slow down. The algorithm and its numbers are botocore's (`retries/adaptive.py`, `throttling.py` and
//! `bucket.py`). Reads no clock, and knows no request.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use super::Sleep;
use crate::sync::lock;

/// The lowest rate, in requests a second, so that a client never stops: `_MIN_RATE`.
const MIN_RATE: f64 = 0.5;
/// The rate is at most this multiple of the measured one: `_MAX_RATE_ADJUST_SCALE`.
const MAX_SCALE: f64 = 2.0;
/// How much a new measurement counts, beside the one before: `_DEFAULT_SMOOTHING`.
const SMOOTHING: f64 = 0.8;
/// How often the rate is measured, in seconds: `_TIME_BUCKET_RANGE`.
const MEASURED_EVERY: f64 = 0.5;
/// The speed of growth after throttling: `_SCALE_CONSTANT`.
const GROWTH: f64 = 0.4;
/// The part of the rate that is left after throttling: `_BETA`.
const BETA: f64 = 0.7;

/// Limits the requests of all calls of a client, from the first response on that asks to slow down.
#[derive(Debug, Default)]
pub struct RateLimiter {
    /// Whether there was such a response: until then calls only count.
    is_enabled: AtomicBool,
    state: Mutex<Option<State>>,
    /// Held by the call that waits for its token; the others wait in line.
    turn: tokio::sync::Mutex<()>,
}

/// Times are seconds since 1970, rates requests a second.
#[derive(Debug)]
struct State {
    /// Tokens for requests, which grow with `rate` up to `max_tokens`. One that was waited for is taken in advance, so there
    /// may be one less than none.
    tokens: f64,
    max_tokens: f64,
    rate: f64,
    refilled: f64,
    /// The requests since `measured_at`, and the rate that was measured then.
    count: f64,
    measured: f64,
    measured_at: f64,
    /// The rate at which the service asked to slow down last, when that was, and how long after it the rate is as high
    /// again.
    throttled_rate: f64,
    throttled_at: f64,
    recovery: f64,
}

/// Gives the token of a call back that gives up while it waits: it sends nothing, and without a response the rate would
/// never rise again.
struct Unsent<'a>(&'a RateLimiter);

impl Drop for Unsent<'_> {
    fn drop(&mut self) {
        if let Some(state) = &mut *lock(&self.0.state) {
            state.tokens += 1.0;
        }
    }
}

impl RateLimiter {
    /// Waits until the client may send another request. Calls wait in the order in which they ask.
    pub async fn acquire(&self, now: impl Fn() -> SystemTime, sleep: &Sleep) {
        if !self.is_enabled.load(Ordering::Relaxed) {
            return;
        }
        let _turn = self.turn.lock().await;
        let pause = self.take(now());
        let unsent = Unsent(self);
        sleep.wait(pause).await;
        std::mem::forget(unsent);
    }

    /// Takes a token; returns how long to wait for it.
    fn take(&self, now: SystemTime) -> Duration {
        let now = seconds(now);
        let mut state = lock(&self.state);
        let state = state.get_or_insert_with(|| State::new(now));
        state.refill(now);
        state.tokens -= 1.0;
        match state.tokens < 0.0 {
            true => Duration::from_secs_f64(-state.tokens / state.rate),
            false => Duration::ZERO,
        }
    }

    /// Learns from a response, or from the lack of one, whether the service asked to slow down.
    pub fn received(&self, is_throttling: bool, now: SystemTime) {
        let now = seconds(now);
        let mut state = lock(&self.state);
        let state = state.get_or_insert_with(|| State::new(now));
        let measured = state.measure(now);
        let rate = match is_throttling {
            false => state.recovered_rate(now),
            true => {
                let was_enabled = self.is_enabled.swap(true, Ordering::Relaxed);
                state.throttle(if was_enabled { measured.min(state.rate) } else { measured }, now)
            }
        };
        state.set_rate(rate.min(MAX_SCALE * measured), now);
    }

    /// The highest number of requests a second; `None` as long as there is no limit.
    pub fn rate(&self) -> Option<f64> {
        let is_enabled = self.is_enabled.load(Ordering::Relaxed);
        lock(&self.state).as_ref().map(|it| it.rate).filter(|_| is_enabled)
    }
}

impl State {
    fn new(now: f64) -> Self {
        Self {
            tokens: 0.0,
            max_tokens: 1.0,
            rate: 1.0,
            refilled: now,
            count: 0.0,
            measured: 0.0,
            measured_at: now.floor(),
            throttled_rate: 0.0,
            throttled_at: now,
            recovery: 0.0,
        }
    }

    /// Adds the tokens since the last time. A clock that went back adds none.
    fn refill(&mut self, now: f64) {
        let elapsed = (now - self.refilled).max(0.0);
        self.tokens = (self.tokens + elapsed * self.rate).min(self.max_tokens);
        self.refilled = now;
    }

    fn set_rate(&mut self, rate: f64, now: f64) {
        // What grew until now grew at the rate before.
        self.refill(now);
        self.rate = rate.max(MIN_RATE);
        self.max_tokens = rate.max(1.0);
        self.tokens = self.tokens.min(self.max_tokens);
    }

    /// Counts a request, and returns the rate at which requests are sent.
    fn measure(&mut self, now: f64) -> f64 {
        let at = (now / MEASURED_EVERY).floor() * MEASURED_EVERY;
        self.count += 1.0;
        if at > self.measured_at {
            let rate = self.count / (at - self.measured_at);
            self.measured = rate * SMOOTHING + self.measured * (1.0 - SMOOTHING);
            self.count = 0.0;
            self.measured_at = at;
        }
        self.measured
    }

    /// The rate after a response that does not ask to slow down: it grows back to where the service did so, slowly near
    /// it, and then beyond.
    fn recovered_rate(&self, now: f64) -> f64 {
        GROWTH * (now - self.throttled_at - self.recovery).powi(3) + self.throttled_rate
    }

    /// The rate after a response that asks to slow down.
    fn throttle(&mut self, rate: f64, now: f64) -> f64 {
        self.throttled_rate = rate;
        self.throttled_at = now;
        self.recovery = (rate * (1.0 - BETA) / GROWTH).cbrt();
        rate * BETA
    }
}

fn seconds(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
#[path = "busy_service_tests.rs"]
mod busy_service;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;

    use super::*;

    fn at(millis: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_000_000 + millis)
    }

    /// Milliseconds since the row before, whether the response asks to slow down; then the pause in seconds, the measured
    /// rate and the highest rate that botocore's `ClientRateLimiter` (1.44.8) has with a clock that only its pauses and
    /// these steps move.
    const BOTOCORE: &[(u64, bool, f64, f64, f64)] = &[
        (100, false, 0.0, 0.0, 0.5),
        (100, false, 0.0, 0.0, 0.5),
        (100, false, 0.0, 0.0, 0.5),
        (100, false, 0.0, 0.0, 0.5),
        (100, false, 0.0, 8.0, 0.5),
        (100, false, 0.0, 8.0, 0.5),
        (100, false, 0.0, 8.0, 0.5),
        (100, false, 0.0, 8.0, 0.5),
        (100, false, 0.0, 8.0, 0.5),
        (100, false, 0.0, 9.6, 0.5),
        (100, false, 0.0, 9.6, 0.5324),
        (100, false, 0.0, 9.6, 0.6912),
        (100, true, 0.0, 9.6, 6.72),
        (100, false, 0.0, 9.6, 7.14467),
        (100, false, 0.0, 9.92, 7.525396),
        (100, false, 0.018422, 9.92, 7.922722),
        (100, false, 0.026219, 9.92, 8.286554),
        (100, false, 0.020677, 9.92, 8.581203),
        (100, false, 0.016534, 9.92, 8.820387),
        (300, true, 0.0, 9.984, 6.174271),
        (200, true, 0.0, 9.984, 4.32199),
        (50, false, 0.0, 5.1968, 4.483732),
        (50, false, 0.0, 5.1968, 4.635773),
        (50, false, 0.096414, 5.1968, 5.028033),
        (50, false, 0.148885, 5.1968, 5.445256),
        (50, false, 0.133646, 7.43936, 5.72711),
        (50, false, 0.124608, 7.43936, 5.91696),
        (50, false, 0.119006, 7.43936, 6.040432),
        (50, false, 0.115551, 6.287872, 6.115162),
        (50, false, 0.113528, 6.287872, 6.154795),
        (50, false, 0.112475, 6.287872, 6.170941),
        (50, false, 0.11205, 6.057574, 6.174244),
        (50, false, 0.111963, 6.057574, 6.174985),
        (50, false, 0.111944, 6.057574, 6.183363),
        (50, false, 0.111724, 6.011515, 6.209519),
        (1000, false, 0.0, 2.002303, 4.004606),
        (3000, false, 0.0, 0.667127, 1.334255),
        (0, true, 0.0, 0.667127, 0.5),
        (10000, false, 0.0, 0.293425, 0.586851),
    ];

    #[test]
    fn pauses_and_rates_are_those_of_botocore() {
        let limiter = RateLimiter::default();
        *lock(&limiter.state) = Some(State::new(1000.0));
        let mut now = 0.0;
        for (row, &(step, is_throttling, pause, measured, rate)) in BOTOCORE.iter().enumerate() {
            now += step as f64;
            let time = |now: f64| at(0) + Duration::from_secs_f64(now / 1000.0);
            let is_enabled = limiter.rate().is_some();
            let found = if is_enabled { limiter.take(time(now)) } else { Duration::ZERO };
            now += found.as_secs_f64() * 1000.0;
            limiter.received(is_throttling, time(now));
            let state = lock(&limiter.state);
            let state = state.as_ref().expect("a state");
            for (what, found, expect) in [
                ("pause", found.as_secs_f64(), pause),
                ("measured", state.measured, measured),
                ("rate", state.rate, rate),
            ] {
                assert!(
                    (found - expect).abs() < 1e-5 * expect.abs().max(1.0),
                    "row {row}: {what} {found}, not {expect}"
                );
            }
        }
    }

    #[test]
    fn without_throttling_no_call_waits() {
        let limiter = RateLimiter::default();
        for millis in 0..10_000 {
            limiter.received(false, at(millis));
        }
        assert_eq!(limiter.rate(), None);
    }

    #[tokio::test]
    async fn waiting_calls_are_sent_one_after_the_other_and_a_clock_that_goes_back_stops_none() {
        let limiter = RateLimiter::default();
        limiter.received(true, at(0));
        assert_eq!(limiter.rate(), Some(MIN_RATE));
        let clock = Arc::new(AtomicU64::new(0));
        let pauses = Arc::new(Mutex::new(Vec::new()));
        let sleep = Sleep::from_fn({
            let (clock, pauses) = (Arc::clone(&clock), Arc::clone(&pauses));
            move |pause| {
                clock.fetch_add(pause.as_millis() as u64, Ordering::Relaxed);
                lock(&pauses).push(pause.as_millis());
                Box::pin(tokio::task::yield_now())
            }
        });
        let now = || at(clock.load(Ordering::Relaxed));
        let acquire = || limiter.acquire(now, &sleep);
        tokio::join!(acquire(), acquire(), acquire());
        assert_eq!(*lock(&pauses), [2000, 2000, 2000]);
        clock.store(0, Ordering::Relaxed);
        acquire().await;
        assert_eq!(lock(&pauses).len(), 4);
    }

    #[tokio::test]
    async fn a_call_that_gives_up_while_it_waits_takes_no_token() {
        let limiter = RateLimiter::default();
        limiter.received(true, at(0));
        let sleep = Sleep::from_fn(|_| Box::pin(std::future::pending()));
        for _ in 0..10 {
            tokio::select! {
                biased;
                () = limiter.acquire(|| at(0), &sleep) => panic!("it waits for good"),
                () = std::future::ready(()) => {}
            }
        }
        assert_eq!(limiter.take(at(0)), Duration::from_secs(2));
    }
}
