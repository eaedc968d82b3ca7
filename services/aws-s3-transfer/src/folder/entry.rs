//! What both sides of a transfer of folders are lists of: keys below a root, with what tells two versions apart. Knows
//! neither where entries come from nor what becomes of them.

use aws_core::Timestamp;

/// A file below a folder, or an object below a prefix.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The name below the root: of an object without the prefix, of a file with `/` between folders, on every system.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// When it was last written. Of objects in whole seconds.
    pub modified: Timestamp,
    /// The ETag of an object, as the listing has it. Files have none.
    pub e_tag: Option<String>,
    /// Whether an object lies in an archive (Glacier Flexible Retrieval or Deep Archive) and must be restored before it
    /// can be read.
    pub archived: bool,
}

/// Why an entry, or a whole folder, does not take part. A transfer with notices that are warnings ends with exit code 2.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Notice {
    /// The key below the root; of a folder with a `/` behind it.
    pub key: String,
    /// What is wrong, and what was or was not done about it.
    pub message: String,
    /// What kind of notice this is.
    pub kind: NoticeKind,
}

/// The kinds of [`Notice`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoticeKind {
    /// A file or folder could not be read. What the target has under its name is not deleted.
    Unreadable,
    /// A key that cannot be the name of a file, or would be one outside of the folder.
    Name,
    /// A key that differs from another only by case, on a file system that ignores case.
    Case,
    /// An object in an archive, which must be restored before it can be read.
    Archived,
    /// A file was downloaded, but cannot have the time of its object.
    Time,
    /// No stored checksum could be compared with the file; size and time decided instead. Not a warning.
    Checksum,
}

impl Notice {
    pub(crate) fn new(kind: NoticeKind, key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into(), kind }
    }

    /// Whether the notice makes the exit code 2.
    pub fn is_warning(&self) -> bool {
        self.kind != NoticeKind::Checksum
    }

    /// Whether a key of the target must not be deleted, since the source could not be read there. What cannot be read may be
    /// a folder, such as a link to one that is not mounted.
    pub(crate) fn protects(&self, key: &str, delimiter: &str) -> bool {
        let is_below = |rest: &str| {
            rest.is_empty() || self.key.is_empty() || self.key.ends_with(delimiter) || rest.starts_with(delimiter)
        };
        self.kind == NoticeKind::Unreadable && key.strip_prefix(&*self.key).is_some_and(is_below)
    }

    /// Whether keys behind `key` may still be protected.
    pub(crate) fn protects_later(&self, key: &str, delimiter: &str) -> bool {
        let folder = if self.key.ends_with(delimiter) { self.key.clone() } else { format!("{}{delimiter}", self.key) };
        self.key.is_empty() || key <= folder.as_str() || key.starts_with(&folder)
    }
}

/// One step of a list of entries.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Listed {
    Entry(Entry),
    Notice(Notice),
}
