//! Writes generated files to disk, or compares them with the files there. Of a file's text it knows only the marker of
//! generated files.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::file::{CrateFiles, GENERATED_MARKER};

/// What [`write()`] did, in numbers of files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files that were new or different.
    pub written: usize,
    /// Files that were not written because their bytes were the same.
    pub unchanged: usize,
    /// Generated files that are no longer generated and were deleted.
    pub removed: usize,
}

impl std::ops::AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        self.written += other.written;
        self.unchanged += other.unchanged;
        self.removed += other.removed;
    }
}

/// A file on disk that differs from what would be generated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StaleFile {
    /// The file does not exist.
    Missing(PathBuf),
    /// The file has other bytes.
    Different(PathBuf),
    /// The file has the marker of a generated file but is no longer generated.
    Orphan(PathBuf),
}

impl StaleFile {
    /// The file's path below the root.
    pub fn path(&self) -> &Path {
        match self {
            Self::Missing(it) | Self::Different(it) | Self::Orphan(it) => it,
        }
    }
}

impl fmt::Display for StaleFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Missing(_) => "missing",
            Self::Different(_) => "out of date",
            Self::Orphan(_) => "no longer generated",
        };
        write!(f, "{}: {what}", self.path().display())
    }
}

/// Brings the crate's folder below `root` up to date: writes files that differ (to a temporary file that is then
/// renamed, so that no reader sees half of one), deletes files that are no longer generated, does not touch equal ones.
///
/// Never touches `src/custom`, nor a file that is not in `files` and lacks the marker of a generated file.
///
/// # Errors
/// The first error of the file system, with the path in its message.
pub fn write(root: &Path, files: &CrateFiles) -> io::Result<Summary> {
    let mut summary = Summary::default();
    for stale in compare(root, files, &mut summary.unchanged)? {
        let path = root.join(stale.path());
        let text = stale.path().strip_prefix(&files.folder).ok().and_then(|name| files.files.get(&slashed(name)));
        match (stale, text) {
            (StaleFile::Orphan(_), _) => {
                with_path(&path, fs::remove_file(&path))?;
                summary.removed += 1;
                // Removes the folder if it is empty now; fails otherwise, as intended.
                let _ = path.parent().map(fs::remove_dir);
            }
            (_, Some(text)) => {
                replace(&path, text)?;
                summary.written += 1;
            }
            (_, None) => {}
        }
    }
    Ok(summary)
}

/// The files that [`write()`] would write or delete; none if the folder is up to date. Sorted by kind and path.
///
/// # Errors
/// The same as of [`write()`].
pub fn check(root: &Path, files: &CrateFiles) -> io::Result<Vec<StaleFile>> {
    compare(root, files, &mut 0)
}

fn compare(root: &Path, files: &CrateFiles, unchanged: &mut usize) -> io::Result<Vec<StaleFile>> {
    let folder = PathBuf::from(&files.folder);
    let mut stale = Vec::new();
    for (name, text) in &files.files {
        let below = folder.join(name);
        let path = root.join(&below);
        match fs::read(&path) {
            Ok(bytes) if bytes == text.as_bytes() => *unchanged += 1,
            Ok(_) => stale.push(StaleFile::Different(below)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => stale.push(StaleFile::Missing(below)),
            Err(error) => return with_path(&path, Err(error)),
        }
    }
    let mut present = BTreeSet::new();
    list(&root.join(&folder), Path::new(""), &mut present)?;
    for name in present {
        if !files.files.contains_key(&slashed(&name)) && is_generated(&root.join(&folder).join(&name))? {
            stale.push(StaleFile::Orphan(folder.join(name)));
        }
    }
    stale.sort();
    Ok(stale)
}

/// Lists the files below `folder`, without `src/custom` and `target`.
fn list(folder: &Path, below: &Path, out: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    let path = folder.join(below);
    let entries = match fs::read_dir(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => with_path(&path, entries)?,
    };
    for entry in entries {
        let entry = with_path(&path, entry)?;
        let name = below.join(entry.file_name());
        let kind = with_path(&path, entry.file_type())?;
        if kind.is_dir() {
            if name != Path::new("src/custom") && name != Path::new("target") {
                list(folder, &name, out)?;
            }
        } else if kind.is_file() {
            out.insert(name);
        }
    }
    Ok(())
}

/// Whether the file has the marker: in its first line, or in Markdown anywhere.
fn is_generated(path: &Path) -> io::Result<bool> {
    let bytes = with_path(path, fs::read(path))?;
    let text = String::from_utf8_lossy(&bytes);
    let is_markdown = path.extension().is_some_and(|it| it == "md");
    let searched = if is_markdown { &*text } else { text.lines().next().unwrap_or("") };
    Ok(searched.contains(GENERATED_MARKER))
}

/// Writes a file atomically, and creates its folder if necessary.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        with_path(folder, fs::create_dir_all(folder))?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let temporary = path.with_file_name(name);
    let renamed = fs::write(&temporary, text).and_then(|()| fs::rename(&temporary, path));
    if renamed.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    with_path(path, renamed)
}

