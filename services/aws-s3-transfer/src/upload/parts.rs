//! An object in parts: what each has of the source, and how it is sent.

use aws_core::{Options, Timestamp, shared_members};
use aws_s3::operation::{CreateMultipartUploadInput, PutObjectInput, UploadPart, UploadPartInput};
use aws_s3::types::CompletedPart;
use bytes::Bytes;

use super::Protection;
use super::single::{Single, body};
use super::source::Opened;
use crate::checkpoint::{Checkpoint, CheckpointKind};
use crate::engine::gate::Permit;
use crate::engine::rate::Turn;
use crate::handle::Job;
use crate::multipart::{DonePart, PartSource, Parts, PartsTransfer, Stored};
use crate::observe;
use crate::sums::{Checksum, ChecksumMembers, Sum};
use crate::transfers::MIB;
use crate::{Error, ErrorKind, Result};

/// How many bytes are read at a time to compute their checksum again. Our choice.
const STEP: u64 = 4 * MIB;

/// Sends the source in parts.
pub(crate) async fn send(
    mut single: Single,
    job: &Job,
    source: Opened,
    part_size: u64,
    checkpoint: Option<Checkpoint>,
) -> Result<Stored> {
    let input = single.request.as_ref().input();
    check_members(input)?;
    let size = source.size();
    let is_resumable = !matches!(source, Opened::Stream { .. });
    let (is_resumed, is_tracked) = (checkpoint.is_some(), single.common.checkpoint_file.is_some());
    if (is_resumed || is_tracked) && !is_resumable {
        let why =
            "a stream can be read once, so its upload cannot be resumed: use a file, or upload without a checkpoint";
        return Err(Error::new(ErrorKind::Settings, why));
    }
    let cut = |part_size| match size {
        Some(size) => Parts::of_size(size, part_size),
        None => Ok(Parts::growing(part_size, job.transfers.shared().gate.budget())),
    };
    let (bucket, key) = (input.bucket.as_deref().unwrap_or_default(), input.key.as_deref().unwrap_or_default());
    let state = Checkpoint {
        size: size.unwrap_or_default(),
        part_size: cut(part_size)?.part_size,
        checksum: single.protection.checksum.map(Checksum::name).unwrap_or_default().to_owned(),
        // What bytes in memory are is a checksum of all of them, so it is computed only if it is needed.
        source: if is_resumed || is_tracked { source.identity() } else { None }.unwrap_or_default(),
        began: Timestamp::now().as_secs(),
        ..Checkpoint::new(CheckpointKind::Upload, bucket, key)
    };
    let state = state.or_earlier(checkpoint, |earlier| {
        let (size, before) = (size.unwrap_or_default(), earlier.size);
        let what =
            if size == before { "was written to".to_owned() } else { format!("had {before} bytes, and has {size}") };
        let why = format!("the source {what} since the checkpoint was made: start the upload again without it");
        Error::new(ErrorKind::SourceChanged, why)
    })?;
    // The parts that are there have this checksum, so the others have it too.
    single.protection.checksum = Checksum::from_name(&state.checksum);
    let Single { mut request, protection, common } = single;
    let mut create: CreateMultipartUploadInput = shared_members(request.as_ref().input());
    let complete = shared_members(request.as_ref().input());
    create.checksum_algorithm = protection.checksum.and_then(Checksum::algorithm);
    if protection.crc().is_some() || (protection.has_value && create.checksum_algorithm.is_some()) {
        create.checksum_type = Some("FULL_OBJECT".into());
    }
    let options = request.as_ref().options().clone();
    let source = UploadParts {
        job: job.clone(),
        put: std::mem::take(request.as_mut().input_mut()),
        options: options.clone(),
        protection,
        source,
    };
    let (parts, crc) = (cut(state.part_size)?, protection.crc());
    let common = &common;
    let transfer =
        PartsTransfer { job, common, create, complete, options, parts, crc, state, is_resumed, is_resumable };
    transfer.run(source).await
}

/// Fails for members that only a single request can have.
fn check_members(input: &PutObjectInput) -> Result<()> {
    let members = [
        (input.content_md5.is_some(), "content_md5", "set a checksum, which can be combined from those of the parts"),
        (
            input.write_offset_bytes.is_some(),
            "write_offset_bytes",
            "append less than the multipart threshold at a time",
        ),
    ];
    match members.iter().find(|it| it.0) {
        Some((_, name, remedy)) => {
            let why = format!("{name} cannot be set for an object that is sent in parts: {remedy}");
            Err(Error::new(ErrorKind::Settings, why))
        }
        None => Ok(()),
    }
}

