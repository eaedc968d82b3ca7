//! Where the bytes of a download go: a file that appears when it is complete, an open file, memory, a writer. Knows no
//! request.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::Mutex as AsyncMutex;

use crate::common::conversions;
use crate::file;
use crate::{Error, ErrorKind, Result};

/// What a file's name may have at most, in bytes, on all systems.
const MAX_NAME: usize = 255;

/// Where a download goes.
pub struct Target(pub(crate) Kind);

pub(crate) enum Kind {
    Path(PathTarget),
    File { file: File, offset: u64 },
    Memory,
    Writer(Box<dyn AsyncWrite + Send + Unpin>),
}

#[derive(Clone, Debug)]
pub(crate) struct PathTarget {
    path: PathBuf,
    is_synced: bool,
    is_replaced: bool,
}

impl Target {
    /// The file at `path`. The bytes are written to a file beside it, which takes its name when it is complete and checked:
    /// a partial file is never seen under this name. What is no regular file, such as a pipe, is written in order.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self(Kind::Path(PathTarget { path: path.into(), is_synced: false, is_replaced: true }))
    }

    /// Waits until the file is on the disk before it takes its name: it then survives a loss of power. Without effect on
    /// other targets. Default: the system writes it when it likes.
    #[must_use]
    pub fn sync(mut self) -> Self {
        if let Kind::Path(target) = &mut self.0 {
            target.is_synced = true;
        }
        self
    }

    /// Fails if the file exists, instead of replacing it. Without effect on other targets.
    #[must_use]
    pub fn no_overwrite(mut self) -> Self {
        if let Kind::Path(target) = &mut self.0 {
            target.is_replaced = false;
        }
        self
    }

    /// An open file, written at its positions from byte `offset` on. What it had there before is lost even if the download
    /// fails.
    pub fn file(file: File, offset: u64) -> Self {
        Self(Kind::File { file, offset })
    }

    /// Memory: [`Downloaded::bytes`](crate::Downloaded::bytes) has it. The object is held whole, beside the budget.
    pub fn memory() -> Self {
        Self(Kind::Memory)
    }

    /// A writer, which gets the bytes in order, is flushed at the end, and not closed.
    pub fn writer(writer: impl AsyncWrite + Send + Unpin + 'static) -> Self {
        Self(Kind::Writer(Box::new(writer)))
    }
}

conversions!(Target { &Path => path, PathBuf => path });

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Path(target) => f.debug_tuple("Target").field(target).finish(),
            Kind::File { file, offset } => f.debug_tuple("Target").field(file).field(offset).finish(),
            Kind::Memory => f.write_str("Target(memory)"),
            Kind::Writer(_) => f.write_str("Target(writer)"),
        }
    }
}

/// A target that is written to.
pub(crate) enum Sink {
    /// Bytes go to positions, in any order.
    Positions(Arc<Positions>),
    /// The object in memory, cut where the parts are.
    Memory,
    /// Bytes go there in order.
    Ordered(Box<dyn AsyncWrite + Send + Unpin>),
}

/// A file that is written at positions.
pub(crate) struct Positions {
    file: File,
    /// Who writes: one at a time. The system lets no two write to one file, and those that wait for it would spin.
    writing: AsyncMutex<()>,
    offset: u64,
    shown: PathBuf,
    partial: Option<Partial>,
}

/// A file that has not its final name yet. A new one is removed when it is dropped before it has.
struct Partial {
    target: PathTarget,
    path: PathBuf,
    is_kept: AtomicBool,
}

impl Target {
    /// Opens the target. `partial` is the partial file of an earlier run, which must be there.
    pub(crate) async fn open(self, partial: Option<PathBuf>) -> Result<Sink> {
        match self.0 {
            Kind::Memory => Ok(Sink::Memory),
            Kind::Writer(writer) => Ok(Sink::Ordered(writer)),
            Kind::File { file, offset } => {
                let shown = PathBuf::from("the open file");
                Ok(Sink::Positions(Arc::new(Positions::new(file, offset, shown, None))))
            }
            Kind::Path(target) => file::blocking(move || open_path(target, partial)).await,
        }
    }

    /// Whether what is there of it can be completed later.
    pub(crate) fn is_resumable(&self) -> bool {
        matches!(self.0, Kind::Path(_))
    }
}

