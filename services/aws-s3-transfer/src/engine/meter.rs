//! How far a transfer is: a cheap snapshot, and a notice whenever it changed. Knows no transfer.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

/// How far a transfer is, or several that report to one [`Meter`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes that have arrived, at the service or in the target. Those of an earlier run that was resumed count too.
    pub bytes: u64,
    /// Of these, the bytes of an earlier run: subtract them to compute a rate.
    pub resumed: u64,
    /// All bytes, as far as they are known: 0 before the size is.
    pub total: u64,
    /// Whether the total is final. It is not for a stream of unknown length, and while more transfers may begin.
    pub is_total_known: bool,
    /// Parts that have arrived; an object that is sent in one request is one part.
    pub parts: u64,
    /// Requests that were sent again, by the client or by the transfer.
    pub retries: u64,
    /// Whether the transfer has ended, well or not. A meter of several never has.
    pub is_ended: bool,
}

impl Progress {
    /// The part of the total that has arrived, from 0 to 1; `None` while the total is not known.
    pub fn fraction(&self) -> Option<f64> {
        match self.total {
            _ if !self.is_total_known => None,
            0 => Some(1.0),
            total => Some((self.bytes as f64 / total as f64).min(1.0)),
        }
    }
}

/// Counts what transfers have done. Clones are the same meter. A meter can be part of another, which counts for all of
/// its parts.
///
/// ```
/// use aws_s3_transfer::Meter;
///
/// let all = Meter::new();
/// let one = all.child();
/// assert_eq!(one.progress(), all.progress());
/// ```
#[derive(Clone, Default)]
pub struct Meter(Arc<Inner>);

#[derive(Default)]
struct Inner {
    progress: watch::Sender<Progress>,
    parent: Option<Meter>,
}

impl Meter {
    /// A meter that nothing was counted with yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A meter whose counts also go to this one.
    pub fn child(&self) -> Self {
        Self(Arc::new(Inner { progress: watch::Sender::default(), parent: Some(self.clone()) }))
    }

    /// What was counted so far.
    pub fn progress(&self) -> Progress {
        *self.0.progress.borrow()
    }

    /// The changes from now on, each as the newest state: a slow reader misses states, never the last one.
    pub fn events(&self) -> Events {
        Events { progress: self.0.progress.subscribe(), is_ended: self.progress().is_ended }
    }

    /// Declares the total of this meter as final. A child declares only its own.
    pub fn finish_total(&self) {
        self.0.progress.send_modify(|it| it.is_total_known = true);
    }

    /// Notes the end of the transfer that is counted.
    pub(crate) fn end(&self) {
        self.0.progress.send_modify(|it| it.is_ended = true);
    }

    /// Adds to all meters upwards.
    pub(crate) fn add(&self, change: impl Fn(&mut Progress) + Copy) {
        self.0.progress.send_modify(change);
        if let Some(parent) = &self.0.parent {
            parent.add(change);
        }
    }

    pub(crate) fn add_total(&self, bytes: u64) {
        self.add(|it| it.total += bytes);
    }

    /// Adds the whole total of a transfer.
    pub(crate) fn set_total(&self, bytes: u64) {
        self.add_total(bytes);
        self.finish_total();
    }

    pub(crate) fn add_bytes(&self, bytes: u64) {
        self.add(|it| it.bytes += bytes);
    }

    /// Counts a part, and so many bytes of it that were not counted before.
    pub(crate) fn add_part(&self, bytes: u64) {
        self.add(|it| {
            it.bytes += bytes;
            it.parts += 1;
        });
    }

    pub(crate) fn add_resumed(&self, bytes: u64, parts: u64) {
        self.add(|it| {
            it.bytes += bytes;
            it.resumed += bytes;
            it.parts += parts;
        });
    }

    pub(crate) fn add_retries(&self, retries: u64) {
        if retries > 0 {
            self.add(|it| it.retries += retries);
        }
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Meter").field(&self.progress()).finish()
    }
}

/// The changes of a [`Meter`].
#[derive(Debug)]
pub struct Events {
    progress: watch::Receiver<Progress>,
    is_ended: bool,
}

impl Events {
    /// Waits for the next change; `None` once the transfer has ended. Of a meter of several: once it was dropped.
    pub async fn next(&mut self) -> Option<Progress> {
        if self.is_ended {
            return None;
        }
        self.progress.changed().await.ok()?;
        let progress = *self.progress.borrow_and_update();
        self.is_ended = progress.is_ended;
        Some(progress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_parent_counts_for_all_children() {
        let all = Meter::new();
        let (one, two) = (all.child(), all.child());
        let mut events = all.events();
        one.add_total(10);
        one.add_bytes(4);
        two.add_resumed(6, 2);
        assert_eq!(one.progress(), Progress { bytes: 4, total: 10, ..Progress::default() });
        let expect = Progress { bytes: 10, resumed: 6, total: 10, parts: 2, ..Progress::default() };
        assert_eq!(all.progress(), expect);
        assert_eq!(events.next().await, Some(expect), "changes are joined");
        assert_eq!(all.progress().fraction(), None);
        all.finish_total();
        assert_eq!(all.progress().fraction(), Some(1.0));
        let mut own = one.events();
        one.end();
        assert!(own.next().await.is_some_and(|it| it.is_ended) && own.next().await.is_none());
        assert!(one.events().next().await.is_none() && !all.progress().is_ended);
        drop((one, two, all));
        assert!(events.next().await.is_some() && events.next().await.is_none());
    }
}
