//! What a transfer of folders would do, step by step, as data. Lists and compares; acts on nothing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_core::Timestamp;

use super::ahead::Task;
use super::checksum_cache::ChecksumCache;
use super::compare::{Compare, Reason};
use super::content::{self, Compared, RemoteObject};
use super::entry::{Entry, Notice, NoticeKind};
use super::listing::Listing;
use super::location::{Location, Place};
use super::merge::{Merge, Pair};
use super::names::{NameRules, Parents};
use super::settings::FolderSettings;
use super::summary::Failure;
use crate::{Error, ErrorKind, Result, Transfers};

/// How many checksums are compared at a time. Our choice: hides the time of a HEAD request.
const COMPARED_AT_ONCE: usize = 16;

/// One file or object that is transferred or deleted.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Action {
    /// What is done.
    pub kind: ActionKind,
    /// The key below both roots.
    pub key: String,
    /// Bytes: of the source, or of what is deleted.
    pub size: u64,
    /// When the source was last written, or what is deleted.
    pub modified: Timestamp,
    /// What is read. `None` for deletions.
    pub source: Option<Place>,
    /// What is written or deleted.
    pub target: Place,
    /// Why.
    pub reason: Reason,
}

/// The kinds of [`Action`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ActionKind {
    /// A file becomes an object.
    Upload,
    /// An object becomes a file.
    Download,
    /// S3 copies an object.
    Copy,
    /// An object or a file is deleted.
    Delete,
}

impl std::fmt::Display for ActionKind {
    /// The word that the CLI prints: `upload`, `download`, `copy`, `delete`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Upload => "upload",
            Self::Download => "download",
            Self::Copy => "copy",
            Self::Delete => "delete",
        })
    }
}

/// One step of a [`Plan`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Step {
    /// Something to do.
    Do(Action),
    /// Something that is left out, or was decided in another way than asked for.
    Notice(Notice),
    /// Something that cannot be done.
    Fail(Failure),
}

/// The steps of a transfer of folders, computed while they are read: a dry run. Listing goes on in the background, a
/// bounded number of entries ahead.
pub struct Plan {
    settings: Arc<FolderSettings>,
    merge: Merge<Listing, Listing>,
    pending: VecDeque<Pending>,
    is_listed: bool,
    /// What could not be read of the source, from where the target is read on.
    protected: Vec<Notice>,
    parents: Parents,
    cache: Option<ChecksumCache>,
    unchanged: Arc<AtomicU64>,
}

enum Pending {
    Ready(Step),
    Compared { task: Task<Compared>, source: Entry, target: Entry },
}

impl Plan {
    pub(crate) async fn new(settings: Arc<FolderSettings>) -> Result<Self> {
        let source = match &settings.source {
            Some(source) => settings.listing(source, true).await?,
            None => Listing::empty(),
        };
        let target = match settings.looks_at_target() {
            true => settings.listing(&settings.target, false).await?,
            false => Listing::empty(),
        };
        let cache = match (&settings.compare, &settings.checksum_cache) {
            (Some(Compare::Content), Some(path)) => Some(ChecksumCache::open(path)?),
            _ => None,
        };
        Ok(Self {
            settings,
            merge: Merge::new(source, target),
            pending: VecDeque::new(),
            is_listed: false,
            protected: Vec::new(),
            parents: Parents::default(),
            cache,
            unchanged: Arc::default(),
        })
    }

    /// The next step; `None` at the end.
    ///
    /// # Errors
    /// If one of the sides cannot be listed, or lists its keys out of order. Then nothing more is known, and the plan is at
    /// its end. What is to be deleted is certain only once the end is reached without an error: a list out of order may
    /// have it later.
    pub async fn try_next(&mut self) -> Result<Option<Step>> {
        let step = self.next().await;
        if step.is_err() {
            self.is_listed = true;
            self.pending.clear();
            self.finish_cache(false)?;
        }
        step
    }

