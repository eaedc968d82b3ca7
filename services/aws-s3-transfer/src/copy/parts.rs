//! A copy in parts: ranges of the source, all of one version of it, copied by the service at the same time.

use aws_core::{Options, Timestamp, shared_members};
use aws_s3::custom::CopySource;
use aws_s3::operation::{
    CompleteMultipartUploadOutput, CopyObjectInput, CreateMultipartUploadInput, HeadObjectInput, HeadObjectOutput,
    UploadPartCopy, UploadPartCopyInput,
};
use aws_s3::types::CompletedPart;

use super::Copy;
use super::properties::{LateProperties, ObjectRequests, set_metadata, set_tags};
use crate::checkpoint::{Checkpoint, CheckpointKind};
use crate::engine::gate::Permit;
use crate::handle::Job;
use crate::multipart::{DonePart, PartSource, Parts, PartsTransfer, Stored};
use crate::observe;
use crate::sums::{Checksum, ChecksumMembers, Crc, Sum};
use crate::{Error, ErrorKind, Result};

/// Copies a source whose size is known.
pub(super) async fn send(
    copy: Copy,
    job: &Job,
    head: HeadObjectOutput,
    size: u64,
    part_size: u64,
    checkpoint: Option<Checkpoint>,
) -> Result<Stored> {
    let input = copy.request.as_ref().input();
    let version = head.version_id.clone().filter(|it| it != "null");
    let source = match &version {
        Some(id) => copy.source.clone().version_id(id),
        None => copy.source.clone(),
    };
    // That of the copy is what was set, else what uploads have.
    let checksum = Checksum::set_by(input.checksum_algorithm.as_ref())?.or_else(|| job.transfers.decided(None));
    let (bucket, key) = (input.bucket.as_deref().unwrap_or_default(), input.key.as_deref().unwrap_or_default());
    let state = Checkpoint {
        size,
        part_size: Parts::of_size(size, part_size)?.part_size,
        e_tag: head.e_tag.clone().unwrap_or_default(),
        version_id: version.unwrap_or_default(),
        checksum: checksum.map(Checksum::name).unwrap_or_default().to_owned(),
        source: String::from(copy.source.clone()),
        began: Timestamp::now().as_secs(),
        ..Checkpoint::new(CheckpointKind::Copy, bucket, key)
    };
    let is_resumed = checkpoint.is_some();
    let state = state.or_earlier(checkpoint, |_| {
        let why = "the source is another object than when the checkpoint was made: start again without it";
        Error::new(ErrorKind::ObjectChanged, why)
    })?;
    let checksum = Checksum::from_name(&state.checksum);
    let (parts, crc) = (Parts::of_size(size, state.part_size)?, checksum.and_then(Checksum::crc));
    let (mut create, complete): (CreateMultipartUploadInput, _) = (shared_members(input), shared_members(input));
    create.checksum_algorithm = checksum.and_then(Checksum::algorithm);
    create.checksum_type = crc.map(|_| "FULL_OBJECT".into());
    set_metadata(input, &head, &mut create);
    let mut reader = copy.source_reader();
    // The same version.
    reader.object.version_id = source.version().map(str::to_owned);
    let tags = set_tags(reader.tags(input, &head).await?, &mut create);
    let annotations = reader.annotations(input).await?;
    let late = LateProperties { source: reader, tags, annotations };
    job.meter.set_total(size);
    let options = copy.request.as_ref().options().clone();
    let parts_of_source =
        CopyParts { job: job.clone(), input: input.clone(), options: options.clone(), source, head, size, crc, late };
    let common = &copy.common;
    let transfer =
        PartsTransfer { job, common, create, complete, options, parts, crc, state, is_resumed, is_resumable: true };
    transfer.run(parts_of_source).await
}

/// What all parts have in common.
struct CopyParts {
    job: Job,
    input: CopyObjectInput,
    options: Options,
    /// One version, if there are versions.
    source: CopySource,
    head: HeadObjectOutput,
    size: u64,
    crc: Option<Crc>,
    late: LateProperties,
}

/// A range of the source, and the place of its request.
struct PartJob {
    start: u64,
    len: u64,
    permit: Permit,
}

impl PartSource for CopyParts {
    type Part = PartJob;

    async fn next(&self, _: u32, start: u64, len: u64) -> Result<Option<PartJob>> {
        let permit = self.job.transfers.shared().gate.enter(0, self.job.orders.priority()).await;
        Ok(Some(PartJob { start, len, permit }))
    }

    async fn send(&self, upload_id: &str, number: u32, part: PartJob) -> Result<DonePart> {
        let PartJob { start, len, permit } = part;
        let mut input: UploadPartCopyInput = shared_members(&self.input);
        // The conditions of the caller were decided when the source was looked at; now it must be the same.
        (input.copy_source_if_none_match, input.copy_source_if_modified_since) = (None, None);
        input.copy_source_if_unmodified_since = None;
        input.copy_source_if_match.clone_from(&self.head.e_tag);
        input.copy_source = Some(self.source.clone().into());
        input.copy_source_range = Some(format!("bytes={start}-{}", start + len - 1));
        input.upload_id = Some(upload_id.to_owned());
        input.part_number = i32::try_from(number).ok();
        let client = self.job.transfers.client();
        let request = client.request::<UploadPartCopy>(input).with_options(self.options.clone());
        let sent = observe(request.send_with_metadata().await, &permit, len, &self.job.meter);
        let output = sent.map_err(|error| match error.kind() {
            ErrorKind::Condition => {
                let why = "the source was replaced while it was copied: copy it again";
                Error::new(ErrorKind::ObjectChanged, why).with_source(error)
            }
            _ => error,
        })?;
        let mut completed: CompletedPart = output.copy_part_result.as_ref().map(shared_members).unwrap_or_default();
        completed.part_number = i32::try_from(number).ok();
        let sum = self.crc.and_then(|it| it.parse(completed.crc(it)?, len));
        Ok(DonePart { len, sum, completed })
    }

    /// That of the whole source, if it is stored with it.
    async fn sum(&self, start: u64, len: u64) -> Result<Option<Sum>> {
        let crc = self.crc.filter(|_| (start, len) == (0, self.size));
        Ok(crc.and_then(|it| it.parse(self.head.crc(it)?, len)))
    }

    async fn check(&self, sum: Option<Sum>) -> Result<()> {
        match (self.sum(0, self.size).await?, sum) {
            (Some(expected), Some(actual)) if expected != actual => {
                let name = actual.crc.name();
                let why =
                    format!("the {name} of the parts is {actual}, but that of the source {expected}: copy it again");
                Err(Error::new(ErrorKind::Checksum, why))
            }
            _ => Ok(()),
        }
    }

    async fn finish(&self, object: &CompleteMultipartUploadOutput) -> Result<()> {
        let mut copy: HeadObjectInput = shared_members(&self.input);
        copy.version_id.clone_from(&object.version_id);
        let (client, options) = (self.job.transfers.client().clone(), self.options.clone());
        self.late.set(&ObjectRequests { client, options, object: copy }, object.e_tag.as_deref()).await
    }
}
