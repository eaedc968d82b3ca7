//! Which failures are retried, how often and after which delay; and redirects to the region of a bucket.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_core::config::Environment;
use aws_core::config::{RetryMode, S3Config};
use aws_core::http::{HttpClient, HttpError, HttpErrorKind, Request, Response};
use aws_core::session::Sleep;
use aws_core::testing::{FixedClock, RecordedSleep, Reply};
use aws_core::{BoxFuture, ByteStream, Credentials, ErrorKind, Options, Session};
use aws_s3::Client;
use tests::doubles::ScriptedClient;

use super::{NOW, ScriptedS3, error_reply, serve, session};

#[tokio::test]
async fn transient_and_throttling_failures_are_retried() {
    async fn check(failure: Reply, waits: &[u128]) {
        let case = format!("{failure:?}");
        let scripted = ScriptedS3::new([failure, Reply::new(200)]);
        let (_, metadata) = scripted.s3.put_object("b", "k").body("body").send_with_metadata().await.expect(&case);
        assert_eq!(metadata.attempts, 2, "{case}");
        assert_eq!(scripted.waits(), waits, "{case}");
        let bodies: Vec<_> = scripted.http.requests().iter().map(|it| it.body.clone()).collect();
        assert_eq!(bodies, ["body", "body"], "{case}");
    }
    for status in [500, 502, 503, 504] {
        check(Reply::new(status), &[50]).await;
        check(error_reply(status, "InternalError"), &[50]).await;
    }
    check(error_reply(503, "SlowDown"), &[1000]).await;
    check(error_reply(400, "RequestTimeout"), &[50]).await;
    check(error_reply(400, "ThrottlingException"), &[1000]).await;
    check(error_reply(400, "Throttling"), &[1000]).await;
    check(Reply::new(429), &[1000]).await;
    check(Reply::close(), &[50]).await;
    check(Reply::silence(), &[50]).await;
    check(Reply::failure(HttpErrorKind::Connect), &[50]).await;
    check(error_reply(503, "x").header("x-amz-retry-after", "700"), &[700]).await;
    check(error_reply(503, "x").header("x-amz-retry-after", "10"), &[50]).await;
    check(error_reply(503, "x").header("x-amz-retry-after", "999999"), &[5050]).await;
    check(error_reply(503, "x").header("x-amz-retry-after", "soon"), &[50]).await;
}

#[tokio::test]
async fn in_the_adaptive_mode_calls_wait_once_the_service_asked_to_slow_down() {
    async fn check(mode: RetryMode, of_call: Option<RetryMode>, expect: &[u128]) {
        let clock = FixedClock::from_secs(NOW);
        let sleep = RecordedSleep::with_clock(clock.clone());
        let replies = [Reply::new(200), error_reply(503, "SlowDown"), Reply::new(200), Reply::new(200)];
        let http = ScriptedClient::new(replies);
        let session = session(&sleep).clock(clock.clock()).sleep(sleep.sleep()).retry_mode(mode);
        let s3 = Client::new(&session.http_client(http.clone()).build().expect("a session"));
        let options = of_call.map_or_else(Options::new, |it| Options::new().retry_mode(it));
        for _ in 0..3 {
            s3.head_bucket("b").with_options(options.clone()).send().await.expect("a success");
        }
        let waits: Vec<_> = sleep.waits().iter().map(|it| it.as_millis()).collect();
        assert_eq!(waits, expect, "{mode:?} {of_call:?}");
        assert_eq!(http.remaining(), 0);
    }
    // The pause of a retry, what is left of the two seconds between requests, and the third call.
    check(RetryMode::Adaptive, None, &[1000, 1000, 416]).await;
    check(RetryMode::Standard, Some(RetryMode::Adaptive), &[1000, 1000, 416]).await;
    check(RetryMode::Adaptive, Some(RetryMode::Standard), &[1000]).await;
    check(RetryMode::Standard, None, &[1000]).await;
}