fn open_path(target: PathTarget, partial: Option<PathBuf>) -> Result<Sink> {
    let shown = target.path.clone();
    let failed = |error| cannot_write(&shown, error);
    match std::fs::metadata(&target.path) {
        Ok(metadata) if metadata.is_dir() => {
            return Err(Error::new(ErrorKind::Target, format!("{} is a folder, not a file", shown.display())));
        }
        Ok(_) if !target.is_replaced => return Err(exists(&target.path)),
        Ok(metadata) if !metadata.is_file() => {
            let file = OpenOptions::new().write(true).open(&target.path).map_err(failed)?;
            return Ok(Sink::Ordered(Box::new(tokio::fs::File::from_std(file))));
        }
        _ => {}
    }
    // One of an earlier run has a checkpoint, which must not outlive it.
    let is_kept = AtomicBool::new(partial.is_some());
    let (path, file) = match partial {
        Some(path) => {
            let file = OpenOptions::new().write(true).open(&path).map_err(|error| {
                let why = format!(
                    "cannot open the partial file {}: {error}; start again without the checkpoint",
                    path.display()
                );
                Error::new(ErrorKind::Checkpoint, why).with_source(error)
            })?;
            (path, file)
        }
        None => create_beside(&target.path).map_err(failed)?,
    };
    let partial = Some(Partial { target, path, is_kept });
    Ok(Sink::Positions(Arc::new(Positions::new(file, 0, shown, partial))))
}

/// Creates a file of a new name in the folder of `path`.
fn create_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    const ATTEMPTS: usize = 16;
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it has no file name"))?;
    let mut attempts = 0;
    loop {
        attempts += 1;
        let suffix = format!(".{:08x}", fastrand::u32(..));
        let mut stem = name.to_string_lossy().into_owned();
        while stem.len() + suffix.len() > MAX_NAME {
            stem.pop();
        }
        let beside = path.with_file_name(stem + &suffix);
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Ok(file) => return Ok((beside, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempts < ATTEMPTS => {}
            Err(error) => return Err(error),
        }
    }
}

impl Positions {
    fn new(file: File, offset: u64, shown: PathBuf, partial: Option<Partial>) -> Self {
        Self { file, writing: AsyncMutex::default(), offset, shown, partial }
    }

    /// Writes chunks that follow each other, from `start` on.
    pub(crate) async fn write(self: &Arc<Self>, start: u64, chunks: Vec<Bytes>) -> Result<()> {
        let this = Arc::clone(self);
        let _writing = self.writing.lock().await;
        file::blocking(move || {
            let mut at = this.offset + start;
            for chunk in chunks {
                file::write_all_at(&this.file, &chunk, at).map_err(|error| cannot_write(&this.shown, error))?;
                at += chunk.len() as u64;
            }
            Ok(())
        })
        .await
    }

    /// The partial file, if there is one.
    pub(crate) fn partial(&self) -> Option<&Path> {
        self.partial.as_ref().map(|it| it.path.as_path())
    }

    /// Keeps the partial file.
    pub(crate) fn keep(&self) {
        if let Some(partial) = &self.partial {
            partial.is_kept.store(true, Ordering::Relaxed);
        }
    }

    /// Removes the partial file, even while it is still written to.
    pub(crate) fn discard(&self) {
        if let Some(partial) = &self.partial {
            let _ = std::fs::remove_file(&partial.path);
        }
    }

    /// Waits until what was written is on the disk. A checkpoint that says so may then survive a loss of power.
    pub(crate) fn sync_data(&self) -> Result<()> {
        self.file.sync_data().map_err(|error| cannot_write(&self.shown, error))
    }

