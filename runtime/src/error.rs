//! The one error type of every client: what went wrong, in which operation, and what the service reported. Knows no
//! service and no protocol.

use std::error::Error as StdError;
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::protocol::{ErrorInfo, Protocol, ResponseParts};
use crate::schema::{SchemaType, StructureMut};

/// The result type of all fallible functions in this crate and in generated clients.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure an [`Error`] reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The service returned an error: see [`Error::code`], [`Error::message`] and [`Error::status`].
    Service,
    /// The input is invalid and nothing was sent; the message lists every problem with its path.
    Validation,
    /// A setting is missing or malformed: region, profile file, environment variable, endpoint URL.
    Config,
    /// No credentials were found, or a credentials provider failed.
    Credentials,
    /// The endpoint rules reject the combination of parameters.
    Endpoint,
    /// The request could not be signed.
    Signing,
    /// No connection could be established: name resolution failed, the connection was refused, or TLS failed.
    Connect,
    /// A timeout expired.
    Timeout,
    /// The established connection failed or closed, or a body ended early.
    Io,
    /// The response does not follow the protocol: it is malformed or truncated.
    Parse,
    /// A checksum of the response does not match its body.
    Checksum,
    /// A request body cannot be read, or cannot be read again for a retry.
    Body,
    /// A paginator received the same token twice, or was started with a token that no paginator returned.
    Pagination,
    /// A waiter reached a failure state or its last attempt.
    Waiter,
    /// A resource does not exist: the call succeeded, but its response does not contain it. A call that fails for this
    /// reason is a [`Service`](Self::Service) error.
    NotFound,
}

/// An error of an operation, of a session, or of a value.
///
/// One pointer wide, so that `Result` stays small. [`Display`](fmt::Display) writes everything a person needs in one
/// line, in boto3's words where a service returned the error:
///
/// ```text
/// An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist. (status 404,
/// request id …)
/// ```
///
/// [`source`](StdError::source) returns the cause.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    /// Whether the message starts with the path of the member it is about.
    has_path: bool,
    operation: Option<&'static str>,
    attempts: u32,
    service: Option<Service>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// An error that a service returned.
struct Service {
    info: ErrorInfo,
    response: RawResponse,
    protocol: &'static dyn Protocol,
    /// Whether the error is an exception event of an event stream, whose payload is a document of its own.
    in_event_stream: bool,
}

/// The HTTP response that a service error was read from.
#[derive(Clone, Debug)]
pub struct RawResponse {
    /// The HTTP status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl RawResponse {
    fn as_parts(&self) -> ResponseParts<'_> {
        ResponseParts { status: self.status, headers: &self.headers, body: &self.body }
    }

    fn header(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|it| self.headers.get(*it)?.to_str().ok())
    }
}

