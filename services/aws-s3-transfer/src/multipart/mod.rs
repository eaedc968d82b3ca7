//! A transfer in parts, as uploads and copies have it in common: begins or resumes the upload, sends what is missing,
//! completes it, and leaves nothing behind if that fails. Knows no source.

mod parts;
mod requests;

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::Arc;

use aws_core::{Options, shared_members};
use aws_s3::operation::{CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CreateMultipartUploadInput};
use aws_s3::types::Part;
use tokio::sync::mpsc::Sender;

use crate::checkpoint::Checkpoint;
use crate::common::Common;
use crate::engine::pull::pull;
use crate::handle::Job;
use crate::sums::{ChecksumMembers, Crc, Sum};
use crate::transfers::MAX_PARTS;
use crate::{Error, ErrorKind, Result};
pub(crate) use parts::{Done, DonePart, Parts};
use requests::Multipart;

/// What is sent in parts.
pub(crate) trait PartSource: Send + Sync + 'static {
    /// The bytes of a part, or where they are, and the room that they take.
    type Part: Send + 'static;

    /// The part of `len` bytes from `start` on, once there is room for it; `None` if the source has ended.
    fn next(&self, number: u32, start: u64, len: u64) -> impl Future<Output = Result<Option<Self::Part>>> + Send;

    /// Sends a part to the upload.
    fn send(&self, upload_id: &str, number: u32, part: Self::Part) -> impl Future<Output = Result<DonePart>> + Send;

    /// The checksum of a range of the source, if it can be known without the parts.
    fn sum(&self, start: u64, len: u64) -> impl Future<Output = Result<Option<Sum>>> + Send;

    /// Fails if the parts, which have this checksum together, are not what the source is now.
    fn check(&self, sum: Option<Sum>) -> impl Future<Output = Result<()>> + Send;

    /// What tells the source from others of its name, if it can be read again and the checkpoint does not have it from the
    /// beginning.
    fn identity(&self) -> Option<String> {
        None
    }

    /// Does what is left to do once the object is there.
    fn finish(&self, _object: &CompleteMultipartUploadOutput) -> impl Future<Output = Result<()>> + Send {
        ready(Ok(()))
    }
}

/// A transfer in parts, before it begins.
pub(crate) struct PartsTransfer<'a> {
    pub(crate) job: &'a Job,
    pub(crate) common: &'a Common,
    pub(crate) create: CreateMultipartUploadInput,
    pub(crate) complete: CompleteMultipartUploadInput,
    pub(crate) options: Options,
    pub(crate) parts: Parts,
    pub(crate) crc: Option<Crc>,
    /// Where it stands: that of an earlier run, if it is resumed.
    pub(crate) state: Checkpoint,
    pub(crate) is_resumed: bool,
    pub(crate) is_resumable: bool,
}

/// An object that an upload or a copy has stored.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stored {
    /// The size of the object in bytes.
    pub size: u64,
    /// The parts it was sent or copied in; 1 for a single request.
    pub parts: u64,
    /// What S3 returned: ETag, version, checksums, encryption. Of a single request, the members that both have.
    pub output: CompleteMultipartUploadOutput,
}

