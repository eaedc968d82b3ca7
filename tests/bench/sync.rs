//! What a sync costs that has nothing to do: 200,000 keys against 200,000 files that are equal. Prints CPU time and peak
//! memory of the whole, and of its parts; enforces no limit. Reads `/proc`, so on Linux only.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use aws_core::http::{HeaderMap, HttpClient, HttpError, Request, Response, StatusCode};
use aws_core::{BoxFuture, Credentials, Session};
use aws_s3_transfer::Transfers;
use aws_s3_transfer::folder::{Compare, Location};

const FOLDERS: usize = 200;
const FILES: usize = 1000;
/// Keys of a page, as S3 returns them.
const PAGE: usize = 1000;

fn key(index: usize) -> String {
    format!("folder-{:04}/some-object-of-a-usual-length-{:06}.json.gz", index / FILES, index % FILES)
}

/// A bucket whose listing is computed.
#[derive(Debug)]
struct Bucket;

impl Bucket {
    /// The page behind a key.
    fn page(after: &str, delimiter: bool) -> String {
        let all = FOLDERS * FILES;
        let start = (0..all).collect::<Vec<_>>().partition_point(|index| *key(*index) <= *after);
        let (mut xml, mut end) = (String::with_capacity(512 * PAGE), start);
        let is_truncated = !delimiter && start + PAGE < all;
        xml += "<?xml version=\"1.0\"?><ListBucketResult><EncodingType>url</EncodingType>";
        if delimiter {
            for folder in start / FILES..FOLDERS {
                xml += &format!("<CommonPrefixes><Prefix>folder-{folder:04}/</Prefix></CommonPrefixes>");
            }
        } else {
            end = (start + PAGE).min(all);
            for index in start..end {
                xml += &format!(
                    "<Contents><Key>{}</Key><LastModified>2030-11-22T12:34:56.000Z</LastModified>\
                     <ETag>&quot;9b2cf535f27731c974343645a3985328&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm>\
                     <ChecksumType>FULL_OBJECT</ChecksumType><Size>0</Size><StorageClass>STANDARD</StorageClass></Contents>",
                    key(index)
                );
            }
        }
        if is_truncated {
            xml += &format!("<NextContinuationToken>{}</NextContinuationToken>", key(end - 1));
        }
        xml + &format!("<IsTruncated>{is_truncated}</IsTruncated></ListBucketResult>")
    }
}

impl HttpClient for Bucket {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        let query = request.url.query().unwrap_or_default().replace("%2F", "/");
        let get = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)).unwrap_or_default();
        let after = [get("continuation-token="), get("start-after=")].concat();
        let page = Self::page(&after, !get("delimiter=").is_empty());
        Box::pin(async move { Ok(Response::new(StatusCode::OK, HeaderMap::new(), page)) })
    }
}

/// CPU time of this process, all threads.
fn cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name in parentheses, user and system time are the 12th and 13th field, in hundredths of a second.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    Duration::from_millis(fields.filter_map(|field| field.parse::<u64>().ok()).sum::<u64>() * 10)
}

/// A value of `/proc/self/status` in MB.
fn memory(name: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|it| it.parse::<f64>().ok()).unwrap_or_default() / 1e3
}

fn measure(name: &str, task: impl FnOnce()) {
    let _ = fs::write("/proc/self/clear_refs", "5");
    let (before, rss, start) = (cpu(), memory("VmRSS"), Instant::now());
    task();
    let (cpu, peak, wall) = ((cpu() - before).as_secs_f64(), memory("VmHWM"), start.elapsed().as_secs_f64());
    println!("{name:<44} {cpu:>6.2} s of CPU, {wall:>6.2} s, peak memory {peak:>6.1} MB ({rss:.1} MB before)");
}

fn create(root: &Path) {
    for index in 0..FOLDERS * FILES {
        let path = root.join(key(index));
        if index % FILES == 0 {
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        }
        fs::File::create(path).expect("a file");
    }
}

fn walk(folder: PathBuf) -> usize {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    entries.map(|entry| if entry.path().is_dir() { walk(entry.path()) } else { size(&entry.path()) }).sum()
}

fn size(path: &Path) -> usize {
    let metadata = fs::metadata(path).expect("a file");
    usize::from(metadata.modified().is_ok_and(|time| time < SystemTime::now())) + metadata.len() as usize
}

fn main() {
    let root = std::env::temp_dir().join(format!("bench-sync-{}", std::process::id()));
    let count = FOLDERS * FILES;
    println!("{count} files in {FOLDERS} folders, {} pages of {PAGE} keys", count / PAGE);
    create(&root);
    measure("making the pages of the bucket", || {
        for page in 0..count / PAGE {
            let after = page.checked_mul(PAGE).and_then(|it| it.checked_sub(1)).map(key).unwrap_or_default();
            black_box(Bucket::page(&after, false));
        }
    });
    measure("a walk by the standard library", || assert_eq!(walk(root.clone()), count));
    let session = Session::builder()
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .http_client(Arc::new(Bucket))
        .build()
        .expect("a session");
    let transfers = Transfers::new(&aws_s3::Client::new(&session));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    for (name, parallel, compare) in [
        ("sync", 8, Compare::SizeAndTime),
        ("sync, page after page", 1, Compare::SizeAndTime),
        ("sync by size only", 8, Compare::SizeOnly),
    ] {
        let sync = transfers.sync(Location::folder(&root), Location::prefix("mybucket", ""));
        let sync = sync.compare(compare).listing_parallelism(parallel).delete(true);
        measure(name, || {
            let summary = runtime.block_on(sync.send()).expect("a sync");
            assert_eq!((summary.unchanged, summary.exit_code()), (count as u64, 0));
        });
    }
    fs::remove_dir_all(root).expect("a folder");
}
