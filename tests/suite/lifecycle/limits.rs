//! Time limits, options of one call, many calls at once, and calls that are given up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use aws_core::config::TimeoutConfig;
use aws_core::http::{BoxFuture, HttpClient, HttpError, Request, Response};
use aws_core::test_util::{MockServer, RecordedSleep, Reply};
use aws_core::{ErrorKind, Options, SessionBuilder};
use aws_s3::Client;

use super::{Script, session};

const TINY: Duration = Duration::from_millis(5);

/// Answers never, and knows how many requests are under way.
#[derive(Clone, Debug, Default)]
struct Abyss {
    entered: Arc<AtomicU32>,
    left: Arc<AtomicBool>,
}

struct Leaves(Arc<AtomicBool>);

impl Drop for Leaves {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl HttpClient for Abyss {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        self.entered.fetch_add(1, Ordering::SeqCst);
        let leaves = Leaves(Arc::clone(&self.left));
        Box::pin(async move {
            let _leaves = leaves;
            std::future::pending().await
        })
    }
}

fn abyss(timeouts: TimeoutConfig) -> (Client, Abyss) {
    let abyss = Abyss::default();
    let session =
        session(&RecordedSleep::new()).http_client(abyss.clone()).timeouts(timeouts).build().expect("a session");
    (Client::new(&session), abyss)
}

#[tokio::test]
async fn of_an_attempt_and_of_a_call() {
    let (s3, abyss) = abyss(TimeoutConfig::default());
    let each = s3.head_bucket("b").options(Options::new().attempt_timeout(TINY)).send().await.expect_err("no answer");
    assert_eq!((each.kind(), each.attempts()), (ErrorKind::Timeout, 3), "{each}");
    assert_eq!(abyss.entered.swap(0, Ordering::SeqCst), 3);
    let whole = s3.head_bucket("b").options(Options::new().total_timeout(TINY)).send().await.expect_err("no answer");
    assert_eq!((whole.kind(), whole.attempts()), (ErrorKind::Timeout, 1), "{whole}");
    assert_eq!(abyss.entered.load(Ordering::SeqCst), 1);
    assert!(whole.to_string().contains("HeadBucket") && whole.to_string().contains("5ms"), "{whole}");

    let (s3, _abyss) = self::abyss(TimeoutConfig { total: Some(TINY), ..Default::default() });
    assert_eq!(s3.head_bucket("b").send().await.expect_err("no answer").kind(), ErrorKind::Timeout);
    let (s3, _abyss) = self::abyss(TimeoutConfig { attempt: Some(TINY), ..Default::default() });
    assert_eq!(s3.head_bucket("b").send().await.expect_err("no answer").attempts(), 3);
}

#[tokio::test]
async fn of_servers_that_stall() {
    let check = async |change: fn(SessionBuilder) -> SessionBuilder, attempts: u32, expect: &str| {
        let server = MockServer::start((0..3).map(|_| Reply::silence()));
        let builder = session(&RecordedSleep::new()).endpoint_url(server.url());
        let s3 = Client::new(&change(builder).build().expect("a session"));
        let error = s3.head_bucket("b").send().await.expect_err("no answer");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, attempts), "{error}");
        assert!(error.to_string().contains(expect), "{error}");
    };
    check(|it| it.read_timeout(TINY * 10), 3, "sent and took nothing for 50ms").await;
    check(|it| it.attempt_timeout(TINY * 10), 3, "the attempt did not end within 50ms").await;
    check(|it| it.total_timeout(TINY * 10), 1, "the call did not end within 50ms").await;
}

#[tokio::test]
async fn of_a_call_that_is_dropped() {
    let (s3, abyss) = abyss(TimeoutConfig::default());
    let call = s3.put_object("b", "k").body("x").send();
    assert!(tokio::time::timeout(TINY, call).await.is_err());
    assert_eq!(abyss.entered.load(Ordering::SeqCst), 1);
    assert!(abyss.left.load(Ordering::SeqCst), "the request goes on");
}

