//! One line that says how far a long piece of work has come: how many of how many, how fast, how long it still takes. On a
//! terminal the line is written over itself, elsewhere a plain line is written now and then. It does not know what the
//! work is.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How often the line of a terminal changes.
const TERMINAL: Duration = Duration::from_millis(100);
/// How often there is a line in a log.
const LOG: Duration = Duration::from_secs(10);

/// Work of many parts, of which some weigh more than others. Shared between threads.
pub(crate) struct Progress {
    /// What is done with a part: `generated`.
    verb: &'static str,
    total: usize,
    weight: u64,
    start: Instant,
    terminal: bool,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Default)]
struct State {
    done: usize,
    weight: u64,
    told: Option<Duration>,
}

impl Progress {
    /// Work of `total` parts that together weigh `weight`, in whatever unit predicts the time best.
    pub(crate) fn new(verb: &'static str, total: usize, weight: u64) -> Progress {
        let terminal = io::stderr().is_terminal();
        Progress { verb, total, weight, start: Instant::now(), terminal, state: Mutex::default() }
    }

    /// A part is done.
    pub(crate) fn step(&self, weight: u64) {
        let mut state = self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        state.done += 1;
        state.weight += weight;
        let now = self.start.elapsed();
        let pause = if self.terminal { TERMINAL } else { LOG };
        if now < state.told.unwrap_or_default() + pause || state.done == self.total {
            return;
        }
        state.told = Some(now);
        let line = self.line(*state, now);
        match self.terminal {
            true => eprint!("\r\x1b[K{line}"),
            false => eprintln!("{line}"),
        }
        let _ = io::stderr().flush();
    }

    /// Takes the line away, so that something else can be printed.
    pub(crate) fn clear(&self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }

    fn line(&self, state: State, elapsed: Duration) -> String {
        let seconds = elapsed.as_secs_f64().max(0.001);
        let rate = state.done as f64 / seconds;
        let left = self.weight.saturating_sub(state.weight) as f64 / state.weight.max(1) as f64 * seconds;
        let left = span(Duration::from_secs_f64(left.clamp(0.0, 1e6)));
        format!("{} {} of {}, {rate:.1} a second, {left} left", self.verb, state.done, self.total)
    }
}

/// `42 s`, `3:07 min`.
pub(crate) fn span(it: Duration) -> String {
    match it.as_secs() {
        seconds @ 0..100 => format!("{seconds} s"),
        seconds => format!("{}:{:02} min", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_rate_and_rest() {
        let check = |done: usize, weight: u64, elapsed: u64, expect: &str| {
            let progress = Progress::new("checked", 400, 1000);
            let state = State { done, weight, told: None };
            assert_eq!(progress.line(state, Duration::from_secs(elapsed)), expect);
        };
        // Half of the weight in ten parts: what is left takes as long again, however many parts it is.
        check(10, 500, 20, "checked 10 of 400, 0.5 a second, 20 s left");
        check(399, 1000, 100, "checked 399 of 400, 4.0 a second, 0 s left");
        check(1, 1, 1, "checked 1 of 400, 1.0 a second, 16:39 min left");
        check(0, 0, 0, "checked 0 of 400, 0.0 a second, 1 s left");
    }

    #[test]
    fn spans_are_readable() {
        for (seconds, expect) in [(0, "0 s"), (99, "99 s"), (100, "1:40 min"), (3605, "60:05 min")] {
            assert_eq!(span(Duration::from_secs(seconds)), expect);
        }
    }
}
