//! Keys in a profile. Does not follow references to other profiles.

use std::future::ready;

use super::{Credentials, LookUpCredentials, Lookup};
use crate::BoxFuture;
use crate::config::profile::{ProfileFile, Section};
use crate::{Error, ErrorKind, Result};

const ACCESS_KEY_ID: &str = "aws_access_key_id";
const SECRET_ACCESS_KEY: &str = "aws_secret_access_key";
/// In botocore's order (`SharedCredentialProvider.TOKENS`).
const TOKENS: [&str; 2] = ["aws_security_token", "aws_session_token"];
const ACCOUNT_ID: &str = "aws_account_id";

/// Credentials from `aws_access_key_id` and `aws_secret_access_key` of a profile; optionally `aws_session_token` (or
/// the older `aws_security_token`, which wins) and `aws_account_id`.
///
/// The keys and the token must be in the same file: those of two files do not belong together.
#[derive(Clone, Debug)]
pub struct ProfileCredentials {
    profile: String,
    /// The profile, or why it is missing.
    section: std::result::Result<Section, String>,
    /// The file that the keys must be in; `None` for either file.
    file: Option<ProfileFile>,
}

impl ProfileCredentials {
    /// The credentials of a profile, in either file.
    pub fn new(section: Section) -> Self {
        Self { profile: section.name().to_owned(), section: Ok(section), file: None }
    }

    /// Reads the keys in `file` only. By default in either file. botocore reads the credentials file before
    /// `login_session` and `credential_process`, and the config file after them.
    #[must_use]
    pub fn file(mut self, file: ProfileFile) -> Self {
        self.file = Some(file);
        self
    }

    /// A profile that is in no file. It is never configured; `reason` is what [`Lookup::NotConfigured`] says.
    pub fn missing(profile: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { profile: profile.into(), section: Err(reason.into()), file: None }
    }

    /// Looks up the credentials without waiting.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`] if one key of the pair is missing or is in the other file, or if a value cannot be
    /// sent.
    pub fn look_up_now(&self) -> Result<Lookup> {
        let profile = &self.profile;
        let section = match &self.section {
            Ok(section) => section,
            Err(reason) => return Ok(Lookup::NotConfigured(reason.clone())),
        };
        let incomplete = |present: &str, missing: &str| {
            let location = section.location_of(present).map(|it| format!(" ({it})")).unwrap_or_default();
            let message = format!(
                "profile {profile:?} has {present}{location} but no {missing} in the same file: both are needed"
            );
            Err(Error::new(ErrorKind::Credentials, message))
        };
        let file = |key| section.location_of(key).map(|it| it.file());
        // The file of a pair is that of its access key id, or of its secret access key if the id is missing.
        let first = section.get(ACCESS_KEY_ID).map_or(SECRET_ACCESS_KEY, |_| ACCESS_KEY_ID);
        if let (Some(wanted), Some(found)) = (self.file, file(first).filter(|_| section.get(first).is_some()))
            && wanted != found
        {
            let reason = format!("profile {profile:?} has its {first} in the other file");
            return Ok(Lookup::NotConfigured(reason));
        }
        let (key, secret) = match (section.get(ACCESS_KEY_ID), section.get(SECRET_ACCESS_KEY)) {
            (Some(key), Some(secret)) => (key, secret),
            (Some(_), None) => return incomplete(ACCESS_KEY_ID, SECRET_ACCESS_KEY),
            (None, Some(_)) => return incomplete(SECRET_ACCESS_KEY, ACCESS_KEY_ID),
            (None, None) => {
                let reason = format!("profile {profile:?} has no {ACCESS_KEY_ID}");
                return Ok(Lookup::NotConfigured(reason));
            }
        };
        if file(ACCESS_KEY_ID) != file(SECRET_ACCESS_KEY) {
            return incomplete(ACCESS_KEY_ID, SECRET_ACCESS_KEY);
        }
        let mut credentials = Credentials::new(key, secret).with_provider(self.name());
        let token = TOKENS.into_iter().filter(|&it| file(it) == file(ACCESS_KEY_ID)).find_map(|it| section.get(it));
        if let Some(token) = token {
            credentials = credentials.with_session_token(token);
        }
        if let Some(account_id) = section.get(ACCOUNT_ID) {
            credentials = credentials.with_account_id(account_id);
        }
        let location = section.location_of(ACCESS_KEY_ID).map(|it| format!(" ({it})")).unwrap_or_default();
        credentials.checked(|_| format!("of profile {profile:?}{location}")).map(Lookup::Found)
    }
}

