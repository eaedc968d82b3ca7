//! Bytes that are sent or received in chunks: from memory, a file, a reader, another stream or an HTTP body. Enforces
//! the declared length and opens files at the first read. Knows no protocol, no checksum and no HTTP client.

mod inspect;
mod stream_reader;
mod unread_body;

use std::fmt;
use std::future::Future;
use std::path::Path;
use std::pin::{Pin, pin};
use std::sync::Mutex;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncReadExt};

use inspect::Inspect;
pub use stream_reader::StreamReader;
use unread_body::Unread;
pub(crate) use unread_body::UnreadBody;

use super::AggregatedBytes;
use super::exact_length::ExactLength;
use super::file_source::FileSource;
use super::joined_chunks::JoinedChunks;
use crate::{Error, ErrorKind, Result, sync};

/// How many bytes are read at once from an [`AsyncRead`]. Our choice: few reads, and little memory for each body.
const READER_CHUNK: usize = 64 * 1024;

type BoxStream = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

/// A streaming body, to upload or received in a response.
///
/// Reading buffers no more than a chunk, so memory use is constant whatever the length. When the length is known
/// ([`len`](Self::len)), a stream of another length is an error, never a short or long result. Bodies from memory and
/// from files can be sent again for a retry ([`is_replayable`](Self::is_replayable)); readers and other streams can be
/// read once.
///
/// ```
/// # async fn run() -> aws_core::Result<()> {
/// use aws_core::types::ByteStream;
///
/// let mut body = ByteStream::from("hello");
/// while let Some(chunk) = body.next().await {
///     println!("{} bytes", chunk?.len());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct ByteStream {
    source: Source,
    /// The exact number of bytes that are not read yet, when it is known.
    remaining: Option<u64>,
    /// Decides which error a wrong length is.
    direction: Direction,
    /// Changes the error that ends the body.
    on_error: Option<OnError>,
}

type OnError = Box<dyn FnOnce(Error) -> Error + Send + Sync>;

#[derive(Default)]
enum Source {
    #[default]
    Done,
    Bytes(Bytes),
    File(Box<FileSource>),
    Inspected(Box<Inspect>),
    // The mutex is never locked: it makes the type `Sync`, so that futures that borrow a body stay `Send`.
    Stream(Mutex<BoxStream>),
}

/// Whether a body is sent in a request or received in a response.
#[derive(Clone, Copy, Default, PartialEq)]
enum Direction {
    #[default]
    Sent,
    Received,
}

impl ByteStream {
    /// Creates a body of static bytes.
    pub fn from_static(bytes: &'static [u8]) -> Self {
        Bytes::from_static(bytes).into()
    }