#[tokio::test]
async fn permanent_failures_are_not_retried() {
    async fn check(failure: Reply, kind: ErrorKind, unused_replies: usize) {
        let case = format!("{failure:?}");
        let scripted = ScriptedS3::new([failure, Reply::new(200)]);
        let error = scripted.s3.put_object("b", "k").body("body").send().await.expect_err(&case);
        assert_eq!((error.kind(), error.attempts()), (kind, 1), "{case}: {error}");
        assert_eq!(scripted.http.remaining(), unused_replies, "{case}");
    }
    for (status, code) in
        [(400, "InvalidRequest"), (403, "AccessDenied"), (404, "NoSuchBucket"), (409, "x"), (501, "NotImplemented")]
    {
        check(error_reply(status, code), ErrorKind::Service, 1).await;
    }
    // HTTP redirects are not followed: the signature is not valid for another host. The region of the bucket is looked
    // up, here without success.
    check(
        error_reply(301, "PermanentRedirect").header("location", "https://elsewhere.example/"),
        ErrorKind::Service,
        0,
    )
    .await;
    check(error_reply(307, "TemporaryRedirect"), ErrorKind::Service, 0).await;
    check(Reply::failure(HttpErrorKind::Other), ErrorKind::Config, 1).await;
}

#[tokio::test]
async fn attempts_are_counted_in_the_error_and_in_amz_sdk_request() {
    let scripted = ScriptedS3::new([
        error_reply(500, "x"),
        error_reply(503, "x"),
        error_reply(500, "InternalError"),
        Reply::new(200),
    ]);
    let error = scripted.s3.get_bucket_location("logs").send().await.expect_err("three failures");
    assert_eq!((error.attempts(), error.code(), error.status()), (3, Some("InternalError"), Some(500)));
    let text = "An error occurred (InternalError) when calling the GetBucketLocation operation (reached max retries: 2): \
                what happened (status 500, request id REQ1)";
    assert_eq!(error.to_string(), text);
    assert_eq!(scripted.waits(), [50, 100]);
    let requests = scripted.http.requests();
    let headers: Vec<_> = requests.iter().map(|it| it.header("amz-sdk-request").to_owned()).collect();
    assert_eq!(headers, ["attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3"]);
    let id = requests[0].header("amz-sdk-invocation-id");
    assert_eq!(id.len(), 36);
    assert!(requests.iter().all(|it| it.header("amz-sdk-invocation-id") == id));

    let scripted = ScriptedS3::with_session([error_reply(500, "x"), Reply::new(200)], |it| it.max_attempts(1));
    let error = scripted.s3.head_bucket("b").send().await.expect_err("one attempt");
    assert_eq!((error.attempts(), scripted.http.remaining()), (1, 1));
    assert_eq!(scripted.http.requests()[0].header("amz-sdk-request"), "attempt=1; max=1");

    let scripted =
        ScriptedS3::with_session((0..5).map(|_| error_reply(500, "x")), |it| it.retry_mode(RetryMode::Legacy));
    let error = scripted.s3.head_bucket("b").send().await.expect_err("five attempts");
    assert_eq!((error.attempts(), scripted.waits()), (5, vec![1000, 2000, 4000, 8000]));
}

#[tokio::test]
async fn retries_say_until_when_a_response_is_awaited_in_the_time_of_the_service() {
    let slow_down = |date: Option<&str>| match date {
        Some(date) => error_reply(503, "SlowDown").header("date", date),
        None => error_reply(503, "SlowDown"),
    };
    // The local clock shows 03:04:05, and the timeout is a minute.
    let check = async |dates: [Option<&str>; 3], options: Options, expect: [&str; 4]| {
        let replies = dates.into_iter().map(slow_down).chain([Reply::new(200)]);
        let scripted = ScriptedS3::with_session(replies, |it| {
            it.max_attempts(4).clock(FixedClock::from_secs(1_767_323_045).clock())
        });
        scripted.s3.head_bucket("b").with_options(options).send().await.expect("a response");
        let requests = scripted.http.requests();
        let found: Vec<_> = requests.iter().map(|it| it.header("amz-sdk-request").to_owned()).collect();
        let expect: Vec<_> = (1..).zip(expect).map(|(number, ttl)| format!("{ttl}attempt={number}; max=4")).collect();
        assert_eq!(found, expect, "{dates:?}");
    };
    let (ahead, behind) = (Some("Fri, 02 Jan 2026 04:04:05 GMT"), Some("Fri, 02 Jan 2026 03:00:00 GMT"));
    let (ttl_ahead, ttl_behind) = ("ttl=20260102T040505Z; ", "ttl=20260102T030100Z; ");
    check([ahead, behind, ahead], Options::new(), ["", ttl_ahead, ttl_behind, ttl_ahead]).await;
    check([None, ahead, None], Options::new(), ["", "", ttl_ahead, ttl_ahead]).await;
    for nonsense in ["soon", "Fri, 02 Jan 1970 03:00:00 GMT", "Fri, 02 Jan 9999 03:00:00 GMT"] {
        check([Some(nonsense), None, None], Options::new(), [""; 4]).await;
    }
    let of_call = Options::new().read_timeout(Duration::from_secs(5));
    check(
        [ahead, None, None],
        of_call,
        ["", "ttl=20260102T040410Z; ", "ttl=20260102T040410Z; ", "ttl=20260102T040410Z; "],
    )
    .await;

    // The transfer of a stream may take longer, and has no limit.
    let scripted = ScriptedS3::new([slow_down(ahead), Reply::new(200)]);
    scripted.s3.put_object("b", "k").body("again").send().await.expect("a response");
    assert_eq!(scripted.http.requests()[1].header("amz-sdk-request"), "attempt=2; max=3");
}

