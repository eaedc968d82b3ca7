//! Tests of the cache for sessions, with a service whose time is tokio's paused clock.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::*;
use crate::types::Timestamp;
use crate::{Error, ErrorKind};

/// How long a session lives, as S3's: 5 minutes.
const LIFETIME: i64 = 300;
/// How long getting one takes.
const LATENCY: Duration = Duration::from_millis(400);

/// A service that creates sessions: how many, how many at once at most, and whether it fails.
#[derive(Default)]
struct Service {
    created: AtomicUsize,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    fails: AtomicBool,
}

/// A cache by number, and its service.
struct Fixture {
    sessions: SessionCache<usize>,
    service: Arc<Service>,
    began: Instant,
}

impl Fixture {
    fn new() -> Self {
        let began = Instant::now();
        let now = move || Timestamp::from_millis(i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX));
        let mut sessions = SessionCache::new(Arc::new(now));
        sessions.jitter = Arc::new(|| 1.0);
        Self { sessions, service: Arc::default(), began }
    }

    /// Gets a session; how long that took, and the number of the session or the error.
    async fn get(&self, key: usize) -> (Duration, Result<String, String>) {
        let start = Instant::now();
        let session = self.sessions.find(|it| *it == key, || key);
        if let Some(found) = session.fresh() {
            return (start.elapsed(), Ok(found.access_key_id().to_owned()));
        }
        let (service, began) = (Arc::clone(&self.service), self.began);
        let create = async move {
            let in_flight = service.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            service.most_in_flight.fetch_max(in_flight, Ordering::SeqCst);
            sleep(LATENCY).await;
            service.in_flight.fetch_sub(1, Ordering::SeqCst);
            if service.fails.load(Ordering::SeqCst) {
                return Err(Error::new(ErrorKind::Service, "no session today"));
            }
            let number = service.created.fetch_add(1, Ordering::SeqCst);
            let expiry = i64::try_from(began.elapsed().as_secs()).unwrap_or(i64::MAX) + LIFETIME;
            Ok(Credentials::new(number.to_string(), "secret").with_expiry(Timestamp::from_secs(expiry)))
        };
        let found = session.get("CreateSession", Box::pin(create));
        let found = found.await.map(|it| it.access_key_id().to_owned()).map_err(|it| it.to_string());
        (start.elapsed(), found)
    }
}

/// An hour of requests, so many seconds apart: only the first waits, and one session is created at a time.
#[tokio::test(start_paused = true)]
async fn after_the_first_no_request_waits_for_a_session() {
    for (pause, created) in [(1, 22..=26), (7, 22..=26), (60, 19..=22), (139, 13..=14)] {
        let fixture = Fixture::new();
        let mut waits = 0;
        let mut requests = 0;
        while fixture.began.elapsed() < Duration::from_secs(3600) {
            let (waited, found) = fixture.get(1).await;
            found.expect("a session");
            waits += usize::from(!waited.is_zero());
            requests += 1;
            sleep(Duration::from_secs(pause)).await;
        }
        assert_eq!(waits, 1, "of {requests} requests, {pause} s apart");
        assert_eq!(fixture.service.most_in_flight.load(Ordering::SeqCst), 1);
        let count = fixture.service.created.load(Ordering::SeqCst);
        assert!(created.contains(&count), "{count} sessions, {pause} s apart");
    }
}

#[tokio::test(start_paused = true)]
async fn requests_at_the_same_time_share_one_session() {
    let fixture = Arc::new(Fixture::new());
    let tasks: Vec<_> = (0..1000)
        .map(|_| {
            let fixture = Arc::clone(&fixture);
            tokio::spawn(async move { fixture.get(7).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.expect("no panic"), (LATENCY, Ok("0".to_owned())));
    }
    assert_eq!(fixture.service.created.load(Ordering::SeqCst), 1);
}

/// From minute 2 to minute 4 the service is down.
#[tokio::test(start_paused = true)]
async fn a_refresh_that_fails_keeps_the_session_that_is_valid() {
    let fixture = Fixture::new();
    fixture.get(1).await.1.expect("a session");
    for second in 1..3600 {
        fixture.service.fails.store((120..240).contains(&second), Ordering::SeqCst);
        sleep(Duration::from_secs(1)).await;
        let (waited, found) = fixture.get(1).await;
        assert!(waited.is_zero() && found.is_ok(), "at {second}: {waited:?}, {found:?}");
    }
}

/// Down for good: the session serves until its last second, then each request has the error.
#[tokio::test(start_paused = true)]
async fn a_session_that_expired_is_never_used() {
    let fixture = Fixture::new();
    fixture.get(1).await.1.expect("a session");
    fixture.service.fails.store(true, Ordering::SeqCst);
    for second in 1..400 {
        tokio::time::sleep_until(fixture.began + Duration::from_secs(second)).await;
        let (_, found) = fixture.get(1).await;
        let expect = if second < 300 { Ok("0") } else { Err("no session today") };
        match (&found, expect) {
            (Ok(found), Ok(expect)) => assert_eq!(found, expect, "at {second}"),
            (Err(found), Err(expect)) => assert!(found.contains(expect), "{found} at {second}"),
            _ => panic!("{found:?} at {second}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_sessions_used_last_are_kept() {
    let fixture = Fixture::new();
    for key in 0..MAX_SESSIONS {
        fixture.get(key).await.1.expect("a session");
    }
    // The first is used again, so that the second is dropped for another.
    assert_eq!(fixture.get(0).await.1.as_deref(), Ok("0"));
    fixture.get(MAX_SESSIONS).await.1.expect("a session");
    assert_eq!(fixture.get(0).await.1.as_deref(), Ok("0"));
    assert_eq!(fixture.get(1).await.1, Ok((MAX_SESSIONS + 1).to_string()));
    assert_eq!(format!("{:?}", fixture.sessions), format!("SessionCache {{ sessions: {MAX_SESSIONS}, .. }}"));
}

#[tokio::test(start_paused = true)]
async fn a_rejected_session_is_dropped_once_and_no_other_is() {
    let fixture = Fixture::new();
    for key in 0..3 {
        fixture.get(key).await.1.expect("a session");
    }
    let current = |key: usize| fixture.sessions.find(|it| *it == key, || key).fresh();
    let rejected = current(1).expect("a session");
    for is_current in [true, false] {
        assert_eq!(fixture.sessions.drop_rejected(&rejected), is_current);
        assert_eq!([0, 1, 2].map(|key| current(key).is_some()), [true, false, true]);
    }
    assert_eq!(fixture.get(1).await.1.as_deref(), Ok("3"));
    assert!(!fixture.sessions.drop_rejected(&rejected) && current(1).is_some());
}

#[tokio::test]
async fn debug_shows_no_session() {
    let fixture = Fixture::new();
    let sessions = &fixture.sessions;
    let session = sessions.find(|_| false, || 1);
    session
        .get("x", Box::pin(async { Ok(Credentials::new("AKID", "hidden1").with_session_token("hidden2")) }))
        .await
        .expect("a session");
    let text = format!("{sessions:?}");
    assert!(!text.contains("hidden") && !text.contains("AKID"), "{text}");
}
