//! Requests: headers and query parameters set for one call, many calls at once, repeated calls, and `Expect`.

use aws_core::credentials::Anonymous;
use aws_core::testing::Reply;
use aws_core::{ByteStream, ErrorKind, Options};

use super::ScriptedS3;

#[tokio::test]
async fn headers_and_query_parameters_of_one_call_are_sent_and_signed() {
    let scripted = ScriptedS3::new([Reply::new(200), Reply::new(200)]);
    let options =
        Options::new().header("x-trace", "abc def").header("User-Agent", "mine").query("flag", "a b&c").query("x", "");
    scripted.s3.list_objects_v2("b").prefix("p").with_options(options).send().await.expect("a response");
    let request = scripted.only_request();
    assert_eq!((request.header("x-trace"), request.header("user-agent")), ("abc def", "mine"));
    assert!(request.query().ends_with("&flag=a%20b%26c&x="), "{}", request.query());
    let signed = request.header("authorization").split("SignedHeaders=").nth(1).unwrap_or_default();
    assert!(signed.contains("x-trace"), "{signed}");
    for options in [Options::new().header("a b", "x"), Options::new().header("x-a", "new\nline")] {
        let error = scripted.s3.list_buckets().with_options(options).send().await.expect_err("no header");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Validation, 0), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_calls_of_one_client_do_not_mix_their_requests() {
    let scripted = ScriptedS3::new((0..50).map(|_| Reply::new(200)));
    let tasks: Vec<_> = (0..50)
        .map(|it| {
            let s3 = scripted.s3.clone();
            tokio::spawn(
                async move { s3.put_object("logs", format!("key-{it}")).body(format!("body-{it}")).send().await },
            )
        })
        .collect();
    for task in tasks {
        task.await.expect("a task").expect("a response");
    }
    let mut seen: Vec<_> = scripted.http.requests();
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
async fn a_request_sent_twice_is_the_same_both_times() {
    let scripted = ScriptedS3::new([Reply::new(200), Reply::new(200), Reply::new(200)]);
    let request = scripted.s3.list_objects_v2("logs").prefix("a b").max_keys(3);
    for _ in 0..2 {
        request.clone().send().await.expect("a response");
    }
    let seen = scripted.http.requests();
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
async fn only_uploads_of_streams_expect_100_continue() {
    let expect_header = async |body: ByteStream| {
        let scripted = ScriptedS3::new([Reply::new(200)]);
        scripted.s3.put_object("b", "k").body(body).send().await.expect("a response");
        let request = scripted.only_request();
        assert!(!request.header("authorization").contains("expect"));
        request.header("expect").to_owned()
    };
    assert_eq!(expect_header(ByteStream::from_reader(&b"abc"[..]).with_len(3)).await, "100-continue");
    assert_eq!(expect_header(ByteStream::from("abc")).await, "", "a body in memory is sent at once");
    assert_eq!(expect_header(ByteStream::default()).await, "");
}

#[tokio::test]
async fn headers_of_the_signature_can_be_set_for_unsigned_requests_only() {
    for name in ["authorization", "X-Amz-Date", "x-amz-security-token", "x-amz-content-sha256"] {
        let options = || Options::new().header(name, "mine");
        let scripted = ScriptedS3::new([]);
        let error = scripted.s3.get_object("abc", "k").with_options(options()).send().await.expect_err(name);
        assert_eq!(error.kind(), ErrorKind::Validation, "{error}");
        assert!(error.to_string().contains(name) && scripted.http.requests().is_empty(), "{error}");
        let scripted = ScriptedS3::unverified([Reply::new(200)], |it| it.credentials(Anonymous));
        scripted.s3.get_object("abc", "k").with_options(options()).send().await.expect("an unsigned request");
        assert_eq!(scripted.only_request().header(name), "mine");
    }
}

#[tokio::test]
async fn a_body_that_is_longer_than_declared_is_an_error() {
    use tokio::io::AsyncReadExt;
    // The first chunk ends at the declared length, where an HTTP client stops reading.
    let body = || ByteStream::from_reader((&b"0123456789"[..]).chain(&b"0123456789"[..]));
    for body in [body(), body().inspect(|_| Ok(()))] {
        let (server, s3) = super::serve([Reply::new(200)], |it| it);
        let error = s3.put_object("abc", "k").body(body).content_length(10).send().await.expect_err("too many bytes");
        assert!(error.to_string().contains("at least 10 bytes longer than its declared length"), "{error}");
        assert!(server.requests().iter().all(|it| it.body.len() < 10));
    }
}

#[tokio::test]
async fn a_length_that_is_none_is_refused() {
    let scripted = ScriptedS3::new([]);
    let error =
        scripted.s3.put_object("abc", "k").body("12345").content_length(-9).send().await.expect_err("no length");
    assert!(error.to_string().contains("parameter ContentLength, value: -9: expected the number of bytes"), "{error}");
}
