//! A copy as a value: source, request and settings; and its run: what the source is, then one request or parts.

mod parts;
mod properties;

use aws_core::{Options, copy_shared, shared_members};
use aws_s3::Client;
use aws_s3::Request;
use aws_s3::custom::CopySource;
use aws_s3::operation::{CopyObject, HeadObject, HeadObjectInput, HeadObjectOutput};

use crate::common::{Common, setters, transfer_methods};
use crate::handle::Job;
use crate::multipart::Stored;
use crate::observe;
use crate::transfers::{MAX_PART, MIB};
use crate::{Error, ErrorKind, Result, Transfers};
pub use properties::CopyProperties;
use properties::ObjectRequests;

/// The size from which on objects are copied in parts, and the size of these, unless they are set: our choice, larger than
/// that of uploads, since no bytes pass here, and each part is a request to pay for.
const PART_SIZE: u64 = 64 * MIB;

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
    source_client: Option<Client>,
    source: CopySource,
    source_size: Option<u64>,
    request: Request<CopyObject>,
    properties: CopyProperties,
    common: Common,
}

impl Copy {
    pub(crate) fn new(transfers: &Transfers, bucket: String, key: String, source: CopySource) -> Self {
        Self {
            transfers: transfers.clone(),
            source_client: None,
            request: transfers.client().copy_object(bucket, key, source.clone()),
            source,
            source_size: None,
            properties: CopyProperties::default(),
            common: Common::default(),
        }
    }

    /// Sets parameters of the request: all that `copy_object` has, and its options. They hold whether the object is copied
    /// in one request or in parts: each request of a multipart upload has those that it knows.
    pub fn with(mut self, set: impl FnOnce(Request<CopyObject>) -> Request<CopyObject>) -> Self {
        self.request = set(self.request);
        self
    }

    setters! {
        /// Sets the client that reads about the source: boto3's `SourceClient`. Needed if the source is in another
        /// region. The options of the request are not for it. If not set here: that of the transfers, with these
        /// options.
        source_client(client: &Client) => source_client = Some(client.clone());

        /// Declares the size of the source, as a listing has it: a small object then is copied without a request for
        /// its size.
        source_size(bytes: u64) => source_size = Some(bytes);

        /// Sets which properties of the source the copy gets. Default: [`CopyProperties::Default`].
        properties(properties: CopyProperties) => properties = properties;
    }

    pub(crate) async fn run(self, job: Job) -> Result<Stored> {
        let input = self.request.as_ref().input();
        let (bucket, key) = (input.bucket.as_deref().unwrap_or_default(), input.key.as_deref().unwrap_or_default());
        let (from_bucket, from_key) = (self.source.bucket(), self.source.key());
        let what = format!("cannot copy s3://{from_bucket}/{from_key} to s3://{bucket}/{key}");
        self.copy(&job).await.map_err(|it| it.within(&what))
    }

    async fn copy(mut self, job: &Job) -> Result<Stored> {
        if self.request.as_ref().input().copy_source.as_deref() != Some(&String::from(self.source.clone())) {
            let why = "the source is that of `copy()`, not one that is set in `with()`";
            return Err(Error::new(ErrorKind::Settings, why));
        }
        let settings = job.transfers.settings();
        let (part_size, threshold) = match self.common.part_size {
            Some(_) => (self.common.part_size(&job.transfers)?, settings.threshold),
            None => (PART_SIZE.max(settings.part_size), PART_SIZE.max(settings.threshold)),
        };
        let checkpoint = self.common.resumed().await?;
        properties::set_directives(self.properties, self.request.as_mut().input_mut());
        let is_small = |size: u64| size < threshold.clamp(1, MAX_PART);
        if let Some(size) = self.source_size.filter(|it| is_small(*it) && checkpoint.is_none()) {
            return self.single(job, size).await;
        }
        let head = job.until_stopped(self.head()).await?;
        let size = head.content_length.and_then(|it| u64::try_from(it).ok()).unwrap_or_default();
        if is_small(size) && checkpoint.is_none() {
            return self.single(job, size).await;
        }
        // In memory of its own: small copies need none for it.
        Box::pin(parts::send(self, job, head, size, part_size, checkpoint)).await
    }

    /// What the source is, under the conditions of the copy.
    async fn head(&self) -> Result<HeadObjectOutput> {
        let reader = self.source_reader();
        let input = self.request.as_ref().input();
        let head = reader.request::<HeadObject>().checksum_mode("ENABLED");
        let head =
            head.if_match(input.copy_source_if_match.clone()).if_none_match(input.copy_source_if_none_match.clone());
        let head = head.if_modified_since(input.copy_source_if_modified_since);
        Ok(head.if_unmodified_since(input.copy_source_if_unmodified_since).send().await?)
    }

    /// Who reads about the source: the options of the request are for the client of the transfers.
    fn source_reader(&self) -> ObjectRequests {
        let input = self.request.as_ref().input();
        let object = HeadObjectInput {
            bucket: Some(self.source.bucket().to_owned()),
            key: Some(self.source.key().to_owned()),
            version_id: self.source.version().map(str::to_owned),
            sse_customer_algorithm: input.copy_source_sse_customer_algorithm.clone(),
            sse_customer_key: input.copy_source_sse_customer_key.clone(),
            sse_customer_key_md5: input.copy_source_sse_customer_key_md5.clone(),
            request_payer: input.request_payer.clone(),
            expected_bucket_owner: input.expected_source_bucket_owner.clone(),
            ..Default::default()
        };
        let (client, options) = match &self.source_client {
            Some(client) => (client.clone(), Options::default()),
            None => (self.transfers.client().clone(), self.request.as_ref().options().clone()),
        };
        ObjectRequests { client, options, object }
    }

    /// Copies a small object in one request.
    async fn single(self, job: &Job, size: u64) -> Result<Stored> {
        job.meter.set_total(size);
        let copied = async {
            let permit = job.transfers.shared().gate.enter(0, job.orders.priority()).await;
            observe(self.request.send_with_metadata().await, &permit, size, &job.meter)
        };
        let copy = job.until_stopped(copied).await?;
        job.meter.add_part(size);
        let mut output = shared_members(&copy);
        if let Some(result) = &copy.copy_object_result {
            copy_shared(result, &mut output);
        }
        Ok(Stored { size, parts: 1, output })
    }
}

transfer_methods!(Copy -> Stored, "that of the transfers, but at least 64 MiB, from which size on objects then are copied in parts.");
