//! The date of a signature, `20150830T123600Z`. Knows no other format.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::{Error, ErrorKind, Result};

/// A time in the two formats that signatures use.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Date([u8; 16]);

impl Date {
    pub(super) fn from_time(time: SystemTime) -> Result<Self> {
        let seconds = time.duration_since(UNIX_EPOCH).map(|it| it.as_secs()).ok();
        // The format has four digits for the year: this is the end of 9999.
        let Some(seconds) = seconds.filter(|it| *it < 253_402_300_800) else {
            return Err(Error::new(ErrorKind::Signing, "the signing time is before 1970 or after 9999"));
        };
        let (year, month, day) = gregorian(seconds / 86_400);
        let second = seconds % 86_400;
        let mut text = *b"00000000T000000Z";
        for (start, digits, mut value) in [
            (0, 4, year),
            (4, 2, month),
            (6, 2, day),
            (9, 2, second / 3600),
            (11, 2, second / 60 % 60),
            (13, 2, second % 60),
        ] {
            for digit in text[start..start + digits].iter_mut().rev() {
                *digit = b'0' + (value % 10) as u8;
                value /= 10;
            }
        }
        Ok(Self(text))
    }

    /// `20150830T123600Z`.
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// `20150830`.
    pub(super) fn day(&self) -> &str {
        &self.as_str()[..8]
    }
}

/// Year, month and day of the Gregorian calendar, `days` after 1970-01-01. Counts in years that begin in March, so that
/// the leap day comes last.
fn gregorian(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn times_are_formatted_as_utc() {
        fn check(seconds: u64, expect: &str) {
            let date = Date::from_time(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
            assert_eq!((date.as_str(), date.day()), (expect, &expect[..8]));
        }
        check(0, "19700101T000000Z");
        check(951_782_399, "20000228T235959Z");
        check(951_782_400, "20000229T000000Z");
        check(1_440_938_160, "20150830T123600Z");
        check(4_107_542_399, "21000228T235959Z");
        check(4_107_542_400, "21000301T000000Z");
        check(253_402_300_799, "99991231T235959Z");
    }

    #[test]
    fn times_outside_1970_to_9999_are_rejected() {
        for time in [UNIX_EPOCH - Duration::from_secs(1), UNIX_EPOCH + Duration::from_secs(253_402_300_800)] {
            assert!(Date::from_time(time).is_err());
        }
    }
}
