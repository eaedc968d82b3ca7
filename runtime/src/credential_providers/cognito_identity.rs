//! The credentials of an identity in an identity pool of Amazon Cognito: of a user who logged in with another provider, or
//! of a guest. Knows the two operations, not where tokens come from.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::caller::Caller;
use super::services::cognito_identity as service;
use super::{IdentityToken, ProviderContext, SharedContext, failed, failed_with};
use crate::BoxFuture;
use crate::credentials::{Credentials, FETCH_TIMEOUT, ProvideCredentials, limited};
use crate::sync::lock;
use crate::{Error, Result};

const NAME: &str = "cognito-identity";

/// Provides the credentials of an identity in an identity pool: calls GetId once and GetCredentialsForIdentity at each
/// fetch, both unsigned.
///
/// ```no_run
/// use aws_core::Session;
/// use aws_core::credential_providers::{CognitoIdentity, IdentityToken};
///
/// # async fn id_token() -> aws_core::Result<String> { Ok(String::new()) }
/// # fn main() -> aws_core::Result<()> {
/// let base = Session::builder().region("eu-west-1").build()?;
/// let user = CognitoIdentity::builder("eu-west-1:11111111-2222-3333-4444-555555555555")
///     .login(
///         "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example",
///         IdentityToken::new(|| Box::pin(async { id_token().await })),
///     )
///     .build(&base);
/// let session = base.to_builder().credentials(user).build()?; // refreshes the credentials automatically
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct CognitoIdentity {
    settings: Arc<CognitoIdentityBuilder>,
    caller: Caller,
    /// The id that the service assigned. Clones share it.
    assigned: Arc<Mutex<Option<String>>>,
}

/// Configures a [`CognitoIdentity`] provider.
#[derive(Clone, Debug)]
#[must_use]
pub struct CognitoIdentityBuilder {
    identity_pool_id: String,
    identity_id: Option<String>,
    logins: Vec<(String, IdentityToken)>,
    custom_role_arn: Option<String>,
    account_id: Option<String>,
}

impl CognitoIdentity {
    /// Starts a builder for the identity pool with this id, which begins with the pool's region: `eu-west-1:1111…`. Without
    /// [`login`](CognitoIdentityBuilder::login) the identity is that of a guest, which the pool must allow.
    pub fn builder(identity_pool_id: impl Into<String>) -> CognitoIdentityBuilder {
        CognitoIdentityBuilder {
            identity_pool_id: identity_pool_id.into(),
            identity_id: None,
            logins: Vec::new(),
            custom_role_arn: None,
            account_id: None,
        }
    }

    /// The id of the identity, if it was set or the service assigned it. A guest whose id is kept and set again stays the same.
    pub fn identity_id(&self) -> Option<String> {
        self.settings.identity_id.clone().or_else(|| lock(&self.assigned).clone())
    }

    async fn fetch(&self) -> Result<Credentials> {
        let settings = &*self.settings;
        let problem =
            |error| failed_with(format!("no credentials of identity pool {}", settings.identity_pool_id), error);
        if settings.region().is_none() {
            let why = "expected the pool's region, a colon and an id, such as eu-west-1:11111111-2222-…";
            return Err(failed(format!("the identity pool id {:?} is not valid: {why}", settings.identity_pool_id)));
        }
        let mut logins = BTreeMap::new();
        for (provider, token) in &settings.logins {
            logins.insert(provider.clone(), token.get("the login token", NAME).await.map_err(problem)?);
        }
        let calls = async {
            let Some(known) = self.identity_id() else {
                let assigned = self.assign(&logins).await?;
                return self.credentials(assigned, &logins).await;
            };
            match self.credentials(known, &logins).await {
                // It was deleted.
                Err(error) if settings.identity_id.is_none() && error.is::<service::ResourceNotFoundException>() => {
                    let assigned = self.assign(&logins).await?;
                    self.credentials(assigned, &logins).await
                }
                result => result,
            }
        };
        limited("credentials", NAME, Some(FETCH_TIMEOUT), calls).await.map_err(problem)
    }

    async fn assign(&self, logins: &BTreeMap<String, String>) -> Result<String> {
        let input = service::GetIdInput {
            account_id: self.settings.account_id.clone(),
            identity_pool_id: Some(self.settings.identity_pool_id.clone()),
            logins: logins.clone().into(),
            ..Default::default()
        };
        let output = self.caller.call::<service::GetId>(input).await?;
        let id = output.identity_id.ok_or_else(|| failed("the response of GetId has no identity id"))?;
        *lock(&self.assigned) = Some(id.clone());
        Ok(id)
    }

    async fn credentials(&self, identity_id: String, logins: &BTreeMap<String, String>) -> Result<Credentials> {
        let input = service::GetCredentialsForIdentityInput {
            identity_id: Some(identity_id),
            logins: logins.clone().into(),
            custom_role_arn: self.settings.custom_role_arn.clone(),
            ..Default::default()
        };
        let output = self.caller.call::<service::GetCredentialsForIdentity>(input).await?;
        let incomplete = || -> Error { failed("the response of GetCredentialsForIdentity has incomplete credentials") };
        let keys = output.credentials.ok_or_else(incomplete)?;
        let (Some(key), Some(secret), Some(token)) = (keys.access_key_id, keys.secret_key, keys.session_token) else {
            return Err(incomplete());
        };
        let credentials = Credentials::new(key, secret).with_session_token(token).with_provider(NAME);
        Ok(match keys.expiration {
            Some(expiry) => credentials.with_expiry(expiry),
            None => credentials,
        })
    }
}

impl CognitoIdentityBuilder {
    /// Adds a login. `provider` is its name in the pool: `cognito-idp.REGION.amazonaws.com/USER_POOL_ID`,
    /// `accounts.google.com`, `graph.facebook.com`, `www.amazon.com`, the issuer of an OpenID Connect provider, or the ARN
    /// of a SAML provider.
    pub fn login(mut self, provider: impl Into<String>, token: impl Into<IdentityToken>) -> Self {
        self.logins.push((provider.into(), token.into()));
        self
    }

    /// Sets the id of a known identity, which GetId then need not return.
    pub fn identity_id(mut self, id: impl Into<String>) -> Self {
        self.identity_id = Some(id.into());
        self
    }

    /// Sets the role to assume, if the login's token names several. By default the pool chooses.
    pub fn custom_role_arn(mut self, arn: impl Into<String>) -> Self {
        self.custom_role_arn = Some(arn.into());
        self
    }

    /// Sets the id of the account that the pool belongs to, which the service does not need.
    pub fn account_id(mut self, id: impl Into<String>) -> Self {
        self.account_id = Some(id.into());
        self
    }

    /// Builds the provider. It uses the session's settings, HTTP client, clock and environment, and the region of the pool.
    pub fn build<S: ProviderContext + Clone + 'static>(self, session: &S) -> CognitoIdentity {
        let context: SharedContext = Arc::new(session.clone());
        let region = self.region().map(str::to_owned);
        let caller = Caller::anonymous(&context, &service::SERVICE, region);
        CognitoIdentity { settings: Arc::new(self), caller, assigned: Arc::default() }
    }

    fn region(&self) -> Option<&str> {
        self.identity_pool_id.split_once(':').map(|(region, _)| region).filter(|it| !it.is_empty())
    }
}

impl ProvideCredentials for CognitoIdentity {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(self.fetch())
    }

    fn provider_name(&self) -> &'static str {
        NAME
    }

    /// It limits each of its steps.
    fn fetch_timeout(&self) -> Option<Duration> {
        None
    }
}
