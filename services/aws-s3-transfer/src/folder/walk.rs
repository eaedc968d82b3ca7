//! Walks a local folder in the order in which S3 lists keys: by the bytes of the whole key, so that `a.b` comes before
//! `a/b`, and that before `a0`. In memory are the names of one folder a level. Knows no bucket.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::entry::{Entry, Listed, Notice, NoticeKind};
use super::filter::Filters;

/// How to walk.
#[derive(Clone, Debug)]
pub(crate) struct WalkSettings {
    /// Whether files and folders behind symbolic links take part; otherwise they are left out.
    pub(crate) follow_symlinks: bool,
    /// Between the names of folders in keys.
    pub(crate) delimiter: Arc<str>,
    pub(crate) filters: Arc<Filters>,
    /// Files and folders that are no content, such as caches. Behind all links.
    pub(crate) left_out: Arc<[PathBuf]>,
}

/// An iterator over the files below a folder.
pub(crate) struct Walk {
    settings: WalkSettings,
    /// The folders that are being read, outermost first.
    frames: Vec<Frame>,
    /// Files whose names are no keys.
    notices: Vec<Notice>,
}

struct Frame {
    path: PathBuf,
    /// The folder behind all links, which leads to itself only in a loop.
    canonical: PathBuf,
    /// What the keys of the folder begin with.
    prefix: String,
    /// The names, last first.
    names: Vec<Name>,
}

/// Compares as keys do: the name of a folder ends in the delimiter.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    key: String,
    is_folder: bool,
    is_link: bool,
}

impl Walk {
    /// # Errors
    /// If the folder cannot be read.
    pub(crate) fn new(root: &Path, settings: WalkSettings) -> io::Result<Self> {
        let canonical = fs::canonicalize(root)?;
        let mut walk = Self { settings, frames: Vec::new(), notices: Vec::new() };
        walk.enter(root.to_owned(), canonical, String::new())?;
        Ok(walk)
    }

    fn enter(&mut self, path: PathBuf, canonical: PathBuf, prefix: String) -> io::Result<()> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&path)? {
            let entry = entry?;
            let file_type = entry.file_type()?;
            let name = match entry.file_name().into_string() {
                Ok(name) => name,
                Err(name) => {
                    let key = format!("{prefix}{}", name.to_string_lossy());
                    self.notices.push(unreadable(key, &entry.path(), "its name is not valid UTF-8"));
                    continue;
                }
            };
            let is_link = file_type.is_symlink();
            if is_link && !self.settings.follow_symlinks {
                continue;
            }
            let is_folder = match is_link {
                // A broken link is reported when its turn comes.
                true => fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_dir()),
                false => file_type.is_dir(),
            };
            if self.settings.left_out.iter().any(|path| *path == canonical.join(&name)) {
                continue;
            }
            let key = if is_folder { name + &self.settings.delimiter } else { name };
            names.push(Name { key, is_folder, is_link });
        }
        names.sort_unstable_by(|a, b| b.cmp(a));
        self.frames.push(Frame { path, canonical, prefix, names });
        Ok(())
    }

    /// Enters a folder, unless it leads back to one that is being read.
    fn enter_folder(&mut self, name: &Name, file_name: &str, key: String) -> Option<Notice> {
        let frame = self.frames.last()?;
        let path = frame.path.join(file_name);
        if self.settings.filters.excludes_all_of(&key) {
            return None;
        }
        let canonical = match name.is_link {
            false => frame.canonical.join(file_name),
            true => match fs::canonicalize(&path) {
                Ok(canonical) => canonical,
                Err(e) => return Some(unreadable(key, &path, e)),
            },
        };
        if name.is_link && self.frames.iter().any(|frame| frame.canonical == canonical) {
            let message =
                format!("{} is a link to {}, which contains it: skipped", path.display(), canonical.display());
            return Some(Notice::new(NoticeKind::Unreadable, key, message));
        }
        self.enter(path.clone(), canonical, key.clone()).err().map(|e| unreadable(key, &path, e))
    }
}

impl Iterator for Walk {
    type Item = Listed;

    fn next(&mut self) -> Option<Listed> {
        loop {
            if let Some(notice) = self.notices.pop() {
                return Some(Listed::Notice(notice));
            }
            let frame = self.frames.last_mut()?;
            let Some(name) = frame.names.pop() else {
                self.frames.pop();
                continue;
            };
            let key = format!("{}{}", frame.prefix, name.key);
            let delimiter = &*self.settings.delimiter;
            if name.is_folder {
                let file_name = name.key.strip_suffix(delimiter).unwrap_or(&name.key).to_owned();
                match self.enter_folder(&name, &file_name, key) {
                    Some(notice) => return Some(Listed::Notice(notice)),
                    None => continue,
                }
            }
            if !self.settings.filters.accepts(&key) {
                continue;
            }
            let path = frame.path.join(&name.key);
            if delimiter != "/" && name.key.contains(delimiter) {
                let message = format!("{}: its name contains the delimiter {delimiter:?}: skipped", path.display());
                return Some(Listed::Notice(Notice::new(NoticeKind::Name, key, message)));
            }
            let entry = fs::metadata(&path).and_then(|metadata| entry(key.clone(), &metadata));
            return Some(match entry {
                Ok(entry) => Listed::Entry(entry),
                Err(e) => Listed::Notice(unreadable(key, &path, e)),
            });
        }
    }
}

