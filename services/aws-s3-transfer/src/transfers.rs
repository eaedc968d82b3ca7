//! The manager: a client of S3, with what all transfers of it share, and the settings that transfers begin with.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use aws_s3::Client;
use aws_s3::custom::CopySource;
use tokio::runtime::Handle;

use crate::common::setters;
use crate::engine::adapt::Adapt;
use crate::engine::buffers::Buffers;
use crate::engine::gate::Gate;
use crate::engine::rate::Rate;
use crate::{Checksum, Copy, Download, Error, ErrorKind, Result, Source, Target, Upload};

/// The memory of all parts in flight. Our choice: 32 parts of the default size.
const MEMORY: u64 = 256 * MIB;
/// Bytes of a part: boto3's `multipart_chunksize`.
const PART_SIZE: u64 = 8 * MIB;
/// From this size on, objects are sent in parts: boto3's `multipart_threshold`.
const THRESHOLD: u64 = 8 * MIB;
/// How long the memory of parts is kept for the next transfer. Our choice: transfers that follow each other share it, and a
/// program that goes on without them has it back.
const MEMORY_KEPT: Duration = Duration::from_secs(5);
/// Parts that are read ahead of the reader of a stream. Our choice: two hide the latency of one.
const READ_AHEAD: usize = 2;

pub(crate) const MIB: u64 = 1024 * 1024;
/// S3's limits ("Multipart upload limits" in the user guide).
pub(crate) const MIN_PART: u64 = 5 * MIB;
pub(crate) const MAX_PART: u64 = 5 * 1024 * MIB;
pub(crate) const MAX_PARTS: u64 = 10_000;
/// The largest object: 10,000 parts of the largest size, which S3's documentation calls 50 TB.
pub(crate) const MAX_OBJECT: u64 = MAX_PARTS * MAX_PART;

/// Uploads, downloads and copies objects of any size with one client.
///
/// Cheap to clone; clones share the memory budget, the number of requests in flight and the bandwidth limits. Make one for
/// a program.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use aws_s3_transfer::{Source, Target, Transfers};
///
/// let session = aws_core::Session::builder().region("eu-central-1").build()?;
/// let transfers = Transfers::new(&aws_s3::Client::new(&session));
/// transfers.upload("mybucket", "film.mkv", Source::path("film.mkv")).send().await?;
/// transfers.download("mybucket", "film.mkv", Target::path("copy.mkv")).send().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Transfers {
    client: Client,
    shared: Arc<Shared>,
    settings: Settings,
}

/// What the clones share.
pub(crate) struct Shared {
    pub(crate) gate: Gate,
    pub(crate) buffers: Buffers,
    pub(crate) upload_rate: Rate,
    pub(crate) download_rate: Rate,
    usage: Mutex<Usage>,
}

impl Shared {
    fn usage(&self) -> MutexGuard<'_, Usage> {
        self.usage.lock().unwrap_or_else(|it| it.into_inner())
    }
}

/// Whether there are transfers.
#[derive(Default)]
struct Usage {
    running: usize,
    /// How many have begun so far.
    begun: u64,
    /// Whether a task waits to free the memory.
    is_watched: bool,
}

/// A transfer that is running. A while after the last one has ended, unused memory is freed.
pub(crate) struct Running(Arc<Shared>);

impl Running {
    pub(crate) fn new(transfers: &Transfers) -> Self {
        let mut usage = transfers.shared.usage();
        usage.running += 1;
        usage.begun += 1;
        Self(Arc::clone(&transfers.shared))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut usage = self.0.usage();
        usage.running -= 1;
        if usage.running > 0 || usage.is_watched || !self.0.buffers.has_unused() {
            return;
        }
        match Handle::try_current() {
            Ok(runtime) => {
                usage.is_watched = true;
                let watch = MemoryWatch { shared: Arc::downgrade(&self.0), begun: usage.begun };
                drop(usage);
                runtime.spawn(watch.run());
            }
            Err(_) => self.0.buffers.clear(),
        }
    }
}

/// Frees unused memory unless another transfer begins. One that begins leaves it to the next watch.
struct MemoryWatch {
    shared: Weak<Shared>,
    begun: u64,
}

