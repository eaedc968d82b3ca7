//! What is tried again, how often and after which pause.

use aws_core::config::RetryMode;
use aws_core::http::HttpErrorKind;
use aws_core::test_util::Reply;
use aws_core::{ByteStream, ErrorKind};

use super::{Script, fault, served};

#[tokio::test]
async fn failures_that_pass() {
    async fn check(failure: Reply, waits: &[u128]) {
        let what = format!("{failure:?}");
        let script = Script::new([failure, Reply::new(200)]);
        let (_, beside) = script.s3.put_object("b", "k").body("body").send_with_metadata().await.expect(&what);
        assert_eq!(beside.attempts, 2, "{what}");
        assert_eq!(script.waits(), waits, "{what}");
        let bodies: Vec<_> = script.http.requests().iter().map(|it| it.body.clone()).collect();
        assert_eq!(bodies, ["body", "body"], "{what}");
    }
    for status in [500, 502, 503, 504] {
        check(Reply::new(status), &[50]).await;
        check(fault(status, "InternalError"), &[50]).await;
    }
    check(fault(503, "SlowDown"), &[1000]).await;
    check(fault(400, "RequestTimeout"), &[50]).await;
    check(fault(400, "ThrottlingException"), &[1000]).await;
    check(fault(400, "Throttling"), &[1000]).await;
    check(Reply::new(429), &[1000]).await;
    check(Reply::close(), &[50]).await;
    check(Reply::silence(), &[50]).await;
    check(Reply::failure(HttpErrorKind::Connect), &[50]).await;
    check(fault(503, "x").header("x-amz-retry-after", "700"), &[700]).await;
    check(fault(503, "x").header("x-amz-retry-after", "10"), &[50]).await;
    check(fault(503, "x").header("x-amz-retry-after", "999999"), &[5050]).await;
    check(fault(503, "x").header("x-amz-retry-after", "soon"), &[50]).await;
}

#[tokio::test]
async fn failures_that_stay() {
    async fn check(failure: Reply, kind: ErrorKind, left: usize) {
        let what = format!("{failure:?}");
        let script = Script::new([failure, Reply::new(200)]);
        let error = script.s3.put_object("b", "k").body("body").send().await.expect_err(&what);
        assert_eq!((error.kind(), error.attempts()), (kind, 1), "{what}: {error}");
        assert_eq!(script.http.left(), left, "{what}");
    }
    for (status, code) in
        [(400, "InvalidRequest"), (403, "AccessDenied"), (404, "NoSuchBucket"), (409, "x"), (501, "NotImplemented")]
    {
        check(fault(status, code), ErrorKind::Service, 1).await;
    }
    // A redirect is an answer too: nothing is sent where the signature does not hold. The bucket is asked for its region, here in
    // vain.
    check(fault(301, "PermanentRedirect").header("location", "https://elsewhere.example/"), ErrorKind::Service, 0)
        .await;
    check(fault(307, "TemporaryRedirect"), ErrorKind::Service, 0).await;
    check(Reply::failure(HttpErrorKind::Other), ErrorKind::Config, 1).await;
}

#[tokio::test]
async fn attempts_are_counted_and_named() {
    let script = Script::new([fault(500, "x"), fault(503, "x"), fault(500, "InternalError"), Reply::new(200)]);
    let error = script.s3.get_bucket_location("logs").send().await.expect_err("three failures");
    assert_eq!((error.attempts(), error.code(), error.status()), (3, Some("InternalError"), Some(500)));
    let text = "An error occurred (InternalError) when calling the GetBucketLocation operation (reached max retries: 2): \
                what happened (status 500, request id REQ1)";
    assert_eq!(error.to_string(), text);
    assert_eq!(script.waits(), [50, 100]);
    let requests = script.http.requests();
    let headers: Vec<_> = requests.iter().map(|it| it.header("amz-sdk-request").to_owned()).collect();
    assert_eq!(headers, ["attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3"]);
    let id = requests[0].header("amz-sdk-invocation-id");
    assert_eq!(id.len(), 36);
    assert!(requests.iter().all(|it| it.header("amz-sdk-invocation-id") == id));

    let script = Script::with([fault(500, "x"), Reply::new(200)], |it| it.max_attempts(1));
    let error = script.s3.head_bucket("b").send().await.expect_err("one attempt");
    assert_eq!((error.attempts(), script.http.left()), (1, 1));
    assert_eq!(script.http.requests()[0].header("amz-sdk-request"), "attempt=1; max=1");

    let script = Script::with((0..5).map(|_| fault(500, "x")), |it| it.retry_mode(RetryMode::Legacy));
    let error = script.s3.head_bucket("b").send().await.expect_err("five attempts");
    assert_eq!((error.attempts(), script.waits()), (5, vec![1000, 2000, 4000, 8000]));
}

