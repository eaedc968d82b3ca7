//! Bearer tokens, which some services accept instead of a signature. Knows the environment variables, not the services
//! that issue tokens.

use std::borrow::Cow;
use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use super::FETCH_TIMEOUT;
use crate::BoxFuture;
use crate::config::Environment;
use crate::types::Timestamp;
use crate::{Error, ErrorKind, Result};

/// A bearer token. Cheap to clone; `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    value: Arc<str>,
    expiry: Option<Timestamp>,
    provider: Cow<'static, str>,
}

impl Token {
    /// An explicit token that never expires.
    pub fn new(token: impl Into<Arc<str>>) -> Self {
        Self { value: token.into(), expiry: None, provider: Cow::Borrowed("explicit") }
    }

    /// Sets the time at which the token expires.
    #[must_use]
    pub fn with_expiry(mut self, expiry: Timestamp) -> Self {
        self.expiry = Some(expiry);
        self
    }

    /// Sets the name of the provider the token comes from, as botocore names it: `env`, `sso`.
    #[must_use]
    pub fn with_provider(mut self, provider: impl Into<Cow<'static, str>>) -> Self {
        self.provider = provider.into();
        self
    }

    /// The token as a string.
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// The time at which the token expires; `None` if it never does.
    pub fn expiry(&self) -> Option<Timestamp> {
        self.expiry
    }

    /// The name of the provider the token comes from; `explicit` if it was set in code.
    pub fn provider(&self) -> &str {
        &self.provider
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expiry, provider, .. } = self;
        f.debug_struct("Token").field("value", &"***").field("expiry", expiry).field("provider", provider).finish()
    }
}

/// Provides the token that requests send in the header `Authorization: Bearer`.
pub trait ProvideToken: Send + Sync + fmt::Debug {
    /// Returns a valid token, fetching it if necessary.
    fn provide(&self) -> BoxFuture<'_, Result<Token>>;

    /// The token that [`provide`](Self::provide) would return, if it is in memory and still valid. Lets a call skip
    /// waiting. By default `None`.
    fn cached(&self) -> Option<Token> {
        None
    }

    /// The name of the provider in messages, as botocore names it: `env`, `assume-role`. By default the name of its type.
    fn provider_name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    /// The most time that a fetch may take; a cache in front of the provider then ends it with an error. By default a
    /// minute. A provider that asks the user for something needs more. `None` means no limit, for a provider that limits
    /// each of its steps by itself.
    fn fetch_timeout(&self) -> Option<Duration> {
        Some(FETCH_TIMEOUT)
    }
}

impl<P: ProvideToken + ?Sized> ProvideToken for Arc<P> {
    fn provide(&self) -> BoxFuture<'_, Result<Token>> {
        (**self).provide()
    }

    fn cached(&self) -> Option<Token> {
        (**self).cached()
    }

    fn provider_name(&self) -> &'static str {
        (**self).provider_name()
    }

    fn fetch_timeout(&self) -> Option<Duration> {
        (**self).fetch_timeout()
    }
}

impl ProvideToken for Token {
    fn provide(&self) -> BoxFuture<'_, Result<Token>> {
        Box::pin(ready(Ok(self.clone())))
    }

    fn cached(&self) -> Option<Token> {
        Some(self.clone())
    }
}

/// The token of one service in an environment variable. Its name is `AWS_BEARER_TOKEN_` and the service's signing name
/// in capitals, with underscores for spaces and hyphens (`AWS_BEARER_TOKEN_BEDROCK`).
#[derive(Clone, Debug)]
pub struct EnvironmentTokenProvider {
    environment: Environment,
    variable: String,
}

impl EnvironmentTokenProvider {
    /// The token of the service with this signing name. The variable is read at each look-up.
    pub fn new(environment: Environment, signing_name: &str) -> Self {
        let name = signing_name.replace([' ', '-'], "_").to_ascii_uppercase();
        Self { environment, variable: format!("AWS_BEARER_TOKEN_{name}") }
    }

    /// The name of the variable.
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// Looks up the token without waiting; `None` if the variable is unset or empty.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`] if the value cannot be sent in a header.
    pub fn look_up_now(&self) -> Result<Option<Token>> {
        let Some(value) = self.environment.get(&self.variable) else { return Ok(None) };
        if !value.bytes().all(|it| it.is_ascii_graphic()) {
            let message = format!("the token in {} has white space or characters beyond ASCII", self.variable);
            return Err(Error::new(ErrorKind::Credentials, message));
        }
        Ok(Some(Token::new(value).with_provider("env")))
    }
}

impl ProvideToken for EnvironmentTokenProvider {
    fn provide(&self) -> BoxFuture<'_, Result<Token>> {
        let found = self.look_up_now().and_then(|it| {
            it.ok_or_else(|| Error::new(ErrorKind::Credentials, format!("{} is not set", self.variable)))
        });
        Box::pin(ready(found))
    }

    fn cached(&self) -> Option<Token> {
        self.look_up_now().ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tokens_are_read_from_the_services_variable() {
        let check = async |name: &str, expect: Result<&str, &str>| {
            let pairs = [("AWS_BEARER_TOKEN_BEDROCK", "tok"), ("AWS_BEARER_TOKEN_TWO_WORDS", "a b"), ("X", "y")];
            let provider = EnvironmentTokenProvider::new(Environment::from_iter(pairs), name);
            match (provider.provide().await, expect) {
                (Ok(found), Ok(expect)) => {
                    assert_eq!((found.as_str(), found.provider(), found.expiry()), (expect, "env", None));
                    assert_eq!(provider.cached(), Some(found));
                }
                (Err(found), Err(expect)) => assert!(found.to_string().contains(expect), "{found}"),
                (found, _) => panic!("{name}: {found:?}"),
            }
        };
        check("bedrock", Ok("tok")).await;
        check("s3", Err("AWS_BEARER_TOKEN_S3 is not set")).await;
        check("two-words", Err("the token in AWS_BEARER_TOKEN_TWO_WORDS has white space")).await;
    }

    #[test]
    fn debug_hides_the_token() {
        assert!(!format!("{:?}", Token::new("hidden")).contains("hidden"));
    }
}
