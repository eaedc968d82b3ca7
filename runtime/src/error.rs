//! The one error type of every client: what went wrong, where, and what the service said. Knows no service and no protocol.

use std::error::Error as StdError;
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::protocol::{Answer, Fault, Protocol};
use crate::schema::{Element, StructureMut};

/// The result of everything that can fail in this crate and in generated clients.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure an [`Error`] reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The service answered with an error: see [`Error::code`], [`Error::message`] and [`Error::status`].
    Service,
    /// The input was refused before anything was sent; the message lists every problem with its path.
    Validation,
    /// A setting is missing or malformed: region, profile file, environment variable, endpoint URL.
    Config,
    /// No credentials were found, or a source of credentials failed.
    Credentials,
    /// The endpoint rules refuse the combination of parameters.
    Endpoint,
    /// The request could not be signed.
    Signing,
    /// No connection could be made: name resolution, refused, TLS.
    Connect,
    /// A time limit ran out.
    Timeout,
    /// The connection failed or closed after it was made, or a body ended early.
    Io,
    /// The answer is not what the protocol promises: malformed or truncated.
    Parse,
    /// A checksum of the answer does not match its body.
    Checksum,
    /// A body given to send cannot be read, or cannot be read again for a retry.
    Body,
    /// A paginator met the same token twice, or was handed a token it did not make.
    Pagination,
    /// A waiter reached a failure state or its last attempt.
    Waiter,
    /// A resource has no such data: loading it found nothing.
    NotFound,
}

/// An error of a call, of a session, or of a value.
///
/// One pointer wide, so that `Result` stays small. [`Display`](fmt::Display) tells everything a person needs in one
/// line, in boto3's words where a service answered:
///
/// ```text
/// An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist. (status 404, request id …)
/// ```
///
/// [`source`](StdError::source) leads to the cause.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    /// Whether the message starts with the member it is about.
    located: bool,
    operation: Option<&'static str>,
    attempts: u32,
    service: Option<Service>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What a service said.
struct Service {
    fault: Fault,
    answer: Response,
    protocol: &'static dyn Protocol,
    /// Whether the answer's body is a document by itself: it came in a stream of events.
    streamed: bool,
}

/// The answer that an error was made of.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Response {
    fn as_answer(&self) -> Answer<'_> {
        Answer { status: self.status, headers: &self.headers, body: &self.body }
    }

    fn header(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|it| self.headers.get(*it)?.to_str().ok())
    }
}

