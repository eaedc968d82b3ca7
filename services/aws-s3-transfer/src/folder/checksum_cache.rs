//! A file of checksums that were computed before, so that an unchanged file is not read again, nor its object asked for.
//! A text file, a line of JSON for each key, in order of keys, which is read and written along a merge in constant memory. Knows no S3 and no content.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Lines, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use aws_core::Timestamp;

use crate::file::beside;
use crate::{Error, ErrorKind, Result};

/// The first line. A file with another one is of another version, and is replaced.
const HEADER: &str = "checksums of aws-s3-transfer 2";

/// A file may change twice within one tick of its clock, and its size and time stay. So what changed this short ago is
/// not remembered. Our choice; two seconds are the coarsest clock of a file system in use, that of FAT.
const SETTLED: Duration = Duration::from_secs(2);

/// What is known of one file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) key: String,
    pub(crate) size: u64,
    pub(crate) modified: Timestamp,
    /// The name of the algorithm, and the checksum in base64.
    pub(crate) algorithm: String,
    pub(crate) checksum: String,
    /// The ETag of the object that had the same content, if there was one.
    pub(crate) e_tag: Option<String>,
}

impl Record {
    /// Whether the file is still the one whose checksum this is.
    pub(crate) fn is_of(&self, size: u64, modified: Timestamp) -> bool {
        self.size == size && self.modified == modified
    }

    fn parse(line: &str) -> Option<Self> {
        let (key, size, seconds, nanoseconds, algorithm, checksum, e_tag): Line<String> =
            serde_json::from_str(line).ok()?;
        Some(Self { key, size, modified: time(seconds, nanoseconds)?, algorithm, checksum, e_tag })
    }

    /// The line of a record. Times before 1970 are not remembered.
    fn line(&self) -> Option<String> {
        let Self { key, size, modified, algorithm, checksum, e_tag } = self;
        let since = since_epoch(*modified)?;
        let line: Line<&str> =
            (key, *size, since.as_secs(), since.subsec_nanos(), algorithm, checksum, e_tag.as_deref());
        serde_json::to_string(&line).ok()
    }
}

/// Key, size, time in seconds and nanoseconds, algorithm, checksum, ETag.
type Line<S> = (S, u64, u64, u32, S, S, Option<S>);

fn since_epoch(time: Timestamp) -> Option<Duration> {
    SystemTime::try_from(time).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()
}

fn time(seconds: u64, nanoseconds: u32) -> Option<Timestamp> {
    if nanoseconds >= 1_000_000_000 {
        return None;
    }
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds)).map(Timestamp::from)
}

/// The records of an earlier run, and those of this one.
pub(crate) struct ChecksumCache {
    old: Option<Lines<BufReader<File>>>,
    next: Option<Record>,
    new: BufWriter<File>,
    path: PathBuf,
    temporary: PathBuf,
}

impl ChecksumCache {
    /// Opens the file of an earlier run, if there is one.
    ///
    /// # Errors
    /// If the new file cannot be created beside it.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let temporary = beside(path);
        let failed = |error| cannot_write(path, error);
        let mut new = BufWriter::new(File::create(&temporary).map_err(failed)?);
        writeln!(new, "{HEADER}").map_err(failed)?;
        let mut old = File::open(path).ok().map(|file| BufReader::new(file).lines());
        let header = old.as_mut().and_then(Iterator::next);
        if !header.is_some_and(|line| line.is_ok_and(|line| line == HEADER)) {
            old = None;
        }
        Ok(Self { old, next: None, new, path: path.to_owned(), temporary })
    }

    /// What an earlier run knew of a key. Keys must ascend.
    pub(crate) fn find(&mut self, key: &str) -> Option<Record> {
        while self.next.as_ref().is_none_or(|next| *next.key < *key) {
            self.next = Some(self.read()?);
        }
        self.next.take_if(|next| next.key == key)
    }

    /// The next record that can be read; a broken line is passed over.
    fn read(&mut self) -> Option<Record> {
        self.old.as_mut()?.map_while(io::Result::ok).find_map(|line| Record::parse(&line))
    }

    /// Remembers a record. Keys must ascend.
    pub(crate) fn push(&mut self, record: &Record) -> Result<()> {
        let is_settled = since_epoch(record.modified)
            .zip(since_epoch(Timestamp::now()))
            .is_some_and(|(modified, now)| now.saturating_sub(modified) > SETTLED);
        if is_settled { self.write(record) } else { Ok(()) }
    }

    fn write(&mut self, record: &Record) -> Result<()> {
        let Some(line) = record.line() else { return Ok(()) };
        writeln!(self.new, "{line}").map_err(|error| cannot_write(&self.path, error))
    }

    /// Puts the new file into the place of the old one. After a run that did not visit all keys, `is_complete` is false,
    /// and what the earlier run knew of the rest is kept.
    pub(crate) fn finish(mut self, is_complete: bool) -> Result<()> {
        if !is_complete {
            let mut next = self.next.take();
            while let Some(record) = next {
                self.write(&record)?;
                next = self.read();
            }
        }
        let renamed = self.new.flush().and_then(|()| std::fs::rename(&self.temporary, &self.path));
        renamed.map_err(|error| cannot_write(&self.path, error))
    }
}