#[tokio::test]
async fn the_pauses_before_retries_are_part_of_the_error_and_of_the_metadata() {
    for (failures, pauses) in [(0, 0), (1, 50), (2, 150)] {
        let replies = (0..failures).map(|_| error_reply(500, "InternalError"));
        let scripted = ScriptedS3::new(replies.clone().chain([Reply::new(200)]));
        let (_, metadata) = scripted.s3.head_bucket("b").send_with_metadata().await.expect("a response");
        assert_eq!((metadata.retry_delay.as_millis(), scripted.waits().iter().sum::<u128>()), (pauses, pauses));
        let scripted = ScriptedS3::new(replies.chain([error_reply(404, "NoSuchBucket")]));
        let error = scripted.s3.head_bucket("b").send().await.expect_err("no bucket");
        assert_eq!((error.retry_delay().as_millis(), error.attempts()), (pauses, failures + 1));
    }
    // Also of a call that ends at its timeout.
    let scripted = ScriptedS3::with_session((0..2).map(|_| error_reply(500, "InternalError")), |it| {
        it.sleep(Sleep::from_fn(|_| Box::pin(std::future::pending()))).total_timeout(Duration::from_millis(20))
    });
    let error = scripted.s3.head_bucket("b").send().await.expect_err("the timeout");
    assert_eq!((error.kind(), error.retry_delay().as_millis()), (ErrorKind::Timeout, 50));
}

#[tokio::test]
async fn each_call_has_its_own_invocation_id() {
    let scripted = ScriptedS3::with_session([Reply::new(200), Reply::new(200)], |it| {
        it.random(aws_core::session::Random::seeded(1))
    });
    for _ in 0..2 {
        scripted.s3.head_bucket("b").send().await.expect("a response");
    }
    let requests = scripted.http.requests();
    assert_ne!(requests[0].header("amz-sdk-invocation-id"), requests[1].header("amz-sdk-invocation-id"));
}

#[tokio::test]
async fn a_body_is_retried_only_if_it_can_be_read_twice() {
    let scripted = ScriptedS3::new([error_reply(503, "SlowDown"), Reply::new(200)]);
    let body = ByteStream::from_reader(&b"once"[..]).with_len(4);
    let error = scripted.s3.put_object("b", "k").body(body).send().await.expect_err("no second reading");
    assert_eq!((error.code(), error.attempts()), (Some("SlowDown"), 1));
    assert_eq!((scripted.http.remaining(), scripted.waits()), (1, vec![]));

    let file = std::env::temp_dir().join(tests::moto::unique("twice"));
    std::fs::write(&file, "twice").expect("a temporary file");
    let scripted = ScriptedS3::new([error_reply(503, "x"), Reply::new(200)]);
    let body = ByteStream::from_path(&file).await.expect("a body");
    scripted.s3.put_object("b", "k").body(body).send().await.expect("a second reading");
    let bodies: Vec<_> = scripted.http.requests().iter().map(|it| it.body.clone()).collect();
    assert!(bodies.len() == 2 && bodies[0] == bodies[1] && bodies[0].windows(5).any(|it| it == b"twice"), "{bodies:?}");
    std::fs::remove_file(file).expect("the temporary file");
}

