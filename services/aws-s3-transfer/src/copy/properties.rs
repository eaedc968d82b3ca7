//! Which properties of its source a copy gets, whether it is copied in one request or in parts.

use aws_core::{Operation, Options, make, shared_members};
use aws_s3::custom::is_directory_bucket;
use aws_s3::operation::{
    CopyObjectInput, CreateMultipartUploadInput, GetObjectAnnotation, GetObjectTagging, HeadObjectInput,
    HeadObjectOutput, ListObjectAnnotations, PutObjectAnnotation, PutObjectTagging,
};
use aws_s3::types::{Tag, Tagging};
use aws_s3::{Client, Request};

use crate::{Error, Result};

/// S3's limit for tags in a header is that of all headers, 8 KB; beyond this the tags are set by a request of their own, as
/// the AWS CLI does.
const MAX_TAGGING: usize = 2048;

/// Which properties of its source a copy gets: `--copy-props` of the AWS CLI. A directive that is set in
/// [`Copy::with`](crate::Copy::with) wins. Access rights, encryption, storage class and locks never follow a copy: set them
/// in `with`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CopyProperties {
    /// Metadata and tags. Annotations as S3 does it: they follow a copy in one request, and not one in parts.
    #[default]
    Default,
    /// Metadata, tags and annotations. An object that is copied in parts gets its annotations after it is complete, one
    /// after the other. This needs the permissions `s3:ListObjectAnnotations` and `s3:GetObjectAnnotation` for the source,
    /// and `s3:PutObjectAnnotation`.
    WithAnnotations,
    /// Metadata: content type, encoding, language and disposition, cache control, expiry, and the caller's own.
    Metadata,
    /// None.
    None,
}

/// Sets the directives of a copy in one request.
pub(super) fn set_directives(properties: CopyProperties, input: &mut CopyObjectInput) {
    let (metadata, tags, annotations) = match properties {
        CopyProperties::Default => (None, None, None),
        CopyProperties::WithAnnotations => (None, None, Some("COPY")),
        CopyProperties::Metadata => (None, Some("REPLACE"), Some("EXCLUDE")),
        CopyProperties::None => (Some("REPLACE"), Some("REPLACE"), Some("EXCLUDE")),
    };
    input.metadata_directive = input.metadata_directive.take().or(metadata.map(Into::into));
    input.tagging_directive = input.tagging_directive.take().or(tags.map(Into::into));
    input.annotation_directive = input.annotation_directive.take().or(annotations.map(Into::into));
}

fn replaces(directive: Option<&str>) -> bool {
    directive == Some("REPLACE")
}

/// Sets the metadata of a copy in parts to what a copy in one request has: that of the source, unless it is replaced.
pub(super) fn set_metadata(copy: &CopyObjectInput, head: &HeadObjectOutput, create: &mut CreateMultipartUploadInput) {
    if replaces(copy.metadata_directive.as_ref().map(|it| it.as_str())) {
        return;
    }
    create.cache_control.clone_from(&head.cache_control);
    create.content_disposition.clone_from(&head.content_disposition);
    create.content_encoding.clone_from(&head.content_encoding);
    create.content_language.clone_from(&head.content_language);
    create.content_type.clone_from(&head.content_type);
    create.expires = head.expires;
    create.metadata.clone_from(&head.metadata);
}

/// Requests about an object, the source of a copy or the copy.
pub(super) struct ObjectRequests {
    pub(super) client: Client,
    pub(super) options: Options,
    /// The members of a request for what it is; those of other requests are among them.
    pub(super) object: HeadObjectInput,
}

impl ObjectRequests {
    pub(super) fn request<O: Operation<Input: Default>>(&self) -> Request<O> {
        self.client.request::<O>(shared_members(&self.object)).with_options(self.options.clone())
    }