impl Error {
    /// An error of `kind` with a message that says what and where.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            located: false,
            operation: None,
            attempts: 0,
            service: None,
            source: None,
        }))
    }

    /// The error that a service answered with.
    pub(crate) fn service(protocol: &'static dyn Protocol, answer: Response) -> Self {
        let mut fault = protocol.fault(answer.as_answer());
        if fault.code.is_empty() {
            // An answer without a body, as every HEAD gets: the status is all there is.
            let status = StatusCode::from_u16(answer.status).ok().and_then(|it| it.canonical_reason());
            let reason = status.unwrap_or("Unknown");
            fault.code = reason.split([' ', '-', '\'']).collect();
            if fault.message.is_empty() {
                fault.message = reason.to_owned();
            }
        }
        let mut error = Self::new(ErrorKind::Service, "");
        error.0.service = Some(Service { fault, answer, protocol, streamed: false });
        error
    }

    /// The exception that a service ended a stream of events with; its message is `message`, or in the document that is
    /// the body of `answer`.
    pub(crate) fn streamed(
        protocol: &'static dyn Protocol,
        code: &str,
        message: Option<&str>,
        answer: Response,
    ) -> Self {
        let told = protocol.fault(answer.as_answer());
        let message = message.map_or(told.message, str::to_owned);
        let fault = Fault { code: code.to_owned(), message, ..Fault::default() };
        let mut error = Self::new(ErrorKind::Service, "");
        error.0.service = Some(Service { fault, answer, protocol, streamed: true });
        error
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error, told to have happened inside a member: `Contents.Size: …`.
    #[must_use]
    pub(crate) fn within(mut self, member: &str) -> Self {
        let inner = &mut self.0;
        let join = if inner.located { "." } else { ": " };
        inner.message = format!("{member}{join}{}", inner.message);
        inner.located = true;
        self
    }

    /// The same error, told to have happened in a call.
    #[must_use]
    pub(crate) fn of_call(mut self, operation: &'static str, attempts: u32) -> Self {
        self.0.operation.get_or_insert(operation);
        self.0.attempts = self.0.attempts.max(attempts);
        self
    }

    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The code of the service's error, `NoSuchKey`; of an answer without a body the status in words, `NotFound`.
    pub fn code(&self) -> Option<&str> {
        self.0.service.as_ref().map(|it| it.fault.code.as_str())
    }

    /// What the service said, else what went wrong; without the operation, the status or the request id.
    pub fn message(&self) -> &str {
        self.0.service.as_ref().map_or(&self.0.message, |it| &it.fault.message)
    }

    /// The status of the service's answer.
    pub fn status(&self) -> Option<u16> {
        self.0.service.as_ref().map(|it| it.answer.status)
    }

    /// The id that the service gave the request; AWS support asks for it.
    pub fn request_id(&self) -> Option<&str> {
        let service = self.0.service.as_ref()?;
        let header = service.answer.header(&["x-amzn-requestid", "x-amz-request-id", "x-amz-id-1"]);
        header.or(service.fault.request_id.as_deref())
    }

    /// S3's second id, `x-amz-id-2`.
    pub fn extended_request_id(&self) -> Option<&str> {
        let service = self.0.service.as_ref()?;
        service.answer.header(&["x-amz-id-2"]).or(service.fault.extended_request_id.as_deref())
    }

    /// The region in which the service says the resource lives: S3's `x-amz-bucket-region`, or `Region` of its error.
    pub fn region(&self) -> Option<&str> {
        let service = self.0.service.as_ref()?;
        service.answer.header(&["x-amz-bucket-region"]).or(service.fault.region.as_deref())
    }

    /// The operation that was called.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// How many times the request was sent; 0 if it never was.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The service's answer.
    pub fn response(&self) -> Option<&Response> {
        self.0.service.as_ref().map(|it| &it.answer)
    }

    /// Whether the service answered with this modelled exception.
    ///
    /// ```
    /// # use aws_core::{Error, ErrorKind};
    /// # fn check<NotFound: aws_core::Exception>(error: Error) {
    /// if error.is::<NotFound>() {
    ///     println!("there is no such object");
    /// }
    /// # }
    /// ```
    pub fn is<E: Exception>(&self) -> bool {
        self.0.service.as_ref().is_some_and(|it| it.fault.is(E::CODE))
    }

    /// The modelled exception that the service answered with, read from its answer; `None` for any other.
    pub fn get<E: Exception>(&self) -> Option<E> {
        let service = self.0.service.as_ref().filter(|it| it.fault.is(E::CODE))?;
        let mut exception = E::default();
        // What cannot be read stays absent: the code has told what the error is.
        let out = StructureMut::new(&mut exception);
        let _ = match service.streamed {
            false => service.protocol.parse_exception(service.answer.as_answer(), out),
            true => service.protocol.events().map_or(Ok(()), |it| (it.read_document)(&service.answer.body, out)),
        };
        Some(exception)
    }
}

/// A modelled exception of a service. Implemented by generated code.
pub trait Exception: Element {
    /// Its code on the wire.
    const CODE: &'static str;
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        match (&inner.service, inner.operation) {
            (Some(service), operation) => {
                let (code, message) = (&service.fault.code, &service.fault.message);
                write!(f, "An error occurred ({code}) when calling the {} operation", operation.unwrap_or("unknown"))?;
                if inner.attempts > 1 {
                    write!(f, " (reached max retries: {})", inner.attempts - 1)?;
                }
                write!(f, ": {message} (status {}", service.answer.status)?;
                if let Some(id) = self.request_id() {
                    write!(f, ", request id {id}")?;
                }
                f.write_str(")")
            }
            (None, Some(operation)) => {
                write!(f, "{operation}: {}", inner.message)?;
                if inner.attempts > 1 {
                    write!(f, " (after {} attempts)", inner.attempts)?;
                }
                Ok(())
            }
            (None, None) => f.write_str(&inner.message),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.0.kind).field("text", &format_args!("{self}"));
        if let Some(source) = &self.0.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|it| it as _)
    }
}