    /// Creates a body of the whole file at `path`. The file is opened when the first chunk is read, and again for every
    /// retry. A file that reports no length although it has content, such as those in `/proc`, is read to its end; its
    /// [`len`](Self::len) is unknown.
    ///
    /// # Errors
    /// [`ErrorKind::Body`] when the file does not exist or is a directory.
    pub async fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        Self::from_path_range(path, 0, None).await
    }

    /// Creates a body of a part of the file at `path`: `length` bytes (`None`: up to the end) from byte `offset`.
    ///
    /// # Errors
    /// [`ErrorKind::Body`] when the file does not exist, is a directory, or is shorter than `offset + length`.
    pub async fn from_path_range(path: impl AsRef<Path>, offset: u64, length: Option<u64>) -> Result<Self> {
        let file = FileSource::locate(path.as_ref(), offset, length).await?;
        let remaining = file.len();
        Ok(Self { source: Source::File(Box::new(file)), remaining, ..Self::default() })
    }

    /// Creates a body of all bytes of `reader`. Its length is unknown unless set with [`with_len`](Self::with_len). It
    /// can be sent once.
    pub fn from_reader(reader: impl AsyncRead + Send + 'static) -> Self {
        Self::from_stream(ReaderStream { reader: Some(Box::pin(reader)), buffer: BytesMut::new() })
    }

    /// Creates a body of all chunks of `stream`. Its length is unknown unless set with [`with_len`](Self::with_len). It
    /// can be sent once.
    pub fn from_stream<S, E>(stream: S) -> Self
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let stream: BoxStream = Box::pin(IntoErrors { stream: Box::pin(stream) });
        Self { source: Source::Stream(Mutex::new(stream)), ..Self::default() }
    }

    /// Declares that a reader or stream has exactly `len` bytes; without effect on other bodies. Some services reject
    /// bodies of unknown length. Another length is an [`ErrorKind::Body`] error, before the last byte is sent: that waits
    /// for the end of the stream.
    #[must_use]
    pub fn with_len(mut self, len: u64) -> Self {
        self.source = match self.source {
            Source::Stream(stream) => {
                self.remaining = Some(len);
                Source::Stream(Mutex::new(Box::pin(ExactLength::new(sync::into_inner(stream), len))))
            }
            Source::Inspected(inspect) => {
                let inspect = inspect.with_len(len);
                self.remaining = inspect.len();
                Source::Inspected(Box::new(inspect))
            }
            other => other,
        };
        self
    }

    /// Declares the length of a stream that wraps another body, which sees to its own length: nothing is held back.
    pub(crate) fn with_inner_len(mut self, len: u64) -> Self {
        if matches!(self.source, Source::Stream(_)) {
            self.remaining = Some(len);
        }
        self
    }

    /// Creates the body of a response; `len` is the length in its headers. Another length is an [`ErrorKind::Io`]
    /// error.
    pub(crate) fn received(stream: impl Stream<Item = Result<Bytes>> + Send + 'static, len: Option<u64>) -> Self {
        let source = Source::Stream(Mutex::new(Box::pin(stream)));
        Self { source, remaining: len, direction: Direction::Received, on_error: None }
    }

    /// The number of bytes that are not read yet; `None` if it is unknown.
    #[allow(clippy::len_without_is_empty)] // whether a stream is empty is not known before it is read
    pub fn len(&self) -> Option<u64> {
        match &self.source {
            Source::Done => Some(0),
            Source::Bytes(bytes) => Some(bytes.len() as u64),
            Source::File(_) | Source::Inspected(_) | Source::Stream(_) => self.remaining,
        }
    }

    /// Whether this is a request body of known length whose last byte was read. The client reads no further then, and so
    /// does not see the end.
    pub(super) fn is_sent_to_its_end(&self) -> bool {
        self.direction == Direction::Sent && self.len() == Some(0)
    }

    /// The bytes, if they are in memory.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.source {
            Source::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Whether the body can be sent more than once, for a retry.
    pub fn is_replayable(&self) -> bool {
        match &self.source {
            Source::Done | Source::Bytes(_) => true,
            Source::File(file) => file.is_unread(),
            Source::Inspected(inspect) => inspect.is_replayable(),
            Source::Stream(_) => false,
        }
    }

    /// A second body with the same content; `None` if the body can be read only once or reading has begun.
    pub fn try_clone(&self) -> Option<Self> {
        let source = match &self.source {
            Source::Done => Source::Done,
            Source::Bytes(bytes) => Source::Bytes(bytes.clone()),
            Source::File(file) => Source::File(Box::new(file.try_clone()?)),
            Source::Inspected(inspect) => Source::Inspected(Box::new(inspect.try_clone()?)),
            Source::Stream(_) => return None,
        };
        Some(Self { source, remaining: self.remaining, direction: self.direction, on_error: None })
    }

    /// The same as [`try_clone`](Self::try_clone), without the callbacks of [`inspect`](Self::inspect): to compute a
    /// checksum before the body is sent.
    pub(crate) fn try_clone_uninspected(&self) -> Option<Self> {
        match &self.source {
            Source::Inspected(inspect) => inspect.try_clone_uninspected(),
            _ => self.try_clone(),
        }
    }

    /// Returns the next chunk, or `None` at the end. The body ends after an error.
    pub async fn next(&mut self) -> Option<Result<Bytes>> {
        std::future::poll_fn(|cx| self.poll_chunk(cx)).await
    }

    /// Returns the next chunk, or `None` at the end, for `while let Some(chunk) = body.try_next().await?`.
    ///
    /// # Errors
    /// Errors of the source; for a wrong length, [`ErrorKind::Io`] if the body was received and [`ErrorKind::Body`] if
    /// not.
    pub async fn try_next(&mut self) -> Result<Option<Bytes>> {
        self.next().await.transpose()
    }

    /// Reads the whole body into memory.
    ///
    /// # Errors
    /// The same as for [`try_next`](Self::try_next).
    pub async fn collect(mut self) -> Result<AggregatedBytes> {
        let mut chunks = JoinedChunks::default();
        while let Some(chunk) = self.try_next().await? {
            chunks.push(chunk, self.remaining);
        }
        Ok(AggregatedBytes(chunks.into_bytes()))
    }

    /// Converts the body to a buffered reader. Its errors are [`std::io::Error`] with the [`Error`] inside.
    pub fn into_async_read(self) -> StreamReader {
        StreamReader::new(self)
    }

    /// Calls `callback` with every chunk as it is read (`Some`) and at the end (`None`). An error of `callback`
    /// replaces the chunk or the end, and ends the body. Use it to validate a checksum or to report progress.
    ///
    /// The end of a request body of known length comes with its last chunk, which an error then replaces: the upload
    /// fails. An empty body is sent without being read.
    ///
    /// A body that can be sent again stays so: for a retry, `callback` is called with its chunks from the first one on.
    #[must_use]
    pub fn inspect(self, callback: impl FnMut(Option<&Bytes>) -> Result<()> + Send + 'static) -> Self {
        let (remaining, direction) = (self.len(), self.direction);
        let source = Source::Inspected(Box::new(Inspect::new(self, callback)));
        Self { source, remaining, direction, on_error: None }
    }

    /// Returns the body, and a handle that takes it back as long as nothing was read from it.
    pub(crate) fn split_unread(self) -> (Self, UnreadBody) {
        let (remaining, direction) = (self.len(), self.direction);
        if let Source::Bytes(_) | Source::Done = self.source {
            let copy = self.try_clone().unwrap_or_default();
            return (self, Unread::new(copy).1);
        }
        let (stream, unread) = Unread::new(self);
        let source = Source::Stream(Mutex::new(Box::pin(stream)));
        (Self { source, remaining, direction, on_error: None }, unread)
    }

    /// Changes the error that ends the body, if there is one.
    pub(crate) fn on_error(mut self, change: impl FnOnce(Error) -> Error + Send + Sync + 'static) -> Self {
        self.on_error = Some(Box::new(change));
        self
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        loop {
            let chunk = match &mut self.source {
                Source::Done => return Poll::Ready(None),
                Source::Bytes(bytes) => {
                    let bytes = std::mem::take(bytes);
                    self.source = Source::Done;
                    return Poll::Ready((!bytes.is_empty()).then_some(Ok(bytes)));
                }
                Source::File(file) => ready!(file.poll_chunk(cx)),
                Source::Inspected(inspect) => ready!(Pin::new(&mut **inspect).poll_next(cx)),
                Source::Stream(stream) => {
                    ready!(sync::get_mut(stream).as_mut().poll_next(cx))
                }
            };
            let end = match chunk {
                Some(Ok(chunk)) if chunk.is_empty() => continue,
                Some(Ok(chunk)) => match self.remaining {
                    None => return Poll::Ready(Some(Ok(chunk))),
                    Some(remaining) if chunk.len() as u64 <= remaining => {
                        self.remaining = Some(remaining - chunk.len() as u64);
                        return Poll::Ready(Some(Ok(chunk)));
                    }
                    Some(remaining) => Some(Err(self.direction.too_long(chunk.len() as u64 - remaining))),
                },
                Some(Err(error)) => Some(Err(error)),
                None => match self.remaining {
                    Some(missing) if missing > 0 => Some(Err(self.direction.too_short(missing))),
                    _ => None,
                },
            };
            self.source = Source::Done;
            self.remaining = None;
            let on_error = self.on_error.take();
            return Poll::Ready(end.map(|it| match on_error {
                Some(change) => it.map_err(change),
                None => it,
            }));
        }
    }
}

