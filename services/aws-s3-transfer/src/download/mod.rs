//! A download as a value: target, request and settings.

pub(crate) mod target;
pub(crate) mod verdict;

use aws_s3::Request;
use aws_s3::operation::{GetObject, GetObjectOutput};
use bytes::Bytes;

use crate::common::{Common, transfer_methods};
use crate::handle::{Job, Transfer};
use crate::observe;
use crate::{Error, Result, Transfers, Verdict};
use target::{MemoryParts, Sink, Target};

/// A download that has not begun, created by [`Transfers::download`].
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
    /// The number of bytes that arrived.
    pub size: u64,
    /// Whether they were checked.
    pub verdict: Verdict,
    /// The members of the first response: ETag, version, metadata. Its body is empty.
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

    /// Sets parameters of the request: all that `get_object` has, and its options.
    pub fn with(mut self, set: impl FnOnce(Request<GetObject>) -> Request<GetObject>) -> Self {
        self.request = set(self.request);
        self
    }

    /// Sets whether the bytes are checked against the checksum that S3 stores. Default: they are.
    pub fn validate(mut self, validate: bool) -> Self {
        self.validate = validate;
        self
    }

    /// Starts the download, and returns its handle.
    pub fn start(self) -> Transfer<Downloaded> {
        let (transfers, meter) = (self.transfers.clone(), self.common.meter.clone());
        let priority = self.common.priority;
        Transfer::start(&transfers, meter, priority, move |job| self.run(job))
    }

    async fn run(self, job: Job) -> Result<Downloaded> {
        let sink = self.target.open(None).await?;
        let permit = job.transfers.shared().gate.enter(0, job.orders.priority()).await;
        let mut output = observe(self.request.send_with_metadata().await, &permit, 0, &job.meter)?;
        let body = std::mem::take(&mut output.body);
        let bytes = body.collect().await.map_err(Error::of_call)?.into_bytes();
        let size = bytes.len() as u64;
        let mut held = Bytes::new();
        match sink {
            Sink::Positions(file) => {
                file.write(0, vec![bytes]).await?;
                file.finish().await?;
            }
            Sink::Memory => {
                let parts = MemoryParts::new(size, size)?;
                parts.append(0, &bytes);
                held = parts.join();
            }
            Sink::Ordered(mut writer) => {
                target::write_ordered(&mut *writer, &bytes).await?;
                target::flush(&mut *writer).await?;
            }
        }
        let verdict = verdict::of_get(&output, size).judge(None)?;
        Ok(Downloaded { size, verdict, output, bytes: held })
    }
}

transfer_methods!(Download -> Downloaded);
