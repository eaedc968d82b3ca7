//! Whole folders and prefixes: upload, download, copy, sync and delete, each as a value with settings, as a plan, and as a
//! running transfer.
//!
//! A transfer lists both sides in order of keys and merges them, so that its memory does not grow with the number of keys;
//! except for directory buckets (S3 Express One Zone), which list in no order: their entries are all held and sorted. With
//! `delete`, what only the target has is deleted once both lists have ended, and its keys are held until then.
//! It can be started again after it ended in any way: what both sides have by then is left alone.

mod ahead;
mod case;
mod checksum_cache;
mod compare;
mod content;
mod delete;
mod entry;
mod filter;
mod listing;
mod location;
mod merge;
mod names;
mod plan;
mod run;
mod settings;
mod summary;
#[cfg(test)]
mod tests;
mod walk;

use std::path::PathBuf;
use std::sync::Arc;

use aws_s3::Request;
use aws_s3::operation::{DeleteObjects, ListObjectsV2};

pub use compare::{Compare, Reason};
pub use entry::{Entry, Notice, NoticeKind};
pub use location::{Location, Place};
pub use plan::{Action, ActionKind, Plan, Step};
pub use settings::{CaseConflict, OnFailure};
pub use summary::{Count, Event, Failure, Summary};

use crate::common::{setters, transfer_ends};
use crate::{Copy, Download, Meter, Result, Transfer, Transfers, Upload};
use settings::FolderSettings;

impl Transfers {
    /// Uploads every file below the folder `from` to a key below `prefix`. What the bucket has is replaced; to send only
    /// what changed, use [`sync`](Self::sync).
    pub fn upload_dir(
        &self,
        from: impl Into<PathBuf>,
        bucket: impl Into<String>,
        prefix: impl Into<String>,
    ) -> FolderTransfer {
        FolderTransfer::new(self, Some(Location::folder(from)), Location::prefix(bucket, prefix))
    }

    /// Downloads every object below `prefix` to a file below the folder `to`. What the folder has is replaced; to receive
    /// only what changed, use [`sync`](Self::sync).
    pub fn download_dir(
        &self,
        bucket: impl Into<String>,
        prefix: impl Into<String>,
        to: impl Into<PathBuf>,
    ) -> FolderTransfer {
        FolderTransfer::new(self, Some(Location::prefix(bucket, prefix)), Location::folder(to))
    }

    /// Transfers all that lies below `from` to below `to`: copies if both are prefixes, else as [`upload_dir`] and
    /// [`download_dir`] do. What is there is replaced; to transfer only what changed, use [`sync`](Self::sync).
    ///
    /// [`upload_dir`]: Self::upload_dir
    /// [`download_dir`]: Self::download_dir
    pub fn copy_dir(&self, from: Location, to: Location) -> FolderTransfer {
        FolderTransfer::new(self, Some(from), to)
    }

    /// Makes `to` have what `from` has, as `aws s3 sync`: transfers what is missing or differs, by [`Compare`]. One or both
    /// may be directory buckets, which `aws s3 sync` rejects; the memory for their listing grows with the number of keys.
    ///
    /// ```no_run
    /// # async fn example(transfers: aws_s3_transfer::Transfers) -> aws_s3_transfer::Result<()> {
    /// use aws_s3_transfer::folder::{Location, Step};
    ///
    /// let sync = transfers
    ///     .sync(Location::folder("photos"), Location::prefix("mybucket", "photos/"))
    ///     .exclude("*.tmp")
    ///     .delete(true);
    /// for step in sync.clone().plan().await?.try_collect().await? {
    ///     if let Step::Do(action) = step {
    ///         println!("(dry run) {} {} ({:?})", action.kind, action.target, action.reason);
    ///     }
    /// }
    /// let summary = sync.send().await?;
    /// println!("{} files, {} unchanged", summary.transferred().files, summary.unchanged);
    /// # Ok(())
    /// # }
    /// ```
    pub fn sync(&self, from: Location, to: Location) -> FolderTransfer {
        FolderTransfer::new(self, Some(from), to).compare(Compare::default())
    }