impl Error {
    /// An error of `kind`; `message` says what went wrong, and where.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            has_path: false,
            operation: None,
            attempts: 0,
            service: None,
            source: None,
        }))
    }

    /// The error that a service returned with a response.
    pub(crate) fn from_response(protocol: &'static dyn Protocol, response: RawResponse) -> Self {
        let mut info = protocol.error_info(response.as_parts());
        if info.code.is_empty() {
            // A response without a body, as to every HEAD request: the status is all there is.
            let status = StatusCode::from_u16(response.status).ok().and_then(|it| it.canonical_reason());
            let reason = status.unwrap_or("Unknown");
            info.code = reason.split([' ', '-', '\'']).collect();
            if info.message.is_empty() {
                info.message = reason.to_owned();
            }
        }
        let mut error = Self::new(ErrorKind::Service, "");
        error.0.service = Some(Service { info, response, protocol, in_event_stream: false });
        error
    }

    /// The exception that ended an event stream. Its message is `message`, else the one in the body of `response`, the
    /// payload of the event.
    pub(crate) fn from_exception_event(
        protocol: &'static dyn Protocol,
        code: &str,
        message: Option<&str>,
        response: RawResponse,
    ) -> Self {
        let parsed = protocol.error_info(response.as_parts());
        let message = message.map_or(parsed.message, str::to_owned);
        let info = ErrorInfo { code: code.to_owned(), message, ..ErrorInfo::default() };
        let mut error = Self::new(ErrorKind::Service, "");
        error.0.service = Some(Service { info, response, protocol, in_event_stream: true });
        error
    }

    /// Adds the cause, which [`source`](StdError::source) returns.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Puts the member in which the error occurred before the message: `Contents.Size: …`.
    #[must_use]
    pub(crate) fn within(mut self, member: &str) -> Self {
        let inner = &mut self.0;
        let separator = if inner.has_path { "." } else { ": " };
        inner.message = format!("{member}{separator}{}", inner.message);
        inner.has_path = true;
        self
    }

    /// Adds the operation in which the error occurred and the number of attempts so far.
    #[must_use]
    pub(crate) fn with_operation(mut self, operation: &'static str, attempts: u32) -> Self {
        self.0.operation.get_or_insert(operation);
        self.0.attempts = self.0.attempts.max(attempts);
        self
    }

    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The service's error code, `NoSuchKey`. If the response has no body, the reason phrase of its status: `NotFound`.
    pub fn code(&self) -> Option<&str> {
        self.0.service.as_ref().map(|it| it.info.code.as_str())
    }

    /// The service's error message, or that of a local error; without the operation, the status or the request id.
    pub fn message(&self) -> &str {
        self.0.service.as_ref().map_or(&self.0.message, |it| &it.info.message)
    }

    /// The HTTP status code of the service's response.
    pub fn status(&self) -> Option<u16> {
        self.0.service.as_ref().map(|it| it.response.status)
    }

    /// The id that the service assigned to the request; AWS support asks for it.
    pub fn request_id(&self) -> Option<&str> {
        let service = self.0.service.as_ref()?;
        let header = service.response.header(&["x-amzn-requestid", "x-amz-request-id", "x-amz-id-1"]);
        header.or(service.info.request_id.as_deref())
    }

    /// S3's second id, `x-amz-id-2`.
    pub fn extended_request_id(&self) -> Option<&str> {
        let service = self.0.service.as_ref()?;
        service.response.header(&["x-amz-id-2"]).or(service.info.extended_request_id.as_deref())
    }

    /// The region of the resource, as the service reports it: S3's header `x-amz-bucket-region`, or `Region` in the
    /// body of its error.
    pub fn region(&self) -> Option<&str> {
        let service = self.0.service.as_ref()?;
        service.response.header(&["x-amz-bucket-region"]).or(service.info.region.as_deref())
    }

    /// The name of the operation that failed.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// How many times the request was sent; 0 if it was never sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The service's response.
    pub fn response(&self) -> Option<&RawResponse> {
        self.0.service.as_ref().map(|it| &it.response)
    }

    /// Whether the service returned the modelled exception `E`.
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
        self.0.service.as_ref().is_some_and(|it| it.info.has_code(E::CODE))
    }

    /// The modelled exception `E`, read from the service's response; `None` for any other error.
    pub fn get<E: Exception>(&self) -> Option<E> {
        let service = self.0.service.as_ref().filter(|it| it.info.has_code(E::CODE))?;
        let mut exception = E::default();
        // Members that cannot be read stay `None`: the code already identifies the exception.
        let out = StructureMut::new(&mut exception);
        let _ = match service.in_event_stream {
            false => service.protocol.parse_exception(service.response.as_parts(), out),
            true => service.protocol.events().map_or(Ok(()), |it| (it.read_document)(&service.response.body, out)),
        };
        Some(exception)
    }
}

/// A modelled exception of a service. Implemented by generated code.
pub trait Exception: SchemaType {
    /// The error code on the wire.
    const CODE: &'static str;
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        match (&inner.service, inner.operation) {
            (Some(service), operation) => {
                let (code, message) = (&service.info.code, &service.info.message);
                write!(f, "An error occurred ({code}) when calling the {} operation", operation.unwrap_or("unknown"))?;
                if inner.attempts > 1 {
                    write!(f, " (reached max retries: {})", inner.attempts - 1)?;
                }
                write!(f, ": {message} (status {}", service.response.status)?;
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
        out.field("kind", &self.0.kind).field("message", &format_args!("{self}"));
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
