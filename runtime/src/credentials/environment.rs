//! Credentials in environment variables. Knows no other origin of credentials.

use std::future::ready;

use super::{Credentials, LookUpCredentials, Lookup, ProvideCredentials};
use crate::BoxFuture;
use crate::config::Environment;
use crate::types::{Format, Timestamp};
use crate::{Error, ErrorKind, Result};

const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
/// In botocore's order (`EnvProvider.TOKENS`), which reads the older name first.
const TOKENS: [&str; 2] = ["AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"];
const EXPIRATION: &str = "AWS_CREDENTIAL_EXPIRATION";
const ACCOUNT_ID: &str = "AWS_ACCOUNT_ID";

/// Credentials from the variables `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`; optionally `AWS_SESSION_TOKEN` (or
/// the older `AWS_SECURITY_TOKEN`, which wins), `AWS_CREDENTIAL_EXPIRATION` (RFC 3339) and `AWS_ACCOUNT_ID`. White space
/// around a value is removed; empty variables count as unset.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentCredentials {
    environment: Environment,
}

impl EnvironmentCredentials {
    /// Reads the variables of `environment` at each look-up.
    pub fn new(environment: Environment) -> Self {
        Self { environment }
    }

    /// Looks up the credentials without waiting.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`] if one variable of the pair is missing, if a value cannot be sent, or if the
    /// expiration is not a timestamp.
    pub fn look_up_now(&self) -> Result<Lookup> {
        // White space that a shell or a file left around a value is no part of it.
        let get = |name| self.environment.get(name).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        let incomplete = |set, unset| {
            let message = format!("{set} is set in the environment but {unset} is not: both are needed");
            Err(Error::new(ErrorKind::Credentials, message))
        };
        let (key, secret) = match (get(ACCESS_KEY_ID), get(SECRET_ACCESS_KEY)) {
            (Some(key), Some(secret)) => (key, secret),
            (Some(_), None) => return incomplete(ACCESS_KEY_ID, SECRET_ACCESS_KEY),
            (None, Some(_)) => return incomplete(SECRET_ACCESS_KEY, ACCESS_KEY_ID),
            (None, None) => {
                return Ok(Lookup::NotConfigured(format!("{ACCESS_KEY_ID} is not set")));
            }
        };
        let mut credentials = Credentials::new(key, secret).with_provider(NAME);
        if let Some(token) = TOKENS.into_iter().find_map(get) {
            credentials = credentials.with_session_token(token);
        }
        if let Some(account_id) = get(ACCOUNT_ID) {
            credentials = credentials.with_account_id(account_id);
        }
        if let Some(expiration) = get(EXPIRATION) {
            let expiry = Timestamp::parse(&expiration, Format::DateTime)
                .map_err(|problem| Error::new(ErrorKind::Credentials, format!("{EXPIRATION}: {problem}")))?;
            credentials = credentials.with_expiry(expiry);
        }
        credentials.checked(|_| "in the environment".to_owned()).map(Lookup::Found)
    }
}

const NAME: &str = "env";

impl LookUpCredentials for EnvironmentCredentials {
    fn name(&self) -> &'static str {
        NAME
    }

    fn look_up(&self) -> BoxFuture<'_, Result<Lookup>> {
        Box::pin(ready(self.look_up_now()))
    }
}

impl ProvideCredentials for EnvironmentCredentials {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        let found = self.look_up_now().and_then(|it| match it {
            Lookup::Found(credentials) => Ok(credentials),
            Lookup::NotConfigured(reason) => {
                let message = format!("no credentials in the environment: {reason}");
                Err(Error::new(ErrorKind::Credentials, message))
            }
        });
        Box::pin(ready(found))
    }

    fn provider_name(&self) -> &'static str {
        NAME
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look_up(pairs: &[(&str, &str)]) -> Result<Lookup> {
        EnvironmentCredentials::new(Environment::from_iter(pairs.iter().copied())).look_up_now()
    }

    const PAIR: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "key"), ("AWS_SECRET_ACCESS_KEY", "secret")];

    #[test]
    fn credentials_are_read_from_variables() {
        let check = |more: &[(&str, &str)], token: Option<&str>, account: Option<&str>, expiry: Option<i64>| {
            let Ok(Lookup::Found(found)) = look_up(&[&PAIR, more].concat()) else { panic!("{more:?}") };
            assert_eq!((found.access_key_id(), found.secret_access_key()), ("key", "secret"));
            assert_eq!((found.session_token(), found.account_id()), (token, account), "{more:?}");
            assert_eq!(found.expiry().map(Timestamp::as_secs), expiry, "{more:?}");
            assert_eq!(found.provider(), "env");
        };
        check(&[], None, None, None);
        check(&[("AWS_SESSION_TOKEN", "t")], Some("t"), None, None);
        check(&[("AWS_SESSION_TOKEN", "t"), ("AWS_SECURITY_TOKEN", "u")], Some("u"), None, None);
        check(&[("AWS_SESSION_TOKEN", "t"), ("AWS_SECURITY_TOKEN", "")], Some("t"), None, None);
        check(&[("AWS_ACCOUNT_ID", "1"), ("AWS_SESSION_TOKEN", "")], None, Some("1"), None);
        check(&[("AWS_CREDENTIAL_EXPIRATION", "1970-01-01T00:01:00Z")], None, None, Some(60));
        check(&[("AWS_CREDENTIAL_EXPIRATION", " 1970-01-01T00:01:00Z\n")], None, None, Some(60));
        // White space around each of them is no part of it.
        let padded = [("AWS_ACCESS_KEY_ID", " key "), ("AWS_SECRET_ACCESS_KEY", "\tsecret\r\n")];
        check(&padded, None, None, None);
        check(&[("AWS_SESSION_TOKEN", " t\n"), ("AWS_SECURITY_TOKEN", " ")], Some("t"), None, None);
        check(&[("AWS_ACCOUNT_ID", " 1 ")], None, Some("1"), None);
    }

    #[test]
    fn missing_variables_are_not_configured_and_malformed_ones_are_errors() {
        for pairs in [&[][..], &[("AWS_ACCESS_KEY_ID", "")], &[("AWS_SESSION_TOKEN", "t")]] {
            assert!(matches!(look_up(pairs), Ok(Lookup::NotConfigured(_))), "{pairs:?}");
        }
        let check = |pairs: &[(&str, &str)], expect: &str| {
            let error = look_up(pairs).expect_err("malformed");
            assert_eq!(error.kind(), ErrorKind::Credentials);
            assert!(error.to_string().contains(expect), "{error}");
        };
        check(&PAIR[..1], "AWS_ACCESS_KEY_ID is set in the environment but AWS_SECRET_ACCESS_KEY is not");
        check(&PAIR[1..], "AWS_SECRET_ACCESS_KEY is set in the environment but AWS_ACCESS_KEY_ID is not");
        check(&[PAIR[0], PAIR[1], ("AWS_CREDENTIAL_EXPIRATION", "soon")], "AWS_CREDENTIAL_EXPIRATION: ");
        check(&[PAIR[0], ("AWS_SECRET_ACCESS_KEY", "se cret")], "in the environment has white space");
    }
}
