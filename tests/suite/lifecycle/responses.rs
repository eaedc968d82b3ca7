//! Responses that are truncated, stall or are malformed.

use aws_core::ErrorKind;
use aws_core::config::TimeoutConfig;
use aws_core::testing::Reply;
use std::time::Duration;

use super::{ScriptedS3, serve};

const PAGE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated>\
    <Contents><Key>a</Key><Size>5</Size><LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents></ListBucketResult>";

#[tokio::test]
async fn truncated_responses_are_retried_and_truncated_streams_are_errors() {
    let (server, s3) = serve([Reply::ok(PAGE).truncated(50), Reply::ok(PAGE)], |it| it);
    let page = s3.list_objects_v2("b").send().await.expect("a second response");
    assert_eq!((page.contents.len(), server.requests().len()), (1, 2));

    let (_server, s3) = serve((0..3).map(|_| Reply::ok(PAGE).truncated(50)), |it| it);
    let error = s3.list_objects_v2("b").send().await.expect_err("all truncated");
    assert_eq!(
        (error.kind(), error.attempts(), error.operation()),
        (ErrorKind::Io, 3, Some("ListObjectsV2")),
        "{error}"
    );

    // A stream is handed to the caller before it ends, so the error is returned where it is read.
    let (_server, s3) = serve([Reply::ok("0123456789").truncated(4)], |it| it);
    let body = s3.get_object("b", "k").send().await.expect("a head").body;
    let error = body.collect().await.expect_err("truncated");
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
}

/// Read timeouts in milliseconds, each longer than the one before: on a busy machine a short one may expire too early.
const READ_TIMEOUTS: [u64; 4] = [30, 100, 1000, 10_000];

fn with_read_timeout(read: u64, attempts: u32) -> impl FnOnce(aws_core::SessionBuilder) -> aws_core::SessionBuilder {
    let read = Some(Duration::from_millis(read));
    move |it| it.max_attempts(attempts).timeouts(TimeoutConfig::new().read(read))
}

#[tokio::test]
async fn a_response_that_stalls_times_out() {
    for reply in [Reply::silence(), Reply::ok(PAGE).stalled(50)] {
        let (_server, s3) = serve([reply], with_read_timeout(READ_TIMEOUTS[0], 1));
        let error = s3.list_objects_v2("b").send().await.expect_err("nothing comes");
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    }
}

#[tokio::test]
async fn a_stream_that_stalls_times_out_where_it_is_read() {
    for timeout in READ_TIMEOUTS {
        let (_server, s3) = serve([Reply::ok("0123456789").stalled(4)], with_read_timeout(timeout, 1));
        let Ok(mut response) = s3.get_object("b", "k").send().await else { continue };
        let Ok(chunk) = response.body.try_next().await else { continue };
        assert_eq!(chunk.as_deref(), Some(&b"0123"[..]));
        assert_eq!(response.body.try_next().await.expect_err("no more").kind(), ErrorKind::Timeout);
        return;
    }
    panic!("no chunk came within any timeout");
}

#[tokio::test]
async fn a_response_that_stalls_is_retried() {
    for timeout in READ_TIMEOUTS {
        let (server, s3) = serve([Reply::silence(), Reply::ok(PAGE)], with_read_timeout(timeout, 2));
        if s3.list_objects_v2("b").send().await.is_ok() {
            return assert_eq!(server.requests().len(), 2);
        }
    }
    panic!("no second response came within any timeout");
}

#[tokio::test]
async fn malformed_responses_are_parse_errors_that_name_the_location() {
    // An incomplete document is retried; a complete one that does not match the model is not.
    async fn check(body: &str, fragments: &[&str], attempts: u32) {
        let scripted = ScriptedS3::new((0..attempts).map(|_| Reply::ok(body.to_owned())));
        let error = scripted.s3.list_objects_v2("b").send().await.expect_err(body);
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Parse, attempts), "{body}: {error}");
        let text = error.to_string();
        assert!(text.contains("ListObjectsV2"), "{body}: {text}");
        for fragment in fragments {
            assert!(text.contains(fragment), "{body}: {text}");
        }
    }
    check(&PAGE.replace(">5<", ">five<"), &["Contents", "Size", "five"], 1).await;
    check(&PAGE.replace("2026-01-02T03:04:05.000Z", "yesterday"), &["LastModified", "yesterday"], 1).await;
    check(&PAGE.replace(">false<", ">perhaps<"), &["IsTruncated", "perhaps"], 1).await;
    check(&PAGE.replace("</Contents>", ""), &[], 1).await;
    for end in [10, 60, 90, 150, PAGE.len() - 3] {
        check(&PAGE[..end], &[], 3).await;
    }
    check("no XML at all", &[], 3).await;
    check("{\"json\": true}", &[], 3).await;
    check(&PAGE.replace(">a<", ">&nothing;<"), &[], 1).await;
}

#[tokio::test]
async fn unknown_elements_headers_and_enum_values_are_accepted() {
    let more = PAGE
        .replace("<Name>", "<!-- new --><News a=\"1\"><Name>no</Name></News><Name>")
        .replace("</Contents>", "<Mood>good</Mood><StorageClass>PAPER</StorageClass></Contents>");
    let scripted = ScriptedS3::new([Reply::ok(format!("\u{feff}{more}")).header("x-amz-news", "1")]);
    let page = scripted.s3.list_objects_v2("b").send().await.expect("a page");
    assert_eq!(page.name.as_deref(), Some("b"));
    assert_eq!(page.contents[0].storage_class.as_ref().map(|it| it.as_str()), Some("PAPER"));
    assert_eq!(page.contents[0].size, Some(5));

    let scripted = ScriptedS3::new([Reply::new(200)]);
    let page = scripted.s3.list_objects_v2("b").send().await.expect("an empty page");
    assert!(page.contents.is_empty() && page.name.is_none());
}

#[tokio::test]
async fn malformed_response_headers_are_tolerated() {
    let reply = Reply::ok("x").header("expires", "not a date").header("last-modified", "Fri, 02 Jan 2026 03:04:05 GMT");
    let scripted = ScriptedS3::new([reply.header("x-amz-meta-", "no name").header("x-amz-missing-meta", "2")]);
    let response = scripted.s3.get_object("b", "k").send().await.expect("a response");
    assert_eq!(response.expires, None);
    assert_eq!(response.expires_string.as_deref(), Some("not a date"));
    assert_eq!(response.last_modified.map(|it| it.to_string()).as_deref(), Some("2026-01-02T03:04:05Z"));
    assert_eq!(response.missing_meta, Some(2));
}
