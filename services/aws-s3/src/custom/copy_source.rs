//! The source of a copy as bucket, key and version, for keys that a string could not name without ambiguity.

use aws_core::IntoMember;
use aws_core::generated::{ENCODED_SOURCE, percent};

/// The object that `copy_object`, `upload_part_copy` and the
/// actions of `aws-s3-resource` copy: boto3's `CopySource={"Bucket": …, "Key": …, "VersionId": …}`.
///
/// A plain string works too, and is encoded as in boto3: `bucket/key`, or `bucket/key?versionId=ID`. Only this type can
/// name a key that contains `?versionId=`.
///
/// ```no_run
/// use aws_s3::custom::CopySource;
///
/// # async fn example(client: aws_s3::Client) -> aws_core::Result<()> {
/// let source = CopySource::new("photos", "2026/what?versionId=1.jpg").version_id("3HL4kqtJlcpXroDTDmjVBH40Nrjfkd");
/// client.copy_object("backup", "2026/what.jpg", source).send().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CopySource {
    bucket: String,
    key: String,
    version_id: Option<String>,
}

impl CopySource {
    /// The current version of an object. `bucket` is a name, or the ARN of an access point.
    #[inline]
    pub fn new(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self { bucket: bucket.into(), key: key.into(), version_id: None }
    }

    /// The bucket, or the ARN of an access point.
    #[inline]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The key.
    #[inline]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The version that was selected.
    #[inline]
    pub fn version(&self) -> Option<&str> {
        self.version_id.as_deref()
    }

    /// Selects a version of the object.
    #[inline]
    pub fn version_id(mut self, id: impl Into<String>) -> Self {
        self.version_id = Some(id.into());
        self
    }
}

/// The encoded path, marked as such, so that it is sent unchanged.
impl From<CopySource> for String {
    #[inline]
    fn from(source: CopySource) -> Self {
        let CopySource { bucket, key, version_id } = source;
        let separator = if bucket.starts_with("arn:") { "/object/" } else { "/" };
        let path = percent::encode_path(&[&*bucket, separator, &*key].concat()).into_owned();
        match version_id {
            Some(id) => [ENCODED_SOURCE, &path, "?versionId=", &id].concat(),
            None => [ENCODED_SOURCE, &path].concat(),
        }
    }
}

impl IntoMember<String> for CopySource {
    #[inline]
    fn into_member(self) -> String {
        self.into()
    }
}

impl IntoMember<Option<String>> for CopySource {
    #[inline]
    fn into_member(self) -> Option<String> {
        Some(self.into())
    }
}