#[tokio::test]
async fn a_spent_quota_ends_retries_until_successes_refill_it() {
    // 500 tokens, 14 per retry: 17 calls with two retries each leave 24, which allow one more retry.
    let scripted = ScriptedS3::new((0..60).map(|_| error_reply(500, "x")));
    let mut attempts = Vec::new();
    for _ in 0..20 {
        attempts.push(scripted.s3.head_bucket("b").send().await.expect_err("a failure").attempts());
    }
    assert_eq!(attempts[..17], [3; 17]);
    assert_eq!(attempts[17..], [2, 1, 1]);
    // All other replies fail, too. Then each success without a retry returns one token: 14 of them allow one retry.
    for _ in 0..scripted.http.remaining() {
        let _ = scripted.s3.head_bucket("b").send().await;
    }
    (0..14).for_each(|_| scripted.http.push(Reply::new(200)));
    for _ in 0..14 {
        scripted.s3.head_bucket("b").send().await.expect("a response");
    }
    scripted.http.push(error_reply(500, "x"));
    scripted.http.push(Reply::new(200));
    scripted.s3.head_bucket("b").send().await.expect("a retry");
}

#[tokio::test]
async fn an_error_with_status_200_is_retried() {
    let error = "<Error><Code>InternalError</Code><Message>late</Message></Error>";
    let success = "<CopyObjectResult><ETag>&quot;e&quot;</ETag></CopyObjectResult>";
    for error in [error.to_owned(), format!("<?xml version=\"1.0\"?>\n  {error}"), format!("\n\n \n{error}")] {
        let scripted = ScriptedS3::new([Reply::ok(error.clone()), Reply::ok(success)]);
        let response = scripted.s3.copy_object("b", "k", "b/source").send().await.expect("a second response");
        assert_eq!(response.copy_object_result.and_then(|it| it.e_tag).as_deref(), Some("\"e\""), "{error}");
        assert_eq!(scripted.waits(), [50]);
    }
    let scripted = ScriptedS3::new((0..3).map(|_| Reply::ok(error)));
    let failure = scripted.s3.complete_multipart_upload("b", "k", "id").send().await.expect_err("three errors");
    assert_eq!((failure.code(), failure.status(), failure.attempts()), (Some("InternalError"), Some(200), 3));
    // The content of an object is not parsed, even if it looks like an error.
    let scripted = ScriptedS3::new([Reply::ok(error)]);
    let body = scripted.s3.get_object("b", "k").send().await.expect("an object").body.collect().await.expect("a body");
    assert_eq!(&body[..], error.as_bytes());
}

/// An error document as long as S3's are: with the key and the ids, and after the white space that keeps a connection open
/// while the copy goes on.
fn long_error(white_space: usize, key: usize) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}<Error><Code>InternalError</Code><Message>We encountered an internal \
         error. Please try again.</Message><Key>{}</Key><BucketName>the-bucket</BucketName><Resource>/the-bucket/k</Resource>\
         <RequestId>656c76696e6727732072657175657374</RequestId><HostId>Uuag1LuByRx9e6j5Onimru9pO4ZVKnJ2Qz7/C1NPcfTWAtRPfTaOFg==\
         </HostId></Error>",
        " \n".repeat(white_space / 2),
        "k".repeat(key),
    )
}

#[tokio::test]
async fn no_error_document_passes_for_success_however_long_it_is() {
    for (white_space, key) in [(0, 1), (0, 600), (0, 1024), (200, 100), (2000, 1), (200_000, 1024)] {
        let document = long_error(white_space, key);
        assert!(document.len() > 300);
        let case = format!("{white_space} spaces, a key of {key}");
        let replies = || (0..3).map(|_| Reply::ok(document.clone()));
        let scripted = ScriptedS3::new((0..3).flat_map(|_| replies()));
        let s3 = &scripted.s3;
        let errors = [
            s3.copy_object("b", "k", "b/source").send().await.map(drop).expect_err(&case),
            s3.complete_multipart_upload("b", "k", "id").send().await.map(drop).expect_err(&case),
            s3.upload_part_copy("b", "k", 1, "id").copy_source("b/source").send().await.map(drop).expect_err(&case),
        ];
        for error in errors {
            let found = (error.code(), error.status(), error.attempts(), error.request_id());
            assert_eq!(
                found,
                (Some("InternalError"), Some(200), 3, Some("656c76696e6727732072657175657374")),
                "{case}"
            );
        }
        // Such a document that breaks off, wherever it does, is a failure too.
        for end in [40, document.len() / 2, document.len() - 9] {
            let scripted = ScriptedS3::new([Reply::ok(document[..end].to_owned())]);
            let error = scripted.s3.copy_object("b", "k", "b/source").send().await.expect_err(&case);
            assert_eq!(error.attempts(), 2, "{case}: {error}");
        }
    }
}

