//! One exchange of a recording: a line of JSON, what is removed from it before it is written, and the response that it
//! becomes. Knows no file.

use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::secret_text;
use crate::encoding::base64;
use crate::error::{Error, ErrorKind, Result};
use crate::eventstream::Decoder;
use crate::hooks::HookContext;
use crate::http::header::CONTENT_LENGTH;
use crate::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use crate::operation::OperationPlan;
use crate::protocol::{EventFormat, INITIAL_RESPONSE, Protocol, ResponseParts, events_member, write_output};
use crate::retry::FIRST_ERROR_STATUS;
use crate::schema::debug::REDACTED;
use crate::schema::dynamic;
use crate::schema::events::IterStream;
use crate::schema::redact::{has_secrets, redact, redact_named};
use crate::schema::shape::Kind;
use crate::types::{ByteStream, Document};

/// The first line of a file: the version of the lines after it.
pub(super) const VERSION_LINE: &str = "{\"aws-core recording\":1}\n";

/// Shorter strings are not looked for in other places: they would be found where they are no secrets. Our choice.
const SHORTEST_SECRET: usize = 6;

/// A request, by operation and input, and its response.
#[derive(Clone, Default)]
pub(super) struct Exchange {
    /// The line in the file.
    pub(super) line: usize,
    pub(super) service: String,
    pub(super) operation: String,
    /// The input in JSON, without secrets.
    pub(super) input: String,
    /// What stands in the input for a secret.
    pub(super) mark: String,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// The body, as it arrived.
    pub(super) chunks: Vec<Bytes>,
    /// Whether the program dropped the stream of the body before its end.
    pub(super) is_partial: bool,
}

impl Exchange {
    /// A call whose response is still to come.
    pub(super) fn new(call: &HookContext, input: String, mark: String) -> Self {
        let (service, operation) = (call.service().to_owned(), call.operation().to_owned());
        Self { service, operation, input, mark, ..Self::default() }
    }

    pub(super) fn parse(line: &str, number: usize) -> Result<Self, String> {
        let value = Document::from_str(line).map_err(|it| format!("it is cut off or no JSON: {it}"))?;
        let field = |name: &str| value.get(name).ok_or_else(|| format!("the field {name} is missing"));
        let string = |name: &str| {
            let found = field(name)?.as_str().ok_or_else(|| format!("the field {name} is not a string"))?;
            Ok::<_, String>(found.to_owned())
        };
        let status =
            field("status")?.as_u64().and_then(|it| u16::try_from(it).ok()).ok_or("the status is no number")?;
        let mut headers = HeaderMap::new();
        for (name, values) in field("headers")?.as_object().into_iter().flatten() {
            let name = HeaderName::from_str(name).map_err(|it| format!("the header {name:?}: {it}"))?;
            for text in values.as_array().into_iter().flatten().filter_map(Document::as_str) {
                let value =
                    HeaderValue::from_str(text).map_err(|it| format!("the value of the header {name}: {it}"))?;
                headers.append(&name, value);
            }
        }
        let pieces = field("body")?.as_array().ok_or("the body is not a list of chunks")?;
        let chunk = |piece: &Document| match (piece.as_str(), piece.get("base64").and_then(Document::as_str)) {
            (Some(text), _) => Ok(Bytes::from(text.to_owned())),
            (None, Some(text)) => base64::decode(text).map(Bytes::from).map_err(|it| format!("the body: {it}")),
            _ => Err("a chunk of the body is neither a string nor base64".to_owned()),
        };
        Ok(Self {
            line: number,
            service: string("service")?,
            operation: string("operation")?,
            input: field("input")?.to_string(),
            mark: value.get("mark").and_then(Document::as_str).unwrap_or(REDACTED).to_owned(),
            status,
            headers,
            chunks: pieces.iter().map(chunk).collect::<Result<_, _>>()?,
            is_partial: value.get("partial").and_then(Document::as_bool).unwrap_or(false),
        })
    }

    /// Whether this is an exchange of the operation of another.
    pub(super) fn is_of(&self, call: &Self) -> bool {
        self.service == call.service && self.operation == call.operation
    }

