//! A download as a value: target, request and settings; and its run: the first request, the ranges, the verdict.

mod fetch;
mod first;
mod in_order;
mod ranges;
pub(crate) mod stream;
pub(crate) mod target;
pub(crate) mod verdict;

use std::path::PathBuf;
use std::sync::Arc;

use aws_core::Timestamp;
use aws_s3::Request;
use aws_s3::operation::{GetObject, GetObjectOutput};
use bytes::Bytes;
use tokio::sync::Mutex as AsyncMutex;

use crate::checkpoint::{Checkpoint, CheckpointKind};
use crate::common::{Common, replace, setters, transfer_methods};
use crate::file::blocking;
use crate::handle::Job;
use crate::multipart::{Done, DonePart, Parts};
use crate::sums::Crc;
use crate::transfers::MIB;
use crate::{Error, ErrorKind, Result, Transfers, Verdict};
use first::First;
use in_order::InOrder;
use ranges::{HELD, Hold, Place, Ranges};
use target::{MemoryParts, Sink, Target};

/// A download that has not begun, created by [`Transfers::download`].
///
/// ```no_run
/// # async fn example(transfers: aws_s3_transfer::Transfers) -> aws_s3_transfer::Result<()> {
/// use aws_s3_transfer::Target;
///
/// let target = Target::path("report.pdf").no_overwrite().sync();
/// let downloaded = transfers.download("mybucket", "report.pdf", target).with(|get| get.version_id("3HL4kqtJ")).await?;
/// println!("{} bytes, {:?}, {:?}", downloaded.size, downloaded.verdict, downloaded.output.content_type);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a download does nothing until it is sent or started"]
pub struct Download {
    transfers: Transfers,
    request: Request<GetObject>,
    target: Target,
    validate: bool,
    common: Common,
}

/// A complete download.
#[derive(Debug)]
#[non_exhaustive]
pub struct Downloaded {
    /// The number of bytes that were asked for, and are there.
    pub size: u64,
    /// Whether they were checked.
    pub verdict: Verdict,
    /// The members of the first response: ETag, version, metadata. Its body is empty, and its range the first that was
    /// asked for.
    pub output: GetObjectOutput,
    /// The bytes, of a download to memory; empty for other targets.
    pub bytes: Bytes,
}

impl Download {
    pub(crate) fn new(transfers: &Transfers, bucket: String, key: String, target: Target) -> Self {
        Self {
            transfers: transfers.clone(),
            request: transfers.client().get_object(bucket, key),
            target,
            validate: true,
            common: Common::default(),
        }
    }

    /// Sets parameters of the request: all that `get_object` has, and its options. A `range` is downloaded in parallel
    /// ranges, too.
    pub fn with(mut self, set: impl FnOnce(Request<GetObject>) -> Request<GetObject>) -> Self {
        self.request = set(self.request);
        self
    }

    setters! {
        /// Sets whether the bytes are checked against the checksum that S3 stores. An object of more than one part then
        /// needs one HEAD request. Default: they are.
        validate(validate: bool) => validate = validate;
    }

    pub(crate) async fn run(self, job: Job) -> Result<Downloaded> {
        let input = self.request.as_ref().input();
        let (bucket, key) = (input.bucket.as_deref().unwrap_or_default(), input.key.as_deref().unwrap_or_default());
        let what = format!("cannot download s3://{bucket}/{key}");
        self.receive(&job).await.map_err(|it| it.within(&what))
    }