#[tokio::test]
async fn headers_and_query_of_one_call() {
    let script = Script::new([Reply::new(200), Reply::new(200)]);
    let options =
        Options::new().header("x-trace", "abc def").header("User-Agent", "mine").query("flag", "a b&c").query("x", "");
    script.s3.list_objects_v2("b").prefix("p").options(options).send().await.expect("an answer");
    let request = script.only();
    assert_eq!((request.header("x-trace"), request.header("user-agent")), ("abc def", "mine"));
    assert!(request.query().ends_with("&flag=a%20b%26c&x="), "{}", request.query());
    let signed = request.header("authorization").split("SignedHeaders=").nth(1).unwrap_or_default();
    assert!(signed.contains("x-trace"), "{signed}");
    for options in [Options::new().header("a b", "x"), Options::new().header("x-a", "new\nline")] {
        let error = script.s3.list_buckets().options(options).send().await.expect_err("no header");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Validation, 0), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_calls_at_once() {
    let script = Script::new((0..50).map(|_| Reply::new(200)));
    let tasks: Vec<_> = (0..50)
        .map(|it| {
            let s3 = script.s3.clone();
            tokio::spawn(
                async move { s3.put_object("logs", format!("key-{it}")).body(format!("body-{it}")).send().await },
            )
        })
        .collect();
    for task in tasks {
        task.await.expect("a task").expect("an answer");
    }
    let mut seen: Vec<_> = script.http.requests();
    assert_eq!(seen.len(), 50);
    for request in &seen {
        let number = request.path().trim_start_matches("/key-");
        assert_eq!(request.body, format!("body-{number}"));
    }
    seen.sort_by(|a, b| a.target.cmp(&b.target));
    seen.dedup_by(|a, b| a.target == b.target);
    assert_eq!(seen.len(), 50, "each key once");
}

#[tokio::test]
async fn a_request_is_as_it_is_each_time() {
    let script = Script::new([Reply::new(200), Reply::new(200), Reply::new(200)]);
    let request = script.s3.list_objects_v2("logs").prefix("a b").max_keys(3);
    for _ in 0..2 {
        request.clone().send().await.expect("an answer");
    }
    let seen = script.http.requests();
    assert_eq!(seen[0].url, seen[1].url);
    assert_eq!(seen[0].header("authorization"), seen[1].header("authorization"));
    assert_eq!(seen[0].header("x-amz-date"), "20260102T030405Z");
    assert_eq!(seen[0].header("x-amz-security-token"), "the-session-token");
    assert!(seen[0].header("user-agent").starts_with("aws-core-rust/"), "{}", seen[0].header("user-agent"));
    assert_eq!(
        seen[0].url,
        "https://logs.s3.us-east-1.amazonaws.com/?list-type=2&encoding-type=url&max-keys=3&prefix=a%20b"
    );
}

#[tokio::test]
async fn keys_that_xml_cannot_hold_as_they_are() {
    use aws_s3::types::{Delete, ObjectIdentifier};

    let keys = ["a&b<c>\"'", "new\nline", "carriage\rreturn\r\n", "tab\t", " blanks ", "ünï🦀"];
    let objects = keys.iter().map(|it| ObjectIdentifier { key: Some((*it).to_owned()), ..Default::default() });
    let delete = Delete { objects: Some(objects.collect()), ..Default::default() };
    let answer = "<DeleteResult><Deleted><Key>carriage&#xD;return&#13;&#10;</Key></Deleted>\
                  <Error><Key> &lt;a&gt; </Key><Code>AccessDenied</Code></Error></DeleteResult>";
    let script = Script::new([Reply::ok(answer)]);
    let told = script.s3.delete_objects("logs", delete).send().await.expect("an answer");
    assert_eq!(told.deleted[0].key.as_deref(), Some("carriage\rreturn\r\n"));
    assert_eq!(told.errors[0].key.as_deref(), Some(" <a> "));
    let sent = String::from_utf8(script.only().body.to_vec()).expect("text");
    for escaped in ["a&amp;b&lt;c&gt;", "new&#xA;line", "carriage&#xD;return&#xD;&#xA;", "> blanks <", "ünï🦀"] {
        assert!(sent.contains(escaped), "{escaped}: {sent}");
    }
    assert!(!sent.contains('\r') && !sent.contains("new\nline"), "{sent}");
}

#[tokio::test]
async fn a_bucket_in_the_path_or_in_the_host() {
    use super::served;

    // Where a bucket lives is asked with its name in the path, else the wrong region would answer.
    let script = Script::new([Reply::new(200), Reply::new(200), Reply::new(200)]);
    script.s3.get_bucket_location("logs").send().await.expect("an answer");
    script.s3.head_bucket("logs").send().await.expect("an answer");
    script.s3.head_bucket("Old_Bucket").send().await.expect("an answer");
    let urls: Vec<_> = script.http.requests().iter().map(|it| it.url.clone()).collect();
    assert_eq!(
        urls,
        [
            "https://s3.us-east-1.amazonaws.com/logs?location",
            "https://logs.s3.us-east-1.amazonaws.com/",
            "https://s3.us-east-1.amazonaws.com/Old_Bucket",
        ]
    );
    // With a URL of one's own the path is the rule, but an ARN cannot stand in it.
    let (server, s3) = served([Reply::new(200)], |it| it);
    s3.head_object("logs", "a b/c").send().await.expect("an answer");
    assert_eq!(server.requests()[0].target, "/logs/a%20b/c");
    let script = Script::with([Reply::new(200)], |it| it.endpoint_url("https://beta.example.com"));
    let arn = "arn:aws:s3:us-east-1:123456789012:accesspoint:mine";
    script.s3.head_object(arn, "k").send().await.expect("an answer");
    assert_eq!(script.only().url, "https://mine-123456789012.beta.example.com/k");
}
