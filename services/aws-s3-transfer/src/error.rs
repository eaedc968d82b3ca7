//! What went wrong with a transfer, where, and what to do about it. Knows no request.

use std::error::Error as StdError;
use std::fmt;

use crate::Checkpoint;

/// The result of a transfer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure an [`Error`] reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A request failed; [`Error::call`] is the error of the client.
    Call,
    /// There is no such bucket, key or version.
    NotFound,
    /// A condition of the caller is not met (`if_match`, `if_none_match` and their like): nothing was written or read.
    Condition,
    /// The source cannot be opened or read.
    Source,
    /// The source became shorter or longer, or was written to, while it was read. Nothing was stored.
    SourceChanged,
    /// The target cannot be written: no such folder, no permission, a full disk.
    Target,
    /// The target exists, and must not be replaced.
    TargetExists,
    /// The object in S3 was replaced while it was downloaded or copied.
    ObjectChanged,
    /// More than S3 can store in one object, or in the parts that the settings allow.
    TooLarge,
    /// The multipart upload does not exist any more: it was aborted, or its time was over.
    UploadGone,
    /// The multipart upload has other parts than the checkpoint, or the parts of another source.
    PartsDiffer,
    /// What arrived is not what was sent, by a checksum.
    Checksum,
    /// A checkpoint that cannot be read, or that belongs to another transfer.
    Checkpoint,
    /// Settings that contradict each other, or that this transfer cannot have.
    Settings,
    /// The handle paused the transfer; [`Error::checkpoint`] resumes it.
    Paused,
    /// The handle aborted the transfer, or was dropped.
    Aborted,
}

/// An error of a transfer.
///
/// [`Display`](fmt::Display) writes one line: what failed, why, and what to do.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
    checkpoint: Option<Checkpoint>,
}

impl Error {
    /// An error of `kind`; `message` says what went wrong, where, and what to do.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), source: None, checkpoint: None }))
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_checkpoint(mut self, checkpoint: Checkpoint) -> Self {
        self.0.checkpoint = Some(checkpoint);
        self
    }

    /// Puts what the transfer is about before the message.
    pub(crate) fn within(mut self, what: &str) -> Self {
        self.0.message = format!("{what}: {}", self.0.message);
        self
    }

    pub(crate) fn append(mut self, what: &str) -> Self {
        self.0.message.push_str(what);
        self
    }

    /// The error of a request, with the kind that its code means here.
    pub(crate) fn of_call(error: aws_core::Error) -> Self {
        let kind = match (error.status(), error.code().unwrap_or_default()) {
            // 409 when two conditional writes meet.
            (Some(412 | 304), _) | (_, "ConditionalRequestConflict") => ErrorKind::Condition,
            (_, "NoSuchUpload") => ErrorKind::UploadGone,
            (Some(404), _) => ErrorKind::NotFound,
            (_, "BadDigest" | "XAmzContentChecksumMismatch") => ErrorKind::Checksum,
            (_, "EntityTooLarge") => ErrorKind::TooLarge,
            _ if error.kind() == aws_core::ErrorKind::Checksum => ErrorKind::Checksum,
            _ if error.kind() == aws_core::ErrorKind::Body => ErrorKind::Source,
            _ => ErrorKind::Call,
        };
        let hint = match (kind, error.status()) {
            (ErrorKind::UploadGone, _) => "; the upload was aborted or its time was over: start it again",
            (ErrorKind::Call, Some(403)) => "; the permission for this request may be missing",
            _ => "",
        };
        Self::new(kind, format!("{error}{hint}")).with_source(error)
    }

    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The error of the request that failed, with its code, status and request id.
    pub fn call(&self) -> Option<&aws_core::Error> {
        self.0.source.as_deref()?.downcast_ref()
    }

    /// What resumes the transfer: after a pause, and after a failure of a transfer that keeps its parts.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.0.checkpoint.as_ref()
    }

    /// The cause, whether or not the message contains its text.
    pub fn cause(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|it| it as _)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

/// The message contains the text of the cause, so that a report which prints all sources says nothing twice.
impl StdError for Error {}

impl From<aws_core::Error> for Error {
    fn from(error: aws_core::Error) -> Self {
        Self::of_call(error)
    }
}

impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        Self::other(error)
    }
}
