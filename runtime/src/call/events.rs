//! Event streams in a call: messages of a response become events as they arrive, and events of an input become signed
//! messages as the caller produces them. Knows no concrete union.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use tokio::sync::oneshot;

use super::client_state::ClientState;
use crate::auth::EventSignatures;
use crate::error::{Error, ErrorKind, RawResponse, Result, ServiceRef, requires_feature};
use crate::eventstream::{Decoder, Message};
use crate::http::{Body, HeaderMap, Request};
use crate::operation::OperationPlan;
use crate::protocol::{EventFormat, INITIAL_RESPONSE};
use crate::schema::events::{Incoming, Outgoing};
use crate::schema::shape::{Kind, Member};
use crate::schema::validate::validate;
use crate::schema::{Shape, StructureMut, StructureView};
use crate::sync::lock;
use crate::types::ByteStream;

/// The member of a shape that is an event stream, and the union of its events.
pub(crate) fn event_stream_member(shape: &'static Shape) -> Option<(&'static Member, &'static Shape)> {
    // Without the feature nothing of this file is part of the program.
    let member = &shape.members[shape.payload.filter(|_| cfg!(feature = "event-streams"))?];
    match &member.node.kind {
        Kind::Events(kind) => Some((member, kind.union.get())),
        _ => None,
    }
}

/// Rejects an operation with events in a program without them.
pub(crate) fn check_enabled(plan: &OperationPlan) -> Result<()> {
    let has_events = |shape: &Shape| shape.members.iter().any(|it| matches!(it.node.kind, Kind::Events(_)));
    if !cfg!(feature = "event-streams") && (has_events(plan.input) || has_events(plan.output)) {
        let why = requires_feature("an operation with events", &["event-streams"]);
        return Err(Error::new(ErrorKind::Config, why));
    }
    Ok(())
}

/// Why an event could not be sent. Apart from the queue, whose lock is held while the caller produces an event: that may read
/// the response, which asks for the failure.
type SendFailure = Arc<Mutex<Option<Error>>>;

/// Held by the reader of the response: dropping it cancels the sending of events.
pub(crate) struct EventSendGuard {
    failure: SendFailure,
    _cancel: oneshot::Sender<()>,
}

impl EventSendGuard {
    /// The reason why an event could not be sent, if there is one, instead of the connection error that it caused.
    pub(crate) fn explain(this: &Option<Self>, error: Error) -> Error {
        this.as_ref().and_then(|it| lock(&it.failure).take()).unwrap_or(error)
    }
}

/// The events of a response.
pub(crate) struct ResponseEvents {
    frames: ByteStream,
    decoder: Decoder,
    /// A message that was read ahead.
    peeked: Option<Message>,
    service: ServiceRef,
    format: &'static EventFormat,
    operation: &'static str,
    pub(crate) attempts: u32,
    status: u16,
    headers: HeaderMap,
    send_guard: Option<EventSendGuard>,
}

impl ResponseEvents {
    pub(crate) fn new(
        client: &ClientState,
        plan: &OperationPlan,
        (status, headers): (u16, HeaderMap),
        frames: ByteStream,
        send_guard: Option<EventSendGuard>,
    ) -> Result<Self> {
        Ok(Self {
            frames,
            decoder: Decoder::new(),
            peeked: None,
            service: client.service.as_ref(),
            format: EventFormat::for_protocol(client.service.protocol)?,
            operation: plan.name,
            attempts: 0,
            status,
            headers,
            send_guard,
        })
    }

    /// Waits for the initial response, the message with the members beside the events, if the protocol has one, and
    /// returns its document. A service that does not send it has no such members: the message received instead is the
    /// first event.
    pub(crate) async fn initial(&mut self, union: &Shape) -> Result<Bytes> {
        if !self.format.initial_message {
            return Ok(Bytes::new());
        }
        let message = std::future::poll_fn(|cx| self.poll_message(cx)).await.map_err(|it| self.explain(it))?;
        let Some(message) = message else { return Ok(Bytes::new()) };
        match self.event_type(union, &message).map_err(|it| self.explain(it))? {
            INITIAL_RESPONSE => Ok(message.payload),
            _ => {
                self.peeked = Some(message);
                Ok(Bytes::new())
            }
        }
    }

