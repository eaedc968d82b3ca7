//! Where a transfer stands, as plain data with a stable text form (JSON): enough to go on in another process. Knows no
//! request, and holds no key and no secret.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value, json};

use crate::transfers::{MAX_OBJECT, MAX_PARTS};
use crate::{Error, ErrorKind, Result};

/// The version of the text form. A reader accepts its own version only.
const VERSION: u64 = 1;

/// Where a transfer stands. Its text (`to_string()`, `parse()`) is JSON, the same in all releases with the same version.
///
/// It has no settings: resuming takes the same calls as the transfer had, and `resume(checkpoint)` beside them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Checkpoint {
    /// What kind of transfer it is.
    pub kind: CheckpointKind,
    /// The bucket that is written to, or read by a download.
    pub bucket: String,
    /// The key that is written to, or read by a download.
    pub key: String,
    /// The multipart upload; empty for a download.
    pub upload_id: String,
    /// The version that is read; empty for an upload, and where there are no versions.
    pub version_id: String,
    /// The ETag of the object that is read; empty for an upload.
    pub e_tag: String,
    /// The size of the whole, in bytes.
    pub size: u64,
    /// The size of all parts except the last, in bytes.
    pub part_size: u64,
    /// The checksum of the parts, as S3 names it; empty if there is none.
    pub checksum: String,
    /// What the source was when the transfer began: the time of its last change, or a checksum of it; for a copy its path.
    pub source: String,
    /// The partial file of a download to a path.
    pub partial: String,
    /// When the transfer began, in seconds since 1970.
    pub began: i64,
    /// The parts that have arrived, by their numbers, from 1: their ETags, and their checksums, if they have one.
    pub parts: BTreeMap<u32, PartState>,
}

/// A part that has arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartState {
    /// Its ETag; empty for a download.
    pub e_tag: String,
    /// Its checksum in base64; empty if it has none.
    pub checksum: String,
}

/// What kind of transfer a [`Checkpoint`] is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckpointKind {
    /// An upload.
    Upload,
    /// A download.
    Download,
    /// A copy.
    Copy,
}

impl CheckpointKind {
    fn name(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Download => "download",
            Self::Copy => "copy",
        }
    }
}

/// The members that are text, by their names.
macro_rules! strings {
    ($checkpoint:ident, $($borrow:tt)+) => {
        [
            ("bucket", $($borrow)+ $checkpoint.bucket),
            ("key", $($borrow)+ $checkpoint.key),
            ("upload_id", $($borrow)+ $checkpoint.upload_id),
            ("version_id", $($borrow)+ $checkpoint.version_id),
            ("e_tag", $($borrow)+ $checkpoint.e_tag),
            ("checksum", $($borrow)+ $checkpoint.checksum),
            ("source", $($borrow)+ $checkpoint.source),
            ("partial", $($borrow)+ $checkpoint.partial),
        ]
    };
}

impl Checkpoint {
    pub(crate) fn new(kind: CheckpointKind, bucket: &str, key: &str) -> Self {
        Self {
            kind,
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            upload_id: String::new(),
            version_id: String::new(),
            e_tag: String::new(),
            size: 0,
            part_size: 0,
            checksum: String::new(),
            source: String::new(),
            partial: String::new(),
            began: 0,
            parts: BTreeMap::new(),
        }
    }

    /// Bytes of the parts that have arrived.
    pub fn bytes(&self) -> u64 {
        let len = |number: u32| {
            let start = u64::from(number.saturating_sub(1)).saturating_mul(self.part_size);
            self.size.saturating_sub(start).min(self.part_size)
        };
        self.parts.keys().map(|number| len(*number)).sum()
    }

    /// The state of an earlier run instead of this new one, if there is one. `changed` makes the error of one whose source
    /// was another.
    pub(crate) fn or_earlier(self, earlier: Option<Self>, changed: impl FnOnce(&Self) -> Error) -> Result<Self> {
        let Some(earlier) = earlier else { return Ok(self) };
        earlier.check(self.kind, &self.bucket, &self.key)?;
        let source = |it: &Self| (it.size, it.e_tag.clone(), it.version_id.clone(), it.source.clone());
        if source(&earlier) == source(&self) { Ok(earlier) } else { Err(changed(&earlier)) }
    }

    /// Fails if this is not a checkpoint of such a transfer.
    pub(crate) fn check(&self, kind: CheckpointKind, bucket: &str, key: &str) -> Result<()> {
        let (is, wanted) = (self.kind.name(), kind.name());
        if (self.kind, self.bucket.as_str(), self.key.as_str()) == (kind, bucket, key) {
            return Ok(());
        }
        let (of_bucket, of_key) = (&self.bucket, &self.key);
        Err(Error::new(
            ErrorKind::Checkpoint,
            format!(
                "the checkpoint is of the {is} of s3://{of_bucket}/{of_key}, not of this {wanted}: use the one that belongs to it, or start again without"
            ),
        ))
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |(number, part): (&u32, &PartState)| (number.to_string(), json!([part.e_tag, part.checksum]));
        let mut value = json!({
            "aws-s3-transfer": VERSION,
            "kind": self.kind.name(),
            "size": self.size,
            "part_size": self.part_size,
            "began": self.began,
            "parts": self.parts.iter().map(part).collect::<Map<String, Value>>(),
        });
        for (name, text) in strings!(self, &) {
            value[name] = text.as_str().into();
        }
        write!(f, "{value:#}")
    }
}

