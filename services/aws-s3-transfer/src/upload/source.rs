//! Where the bytes of an upload come from, and how its parts are read: positions of a file on blocking threads, slices of
//! memory, pieces of a stream. Knows no request.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use aws_core::ByteStream;
use bytes::Bytes;
use tokio::io::AsyncRead;
use tokio::sync::Mutex;

use crate::common::conversions;
use crate::engine::buffers::{Buffer, Buffers};
use crate::engine::gate::Permit;
use crate::file;
use crate::sums::{Crc, Sum};
use crate::{Error, ErrorKind, Result};

/// How many bytes are read and hashed at a time: they are still in the cache of the processor when they are hashed. Our
/// choice.
const BLOCK: usize = 256 * 1024;

/// What is uploaded.
#[derive(Debug)]
pub struct Source(Kind);

#[derive(Debug)]
enum Kind {
    Path { path: PathBuf, offset: u64, len: Option<u64> },
    Bytes(Bytes),
    Stream(ByteStream),
}

impl Source {
    /// The file at `path`. Each part is read at its position when its turn comes, and held within the memory budget until
    /// the service has it. What is no regular file, such as a pipe, is read as a stream.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self(Kind::Path { path: path.into(), offset: 0, len: None })
    }

    /// `len` bytes of the file at `path` (`None`: up to its end), from byte `offset` on.
    pub fn file_range(path: impl Into<PathBuf>, offset: u64, len: Option<u64>) -> Self {
        Self(Kind::Path { path: path.into(), offset, len })
    }

    /// Bytes in memory; they are not copied.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self(Kind::Bytes(bytes.into()))
    }

    /// All bytes of a reader. Their number need not be known.
    pub fn reader(reader: impl AsyncRead + Send + 'static) -> Self {
        Self::stream(ByteStream::from_reader(reader))
    }

    /// All bytes of a stream. If their number is known, [`ByteStream::with_len`] declares it; parts are then as small as the
    /// object allows.
    pub fn stream(stream: ByteStream) -> Self {
        match stream.as_bytes() {
            Some(bytes) => Self::bytes(bytes.clone()),
            None => Self(Kind::Stream(stream)),
        }
    }

    /// Opens the source. `declared` is the number of bytes of a stream that does not know it.
    pub(crate) async fn open(self, buffers: Buffers, declared: Option<u64>) -> Result<Opened> {
        match self.0 {
            Kind::Bytes(bytes) => Ok(Opened::Bytes(bytes)),
            Kind::Stream(stream) => Ok(Opened::stream(stream, declared)),
            Kind::Path { path, offset, len } => {
                file::blocking(move || open_file(path, offset, len, buffers, declared)).await
            }
        }
    }
}

conversions!(Source { &Path => path, PathBuf => path, Bytes => bytes, Vec<u8> => bytes, ByteStream => stream });

/// A source whose size is known, as far as it can be.
pub(crate) enum Opened {
    File(Arc<FileParts>),
    Bytes(Bytes),
    Stream { parts: Mutex<StreamParts>, size: Option<u64> },
}

impl Opened {
    fn stream(stream: ByteStream, declared: Option<u64>) -> Self {
        let stream = match (stream.len(), declared) {
            (None, Some(len)) => stream.with_len(len),
            _ => stream,
        };
        let size = stream.len();
        Self::Stream {
            parts: Mutex::new(StreamParts { stream, rest: Bytes::new(), start: None, is_begun: false }),
            size,
        }
    }

    pub(crate) fn size(&self) -> Option<u64> {
        match self {
            Self::File(file) => Some(file.len),
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::Stream { size, .. } => *size,
        }
    }

    /// The memory that so many bytes of it take while they are sent: none if they are the caller's.
    pub(crate) fn held(&self, len: u64) -> u64 {
        match self {
            Self::Bytes(_) => 0,
            Self::File(_) | Self::Stream { .. } => len,
        }
    }

    /// Reads a range, and its checksum in the same pass; nothing of a stream, which can only be read in order.
    pub(crate) async fn read(&self, start: u64, len: u64, crc: Option<Crc>) -> Result<(Bytes, Option<Sum>)> {
        match self {
            Self::File(file) => file.clone().read(start, len, crc).await,
            Self::Bytes(bytes) => {
                let bytes = bytes.slice(start as usize..(start + len) as usize);
                let sum = crc.map(|it| it.of(&bytes));
                Ok((bytes, sum))
            }
            Self::Stream { .. } => Ok((Bytes::new(), None)),
        }
    }

    /// Fails if it is a file that is not the one that was opened any more.
    pub(crate) async fn check_unchanged(&self) -> Result<()> {
        match self {
            Self::File(file) => file.clone().check_unchanged().await,
            Self::Bytes(_) | Self::Stream { .. } => Ok(()),
        }
    }

    /// What tells this source from others of its name; `None` for a stream, which can be read once.
    pub(crate) fn identity(&self) -> Option<String> {
        match self {
            Self::File(file) if file.offset == 0 => Some(file.identity.clone()),
            Self::File(file) => Some(format!("{} from byte {}", file.identity, file.offset)),
            Self::Bytes(bytes) => Some(format!("crc64nvme:{}", Crc::Crc64Nvme.of(bytes))),
            Self::Stream { .. } => None,
        }
    }
}

/// A range of a regular file.
pub(crate) struct FileParts {
    file: File,
    path: PathBuf,
    offset: u64,
    len: u64,
    identity: String,
    size: u64,
    buffers: Buffers,
}

