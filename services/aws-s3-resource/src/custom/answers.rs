//! What a batch of deletions was refused, in answers that are successes.

use aws_s3::operation::DeleteObjectsOutput;
use aws_s3::types::{DeletedObject, Error};

use crate::Answers;

impl Answers<DeleteObjectsOutput> {
    /// The objects that S3 did not delete, each with the reason: S3 answers with success even if there are any.
    pub fn errors(&self) -> impl Iterator<Item = &Error> {
        self.iter().flat_map(|it| &it.errors)
    }

    /// The objects that were deleted; none where the batch was made quiet.
    pub fn deleted(&self) -> impl Iterator<Item = &DeletedObject> {
        self.iter().flat_map(|it| &it.deleted)
    }
}
