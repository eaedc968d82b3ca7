//! One set of credentials. Knows no provider.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::types::Timestamp;
use crate::{Error, ErrorKind, Result};

/// An access key id and its secret access key, with an optional session token, expiry and account id. Cheap to clone;
/// `Debug` hides the secret parts.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(Arc<Parts>);

#[derive(Clone, PartialEq, Eq)]
struct Parts {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    expiry: Option<Timestamp>,
    account_id: Option<String>,
    provider: Cow<'static, str>,
}

impl Credentials {
    /// Explicit credentials that never expire.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self(Arc::new(Parts {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            session_token: None,
            expiry: None,
            account_id: None,
            provider: Cow::Borrowed("explicit"),
        }))
    }

    /// Sets the session token, which temporary credentials have.
    #[must_use]
    pub fn with_session_token(self, token: impl Into<String>) -> Self {
        self.with(|it| it.session_token = Some(token.into()))
    }

    /// Sets the time at which the credentials expire.
    #[must_use]
    pub fn with_expiry(self, expiry: Timestamp) -> Self {
        self.with(|it| it.expiry = Some(expiry))
    }

    /// Sets the id of the account that the credentials belong to.
    #[must_use]
    pub fn with_account_id(self, account_id: impl Into<String>) -> Self {
        self.with(|it| it.account_id = Some(account_id.into()))
    }

    /// Sets the name of the provider they come from, as botocore names it: `env`, `assume-role`.
    #[must_use]
    pub fn with_provider(self, provider: impl Into<Cow<'static, str>>) -> Self {
        self.with(|it| it.provider = provider.into())
    }

    /// The access key id.
    pub fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    /// The secret access key.
    pub fn secret_access_key(&self) -> &str {
        &self.0.secret_access_key
    }

    /// The session token, if the credentials are temporary.
    pub fn session_token(&self) -> Option<&str> {
        self.0.session_token.as_deref()
    }

    /// The time at which the credentials expire; `None` if they never do.
    pub fn expiry(&self) -> Option<Timestamp> {
        self.0.expiry
    }

    /// The id of the account that the credentials belong to, if the provider reports it.
    pub fn account_id(&self) -> Option<&str> {
        self.0.account_id.as_deref()
    }

    /// The name of the provider they come from; `explicit` if they were set in code.
    pub fn provider(&self) -> &str {
        &self.0.provider
    }

    /// Whether both are clones of the same credentials: a cheap test for caches of derived values, such as signing
    /// keys.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Rejects credentials that no service can accept: an empty key, or one with white space or other characters that
    /// cannot be sent (such as a line break left over from a file). `origin` says in the message where a part was set.
    pub(crate) fn checked(self, origin: impl Fn(&'static str) -> String) -> Result<Self> {
        let parts = [
            ("access key id", Some(self.access_key_id())),
            ("secret access key", Some(self.secret_access_key())),
            ("session token", self.session_token()),
        ];
        for (part, value) in parts {
            let Some(value) = value else { continue };
            let problem = if value.is_empty() {
                "is empty"
            } else if !value.bytes().all(|it| it.is_ascii_graphic()) {
                "has white space or characters beyond ASCII"
            } else {
                continue;
            };
            let message = format!("the {part} {} {problem}", origin(part));
            return Err(Error::new(ErrorKind::Credentials, message));
        }
        Ok(self)
    }

    fn with(mut self, change: impl FnOnce(&mut Parts)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.0.access_key_id)
            .field("secret_access_key", &"***")
            .field("session_token", &self.0.session_token.as_ref().map(|_| "***"))
            .field("expiry", &self.0.expiry)
            .field("account_id", &self.0.account_id)
            .field("provider", &self.0.provider)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_secrets() {
        let credentials = Credentials::new("AKIA", "hidden1").with_session_token("hidden2");
        let text = format!("{credentials:?}");
        assert!(text.contains("AKIA") && !text.contains("hidden"), "{text}");
    }

    #[test]
    fn keys_that_cannot_be_sent_are_rejected() {
        let check = |key: &str, secret: &str, token: &str, expect: Option<&str>| {
            let credentials = Credentials::new(key, secret).with_session_token(token);
            let error = credentials.checked(|_| "here".to_owned()).err().map(|it| it.to_string());
            assert_eq!(error.as_deref(), expect);
        };
        check("a", "b/+=", "c", None);
        check("", "b", "c", Some("the access key id here is empty"));
        check("a", "b\n", "c", Some("the secret access key here has white space or characters beyond ASCII"));
        check("a", "b", "ü", Some("the session token here has white space or characters beyond ASCII"));
    }
}