    /// Deletes every object whose key begins with `prefix`, as it stands: `logs` is also the begin of `logs-2026/`. 1,000
    /// keys a request. Of a directory bucket, the whole folder that `prefix` begins in is listed.
    pub fn delete_prefix(&self, bucket: impl Into<String>, prefix: impl Into<String>) -> FolderTransfer {
        FolderTransfer::new(self, None, Location::prefix(bucket, prefix)).delete(true)
    }
}

/// A transfer or deletion of all that lies below a folder or prefix, not begun yet. Clones can be planned and sent.
#[derive(Clone, Debug)]
#[must_use = "a transfer does nothing until it is planned, sent or started"]
pub struct FolderTransfer {
    settings: FolderSettings,
}

impl FolderTransfer {
    fn new(transfers: &Transfers, source: Option<Location>, target: Location) -> Self {
        Self { settings: FolderSettings::new(transfers, source, target) }
    }

    /// Reads the source with another client, such as that of another region or account.
    pub fn source_client(mut self, client: &aws_s3::Client) -> Self {
        self.settings.source_transfers = self.settings.transfers.with_client(client);
        self.settings.has_source_client = true;
        self
    }

    /// Leaves out keys that match the pattern, on both sides: they are neither transferred nor deleted.
    ///
    /// Patterns are those of the CLI: `*` matches any string, `/` included, `?` one character, `[a-z]` and `[!a-z]` one of
    /// a set; they match the whole key below the root. Of all patterns, the last that matches decides.
    pub fn exclude(mut self, pattern: &str) -> Self {
        self.settings.filters.push(false, pattern);
        self
    }

    /// Lets keys take part that match the pattern, though an earlier [`exclude`](Self::exclude) left them out.
    pub fn include(mut self, pattern: &str) -> Self {
        self.settings.filters.push(true, pattern);
        self
    }

    /// Leaves out keys for whose entry, on either side, `filter` is false, beside those that patterns and earlier filters
    /// leave out: they are neither transferred nor deleted. It sees every key that the patterns let take part.
    pub fn filter(mut self, filter: impl Fn(&Entry) -> bool + Send + Sync + 'static) -> Self {
        self.settings.filters.push_closure(Arc::new(filter));
        self
    }

