//! Uploads, downloads and copies of S3 objects of any size: in parallel, with limited memory, resumable, checked from end
//! to end.
//!
//! ```no_run
//! # async fn example(client: aws_s3::Client) -> aws_s3_transfer::Result<()> {
//! use aws_s3_transfer::{Source, Target, Transfers};
//!
//! let transfers = Transfers::new(&client);
//! transfers.upload("mybucket", "film.mkv", Source::path("film.mkv")).send().await?;
//! let downloaded = transfers.download("mybucket", "film.mkv", Target::path("copy.mkv")).send().await?;
//! println!("{} bytes, {:?}", downloaded.size, downloaded.verdict);
//! # Ok(())
//! # }
//! ```
//!
//! # A value, then a handle
//!
//! A transfer is a value with settings. [`with`](Upload::with) sets any parameter of the request below it, and holds
//! whether the object goes in one request or in parts. `send()`, or awaiting it, runs it to the end; `start()` returns a
//! [`Transfer`]: its progress, its priority, a pause.
//!
//! ```no_run
//! # async fn example(transfers: aws_s3_transfer::Transfers) -> aws_s3_transfer::Result<()> {
//! use aws_s3_transfer::{Paused, Source};
//!
//! let upload = || {
//!     let upload = transfers.upload("mybucket", "film.mkv", Source::path("film.mkv"));
//!     upload.with(|put| put.content_type("video/x-matroska").if_none_match("*"))
//! };
//! let transfer = upload().start();
//! let mut events = transfer.events();
//! while let Some(progress) = events.next().await {
//!     println!("{:?} of {} bytes", progress.fraction(), progress.total);
//!     if progress.bytes > 1_000_000_000 {
//!         break;
//!     }
//! }
//! if let Paused::At(checkpoint) = transfer.pause().await? {
//!     std::fs::write("film.checkpoint", checkpoint.to_string()).expect("a file");
//! }
//! // Later, in this process or another:
//! let checkpoint = std::fs::read_to_string("film.checkpoint").expect("a file").parse()?;
//! upload().resume(checkpoint).send().await?;
//! # Ok(())
//! # }
//! ```
//!
//! A program that may end at any moment sets [`checkpoint_file`](Upload::checkpoint_file) instead, and goes on by running
//! again. Resuming asks the service which parts it has, and checks that source and object are still the same.
//!
//! # From boto3 and the AWS CLI
//!
//! | boto3, AWS CLI | here |
//! |---|---|
//! | `upload_file(Filename, Bucket, Key)`, `aws s3 cp file s3://…` | `upload(bucket, key, Source::path(…))` |
//! | `upload_fileobj(Fileobj, …)`, `aws s3 cp - s3://…` | `upload(bucket, key, Source::reader(…))` or [`Source::stream`]; of any length, and not closed |
//! | `download_file(Bucket, Key, Filename)`, `aws s3 cp s3://… file` | `download(bucket, key, Target::path(…))` |
//! | `download_fileobj(…, Fileobj)`, `aws s3 cp s3://… -` | `download(bucket, key, Target::writer(…))` |
//! | `copy(CopySource, Bucket, Key, SourceClient=…)` | `copy(bucket, key, CopySource::new(…)).source_client(…)` |
//! | `Bucket.upload_file` and its like | the crate feature `resource` |
//! | `get_object()["Body"]` that breaks half-way | [`Transfers::stream`], [`Transfers::stream_of`] |
//! | `ExtraArgs={…}`, with a list of what is allowed | [`with`](Upload::with): all that the request has |
//! | `Callback=…` | [`Transfer::events`], [`Transfer::progress`]; a [`Meter`] for several |
//! | `TransferConfig(multipart_chunksize, multipart_threshold)` | [`part_size`](TransfersBuilder::part_size), [`multipart_threshold`](TransfersBuilder::multipart_threshold) |
//! | `max_concurrency`, `max_request_queue_size`, `max_io_queue`, `io_chunksize`, `max_in_memory_upload_chunks` | [`memory`](TransfersBuilder::memory): one number; [`concurrency`](TransfersBuilder::concurrency) fixes another |
//! | `max_bandwidth` | [`upload_limit`](TransfersBuilder::upload_limit), [`download_limit`](TransfersBuilder::download_limit) |
//! | `num_download_attempts` | always: a broken stream is continued from where it ended |
//! | `future.cancel()` | [`Transfer::abort`], or dropping the handle |
//! | `--copy-props` | [`Copy::properties`] |
//! | `aws s3 sync` | [`Transfers::sync`]; `--dryrun` is [`plan`](folder::FolderTransfer::plan) |
//! | `aws s3 cp --recursive` | [`Transfers::upload_dir`], [`Transfers::download_dir`], [`Transfers::copy_dir`] |
//! | `aws s3 mv --recursive` | the same with [`remove_source`](folder::FolderTransfer::remove_source) |
//! | `aws s3 rm --recursive`, `bucket.objects.filter(Prefix=…).delete()` | [`Transfers::delete_prefix`] |
//! | `--exclude`, `--include`, `--delete`, `--size-only`, `--exact-timestamps` | [`FolderTransfer`](folder::FolderTransfer) and [`Compare`](folder::Compare) |
//! | `--no-overwrite` | `with(\|put\| put.if_none_match("*"))`, [`Target::no_overwrite`] |
//! | – | [`Transfer::pause`], [`Checkpoint`], [`Verdict`] |
//!
//! # The defaults, and why
//!
//! | setting | default | why |
//! |---|---|---|
//! | memory | 256 MiB | 32 parts; all transfers together, whatever their number |
//! | requests in flight | adapts, 8 at first, at most 128 | grows while the throughput does, halves when the service is overloaded |
//! | part size | 8 MiB; larger where 10,000 parts would not suffice | boto3's; all parts of a known size are equal, as some stores demand |
//! | multipart threshold | 8 MiB | boto3's |
//! | parts of a copy | 64 MiB | no bytes pass here, and each part is a request to pay for |
//! | checksum | CRC-64/NVME at AWS, none at other stores | S3 stores it anyway; computed part by part, sent for the whole |
//! | validation | on | a HEAD request for objects of more than one part |
//! | failure | parts and partial files are removed | [`keep_on_failure`](Upload::keep_on_failure) keeps them |
//! | `fsync` | off | [`Target::sync`] |
//!
//! # Memory
//!
//! A part of an upload is read into a buffer, hashed there, and sent from it; bytes in memory are sent from where they are,
//! and count nothing. A download to a file or to memory counts little; one to a writer, or a stream, counts the parts that
//! wait for their turn. Buffers are used again while transfers run, and freed when the last one ends.
//!
//! # Errors
//!
//! An [`Error`] says what failed, why, and what to do; its [`kind`](Error::kind) is for programs, its
//! [`call`](Error::call) the error of the request. Whatever the error, no partial file has the final name, and no parts
//! are left at the service unless they shall be kept.
//!
//! Crate features: `resource` (off by default) for methods of the resources of `aws-s3-resource`.

mod checkpoint;
mod common;
mod copy;
mod download;
mod engine;
mod error;
mod file;
pub mod folder;
mod handle;
mod multipart;
mod observe;
#[cfg(feature = "resource")]
pub mod resource;
mod sums;
mod transfers;
mod upload;

pub use checkpoint::{Checkpoint, CheckpointKind, PartState};
pub use copy::{Copy, CopyProperties};
pub use download::stream::ObjectStream;
pub use download::target::Target;
pub use download::verdict::{Unvalidated, Verdict};
pub use download::{Download, Downloaded};
pub use engine::meter::{Events, Meter, Progress};
pub use error::{Error, ErrorKind, Result};
pub use handle::{Paused, Transfer};
pub use multipart::Stored;
pub(crate) use observe::observe;
pub use sums::Checksum;
pub use transfers::{Transfers, TransfersBuilder};
pub use upload::Upload;
pub use upload::source::Source;