    /// Whether this is the input of a call, without its secrets: the mark stands for any text, since what it replaced may be a
    /// key or a token that only the recorded call had.
    pub(super) fn has_input(&self, input: &str) -> bool {
        let mut pieces = self.input.split(&*self.mark);
        let Some(mut rest) = pieces.next().and_then(|it| input.strip_prefix(it)) else { return false };
        for piece in pieces {
            // A secret ends where its string ends.
            let mut ends = quoted_ends(rest);
            match ends.find(|it| rest[*it..].starts_with(piece)) {
                Some(at) => rest = &rest[at + piece.len()..],
                None => return false,
            }
        }
        rest.is_empty()
    }

    /// The response, with the chunks of the one that was recorded.
    pub(super) fn response(&self) -> Result<Response> {
        let status = StatusCode::from_u16(self.status).map_err(|it| {
            Error::new(ErrorKind::Hook, format!("line {} of the recording: {it}", self.line)).with_source(it)
        })?;
        let body = match &*self.chunks {
            [only] if !self.is_partial => only.clone().into(),
            chunks => {
                let end = self.is_partial.then(|| {
                    let why = "has only the part of the stream that the program read when it was recorded";
                    Error::new(ErrorKind::Hook, format!("line {} of the recording {why}", self.line))
                });
                let len = chunks.iter().map(|it| it.len() as u64).sum();
                let chunks = chunks.iter().cloned().map(Ok).chain(end.map(Err)).collect::<Vec<_>>();
                ByteStream::received(IterStream(chunks.into_iter()), (!self.is_partial).then_some(len))
            }
        };
        Ok(Response::new(status, self.headers.clone(), body))
    }

    pub(super) fn to_line(&self) -> String {
        let mut names: Vec<_> = self.headers.keys().collect();
        names.sort_by_key(|it| it.as_str());
        let headers = names.into_iter().map(|name| {
            let values = self.headers.get_all(name).iter().filter_map(|it| it.to_str().ok());
            (name.to_string(), values.map(Document::from).collect::<Document>())
        });
        let chunks = self.chunks.iter().map(|it| match std::str::from_utf8(it) {
            Ok(text) => Document::from(text),
            Err(_) => Document::from([("base64", base64::encode(it))]),
        });
        let mark = match &*self.mark {
            REDACTED => String::new(),
            mark => format!(",\"mark\":{}", Document::from(mark)),
        };
        format!(
            "{{\"service\":{},\"operation\":{},\"input\":{}{mark},\"status\":{},\"headers\":{},\"body\":{}{}}}",
            Document::from(&*self.service),
            Document::from(&*self.operation),
            self.input,
            self.status,
            headers.collect::<Document>(),
            chunks.collect::<Document>(),
            if self.is_partial { ",\"partial\":true" } else { "" },
        )
    }
}

/// What stands for a secret in an input: `***`, unless the caller wrote asterisks himself; then the first of `<1>`, `<2>`, …
/// that the input does not contain.
pub(super) fn mark(input: &str) -> String {
    let mut marks = (1..).map(|it| format!("<{it}>")).filter(|it| !input.contains(it));
    marks.next().filter(|_| input.contains('*')).unwrap_or_else(|| REDACTED.to_owned())
}

/// Where a secret may end that begins a text in JSON: up to the end of its string.
fn quoted_ends(text: &str) -> impl Iterator<Item = usize> + '_ {
    let mut is_escaped = false;
    let end = text.find(|it: char| {
        let is_end = it == '"' && !is_escaped;
        is_escaped = it == '\\' && !is_escaped;
        is_end
    });
    let end = end.unwrap_or(text.len());
    (0..=end).filter(|it| text.is_char_boundary(*it))
}

/// Changes what is recorded.
pub(super) type Sanitizer = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// What must not be in the exchange of a call.
pub(super) struct Redaction {
    pub(super) secrets: Vec<String>,
    pub(super) plan: &'static OperationPlan,
    pub(super) protocol: &'static dyn Protocol,
}