    setters! {
        /// Looks at the target first, and transfers only what is missing or differs by this rule.
        compare(compare: Compare) => settings.compare = Some(compare);

        /// Deletes what the target has and the source lacks. Default: false. What could not be read at the source is
        /// not taken for missing. It is done once both sides are listed to their end.
        delete(delete: bool) => settings.delete = delete;

        /// Deletes each file or object of the source once it was transferred. Default: false.
        remove_source(remove: bool) => settings.remove_source = remove;

        /// Transfers only keys that the target lacks; uploads and copies are conditional requests (`If-None-Match: *`),
        /// so that even a key that appears meanwhile is kept. Default: false.
        no_overwrite(no_overwrite: bool) => settings.no_overwrite = no_overwrite;

        /// Whether local symbolic links are followed; otherwise they are left out, and no file is written through a
        /// link to a folder. Default: true. A link that leads back to a folder above it is a warning.
        follow_symlinks(follow: bool) => settings.follow_symlinks = follow;

        /// Downloads and copies objects in an archive (Glacier Flexible Retrieval, Deep Archive) too, which fails
        /// unless they are restored. Default: false; each is a warning.
        transfer_archived(transfer: bool) => settings.transfer_archived = transfer;

        /// What separates folders in keys. Default: `/`, the only one that directory buckets have.
        delimiter(delimiter: &str) => settings.delimiter = delimiter.into();

        /// What to do with keys that differ only by case where the file system ignores case. Default: a warning.
        case_conflict(conflict: CaseConflict) => settings.case_conflict = conflict;

        /// What a failed action does to the others. Default: they go on.
        on_failure(on_failure: OnFailure) => settings.on_failure = on_failure;

        /// Remembers checksums of files in this file, for [`Compare::Content`]: a later run reads only files whose size
        /// or time changed, and asks S3 only for objects whose ETag changed. Default: none is kept.
        checksum_cache(path: impl Into<PathBuf>) => settings.checksum_cache = Some(path.into());

        /// Keeps a checkpoint of each large transfer in this folder while it runs, so that the same transfer, started
        /// again after it ended in any way, goes on within a file. Default: large files begin again.
        checkpoints(folder: impl Into<PathBuf>) => settings.checkpoints = Some(folder.into());

        /// How many parts of a long listing are read at once; 1 reads page after page. Default: 8.
        listing_parallelism(parts: usize) => settings.parallel = parts;

        /// Sets how urgent the transfer is: parts of transfers with a higher number are sent first. Default: 0.
        priority(priority: i32) => settings.priority = priority;

        /// Counts the transfers with `meter` too.
        meter(meter: &Meter) => settings.meter = meter.child();

        /// Calls `observer` for what happens. It must return soon.
        on_event(observer: impl Fn(Event<'_>) + Send + Sync + 'static) => settings.on_event = Some(Arc::new(observer));

        /// Changes each upload, such as its content type, metadata or storage class. Its meter and its priority are
        /// those of the whole.
        ///
        /// ```no_run
        /// # fn example(sync: aws_s3_transfer::folder::FolderTransfer) -> aws_s3_transfer::folder::FolderTransfer {
        /// sync.upload_with(|action, upload| match action.key.ends_with(".html") {
        ///     true => upload.with(|put| put.content_type("text/html")),
        ///     false => upload,
        /// })
        /// # }
        /// ```
        upload_with(change: impl Fn(&Action, Upload) -> Upload + Send + Sync + 'static)
            => settings.upload_with = Some(Arc::new(change));

        /// Changes each download. Its meter and its priority are those of the whole.
        download_with(change: impl Fn(&Action, Download) -> Download + Send + Sync + 'static)
            => settings.download_with = Some(Arc::new(change));

        /// Changes each copy. Its meter and its priority are those of the whole.
        copy_with(change: impl Fn(&Action, Copy) -> Copy + Send + Sync + 'static)
            => settings.copy_with = Some(Arc::new(change));

        /// Changes the requests of listings, such as who pays.
        list_with(change: impl Fn(Request<ListObjectsV2>) -> Request<ListObjectsV2> + Send + Sync + 'static)
            => settings.list_with = Some(Arc::new(change));

        /// Changes the requests that delete objects.
        delete_with(change: impl Fn(Request<DeleteObjects>) -> Request<DeleteObjects> + Send + Sync + 'static)
            => settings.delete_with = Some(Arc::new(change));
    }

    /// What would be done, as data: a dry run.
    ///
    /// # Errors
    /// Settings that contradict each other, and a local folder that cannot be read.
    pub async fn plan(self) -> Result<Plan> {
        Plan::new(Arc::new(self.settings.checked()?)).await
    }

    /// Starts the transfer, and returns its handle. Pausing it keeps [checkpoints](Self::checkpoints) of large files, if a
    /// folder for them is set, and ends in [`Paused::NotKept`](crate::Paused::NotKept); start the same transfer again to go
    /// on.
    pub fn start(self) -> Transfer<Summary> {
        let (transfers, meter) = (self.settings.transfers.clone(), self.settings.meter.clone());
        let priority = self.settings.priority;
        Transfer::start(&transfers, meter, priority, move |job| run::run(self.settings, job))
    }
}

transfer_ends! { FolderTransfer -> Summary,
    /// If a side cannot be listed, so that it is not known what is missing; or the first failure, if
    /// [`on_failure`](Self::on_failure) says so. All other failures are in the summary.
}
