//! The JSON object in which processes, metadata servers and caches write credentials. Knows the names of its members,
//! not where it comes from.

use serde_json::Value;

use crate::credentials::Credentials;
use crate::types::{Format, Timestamp};

/// Which members the object must have.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// The response of a metadata server: token and expiry are required, and the token is called `Token`.
    Metadata,
    /// The output of a process: token and expiry are optional.
    Process,
    /// An entry of the role cache: token and expiry are required.
    CredentialsCache,
}

/// Reads the credentials in a JSON object. The error names members, and never quotes values.
pub(super) fn credentials(object: &Value, kind: Kind) -> Result<Credentials, String> {
    let token_name = if kind == Kind::Metadata { "Token" } else { "SessionToken" };
    let is_temporary = kind != Kind::Process;
    let mut missing = Vec::new();
    let mut member = |name: &'static str, is_required: bool| {
        let value = string(object, name);
        if value.is_none() && is_required {
            missing.push(name);
        }
        value
    };
    let key = member("AccessKeyId", true);
    let secret = member("SecretAccessKey", true);
    let token = member(token_name, is_temporary);
    let expiry = member("Expiration", is_temporary);
    let (Some(key), Some(secret)) = (key, secret) else { return Err(format!("has no {}", missing.join(" and no "))) };
    if !missing.is_empty() {
        return Err(format!("has no {}", missing.join(" and no ")));
    }
    let mut credentials = Credentials::new(key, secret);
    if let Some(token) = token {
        credentials = credentials.with_session_token(token);
    }
    if let Some(expiry) = expiry {
        let expiry = timestamp(expiry).ok_or_else(|| "has an Expiration that is not a timestamp".to_owned())?;
        credentials = credentials.with_expiry(expiry);
    }
    if let Some(account_id) = string(object, "AccountId") {
        credentials = credentials.with_account_id(account_id);
    }
    Ok(credentials)
}

/// A member that is a string and not empty.
pub(super) fn string<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str().filter(|it| !it.is_empty())
}

/// A time as AWS and its tools write it: RFC 3339, or with `UTC` in place of the offset, as botocore's role cache does.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    match text.strip_suffix("UTC") {
        Some(bare) => Timestamp::parse(&format!("{}Z", bare.trim_end()), Format::DateTime).ok(),
        None => Timestamp::parse(text, Format::DateTime).ok(),
    }
}

/// A time in whole seconds: `2026-11-22T18:00:00Z`.
pub(super) fn format(time: Timestamp) -> String {
    Timestamp::from_secs(time.as_secs()).format(Format::DateTime).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_malformed_members_are_named() {
        let check = |text: &str, kind: Kind, expect: Result<&str, &str>| {
            let found = credentials(&serde_json::from_str(text).expect("JSON"), kind);
            let found =
                found.map(|it| format!("{} {:?} {:?}", it.access_key_id(), it.session_token(), it.account_id()));
            assert_eq!(found.as_deref().map_err(|it| it.as_str()), expect, "{text}");
        };
        let pair = r#""AccessKeyId":"k","SecretAccessKey":"s""#;
        check(&format!("{{{pair}}}"), Kind::Process, Ok("k None None"));
        check(
            &format!(r#"{{{pair},"AccountId":"1","SessionToken":"t"}}"#),
            Kind::Process,
            Ok(r#"k Some("t") Some("1")"#),
        );
        check(&format!(r#"{{{pair}}}"#), Kind::Metadata, Err("has no Token and no Expiration"));
        check(
            &format!(r#"{{{pair},"Token":"t","Expiration":"2030-01-01T00:00:00Z"}}"#),
            Kind::Metadata,
            Ok(r#"k Some("t") None"#),
        );
        check(
            &format!(r#"{{{pair},"SessionToken":"t","Expiration":"soon"}}"#),
            Kind::CredentialsCache,
            Err("has an Expiration that is not a timestamp"),
        );
        check(r#"{"AccessKeyId":""}"#, Kind::Process, Err("has no AccessKeyId and no SecretAccessKey"));
        check(r#"{"AccessKeyId":7,"SecretAccessKey":"s"}"#, Kind::Process, Err("has no AccessKeyId"));
        check("[]", Kind::Process, Err("has no AccessKeyId and no SecretAccessKey"));
    }

    #[test]
    fn timestamps_are_rfc_3339_or_end_in_utc() {
        let check = |text: &str, expect: Option<i64>| {
            assert_eq!(timestamp(text).map(Timestamp::as_secs), expect, "{text}");
        };
        check("1970-01-01T00:01:00Z", Some(60));
        check("1970-01-01T00:01:00UTC", Some(60));
        check("1970-01-01T01:01:00+01:00", Some(60));
        check("1970-01-01T00:01:00.5Z", Some(60));
        check("later", None);
        assert_eq!(format(Timestamp::from_millis(60_500)), "1970-01-01T00:01:00Z");
    }
}
