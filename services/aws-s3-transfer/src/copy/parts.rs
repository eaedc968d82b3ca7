//! A copy in parts: ranges of the source, all of one version of it, copied by the service at the same time.

use std::sync::Arc;

use aws_core::{Options, Timestamp, copy_shared};
use aws_s3::custom::CopySource;
use aws_s3::operation::{
    CopyObject, CopyObjectInput, CreateMultipartUploadInput, HeadObjectOutput, UploadPartCopy, UploadPartCopyInput,
};
use aws_s3::types::CompletedPart;
use aws_s3::{Client, Request};
use tokio::sync::mpsc::Sender;

use super::properties::{put_tags, set_metadata, set_tags, source_tags};
use super::{Copied, checksum};
use crate::checkpoint::{Checkpoint, CheckpointKind};
use crate::common::Common;
use crate::engine::gate::Permit;
use crate::engine::pull::pull;
use crate::handle::Job;
use crate::multipart::{Done, DonePart, Parts, begin, note_part, restore, settle};
use crate::observe;
use crate::sums::{Checksum, Crc, CrcMembers, Sum};
use crate::{Error, ErrorKind, Result};

/// A copy whose source is known.
pub(super) struct PartsCopy {
    pub(super) client: Client,
    pub(super) source_client: Client,
    pub(super) source_options: Options,
    pub(super) source: CopySource,
    pub(super) request: Request<CopyObject>,
    pub(super) common: Common,
    pub(super) head: HeadObjectOutput,
    pub(super) size: u64,
}

impl PartsCopy {
    pub(super) async fn send(self, job: &Job, part_size: u64, checkpoint: Option<Checkpoint>) -> Result<Copied> {
        let input = self.request.as_ref().input();
        let (bucket, key) = (input.bucket.clone().unwrap_or_default(), input.key.clone().unwrap_or_default());
        if input.annotation_directive.as_ref().is_some_and(|it| *it == *"COPY") {
            let why = "annotations cannot be copied with an object of this size, which is copied in parts: copy it without \
                       `annotation_directive`, then each annotation by `get_object_annotation` and `put_object_annotation`";
            return Err(Error::new(ErrorKind::Settings, why));
        }
        let parts = Parts::of_size(self.size, checkpoint.as_ref().map_or(part_size, |it| it.part_size))?;
        let version = self.head.version_id.clone().filter(|it| it != "null");
        let source = match &version {
            Some(id) => self.source.clone().version_id(id),
            None => self.source.clone(),
        };
        let options = self.request.as_ref().options().clone();
        let mut protection = checksum(input, job)?;
        let mut state = Checkpoint {
            size: self.size,
            part_size: parts.part_size,
            e_tag: self.head.e_tag.clone().unwrap_or_default(),
            version_id: version.unwrap_or_default(),
            checksum: protection.and_then(Checksum::algorithm).map(|it| it.to_string()).unwrap_or_default(),
            source: String::from(self.source.clone()),
            began: Timestamp::now().as_secs(),
            ..Checkpoint::new(CheckpointKind::Copy, &bucket, &key)
        };
        let was_begun = checkpoint.is_some();
        if let Some(checkpoint) = checkpoint {
            checkpoint.check(CheckpointKind::Copy, &bucket, &key)?;
            let of = |it: &Checkpoint| (it.size, it.e_tag.clone(), it.version_id.clone(), it.source.clone());
            if of(&checkpoint) != of(&state) {
                let why = "the source is another object than when the checkpoint was made: start again without it";
                return Err(Error::new(ErrorKind::ObjectChanged, why));
            }
            protection = Checksum::from_name(&checkpoint.checksum);
            state = checkpoint;
        }
        let tags = source_tags(&self.source_client, &self.source_options, input, &self.source, &self.head).await?;
        let mut create_input = CreateMultipartUploadInput::default();
        copy_shared(input, &mut create_input);
        create_input.checksum_algorithm = protection.and_then(Checksum::algorithm);
        if protection.and_then(Checksum::crc).is_some() {
            create_input.checksum_type = Some("FULL_OBJECT".into());
        }
        set_metadata(input, &self.head, &mut create_input);
        let late_tags = set_tags(tags, &mut create_input);
        let request = self.request.as_ref();
        let (multipart, has_parts) =
            begin(&self.client, request, &self.common, &mut state, was_begun, create_input).await?;
        let crc = protection.and_then(Checksum::crc);
        let done = Arc::new(Done::default());
        job.meter.add_total(self.size);
        job.meter.finish_total();
        let count = parts.count().unwrap_or_default();
        if has_parts {
            match job.until_stopped(multipart.list()).await {
                Ok(listed) => {
                    restore(listed, &state, &parts, crc, &done).map_err(|it| it.with_checkpoint(state.clone()))?;
                }
                Err(error) if error.kind() == ErrorKind::UploadGone => {
                    let sum = crc.and_then(|it| it.parse(self.head.crc(it)?, self.size));
                    let Some(output) = multipart.is_complete(&state, count, sum).await? else {
                        return Err(error.with_checkpoint(state));
                    };
                    self.common.forget().await?;
                    job.meter.add_resumed(self.size, count);
                    return Ok(Copied { size: self.size, parts: count, output });
                }
                Err(error) if error.kind() == ErrorKind::Aborted => {
                    let error = multipart.abort(error).await;
                    self.common.forget().await?;
                    return Err(error);
                }
                Err(error) => return Err(error.with_checkpoint(state)),
            }
            job.meter.add_resumed(done.bytes(), done.lock().len() as u64);
        }
        let sender = Arc::new(PartCopier {
            job: job.clone(),
            client: self.client.clone(),
            input: input.clone(),
            options: options.clone(),
            source,
            e_tag: self.head.e_tag.clone(),
            upload_id: state.upload_id.clone(),
            crc,
            done: Arc::clone(&done),
        });
        let send = |job| Arc::clone(&sender).copy(job);
        let sent = job.until_stopped(pull(|jobs| feed(job, parts, &done, jobs), send)).await;
        let sent = sent.and_then(|()| check_sum(&self.head, crc, &done, self.size));
        let output = settle(sent, &multipart, &done, crc, &self.common, state, true).await?;
        if let Some(tags) = late_tags {
            put_tags(&self.client, input, &options, tags, output.version_id.clone()).await?;
        }
        Ok(Copied { size: self.size, parts: count, output })
    }
}

