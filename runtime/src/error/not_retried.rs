//! Why a call was not retried once more: in errors and in logs. Knows no error.

use std::fmt;

/// Why a failure was reported although another attempt might have succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotRetried {
    /// The maximum number of attempts was reached, after this many retries.
    MaxAttempts { retries: u32 },
    /// The retry quota of the client was exhausted.
    Quota,
    /// The body of the request can be read only once.
    Body,
}

impl NotRetried {
    /// A name for it in logs.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::MaxAttempts { .. } => "max_attempts",
            Self::Quota => "quota",
            Self::Body => "body",
        }
    }
}

impl fmt::Display for NotRetried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // botocore's words.
            Self::MaxAttempts { retries } => write!(f, "reached max retries: {retries}"),
            Self::Quota => f.write_str("not retried: the retry quota is exhausted"),
            Self::Body => f.write_str("not retried: the request body can be read only once"),
        }
    }
}
