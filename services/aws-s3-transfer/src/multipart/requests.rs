//! The requests of a multipart upload beside those that send its parts. Knows no part's content.

use std::collections::BTreeMap;

use aws_core::{Operation, Options, Timestamp, make, shared_members};
use aws_s3::operation::{
    AbortMultipartUpload, CompleteMultipartUpload, CompleteMultipartUploadInput, CompleteMultipartUploadOutput,
    CreateMultipartUpload, CreateMultipartUploadInput, HeadObject, ListMultipartUploads, ListParts,
};
use aws_s3::types::{CompletedMultipartUpload, CompletedPart, Part};
use aws_s3::{Client, Request};

use super::parts::Done;
use crate::checkpoint::Checkpoint;
use crate::common::listed_prefix;
use crate::sums::{ChecksumMembers, Sum};
use crate::{Error, ErrorKind, Result};

/// How often an upload is aborted at most, if parts arrive meanwhile: S3's documentation of the operation asks for more than
/// once.
const ABORTS: usize = 3;

/// How far the clock of this machine may be ahead of the service's, in seconds: S3 accepts a signature that is so far off.
const CLOCK_TOLERANCE: i64 = 900;

/// A multipart upload at the service.
pub(crate) struct Multipart {
    pub(crate) client: Client,
    pub(crate) options: Options,
    /// The request that completes it, without its parts. All others have the members that they share with it.
    pub(crate) complete: CompleteMultipartUploadInput,
}

impl Multipart {
    fn request<O: Operation<Input: Default>>(&self) -> Request<O> {
        self.client.request::<O>(shared_members(&self.complete)).with_options(self.options.clone())
    }

    pub(crate) fn upload_id(&self) -> &str {
        self.complete.upload_id.as_deref().unwrap_or_default()
    }

    pub(crate) fn set_upload_id(&mut self, id: &str) {
        self.complete.upload_id = Some(id.to_owned());
    }

    /// Creates the upload. It is not stopped half-way, since then its id would be unknown.
    pub(crate) async fn create(&mut self, input: CreateMultipartUploadInput) -> Result<()> {
        let request = self.client.request::<CreateMultipartUpload>(input).with_options(self.options.clone());
        self.complete.upload_id = request.send().await?.upload_id.filter(|it| !it.is_empty());
        match self.complete.upload_id {
            Some(_) => Ok(()),
            None => {
                let why = "CreateMultipartUpload returned no upload id: the store does not follow S3's protocol";
                Err(Error::new(ErrorKind::Call, why))
            }
        }
    }

