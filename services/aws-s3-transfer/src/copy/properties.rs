//! Which properties of its source a copy gets, whether it is copied in one request or in parts.

use aws_core::{Options, copy_shared, make};
use aws_s3::Client;
use aws_s3::custom::{CopySource, is_directory_bucket};
use aws_s3::operation::{
    CopyObjectInput, CreateMultipartUploadInput, GetObjectTagging, GetObjectTaggingInput, HeadObjectOutput,
};
use aws_s3::types::{Tag, Tagging};

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
    /// Metadata and tags.
    #[default]
    Default,
    /// Metadata: content type, encoding, language and disposition, cache control, expiry, and the caller's own.
    Metadata,
    /// None.
    None,
}

/// Sets the directives of a copy in one request.
pub(super) fn set_directives(properties: CopyProperties, input: &mut CopyObjectInput) {
    if properties == CopyProperties::None && input.metadata_directive.is_none() {
        input.metadata_directive = Some("REPLACE".into());
    }
    if properties != CopyProperties::Default && input.tagging_directive.is_none() {
        input.tagging_directive = Some("REPLACE".into());
    }
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

/// The tags that the copy shall have, if they are those of the source.
pub(super) async fn source_tags(
    client: &Client,
    options: &Options,
    copy: &CopyObjectInput,
    source: &CopySource,
    head: &HeadObjectOutput,
) -> Result<Option<Vec<Tag>>> {
    if replaces(copy.tagging_directive.as_ref().map(|it| it.as_str())) {
        return Ok(None);
    }
    // No count says nothing: stores leave it out, and so does S3 without the permission to read tags. A copy in one request
    // would fail without it, and so does this. Directory buckets have no tags, nor the operation.
    if head.tag_count == Some(0) || is_directory_bucket(source.bucket()) {
        return Ok(Some(Vec::new()));
    }
    let mut input = GetObjectTaggingInput::default();
    copy_shared(&super::source_input(copy, source), &mut input);
    input.version_id = head.version_id.clone().filter(|it| it != "null");
    match client.request::<GetObjectTagging>(input).with_options(options.clone()).send().await {
        Ok(output) => Ok(Some(output.tag_set.into_iter().collect())),
        // The store has no tags at all.
        Err(error) if matches!(error.status(), Some(405 | 501)) || error.code() == Some("NotImplemented") => {
            Ok(Some(Vec::new()))
        }
        Err(error) => Err(error.into()),
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

/// Sets tags by a request of their own.
pub(super) async fn put_tags(
    client: &Client,
    copy: &CopyObjectInput,
    options: &Options,
    tags: Vec<Tag>,
    version_id: Option<String>,
) -> Result<()> {
    let mut input = aws_s3::operation::PutObjectTaggingInput::default();
    copy_shared(copy, &mut input);
    input.checksum_algorithm = None;
    input.version_id = version_id;
    input.tagging = Some(make!(Tagging { tag_set: tags }));
    let request = client.request::<aws_s3::operation::PutObjectTagging>(input).with_options(options.clone());
    match request.send().await {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::of_call(error).within("the object was copied, but not its tags")),
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
