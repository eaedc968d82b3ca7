//! Test vectors of our own for timestamps and their formats.

use super::*;

fn instant(secs: i64, nanos: u32) -> Timestamp {
    Timestamp::from_parts(secs, nanos)
}

#[test]
fn nanoseconds_carry_over_and_instants_are_ordered() {
    assert_eq!(instant(1, 1_500_000_000), instant(2, 500_000_000));
    assert_eq!(Timestamp::from_millis(-1), instant(-1, 999_000_000));
    assert_eq!(Timestamp::from_millis(-1).as_millis(), -1);
    assert_eq!(instant(i64::MAX, 0).as_millis(), i64::MAX);
    assert!(instant(-1, 999_999_999) < Timestamp::EPOCH && instant(0, 1) > Timestamp::EPOCH);
    assert_eq!(Timestamp::default(), Timestamp::EPOCH);
}

#[test]
fn seconds_convert_to_doubles_and_back() {
    let check = |secs: f64, expect: Timestamp| assert_eq!(Timestamp::from_secs_f64(secs).unwrap(), expect, "{secs}");
    check(1_398_796_238.0, instant(1_398_796_238, 0));
    check(946_845_296.123, instant(946_845_296, 123_000_000));
    check(1.003691, instant(1, 3_691_000));
    check(-1.5, instant(-2, 500_000_000));
    check(0.999_999_9, instant(1, 0));
    check(-0.0, instant(0, 0));
    assert_eq!(instant(1, 3_691_000).as_secs_f64(), 1.003691);
    assert_eq!(instant(-2, 500_000_000).as_secs_f64(), -1.5);
    assert_eq!(instant(1_398_796_238, 0).as_secs_f64(), 1_398_796_238.0);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e19, -1e19] {
        assert_eq!(Timestamp::from_secs_f64(bad).unwrap_err().kind(), ErrorKind::Parse, "{bad}");
    }
}

#[test]
fn durations_are_added_and_subtracted_within_the_range() {
    let tick = Duration::from_nanos(1);
    assert_eq!(instant(1, 999_999_999).checked_add(tick), Some(instant(2, 0)));
    assert_eq!(instant(2, 0).checked_sub(tick), Some(instant(1, 999_999_999)));
    assert_eq!(instant(i64::MAX, 999_999_999).checked_add(tick), None);
    assert_eq!(instant(i64::MIN, 0).checked_sub(tick), None);
    assert_eq!(instant(5, 1).checked_sub(Duration::ZERO), Some(instant(5, 1)));
    assert_eq!(instant(2, 1).saturating_duration_since(instant(1, 2)), Duration::from_nanos(999_999_999));
    assert_eq!(instant(1, 0).saturating_duration_since(instant(2, 0)), Duration::ZERO);
    assert_eq!(instant(i64::MAX, 0).saturating_duration_since(instant(i64::MIN, 0)), Duration::from_secs(u64::MAX));
}

#[test]
fn instants_convert_to_system_time_and_back() {
    for time in [
        instant(0, 0),
        instant(1_398_796_238, 123_456_789),
        instant(-1, 5),
        instant(-62_135_596_800, 0),
        instant(253_402_300_799, 999_999_999),
    ] {
        assert_eq!(Timestamp::from(SystemTime::try_from(time).unwrap()), time);
    }
    assert!(Timestamp::now() > instant(1_700_000_000, 0));
}

#[test]
fn each_format_is_written() {
    use Format::{DateTime, EpochSeconds, HttpDate};
    let check = |time: Timestamp, format, expect: &str| assert_eq!(time.format(format).unwrap(), expect);
    check(instant(1_398_796_238, 0), EpochSeconds, "1398796238");
    check(instant(1_398_796_238, 0), HttpDate, "Tue, 29 Apr 2014 18:30:38 GMT");
    check(instant(1_398_796_238, 0), DateTime, "2014-04-29T18:30:38Z");
    check(instant(1_398_796_238, 500_000_000), EpochSeconds, "1398796238.5");
    check(instant(1_398_796_238, 999_999_999), HttpDate, "Tue, 29 Apr 2014 18:30:38 GMT");
    check(instant(1_398_796_238, 10_000_999), DateTime, "2014-04-29T18:30:38.01Z");
    check(instant(1_398_796_238, 999), DateTime, "2014-04-29T18:30:38Z");
    check(instant(1_398_796_238, 1_000), EpochSeconds, "1398796238.000001");
    check(instant(-2, 500_000_000), DateTime, "1969-12-31T23:59:58.5Z");
    check(instant(-2, 500_000_000), EpochSeconds, "-2.5");
    check(instant(-62_135_596_800, 0), HttpDate, "Mon, 01 Jan 0001 00:00:00 GMT");
    check(instant(253_402_300_799, 0), DateTime, "9999-12-31T23:59:59Z");
    check(instant(i64::MIN, 0), EpochSeconds, "-9223372036854775808");
    for time in
        [instant(-62_135_596_801, 999_999_999), instant(253_402_300_800, 0), instant(i64::MIN, 0), instant(i64::MAX, 0)]
    {
        for format in [HttpDate, DateTime] {
            let mut out = String::from("unchanged");
            assert_eq!(time.write(format, &mut out).unwrap_err().kind(), ErrorKind::Validation);
            assert_eq!(out, "unchanged");
        }
    }
}