impl Redaction {
    /// Removes the secrets of a response before it is written.
    pub(super) fn redact(&mut self, exchange: &mut Exchange, sanitizers: &[Sanitizer]) {
        let before: Vec<u8> = exchange.chunks.concat();
        for name in ["set-cookie", "x-amz-security-token", "x-amz-s3session-token"] {
            exchange.headers.remove(name);
        }
        for (name, index) in self.plan.output.header_members() {
            if self.plan.output.members[*index].secret && exchange.headers.contains_key(name) {
                exchange.headers.insert(name, HeaderValue::from_static(REDACTED));
            }
        }
        let payload = self.plan.output.payload.map(|it| &self.plan.output.members[it]);
        let is_events = payload.is_some_and(|it| matches!(it.node.kind, Kind::Events(_)));
        let has_secret_errors = !self.plan.secret_errors.is_empty();
        let may_have_secrets = has_secrets(self.plan.output) || is_events && has_secret_errors;
        if exchange.status < FIRST_ERROR_STATUS && may_have_secrets {
            let body = Bytes::from(before.clone());
            // A body that cannot be read might contain anything.
            exchange.chunks = match payload.map(|it| (it.secret, &it.node.kind)) {
                Some((_, Kind::Events(_))) => self.without_secret_events(&body).unwrap_or_default(),
                Some((true, Kind::Stream)) => vec![REDACTED.into()],
                Some((false, Kind::Stream)) => std::mem::take(&mut exchange.chunks),
                _ => self.without_secret_members(exchange, body).into_iter().collect(),
            };
        }
        if exchange.status >= FIRST_ERROR_STATUS && has_secret_errors {
            exchange.chunks = self.without_secret_errors(&before).into_iter().collect();
        }
        let mut known: Vec<_> = self.secrets.iter().filter(|it| it.len() >= SHORTEST_SECRET).collect();
        // A part of another one must not be replaced first.
        known.sort_by_key(|it| std::cmp::Reverse(it.len()));
        let without_secrets = |text: &str, mark: &str| {
            known.iter().fold(text.to_owned(), |text, secret| secret_text::replace(&text, secret, mark))
        };
        // The sanitizers changed it before, as they do in replay.
        exchange.input = without_secrets(&exchange.input, &exchange.mark);
        let clean = |text: &str| sanitizers.iter().fold(without_secrets(text, REDACTED), |text, it| it(&text));
        for value in exchange.headers.values_mut() {
            if let Some(changed) = value.to_str().ok().map(clean).and_then(|it| HeaderValue::try_from(it).ok()) {
                *value = changed;
            }
        }
        let is_streamed = streams(self.plan, exchange.status);
        // A secret may lie in two chunks, and a chunk may end inside of a character.
        if !is_streamed && exchange.chunks.len() > 1 {
            exchange.chunks = vec![exchange.chunks.concat().into()];
        }
        for chunk in &mut exchange.chunks {
            match std::str::from_utf8(chunk) {
                Ok(text) => *chunk = clean(text).into(),
                // Frames of events, which are clean by now, or an object's bytes.
                Err(_) if is_streamed => {}
                Err(_) => {
                    let mut masked = chunk.to_vec();
                    known.iter().for_each(|it| secret_text::mask(&mut masked, it));
                    *chunk = masked.into();
                }
            }
        }
        let after: Vec<u8> = exchange.chunks.concat();
        if after != before {
            // They would be wrong.
            let is_of_body = |name: &HeaderName| {
                let name = name.as_str();
                name.starts_with("x-amz-checksum") || ["x-amz-crc32", "content-md5"].contains(&name)
            };
            let names: Vec<_> = exchange.headers.keys().filter(|it| is_of_body(it)).cloned().collect();
            for name in names {
                exchange.headers.remove(name);
            }
            if exchange.headers.contains_key(CONTENT_LENGTH) {
                exchange.headers.insert(CONTENT_LENGTH, after.len().into());
            }
        }
    }

    /// The body of an output without its secrets; `None` if it cannot be read.
    fn without_secret_members(&mut self, exchange: &Exchange, body: Bytes) -> Option<Bytes> {
        let output = self.plan.output;
        let mut members = Vec::new();
        let response = ResponseParts { status: exchange.status, headers: &exchange.headers, body: &body };
        self.protocol.parse(self.plan, response, dynamic::fill(&mut members, output)).ok()?;
        redact(&mut members, output, REDACTED, &mut self.secrets);
        Some(write_output(self.protocol, self.plan, dynamic::view(&members, output)).ok()?.body)
    }

