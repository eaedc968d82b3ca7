//! An object in parts: creates or resumes the upload, sends what is missing, completes it, and leaves nothing behind if that
//! fails.

use std::sync::Arc;

use aws_core::{Timestamp, copy_shared};
use aws_s3::operation::{CompleteMultipartUploadOutput, CreateMultipartUploadInput};
use tokio::sync::mpsc::Sender;

use super::Uploaded;
use super::part::{Content, PartJob, PartSender};
use super::single::Single;
use super::source::Opened;
use crate::checkpoint::{Checkpoint, CheckpointKind};
use crate::engine::pull::pull;
use crate::engine::rate::Turn;
use crate::handle::Job;
use crate::multipart::{Done, Multipart, Parts, begin, restore, settle};
use crate::sums::{Checksum, Sum};
use crate::{Error, ErrorKind, Result};

/// Sends the source in parts.
pub(crate) async fn send(
    mut single: Single,
    job: &Job,
    source: Opened,
    part_size: u64,
    checkpoint: Option<Checkpoint>,
) -> Result<Uploaded> {
    check_members(&single)?;
    let memory = job.transfers.shared().gate.budget();
    let parts = match (&checkpoint, source.size()) {
        (Some(checkpoint), Some(size)) => Parts::of_size(size, checkpoint.part_size)?,
        (_, Some(size)) => Parts::of_size(size, part_size)?,
        (_, None) => Parts::growing(part_size, memory),
    };
    let client = job.transfers.client().clone();
    let input = single.request.as_ref().input();
    let (bucket, key) = (input.bucket.clone().unwrap_or_default(), input.key.clone().unwrap_or_default());
    let is_resumable = !matches!(source, Opened::Stream(_));
    let is_tracked = checkpoint.is_some() || single.common.checkpoint_file.is_some();
    if is_tracked && !is_resumable {
        let why =
            "a stream can be read once, so its upload cannot be resumed: use a file, or upload without a checkpoint";
        return Err(Error::new(ErrorKind::Settings, why));
    }
    // What bytes in memory are is a checksum of all of them, so it is computed only if it is needed.
    let (bytes, identity) = match &source {
        Opened::Bytes(bytes) if !is_tracked => (Some(bytes.clone()), None),
        source => (None, source.identity()),
    };
    let done = Arc::new(Done::default());
    let was_begun = checkpoint.is_some();
    let mut state = match checkpoint {
        Some(checkpoint) => {
            checkpoint.check(CheckpointKind::Upload, &bucket, &key)?;
            check_source(&checkpoint, &source, identity.as_deref())?;
            // The parts that are there have this checksum, so the others have it too.
            single.protection.checksum = Checksum::from_name(&checkpoint.checksum);
            checkpoint
        }
        None => Checkpoint {
            size: parts.size.unwrap_or_default(),
            part_size: parts.part_size,
            checksum: single
                .protection
                .checksum
                .and_then(Checksum::algorithm)
                .map(|it| it.to_string())
                .unwrap_or_default(),
            source: identity.unwrap_or_default(),
            began: Timestamp::now().as_secs(),
            ..Checkpoint::new(CheckpointKind::Upload, &bucket, &key)
        },
    };
    let (request, input) = (single.request.as_ref(), create_input(&single));
    let (multipart, has_parts) = begin(&client, request, &single.common, &mut state, was_begun, input).await?;
    let count = parts.count().unwrap_or_default();
    if has_parts {
        match job.until_stopped(resume(&multipart, &single, &state, &parts, &source, &done)).await {
            Ok(None) => job.meter.add_resumed(done.bytes(), done.lock().len() as u64),
            Ok(Some(output)) => {
                single.common.forget().await?;
                job.meter.add_resumed(state.size, count);
                return Ok(Uploaded { size: state.size, parts: count, output });
            }
            Err(error) if error.kind() == ErrorKind::Aborted => {
                let error = multipart.abort(error).await;
                single.common.forget().await?;
                return Err(error);
            }
            // What a checkpoint leads to that does not fit is the caller's to remove.
            Err(error) => return Err(error.with_checkpoint(state)),
        }
    }
    let sent = send_parts(&mut single, job, source, parts, &multipart, &done).await;
    let Single { protection, common, .. } = single;
    if (sent.is_err() || common.keeps())
        && let Some(bytes) = bytes
    {
        state.source = Opened::Bytes(bytes).identity().unwrap_or_default();
    }
    let output = settle(sent, &multipart, &done, protection.crc(), &common, state, is_resumable).await?;
    let done = done.lock();
    Ok(Uploaded { size: done.values().map(|it| it.len).sum(), parts: done.len() as u64, output })
}