#[tokio::test]
async fn the_pauses_of_a_client_have_jitter() {
    let (http, sleep) = (ScriptedClient::new([]), RecordedSleep::new());
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .http_client(http.clone())
        .sleep(sleep.sleep());
    let s3 = aws_s3::Client::new(&session.build().expect("a session"));
    for _ in 0..30 {
        http.push(Reply::new(500));
        http.push(Reply::new(200));
        s3.head_bucket("b").send().await.expect("a second response");
    }
    let mut waits = sleep.waits();
    waits.sort();
    waits.dedup();
    // Evenly spread over 0 to 50 ms: that all are in one half happens once in half a billion runs.
    assert!(waits.len() > 20, "{waits:?}");
    let (half, longest) = (std::time::Duration::from_millis(25), std::time::Duration::from_millis(50));
    assert!(waits[0] < half && waits.last().is_some_and(|it| *it > half && *it <= longest), "{waits:?}");
}

#[tokio::test]
async fn calls_are_retried_over_a_real_connection() {
    let replies =
        [Reply::close(), error_reply(503, "x"), Reply::ok("<LocationConstraint>eu-west-1</LocationConstraint>")];
    let (server, s3) = serve(replies, |it| it);
    let response = s3.get_bucket_location("logs").send().await.expect("a third response");
    assert_eq!(response.location_constraint.as_ref().map(|it| it.as_str()), Some("eu-west-1"));
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|it| it.target == "/logs?location"), "{:?}", requests[0].target);

    let (server, s3) = serve([error_reply(503, "x"), Reply::new(200)], |it| it);
    s3.put_object("b", "k").body("0123456789").send().await.expect("a second response");
    assert!(server.requests().iter().all(|it| it.body == "0123456789"));
}

#[tokio::test]
async fn an_idempotency_token_is_the_same_for_all_attempts_of_a_call() {
    let random = aws_core::session::Random::seeded(2);
    let scripted =
        ScriptedS3::with_session([Reply::close(), Reply::new(200), Reply::new(200), Reply::new(200)], |it| {
            it.random(random).s3(S3Config::new().disable_express_session_auth(true))
        });
    for _ in 0..2 {
        scripted.s3.rename_object("logs--usw2-az1--x-s3", "new").rename_source("old").send().await.expect("a response");
    }
    let token = |it: &aws_core::testing::ReceivedRequest| it.header("x-amz-client-token").to_owned();
    let tokens: Vec<_> = scripted.http.requests().iter().map(token).collect();
    assert_eq!((tokens[0].len(), &tokens[0]), (36, &tokens[1]), "one token for all attempts");
    assert_ne!(tokens[1], tokens[2], "another token for another call");
    scripted
        .s3
        .rename_object("logs--usw2-az1--x-s3", "new")
        .rename_source("old")
        .client_token("mine")
        .send()
        .await
        .expect("a response");
    assert_eq!(token(&scripted.http.requests()[3]), "mine");
}

#[tokio::test]
async fn a_call_is_redirected_once_and_later_calls_use_the_region_at_once() {
    let wrong = error_reply(301, "PermanentRedirect").header("x-amz-bucket-region", "eu-west-1");
    let scripted = ScriptedS3::new([wrong, Reply::new(200), Reply::new(200)]);
    scripted.s3.put_object("abc", "k").body("body").send().await.expect("a response from the second region");
    scripted.s3.get_object("abc", "k").send().await.expect("a response from the region that was learned");
    let seen: Vec<_> = scripted.http.requests().iter().map(|it| it.url.split('?').next().unwrap().to_owned()).collect();
    let (east, west) = ("https://abc.s3.us-east-1.amazonaws.com/k", "https://abc.s3.eu-west-1.amazonaws.com/k");
    assert_eq!(seen, [east, west, west]);
    for (request, region) in scripted.http.requests().iter().zip(["us-east-1", "eu-west-1", "eu-west-1"]) {
        let signature = request.headers["authorization"].to_str().unwrap();
        assert!(signature.contains(&format!("/{region}/s3/aws4_request")), "{signature}");
    }
    assert_eq!(scripted.waits(), [0_u128; 0], "a redirect is sent without a delay");
}

