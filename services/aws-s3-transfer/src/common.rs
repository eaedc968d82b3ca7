//! What uploads, downloads and copies are set up with alike, the file in which a checkpoint is kept, and the prefixes that
//! buckets list by. Knows no request.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use aws_s3::custom::is_directory_bucket;

use crate::engine::meter::Meter;
use crate::file::{beside, blocking};
use crate::transfers::check_part_size;
use crate::{Checkpoint, Error, ErrorKind, Result, Transfers};

/// The settings of one transfer.
#[derive(Debug, Default)]
pub(crate) struct Common {
    pub(crate) meter: Meter,
    pub(crate) priority: i32,
    pub(crate) part_size: Option<u64>,
    pub(crate) keep_on_failure: bool,
    pub(crate) checkpoint_file: Option<PathBuf>,
    pub(crate) resume: Option<Checkpoint>,
}

impl Common {
    /// The size of parts that was set, for this transfer or for all.
    pub(crate) fn part_size(&self, transfers: &Transfers) -> Result<u64> {
        let size = self.part_size.unwrap_or(transfers.settings().part_size);
        check_part_size(size).map(|()| size).map_err(|why| Error::new(ErrorKind::Settings, why))
    }

    /// The checkpoint to resume from: the explicit one, or that of the file.
    pub(crate) async fn resumed(&mut self) -> Result<Option<Checkpoint>> {
        match (self.resume.take(), &self.checkpoint_file) {
            (Some(checkpoint), _) => Ok(Some(checkpoint)),
            (None, Some(path)) => load(path).await,
            (None, None) => Ok(None),
        }
    }

    /// Whether what has arrived stays after such a failure, if it can be resumed at all.
    pub(crate) fn keeps_after(&self, failure: ErrorKind) -> bool {
        match failure {
            ErrorKind::Paused => true,
            ErrorKind::Aborted
            | ErrorKind::UploadGone
            | ErrorKind::SourceChanged
            | ErrorKind::ObjectChanged
            | ErrorKind::Condition
            | ErrorKind::Checksum => false,
            _ => self.keep_on_failure || self.checkpoint_file.is_some(),
        }
    }

    /// Writes the checkpoint to its file, if there is one.
    pub(crate) async fn save(&self, checkpoint: &Checkpoint) -> Result<()> {
        match &self.checkpoint_file {
            Some(path) => {
                let (path, text) = (path.clone(), checkpoint.to_string());
                blocking(move || replace(&path, &text)).await
            }
            None => Ok(()),
        }
    }

    /// The same at once, without a task of its own.
    pub(crate) fn save_now(&self, checkpoint: &Checkpoint) -> Result<()> {
        match &self.checkpoint_file {
            Some(path) => replace(path, &checkpoint.to_string()),
            None => Ok(()),
        }
    }

    /// Removes the file of the checkpoint, and what a process left that ended while it wrote it.
    pub(crate) async fn forget(&self) -> Result<()> {
        let Some(path) = &self.checkpoint_file else { return Ok(()) };
        for path in [path, &beside(path)] {
            match tokio::fs::remove_file(path).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(of_file("remove", path, error)),
                _ => {}
            }
        }
        Ok(())
    }
}

async fn load(path: &Path) -> Result<Option<Checkpoint>> {
    match tokio::fs::read_to_string(path).await {
        Ok(text) => Ok(Some(text.parse().map_err(|it: Error| it.within(&path.display().to_string()))?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(of_file("read", path, error)),
    }
}

/// Replaces the file in one step, so that a process which ends meanwhile leaves the old one or the new one, and so does a
/// loss of power: the new one is on the disk before it has the name.
pub(crate) fn replace(path: &Path, text: &str) -> Result<()> {
    let beside = beside(path);
    let write = || {
        let mut file = File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        drop(file);
        std::fs::rename(&beside, path)
    };
    write().map_err(|error| of_file("write", path, error))
}

fn of_file(what: &str, path: &Path, error: io::Error) -> Error {
    let why = format!("cannot {what} the checkpoint {}: {error}", path.display());
    Error::new(ErrorKind::Checkpoint, why).with_source(error)
}

/// Methods that set a field of `self`. `/// Docs.` and `name(argument: Type) => field = value;` expands to
///
/// ```text
/// /// Docs.
/// pub fn name(mut self, argument: Type) -> Self {
///     self.field = value;
///     self
/// }
/// ```
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident($argument:ident: $type:ty) => $($field:ident).+ = $value:expr;)+) => {$(
        $(#[$doc])*
        pub fn $name(mut self, $argument: $type) -> Self {
            self.$($field).+ = $value;
            self
        }
    )+};
}
pub(crate) use setters;

