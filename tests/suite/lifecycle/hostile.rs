//! No response disables a client: whatever one says of times, regions, lengths and pauses, it ends the call with an error or
//! with the response, after a pause that is bounded, and the next call works as if it had never come.

use std::time::Duration;

use aws_core::testing::Reply;
use aws_core::{ByteStream, ErrorKind};

use super::{ScriptedS3, error_reply};

/// The longest pause after any response: the longest of the backoff and the five seconds that a response can add to it.
const LONGEST_PAUSE: Duration = Duration::from_secs(25);

/// Headers with values that a service would not send.
const HEADERS: &[(&str, &[&str])] = &[
    (
        "x-amz-retry-after",
        &["0", "-1", "1e309", "NaN", "18446744073709551615", "99999999999999999999999999", "4294967296000", " 7", ""],
    ),
    ("retry-after", &["0", "-1", "18446744073709551615", "Fri, 31 Dec 9999 23:59:59 GMT", "soon"]),
    (
        "date",
        &[
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "Mon, 01 Jan 0001 00:00:00 GMT",
            "Fri, 31 Dec 9999 23:59:59 GMT",
            "Tue, 01 Jan 2069 00:00:00 GMT",
            "Sat, 01 Jan 2050 00:00:00 GMT",
            "Fri, 99 Feb 2026 99:99:99 GMT",
            "-1",
            "",
        ],
    ),
    ("x-amz-bucket-region", &["", "us-east-1", "x.evil.com/", "a b", "us_east_1", "1"]),
    ("location", &["http://evil.example/", "/", ""]),
    ("content-length", &["0", "18446744073709551615", "99999999999999999999999999", "-1"]),
    ("x-amz-crc32", &["0", "4294967295", "99999999999", "-1", "x"]),
    ("x-amz-checksum-crc32", &["", "!", "AAAAAA==", "A-1"]),
    ("content-type", &["", "text/html", "application/x-amz-json-1.0"]),
    ("x-amz-request-id", &["", "\u{e9}"]),
];

#[tokio::test]
async fn no_response_disables_a_client() {
    let errors =
        [(403, "RequestTimeTooSkewed"), (503, "SlowDown"), (400, "AuthorizationHeaderMalformed"), (301, ""), (200, "")];
    for (name, values) in HEADERS {
        for value in *values {
            for (status, code) in errors {
                let case = format!("{status} {code} {name}: {value:?}");
                let reply =
                    || if status == 200 { Reply::ok("body") } else { error_reply(status, code) }.header(name, value);
                // The second time it is the response to a retry, to a corrected or redirected request, or to a lookup.
                let scripted = ScriptedS3::with_session((0..8).map(|_| reply()), |it| it.max_attempts(3));
                let _ = scripted.s3.get_object("abc", "k").send().await;
                let sent = scripted.http.requests().len();
                assert!(sent <= 5, "{case}: {sent} requests");
                for pause in scripted.sleep.waits() {
                    assert!(pause <= LONGEST_PAUSE, "{case}: {pause:?}");
                }
                while scripted.http.remaining() > 0 {
                    let _ = scripted.s3.get_object("abc", "k").send().await;
                }
                scripted.http.push(Reply::ok("content"));
                let body = scripted.s3.get_object("abc", "k").send().await.expect(&case).body;
                assert_eq!(&body.collect().await.expect(&case)[..], b"content", "{case}");
                let requests = scripted.http.requests();
                let last = requests.last().expect("a request");
                assert!(last.url.ends_with(".amazonaws.com/k"), "{case}: {}", last.url);
                assert!(last.header("authorization").starts_with("AWS4-HMAC-SHA256 Credential="), "{case}");
                assert_eq!(last.header("x-amz-date").len(), "20260102T030405Z".len(), "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_response_that_is_longer_than_the_limit_is_an_error_that_names_the_setting() {
    for status in [200, 503] {
        let scripted =
            ScriptedS3::with_session([Reply::new(status).body(" ".repeat(1001))], |it| it.max_response_bytes(1000));
        let error = scripted.s3.list_objects_v2("b").send().await.expect_err("too long");
        assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::ResponseTooLong, Some(status), 1));
        let text = error.to_string();
        assert!(
            text.contains("ListObjectsV2: ") && text.contains("1000 bytes") && text.contains("max_response_bytes"),
            "{text}"
        );
    }
    // A stream is not read into memory.
    let scripted = ScriptedS3::with_session([Reply::ok("x".repeat(5000))], |it| it.max_response_bytes(1000));
    let body: ByteStream = scripted.s3.get_object("b", "k").send().await.expect("a stream").body;
    assert_eq!(body.collect().await.expect("all of it").len(), 5000);
}
