//! The requests of a multipart upload that uploads and copies have in common: how an object is cut into parts, the list of
//! parts, completion and abortion.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use aws_core::{Operation, Options, Timestamp, copy_shared, make};
use aws_s3::Client;
use aws_s3::custom::is_directory_bucket;
use aws_s3::operation::{
    AbortMultipartUpload, AbortMultipartUploadInput, CompleteMultipartUploadInput, CompleteMultipartUploadOutput,
    CreateMultipartUpload, CreateMultipartUploadInput, HeadObjectInput, ListMultipartUploads,
    ListMultipartUploadsInput, ListPartsInput,
};
use aws_s3::types::{CompletedMultipartUpload, CompletedPart, Part};

use crate::checkpoint::{Checkpoint, PartState};
use crate::common::Common;
use crate::engine::meter::Meter;
use crate::sums::{Crc, CrcMembers, Sum};
use crate::transfers::{MAX_OBJECT, MAX_PART, MAX_PARTS, MIB};
use crate::{Error, ErrorKind, Result};

/// A stream of unknown length has so many parts of one size before the size doubles. Our choice: the size of a part is in
/// proportion to what was sent before.
const PARTS_OF_A_SIZE: u64 = 1000;

/// How often an upload is aborted at most, if parts arrive meanwhile: S3's documentation of the operation asks for more than
/// once.
const ABORTS: usize = 3;

/// How an object is cut into parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    /// `None`: until the source ends.
    pub(crate) size: Option<u64>,
    /// The size of all parts but the last; of a source without a size, of the first.
    pub(crate) part_size: u64,
    /// The largest part of a source without a size, since it is held in memory.
    max_part: u64,
}

impl Parts {
    /// Equal parts of at least `part_size` bytes, not more than S3 allows.
    pub(crate) fn of_size(size: u64, part_size: u64) -> Result<Self> {
        if size > MAX_OBJECT {
            let why = format!("{size} bytes are more than S3 stores in one object, {MAX_OBJECT}: divide them");
            return Err(Error::new(ErrorKind::TooLarge, why));
        }
        let least = size.div_ceil(MAX_PARTS);
        let part_size = if least > part_size { least.next_multiple_of(MIB).min(MAX_PART) } else { part_size };
        Ok(Self { size: Some(size), part_size, max_part: MAX_PART })
    }

    /// One part, whatever its size.
    pub(crate) fn whole(size: u64) -> Self {
        Self { size: Some(size), part_size: size.max(1), max_part: MAX_PART }
    }

    /// Parts of a source whose size is not known: they grow, up to half of `memory`.
    pub(crate) fn growing(part_size: u64, memory: u64) -> Self {
        Self { size: None, part_size, max_part: (memory / 2).clamp(part_size, MAX_PART) }
    }

    /// The start and the length of a part, whose number is from 1 on; `None` after the last.
    pub(crate) fn range(&self, number: u32) -> Result<Option<(u64, u64)>> {
        let index = u64::from(number) - 1;
        match self.size {
            Some(size) => {
                let start = index * self.part_size;
                let is_part = start < size || (size == 0 && index == 0);
                Ok(is_part.then(|| (start, self.part_size.min(size - start))))
            }
            None if index >= MAX_PARTS => Err(Error::new(
                ErrorKind::TooLarge,
                format!(
                    "the stream has more bytes than fit into {MAX_PARTS} parts of up to {} bytes: raise `part_size` or \
                     `memory`, or declare its length",
                    self.max_part
                ),
            )),
            None => {
                let doubled = self.part_size << (index / PARTS_OF_A_SIZE).min(20);
                Ok(Some((0, doubled.min(self.max_part))))
            }
        }
    }

    /// The length of a part of a known size; 0 after the last.
    pub(crate) fn len(&self, number: u32) -> u64 {
        self.range(number).ok().flatten().map_or(0, |it| it.1)
    }

    pub(crate) fn count(&self) -> Option<u64> {
        self.size.map(|it| it.div_ceil(self.part_size).max(1))
    }
}

/// A part that has arrived.
#[derive(Clone, Debug)]
pub(crate) struct DonePart {
    pub(crate) len: u64,
    pub(crate) sum: Option<Sum>,
    /// ETag and checksums, as S3 returned them.
    pub(crate) completed: CompletedPart,
}

