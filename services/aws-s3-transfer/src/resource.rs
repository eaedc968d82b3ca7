//! Transfers as methods of `aws-s3-resource`'s buckets and objects, by the names that boto3 has.
//!
//! Each call makes [`Transfers`] of its own. Where many run at once, make one, so that they share memory and limits:
//! `transfers.upload(bucket.name(), key, source)`.

use aws_s3::custom::CopySource;
use aws_s3_resource::{Bucket, Object};

use crate::{Copy, Download, Source, Target, Transfers, Upload};

/// Transfers of a bucket's objects.
///
/// ```no_run
/// use aws_s3_transfer::resource::BucketTransfers;
///
/// # async fn example(session: aws_core::Session) -> aws_s3_transfer::Result<()> {
/// let bucket = aws_s3_resource::S3::new(&session).bucket("mybucket");
/// bucket.upload_file("report.pdf", "reports/report.pdf").await?;
/// bucket.download_file("reports/report.pdf", "copy.pdf").await?;
/// # Ok(())
/// # }
/// ```
pub trait BucketTransfers {
    /// Uploads the file at `path`, or another source, to the object `key`: boto3's `upload_file` and `upload_fileobj`.
    fn upload_file(&self, source: impl IntoSource, key: impl Into<String>) -> Upload;
    /// Downloads the object `key` to the file at `path`, or another target: boto3's `download_file` and `download_fileobj`.
    fn download_file(&self, key: impl Into<String>, target: impl IntoTarget) -> Download;
    /// Copies `source` to the object `key`.
    fn copy(&self, source: impl Into<CopySource>, key: impl Into<String>) -> Copy;
}

/// Transfers of an object.
pub trait ObjectTransfers {
    /// Uploads the file at `path`, or another source, to the object: boto3's `upload_file` and `upload_fileobj`.
    fn upload_file(&self, source: impl IntoSource) -> Upload;
    /// Downloads the object to the file at `path`, or another target: boto3's `download_file` and `download_fileobj`.
    fn download_file(&self, target: impl IntoTarget) -> Download;
    /// Copies `source` to the object.
    fn copy(&self, source: impl Into<CopySource>) -> Copy;
}

/// A source, or the path of one.
pub trait IntoSource {
    /// The source.
    fn into_source(self) -> Source;
}

/// A target, or the path of one.
pub trait IntoTarget {
    /// The target.
    fn into_target(self) -> Target;
}

macro_rules! paths {
    ($($path:ty),*) => {$(
        impl IntoSource for $path {
            fn into_source(self) -> Source {
                Source::path(self)
            }
        }

        impl IntoTarget for $path {
            fn into_target(self) -> Target {
                Target::path(self)
            }
        }
    )*};
}

paths!(&str, String, &std::path::Path, std::path::PathBuf);

impl IntoSource for Source {
    fn into_source(self) -> Source {
        self
    }
}

impl IntoTarget for Target {
    fn into_target(self) -> Target {
        self
    }
}

impl BucketTransfers for Bucket {
    fn upload_file(&self, source: impl IntoSource, key: impl Into<String>) -> Upload {
        Transfers::new(self.client()).upload(self.name(), key, source.into_source())
    }

    fn download_file(&self, key: impl Into<String>, target: impl IntoTarget) -> Download {
        Transfers::new(self.client()).download(self.name(), key, target.into_target())
    }

    fn copy(&self, source: impl Into<CopySource>, key: impl Into<String>) -> Copy {
        Transfers::new(self.client()).copy(self.name(), key, source)
    }
}

impl ObjectTransfers for Object {
    fn upload_file(&self, source: impl IntoSource) -> Upload {
        Transfers::new(self.client()).upload(self.bucket_name(), self.key(), source.into_source())
    }

    fn download_file(&self, target: impl IntoTarget) -> Download {
        Transfers::new(self.client()).download(self.bucket_name(), self.key(), target.into_target())
    }

    fn copy(&self, source: impl Into<CopySource>) -> Copy {
        Transfers::new(self.client()).copy(self.bucket_name(), self.key(), source)
    }
}
