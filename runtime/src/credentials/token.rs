//! Bearer tokens: what some services take instead of a signature. Knows the variables, not the services that make tokens.

use std::borrow::Cow;
use std::fmt;
use std::future::ready;
use std::sync::Arc;

use super::BoxFuture;
use crate::config::Environment;
use crate::value::Timestamp;
use crate::{Error, ErrorKind, Result};

/// A bearer token. Cheap to clone; `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    text: Arc<str>,
    expiry: Option<Timestamp>,
    provider: Cow<'static, str>,
}

impl Token {
    /// A token that never expires, given in code.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), expiry: None, provider: Cow::Borrowed("explicit") }
    }

    /// The same token with the time at which it stops working.
    #[must_use]
    pub fn with_expiry(mut self, expiry: Timestamp) -> Self {
        self.expiry = Some(expiry);
        self
    }

    /// The same token with the name of its source, in botocore's words: `env`, `sso`.
    #[must_use]
    pub fn with_provider(mut self, provider: impl Into<Cow<'static, str>>) -> Self {
        self.provider = provider.into();
        self
    }

    /// The token.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// When it stops working; `None` is never.
    pub fn expiry(&self) -> Option<Timestamp> {
        self.expiry
    }

    /// The name of its source; `explicit` if it was given in code.
    pub fn provider(&self) -> &str {
        &self.provider
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expiry, provider, .. } = self;
        f.debug_struct("Token").field("text", &"***").field("expiry", expiry).field("provider", provider).finish()
    }
}

/// Gives the token that a request carries in `Authorization: Bearer`.
pub trait ProvideToken: Send + Sync + fmt::Debug {
    /// A token that is good now.
    fn provide(&self) -> BoxFuture<'_, Result<Token>>;

    /// What [`provide`](Self::provide) would give, if that takes no waiting.
    fn cached(&self) -> Option<Token> {
        None
    }
}

impl<P: ProvideToken + ?Sized> ProvideToken for Arc<P> {
    fn provide(&self) -> BoxFuture<'_, Result<Token>> {
        (**self).provide()
    }

    fn cached(&self) -> Option<Token> {
        (**self).cached()
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

/// The token of one service in a variable: `AWS_BEARER_TOKEN_` and the service's signing name in capitals, with
/// underscores for spaces and hyphens (`AWS_BEARER_TOKEN_BEDROCK`).
#[derive(Clone, Debug)]
pub struct EnvironmentToken {
    environment: Environment,
    variable: String,
}

impl EnvironmentToken {
    /// The token of the service with this signing name.
    pub fn new(environment: Environment, signing_name: &str) -> Self {
        let name = signing_name.replace([' ', '-'], "_").to_ascii_uppercase();
        Self { environment, variable: format!("AWS_BEARER_TOKEN_{name}") }
    }

    /// The name of the variable.
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// Looks at once; `None` if the variable is unset or empty.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`] if the value cannot stand in a header.
    pub fn look_up_now(&self) -> Result<Option<Token>> {
        let Some(text) = self.environment.get(&self.variable) else { return Ok(None) };
        if !text.bytes().all(|it| it.is_ascii_graphic()) {
            let message = format!("the token in {} has white space or characters beyond ASCII", self.variable);
            return Err(Error::new(ErrorKind::Credentials, message));
        }
        Ok(Some(Token::new(text).with_provider("env")))
    }
}

impl ProvideToken for EnvironmentToken {
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
    async fn tokens_of_variables() {
        let check = async |name: &str, expect: Result<&str, &str>| {
            let pairs = [("AWS_BEARER_TOKEN_BEDROCK", "tok"), ("AWS_BEARER_TOKEN_TWO_WORDS", "a b"), ("X", "y")];
            let source = EnvironmentToken::new(Environment::from_iter(pairs), name);
            match (source.provide().await, expect) {
                (Ok(found), Ok(expect)) => {
                    assert_eq!((found.as_str(), found.provider(), found.expiry()), (expect, "env", None));
                    assert_eq!(source.cached(), Some(found));
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
    fn debug_hides_it() {
        assert!(!format!("{:?}", Token::new("hidden")).contains("hidden"));
    }
}
