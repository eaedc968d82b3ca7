//! What boto3 adds to S3's resources by hand: how buckets and summaries are loaded, what tells a delete marker, what a
//! batch was refused.

mod answers;
mod load;
mod version;
