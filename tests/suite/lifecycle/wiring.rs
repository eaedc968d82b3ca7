//! What a session is given reaches every call of its clients: jitter, the clock, the keys. Timeouts are in `timeouts`.

use std::time::Duration;

use aws_core::session::Random;
use aws_core::testing::{FixedClock, RecordedSleep, Reply};
use tests::doubles::{MockServer, verify_signature};

use super::{NOW, ScriptedS3, session};

/// The delays of a call whose attempts all fail, in milliseconds.
async fn waits(random: Option<Random>) -> Vec<u128> {
    let scripted = ScriptedS3::with_session((0..9).map(|_| Reply::new(500)), |it| {
        let it = it.max_attempts(9);
        match random {
            Some(random) => it.random(random),
            None => it,
        }
    });
    scripted.s3.head_bucket("b").send().await.expect_err("status 500");
    scripted.waits()
}

#[tokio::test]
async fn the_delays_of_a_client_have_the_jitter_of_its_session() {
    let longest = waits(None).await;
    assert_eq!(longest, [50, 100, 200, 400, 800, 1600, 3200, 6400]);
    assert_eq!(waits(Some(Random::fixed(0.5))).await, [25, 50, 100, 200, 400, 800, 1600, 3200]);
    let [first, again] = [waits(Some(Random::seeded(1))).await, waits(Some(Random::seeded(1))).await];
    let other = waits(Some(Random::seeded(2))).await;
    assert!(first == again && first != other, "{first:?} {other:?}");
    assert!(first.iter().zip(&longest).all(|(found, longest)| found <= longest), "{first:?}");
    // Without a choice of the caller the numbers are those of the system.
    assert_ne!(waits(Some(Random::default())).await, waits(Some(Random::default())).await);
}

#[tokio::test]
async fn each_attempt_is_signed_at_its_own_time() {
    let clock = FixedClock::from_secs(NOW);
    let sleep = RecordedSleep::with_clock(clock.clone());
    let scripted = ScriptedS3::with_session([Reply::new(429), Reply::new(429), Reply::new(200)], |it| {
        it.clock(clock.clock()).sleep(sleep.sleep())
    });
    scripted.s3.head_bucket("b").send().await.expect("a response");
    clock.advance(Duration::from_secs(86_400));
    scripted.http.push(Reply::new(200));
    scripted.s3.head_bucket("b").send().await.expect("a response");
    let dates: Vec<_> = scripted.http.requests().iter().map(|it| it.header("x-amz-date").to_owned()).collect();
    assert_eq!(dates, ["20260102T030405Z", "20260102T030406Z", "20260102T030408Z", "20260103T030408Z"]);
}

#[tokio::test]
async fn requests_over_real_connections_are_signed_as_they_arrive() {
    let server = MockServer::start((0..3).map(|_| Reply::new(200)));
    let session = session(&RecordedSleep::new()).endpoint_url(server.url()).build().expect("a session");
    let s3 = aws_s3::Client::new(&session);
    s3.put_object("b", "a key/ü+%").body("content").metadata([("a", "1  2 ")]).send().await.expect("a response");
    s3.list_objects_v2("b").prefix("a+b c/~").send().await.expect("a response");
    s3.delete_object("b", "k").version_id("").send().await.expect("a response");
    let keys = [aws_core::Credentials::new("AKIDEXAMPLE", super::SECRET)];
    for request in server.requests() {
        assert_eq!(verify_signature(&request, &keys), Ok(()), "{} {}", request.method, request.target);
    }
}