    /// The tags that the copy shall have, if they are those of the source.
    pub(super) async fn tags(&self, copy: &CopyObjectInput, head: &HeadObjectOutput) -> Result<Option<Vec<Tag>>> {
        if replaces(copy.tagging_directive.as_ref().map(|it| it.as_str())) {
            return Ok(None);
        }
        // No count says nothing: stores leave it out, and so does S3 without the permission to read tags. A copy in one
        // request would fail without it, and so does this. Directory buckets have no tags, nor the operation.
        if head.tag_count == Some(0) || self.object.bucket.as_deref().is_some_and(is_directory_bucket) {
            return Ok(Some(Vec::new()));
        }
        match self.request::<GetObjectTagging>().send().await {
            Ok(output) => Ok(Some(output.tag_set.into_iter().collect())),
            // The store has no tags at all.
            Err(error) if matches!(error.status(), Some(405 | 501)) || error.code() == Some("NotImplemented") => {
                Ok(Some(Vec::new()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The names of the annotations that the copy shall have.
    pub(super) async fn annotations(&self, copy: &CopyObjectInput) -> Result<Vec<String>> {
        if copy.annotation_directive.as_ref().is_none_or(|it| *it != *"COPY") {
            return Ok(Vec::new());
        }
        let entries = self.request::<ListObjectAnnotations>().items().try_collect().await?;
        Ok(entries.into_iter().filter_map(|it| it.annotation_name).collect())
    }
}

/// Puts tags into the request that creates the copy. Returns those that need a request of their own.
pub(super) fn set_tags(tags: Option<Vec<Tag>>, create: &mut CreateMultipartUploadInput) -> Option<Vec<Tag>> {
    let tags = tags?;
    create.tagging = None;
    let pair = |tag: &Tag| {
        let (key, value) = (tag.key.as_deref().unwrap_or_default(), tag.value.as_deref().unwrap_or_default());
        format!("{}={}", encode(key), encode(value))
    };
    let encoded = tags.iter().map(pair).collect::<Vec<_>>().join("&");
    match encoded.len() {
        0 => None,
        1..=MAX_TAGGING => {
            create.tagging = Some(encoded);
            None
        }
        _ => Some(tags),
    }
}

/// What a copy in parts gets by requests of their own, once it is complete.
pub(super) struct LateProperties {
    pub(super) source: ObjectRequests,
    pub(super) tags: Option<Vec<Tag>>,
    /// The names of those to copy.
    pub(super) annotations: Vec<String>,
}

impl LateProperties {
    /// Sets them on the copy, which has this ETag.
    pub(super) async fn set(&self, copy: &ObjectRequests, e_tag: Option<&str>) -> Result<()> {
        let (mut missing, mut first) = (Vec::new(), None);
        if let Some(tags) = &self.tags {
            let mut request = copy.request::<PutObjectTagging>();
            request.as_mut().input_mut().tagging = Some(make!(Tagging { tag_set: tags.clone() }));
            if let Err(error) = request.send().await {
                missing.push("its tags".to_owned());
                first = Some(error);
            }
        }
        let mut failed = Vec::new();
        for name in &self.annotations {
            if let Err(error) = self.copy_annotation(name, copy, e_tag).await {
                failed.push(name.as_str());
                first.get_or_insert(error);
            }
        }
        if !failed.is_empty() {
            missing.push(format!("its annotations {}", failed.join(", ")));
        }
        let what = || format!("the object was copied, but not {}", missing.join(" and "));
        first.map_or(Ok(()), |error| Err(Error::of_call(error).within(&what())))
    }

    async fn copy_annotation(&self, name: &str, copy: &ObjectRequests, e_tag: Option<&str>) -> aws_core::Result<()> {
        let mut request = self.source.request::<GetObjectAnnotation>();
        request.as_mut().input_mut().annotation_name = Some(name.to_owned());
        let payload = request.send().await?.annotation_payload.collect().await?.into_bytes();
        // Not to another object that has taken its place.
        let mut request = copy.request::<PutObjectAnnotation>().object_if_match(e_tag);
        let input = request.as_mut().input_mut();
        (input.annotation_name, input.annotation_payload) = (Some(name.to_owned()), Some(payload.into()));
        request.send().await.map(drop)
    }
}

/// Percent-encoding of a value in a query.
fn encode(value: &str) -> String {
    let mut encoded = String::new();
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_a_header_as_long_as_they_fit() {
        let tag = |key: &str, value: &str| make!(Tag { key: key, value: value });
        let mut create = CreateMultipartUploadInput { tagging: Some("user=1".into()), ..Default::default() };
        assert!(set_tags(Some(vec![tag("a b", "1&2"), tag("ü", "")]), &mut create).is_none());
        assert_eq!(create.tagging.as_deref(), Some("a%20b=1%262&%C3%BC="));
        let long = "x".repeat(2100);
        assert_eq!(set_tags(Some(vec![tag("k", &long)]), &mut create).map(|it| it.len()), Some(1));
        assert_eq!(create.tagging, None);
        create.tagging = Some("user=1".into());
        assert!(set_tags(None, &mut create).is_none() && create.tagging.is_some(), "replaced by the caller's");
    }
}
