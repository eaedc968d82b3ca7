//! The standard retry mode as scenarios: the result of each attempt, and the delays, the end and the remaining quota
//! that follow. Through the public interface, with sleeps that return at once.
//!
//! Retries of whole calls are in `lifecycle/retries.rs`, a service's own numbers and S3's redirects in
//! `customizations`, and the classification of failures in the unit tests of `aws_core::internals::retry`.

use std::sync::Arc;
use std::time::Duration;

use aws_core::http::{HttpClient, HttpErrorKind, Method, Request, Response, Url};
use aws_core::internals::retry::{Backoff, Next, Outcome, Random, RetryPolicy, RetryQuota, Stop, parse_retry_after};
use aws_core::testing::{RecordedSleep, Reply};
use tests::doubles::ScriptedClient;

/// How a call ends.
#[derive(Debug, PartialEq)]
enum End {
    Success,
    Failure(Stop),
}

struct Scenario {
    name: &'static str,
    policy: RetryPolicy,
    replies: Vec<Reply>,
    /// The delays between attempts, in milliseconds.
    waits: Vec<u64>,
    end: End,
    quota: u32,
}

/// A policy without jitter: each delay is the longest possible.
fn policy(quota: u32, max_attempts: u32) -> RetryPolicy {
    let mut policy = RetryPolicy::default();
    policy.quota = Some(Arc::new(RetryQuota::new(quota)));
    policy.random = Random::fixed(1.0);
    policy.max_attempts = max_attempts;
    policy
}

/// A call as a client sends it, reduced to what retries need.
async fn call(policy: &RetryPolicy, client: &ScriptedClient, sleep: &RecordedSleep) -> End {
    let (mut attempts, mut rounds) = (policy.start(), tests::rounds::Rounds::default());
    loop {
        rounds.count();
        let mut request = Request::new(Method::GET, Url::parse("https://host/").expect("a URL"));
        request.headers.insert("amz-sdk-request", attempts.header(None).parse().expect("a header value"));
        let response = client.send(request).await;
        let header = |it: &Response| it.headers.get("x-amz-retry-after").map(|it| it.to_str().map(str::to_owned));
        let retry_after = response.as_ref().ok().and_then(header).and_then(Result::ok);
        let code =
            response.as_ref().ok().and_then(|it| it.headers.get("x-code")).map(|it| it.to_str().map(str::to_owned));
        let code = code.and_then(Result::ok);
        let outcome = match &response {
            Ok(response) if response.status.is_success() => {
                attempts.succeeded();
                return End::Success;
            }
            Ok(response) => Outcome {
                status: Some(response.status.as_u16()),
                code: code.as_deref(),
                retry_after_ms: retry_after.as_deref().and_then(parse_retry_after),
                ..Outcome::default()
            },
            Err(error) => Outcome { transport: Some(error.kind()), ..Outcome::default() },
        };
        match attempts.failed(&outcome) {
            Next::Retry(delay) => sleep.sleep().wait(delay).await,
            Next::Stop(stop) => return End::Failure(stop),
        }
    }
}

async fn check(scenario: Scenario) {
    let Scenario { name, policy, replies, waits, end, quota } = scenario;
    let (client, sleep) = (ScriptedClient::new(replies).unverified(), RecordedSleep::new());
    assert_eq!(call(&policy, &client, &sleep).await, end, "{name}");
    let waits: Vec<Duration> = waits.into_iter().map(Duration::from_millis).collect();
    assert_eq!(sleep.waits(), waits, "{name}");
    assert_eq!(policy.quota.map(|it| it.available()), Some(quota), "{name}");
    assert_eq!(client.remaining(), 0, "{name}: unused replies");
    let headers: Vec<String> = client.requests().iter().map(|it| it.header("amz-sdk-request").to_owned()).collect();
    let expect: Vec<String> =
        (1..=waits.len() + 1).map(|it| format!("attempt={it}; max={}", policy.max_attempts)).collect();
    assert_eq!(headers, expect, "{name}");
}

fn status(status: u16) -> Reply {
    Reply::new(status)
}

