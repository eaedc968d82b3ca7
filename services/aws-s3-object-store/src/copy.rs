//! Copies within the bucket: by one request where S3 allows that, else in parts. Knows no other bucket.

use aws_core::ResponseMetadata;
use aws_s3::custom::CopySource;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{CopyMode, Error, GetOptions, GetResult, ObjectMeta, PutMode, PutMultipartOptions, Result, TagSet};

use crate::S3Store;
use crate::error::failure;
use crate::multipart::{MAX_PARTS, part_id, part_number};

/// The size of a part that S3 copies. Our choice: 5 GiB, S3's limit for one request, take ten of them.
const PART: u64 = 512 * 1024 * 1024;
/// How many parts are copied at a time. Our choice: S3 does the work.
const PARALLEL: usize = 8;
/// The largest object that one request copies. Source: S3's `CopyObject`.
const MAX_SINGLE: u64 = 5 * 1024 * 1024 * 1024;

impl S3Store {
    pub(crate) async fn copy(&self, from: &Path, to: &Path, mode: CopyMode) -> Result<()> {
        match mode {
            // Stores that do not know the condition of `CopyObject` ignore it and overwrite; more know that of uploads.
            CopyMode::Create => self.copy_parts(from, to, &PutMode::Create).await,
            CopyMode::Overwrite => {
                let request = self.client().copy_object(self.bucket(), to.as_ref(), self.source(from));
                let Err(error) = request.with_options(self.create_options().clone()).send().await else {
                    return Ok(());
                };
                if error.code() == Some("InvalidRequest") && self.head(from).await?.meta.size > MAX_SINGLE {
                    return self.copy_parts(from, to, &PutMode::Overwrite).await;
                }
                Err(failure(from.as_ref(), error))
            }
        }
    }

    /// The object and its attributes, without its content.
    async fn head(&self, path: &Path) -> Result<GetResult> {
        self.get(path, GetOptions::new().with_head(true)).await
    }

    fn source(&self, from: &Path) -> CopySource {
        CopySource::new(self.bucket(), from.as_ref())
    }

    /// Copies in parts, with what a copy by one request keeps: attributes and tags.
    async fn copy_parts(&self, from: &Path, to: &Path, mode: &PutMode) -> Result<()> {
        let source = self.head(from).await?;
        let metadata = source.extensions.get::<ResponseMetadata>();
        // No count says nothing: stores leave it out, and so does S3 without the permission to read tags. A copy by one
        // request would fail without it, and so does this.
        let count = metadata.and_then(|it| it.headers.get("x-amz-tagging-count"));
        let is_untagged = count.is_some_and(|it| it == "0");
        let tags = if is_untagged { TagSet::default() } else { self.tags(from).await? };
        let (ObjectMeta { size, e_tag, .. }, mut attributes) = (source.meta, source.attributes);
        // As a copy by one request, into the default class.
        attributes.remove(&object_store::Attribute::StorageClass);
        let options = PutMultipartOptions { attributes, tags, ..Default::default() };
        let id = self.create_multipart_opts(to, options).await?;
        let copied = async {
            let parts = self.copy_ranges(from, to, &id, size, e_tag.as_deref()).await?;
            self.complete(to, &id, parts, mode).await
        };
        match copied.await {
            Ok(_) => Ok(()),
            Err(error) => {
                // The first error counts. A rule of the bucket's lifecycle removes what is left if this one fails too.
                let _ = self.abort_multipart(to, &id).await;
                Err(error)
            }
        }
    }

    /// The parts of a copy; none of an empty object.
    async fn copy_ranges(&self, from: &Path, to: &Path, id: &str, size: u64, tag: Option<&str>) -> Result<Vec<PartId>> {
        let part = PART.max(size.div_ceil(MAX_PARTS));
        let starts = (0..size.div_ceil(part)).map(|it| it * part).enumerate();
        let copies = stream::iter(starts).map(|(index, start)| async move {
            let range = format!("bytes={start}-{}", (start + part).min(size) - 1);
            let number = part_number(to.as_ref(), index)?;
            let request = self.client().upload_part_copy(self.bucket(), to.as_ref(), number, id);
            let request = request.copy_source(self.source(from)).copy_source_if_match(tag);
            let request = request.copy_source_range(Some(range).filter(|_| size > part));
            let (output, _) = self.send(request, from.as_ref()).await?;
            part_id(to.as_ref(), index, output.copy_part_result.and_then(|it| it.e_tag))
        });
        copies.buffered(PARALLEL).try_collect().await
    }

    async fn tags(&self, path: &Path) -> Result<TagSet> {
        let request = self.client().get_object_tagging(self.bucket(), path.as_ref());
        let mut tags = TagSet::default();
        let output = match request.with_options(self.0.options.clone()).send().await {
            Ok(output) => output,
            // The store has no tags at all.
            Err(error) if matches!(error.status(), Some(405 | 501)) || error.code() == Some("NotImplemented") => {
                return Ok(tags);
            }
            Err(error) => return Err(failure(path.as_ref(), error)),
        };
        for tag in output.tag_set {
            tags.push(&tag.key.unwrap_or_default(), &tag.value.unwrap_or_default());
        }
        Ok(tags)
    }

    /// What renaming an object to its own name does; a copy and a delete would remove it.
    pub(crate) async fn rename_to_itself(&self, path: &Path, create: bool) -> Result<()> {
        self.head(path).await?;
        match create {
            false => Ok(()),
            true => Err(Error::AlreadyExists { path: path.to_string(), source: "it is the object to rename".into() }),
        }
    }
}