#[tokio::test]
async fn a_second_redirect_is_an_error() {
    let wrong = |region: &str| error_reply(301, "PermanentRedirect").header("x-amz-bucket-region", region);
    let scripted = ScriptedS3::new([wrong("eu-west-1"), wrong("eu-west-2"), Reply::new(200)]);
    let error = scripted.s3.get_object("abc", "k").send().await.expect_err("two redirects");
    assert_eq!(
        (error.code(), error.region(), scripted.http.remaining()),
        (Some("PermanentRedirect"), Some("eu-west-2"), 1)
    );
}

#[tokio::test]
async fn the_region_header_redirects_head_requests_but_not_create_bucket() {
    let wrong = Reply::new(400).header("x-amz-bucket-region", "eu-west-1");
    let scripted = ScriptedS3::new([wrong, Reply::new(200)]);
    scripted.s3.head_bucket("abc").send().await.expect("a response from the second region");
    // CreateBucket is not redirected: the bucket must not be created in a region that the caller did not choose.
    let rejection = error_reply(400, "IllegalLocationConstraintException").header("x-amz-bucket-region", "eu-west-1");
    let scripted = ScriptedS3::new([rejection]);
    let error = scripted.s3.create_bucket("abc").send().await.expect_err("rejected");
    assert_eq!(error.code(), Some("IllegalLocationConstraintException"));
}

#[tokio::test]
async fn a_region_that_cannot_be_one_is_neither_followed_nor_kept() {
    for region in ["", "x.evil.com/", "eu_west_1", "-eu-west-1", "1", "eu-west-1.evil.com"] {
        let wrong = || Reply::new(400).header("x-amz-bucket-region", region);
        // The second response is that to the lookup of the region.
        let scripted = ScriptedS3::new([wrong(), wrong(), Reply::new(200)]);
        let error = scripted.s3.head_object("abc", "k").send().await.expect_err("no region to go to");
        assert_eq!(error.status(), Some(400), "{region:?}");
        scripted.s3.head_object("abc", "k").send().await.expect("a later call is sent as the first was");
        let hosts: Vec<_> = scripted.http.requests().iter().map(|it| it.header("host").to_owned()).collect();
        assert_eq!(hosts.len(), 3, "{region:?}");
        assert!(
            scripted.http.requests().iter().all(|it| it.url.starts_with("https://abc.s3.us-east-1.amazonaws.com/"))
        );
    }
}

#[tokio::test]
async fn a_region_is_kept_once_a_service_responded_there_and_forgotten_when_none_does() {
    let wrong = |region: &str| error_reply(301, "PermanentRedirect").header("x-amz-bucket-region", region);
    let regions = |scripted: &ScriptedS3| -> Vec<String> {
        let url = |url: &str| url.split('.').nth(2).unwrap_or_default().to_owned();
        scripted.http.requests().iter().map(|it| url(&it.url)).collect()
    };
    // The region that the redirect named redirects in turn: it is not kept.
    let scripted = ScriptedS3::new([wrong("eu-west-1"), wrong("eu-west-2"), Reply::new(200)]);
    scripted.s3.get_object("abc", "k").send().await.expect_err("two redirects");
    scripted.s3.get_object("abc", "k").send().await.expect("a response");
    assert_eq!(regions(&scripted), ["us-east-1", "eu-west-1", "us-east-1"]);
    // An error of the service there shows that the region is right.
    let missing = error_reply(404, "NoSuchKey");
    let scripted = ScriptedS3::new([wrong("eu-west-1"), missing, Reply::new(200)]);
    scripted.s3.get_object("abc", "k").send().await.expect_err("no such key");
    scripted.s3.get_object("abc", "k").send().await.expect("a response");
    assert_eq!(regions(&scripted), ["us-east-1", "eu-west-1", "eu-west-1"]);
    // A failure without a response says nothing about the region.
    let cut = Reply::failure(HttpErrorKind::Connect);
    let scripted = ScriptedS3::with_session([wrong("eu-west-1"), Reply::new(200), cut, Reply::new(200)], |builder| {
        builder.max_attempts(1)
    });
    scripted.s3.get_object("abc", "k").send().await.expect("a response");
    scripted.s3.get_object("abc", "k").send().await.expect_err("no connection");
    scripted.s3.get_object("abc", "k").send().await.expect("a response");
    assert_eq!(regions(&scripted), ["us-east-1", "eu-west-1", "eu-west-1", "eu-west-1"]);
    // A bucket that moved: the region that was kept is replaced. Another bucket has its own.
    let scripted = ScriptedS3::new([
        wrong("eu-west-1"),
        Reply::new(200),
        wrong("eu-west-2"),
        Reply::new(200),
        Reply::new(200),
        Reply::new(200),
    ]);
    for bucket in ["abc", "abc", "abc", "xyz"] {
        scripted.s3.get_object(bucket, "k").send().await.expect("a response");
    }
    assert_eq!(regions(&scripted), ["us-east-1", "eu-west-1", "eu-west-1", "eu-west-2", "eu-west-2", "us-east-1"]);
}