#[tokio::test]
async fn calls_have_ids_of_their_own() {
    let script = Script::with([Reply::new(200), Reply::new(200)], |it| it.random(aws_core::retry::Random::seeded(1)));
    for _ in 0..2 {
        script.s3.head_bucket("b").send().await.expect("an answer");
    }
    let requests = script.http.requests();
    assert_ne!(requests[0].header("amz-sdk-invocation-id"), requests[1].header("amz-sdk-invocation-id"));
}

#[tokio::test]
async fn a_body_that_can_be_read_once() {
    let script = Script::new([fault(503, "SlowDown"), Reply::new(200)]);
    let body = ByteStream::from_reader(&b"once"[..]).with_len(4);
    let error = script.s3.put_object("b", "k").body(body).send().await.expect_err("no second reading");
    assert_eq!((error.code(), error.attempts()), (Some("SlowDown"), 1));
    assert_eq!((script.http.left(), script.waits()), (1, vec![]));

    let file = std::env::temp_dir().join(tests::moto::unique("twice"));
    std::fs::write(&file, "twice").expect("a temporary file");
    let script = Script::new([fault(503, "x"), Reply::new(200)]);
    let body = ByteStream::from_path(&file).await.expect("a body");
    script.s3.put_object("b", "k").body(body).send().await.expect("a second reading");
    let bodies: Vec<_> = script.http.requests().iter().map(|it| it.body.clone()).collect();
    assert!(bodies.len() == 2 && bodies[0] == bodies[1] && bodies[0].windows(5).any(|it| it == b"twice"), "{bodies:?}");
    std::fs::remove_file(file).expect("the temporary file");
}

#[tokio::test]
async fn a_spent_quota() {
    // 500 tokens, 14 a retry: 17 calls with two retries each leave 24, one more call takes one retry, and that is all.
    let script = Script::new((0..60).map(|_| fault(500, "x")));
    let mut attempts = Vec::new();
    for _ in 0..20 {
        attempts.push(script.s3.head_bucket("b").send().await.expect_err("a failure").attempts());
    }
    assert_eq!(attempts[..17], [3; 17]);
    assert_eq!(attempts[17..], [2, 1, 1]);
    // Another client has a quota of its own; successes fill it again, token by token.
    for _ in 0..script.http.left() {
        let _ = script.s3.head_bucket("b").send().await;
    }
    (0..14).for_each(|_| script.http.push(Reply::new(200)));
    for _ in 0..14 {
        script.s3.head_bucket("b").send().await.expect("an answer");
    }
    script.http.push(fault(500, "x"));
    script.http.push(Reply::new(200));
    script.s3.head_bucket("b").send().await.expect("a retry");
}

#[tokio::test]
async fn an_error_behind_a_good_status() {
    let error = "<Error><Code>InternalError</Code><Message>late</Message></Error>";
    let good = "<CopyObjectResult><ETag>&quot;e&quot;</ETag></CopyObjectResult>";
    for error in [error.to_owned(), format!("<?xml version=\"1.0\"?>\n  {error}"), format!("\n\n \n{error}")] {
        let script = Script::new([Reply::ok(error.clone()), Reply::ok(good)]);
        let answer = script.s3.copy_object("b", "b/source", "k").send().await.expect("a second answer");
        assert_eq!(answer.copy_object_result.and_then(|it| it.e_tag).as_deref(), Some("\"e\""), "{error}");
        assert_eq!(script.waits(), [50]);
    }
    let script = Script::new((0..3).map(|_| Reply::ok(error)));
    let told = script.s3.complete_multipart_upload("b", "k", "id").send().await.expect_err("an error at last");
    assert_eq!((told.code(), told.status(), told.attempts()), (Some("InternalError"), Some(200), 3));
    // What an object holds is no answer of S3.
    let script = Script::new([Reply::ok(error)]);
    let body = script.s3.get_object("b", "k").send().await.expect("an object").body.collect().await.expect("a body");
    assert_eq!(&body[..], error.as_bytes());
}

