//! Idle timeouts and the lowest speed: how long the server may neither send nor take a byte, and how slow it may be. Time in
//! which the caller's own data is awaited does not count. Knows no HTTP.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::throughput::Budget;
use crate::config::MinThroughput;
use crate::{Error, Result};

/// How often the speed of a request body is checked: in this part of the grace, as 1/4. Our choice: a body that stops is
/// noticed after the grace and a quarter of it at most.
const CHECKS_PER_GRACE: u32 = 4;

/// What of an exchange is limited; `None` is no limit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limits {
    /// How long the server may be idle.
    pub(super) idle: Option<Duration>,
    /// How slow a body may be.
    pub(super) throughput: Option<MinThroughput>,
}

/// The limit at which an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Expired {
    Idle(Duration),
    TooSlow(MinThroughput),
}

/// When a peer last sent or took a byte, and whether the caller's data is awaited instead.
#[derive(Debug)]
pub(super) struct Activity {
    start: Instant,
    /// Milliseconds after `start`.
    last: AtomicU64,
    awaits_caller: AtomicBool,
    /// Whether the caller's data was awaited since this was last asked.
    awaited_caller: AtomicBool,
    is_sending: AtomicBool,
    /// The bytes that the peer took so far.
    sent: AtomicU64,
}

impl Activity {
    pub(super) fn start() -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            last: AtomicU64::new(0),
            awaits_caller: AtomicBool::new(false),
            awaited_caller: AtomicBool::new(false),
            is_sending: AtomicBool::new(false),
            sent: AtomicU64::new(0),
        })
    }

    /// Records that a byte was sent or taken now.
    pub(super) fn record(&self) {
        self.last.store(self.start.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// Records that the peer took bytes.
    pub(super) fn record_sent(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Sets whether the exchange cannot go on before the caller's request body has its next bytes.
    pub(super) fn set_awaits_caller(&self, awaits: bool) {
        let was_awaiting = self.awaits_caller.swap(awaits, Ordering::Relaxed);
        if awaits || was_awaiting {
            self.awaited_caller.store(true, Ordering::Relaxed);
        }
        // The server is not charged for the time before.
        if was_awaiting && !awaits {
            self.record();
        }
    }

    /// Sets whether there is a request body that is read while it is sent.
    pub(super) fn set_sending(&self, is_sending: bool) {
        self.is_sending.store(is_sending, Ordering::Release);
    }

    pub(super) fn is_sending(&self) -> bool {
        self.is_sending.load(Ordering::Acquire)
    }

    /// When the peer has been idle for `limit`, as far as it is known now.
    fn idle_at(&self, limit: Duration) -> Instant {
        match self.awaits_caller.load(Ordering::Relaxed) {
            true => Instant::now() + limit,
            false => self.start + Duration::from_millis(self.last.load(Ordering::Relaxed)) + limit,
        }
    }
}

/// The speed of a request body that is being sent.
struct Pace {
    budget: Budget,
    checked: Instant,
    sent: u64,
}

impl Pace {
    fn start(limit: Option<MinThroughput>, activity: &Activity) -> Option<Self> {
        let sent = activity.sent.load(Ordering::Relaxed);
        Budget::new(limit).map(|budget| Self { budget, checked: Instant::now(), sent })
    }

    fn next_check(&self) -> Instant {
        self.checked + self.budget.limit().grace / CHECKS_PER_GRACE
    }

    /// Whether the body is fast enough. Only time in which nothing but the server was awaited counts.
    fn check(&mut self, activity: &Activity, now: Instant) -> bool {
        let sent = activity.sent.load(Ordering::Relaxed);
        let awaited_caller = activity.awaited_caller.swap(false, Ordering::Relaxed);
        let (time, bytes) = (now - self.checked, sent.saturating_sub(self.sent));
        (self.checked, self.sent) = (now, sent);
        if !activity.is_sending() || awaited_caller || activity.awaits_caller.load(Ordering::Relaxed) {
            self.budget.reset();
            return true;
        }
        self.budget.spend(time, bytes)
    }
}

/// Awaits `future`, unless the server is idle for too long before, or takes a body too slowly.
pub(super) async fn with_limits<F: Future>(
    future: F,
    limits: Limits,
    activity: &Activity,
) -> Result<F::Output, Expired> {
    let mut pace = Pace::start(limits.throughput, activity);
    let first = [limits.idle.map(|it| Instant::now() + it), pace.as_ref().map(Pace::next_check)];
    let Some(first) = first.into_iter().flatten().min() else { return Ok(future.await) };
    let mut future = pin!(future);
    let mut sleep = pin!(tokio::time::sleep_until(first));
    std::future::poll_fn(|cx| {
        if let Poll::Ready(done) = future.as_mut().poll(cx) {
            return Poll::Ready(Ok(done));
        }
        loop {
            ready!(sleep.as_mut().poll(cx));
            let now = Instant::now();
            let idle_at = limits.idle.map(|limit| (activity.idle_at(limit), limit));
            if let Some((_, limit)) = idle_at.filter(|it| it.0 <= sleep.deadline()) {
                return Poll::Ready(Err(Expired::Idle(limit)));
            }
            if let Some(pace) = pace.as_mut().filter(|it| it.next_check() <= now)
                && !pace.check(activity, now)
            {
                return Poll::Ready(Err(Expired::TooSlow(pace.budget.limit())));
            }
            let next = [idle_at.map(|it| it.0), pace.as_ref().map(Pace::next_check)];
            if let Some(next) = next.into_iter().flatten().min() {
                sleep.as_mut().reset(next);
            }
        }
    })
    .await
}

/// A connection that records when bytes pass.
pub(super) struct RecordingIo<C> {
    connection: C,
    activity: Arc<Activity>,
}

impl<C> RecordingIo<C> {
    pub(super) fn new(connection: C, activity: Arc<Activity>) -> Self {
        Self { connection, activity }
    }

    fn record_write(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes @ 1..)) = written {
            self.activity.record();
            self.activity.record_sent(bytes);
        }
        written
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for RecordingIo<C> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.connection).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.activity.record();
        }
        read
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for RecordingIo<C> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.connection).poll_write(cx, buf);
        self.record_write(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.connection).poll_write_vectored(cx, bufs);
        self.record_write(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(cx)
    }
}

