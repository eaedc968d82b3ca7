//! Lists what lies below a prefix or in a local folder, in order of keys and ahead of use, with a bounded number of entries
//! in memory, except for directory buckets, which have no order. Long listings of a bucket are read from several keys at
//! once. Knows no other side and no action.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::vec;

use aws_core::Result;
use aws_s3::custom::is_directory_bucket;
use aws_s3::operation::ListObjectsV2;
use aws_s3::types::{Object, ObjectStorageClass};
use aws_s3::{Client, Request};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use super::entry::{Entry, Listed};
use super::filter::Filters;
use super::merge::Entries;
use super::walk::{Walk, WalkSettings};
use crate::common::listed_prefix;
use crate::{Error, ErrorKind};

/// Chunks that a list is ahead of its reader, 1,000 entries each at most: the next one is there when one was read. Our
/// choice.
const CHUNKS_AHEAD: usize = 2;
/// Chunks that each part of a divided listing is ahead. Our choice: with 8 parts at once some 10 MB.
const CHUNKS_AHEAD_OF_PART: usize = 8;
/// Files of a chunk. S3 returns 1,000 keys a page.
const CHUNK: usize = 1000;
/// Into how many parts a listing is divided at a time. Each ends within a page that is fetched for its begin. Our choice.
const PARTS: usize = 32;
/// How many prefixes that are alone in their parent are followed to find where to divide. Our choice.
const DEPTH: usize = 8;

/// Changes the requests of a listing.
pub(crate) type ListTransform = Arc<dyn Fn(Request<ListObjectsV2>) -> Request<ListObjectsV2> + Send + Sync>;

/// What to list of a bucket.
#[derive(Clone)]
pub(crate) struct ListSettings {
    pub(crate) client: Client,
    pub(crate) bucket: String,
    /// Keys of entries are without it.
    pub(crate) prefix: String,
    pub(crate) delimiter: Arc<str>,
    pub(crate) filters: Arc<Filters>,
    /// How many parts of a long listing are read at once.
    pub(crate) parallel: usize,
    /// Whether empty objects whose keys end in the delimiter are listed, which consoles make to show a folder.
    pub(crate) keep_markers: bool,
    pub(crate) transform: Option<ListTransform>,
}

/// A list of entries that is read ahead. Dropping it stops the reading. An empty chunk is its end: a task that panics, as a
/// closure of the program may, must not look like the end of the list, since what a source lacks may be deleted.
pub(crate) struct Listing {
    chunks: Option<Receiver<Result<Vec<Listed>>>>,
    chunk: vec::IntoIter<Listed>,
    _task: Option<Task<()>>,
}

