//! Sources of credentials a profile can ask for and this crate cannot serve yet: asking is an error, not a step to another identity.

use std::future::ready;

use crate::config::profile::Section;
use crate::credentials::{BoxFuture, CredentialSource, Lookup};
use crate::{Error, ErrorKind, Result};

/// Stands in the chain for a source that is configured and missing.
#[derive(Debug)]
pub(super) struct Unavailable(String);

impl Unavailable {
    /// Keys that configure sources botocore asks before the keys of a profile.
    pub(super) const BEFORE_KEYS: &[&str] = &["role_arn", "sso_session", "sso_start_url"];
    /// Keys that configure sources botocore asks after them.
    pub(super) const AFTER_KEYS: &[&str] = &["login_session", "credential_process"];

    /// The stand-in for the source the first of `keys` in `section` configures.
    pub(super) fn find(section: &Section, keys: &[&str]) -> Option<Self> {
        let key = keys.iter().find(|&&key| section.get(key).is_some())?;
        let line = section.place_of(key).map(|it| format!(" ({it})")).unwrap_or_default();
        let profile = section.name();
        Some(Self(format!("profile {profile:?} gets its credentials by {key}{line}, which is not supported yet")))
    }
}

impl CredentialSource for Unavailable {
    fn name(&self) -> &'static str {
        "unavailable"
    }

    fn look_up(&self) -> BoxFuture<'_, Result<Lookup>> {
        Box::pin(ready(Err(Error::new(ErrorKind::Credentials, self.0.clone()))))
    }
}
