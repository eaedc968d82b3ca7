//! Translates errors of hyper. Knows no TLS and no proxies.

use std::io;

use super::causes::{causes, find};
use super::idle_timeout::Expired;
use super::{HttpError, HttpErrorKind};
use crate::config::MinThroughput;
use crate::{Error, ErrorKind};

/// Adds to an error that the exchange required HTTP/2.
pub(super) fn with_http2_hint(error: HttpError) -> HttpError {
    match error.kind() {
        HttpErrorKind::Connect | HttpErrorKind::Proxy | HttpErrorKind::Tls | HttpErrorKind::Io => {
            let message = format!("{} (over HTTP/2, which bidirectional streaming requires)", error.message());
            HttpError::new(error.kind(), message).with_source(error)
        }
        _ => error,
    }
}

/// An error of hyper before the head of the response arrived.
pub(super) fn from_exchange(error: hyper::Error, host: &str) -> HttpError {
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
pub(super) fn from_body(error: hyper::Error, host: &str) -> Error {
    Error::new(ErrorKind::Io, format!("could not read the response body from {host}: {}", causes(&error)))
        .with_source(error)
}

/// Whether a connection could not be opened because the process or the system has no more files.
pub(super) fn is_out_of_files(error: &HttpError) -> bool {
    // EMFILE and ENFILE on Unix; WSAEMFILE on Windows.
    let codes: &[i32] = if cfg!(windows) { &[10024] } else { &[24, 23] };
    let code = find::<io::Error>(error).and_then(io::Error::raw_os_error);
    matches!(error.kind(), HttpErrorKind::Connect | HttpErrorKind::Proxy) && code.is_some_and(|it| codes.contains(&it))
}

/// A limit expired while `host` was waited for.
pub(super) fn expired(host: &str, limit: Expired) -> HttpError {
    match limit {
        Expired::Idle(limit) => HttpError::timed_out(host, limit),
        Expired::TooSlow(MinThroughput { bytes_per_second, grace }) => {
            let message = format!(
                "too slow on {host}: the body fell {grace:?} behind {bytes_per_second} bytes per second (min_throughput)"
            );
            HttpError::new(HttpErrorKind::Timeout, message)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lack_of_files_is_recognized() {
        let inner = io::Error::from_raw_os_error(if cfg!(windows) { 10024 } else { 24 });
        let error = HttpError::new(HttpErrorKind::Connect, "no connection").with_source(inner);
        assert!(is_out_of_files(&error));
        for (kind, code) in [(HttpErrorKind::Connect, 111), (HttpErrorKind::Io, 24)] {
            let error = HttpError::new(kind, "no connection").with_source(io::Error::from_raw_os_error(code));
            assert!(!is_out_of_files(&error), "{kind:?} {code}");
        }
    }
}
