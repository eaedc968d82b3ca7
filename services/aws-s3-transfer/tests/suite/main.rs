//! Transfers against a server in this process: what they store and return, under faults and conditions, and after their
//! process was killed.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, reason = "all of it is a test")]

mod conditions;
mod copies;
mod directory_bucket;
mod directory_buckets;
mod downloads;
mod faults;
mod folders;
mod kill;
mod limits;
mod moto;
#[cfg(feature = "resource")]
mod resource;
mod server;
mod store;
mod uploads;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use aws_core::config::{ChecksumMode, RetryMode};
use aws_core::{Credentials, Session};
use aws_s3::Client;
use aws_s3_transfer::{Transfers, TransfersBuilder};
use server::Server;

pub const MIB: usize = 1024 * 1024;
/// S3's smallest part.
pub const PART: u64 = 5 * MIB as u64;

/// A client of the server.
pub fn client(url: &str) -> Client {
    let session = Session::builder()
        .environment(aws_core::config::Environment::empty())
        .region("us-east-1")
        .endpoint_url(url)
        .credentials(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
        .retry_mode(RetryMode::Standard)
        .max_attempts(3)
        .request_checksum_calculation(ChecksumMode::WhenSupported)
        .build()
        .unwrap();
    Client::new(&session)
}

/// Transfers with the smallest parts.
pub fn builder(server: &Server) -> TransfersBuilder {
    Transfers::builder(&client(&server.url())).part_size(PART).multipart_threshold(PART)
}

pub fn transfers(server: &Server) -> Transfers {
    builder(server).build().unwrap()
}

/// Bytes that repeat nowhere within a part.
pub fn content(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// A folder of its own, which is removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn create() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("aws-s3-transfer-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The names of all files.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> = entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn read(path: impl AsRef<Path>) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// Waits until something is so, which the other side of a connection sees to.
pub async fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}
