//! Limits on standstill: the time in which neither side moves a byte. Knows no HTTP client.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::time::{Instant, Sleep};

use crate::value::ByteStream;
use crate::{Error, Result};

/// How large the pieces are in which a long body from memory is given out, so that its progress shows.
const PIECE: usize = 256 * 1024;

/// When the body to send last moved.
#[derive(Debug)]
pub(super) struct Pulse {
    start: Instant,
    /// Milliseconds after `start`.
    last: AtomicU64,
}

impl Pulse {
    pub(super) fn start() -> Arc<Self> {
        Arc::new(Self { start: Instant::now(), last: AtomicU64::new(0) })
    }

    fn beat(&self) {
        self.last.store(self.start.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    fn last(&self) -> Instant {
        self.start + Duration::from_millis(self.last.load(Ordering::Relaxed))
    }
}

/// A body to send that beats `pulse` whenever the connection takes a piece.
pub(super) fn watched(body: ByteStream, pulse: Arc<Pulse>) -> ByteStream {
    let len = body.len();
    let pieces = ByteStream::from_stream(Pieces { body, rest: Bytes::new(), pulse });
    match len {
        Some(len) => pieces.with_len(len),
        None => pieces,
    }
}

struct Pieces {
    body: ByteStream,
    rest: Bytes,
    pulse: Arc<Pulse>,
}

impl Stream for Pieces {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        this.pulse.beat();
        if this.rest.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_next(cx)) {
                Some(Ok(chunk)) => this.rest = chunk,
                end => return Poll::Ready(end),
            }
            // Time spent on waiting for the caller's data is not the server's.
            this.pulse.beat();
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE));
        Poll::Ready(Some(Ok(piece)))
    }
}

/// `future`, unless nothing moves for `limit`: then `None`.
pub(super) async fn within<F: Future>(
    future: F,
    limit: Option<Duration>,
    pulse: Option<Arc<Pulse>>,
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
            match pulse.as_ref().map(|pulse| pulse.last() + limit) {
                Some(next) if next > sleep.deadline() => sleep.as_mut().reset(next),
                _ => return Poll::Ready(None),
            }
        }
    })
    .await
}

/// A received body that fails with `late` when its next chunk does not come within `limit`.
pub(super) struct Punctual<S> {
    stream: S,
    limit: Duration,
    late: fn(&str, Duration) -> Error,
    host: Box<str>,
    sleep: Option<Pin<Box<Sleep>>>,
    armed: bool,
}

impl<S> Punctual<S> {
    pub(super) fn new(stream: S, limit: Duration, host: &str, late: fn(&str, Duration) -> Error) -> Self {
        Self { stream, limit, late, host: host.into(), sleep: None, armed: false }
    }
}

impl<S: Stream<Item = Result<Bytes>> + Unpin> Stream for Punctual<S> {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Poll::Ready(chunk) = Pin::new(&mut this.stream).poll_next(cx) {
            this.armed = false;
            return Poll::Ready(chunk);
        }
        // The timer is made, or set again, only when there is something to wait for.
        let sleep = this.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(this.limit)));
        if !this.armed {
            sleep.as_mut().reset(Instant::now() + this.limit);
            this.armed = true;
        }
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(Some(Err((this.late)(&this.host, this.limit))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    const LIMIT: Duration = Duration::from_secs(60);

    fn late(host: &str, limit: Duration) -> Error {
        Error::new(ErrorKind::Timeout, format!("{host} {limit:?}"))
    }

    async fn after(seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn standstill_is_limited() {
        assert_eq!(within(after(59), Some(LIMIT), None).await, Some(()));
        assert_eq!(within(after(61), Some(LIMIT), None).await, None);
        assert_eq!(within(after(61), None, None).await, Some(()));
    }

    #[tokio::test(start_paused = true)]
    async fn progress_of_the_upload_puts_the_limit_off() {
        let pulse = Pulse::start();
        let mut body = watched(vec![7; PIECE * 5].into(), Arc::clone(&pulse));
        assert_eq!(body.len(), Some(PIECE as u64 * 5));
        let upload = async {
            while let Some(piece) = body.try_next().await.unwrap() {
                assert_eq!(piece.len(), PIECE);
                after(50).await;
            }
            after(59).await;
        };
        let done = within(upload, Some(LIMIT), Some(pulse)).await;
        assert_eq!(done, Some(()), "five minutes, but never a standstill");
        let pulse = Pulse::start();
        let mut body = watched(vec![7; PIECE * 5].into(), Arc::clone(&pulse));
        let start = Instant::now();
        let stuck = async {
            body.next().await;
            after(30).await;
            body.next().await;
            after(1000).await;
        };
        assert_eq!(within(stuck, Some(LIMIT), Some(pulse)).await, None);
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
    async fn chunks_must_be_punctual() {
        async fn check(pauses: &[u64], expect: Option<u64>) {
            let start = Instant::now();
            let slow = Slow(pauses.iter().copied().collect(), None);
            let body = ByteStream::received(Punctual::new(slow, LIMIT, "h", late), None);
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