    /// Adds the head of the response to an error.
    fn explain(&self, error: Error) -> Error {
        error.with_response(RawResponse { status: self.status, headers: self.headers.clone(), body: Bytes::new() })
    }

    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Message>>> {
        if let Some(message) = self.peeked.take() {
            return Poll::Ready(Ok(Some(message)));
        }
        loop {
            if let Some(message) = self.decoder.take()? {
                return Poll::Ready(Ok(Some(message)));
            }
            match ready!(Pin::new(&mut self.frames).poll_next(cx)) {
                Some(Ok(chunk)) => self.decoder.push(&chunk),
                Some(Err(error)) => return Poll::Ready(Err(EventSendGuard::explain(&self.send_guard, error))),
                None => {
                    self.decoder.finish()?;
                    return Poll::Ready(Ok(None));
                }
            }
        }
    }

    /// The event type of a message, or the error that the message stands for.
    fn event_type<'m>(&self, union: &Shape, message: &'m Message) -> Result<&'m str> {
        let header = |name: &str| message.headers.get_str(name);
        let exception = |code: &str, text: Option<&str>| {
            let (headers, body) = (self.headers.clone(), message.payload.clone());
            Err(Error::from_exception_event(self.service, code, text, RawResponse { status: 400, headers, body }))
        };
        match header(":message-type") {
            Some("event") => {
                header(":event-type").ok_or_else(|| Error::new(ErrorKind::Parse, "event message without :event-type"))
            }
            Some("exception") => {
                let name = header(":exception-type").unwrap_or("UnknownException");
                exception(union.exceptions.iter().find(|it| it.0 == name).map_or(name, |it| it.1), None)
            }
            Some("error") => {
                let code = header(":error-code").unwrap_or("UnknownError");
                exception(code, Some(header(":error-message").unwrap_or_default()))
            }
            other => {
                let why = format!("event message of unknown type {:?}", other.unwrap_or_default());
                Err(Error::new(ErrorKind::Parse, why))
            }
        }
    }
}

impl Incoming for ResponseEvents {
    fn poll_event(&mut self, cx: &mut Context<'_>, mut out: StructureMut<'_>) -> Poll<Option<Result<()>>> {
        let result = loop {
            let message = match ready!(self.poll_message(cx)) {
                Ok(Some(message)) => message,
                Ok(None) => return Poll::Ready(None),
                Err(error) => break Err(error),
            };
            match self.event_type(out.shape(), &message) {
                // Services of protocols whose other members are in HTTP headers may send it, too.
                Ok(INITIAL_RESPONSE) => {}
                Ok(name) => break self.format.read(name, &message, out.reborrow()),
                Err(error) => break Err(error),
            }
        };
        Poll::Ready(Some(result.map_err(|it| {
            self.explain(it).with_service(self.service.id).with_operation(self.operation, self.attempts)
        })))
    }
}

impl fmt::Debug for ResponseEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseEvents")
    }
}

/// The events of an input. Attempts share them until the first event was taken; after that there are no more attempts.
pub(crate) struct EventUpload {
    queue: Arc<Mutex<EventQueue>>,
    failure: SendFailure,
    /// The document with the members beside the events, for protocols in which it is a message.
    initial: Option<Bytes>,
}

struct EventQueue {
    /// The events of the caller; `None` after the last.
    events: Option<Box<dyn Outgoing>>,
    /// Whether an event, or the end, was taken from `events`.
    is_started: bool,
}

impl EventUpload {
    pub(crate) fn new(events: Option<Box<dyn Outgoing>>, initial: Option<Bytes>) -> Self {
        Self {
            queue: Arc::new(Mutex::new(EventQueue { events, is_started: false })),
            failure: SendFailure::default(),
            initial,
        }
    }

    /// Whether an event was taken, so that the request cannot be retried.
    pub(crate) fn is_started(&self) -> bool {
        lock(&self.queue).is_started
    }

