//! Converts days to dates and back, in the proleptic Gregorian calendar. Knows no time of day, no time zone and no
//! format.

/// The number of days in 400 years, after which the calendar repeats.
const DAYS_PER_ERA: i64 = 146_097;
/// The number of days from 0000-03-01, from which the functions below count, to 1970-01-01.
const EPOCH_OFFSET: i64 = 719_468;

/// A date; `month` and `day` count from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i64,
    pub(super) month: u32,
    pub(super) day: u32,
}

impl Date {
    /// The date `days` after 1970-01-01.
    ///
    /// Years begin in March here, so that the leap day is the last day and month lengths follow the 153-day pattern of
    /// five months (31, 30, 31, 30, 31).
    pub(super) fn from_days(days: i64) -> Self {
        let shifted = days + EPOCH_OFFSET;
        let era = shifted.div_euclid(DAYS_PER_ERA);
        let day_of_era = shifted.rem_euclid(DAYS_PER_ERA);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        Self { year, month: month as u32, day: day as u32 }
    }

    /// Days since 1970-01-01.
    pub(super) fn to_days(self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let march_month = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * march_month + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * DAYS_PER_ERA + day_of_era - EPOCH_OFFSET
    }

    /// Whether the calendar has this date.
    pub(super) fn exists(self) -> bool {
        (1..=12).contains(&self.month) && (1..=self.days_in_month()).contains(&self.day)
    }

    fn days_in_month(self) -> u32 {
        match self.month {
            2 if self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

/// The day of the week of the day `days` after 1970-01-01 (a Thursday); Monday is 0.
pub(super) fn weekday(days: i64) -> usize {
    (days + 3).rem_euclid(7) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_dates_have_their_days_and_weekdays() {
        let check = |year, month, day, days, expected_weekday| {
            let date = Date { year, month, day };
            assert_eq!(date.to_days(), days, "{date:?}");
            assert_eq!(Date::from_days(days), date);
            assert_eq!(weekday(days), expected_weekday, "{date:?}");
        };
        check(1970, 1, 1, 0, 3);
        check(1969, 12, 31, -1, 2);
        check(2000, 2, 29, 11_016, 1);
        check(2000, 3, 1, 11_017, 2);
        check(1900, 2, 28, -25_509, 2);
        check(1900, 3, 1, -25_508, 3);
        check(1, 1, 1, -719_162, 0);
        check(9999, 12, 31, 2_932_896, 4);
    }

    #[test]
    fn every_day_of_two_eras_converts_to_a_date_and_back() {
        let mut before = Date::from_days(-DAYS_PER_ERA - 1);
        for days in -DAYS_PER_ERA..=DAYS_PER_ERA {
            let date = Date::from_days(days);
            assert!(date.exists(), "{date:?}");
            assert_eq!(date.to_days(), days);
            assert!((before.year, before.month, before.day) < (date.year, date.month, date.day));
            before = date;
        }
    }

    #[test]
    fn dates_outside_the_calendar_do_not_exist() {
        for (year, month, day) in
            [(2023, 2, 29), (1900, 2, 29), (2024, 13, 1), (2024, 0, 1), (2024, 4, 31), (2024, 1, 0)]
        {
            assert!(!Date { year, month, day }.exists());
        }
    }
}
