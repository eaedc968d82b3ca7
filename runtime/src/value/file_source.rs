//! The chunks of a file, read ahead on the blocking pool. Knows nothing of what is done with them.

use std::fs::File;
use std::future::Future;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::{Error, ErrorKind, Result};

/// How many bytes one hand-over to the blocking pool reads. Two chunks are in memory at a time.
const CHUNK: u64 = 256 * 1024;

/// A part of a file that has a fixed start and length.
pub(super) struct FileSource {
    path: Arc<Path>,
    offset: u64,
    len: u64,
    left: u64,
    state: State,
}

enum State {
    Unread,
    Reading(JoinHandle<io::Result<(File, Bytes)>>),
    Done,
}

impl FileSource {
    /// Looks the file up and fixes the range; nothing is opened.
    pub(super) async fn locate(path: &Path, offset: u64, length: Option<u64>) -> Result<Self> {
        let shown = path.display();
        let about = tokio::fs::metadata(path)
            .await
            .map_err(|e| Error::new(ErrorKind::Body, format!("cannot read file {shown}: {e}")).with_source(e))?;
        if about.is_dir() {
            return Err(Error::new(ErrorKind::Body, format!("cannot read file {shown}: it is a directory")));
        }
        if !about.is_file() {
            let hint = "it is not a regular file; open it and use ByteStream::from_reader";
            return Err(Error::new(ErrorKind::Body, format!("cannot take the length of {shown}: {hint}")));
        }
        let all = about.len();
        let len = length.unwrap_or_else(|| all.saturating_sub(offset));
        if offset.checked_add(len).is_none_or(|end| end > all) {
            let wanted = format!("{len} bytes from byte {offset} are asked for");
            return Err(Error::new(ErrorKind::Body, format!("file {shown} has {all} bytes, {wanted}")));
        }
        Ok(Self { path: path.into(), offset, len, left: len, state: State::Unread })
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn is_unread(&self) -> bool {
        matches!(self.state, State::Unread)
    }

    /// The same range, to be read from its start; `None` once reading has begun.
    pub(super) fn again(&self) -> Option<Self> {
        self.is_unread().then(|| Self {
            path: Arc::clone(&self.path),
            offset: self.offset,
            len: self.len,
            left: self.len,
            state: State::Unread,
        })
    }

    pub(super) fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        loop {
            match &mut self.state {
                State::Done => return Poll::Ready(None),
                State::Unread if self.len == 0 => self.state = State::Done,
                State::Unread => {
                    let (path, offset, size) = (Arc::clone(&self.path), self.offset, self.left.min(CHUNK));
                    self.state = State::Reading(spawn_blocking(move || {
                        let mut file = File::open(path)?;
                        if offset > 0 {
                            file.seek(SeekFrom::Start(offset))?;
                        }
                        read_chunk(file, size)
                    }));
                }
                State::Reading(reading) => {
                    let read = ready!(Pin::new(reading).poll(cx));
                    self.state = State::Done;
                    let chunk = read.map_err(io::Error::other).flatten().and_then(|(file, chunk)| {
                        if chunk.is_empty() {
                            return Err(io::Error::new(
                                io::ErrorKind::UnexpectedEof,
                                "it became shorter while it was read",
                            ));
                        }
                        self.left = self.left.saturating_sub(chunk.len() as u64);
                        if self.left > 0 {
                            let size = self.left.min(CHUNK);
                            self.state = State::Reading(spawn_blocking(move || read_chunk(file, size)));
                        }
                        Ok(chunk)
                    });
                    return Poll::Ready(Some(chunk.map_err(|e| {
                        let shown = self.path.display();
                        Error::new(ErrorKind::Body, format!("cannot read file {shown}: {e}")).with_source(e)
                    })));
                }
            }
        }
    }
}

/// Up to `size` bytes; fewer only at the end of the file.
fn read_chunk(file: File, size: u64) -> io::Result<(File, Bytes)> {
    // `read_to_end` fills spare room without zeroing it first.
    let mut chunk = Vec::with_capacity(size as usize);
    let mut part = file.take(size);
    part.read_to_end(&mut chunk)?;
    Ok((part.into_inner(), chunk.into()))
}
