//! Own vectors for instants and their texts.

use super::*;

fn at(secs: i64, nanos: u32) -> Timestamp {
    Timestamp::from_parts(secs, nanos)
}

#[test]
fn parts_carry_and_order() {
    assert_eq!(at(1, 1_500_000_000), at(2, 500_000_000));
    assert_eq!(Timestamp::from_millis(-1), at(-1, 999_000_000));
    assert_eq!(Timestamp::from_millis(-1).as_millis(), -1);
    assert_eq!(at(i64::MAX, 0).as_millis(), i64::MAX);
    assert!(at(-1, 999_999_999) < Timestamp::EPOCH && at(0, 1) > Timestamp::EPOCH);
    assert_eq!(Timestamp::default(), Timestamp::EPOCH);
}

#[test]
fn doubles() {
    let check = |secs: f64, expect: Timestamp| assert_eq!(Timestamp::from_secs_f64(secs).unwrap(), expect, "{secs}");
    check(1_398_796_238.0, at(1_398_796_238, 0));
    check(946_845_296.123, at(946_845_296, 123_000_000));
    check(1.003691, at(1, 3_691_000));
    check(-1.5, at(-2, 500_000_000));
    check(0.999_999_9, at(1, 0));
    check(-0.0, at(0, 0));
    assert_eq!(at(1, 3_691_000).as_secs_f64(), 1.003691);
    assert_eq!(at(-2, 500_000_000).as_secs_f64(), -1.5);
    assert_eq!(at(1_398_796_238, 0).as_secs_f64(), 1_398_796_238.0);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e19, -1e19] {
        assert_eq!(Timestamp::from_secs_f64(bad).unwrap_err().kind(), ErrorKind::Parse, "{bad}");
    }
}

#[test]
fn durations() {
    let tick = Duration::from_nanos(1);
    assert_eq!(at(1, 999_999_999).checked_add(tick), Some(at(2, 0)));
    assert_eq!(at(2, 0).checked_sub(tick), Some(at(1, 999_999_999)));
    assert_eq!(at(i64::MAX, 999_999_999).checked_add(tick), None);
    assert_eq!(at(i64::MIN, 0).checked_sub(tick), None);
    assert_eq!(at(5, 1).checked_sub(Duration::ZERO), Some(at(5, 1)));
    assert_eq!(at(2, 1).saturating_duration_since(at(1, 2)), Duration::from_nanos(999_999_999));
    assert_eq!(at(1, 0).saturating_duration_since(at(2, 0)), Duration::ZERO);
    assert_eq!(at(i64::MAX, 0).saturating_duration_since(at(i64::MIN, 0)), Duration::from_secs(u64::MAX));
}

#[test]
fn system_time_there_and_back() {
    for time in
        [at(0, 0), at(1_398_796_238, 123_456_789), at(-1, 5), at(-62_135_596_800, 0), at(253_402_300_799, 999_999_999)]
    {
        assert_eq!(Timestamp::from(SystemTime::try_from(time).unwrap()), time);
    }
    assert!(Timestamp::now() > at(1_700_000_000, 0));
}

#[test]
fn formats() {
    use Format::{DateTime, EpochSeconds, HttpDate};
    let check = |time: Timestamp, format, expect: &str| assert_eq!(time.format(format).unwrap(), expect);
    check(at(1_398_796_238, 0), EpochSeconds, "1398796238");
    check(at(1_398_796_238, 0), HttpDate, "Tue, 29 Apr 2014 18:30:38 GMT");
    check(at(1_398_796_238, 0), DateTime, "2014-04-29T18:30:38Z");
    check(at(1_398_796_238, 500_000_000), EpochSeconds, "1398796238.5");
    check(at(1_398_796_238, 999_999_999), HttpDate, "Tue, 29 Apr 2014 18:30:38 GMT");
    check(at(1_398_796_238, 10_000_999), DateTime, "2014-04-29T18:30:38.01Z");
    check(at(1_398_796_238, 999), DateTime, "2014-04-29T18:30:38Z");
    check(at(1_398_796_238, 1_000), EpochSeconds, "1398796238.000001");
    check(at(-2, 500_000_000), DateTime, "1969-12-31T23:59:58.5Z");
    check(at(-2, 500_000_000), EpochSeconds, "-2.5");
    check(at(-62_135_596_800, 0), HttpDate, "Mon, 01 Jan 0001 00:00:00 GMT");
    check(at(253_402_300_799, 0), DateTime, "9999-12-31T23:59:59Z");
    check(at(i64::MIN, 0), EpochSeconds, "-9223372036854775808");
    for time in [at(-62_135_596_801, 999_999_999), at(253_402_300_800, 0), at(i64::MIN, 0), at(i64::MAX, 0)] {
        for format in [HttpDate, DateTime] {
            let mut out = String::from("kept");
            assert_eq!(time.write(format, &mut out).unwrap_err().kind(), ErrorKind::Validation);
            assert_eq!(out, "kept");
        }
    }
}

#[test]
fn display_is_rfc3339_to_the_nanosecond() {
    assert_eq!(at(0, 1).to_string(), "1970-01-01T00:00:00.000000001Z");
    assert_eq!(format!("{:?}", at(0, 120_000_000)), "1970-01-01T00:00:00.12Z");
    assert_eq!(at(-62_167_219_201, 0).to_string(), "-0001-12-31T23:59:59Z");
    assert_eq!(at(253_402_300_800, 0).to_string(), "+10000-01-01T00:00:00Z");
    assert_eq!(at(i64::MAX, 0).to_string(), "+292277026596-12-04T15:30:07Z");
    assert_eq!(at(i64::MIN, 0).to_string(), "-292277022657-01-27T08:29:52Z");
}

