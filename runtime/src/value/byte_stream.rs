//! Bytes that are sent or received piece by piece: from memory, a file, a reader, another stream or an HTTP body. Holds the
//! exact length to its word and opens files late; knows no protocol, no checksum and no HTTP client.

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

use super::AggregatedBytes;
use super::file_source::FileSource;
use super::stream_reader::StreamReader;
use crate::{Error, ErrorKind, Result};

/// How many bytes are read at once from an [`AsyncRead`].
const READER_CHUNK: usize = 64 * 1024;
/// How much room is set aside in advance when a body is collected; a longer one grows as it comes, so that a false length
/// costs nothing.
const COLLECT_AHEAD: u64 = 16 * 1024 * 1024;

type BoxStream = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

/// A body that streams: what is uploaded, or what comes back.
///
/// Reading never buffers more than a chunk, so memory stays constant whatever the length. When the length is known
/// ([`len`](Self::len)) a stream that ends early or goes on too long is an error, never a short or long result.
/// Bodies from memory and from files can be sent again ([`is_replayable`](Self::is_replayable)); readers and other streams
/// can be read once.
///
/// ```
/// # async fn run() -> aws_core::Result<()> {
/// use aws_core::value::ByteStream;
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
    /// Exactly how many bytes are still to come, when that is known.
    left: Option<u64>,
    /// What it is called when the source ends early or goes on too long.
    fault: Fault,
}

#[derive(Default)]
enum Source {
    #[default]
    Done,
    Bytes(Bytes),
    File(Box<FileSource>),
    // The mutex is never locked: it makes the type `Sync`, so that futures that borrow a body stay `Send`.
    Stream(Mutex<BoxStream>),
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Fault {
    #[default]
    Given,
    Received,
}

impl ByteStream {
    /// A body of constant bytes.
    pub fn from_static(bytes: &'static [u8]) -> Self {
        Bytes::from_static(bytes).into()
    }

    /// The whole file at `path`. It is opened when the first chunk is asked for, and again for every repetition.
    ///
    /// # Errors
    /// [`ErrorKind::Body`] when the file does not exist or is a directory.
    pub async fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        Self::from_path_range(path, 0, None).await
    }

    /// A part of the file at `path`: `length` bytes (all that follow when `None`) from byte `offset`.
    ///
    /// # Errors
    /// [`ErrorKind::Body`] when the file does not exist, is a directory, or is shorter than `offset + length`.
    pub async fn from_path_range(path: impl AsRef<Path>, offset: u64, length: Option<u64>) -> Result<Self> {
        let file = FileSource::locate(path.as_ref(), offset, length).await?;
        let left = Some(file.len());
        Ok(Self { source: Source::File(Box::new(file)), left, fault: Fault::Given })
    }

    /// Everything `reader` gives. The length is unknown unless told by [`with_len`](Self::with_len); it can be sent once.
    pub fn from_reader(reader: impl AsyncRead + Send + 'static) -> Self {
        Self::from_stream(ReaderStream { reader: Some(Box::pin(reader)), buffer: BytesMut::new() })
    }

