//! A progress line for long work: how many parts of how many are done, the rate, and the time left. A terminal's line
//! is overwritten; a log gets a new line from time to time. Knows no kind of work.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How often a terminal's line is overwritten, at most. Our choice: fast enough to look continuous.
const TERMINAL_INTERVAL: Duration = Duration::from_millis(100);
/// How often a log gets a line, at most. Our choice: few lines for minutes of work.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// The progress of work with many parts of different weight. Shared between threads.
pub(crate) struct Progress {
    /// The verb of the line, such as `generated`.
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
    last_printed: Option<Duration>,
}

impl Progress {
    /// Work of `total` parts with the total weight `weight`, in a unit that is proportional to the time they take.
    pub(crate) fn new(verb: &'static str, total: usize, weight: u64) -> Progress {
        let terminal = io::stderr().is_terminal();
        Progress { verb, total, weight, start: Instant::now(), terminal, state: Mutex::default() }
    }

    /// Counts a finished part and prints the line if it is time.
    pub(crate) fn step(&self, weight: u64) {
        let mut state = self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        state.done += 1;
        state.weight += weight;
        let now = self.start.elapsed();
        let pause = if self.terminal { TERMINAL_INTERVAL } else { LOG_INTERVAL };
        if now < state.last_printed.unwrap_or_default() + pause || state.done == self.total {
            return;
        }
        state.last_printed = Some(now);
        let line = self.line(*state, now);
        match self.terminal {
            true => eprint!("\r\x1b[K{line}"),
            false => eprintln!("{line}"),
        }
        let _ = io::stderr().flush();
    }

    /// Clears the terminal's line, so that other output can be printed.
    pub(crate) fn clear(&self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }

    fn line(&self, state: State, elapsed: Duration) -> String {
        let seconds = elapsed.as_secs_f64().max(0.001);
        let rate = state.done as f64 / seconds;
        let left = self.weight.saturating_sub(state.weight) as f64 / state.weight.max(1) as f64 * seconds;
        let left = format_duration(Duration::from_secs_f64(left.clamp(0.0, 1e6)));
        format!("{} {} of {}, {rate:.1} a second, {left} left", self.verb, state.done, self.total)
    }
}

/// `42 s`, `3:07 min`.
pub(crate) fn format_duration(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..100 => format!("{seconds} s"),
        seconds => format!("{}:{:02} min", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_shows_rate_and_time_left() {
        let check = |done: usize, weight: u64, elapsed: u64, expect: &str| {
            let progress = Progress::new("checked", 400, 1000);
            let state = State { done, weight, last_printed: None };
            assert_eq!(progress.line(state, Duration::from_secs(elapsed)), expect);
        };
        // Half of the weight is done: the rest takes as long again, whatever its number of parts.
        check(10, 500, 20, "checked 10 of 400, 0.5 a second, 20 s left");
        check(399, 1000, 100, "checked 399 of 400, 4.0 a second, 0 s left");
        check(1, 1, 1, "checked 1 of 400, 1.0 a second, 16:39 min left");
        check(0, 0, 0, "checked 0 of 400, 0.0 a second, 1 s left");
    }

    #[test]
    fn durations_are_in_seconds_or_minutes() {
        for (seconds, expect) in [(0, "0 s"), (99, "99 s"), (100, "1:40 min"), (3605, "60:05 min")] {
            assert_eq!(format_duration(Duration::from_secs(seconds)), expect);
        }
    }
}
