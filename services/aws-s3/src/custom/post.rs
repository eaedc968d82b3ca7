//! Presigned POST: a form for the upload of one object by a client without credentials, under conditions that are
//! signed.

use std::fmt;
use std::time::Duration;

use aws_core::PresignedPost;
use aws_core::{Document, Result};

use crate::Client;

/// The placeholder for the name of the uploaded file, which S3 replaces at the end of a key.
const FILENAME: &str = "${filename}";
/// How long a form is valid by default: boto3's `ExpiresIn=3600`.
const DEFAULT_EXPIRES: Duration = Duration::from_secs(3600);

impl Client {
    /// Creates a presigned POST: an HTML form with which anyone can upload an object to `bucket`, for example from a
    /// browser, until it expires. Default: after one hour; see [`expires`](PresignedPostBuilder::expires).
    ///
    /// In a key that ends with `${filename}`, S3 replaces that with the name of the uploaded file. The fields and
    /// conditions for the bucket and the key are added automatically. [`send`](PresignedPostBuilder::send) signs the
    /// form; nothing is sent to S3.
    ///
    /// ```no_run
    /// # async fn example(client: aws_s3::Client) -> aws_core::Result<()> {
    /// let post = client
    ///     .presigned_post("mybucket", "uploads/${filename}")
    ///     .field("acl", "public-read")
    ///     .condition("acl", "public-read")
    ///     .content_length_range(1, 1024 * 1024)
    ///     .send()
    ///     .await?;
    /// println!("<form action=\"{}\" method=\"post\" enctype=\"multipart/form-data\">", post.url);
    /// for (name, value) in &post.fields {
    ///     println!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
    /// }
    /// println!("<input type=\"file\" name=\"file\"></form>");
    /// # Ok(())
    /// # }
    /// ```
    pub fn presigned_post(&self, bucket: impl Into<String>, key: impl Into<String>) -> PresignedPostBuilder {
        PresignedPostBuilder {
            client: self.clone(),
            bucket: bucket.into(),
            key: key.into(),
            fields: Vec::new(),
            conditions: Vec::new(),
            expires: DEFAULT_EXPIRES,
        }
    }
}

/// A presigned POST that is not signed yet, created by [`Client::presigned_post`].
#[derive(Clone)]
#[must_use = "a presigned POST does nothing until `send` signs it"]
pub struct PresignedPostBuilder {
    client: Client,
    bucket: String,
    key: String,
    fields: Vec<(String, String)>,
    conditions: Vec<Document>,
    expires: Duration,
}

/// Values of fields and conditions may be secrets, such as a customer's key.
impl fmt::Debug for PresignedPostBuilder {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<&String> = self.fields.iter().map(|(name, _)| name).collect();
        f.debug_struct("PresignedPostBuilder")
            .field("bucket", &self.bucket)
            .field("key", &self.key)
            .field("fields", &fields)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

impl PresignedPostBuilder {
    /// Adds a field with its value, such as `acl`, `Content-Type` or `x-amz-meta-NAME`. S3 rejects a field without a
    /// condition for it, so add a condition too.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Requires that a field has exactly this value.
    pub fn condition(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.raw_condition([(name.into(), value.into())])
    }

    /// Requires that a field starts with `prefix`; an empty prefix allows any value.
    #[inline]
    pub fn starts_with(self, name: &str, prefix: &str) -> Self {
        self.raw_condition(starts_with(name, prefix))
    }

    /// Requires that the object has at least `min` and at most `max` bytes.
    #[inline]
    pub fn content_length_range(self, min: u64, max: u64) -> Self {
        self.raw_condition(vec![Document::from("content-length-range"), min.into(), max.into()])
    }

    /// Adds a condition in the syntax of S3's POST policy documents.
    pub fn raw_condition(mut self, condition: impl Into<Document>) -> Self {
        self.conditions.push(condition.into());
        self
    }

    /// Sets how long the form is valid: one second to seven days. Default: one hour.
    #[inline]
    pub fn expires(mut self, after: Duration) -> Self {
        self.expires = after;
        self
    }

    /// Signs the form and returns its URL and fields.
    ///
    /// # Errors
    /// The bucket name is not valid, `expires` is not between one second and seven days, or there are no credentials.
    #[inline]
    pub async fn send(self) -> Result<PresignedPost> {
        let Self { client, bucket, key, mut fields, mut conditions, expires } = self;
        conditions.push([("bucket", bucket.as_str())].into());
        conditions.push(match key.strip_suffix(FILENAME) {
            Some(prefix) => starts_with("key", prefix),
            None => [("key", key.as_str())].into(),
        });
        fields.push(("key".to_owned(), key));
        client.state().presign_post(&bucket, fields, conditions, expires).await
    }
}

#[inline]
fn starts_with(name: &str, prefix: &str) -> Document {
    vec!["starts-with".to_owned(), format!("${name}"), prefix.to_owned()].into()
}
