//! Uploads in parts, and the parts of one upload. Knows no copy.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use aws_core::make;
use aws_s3::operation::CreateMultipartUpload;
use aws_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{
    MultipartId, MultipartUpload, PutMode, PutMultipartOptions, PutPayload, PutResult, Result, UploadPart,
};

use crate::S3Store;
use crate::error::{failure, generic};
use crate::write::replaced_tag;

/// The most parts of an upload. Source: "Amazon S3 multipart upload limits" of the user guide.
pub(crate) const MAX_PARTS: u64 = 10_000;

#[async_trait]
impl MultipartStore for S3Store {
    async fn create_multipart(&self, path: &Path) -> Result<MultipartId> {
        self.create_multipart_opts(path, PutMultipartOptions::default()).await
    }

    async fn create_multipart_opts(&self, path: &Path, options: PutMultipartOptions) -> Result<MultipartId> {
        let input = self.described(path.as_ref(), &options.attributes, &options.tags)?;
        let request = self.client().request::<CreateMultipartUpload>(input);
        let sent = request.with_options(self.create_options().clone()).send().await;
        let id = sent.map_err(|it| failure(path.as_ref(), it))?.upload_id;
        id.ok_or_else(|| generic(format!("the response that begins the upload of {path} has no upload id")))
    }

    async fn put_part(&self, path: &Path, id: &MultipartId, part_idx: usize, data: PutPayload) -> Result<PartId> {
        let number = part_number(path.as_ref(), part_idx)?;
        let request = self.client().upload_part(self.bucket(), path.as_ref(), number, id);
        let (output, _) = self.send(request.body(Bytes::from(data)), path.as_ref()).await?;
        part_id(path.as_ref(), part_idx, output.e_tag)
    }

    async fn complete_multipart(&self, path: &Path, id: &MultipartId, parts: Vec<PartId>) -> Result<PutResult> {
        self.complete(path, id, parts, &PutMode::Overwrite).await
    }

    async fn abort_multipart(&self, path: &Path, id: &MultipartId) -> Result<()> {
        let request = self.client().abort_multipart_upload(self.bucket(), path.as_ref(), id);
        self.send(request, path.as_ref()).await.map(drop)
    }
}

impl S3Store {
    pub(crate) async fn complete(
        &self,
        path: &Path,
        id: &MultipartId,
        mut parts: Vec<PartId>,
        mode: &PutMode,
    ) -> Result<PutResult> {
        if parts.is_empty() {
            // S3 rejects an upload without parts.
            parts.push(self.put_part(path, id, 0, PutPayload::new()).await?);
        }
        let part = |(part, number): (PartId, i32)| make!(CompletedPart { e_tag: part.content_id, part_number: number });
        let parts: Vec<CompletedPart> = parts.into_iter().zip(1..).map(part).collect();
        let request = |if_match: Option<String>, if_none_match: Option<String>| {
            let upload = make!(CompletedMultipartUpload { parts: parts.clone() });
            let request =
                self.client().complete_multipart_upload(self.bucket(), path.as_ref(), id).multipart_upload(upload);
            request.if_match(if_match).if_none_match(if_none_match)
        };
        let (output, metadata) = self.write(path.as_ref(), mode, request).await?;
        Ok(PutResult { e_tag: output.e_tag, version: output.version_id, extensions: crate::extensions(metadata) })
    }

    pub(crate) async fn begin_upload(&self, path: &Path, options: PutMultipartOptions) -> Result<Upload> {
        let mode = options.extensions.get::<PutMode>().cloned().unwrap_or_default();
        if let PutMode::Update(version) = &mode {
            replaced_tag(path.as_ref(), version)?;
        }
        let id = self.create_multipart_opts(path, options).await?;
        let target = Arc::new(Target { store: self.clone(), path: path.clone(), id, parts: Mutex::default() });
        Ok(Upload { target, mode, count: 0 })
    }
}

/// The number of a part, which counts from 1.
pub(crate) fn part_number(path: &str, index: usize) -> Result<i32> {
    let number = u64::try_from(index).ok().and_then(|it| it.checked_add(1)).filter(|it| *it <= MAX_PARTS);
    number.and_then(|it| i32::try_from(it).ok()).ok_or_else(|| {
        generic(format!(
            "the upload of {path} has more than {MAX_PARTS} parts, which S3 does not allow: write larger ones"
        ))
    })
}

pub(crate) fn part_id(path: &str, index: usize, e_tag: Option<String>) -> Result<PartId> {
    let missing = || generic(format!("the response about part {index} of {path} has no entity tag"));
    Ok(PartId { content_id: e_tag.ok_or_else(missing)? })
}

/// An upload in parts that was begun.
#[derive(Debug)]
pub(crate) struct Upload {
    target: Arc<Target>,
    mode: PutMode,
    /// How many parts were begun.
    count: usize,
}

#[derive(Debug)]
struct Target {
    store: S3Store,
    path: Path,
    id: MultipartId,
    /// The parts that were sent, by index.
    parts: Mutex<BTreeMap<usize, PartId>>,
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let (target, index) = (Arc::clone(&self.target), self.count);
        self.count += 1;
        Box::pin(async move {
            let part = target.store.put_part(&target.path, &target.id, index, data).await?;
            target.parts.lock().unwrap_or_else(PoisonError::into_inner).insert(index, part);
            Ok(())
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let Target { store, path, id, parts } = &*self.target;
        let parts: Vec<PartId> = parts.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        if parts.len() != self.count {
            let missing = self.count - parts.len();
            return Err(generic(format!(
                "cannot complete {path}: {missing} of its {} parts were not sent",
                self.count
            )));
        }
        store.complete(path, id, parts, &self.mode).await
    }

    async fn abort(&mut self) -> Result<()> {
        self.target.store.abort_multipart(&self.target.path, &self.target.id).await
    }
}