pub(crate) fn entry(key: String, metadata: &Metadata) -> io::Result<Entry> {
    if !metadata.is_file() {
        return Err(io::Error::other("it is neither a file nor a folder, but a device, a pipe or a socket"));
    }
    let modified = metadata.modified()?.into();
    Ok(Entry { key, size: metadata.len(), modified, e_tag: None, archived: false })
}

fn unreadable(key: String, path: &Path, why: impl std::fmt::Display) -> Notice {
    Notice::new(NoticeKind::Unreadable, key, format!("cannot read {}: {why}: skipped", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str, files: &[&str]) -> Self {
            let path = std::env::temp_dir().join(format!("walk-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).expect("a folder");
            for file in files {
                let file = path.join(file);
                fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
                fs::write(file, "content").expect("a file");
            }
            Self(path)
        }

        fn walk(&self, follow_symlinks: bool, excluded: &[&str]) -> Vec<String> {
            let mut filters = Filters::default();
            excluded.iter().for_each(|pattern| filters.push(false, pattern));
            let settings = WalkSettings {
                follow_symlinks,
                delimiter: "/".into(),
                filters: Arc::new(filters),
                left_out: [fs::canonicalize(&self.0).expect("a folder").join("x.own")].into(),
            };
            let step = |listed| match listed {
                Listed::Entry(entry) => {
                    assert_eq!(entry.size, 7, "{}", entry.key);
                    entry.key
                }
                Listed::Notice(notice) => {
                    assert!(notice.message.contains(&*self.0.to_string_lossy()), "{}", notice.message);
                    format!("!{}", notice.key)
                }
            };
            Walk::new(&self.0, settings).expect("a folder").map(step).collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn files_come_in_the_order_of_keys() {
        let files = ["a0", "a.b", "a/b", "a/b.c/d", "a/b0", "B", "ä", "z/z/z", "a-/x", "a/b!", "x.own"];
        let folder = Folder::new("order", &files);
        let keys = folder.walk(true, &[]);
        assert!(keys.is_sorted(), "{keys:?}");
        assert_eq!(keys.len(), files.len() - 1, "{keys:?}");
        assert_eq!(folder.walk(true, &["a/*", "*z"]), ["B", "a-/x", "a.b", "a0", "ä"]);
    }

    #[test]
    fn an_empty_folder_has_no_files_and_a_missing_one_is_an_error() {
        let folder = Folder::new("empty", &[]);
        fs::create_dir_all(folder.0.join("a/b")).expect("a folder");
        assert_eq!(folder.walk(true, &[]), [""; 0]);
        let settings = WalkSettings {
            follow_symlinks: true,
            delimiter: "/".into(),
            filters: Arc::default(),
            left_out: Arc::default(),
        };
        assert!(Walk::new(&folder.0.join("missing"), settings).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_or_not_and_loops_end() {
        use std::os::unix::fs::symlink;
        let folder = Folder::new("links", &["a/file", "b"]);
        symlink(folder.0.join("a"), folder.0.join("to-a")).expect("a link");
        symlink(folder.0.join("b"), folder.0.join("to-b")).expect("a link");
        symlink("nowhere", folder.0.join("broken")).expect("a link");
        symlink("..", folder.0.join("a/up")).expect("a link");
        symlink("self", folder.0.join("self")).expect("a link");
        let followed = ["a/file", "!a/up/", "b", "!broken", "!self", "to-a/file", "!to-a/up/", "to-b"];
        assert_eq!(folder.walk(true, &[]), followed);
        assert_eq!(folder.walk(false, &[]), ["a/file", "b"]);
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_read_is_a_notice_that_protects_its_keys() {
        use std::os::unix::ffi::OsStrExt;
        let folder = Folder::new("unreadable", &["a", "c"]);
        let name = std::ffi::OsStr::from_bytes(b"b\xff");
        fs::write(folder.0.join(name), "content").expect("a file");
        let _socket = std::os::unix::net::UnixListener::bind(folder.0.join("socket")).expect("a socket");
        assert_eq!(folder.walk(true, &[]), ["!b\u{fffd}", "a", "c", "!socket"]);
        let notice = unreadable("d/".into(), Path::new("d"), "why");
        let protects = |notice: &Notice, key: &str| notice.protects(key, "/");
        assert!(protects(&notice, "d/x") && !protects(&notice, "d") && !protects(&notice, "da"));
        let notice = unreadable("d".into(), Path::new("d"), "why");
        assert!(protects(&notice, "d") && protects(&notice, "d/x") && !protects(&notice, "da"));
        assert!(
            notice.protects_later("d!", "/") && notice.protects_later("d/x", "/") && !notice.protects_later("d0", "/")
        );
        let notice = unreadable("d|".into(), Path::new("d"), "why");
        assert!(notice.protects("d|x", "|") && !notice.protects("d", "|"));
    }
}
