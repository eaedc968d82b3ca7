//! Event streams as members of inputs and outputs: typed wrappers of type-erased streams. Knows no frames and no
//! protocol: the code that fills or reads the streams does.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use tokio::sync::mpsc;

#[cfg(any(test, feature = "testing"))]
use super::copy::copy_structure;
use super::layout::{SchemaType, StructureMut, StructureView};
use crate::{Error, ErrorKind, Result, sync};

/// Events that a service sends, without the type of their union.
pub trait Incoming: Send + Sync {
    /// Writes the next event into `event`, a default union; `None` after the last.
    fn poll_event(&mut self, cx: &mut Context<'_>, event: StructureMut<'_>) -> Poll<Option<Result<()>>>;
}

/// Encodes an event as a message.
pub type Write<'w> = &'w mut dyn FnMut(StructureView<'_>) -> Result<Bytes>;

/// Events to send to a service, without the type of their union.
pub trait Outgoing: Send {
    /// The next event, encoded by `write`; `None` after the last.
    fn poll_message(&mut self, cx: &mut Context<'_>, write: Write<'_>) -> Poll<Option<Result<Bytes>>>;
}

/// The events of the union `T` that a service sends in a response.
///
/// ```
/// # use aws_core::{EventStream, Result};
/// # #[derive(Debug)] enum Event {}
/// # async fn read<T: aws_core::generated::SchemaType + std::fmt::Debug>(mut events: EventStream<T>) -> Result<()> {
/// while let Some(event) = events.try_next().await? {
///     println!("{event:?}");
/// }
/// # Ok(())
/// # }
/// ```
///
/// An exception of the service ends the stream with an [`Error`], which [`Error::is`] and [`Error::get`] identify; its
/// status is 400, as in botocore, although the status of the response was a success. Events that this version does not
/// know are the union's `Unknown`. The read timeout applies, as to every body. Dropping the stream closes it, and the
/// stream of the events that are still being sent.
#[repr(transparent)]
pub struct EventStream<T> {
    source: Option<Box<dyn Incoming>>,
    events: PhantomData<fn() -> T>,
}

impl<T> EventStream<T> {
    pub(crate) fn new(source: Box<dyn Incoming>) -> Self {
        Self { source: Some(source), events: PhantomData }
    }
}

#[cfg(any(test, feature = "testing"))]
impl EventStream<()> {
    /// Takes the events out of a stream of any union.
    pub(crate) fn take(&mut self) -> Option<Box<dyn Incoming>> {
        self.source.take()
    }
}

#[cfg(any(test, feature = "testing"))]
impl<T: SchemaType + Send + Sync> EventStream<T> {
    /// A stream of given events, for tests.
    ///
    /// ```
    /// # use aws_core::generated::SchemaType;
    /// # use aws_core::{Error, EventStream};
    /// # fn make<T: SchemaType + Send + Sync>(first: T, failure: Error) -> EventStream<T> {
    /// EventStream::from_results([Ok(first), Err(failure)])
    /// # }
    /// ```
    pub fn from_results(events: impl IntoIterator<Item = Result<T>>) -> Self {
        Self::new(Box::new(Explicit(events.into_iter().collect::<Vec<_>>().into_iter())))
    }
}

/// The events of [`EventStream::from_results`].
#[cfg(any(test, feature = "testing"))]
struct Explicit<T>(std::vec::IntoIter<Result<T>>);

#[cfg(any(test, feature = "testing"))]
impl<T: SchemaType + Send + Sync> Incoming for Explicit<T> {
    fn poll_event(&mut self, _: &mut Context<'_>, mut event: StructureMut<'_>) -> Poll<Option<Result<()>>> {
        Poll::Ready(self.0.next().map(|result| {
            result.map(|it| match event.downcast_mut() {
                Some(event) => *event = it,
                // A stub writes the events without knowing their type.
                None => copy_structure(StructureView::new(&it), event),
            })
        }))
    }
}

impl<T: SchemaType> EventStream<T> {
    /// Returns the next event, or `None` after the last.
    ///
    /// # Errors
    /// The exception with which the service ended the stream, an event that cannot be parsed, a timeout, or a lost
    /// connection. The stream ends after an error.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }

    /// Returns the next event, or `None` after the last and after an error.
    pub async fn next(&mut self) -> Option<Result<T>> {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        let Some(source) = &mut self.source else { return Poll::Ready(None) };
        let mut event = T::default();
        let next = ready!(source.poll_event(cx, StructureMut::new(&mut event)));
        if !matches!(next, Some(Ok(()))) {
            self.source = None;
        }
        Poll::Ready(next.map(|result| result.map(|()| event)))
    }
}

impl<T: SchemaType> Stream for EventStream<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx)
    }
}