#[test]
fn display_is_rfc3339_to_the_nanosecond() {
    assert_eq!(instant(0, 1).to_string(), "1970-01-01T00:00:00.000000001Z");
    assert_eq!(format!("{:?}", instant(0, 120_000_000)), "1970-01-01T00:00:00.12Z");
    assert_eq!(instant(-62_167_219_201, 0).to_string(), "-0001-12-31T23:59:59Z");
    assert_eq!(instant(253_402_300_800, 0).to_string(), "+10000-01-01T00:00:00Z");
    assert_eq!(instant(i64::MAX, 0).to_string(), "+292277026596-12-04T15:30:07Z");
    assert_eq!(instant(i64::MIN, 0).to_string(), "-292277022657-01-27T08:29:52Z");
}

#[test]
fn the_format_is_guessed_from_the_start() {
    let check = |string: &str, expect: Timestamp| assert_eq!(Timestamp::parse_any(string).unwrap(), expect, "{string}");
    let time = instant(1_398_796_238, 0);
    // Seconds.
    check("1398796238", time);
    check(" 1398796238\n", time);
    check("1398796238.", time);
    check("1398796238.0", time);
    check("1.398796238E9", time);
    check("1398796238.123456789", instant(1_398_796_238, 123_456_789));
    check("1398796238.1234567899", instant(1_398_796_238, 123_456_789));
    check("+5", instant(5, 0));
    check(".5", instant(0, 500_000_000));
    check("-0.25", instant(-1, 750_000_000));
    check("-2.25", instant(-2, 250_000_000));
    check("-9223372036854775808", instant(i64::MIN, 0));
    check("20140429", instant(20_140_429, 0));
    // ISO 8601.
    check("2014-04-29T18:30:38Z", time);
    check("2014-04-29t18:30:38z", time);
    check("2014-04-29T18:30:38.000Z", time);
    check("2014-04-29 18:30:38", time);
    check("2014-04-29 18:30:38 UTC", time);
    check("2014-04-29T18:30:38+00:00", time);
    check("2014-04-29T11:30:38-07:00", time);
    check("2014-04-29T19:30:38+0100", time);
    check("2014-04-29T19:30:38+01", time);
    check("2014-04-30T00:00:38.25+05:30", instant(1_398_796_238, 250_000_000));
    check("2014-04-29T18:30:38,123456789Z", instant(1_398_796_238, 123_456_789));
    check("20140429T183038Z", time);
    check("2014-04-29T18:30Z", instant(1_398_796_200, 0));
    check("2014-04-29", instant(1_398_729_600, 0));
    check("2015-06-30T23:59:60Z", instant(1_435_708_800, 0));
    // HTTP dates.
    check("Tue, 29 Apr 2014 18:30:38 GMT", time);
    check("tue, 29 apr 2014 18:30:38 gmt", time);
    check("Tue, 29 Apr 2014 18:30:38.5 GMT", instant(1_398_796_238, 500_000_000));
    check("Tue, 29 Apr 2014 18:30:38 +0000", time);
    check("Tue, 29 Apr 2014 11:30:38 -0700", time);
    check("Tue, 29 Apr 2014 18:30:38 UTC", time);
    check("29 Apr 2014 18:30:38 GMT", time);
    check("Sun, 6 Nov 1994 08:49:37 GMT", instant(784_111_777, 0));
    check("Sunday, 06-Nov-94 08:49:37 GMT", instant(784_111_777, 0));
    check("06-Nov-94 08:49:37 GMT", instant(784_111_777, 0));
    check("Sun Nov  6 08:49:37 1994", instant(784_111_777, 0));
    check("Nov 6 08:49:37 1994", instant(784_111_777, 0));
    check("Sun Nov 06 08:49:37 UTC 1994", instant(784_111_777, 0));
}

