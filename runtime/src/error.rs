//! The one error type of every client: what went wrong, in which operation, and what the service reported. Knows no
//! service and no protocol.

mod not_retried;
mod raw_response;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::StatusCode;

pub(crate) use not_retried::NotRetried;
pub use raw_response::RawResponse;

use crate::protocol::{ErrorInfo, Protocol};
use crate::schema::{Kind, Member, SchemaType, StructureMut, StructureView, View};

/// The result type of all fallible functions in this crate and in generated clients.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Says that `what` needs a crate feature that the program lacks: one of `features`.
pub(crate) fn requires_feature(what: impl fmt::Display, features: &[&str]) -> String {
    let features: Vec<_> = features.iter().map(|it| format!("`{it}`")).collect();
    format!("{what} requires the crate feature {}, which this program lacks", features.join(" or "))
}

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
    /// The endpoint rules reject the combination of parameters, or the service reports no valid endpoint for the operation.
    Endpoint,
    /// The request could not be signed.
    Signing,
    /// No connection to the server could be established: name resolution failed, or the connection was refused.
    Connect,
    /// No connection through the proxy could be established: the proxy cannot be reached, rejected its user name or
    /// password, or refused to connect to the server.
    Proxy,
    /// The TLS handshake with the server failed: its certificate is not trusted or not valid, or a version or a client
    /// certificate was rejected.
    Tls,
    /// A timeout expired.
    Timeout,
    /// The established connection failed or closed, or a body ended early.
    Io,
    /// The response does not follow the protocol: it is malformed or truncated. [`Error::response`] has it.
    Parse,
    /// The response is longer than the setting `max_response_bytes` allows; not retried.
    ResponseTooLong,
    /// A checksum of the response does not match its body.
    Checksum,
    /// A request body cannot be read, or cannot be read again for a retry.
    Body,
    /// A paginator received the same token twice, or was started with a token that no paginator returned.
    Pagination,
    /// A waiter reached a failure state or its last attempt.
    Waiter,
    /// A hook of the program failed, or refused the call: the message names it. A stub refuses calls that it has no rule for.
    Hook,
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
/// Because that line is complete, [`source`](StdError::source) leaves out the causes that it already names: a report that
/// prints an error and all its sources, such as anyhow's, says nothing twice. [`cause`](Self::cause) returns the cause in
/// any case, to downcast it.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    /// Whether the message starts with the path of the member it is about.
    has_path: bool,
    service_id: Option<&'static str>,
    operation: Option<&'static str>,
    /// What the service's model declares about retries of it.
    modeled: Modeled,
    attempts: u32,
    not_retried: Option<NotRetried>,
    /// The pauses before retries.
    retry_delay: Duration,
    /// Host and path of the request, where the caller could not tell them from the call.
    place: Option<String>,
    /// The response that the error is about.
    response: Option<RawResponse>,
    service: Option<ServiceError>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What a service reported.
struct ServiceError {
    info: ErrorInfo,
    /// The service and its protocol, which parses the modelled exceptions.
    service: ServiceRef,
    /// Whether the error is an exception event of an event stream, whose payload is a document of its own.
    in_event_stream: bool,
    /// The exception that a test made the error from.
    #[cfg(any(test, feature = "testing"))]
    exception: Option<ExceptionValue>,
}

/// A modelled exception of any type.
#[cfg(any(test, feature = "testing"))]
#[derive(Clone)]
pub(crate) struct ExceptionValue {
    value: std::sync::Arc<dyn std::any::Any + Send + Sync>,
    view: fn(&dyn std::any::Any) -> Option<StructureView<'_>>,
}

#[cfg(any(test, feature = "testing"))]
impl ExceptionValue {
    pub(crate) fn new<E: Exception>(exception: E) -> Self {
        Self { value: std::sync::Arc::new(exception), view: |it| it.downcast_ref::<E>().map(StructureView::new) }
    }

    pub(crate) fn view(&self) -> Option<StructureView<'_>> {
        (self.view)(&*self.value)
    }
}

impl ServiceError {
    fn new(info: ErrorInfo, service: ServiceRef, in_event_stream: bool) -> Self {
        Self {
            info,
            service,
            in_event_stream,
            #[cfg(any(test, feature = "testing"))]
            exception: None,
        }
    }
}

