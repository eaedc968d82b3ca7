//! How many requests should be in flight: more as long as that raises the throughput, half as many when the server is
//! overloaded (additive increase, multiplicative decrease). Decisions over numbers; knows no request and does not wait.

use std::time::Duration;

use tokio::time::Instant;

/// How many requests are in flight at first. Our choice: about boto3's ten, which suit a fast home connection.
const START: usize = 8;
/// At most so many. Our choice: S3 recommends one request for each 85–90 MB/s ("Performance guidelines"), so this is enough
/// for 80 Gb/s.
const MAX: usize = 128;
/// The shortest time over which throughput is measured. Our choice: several round trips.
const WINDOW: Duration = Duration::from_millis(200);
/// More requests must raise the throughput by this much, else their number stays. Our choice: above the noise.
const GAIN: f64 = 1.05;
/// After so many windows without growth one more request is tried: conditions change. Our choice.
const PROBE: u32 = 20;

/// The number of requests in flight, and what it is adapted to.
#[derive(Clone, Debug)]
pub(crate) struct Adapt {
    limit: usize,
    max: usize,
    fixed: bool,
    window: Option<Window>,
    /// Bytes per second in the window after which the limit last grew.
    best: f64,
    idle_windows: u32,
    /// Requests that began before it do not halve the limit again.
    halved_at: Option<Instant>,
}

#[derive(Clone, Debug)]
struct Window {
    start: Instant,
    bytes: u64,
    requests: usize,
}

impl Default for Adapt {
    fn default() -> Self {
        Self::new(MAX)
    }
}

impl Adapt {
    /// A number that adapts, up to `max`, which must not be 0.
    pub(crate) fn new(max: usize) -> Self {
        Self { limit: START.min(max), max, fixed: false, window: None, best: 0.0, idle_windows: 0, halved_at: None }
    }

    /// A number that stays, which must not be 0.
    pub(crate) fn fixed(limit: usize) -> Self {
        Self { limit, fixed: true, ..Self::new(limit) }
    }

    pub(crate) fn max(&self) -> usize {
        self.max
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// A request that moved `bytes` has ended well. `is_busy`: others were waiting, so a higher limit could help.
    pub(crate) fn completed(&mut self, bytes: u64, is_busy: bool, now: Instant) {
        if self.fixed {
            return;
        }
        // What ends at its start belongs to the time before it.
        let new = || Window { start: now, bytes: 0, requests: 0 };
        let Some(window) = &mut self.window else { return self.window = Some(new()) };
        window.bytes += bytes;
        window.requests += 1;
        let time = now.saturating_duration_since(window.start);
        if time < WINDOW || window.requests < self.limit {
            return;
        }
        let rate = window.bytes as f64 / time.as_secs_f64();
        self.window = Some(new());
        if !is_busy {
            return;
        }
        self.idle_windows += 1;
        if rate > self.best * GAIN {
            self.best = rate;
            self.grow((self.limit / 4).max(1));
        } else if self.idle_windows >= PROBE {
            self.best = rate;
            self.grow(1);
        }
    }

    /// A request that began at `began` was rejected because the server is overloaded, or timed out.
    pub(crate) fn overloaded(&mut self, began: Instant, now: Instant) {
        if self.fixed || self.halved_at.is_some_and(|it| began < it) {
            return;
        }
        self.limit = (self.limit / 2).max(1);
        self.halved_at = Some(now);
        (self.window, self.best, self.idle_windows) = (None, 0.0, 0);
    }

    fn grow(&mut self, by: usize) {
        self.limit = (self.limit + by).min(self.max);
        self.idle_windows = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends requests of 1 MB, 100 ms each, to a server that carries `capacity` of them at once, and returns the limit.
    fn run(adapt: &mut Adapt, capacity: usize, rounds: usize, start: Instant) -> usize {
        let mut now = start;
        for _ in 0..rounds {
            let limit = adapt.limit();
            // What is above the capacity only makes all of them slower.
            now += Duration::from_millis(100).mul_f64((limit as f64 / capacity as f64).max(1.0));
            for _ in 0..limit {
                adapt.completed(1_000_000, true, now);
            }
        }
        adapt.limit()
    }

    #[test]
    fn the_limit_grows_while_throughput_does() {
        let start = Instant::now();
        let reached = run(&mut Adapt::default(), 40, 60, start);
        assert!((36..=64).contains(&reached), "{reached}");
        assert_eq!(run(&mut Adapt::new(20), 1000, 100, start), 20);
        assert_eq!(run(&mut Adapt::default(), 10_000, 200, start), MAX);
        assert!(run(&mut Adapt::default(), 2, 40, start) <= START + 4);
    }

    #[test]
    fn an_overloaded_server_halves_it_once_for_all_that_were_in_flight() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut adapt = Adapt::default();
        for _ in 0..5 {
            adapt.overloaded(at(0), at(10));
        }
        assert_eq!(adapt.limit(), START / 2);
        adapt.overloaded(at(11), at(20));
        assert_eq!(adapt.limit(), START / 4);
        for step in 3..10 {
            adapt.overloaded(at(step * 10), at(step * 10 + 5));
        }
        assert_eq!(adapt.limit(), 1, "never 0");
        let recovered = run(&mut adapt, 40, 80, at(1000));
        assert!(recovered > START, "{recovered}");
    }

    #[test]
    fn a_fixed_limit_stays() {
        let mut adapt = Adapt::fixed(3);
        adapt.overloaded(Instant::now(), Instant::now());
        assert_eq!(run(&mut adapt, 1000, 50, Instant::now()), 3);
    }

    #[test]
    fn a_client_without_enough_to_do_does_not_grow() {
        let mut adapt = Adapt::default();
        for step in 0..1000 {
            adapt.completed(1000, false, Instant::now() + Duration::from_millis(step * 50));
        }
        assert_eq!(adapt.limit(), START);
    }
}