    /// Makes the events the body of the request, each signed by `signatures`. It is sent until the returned guard is
    /// dropped.
    pub(crate) fn attach(
        &self,
        client: &ClientState,
        signatures: Option<EventSignatures>,
        request: &mut Request,
    ) -> Result<EventSendGuard> {
        let (cancel, cancelled) = oneshot::channel();
        let format = EventFormat::for_protocol(client.service.protocol)?;
        let initial = self.initial.clone().filter(|_| format.initial_message);
        let first = initial.map(|it| format.initial_request(it)?.encode()).transpose()?;
        let validates = client.config()?.parameter_validation;
        let (queue, failure) = (Arc::clone(&self.queue), Arc::clone(&self.failure));
        let body = EventBody { queue, failure, format, validates, first, signatures, cancelled };
        request.body = Body::Stream(ByteStream::from_stream(body));
        request.duplex = true;
        Ok(EventSendGuard { failure: Arc::clone(&self.failure), _cancel: cancel })
    }
}

impl fmt::Debug for EventUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventUpload")
    }
}

/// The body of a request: the events of its input, each framed and signed.
struct EventBody {
    queue: Arc<Mutex<EventQueue>>,
    failure: SendFailure,
    format: &'static EventFormat,
    validates: bool,
    /// The frame to send before the events.
    first: Option<Bytes>,
    /// `None` for a request without a signature, and after the last event.
    signatures: Option<EventSignatures>,
    cancelled: oneshot::Receiver<()>,
}

impl EventBody {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        let (format, validates) = (self.format, self.validates);
        let mut queue = lock(&self.queue);
        if Pin::new(&mut self.cancelled).poll(cx).is_ready() {
            let why = "the call was cancelled while events were being sent";
            return Poll::Ready(Some(Err(Error::new(ErrorKind::Body, why))));
        }
        let next = match &mut queue.events {
            None => None,
            Some(events) => ready!(events.poll_message(cx, &mut |event| encode(format, validates, event))),
        };
        queue.is_started = true;
        if !matches!(next, Some(Ok(_))) {
            queue.events = None;
        }
        Poll::Ready(next.map(|frame| {
            frame.map_err(|error| {
                let body_error = Error::new(ErrorKind::Body, error.to_string());
                *lock(&self.failure) = Some(error);
                body_error
            })
        }))
    }
}

/// The message of an event.
fn encode(format: &EventFormat, validates: bool, event: StructureView<'_>) -> Result<Bytes> {
    validate(event, validates)?;
    format.write(event)?.encode()
}

impl Stream for EventBody {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let frame = ready!(this.poll_frame(cx));
        Poll::Ready(match (frame, &mut this.signatures) {
            (Some(Ok(frame)), Some(signatures)) => Some(signatures.sign(frame)),
            // The end is an empty signed message.
            (None, Some(signatures)) => {
                let end = signatures.sign(Bytes::new());
                this.signatures = None;
                Some(end)
            }
            (frame, _) => frame,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RestXml;
    use crate::schema::events::Write;

    /// Events that come from the response of their call: polling reads it.
    struct Echo(Option<EventSendGuard>);

    impl Outgoing for Echo {
        fn poll_message(&mut self, _: &mut Context<'_>, _: Write<'_>) -> Poll<Option<Result<Bytes>>> {
            let broken = Error::new(ErrorKind::Body, "the response is broken");
            Poll::Ready(Some(Err(EventSendGuard::explain(&self.0, broken))))
        }
    }

    #[tokio::test]
    async fn events_may_come_from_the_response_of_their_call() {
        let (cancel, cancelled) = oneshot::channel();
        let failure = SendFailure::default();
        let guard = EventSendGuard { failure: Arc::clone(&failure), _cancel: cancel };
        let upload = EventUpload::new(Some(Box::new(Echo(Some(guard)))), None);
        let format = EventFormat::for_protocol(&RestXml).expect("a protocol with events");
        let queue = Arc::clone(&upload.queue);
        let failure = Arc::clone(&failure);
        let body = EventBody { queue, failure, format, validates: true, first: None, signatures: None, cancelled };
        let error = ByteStream::from_stream(body).collect().await.expect_err("no event");
        assert!(error.to_string().contains("the response is broken"), "{error}");
        assert!(upload.is_started());
    }
}
