//! Which kind of `object_store::Error` an error of a call is, with that error as its source. Knows no operation.

use std::error::Error as StdError;

use aws_core::{Error, ErrorKind};
use object_store::Error as StoreError;

/// The name of the store in errors, as in those of object_store's own store.
pub(crate) const STORE: &str = "S3";

/// Codes with which S3 says that it does not know who sends the request. Its status is 403, as that of a request which is
/// not allowed. Source: "Error responses" of the Amazon S3 API Reference.
const UNAUTHENTICATED: [&str; 6] = [
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
];

/// A write at the same time as a conditional one: S3 decided neither. The caller reads again and repeats it, as after a
/// condition that failed.
pub(crate) const CONFLICT: &str = "ConditionalRequestConflict";

/// The error of a call about the object or the prefix `path`.
pub(crate) fn failure(path: impl Into<String>, error: Error) -> StoreError {
    let (path, status, code) = (path.into(), error.status(), error.code().unwrap_or_default().to_owned());
    let unauthenticated = error.kind() == ErrorKind::Credentials || UNAUTHENTICATED.contains(&&*code);
    let source: Box<dyn StdError + Send + Sync> = Box::new(error);
    match status {
        _ if unauthenticated => StoreError::Unauthenticated { path, source },
        _ if code == CONFLICT => StoreError::Precondition { path, source },
        // The upload is gone, which says nothing about the object.
        _ if code == "NoSuchUpload" => generic(source),
        Some(304) => StoreError::NotModified { path, source },
        Some(401) => StoreError::Unauthenticated { path, source },
        Some(403) => StoreError::PermissionDenied { path, source },
        Some(404) => StoreError::NotFound { path, source },
        Some(412) => StoreError::Precondition { path, source },
        Some(501) => StoreError::NotSupported { source },
        _ => generic(source),
    }
}

/// An error that fits no kind of object_store.
pub(crate) fn generic(source: impl Into<Box<dyn StdError + Send + Sync>>) -> StoreError {
    StoreError::Generic { store: STORE, source: source.into() }
}

/// The error of a write under the condition that there is no object yet.
pub(crate) fn create_failure(path: &str, error: Error) -> StoreError {
    match failure(path, error) {
        // A conflict that outlasts its retries does not say that the object exists.
        StoreError::Precondition { path, source } | StoreError::NotModified { path, source }
            if source.downcast_ref::<Error>().is_none_or(|it| it.code() != Some(CONFLICT)) =>
        {
            StoreError::AlreadyExists { path, source }
        }
        other => other,
    }
}

/// The error of a write under the condition that the object has an entity tag. S3 reports an object that is gone as such.
pub(crate) fn update_failure(path: &str, error: Error) -> StoreError {
    match failure(path, error) {
        StoreError::NotFound { path, source } => StoreError::Precondition { path, source },
        other => other,
    }
}

/// The error of one object in a response that deletes many.
pub(crate) fn of_element(path: &str, code: &str, message: &str) -> StoreError {
    let text = format!("S3 did not delete the object ({code}): {message}");
    let source = Box::new(Error::new(ErrorKind::Service, text));
    match code {
        "AccessDenied" => StoreError::PermissionDenied { path: path.to_owned(), source },
        "NoSuchKey" => StoreError::NotFound { path: path.to_owned(), source },
        _ => generic(source),
    }
}