/// The service that an error came from.
#[derive(Clone, Copy)]
pub(crate) struct ServiceRef {
    /// Its id: `S3`.
    pub(crate) id: &'static str,
    pub(crate) protocol: &'static dyn Protocol,
}

/// The `retryable` trait of an error in the service model.
// Public for the tests of the decisions, by `internals::retry`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(hidden)]
pub enum Modeled {
    /// The model has no such error for the operation.
    #[default]
    Unknown,
    /// The error has no `retryable` trait.
    Final,
    /// The error has the trait `retryable`.
    Retryable,
    /// The error has the trait `retryable` with `throttling`.
    Throttling,
}

impl Error {
    /// An error of `kind`; `message` says what went wrong, and where.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::of_message(kind, message.into())
    }

    /// Once in a program, and not at each of some two hundred places that return an error.
    #[cold]
    #[inline(never)]
    fn of_message(kind: ErrorKind, message: String) -> Self {
        Self(Box::new(Inner {
            kind,
            message,
            has_path: false,
            service_id: None,
            operation: None,
            modeled: Modeled::Unknown,
            attempts: 0,
            not_retried: None,
            retry_delay: Duration::ZERO,
            place: None,
            response: None,
            service: None,
            source: None,
        }))
    }

    /// The error that a service returned with a response.
    pub(crate) fn from_response(service: ServiceRef, response: RawResponse) -> Self {
        let mut info = service.protocol.error_info(response.as_parts());
        if info.code.is_empty() {
            // A response without a body, as to every HEAD request: the status is all there is.
            let status = StatusCode::from_u16(response.status).ok().and_then(|it| it.canonical_reason());
            let reason = status.unwrap_or("Unknown");
            info.code = reason.split([' ', '-', '\'']).collect();
            if info.message.is_empty() {
                info.message = reason.to_owned();
            }
        }
        let mut error = Self::new(ErrorKind::Service, "").with_response(response);
        error.0.service = Some(ServiceError::new(info, service, false));
        error
    }

    /// The exception that ended an event stream. Its message is `message`, else the one in the body of `response`, the
    /// payload of the event.
    pub(crate) fn from_exception_event(
        service: ServiceRef,
        code: &str,
        message: Option<&str>,
        response: RawResponse,
    ) -> Self {
        let parsed = service.protocol.error_info(response.as_parts());
        let message = message.map_or(parsed.message, str::to_owned);
        let info = ErrorInfo { code: code.to_owned(), message, ..ErrorInfo::default() };
        let mut error = Self::new(ErrorKind::Service, "").with_response(response);
        error.0.service = Some(ServiceError::new(info, service, true));
        error
    }

    /// The error that a service would return with this code, this message and, if there is one, this exception, for tests.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn for_test(
        service: ServiceRef,
        (code, message): (String, String),
        exception: Option<ExceptionValue>,
        response: RawResponse,
    ) -> Self {
        let info = ErrorInfo { code, message, ..ErrorInfo::default() };
        let mut error = Self::new(ErrorKind::Service, "").with_response(response);
        error.0.service = Some(ServiceError { exception, ..ServiceError::new(info, service, false) });
        error
    }

    /// The modelled exception that a test made the error from.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn exception_value(&self) -> Option<&ExceptionValue> {
        self.0.service.as_ref()?.exception.as_ref()
    }

    /// Adds the cause, which [`cause`](Self::cause) returns, and [`source`](StdError::source) unless the message contains
    /// its text.
    #[must_use]
    pub fn with_source(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.caused_by(source.into())
    }

    #[cold]
    #[inline(never)]
    fn caused_by(mut self, source: Box<dyn StdError + Send + Sync>) -> Self {
        self.0.source = Some(source);
        self
    }

    /// Puts the member in which the error occurred before the message: `Contents.Size: …`.
    #[must_use]
    #[cold]
    #[inline(never)]
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

    /// Adds the pauses before retries so far.
    #[must_use]
    pub(crate) fn with_retry_delay(mut self, delay: Duration) -> Self {
        self.0.retry_delay = delay;
        self
    }

    /// Adds the id of the service that was called, unless it has one: `S3`.
    #[must_use]
    pub(crate) fn with_service(mut self, id: &'static str) -> Self {
        self.0.service_id.get_or_insert(id);
        self
    }

    /// Adds what the service's model declares about retries of the error.
    #[must_use]
    pub(crate) fn with_modeled(mut self, modeled: Modeled) -> Self {
        self.0.modeled = modeled;
        self
    }

    /// What the service's model declares about retries of the error.
    pub(crate) fn modeled(&self) -> Modeled {
        self.0.modeled
    }

    /// Adds the response that the error is about, unless it has one.
    #[must_use]
    pub(crate) fn with_response(mut self, response: RawResponse) -> Self {
        self.0.response.get_or_insert(response);
        self
    }

    /// Adds host and path of the request.
    #[must_use]
    pub(crate) fn with_place(mut self, place: &str) -> Self {
        self.0.place = Some(place.to_owned());
        self
    }

    /// Adds the reason why the failure was not retried.
    #[must_use]
    pub(crate) fn with_not_retried(mut self, reason: NotRetried) -> Self {
        self.0.not_retried = Some(reason);
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

    /// The HTTP status code of the response, also of one that could not be parsed; `None` if there was no response.
    pub fn status(&self) -> Option<u16> {
        self.0.response.as_ref().map(|it| it.status)
    }

    /// The id that the service assigned to the request; AWS support asks for it.
    pub fn request_id(&self) -> Option<&str> {
        let in_body = || self.0.service.as_ref()?.info.request_id.as_deref();
        self.header(&["x-amzn-requestid", "x-amz-request-id", "x-amz-id-1"]).or_else(in_body)
    }

    /// S3's second id, `x-amz-id-2`.
    pub fn extended_request_id(&self) -> Option<&str> {
        let in_body = || self.0.service.as_ref()?.info.extended_request_id.as_deref();
        self.header(&["x-amz-id-2"]).or_else(in_body)
    }

    fn header(&self, names: &[&str]) -> Option<&str> {
        self.0.response.as_ref()?.header(names)
    }

    /// The region of the resource, as the service reports it: S3's header `x-amz-bucket-region`, or `Region` in the
    /// body of its error.
    pub fn region(&self) -> Option<&str> {
        let in_body = || self.0.service.as_ref()?.info.region.as_deref();
        self.header(&["x-amz-bucket-region"]).or_else(in_body)
    }

    /// The id of the service that was called, as in the service's model: `S3`, `DynamoDB`. `None` for an error outside of
    /// a call, such as that of a session.
    pub fn service(&self) -> Option<&'static str> {
        self.0.service_id.or(self.0.service.as_ref().map(|it| it.service.id))
    }

    /// The name of the operation that failed: `GetObject`.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// How many times the request was sent: the first attempt, retries, and repetitions with another clock or in another
    /// region. An attempt that found no connection counts, too. 0 if the call failed before it had anything to send.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the call paused before its retries, all pauses together. Zero if there was no retry. Waiting for the rate of the
    /// adaptive retry mode is not part of it.
    pub fn retry_delay(&self) -> Duration {
        self.0.retry_delay
    }

    /// Why the failure was not retried, if it might have been.
    pub(crate) fn not_retried(&self) -> Option<NotRetried> {
        self.0.not_retried
    }

    /// Whether the call failed at the last attempt that its settings allow (`MaxAttemptsReached` in botocore). In the retry
    /// mode `legacy` only if that failure would have been retried.
    pub fn max_attempts_reached(&self) -> bool {
        matches!(self.0.not_retried, Some(NotRetried::MaxAttempts { .. }))
    }

    /// Whether the failure was not retried because the retry quota of the client was exhausted (`RetryQuotaReached` in
    /// botocore): many calls failed before.
    pub fn retry_quota_reached(&self) -> bool {
        self.0.not_retried == Some(NotRetried::Quota)
    }

    /// The response that the error is about: an error that the service returned, or a response that could not be read,
    /// parsed or verified.
    pub fn response(&self) -> Option<&RawResponse> {
        self.0.response.as_ref()
    }

    /// The error that caused this one, whether or not the message contains its text.
    pub fn cause(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|it| it as _)
    }

    /// Whether the service returned the modelled exception `E`; `false` for an exception of another service.
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
        self.0.service.as_ref().is_some_and(ServiceError::is::<E>)
    }

    /// The modelled exception `E`, read from the service's response; `None` for any other error.
    pub fn get<E: Exception>(&self) -> Option<E> {
        let error = self.0.service.as_ref().filter(|it| it.is::<E>())?;
        #[cfg(any(test, feature = "testing"))]
        if let Some(exception) = error.exception.as_ref().and_then(|it| it.value.downcast_ref::<E>()) {
            return Some(crate::schema::copy::copy(exception));
        }
        let response = self.0.response.as_ref()?;
        let mut exception = E::default();
        error.read(response, StructureMut::new(&mut exception));
        Some(exception)
    }
}

