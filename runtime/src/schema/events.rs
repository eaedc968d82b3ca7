//! Streams of events as members of inputs and outputs: typed shells over erased streams. They know neither frames nor a
//! protocol; who fills or empties them does.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use tokio::sync::mpsc;

use super::layout::{Element, StructureMut, StructureView};
use crate::{Error, ErrorKind, Result};

/// Events that a service sends, whatever their union.
pub trait Incoming: Send + Sync {
    /// Fills the next event, a default union; `None` after the last.
    fn poll_event(&mut self, cx: &mut Context<'_>, event: StructureMut<'_>) -> Poll<Option<Result<()>>>;
}

/// Makes a message of an event.
pub type Write<'w> = &'w mut dyn FnMut(StructureView<'_>) -> Result<Bytes>;

/// Events for a service, whatever their union.
pub trait Outgoing: Send {
    /// What `write` makes of the next event; `None` after the last.
    fn poll_message(&mut self, cx: &mut Context<'_>, write: Write<'_>) -> Poll<Option<Result<Bytes>>>;
}

/// The events of the union `T` that a service sends while it works.
///
/// ```
/// # use aws_core::{EventStream, Result};
/// # #[derive(Debug)] enum Event {}
/// # async fn read<T: aws_core::codegen::Element + std::fmt::Debug>(mut events: EventStream<T>) -> Result<()> {
/// while let Some(event) = events.try_next().await? {
///     println!("{event:?}");
/// }
/// # Ok(())
/// # }
/// ```
///
/// An exception of the service ends the stream with an [`Error`] that [`Error::is`] and [`Error::get`] tell apart; its
/// status is 400, as in botocore, although the answer itself began well. Events that this version does not know are the
/// union's `Unknown`. How long nothing may come is limited as for every body. Dropping the stream ends the exchange,
/// also that of the events still being sent.
pub struct EventStream<T> {
    source: Option<Box<dyn Incoming>>,
    events: PhantomData<fn() -> T>,
}

impl<T> EventStream<T> {
    pub(crate) fn new(source: Box<dyn Incoming>) -> Self {
        Self { source: Some(source), events: PhantomData }
    }
}

impl<T: Element> EventStream<T> {
    /// The next event, or `None` after the last.
    ///
    /// # Errors
    /// The exception with which the service ended the stream; an event that cannot be read, a limit of time, a lost
    /// connection. Nothing comes after an error.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }

    /// The next event, or `None` after the last and after an error.
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
        Poll::Ready(next.map(|it| it.map(|()| event)))
    }
}

impl<T: Element> Stream for EventStream<T> {
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

/// The events of the union `T` that are sent to a service while it answers.
///
/// It is made of any stream of events, of events at hand (`EventInput::from_iter`), or as the other end of a
/// [`channel`](Self::channel). Events are sent as they come, each signed; the end of the stream tells the service that no
/// more follow. The exchange goes over HTTP/2. Some services answer only after the first events: have those ready
/// before `send().await`, or send them from another task.
pub struct EventInput<T> {
    // The mutex is never locked: it makes the type `Sync`.
    source: Option<Mutex<Box<dyn Outgoing>>>,
    events: PhantomData<fn(T)>,
}

impl<T: Element> EventInput<T> {
    /// A stream of what is sent with the other end, until that and all its clones are dropped. `capacity` events, at
    /// least one, wait to be sent; then [`EventSender::send`] waits.
    pub fn channel(capacity: usize) -> (EventSender<T>, Self)
    where
        T: Send,
    {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        (EventSender(sender), Channel(receiver).into())
    }

    /// A stream that may fail: an error breaks off the request.
    pub fn from_results<S, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<T, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let failed = |it: E| match it.into().downcast::<Error>() {
            Ok(ours) => *ours,
            Err(other) => {
                Error::new(ErrorKind::Body, format!("the stream of events failed: {other}")).with_source(other)
            }
        };
        Self::of(FromStream { stream: Box::pin(stream), made: move |it: Result<T, E>| it.map_err(failed) })
    }

    fn of(source: impl Outgoing + 'static) -> Self {
        Self { source: Some(Mutex::new(Box::new(source))), events: PhantomData }
    }
}

impl<T> EventInput<T> {
    pub(crate) fn take(&mut self) -> Option<Box<dyn Outgoing>> {
        self.source.take().map(|it| it.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T: Element, S: Stream<Item = T> + Send + 'static> From<S> for EventInput<T> {
    fn from(stream: S) -> Self {
        Self::of(FromStream { stream: Box::pin(stream), made: Ok })
    }
}

impl<T: Element + Send> FromIterator<T> for EventInput<T> {
    fn from_iter<I: IntoIterator<Item = T>>(events: I) -> Self {
        AtHand(events.into_iter().collect::<Vec<_>>().into_iter()).into()
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
    /// Sends an event, waiting while the service does not keep up.
    ///
    /// # Errors
    /// [`ErrorKind::Body`] when the exchange has ended: the stream of answers tells why.
    pub async fn send(&self, event: T) -> Result<()> {
        let ended = "the event was not sent: the exchange has ended";
        self.0.send(event).await.map_err(|_| Error::new(ErrorKind::Body, ended))
    }

    /// Whether the exchange has ended, so that nothing more can be sent.
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

struct AtHand<T>(std::vec::IntoIter<T>);

impl<T> Unpin for AtHand<T> {}

impl<T> Stream for AtHand<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(self.0.next())
    }
}

struct FromStream<S, F> {
    stream: Pin<Box<S>>,
    made: F,
}

impl<T: Element, S: Stream + Send, F: FnMut(S::Item) -> Result<T> + Send> Outgoing for FromStream<S, F> {
    fn poll_message(&mut self, cx: &mut Context<'_>, write: Write<'_>) -> Poll<Option<Result<Bytes>>> {
        let next = ready!(self.stream.as_mut().poll_next(cx));
        Poll::Ready(next.map(|it| (self.made)(it).and_then(|event| write(StructureView::new(&event)))))
    }
}
