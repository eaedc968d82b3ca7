//! Reads a file in chunks ahead of use, on the blocking thread pool. Knows no body and no HTTP.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use crate::tokio_runtime::blocking;
use crate::{BoxFuture, Error, ErrorKind, Result, sync};
use bytes::Bytes;

/// How many bytes one task of the blocking pool reads. Our choice: large enough that few tasks are needed, small enough
/// that the two chunks that are in memory at a time cost little.
const CHUNK: u64 = 256 * 1024;

/// A part of a file with a fixed start, and a fixed length if the file has one.
pub(super) struct FileSource {
    path: Arc<Path>,
    offset: u64,
    len: Option<u64>,
    remaining: Option<u64>,
    state: State,
}

/// What reading a chunk on a thread for blocking work returns: the task's result, and the chunk with the file inside.
type ReadResult = io::Result<io::Result<(File, Bytes)>>;

enum State {
    Unread,
    Reading(Mutex<BoxFuture<'static, ReadResult>>),
    Done,
}

impl FileSource {
    /// Checks the file and fixes the range; does not open the file.
    pub(super) async fn locate(path: &Path, offset: u64, length: Option<u64>) -> Result<Self> {
        let name = path.display();
        let owned = path.to_owned();
        let metadata = blocking(move || std::fs::metadata(owned))
            .await
            .flatten()
            .map_err(|e| Error::new(ErrorKind::Body, format!("cannot read file {name}: {e}")).with_source(e))?;
        if metadata.is_dir() {
            return Err(Error::new(ErrorKind::Body, format!("cannot read file {name}: it is a directory")));
        }
        if !metadata.is_file() {
            let hint = "it is not a regular file; open it and use ByteStream::from_reader";
            return Err(Error::new(ErrorKind::Body, format!("cannot determine the length of file {name}: {hint}")));
        }
        let size = metadata.len();
        if size == 0 && offset == 0 && length.is_none() && has_content(path.to_owned()).await? {
            return Ok(Self { path: path.into(), offset, len: None, remaining: None, state: State::Unread });
        }
        let len = length.unwrap_or_else(|| size.saturating_sub(offset));
        if offset.checked_add(len).is_none_or(|end| end > size) {
            let message = format!("file {name} has {size} bytes, but {len} bytes from byte {offset} were requested");
            return Err(Error::new(ErrorKind::Body, message));
        }
        Ok(Self { path: path.into(), offset, len: Some(len), remaining: Some(len), state: State::Unread })
    }

    /// The length; `None` for a file that is read to its end.
    pub(super) fn len(&self) -> Option<u64> {
        self.len
    }

    pub(super) fn is_unread(&self) -> bool {
        matches!(self.state, State::Unread)
    }

    /// The same range, to be read from its start; `None` once reading has begun.
    pub(super) fn try_clone(&self) -> Option<Self> {
        self.is_unread().then(|| Self {
            path: Arc::clone(&self.path),
            offset: self.offset,
            len: self.len,
            remaining: self.len,
            state: State::Unread,
        })
    }

    /// How many bytes to read next.
    fn next_size(&self) -> u64 {
        self.remaining.map_or(CHUNK, |it| it.min(CHUNK))
    }

    pub(super) fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        loop {
            match &mut self.state {
                State::Done => return Poll::Ready(None),
                State::Unread if self.len == Some(0) => self.state = State::Done,
                State::Unread => {
                    let (path, offset, size) = (Arc::clone(&self.path), self.offset, self.next_size());
                    self.state = State::Reading(Mutex::new(blocking(move || {
                        let mut file = File::open(path)?;
                        if offset > 0 {
                            file.seek(SeekFrom::Start(offset))?;
                        }
                        read_chunk(file, size)
                    })));
                }
                State::Reading(reading) => {
                    let read = ready!(sync::get_mut(reading).as_mut().poll(cx)).flatten();
                    self.state = State::Done;
                    if self.len.is_none() && matches!(&read, Ok((_, chunk)) if chunk.is_empty()) {
                        return Poll::Ready(None);
                    }
                    let chunk = read.and_then(|(file, chunk)| {
                        if chunk.is_empty() {
                            return Err(io::Error::new(
                                io::ErrorKind::UnexpectedEof,
                                "the file became shorter while it was being read",
                            ));
                        }
                        self.remaining = self.remaining.map(|it| it.saturating_sub(chunk.len() as u64));
                        if self.remaining != Some(0) {
                            let size = self.next_size();
                            self.state = State::Reading(Mutex::new(blocking(move || read_chunk(file, size))));
                        }
                        Ok(chunk)
                    });
                    return Poll::Ready(Some(chunk.map_err(|e| {
                        let name = self.path.display();
                        Error::new(ErrorKind::Body, format!("cannot read file {name}: {e}")).with_source(e)
                    })));
                }
            }
        }
    }
}

/// Whether a file that reports a length of 0 has content all the same, as those in `/proc` have.
async fn has_content(path: PathBuf) -> Result<bool> {
    let name = path.display().to_string();
    let read = blocking(move || read_chunk(File::open(path)?, 1)).await.flatten();
    let (_, chunk) =
        read.map_err(|e| Error::new(ErrorKind::Body, format!("cannot read file {name}: {e}")).with_source(e))?;
    Ok(!chunk.is_empty())
}

/// Reads `size` bytes, or fewer at the end of the file.
fn read_chunk(file: File, size: u64) -> io::Result<(File, Bytes)> {
    // `read_to_end` fills the spare capacity without zeroing it first.
    let mut chunk = Vec::with_capacity(size as usize);
    let mut part = file.take(size);
    part.read_to_end(&mut chunk)?;
    Ok((part.into_inner(), chunk.into()))
}