impl MemoryWatch {
    async fn run(mut self) {
        loop {
            tokio::time::sleep(MEMORY_KEPT).await;
            let Some(shared) = self.shared.upgrade() else { return };
            let usage = shared.usage();
            if usage.running > 0 {
                return;
            }
            if usage.begun == self.begun {
                return shared.buffers.clear();
            }
            // Others have begun and ended meanwhile.
            self.begun = usage.begun;
        }
    }
}

impl Drop for MemoryWatch {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.upgrade() {
            shared.usage().is_watched = false;
        }
    }
}

/// What transfers begin with; each may change it for itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) part_size: u64,
    pub(crate) threshold: u64,
    pub(crate) checksum: Checksum,
    pub(crate) read_ahead: usize,
}

impl Transfers {
    /// Transfers with the default settings.
    pub fn new(client: &Client) -> Self {
        Self::builder(client).build_unchecked()
    }

    /// Sets memory, concurrency, part size and limits.
    pub fn builder(client: &Client) -> TransfersBuilder {
        TransfersBuilder {
            client: client.clone(),
            memory: MEMORY,
            concurrency: Adapt::default(),
            upload_limit: None,
            download_limit: None,
            settings: Settings {
                part_size: PART_SIZE,
                threshold: THRESHOLD,
                checksum: Checksum::default(),
                read_ahead: READ_AHEAD,
            },
        }
    }

    /// The client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The same transfers with another client, such as that of another region or account. Both share the memory budget,
    /// the number of requests in flight and the bandwidth limits.
    #[must_use]
    pub fn with_client(&self, client: &Client) -> Self {
        Self { client: client.clone(), ..self.clone() }
    }

    /// An upload of `source` to the object `key`: boto3's `upload_file` and `upload_fileobj`.
    pub fn upload(&self, bucket: impl Into<String>, key: impl Into<String>, source: impl Into<Source>) -> Upload {
        Upload::new(self, bucket.into(), key.into(), source.into())
    }

    /// A download of the object `key` to `target`: boto3's `download_file` and `download_fileobj`.
    pub fn download(&self, bucket: impl Into<String>, key: impl Into<String>, target: impl Into<Target>) -> Download {
        Download::new(self, bucket.into(), key.into(), target.into())
    }

    /// A copy of the object `source` to the object `key`, by the service itself: boto3's `copy`.
    pub fn copy(&self, bucket: impl Into<String>, key: impl Into<String>, source: impl Into<CopySource>) -> Copy {
        Copy::new(self, bucket.into(), key.into(), source.into())
    }

    /// The checksum of uploads and copies; `None` for none.
    pub(crate) fn decided(&self, checksum: Option<Checksum>) -> Option<Checksum> {
        match checksum.unwrap_or(self.settings.checksum) {
            Checksum::Auto if self.client.meta().adds_checksums().unwrap_or(true) => Some(Checksum::Crc64Nvme),
            Checksum::Auto | Checksum::None => None,
            checksum => Some(checksum),
        }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn settings(&self) -> Settings {
        self.settings
    }
}

impl fmt::Debug for Transfers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Transfers");
        out.field("client", &self.client).field("gate", &self.shared.gate).field("settings", &self.settings);
        out.finish_non_exhaustive()
    }
}

/// Sets up [`Transfers`].
#[derive(Clone, Debug)]
#[must_use = "transfers are there once they are built"]
pub struct TransfersBuilder {
    client: Client,
    memory: u64,
    concurrency: Adapt,
    upload_limit: Option<u64>,
    download_limit: Option<u64>,
    settings: Settings,
}

