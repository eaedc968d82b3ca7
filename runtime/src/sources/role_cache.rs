//! Temporary credentials on disk, in the files of the AWS CLI. Knows their names and layout, not how credentials are made.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value, json};
use sha1::{Digest, Sha1};

use super::document::{self, Kind};
use super::store;
use crate::credentials::Credentials;
use crate::text::hex;
use crate::value::Timestamp;

/// What lives no longer than this is not taken from the cache.
const LEAST_LEFT: Duration = Duration::from_secs(15 * 60);

/// A folder where the credentials of roles are kept between runs of programs: one JSON file a role, as the AWS CLI keeps
/// them in `~/.aws/cli/cache`, which makes each find what the other fetched. Off unless a session is given one.
///
/// Files are named by the SHA-1 of what identifies the role, are readable by the user alone, and are replaced whole.
/// Credentials that expire within 15 minutes are fetched anew. A file that cannot be read or written is as none, with a
/// warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleCache {
    folder: PathBuf,
}

impl RoleCache {
    /// The cache in `folder`, which is made when it is needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// What is kept under `key` and lives on.
    pub(super) fn get(&self, key: &str, now: Timestamp) -> Option<Credentials> {
        let path = store::file(&self.folder, key);
        let entry = store::read(&path).unwrap_or_else(|problem| {
            tracing::warn!(problem, "the role cache cannot be read");
            None
        })?;
        let credentials = document::credentials(entry.get("Credentials")?, Kind::Cache).ok()?;
        let left = credentials.expiry()?.saturating_duration_since(now);
        (left >= LEAST_LEFT).then_some(credentials)
    }

    /// Keeps credentials under `key`, with `more` members beside them.
    pub(super) fn put(&self, key: &str, credentials: &Credentials, more: Map<String, Value>) {
        let Some(expiry) = credentials.expiry() else { return };
        let mut inner = json!({
            "AccessKeyId": credentials.access_key_id(),
            "SecretAccessKey": credentials.secret_access_key(),
            "SessionToken": credentials.session_token(),
            "Expiration": document::format(expiry).replace('Z', "UTC"),
        });
        if let (Some(account_id), Some(inner)) = (credentials.account_id(), inner.as_object_mut()) {
            inner.insert("AccountId".to_owned(), account_id.into());
        }
        let mut entry = more;
        entry.insert("Credentials".to_owned(), inner);
        let path = store::file(&self.folder, key);
        if let Err(problem) = store::write(&path, &Value::Object(entry)) {
            tracing::warn!(path = %path.display(), %problem, "the role cache cannot be written");
        }
    }
}

/// The key of a call's arguments: the SHA-1 of their JSON, written as Python writes it with sorted keys.
pub(super) fn key(arguments: &Value, separators: Separators) -> String {
    let mut text = String::new();
    write(arguments, separators, &mut text);
    hex::encode(Sha1::digest(text))
}

/// What stands between the parts of a JSON text: `, ` and `: `, or `,` and `:`.
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
            let mut members: Vec<_> = map.iter().collect();
            members.sort_by_key(|it| it.0);
            out.push('{');
            for (at, (name, value)) in members.into_iter().enumerate() {
                if at > 0 {
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
            for (at, value) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(comma);
                }
                write(value, separators, out);
            }
            out.push(']');
        }
        Value::String(text) => quote(text, out),
        other => out.push_str(&other.to_string()),
    }
}

/// A JSON string in ASCII alone.
fn quote(text: &str, out: &mut String) {
    use std::fmt::Write;
    let quoted = Value::from(text).to_string();
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
    fn keys_are_botocores() {
        let check = |arguments: Value, separators: Separators, text: &str| {
            let mut written = String::new();
            write(&arguments, separators, &mut written);
            assert_eq!(written, text);
            assert_eq!(key(&arguments, separators), hex::encode(Sha1::digest(text)));
        };
        // Written by Python: json.dumps(arguments, sort_keys=True).
        check(
            json!({"RoleArn": "arn:aws:iam::1:role/ü", "DurationSeconds": 900, "ExternalId": "a\"b"}),
            Separators::Spaced,
            r#"{"DurationSeconds": 900, "ExternalId": "a\"b", "RoleArn": "arn:aws:iam::1:role/\u00fc"}"#,
        );
        check(json!({"b": [1, "x"], "a": "😀"}), Separators::Bare, r#"{"a":"\ud83d\ude00","b":[1,"x"]}"#);
        assert_eq!(
            key(&json!({"RoleArn": "arn:aws:iam::123456789012:role/deploy"}), Separators::Spaced),
            "6a9d9ba39800a1773d9a3bd50c4a0db301ff5832"
        );
    }
}
