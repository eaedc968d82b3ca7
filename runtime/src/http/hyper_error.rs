//! Translates errors of reqwest, and of hyper below it. The only module that inspects their chains of causes.

use std::error::Error as StdError;
use std::fmt::Write;
use std::io;
use std::time::Duration;

use super::{HttpError, HttpErrorKind};
use crate::{Error, ErrorKind};

/// An error before the head of the response arrived. `proxy` is the URL of the proxy in use, without its password.
pub(super) fn from_reqwest(
    error: reqwest::Error,
    host: &str,
    proxy: Option<&str>,
    connect_timeout: Option<Duration>,
) -> HttpError {
    // The URL may contain a signature.
    let error = error.without_url();
    if let Some(body_error) = find::<Error>(&error) {
        let message = format!("could not read the request body for {host}: {body_error}");
        return HttpError::new(HttpErrorKind::Body, message).with_source(error);
    }
    let through_proxy = || proxy.map(|it| format!(" through the proxy {it}")).unwrap_or_default();
    let (kind, message) = if error.is_connect() && error.is_timeout() {
        let limit = connect_timeout.map(|it| format!(" within {it:?}")).unwrap_or_default();
        (HttpErrorKind::Timeout, format!("could not connect to {host}{}{limit}", through_proxy()))
    } else if error.is_connect() {
        (HttpErrorKind::Connect, format!("could not connect to {host}{}: {}", through_proxy(), causes(&error)))
    } else if error.is_timeout() {
        (HttpErrorKind::Timeout, format!("the request to {host} timed out: {}", causes(&error)))
    } else if error.is_builder() {
        (HttpErrorKind::Other, format!("the request to {host} cannot be sent: {}", causes(&error)))
    } else {
        (HttpErrorKind::Io, format!("the connection to {host} failed: {}", causes(&error)))
    };
    HttpError::new(kind, message).with_source(error)
}

/// Adds to an error that the exchange required HTTP/2.
pub(super) fn with_http2_hint(error: HttpError) -> HttpError {
    match error.kind() {
        HttpErrorKind::Connect | HttpErrorKind::Io => {
            let message = format!("{} (over HTTP/2, which bidirectional streaming requires)", error.message());
            HttpError::new(error.kind(), message).with_source(error)
        }
        _ => error,
    }
}

/// An error while the response body was read.
pub(super) fn from_reqwest_body(error: reqwest::Error, host: &str) -> Error {
    let error = error.without_url();
    let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Io };
    Error::new(kind, format!("could not read the response body from {host}: {}", causes(&error))).with_source(error)
}

/// An error of hyper before the head of the response arrived.
pub(super) fn from_hyper(error: hyper::Error, host: &str) -> HttpError {
    let (kind, message) = match find::<Error>(&error) {
        Some(body_error) => (HttpErrorKind::Body, format!("could not read the request body for {host}: {body_error}")),
        None => {
            let causes = causes(&error);
            (HttpErrorKind::Io, format!("the connection to {host} failed: {causes}"))
        }
    };
    HttpError::new(kind, message).with_source(error)
}

/// An error of hyper while the response body was read.
pub(super) fn from_hyper_body(error: hyper::Error, host: &str) -> Error {
    Error::new(ErrorKind::Io, format!("could not read the response body from {host}: {}", causes(&error)))
        .with_source(error)
}

/// The first error of type `T` in the chain of causes.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        // `io::Error::source` skips the error it wraps and returns that error's source.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as _),
            None => error.source(),
        };
    }
    None
}

/// The messages of the causes, without that of `error` itself, which says only "error sending request", and without
/// repetition.
pub(super) fn causes(error: &dyn StdError) -> String {
    let mut text = String::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let message = cause.to_string();
        if message == "client error (Connect)" || message == "client error (SendRequest)" || text.ends_with(&message) {
            // The next cause has the details.
        } else if text.is_empty() {
            text = message;
        } else {
            let _ = write!(text, ": {message}");
        }
        next = cause.source();
    }
    if text.is_empty() { error.to_string() } else { text }
}
