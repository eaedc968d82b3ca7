//! Idle timeouts and the lowest speed: how long the server may neither send nor take a byte, and how slow it may be. Time in
//! which the caller's own data is awaited does not count. Knows no HTTP.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::throughput::Budget;
use crate::config::MinThroughput;
use crate::sync::lock;
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
    /// How long the caller's data was awaited, in microseconds. While it is awaited, [`AWAITED`] and the time after `start`
    /// that it was not: one value, so that no check counts a pause twice. Changed by the body only.
    awaited_caller: AtomicU64,
    is_sending: AtomicBool,
    /// The bytes that the peer took so far.
    sent: AtomicU64,
}

const AWAITED: u64 = 1 << 63;

impl Activity {
    pub(super) fn start() -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            last: AtomicU64::new(0),
            awaited_caller: AtomicU64::new(0),
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
        let before = self.awaited_caller.load(Ordering::Relaxed);
        match (awaits, before & AWAITED != 0) {
            (true, false) => {
                self.awaited_caller.store(AWAITED | self.micros().saturating_sub(before), Ordering::Relaxed);
            }
            (false, true) => {
                // The server is not charged for the time before; first, so that no check sees the end of the pause alone.
                self.record();
                self.awaited_caller.store(self.micros().saturating_sub(before & !AWAITED), Ordering::Release);
            }
            _ => {}
        }
    }

    /// How long the caller's data was awaited so far.
    fn awaited_caller(&self) -> Duration {
        let awaited = self.awaited_caller.load(Ordering::Relaxed);
        Duration::from_micros(match awaited & AWAITED {
            0 => awaited,
            _ => self.micros().saturating_sub(awaited & !AWAITED),
        })
    }

    fn micros(&self) -> u64 {
        self.start.elapsed().as_micros() as u64
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
        match self.awaited_caller.load(Ordering::Acquire) & AWAITED {
            0 => self.start + Duration::from_millis(self.last.load(Ordering::Relaxed)) + limit,
            _ => Instant::now() + limit,
        }
    }
}

/// The speed of a request body that is being sent.
struct Pace {
    budget: Budget,
    checked: Instant,
    sent: u64,
    /// How long the caller's data was awaited until `checked`.
    awaited_caller: Duration,
}

impl Pace {
    fn start(limit: Option<MinThroughput>, activity: &Activity) -> Option<Self> {
        let (sent, awaited_caller) = (activity.sent.load(Ordering::Relaxed), activity.awaited_caller());
        Budget::new(limit).map(|budget| Self { budget, checked: Instant::now(), sent, awaited_caller })
    }

    fn next_check(&self) -> Instant {
        self.checked + self.budget.limit().grace / CHECKS_PER_GRACE
    }

    /// Whether the body is fast enough. Only time in which nothing but the server was awaited counts. In the other time the
    /// server catches up: it takes what the system holds for it.
    fn check(&mut self, activity: &Activity, now: Instant) -> bool {
        let (sent, awaited_caller) = (activity.sent.load(Ordering::Relaxed), activity.awaited_caller());
        let (time, bytes) = (now - self.checked, sent.saturating_sub(self.sent));
        let pause = awaited_caller.saturating_sub(self.awaited_caller).min(time);
        (self.checked, self.sent, self.awaited_caller) = (now, sent, awaited_caller);
        if !activity.is_sending() {
            self.budget.reset();
            return true;
        }
        self.budget.refill(pause);
        self.budget.spend(time - pause, bytes)
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
    /// Since when the next chunk is awaited, without the time in which it was there and the reader was not.
    awaited_since: Option<Instant>,
    /// When the next chunk was there; only with a budget, and once one was awaited.
    arrival: Option<Arc<Arrival>>,
}

/// When a stream woke its reader, who may come later: the reader waits for something else beside it.
#[derive(Default)]
struct Arrival(Mutex<Wakeup>);

#[derive(Default)]
struct Wakeup {
    at: Option<Instant>,
    reader: Option<Waker>,
}

impl Wake for Arrival {
    fn wake(self: Arc<Self>) {
        let reader = {
            let mut wakeup = lock(&self.0);
            wakeup.at.get_or_insert_with(Instant::now);
            wakeup.reader.take()
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

impl Arrival {
    /// Registers the reader, which polls now. Returns when it was woken.
    fn register(&self, reader: &Waker) -> Option<Instant> {
        let mut wakeup = lock(&self.0);
        match &mut wakeup.reader {
            Some(known) => known.clone_from(reader),
            unknown => *unknown = Some(reader.clone()),
        }
        wakeup.at.take()
    }
}

impl<S> LimitedBody<S> {
    pub(super) fn new(stream: S, limits: Limits, activity: Arc<Activity>, end: fn(&mut S, Expired) -> Error) -> Self {
        let (idle, budget) = (limits.idle, Budget::new(limits.throughput));
        Self { stream, idle, budget, activity, end, sleep: None, awaited_since: None, arrival: None }
    }

    /// When a limit expires if no byte arrives until then, and which.
    fn expires(&self, since: Instant) -> Option<(Instant, Expired)> {
        // The server is not charged for the time that the caller took before it asked for this chunk.
        let idle = self.idle.map(|it| (self.activity.idle_at(it).max(since + it), Expired::Idle(it)));
        let slow = self.budget.as_ref().map(|it| (since + it.left(), Expired::TooSlow(it.limit())));
        idle.into_iter().chain(slow).min_by_key(|it| it.0)
    }
}

impl<S: Stream<Item = Result<Bytes>> + Unpin> LimitedBody<S> {
    /// Polls the stream. With a budget, the reader is not charged for the time since the stream woke it.
    fn poll_stream(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        if self.budget.is_none() {
            return Pin::new(&mut self.stream).poll_next(cx);
        }
        let arrival = self.arrival.get_or_insert_default();
        if let (Some(woken), Some(since)) = (arrival.register(cx.waker()), &mut self.awaited_since) {
            *since += woken.elapsed();
        }
        let waker = Waker::from(Arc::clone(arrival));
        Pin::new(&mut self.stream).poll_next(&mut Context::from_waker(&waker))
    }
}

impl<S: Stream<Item = Result<Bytes>> + Unpin> Stream for LimitedBody<S> {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Poll::Ready(chunk) = this.poll_stream(cx) {
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
#[path = "idle_timeout_tests.rs"]
mod tests;
