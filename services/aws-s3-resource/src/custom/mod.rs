//! What boto3 adds to S3's resources in code: loading buckets and object summaries, recognizing delete markers, and the
//! objects that a batch did not delete.

mod batch_responses;
mod load;
mod version;