#[tokio::test]
async fn the_standard_mode_retries_waits_and_spends_its_quota() {
    let failure = End::Failure;
    let scenarios = [
        Scenario {
            name: "success at once, with a full quota",
            policy: policy(500, 3),
            replies: vec![status(200)],
            waits: vec![],
            end: End::Success,
            quota: 500,
        },
        Scenario {
            name: "success in the end: the cost of the last retry is returned",
            policy: policy(500, 3),
            replies: vec![status(500), status(502), status(200)],
            waits: vec![50, 100],
            end: End::Success,
            quota: 486,
        },
        Scenario {
            name: "the last allowed attempt fails",
            policy: policy(500, 3),
            replies: vec![status(503), status(504), status(500)],
            waits: vec![50, 100],
            end: failure(Stop::MaxAttempts),
            quota: 472,
        },
        Scenario {
            name: "the quota is spent after one retry",
            policy: policy(15, 3),
            replies: vec![status(500), status(502)],
            waits: vec![50],
            end: failure(Stop::Quota { pause: None }),
            quota: 1,
        },
        Scenario {
            name: "the quota is empty from the start",
            policy: policy(0, 3),
            replies: vec![status(500)],
            waits: vec![],
            end: failure(Stop::Quota { pause: None }),
            quota: 0,
        },
        Scenario {
            name: "delays grow to their limit",
            policy: policy(500, 12),
            replies: (0..12).map(|_| status(500)).collect(),
            waits: vec![50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 20_000, 20_000],
            end: failure(Stop::MaxAttempts),
            quota: 500 - 11 * 14,
        },
        Scenario {
            name: "throttling waits longer and costs less",
            policy: policy(500, 4),
            replies: vec![
                status(429),
                status(400).header("x-code", "ThrottlingException"),
                status(503).header("x-code", "SlowDown"),
                status(200),
            ],
            waits: vec![1000, 2000, 4000],
            end: End::Success,
            quota: 490,
        },
        Scenario {
            name: "failures of the connection are retried",
            policy: policy(500, 4),
            replies: vec![Reply::failure(HttpErrorKind::Connect), Reply::silence(), Reply::close(), status(200)],
            waits: vec![50, 100, 200],
            end: End::Success,
            quota: 472,
        },
        Scenario {
            name: "a failure of the request body is not retried",
            policy: policy(500, 3),
            replies: vec![Reply::failure(HttpErrorKind::Body)],
            waits: vec![],
            end: failure(Stop::Final),
            quota: 500,
        },
        Scenario {
            name: "the service requests a delay, which is limited",
            policy: policy(500, 5),
            replies: ["1500", "10", "99999999", "soon"]
                .iter()
                .map(|it| status(503).header("x-amz-retry-after", it))
                .chain([status(200)])
                .collect(),
            waits: vec![1500, 100, 5200, 400],
            end: End::Success,
            quota: 458,
        },
        Scenario {
            name: "client errors are not retried",
            policy: policy(500, 3),
            replies: vec![status(403).header("x-code", "AccessDenied")],
            waits: vec![],
            end: failure(Stop::Final),
            quota: 500,
        },
        Scenario {
            name: "at most one attempt",
            policy: policy(500, 1),
            replies: vec![status(500)],
            waits: vec![],
            end: failure(Stop::MaxAttempts),
            quota: 500,
        },
    ];
    let count = scenarios.len();
    for scenario in scenarios {
        check(scenario).await;
    }
    tests::say!("suite retry: {count} passed, 0 failed, 0 skipped");
}

#[tokio::test]
async fn calls_of_a_client_share_its_quota() {
    let policy = policy(500, 3);
    let quota = policy.quota.clone().expect("a quota");
    let sleep = RecordedSleep::new();
    let mut ends = Vec::new();
    for _ in 0..20 {
        let client = ScriptedClient::new([status(500), status(500), status(500)]).unverified();
        ends.push(call(&policy.clone(), &client, &sleep).await);
    }
    // 35 retries at 14 tokens: 17 calls with two, one with one.
    assert_eq!(ends.iter().filter(|it| **it == End::Failure(Stop::MaxAttempts)).count(), 17);
    assert_eq!((sleep.waits().len(), quota.available()), (35, 10));
    for _ in 0..4 {
        assert_eq!(call(&policy, &ScriptedClient::new([status(200)]).unverified(), &sleep).await, End::Success);
    }
    assert_eq!(quota.available(), 14);
}

#[tokio::test]
async fn jitter_shortens_each_delay_and_depends_on_the_seed() {
    let waits = |seed| async move {
        let mut policy = policy(500, 8);
        policy.random = Random::seeded(seed);
        let sleep = RecordedSleep::new();
        let client = ScriptedClient::new((0..8).map(|_| status(500))).unverified();
        call(&policy, &client, &sleep).await;
        sleep.waits()
    };
    let (one, two) = (waits(1).await, waits(2).await);
    assert_eq!(one, waits(1).await);
    assert_ne!(one, two);
    for (i, wait) in one.iter().chain(&two).enumerate() {
        let longest = Backoff::default().base * 2u32.pow(i as u32 % 7);
        assert!(*wait <= longest, "{wait:?} > {longest:?}");
    }
}
