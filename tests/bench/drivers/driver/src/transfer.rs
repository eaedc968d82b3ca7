//! What the drivers of transfers share: which cases are transfers, of which object, and the positioned reads and writes of
//! those that have no files of their own. Knows no client.

use std::fs::File;
use std::io;
use std::ops::Range;
#[cfg(unix)]
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::Arguments;

/// The bucket of the objects; their keys begin with their sizes.
pub const BUCKET: &str = "transfer";
/// The size of the parts of those drivers that are asked for one; that of boto3 and of this project by default.
pub const PART: u64 = 8 << 20;
/// How many requests are in flight in those drivers that are asked for a number.
pub const IN_FLIGHT: usize = 8;

/// Whether a case transfers an object, with a manager of transfers where the client has one.
pub fn is_transfer(case: &str) -> bool {
    case.starts_with("download") || case.starts_with("upload")
}

/// The size of the object of a case.
pub fn size(case: &str) -> u64 {
    match case {
        _ if case.ends_with("8g") => 8 << 30,
        _ if case.ends_with("256m") => 256 << 20,
        _ => 1 << 20,
    }
}

/// The parts of an object, in order.
pub fn parts(size: u64) -> impl Iterator<Item = Range<u64>> + Send {
    (0..size.div_ceil(PART)).map(move |part| part * PART..size.min((part + 1) * PART))
}

/// The file that is written.
pub fn target(arguments: &Arguments) -> PathBuf {
    format!("{}.downloaded", arguments.file).into()
}

/// How many files a folder has.
pub const FILES: u64 = 10_000;

/// Creates a folder of files of one size, without content that takes room on the disk. They are read once, so that the first
/// client does not pay for the system's cache.
pub fn source_folder(arguments: &Arguments) -> io::Result<PathBuf> {
    let (folder, size) = (Path::new(&arguments.file).with_extension("files"), size(&arguments.case));
    std::fs::create_dir_all(&folder)?;
    for index in 0..FILES {
        let path = folder.join(format!("{index:05}"));
        if std::fs::metadata(&path).is_ok_and(|it| it.len() == size) {
            continue;
        }
        File::create(&path)?.set_len(size)?;
        io::copy(&mut File::open(&path)?, &mut io::sink())?;
    }
    Ok(folder)
}

/// Reads a part of a file.
pub fn read_at(file: &File, range: Range<u64>) -> io::Result<Vec<u8>> {
    let mut part = vec![0; (range.end - range.start) as usize];
    file.read_exact_at(&mut part, range.start)?;
    Ok(part)
}

/// Writes a part of a file.
pub fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    file.write_all_at(bytes, offset)
}