impl Direction {
    fn too_short(self, missing: u64) -> Error {
        match self {
            Self::Sent => Error::new(
                ErrorKind::Body,
                format!("the request body ended {missing} bytes before its declared length"),
            ),
            Self::Received => Error::new(ErrorKind::Io, format!("the response body ended {missing} bytes early")),
        }
    }

    fn too_long(self, extra: u64) -> Error {
        match self {
            Self::Sent => Error::new(
                ErrorKind::Body,
                format!("the request body is at least {extra} bytes longer than its declared length"),
            ),
            Self::Received => Error::new(
                ErrorKind::Io,
                format!("the response body is at least {extra} bytes longer than its headers declare"),
            ),
        }
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match self.source {
            Source::Done => "empty",
            Source::Bytes(_) => "memory",
            Source::File(_) => "file",
            Source::Inspected(_) => "inspected",
            Source::Stream(_) => "stream",
        };
        f.debug_struct("ByteStream").field("source", &source).field("len", &self.len()).finish()
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_chunk(cx)
    }
}

impl Body for ByteStream {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        self.poll_chunk(cx).map_ok(Frame::data)
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.source, Source::Done)
    }

    fn size_hint(&self) -> SizeHint {
        self.len().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl From<Bytes> for ByteStream {
    fn from(bytes: Bytes) -> Self {
        Self { source: Source::Bytes(bytes), ..Self::default() }
    }
}

impl From<Vec<u8>> for ByteStream {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for ByteStream {
    fn from(string: String) -> Self {
        Bytes::from(string).into()
    }
}

impl From<&'static str> for ByteStream {
    fn from(string: &'static str) -> Self {
        Bytes::from_static(string.as_bytes()).into()
    }
}

impl From<&'static [u8]> for ByteStream {
    fn from(bytes: &'static [u8]) -> Self {
        Self::from_static(bytes)
    }
}

