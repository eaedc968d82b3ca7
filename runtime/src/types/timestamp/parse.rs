//! Parses timestamps, leniently because services deviate from the formats: each with or without fraction, offset and
//! padding. Knows no protocol: the caller names the format, or lets it be guessed.

use super::civil::Date;
use super::format::{Format, MONTHS};
use super::{NANOS_PER_SEC, Timestamp};

/// A timestamp, or the problem of the string; the caller adds the string itself.
pub(super) type Parsed = std::result::Result<Timestamp, &'static str>;

pub(super) fn parse(string: &str, format: Format) -> Parsed {
    let string = string.trim_ascii();
    match format {
        Format::EpochSeconds => epoch_seconds(string),
        Format::HttpDate => http_date(string),
        Format::DateTime => date_time(string),
    }
}

/// Guesses the format from the start of the string: digits alone or up to `.` or `e` are seconds; a letter, first or
/// after the first number, begins the name of a day or month; everything else is ISO 8601.
pub(super) fn guess(string: &str) -> Format {
    let bytes = string.trim_ascii().as_bytes();
    if bytes.first().is_some_and(u8::is_ascii_alphabetic) {
        return Format::HttpDate;
    }
    let unsigned = bytes.strip_prefix(b"-").or(bytes.strip_prefix(b"+")).unwrap_or(bytes);
    let digits = unsigned.iter().take_while(|it| it.is_ascii_digit()).count();
    match (unsigned.get(digits), unsigned.get(digits + 1)) {
        (None | Some(b'.' | b'e' | b'E'), _) => Format::EpochSeconds,
        (Some(b' ' | b'-'), Some(next)) if next.is_ascii_alphabetic() => Format::HttpDate,
        _ => Format::DateTime,
    }
}