/// What all parts have in common.
struct UploadParts {
    job: Job,
    put: PutObjectInput,
    options: Options,
    protection: Protection,
    source: Opened,
}

/// A part, the room it takes, and its turn at the limit of bytes.
struct PartJob {
    /// What was read of a stream. Of other sources, the range is read when it is sent.
    read: Option<Bytes>,
    start: u64,
    len: u64,
    permit: Permit,
    turn: Turn,
}

impl PartSource for UploadParts {
    type Part = PartJob;

    async fn next(&self, number: u32, start: u64, len: u64) -> Result<Option<PartJob>> {
        let shared = self.job.transfers.shared();
        let priority = || self.job.orders.priority();
        // Each has its turn before it has a place, which others may need.
        let Opened::Stream { parts, size } = &self.source else {
            let turn = shared.upload_rate.take(len, priority()).await;
            let permit = shared.gate.enter(self.source.held(len), priority()).await;
            return Ok(Some(PartJob { read: None, start, len, permit, turn }));
        };
        let held = parts.lock().await.take_start();
        let mut permit = match held {
            Some(permit) => permit,
            None => shared.gate.enter(len, priority()).await,
        };
        // The stream may be a download that waits for the place.
        permit.leave_place();
        let bytes = parts.lock().await.read(len, &shared.buffers).await?;
        let len = bytes.len() as u64;
        let turn = shared.upload_rate.take(len, priority()).await;
        permit.take_place().await;
        if bytes.is_empty() && number > 1 {
            self.job.meter.finish_total();
            return Ok(None);
        }
        if size.is_none() {
            self.job.meter.add_total(len);
        }
        Ok(Some(PartJob { read: Some(bytes), start, len, permit, turn }))
    }

    async fn send(&self, upload_id: &str, number: u32, part: PartJob) -> Result<DonePart> {
        let PartJob { read, start, len, permit, mut turn } = part;
        let crc = self.protection.crc();
        let (bytes, sum) = match read {
            Some(bytes) => Opened::Bytes(bytes).read(0, len, crc).await?,
            None => self.source.read(start, len, crc).await?,
        };
        let mut input: UploadPartInput = shared_members(&self.put);
        input.clear_checksums();
        (input.content_length, input.content_md5) = (None, None);
        input.checksum_algorithm = self.protection.checksum.filter(|_| sum.is_none()).and_then(Checksum::algorithm);
        input.upload_id = Some(upload_id.to_owned());
        input.part_number = i32::try_from(number).ok();
        input.body = Some(body(bytes));
        if let Some(sum) = sum {
            input.set_crc(sum.crc, sum.to_string());
        }
        let options = self.protection.options(&self.options);
        let request = self.job.transfers.client().request::<UploadPart>(input).with_options(options);
        turn.pass_all();
        let output = observe(request.send_with_metadata().await, &permit, len, &self.job.meter)?;
        let mut completed: CompletedPart = shared_members(&output);
        completed.part_number = i32::try_from(number).ok();
        if let Some(sum) = sum
            && let Some(stored) = completed.crc(sum.crc)
            && stored != sum.to_string()
        {
            let why = format!("part {number} arrived with the {} {stored} instead of {sum}", sum.crc.name());
            return Err(Error::new(ErrorKind::Checksum, why));
        }
        Ok(DonePart { len, sum, completed })
    }

    async fn sum(&self, start: u64, len: u64) -> Result<Option<Sum>> {
        let Some(crc) = self.protection.crc() else { return Ok(None) };
        let mut sum = crc.of(b"");
        let mut at = start;
        while at < start + len {
            let step = STEP.min(start + len - at);
            let Some(next) = self.source.read(at, step, Some(crc)).await?.1 else { return Ok(None) };
            sum = sum.then(next);
            at += step;
        }
        Ok(Some(sum))
    }

    async fn check(&self, _: Option<Sum>) -> Result<()> {
        self.source.check_unchanged().await
    }

    fn identity(&self) -> Option<String> {
        self.source.identity()
    }
}