impl FileParts {
    async fn read(self: Arc<Self>, start: u64, len: u64, crc: Option<Crc>) -> Result<(Bytes, Option<Sum>)> {
        file::blocking(move || {
            let mut buffer = self.buffers.filled(len as usize);
            let mut hasher = crc.map(Crc::hasher);
            let mut at = 0;
            while at < buffer.bytes.len() {
                let end = (at + BLOCK).min(buffer.bytes.len());
                let block = &mut buffer.bytes[at..end];
                let count = file::read_at(&self.file, block, self.offset + start + at as u64)
                    .map_err(|error| cannot_read(&self.path, error))?;
                if count == 0 {
                    return Err(self.changed("became shorter"));
                }
                if let Some(hasher) = &mut hasher {
                    hasher.update(&block[..count]);
                }
                at += count;
            }
            Ok((buffer.freeze(), hasher.map(|it| it.finish())))
        })
        .await
    }

    async fn check_unchanged(self: Arc<Self>) -> Result<()> {
        file::blocking(move || {
            let metadata = self.file.metadata().map_err(|error| cannot_read(&self.path, error))?;
            match metadata.len() {
                len if len < self.size => Err(self.changed("became shorter")),
                len if len > self.size => Err(self.changed("became longer")),
                _ if identity(&metadata) != self.identity => Err(self.changed("was written to")),
                _ => Ok(()),
            }
        })
        .await
    }

    fn changed(&self, how: &str) -> Error {
        let path = self.path.display();
        let why = format!("{path} {how} while it was read: upload it again when it is complete");
        Error::new(ErrorKind::SourceChanged, why)
    }
}

/// A stream that is read part by part.
pub(crate) struct StreamParts {
    stream: ByteStream,
    /// What was read beyond the last part.
    rest: Bytes,
    /// The memory of what was read before the first part.
    start: Option<Permit>,
    /// Whether a whole part was read.
    is_begun: bool,
}

impl StreamParts {
    /// Gives back what was read, to be read again, and its memory.
    pub(crate) fn put_back(&mut self, bytes: Bytes, permit: Permit) {
        self.start = Some(permit);
        self.rest = match self.rest.is_empty() {
            true => bytes,
            false => [bytes, std::mem::take(&mut self.rest)].concat().into(),
        };
    }

    /// The memory of the first part, if it was read before.
    pub(crate) fn take_start(&mut self) -> Option<Permit> {
        self.start.take()
    }

    /// The next `size` bytes, or fewer at the end.
    pub(crate) async fn read(&mut self, size: u64, buffers: &Buffers) -> Result<Bytes> {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let mut part: Option<Buffer> = None;
        while part.as_ref().is_none_or(|it| it.bytes.len() < size) && self.has_more().await? {
            // A chunk that is a part by itself is not copied.
            if part.is_none() && self.rest.len() >= size {
                return Ok(self.rest.split_to(size));
            }
            let part = part.get_or_insert_with(|| {
                // The size of a small object is not known before it was read.
                let first = size.min(self.rest.len() + 64 * 1024);
                buffers.empty(if self.is_begun { size } else { first })
            });
            let next = self.rest.split_to(self.rest.len().min(size - part.bytes.len()));
            part.bytes.extend_from_slice(&next);
        }
        self.is_begun |= part.is_some();
        Ok(part.map(Buffer::freeze).unwrap_or_default())
    }

    /// Reads the next chunk if all of the last one is gone. Returns whether there is anything.
    async fn has_more(&mut self) -> Result<bool> {
        if self.rest.is_empty() {
            let next = self.stream.try_next().await;
            let next = next.map_err(|it| Error::new(ErrorKind::Source, it.to_string()).with_source(it))?;
            self.rest = next.unwrap_or_default();
        }
        Ok(!self.rest.is_empty())
    }
}

fn open_file(path: PathBuf, offset: u64, len: Option<u64>, buffers: Buffers, declared: Option<u64>) -> Result<Opened> {
    let file = File::open(&path).map_err(|error| cannot_read(&path, error))?;
    let metadata = file.metadata().map_err(|error| cannot_read(&path, error))?;
    if metadata.is_dir() {
        return Err(Error::new(ErrorKind::Source, format!("{} is a folder, not a file", path.display())));
    }
    let size = metadata.len();
    // Pipes, devices, and files that say they are empty although they are not, as those in /proc.
    if !metadata.is_file() || (size == 0 && offset == 0 && len.is_none()) {
        return Ok(Opened::stream(ByteStream::from_reader(tokio::fs::File::from_std(file)), declared));
    }
    let len = len.unwrap_or_else(|| size.saturating_sub(offset));
    if offset.checked_add(len).is_none_or(|end| end > size) {
        let why = format!("{} has {size} bytes, but {len} bytes from byte {offset} are wanted", path.display());
        return Err(Error::new(ErrorKind::Source, why));
    }
    let identity = identity(&metadata);
    Ok(Opened::File(Arc::new(FileParts { identity, file, path, offset, len, size, buffers })))
}

/// The time of the last change, as text; with the size it tells whether a file was written to.
fn identity(metadata: &Metadata) -> String {
    let since = metadata.modified().ok().and_then(|it| it.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    format!("modified:{}.{:09}", since.as_secs(), since.subsec_nanos())
}

fn cannot_read(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Source, format!("cannot read {}: {error}", path.display())).with_source(error)
}
