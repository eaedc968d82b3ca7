//! Formats timestamps in the three wire formats. Knows no protocol and no protocol's default format.

use std::fmt;

use super::Timestamp;
use super::civil::{self, Date};

/// A wire format of timestamps: the `timestampFormat` of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Seconds since 1970 with up to six decimal places: `1515531081.123456`; `unixTimestamp` in models.
    EpochSeconds,
    /// RFC 7231, whole seconds: `Tue, 29 Apr 2014 18:30:38 GMT`; `rfc822` in models.
    HttpDate,
    /// RFC 3339 in UTC with up to six decimal places: `1985-04-12T23:20:50.52Z`; `iso8601` in models.
    DateTime,
}

impl Format {
    /// The name of the format in Smithy models, which error messages use.
    pub fn name(self) -> &'static str {
        match self {
            Self::EpochSeconds => "epoch-seconds",
            Self::HttpDate => "http-date",
            Self::DateTime => "date-time",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

pub(super) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The calendar fields of a timestamp in UTC.
struct Parts {
    days: i64,
    date: Date,
    hour: i64,
    minute: i64,
    second: i64,
}

fn parts(time: Timestamp) -> Parts {
    let days = time.secs.div_euclid(86_400);
    let second = time.secs.rem_euclid(86_400);
    Parts { days, date: Date::from_days(days), hour: second / 3600, minute: second / 60 % 60, second: second % 60 }
}

/// Whether `format` can represent the timestamp: the two calendar formats have the years 1 to 9999.
pub(super) fn in_range(time: Timestamp, format: Format) -> bool {
    /// From 0001-01-01T00:00:00Z to before 10000-01-01T00:00:00Z.
    const YEARS: std::ops::Range<i64> = -62_135_596_800..253_402_300_800;
    format == Format::EpochSeconds || YEARS.contains(&time.secs)
}

/// Writes `time` without a check of its range; fractions are truncated to microseconds.
pub(super) fn write(time: Timestamp, format: Format, out: &mut impl fmt::Write) -> fmt::Result {
    let micros = time.nanos / 1000;
    match format {
        Format::EpochSeconds => {
            write!(out, "{}", time.secs)?;
            fraction(micros, 6, out)
        }
        Format::HttpDate => {
            let Parts { days, date, hour, minute, second } = parts(time);
            let month = MONTHS.get(date.month as usize - 1).copied().unwrap_or_default();
            let weekday = DAYS.get(civil::weekday(days)).copied().unwrap_or_default();
            write!(out, "{weekday}, {:02} {month} {:04} {hour:02}:{minute:02}:{second:02} GMT", date.day, date.year)
        }
        Format::DateTime => rfc3339(time, micros, 6, out),
    }
}

/// Writes RFC 3339 with the full fraction; years of more than four digits and before year 0 have a sign, as in ISO
/// 8601.
pub(super) fn display(time: Timestamp, out: &mut impl fmt::Write) -> fmt::Result {
    rfc3339(time, time.nanos, 9, out)
}

fn rfc3339(time: Timestamp, digits: u32, width: usize, out: &mut impl fmt::Write) -> fmt::Result {
    let Parts { date, hour, minute, second, .. } = parts(time);
    match date.year {
        0..=9999 => write!(out, "{:04}", date.year)?,
        year => write!(out, "{year:+05}")?,
    }
    write!(out, "-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}", date.month, date.day)?;
    fraction(digits, width, out)?;
    out.write_char('Z')
}

/// Writes `.` and `digits` padded to `width`, without trailing zeros; nothing for zero.
fn fraction(mut digits: u32, mut width: usize, out: &mut impl fmt::Write) -> fmt::Result {
    if digits == 0 {
        return Ok(());
    }
    while digits.is_multiple_of(10) {
        digits /= 10;
        width -= 1;
    }
    write!(out, ".{digits:0width$}")
}