impl ServiceError {
    /// Reads an exception. Members that cannot be read stay `None`: the code already identifies the exception.
    fn read(&self, response: &RawResponse, mut out: StructureMut<'_>) {
        let protocol = self.service.protocol;
        let _ = match self.in_event_stream {
            false => protocol.parse_exception(response.as_parts(), out.reborrow()),
            true => protocol.events().map_or(Ok(()), |it| (it.read_document)(&response.body, out.reborrow())),
        };
        // Services write `Message` where their model says `message`, and the reverse.
        let is_message = |it: &&Member| is_message(it) && matches!(it.node.kind, Kind::String);
        if let Some(member) = out.shape().members.iter().find(is_message)
            && out.view().get(member).is_none()
            && !self.info.message.is_empty()
        {
            out.slot(member).put_str(Cow::Borrowed(&self.info.message));
        }
    }

    fn is<E: Exception>(&self) -> bool {
        self.service.id == E::SERVICE && self.info.has_code(E::CODE)
    }
}

/// A modelled exception of a service: the content of an [`Error`]. Implemented by generated code, and by no other: it may
/// gain members.
///
/// It is an error itself, to be wrapped or returned where the rest of the [`Error`] is not needed; its `Display` is its
/// code and its message.
pub trait Exception: SchemaType + StdError + Send + Sync {
    /// The id of the service that returns it: `S3`. Services share codes.
    const SERVICE: &'static str;
    /// The error code on the wire.
    const CODE: &'static str;
}

