//! Features of S3 that are not in its model: presigned POST, the source of a copy as bucket, key and version.

mod copy_source;
mod post;

pub use copy_source::CopySource;
pub use post::PresignedPostBuilder;
