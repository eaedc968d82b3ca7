//! The chain of causes of an error. Knows no library's errors except the wrappers that say nothing.

use std::error::Error as StdError;
use std::fmt::Write;
use std::io;

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
        assert!(find::<Chain>(&io::Error::other(Chain::new(&["one"]))).is_some());
        assert!(find::<Chain>(&io::Error::other("none")).is_none());
    }
}
