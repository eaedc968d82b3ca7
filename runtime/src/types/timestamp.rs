//! Timestamps: seconds and nanoseconds since 1970 in UTC, and their three wire formats. Knows no time zones except
//! offsets in strings.

mod civil;
mod format;
mod parse;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use format::Format;

use crate::{Error, ErrorKind, Result};

const NANOS_PER_SEC: u32 = 1_000_000_000;
/// How many characters of an invalid timestamp an error quotes. Our choice: the timestamps that services send are
/// shorter.
const MAX_QUOTED: usize = 64;

/// A point in time in UTC, to the nanosecond.
///
/// Consists of the seconds since 1970-01-01T00:00:00Z (`i64`, may be negative) and the nanoseconds after that second (0
/// to 999,999,999, always forward in time). [`Display`](fmt::Display) and [`Debug`] print RFC 3339:
/// `2014-04-29T18:30:38.5Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp {
    secs: i64,
    nanos: u32,
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self { secs: 0, nanos: 0 };

    /// The timestamp `secs` seconds after 1970-01-01T00:00:00Z, or before it if negative.
    pub const fn from_secs(secs: i64) -> Self {
        Self { secs, nanos: 0 }
    }

    /// The timestamp `millis` milliseconds after 1970-01-01T00:00:00Z, or before it if negative.
    pub const fn from_millis(millis: i64) -> Self {
        Self { secs: millis.div_euclid(1000), nanos: millis.rem_euclid(1000) as u32 * 1_000_000 }
    }

    /// The timestamp `secs` seconds after 1970 plus `nanos` nanoseconds; nanoseconds beyond a second carry over.
    pub const fn from_parts(secs: i64, nanos: u32) -> Self {
        Self { secs: secs.saturating_add((nanos / NANOS_PER_SEC) as i64), nanos: nanos % NANOS_PER_SEC }
    }

    /// The timestamp `secs` seconds after 1970, as JSON and CBOR encode it, rounded to the microsecond: a double cannot
    /// represent present-day timestamps more finely. The sign applies to the fraction too: -1.5 is
    /// 1969-12-31T23:59:58.5Z.
    ///
    /// # Errors
    /// [`ErrorKind::Parse`] if `secs` is not finite or exceeds the range of `i64`.
    pub fn from_secs_f64(secs: f64) -> Result<Self> {
        // 2^63, the least double that exceeds `i64`.
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        if !(-LIMIT..LIMIT).contains(&secs) {
            return Err(Error::new(ErrorKind::Parse, format!("timestamp out of range: {secs} seconds since 1970")));
        }
        let whole = secs.floor();
        let micros = ((secs - whole) * 1e6).round() as u32;
        Ok(Self::from_parts(whole as i64, micros * 1000))
    }

    /// The current time of the system clock.
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn as_secs(self) -> i64 {
        self.secs
    }

    /// The nanoseconds after [`as_secs`](Self::as_secs): 0 to 999,999,999.
    pub const fn subsec_nanos(self) -> u32 {
        self.nanos
    }

    /// Whole milliseconds since 1970, rounded down; saturates at the bounds of `i64`.
    pub const fn as_millis(self) -> i64 {
        self.secs.saturating_mul(1000).saturating_add((self.nanos / 1_000_000) as i64)
    }

    /// Seconds since 1970 as the nearest double, with the fraction truncated to microseconds.
    pub fn as_secs_f64(self) -> f64 {
        match self.nanos / 1000 {
            0 => self.secs as f64,
            micros => (i128::from(self.secs) * 1_000_000 + i128::from(micros)) as f64 / 1e6,
        }
    }

    /// The timestamp `duration` later; `None` if it is out of range.
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        let nanos = self.nanos + duration.subsec_nanos();
        let secs = self.secs.checked_add_unsigned(duration.as_secs())?.checked_add(i64::from(nanos / NANOS_PER_SEC))?;
        Some(Self { secs, nanos: nanos % NANOS_PER_SEC })
    }

    /// The timestamp `duration` earlier; `None` if it is out of range.
    pub fn checked_sub(self, duration: Duration) -> Option<Self> {
        let nanos = self.nanos + NANOS_PER_SEC - duration.subsec_nanos();
        let secs =
            self.secs.checked_sub_unsigned(duration.as_secs())?.checked_add(i64::from(nanos / NANOS_PER_SEC) - 1)?;
        Some(Self { secs, nanos: nanos % NANOS_PER_SEC })
    }

    /// The duration from `earlier` to this timestamp; zero if `earlier` is later.
    pub fn saturating_duration_since(self, earlier: Self) -> Duration {
        if self <= earlier {
            return Duration::ZERO;
        }
        let secs = self.secs.abs_diff(earlier.secs);
        match self.nanos.checked_sub(earlier.nanos) {
            Some(nanos) => Duration::new(secs, nanos),
            None => Duration::new(secs - 1, self.nanos + NANOS_PER_SEC - earlier.nanos),
        }
    }

    /// Formats the timestamp.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] if `format` is a calendar format and the year is not between 1 and 9999.
    pub fn format(self, format: Format) -> Result<String> {
        let mut out = String::with_capacity(32);
        self.write(format, &mut out)?;
        Ok(out)
    }

    /// Formats the timestamp and appends it to `out`, which is unchanged on an error.
    ///
    /// # Errors
    /// The same as for [`format`](Self::format).
    pub fn write(self, format: Format, out: &mut String) -> Result<()> {
        if !format::in_range(self, format) {
            let message = format!("timestamp {self} cannot be formatted as {format}: the year must be 0001 to 9999");
            return Err(Error::new(ErrorKind::Validation, message));
        }
        // Writing to a `String` cannot fail.
        let _ = format::write(self, format, out);
        Ok(())
    }

    /// Parses `string` in `format`, leniently: every format may have a fraction (truncated to nanoseconds) and
    /// surrounding white space; date-time and http-date may have any offset from UTC.
    ///
    /// # Errors
    /// [`ErrorKind::Parse`] with the format, the string and the problem.
    pub fn parse(string: &str, format: Format) -> Result<Self> {
        parse::parse(string, format).map_err(|problem| {
            let start: String = string.chars().take(MAX_QUOTED).collect();
            let ellipsis = if start.len() < string.len() { "…" } else { "" };
            Error::new(
                ErrorKind::Parse,
                format!("invalid timestamp in {format} format: {start:?}{ellipsis}: {problem}"),
            )
        })
    }

    /// Parses `string` in any of the three formats, which is guessed from its first characters: services do not always
    /// send the format of their model.
    ///
    /// # Errors
    /// The same as for [`parse`](Self::parse).
    pub fn parse_any(string: &str) -> Result<Self> {
        Self::parse(string, parse::guess(string))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        format::display(*self, f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        format::display(*self, f)
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(string: &str) -> Result<Self> {
        Self::parse_any(string)
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self::EPOCH.checked_add(after).unwrap_or(Self::from_secs(i64::MAX)),
            Err(before) => Self::EPOCH.checked_sub(before.duration()).unwrap_or(Self::from_secs(i64::MIN)),
        }
    }
}

impl TryFrom<Timestamp> for SystemTime {
    type Error = Error;

    /// Fails if [`SystemTime`] cannot represent the timestamp.
    fn try_from(time: Timestamp) -> Result<Self> {
        let whole = Duration::from_secs(time.secs.unsigned_abs());
        let secs = if time.secs < 0 { UNIX_EPOCH.checked_sub(whole) } else { UNIX_EPOCH.checked_add(whole) };
        secs.and_then(|it| it.checked_add(Duration::from_nanos(u64::from(time.nanos)))).ok_or_else(|| {
            Error::new(ErrorKind::Validation, format!("timestamp {time} is out of range for SystemTime"))
        })
    }
}
