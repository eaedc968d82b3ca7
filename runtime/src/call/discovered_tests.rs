use std::collections::VecDeque;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::retry::Random;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A service whose responses are scripted; each takes one turn of the runtime.
#[derive(Clone, Default)]
struct Service {
    now: Arc<Mutex<Duration>>,
    asked: Arc<Mutex<usize>>,
    /// How many questions are in flight, and the most there were.
    in_flight: Arc<Mutex<(usize, usize)>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
}

#[derive(Clone, Copy)]
enum Reply {
    /// An endpoint for this time.
    Endpoint(&'static str, Duration),
    Unavailable,
    Unusable,
}

impl Service {
    fn clock(&self) -> Clock {
        let now = Arc::clone(&self.now);
        Clock::from_fn(move || SystemTime::UNIX_EPOCH + *lock(&now))
    }

    fn advance(&self, time: Duration) {
        *lock(&self.now) += time;
    }

    fn replies(&self, replies: impl IntoIterator<Item = Reply>) {
        lock(&self.replies).extend(replies);
    }

    fn asked(&self) -> usize {
        *lock(&self.asked)
    }

    fn ask(&self) -> impl Future<Output = Result<Found, Failure>> + Send + use<> {
        let service = self.clone();
        async move {
            *lock(&service.asked) += 1;
            {
                let mut in_flight = lock(&service.in_flight);
                in_flight.0 += 1;
                in_flight.1 = in_flight.1.max(in_flight.0);
            }
            tokio::task::yield_now().await;
            lock(&service.in_flight).0 -= 1;
            let failure = |text: &str| Arc::new(Error::new(ErrorKind::Endpoint, text));
            match lock(&service.replies).pop_front().expect("a reply") {
                Reply::Endpoint(url, period) => Ok(Found::new(url, service.clock().now(), period)),
                Reply::Unavailable => Err(Failure::Unavailable(failure("unavailable"))),
                Reply::Unusable => Err(Failure::Unusable(failure("unusable"))),
            }
        }
    }

