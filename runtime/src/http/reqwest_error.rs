//! The errors of reqwest, and of hyper below it, in our words. The only place that looks into its chains of causes.

use std::error::Error as StdError;
use std::fmt::Write;
use std::io;
use std::time::Duration;

use super::{HttpError, HttpErrorKind};
use crate::{Error, ErrorKind};

/// An error before the head of the response. `proxy` is the one on the way, without its password.
pub(super) fn of_request(
    error: reqwest::Error,
    host: &str,
    proxy: Option<&str>,
    connect_timeout: Option<Duration>,
) -> HttpError {
    // The URL may hold a signature.
    let error = error.without_url();
    if let Some(ours) = find::<Error>(&error) {
        let message = format!("the body sent to {host} failed: {ours}");
        return HttpError::new(HttpErrorKind::Body, message).with_source(error);
    }
    let through = || proxy.map(|it| format!(" through the proxy {it}")).unwrap_or_default();
    let (kind, message) = if error.is_connect() && error.is_timeout() {
        let limit = connect_timeout.map(|it| format!(" within {it:?}")).unwrap_or_default();
        (HttpErrorKind::Timeout, format!("could not connect to {host}{}{limit}", through()))
    } else if error.is_connect() {
        (HttpErrorKind::Connect, format!("could not connect to {host}{}: {}", through(), causes(&error)))
    } else if error.is_timeout() {
        (HttpErrorKind::Timeout, format!("the exchange with {host} timed out: {}", causes(&error)))
    } else if error.is_builder() {
        (HttpErrorKind::Other, format!("the request to {host} cannot be sent: {}", causes(&error)))
    } else {
        (HttpErrorKind::Io, format!("the connection to {host} failed: {}", causes(&error)))
    };
    HttpError::new(kind, message).with_source(error)
}

/// The same error, of an exchange that takes HTTP/2.
pub(super) fn of_duplex(error: HttpError) -> HttpError {
    match error.kind() {
        HttpErrorKind::Connect | HttpErrorKind::Io => {
            let why = format!("{} (over HTTP/2, which sending and receiving at once takes)", error.message());
            HttpError::new(error.kind(), why).with_source(error)
        }
        _ => error,
    }
}

/// An error within the body of the response.
pub(super) fn of_response_body(error: reqwest::Error, host: &str) -> Error {
    let error = error.without_url();
    let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Io };
    Error::new(kind, format!("the response body from {host} broke off: {}", causes(&error))).with_source(error)
}

/// An error before the head of the response, from the stack below reqwest.
pub(super) fn of_hyper(error: hyper::Error, host: &str) -> HttpError {
    let (kind, message) = match find::<Error>(&error) {
        Some(ours) => (HttpErrorKind::Body, format!("the body sent to {host} failed: {ours}")),
        None => {
            let causes = causes(&error);
            (HttpErrorKind::Io, format!("the connection to {host} failed: {causes}"))
        }
    };
    HttpError::new(kind, message).with_source(error)
}

/// An error within the body of a response, from the stack below reqwest.
pub(super) fn of_hyper_body(error: hyper::Error, host: &str) -> Error {
    Error::new(ErrorKind::Io, format!("the response body from {host} broke off: {}", causes(&error))).with_source(error)
}

fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        // `io::Error` gives the source of what it wraps, not what it wraps.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as _),
            None => error.source(),
        };
    }
    None
}

/// The causes below the top one, which says only "error sending request"; repeated texts once.
pub(super) fn causes(error: &dyn StdError) -> String {
    let mut text = String::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if words == "client error (Connect)" || words == "client error (SendRequest)" || text.ends_with(&words) {
            // Its own cause says more.
        } else if text.is_empty() {
            text = words;
        } else {
            let _ = write!(text, ": {words}");
        }
        next = cause.source();
    }
    if text.is_empty() { error.to_string() } else { text }
}