/// The parts that have arrived, by number.
#[derive(Debug, Default)]
pub(crate) struct Done(Mutex<BTreeMap<u32, DonePart>>);

impl Done {
    pub(crate) fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, DonePart>> {
        self.0.lock().unwrap_or_else(|it| it.into_inner())
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.lock().values().map(|it| it.len).sum()
    }

    /// The parts as a checkpoint has them.
    pub(crate) fn states(&self) -> BTreeMap<u32, PartState> {
        let state = |part: &DonePart| PartState {
            e_tag: part.completed.e_tag.clone().unwrap_or_default(),
            checksum: part.sum.map(|it| it.to_string()).unwrap_or_default(),
        };
        self.lock().iter().map(|(number, part)| (*number, state(part))).collect()
    }
}

/// A multipart upload at the service.
pub(crate) struct Multipart {
    client: Client,
    options: Options,
    pub(crate) upload_id: String,
    complete: CompleteMultipartUploadInput,
    abort: AbortMultipartUploadInput,
    list: ListPartsInput,
    head: HeadObjectInput,
}

impl Multipart {
    /// The upload `upload_id`, whose requests have the members of `request` that they share with it.
    pub(crate) fn new<O: Operation>(client: &Client, request: &aws_core::Request<O>, upload_id: String) -> Self {
        let mut complete = CompleteMultipartUploadInput::default();
        let mut abort = AbortMultipartUploadInput::default();
        let mut list = ListPartsInput::default();
        let mut head = HeadObjectInput::default();
        copy_shared(request.input(), &mut complete);
        copy_shared(request.input(), &mut abort);
        copy_shared(request.input(), &mut list);
        copy_shared(request.input(), &mut head);
        (head.if_match, head.if_none_match, head.checksum_mode) = (None, None, Some("ENABLED".into()));
        complete.upload_id = Some(upload_id.clone());
        abort.upload_id = Some(upload_id.clone());
        list.upload_id = Some(upload_id.clone());
        let options = request.options().clone();
        Self { client: client.clone(), options, upload_id, complete, abort, list, head }
    }

    /// The parts that the service has.
    pub(crate) async fn list(&self) -> Result<BTreeMap<u32, Part>> {
        let mut parts = BTreeMap::new();
        let request = self.client.request::<aws_s3::operation::ListParts>(self.list.clone());
        let mut pages = request.with_options(self.options.clone()).pages();
        while let Some(page) = pages.try_next().await? {
            for part in page.parts {
                parts.insert(part.part_number.and_then(|it| it.try_into().ok()).unwrap_or_default(), part);
            }
        }
        Ok(parts)
    }

    /// Makes the object out of the parts.
    pub(crate) async fn complete(&self, done: &Done, crc: Option<Crc>) -> Result<CompleteMultipartUploadOutput> {
        let mut input = self.complete.clone();
        let (parts, sum): (Vec<CompletedPart>, Option<Sum>) = {
            let done = done.lock();
            (done.values().map(|it| it.completed.clone()).collect(), Sum::of_all(done.values().map(|it| it.sum)))
        };
        if let (Some(crc), Some(sum)) = (crc, sum) {
            match input.crc(crc) {
                Some(expected) if expected != sum.to_string() => {
                    let why = format!(
                        "the {} of the source is {sum}, not the {expected} that was set: nothing was stored",
                        crc.name()
                    );
                    return Err(Error::new(ErrorKind::Checksum, why));
                }
                _ => input.set_crc(crc, sum.to_string()),
            }
            input.mpu_object_size = i64::try_from(sum.len).ok();
        }
        if !input.value_names().is_empty() {
            input.checksum_type = Some("FULL_OBJECT".into());
        }
        input.multipart_upload = Some(make!(CompletedMultipartUpload { parts: parts }));
        let request = self.client.request::<aws_s3::operation::CompleteMultipartUpload>(input);
        Ok(request.with_options(self.options.clone()).send().await?)
    }

