//! The retry headers of requests and responses. Knows no retry decisions.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use super::Random;
use crate::encoding::uuid;
use crate::types::{Format, Timestamp};

/// The value of `amz-sdk-invocation-id`, the same for all attempts of one call: a random UUID (version 4).
pub fn invocation_id(random: &Random) -> String {
    uuid::v4(random.bits())
}

/// The value of `amz-sdk-request`, such as `attempt=1; max=3`, or with a [`ttl`] before it.
pub fn request_header(attempt: u32, max_attempts: u32, ttl: Option<&str>) -> String {
    if let Some(ttl) = ttl {
        return format!("ttl={ttl}; attempt={attempt}; max={max_attempts}");
    }
    // Of exactly this length: a header takes over a string without spare capacity as it is.
    let digits = |number: u32| number.checked_ilog10().unwrap_or(0) as usize + 1;
    let mut header = String::with_capacity("attempt=; max=".len() + digits(attempt) + digits(max_attempts));
    let _ = write!(header, "attempt={attempt}; max={max_attempts}");
    header
}

/// Until when the response to a request that is sent `now` is awaited, in the service's time, which is ahead by some
/// milliseconds: `20260102T030405Z`. A service need not begin what will not be awaited. `None` for a time that has no date.
pub fn ttl(now: SystemTime, timeout: Duration, ahead: i64) -> Option<String> {
    let millis = Timestamp::from(now).as_millis().checked_add(ahead)?;
    let end = millis.checked_add(i64::try_from(timeout.as_millis()).ok()?)?.div_euclid(1000);
    let text = Timestamp::from_secs(end).format(Format::DateTime).ok()?;
    Some(text.replace(['-', ':'], ""))
}

/// The milliseconds in an `x-amz-retry-after` header; `None` for anything but a whole number that is not negative.
pub fn parse_retry_after(value: &str) -> Option<u64> {
    value.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invocation_ids_are_random_uuids() {
        let ids: Vec<String> = (0..100).map(|_| invocation_id(&Random::system())).collect();
        for id in &ids {
            let shape: String = id.chars().map(|it| if it.is_ascii_hexdigit() { 'x' } else { it }).collect();
            assert_eq!(shape, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
            assert_eq!(&id[14..15], "4");
            assert!("89ab".contains(&id[19..20]), "{id}");
        }
        assert!(ids.iter().any(|id| *id != ids[0]));
        assert_eq!(invocation_id(&Random::seeded(7)), invocation_id(&Random::seeded(7)));
    }

    #[test]
    fn header_values_are_parsed_and_formatted() {
        fn check(value: &str, expect: Option<u64>) {
            assert_eq!(parse_retry_after(value), expect, "{value:?}");
        }
        check("1500", Some(1500));
        check(" 0 ", Some(0));
        check("-1", None);
        check("1.5", None);
        check("soon", None);
        check("", None);
        for (attempt, max, expect) in [(2, 3, "attempt=2; max=3"), (10, 100, "attempt=10; max=100")] {
            let header = request_header(attempt, max, None);
            assert_eq!((header.as_str(), header.capacity()), (expect, expect.len()));
        }
        let header = request_header(2, 3, Some("20260102T030405Z"));
        assert_eq!(header, "ttl=20260102T030405Z; attempt=2; max=3");
    }

    #[test]
    fn a_ttl_is_the_end_of_the_timeout_in_the_time_of_the_service() {
        let check = |timeout: Duration, ahead: i64, expect: Option<&str>| {
            // 2026-01-02T03:04:05.900Z.
            let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_323_045_900);
            assert_eq!(ttl(now, timeout, ahead).as_deref(), expect);
        };
        check(Duration::from_secs(60), 0, Some("20260102T030505Z"));
        check(Duration::from_millis(99), 0, Some("20260102T030405Z"));
        check(Duration::from_millis(99), 1, Some("20260102T030406Z"));
        check(Duration::from_secs(60), 3_600_000, Some("20260102T040505Z"));
        check(Duration::from_secs(60), -86_400_000, Some("20260101T030505Z"));
        check(Duration::MAX, 0, None);
        check(Duration::from_secs(60), i64::MAX, None);
    }
}
