//! Lists what lies below a prefix or in a local folder, in order of keys and ahead of use, with a bounded number of entries
//! in memory, except for directory buckets, which have no order. Long listings of a bucket are read from several keys at
//! once. Knows no other side and no action.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::vec;

use aws_s3::custom::is_directory_bucket;
use aws_s3::operation::ListObjectsV2;
use aws_s3::types::{Object, ObjectStorageClass};
use aws_s3::{Client, Request};

use super::ahead::{Ahead, Out};
use super::entry::{Entry, Listed};
use super::filter::Filters;
use super::merge::Entries;
use super::walk::{Walk, WalkSettings};
use crate::Result;
use crate::common::listed_prefix;
use crate::file::blocking;

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

/// A list of entries that is read ahead, chunk by chunk.
pub(crate) struct Listing {
    chunks: Option<Ahead<Vec<Listed>>>,
    chunk: vec::IntoIter<Listed>,
}

impl Entries for Listing {
    async fn next(&mut self) -> Result<Option<Listed>> {
        loop {
            if let Some(listed) = self.chunk.next() {
                return Ok(Some(listed));
            }
            let Some(chunks) = &mut self.chunks else { return Ok(None) };
            match chunks.next().await? {
                Some(chunk) => self.chunk = chunk.into_iter(),
                None => self.chunks = None,
            }
        }
    }
}

impl Listing {
    /// Nothing.
    pub(crate) fn empty() -> Self {
        Self { chunks: None, chunk: Vec::new().into_iter() }
    }

    /// The files below a folder.
    ///
    /// # Errors
    /// If the folder itself cannot be read.
    pub(crate) async fn local(root: PathBuf, settings: WalkSettings) -> std::io::Result<Self> {
        let mut walk = tokio::task::spawn_blocking(move || Walk::new(&root, settings)).await??;
        let chunks = Ahead::start("a listing", CHUNKS_AHEAD, |out| async move {
            loop {
                let next = move || {
                    let chunk: Vec<_> = walk.by_ref().take(CHUNK).collect();
                    Ok((walk, chunk))
                };
                let (rest, chunk) = blocking(next).await?;
                if chunk.is_empty() {
                    return Ok(());
                }
                walk = rest;
                out.send(chunk).await;
            }
        });
        Ok(Self { chunks: Some(chunks), ..Self::empty() })
    }

    /// The objects below a prefix.
    pub(crate) fn remote(settings: ListSettings) -> Self {
        let list = |out| async move { settings.list(&out).await };
        Self { chunks: Some(Ahead::start("a listing", CHUNKS_AHEAD, list)), ..Self::empty() }
    }
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
    async fn list(&self, out: &Out<Vec<Listed>>) -> Result<()> {
        if is_directory_bucket(&self.bucket) {
            return self.list_in_memory(out).await;
        }
        let mut after: Option<String> = None;
        loop {
            let mut pages = self.request().start_after(after.clone()).pages();
            let Some(page) = pages.try_next().await? else { return Ok(()) };
            let is_last = page.is_truncated != Some(true);
            after = page.contents.last().and_then(|object| object.key.clone());
            self.send(page.contents, out).await;
            if is_last {
                return Ok(());
            }
            let bounds = match &after {
                Some(after) if self.parallel > 1 => self.bounds(after).await?,
                _ => Vec::new(),
            };
            if bounds.len() < 2 {
                while let Some(page) = pages.try_next().await? {
                    self.send(page.contents, out).await;
                }
                return Ok(());
            }
            drop(pages);
            self.list_parts(&mut after, bounds, out).await?;
        }
    }

    /// Lists all pages, and then sends their entries in order.
    async fn list_in_memory(&self, out: &Out<Vec<Listed>>) -> Result<()> {
        let mut entries = Vec::new();
        let mut pages = self.request().pages();
        while let Some(page) = pages.try_next().await? {
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
            out.send(chunk).await;
        }
    }

    async fn send(&self, objects: impl IntoIterator<Item = Object>, out: &Out<Vec<Listed>>) {
        let chunk: Vec<_> = objects.into_iter().filter_map(|object| self.entry(object)).map(Listed::Entry).collect();
        out.send(chunk).await;
    }

    /// Lists up to the last of `bounds`, several parts ahead.
    async fn list_parts(&self, after: &mut Option<String>, bounds: Vec<String>, out: &Out<Vec<Listed>>) -> Result<()> {
        let mut bounds = bounds.into_iter();
        let mut parts = VecDeque::new();
        loop {
            while parts.len() < self.parallel
                && let Some(until) = bounds.next()
            {
                parts.push_back(self.part(after.replace(until.clone()), until));
            }
            let Some(mut part) = parts.pop_front() else { return Ok(()) };
            while let Some(chunk) = part.next().await? {
                out.send(chunk).await;
            }
        }
    }

    /// The keys behind `after`, up to `until`.
    fn part(&self, after: Option<String>, until: String) -> Ahead<Vec<Listed>> {
        let settings = self.clone();
        Ahead::start("a part of a listing", CHUNKS_AHEAD_OF_PART, |out| async move {
            let mut pages = settings.request().start_after(after).pages();
            while let Some(page) = pages.try_next().await? {
                let is_inside = |object: &Object| object.key.as_ref().is_none_or(|key| *key <= until);
                let is_last = !page.contents.last().is_none_or(is_inside);
                settings.send(page.contents.into_iter().filter(is_inside), &out).await;
                if is_last {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Keys behind `after` at which to divide the rest of the listing: some of the folders that it has, ascending.
    async fn bounds(&self, after: &str) -> aws_core::Result<Vec<String>> {
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