/// Fails for members that only a single request can have.
fn check_members(single: &Single) -> Result<()> {
    let input = single.request.as_ref().input();
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

fn check_source(checkpoint: &Checkpoint, source: &Opened, identity: Option<&str>) -> Result<()> {
    if source.size() == Some(checkpoint.size) && identity == Some(&checkpoint.source) {
        return Ok(());
    }
    let (size, before) = (source.size().unwrap_or_default(), checkpoint.size);
    let what = if size == before { "was written to".to_owned() } else { format!("had {before} bytes, and has {size}") };
    let why = format!("the source {what} since the checkpoint was made: start the upload again without it");
    Err(Error::new(ErrorKind::SourceChanged, why))
}

fn create_input(single: &Single) -> CreateMultipartUploadInput {
    let mut input = CreateMultipartUploadInput::default();
    copy_shared(single.request.as_ref().input(), &mut input);
    input.checksum_algorithm = single.protection.checksum.and_then(Checksum::algorithm);
    if single.protection.crc().is_some() || (single.protection.has_value && input.checksum_algorithm.is_some()) {
        input.checksum_type = Some("FULL_OBJECT".into());
    }
    input
}

/// Finds out which parts the service has. Returns the output if the upload turns out to be complete.
async fn resume(
    multipart: &Multipart,
    single: &Single,
    state: &Checkpoint,
    parts: &Parts,
    source: &Opened,
    done: &Done,
) -> Result<Option<CompleteMultipartUploadOutput>> {
    let listed = match multipart.list().await {
        Ok(listed) => listed,
        Err(error) if error.kind() == ErrorKind::UploadGone => {
            let sum = hash(single, source, (0, state.size)).await?;
            let complete = multipart.is_complete(state, parts.count().unwrap_or_default(), sum).await?;
            return complete.map(Some).ok_or(error);
        }
        Err(error) => return Err(error),
    };
    restore(listed, state, parts, single.protection.crc(), done)?;
    let unknown: Vec<u32> = done.lock().iter().filter(|it| it.1.sum.is_none()).map(|it| *it.0).collect();
    for number in unknown {
        let range = parts.range(number)?.unwrap_or_default();
        let sum = hash(single, source, range).await?;
        done.lock().entry(number).and_modify(|it| it.sum = sum);
    }
    Ok(None)
}

/// The checksum of a range of the source, read again.
async fn hash(single: &Single, source: &Opened, (start, len): (u64, u64)) -> Result<Option<Sum>> {
    const STEP: u64 = 4 * crate::transfers::MIB;
    let Some(crc) = single.protection.crc() else { return Ok(None) };
    let mut sum = crc.of(b"");
    let mut at = start;
    while at < start + len {
        let step = STEP.min(start + len - at);
        let next = match source {
            Opened::File(file) => file.clone().read(at, step, Some(crc)).await?.1,
            Opened::Bytes(bytes) => bytes.get(at as usize..(at + step) as usize).map(|it| crc.of(it)),
            Opened::Stream(_) => None,
        };
        let Some(next) = next else { return Ok(None) };
        sum = sum.then(next);
        at += step;
    }
    Ok(Some(sum))
}

async fn send_parts(
    single: &mut Single,
    job: &Job,
    source: Opened,
    parts: Parts,
    multipart: &Multipart,
    done: &Arc<Done>,
) -> Result<()> {
    let protection = single.protection;
    let options = single.request.as_ref().options().clone();
    let sender = Arc::new(PartSender {
        job: job.clone(),
        put: std::mem::take(single.request.as_mut().input_mut()),
        options,
        upload_id: multipart.upload_id.clone(),
        crc: protection.crc(),
        algorithm: protection.checksum.and_then(Checksum::algorithm),
        done: Arc::clone(done),
    });
    let file = match &source {
        Opened::File(file) => Some(Arc::clone(file)),
        _ => None,
    };
    let send = |part| Arc::clone(&sender).send(part);
    job.until_stopped(pull(|jobs| feed(job, source, parts, done, jobs), send)).await?;
    match file {
        Some(file) => file.check_unchanged().await,
        None => Ok(()),
    }
}

/// Sends the parts that are missing to `jobs`, each once there is room for it.
async fn feed(job: &Job, mut source: Opened, parts: Parts, done: &Done, jobs: Sender<PartJob>) -> Result<()> {
    let shared = job.transfers.shared();
    let take = |len: u64| shared.upload_rate.take(len, job.orders.priority());
    let mut number = 0;
    loop {
        number += 1;
        let Some((start, len)) = next_range(&parts, number, &mut source).await? else { return Ok(()) };
        if done.lock().contains_key(&number) {
            continue;
        }
        let held = if source.is_held() { len } else { 0 };
        // Before it has a place, which others may need. Of a stream it is not known how many bytes there are.
        let mut turn = if let Opened::Stream(_) = source { Turn::default() } else { take(len).await };
        let mut permit = shared.gate.enter(held, job.orders.priority()).await;
        let content = match &mut source {
            Opened::File(file) => Content::File { file: Arc::clone(file), start, len },
            Opened::Bytes(bytes) => Content::Bytes(bytes.slice(start as usize..(start + len) as usize)),
            Opened::Stream(stream) => {
                // The stream may be a download that waits for the place.
                permit.leave_place();
                let bytes = stream.read(len, &shared.buffers).await?;
                turn = take(bytes.len() as u64).await;
                permit.take_place().await;
                if bytes.is_empty() && number > 1 {
                    job.meter.finish_total();
                    return Ok(());
                }
                if parts.size.is_none() {
                    job.meter.add_total(bytes.len() as u64);
                }
                Content::Bytes(bytes)
            }
        };
        if jobs.send(PartJob { number, content, permit, turn }).await.is_err() {
            return Ok(());
        }
    }
}

/// The range of a part; `None` after the last one. A stream that has ended needs no further part, however many it had.
async fn next_range(parts: &Parts, number: u32, source: &mut Opened) -> Result<Option<(u64, u64)>> {
    match (parts.range(number), source) {
        (Err(error), Opened::Stream(stream)) => match stream.is_at_end().await? {
            true => Ok(None),
            false => Err(error),
        },
        (range, _) => range,
    }
}
