//! What only S3 has and no model names: presigned forms.

mod post;

pub use post::PresignedPost;