impl PartsTransfer<'_> {
    pub(crate) async fn run<S: PartSource>(mut self, source: S) -> Result<Stored> {
        let (multipart, may_have_parts) = self.begin().await?;
        let (source, done) = (Arc::new(source), Arc::new(Done::default()));
        let mut output = None;
        if may_have_parts {
            match self.job.until_stopped(self.resume(&multipart, &*source, &done)).await {
                Ok(complete) => output = complete,
                Err(error) if error.kind() == ErrorKind::Aborted => return Err(self.remove(&multipart, error).await),
                // What a checkpoint leads to that does not fit is the caller's to remove.
                Err(error) => return Err(error.with_checkpoint(self.state)),
            }
            self.job.meter.add_resumed(done.bytes(), done.count());
        }
        let ended = match output {
            Some(output) => Ok(output),
            None => match self.send(&multipart, &source, &done).await {
                Ok(sum) => self.complete(&multipart, &done, sum).await,
                Err(error) => Err(error),
            },
        };
        let error = match ended {
            Ok(output) => match self.job.until_stopped(source.finish(&output)).await {
                Ok(()) => {
                    self.common.forget().await?;
                    return Ok(Stored { size: done.bytes(), parts: done.count(), output });
                }
                Err(error) => error,
            },
            Err(error) => error,
        };
        if !(self.is_resumable && self.common.keeps_after(error.kind())) {
            return Err(self.remove(&multipart, error).await);
        }
        self.state.parts = done.states();
        if self.state.source.is_empty() {
            self.state.source = source.identity().unwrap_or_default();
        }
        self.common.save(&self.state).await?;
        Err(error.with_checkpoint(self.state))
    }

    /// The upload, and whether it may have parts: the one of the earlier run, or one that a process left which ended before
    /// it could note its id, else a new one.
    async fn begin(&mut self) -> Result<(Multipart, bool)> {
        let (client, options) = (self.job.transfers.client().clone(), self.options.clone());
        let mut multipart = Multipart { client, options, complete: std::mem::take(&mut self.complete) };
        if !self.state.upload_id.is_empty() {
            multipart.set_upload_id(&self.state.upload_id);
            return Ok((multipart, true));
        }
        let is_found = match self.is_resumed {
            true => multipart.find_abandoned(&self.state).await.map_err(|error| {
                error.within("an earlier run may have begun an upload, which cannot be found: to begin again, remove the checkpoint")
            })?,
            false => false,
        };
        if !is_found {
            // Says that there may be an upload before there is one: a process that ends now leaves nothing unknown.
            self.common.save(&self.state).await?;
            if let Err(error) = multipart.create(std::mem::take(&mut self.create)).await {
                // What the service refused has left nothing to look for.
                if error.call().and_then(|it| it.status()).is_some_and(|it| (400..500).contains(&it)) {
                    self.common.forget().await?;
                }
                return Err(error);
            }
        }
        multipart.upload_id().clone_into(&mut self.state.upload_id);
        match self.common.save(&self.state).await {
            Ok(()) => Ok((multipart, is_found)),
            Err(error) if is_found => Err(error),
            Err(error) => Err(multipart.abort(error).await),
        }
    }

    /// Finds out which parts the service has. Returns the output if the upload turns out to be complete.
    async fn resume(
        &self,
        multipart: &Multipart,
        source: &impl PartSource,
        done: &Done,
    ) -> Result<Option<CompleteMultipartUploadOutput>> {
        match multipart.list().await {
            Ok(listed) => restore(listed, &self.state, &self.parts, self.crc, done)?,
            Err(error) if error.kind() == ErrorKind::UploadGone => {
                let sum = source.sum(0, self.state.size).await?;
                let count = self.parts.count().unwrap_or_default();
                let Some(output) = multipart.is_complete(&self.state, count, sum).await? else { return Err(error) };
                let part = |number: u32| DonePart { len: self.parts.len(number), ..DonePart::default() };
                done.lock().extend((1..).take(count as usize).map(|number| (number, part(number))));
                return Ok(Some(output));
            }
            Err(error) => return Err(error),
        }
        let unknown: Vec<u32> = done.lock().iter().filter(|it| it.1.sum.is_none()).map(|it| *it.0).collect();
        for number in unknown {
            let (start, len) = self.parts.range(number).unwrap_or_default();
            let sum = source.sum(start, len).await?;
            done.lock().entry(number).and_modify(|it| it.sum = sum);
        }
        Ok(None)
    }

    /// Sends the parts that are missing. Returns the checksum of all, which takes time to combine.
    async fn send<S: PartSource>(
        &self,
        multipart: &Multipart,
        source: &Arc<S>,
        done: &Arc<Done>,
    ) -> Result<Option<Sum>> {
        let send = |(number, part)| {
            let (source, done, meter) = (Arc::clone(source), Arc::clone(done), self.job.meter.clone());
            let upload_id = multipart.upload_id().to_owned();
            async move {
                let part = source.send(&upload_id, number, part).await?;
                let len = part.len;
                // Before it is counted: what was counted is in a checkpoint that is made later.
                done.lock().insert(number, part);
                meter.add_part(len);
                Ok(())
            }
        };
        self.job.until_stopped(pull(|jobs| self.feed(&**source, done, jobs), send)).await?;
        let sum = done.sum();
        source.check(sum).await.map(|()| sum)
    }

    async fn feed<S: PartSource>(&self, source: &S, done: &Done, jobs: Sender<(u32, S::Part)>) -> Result<()> {
        for number in 1.. {
            let Some((start, len)) = self.parts.range(number) else { break };
            if done.has(number) {
                continue;
            }
            let Some(part) = source.next(number, start, len).await? else { break };
            if u64::from(number) > MAX_PARTS {
                return Err(self.parts.too_many());
            }
            if jobs.send((number, part)).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    async fn complete(
        &mut self,
        multipart: &Multipart,
        done: &Done,
        sum: Option<Sum>,
    ) -> Result<CompleteMultipartUploadOutput> {
        match multipart.complete(done, sum).await {
            // The response to a completion was lost, and the next attempt found no upload, or the object itself against its
            // condition: it may be complete.
            Err(error) if error.call().is_some_and(|it| it.attempts() > 1) && multipart.is_gone(&error).await => {
                self.state.size = done.bytes();
                let complete = multipart.is_complete(&self.state, done.count(), sum).await;
                complete.ok().flatten().ok_or(error)
            }
            completed => completed,
        }
    }

    /// Removes the upload and its checkpoint after `error`.
    async fn remove(&self, multipart: &Multipart, error: Error) -> Error {
        let error = multipart.abort(error).await;
        self.common.forget().await.err().unwrap_or(error)
    }
}

/// Fills in the parts that the service has, with their sums as far as they are known.
///
/// # Errors
/// [`ErrorKind::PartsDiffer`] if a part is not one of this transfer.
pub(crate) fn restore(
    listed: BTreeMap<u32, Part>,
    state: &Checkpoint,
    parts: &Parts,
    crc: Option<Crc>,
    done: &Done,
) -> Result<()> {
    for (number, part) in listed {
        let expected = parts.range(number);
        let size = part.size.and_then(|it| u64::try_from(it).ok());
        let known = state.parts.get(&number);
        let is_known = known.is_none_or(|it| part.e_tag.as_deref().is_none_or(|tag| tag == it.e_tag));
        let (Some((_, len)), true) = (expected.filter(|it| Some(it.1) == size), is_known) else {
            let why = format!(
                "part {number} of the upload was not sent by this transfer: start again without the checkpoint"
            );
            return Err(Error::new(ErrorKind::PartsDiffer, why));
        };
        let sum = crc.and_then(|crc| {
            let values = [known.map(|it| it.checksum.as_str()), part.crc(crc)];
            values.into_iter().flatten().find_map(|it| crc.parse(it, len))
        });
        done.lock().insert(number, DonePart { len, sum, completed: shared_members(&part) });
    }
    Ok(())
}
