//! What boto3 adds to S3's resources in code: loading buckets and object summaries, and recognizing delete markers.

mod load;
mod version;
