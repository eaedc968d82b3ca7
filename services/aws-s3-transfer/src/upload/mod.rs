//! An upload as a value: source, request and settings. What it does is in the modules below.

mod parts;
mod single;
pub(crate) mod source;

use aws_core::Options;
use aws_core::config::ChecksumMode;
use aws_s3::Request;
use aws_s3::operation::PutObject;

use crate::common::{Common, setters, transfer_methods};
use crate::engine::gate::Permit;
use crate::handle::Job;
use crate::multipart::Stored;
use crate::sums::{Checksum, ChecksumMembers, Crc};
use crate::{Error, ErrorKind, Result, Transfers};
use source::{Opened, Source};

/// An upload that has not begun, created by [`Transfers::upload`].
///
/// ```no_run
/// # async fn example(transfers: aws_s3_transfer::Transfers) -> aws_s3_transfer::Result<()> {
/// use aws_s3_transfer::Source;
///
/// let uploaded = transfers
///     .upload("mybucket", "report.pdf", Source::path("report.pdf"))
///     .with(|put| put.content_type("application/pdf").storage_class("STANDARD_IA").if_none_match("*"))
///     .send()
///     .await?;
/// println!("{} bytes in {} parts: {:?}", uploaded.size, uploaded.parts, uploaded.output.e_tag);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "an upload does nothing until it is sent or started"]
pub struct Upload {
    transfers: Transfers,
    request: Request<PutObject>,
    source: Source,
    checksum: Option<Checksum>,
    common: Common,
}

impl Upload {
    pub(crate) fn new(transfers: &Transfers, bucket: String, key: String, source: Source) -> Self {
        Self {
            transfers: transfers.clone(),
            request: transfers.client().put_object(bucket, key),
            source,
            checksum: None,
            common: Common::default(),
        }
    }

    /// Sets parameters of the request: all that `put_object` has, and its options. They hold whether the object is sent in
    /// one request or in parts: each request of a multipart upload has those that it knows.
    pub fn with(mut self, set: impl FnOnce(Request<PutObject>) -> Request<PutObject>) -> Self {
        self.request = set(self.request);
        self
    }

    setters! {
        /// Sets the checksum. If not set here: that of the transfers. An algorithm or a value that is set in
        /// [`with`](Self::with) wins.
        checksum(checksum: Checksum) => checksum = Some(checksum);
    }

    pub(crate) async fn run(self, job: Job) -> Result<Stored> {
        let input = self.request.as_ref().input();
        let (bucket, key) = (input.bucket.as_deref().unwrap_or_default(), input.key.as_deref().unwrap_or_default());
        let what = format!("cannot upload to s3://{bucket}/{key}");
        self.send_object(&job).await.map_err(|it| it.within(&what))
    }

    async fn send_object(mut self, job: &Job) -> Result<Stored> {
        let shared = job.transfers.shared();
        let settings = job.transfers.settings();
        let part_size = self.common.part_size(&job.transfers)?;
        let protection = self.protection(job)?;
        let checkpoint = self.common.resumed().await?;
        let declared = self.request.as_ref().input().content_length.map(|it| u64::try_from(it).unwrap_or_default());
        let mut source = job.until_stopped(self.source.open(shared.buffers.clone(), declared)).await?;
        let size = source.size();
        if let Some(size) = size {
            job.meter.set_total(size);
        }
        let single = single::Single { request: self.request, protection, common: self.common };
        if checkpoint.is_none() {
            match (&mut source, size) {
                (_, Some(size)) if size >= settings.threshold.max(1) => {}
                (Opened::Stream { parts, .. }, _) => {
                    let stream = parts.get_mut();
                    // Its first bytes decide whether it is a small object. If it is none, their memory is that of the first part.
                    let held = size.unwrap_or(settings.threshold.max(part_size));
                    let (start, mut permit) =
                        job.until_stopped(read_start(stream, job, settings.threshold, held)).await?;
                    let len = start.len() as u64;
                    if len < settings.threshold {
                        if size.is_none() {
                            job.meter.set_total(len);
                        }
                        permit.keep(len);
                        return single.send(job, Opened::Bytes(start), Some(permit)).await;
                    }
                    stream.put_back(start, permit);
                }
                (_, _) => return single.send(job, source, None).await,
            }
        }
        // In memory of its own: small uploads need none for it.
        Box::pin(parts::send(single, job, source, part_size, checkpoint)).await
    }

    /// How the bytes are protected: by what `with` set, else by the setting.
    fn protection(&mut self, job: &Job) -> Result<Protection> {
        let input = self.request.as_ref().input();
        match input.value_names().as_slice() {
            [name] => Ok(Protection { checksum: Checksum::from_name(name), has_value: true }),
            [_, _, ..] => {
                let why = format!("more than one checksum is set: {}", input.value_names().join(", "));
                Err(Error::new(ErrorKind::Settings, why))
            }
            [] if input.content_md5.is_some() => Ok(Protection { checksum: None, has_value: true }),
            [] => {
                let set = Checksum::set_by(input.checksum_algorithm.as_ref())?;
                let checksum = set.or_else(|| job.transfers.decided(self.checksum));
                Ok(Protection { checksum, has_value: false })
            }
        }
    }
}

/// The first bytes of a stream, up to the size of a small object, and their memory.
async fn read_start(
    stream: &mut source::StreamParts,
    job: &Job,
    threshold: u64,
    held: u64,
) -> Result<(bytes::Bytes, Permit)> {
    let shared = job.transfers.shared();
    let mut permit = shared.gate.enter(held, job.orders.priority()).await;
    // The stream may be a download that waits for the place.
    permit.leave_place();
    Ok((stream.read(threshold, &shared.buffers).await?, permit))
}

/// How the bytes of an upload are protected.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Protection {
    /// `None`: not at all, or as the service requires it.
    pub(crate) checksum: Option<Checksum>,
    /// Whether the caller set the value of the whole object.
    pub(crate) has_value: bool,
}

impl Protection {
    pub(crate) fn crc(&self) -> Option<Crc> {
        self.checksum.and_then(Checksum::crc)
    }

    /// The options of a request whose bytes are protected so, and not in another way.
    fn options(&self, options: &Options) -> Options {
        match self.checksum.is_none() && !self.has_value {
            true => options.clone().request_checksum_calculation(ChecksumMode::WhenRequired),
            false => options.clone(),
        }
    }
}

transfer_methods!(Upload -> Stored, "that of the transfers.");