/// Fails if the parts together are not what the source is, as far as both have a checksum.
fn check_sum(head: &HeadObjectOutput, crc: Option<Crc>, done: &Done, size: u64) -> Result<()> {
    let Some(crc) = crc else { return Ok(()) };
    let expected = head.crc(crc).and_then(|it| crc.parse(it, size));
    let actual = Sum::of_all(done.lock().values().map(|it| it.sum));
    match (expected, actual) {
        (Some(expected), Some(actual)) if expected != actual => {
            let name = crc.name();
            let why = format!("the {name} of the parts is {actual}, but that of the source {expected}: copy it again");
            Err(Error::new(ErrorKind::Checksum, why))
        }
        _ => Ok(()),
    }
}

struct PartJob {
    number: u32,
    start: u64,
    len: u64,
    permit: Permit,
}

async fn feed(job: &Job, parts: Parts, done: &Done, jobs: Sender<PartJob>) -> Result<()> {
    let mut number = 0;
    loop {
        number += 1;
        let Some((start, len)) = parts.range(number)? else { return Ok(()) };
        if done.lock().contains_key(&number) {
            continue;
        }
        let permit = job.transfers.shared().gate.enter(0, job.orders.priority()).await;
        if jobs.send(PartJob { number, start, len, permit }).await.is_err() {
            return Ok(());
        }
    }
}

/// What the copies of all parts have in common.
struct PartCopier {
    job: Job,
    client: Client,
    input: CopyObjectInput,
    options: Options,
    source: CopySource,
    e_tag: Option<String>,
    upload_id: String,
    crc: Option<Crc>,
    done: Arc<Done>,
}

impl PartCopier {
    async fn copy(self: Arc<Self>, part: PartJob) -> Result<()> {
        let PartJob { number, start, len, permit } = part;
        let mut input = UploadPartCopyInput::default();
        copy_shared(&self.input, &mut input);
        // The conditions of the caller were decided when the source was looked at; now it must be the same.
        (input.copy_source_if_none_match, input.copy_source_if_modified_since) = (None, None);
        input.copy_source_if_unmodified_since = None;
        input.copy_source_if_match.clone_from(&self.e_tag);
        input.copy_source = Some(self.source.clone().into());
        input.copy_source_range = Some(format!("bytes={start}-{}", start + len - 1));
        input.upload_id = Some(self.upload_id.clone());
        input.part_number = i32::try_from(number).ok();
        let request = self.client.request::<UploadPartCopy>(input).with_options(self.options.clone());
        let sent = observe(request.send_with_metadata().await, &permit, len, &self.job.meter);
        let output = sent.map_err(|error| match error.kind() {
            ErrorKind::Condition => {
                let why = "the source was replaced while it was copied: copy it again";
                Error::new(ErrorKind::ObjectChanged, why).with_source(error)
            }
            _ => error,
        })?;
        let mut completed = CompletedPart::default();
        if let Some(result) = &output.copy_part_result {
            copy_shared(result, &mut completed);
        }
        completed.part_number = i32::try_from(number).ok();
        let sum = self.crc.and_then(|it| it.parse(completed.crc(it)?, len));
        note_part(&self.job.meter, &self.done, number, DonePart { len, sum, completed });
        Ok(())
    }
}