/// A task that ends when it is dropped.
pub(crate) struct Task<T>(pub(crate) JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Entries for Listing {
    type Error = Error;

    async fn next(&mut self) -> Result<Option<Listed>, Error> {
        loop {
            if let Some(listed) = self.chunk.next() {
                return Ok(Some(listed));
            }
            let Some(chunks) = &mut self.chunks else { return Ok(None) };
            match chunks.recv().await {
                Some(Ok(chunk)) if chunk.is_empty() => self.chunks = None,
                Some(Ok(chunk)) => self.chunk = chunk.into_iter(),
                Some(Err(e)) => {
                    self.chunks = None;
                    return Err(Error::of_call(e));
                }
                None => {
                    self.chunks = None;
                    let message = "a listing ended before its end: did a closure of the program panic?";
                    return Err(Error::new(ErrorKind::Call, message));
                }
            }
        }
    }
}

impl Listing {
    /// Nothing.
    pub(crate) fn empty() -> Self {
        Self { chunks: None, chunk: Vec::new().into_iter(), _task: None }
    }

    /// The files below a folder.
    ///
    /// # Errors
    /// If the folder itself cannot be read.
    pub(crate) async fn local(root: PathBuf, settings: WalkSettings) -> std::io::Result<Self> {
        let walk = tokio::task::spawn_blocking(move || Walk::new(&root, settings)).await??;
        let (sender, chunks) = channel(CHUNKS_AHEAD);
        tokio::task::spawn_blocking(move || {
            let mut walk = walk.peekable();
            while walk.peek().is_some() {
                let chunk = walk.by_ref().take(CHUNK).collect();
                if sender.blocking_send(Ok(chunk)).is_err() {
                    return;
                }
            }
            let _ = sender.blocking_send(Ok(Vec::new()));
        });
        Ok(Self { chunks: Some(chunks), chunk: Vec::new().into_iter(), _task: None })
    }

    /// The objects below a prefix.
    pub(crate) fn remote(settings: ListSettings) -> Self {
        let (sender, chunks) = channel(CHUNKS_AHEAD);
        let task = tokio::spawn(async move {
            let _ = match settings.list(&sender).await {
                Ok(()) => sender.send(Ok(Vec::new())).await,
                Err(Some(e)) => sender.send(Err(e)).await,
                Err(None) => return,
            };
        });
        Self { chunks: Some(chunks), chunk: Vec::new().into_iter(), _task: Some(Task(task)) }
    }
}

/// Why a listing ended early; `None` if nothing reads it any more.
type Ended = Option<aws_core::Error>;

/// The part of a listing that follows a key.
struct Part {
    chunks: Receiver<Result<Vec<Listed>>>,
    _task: Task<()>,
}

impl ListSettings {
    fn request(&self) -> Request<ListObjectsV2> {
        let request = self.client.list_objects_v2(&self.bucket).prefix(listed_prefix(&self.bucket, &self.prefix));
        match &self.transform {
            Some(transform) => transform(request),
            None => request,
        }
    }

    /// Lists page by page, and in parts from there on where the listing goes on and can be divided.
    async fn list(&self, sender: &Sender<Result<Vec<Listed>>>) -> Result<(), Ended> {
        if is_directory_bucket(&self.bucket) {
            return self.list_in_memory(sender).await;
        }
        let mut after: Option<String> = None;
        loop {
            let mut pages = self.request().start_after(after.clone()).pages();
            let Some(page) = pages.try_next().await.map_err(Some)? else { return Ok(()) };
            let is_last = page.is_truncated != Some(true);
            after = page.contents.last().and_then(|object| object.key.clone());
            self.send(page.contents, sender).await?;
            if is_last {
                return Ok(());
            }
            let bounds = match &after {
                Some(after) if self.parallel > 1 => self.bounds(after).await.map_err(Some)?,
                _ => Vec::new(),
            };
            if bounds.len() < 2 {
                while let Some(page) = pages.try_next().await.map_err(Some)? {
                    self.send(page.contents, sender).await?;
                }
                return Ok(());
            }
            drop(pages);
            self.list_parts(&mut after, bounds, sender).await?;
        }
    }

    /// Lists all pages, and then sends their entries in order.
    async fn list_in_memory(&self, sender: &Sender<Result<Vec<Listed>>>) -> Result<(), Ended> {
        let mut entries = Vec::new();
        let mut pages = self.request().pages();
        while let Some(page) = pages.try_next().await.map_err(Some)? {
            entries.extend(page.contents.into_iter().filter_map(|object| self.entry(object)));
        }
        entries.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        // Without an order, a key that is written meanwhile may be on two pages.
        entries.dedup_by(|later, entry| later.key == entry.key);
        let mut entries = entries.into_iter().map(Listed::Entry);
        loop {
            let chunk: Vec<_> = entries.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                return Ok(());
            }
            sender.send(Ok(chunk)).await.map_err(|_| None)?;
        }
    }

    async fn send(
        &self,
        objects: impl IntoIterator<Item = Object>,
        sender: &Sender<Result<Vec<Listed>>>,
    ) -> Result<(), Ended> {
        let chunk: Vec<_> = objects.into_iter().filter_map(|object| self.entry(object)).map(Listed::Entry).collect();
        if chunk.is_empty() { Ok(()) } else { sender.send(Ok(chunk)).await.map_err(|_| None) }
    }

    /// Lists up to the last of `bounds`, several parts ahead.
    async fn list_parts(
        &self,
        after: &mut Option<String>,
        bounds: Vec<String>,
        sender: &Sender<Result<Vec<Listed>>>,
    ) -> Result<(), Ended> {
        let mut bounds = bounds.into_iter();
        let mut parts = VecDeque::new();
        loop {
            while parts.len() < self.parallel
                && let Some(until) = bounds.next()
            {
                parts.push_back(self.part(after.replace(until.clone()), until));
            }
            let Some(Part { mut chunks, _task }) = parts.pop_front() else { return Ok(()) };
            loop {
                match chunks.recv().await {
                    Some(Ok(chunk)) if chunk.is_empty() => break,
                    Some(Ok(chunk)) => sender.send(Ok(chunk)).await.map_err(|_| None)?,
                    Some(Err(e)) => return Err(Some(e)),
                    // The part has no end, so the list has none.
                    None => return Err(None),
                }
            }
        }
    }

    /// Lists the keys behind `after`, up to `until`.
    fn part(&self, after: Option<String>, until: String) -> Part {
        let (sender, chunks) = channel(CHUNKS_AHEAD_OF_PART);
        let settings = self.clone();
        let task = tokio::spawn(async move {
            let mut pages = settings.request().start_after(after).pages();
            let result = async {
                while let Some(page) = pages.try_next().await.map_err(Some)? {
                    let is_inside = |object: &Object| object.key.as_ref().is_none_or(|key| *key <= until);
                    let is_last = !page.contents.last().is_none_or(is_inside);
                    settings.send(page.contents.into_iter().filter(is_inside), &sender).await?;
                    if is_last {
                        break;
                    }
                }
                Ok::<_, Ended>(())
            };
            let _ = match result.await {
                Ok(()) => sender.send(Ok(Vec::new())).await,
                Err(Some(e)) => sender.send(Err(e)).await,
                Err(None) => return,
            };
        });
        Part { chunks, _task: Task(task) }
    }

    /// Keys behind `after` at which to divide the rest of the listing: some of the folders that it has, ascending.
    async fn bounds(&self, after: &str) -> Result<Vec<String>> {
        let mut prefix = self.prefix.clone();
        for _ in 0..DEPTH {
            let page = self.request().prefix(&prefix).delimiter(&*self.delimiter).start_after(after).send().await?;
            let prefixes = page.common_prefixes.into_iter().filter_map(|it| it.prefix);
            let mut prefixes: Vec<String> = prefixes.collect();
            let is_alone = page.contents.is_empty() && page.is_truncated != Some(true);
            if is_alone
                && let [only] = &mut *prefixes
                && *only != prefix
            {
                prefix = std::mem::take(only);
                continue;
            }
            prefixes.retain(|prefix| prefix.as_str() > after);
            prefixes.sort_unstable();
            prefixes.dedup();
            let step = prefixes.len().div_ceil(PARTS).max(1);
            return Ok(prefixes.into_iter().step_by(step).collect());
        }
        Ok(Vec::new())
    }

    /// The entry of an object that takes part.
    fn entry(&self, object: Object) -> Option<Entry> {
        let key = object.key?;
        let key = key.strip_prefix(&*self.prefix)?.to_owned();
        let size = object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
        let is_marker = size == 0 && (key.is_empty() || key.ends_with(&*self.delimiter));
        if is_marker && !self.keep_markers || !self.filters.accepts(&key) {
            return None;
        }
        let modified = object.last_modified.unwrap_or_else(|| std::time::SystemTime::UNIX_EPOCH.into());
        let is_restored = object.restore_status.is_some_and(|it| it.restore_expiry_date.is_some());
        let archived = match object.storage_class {
            Some(ObjectStorageClass::GLACIER | ObjectStorageClass::DEEP_ARCHIVE) => !is_restored,
            _ => false,
        };
        Some(Entry { key, size, modified, e_tag: object.e_tag, archived })
    }
}
