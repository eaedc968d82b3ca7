//! Admits requests: as many at once as the adapting limit allows, with no more memory than the budget, the urgent ones
//! first, else in the order of arrival. Knows no request.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, ready};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::adapt::Adapt;

/// What all transfers of a client share. Clones are the same gate.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Mutex<State>>);

struct State {
    budget: u64,
    used: u64,
    running: usize,
    adapt: Adapt,
    /// By urgency, then by arrival.
    waiting: BTreeMap<(Reverse<i32>, u64), Waiting>,
    arrivals: u64,
}

struct Waiting {
    bytes: u64,
    admit: oneshot::Sender<Permit>,
}

/// A request in flight, and its memory. Dropping it admits the next.
#[derive(Debug)]
pub(crate) struct Permit {
    gate: Gate,
    bytes: u64,
    began: Instant,
    has_place: bool,
}

impl Gate {
    pub(crate) fn new(budget: u64, adapt: Adapt) -> Self {
        let state = State { budget, used: 0, running: 0, adapt, waiting: BTreeMap::new(), arrivals: 0 };
        Self(Arc::new(Mutex::new(state)))
    }

    pub(crate) fn budget(&self) -> u64 {
        self.lock().budget
    }

    /// The memory of all that were admitted.
    #[cfg(test)]
    pub(crate) fn used(&self) -> u64 {
        self.lock().used
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(|it| it.into_inner())
    }

    /// Changes the state, and admits those for whom there is room then.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.lock());
        self.admit();
        changed
    }

    /// Waits for a place and `bytes` of memory. More than the whole budget counts as all of it.
    pub(crate) async fn enter(&self, bytes: u64, priority: i32) -> Permit {
        let (admit, admitted) = oneshot::channel();
        let key = self.change(|state| {
            let bytes = bytes.min(state.budget);
            state.arrivals += 1;
            let key = (Reverse(priority), state.arrivals);
            state.waiting.insert(key, Waiting { bytes, admit });
            key
        });
        let leave = Leave { gate: self, key };
        let permit = admitted.await;
        drop(leave);
        // The sender is only dropped by `Leave`, and that is here.
        permit.unwrap_or_else(|_| Permit { gate: self.clone(), bytes: 0, began: Instant::now(), has_place: false })
    }

    /// Admits those that wait as far as there is room. The first is never passed by one that needs less memory.
    fn admit(&self) {
        loop {
            let (waiting, permit) = {
                let mut state = self.lock();
                let State { budget, used, running, .. } = *state;
                let has_place = running < state.adapt.limit();
                let Some(first) = state.waiting.first_entry() else { return };
                let bytes = first.get().bytes;
                if !has_place || used + bytes > budget {
                    return;
                }
                let waiting = first.remove();
                state.used += bytes;
                state.running += 1;
                (waiting, Permit { gate: self.clone(), bytes, began: Instant::now(), has_place: true })
            };
            // A permit that is not taken is dropped here, without the lock, and makes room again.
            let _ = waiting.admit.send(permit);
        }
    }
}

impl Permit {
    /// The request has ended well, and moved `bytes`.
    pub(crate) fn completed(&self, bytes: u64) {
        self.gate.change(|state| state.adapt.completed(bytes, !state.waiting.is_empty(), Instant::now()));
    }

    /// The request has ended, and what it read is still in memory: another may run in its place.
    pub(crate) fn leave_place(&mut self) {
        if std::mem::take(&mut self.has_place) {
            self.gate.change(|state| state.running = state.running.saturating_sub(1));
        }
    }

    /// Gives back all memory but `bytes`.
    pub(crate) fn keep(&mut self, bytes: u64) {
        let freed = self.bytes.saturating_sub(bytes);
        self.bytes -= freed;
        self.gate.change(|state| state.used -= freed.min(state.used));
    }

    /// Waits for a place again, before all others: what they wait for may be the memory of this one.
    pub(crate) async fn take_place(&mut self) {
        if !self.has_place {
            let mut place = self.gate.enter(0, i32::MAX).await;
            self.has_place = std::mem::take(&mut place.has_place);
            self.began = place.began;
        }
    }

