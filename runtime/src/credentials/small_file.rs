//! Reads small files that tools and platforms write: tokens, cached logins, keys. A file that is not a regular one, or
//! that is too large, is an error: a pipe would wait for its writer, a device would never end. Knows no content.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::{Error, ErrorKind, Result, tokio_runtime};

/// Reads a regular file of at most `limit` bytes, on a thread where waiting for a disk stops no other task.
pub(crate) async fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let path = path.to_owned();
    in_background(move || read_now(&path, limit)).await?
}

/// As [`read`], for threads that may wait.
pub(crate) fn read_now(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    // Opening a pipe already waits, so the kind of the file is looked at first.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {limit} bytes")));
    }
    Ok(bytes)
}

/// As [`read`], for a file of UTF-8 that `origin` describes: `file /a named by AWS_WEB_IDENTITY_TOKEN_FILE`.
pub(crate) async fn read_text(path: &Path, limit: u64, origin: &str) -> Result<String> {
    let failed = |problem: String| Error::new(ErrorKind::Credentials, format!("{origin} cannot be read: {problem}"));
    let bytes = read(path, limit).await.map_err(|it| failed(it.to_string()).with_source(it))?;
    // The error of the conversion would hold the bytes, which may be secret.
    String::from_utf8(bytes).map_err(|_| failed("it is not UTF-8".to_owned()))
}

/// Runs work that waits for files where it stops no other task.
pub(crate) async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    tokio_runtime::blocking(work).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_regular_files_up_to_the_limit_are_read() {
        let folder = std::env::temp_dir().join(format!("aws-core-small-file-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("temporary folder");
        let file = folder.join("file");
        fs::write(&file, "12345").expect("temporary file");
        let check = async |path: &Path, limit: u64, expect: Result<&str, &str>| {
            let found = read_text(path, limit, "file").await.map_err(|it| it.to_string());
            let problem = |problem| format!("file cannot be read: {problem}");
            assert_eq!(found, expect.map(str::to_owned).map_err(problem), "{}", path.display());
        };
        check(&file, 5, Ok("12345")).await;
        check(&file, 4, Err("it has more than 4 bytes")).await;
        check(&folder, 5, Err("it is not a regular file")).await;
        check(&folder.join("none"), 5, Err("No such file or directory (os error 2)")).await;
        fs::write(&file, b"\xff").expect("temporary file");
        check(&file, 5, Err("it is not UTF-8")).await;
        #[cfg(unix)]
        {
            let pipe = folder.join("pipe");
            let created = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
            assert!(created.success());
            check(&pipe, 5, Err("it is not a regular file")).await;
            check(Path::new("/dev/zero"), 5, Err("it is not a regular file")).await;
        }
        // A file whose length is not known before it is read.
        #[cfg(target_os = "linux")]
        check(Path::new("/proc/version"), 5, Err("it has more than 5 bytes")).await;
        fs::remove_dir_all(folder).expect("removed");
    }
}