#[tokio::test]
async fn a_date_of_a_response_is_used_if_it_can_be_one_and_kept_if_it_worked() {
    let skewed = |date: &str| error_reply(403, "RequestTimeTooSkewed").header("date", date);
    let dates = |scripted: &ScriptedS3| -> Vec<String> {
        scripted.http.requests().iter().map(|it| it.header("x-amz-date").to_owned()).collect()
    };
    let (now, later) = ("20260102T030405Z", "20260102T040405Z");
    const LATER: &str = "Fri, 02 Jan 2026 04:04:05 GMT";
    // No service has such a clock, and requests with such dates cannot be signed.
    for date in ["Wed, 31 Dec 1969 23:59:59 GMT", "Mon, 13 Mar 2006 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let scripted = ScriptedS3::new([skewed(date), Reply::new(200)]);
        scripted.s3.get_object("abc", "k").send().await.expect_err(date);
        scripted.s3.get_object("abc", "k").send().await.expect("a response");
        assert_eq!(dates(&scripted), [now, now], "{date}");
    }
    // The service's time is kept once a request that was signed with it is accepted.
    let scripted = ScriptedS3::new([skewed(LATER), Reply::new(200), Reply::new(200)]);
    for _ in 0..2 {
        scripted.s3.get_object("abc", "k").send().await.expect("a response");
    }
    assert_eq!(dates(&scripted), [now, later, later]);
    // It was not the reason of the rejection, so the next call is signed with the local time again.
    let scripted = ScriptedS3::new([skewed(LATER), skewed(LATER), Reply::new(200)]);
    scripted.s3.get_object("abc", "k").send().await.expect_err("rejected again");
    scripted.s3.get_object("abc", "k").send().await.expect("a response");
    assert_eq!(dates(&scripted), [now, later, now]);
}

/// Fails the first requests without a look at their bodies, and passes the others on.
#[derive(Debug)]
struct FailsFirst {
    failures: AtomicU32,
    kind: HttpErrorKind,
    /// Whether the body is read in part before.
    reads: bool,
    http: ScriptedClient,
}

impl HttpClient for FailsFirst {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(async move {
            if self.failures.fetch_sub(1, Ordering::Relaxed) == 0 {
                self.failures.store(0, Ordering::Relaxed);
                return self.http.send(request).await;
            }
            if self.reads {
                let _ = std::mem::take(&mut request.body).into_stream().next().await;
            }
            Err(HttpError::new(self.kind, "no connection"))
        })
    }
}

#[tokio::test]
async fn a_body_of_which_nothing_was_read_is_sent_again() {
    async fn check(kind: HttpErrorKind, reads: bool, failures: u32, attempts: Option<u32>) {
        let sleep = RecordedSleep::new();
        let http = ScriptedClient::new([Reply::new(200)]);
        let client = FailsFirst { failures: failures.into(), kind, reads, http: http.clone() };
        let session = session(&sleep).http_client(client).build().expect("a session");
        let body = ByteStream::from_reader(&b"once"[..]).with_len(4);
        let sent = Client::new(&session).put_object("b", "k").body(body).send_with_metadata().await;
        assert_eq!(sent.as_ref().ok().map(|it| it.1.attempts), attempts, "{kind:?} {reads} {failures}");
        if attempts.is_some() {
            let sent = &http.requests()[0].body;
            assert!(sent.windows(4).any(|it| it == b"once"), "{sent:?}");
        }
    }
    for kind in [HttpErrorKind::Connect, HttpErrorKind::Io, HttpErrorKind::Timeout] {
        check(kind, false, 1, Some(2)).await;
        check(kind, false, 2, Some(3)).await;
        check(kind, false, 3, None).await;
        check(kind, true, 1, None).await;
    }
}