impl FromStr for Checkpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let malformed = |what: String| {
            let why = format!("the checkpoint cannot be read: {what}; start the transfer again without it");
            Error::new(ErrorKind::Checkpoint, why)
        };
        let mut value: Value = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        match value.get("aws-s3-transfer").and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(other) => return Err(malformed(format!("it has version {other}, and this release reads {VERSION}"))),
            None => return Err(malformed("it has no `aws-s3-transfer`, the version".to_owned())),
        }
        let missing = |name: &str| malformed(format!("`{name}` is missing, or not of its type"));
        let parts = value.get_mut("parts").map(Value::take).unwrap_or_default();
        let parts: BTreeMap<u32, (String, String)> = serde_json::from_value(parts).map_err(|_| missing("parts"))?;
        let string = |name: &str| value.get(name).and_then(Value::as_str).ok_or_else(|| missing(name));
        let number = |name: &str| value.get(name).and_then(Value::as_u64).ok_or_else(|| missing(name));
        let kind = string("kind")?;
        let kinds = [CheckpointKind::Upload, CheckpointKind::Download, CheckpointKind::Copy];
        let kind = kinds.into_iter().find(|it| it.name() == kind).ok_or_else(|| missing("kind"))?;
        let mut checkpoint = Self::new(kind, "", "");
        for (name, text) in strings!(checkpoint, &mut) {
            string(name)?.clone_into(text);
        }
        let too_much = |name: &str| malformed(format!("`{name}` is more than S3 stores in an object"));
        let size_of =
            |name: &str| number(name).and_then(|it| if it > MAX_OBJECT { Err(too_much(name)) } else { Ok(it) });
        checkpoint.size = size_of("size")?;
        checkpoint.part_size = Some(size_of("part_size")?).filter(|it| *it > 0).ok_or_else(|| missing("part_size"))?;
        checkpoint.began = value.get("began").and_then(Value::as_i64).ok_or_else(|| missing("began"))?;
        for (number, (e_tag, checksum)) in parts {
            match u64::from(number) {
                0 => return Err(missing("parts")),
                1..=MAX_PARTS => drop(checkpoint.parts.insert(number, PartState { e_tag, checksum })),
                _ => return Err(too_much("parts")),
            }
        }
        Ok(checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Checkpoint {
        let part = |e_tag: &str, checksum: &str| PartState { e_tag: e_tag.into(), checksum: checksum.into() };
        Checkpoint {
            upload_id: "id".into(),
            size: 20,
            part_size: 8,
            source: "17.5".into(),
            parts: BTreeMap::from([(1, part("\"a\"", "AAA=")), (3, part("\"c\"", ""))]),
            ..Checkpoint::new(CheckpointKind::Upload, "b", "key\nwith \"all\" ü")
        }
    }

    #[test]
    fn the_text_has_all_of_it() {
        let checkpoint = sample();
        assert_eq!(checkpoint.to_string().parse::<Checkpoint>().unwrap(), checkpoint);
        assert_eq!(checkpoint.bytes(), 12);
        assert!(checkpoint.check(CheckpointKind::Upload, "b", &checkpoint.key).is_ok());
        let error = checkpoint.check(CheckpointKind::Download, "b", &checkpoint.key).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Checkpoint);
    }

    #[test]
    fn what_is_no_checkpoint_is_an_error() {
        let text = sample().to_string();
        for end in 0..text.len() {
            if let Some(cut) = text.get(..end) {
                let error = cut.parse::<Checkpoint>().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Checkpoint, "{cut}");
            }
        }
        // Nothing is computed with what S3 cannot have.
        let far = PartState { e_tag: String::new(), checksum: String::new() };
        for impossible in [
            Checkpoint { size: u64::MAX, ..sample() },
            Checkpoint { part_size: u64::MAX, ..sample() },
            Checkpoint { part_size: 0, ..sample() },
            Checkpoint { parts: BTreeMap::from([(10_001, far)]), ..sample() },
        ] {
            let error = impossible.to_string().parse::<Checkpoint>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Checkpoint, "{error}");
        }
        let other = text.replacen("\"aws-s3-transfer\": 1", "\"aws-s3-transfer\": 2", 1);
        let error = other.parse::<Checkpoint>().unwrap_err().to_string();
        assert!(error.contains("version 2") && error.contains("start the transfer again"), "{error}");
        for (from, to) in
            [("\"size\": 20", "\"size\": -1"), ("\"part_size\": 8", "\"part_size\": 0"), ("\"1\"", "\"x\"")]
        {
            assert!(text.contains(from) && text.replacen(from, to, 1).parse::<Checkpoint>().is_err(), "{from}");
        }
    }
}
