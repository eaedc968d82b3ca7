//! JSON files in a folder that other tools share, replaced atomically and readable by the user only. Knows no content.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::codec::json;
use crate::credentials::small_file;

/// Larger files are an error. Our choice: the files of the AWS CLI have a few KiB.
const MAX_BYTES: u64 = 1024 * 1024;

/// How many names of temporary files are tried. Our choice: two random names that are equal do not occur, so a second
/// name that exists already has another reason.
const MAX_NAMES: u32 = 8;

/// The object in a file; `None` if the file does not exist. The error never quotes the file.
pub(super) async fn read(path: &Path) -> Result<Option<Value>, String> {
    let bytes = match small_file::read(path, MAX_BYTES).await {
        Ok(bytes) => bytes,
        Err(problem) if matches!(problem.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(problem) => return Err(format!("{} cannot be read: {problem}", path.display())),
    };
    match json::value(&bytes) {
        Ok(value @ Value::Object(_)) => Ok(Some(value)),
        Ok(_) => Err(format!("{} is not a JSON object", path.display())),
        Err(problem) => Err(format!("{} is not valid JSON (line {})", path.display(), problem.line())),
    }
}

/// Replaces a file atomically, so that no reader sees an incomplete one. Only the user may read it. Creates the folder
/// if necessary.
pub(super) async fn write(path: &Path, value: &Value) -> io::Result<()> {
    let (path, text) = (path.to_owned(), value.to_string());
    small_file::in_background(move || replace(&path, text.as_bytes(), || fastrand::u128(..))).await?
}

fn replace(path: &Path, content: &[u8], random: impl Fn() -> u128) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let (mut file, temporary) = create_temporary(path, folder, random)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    let replaced = written.and_then(|()| fs::rename(&temporary, path));
    if replaced.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    replaced
}

/// Creates a file beside `path`. Its name is random, because others may write to the folder at the same time: processes
/// of other containers, whose ids are the same, and processes that ended before they removed their files.
fn create_temporary(path: &Path, folder: &Path, random: impl Fn() -> u128) -> io::Result<(File, PathBuf)> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut attempt = 1;
    loop {
        let temporary = folder.join(format!("{name}.{:032x}.tmp", random()));
        match options.open(&temporary) {
            Ok(file) => return Ok((file, temporary)),
            Err(problem) if problem.kind() == io::ErrorKind::AlreadyExists && attempt < MAX_NAMES => attempt += 1,
            Err(problem) => return Err(problem),
        }
    }
}

/// `FOLDER/KEY.json`.
pub(super) fn path(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!("{key}.json"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            Self(std::env::temp_dir().join(format!("aws-core-json-file-{}-{name}", std::process::id())))
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(&self.0).expect("folder").flatten();
            let mut names: Vec<_> = entries.map(|it| it.file_name().to_string_lossy().into_owned()).collect();
            names.sort();
            names
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[tokio::test]
    async fn files_are_replaced_atomically_and_private() {
        let folder = Folder::new("private");
        let folder = Folder(folder.0.join("a"));
        let path = path(&folder.0, "key");
        assert_eq!(read(&path).await, Ok(None));
        for number in [1, 2] {
            let value = serde_json::json!({ "number": number });
            write(&path, &value).await.expect("temporary file");
            assert_eq!(read(&path).await, Ok(Some(value)));
        }
        assert_eq!(folder.names(), ["key.json"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(path.parent().expect("folder"))), (0o600, 0o700));
        }
        for (text, expect) in [("[1]", "is not a JSON object"), ("{\n\"secret", "is not valid JSON (line 2)")] {
            fs::write(&path, text).expect("temporary file");
            let problem = read(&path).await.expect_err("malformed");
            assert!(problem.ends_with(expect), "{problem}");
        }
    }

    /// Whatever names the files of others have, the content is written and the files of others stay.
    #[test]
    fn files_of_others_are_neither_used_nor_removed() {
        let check = |name: &str, taken: u64, expect: io::Result<()>| {
            let folder = Folder::new(name);
            fs::create_dir_all(&folder.0).expect("temporary folder");
            let path = path(&folder.0, "key");
            let others: Vec<_> = (0..taken).map(|it| format!("key.json.{it:032x}.tmp")).collect();
            others.iter().for_each(|it| fs::write(folder.0.join(it), "of another").expect("temporary file"));
            let number = AtomicU64::new(0);
            let replaced = replace(&path, b"mine", || number.fetch_add(1, Ordering::Relaxed).into());
            assert_eq!(replaced.map_err(|it| it.kind()), expect.map_err(|it| it.kind()), "{name}");
            let mut names = others.clone();
            if fs::read(&path).is_ok_and(|it| it == b"mine") {
                names.insert(0, "key.json".to_owned());
            }
            assert_eq!(folder.names(), names, "{name}");
            for other in &others {
                assert_eq!(fs::read(folder.0.join(other)).expect("there"), b"of another");
            }
        };
        check("none", 0, Ok(()));
        check("one", 1, Ok(()));
        check("some", u64::from(MAX_NAMES) - 1, Ok(()));
        check("all", u64::from(MAX_NAMES), Err(io::ErrorKind::AlreadyExists.into()));
    }

    /// A rename that fails removes the own temporary file only.
    #[test]
    fn a_failed_replacement_leaves_the_folder_as_it_was() {
        let folder = Folder::new("failed");
        let path = path(&folder.0, "key");
        fs::create_dir_all(&path).expect("a folder in place of the file");
        replace(&path, b"mine", || 7).expect_err("a folder cannot be replaced");
        assert_eq!(folder.names(), ["key.json"]);
    }
}
