//! Tests of idle timeouts and the lowest speed, with tokio's paused clock.

use super::*;
use crate::ErrorKind;
use crate::types::ByteStream;

const LIMIT: Duration = Duration::from_secs(60);

fn idle(limit: Option<Duration>) -> Limits {
    Limits { idle: limit, throughput: None }
}

fn end(_: &mut Slow, expired: Expired) -> Error {
    Error::new(ErrorKind::Timeout, format!("{expired:?}"))
}

async fn pause(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn idle_futures_time_out() {
    let check = async |seconds: u64, limit: Option<Duration>, expect: Option<()>| {
        assert_eq!(with_limits(pause(seconds), idle(limit), &Activity::start()).await.ok(), expect);
    };
    check(59, Some(LIMIT), Some(())).await;
    check(61, Some(LIMIT), None).await;
    check(61, None, Some(())).await;
}

#[tokio::test(start_paused = true)]
async fn only_idle_time_counts() {
    #[derive(Clone, Copy)]
    enum Step {
        Idle(u64),
        Byte,
        Caller(u64),
    }
    use Step::{Byte, Caller, Idle};
    let check = async |steps: &[Step], expect: Option<u64>| {
        let activity = Activity::start();
        let start = Instant::now();
        let exchange = async {
            for step in steps {
                match *step {
                    Idle(seconds) => pause(seconds).await,
                    Byte => activity.record(),
                    Caller(seconds) => {
                        activity.set_awaits_caller(true);
                        pause(seconds).await;
                        activity.set_awaits_caller(false);
                    }
                }
            }
        };
        let timed_out = with_limits(exchange, idle(Some(LIMIT)), &activity).await.is_err();
        assert_eq!(timed_out.then(|| start.elapsed().as_secs()), expect);
    };
    check(&[Idle(59), Byte, Idle(59), Byte, Idle(59)], None).await;
    check(&[Idle(30), Byte, Idle(61)], Some(90)).await;
    check(&[Idle(59), Caller(500), Idle(59)], None).await;
    check(&[Caller(500), Idle(61)], Some(560)).await;
    check(&[Idle(59), Idle(2), Caller(500)], Some(60)).await;
}

#[tokio::test(start_paused = true)]
async fn every_byte_of_a_connection_is_recorded() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (mut server, client) = tokio::io::duplex(1);
    let activity = Activity::start();
    let mut client = RecordingIo::new(client, Arc::clone(&activity));
    let exchange = async {
        client.write_all(b"12345").await.unwrap();
        let mut response = [0; 3];
        client.read_exact(&mut response).await.unwrap();
    };
    tokio::spawn(async move {
        for _ in 0..5 {
            pause(59).await;
            server.read_u8().await.unwrap();
        }
        for _ in 0..3 {
            server.write_u8(0).await.unwrap();
            pause(59).await;
        }
    });
    let done = with_limits(exchange, idle(Some(LIMIT)), &activity).await;
    assert_eq!((done, activity.sent.load(Ordering::Relaxed)), (Ok(()), 5), "eight minutes, but never idle for long");
}

struct Slow(std::collections::VecDeque<u64>, Option<Pin<Box<Sleep>>>);

impl Stream for Slow {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.1.is_none() {
            let Some(seconds) = self.0.pop_front() else { return Poll::Ready(None) };
            self.1 = Some(Box::pin(tokio::time::sleep(Duration::from_secs(seconds))));
        }
        if let Some(sleep) = &mut self.1 {
            ready!(sleep.as_mut().poll(cx));
        }
        self.1 = None;
        Poll::Ready(Some(Ok(Bytes::from_static(b"x"))))
    }
}

#[tokio::test(start_paused = true)]
async fn late_chunks_time_out() {
    async fn check(pauses: &[u64], expect: Option<u64>) {
        let start = Instant::now();
        let slow = Slow(pauses.iter().copied().collect(), None);
        let body = ByteStream::received(LimitedBody::new(slow, idle(Some(LIMIT)), Activity::start(), end), None);
        match body.collect().await {
            Ok(all) => assert!(expect.is_none() && all.len() == pauses.len()),
            Err(e) => {
                assert_eq!(e.kind(), ErrorKind::Timeout);
                assert_eq!(expect, Some(start.elapsed().as_secs()), "{pauses:?}");
            }
        }
    }
    check(&[], None).await;
    check(&[59, 0, 59, 59, 0, 0, 1], None).await;
    check(&[61], Some(60)).await;
    check(&[59, 59, 3600], Some(178)).await;
}

const SPEED: MinThroughput = MinThroughput::new(10, Duration::from_secs(20));

