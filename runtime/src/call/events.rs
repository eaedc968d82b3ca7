//! Streams of events in a call: answers become events as they arrive, and the events of an input become signed messages as
//! they are given. Knows no concrete union.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http::header::AUTHORIZATION;
use tokio::sync::oneshot;

use super::core::Core;
use super::execute;
use super::prepare::Signing;
use crate::auth::{Clock, Payload, SigV4, Signer, SigningParams};
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind, Response, Result};
use crate::eventstream::{Decoder, HeaderValue, Message};
use crate::http::{Body, HeaderMap, Request};
use crate::operation::Plan;
use crate::protocol::{EventFormat, INITIAL_RESPONSE, Protocol};
use crate::schema::events::{Incoming, Outgoing};
use crate::schema::shape::{Kind, Member};
use crate::schema::validate::validate;
use crate::schema::{Shape, StructureMut, StructureView};
use crate::text::hex;
use crate::value::{ByteStream, Timestamp};

/// The member of a shape that is a stream of events, and their union.
pub(crate) fn member_of(shape: &'static Shape) -> Option<(&'static Member, &'static Shape)> {
    let member = &shape.members[shape.payload?];
    match &member.node.kind {
        Kind::Events(kind) => Some((member, kind.union.get())),
        _ => None,
    }
}

/// Held by whoever waits for the answer and reads it: when it is dropped, the events being sent end with it.
pub(crate) struct Hold {
    feed: Arc<Mutex<Feed>>,
    _end: oneshot::Sender<()>,
}

impl Hold {
    /// Why the events could not be sent, in place of what that did to the connection.
    pub(crate) fn explain(this: &Option<Self>, error: Error) -> Error {
        this.as_ref().and_then(|it| lock(&it.feed).failure.take()).unwrap_or(error)
    }
}

/// The events of an answer.
pub(crate) struct Answers {
    frames: ByteStream,
    decoder: Decoder,
    /// A message that was read ahead.
    next: Option<Message>,
    protocol: &'static dyn Protocol,
    format: &'static EventFormat,
    operation: &'static str,
    pub(crate) attempts: u32,
    headers: HeaderMap,
    hold: Option<Hold>,
}

impl Answers {
    pub(crate) fn new(
        core: &Core,
        plan: &Plan,
        headers: HeaderMap,
        frames: ByteStream,
        hold: Option<Hold>,
    ) -> Result<Self> {
        Ok(Self {
            frames,
            decoder: Decoder::new(),
            next: None,
            protocol: core.service.protocol,
            format: EventFormat::of(core.service.protocol)?,
            operation: plan.name,
            attempts: 0,
            headers,
            hold,
        })
    }

    /// Waits for the message with the members beside the events, if the protocol has one, and returns its document. A
    /// service that sends none has no such members: what came instead is the first event.
    pub(crate) async fn initial(&mut self, union: &Shape) -> Result<Bytes> {
        if !self.format.initial {
            return Ok(Bytes::new());
        }
        let Some(message) = std::future::poll_fn(|cx| self.poll_message(cx)).await? else { return Ok(Bytes::new()) };
        match self.judge(union, &message)? {
            INITIAL_RESPONSE => Ok(message.payload),
            _ => {
                self.next = Some(message);
                Ok(Bytes::new())
            }
        }
    }

    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Message>>> {
        if let Some(message) = self.next.take() {
            return Poll::Ready(Ok(Some(message)));
        }
        loop {
            if let Some(message) = self.decoder.take()? {
                return Poll::Ready(Ok(Some(message)));
            }
            match ready!(Pin::new(&mut self.frames).poll_next(cx)) {
                Some(Ok(chunk)) => self.decoder.push(&chunk),
                Some(Err(error)) => return Poll::Ready(Err(Hold::explain(&self.hold, error))),
                None => {
                    self.decoder.finish()?;
                    return Poll::Ready(Ok(None));
                }
            }
        }
    }

    /// The type of the event, unless the message is an exception.
    fn judge<'m>(&self, union: &Shape, message: &'m Message) -> Result<&'m str> {
        let text = |name: &str| message.headers.text(name);
        let failed = |code: &str, told: Option<&str>| {
            let (headers, body) = (self.headers.clone(), message.payload.clone());
            Err(Error::streamed(self.protocol, code, told, Response { status: 400, headers, body }))
        };
        match text(":message-type") {
            Some("event") => {
                text(":event-type").ok_or_else(|| Error::new(ErrorKind::Parse, "an event message without :event-type"))
            }
            Some("exception") => {
                let name = text(":exception-type").unwrap_or("UnknownException");
                failed(union.exceptions.iter().find(|it| it.0 == name).map_or(name, |it| it.1), None)
            }
            Some("error") => {
                failed(text(":error-code").unwrap_or("UnknownError"), Some(text(":error-message").unwrap_or_default()))
            }
            other => {
                let why = format!("an event message of the unknown type {:?}", other.unwrap_or_default());
                Err(Error::new(ErrorKind::Parse, why))
            }
        }
    }
}

