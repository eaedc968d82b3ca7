//! A minute of a client at a service that throttles, simulated in each retry mode with the limiter and the policy that calls
//! have, and drawn for the documentation of `RetryMode::Adaptive`. `UPDATE_EXPECT=1 cargo test -p aws-core --lib
//! busy_service` draws it again.

use std::collections::BTreeMap;

use super::*;
use crate::config::{RetryConfig, RetryMode};
use crate::retry::{Attempts, Next, Outcome, Random, RetryPolicy};

/// How many callers call, each without a pause.
const CALLERS: usize = 100;
/// The requests a second that the service accepts. What it did not receive in a second it accepts in the next.
const CAPACITY: f64 = 50.0;
/// How long a response takes, in microseconds as all times here.
const LATENCY: u64 = 20_000;
const SECOND: u64 = 1_000_000;
const SECONDS: usize = 60;
const END: u64 = SECONDS as u64 * SECOND;

/// The order in which the calls of a client wait for tokens.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    /// None waits: the standard mode.
    NoWait,
    /// As in botocore, where each sleeps by itself and the one that wakes first takes the token (`_acquire` in `bucket.py`,
    /// whose condition releases its lock while it waits). With botocore 1.43 and 100 threads the
    /// longest wait of such a minute was 17 seconds, too.
    Any,
    /// As they came.
    Line,
}

/// What the service received.
struct Minute {
    /// The accepted and the rejected requests of each second.
    seconds: [(u32, u32); SECONDS],
    longest_wait: u64,
}

impl Minute {
    fn accepted(&self) -> u32 {
        self.seconds.iter().map(|it| it.0).sum()
    }

    fn rejected(&self) -> u32 {
        self.seconds.iter().map(|it| it.1).sum()
    }

    fn longest_wait_seconds(&self) -> f64 {
        (self.longest_wait as f64 / SECOND as f64).round()
    }
}

enum Event {
    /// A caller wants to send.
    Ready(usize),
    /// A call that waits has its token.
    Turn,
    /// A caller has its response.
    Response { caller: usize, is_throttling: bool },
}

struct Simulation<'a> {
    policy: &'a RetryPolicy,
    order: Order,
    random: Random,
    now: u64,
    /// What happens, by time and then in the order in which it was caused.
    events: BTreeMap<(u64, u64), Event>,
    caused: u64,
    calls: Vec<Attempts<'a>>,
    /// The callers that wait for a token, and since when.
    waiting: Vec<(usize, u64)>,
    /// How many requests the service accepts at once, and when that was so.
    tokens: f64,
    filled: u64,
    minute: Minute,
}

impl Simulation<'_> {
    fn run(order: Order) -> Minute {
        let mode = if order == Order::NoWait { RetryMode::Standard } else { RetryMode::Adaptive };
        let config = RetryConfig { mode, ..RetryConfig::default() };
        let policy = RetryPolicy { quota: None, random: Random::seeded(7), ..RetryPolicy::new(&config, "") };
        let mut simulation = Simulation {
            policy: &policy,
            order,
            random: Random::seeded(8),
            now: 0,
            events: BTreeMap::new(),
            caused: 0,
            calls: (0..CALLERS).map(|_| policy.start()).collect(),
            waiting: Vec::new(),
            tokens: CAPACITY,
            filled: 0,
            minute: Minute { seconds: [(0, 0); SECONDS], longest_wait: 0 },
        };
        for caller in 0..CALLERS {
            simulation.after(0, Event::Ready(caller));
        }
        while let Some(((now, _), event)) = simulation.events.pop_first().filter(|it| it.0.0 < END) {
            simulation.now = now;
            simulation.happens(event);
        }
        simulation.now = END;
        for (_, since) in std::mem::take(&mut simulation.waiting) {
            simulation.waited(since);
        }
        simulation.minute
    }

    fn after(&mut self, pause: u64, event: Event) {
        self.caused += 1;
        self.events.insert((self.now + pause, self.caused), event);
    }

    fn time(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1000) + Duration::from_micros(self.now)
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Ready(caller) if self.policy.limiter.rate().is_none() => self.send(caller),
            Event::Ready(caller) => {
                self.waiting.push((caller, self.now));
                if self.waiting.len() == 1 {
                    self.begin_turn();
                }
            }
            Event::Turn => {
                let first = match self.order {
                    Order::Any => (self.random.fraction() * self.waiting.len() as f64) as usize,
                    Order::NoWait | Order::Line => 0,
                };
                let (caller, since) = self.waiting.remove(first);
                self.waited(since);
                self.send(caller);
                if !self.waiting.is_empty() {
                    self.begin_turn();
                }
            }
            Event::Response { caller, is_throttling } => self.respond(caller, is_throttling),
        }
    }

    fn begin_turn(&mut self) {
        let pause = self.policy.limiter.take(self.time());
        self.after(micros(pause), Event::Turn);
    }

    fn waited(&mut self, since: u64) {
        self.minute.longest_wait = self.minute.longest_wait.max(self.now - since);
    }

    fn send(&mut self, caller: usize) {
        let elapsed = (self.now - self.filled) as f64 / SECOND as f64;
        self.tokens = CAPACITY.min(self.tokens + elapsed * CAPACITY);
        self.filled = self.now;
        let is_throttling = self.tokens < 1.0;
        let second = &mut self.minute.seconds[(self.now / SECOND) as usize];
        if is_throttling {
            second.1 += 1;
        } else {
            second.0 += 1;
            self.tokens -= 1.0;
        }
        self.after(LATENCY, Event::Response { caller, is_throttling });
    }

    fn respond(&mut self, caller: usize, is_throttling: bool) {
        let throttling = Outcome { status: Some(400), code: Some("ThrottlingException"), ..Outcome::default() };
        let failure = is_throttling.then_some(&throttling);
        let now = self.time();
        self.calls[caller].received(failure, || now);
        let pause = match failure.map(|it| self.calls[caller].failed(it)) {
            Some(Next::Retry(pause)) => micros(pause),
            // The next call.
            Some(Next::Stop(_)) | None => {
                self.calls[caller] = self.policy.start();
                0
            }
        };
        self.after(pause, Event::Ready(caller));
    }
}

