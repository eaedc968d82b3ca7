//! Whether two sides have the same content: by the checksums that S3 stores, computed of files, and remembered by a cache.
//! Knows nothing of plans.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use aws_s3::Client;
use aws_s3::custom::is_directory_bucket;
use aws_s3::operation::HeadObjectOutput;
use aws_s3::types::ChecksumMode;
use md5::{Digest, Md5};

use super::checksum_cache::Record;
use super::entry::Entry;
use crate::download::verdict::{Expected, Unvalidated, expected};
use crate::file::blocking;
use crate::sums::ChecksumMembers;
use crate::{Checksum, Error, ErrorKind};

/// Bytes that are read of a file at a time. Our choice.
const BLOCK: usize = 256 * 1024;

/// Whether both sides have the same content, and what to remember of the file; or why no checksums can be compared.
pub(crate) type Compared = Result<(bool, Option<Record>), String>;

/// An object and how to ask for it.
pub(crate) struct RemoteObject {
    pub(crate) client: Client,
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) entry: Entry,
}

impl RemoteObject {
    async fn head(&self) -> Result<HeadObjectOutput, String> {
        let head = self.client.head_object(&*self.bucket, &*self.key).checksum_mode(ChecksumMode::ENABLED);
        head.send().await.map_err(|e| format!("its checksum could not be asked for: {e}"))
    }

    /// The checksum of the whole object that S3 stores, or why there is none: a CRC, else an ETag that is the MD5 of the
    /// content, as objects have which were put in one request into a bucket that is not a directory bucket, without
    /// encryption by KMS or a key of the caller.
    fn checksum(&self, head: &HeadObjectOutput) -> Result<Whole, String> {
        let size = head.content_length.and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
        let expected = expected(head, head.checksum_type.as_ref(), size);
        if let Expected::Sum(sum) = expected {
            return Ok((sum.crc.checksum(), sum.to_string()));
        }
        let is_plain = !is_directory_bucket(&self.bucket)
            && head.sse_customer_algorithm.is_none()
            && head.server_side_encryption.as_ref().is_none_or(|encryption| *encryption == "AES256");
        let tag = head.e_tag.as_deref().unwrap_or_default().trim_matches('"');
        if is_plain && tag.len() == 32 && tag.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok((Checksum::Md5, tag.to_ascii_lowercase()));
        }
        match expected {
            Expected::Not(Unvalidated::NoChecksum) => Err("no checksum of its content is stored with it".into()),
            _ => {
                let names = head.value_names().join(", ");
                Err(format!("the stored checksum ({names}) is not a CRC of the whole object"))
            }
        }
    }
}

/// The checksum of a whole object or file, as S3 writes it: a CRC in base64, MD5 in hexadecimal digits, as ETags have it.
type Whole = (Checksum, String);

/// Compares a file with an object of the same size.
pub(crate) async fn compare_file(path: PathBuf, file: Entry, object: RemoteObject, known: Option<Record>) -> Compared {
    let known = known.filter(|record| record.is_of(file.size, file.modified));
    let has_equal_tag = |record: &Record| record.e_tag.is_some() && record.e_tag == object.entry.e_tag;
    if known.as_ref().is_some_and(has_equal_tag) {
        return Ok((true, known));
    }
    let head = object.head().await?;
    let (algorithm, stored) = object.checksum(&head)?;
    let own = match known.filter(|record| record.algorithm == algorithm.name()) {
        Some(record) => record.checksum,
        // Of another size than listed: it changed meanwhile.
        None => match checksum_of_file(path, algorithm).await {
            Ok((own, size)) if size == file.size => own,
            // What is wrong with the file, the transfer itself reports.
            Ok(_) | Err(_) => return Ok((false, None)),
        },
    };
    let is_same = own == stored;
    let record = Record {
        key: file.key,
        size: file.size,
        modified: file.modified,
        algorithm: algorithm.name().into(),
        checksum: own,
        e_tag: head.e_tag.filter(|_| is_same),
    };
    Ok((is_same, Some(record)))
}

/// Compares two objects of the same size.
pub(crate) async fn compare_objects(source: RemoteObject, target: RemoteObject) -> Compared {
    if source.entry.e_tag.is_some() && source.entry.e_tag == target.entry.e_tag {
        return Ok((true, None));
    }
    let (from, to) = tokio::try_join!(source.head(), target.head())?;
    let (from, to) = (source.checksum(&from)?, target.checksum(&to)?);
    if from.0 != to.0 {
        return Err("the two objects have checksums of different kinds".into());
    }
    Ok((from.1 == to.1, None))
}

/// Reads a file to its end. Returns its size, too.
async fn checksum_of_file(path: PathBuf, algorithm: Checksum) -> Result<(String, u64), Error> {
    let read = move || match algorithm.crc() {
        Some(crc) => {
            let mut hasher = crc.hasher();
            let size = read_all(path, |bytes| hasher.update(bytes))?;
            Ok((hasher.finish().to_string(), size))
        }
        None => {
            let mut hasher = Md5::new();
            let size = read_all(path, |bytes| hasher.update(bytes))?;
            Ok((hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect(), size))
        }
    };
    blocking(move || read().map_err(|error: io::Error| Error::new(ErrorKind::Source, error.to_string()))).await
}

fn read_all(path: PathBuf, mut each: impl FnMut(&[u8])) -> io::Result<u64> {
    let (mut file, mut block, mut size) = (File::open(path)?, vec![0; BLOCK], 0);
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(size),
            Ok(read) => {
                each(&block[..read]);
                size += read as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
