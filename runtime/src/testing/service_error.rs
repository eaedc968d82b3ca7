//! Errors that otherwise only a service returns. Knows no service.

use std::fmt;

use crate::error::{Error, Exception, ExceptionValue, RawResponse, ServiceRef};
use crate::http::{HeaderMap, HeaderName};
use crate::operation::OperationPlan;
use crate::protocol::{AwsJson, Protocol, WrittenError, WrittenResponse, write_error};
use crate::schema::{StructureView, View};

/// The protocol of the errors: it is not asked, since they are made from values.
static PROTOCOL: AwsJson = AwsJson { version: "1.1", target: "", query_compatible: false };

/// Makes the error that a service would return, for tests of programs that handle it.
///
/// ```
/// use aws_core::testing::ServiceError;
///
/// let error = ServiceError::new("SlowDown").status(503).message("Reduce your request rate.").build();
/// assert!(error.is_throttling());
/// # fn check<NoSuchKey: aws_core::Exception + Clone>(exception: NoSuchKey) {
/// let error = ServiceError::of(exception).status(404).operation("GetObject").build();
/// assert!(error.is::<NoSuchKey>() && error.get::<NoSuchKey>().is_some());
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct ServiceError {
    service: &'static str,
    operation: Option<&'static str>,
    code: String,
    message: String,
    status: Option<u16>,
    headers: HeaderMap,
    exception: Option<ExceptionValue>,
}

impl ServiceError {
    /// An error with a code and no message, of a service without a name.
    pub fn new(code: impl Into<String>) -> Self {
        Self {
            service: "",
            operation: None,
            code: code.into(),
            message: String::new(),
            status: None,
            headers: HeaderMap::new(),
            exception: None,
        }
    }

    /// An error with a modelled exception, its service, its code and its message: [`Error::is`] and [`Error::get`] find it.
    pub fn of<E: Exception>(exception: E) -> Self {
        let message = StructureView::new(&exception).members().find_map(|(member, value)| match value {
            View::String(message) if member.name.eq_ignore_ascii_case("message") => Some(message.to_owned()),
            _ => None,
        });
        let error = Self { exception: Some(ExceptionValue::new(exception)), ..Self::new(E::CODE) };
        error.service(E::SERVICE).message(message.unwrap_or_default())
    }

    /// Sets the message.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Sets the HTTP status. If not set: 400; in the response of a [`Stub`](super::Stub), that of the code's name, such as
    /// 404 of `NotFound` and `NoSuchKey` and 500 of `InternalError`, else 400.
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets the id of the service: `S3`. An exception has its own.
    pub fn service(mut self, id: &'static str) -> Self {
        self.service = id;
        self
    }

    /// Sets the operation: `GetObject`.
    pub fn operation(mut self, name: &'static str) -> Self {
        self.operation = Some(name);
        self
    }

    /// Sets the request id.
    ///
    /// # Panics
    /// If it is no valid value of a header.
    pub fn request_id(self, id: &str) -> Self {
        self.header("x-amzn-requestid", id)
    }

    /// Adds a header of the response.
    ///
    /// # Panics
    /// If the name or the value is invalid.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a valid header name");
        self.headers.append(name, value.parse().expect("a valid header value"));
        self
    }

    /// The error.
    pub fn build(self) -> Error {
        let Self { service, operation, code, message, status, headers, exception } = self;
        let service = ServiceRef { id: service, protocol: &PROTOCOL };
        let response = RawResponse { status: status.unwrap_or(400), headers, body: bytes::Bytes::new() };
        let error = Error::for_test(service, (code, message), exception, response);
        match operation {
            Some(operation) => error.with_operation(operation, 1),
            None => error,
        }
    }
}

impl ServiceError {
    /// The response that the service of this protocol sends.
    pub(super) fn write(&self, protocol: &dyn Protocol, plan: &OperationPlan) -> crate::Result<WrittenResponse> {
        let error = WrittenError { code: &self.code, message: &self.message, status: self.status };
        let view = self.exception.as_ref().and_then(ExceptionValue::view);
        let mut written = write_error(protocol, plan, &error, view)?;
        written.headers.extend(self.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        Ok(written)
    }
}

impl<E: Exception> From<E> for ServiceError {
    fn from(exception: E) -> Self {
        Self::of(exception)
    }
}

impl fmt::Debug for ServiceError {
    /// Without the members of the exception, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceError").field("code", &self.code).field("status", &self.status).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_built_error_is_like_one_of_a_service() {
        let error = ServiceError::new("ThrottlingException")
            .message("Rate exceeded")
            .service("SQS")
            .operation("SendMessage")
            .status(400)
            .request_id("R1")
            .header("x-amz-id-2", "H2")
            .build();
        assert_eq!(
            (error.kind(), error.code(), error.status()),
            (ErrorKind::Service, Some("ThrottlingException"), Some(400))
        );
        assert_eq!((error.service(), error.operation(), error.attempts()), (Some("SQS"), Some("SendMessage"), 1));
        assert_eq!((error.request_id(), error.extended_request_id()), (Some("R1"), Some("H2")));
        assert!(error.is_throttling() && error.is_retryable() && !error.is_timeout());
        let text = "An error occurred (ThrottlingException) when calling the SendMessage operation: Rate exceeded (status \
                    400, request id R1)";
        assert_eq!(error.to_string(), text);
        let error = ServiceError::new("RequestTimeout").build();
        assert!(error.is_timeout() && error.is_retryable() && !error.is_throttling());
    }
}