    /// Removes the upload and its parts. What fails is added to the error that led to it.
    pub(crate) async fn abort(&self, error: Error) -> Error {
        for _ in 0..ABORTS {
            let request = self.client.request::<AbortMultipartUpload>(self.abort.clone());
            match request.with_options(self.options.clone()).send().await {
                Ok(_) => {}
                Err(failed) if failed.code() == Some("NoSuchUpload") => return error,
                Err(failed) => {
                    let id = &self.upload_id;
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
    async fn is_gone(&self, error: &Error) -> bool {
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
        let request = self.client.request::<aws_s3::operation::HeadObject>(self.head.clone());
        let head = match request.with_options(self.options.clone()).send().await {
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
        let mut output = CompleteMultipartUploadOutput::default();
        copy_shared(&head, &mut output);
        Ok(Some(output))
    }
}

/// Notes a part that has arrived, and then counts it: what was counted is in a checkpoint that is made later.
pub(crate) fn note_part(meter: &Meter, done: &Done, number: u32, part: DonePart) {
    let len = part.len;
    done.lock().insert(number, part);
    meter.add(|it| {
        it.bytes += len;
        it.parts += 1;
    });
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
        let expected = if number == 0 { None } else { parts.range(number)? };
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
        let mut completed = CompletedPart::default();
        copy_shared(&part, &mut completed);
        done.lock().insert(number, DonePart { len, sum, completed });
    }
    Ok(())
}

/// How a transfer of parts ended: completes the upload, keeps it with a checkpoint, or removes it.
pub(crate) async fn settle(
    sent: Result<()>,
    multipart: &Multipart,
    done: &Done,
    crc: Option<Crc>,
    common: &Common,
    mut state: Checkpoint,
    is_resumable: bool,
) -> Result<CompleteMultipartUploadOutput> {
    let completed = match sent {
        Ok(()) => multipart.complete(done, crc).await,
        Err(error) => Err(error),
    };
    let error = match completed {
        Ok(output) => return common.forget().await.map(|()| output),
        // The response to a completion was lost, and the next attempt found no upload, or the object itself against its
        // condition: it may be complete.
        Err(error) if error.call().is_some_and(|it| it.attempts() > 1) && multipart.is_gone(&error).await => {
            state.size = done.bytes();
            let (count, sum) = {
                let done = done.lock();
                (done.len() as u64, Sum::of_all(done.values().map(|it| it.sum)))
            };
            match multipart.is_complete(&state, count, sum).await {
                Ok(Some(output)) => return common.forget().await.map(|()| output),
                _ => error,
            }
        }
        Err(error) => error,
    };
    let is_kept = is_resumable
        && match error.kind() {
            ErrorKind::Paused => true,
            ErrorKind::Aborted
            | ErrorKind::UploadGone
            | ErrorKind::SourceChanged
            | ErrorKind::ObjectChanged
            | ErrorKind::Condition
            | ErrorKind::Checksum => false,
            _ => common.keeps(),
        };
    if is_kept {
        state.parts = done.states();
        common.save(&state).await?;
        return Err(error.with_checkpoint(state));
    }
    let error = multipart.abort(error).await;
    common.forget().await?;
    Err(error)
}

/// The upload of a transfer, and whether it may have parts: the one that `state` was made of, or one that a process left
/// which ended before it could note its id, else a new one. `was_begun`: there is a checkpoint.
pub(crate) async fn begin<O: Operation>(
    client: &Client,
    request: &aws_core::Request<O>,
    common: &Common,
    state: &mut Checkpoint,
    was_begun: bool,
    input: CreateMultipartUploadInput,
) -> Result<(Multipart, bool)> {
    let of_id = |id: &str| Multipart::new(client, request, id.to_owned());
    if !state.upload_id.is_empty() {
        return Ok((of_id(&state.upload_id), true));
    }
    if was_begun && let Some(id) = find_abandoned(client, request, state).await? {
        state.upload_id = id;
        common.save(state).await?;
        return Ok((of_id(&state.upload_id), true));
    }
    // Says that there may be an upload before there is one: a process that ends now leaves nothing unknown.
    common.save(state).await?;
    state.upload_id = create(client, input, request.options()).await?;
    let multipart = of_id(&state.upload_id);
    match common.save(state).await {
        Ok(()) => Ok((multipart, false)),
        Err(error) => Err(multipart.abort(error).await),
    }
}

/// The upload of a process that ended before it could note its id: the only one of this key that began since `state`, and
/// has no part, since an id is noted before the first part is sent. One with parts belongs to a process that still runs.
async fn find_abandoned<O: Operation>(
    client: &Client,
    request: &aws_core::Request<O>,
    state: &Checkpoint,
) -> Result<Option<String>> {
    let mut input = ListMultipartUploadsInput::default();
    copy_shared(request.input(), &mut input);
    // Directory buckets know only prefixes that are folders.
    let prefix = match is_directory_bucket(&state.bucket) {
        true => state.key.rfind('/').map_or("", |at| &state.key[..=at]),
        false => &state.key,
    };
    input.prefix = Some(prefix.to_owned());
    let list = client.request::<ListMultipartUploads>(input).with_options(request.options().clone());
    let (mut pages, mut own) = (list.pages(), Vec::new());
    while let Some(page) = pages.try_next().await? {
        own.extend(page.uploads.into_iter().filter(|it| {
            let began = it.initiated.map(Timestamp::as_secs).unwrap_or_default();
            it.key.as_deref() == Some(&state.key) && began >= state.began - CLOCK_TOLERANCE
        }));
    }
    let Some(id) = own.pop().filter(|_| own.is_empty()).and_then(|it| it.upload_id) else { return Ok(None) };
    match Multipart::new(client, request, id.clone()).list().await {
        Ok(parts) => Ok(parts.is_empty().then_some(id)),
        Err(error) if error.kind() == ErrorKind::UploadGone => Ok(None),
        Err(error) => Err(error),
    }
}

/// Creates an upload. It is not stopped half-way, since then its id would be unknown.
async fn create(client: &Client, input: CreateMultipartUploadInput, options: &Options) -> Result<String> {
    let request = client.request::<CreateMultipartUpload>(input).with_options(options.clone());
    request.send().await?.upload_id.filter(|it| !it.is_empty()).ok_or_else(|| {
        let why = "CreateMultipartUpload returned no upload id: the store does not follow S3's protocol";
        Error::new(ErrorKind::Call, why)
    })
}

/// How far the clock of this machine may be ahead of the service's, in seconds: S3 accepts a signature that is so far off.
const CLOCK_TOLERANCE: i64 = 900;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfers::MIN_PART;

    #[test]
    fn parts_are_equal_and_cover_everything_up_to_the_largest_object() {
        for size in
            [0, 1, MIN_PART, 8 * MIB, 8 * MIB + 1, 80_000 * MIB, 80_001 * MIB, 5 << 40, MAX_OBJECT - 1, MAX_OBJECT]
        {
            let parts = Parts::of_size(size, 8 * MIB).unwrap();
            let count = parts.count().unwrap();
            assert!(count <= MAX_PARTS && (8 * MIB..=MAX_PART).contains(&parts.part_size), "{size}: {parts:?}");
            let mut at = 0;
            for number in 1..=count {
                let (start, len) = parts.range(number as u32).unwrap().unwrap();
                assert_eq!(start, at);
                assert!(len == parts.part_size || number == count, "{size}: {number}");
                at += len;
            }
            assert_eq!((at, parts.range(count as u32 + 1).unwrap()), (size, None));
        }
        assert_eq!(Parts::of_size(MAX_OBJECT + 1, MIN_PART).unwrap_err().kind(), ErrorKind::TooLarge);
    }

    #[test]
    fn parts_of_unknown_streams_grow() {
        fn total(memory: u64) -> u64 {
            let parts = Parts::growing(8 * MIB, memory);
            (1..=MAX_PARTS).map(|it| parts.range(it as u32).unwrap().unwrap().1).sum()
        }
        assert!(total(256 * MIB) > 800 << 30, "{}", total(256 * MIB) >> 30);
        assert!(total(16 << 30) > 7 << 40);
        let parts = Parts::growing(MAX_PART, 16 << 30);
        assert_eq!(parts.range(1).unwrap(), Some((0, MAX_PART)));
        let error = parts.range(10_001).unwrap_err();
        assert!(error.kind() == ErrorKind::TooLarge && error.to_string().contains("raise `part_size`"), "{error}");
    }
}