    async fn receive(mut self, job: &Job) -> Result<Downloaded> {
        let part_size = self.common.part_size(&job.transfers)?;
        let is_explicit = self.common.resume.is_some();
        let checkpoint = self.common.resumed().await?;
        // A process that ended between renaming its file and removing the checkpoint leaves one that leads nowhere.
        let checkpoint = checkpoint.filter(|it| is_explicit || std::path::Path::new(&it.partial).exists());
        let checkpoint = checkpoint.map(without_lost).transpose()?;
        let is_resumable = self.target.is_resumable();
        if !is_resumable && (checkpoint.is_some() || self.common.checkpoint_file.is_some()) {
            let why = "only a download to a path can be resumed: download without a checkpoint, or to a path";
            return Err(Error::new(ErrorKind::Settings, why));
        }
        let mut input = self.request.as_ref().input().clone();
        if let Some(checkpoint) = &checkpoint {
            let (bucket, key) = (input.bucket.as_deref().unwrap_or_default(), input.key.as_deref().unwrap_or_default());
            checkpoint.check(CheckpointKind::Download, bucket, key)?;
            input.if_match = Some(checkpoint.e_tag.clone());
            input.version_id = Some(checkpoint.version_id.clone()).filter(|it| !it.is_empty()).or(input.version_id);
        }
        let plan = Plan::new(checkpoint.as_ref(), part_size)?;
        // Where the object does not exist no file is begun.
        let partial = checkpoint.as_ref().map(|it| PathBuf::from(&it.partial));
        let held = match self.target.0 {
            target::Kind::Writer(_) => part_size,
            target::Kind::Memory => MIB,
            target::Kind::Path(_) | target::Kind::File { .. } => HELD,
        };
        let options = self.request.as_ref().options().clone();
        let target = std::mem::replace(&mut self.target, Target::memory());
        let validate = self.validate;
        let requested = async {
            let permit = job.transfers.shared().gate.enter(held, job.orders.priority()).await;
            let first = First::request(job, input, options, validate, Some(plan.window), &permit).await;
            let first = first.map_err(|error| match error.kind() {
                ErrorKind::Condition if checkpoint.is_some() => Error::new(
                    ErrorKind::ObjectChanged,
                    "the object was replaced since the checkpoint was made: start again without it",
                )
                .with_source(error),
                _ => error,
            })?;
            let sink = target.open(partial).await?;
            Ok((first, sink, permit))
        };
        let (mut first, sink, permit) = job.until_stopped(requested).await?;
        let size = first.end - first.start;
        let parts = plan.parts(&first, size)?;
        job.meter.set_total(size);
        let expected = first.expected(validate).await;
        let body = std::mem::take(&mut first.output.body);
        let done = plan.done(expected.crc(), &parts)?;
        job.meter.add_resumed(done.bytes(), done.count());
        let is_paced = first.is_whole_body && matches!(sink, Sink::Ordered(_));
        let ranges = Ranges { is_paced, done, ..Ranges::new(job, &first, parts, expected, plan.part_size) };
        let ranges = Arc::new(ranges);
        let first_range = (plan.first, body, Hold { permit, _ahead: None });
        let mut bytes = Bytes::new();
        match sink {
            Sink::Positions(file) => {
                let state = self.checkpoint(&first, &parts, &file, expected.crc());
                let run = Run { common: &self.common, ranges: &ranges, state, is_resumable };
                let verdict = run.receive(job, file, first_range).await?;
                return Ok(Downloaded { size, verdict, output: first.output, bytes });
            }
            Sink::Memory => {
                let memory = Arc::new(MemoryParts::new(size, parts.part_size)?);
                let place = Place::Memory(Arc::clone(&memory));
                job.until_stopped(ranges.pull(place, first_range)).await?;
                bytes = Arc::into_inner(memory).map(MemoryParts::join).unwrap_or_default();
            }
            Sink::Ordered(mut writer) => {
                let in_order = Arc::new(InOrder::new(ranges.is_paced));
                let write = async {
                    while let Some(chunk) = in_order.next().await {
                        target::write_ordered(&mut *writer, &chunk?).await?;
                    }
                    target::flush(&mut *writer).await
                };
                let pull = async {
                    ranges.pull(Place::Order(Arc::clone(&in_order)), first_range).await?;
                    in_order.end(Ok(()));
                    Ok(())
                };
                job.until_stopped(async { tokio::try_join!(pull, write).map(drop) }).await?;
            }
        }
        Ok(Downloaded { size, verdict: ranges.judge()?, output: first.output, bytes })
    }

    fn checkpoint(&self, first: &First, parts: &Parts, file: &target::Positions, crc: Option<Crc>) -> Checkpoint {
        let input = self.request.as_ref().input();
        let (bucket, key) = (input.bucket.as_deref().unwrap_or_default(), input.key.as_deref().unwrap_or_default());
        Checkpoint {
            e_tag: first.output.e_tag.clone().unwrap_or_default(),
            version_id: first.fetch.input.version_id.clone().unwrap_or_default(),
            size: first.end - first.start,
            part_size: parts.part_size,
            source: format!("range:{}", first.start),
            partial: file.partial().and_then(|it| it.to_str()).unwrap_or_default().to_owned(),
            began: Timestamp::now().as_secs(),
            checksum: crc.map(|it| it.name().to_owned()).unwrap_or_default(),
            ..Checkpoint::new(CheckpointKind::Download, bucket, key)
        }
    }
}

/// The checkpoint without the ranges that the partial file is too short for: it was cut, or is another file.
fn without_lost(mut checkpoint: Checkpoint) -> Result<Checkpoint> {
    // A file that is not there is an error once it is opened.
    if let Ok(metadata) = std::fs::metadata(&checkpoint.partial) {
        let parts = Parts::of_size(checkpoint.size, checkpoint.part_size)?;
        let end = |number: u32| parts.range(number).map(|(start, len)| start + len);
        // A number that is no part's is an error later.
        checkpoint.parts.retain(|number, _| end(*number).is_none_or(|it| it <= metadata.len()));
    }
    Ok(checkpoint)
}

/// What is asked for first, and what is there already.
struct Plan {
    part_size: u64,
    /// The number of the first range that is missing.
    first: u32,
    /// Its bytes, from the first that is wanted.
    window: (u64, u64),
    resumed: Option<Checkpoint>,
}