    /// Finds the upload of a process that ended before it could note its id: the only one of this key that began since
    /// `state`, and has no part, since an id is noted before the first part is sent. One with parts belongs to a process
    /// that still runs. Returns whether there is one.
    pub(crate) async fn find_abandoned(&mut self, state: &Checkpoint) -> Result<bool> {
        let list = self.request::<ListMultipartUploads>().prefix(listed_prefix(&state.bucket, &state.key));
        let (mut pages, mut own) = (list.pages(), Vec::new());
        while let Some(page) = pages.try_next().await? {
            own.extend(page.uploads.into_iter().filter(|it| {
                let began = it.initiated.map(Timestamp::as_secs).unwrap_or_default();
                it.key.as_deref() == Some(&state.key) && began >= state.began - CLOCK_TOLERANCE
            }));
        }
        let Some(id) = own.pop().filter(|_| own.is_empty()).and_then(|it| it.upload_id) else { return Ok(false) };
        self.set_upload_id(&id);
        match self.list().await {
            Ok(parts) => Ok(parts.is_empty()),
            Err(error) if error.kind() == ErrorKind::UploadGone => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The parts that the service has.
    pub(crate) async fn list(&self) -> Result<BTreeMap<u32, Part>> {
        let mut parts = BTreeMap::new();
        let mut pages = self.request::<ListParts>().pages();
        while let Some(page) = pages.try_next().await? {
            for part in page.parts {
                parts.insert(part.part_number.and_then(|it| it.try_into().ok()).unwrap_or_default(), part);
            }
        }
        Ok(parts)
    }

    /// Makes the object out of the parts, which have this checksum together.
    pub(crate) async fn complete(&self, done: &Done, sum: Option<Sum>) -> Result<CompleteMultipartUploadOutput> {
        let mut input = self.complete.clone();
        let parts: Vec<CompletedPart> = done.lock().values().map(|it| it.completed.clone()).collect();
        if let Some(sum) = sum {
            match input.crc(sum.crc) {
                Some(expected) if expected != sum.to_string() => {
                    let why = format!(
                        "the {} of the source is {sum}, not the {expected} that was set: nothing was stored",
                        sum.crc.name()
                    );
                    return Err(Error::new(ErrorKind::Checksum, why));
                }
                _ => input.set_crc(sum.crc, sum.to_string()),
            }
            input.mpu_object_size = i64::try_from(sum.len).ok();
        }
        if !input.value_names().is_empty() {
            input.checksum_type = Some("FULL_OBJECT".into());
        }
        input.multipart_upload = Some(make!(CompletedMultipartUpload { parts: parts }));
        let request = self.client.request::<CompleteMultipartUpload>(input);
        Ok(request.with_options(self.options.clone()).send().await?)
    }

    /// Removes the upload and its parts. What fails is added to the error that led to it.
    pub(crate) async fn abort(&self, error: Error) -> Error {
        for _ in 0..ABORTS {
            match self.request::<AbortMultipartUpload>().send().await {
                Ok(_) => {}
                Err(failed) if failed.code() == Some("NoSuchUpload") => return error,
                Err(failed) => {
                    let id = self.upload_id();
                    return error
                        .append(&format!(" (its parts could not be removed: {failed}; the upload id is {id})"));
                }
            }
            // A part that was in flight may have arrived after the abortion.
            match self.list().await {
                Ok(parts) if !parts.is_empty() => {}
                _ => return error,
            }
        }
        error
    }

    /// Whether the upload does not exist any more, after `error` of its completion. A condition that is not met keeps the
    /// upload, unless an earlier attempt was what made the object: the object alone does not tell, since another writer may
    /// have stored the same bytes.
    pub(crate) async fn is_gone(&self, error: &Error) -> bool {
        match error.kind() {
            ErrorKind::UploadGone => true,
            ErrorKind::Condition => self.list().await.is_err_and(|it| it.kind() == ErrorKind::UploadGone),
            _ => false,
        }
    }

    /// Whether an upload that does not exist any more was completed: the object is there, with this size, checksum and
    /// number of parts, and not older than the upload. A process that ended between completion and the removal of its
    /// checkpoint leaves such an upload behind.
    pub(crate) async fn is_complete(
        &self,
        checkpoint: &Checkpoint,
        parts: u64,
        sum: Option<Sum>,
    ) -> Result<Option<CompleteMultipartUploadOutput>> {
        let head = self.request::<HeadObject>().if_match(None::<String>).if_none_match(None::<String>);
        let head = match head.checksum_mode("ENABLED").send().await {
            Ok(head) => head,
            Err(error) if error.status() == Some(404) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let is_size = head.content_length == i64::try_from(checkpoint.size).ok();
        let is_cut = head.e_tag.as_deref().is_some_and(|it| it.trim_matches('"').ends_with(&format!("-{parts}")));
        let is_new = head.last_modified.is_some_and(|it| it.as_secs() >= checkpoint.began - CLOCK_TOLERANCE);
        let is_sum = sum.is_none_or(|sum| head.crc(sum.crc).is_none_or(|it| it == sum.to_string()));
        if !(is_size && is_cut && is_new && is_sum) {
            return Ok(None);
        }
        Ok(Some(shared_members(&head)))
    }
}