    /// Everything `stream` gives. The length is unknown unless told by [`with_len`](Self::with_len); it can be sent once.
    pub fn from_stream<S, E>(stream: S) -> Self
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let stream: BoxStream = Box::pin(IntoErrors { stream: Box::pin(stream) });
        Self { source: Source::Stream(Mutex::new(stream)), left: None, fault: Fault::Given }
    }

    /// Says that a reader or stream will give exactly `len` bytes. Services that refuse bodies of unknown length need it.
    #[must_use]
    pub fn with_len(mut self, len: u64) -> Self {
        if matches!(self.source, Source::Stream(_)) {
            self.left = Some(len);
        }
        self
    }

    /// The data of a received body; `len` is what its headers promise. Ending before that is an [`ErrorKind::Io`] error.
    pub(crate) fn received(stream: impl Stream<Item = Result<Bytes>> + Send + 'static, len: Option<u64>) -> Self {
        Self { source: Source::Stream(Mutex::new(Box::pin(stream))), left: len, fault: Fault::Received }
    }

    /// How many bytes are still to come, when that is known.
    #[allow(clippy::len_without_is_empty)] // emptiness of a stream is not known before it is read
    pub fn len(&self) -> Option<u64> {
        match &self.source {
            Source::Done => Some(0),
            Source::Bytes(bytes) => Some(bytes.len() as u64),
            Source::File(_) | Source::Stream(_) => self.left,
        }
    }

    /// The bytes, when they are in memory.
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
            Source::Stream(_) => false,
        }
    }

    /// A second body with the same content, or `None` if it can be read only once or reading has begun.
    pub fn try_clone(&self) -> Option<Self> {
        let source = match &self.source {
            Source::Done => Source::Done,
            Source::Bytes(bytes) => Source::Bytes(bytes.clone()),
            Source::File(file) => Source::File(Box::new(file.again()?)),
            Source::Stream(_) => return None,
        };
        Some(Self { source, left: self.left, fault: self.fault })
    }

    /// The next chunk, or `None` at the end. After an error nothing more comes.
    pub async fn next(&mut self) -> Option<Result<Bytes>> {
        std::future::poll_fn(|cx| self.poll_chunk(cx)).await
    }

    /// The next chunk, or `None` at the end, in the form that `while let Some(chunk) = body.try_next().await?` likes.
    ///
    /// # Errors
    /// What the source reports; [`ErrorKind::Io`] when a received body ends early, [`ErrorKind::Body`] when a given one does.
    pub async fn try_next(&mut self) -> Result<Option<Bytes>> {
        self.next().await.transpose()
    }

    /// Reads everything into memory.
    ///
    /// # Errors
    /// As [`try_next`](Self::try_next).
    pub async fn collect(mut self) -> Result<AggregatedBytes> {
        let left = self.len();
        let Some(first) = self.try_next().await? else { return Ok(AggregatedBytes(Bytes::new())) };
        let Some(second) = self.try_next().await? else { return Ok(AggregatedBytes(first)) };
        let room = left.unwrap_or(0).min(COLLECT_AHEAD) as usize;
        let mut all = BytesMut::with_capacity(room.max(first.len() + second.len()));
        all.extend_from_slice(&first);
        all.extend_from_slice(&second);
        drop((first, second));
        while let Some(chunk) = self.try_next().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(AggregatedBytes(all.freeze()))
    }

    /// The body as a buffered reader; errors come as [`std::io::Error`] with the [`Error`] inside.
    pub fn into_async_read(self) -> StreamReader {
        StreamReader::new(self)
    }

    /// Shows every chunk to `watch` as it passes (`Some`), and the end (`None`). An error of `watch` takes the place of the
    /// chunk or of the end, and nothing more comes. The way to check a checksum at the end, or to report progress.
    #[must_use]
    pub fn inspect(self, watch: impl FnMut(Option<&Bytes>) -> Result<()> + Send + 'static) -> Self {
        let left = self.len();
        let fault = self.fault;
        let stream: BoxStream = Box::pin(Inspect { stream: self, watch: Some(Box::new(watch)) });
        Self { source: Source::Stream(Mutex::new(stream)), left, fault }
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
                Source::Stream(stream) => {
                    let stream = stream.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
                    ready!(stream.as_mut().poll_next(cx))
                }
            };
            let end = match chunk {
                Some(Ok(chunk)) if chunk.is_empty() => continue,
                Some(Ok(chunk)) => match self.left {
                    None => return Poll::Ready(Some(Ok(chunk))),
                    Some(left) if chunk.len() as u64 <= left => {
                        self.left = Some(left - chunk.len() as u64);
                        return Poll::Ready(Some(Ok(chunk)));
                    }
                    Some(left) => Some(Err(self.fault.too_long(chunk.len() as u64 - left))),
                },
                Some(Err(error)) => Some(Err(error)),
                None => match self.left {
                    Some(left) if left > 0 => Some(Err(self.fault.too_short(left))),
                    _ => None,
                },
            };
            self.source = Source::Done;
            self.left = None;
            return Poll::Ready(end);
        }
    }
}

impl Fault {
    fn too_short(self, missing: u64) -> Error {
        match self {
            Self::Given => {
                Error::new(ErrorKind::Body, format!("the body to send ended {missing} bytes before its length"))
            }
            Self::Received => Error::new(ErrorKind::Io, format!("the response body ended {missing} bytes early")),
        }
    }

    fn too_long(self, extra: u64) -> Error {
        match self {
            Self::Given => Error::new(
                ErrorKind::Body,
                format!("the body to send is at least {extra} bytes longer than its length"),
            ),
            Self::Received => {
                Error::new(ErrorKind::Io, format!("the response body is at least {extra} bytes longer than announced"))
            }
        }
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match self.source {
            Source::Done => "empty",
            Source::Bytes(_) => "memory",
            Source::File(_) => "file",
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
        Self { source: Source::Bytes(bytes), left: None, fault: Fault::Given }
    }
}

impl From<Vec<u8>> for ByteStream {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for ByteStream {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for ByteStream {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl From<&'static [u8]> for ByteStream {
    fn from(bytes: &'static [u8]) -> Self {
        Self::from_static(bytes)
    }
}

/// The errors of a foreign stream as ours.
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
                Error::new(ErrorKind::Body, format!("the body to send cannot be read: {other}")).with_source(other)
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
        // The future holds no state between polls: it only hands on `poll_read`.
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

type Watch = Box<dyn FnMut(Option<&Bytes>) -> Result<()> + Send>;

struct Inspect {
    stream: ByteStream,
    watch: Option<Watch>,
}

impl Stream for Inspect {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.watch.is_none() {
            return Poll::Ready(None);
        }
        let chunk = match ready!(self.stream.poll_chunk(cx)) {
            Some(Ok(chunk)) => Some(chunk),
            Some(Err(error)) => {
                self.watch = None;
                return Poll::Ready(Some(Err(error)));
            }
            None => None,
        };
        let seen = self.watch.as_mut().map_or(Ok(()), |watch| watch(chunk.as_ref()));
        if seen.is_err() || chunk.is_none() {
            self.watch = None;
        }
        Poll::Ready(seen.map(|()| chunk).transpose())
    }
}

#[cfg(test)]
#[path = "byte_stream_tests.rs"]
mod tests;
