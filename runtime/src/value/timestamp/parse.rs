//! Text to instants, as forgiving as services are loose: each format with or without fractions, offsets and padding.
//! Knows no protocol: who calls says which format is meant, or asks for any.

use super::civil::Date;
use super::format::{Format, MONTHS};
use super::{NANOS_PER_SEC, Timestamp};

/// What was wrong with a text; the caller adds the text itself.
pub(super) type Parsed = std::result::Result<Timestamp, &'static str>;

pub(super) fn parse(text: &str, format: Format) -> Parsed {
    let text = text.trim_ascii();
    match format {
        Format::EpochSeconds => epoch_seconds(text),
        Format::HttpDate => http_date(text),
        Format::DateTime => date_time(text),
    }
}

/// Tells the format by how the text starts: digits alone or up to `.` or `e` are seconds, a letter first or after the
/// first number makes a day name or month name, everything else is ISO 8601.
pub(super) fn guess(text: &str) -> Format {
    let bytes = text.trim_ascii().as_bytes();
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
/// The fraction counts away from the printed seconds whatever their sign, as the AWS SDKs print and read it: `-2.25` is
/// two seconds before the epoch plus a quarter. Only `-0.25`, which none of them prints, is a quarter before the epoch.
fn epoch_seconds(text: &str) -> Parsed {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
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
        let value: f64 = text.parse().map_err(|_| "not a decimal number")?;
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

/// The digits after the point as nanoseconds; what is finer is cut off.
fn fraction_nanos(digits: &[u8]) -> u32 {
    (0..9).fold(0, |sum, at| sum * 10 + digits.get(at).map_or(0, |it| u32::from(it - b'0')))
}

/// RFC 3339 and what of ISO 8601 services send: `T`, `t` or a space between date and time, seconds and fraction
/// optional, `Z`, `z`, `UTC`, `±hh`, `±hhmm`, `±hh:mm` or nothing (then UTC), a date alone, and the basic form without dashes.
fn date_time(text: &str) -> Parsed {
    let mut cursor = Cursor { rest: text.as_bytes() };
    let year = cursor.number(4, 4).ok_or("no four-digit year")?;
    let dashed = cursor.take(b'-');
    let month = cursor.number(2, 2).ok_or("no two-digit month")?;
    if dashed && !cursor.take(b'-') {
        return Err("no `-` after the month");
    }
    let day = cursor.number(2, 2).ok_or("no two-digit day")?;
    let date = Date { year: i64::from(year), month, day };
    if cursor.rest.is_empty() {
        return at(date, Clock::default(), 0);
    }
    if !(cursor.take(b'T') || cursor.take(b't') || cursor.spaces()) {
        return Err("no `T` between date and time");
    }
    let clock = cursor.clock()?;
    let offset = cursor.offset()?;
    cursor.end()?;
    at(date, clock, offset)
}

/// RFC 7231 (`Sun, 06 Nov 1994 08:49:37 GMT`), with or without day name, fraction and leading zeros, with a numeric zone
/// as in RFC 822, with dashes and a two-digit year as in RFC 850, and the order of C's `asctime`, with Java's zone before
/// the year or not.
fn http_date(text: &str) -> Parsed {
    let mut cursor = Cursor { rest: text.as_bytes() };
    let first = cursor.word();
    let mut month = month_number(first);
    if month.is_none() && !first.is_empty() {
        if !DAYS.iter().any(|it| starts_alike(first, it.as_bytes())) {
            return Err("neither a day nor a month name at the start");
        }
        cursor.take(b',');
        cursor.spaces();
        month = month_number(cursor.rest);
        if month.is_some() {
            cursor.word();
        }
    }
    if let Some(month) = month {
        cursor.spaces();
        let day = cursor.number(1, 2).ok_or("no day")?;
        cursor.spaces();
        let clock = cursor.clock()?;
        cursor.spaces();
        let has_zone = cursor.rest.first().is_some_and(u8::is_ascii_alphabetic);
        let offset = if has_zone { cursor.offset()? } else { 0 };
        cursor.spaces();
        let year = i64::from(cursor.number(4, 4).ok_or("no four-digit year")?);
        cursor.end()?;
        return at(Date { year, month, day }, clock, offset);
    }
    let day = cursor.number(1, 2).ok_or("no day")?;
    cursor.separator();
    let month = month_number(cursor.word()).ok_or("no month name")?;
    cursor.separator();
    let before = cursor.rest.len();
    let year = cursor.number(2, 4).ok_or("no year")?;
    let year = match before - cursor.rest.len() {
        2 if year < 70 => year + 2000,
        2 => year + 1900,
        _ => year,
    };
    if !cursor.spaces() {
        return Err("no space between date and time");
    }
    let clock = cursor.clock()?;
    let offset = cursor.offset()?;
    cursor.end()?;
    at(Date { year: i64::from(year), month, day }, clock, offset)
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn month_number(word: &[u8]) -> Option<u32> {
    (1..).zip(MONTHS).find(|(_, name)| starts_alike(word, name.as_bytes())).map(|(number, _)| number)
}

fn starts_alike(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len()).is_some_and(|it| it.eq_ignore_ascii_case(prefix))
}

/// A time of day, in its own zone.
#[derive(Default)]
struct Clock {
    hour: u32,
    minute: u32,
    second: u32,
    nanos: u32,
}

fn at(date: Date, clock: Clock, offset: i64) -> Parsed {
    if !date.exists() || date.year == 0 {
        return Err("no such date");
    }
    // A leap second is the first of the next minute.
    if clock.hour > 23 || clock.minute > 59 || clock.second > 60 {
        return Err("no such time of day");
    }
    let seconds = i64::from(clock.hour * 3600 + clock.minute * 60 + clock.second);
    Ok(Timestamp { secs: date.to_days() * 86_400 + seconds - offset, nanos: clock.nanos })
}

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

    fn run(&mut self, most: usize, wanted: impl Fn(&u8) -> bool) -> &'a [u8] {
        let count = self.rest.iter().take(most).take_while(|it| wanted(it)).count();
        let (run, rest) = self.rest.split_at(count);
        self.rest = rest;
        run
    }

    /// A number of `least` to `most` digits.
    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let digits = self.run(most, u8::is_ascii_digit);
        (digits.len() >= least).then(|| digits.iter().fold(0, |sum, it| sum * 10 + u32::from(it - b'0')))
    }

    fn word(&mut self) -> &'a [u8] {
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
        let hour = self.number(1, 2).ok_or("no hour")?;
        let colon = self.take(b':');
        let minute = self.number(2, 2).ok_or("no two-digit minute")?;
        let mut clock = Clock { hour, minute, ..Clock::default() };
        if if colon { self.take(b':') } else { self.rest.first().is_some_and(u8::is_ascii_digit) } {
            clock.second = self.number(2, 2).ok_or("no two-digit second")?;
            if self.take(b'.') || self.take(b',') {
                let digits = self.run(usize::MAX, u8::is_ascii_digit);
                if digits.is_empty() {
                    return Err("no digits after the point");
                }
                clock.nanos = fraction_nanos(digits);
            }
        }
        Ok(clock)
    }

    /// Seconds east of UTC.
    fn offset(&mut self) -> std::result::Result<i64, &'static str> {
        self.spaces();
        let sign = match self.rest.first() {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => {
                let zone = self.word();
                let known = zone.is_empty()
                    || ["Z", "GMT", "UTC", "UT"].iter().any(|it| zone.eq_ignore_ascii_case(it.as_bytes()));
                return if known { Ok(0) } else { Err("an unknown time zone") };
            }
        };
        self.rest = &self.rest[1..];
        let hours = self.number(2, 2).ok_or("no two-digit hours in the offset")?;
        let minutes = if self.take(b':') || !self.rest.is_empty() {
            self.number(2, 2).ok_or("no two-digit minutes in the offset")?
        } else {
            0
        };
        if hours > 23 || minutes > 59 {
            return Err("no such offset");
        }
        Ok(sign * i64::from(hours * 3600 + minutes * 60))
    }

    fn end(&self) -> std::result::Result<(), &'static str> {
        if self.rest.is_empty() { Ok(()) } else { Err("something after the end") }
    }
}
