//! Instants: seconds and nanoseconds since 1970 in UTC, in the three formats of the wire. Knows no time zone but offsets in text.

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

/// An instant in UTC, to the nanosecond.
///
/// Counts seconds since 1970-01-01T00:00:00Z (`i64`, may be negative) and the nanoseconds after that second (0 to
/// 999,999,999, always forward in time). [`Display`](fmt::Display) and [`Debug`] print RFC 3339: `2014-04-29T18:30:38.5Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp {
    secs: i64,
    nanos: u32,
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self { secs: 0, nanos: 0 };

    /// `secs` seconds after 1970, or before it if negative.
    pub const fn from_secs(secs: i64) -> Self {
        Self { secs, nanos: 0 }
    }

    /// `millis` milliseconds after 1970, or before it if negative.
    pub const fn from_millis(millis: i64) -> Self {
        Self { secs: millis.div_euclid(1000), nanos: millis.rem_euclid(1000) as u32 * 1_000_000 }
    }

    /// `secs` seconds after 1970 and `nanos` nanoseconds after that; nanoseconds beyond a second carry over.
    pub const fn from_parts(secs: i64, nanos: u32) -> Self {
        Self { secs: secs.saturating_add((nanos / NANOS_PER_SEC) as i64), nanos: nanos % NANOS_PER_SEC }
    }

    /// A number of seconds as JSON and CBOR carry it, rounded to the microsecond: a double tells no finer
    /// instants apart today. Negative numbers count back from 1970 as a whole: -1.5 is 1969-12-31T23:59:58.5Z.
    ///
    /// # Errors
    /// [`ErrorKind::Parse`] for what is not finite or beyond the range of `i64` seconds.
    pub fn from_secs_f64(secs: f64) -> Result<Self> {
        // 2^63 as a double: the first that no longer fits.
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        if !(-LIMIT..LIMIT).contains(&secs) {
            return Err(Error::new(ErrorKind::Parse, format!("no timestamp is {secs} seconds after 1970")));
        }
        let whole = secs.floor();
        let micros = ((secs - whole) * 1e6).round() as u32;
        Ok(Self::from_parts(whole as i64, micros * 1000))
    }

    /// The clock's time.
    #[allow(clippy::disallowed_methods, reason = "the one place that asks the system clock")]
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// Whole seconds since 1970, rounded towards the past.
    pub const fn as_secs(self) -> i64 {
        self.secs
    }

    /// The nanoseconds after [`as_secs`](Self::as_secs): 0 to 999,999,999.
    pub const fn subsec_nanos(self) -> u32 {
        self.nanos
    }

    /// Whole milliseconds since 1970, rounded towards the past; the nearest possible where `i64` ends.
    pub const fn as_millis(self) -> i64 {
        self.secs.saturating_mul(1000).saturating_add((self.nanos / 1_000_000) as i64)
    }

    /// Seconds since 1970 with the microseconds as fraction, rounded once.
    pub fn as_secs_f64(self) -> f64 {
        match self.nanos / 1000 {
            0 => self.secs as f64,
            micros => (i128::from(self.secs) * 1_000_000 + i128::from(micros)) as f64 / 1e6,
        }
    }

    /// This instant and `duration`; `None` beyond the range.
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        let nanos = self.nanos + duration.subsec_nanos();
        let secs = self.secs.checked_add_unsigned(duration.as_secs())?.checked_add(i64::from(nanos / NANOS_PER_SEC))?;
        Some(Self { secs, nanos: nanos % NANOS_PER_SEC })
    }

    /// This instant less `duration`; `None` beyond the range.
    pub fn checked_sub(self, duration: Duration) -> Option<Self> {
        let nanos = self.nanos + NANOS_PER_SEC - duration.subsec_nanos();
        let secs =
            self.secs.checked_sub_unsigned(duration.as_secs())?.checked_add(i64::from(nanos / NANOS_PER_SEC) - 1)?;
        Some(Self { secs, nanos: nanos % NANOS_PER_SEC })
    }

    /// The time from `earlier` to this instant; zero if `earlier` is later.
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

    /// The instant as text.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] if the year is not 1 to 9999 and `format` is a calendar format.
    pub fn format(self, format: Format) -> Result<String> {
        let mut out = String::with_capacity(32);
        self.write(format, &mut out)?;
        Ok(out)
    }

    /// Appends the instant as text, as [`format`](Self::format) does; on an error `out` is as before.
    ///
    /// # Errors
    /// As [`format`](Self::format).
    pub fn write(self, format: Format, out: &mut String) -> Result<()> {
        if !format::in_range(self, format) {
            let message = format!("timestamp {self} has no {format} form: the year must be 0001 to 9999");
            return Err(Error::new(ErrorKind::Validation, message));
        }
        // Writing to a `String` cannot fail.
        let _ = format::write(self, format, out);
        Ok(())
    }

    /// Reads `text` as `format`, loosely: each may carry a fraction (what is finer than a nanosecond is cut off) and
    /// surrounding white space; date-time and http-date any offset from UTC.
    ///
    /// # Errors
    /// [`ErrorKind::Parse`] naming the format, the text and what is wrong with it.
    pub fn parse(text: &str, format: Format) -> Result<Self> {
        parse::parse(text, format).map_err(|problem| {
            let shown: String = text.chars().take(64).collect();
            let more = if shown.len() < text.len() { "…" } else { "" };
            Error::new(ErrorKind::Parse, format!("not a timestamp in {format} format: {shown:?}{more}: {problem}"))
        })
    }

    /// Reads `text` in whichever of the three formats it is: services do not always send the one of their model.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_any(text: &str) -> Result<Self> {
        Self::parse(text, parse::guess(text))
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

    fn from_str(text: &str) -> Result<Self> {
        Self::parse_any(text)
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let end = |past: bool| Self::from_secs(if past { i64::MIN } else { i64::MAX });
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self::EPOCH.checked_add(after).unwrap_or_else(|| end(false)),
            Err(before) => Self::EPOCH.checked_sub(before.duration()).unwrap_or_else(|| end(true)),
        }
    }
}

impl TryFrom<Timestamp> for SystemTime {
    type Error = Error;

    /// Fails where the system's clock has no such instant.
    fn try_from(time: Timestamp) -> Result<Self> {
        let whole = Duration::from_secs(time.secs.unsigned_abs());
        let secs = if time.secs < 0 { UNIX_EPOCH.checked_sub(whole) } else { UNIX_EPOCH.checked_add(whole) };
        secs.and_then(|it| it.checked_add(Duration::from_nanos(u64::from(time.nanos))))
            .ok_or_else(|| Error::new(ErrorKind::Validation, format!("the system clock does not reach {time}")))
    }
}