/// Rounded up, so that what was waited for is there, and another libm causes the same.
fn micros(duration: Duration) -> u64 {
    duration.as_nanos().div_ceil(1000) as u64
}

/// Lengths of the picture in pixels.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 56.0;
const TOP: f64 = 110.0;
const BOTTOM: f64 = 350.0;
const PANEL: f64 = 180.0;
const GAP: f64 = 42.0;
/// The end of the axis, in requests a second.
const MOST: f64 = 350.0;
/// Blue and orange that differ from each other, and from a light and a dark page, for all kinds of eyes.
const ACCEPTED: &str = "#3b82c4";
const REJECTED: &str = "#e07b39";

/// Where a number of requests is, to a tenth of a pixel.
fn y(requests: f64) -> f64 {
    ((BOTTOM - requests * (BOTTOM - TOP) / MOST) * 10.0).round() / 10.0
}

/// As SVG without blank lines, which would end it within Markdown, and in the colour of the text around it.
fn picture(panels: &[(&str, &Minute)]) -> String {
    let mut svg = String::new();
    let mut line = |text: String| svg.extend([&text, "\n"]);
    line(format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" style="max-width:100%" role="img" aria-label="Requests of {CALLERS} callers to a service that accepts {CAPACITY} a second, in the standard and the adaptive retry mode" fill="currentColor" stroke="none" font-family="sans-serif" font-size="12">"#
    ));
    line(format!(
        r#"<text x="0" y="18" font-size="15" font-weight="bold">{CALLERS} callers at a service that accepts {CAPACITY} requests a second</text>"#
    ));
    for (x, colour, what) in [(LEFT, ACCEPTED, "accepted"), (LEFT + 100.0, REJECTED, "rejected")] {
        line(format!(
            r#"<rect x="{x}" y="34" width="12" height="12" fill="{colour}"/><text x="{}" y="44">{what}</text>"#,
            x + 18.0
        ));
    }
    let x = LEFT + 200.0;
    line(format!(r#"{}<text x="{}" y="44">ideal: what the service accepts</text>"#, capacity(x, 40.0, 24.0), x + 30.0));
    let middle = f64::midpoint(TOP, BOTTOM);
    line(format!(
        r#"<text transform="translate(12,{middle}) rotate(-90)" text-anchor="middle">requests a second</text>"#
    ));
    for (index, (title, minute)) in panels.iter().enumerate() {
        panel(&mut line, LEFT + index as f64 * (PANEL + GAP), title, minute);
    }
    line("</svg>".to_owned());
    svg
}

fn panel(line: &mut impl FnMut(String), left: f64, title: &str, minute: &Minute) {
    let right = left + PANEL;
    line(format!(r#"<text x="{left}" y="72" font-weight="bold">{title}</text>"#));
    let counts = format!("{} accepted, {} rejected", minute.accepted(), minute.rejected());
    let wait = format!("longest wait for a turn: {} s", minute.longest_wait_seconds());
    for (y, text) in [(89, counts), (106, wait)] {
        line(format!(r#"<text x="{left}" y="{y}">{text}</text>"#));
    }
    for requests in [0.0, 100.0, 200.0, 300.0] {
        let y = y(requests);
        line(format!(
            r#"<path d="M{left} {y}H{right}" stroke="currentColor" opacity=".2"/><text x="{}" y="{}" text-anchor="end">{requests}</text>"#,
            left - 5.0,
            y + 4.0
        ));
    }
    for second in [0, 20, 40, 60] {
        let (x, y) = (left + f64::from(second) * PANEL / SECONDS as f64, BOTTOM + 16.0);
        line(format!(r#"<text x="{x}" y="{y}" text-anchor="middle">{second}</text>"#));
    }
    line(format!(
        r#"<text x="{}" y="{}" text-anchor="middle">time in seconds</text>"#,
        left + PANEL / 2.0,
        BOTTOM + 34.0
    ));
    // All requests, and before them those that were accepted.
    let all = minute.seconds.map(|it| it.0 + it.1);
    for (colour, requests) in [(REJECTED, all), (ACCEPTED, minute.seconds.map(|it| it.0))] {
        let steps: String =
            requests.iter().map(|it| format!("V{}h{}", y(f64::from(*it)), PANEL / SECONDS as f64)).collect();
        line(format!(r#"<path d="M{left} {BOTTOM}{steps}V{BOTTOM}z" fill="{colour}"/>"#));
    }
    line(capacity(left, y(CAPACITY), PANEL));
}

fn capacity(x: f64, y: f64, width: f64) -> String {
    format!(r#"<path d="M{x} {y}h{width}" stroke="currentColor" stroke-width="1.5" stroke-dasharray="5 3"/>"#)
}

/// In the order of the picture, with the rows of the table.
fn minutes() -> [(&'static str, &'static str, Minute); 3] {
    [
        ("standard", "`standard`, its quota never exhausted", Order::NoWait),
        ("adaptive, botocore", "`adaptive` in botocore, where calls wait in no order", Order::Any),
        ("adaptive, this crate", "`adaptive`, where calls wait in line", Order::Line),
    ]
    .map(|(title, mode, order)| (title, mode, Simulation::run(order)))
}

#[test]
fn the_adaptive_mode_succeeds_almost_as_often_with_few_rejected_requests() {
    let [standard, others @ ..] = minutes().map(|it| it.2);
    assert!(standard.rejected() > 3 * standard.accepted(), "{} {}", standard.accepted(), standard.rejected());
    for adaptive in others {
        let (accepted, rejected) = (adaptive.accepted(), adaptive.rejected());
        assert!(accepted * 10 > standard.accepted() * 9 && rejected * 20 < accepted, "{accepted} {rejected}");
    }
}

#[test]
fn in_line_no_call_waits_much_longer_than_others() {
    let [_, any, line] = minutes().map(|it| it.2.longest_wait);
    // All callers wait for their tokens, most of the time.
    let mean = CALLERS as f64 / CAPACITY;
    assert!((line as f64) < 3.0 * mean * SECOND as f64 && any > 2 * line, "{any} {line}");
}

#[test]
fn the_documentation_shows_what_the_simulation_counts() {
    let minutes = minutes();
    let documentation = include_str!("../config/setting_types.rs");
    let most = CAPACITY as usize * (SECONDS + 1);
    let rows = minutes.each_ref().map(|(_, mode, minute)| {
        let wait = minute.longest_wait_seconds();
        format!("| {mode} | {} | {} | {wait} s |", minute.accepted(), minute.rejected())
    });
    let rows: Vec<_> = rows.into_iter().chain([format!("| the most that is possible | {most} | 0 | |")]).collect();
    let missing: Vec<_> = rows.iter().filter(|it| !documentation.contains(*it)).collect();
    assert!(missing.is_empty(), "the table of `RetryMode::Adaptive` has other rows than {missing:#?}");
    let picture = picture(&minutes.each_ref().map(|(title, _, minute)| (*title, minute)));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/retry/busy_service.svg");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, &picture).expect("written");
    }
    let expect = std::fs::read_to_string(path).expect("the picture");
    assert!(picture == expect, "`UPDATE_EXPECT=1 cargo test -p aws-core --lib busy_service` draws it again");
}
