//! JSON files in a folder that other tools share, replaced atomically and readable by the user only. Knows no content.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

/// Larger files are an error. Our choice: the files of the AWS CLI have a few KiB.
const MAX_BYTES: u64 = 1024 * 1024;

/// The object in a file; `None` if the file does not exist. The error never quotes the file.
pub(super) fn read(path: &Path) -> Result<Option<Value>, String> {
    let bytes = match fs::metadata(path).and_then(|it| match it.len() > MAX_BYTES {
        true => Err(io::ErrorKind::FileTooLarge.into()),
        false => fs::read(path),
    }) {
        Ok(bytes) => bytes,
        Err(problem) if matches!(problem.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(problem) => return Err(format!("{} cannot be read: {problem}", path.display())),
    };
    match serde_json::from_slice(&bytes) {
        Ok(value @ Value::Object(_)) => Ok(Some(value)),
        Ok(_) => Err(format!("{} is not a JSON object", path.display())),
        Err(problem) => Err(format!("{} is not valid JSON (line {})", path.display(), problem.line())),
    }
}

/// Replaces a file atomically, so that no reader sees an incomplete one. Only the user may read it. Creates the folder
/// if necessary.
pub(super) fn write(path: &Path, value: &Value) -> io::Result<()> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        builder.mode(0o700);
        options.mode(0o600);
    }
    builder.create(folder)?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!("{name}.{}-{number}.tmp", std::process::id()));
    let written = options.open(&temporary).and_then(|mut file| {
        file.write_all(value.to_string().as_bytes())?;
        file.sync_all()
    });
    let replaced = written.and_then(|()| fs::rename(&temporary, path));
    if replaced.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    replaced
}

/// `FOLDER/KEY.json`.
pub(super) fn path(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!("{key}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_replaced_atomically_and_private() {
        let folder = std::env::temp_dir().join(format!("aws-core-json-file-{}", std::process::id()));
        let path = path(&folder.join("a/b"), "key");
        assert_eq!(read(&path), Ok(None));
        for number in [1, 2] {
            let value = serde_json::json!({ "number": number });
            write(&path, &value).expect("temporary file");
            assert_eq!(read(&path), Ok(Some(value)));
        }
        let names: Vec<_> =
            fs::read_dir(folder.join("a/b")).expect("folder").flatten().map(|it| it.file_name()).collect();
        assert_eq!(names, ["key.json"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(path.parent().expect("folder"))), (0o600, 0o700));
        }
        for (text, expect) in [("[1]", "is not a JSON object"), ("{\n\"secret", "is not valid JSON (line 2)")] {
            fs::write(&path, text).expect("temporary file");
            let problem = read(&path).expect_err("malformed");
            assert!(problem.ends_with(expect), "{problem}");
        }
        fs::remove_dir_all(folder).expect("removed");
    }
}
