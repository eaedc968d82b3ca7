//! Answers that are cut, stand still or are not what they should be.

use aws_core::ErrorKind;
use aws_core::config::TimeoutConfig;
use aws_core::test_util::Reply;
use std::time::Duration;

use super::{Script, served};

const PAGE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated>\
    <Contents><Key>a</Key><Size>5</Size><LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents></ListBucketResult>";

#[tokio::test]
async fn cut_short() {
    let (server, s3) = served([Reply::ok(PAGE).truncated(50), Reply::ok(PAGE)], |it| it);
    let page = s3.list_objects_v2("b").send().await.expect("a second answer");
    assert_eq!((page.contents.len(), server.requests().len()), (1, 2));

    let (_server, s3) = served((0..3).map(|_| Reply::ok(PAGE).truncated(50)), |it| it);
    let error = s3.list_objects_v2("b").send().await.expect_err("all cut");
    assert_eq!(
        (error.kind(), error.attempts(), error.operation()),
        (ErrorKind::Io, 3, Some("ListObjectsV2")),
        "{error}"
    );

    // A stream is in the caller's hands: its end is told where it is read.
    let (_server, s3) = served([Reply::ok("0123456789").truncated(4)], |it| it);
    let body = s3.get_object("b", "k").send().await.expect("a head").body;
    let error = body.collect().await.expect_err("cut");
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
}

/// Read limits, each longer than the one before: a busy machine may be slower than a short limit.
const LIMITS: [u64; 4] = [30, 100, 1000, 10_000];

fn limited(read: u64, attempts: u32) -> impl FnOnce(aws_core::SessionBuilder) -> aws_core::SessionBuilder {
    let read = Some(Duration::from_millis(read));
    move |it| it.max_attempts(attempts).timeouts(TimeoutConfig { read, ..Default::default() })
}

#[tokio::test]
async fn standing_still() {
    for reply in [Reply::silence(), Reply::ok(PAGE).stalled(50)] {
        let (_server, s3) = served([reply], limited(LIMITS[0], 1));
        let error = s3.list_objects_v2("b").send().await.expect_err("nothing comes");
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    }
}

#[tokio::test]
async fn standing_still_in_the_middle() {
    for limit in LIMITS {
        let (_server, s3) = served([Reply::ok("0123456789").stalled(4)], limited(limit, 1));
        let Ok(mut answer) = s3.get_object("b", "k").send().await else { continue };
        let Ok(chunk) = answer.body.try_next().await else { continue };
        assert_eq!(chunk.as_deref(), Some(&b"0123"[..]));
        assert_eq!(answer.body.try_next().await.expect_err("no more").kind(), ErrorKind::Timeout);
        return;
    }
    panic!("no chunk came within any limit");
}

#[tokio::test]
async fn standing_still_once() {
    for limit in LIMITS {
        let (server, s3) = served([Reply::silence(), Reply::ok(PAGE)], limited(limit, 2));
        if s3.list_objects_v2("b").send().await.is_ok() {
            return assert_eq!(server.requests().len(), 2);
        }
    }
    panic!("no second answer came within any limit");
}

#[tokio::test]
async fn not_what_was_promised() {
    // What is no whole document is asked for again; what is one, but not as described, stays so.
    async fn check(body: &str, places: &[&str], attempts: u32) {
        let script = Script::new((0..attempts).map(|_| Reply::ok(body.to_owned())));
        let error = script.s3.list_objects_v2("b").send().await.expect_err(body);
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Parse, attempts), "{body}: {error}");
        let text = error.to_string();
        assert!(text.contains("ListObjectsV2"), "{text}");
        for place in places {
            assert!(text.contains(place), "{body}: {text}");
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
async fn what_is_not_known_is_passed_over() {
    let more = PAGE
        .replace("<Name>", "<!-- new --><News a=\"1\"><Name>no</Name></News><Name>")
        .replace("</Contents>", "<Mood>good</Mood><StorageClass>PAPER</StorageClass></Contents>");
    let script = Script::new([Reply::ok(format!("\u{feff}{more}")).header("x-amz-news", "1")]);
    let page = script.s3.list_objects_v2("b").send().await.expect("a page");
    assert_eq!(page.name.as_deref(), Some("b"));
    assert_eq!(page.contents[0].storage_class.as_ref().map(|it| it.as_str()), Some("PAPER"));
    assert_eq!(page.contents[0].size, Some(5));

    let script = Script::new([Reply::new(200)]);
    let page = script.s3.list_objects_v2("b").send().await.expect("an empty page");
    assert!(page.contents.is_empty() && page.name.is_none());
}

#[tokio::test]
async fn odd_headers() {
    let reply = Reply::ok("x").header("expires", "not a date").header("last-modified", "Fri, 02 Jan 2026 03:04:05 GMT");
    let script = Script::new([reply.header("x-amz-meta-", "no name").header("x-amz-missing-meta", "2")]);
    let answer = script.s3.get_object("b", "k").send().await.expect("an answer");
    assert_eq!(answer.expires, None);
    assert_eq!(answer.expires_string.as_deref(), Some("not a date"));
    assert_eq!(answer.last_modified.map(|it| it.to_string()).as_deref(), Some("2026-01-02T03:04:05Z"));
    assert_eq!(answer.missing_meta, Some(2));
}
