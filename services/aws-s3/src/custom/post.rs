//! Presigned POST: a form with which others upload one object, within the conditions that were signed.

use std::time::Duration;

use aws_core::call::PresignedForm;
use aws_core::{Document, Result};

use crate::Client;

/// At the end of a key it stands for the name of the file that is uploaded.
const FILENAME: &str = "${filename}";

impl Client {
    /// A form with which somebody else may upload an object, from a browser for instance, for an hour unless
    /// [`expires`](PresignedPost::expires) says otherwise.
    ///
    /// A key that ends in `${filename}` takes the name of the uploaded file there. Bucket and key are among the fields and
    /// conditions by themselves. [`send`](PresignedPost::send) signs it, and asks no service.
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
    pub fn presigned_post(&self, bucket: impl Into<String>, key: impl Into<String>) -> PresignedPost {
        PresignedPost {
            client: self.clone(),
            bucket: bucket.into(),
            key: key.into(),
            fields: Vec::new(),
            conditions: Vec::new(),
            expires: Duration::from_secs(3600),
        }
    }
}

/// A form for an upload that is not signed yet: see [`Client::presigned_post`].
#[derive(Clone, Debug)]
#[must_use = "a form does nothing until it is signed"]
pub struct PresignedPost {
    client: Client,
    bucket: String,
    key: String,
    fields: Vec<(String, String)>,
    conditions: Vec<Document>,
    expires: Duration,
}

impl PresignedPost {
    /// A field with its value, such as `acl`, `Content-Type` or `x-amz-meta-NAME`. S3 refuses a field without a condition
    /// about it, so give one of them too.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// A field must have just this value.
    pub fn condition(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.raw_condition([(name.into(), value.into())])
    }

    /// A field must start with this; with an empty text, it may have any value.
    #[inline]
    pub fn starts_with(self, name: &str, prefix: &str) -> Self {
        self.raw_condition(starts_with(name, prefix))
    }

    /// The object must have at least `min` and at most `max` bytes.
    #[inline]
    pub fn content_length_range(self, min: u64, max: u64) -> Self {
        self.raw_condition(vec![Document::from("content-length-range"), min.into(), max.into()])
    }

    /// A condition in the form of S3's policy documents.
    pub fn raw_condition(mut self, condition: impl Into<Document>) -> Self {
        self.conditions.push(condition.into());
        self
    }

    /// How long the form can be sent: a second to seven days.
    #[inline]
    pub fn expires(mut self, after: Duration) -> Self {
        self.expires = after;
        self
    }

    /// Signs the form.
    ///
    /// # Errors
    /// The bucket has a name that no bucket has, `expires` is not between a second and seven days, or there are no
    /// credentials.
    #[inline]
    pub async fn send(self) -> Result<PresignedForm> {
        let Self { client, bucket, key, mut fields, mut conditions, expires } = self;
        conditions.push([("bucket", bucket.as_str())].into());
        conditions.push(match key.strip_suffix(FILENAME) {
            Some(prefix) => starts_with("key", prefix),
            None => [("key", key.as_str())].into(),
        });
        fields.push(("key".to_owned(), key));
        client.core().presign_form(&bucket, fields, conditions, expires).await
    }
}

#[inline]
fn starts_with(name: &str, prefix: &str) -> Document {
    vec!["starts-with".to_owned(), format!("${name}"), prefix.to_owned()].into()
}