#[test]
fn any_format_is_told_by_its_start() {
    let check = |text: &str, expect: Timestamp| assert_eq!(Timestamp::parse_any(text).unwrap(), expect, "{text}");
    let time = at(1_398_796_238, 0);
    // Seconds.
    check("1398796238", time);
    check(" 1398796238\n", time);
    check("1398796238.", time);
    check("1398796238.0", time);
    check("1.398796238E9", time);
    check("1398796238.123456789", at(1_398_796_238, 123_456_789));
    check("1398796238.1234567899", at(1_398_796_238, 123_456_789));
    check("+5", at(5, 0));
    check(".5", at(0, 500_000_000));
    check("-0.25", at(-1, 750_000_000));
    check("-2.25", at(-2, 250_000_000));
    check("-9223372036854775808", at(i64::MIN, 0));
    check("20140429", at(20_140_429, 0));
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
    check("2014-04-30T00:00:38.25+05:30", at(1_398_796_238, 250_000_000));
    check("2014-04-29T18:30:38,123456789Z", at(1_398_796_238, 123_456_789));
    check("20140429T183038Z", time);
    check("2014-04-29T18:30Z", at(1_398_796_200, 0));
    check("2014-04-29", at(1_398_729_600, 0));
    check("2015-06-30T23:59:60Z", at(1_435_708_800, 0));
    // HTTP dates.
    check("Tue, 29 Apr 2014 18:30:38 GMT", time);
    check("tue, 29 apr 2014 18:30:38 gmt", time);
    check("Tue, 29 Apr 2014 18:30:38.5 GMT", at(1_398_796_238, 500_000_000));
    check("Tue, 29 Apr 2014 18:30:38 +0000", time);
    check("Tue, 29 Apr 2014 11:30:38 -0700", time);
    check("Tue, 29 Apr 2014 18:30:38 UTC", time);
    check("29 Apr 2014 18:30:38 GMT", time);
    check("Sun, 6 Nov 1994 08:49:37 GMT", at(784_111_777, 0));
    check("Sunday, 06-Nov-94 08:49:37 GMT", at(784_111_777, 0));
    check("06-Nov-94 08:49:37 GMT", at(784_111_777, 0));
    check("Sun Nov  6 08:49:37 1994", at(784_111_777, 0));
    check("Nov 6 08:49:37 1994", at(784_111_777, 0));
    check("Sun Nov 06 08:49:37 UTC 1994", at(784_111_777, 0));
}

#[test]
fn what_is_no_timestamp_says_why() {
    let check = |text: &str, expect: &str| {
        let error = Timestamp::parse_any(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Parse, "{text}");
        assert!(error.to_string().contains(expect), "{text}: {error}");
    };
    check("", "epoch-seconds format: \"\": not a decimal number");
    check("-", "not a decimal number");
    check(".", "not a decimal number");
    check("1e", "not a decimal number");
    check("1.2.3", "not a decimal number");
    check("9223372036854775808", "out of range");
    check("1e300", "out of range");
    check("NaN", "neither a day nor a month");
    check("tomorrow", "neither a day nor a month");
    check("2014-4-29T18:30:38Z", "date-time format: \"2014-4-29T18:30:38Z\": no two-digit month");
    check("2014-02-29T00:00:00Z", "no such date");
    check("0000-01-01T00:00:00Z", "no such date");
    check("2014-04-29T24:00:00Z", "no such time of day");
    check("2014-04-29T18:30:38.Z", "no digits after the point");
    check("2014-04-29T18:30:38ZZ", "an unknown time zone");
    check("2014-04-29T18:30:38Z!", "something after the end");
    check("2014-04-29T18:30:38+25:00", "no such offset");
    check("2014-04-29X18:30:38", "no `T`");
    check("Tue, 29 Foo 2014 18:30:38 GMT", "no month name");
    check("Tue, 29 Apr 2014 18:30:38 PST", "an unknown time zone");
    check("Tue, 29 Apr 2014", "no space between date and time");
    check("2014-04-29T18:30:38é", "");
    check(&"9".repeat(1000), "…");
}

#[test]
fn one_format_refuses_the_others() {
    for (text, format) in [
        ("1398796238", Format::HttpDate),
        ("2014-04-29T18:30:38Z", Format::EpochSeconds),
        ("Tue, 29 Apr 2014 18:30:38 GMT", Format::DateTime),
    ] {
        assert!(Timestamp::parse(text, format).is_err(), "{text}");
    }
}

#[test]
fn every_byte_cut_and_swap_is_refused_or_read_but_never_panics() {
    for text in [
        "1398796238.5e1",
        "2014-04-29T18:30:38.123+05:30",
        "Sunday, 06-Nov-94 08:49:37.5 GMT",
        "Sun Nov  6 08:49:37 1994",
    ] {
        for cut in 0..text.len() {
            let _ = Timestamp::parse_any(&text[..cut]);
            let _ = Timestamp::parse_any(&text[cut..]);
            for other in ['0', 'é', '-', ' ', ':', 'T'] {
                let swapped = format!("{}{other}{}", &text[..cut], &text[cut + 1..]);
                for format in [Format::EpochSeconds, Format::HttpDate, Format::DateTime] {
                    let _ = Timestamp::parse(&swapped, format);
                }
            }
        }
    }
}
