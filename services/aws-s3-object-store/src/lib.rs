//! The trait [`ObjectStore`] of the crate [object_store] over a bucket of S3, so that the engines built on
//! it read and write through this SDK: its sessions and profiles, all its providers of credentials, its retries,
//! timeouts and proxies.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use aws_core::Session;
//! use aws_s3_object_store::S3Store;
//! use object_store::path::Path;
//! use object_store::{ObjectStore, ObjectStoreExt};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let session = Session::builder().profile("analytics").build()?;
//! let store: Arc<dyn ObjectStore> = Arc::new(S3Store::new(&aws_s3::Client::new(&session), "mybucket"));
//!
//! let path = Path::from("reports/2026/total.csv");
//! store.put(&path, "year,total\n2026,7\n".into()).await?;
//! let first = store.get_range(&path, 0..4).await?;
//! assert_eq!(first, "year");
//! # Ok(())
//! # }
//! ```
//!
//! Calls need a Tokio runtime, as all calls of this SDK do.
//!
//! # Engines
//!
//! Whatever takes an `Arc<dyn ObjectStore>` of the same version of object_store (0.14) takes this one:
//!
//! * DataFusion: `context.register_object_store(&Url::parse("s3://mybucket")?, store)`; then `s3://mybucket/…` is the
//!   location of tables and of `COPY TO`.
//! * The crate parquet: `ParquetObjectReader::new(store, path)` reads row groups and pages by ranges.
//! * Delta Lake: `DeltaTableBuilder::…with_storage_backend(store, url)`. Its commits are writes in the mode
//!   [`PutMode::Create`](object_store::PutMode::Create), which need no lock table.
//! * Lance, and what else opens a dataset with a store and a URL.
//! * Libraries that build object_store's own `AmazonS3` from a URL, as Polars does, take no store. Where they take
//!   credentials for it, `SessionCredentials` of the feature `credentials` provides those of a session.
//!
//! What every engine can do, a program can do by itself. This sums the sizes of all objects below a prefix by day:
//!
//! ```no_run
//! use std::collections::BTreeMap;
//!
//! use futures_util::TryStreamExt;
//! use object_store::{ObjectStore, path::Path};
//!
//! # async fn example(store: &dyn ObjectStore) -> object_store::Result<()> {
//! let mut days = BTreeMap::new();
//! let mut objects = store.list(Some(&Path::from("logs")));
//! while let Some(object) = objects.try_next().await? {
//!     *days.entry(object.last_modified.date_naive()).or_insert(0) += object.size;
//! }
//! println!("{days:?}");
//! # Ok(())
//! # }
//! ```
//!
//! # What is as in object_store's own store, and what is not
//!
//! * Conditional writes use S3's `If-None-Match` and `If-Match`. They are repeated only when nothing was written: when
//!   another write came between (`409 ConditionalRequestConflict`), when S3 limits the rate, or when no connection was
//!   made. After a timeout or a lost connection the error says so, where a blind retry would find its own object and
//!   report [`AlreadyExists`](object_store::Error::AlreadyExists).
//! * An upload in parts is unconditional in object_store; a [`PutMode`](object_store::PutMode) among the
//!   [`extensions`](object_store::PutMultipartOptions::extensions) of its options makes it conditional:
//!   `options.extensions.insert(PutMode::Create)`. Parts are sent as they come. Stores that want equal parts get them from
//!   object_store's `WriteMultipart` and `BufWriter`. An upload that is neither completed nor aborted
//!   keeps its parts: let a rule of the bucket's lifecycle remove those.
//! * `copy_if_not_exists` copies in parts, since the condition of an upload is known to more stores than that of a
//!   copy. A copy of more than 5 GiB is one in parts, too. Both keep the attributes that object_store knows, except the
//!   storage class, and the tags, for which they need the permission to read them (`s3:GetObjectTagging`).
//! * A body that breaks off is continued by a request for its rest, of the object with the same entity tag.
//! * The marker of a folder, an object whose key ends in `/`, is not listed: no [`Path`] names it. Other keys
//!   that are no path (`a//b`) are [`InvalidPath`](object_store::Error::InvalidPath) errors of the listing.
//! * The source of the error of a request is an [`aws_core::Error`], with the code, the status and the request id. The
//!   [`ResponseMetadata`] of a success is among the `extensions` of its result, where that has such.
//!
//! # Work that outgrows one machine
//!
//! S3 runs it by itself: *S3 Batch Operations* does one thing to each of billions of objects (copy, tag, restore, invoke
//! a function). A job is one typed call of the crate `aws-s3control`:
//!
//! ```no_run
//! use aws_core::make;
//! use aws_s3control::types::{
//!     JobManifestGenerator, JobManifestGeneratorFilter, JobOperation, JobReport, KeyNameConstraint,
//!     LambdaInvokeOperation, S3JobManifestGenerator,
//! };
//!
//! # async fn example(session: aws_core::Session) -> aws_core::Result<()> {
//! let objects = make!(S3JobManifestGenerator {
//!     source_bucket: "arn:aws:s3:::mybucket",
//!     filter: JobManifestGeneratorFilter { key_name_constraint: KeyNameConstraint { match_any_prefix: ["logs/"] } },
//!     enable_manifest_output: false,
//! });
//! let function = "arn:aws:lambda:eu-west-1:111122223333:function:convert";
//! let job = aws_s3control::Client::new(&session)
//!     .create_job("111122223333")
//!     .operation(make!(JobOperation { lambda_invoke: LambdaInvokeOperation { function_arn: function } }))
//!     .manifest_generator(JobManifestGenerator::S3JobManifestGenerator(objects))
//!     .report(make!(JobReport { enabled: false }))
//!     .priority(10)
//!     .role_arn("arn:aws:iam::111122223333:role/batch")
//!     .confirmation_required(false)
//!     .send()
//!     .await?;
//! println!("{:?}", job.job_id);
//! # Ok(())
//! # }
//! ```
//!
//! *Step Functions* runs a workflow for each object or each batch of objects, with its own retries and limits, up to
//! 10,000 at a time: a `Map` state in the mode `DISTRIBUTED`, whose `ItemReader` lists the bucket. It is started by the
//! crate `aws-stepfunctions`:
//!
//! ```no_run
//! # async fn example(session: aws_core::Session) -> aws_core::Result<()> {
//! let definition = r#"{"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true, "MaxConcurrency": 1000,
//!     "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2",
//!         "Parameters": {"Bucket": "mybucket", "Prefix": "logs/"}},
//!     "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "Convert",
//!         "States": {"Convert": {"Type": "Task", "End": true,
//!             "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:convert"}}}}}}"#;
//! let steps = aws_stepfunctions::Client::new(&session);
//! let machine = steps
//!     .create_state_machine("convert-logs", definition, "arn:aws:iam::111122223333:role/steps")
//!     .send()
//!     .await?;
//! steps.start_execution(machine.state_machine_arn.unwrap_or_default()).send().await?;
//! # Ok(())
//! # }
//! ```