impl Incoming for Answers {
    fn poll_event(&mut self, cx: &mut Context<'_>, mut out: StructureMut<'_>) -> Poll<Option<Result<()>>> {
        let result = loop {
            let message = match ready!(self.poll_message(cx)) {
                Ok(Some(message)) => message,
                Ok(None) => return Poll::Ready(None),
                Err(error) => break Err(error),
            };
            match self.judge(out.shape(), &message) {
                // Protocols that have the other members in the HTTP head may send it all the same.
                Ok(INITIAL_RESPONSE) => {}
                Ok(name) => break self.format.read(name, &message, out.reborrow()),
                Err(error) => break Err(error),
            }
        };
        Poll::Ready(Some(result.map_err(|it| it.of_call(self.operation, self.attempts))))
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answers")
    }
}

/// The events of an input, for as many attempts as it takes until one takes the first.
pub(crate) struct Outlet {
    feed: Arc<Mutex<Feed>>,
    /// The document with the members beside the events, for protocols in which it travels as a message.
    initial: Option<Bytes>,
}

struct Feed {
    source: Option<Box<dyn Outgoing>>,
    taken: bool,
    /// Why an event could not be sent.
    failure: Option<Error>,
}

fn lock(feed: &Mutex<Feed>) -> MutexGuard<'_, Feed> {
    feed.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Outlet {
    pub(crate) fn new(source: Option<Box<dyn Outgoing>>, initial: Option<Bytes>) -> Self {
        Self { feed: Arc::new(Mutex::new(Feed { source, taken: false, failure: None })), initial }
    }

    /// Whether an event was taken, so that the request cannot be made again.
    pub(crate) fn is_taken(&self) -> bool {
        lock(&self.feed).taken
    }

    /// Signs the request and gives it the events as its body, to be sent until the hold is dropped.
    pub(crate) async fn open(&self, core: &Core, signing: Option<&Signing>, request: &mut Request) -> Result<Hold> {
        let mut chain = None;
        if let Some(signing) = signing
            && let Some(credentials) = execute::credentials(core).await?
        {
            let mut params = execute::params(core, signing, Payload::Events);
            params.content_sha256_header = true;
            core.signer.sign(request, &credentials, &params)?;
            let line = request.headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok()).unwrap_or_default();
            chain = Some(Chain {
                prior: line.rsplit("Signature=").next().unwrap_or_default().to_owned(),
                signer: SigV4::new(),
                credentials,
                region: signing.region.clone(),
                name: signing.name.to_string(),
                clock: core.clock.clone(),
            });
        }
        let (end, held) = oneshot::channel();
        let format = EventFormat::of(core.service.protocol)?;
        let initial = self.initial.clone().filter(|_| format.initial);
        let first = initial.map(|it| format.initial_request(it)?.encode()).transpose()?;
        let validates = core.config()?.parameter_validation;
        let feed = Arc::clone(&self.feed);
        request.body = Body::Stream(ByteStream::from_stream(Sent { feed, format, validates, first, chain, held }));
        request.duplex = true;
        Ok(Hold { feed: Arc::clone(&self.feed), _end: end })
    }
}

impl fmt::Debug for Outlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outlet")
    }
}

/// The body of a request: the events of its input, framed, and signed one after the other.
struct Sent {
    feed: Arc<Mutex<Feed>>,
    format: &'static EventFormat,
    validates: bool,
    first: Option<Bytes>,
    /// Absent for a request without a signature.
    chain: Option<Chain>,
    held: oneshot::Receiver<()>,
}

impl Sent {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        let (format, validates) = (self.format, self.validates);
        let mut feed = lock(&self.feed);
        if Pin::new(&mut self.held).poll(cx).is_ready() {
            let why = "the exchange was given up while events were being sent";
            return Poll::Ready(Some(Err(Error::new(ErrorKind::Body, why))));
        }
        let next = match &mut feed.source {
            None => None,
            Some(source) => ready!(source.poll_message(cx, &mut |it| message(format, validates, it))),
        };
        feed.taken = true;
        if !matches!(next, Some(Ok(_))) {
            feed.source = None;
        }
        Poll::Ready(next.map(|it| {
            it.map_err(|error| {
                let told = Error::new(ErrorKind::Body, error.to_string());
                feed.failure = Some(error);
                told
            })
        }))
    }
}

fn message(format: &EventFormat, validates: bool, event: StructureView<'_>) -> Result<Bytes> {
    if validates {
        validate(event)?;
    }
    format.write(event)?.encode()
}

impl Stream for Sent {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let frame = ready!(this.poll_frame(cx));
        Poll::Ready(match (frame, &mut this.chain) {
            (Some(Ok(frame)), Some(chain)) => Some(chain.sign(frame)),
            // The end is signed too, once.
            (None, Some(chain)) => {
                let end = chain.sign(Bytes::new());
                this.chain = None;
                Some(end)
            }
            (frame, _) => frame,
        })
    }
}

/// Signatures that each confirm the one before.
struct Chain {
    prior: String,
    signer: SigV4,
    credentials: Credentials,
    region: String,
    name: String,
    clock: Clock,
}

impl Chain {
    /// The message that carries `payload`, another message, with its signature.
    fn sign(&mut self, payload: Bytes) -> Result<Bytes> {
        let time = self.clock.now();
        let params = SigningParams::new(&self.region, &self.name, time);
        let mut message = Message { payload, ..Message::default() };
        message.headers.push(":date", HeaderValue::Timestamp(Timestamp::from(time)))?;
        let headers = message.headers.as_bytes();
        self.prior = self.signer.sign_event(&self.credentials, &params, &self.prior, headers, &message.payload)?;
        message.headers.push(":chunk-signature", HeaderValue::Bytes(&hex::decode(&self.prior)?))?;
        message.encode()
    }
}
