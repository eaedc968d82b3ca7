//! Idle timeouts: how long the server may neither send nor take a byte. Time in which the caller's own data is awaited
//! does not count. Knows no HTTP.

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

use crate::{Error, Result};

/// When a peer last sent or took a byte, and whether the caller's data is awaited instead.
#[derive(Debug)]
pub(super) struct Activity {
    start: Instant,
    /// Milliseconds after `start`.
    last: AtomicU64,
    awaits_caller: AtomicBool,
    is_sending: AtomicBool,
}

impl Activity {
    pub(super) fn start() -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            last: AtomicU64::new(0),
            awaits_caller: AtomicBool::new(false),
            is_sending: AtomicBool::new(false),
        })
    }

    /// Records that a byte was sent or taken now.
    pub(super) fn record(&self) {
        self.last.store(self.start.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// Sets whether the exchange cannot go on before the caller's request body has its next bytes.
    pub(super) fn set_awaits_caller(&self, awaits: bool) {
        // The server is not charged for the time before.
        if self.awaits_caller.swap(awaits, Ordering::Relaxed) && !awaits {
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

/// Awaits `future`. Returns `None` if it is not ready when the server has been idle for `limit`.
pub(super) async fn with_idle_timeout<F: Future>(
    future: F,
    limit: Option<Duration>,
    activity: &Activity,
) -> Option<F::Output> {
    let Some(limit) = limit else { return Some(future.await) };
    let mut future = pin!(future);
    let mut sleep = pin!(tokio::time::sleep(limit));
    std::future::poll_fn(|cx| {
        if let Poll::Ready(done) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(done));
        }
        loop {
            ready!(sleep.as_mut().poll(cx));
            match activity.idle_at(limit) {
                next if next > sleep.deadline() => sleep.as_mut().reset(next),
                _ => return Poll::Ready(None),
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
        if matches!(written, Poll::Ready(Ok(1..))) {
            self.activity.record();
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

/// A response body that fails when the server is idle for `limit` while its next chunk is awaited.
pub(super) struct ReadTimeoutBody<S> {
    stream: S,
    limit: Duration,
    /// That of the connection; recorded here too, where a connection serves several exchanges.
    activity: Arc<Activity>,
    /// Ends the stream, and builds the error.
    time_out: fn(&mut S, Duration) -> Error,
    sleep: Option<Pin<Box<Sleep>>>,
    is_armed: bool,
}

impl<S> ReadTimeoutBody<S> {
    pub(super) fn new(
        stream: S,
        limit: Duration,
        activity: Arc<Activity>,
        time_out: fn(&mut S, Duration) -> Error,
    ) -> Self {
        Self { stream, limit, activity, time_out, sleep: None, is_armed: false }
    }
}

impl<S: Stream<Item = Result<Bytes>> + Unpin> Stream for ReadTimeoutBody<S> {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Poll::Ready(chunk) = Pin::new(&mut this.stream).poll_next(cx) {
            this.is_armed = false;
            return Poll::Ready(chunk);
        }
        // The timer is created or reset only when there is something to wait for.
        let sleep = this.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(this.limit)));
        if !this.is_armed {
            // The server is not charged for the time that the caller took before it asked for this chunk.
            sleep.as_mut().reset(Instant::now() + this.limit);
            this.is_armed = true;
        }
        loop {
            ready!(sleep.as_mut().poll(cx));
            match this.activity.idle_at(this.limit) {
                next if next > sleep.deadline() => sleep.as_mut().reset(next),
                _ => return Poll::Ready(Some(Err((this.time_out)(&mut this.stream, this.limit)))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::types::ByteStream;

    const LIMIT: Duration = Duration::from_secs(60);

    fn time_out(_: &mut Slow, limit: Duration) -> Error {
        Error::new(ErrorKind::Timeout, format!("{limit:?}"))
    }

    async fn pause(seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn idle_futures_time_out() {
        let check = async |seconds: u64, limit: Option<Duration>, expect: Option<()>| {
            assert_eq!(with_idle_timeout(pause(seconds), limit, &Activity::start()).await, expect);
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
            let timed_out = with_idle_timeout(exchange, Some(LIMIT), &activity).await.is_none();
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
        let done = with_idle_timeout(exchange, Some(LIMIT), &activity).await;
        assert_eq!(done, Some(()), "eight minutes, but never idle for long");
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
            let body = ByteStream::received(ReadTimeoutBody::new(slow, LIMIT, Activity::start(), time_out), None);
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
}