impl Plan {
    fn new(checkpoint: Option<&Checkpoint>, part_size: u64) -> Result<Self> {
        let Some(checkpoint) = checkpoint else {
            return Ok(Self { part_size, first: 1, window: (0, part_size), resumed: None });
        };
        let parts = Parts::of_size(checkpoint.size, checkpoint.part_size)?;
        let mut resumed = checkpoint.clone();
        let missing = (1..).find(|it| !resumed.parts.contains_key(it)).unwrap_or(1);
        // If nothing is missing, the last range is read again: its response has what the result needs.
        let first = u64::from(missing).min(parts.count().unwrap_or(1)) as u32;
        resumed.parts.remove(&first);
        let window = parts.range(first).unwrap_or((0, 0));
        Ok(Self { part_size: checkpoint.part_size, first, window: (window.0, window.1.max(1)), resumed: Some(resumed) })
    }

    /// How the object is cut, now that its size is known.
    fn parts(&self, first: &First, size: u64) -> Result<Parts> {
        match &self.resumed {
            Some(resumed) if resumed.size != size || resumed.source != format!("range:{}", first.start) => {
                let why = "the checkpoint is of another range or object: start again without it";
                Err(Error::new(ErrorKind::Checkpoint, why))
            }
            // The response has everything, although a range was asked for.
            None if first.is_whole_body => Ok(Parts::whole(size)),
            _ => Parts::of_size(size, self.part_size),
        }
    }

    /// The ranges that are there, with their sums.
    fn done(&self, crc: Option<Crc>, parts: &Parts) -> Result<Done> {
        let resumed = self.resumed.iter().flat_map(|it| &it.parts);
        let done = resumed.map(|(number, state)| {
            let (number, len) = (*number, parts.len(*number));
            let sum = crc.map(|it| it.parse(&state.checksum, len));
            if u64::from(number) > parts.count().unwrap_or_default() || sum == Some(None) {
                let why = format!("part {number} of the checkpoint does not fit to the object: start again without it");
                return Err(Error::new(ErrorKind::Checkpoint, why));
            }
            Ok((number, DonePart { len, sum: sum.flatten(), ..DonePart::default() }))
        });
        Ok(Done::new(done.collect::<Result<_>>()?))
    }
}

/// A download to a file, which leaves a complete file, a checkpoint with a partial file, or nothing.
struct Run<'a> {
    common: &'a Common,
    ranges: &'a Arc<Ranges>,
    state: Checkpoint,
    is_resumable: bool,
}

impl Run<'_> {
    async fn receive(
        self,
        job: &Job,
        file: Arc<target::Positions>,
        first: (u32, aws_core::ByteStream, Hold),
    ) -> Result<Verdict> {
        if self.common.checkpoint_file.is_some() {
            self.common.save_now(&self.current())?;
            // From here on the checkpoint leads to the partial file.
            file.keep();
        }
        let writing = Arc::new(AsyncMutex::new(()));
        let pull = self.ranges.pull(Place::File(Arc::clone(&file)), first);
        // Beside the transfer, since it waits for the disk.
        let save = async {
            if self.common.checkpoint_file.is_none() {
                return std::future::pending().await;
            }
            loop {
                self.ranges.noted.notified().await;
                let is_writing = Arc::clone(&writing).lock_owned().await;
                self.save(&file, is_writing).await?;
            }
        };
        let pulled = job.until_stopped(async {
            tokio::select! {
                biased;
                ended = pull => ended,
                failed = save => failed,
            }
        });
        let pulled = pulled.await;
        // A checkpoint that is written still must not come after the last, or after its removal.
        drop(writing.lock().await);
        let judged = pulled.and_then(|()| self.ranges.judge());
        let finished = match judged {
            Ok(verdict) => Arc::clone(&file).finish().await.map(|()| verdict),
            Err(error) => Err(error),
        };
        let error = match finished {
            Ok(verdict) => return self.common.forget().await.map(|()| verdict),
            Err(error) => error,
        };
        if self.is_resumable && self.common.keeps_after(error.kind()) {
            file.keep();
            let state = self.save(&file, ()).await?;
            return Err(error.with_checkpoint(state));
        }
        file.discard();
        self.common.forget().await?;
        Err(error)
    }

    /// The checkpoint, once the ranges that it has are on the disk. Writes it, if it has a file; then drops `written`.
    async fn save(&self, file: &Arc<target::Positions>, written: impl Send + 'static) -> Result<Checkpoint> {
        // Before the file is synced: what is noted later is not on the disk yet.
        let state = self.current();
        let path = self.common.checkpoint_file.clone();
        let (file, text) = (Arc::clone(file), state.to_string());
        blocking(move || {
            let synced = file.sync_data();
            let saved = synced.and_then(|()| path.map_or(Ok(()), |it| replace(&it, &text)));
            drop(written);
            saved
        })
        .await?;
        Ok(state)
    }

    /// The checkpoint with the ranges that are in the file.
    fn current(&self) -> Checkpoint {
        Checkpoint { parts: self.ranges.done.states(), ..self.state.clone() }
    }
}

transfer_methods!(Download -> Downloaded, "that of the transfers.");