/// Conversions by a constructor: `Source { PathBuf => path }` is `From<PathBuf>`, by `Source::path`.
macro_rules! conversions {
    ($name:ident { $($from:ty => $make:ident),+ $(,)? }) => {$(
        impl From<$from> for $name {
            fn from(it: $from) -> Self {
                Self::$make(it)
            }
        }
    )+};
}
pub(crate) use conversions;

/// The ends of a value that is a transfer: `send()`, and awaiting it.
macro_rules! transfer_ends {
    ($name:ident -> $output:ty, $(#[$errors:meta])+) => {
        impl $name {
            /// Runs the transfer to its end. Awaiting it does the same. Dropping the future aborts it.
            ///
            /// # Errors
            $(#[$errors])+
            pub async fn send(self) -> $crate::Result<$output> {
                self.start().wait().await
            }
        }

        impl std::future::IntoFuture for $name {
            type Output = $crate::Result<$output>;
            type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Self::Output> + Send>>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }
    };
}
pub(crate) use transfer_ends;

/// The setters and the ends that all transfers of one object have.
macro_rules! transfer_methods {
    ($name:ident -> $output:ty, $part_size:literal) => {
        impl $name {
            $crate::common::setters! {
                /// Counts the transfer with `meter` too, as one of several.
                meter(meter: &$crate::Meter) => common.meter = meter.child();

                /// Sets how urgent the transfer is: parts of transfers with a higher number are sent first. Default: 0.
                priority(priority: i32) => common.priority = priority;

                #[doc = concat!("Sets the size of parts in bytes, 5 MiB to 5 GiB. If not set here: ", $part_size)]
                part_size(bytes: u64) => common.part_size = Some(bytes);

                /// Keeps the parts that have arrived if the transfer fails; the error then has a
                /// [`checkpoint`](crate::Error::checkpoint). Default: they are removed.
                keep_on_failure(keep: bool) => common.keep_on_failure = keep;

                /// Keeps a checkpoint in the file at `path` while the transfer runs, and resumes from it if it is there:
                /// the same program, started again after it ended in any way, goes on where it was. The file is removed
                /// when the transfer is complete or aborted; a failure keeps it, and the parts.
                checkpoint_file(path: impl Into<std::path::PathBuf>) => common.checkpoint_file = Some(path.into());

                /// Resumes the transfer that `checkpoint` was made of. All other settings are those that it had.
                resume(checkpoint: $crate::Checkpoint) => common.resume = Some(checkpoint);
            }

            /// Starts the transfer, and returns its handle.
            pub fn start(self) -> $crate::Transfer<$output> {
                let (transfers, meter) = (self.transfers.clone(), self.common.meter.clone());
                let priority = self.common.priority;
                $crate::Transfer::start(&transfers, meter, priority, move |job| self.run(job))
            }
        }

        $crate::common::transfer_ends! { $name -> $output, /// Any kind of [`Error`](crate::Error).
        }
    };
}

pub(crate) use transfer_methods;

/// The prefix of requests that list what begins with `prefix`: directory buckets know only those that are folders, and list
/// other keys of the folder, too.
pub(crate) fn listed_prefix<'a>(bucket: &str, prefix: &'a str) -> &'a str {
    match is_directory_bucket(bucket) {
        true => prefix.rfind('/').map_or("", |at| &prefix[..=at]),
        false => prefix,
    }
}