#[tokio::test(start_paused = true)]
async fn a_request_body_that_the_server_takes_too_slowly_fails() {
    #[derive(Clone, Copy)]
    enum Step {
        /// Seconds, and the bytes taken in each.
        Take(u64, usize),
        Caller(u64),
        /// The body was sent, and its response is awaited.
        Sent(u64),
    }
    use Step::{Caller, Sent, Take};
    let check = async |steps: &[Step], expect: Option<u64>| {
        let (activity, start) = (Activity::start(), Instant::now());
        activity.set_sending(true);
        let exchange = async {
            for step in steps {
                match *step {
                    Take(seconds, bytes) => {
                        for _ in 0..seconds {
                            pause(1).await;
                            activity.record_sent(bytes);
                        }
                    }
                    Caller(seconds) => {
                        activity.set_awaits_caller(true);
                        pause(seconds).await;
                        activity.set_awaits_caller(false);
                    }
                    Sent(seconds) => {
                        activity.set_sending(false);
                        pause(seconds).await;
                    }
                }
            }
        };
        let limits = Limits { idle: None, throughput: Some(SPEED) };
        let failed = with_limits(exchange, limits, &activity).await.map_err(|it| (it, start.elapsed().as_secs()));
        assert_eq!(failed, expect.map_or(Ok(()), |it| Err((Expired::TooSlow(SPEED), it))));
    };
    check(&[Take(1000, 10)], None).await;
    check(&[Take(1000, 0)], Some(20)).await;
    check(&[Take(1000, 5)], Some(40)).await;
    check(&[Take(100, 1000), Take(1000, 0)], Some(120)).await;
    check(&[Take(1000, 9), Take(1000, 9)], Some(200)).await;
    check(&[Take(14, 0), Caller(1000), Take(14, 0)], None).await;
    check(&[Caller(1000), Take(1000, 0)], Some(1020)).await;
    // A caller who is not ready for a moment gives the server no more than this moment.
    check(&[Take(14, 0), Caller(2), Take(1000, 0)], Some(25)).await;
    check(&[Take(4, 0), Caller(1)].repeat(100), Some(35)).await;
    check(&[Take(1, 4), Caller(1)].repeat(500), None).await;
    check(&[Take(9, 5), Caller(1)].repeat(500), Some(55)).await;
    check(&[Take(1, 10), Caller(100)].repeat(100), None).await;
    check(&[Take(10, 0), Sent(1000)], None).await;
}

#[tokio::test(start_paused = true)]
async fn a_response_body_that_arrives_too_slowly_fails_and_the_reader_has_time() {
    async fn check(pauses: &[u64], reader: u64, expect: Option<u64>) {
        let speed = MinThroughput::new(1, Duration::from_secs(20));
        let (start, slow) = (Instant::now(), Slow(pauses.iter().copied().collect(), None));
        let limits = Limits { idle: Some(LIMIT), throughput: Some(speed) };
        let mut body = LimitedBody::new(slow, limits, Activity::start(), end);
        let mut failed = None;
        while let Some(chunk) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_next(cx)).await {
            if let Err(error) = chunk {
                assert_eq!(error.message(), format!("{:?}", Expired::TooSlow(speed)));
                failed = Some(start.elapsed().as_secs());
                break;
            }
            pause(reader).await;
        }
        assert_eq!(failed, expect, "{pauses:?}");
    }
    // Each chunk is a byte, which is worth a second.
    check(&[1; 1000], 0, None).await;
    check(&[1; 1000], 3600, None).await;
    check(&[2; 1000], 0, Some(40 - 1)).await;
    check(&[19, 1, 1], 0, None).await;
    check(&[21], 0, Some(20)).await;
    check(&[10, 12], 0, Some(21)).await;
    check(&[0, 0, 0, 21], 5, Some(15 + 20)).await;
}

/// A reader that asks for a chunk, does something else for some time, and then waits for it.
#[tokio::test(start_paused = true)]
async fn a_reader_that_is_busy_while_a_chunk_arrives_is_no_slow_server() {
    async fn check(pauses: &[u64], busy: u64, expect: Option<u64>) {
        let speed = MinThroughput::new(1, Duration::from_secs(20));
        let (start, slow) = (Instant::now(), Slow(pauses.iter().copied().collect(), None));
        let limits = Limits { idle: None, throughput: Some(speed) };
        let mut body = LimitedBody::new(slow, limits, Activity::start(), end);
        let mut next = async |time: u64| {
            let next = std::future::poll_fn(|cx| Pin::new(&mut body).poll_next(cx));
            tokio::time::timeout(Duration::from_secs(time), next).await
        };
        let failed = loop {
            let chunk = match next(0).await {
                Ok(chunk) => chunk,
                Err(_) => {
                    pause(busy).await;
                    next(10_000).await.expect("a chunk or the limit")
                }
            };
            match chunk {
                Some(Ok(_)) => {}
                Some(Err(_)) => break Some(start.elapsed().as_secs()),
                None => break None,
            }
        };
        assert_eq!(failed, expect, "{:?}, {busy}", &pauses[..2]);
    }
    check(&[1; 1000], 3600, None).await;
    check(&[2; 15], 3600, None).await;
    // A server that sends nothing is slow, whatever the reader does.
    check(&[1, 1000], 10, Some(10 + 20)).await;
    check(&[1, 1000], 30, Some(30 + 30)).await;
    check(&[2; 1000], 3, Some(20 * 3)).await;
}

#[tokio::test(start_paused = true)]
async fn of_two_limits_the_first_one_ends_an_exchange() {
    let limits = |idle, grace| Limits {
        idle: Some(Duration::from_secs(idle)),
        throughput: Some(MinThroughput::new(1, Duration::from_secs(grace))),
    };
    let check = async |limits: Limits, expect: Expired| {
        let activity = Activity::start();
        activity.set_sending(true);
        assert_eq!(with_limits(pause(1000), limits, &activity).await, Err(expect));
        let slow = Slow([1000].into(), None);
        let mut body = LimitedBody::new(slow, limits, Activity::start(), end);
        let chunk = std::future::poll_fn(|cx| Pin::new(&mut body).poll_next(cx)).await;
        assert_eq!(chunk.expect("an error").unwrap_err().message(), format!("{expect:?}"));
    };
    check(limits(10, 60), Expired::Idle(Duration::from_secs(10))).await;
    check(limits(60, 10), Expired::TooSlow(MinThroughput::new(1, Duration::from_secs(10)))).await;
}