fn is_message(member: &Member) -> bool {
    member.name.eq_ignore_ascii_case("message")
}

/// Writes an exception: its code, and its message if it has one.
pub fn fmt_exception<E: Exception>(exception: &E, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let view = StructureView::new(exception);
    let message = view.members().find(|(member, _)| is_message(member));
    match message {
        Some((_, View::String(message))) => write!(f, "{}: {message}", E::CODE),
        _ => f.write_str(E::CODE),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        let Some(ServiceError { info, .. }) = &inner.service else {
            if let Some(operation) = inner.operation {
                write!(f, "{operation}: ")?;
            }
            f.write_str(&inner.message)?;
            return self.write_facts(f);
        };
        let (code, operation) = (&info.code, inner.operation.unwrap_or("unknown"));
        write!(f, "An error occurred ({code}) when calling the {operation} operation")?;
        match inner.not_retried {
            // botocore also says it of no retries, where only one attempt is allowed.
            None | Some(NotRetried::MaxAttempts { retries: 0 }) => {}
            Some(reason) => write!(f, " ({reason})")?,
        }
        write!(f, ": {}", info.message)?;
        self.write_facts(f)
    }
}

impl Error {
    /// What is known beside the message, in parentheses.
    fn write_facts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        let is_local = inner.service.is_none();
        let content_type = self.header(&["content-type"]).filter(|_| is_local);
        // For an error of a service, botocore's words beside the operation say it.
        let attempts = Some(inner.attempts).filter(|it| is_local && *it > 1);
        let reason = inner.not_retried.filter(|it| is_local && !matches!(it, NotRetried::MaxAttempts { .. }));
        let facts = [
            inner.place.clone(),
            self.status().map(|it| format!("status {it}")),
            content_type.map(|it| format!("content type {it}")),
            self.request_id().map(|it| format!("request id {it}")),
            attempts.map(|it| format!("after {it} attempts")),
            reason.map(|it| it.to_string()),
        ];
        let facts: Vec<_> = facts.into_iter().flatten().collect();
        if facts.is_empty() { Ok(()) } else { write!(f, " ({})", facts.join(", ")) }
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
    /// What follows the last cause whose text the message contains: the message was made from the causes up to there.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let (mut cause, mut rest) = (self.cause(), self.cause());
        while let Some(it) = cause {
            cause = it.source();
            if self.0.message.contains(&it.to_string()) {
                rest = cause;
            }
        }
        rest
    }
}
