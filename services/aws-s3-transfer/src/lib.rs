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

mod checkpoint;
mod common;
mod copy;
mod download;
mod engine;
mod error;
mod file;
mod handle;
mod multipart;
mod observe;
mod sums;
mod transfers;
mod upload;

pub use checkpoint::{Checkpoint, CheckpointKind, PartState};
pub use copy::{Copied, Copy, CopyProperties};
pub use download::stream::ObjectStream;
pub use download::target::Target;
pub use download::verdict::{Unvalidated, Verdict};
pub use download::{Download, Downloaded};
pub use engine::meter::{Events, Meter, Progress};
pub use error::{Error, ErrorKind, Result};
pub use handle::{Paused, Transfer};
pub(crate) use observe::observe;
pub use sums::Checksum;
pub use transfers::{Transfers, TransfersBuilder};
pub use upload::source::Source;
pub use upload::{Upload, Uploaded};