impl LookUpCredentials for ProfileCredentials {
    fn name(&self) -> &'static str {
        match self.file {
            Some(ProfileFile::Config) => "config-file",
            _ => "shared-credentials-file",
        }
    }

    fn look_up(&self) -> BoxFuture<'_, Result<Lookup>> {
        Box::pin(ready(self.look_up_now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::profile::Profiles;

    fn look_up(config: &str, credentials: &str) -> Result<Lookup> {
        let config = format!("[default]\n{config}");
        let credentials = format!("[default]\n{credentials}");
        let profiles = Profiles::parse(Some(("/c", &config)), Some(("/k", &credentials)))?;
        ProfileCredentials::new(profiles.profile("default").expect("present").clone()).look_up_now()
    }

    const PAIR: &str = "aws_access_key_id=key\naws_secret_access_key=secret\n";

    #[test]
    fn credentials_are_read_from_either_file() {
        let check = |config: &str, credentials: &str, token: Option<&str>, account: Option<&str>| {
            let Ok(Lookup::Found(found)) = look_up(config, credentials) else { panic!("{config} {credentials}") };
            assert_eq!((found.access_key_id(), found.secret_access_key()), ("key", "secret"));
            assert_eq!((found.session_token(), found.account_id()), (token, account));
            assert_eq!(found.provider(), "shared-credentials-file");
        };
        check(PAIR, "", None, None);
        check("", PAIR, None, None);
        check("aws_access_key_id=old\naws_secret_access_key=old", PAIR, None, None);
        check("", &format!("{PAIR}aws_session_token=t\naws_account_id=1"), Some("t"), Some("1"));
        check("", &format!("{PAIR}aws_session_token=t\naws_security_token=u"), Some("u"), None);
        // A token in the other file belongs to other keys; an account id may be in either file.
        check("aws_session_token=t\naws_account_id=1", PAIR, None, Some("1"));
    }

    #[test]
    fn the_provider_name_is_that_of_the_file() {
        let check = |config: &str, credentials: &str, expect: Option<&str>| {
            let (config, credentials) = (format!("[default]\n{config}"), format!("[default]\n{credentials}"));
            let profiles = Profiles::parse(Some(("/c", &config)), Some(("/k", &credentials))).expect("well-formed");
            let section = profiles.profile("default").expect("present");
            let found = [ProfileFile::Credentials, ProfileFile::Config].map(|file| {
                let provider = ProfileCredentials::new(section.clone()).file(file);
                match provider.look_up_now() {
                    Ok(Lookup::Found(found)) => Some(found.provider().to_owned()),
                    _ => None,
                }
            });
            assert_eq!(found.into_iter().flatten().next().as_deref(), expect);
        };
        check(PAIR, "", Some("config-file"));
        check("", PAIR, Some("shared-credentials-file"));
        check(PAIR, PAIR, Some("shared-credentials-file"));
        check("", "", None);
    }

    #[test]
    fn missing_keys_are_not_configured_and_incomplete_pairs_are_errors() {
        assert!(matches!(look_up("region=r", ""), Ok(Lookup::NotConfigured(_))));
        assert!(matches!(ProfileCredentials::missing("x", "no file").look_up_now(), Ok(Lookup::NotConfigured(_))));
        let check = |config: &str, credentials: &str, expect: &str| {
            let error = look_up(config, credentials).expect_err("malformed");
            assert_eq!(error.kind(), ErrorKind::Credentials);
            assert!(error.to_string().starts_with(expect), "{error}");
        };
        let key = r#"profile "default" has aws_access_key_id (/k, line 2) but no aws_secret_access_key"#;
        check("", "aws_access_key_id=key", key);
        check("", "aws_access_key_id=key\naws_secret_access_key=", key);
        check("aws_secret_access_key=s", "aws_access_key_id=key", key);
        check(
            "aws_secret_access_key=s",
            "",
            r#"profile "default" has aws_secret_access_key (/c, line 2) but no aws_access_key_id"#,
        );
        check(
            "",
            "aws_access_key_id=key\naws_secret_access_key=a b",
            r#"the secret access key of profile "default" (/k, line 2) has white"#,
        );
    }
}
