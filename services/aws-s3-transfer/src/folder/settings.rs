//! What a transfer of folders is: its sides and its rules, and the actions that follow from them. Reads and writes nothing.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::compare::{Compare, Reason};
use super::delete::DeleteTransform;
use super::entry::Entry;
use super::filter::Filters;
use super::listing::{ListSettings, ListTransform, Listing};
use super::location::Location;
use super::plan::{Action, ActionKind};
use super::summary::Event;
use super::walk::WalkSettings;
use crate::file::beside;
use crate::{Checkpoint, Copy, Download, Error, ErrorKind, Meter, Result, Transfers, Upload};

/// How many parts of a long listing are read at once. Our choice: S3 returns some ten pages a second to each.
const LISTING_PARALLELISM: usize = 8;

/// What to do with a key that differs from the name of a file only by case, where the file system takes both for the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CaseConflict {
    /// Downloads it over the other.
    Ignore,
    /// Leaves it out, with a warning.
    Skip,
    /// Downloads it over the other, with a warning.
    #[default]
    Warn,
    /// Ends the transfer with an error.
    Error,
}

/// What a failed action does to the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFailure {
    /// The others go on; the summary has the failures.
    #[default]
    Collect,
    /// The others are aborted, and the transfer ends with the error.
    Stop,
}