#[test]
fn invalid_timestamps_are_errors_with_the_reason() {
    let check = |string: &str, expect: &str| {
        let error = Timestamp::parse_any(string).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Parse, "{string}");
        assert!(error.to_string().contains(expect), "{string}: {error}");
    };
    check("", "invalid timestamp in epoch-seconds format: \"\": not a decimal number");
    check("-", "not a decimal number");
    check(".", "not a decimal number");
    check("1e", "not a decimal number");
    check("1.2.3", "not a decimal number");
    check("9223372036854775808", "out of range");
    check("1e300", "out of range");
    check("NaN", "expected the name of a day or month");
    check("tomorrow", "expected the name of a day or month");
    check("2014-4-29T18:30:38Z", "date-time format: \"2014-4-29T18:30:38Z\": expected a two-digit month");
    check("2014-02-29T00:00:00Z", "no such date");
    check("0000-01-01T00:00:00Z", "no such date");
    check("2014-04-29T24:00:00Z", "the time of day is out of range");
    check("2014-04-29T18:30:38.Z", "expected digits after the decimal point");
    check("2014-04-29T18:30:38ZZ", "unknown time zone");
    check("2014-04-29T18:30:38Z!", "unexpected characters at the end");
    check("2014-04-29T18:30:38+25:00", "the offset is out of range");
    check("2014-04-29X18:30:38", "expected `T`");
    check("Tue, 29 Foo 2014 18:30:38 GMT", "expected the name of a month");
    check("Tue, 29 Apr 2014 18:30:38 PST", "unknown time zone");
    check("Tue, 29 Apr 2014", "expected a space between date and time");
    check("2014-04-29T18:30:38é", "");
    check(&"9".repeat(1000), "…");
}

#[test]
fn a_format_rejects_the_others() {
    for (string, format) in [
        ("1398796238", Format::HttpDate),
        ("2014-04-29T18:30:38Z", Format::EpochSeconds),
        ("Tue, 29 Apr 2014 18:30:38 GMT", Format::DateTime),
    ] {
        assert!(Timestamp::parse(string, format).is_err(), "{string}");
    }
}

#[test]
fn truncated_and_mangled_timestamps_never_panic() {
    for string in [
        "1398796238.5e1",
        "2014-04-29T18:30:38.123+05:30",
        "Sunday, 06-Nov-94 08:49:37.5 GMT",
        "Sun Nov  6 08:49:37 1994",
    ] {
        for cut in 0..string.len() {
            let _ = Timestamp::parse_any(&string[..cut]);
            let _ = Timestamp::parse_any(&string[cut..]);
            for other in ['0', 'é', '-', ' ', ':', 'T'] {
                let swapped = format!("{}{other}{}", &string[..cut], &string[cut + 1..]);
                for format in [Format::EpochSeconds, Format::HttpDate, Format::DateTime] {
                    let _ = Timestamp::parse(&swapped, format);
                }
            }
        }
    }
}

/// Before 1970, too: a fraction counts forward from the second below, in strings and numbers.
#[test]
fn what_is_written_is_read_again_with_its_fraction() {
    let mut random = fastrand::Rng::with_seed(1970);
    for _ in 0..10_000 {
        let time =
            instant(random.i64(-62_135_596_800..100_000_000_000) >> random.u32(0..40), random.u32(0..1_000_000) * 1000);
        for format in [Format::EpochSeconds, Format::DateTime] {
            let text = time.format(format).unwrap();
            assert_eq!(Timestamp::parse(&text, format).unwrap(), time, "{text}");
        }
        let text = time.format(Format::HttpDate).unwrap();
        assert_eq!(Timestamp::parse(&text, Format::HttpDate).unwrap(), instant(time.as_secs(), 0), "{text}");
        // A double has no microseconds so far from 1970.
        if time.as_secs().abs() < 4_000_000_000 {
            assert_eq!(Timestamp::from_secs_f64(time.as_secs_f64()).unwrap(), time);
        }
    }
}