    async fn find(&self, endpoints: &DiscoveredEndpoints, is_required: bool) -> Result<Option<String>, String> {
        let found = endpoints.find(&key(0), &self.clock(), is_required, || self.ask()).await;
        found.map(|it| it.map(|url| url.to_string())).map_err(|it| it.message().to_owned())
    }
}

fn key(number: usize) -> Key {
    Key { regional: number.to_string(), access_key_id: None, ids: None }
}

fn url(url: &str) -> Result<Option<String>, String> {
    Ok(Some(url.to_owned()))
}

/// Lets the tasks in the background end.
async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn after_the_first_call_none_waits_and_one_question_is_in_flight() {
    let (service, endpoints) = (Service::default(), DiscoveredEndpoints::default());
    service.replies((0..8).map(|_| Reply::Endpoint("a", DAY)));
    assert_eq!(service.find(&endpoints, true).await, url("a"));
    // A call about every minute for four days: each is ready at once.
    let random = Random::seeded(7);
    while *lock(&service.now) < 4 * DAY {
        service.advance(Duration::from_millis((random.fraction() * 120_000.0) as u64));
        for _ in 0..3 {
            let call = pin!(service.find(&endpoints, true));
            let ready = call.poll(&mut Context::from_waker(Waker::noop()));
            assert_eq!(ready, Poll::Ready(url("a")), "at {:?}", lock(&service.now));
        }
        tokio::task::yield_now().await;
    }
    settle().await;
    // The first question, and one every 18 hours.
    assert_eq!((service.asked(), *lock(&service.in_flight)), (6, (0, 1)));
}

#[tokio::test]
async fn calls_at_the_same_time_share_a_question_and_its_failure() {
    for reply in [Reply::Endpoint("a", DAY), Reply::Unavailable, Reply::Unusable] {
        let (service, endpoints) = (Service::default(), DiscoveredEndpoints::default());
        service.replies([reply]);
        let find = || service.find(&endpoints, true);
        let (first, second, third) = tokio::join!(find(), find(), find());
        let expect = match reply {
            Reply::Endpoint(it, _) => url(it),
            Reply::Unavailable => Err("unavailable".to_owned()),
            Reply::Unusable => Err("unusable".to_owned()),
        };
        assert_eq!((&first, &second, &third), (&expect, &expect, &expect));
        assert_eq!(service.asked(), 1);
    }
}

#[tokio::test]
async fn a_question_outlives_the_call_that_asked() {
    let (service, endpoints) = (Service::default(), DiscoveredEndpoints::default());
    service.replies([Reply::Endpoint("a", DAY)]);
    {
        let call = pin!(service.find(&endpoints, true));
        assert!(call.poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    settle().await;
    assert_eq!(service.find(&endpoints, true).await, url("a"));
    assert_eq!(service.asked(), 1);
}

#[tokio::test]
async fn without_a_response_an_old_endpoint_is_used_and_else_the_regional_one_unless_another_is_required() {
    let unavailable = || Err("unavailable".to_owned());
    let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));

    // No endpoint was ever found.
    for (is_required, expect, asked) in [(true, unavailable(), [1, 2, 3]), (false, Ok(None), [1, 1, 2])] {
        let (service, endpoints) = (Service::default(), DiscoveredEndpoints::default());
        service.replies(vec![Reply::Unavailable; asked[2]]);
        for (pause, asked) in [Duration::ZERO, minute - second, second].into_iter().zip(asked) {
            service.advance(pause);
            assert_eq!((service.find(&endpoints, is_required).await, service.asked()), (expect.clone(), asked));
        }
        service.advance(minute);
        service.replies([Reply::Endpoint("a", DAY)]);
        assert_eq!(service.find(&endpoints, is_required).await, url("a"));
    }

    // One is out of date.
    for is_required in [true, false] {
        let (service, endpoints) = (Service::default(), DiscoveredEndpoints::default());
        service.replies([Reply::Endpoint("old", minute), Reply::Unavailable, Reply::Unavailable]);
        assert_eq!(service.find(&endpoints, is_required).await, url("old"));
        for (pause, asked) in [(minute, 2), (minute - second, 2), (second, 3)] {
            service.advance(pause);
            assert_eq!((service.find(&endpoints, is_required).await, service.asked()), (url("old"), asked));
        }
        // A response that is not an endpoint is no reason to go on.
        service.advance(minute);
        service.replies([Reply::Unusable, Reply::Endpoint("new", DAY)]);
        assert_eq!(service.find(&endpoints, is_required).await, Err("unusable".to_owned()));
        assert_eq!(service.find(&endpoints, is_required).await, url("new"));
    }
}

#[tokio::test]
async fn a_refresh_that_fails_is_tried_again_after_a_minute_and_no_call_notices() {
    for reply in [Reply::Unavailable, Reply::Unusable] {
        let (service, endpoints) = (Service::default(), DiscoveredEndpoints::default());
        service.replies([Reply::Endpoint("a", DAY), reply, Reply::Endpoint("b", DAY)]);
        for (hours, seconds, expect, asked) in
            [(0, 0, "a", 1), (17, 3599, "a", 1), (0, 1, "a", 2), (0, 59, "a", 2), (0, 1, "a", 3), (0, 0, "b", 3)]
        {
            service.advance(Duration::from_secs(hours * 3600 + seconds));
            assert_eq!(service.find(&endpoints, true).await, url(expect));
            settle().await;
            assert_eq!(service.asked(), asked);
        }
    }
}

#[tokio::test]
async fn only_the_endpoint_that_rejected_a_call_is_forgotten() {
    let (service, endpoints) = (Service::default(), DiscoveredEndpoints::default());
    service.replies([Reply::Endpoint("a", DAY), Reply::Endpoint("b", DAY)]);
    assert_eq!(service.find(&endpoints, true).await, url("a"));
    endpoints.forget(&key(0), "a");
    assert_eq!(service.find(&endpoints, true).await, url("b"));
    // Another call was sent to the first one, too.
    endpoints.forget(&key(0), "a");
    assert_eq!(service.find(&endpoints, true).await, url("b"));
    assert_eq!(service.asked(), 2);
}

#[tokio::test]
async fn keys_are_apart_and_bounded() {
    let (service, endpoints) = (Service::default(), DiscoveredEndpoints::default());
    service.replies([Reply::Endpoint("a", DAY); 2 * MAX_KEYS + 2]);
    for number in (0..MAX_KEYS).chain(0..MAX_KEYS) {
        endpoints.find(&key(number), &service.clock(), true, || service.ask()).await.expect("an endpoint");
    }
    assert_eq!(service.asked(), MAX_KEYS);
    for number in MAX_KEYS..2 * MAX_KEYS + 2 {
        endpoints.find(&key(number), &service.clock(), true, || service.ask()).await.expect("an endpoint");
        assert!(lock(&endpoints.0).len() <= MAX_KEYS);
    }
}

#[test]
fn without_a_runtime_an_endpoint_is_asked_for_in_place_and_used_to_its_end() {
    let (service, endpoints) = (Service::default(), DiscoveredEndpoints::default());
    service.replies([Reply::Endpoint("a", DAY), Reply::Endpoint("b", DAY)]);
    let find = || {
        let mut call = pin!(service.find(&endpoints, true));
        let mut turns = (0..100).map(|_| call.as_mut().poll(&mut Context::from_waker(Waker::noop())));
        turns.find_map(|it| if let Poll::Ready(it) = it { Some(it) } else { None }).expect("an end")
    };
    for (time, expect) in [(Duration::ZERO, "a"), (DAY - Duration::from_secs(1), "a"), (Duration::from_secs(1), "b")] {
        service.advance(time);
        assert_eq!(find(), url(expect));
    }
}