impl TransfersBuilder {
    setters! {
        /// Sets how many bytes all parts in flight may take together, of all transfers. What it took is kept for the next
        /// transfer, and freed after five seconds without one. Default: 256 MiB.
        memory(bytes: u64) => memory = bytes;

        /// Sets a fixed number of requests in flight. Default: it adapts to what the server and the network carry: it
        /// grows while the throughput does, and halves when the server is overloaded.
        concurrency(requests: usize) => concurrency = Adapt::fixed(requests);

        /// Sets the most requests in flight to which the number may adapt. Default: 128.
        max_concurrency(requests: usize) => concurrency = Adapt::new(requests);

        /// Sets the size of parts in bytes: 5 MiB to 5 GiB. Parts of large objects are larger, since S3 stores no more
        /// than 10,000 of them. Default: 8 MiB.
        part_size(bytes: u64) => settings.part_size = bytes;

        /// Sets the size in bytes from which on objects are sent in parts. Default: 8 MiB.
        multipart_threshold(bytes: u64) => settings.threshold = bytes;

        /// Sets the checksum of uploads. Default: [`Checksum::Auto`].
        checksum(checksum: Checksum) => settings.checksum = checksum;

        /// Sets how many parts of a stream are fetched before its reader asks for them. Default: 2.
        read_ahead(parts: usize) => settings.read_ahead = parts;

        /// Limits all uploads together to so many bytes per second: each part is sent once those before it have had
        /// their time, and then as fast as it goes. Default: no limit.
        upload_limit(bytes_per_second: u64) => upload_limit = Some(bytes_per_second);

        /// Limits all downloads together to so many bytes per second. Default: no limit.
        download_limit(bytes_per_second: u64) => download_limit = Some(bytes_per_second);
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`], with all problems.
    pub fn build(self) -> Result<Transfers> {
        let mut problems: Vec<String> = check_part_size(self.settings.part_size).err().into_iter().collect();
        if self.settings.threshold > MAX_PART {
            problems.push(format!("multipart_threshold is {}: expected at most 5 GiB", self.settings.threshold));
        }
        if self.memory < self.settings.part_size {
            let (memory, part) = (self.memory, self.settings.part_size);
            problems.push(format!("memory is {memory}: expected at least one part, {part} bytes"));
        }
        let concurrency = self.concurrency.max() as u64;
        let (upload, download) = (self.upload_limit.unwrap_or(1), self.download_limit.unwrap_or(1));
        let numbers = [("concurrency", concurrency), ("upload_limit", upload), ("download_limit", download)];
        problems.extend(numbers.iter().filter(|it| it.1 == 0).map(|it| format!("{} is 0: expected 1 or more", it.0)));
        match problems.is_empty() {
            true => Ok(self.build_unchecked()),
            false => Err(Error::new(ErrorKind::Settings, problems.join("; "))),
        }
    }

    fn build_unchecked(self) -> Transfers {
        let shared = Shared {
            gate: Gate::new(self.memory, self.concurrency),
            buffers: Buffers::new(self.memory),
            upload_rate: Rate::new(self.upload_limit),
            download_rate: Rate::new(self.download_limit),
            usage: Mutex::default(),
        };
        Transfers { client: self.client, shared: Arc::new(shared), settings: self.settings }
    }
}

/// Fails for a size of parts that S3 does not store.
pub(crate) fn check_part_size(bytes: u64) -> Result<(), String> {
    match (MIN_PART..=MAX_PART).contains(&bytes) {
        true => Ok(()),
        false => Err(format!("part_size is {bytes}: expected 5 MiB to 5 GiB")),
    }
}

#[cfg(test)]
mod tests {
    use aws_core::Session;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn memory_is_kept_for_the_next_transfer_and_freed_after_a_while() {
        let session = Session::builder().region("us-east-1").build().unwrap();
        let transfers = Transfers::new(&Client::new(&session));
        let buffers = &transfers.shared.buffers;
        let transfer = || {
            let running = Running::new(&transfers);
            drop(buffers.filled(1000));
            drop(running);
        };
        let wait = |time| async move {
            tokio::time::sleep(time).await;
            tokio::task::yield_now().await;
        };
        transfer();
        wait(MEMORY_KEPT / 2).await;
        assert!(buffers.has_unused());
        transfer();
        wait(MEMORY_KEPT * 3 / 4).await;
        assert!(buffers.has_unused(), "the second began a while ago, but not long enough");
        wait(MEMORY_KEPT).await;
        assert!(!buffers.has_unused());
        // One that runs longer than the memory is kept.
        transfer();
        let running = Running::new(&transfers);
        wait(MEMORY_KEPT * 2).await;
        assert!(buffers.has_unused());
        drop(running);
        wait(MEMORY_KEPT * 2).await;
        assert!(!buffers.has_unused());
        assert!(!transfers.shared.usage().is_watched);
    }
}
