//! Idle timeouts: how long neither side may send or receive a byte. Knows no HTTP client.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::time::{Instant, Sleep};

use crate::types::ByteStream;
use crate::{Error, Result};

/// The size of the pieces that a long body in memory is sent in, so that progress can be observed. Our choice: small
/// enough that a slow connection sends one within any sensible timeout.
const PIECE: usize = 256 * 1024;

/// When a piece of the request body was last sent.
#[derive(Debug)]
pub(super) struct UploadActivity {
    start: Instant,
    /// Milliseconds after `start`.
    last: AtomicU64,
}

impl UploadActivity {
    pub(super) fn start() -> Arc<Self> {
        Arc::new(Self { start: Instant::now(), last: AtomicU64::new(0) })
    }

    fn record(&self) {
        self.last.store(self.start.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    fn last(&self) -> Instant {
        self.start + Duration::from_millis(self.last.load(Ordering::Relaxed))
    }
}

/// Wraps a request body so that `activity` records each piece that the connection takes.
pub(super) fn with_activity(body: ByteStream, activity: Arc<UploadActivity>) -> ByteStream {
    let len = body.len();
    let pieces = ByteStream::from_stream(Pieces { body, rest: Bytes::new(), activity });
    match len {
        Some(len) => pieces.with_inner_len(len),
        None => pieces,
    }
}

struct Pieces {
    body: ByteStream,
    rest: Bytes,
    activity: Arc<UploadActivity>,
}

impl Stream for Pieces {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        this.activity.record();
        if this.rest.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_next(cx)) {
                Some(Ok(chunk)) => this.rest = chunk,
                end => return Poll::Ready(end),
            }
            // The server is not charged for the time that the caller's data took.
            this.activity.record();
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE));
        Poll::Ready(Some(Ok(piece)))
    }
}

/// Awaits `future`. Returns `None` if it is not ready after `limit`, counted from the last recorded `activity`.
pub(super) async fn with_idle_timeout<F: Future>(
    future: F,
    limit: Option<Duration>,
    activity: Option<Arc<UploadActivity>>,
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
            match activity.as_ref().map(|activity| activity.last() + limit) {
                Some(next) if next > sleep.deadline() => sleep.as_mut().reset(next),
                _ => return Poll::Ready(None),
            }
        }
    })
    .await
}

/// A response body that fails with `timeout_error` when its next chunk does not arrive within `limit`.
pub(super) struct ReadTimeoutBody<S> {
    stream: S,
    limit: Duration,
    /// Builds the error from the host and the limit.
    timeout_error: fn(&str, Duration) -> Error,
    host: Box<str>,
    sleep: Option<Pin<Box<Sleep>>>,
    is_armed: bool,
}

impl<S> ReadTimeoutBody<S> {
    pub(super) fn new(stream: S, limit: Duration, host: &str, timeout_error: fn(&str, Duration) -> Error) -> Self {
        Self { stream, limit, timeout_error, host: host.into(), sleep: None, is_armed: false }
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
            sleep.as_mut().reset(Instant::now() + this.limit);
            this.is_armed = true;
        }
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(Some(Err((this.timeout_error)(&this.host, this.limit))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    const LIMIT: Duration = Duration::from_secs(60);

    fn timeout_error(host: &str, limit: Duration) -> Error {
        Error::new(ErrorKind::Timeout, format!("{host} {limit:?}"))
    }

    async fn pause(seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn idle_futures_time_out() {
        assert_eq!(with_idle_timeout(pause(59), Some(LIMIT), None).await, Some(()));
        assert_eq!(with_idle_timeout(pause(61), Some(LIMIT), None).await, None);
        assert_eq!(with_idle_timeout(pause(61), None, None).await, Some(()));
    }

    #[tokio::test(start_paused = true)]
    async fn upload_activity_postpones_the_timeout() {
        let activity = UploadActivity::start();
        let mut body = with_activity(vec![7; PIECE * 5].into(), Arc::clone(&activity));
        assert_eq!(body.len(), Some(PIECE as u64 * 5));
        let upload = async {
            while let Some(piece) = body.try_next().await.unwrap() {
                assert_eq!(piece.len(), PIECE);
                pause(50).await;
            }
            pause(59).await;
        };
        let done = with_idle_timeout(upload, Some(LIMIT), Some(activity)).await;
        assert_eq!(done, Some(()), "five minutes, but never idle");
        let activity = UploadActivity::start();
        let mut body = with_activity(vec![7; PIECE * 5].into(), Arc::clone(&activity));
        let start = Instant::now();
        let stuck = async {
            body.next().await;
            pause(30).await;
            body.next().await;
            pause(1000).await;
        };
        assert_eq!(with_idle_timeout(stuck, Some(LIMIT), Some(activity)).await, None);
        assert_eq!(start.elapsed().as_secs(), 90);
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
            let body = ByteStream::received(ReadTimeoutBody::new(slow, LIMIT, "h", timeout_error), None);
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