mod copy;
#[cfg(feature = "credentials")]
mod credentials;
mod delete;
mod error;
mod list;
mod multipart;
mod read;
mod write;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use aws_core::{Operation, Options, ResponseMetadata};
use aws_s3::Client;
use aws_s3::custom::is_directory_bucket;
use futures_util::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyMode, CopyOptions, Extensions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, RenameTargetMode, Result,
};

#[cfg(feature = "credentials")]
pub use credentials::SessionCredentials;

/// A bucket of S3 as an [`ObjectStore`]; also a [`MultipartStore`](object_store::multipart::MultipartStore) and a
/// [`PaginatedListStore`](object_store::list::PaginatedListStore). Cheap to clone.
#[derive(Clone)]
pub struct S3Store(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    client: Client,
    bucket: String,
    options: Options,
    create_options: Option<Options>,
}

impl S3Store {
    /// The store of a bucket: a name, or the ARN or alias of an access point. Sends nothing.
    pub fn new(client: &Client, bucket: impl Into<String>) -> Self {
        let (client, bucket) = (client.clone(), bucket.into());
        Self(Arc::new(Inner { client, bucket, options: Options::new(), create_options: None }))
    }

    /// Sets options for every call, such as a timeout, other credentials, or a header like `x-amz-request-payer`.
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Self {
        Arc::make_mut(&mut self.0).options = options;
        self
    }

    /// Sets options for the calls that create objects, `PutObject`, `CopyObject` and `CreateMultipartUpload`, instead of
    /// those of [`with_options`](Self::with_options). Headers for encryption, such as `x-amz-server-side-encryption`, belong
    /// here.
    #[must_use]
    pub fn with_create_options(mut self, options: Options) -> Self {
        Arc::make_mut(&mut self.0).create_options = Some(options);
        self
    }

    /// The client that sends the calls.
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// The bucket.
    pub fn bucket(&self) -> &str {
        &self.0.bucket
    }

    fn create_options(&self) -> &Options {
        self.0.create_options.as_ref().unwrap_or(&self.0.options)
    }

    /// Sends a request, with the options of every call. An error is about the object or the prefix `path`.
    async fn send<O>(&self, request: aws_s3::Request<O>, path: &str) -> Result<(O::Output, ResponseMetadata)>
    where
        O: Operation<Input: Send, Output: Send>,
    {
        let sent = request.with_options(self.0.options.clone()).send_with_metadata().await;
        sent.map_err(|it| error::failure(path, it))
    }

    fn is_directory_bucket(&self) -> bool {
        is_directory_bucket(self.bucket())
    }
}

impl fmt::Display for S3Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3Store({})", self.0.bucket)
    }
}

impl fmt::Debug for S3Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { bucket, options, create_options, .. } = &*self.0;
        let mut out = f.debug_struct("S3Store");
        out.field("bucket", bucket).field("options", options).field("create_options", create_options);
        out.finish_non_exhaustive()
    }
}

/// The extensions of a result: what is known of its response.
fn extensions(metadata: ResponseMetadata) -> Extensions {
    let mut extensions = Extensions::new();
    extensions.insert(metadata);
    extensions
}

#[async_trait]
impl ObjectStore for S3Store {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.put(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Ok(Box::new(self.begin_upload(location, options).await?))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.get(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.delete_all(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.objects(prefix, None)
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.objects(prefix, Some(offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.folder_contents(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.copy(from, to, options.mode).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        let create = options.target_mode == RenameTargetMode::Create;
        if from == to {
            return self.rename_to_itself(from, create).await;
        }
        self.copy(from, to, if create { CopyMode::Create } else { CopyMode::Overwrite }).await?;
        self.delete_object(from).await
    }
}
