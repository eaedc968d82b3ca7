//! The chunks of ranges that are read at the same time, in the order of the object. Knows no request.

use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tokio::sync::Notify;

use super::ranges::Hold;
use crate::Result;

/// What has arrived, until it is its turn. The ranges push it, and one reader takes it. The reader is woken by the range
/// whose turn it is alone: to wake another thread for each chunk would cost more than to receive it.
pub(crate) struct InOrder {
    state: Mutex<State>,
    /// A paced download has one chunk at a time here. That of another are as many as the memory budget has room for: a later
    /// range must not keep the one whose turn it is from pushing.
    is_paced: bool,
    /// Tells a paced range that its chunk was taken.
    taken: Notify,
}

struct State {
    /// The range whose turn it is.
    current: u32,
    /// What has arrived of it and of later ones.
    waiting: BTreeMap<u32, VecDeque<Content>>,
    /// How it ended; once this is there, nothing more comes.
    end: Option<Result<()>>,
    reader: Option<Waker>,
}

/// What a range pushes.
pub(crate) enum Content {
    Chunk(Bytes),
    /// The range is complete; its memory is free once all of it has been passed on.
    End(Hold),
}

impl InOrder {
    pub(crate) fn new(is_paced: bool) -> Self {
        let state = State { current: 1, waiting: BTreeMap::new(), end: None, reader: None };
        Self { state: Mutex::new(state), is_paced, taken: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|it| it.into_inner())
    }

    /// Adds to what has arrived of a range.
    pub(crate) async fn push(&self, number: u32, content: Content) {
        while self.is_paced && !self.lock().waiting.is_empty() {
            self.taken.notified().await;
        }
        let mut state = self.lock();
        state.waiting.entry(number).or_default().push_back(content);
        let reader = if number == state.current { state.reader.take() } else { None };
        drop(state);
        reader.inspect(Waker::wake_by_ref);
    }

    /// Says that nothing more comes, and why. What was said first holds.
    pub(crate) fn end(&self, ended: Result<()>) {
        let mut state = self.lock();
        state.end.get_or_insert(ended);
        let reader = state.reader.take();
        drop(state);
        reader.inspect(Waker::wake_by_ref);
    }

    /// The next chunk; `None` at the end.
    ///
    /// # Errors
    /// That with which it ended, once.
    pub(crate) async fn next(&self) -> Option<Result<Bytes>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    pub(crate) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let mut state = self.lock();
        loop {
            let current = state.current;
            let queue = state.waiting.get_mut(&current);
            match queue.and_then(|it| Some((it.pop_front()?, it.is_empty()))) {
                Some((Content::Chunk(chunk), is_last)) => {
                    if is_last && self.is_paced {
                        state.waiting.remove(&current);
                        self.taken.notify_one();
                    }
                    return Poll::Ready(Some(Ok(chunk)));
                }
                Some((Content::End(_hold), _)) => {
                    state.waiting.remove(&current);
                    state.current += 1;
                }
                None => break,
            }
        }
        match &mut state.end {
            Some(ended) => Poll::Ready(std::mem::replace(ended, Ok(())).err().map(Err)),
            None => {
                state.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::adapt::Adapt;
    use crate::engine::gate::Gate;
    use crate::{Error, ErrorKind};

    #[tokio::test]
    async fn a_range_that_waits_for_its_turn_keeps_its_memory_until_all_of_it_is_passed_on() {
        let gate = Gate::new(100, Adapt::fixed(9));
        let in_order = InOrder::new(false);
        for number in [3, 2, 1] {
            for byte in [b'a', b'b'] {
                in_order.push(number, Content::Chunk(vec![number as u8, byte].into())).await;
            }
            let hold = Hold { permit: gate.enter(10, 0).await, _ahead: None };
            in_order.push(number, Content::End(hold)).await;
        }
        in_order.end(Ok(()));
        let mut passed = Vec::new();
        while let Some(chunk) = in_order.next().await {
            let chunk = chunk.unwrap();
            passed.push((chunk[0], chunk[1], gate.used()));
        }
        let expect = [(1, b'a', 30), (1, b'b', 30), (2, b'a', 20), (2, b'b', 20), (3, b'a', 10), (3, b'b', 10)];
        assert_eq!((passed.as_slice(), gate.used()), (&expect[..], 0));
    }

    #[tokio::test]
    async fn the_reader_is_woken_by_the_range_whose_turn_it_is_alone() {
        let in_order = Arc::new(InOrder::new(false));
        let chunk = |number: u32| in_order.push(number, Content::Chunk(Bytes::from_static(b"a")));
        let (waker, woken) = counting_waker();
        let mut context = Context::from_waker(&waker);
        assert!(in_order.poll_next(&mut context).is_pending());
        chunk(2).await;
        assert_eq!(woken(), 0);
        chunk(1).await;
        chunk(1).await;
        assert_eq!(woken(), 1);
        assert!(in_order.poll_next(&mut context).is_ready());
        assert!(in_order.poll_next(&mut context).is_ready());
        assert!(in_order.poll_next(&mut context).is_pending());
        in_order.end(Err(Error::new(ErrorKind::Call, "first")));
        assert_eq!(woken(), 2);
        in_order.end(Ok(()));
        assert_eq!(in_order.next().await.unwrap().unwrap_err().to_string(), "first");
        assert!(in_order.next().await.is_none());
    }

    #[tokio::test]
    async fn a_paced_range_waits_until_its_chunk_is_taken() {
        let in_order = InOrder::new(true);
        let push = async {
            for byte in [b"a", b"b", b"c"] {
                in_order.push(1, Content::Chunk(Bytes::from_static(byte))).await;
            }
            in_order.end(Ok(()));
        };
        let take = async {
            let mut chunks = Vec::new();
            while let Some(chunk) = in_order.next().await {
                let waiting: usize = in_order.lock().waiting.values().map(VecDeque::len).sum();
                chunks.push((chunk.unwrap()[0], waiting));
                tokio::task::yield_now().await;
                assert!(in_order.lock().waiting.values().map(VecDeque::len).sum::<usize>() <= 1);
            }
            chunks
        };
        let ((), chunks) = tokio::join!(push, take);
        assert_eq!(chunks, [(b'a', 0), (b'b', 0), (b'c', 0)]);
    }

    /// A waker, and how often it was woken.
    fn counting_waker() -> (Waker, impl Fn() -> usize) {
        struct Count(std::sync::atomic::AtomicUsize);
        impl std::task::Wake for Count {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        }
        let count = Arc::new(Count(0.into()));
        let waker = Waker::from(Arc::clone(&count));
        (waker, move || count.0.load(std::sync::atomic::Ordering::Relaxed))
    }
}
