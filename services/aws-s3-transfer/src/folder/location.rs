//! Where a transfer of folders reads and writes: a local folder or a prefix of a bucket, and the file or object of a key
//! there. Touches neither.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use aws_s3::custom::is_directory_bucket;

use super::names;
use crate::common::conversions;
use crate::{Error, ErrorKind};

/// A local folder, or what lies below a prefix of a bucket.
///
/// A string is a path, or `s3://bucket/prefix`. `Display` writes that form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Location {
    /// A local folder.
    Folder(PathBuf),
    /// Objects whose keys begin with a prefix. For all but the deletion of a prefix it ends in a `/`, which is added, as
    /// the CLI does: `logs` means `logs/`, not `logs-2026/`.
    Prefix {
        /// The name of the bucket, or the ARN of an access point.
        bucket: String,
        /// The prefix; empty for the whole bucket.
        prefix: String,
    },
}

impl Location {
    /// A local folder.
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self::Folder(path.into())
    }

    /// Objects of `bucket` whose keys begin with `prefix`.
    pub fn prefix(bucket: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self::Prefix { bucket: bucket.into(), prefix: prefix.into() }
    }

    /// The same location with a prefix that ends in the delimiter, unless it is empty.
    pub(crate) fn into_folder(self, delimiter: &str) -> Self {
        match self {
            Self::Prefix { bucket, mut prefix } => {
                if !prefix.is_empty() && !prefix.ends_with(delimiter) {
                    prefix.push_str(delimiter);
                }
                Self::Prefix { bucket, prefix }
            }
            folder => folder,
        }
    }

    /// The bucket, if it is a directory bucket.
    pub(crate) fn directory_bucket(&self) -> Option<&str> {
        match self {
            Self::Prefix { bucket, .. } => Some(&**bucket).filter(|it| is_directory_bucket(it)),
            Self::Folder(_) => None,
        }
    }

    /// The file or object of a key. A key of a folder has no [fault](names::NameRules::fault).
    pub(crate) fn place(&self, key: &str, delimiter: &str) -> Place {
        match self {
            Self::Folder(root) => Place::File(names::path(root, key, delimiter)),
            Self::Prefix { bucket, prefix } => Place::Object { bucket: bucket.clone(), key: format!("{prefix}{key}") },
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Prefix { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

impl FromStr for Location {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let Some(rest) = text.strip_prefix("s3://") else { return Ok(Self::folder(text)) };
        // The ARN of an access point contains a slash itself.
        let start = rest.find("accesspoint/").map_or(0, |at| if rest.starts_with("arn:") { at + 12 } else { 0 });
        let end = rest[start..].find('/').map_or(rest.len(), |at| start + at);
        let (bucket, prefix) = (&rest[..end], rest.get(end + 1..).unwrap_or_default());
        if bucket.is_empty() {
            let message = format!("`{text}` names no bucket: expected s3://bucket/prefix");
            return Err(Error::new(ErrorKind::Settings, message));
        }
        Ok(Self::prefix(bucket, prefix))
    }
}

conversions!(Location { &Path => folder, PathBuf => folder });

/// One file, or one object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// An object.
    Object {
        /// The name of its bucket.
        bucket: String,
        /// The whole key.
        key: String,
    },
}

impl Place {
    /// Bucket and key of an object.
    pub(crate) fn object(&self) -> Option<(&str, &str)> {
        match self {
            Self::File(_) => None,
            Self::Object { bucket, key } => Some((bucket, key)),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Object { bucket, key } => write!(f, "s3://{bucket}/{key}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_paths_or_urls_of_s3() {
        let check = |text: &str, expect: Location| {
            assert_eq!(text.parse::<Location>().expect("a location"), expect, "{text}");
        };
        check("photos/2026", Location::folder("photos/2026"));
        check("s3:/x", Location::folder("s3:/x"));
        check("s3://b", Location::prefix("b", ""));
        check("s3://b/", Location::prefix("b", ""));
        check("s3://b/p/q", Location::prefix("b", "p/q"));
        check("s3://b//p", Location::prefix("b", "/p"));
        let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/mine";
        check(&format!("s3://{arn}"), Location::prefix(arn, ""));
        check(&format!("s3://{arn}/p/q"), Location::prefix(arn, "p/q"));
        check("s3://accesspoint/p/q", Location::prefix("accesspoint", "p/q"));
        for text in ["s3://", "s3:///p"] {
            let error = text.parse::<Location>().expect_err("no bucket");
            assert_eq!(error.to_string(), format!("`{text}` names no bucket: expected s3://bucket/prefix"));
        }
    }

    #[test]
    fn a_prefix_is_a_folder() {
        let check = |prefix: &str, expect: &str| {
            assert_eq!(Location::prefix("b", prefix).into_folder("/"), Location::prefix("b", expect));
        };
        check("", "");
        check("a", "a/");
        check("a/", "a/");
        check("a/b", "a/b/");
        let place = Location::prefix("b", "a/").place("c/d", "/");
        assert_eq!(place.to_string(), "s3://b/a/c/d");
    }
}
