//! A copy as a value: source, request and settings.

use aws_core::copy_shared;
use aws_s3::Request;
use aws_s3::custom::CopySource;
use aws_s3::operation::{CompleteMultipartUploadOutput, CopyObject};

use crate::common::{Common, transfer_methods};
use crate::handle::{Job, Transfer};
use crate::observe;
use crate::{Result, Transfers};

/// A copy that has not begun, created by [`Transfers::copy`].
///
/// ```no_run
/// # async fn example(transfers: aws_s3_transfer::Transfers) -> aws_s3_transfer::Result<()> {
/// use aws_s3::custom::CopySource;
///
/// let source = CopySource::new("photos", "2026/a.jpg");
/// transfers.copy("backup", "a.jpg", source).with(|copy| copy.storage_class("GLACIER_IR")).send().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a copy does nothing until it is sent or started"]
pub struct Copy {
    transfers: Transfers,
    request: Request<CopyObject>,
    common: Common,
}

/// A complete copy.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Copied {
    /// The size of the object in bytes.
    pub size: u64,
    /// The parts it was copied in; 1 for a single request.
    pub parts: u64,
    /// What S3 returned: ETag, version, checksums, encryption. Of a single request, the members that both have.
    pub output: CompleteMultipartUploadOutput,
}

impl Copy {
    pub(crate) fn new(transfers: &Transfers, bucket: String, key: String, source: CopySource) -> Self {
        Self {
            transfers: transfers.clone(),
            request: transfers.client().copy_object(bucket, key, source),
            common: Common::default(),
        }
    }

    /// Sets parameters of the request: all that `copy_object` has, and its options. They hold whether the object is copied
    /// in one request or in parts: each request of a multipart upload has those that it knows.
    pub fn with(mut self, set: impl FnOnce(Request<CopyObject>) -> Request<CopyObject>) -> Self {
        self.request = set(self.request);
        self
    }

    /// Starts the copy, and returns its handle.
    pub fn start(self) -> Transfer<Copied> {
        let (transfers, meter) = (self.transfers.clone(), self.common.meter.clone());
        let priority = self.common.priority;
        Transfer::start(&transfers, meter, priority, move |job| self.run(job))
    }

    async fn run(self, job: Job) -> Result<Copied> {
        let permit = job.transfers.shared().gate.enter(0, job.orders.priority()).await;
        let sent =
            job.until_stopped(async { observe(self.request.send_with_metadata().await, &permit, 0, &job.meter) });
        let copy = sent.await?;
        let mut output = CompleteMultipartUploadOutput::default();
        copy_shared(&copy, &mut output);
        if let Some(result) = &copy.copy_object_result {
            copy_shared(result, &mut output);
        }
        Ok(Copied { size: 0, parts: 1, output })
    }
}

transfer_methods!(Copy -> Copied);