/// The path with `/` between names, on any system.
fn slashed(path: &Path) -> String {
    path.iter().map(|it| it.to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Adds the path to an error's message.
fn with_path<T>(path: &Path, result: io::Result<T>) -> io::Result<T> {
    result.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A temporary folder, deleted when dropped.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("codegen-disk-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn put(&self, path: &str, text: &str) {
            replace(&self.0.join(path), text).unwrap();
        }

        fn has(&self, path: &str) -> bool {
            self.0.join(path).exists()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn krate(files: &[(&str, &str)]) -> CrateFiles {
        let files = files.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect();
        CrateFiles { folder: "services/aws-x".to_owned(), files }
    }

    #[test]
    fn only_files_that_differ_are_written() {
        let root = Folder::new("writes");
        let files = krate(&[("Cargo.toml", "a"), ("src/lib.rs", "b"), ("src/types/c.rs", "c")]);
        let missing = check(&root.0, &files).unwrap();
        assert_eq!(missing.len(), 3);
        assert_eq!(missing[1].to_string().replace('\\', "/"), "services/aws-x/src/lib.rs: missing");
        assert_eq!(write(&root.0, &files).unwrap(), Summary { written: 3, unchanged: 0, removed: 0 });
        assert!(check(&root.0, &files).unwrap().is_empty());
        let before = fs::metadata(root.0.join("services/aws-x/src/lib.rs")).unwrap().modified().unwrap();
        let files = krate(&[("Cargo.toml", "a2"), ("src/lib.rs", "b"), ("src/types/c.rs", "c")]);
        assert_eq!(
            check(&root.0, &files).unwrap(),
            [StaleFile::Different(Path::new("services/aws-x").join("Cargo.toml"))]
        );
        assert_eq!(write(&root.0, &files).unwrap(), Summary { written: 1, unchanged: 2, removed: 0 });
        assert_eq!(fs::metadata(root.0.join("services/aws-x/src/lib.rs")).unwrap().modified().unwrap(), before);
        assert_eq!(fs::read_dir(root.0.join("services/aws-x")).unwrap().count(), 2, "no temporary file is left");
    }

    #[test]
    fn orphans_are_removed_and_hand_written_files_are_not() {
        let root = Folder::new("orphans");
        let generated = format!("// {}\n", super::super::header("models/x"));
        root.put("services/aws-x/src/operation/old.rs", &generated);
        root.put("services/aws-x/src/hand_written.rs", &format!("//! By hand.\n{generated}"));
        root.put("services/aws-x/src/custom/mod.rs", &generated);
        root.put("services/aws-x/OLD.md", &format!("# Old\n\n{generated}"));
        root.put("services/aws-x/target/x.rs", &generated);
        root.put("services/aws-y/src/lib.rs", &generated);
        let files = krate(&[("src/lib.rs", "b")]);
        let orphans: Vec<_> =
            check(&root.0, &files).unwrap().into_iter().filter(|it| matches!(it, StaleFile::Orphan(_))).collect();
        assert_eq!(orphans.len(), 2, "{orphans:?}");
        assert_eq!(write(&root.0, &files).unwrap(), Summary { written: 1, unchanged: 0, removed: 2 });
        assert!(!root.has("services/aws-x/src/operation") && !root.has("services/aws-x/OLD.md"));
        for path in [
            "services/aws-x/src/hand_written.rs",
            "services/aws-x/src/custom/mod.rs",
            "services/aws-x/target/x.rs",
            "services/aws-y/src/lib.rs",
        ] {
            assert!(root.has(path), "{path}");
        }
    }

    #[test]
    fn errors_name_the_path() {
        let root = Folder::new("errors");
        root.put("services/aws-x/src", "a file where a folder must be");
        let error = write(&root.0, &krate(&[("src/lib.rs", "b")])).unwrap_err();
        assert!(error.to_string().contains("src"), "{error}");
    }
}
