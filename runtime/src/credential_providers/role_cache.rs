//! A cache on disk for temporary credentials, in the format of the AWS CLI. Knows the names and layout of its files,
//! but no provider.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value, json};
use sha1::{Digest, Sha1};

use super::credentials_json::{self, Kind};
use super::json_file;
use crate::credentials::Credentials;
use crate::encoding::hex;
use crate::ordered::sorted;
use crate::types::Timestamp;

/// Credentials with less time left than this are fetched instead of read from the cache. botocore's
/// `CachedCredentialFetcher.DEFAULT_EXPIRY_WINDOW_SECONDS` (`credentials.py`).
const EXPIRY_WINDOW: Duration = Duration::from_secs(15 * 60);

/// A folder that stores the credentials of roles between runs of programs, in one JSON file per role. The AWS CLI
/// stores them in the same format in `~/.aws/cli/cache`, so that each can use what the other fetched. A session uses no
/// cache unless one is set.
///
/// Files are named after the SHA-1 of what identifies the role, are readable by the user only, and are replaced
/// atomically. Credentials that expire within 15 minutes are fetched again. A file that cannot be read or written is
/// ignored, with a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleCache {
    folder: PathBuf,
}

impl RoleCache {
    /// A cache in `folder`, which is created when it is needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The credentials stored under `key`, unless they expire soon.
    pub(super) async fn get(&self, key: &str, now: Timestamp) -> Option<Credentials> {
        let path = json_file::path(&self.folder, key);
        let entry = json_file::read(&path).await.unwrap_or_else(|problem| {
            tracing::warn!(problem, "the role cache cannot be read");
            None
        })?;
        let credentials = credentials_json::credentials(entry.get("Credentials")?, Kind::CredentialsCache).ok()?;
        let left = credentials.expiry()?.saturating_duration_since(now);
        (left >= EXPIRY_WINDOW).then_some(credentials)
    }

    /// Stores credentials under `key`, with `other_members` of the file beside them.
    pub(super) async fn put(&self, key: &str, credentials: &Credentials, other_members: Map<String, Value>) {
        let Some(expiry) = credentials.expiry() else { return };
        let mut object = json!({
            "AccessKeyId": credentials.access_key_id(),
            "SecretAccessKey": credentials.secret_access_key(),
            "SessionToken": credentials.session_token(),
            "Expiration": credentials_json::format(expiry).replace('Z', "UTC"),
        });
        if let (Some(account_id), Some(members)) = (credentials.account_id(), object.as_object_mut()) {
            members.insert("AccountId".to_owned(), account_id.into());
        }
        let mut entry = other_members;
        entry.insert("Credentials".to_owned(), object);
        let path = json_file::path(&self.folder, key);
        if let Err(problem) = json_file::write(&path, &Value::Object(entry)).await {
            tracing::warn!(path = %path.display(), %problem, "the role cache cannot be written");
        }
    }
}

/// The key for the arguments of an operation: the SHA-1 of their JSON, as Python's `json.dumps(…, sort_keys=True)`
/// writes it.
pub(super) fn hash(arguments: &Value, separators: Separators) -> String {
    let mut json = String::new();
    write(arguments, separators, &mut json);
    hex::encode(Sha1::digest(json))
}

/// The separators between the parts of JSON: `, ` and `: `, or `,` and `:`.
#[derive(Clone, Copy)]
pub(super) enum Separators {
    Spaced,
    Bare,
}

fn write(value: &Value, separators: Separators, out: &mut String) {
    let (comma, colon) = match separators {
        Separators::Spaced => (", ", ": "),
        Separators::Bare => (",", ":"),
    };
    match value {
        Value::Object(map) => {
            let members = sorted(map.iter().collect(), |one: &(&String, _), other| one.0.cmp(other.0));
            out.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push_str(comma);
                }
                quote(name, out);
                out.push_str(colon);
                write(value, separators, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, value) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(comma);
                }
                write(value, separators, out);
            }
            out.push(']');
        }
        Value::String(string) => quote(string, out),
        other => out.push_str(&other.to_string()),
    }
}

/// A JSON string in ASCII, with all other characters escaped.
fn quote(string: &str, out: &mut String) {
    use std::fmt::Write;
    let quoted = Value::from(string).to_string();
    for char in quoted.chars() {
        if char.is_ascii() {
            out.push(char);
        } else {
            for unit in char.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_equal_those_of_botocore() {
        let check = |arguments: Value, separators: Separators, json: &str| {
            let mut written = String::new();
            write(&arguments, separators, &mut written);
            assert_eq!(written, json);
            assert_eq!(hash(&arguments, separators), hex::encode(Sha1::digest(json)));
        };
        // Expected values from Python: json.dumps(arguments, sort_keys=True).
        check(
            json!({"RoleArn": "arn:aws:iam::1:role/ü", "DurationSeconds": 900, "ExternalId": "a\"b"}),
            Separators::Spaced,
            r#"{"DurationSeconds": 900, "ExternalId": "a\"b", "RoleArn": "arn:aws:iam::1:role/\u00fc"}"#,
        );
        check(json!({"b": [1, "x"], "a": "😀"}), Separators::Bare, r#"{"a":"\ud83d\ude00","b":[1,"x"]}"#);
        assert_eq!(
            hash(&json!({"RoleArn": "arn:aws:iam::123456789012:role/deploy"}), Separators::Spaced),
            "6a9d9ba39800a1773d9a3bd50c4a0db301ff5832"
        );
    }
}