/// A stream whose errors are converted to [`Error`].
struct IntoErrors<S> {
    stream: Pin<Box<S>>,
}

impl<S, E> Stream for IntoErrors<S>
where
    S: Stream<Item = std::result::Result<Bytes, E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.as_mut().poll_next(cx).map_err(|e| match e.into().downcast::<Error>() {
            Ok(ours) => *ours,
            Err(other) => {
                Error::new(ErrorKind::Body, format!("cannot read the request body: {other}")).with_source(other)
            }
        })
    }
}

struct ReaderStream<R> {
    reader: Option<Pin<Box<R>>>,
    buffer: BytesMut,
}

impl<R: AsyncRead> Stream for ReaderStream<R> {
    type Item = std::io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let Some(reader) = &mut this.reader else { return Poll::Ready(None) };
        if this.buffer.capacity() < READER_CHUNK / 4 {
            this.buffer.reserve(READER_CHUNK);
        }
        // The future has no state between polls: it only forwards to `poll_read`.
        let read = ready!(pin!(reader.read_buf(&mut this.buffer)).poll(cx));
        match read {
            Ok(0) => {
                this.reader = None;
                Poll::Ready(None)
            }
            Ok(_) => Poll::Ready(Some(Ok(this.buffer.split().freeze()))),
            Err(e) => {
                this.reader = None;
                Poll::Ready(Some(Err(e)))
            }
        }
    }
}

#[cfg(test)]
#[path = "byte_stream_tests.rs"]
mod tests;