    /// Waits for something else than the request, and leaves the place meanwhile, if it must wait at all.
    pub(crate) async fn without_place<T>(&mut self, wait: impl Future<Output = T>) -> T {
        let mut wait = pin!(wait);
        tokio::select! {
            biased;
            done = &mut wait => return done,
            () = ready(()) => {}
        }
        let had_place = self.has_place;
        self.leave_place();
        let done = wait.await;
        if had_place {
            self.take_place().await;
        }
        done
    }

    /// The server is overloaded, or did not respond in time.
    pub(crate) fn overloaded(&self) {
        self.gate.lock().adapt.overloaded(self.began, Instant::now());
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.gate.change(|state| {
            state.used -= self.bytes.min(state.used);
            state.running = state.running.saturating_sub(self.has_place.into());
        });
    }
}

/// Takes a place in the queue back when its task stops waiting.
struct Leave<'a> {
    gate: &'a Gate,
    key: (Reverse<i32>, u64),
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let removed = self.gate.lock().waiting.remove(&self.key);
        // What waits behind may fit now.
        if removed.is_some() {
            self.gate.admit();
        }
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Gate")
            .field("budget", &state.budget)
            .field("used", &state.used)
            .field("running", &state.running)
            .field("limit", &state.adapt.limit())
            .field("waiting", &state.waiting.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn is_waiting<T>(future: &mut (impl Future<Output = T> + Unpin)) -> bool {
        tokio::time::timeout(Duration::from_millis(1), future).await.is_err()
    }

    #[tokio::test(start_paused = true)]
    async fn memory_and_places_are_limited() {
        let gate = Gate::new(10, Adapt::fixed(3));
        let (a, b) = (gate.enter(6, 0).await, gate.enter(4, 0).await);
        let mut c = Box::pin(gate.enter(5, 0));
        assert!(is_waiting(&mut c).await, "the budget is used up");
        let mut small = Box::pin(gate.enter(0, 0));
        assert!(is_waiting(&mut small).await, "the first in the queue is not passed");
        drop(a);
        let c = c.await;
        let small = small.await;
        let mut d = Box::pin(gate.enter(0, 0));
        assert!(is_waiting(&mut d).await, "three places are taken");
        drop((b, c, small));
        d.await;
        let all = gate.enter(1000, 0).await;
        assert!(is_waiting(&mut Box::pin(gate.enter(1, 0))).await, "more than the budget is all of it");
        drop(all);
        let (state, unused) = (gate.lock(), (0, 0));
        assert_eq!((state.used, state.running), unused, "nothing is lost by those that stop waiting");
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_is_left_before_the_memory() {
        let gate = Gate::new(10, Adapt::fixed(1));
        let mut first = gate.enter(6, 0).await;
        let mut small = Box::pin(gate.enter(4, 0));
        assert!(is_waiting(&mut small).await, "the place is taken");
        first.leave_place();
        first.leave_place();
        let small = small.await;
        let mut next = Box::pin(gate.enter(1, 0));
        assert!(is_waiting(&mut next).await, "the place is taken again");
        drop(small);
        let next = next.await;
        let mut again = Box::pin(first.take_place());
        assert!(is_waiting(&mut again).await, "the place is taken once more");
        drop(next);
        again.await;
        let usage = || {
            let state = gate.lock();
            (state.used, state.running)
        };
        assert_eq!(usage(), (6, 1));
        drop(first);
        assert_eq!(usage(), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_for_something_else_leaves_its_place_if_it_must_wait() {
        let gate = Gate::new(10, Adapt::fixed(1));
        let running = || gate.lock().running;
        let mut permit = gate.enter(0, 0).await;
        assert_eq!(permit.without_place(async { running() }).await, 1);
        let later = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            running()
        };
        assert_eq!(permit.without_place(later).await, 0);
        assert_eq!(running(), 1);
        permit.leave_place();
        permit.without_place(tokio::task::yield_now()).await;
        assert_eq!(running(), 0, "one that had none takes none");
    }

    #[tokio::test(start_paused = true)]
    async fn urgent_requests_come_first() {
        let gate = Gate::new(10, Adapt::fixed(1));
        let first = gate.enter(0, 0).await;
        let mut normal = Box::pin(gate.enter(0, 0));
        let mut urgent = Box::pin(gate.enter(0, 5));
        assert!(is_waiting(&mut normal).await && is_waiting(&mut urgent).await);
        drop(first);
        assert!(is_waiting(&mut normal).await);
        drop(urgent.await);
        drop(normal.await);
    }
}