/// `-?digits(.digits)?([eE][+-]?digits)?`.
///
/// The fraction is added to the seconds whatever their sign, as the AWS SDKs print and parse it: `-2.25` is two seconds
/// before the epoch plus a quarter. Only `-0.25`, which no SDK prints, is a quarter of a second before the epoch.
fn epoch_seconds(string: &str) -> Parsed {
    let (mantissa, exponent) = match string.find(['e', 'E']) {
        Some(at) => (&string[..at], Some(&string[at + 1..])),
        None => (string, None),
    };
    let (negative, unsigned) = match mantissa.as_bytes().first() {
        Some(b'-') => (true, &mantissa[1..]),
        Some(b'+') => (false, &mantissa[1..]),
        _ => (false, mantissa),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |it: &str| it.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !digits(whole) || !digits(fraction) {
        return Err("not a decimal number");
    }
    if exponent.is_some() {
        let value: f64 = string.parse().map_err(|_| "not a decimal number")?;
        return Timestamp::from_secs_f64(value).map_err(|_| "out of range");
    }
    let mut secs = 0_i64;
    for byte in whole.bytes() {
        let digit = i64::from(byte - b'0');
        secs = secs.checked_mul(10).and_then(|it| it.checked_sub(digit)).ok_or("out of range")?;
    }
    if !negative {
        secs = secs.checked_neg().ok_or("out of range")?;
    }
    let nanos = fraction_nanos(fraction.as_bytes());
    if negative && secs == 0 && nanos != 0 {
        return Ok(Timestamp { secs: -1, nanos: NANOS_PER_SEC - nanos });
    }
    Ok(Timestamp { secs, nanos })
}

/// The digits after the decimal point as nanoseconds; further digits are truncated.
fn fraction_nanos(digits: &[u8]) -> u32 {
    (0..9).fold(0, |sum, at| sum * 10 + digits.get(at).map_or(0, |it| u32::from(it - b'0')))
}

/// Parses RFC 3339 and the variants of ISO 8601 that services send: `T`, `t` or a space between date and time; optional
/// seconds and fraction; `Z`, `z`, `UTC`, `±hh`, `±hhmm`, `±hh:mm` or nothing (then UTC); a date alone; and the basic
/// format without dashes.
fn date_time(string: &str) -> Parsed {
    let mut cursor = Cursor { rest: string.as_bytes() };
    let year = cursor.number(4, 4).ok_or("expected a four-digit year")?;
    let dashed = cursor.take(b'-');
    let month = cursor.number(2, 2).ok_or("expected a two-digit month")?;
    if dashed && !cursor.take(b'-') {
        return Err("expected `-` after the month");
    }
    let day = cursor.number(2, 2).ok_or("expected a two-digit day")?;
    let date = Date { year: i64::from(year), month, day };
    if cursor.rest.is_empty() {
        return timestamp(date, Clock::default(), 0);
    }
    if !(cursor.take(b'T') || cursor.take(b't') || cursor.spaces()) {
        return Err("expected `T` between date and time");
    }
    let clock = cursor.clock()?;
    let offset = cursor.offset()?;
    cursor.end()?;
    timestamp(date, clock, offset)
}

/// Parses RFC 7231 (`Sun, 06 Nov 1994 08:49:37 GMT`), with or without day name, fraction and leading zeros, with a
/// numeric zone as in RFC 822, with dashes and a two-digit year as in RFC 850; and the order of C's `asctime`, with or
/// without a zone before the year as Java prints it.
fn http_date(string: &str) -> Parsed {
    let mut cursor = Cursor { rest: string.as_bytes() };
    let first = cursor.letters();
    let mut month = month_number(first);
    if month.is_none() && !first.is_empty() {
        if !DAYS.iter().any(|it| starts_with_ignore_case(first, it.as_bytes())) {
            return Err("expected the name of a day or month at the start");
        }
        cursor.take(b',');
        cursor.spaces();
        month = month_number(cursor.rest);
        if month.is_some() {
            cursor.letters();
        }
    }
    if let Some(month) = month {
        cursor.spaces();
        let day = cursor.number(1, 2).ok_or("expected a day")?;
        cursor.spaces();
        let clock = cursor.clock()?;
        cursor.spaces();
        let has_zone = cursor.rest.first().is_some_and(u8::is_ascii_alphabetic);
        let offset = if has_zone { cursor.offset()? } else { 0 };
        cursor.spaces();
        let year = i64::from(cursor.number(4, 4).ok_or("expected a four-digit year")?);
        cursor.end()?;
        return timestamp(Date { year, month, day }, clock, offset);
    }
    let day = cursor.number(1, 2).ok_or("expected a day")?;
    cursor.separator();
    let month = month_number(cursor.letters()).ok_or("expected the name of a month")?;
    cursor.separator();
    let before = cursor.rest.len();
    let year = cursor.number(2, 4).ok_or("expected a year")?;
    let year = match before - cursor.rest.len() {
        2 if year < 70 => year + 2000,
        2 => year + 1900,
        _ => year,
    };
    if !cursor.spaces() {
        return Err("expected a space between date and time");
    }
    let clock = cursor.clock()?;
    let offset = cursor.offset()?;
    cursor.end()?;
    timestamp(Date { year: i64::from(year), month, day }, clock, offset)
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn month_number(name: &[u8]) -> Option<u32> {
    (1..).zip(MONTHS).find(|(_, month)| starts_with_ignore_case(name, month.as_bytes())).map(|(number, _)| number)
}

fn starts_with_ignore_case(string: &[u8], prefix: &[u8]) -> bool {
    string.get(..prefix.len()).is_some_and(|it| it.eq_ignore_ascii_case(prefix))
}

/// A time of day, in its own zone.
#[derive(Default)]
struct Clock {
    hour: u32,
    minute: u32,
    second: u32,
    nanos: u32,
}

fn timestamp(date: Date, clock: Clock, offset: i64) -> Parsed {
    if !date.exists() || date.year == 0 {
        return Err("no such date in the calendar");
    }
    // A leap second counts as the first second of the next minute.
    if clock.hour > 23 || clock.minute > 59 || clock.second > 60 {
        return Err("the time of day is out of range");
    }
    let seconds = i64::from(clock.hour * 3600 + clock.minute * 60 + clock.second);
    Ok(Timestamp { secs: date.to_days() * 86_400 + seconds - offset, nanos: clock.nanos })
}

/// The bytes that are left to parse.
struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn take(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    /// Takes up to `max` bytes that match.
    fn run(&mut self, max: usize, matches: impl Fn(&u8) -> bool) -> &'a [u8] {
        let count = self.rest.iter().take(max).take_while(|it| matches(it)).count();
        let (run, rest) = self.rest.split_at(count);
        self.rest = rest;
        run
    }

    /// A number of `min` to `max` digits.
    fn number(&mut self, min: usize, max: usize) -> Option<u32> {
        let digits = self.run(max, u8::is_ascii_digit);
        (digits.len() >= min).then(|| digits.iter().fold(0, |sum, it| sum * 10 + u32::from(it - b'0')))
    }

    fn letters(&mut self) -> &'a [u8] {
        self.run(usize::MAX, u8::is_ascii_alphabetic)
    }

    fn spaces(&mut self) -> bool {
        !self.run(usize::MAX, |it| *it == b' ').is_empty()
    }

    fn separator(&mut self) {
        if !self.take(b'-') {
            self.spaces();
        }
    }

    /// `hh:mm`, `hh:mm:ss`, `hhmmss`, with a fraction after `.` or `,`.
    fn clock(&mut self) -> std::result::Result<Clock, &'static str> {
        let hour = self.number(1, 2).ok_or("expected an hour")?;
        let colon = self.take(b':');
        let minute = self.number(2, 2).ok_or("expected a two-digit minute")?;
        let mut clock = Clock { hour, minute, ..Clock::default() };
        if if colon { self.take(b':') } else { self.rest.first().is_some_and(u8::is_ascii_digit) } {
            clock.second = self.number(2, 2).ok_or("expected a two-digit second")?;
            if self.take(b'.') || self.take(b',') {
                let digits = self.run(usize::MAX, u8::is_ascii_digit);
                if digits.is_empty() {
                    return Err("expected digits after the decimal point");
                }
                clock.nanos = fraction_nanos(digits);
            }
        }
        Ok(clock)
    }

    /// The offset in seconds east of UTC.
    fn offset(&mut self) -> std::result::Result<i64, &'static str> {
        self.spaces();
        let sign = match self.rest.first() {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => {
                let zone = self.letters();
                let known = zone.is_empty()
                    || ["Z", "GMT", "UTC", "UT"].iter().any(|it| zone.eq_ignore_ascii_case(it.as_bytes()));
                return if known { Ok(0) } else { Err("unknown time zone") };
            }
        };
        self.rest = &self.rest[1..];
        let hours = self.number(2, 2).ok_or("expected two-digit hours in the offset")?;
        let minutes = if self.take(b':') || !self.rest.is_empty() {
            self.number(2, 2).ok_or("expected two-digit minutes in the offset")?
        } else {
            0
        };
        if hours > 23 || minutes > 59 {
            return Err("the offset is out of range");
        }
        Ok(sign * i64::from(hours * 3600 + minutes * 60))
    }

    fn end(&self) -> std::result::Result<(), &'static str> {
        if self.rest.is_empty() { Ok(()) } else { Err("unexpected characters at the end") }
    }
}