#[tokio::test]
async fn over_a_real_connection() {
    let replies = [Reply::close(), fault(503, "x"), Reply::ok("<LocationConstraint>eu-west-1</LocationConstraint>")];
    let (server, s3) = served(replies, |it| it);
    let answer = s3.get_bucket_location("logs").send().await.expect("a third answer");
    assert_eq!(answer.location_constraint.as_ref().map(|it| it.as_str()), Some("eu-west-1"));
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|it| it.target == "/logs?location"), "{:?}", requests[0].target);

    let (server, s3) = served([fault(503, "x"), Reply::new(200)], |it| it);
    s3.put_object("b", "k").body("0123456789").send().await.expect("a second answer");
    assert!(server.requests().iter().all(|it| it.body == "0123456789"));
}

#[tokio::test]
async fn tokens_that_make_a_call_idempotent() {
    let random = aws_core::retry::Random::seeded(2);
    let script =
        Script::with([Reply::close(), Reply::new(200), Reply::new(200), Reply::new(200)], |it| it.random(random));
    for _ in 0..2 {
        script.s3.rename_object("logs--usw2-az1--x-s3", "new", "old").send().await.expect("an answer");
    }
    let token = |it: &aws_core::test_util::Received| it.header("x-amz-client-token").to_owned();
    let tokens: Vec<_> = script.http.requests().iter().map(token).collect();
    assert_eq!((tokens[0].len(), &tokens[0]), (36, &tokens[1]), "one for all attempts");
    assert_ne!(tokens[1], tokens[2], "another for another call");
    script.s3.rename_object("logs--usw2-az1--x-s3", "new", "old").client_token("mine").send().await.expect("an answer");
    assert_eq!(token(&script.http.requests()[3]), "mine");
}

/// An answer that names another region sends the call there, once, and the calls to come go there at once.
#[tokio::test]
async fn the_right_region_is_learned() {
    let wrong = fault(301, "PermanentRedirect").header("x-amz-bucket-region", "eu-west-1");
    let script = Script::new([wrong, Reply::new(200), Reply::new(200)]);
    script.s3.put_object("abc", "k").body("body").send().await.expect("the second region answers");
    script.s3.get_object("abc", "k").send().await.expect("the region is known");
    let seen: Vec<_> = script.http.requests().iter().map(|it| it.url.split('?').next().unwrap().to_owned()).collect();
    let (east, west) = ("https://abc.s3.us-east-1.amazonaws.com/k", "https://abc.s3.eu-west-1.amazonaws.com/k");
    assert_eq!(seen, [east, west, west]);
    for (request, region) in script.http.requests().iter().zip(["us-east-1", "eu-west-1", "eu-west-1"]) {
        let signature = request.headers["authorization"].to_str().unwrap();
        assert!(signature.contains(&format!("/{region}/s3/aws4_request")), "{signature}");
    }
    assert_eq!(script.waits(), [0_u128; 0], "the wrong region is no failure");
}

#[tokio::test]
async fn a_second_redirect_is_an_error() {
    let wrong = |region: &str| fault(301, "PermanentRedirect").header("x-amz-bucket-region", region);
    let script = Script::new([wrong("eu-west-1"), wrong("eu-west-2"), Reply::new(200)]);
    let error = script.s3.get_object("abc", "k").send().await.expect_err("sent round in circles");
    assert_eq!((error.code(), error.region(), script.http.left()), (Some("PermanentRedirect"), Some("eu-west-2"), 1));
}

#[tokio::test]
async fn head_answers_tell_the_region_too() {
    let wrong = Reply::new(400).header("x-amz-bucket-region", "eu-west-1");
    let script = Script::new([wrong, Reply::new(200)]);
    script.s3.head_bucket("abc").send().await.expect("the second region answers");
    // A bucket that is to be made elsewhere is refused, not made elsewhere.
    let refused = fault(400, "IllegalLocationConstraintException").header("x-amz-bucket-region", "eu-west-1");
    let script = Script::new([refused]);
    let error = script.s3.create_bucket("abc").send().await.expect_err("refused");
    assert_eq!(error.code(), Some("IllegalLocationConstraintException"));
}