/// A response body that fails when the server is idle for too long while its next chunk is awaited, or sends too slowly.
pub(super) struct LimitedBody<S> {
    stream: S,
    idle: Option<Duration>,
    budget: Option<Budget>,
    /// That of the connection; recorded here too, where a connection serves several exchanges.
    activity: Arc<Activity>,
    /// Ends the stream, and builds the error.
    end: fn(&mut S, Expired) -> Error,
    sleep: Option<Pin<Box<Sleep>>>,
    /// Since when the next chunk is awaited.
    awaited_since: Option<Instant>,
}

impl<S> LimitedBody<S> {
    pub(super) fn new(stream: S, limits: Limits, activity: Arc<Activity>, end: fn(&mut S, Expired) -> Error) -> Self {
        let (idle, budget) = (limits.idle, Budget::new(limits.throughput));
        Self { stream, idle, budget, activity, end, sleep: None, awaited_since: None }
    }

    /// When a limit expires if no byte arrives until then, and which.
    fn expires(&self, since: Instant) -> Option<(Instant, Expired)> {
        // The server is not charged for the time that the caller took before it asked for this chunk.
        let idle = self.idle.map(|it| (self.activity.idle_at(it).max(since + it), Expired::Idle(it)));
        let slow = self.budget.as_ref().map(|it| (since + it.left(), Expired::TooSlow(it.limit())));
        idle.into_iter().chain(slow).min_by_key(|it| it.0)
    }
}

impl<S: Stream<Item = Result<Bytes>> + Unpin> Stream for LimitedBody<S> {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Poll::Ready(chunk) = Pin::new(&mut this.stream).poll_next(cx) {
            let since = this.awaited_since.take();
            if let (Some(budget), Some(Ok(chunk))) = (&mut this.budget, &chunk) {
                budget.spend(since.map_or(Duration::ZERO, |it| it.elapsed()), chunk.len() as u64);
            }
            return Poll::Ready(chunk);
        }
        // The timer is created or reset only when there is something to wait for.
        let is_first = this.awaited_since.is_none();
        let since = *this.awaited_since.get_or_insert_with(Instant::now);
        let Some((first, _)) = this.expires(since) else { return Poll::Pending };
        let mut sleep = this.sleep.take().unwrap_or_else(|| Box::pin(tokio::time::sleep_until(first)));
        if is_first {
            sleep.as_mut().reset(first);
        }
        let expired = loop {
            if sleep.as_mut().poll(cx).is_pending() {
                break None;
            }
            match this.expires(since) {
                Some((next, _)) if next > sleep.deadline() => sleep.as_mut().reset(next),
                expired => break expired,
            }
        };
        this.sleep = Some(sleep);
        let Some((_, expired)) = expired else { return Poll::Pending };
        Poll::Ready(Some(Err((this.end)(&mut this.stream, expired))))
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(
            (done, activity.sent.load(Ordering::Relaxed)),
            (Ok(()), 5),
            "eight minutes, but never idle for long"
        );
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
        check(&[Take(14, 0), Caller(1000), Take(14, 0), Caller(1), Take(14, 0)], None).await;
        check(&[Caller(1000), Take(1000, 0)], Some(1020)).await;
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
}
