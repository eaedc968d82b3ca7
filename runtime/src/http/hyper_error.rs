//! Translates errors of hyper. The only module that inspects their chains of causes.

use std::error::Error as StdError;
use std::fmt::Write;
use std::io;

use super::{HttpError, HttpErrorKind};
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

/// The first error of type `T` in the chain of causes.
pub(super) fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
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

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    #[derive(Debug)]
    struct Chain(&'static [&'static str], Option<Box<Chain>>);

    impl Chain {
        fn new(messages: &'static [&'static str]) -> Self {
            let rest = &messages[1..];
            Self(messages, (!rest.is_empty()).then(|| Box::new(Self::new(rest))))
        }
    }

    impl fmt::Display for Chain {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0[0])
        }
    }

    impl StdError for Chain {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            self.1.as_deref().map(|it| it as _)
        }
    }

    #[test]
    fn causes_are_shown_once_each_without_the_outermost() {
        fn check(messages: &'static [&'static str], expect: &str) {
            assert_eq!(causes(&Chain::new(messages)), expect);
        }
        check(&["alone"], "alone");
        check(&["outer", "one"], "one");
        check(&["outer", "one", "two", "three"], "one: two: three");
        check(&["outer", "client error (Connect)", "one", "one"], "one");
        check(&["outer", "one: two", "two"], "one: two");
        check(&["outer", "client error (SendRequest)"], "outer");
    }

    #[test]
    fn errors_are_found_behind_io_errors() {
        let inner = io::Error::from_raw_os_error(if cfg!(windows) { 10024 } else { 24 });
        let error = HttpError::new(HttpErrorKind::Connect, "no connection").with_source(inner);
        assert!(is_out_of_files(&error));
        assert!(find::<Chain>(&io::Error::other(Chain::new(&["one"]))).is_some());
        for (kind, code) in [(HttpErrorKind::Connect, 111), (HttpErrorKind::Io, 24)] {
            let error = HttpError::new(kind, "no connection").with_source(io::Error::from_raw_os_error(code));
            assert!(!is_out_of_files(&error), "{kind:?} {code}");
        }
    }
}
