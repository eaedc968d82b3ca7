//! What is printed: a line for each file, and a bar below them on a terminal. Knows no transfer.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use aws_s3_transfer::Progress;

/// How often the bar is drawn.
pub(crate) const INTERVAL: Duration = Duration::from_millis(100);
/// Over how long the rate is measured.
const WINDOW: Duration = Duration::from_secs(3);

/// Standard output and error of one command.
#[derive(Debug)]
pub(crate) struct Screen {
    /// Whether finished files are printed.
    shows_files: bool,
    /// Whether warnings and failures are printed.
    shows_errors: bool,
    has_bar: bool,
    bar: Mutex<Bar>,
    /// Files that are planned, and those that have ended.
    planned: AtomicU64,
    ended: AtomicU64,
}

#[derive(Debug, Default)]
struct Bar {
    width: usize,
    /// Times and bytes within the window.
    samples: Vec<(Option<Instant>, u64)>,
}

impl Screen {
    pub(crate) fn new(has: impl Fn(&str) -> bool) -> Self {
        let shows_errors = !has("--quiet");
        let shows_files = shows_errors && !has("--only-show-errors");
        let has_bar = shows_files && !has("--no-progress") && std::io::stderr().is_terminal();
        let (planned, ended) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { shows_files, shows_errors, has_bar, bar: Mutex::default(), planned, ended }
    }

    pub(crate) fn plan(&self) {
        self.planned.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn end(&self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
    }

    /// Prints what was done.
    pub(crate) fn line(&self, line: impl std::fmt::Display) {
        if self.shows_files {
            self.clear();
            // A reader that went away, such as `head`, is no reason to stop.
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }

    /// Prints a warning or a failure.
    pub(crate) fn error(&self, line: impl std::fmt::Display) {
        if self.shows_errors {
            self.clear();
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }

    /// Removes the bar.
    pub(crate) fn clear(&self) {
        if self.has_bar {
            self.draw("");
        }
    }

    fn draw(&self, text: &str) {
        let Ok(mut bar) = self.bar.lock() else { return };
        let width = text.chars().count();
        let blanks = " ".repeat(bar.width.saturating_sub(width));
        if width > 0 || bar.width > 0 {
            let end = if width == 0 { "\r" } else { "" };
            let _ = write!(std::io::stderr(), "\r{text}{blanks}{end}");
        }
        bar.width = width;
    }

    /// Draws the bar.
    pub(crate) fn show(&self, progress: Progress) {
        if !self.has_bar {
            return;
        }
        let rate = self.rate(progress.bytes.saturating_sub(progress.resumed), Instant::now());
        let files = self.planned.load(Ordering::Relaxed).saturating_sub(self.ended.load(Ordering::Relaxed));
        self.draw(&describe(progress, rate, files));
    }

    /// Bytes a second.
    fn rate(&self, bytes: u64, now: Instant) -> f64 {
        let Ok(mut bar) = self.bar.lock() else { return 0.0 };
        bar.samples.retain(|(at, _)| at.is_some_and(|at| now.duration_since(at) <= WINDOW));
        bar.samples.push((Some(now), bytes));
        let (Some(begin), before) = bar.samples[0] else { return 0.0 };
        let seconds = now.duration_since(begin).as_secs_f64();
        if seconds > 0.0 { bytes.saturating_sub(before) as f64 / seconds } else { 0.0 }
    }
}

/// `[=====>    ] 3.0 MiB/~12.0 MiB (5.1 MiB/s), 2 s left, ~3 files`
fn describe(progress: Progress, rate: f64, files: u64) -> String {
    const CELLS: usize = 20;
    let Progress { bytes, total, is_total_known, .. } = progress;
    let about = if is_total_known { "" } else { "~" };
    let cells = if total == 0 { 0 } else { (bytes.min(total) as f64 / total as f64 * CELLS as f64) as usize };
    let bar = format!("{}{}", "=".repeat(cells), " ".repeat(CELLS - cells));
    let left = match total.saturating_sub(bytes) as f64 / rate {
        seconds if seconds.is_finite() => format!(", {about}{seconds:.0} s left"),
        _ => String::new(),
    };
    let (done, all, speed) = (size(bytes as f64), size(total as f64), size(rate));
    format!("[{bar}] {done}/{about}{all} ({speed}/s){left}, {about}{files} files")
}

/// Bytes for a person, as the CLI writes them.
pub(crate) fn size(bytes: f64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024.0 {
        return format!("{bytes:.0} Bytes");
    }
    let unit = (bytes.log2() / 10.0) as usize;
    let unit = unit.clamp(1, UNITS.len());
    format!("{:.1} {}", bytes / 1024_f64.powi(unit as i32), UNITS[unit - 1])
}
