//! Features of S3 that are not in its model: presigned POST, the source of a copy as bucket, key and version,
//! the names of directory buckets.

mod copy_source;
mod directory_bucket;
mod post;

pub use copy_source::CopySource;
pub use directory_bucket::is_directory_bucket;
pub use post::PresignedPostBuilder;
