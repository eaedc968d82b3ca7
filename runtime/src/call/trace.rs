//! What a call reports to `tracing`: one span for the call, an event for each attempt, and at the level `trace` inputs,
//! outputs and headers, without secrets. Nothing is formatted when no subscriber listens. Knows no subscriber.

use std::fmt;
use std::time::{Duration, Instant};

use tracing::field::Empty;
use tracing::{Level, Span};

use super::client_state::ClientState;
use crate::error::{Error, NotRetried};
use crate::http::{HeaderMap, RedactedHeaders, Request};
use crate::operation::OperationPlan;
use crate::schema::debug::{REDACTED, shown};
use crate::schema::shape::Location;
use crate::schema::{Shape, StructureView, View};

/// The span of a call, disabled if no subscriber wants it. The fields have OpenTelemetry's names for calls of AWS SDKs, where
/// it has some: `otel.name` is how it names the span.
pub(super) fn span(client: &ClientState, plan: &OperationPlan) -> Span {
    let service = client.service.id;
    tracing::info_span!(
        target: "aws_core::call",
        "call",
        otel.name = %format_args!("{service}.{}", plan.name),
        otel.kind = "client",
        rpc.system = "aws-api",
        aws.service = service,
        aws.operation = plan.name,
        cloud.region = Empty,
        aws.request_id = Empty,
        aws.attempts = Empty,
        aws.retry_delay_ms = Empty,
        aws.not_retried = Empty,
        http.response.status_code = Empty,
        error.type = Empty,
        duration_ms = Empty,
    )
}

/// When a call or an attempt began; `None` if no subscriber wants to know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Started(Option<Instant>);

impl Started {
    pub(super) fn of_call(span: &Span) -> Self {
        Self((!span.is_disabled()).then(Instant::now))
    }

    fn millis(self) -> u64 {
        self.0.map_or(0, |it| u64::try_from(it.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// Reports an input that is complete and valid.
pub(super) fn input(input: StructureView<'_>) {
    tracing::trace!(target: "aws_core::call", input = ?shown(View::Structure(input)), "input");
}

/// Records the region that the call is signed for.
pub(super) fn region(span: &Span, region: Option<&str>) {
    if let Some(region) = region.filter(|it| !it.is_empty()) {
        span.record("cloud.region", region);
    }
}

/// Reports an attempt that is about to be sent, and when it was.
pub(super) fn request(plan: &OperationPlan, request: &Request) -> Started {
    tracing::trace!(
        target: "aws_core::call",
        method = %request.method,
        url = ?Address(plan.input, request),
        headers = ?RedactedHeaders(&request.headers),
        body = ?request.body,
        "request",
    );
    Started(tracing::enabled!(target: "aws_core::call", Level::DEBUG).then(Instant::now))
}

/// The URL of a request, without path and query if the input has a secret there.
struct Address<'a>(&'static Shape, &'a Request);

impl fmt::Debug for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.1.url;
        let is_secret =
            |it: &crate::schema::Member| it.secret && matches!(it.location, Location::Uri | Location::Query);
        match self.0.members.iter().any(is_secret) {
            true => write!(f, "{}://{}/***", url.scheme(), url.authority()),
            false => f.write_str(&url.redacted()),
        }
    }
}

/// Reports the head of a response.
pub(super) fn response(plan: &OperationPlan, status: u16, headers: &HeaderMap) {
    tracing::trace!(
        target: "aws_core::call",
        status,
        headers = ?ResponseHeaders(plan.output, headers),
        "response",
    );
}

/// The headers of a response, without the secrets that the output has there.
struct ResponseHeaders<'a>(&'static Shape, &'a HeaderMap);

impl fmt::Debug for ResponseHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut headers = self.1.clone();
        for (name, index) in self.0.header_members() {
            if let Some(value) = headers.get_mut(name).filter(|_| self.0.members[*index].secret) {
                value.set_sensitive(true);
            }
        }
        RedactedHeaders(&headers).fmt(f)
    }
}

/// Reports the end of an attempt: the status of a successful response, or the failure.
pub(super) fn attempt(plan: &OperationPlan, number: u32, started: Started, result: Result<u16, &Error>) {
    match result {
        Ok(status) => tracing::debug!(
            target: "aws_core::call",
            attempt = number,
            http.response.status_code = status,
            duration_ms = started.millis(),
            "attempt succeeded",
        ),
        Err(error) => tracing::debug!(
            target: "aws_core::call",
            attempt = number,
            http.response.status_code = error.status(),
            aws.request_id = error.request_id(),
            error.type = error_type(error),
            duration_ms = started.millis(),
            "attempt failed: {}",
            shown_message(plan, error),
        ),
    }
}

/// The message of an error, unless it is a secret of the service's exceptions.
fn shown_message<'a>(plan: &OperationPlan, error: &'a Error) -> &'a str {
    let is_secret = error.code().is_some() && plan.secret_errors.iter().any(|it| it.eq_ignore_ascii_case("message"));
    if is_secret { REDACTED } else { error.message() }
}

/// Records the success of a call.
pub(super) fn succeeded(span: &Span, started: Started, status: u16, request_id: Option<&str>, attempts: u32) {
    if !span.is_disabled() {
        span.record("http.response.status_code", status);
        span.record("aws.request_id", request_id);
        span.record("aws.attempts", attempts);
        span.record("duration_ms", started.millis());
    }
}

/// Reports an output.
pub(super) fn output(output: StructureView<'_>) {
    tracing::trace!(target: "aws_core::call", output = ?shown(View::Structure(output)), "output");
}

/// Records the failure of a call.
pub(super) fn failed(span: &Span, started: Started, error: &Error) {
    if !span.is_disabled() {
        span.record("http.response.status_code", error.status());
        span.record("aws.request_id", error.request_id());
        span.record("aws.attempts", error.attempts());
        span.record("duration_ms", started.millis());
        span.record("error.type", error_type(error));
    }
    retries(span, error.retry_delay(), error.not_retried());
}

/// Records the pauses of a call before its retries, and why there was not another one.
pub(super) fn retries(span: &Span, delay: Duration, not_retried: Option<NotRetried>) {
    if !span.is_disabled() && !delay.is_zero() {
        span.record("aws.retry_delay_ms", u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
    }
    if let Some(reason) = not_retried {
        span.record("aws.not_retried", reason.as_str());
    }
}

/// The code of a service's error, else its kind.
fn error_type(error: &Error) -> String {
    error.code().map_or_else(|| format!("{:?}", error.kind()), str::to_owned)
}