    async fn next(&mut self) -> Result<Option<Step>> {
        loop {
            while !self.is_listed && self.pending.len() < self.ahead() {
                match self.merge.next().await? {
                    Some(pair) => self.decide(pair),
                    None => self.is_listed = true,
                }
            }
            // Awaited in its place, so that a caller may drop this future and call again.
            if let Some(Pending::Compared { task, .. }) = self.pending.front_mut() {
                let compared = (&mut task.0).await.unwrap_or_else(|e| Err(e.to_string()));
                self.judge(compared)?;
                continue;
            }
            return match self.pending.pop_front() {
                Some(Pending::Ready(step)) => Ok(Some(step)),
                _ => self.finish_cache(true).map(|()| None),
            };
        }
    }

    /// All steps. In memory: for a few thousand.
    ///
    /// # Errors
    /// Those of [`try_next`](Self::try_next).
    pub async fn try_collect(mut self) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        while let Some(step) = self.try_next().await? {
            steps.push(step);
        }
        Ok(steps)
    }

    /// Keys so far that both sides have and that need nothing.
    pub fn unchanged(&self) -> u64 {
        self.unchanged.load(Ordering::Relaxed)
    }

    pub(crate) fn unchanged_counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.unchanged)
    }

    fn ahead(&self) -> usize {
        if self.settings.compare == Some(Compare::Content) { COMPARED_AT_ONCE } else { 1 }
    }

    fn push(&mut self, step: Step) {
        self.pending.push_back(Pending::Ready(step));
    }

    /// Whether all that the pair has of a key takes part: a side that is left out alone would look as if it were missing.
    fn takes_part(&self, pair: &Pair) -> bool {
        let accepts = |entry: &Entry| self.settings.filters.accepts_entry(entry);
        match pair {
            Pair::Source(entry) | Pair::Target(entry) => accepts(entry),
            Pair::Both(source, target) => accepts(source) && accepts(target),
            Pair::SourceNotice(_) | Pair::TargetNotice(_) => true,
        }
    }

    fn decide(&mut self, pair: Pair) {
        if !self.takes_part(&pair) {
            return;
        }
        let refusal = match &pair {
            Pair::Source(source) | Pair::Both(source, _) => self.refusal(&source.key),
            _ => None,
        };
        if let Some(step) = refusal {
            return self.push(step);
        }
        let settings = Arc::clone(&self.settings);
        match pair {
            Pair::SourceNotice(notice) => {
                self.push(Step::Notice(notice.clone()));
                self.protected.push(notice);
            }
            Pair::TargetNotice(notice) => self.push(Step::Notice(notice)),
            Pair::Target(target) => {
                // What comes before in order is not asked for again.
                let delimiter = &*settings.delimiter;
                self.protected.retain(|notice| notice.protects_later(&target.key, delimiter));
                let is_protected = self.protected.iter().any(|notice| notice.protects(&target.key, delimiter));
                if settings.delete && !is_protected {
                    self.push(Step::Do(settings.deletion(target)));
                }
            }
            Pair::Source(source) => self.transfer(source, Reason::New),
            Pair::Both(source, target) => match settings.compare {
                None => self.transfer(source, Reason::New),
                Some(_) if settings.no_overwrite => self.keep(),
                Some(compare) => match compare.difference(settings.direction(), &source, &target) {
                    Some(reason) => self.transfer(source, reason),
                    None if compare == Compare::Content => self.compare(source, target),
                    None => self.keep(),
                },
            },
        }
    }

    /// Why a key cannot become a file. Keys must ascend.
    fn refusal(&mut self, key: &str) -> Option<Step> {
        let (settings, delimiter) = (&self.settings, &*self.settings.delimiter);
        if settings.direction() != ActionKind::Download {
            return None;
        }
        if let Some(fault) = NameRules::native().fault(key, delimiter) {
            let message = format!("{key:?} cannot be the name of a file: {fault}: skipped");
            return Some(Step::Notice(Notice::new(NoticeKind::Name, key, message)));
        }
        if let Some(file) = self.parents.conflict(key, delimiter) {
            let message = format!("{key:?} needs a folder where the object {file:?} is a file; exclude one of them");
            let error = Error::new(ErrorKind::Target, message);
            return Some(Step::Fail(Failure { key: key.to_owned(), error }));
        }
        self.parents.push(key);
        None
    }

    /// A key that needs nothing.
    fn keep(&mut self) {
        self.unchanged.fetch_add(1, Ordering::Relaxed);
    }

    fn transfer(&mut self, source: Entry, reason: Reason) {
        if source.archived && !self.settings.transfer_archived {
            let message = "the object is archived; restore it first, or set `transfer_archived`: skipped";
            return self.push(Step::Notice(Notice::new(NoticeKind::Archived, source.key, message)));
        }
        let action = self.settings.transfer(source, reason);
        self.push(Step::Do(action));
    }

    /// Begins to compare the contents of a key that both sides have in the same size.
    fn compare(&mut self, source: Entry, target: Entry) {
        let settings = &self.settings;
        let known = self.cache.as_mut().and_then(|cache| cache.find(&source.key));
        let place = |location: &Location| location.place(&source.key, &settings.delimiter);
        let stored = |transfers: &Transfers, place: &Place, entry: &Entry| {
            let (bucket, key) = place.object().unwrap_or_default();
            let (bucket, key) = (bucket.to_owned(), key.to_owned());
            RemoteObject { client: transfers.client().clone(), bucket, key, entry: entry.clone() }
        };
        let from = settings.source.as_ref().map_or_else(|| place(&settings.target), place);
        let to = place(&settings.target);
        let task = Task(match (&from, &to) {
            (Place::File(path), _) => {
                let object = stored(&settings.transfers, &to, &target);
                tokio::spawn(content::compare_file(path.clone(), source.clone(), object, known))
            }
            (_, Place::File(path)) => {
                let object = stored(&settings.source_transfers, &from, &source);
                tokio::spawn(content::compare_file(path.clone(), target.clone(), object, known))
            }
            _ => {
                let from = stored(&settings.source_transfers, &from, &source);
                tokio::spawn(content::compare_objects(from, stored(&settings.transfers, &to, &target)))
            }
        });
        self.pending.push_back(Pending::Compared { task, source, target });
    }

    /// Replaces the first pending comparison by what follows from it.
    fn judge(&mut self, compared: Compared) -> Result<()> {
        let Some(Pending::Compared { source, target, .. }) = self.pending.pop_front() else { return Ok(()) };
        let later = std::mem::take(&mut self.pending);
        match compared {
            Ok((is_same, record)) => {
                if let (Some(cache), Some(record)) = (&mut self.cache, record) {
                    cache.push(&record)?;
                }
                match is_same {
                    true => self.keep(),
                    false => self.transfer(source, Reason::Content),
                }
            }
            Err(why) => {
                let message = format!("{why}: compared by size and time");
                self.push(Step::Notice(Notice::new(NoticeKind::Checksum, &*source.key, message)));
                match Compare::SizeAndTime.difference(self.settings.direction(), &source, &target) {
                    Some(reason) => self.transfer(source, reason),
                    None => self.keep(),
                }
            }
        }
        self.pending.extend(later);
        Ok(())
    }

    fn finish_cache(&mut self, is_complete: bool) -> Result<()> {
        self.cache.take().map_or(Ok(()), |cache| cache.finish(is_complete))
    }
}

/// What was compared so far is remembered, whatever ended the plan.
impl Drop for Plan {
    fn drop(&mut self) {
        let _ = self.finish_cache(false);
    }
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plan").field("settings", &self.settings).finish_non_exhaustive()
    }
}