    /// Gives the file its name.
    pub(crate) async fn finish(self: Arc<Self>) -> Result<()> {
        file::blocking(move || {
            let Some(partial) = &self.partial else { return Ok(()) };
            let target = &partial.target;
            let failed = |error| cannot_write(&target.path, error);
            if target.is_synced {
                self.file.sync_all().map_err(failed)?;
            }
            if target.is_replaced {
                std::fs::rename(&partial.path, &target.path).map_err(failed)?;
            } else {
                // A link fails if the name is taken; a rename would replace what has it.
                std::fs::hard_link(&partial.path, &target.path).map_err(|error| match error.kind() {
                    io::ErrorKind::AlreadyExists => exists(&target.path),
                    _ => failed(error),
                })?;
                // The file has two names now, and a checkpoint may have kept this one.
                self.discard();
            }
            self.keep();
            #[cfg(unix)]
            if let Some(folder) = target.path.parent().filter(|_| target.is_synced) {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                File::open(folder).and_then(|it| it.sync_all()).map_err(failed)?;
            }
            Ok(())
        })
        .await
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !*self.is_kept.get_mut() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Writes to a writer.
pub(crate) async fn write_ordered(writer: &mut (dyn AsyncWrite + Send + Unpin), chunk: &[u8]) -> Result<()> {
    writer.write_all(chunk).await.map_err(of_writer)
}

/// Flushes a writer at the end.
pub(crate) async fn flush(writer: &mut (dyn AsyncWrite + Send + Unpin)) -> Result<()> {
    writer.flush().await.map_err(of_writer)
}

fn of_writer(error: io::Error) -> Error {
    Error::new(ErrorKind::Target, format!("cannot write to the target: {error}")).with_source(error)
}

/// The parts of an object in memory: slices of one allocation, which join without a copy.
pub(crate) struct MemoryParts(Vec<Mutex<BytesMut>>);

impl MemoryParts {
    pub(crate) fn new(size: u64, part_size: u64) -> Result<Self> {
        let [size, part_size] = [size, part_size].map(|it| usize::try_from(it).unwrap_or(usize::MAX));
        // What cannot be had is an error, not the end of the program.
        Vec::<u8>::new().try_reserve_exact(size).map_err(|error| {
            Error::new(ErrorKind::Target, format!("there is no memory for {size} bytes: {error}")).with_source(error)
        })?;
        let mut all = BytesMut::with_capacity(size);
        let mut parts = Vec::new();
        while all.capacity() > part_size && (parts.len() + 1) * part_size < size {
            let rest = all.split_off(part_size);
            parts.push(Mutex::new(std::mem::replace(&mut all, rest)));
        }
        parts.push(Mutex::new(all));
        Ok(Self(parts))
    }

    pub(crate) fn append(&self, part: usize, chunk: &[u8]) {
        if let Some(part) = self.0.get(part) {
            part.lock().unwrap_or_else(|it| it.into_inner()).extend_from_slice(chunk);
        }
    }

    pub(crate) fn join(self) -> Bytes {
        let mut all = BytesMut::new();
        for part in self.0 {
            all.unsplit(part.into_inner().unwrap_or_else(|it| it.into_inner()));
        }
        all.freeze()
    }
}

fn exists(path: &Path) -> Error {
    let why = format!("{} exists, and must not be replaced: remove it, or allow that", path.display());
    Error::new(ErrorKind::TargetExists, why)
}

fn cannot_write(path: &Path, error: io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "; create its folder first",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; make room, and download it again",
        _ => "",
    };
    Error::new(ErrorKind::Target, format!("cannot write {}: {error}{hint}", path.display())).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_in_memory_join_without_a_copy() {
        for (size, part) in [(0, 5), (1, 5), (5, 5), (6, 5), (23, 5), (20, 5)] {
            let parts = MemoryParts::new(size, part).unwrap();
            let bytes: Vec<u8> = (0..size as u8).collect();
            let mut chunks: Vec<_> = bytes.chunks(part as usize).enumerate().collect();
            chunks.reverse();
            let first = parts.0[0].lock().unwrap().as_ptr();
            for (index, chunk) in chunks {
                parts.append(index, chunk);
            }
            let all = parts.join();
            assert_eq!(all, bytes);
            assert!(size == 0 || all.as_ptr() == first, "{size}");
        }
    }

    #[tokio::test]
    async fn a_new_partial_file_goes_with_a_dropped_run_and_that_of_a_checkpoint_stays() {
        let folder = std::env::temp_dir().join(format!("aws-s3-transfer-partial-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("target");
        let names = || std::fs::read_dir(&folder).unwrap().count();
        drop(Target::path(&path).open(None).await.unwrap());
        assert_eq!(names(), 0, "a new one");
        let partial = folder.join("target.1");
        std::fs::write(&partial, "begun").unwrap();
        drop(Target::path(&path).open(Some(partial.clone())).await.unwrap());
        assert_eq!(std::fs::read(&partial).unwrap(), b"begun", "one of an earlier run");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
