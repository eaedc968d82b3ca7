//! The result of a batch deletion, whose responses succeed even if S3 did not delete some of the objects.

use aws_s3::operation::DeleteObjectsOutput;
use aws_s3::types::{DeletedObject, Error};

use crate::BatchResponses;

impl BatchResponses<DeleteObjectsOutput> {
    /// The objects that S3 did not delete, each with the reason. The responses are successes even if there are any.
    pub fn errors(&self) -> impl Iterator<Item = &Error> {
        self.iter().flat_map(|it| &it.errors)
    }

    /// The objects that were deleted; empty if the batch was sent with `Quiet`, since S3 does not list them then.
    pub fn deleted(&self) -> impl Iterator<Item = &DeletedObject> {
        self.iter().flat_map(|it| &it.deleted)
    }
}
