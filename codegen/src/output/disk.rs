//! Files in memory against files on disk: written, or only compared. Knows nothing of what is in them but the mark of
//! generated files.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::file::{CrateFiles, MARK};

/// What [`write()`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files that were new or different.
    pub written: usize,
    /// Files that were left alone because their bytes were the same.
    pub unchanged: usize,
    /// Generated files that are no longer generated, and were deleted.
    pub removed: usize,
}

impl std::ops::AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        self.written += other.written;
        self.unchanged += other.unchanged;
        self.removed += other.removed;
    }
}

/// How a file on disk differs from what would be generated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stale {
    /// Not there.
    Missing(PathBuf),
    /// There with other bytes.
    Different(PathBuf),
    /// There with the mark of a generated file, but no longer generated.
    Orphan(PathBuf),
}

impl Stale {
    /// The file's path below the root.
    pub fn path(&self) -> &Path {
        match self {
            Self::Missing(it) | Self::Different(it) | Self::Orphan(it) => it,
        }
    }
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Missing(_) => "missing",
            Self::Different(_) => "out of date",
            Self::Orphan(_) => "no longer generated",
        };
        write!(f, "{}: {what}", self.path().display())
    }
}

/// Brings the crate's folder below `root` up to date: writes what differs (to a file beside it that is then renamed, so
/// that no reader sees half of one), deletes generated files that are no more, leaves equal ones untouched.
///
/// Never touches `src/custom`, nor files without the mark of a generated file that are not among `files`.
///
/// # Errors
/// The first that the file system reports, with the path in its message.
pub fn write(root: &Path, files: &CrateFiles) -> io::Result<Summary> {
    let mut summary = Summary::default();
    for stale in compare(root, files, &mut summary.unchanged)? {
        let path = root.join(stale.path());
        let text = stale.path().strip_prefix(&files.folder).ok().and_then(|it| files.files.get(&slashed(it)));
        match (stale, text) {
            (Stale::Orphan(_), _) => {
                at(&path, fs::remove_file(&path))?;
                summary.removed += 1;
                // Fails, as it should, where something is left.
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

/// What [`write()`] would do, without doing it: empty if the folder is up to date. Sorted by kind and path.
///
/// # Errors
/// As [`write()`].
pub fn check(root: &Path, files: &CrateFiles) -> io::Result<Vec<Stale>> {
    compare(root, files, &mut 0)
}

fn compare(root: &Path, files: &CrateFiles, unchanged: &mut usize) -> io::Result<Vec<Stale>> {
    let folder = PathBuf::from(&files.folder);
    let mut stale = Vec::new();
    for (name, text) in &files.files {
        let below = folder.join(name);
        let path = root.join(&below);
        match fs::read(&path) {
            Ok(bytes) if bytes == text.as_bytes() => *unchanged += 1,
            Ok(_) => stale.push(Stale::Different(below)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => stale.push(Stale::Missing(below)),
            Err(error) => return at(&path, Err(error)),
        }
    }
    let mut present = BTreeSet::new();
    list(&root.join(&folder), Path::new(""), &mut present)?;
    for name in present {
        if !files.files.contains_key(&slashed(&name)) && is_generated(&root.join(&folder).join(&name))? {
            stale.push(Stale::Orphan(folder.join(name)));
        }
    }
    stale.sort();
    Ok(stale)
}

/// The files below `folder`, but neither those written by hand nor what cargo builds.
fn list(folder: &Path, below: &Path, out: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    let path = folder.join(below);
    let entries = match fs::read_dir(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => at(&path, entries)?,
    };
    for entry in entries {
        let entry = at(&path, entry)?;
        let name = below.join(entry.file_name());
        let kind = at(&path, entry.file_type())?;
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

/// Whether the file bears the mark: in its first line, in Markdown anywhere.
fn is_generated(path: &Path) -> io::Result<bool> {
    let bytes = at(path, fs::read(path))?;
    let text = String::from_utf8_lossy(&bytes);
    let markdown = path.extension().is_some_and(|it| it == "md");
    let searched = if markdown { &*text } else { text.lines().next().unwrap_or("") };
    Ok(searched.contains(MARK))
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        at(folder, fs::create_dir_all(folder))?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(name);
    let renamed = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    if renamed.is_err() {
        let _ = fs::remove_file(&beside);
    }
    at(path, renamed)
}

fn slashed(path: &Path) -> String {
    path.iter().map(|it| it.to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn at<T>(path: &Path, result: io::Result<T>) -> io::Result<T> {
    result.map_err(|it| io::Error::new(it.kind(), format!("{}: {it}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own below the system's, gone at the end.
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
    fn writes_what_differs_and_nothing_else() {
        let root = Folder::new("writes");
        let files = krate(&[("Cargo.toml", "a"), ("src/lib.rs", "b"), ("src/types/c.rs", "c")]);
        let missing = check(&root.0, &files).unwrap();
        assert_eq!(missing.len(), 3);
        assert_eq!(missing[1].to_string().replace('\\', "/"), "services/aws-x/src/lib.rs: missing");
        assert_eq!(write(&root.0, &files).unwrap(), Summary { written: 3, unchanged: 0, removed: 0 });
        assert!(check(&root.0, &files).unwrap().is_empty());
        let before = fs::metadata(root.0.join("services/aws-x/src/lib.rs")).unwrap().modified().unwrap();
        let files = krate(&[("Cargo.toml", "a2"), ("src/lib.rs", "b"), ("src/types/c.rs", "c")]);
        assert_eq!(check(&root.0, &files).unwrap(), [Stale::Different(Path::new("services/aws-x").join("Cargo.toml"))]);
        assert_eq!(write(&root.0, &files).unwrap(), Summary { written: 1, unchanged: 2, removed: 0 });
        assert_eq!(fs::metadata(root.0.join("services/aws-x/src/lib.rs")).unwrap().modified().unwrap(), before);
        assert_eq!(fs::read_dir(root.0.join("services/aws-x")).unwrap().count(), 2, "no temporary file is left");
    }

    #[test]
    fn orphans_go_but_hands_stay() {
        let root = Folder::new("orphans");
        let marked = format!("// {}\n", super::super::header("models/x"));
        root.put("services/aws-x/src/operation/old.rs", &marked);
        root.put("services/aws-x/src/kept.rs", &format!("//! By hand.\n{marked}"));
        root.put("services/aws-x/src/custom/mod.rs", &marked);
        root.put("services/aws-x/OLD.md", &format!("# Old\n\n{marked}"));
        root.put("services/aws-x/target/x.rs", &marked);
        root.put("services/aws-y/src/lib.rs", &marked);
        let files = krate(&[("src/lib.rs", "b")]);
        let orphans: Vec<_> =
            check(&root.0, &files).unwrap().into_iter().filter(|it| matches!(it, Stale::Orphan(_))).collect();
        assert_eq!(orphans.len(), 2, "{orphans:?}");
        assert_eq!(write(&root.0, &files).unwrap(), Summary { written: 1, unchanged: 0, removed: 2 });
        assert!(!root.has("services/aws-x/src/operation") && !root.has("services/aws-x/OLD.md"));
        for kept in [
            "services/aws-x/src/kept.rs",
            "services/aws-x/src/custom/mod.rs",
            "services/aws-x/target/x.rs",
            "services/aws-y/src/lib.rs",
        ] {
            assert!(root.has(kept), "{kept}");
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
