//! Features of S3 that are not in its model: presigned POST.

mod post;

pub use post::PresignedPostBuilder;