fn cannot_write(path: &Path, error: io::Error) -> Error {
    let message = format!("the cache of checksums {} cannot be written: {error}", path.display());
    Error::new(ErrorKind::Target, message).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(key: &str, size: u64) -> Record {
        let modified = time(1_700_000_000, 123_456_789).expect("a time");
        let e_tag = Some("\"e\t\"".to_owned());
        Record { key: key.into(), size, modified, algorithm: "CRC64NVME".into(), checksum: "AAAA=".into(), e_tag }
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("checksum-cache-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    #[test]
    fn a_record_survives_its_text() {
        for key in ["a", "a/b c", "tab\there", "line\nand\rmore", "100%", "%09", "ä"] {
            let line = record(key, 5).line().expect("text");
            assert_eq!(line.lines().count(), 1, "{line:?}");
            assert_eq!(Record::parse(&line), Some(record(key, 5)));
        }
        let line = record("a", 5).line().expect("text");
        for broken in ["", "a", "[]", &line[..line.len() - 1], &line.replace("123456789", "1234567890")] {
            assert_eq!(Record::parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_later_run_finds_what_an_earlier_one_knew() {
        let path = folder("later").join("cache");
        let mut cache = ChecksumCache::open(&path).expect("a file");
        assert_eq!(cache.find("a"), None);
        for key in ["a", "b", "d", "e"] {
            cache.push(&record(key, 1)).expect("a disk");
        }
        let fresh = Record { modified: Timestamp::now(), ..record("f", 1) };
        cache.push(&fresh).expect("a disk");
        cache.finish(true).expect("a disk");

        let mut cache = ChecksumCache::open(&path).expect("a file");
        assert_eq!(cache.find("b"), Some(record("b", 1)), "a is gone");
        assert_eq!(cache.find("c"), None);
        cache.push(&record("b", 2)).expect("a disk");
        cache.finish(false).expect("a disk");

        let mut cache = ChecksumCache::open(&path).expect("a file");
        assert_eq!(cache.find("b"), Some(record("b", 2)));
        assert_eq!(cache.find("d"), Some(record("d", 1)), "kept by a run that stopped before it");
        assert_eq!(cache.find("e"), Some(record("e", 1)));
        assert_eq!(cache.find("f"), None, "it may have changed again within a tick");
    }

    #[test]
    fn a_broken_cache_is_an_empty_one() {
        let path = folder("broken").join("cache");
        for content in [
            "",
            "another file\n[\"a\",1,1,2,\"x\",\"y\",null]\n",
            &format!("{HEADER}\nhalf a li"),
            &format!("{HEADER}\n\u{0}"),
        ] {
            std::fs::write(&path, content).expect("a disk");
            let mut cache = ChecksumCache::open(&path).expect("a file");
            assert_eq!(cache.find("a"), None, "{content:?}");
            cache.finish(true).expect("a disk");
        }
    }
}
