//! The credentials of a role in an account, for users of IAM Identity Center. Knows the operation, but not how tokens
//! are refreshed, which `sso_token` does.

use std::sync::Arc;

use serde_json::{Value, json};

use super::caller::Caller;
use super::chain_link::SSO as NAME;
use super::role_cache::{Separators, hash};
use super::services::sso;
use super::sso_token::{self, SsoTokenProvider};
use super::token_file::login_required;
use super::{ProviderContext, RoleCache, SharedContext, failed, failed_with, json_file, now};
use crate::BoxFuture;
use crate::Result;
use crate::credentials::{Credentials, ProvideCredentials, ProvideToken, TokenCache};
use crate::types::Timestamp;

/// Provides the credentials of a role in an account: calls GetRoleCredentials with the token that `aws sso login`
/// stored in `~/.aws/sso/cache`.
#[derive(Clone, Debug)]
pub struct Sso {
    context: SharedContext,
    settings: Arc<SsoBuilder>,
    caller: Caller,
    /// `None` for the legacy configuration, whose token cannot be refreshed.
    token: Option<Arc<TokenCache<SsoTokenProvider>>>,
}

/// Configures an [`Sso`] provider.
#[derive(Clone, Debug)]
#[must_use]
pub struct SsoBuilder {
    account_id: String,
    role_name: String,
    region: String,
    start_url: String,
    session: Option<String>,
    cache: Option<RoleCache>,
    login_command: Option<String>,
}

impl Sso {
    /// Starts a builder for the role `role_name` in an account. `region` is the region of the IAM Identity Center
    /// directory, `start_url` the URL of its access portal.
    pub fn builder(
        account_id: impl Into<String>,
        role_name: impl Into<String>,
        region: impl Into<String>,
        start_url: impl Into<String>,
    ) -> SsoBuilder {
        SsoBuilder {
            account_id: account_id.into(),
            role_name: role_name.into(),
            region: region.into(),
            start_url: start_url.into(),
            session: None,
            cache: None,
            login_command: None,
        }
    }

    async fn fetch(&self) -> Result<Credentials> {
        let settings = &*self.settings;
        let time = now(&self.context.clock());
        let key = settings.cache_key();
        if let Some(cache) = &settings.cache
            && let Some(found) = cache.get(&key, time).await
        {
            return Ok(found.with_provider(NAME));
        }
        let token = match &self.token {
            Some(token) => match token.cached() {
                Some(token) => token,
                None => token.provide().await?,
            },
            None => {
                let (start_url, login_command) = (&settings.start_url, settings.login_command());
                let path = sso_token::cache_file(&self.context, start_url)?;
                let document = json_file::read(&path).await;
                let document = document.as_ref().map(Option::as_ref).map_err(Clone::clone);
                let token = sso_token::read(&path, document, start_url, &login_command)?;
                if let Some(expiry) = token.expiry().filter(|it| *it <= time) {
                    return Err(login_required(
                        format!("the token of {start_url} expired at {expiry}"),
                        &login_command,
                    ));
                }
                token
            }
        };
        let input = sso::GetRoleCredentialsInput {
            role_name: Some(settings.role_name.clone()),
            account_id: Some(settings.account_id.clone()),
            access_token: Some(token.as_str().to_owned()),
            ..Default::default()
        };
        let problem =
            format!("cannot get the credentials of role {} in account {}", settings.role_name, settings.account_id);
        let response = self.caller.call::<sso::GetRoleCredentials>(input).await;
        let output = response.map_err(|error| match error.is::<sso::UnauthorizedException>() {
            true => login_required(format!("{problem}: {error}"), &settings.login_command()).with_source(error),
            false => failed_with(&problem, error),
        })?;
        let credentials = settings.read(output);
        let credentials = credentials.ok_or_else(|| failed(format!("{problem}: the response is incomplete")))?;
        if let Some(cache) = &settings.cache {
            let provider_type = ("ProviderType".to_owned(), Value::from(NAME));
            cache.put(&key, &credentials, [provider_type].into_iter().collect()).await;
        }
        Ok(credentials)
    }
}

impl SsoBuilder {
    /// Sets the name of the `sso-session` under which the token is cached and refreshed. By default the legacy
    /// configuration without a session: the token is cached under the start URL and cannot be refreshed.
    pub fn session(mut self, name: impl Into<String>) -> Self {
        self.session = Some(name.into());
        self
    }

    /// Sets a cache on disk for the role's credentials. By default none.
    pub fn cache(mut self, cache: RoleCache) -> Self {
        self.cache = Some(cache);
        self
    }

    pub(super) fn with_login_command(mut self, command: String) -> Self {
        self.login_command = Some(command);
        self
    }

    /// Builds the provider. It uses the session's settings, HTTP client, clock and environment.
    pub fn build<S: ProviderContext + Clone + 'static>(self, session: &S) -> Sso {
        self.build_with(Arc::new(session.clone()))
    }

    pub(super) fn build_with(self, context: SharedContext) -> Sso {
        let caller = Caller::anonymous(&context, &sso::SERVICE, Some(self.region.clone()));
        let token = self.session.clone().map(|session| {
            let (region, start_url) = (self.region.clone(), self.start_url.clone());
            let clock = context.clock();
            let shared = Arc::clone(&context);
            let token = SsoTokenProvider::from_context(shared, session, region, start_url, self.login_command());
            Arc::new(TokenCache::with_clock(token, Arc::new(move || now(&clock))))
        });
        Sso { context, caller, token, settings: Arc::new(self) }
    }

    /// The command that creates a token.
    fn login_command(&self) -> String {
        match (&self.login_command, &self.session) {
            (Some(command), _) => command.clone(),
            (None, Some(session)) => format!("aws sso login --sso-session {session}"),
            (None, None) => "aws sso login".to_owned(),
        }
    }

    fn cache_key(&self) -> String {
        let mut arguments = json!({ "roleName": self.role_name, "accountId": self.account_id });
        match &self.session {
            Some(session) => arguments["sessionName"] = session.as_str().into(),
            None => arguments["startUrl"] = self.start_url.as_str().into(),
        }
        hash(&arguments, Separators::Bare)
    }

    fn read(&self, output: sso::GetRoleCredentialsOutput) -> Option<Credentials> {
        let output = output.role_credentials?;
        let credentials = Credentials::new(output.access_key_id?, output.secret_access_key?)
            .with_session_token(output.session_token?)
            .with_account_id(self.account_id.clone())
            .with_provider(NAME);
        Some(match output.expiration {
            Some(millis) => credentials.with_expiry(Timestamp::from_millis(millis)),
            None => credentials,
        })
    }
}

impl ProvideCredentials for Sso {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(self.fetch())
    }

    fn provider_name(&self) -> &'static str {
        NAME
    }
}