    /// The body of an error without the secrets of exceptions; `None` if it is no JSON.
    fn without_secret_errors(&mut self, body: &[u8]) -> Option<Bytes> {
        let mut error = Document::from_str(std::str::from_utf8(body).ok()?).ok()?;
        redact_named(&mut error, &self.plan.secret_errors, &mut self.secrets);
        Some(error.to_string().into())
    }

    /// The frames of events without their secrets; `None` if they cannot be read.
    fn without_secret_events(&mut self, body: &[u8]) -> Option<Vec<Bytes>> {
        let member = events_member(self.plan)?;
        let Kind::Events(kind) = &member.node.kind else { return None };
        let (format, union) = (EventFormat::for_protocol(self.protocol).ok()?, kind.union.get());
        let (mut decoder, mut frames) = (Decoder::new(), Vec::new());
        decoder.push(body);
        while let Some(mut message) = decoder.take().ok()? {
            match message.headers.get_str(":event-type").map(str::to_owned) {
                // The members beside the events are not read here: they are not needed to read the events.
                Some(name) if name == INITIAL_RESPONSE => {
                    let has_secret = self.plan.output.members.iter().any(|it| it.secret);
                    message.payload = if has_secret { Bytes::new() } else { message.payload };
                }
                Some(name) => {
                    let mut members = Vec::new();
                    format.read(&name, &message, dynamic::fill(&mut members, union)).ok()?;
                    redact(&mut members, union, REDACTED, &mut self.secrets);
                    message = format.write(dynamic::view(&members, union)).ok()?;
                }
                // An exception.
                None if !self.plan.secret_errors.is_empty() => {
                    message.payload = self.without_secret_errors(&message.payload).unwrap_or_default();
                }
                None => {}
            }
            frames.push(message.encode().ok()?);
        }
        Some(frames)
    }
}

/// Whether the program reads the body of a response itself.
fn streams(plan: &OperationPlan, status: u16) -> bool {
    let payload = plan.output.payload.map(|it| &plan.output.members[it].node.kind);
    status < FIRST_ERROR_STATUS && matches!(payload, Some(Kind::Stream | Kind::Events(_)))
}

/// What is done with an exchange when its body was read.
type Finish = Box<dyn FnOnce(Exchange) + Send>;

/// A body that is recorded while it is read, up to where it was read.
pub(super) struct Tee {
    body: ByteStream,
    /// How many bytes are left; `None` if the length is not known.
    left: Option<u64>,
    /// Whether a part of the body is worth recording: of one that the program streams.
    has_parts: bool,
    /// `None` after the exchange was handed on.
    exchange: Option<(Exchange, Finish)>,
}

impl Tee {
    pub(super) fn new(
        body: ByteStream,
        plan: &OperationPlan,
        exchange: Exchange,
        finish: impl FnOnce(Exchange) + Send + 'static,
    ) -> Self {
        let has_parts = streams(plan, exchange.status);
        Self { left: body.len(), body, has_parts, exchange: Some((exchange, Box::new(finish))) }
    }

    fn finish(&mut self, is_whole: bool) {
        if let Some((mut exchange, finish)) = self.exchange.take() {
            exchange.is_partial = !is_whole;
            finish(exchange);
        }
    }
}

impl Stream for Tee {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let next = ready!(Pin::new(&mut this.body).poll_next(cx));
        match (&next, &mut this.exchange) {
            (Some(Ok(chunk)), Some((exchange, _))) if !chunk.is_empty() => {
                this.left = this.left.and_then(|it| it.checked_sub(chunk.len() as u64));
                exchange.chunks.push(chunk.clone());
            }
            (None, _) => this.finish(true),
            // Replayed, what arrived would look like all; the attempt that follows is recorded instead.
            (Some(Err(_)), _) => this.exchange = None,
            _ => {}
        }
        Poll::Ready(next)
    }
}

impl Drop for Tee {
    /// Of a body that the call itself reads, a part is no response: the call was given up, or refused the rest.
    fn drop(&mut self) {
        let is_whole = self.left == Some(0);
        if is_whole || self.has_parts {
            self.finish(is_whole);
        }
    }
}