impl<T> Default for EventStream<T> {
    fn default() -> Self {
        Self { source: None, events: PhantomData }
    }
}

impl<T> fmt::Debug for EventStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventStream")
    }
}

/// The events of the union `T` that are sent to a service while it responds.
///
/// Create it from any stream of events (`From`), from an iterator (`EventInput::from_iter`), or as the receiving end of
/// a [`channel`](Self::channel). Each event is signed and sent when the stream yields it; the end of the stream ends
/// the request, which is sent over HTTP/2. Some services respond only after the first events: have those ready before
/// `send().await`, or send them from another task.
pub struct EventInput<T> {
    // The mutex is never locked: it makes the type `Sync`.
    source: Option<Mutex<Box<dyn Outgoing>>>,
    events: PhantomData<fn(T)>,
}

impl<T: SchemaType> EventInput<T> {
    /// Creates a sender and the stream of the events that are sent with it. The stream ends when the sender and all its
    /// clones are dropped. It buffers `capacity` events, at least one; when it is full, [`EventSender::send`] waits.
    pub fn channel(capacity: usize) -> (EventSender<T>, Self)
    where
        T: Send,
    {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        (EventSender(sender), Channel(receiver).into())
    }

    /// Creates the input from a stream that may fail: an error aborts the request.
    pub fn from_results<S, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<T, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let to_error = |error: E| match error.into().downcast::<Error>() {
            Ok(ours) => *ours,
            Err(other) => Error::new(ErrorKind::Body, format!("the event stream failed: {other}")).with_source(other),
        };
        let convert = move |item: Result<T, E>| item.map_err(to_error);
        Self::from_outgoing(FromStream { stream: Box::pin(stream), convert })
    }

    fn from_outgoing(source: impl Outgoing + 'static) -> Self {
        Self { source: Some(Mutex::new(Box::new(source))), events: PhantomData }
    }
}

impl<T> EventInput<T> {
    pub(crate) fn take(&mut self) -> Option<Box<dyn Outgoing>> {
        self.source.take().map(sync::into_inner)
    }
}

impl<T: SchemaType, S: Stream<Item = T> + Send + 'static> From<S> for EventInput<T> {
    fn from(stream: S) -> Self {
        Self::from_outgoing(FromStream { stream: Box::pin(stream), convert: Ok })
    }
}

impl<T: SchemaType + Send> FromIterator<T> for EventInput<T> {
    fn from_iter<I: IntoIterator<Item = T>>(events: I) -> Self {
        IterStream(events.into_iter().collect::<Vec<_>>().into_iter()).into()
    }
}

impl<T> Default for EventInput<T> {
    fn default() -> Self {
        Self { source: None, events: PhantomData }
    }
}

impl<T> fmt::Debug for EventInput<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventInput")
    }
}

/// Sends events into an [`EventInput`]. The stream ends when all clones are dropped.
pub struct EventSender<T>(mpsc::Sender<T>);

impl<T> EventSender<T> {
    /// Sends an event. Waits while the buffer of the channel is full.
    ///
    /// # Errors
    /// [`ErrorKind::Body`] when the request has ended: the event stream of the response reports why.
    pub async fn send(&self, event: T) -> Result<()> {
        let ended = "the event was not sent: the request has ended";
        self.0.send(event).await.map_err(|_| Error::new(ErrorKind::Body, ended))
    }

    /// Whether the request has ended, so that no more events can be sent.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

impl<T> Clone for EventSender<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for EventSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventSender")
    }
}

struct Channel<T>(mpsc::Receiver<T>);

impl<T> Stream for Channel<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.0.poll_recv(cx)
    }
}

/// A stream of what is there already.
pub(crate) struct IterStream<T>(pub(crate) std::vec::IntoIter<T>);

impl<T> Unpin for IterStream<T> {}

impl<T> Stream for IterStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(self.0.next())
    }
}

struct FromStream<S, F> {
    stream: Pin<Box<S>>,
    convert: F,
}

impl<T: SchemaType, S: Stream + Send, F: FnMut(S::Item) -> Result<T> + Send> Outgoing for FromStream<S, F> {
    fn poll_message(&mut self, cx: &mut Context<'_>, write: Write<'_>) -> Poll<Option<Result<Bytes>>> {
        let next = ready!(self.stream.as_mut().poll_next(cx));
        Poll::Ready(next.map(|item| (self.convert)(item).and_then(|event| write(StructureView::new(&event)))))
    }
}