/// Sees what happens.
pub(crate) type Observer = Arc<dyn Fn(Event<'_>) + Send + Sync>;
/// Changes a transfer that an action begins.
pub(crate) type Change<T> = Option<Arc<dyn Fn(&Action, T) -> T + Send + Sync>>;

/// The sides and rules of one transfer.
#[derive(Clone)]
pub(crate) struct FolderSettings {
    pub(crate) transfers: Transfers,
    /// With the client of the source.
    pub(crate) source_transfers: Transfers,
    /// Whether these have a client of their own.
    pub(crate) has_source_client: bool,
    /// `None` if nothing is transferred, but what the target has is deleted.
    pub(crate) source: Option<Location>,
    pub(crate) target: Location,
    /// `None` if the target is not looked at.
    pub(crate) compare: Option<Compare>,
    pub(crate) delete: bool,
    pub(crate) remove_source: bool,
    pub(crate) no_overwrite: bool,
    pub(crate) follow_symlinks: bool,
    pub(crate) transfer_archived: bool,
    pub(crate) delimiter: Arc<str>,
    pub(crate) case_conflict: CaseConflict,
    pub(crate) on_failure: OnFailure,
    pub(crate) filters: Filters,
    pub(crate) checksum_cache: Option<PathBuf>,
    pub(crate) checkpoints: Option<PathBuf>,
    pub(crate) parallel: usize,
    pub(crate) priority: i32,
    pub(crate) meter: Meter,
    pub(crate) on_event: Option<Observer>,
    pub(crate) upload_with: Change<Upload>,
    pub(crate) download_with: Change<Download>,
    pub(crate) copy_with: Change<Copy>,
    pub(crate) list_with: Option<ListTransform>,
    pub(crate) delete_with: Option<DeleteTransform>,
}

impl FolderSettings {
    pub(crate) fn new(transfers: &Transfers, source: Option<Location>, target: Location) -> Self {
        Self {
            transfers: transfers.clone(),
            source_transfers: transfers.clone(),
            has_source_client: false,
            source,
            target,
            compare: None,
            delete: false,
            remove_source: false,
            no_overwrite: false,
            follow_symlinks: true,
            transfer_archived: false,
            delimiter: "/".into(),
            case_conflict: CaseConflict::default(),
            on_failure: OnFailure::default(),
            filters: Filters::default(),
            checksum_cache: None,
            checkpoints: None,
            parallel: LISTING_PARALLELISM,
            priority: 0,
            meter: Meter::new(),
            on_event: None,
            upload_with: None,
            download_with: None,
            copy_with: None,
            list_with: None,
            delete_with: None,
        }
    }

    /// The settings with roots that are folders.
    pub(crate) fn checked(mut self) -> Result<Self> {
        if self.delimiter.is_empty() {
            return Err(Error::new(
                ErrorKind::Settings,
                "the delimiter is empty: expected one between folders, such as `/`",
            ));
        }
        if &*self.delimiter != "/"
            && let Some(bucket) = self.source.iter().chain([&self.target]).find_map(Location::directory_bucket)
        {
            let (message, delimiter) = ("expected `/`, the only one of directory buckets such as", &self.delimiter);
            return Err(Error::new(ErrorKind::Settings, format!("the delimiter is `{delimiter}`: {message} {bucket}")));
        }
        let Some(source) = self.source.take() else { return Ok(self) };
        let (source, target) = (source.into_folder(&self.delimiter), self.target.into_folder(&self.delimiter));
        let problem = match (&source, &target) {
            (Location::Folder(_), Location::Folder(_)) => {
                format!("{source} and {target} are both local folders: one side must be s3://bucket/prefix")
            }
            _ if source == target => format!("{source} is both the source and the target"),
            (Location::Prefix { bucket: a, prefix: from }, Location::Prefix { bucket: b, prefix: to })
                if self.delete && a == b && from.starts_with(to.as_str()) =>
            {
                format!("{source} lies in {target}: `delete` would delete the source")
            }
            _ if self.delete && self.compare.is_none() => {
                "`delete` needs a listing of the target: use `sync`, or set `compare`".to_owned()
            }
            _ => return Ok(Self { source: Some(source), target, ..self }),
        };
        Err(Error::new(ErrorKind::Settings, problem))
    }

    /// What is done to what the source has.
    pub(crate) fn direction(&self) -> ActionKind {
        match (&self.source, &self.target) {
            (_, Location::Folder(_)) => ActionKind::Download,
            (Some(Location::Folder(_)), _) => ActionKind::Upload,
            _ => ActionKind::Copy,
        }
    }

    pub(crate) fn looks_at_target(&self) -> bool {
        self.compare.is_some() || self.source.is_none()
    }

    /// What one side has.
    pub(crate) async fn listing(&self, location: &Location, is_source: bool) -> Result<Listing> {
        let filters = Arc::new(self.filters.clone());
        match location {
            Location::Prefix { bucket, prefix } => {
                let transfers = if is_source { &self.source_transfers } else { &self.transfers };
                Ok(Listing::remote(ListSettings {
                    client: transfers.client().clone(),
                    bucket: bucket.clone(),
                    prefix: prefix.clone(),
                    delimiter: Arc::clone(&self.delimiter),
                    filters,
                    parallel: self.parallel.max(1),
                    keep_markers: self.source.is_none(),
                    transform: self.list_with.clone(),
                }))
            }
            Location::Folder(root) => {
                let walk = WalkSettings {
                    follow_symlinks: self.follow_symlinks,
                    delimiter: Arc::clone(&self.delimiter),
                    filters,
                    left_out: self.own_files().into(),
                };
                match Listing::local(root.clone(), walk).await {
                    Ok(listing) => Ok(listing),
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound && !is_source => Ok(Listing::empty()),
                    Err(e) => {
                        let (kind, side) = match is_source {
                            true => (ErrorKind::Source, "source"),
                            false => (ErrorKind::Target, "target"),
                        };
                        let message = format!("the {side} {} cannot be read as a folder: {e}", root.display());
                        Err(Error::new(kind, message).with_source(e))
                    }
                }
            }
        }
    }

    /// The cache, the folder of checkpoints and the partial files that they name, which may lie in a folder that is
    /// transferred.
    fn own_files(&self) -> Vec<PathBuf> {
        let cache = self.checksum_cache.iter().flat_map(|path| [path.clone(), beside(path)]);
        let absolute = |path: PathBuf| {
            let path = std::path::absolute(path).ok()?;
            Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?))
        };
        let files = self.checkpoints.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
        let partials = files.filter_map(|file| {
            let checkpoint: Checkpoint = std::fs::read_to_string(file.path()).ok()?.parse().ok()?;
            (!checkpoint.partial.is_empty()).then(|| PathBuf::from(checkpoint.partial))
        });
        cache.chain(self.checkpoints.clone()).chain(partials).filter_map(absolute).collect()
    }

    pub(crate) fn transfer(&self, source: Entry, reason: Reason) -> Action {
        let place = |location: &Location| location.place(&source.key, &self.delimiter);
        Action {
            kind: self.direction(),
            size: source.size,
            modified: source.modified,
            source: self.source.as_ref().map(place),
            target: place(&self.target),
            reason,
            key: source.key,
        }
    }

    pub(crate) fn deletion(&self, target: Entry) -> Action {
        Action {
            kind: ActionKind::Delete,
            size: target.size,
            modified: target.modified,
            source: None,
            target: self.target.place(&target.key, &self.delimiter),
            reason: Reason::Deleted,
            key: target.key,
        }
    }

    pub(crate) fn observe(&self, event: Event<'_>) {
        if let Some(observer) = &self.on_event {
            observer(event);
        }
    }
}

impl fmt::Debug for FolderSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FolderSettings")
            .field("source", &self.source)
            .field("target", &self.target)
            .field("compare", &self.compare)
            .field("delete", &self.delete)
            .finish_non_exhaustive()
    }
}
