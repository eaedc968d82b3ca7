//! The credentials of a role in an account, for users of IAM Identity Center. Knows the call; the token is `sso_token`'s.

use std::sync::Arc;

use serde_json::{Value, json};

use super::call::Caller;
use super::role_cache::{Separators, key};
use super::services::sso;
use super::sso_token::{self, NAME, SsoToken, log_in};
use super::{Around, RoleCache, Surroundings, failed, failed_by, now};
use crate::Result;
use crate::credentials::{BoxFuture, Credentials, ProvideCredentials, ProvideToken, TokenCache};
use crate::value::Timestamp;

/// Calls GetRoleCredentials with the token that `aws sso login` left in `~/.aws/sso/cache`.
#[derive(Clone, Debug)]
pub struct Sso {
    around: Around,
    given: Arc<SsoBuilder>,
    caller: Caller,
    /// `None` is the legacy form, whose token nobody renews.
    token: Option<Arc<TokenCache<SsoToken>>>,
}

/// Says whose role is taken, and where.
#[derive(Clone, Debug)]
#[must_use]
pub struct SsoBuilder {
    account_id: String,
    role_name: String,
    region: String,
    start_url: String,
    session: Option<String>,
    cache: Option<RoleCache>,
    login: Option<String>,
}

impl Sso {
    /// Starts a provider for a role in an account, of the directory in `region` whose users begin at `start_url`.
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
            login: None,
        }
    }

    async fn fetch(&self) -> Result<Credentials> {
        let given = &*self.given;
        let time = now(&self.around.clock());
        let key = given.cache_key();
        if let Some(found) = given.cache.as_ref().and_then(|it| it.get(&key, time)) {
            return Ok(found.with_provider(NAME));
        }
        let token = match &self.token {
            Some(token) => match token.cached() {
                Some(token) => token,
                None => token.provide().await?,
            },
            None => {
                let path = sso_token::cache_file(&self.around, &given.start_url)?;
                let (_, token) = sso_token::read(&path, &given.start_url, &given.login())?;
                if let Some(end) = token.expiry().filter(|it| *it <= time) {
                    return Err(log_in(format!("the token of {} expired at {end}", given.start_url), &given.login()));
                }
                token
            }
        };
        let input = sso::GetRoleCredentialsInput {
            role_name: Some(given.role_name.clone()),
            account_id: Some(given.account_id.clone()),
            access_token: Some(token.as_str().to_owned()),
        };
        let what = format!("the role {} in the account {} was not given", given.role_name, given.account_id);
        let answer = self.caller.call::<sso::GetRoleCredentials>(input).await;
        let output = answer.map_err(|it| match it.is::<sso::UnauthorizedException>() {
            true => log_in(format!("{what}: {it}"), &given.login()).with_source(it),
            false => failed_by(&what, it),
        })?;
        let credentials = given.read(output).ok_or_else(|| failed(format!("{what}: the answer is not complete")))?;
        if let Some(cache) = &given.cache {
            let kind = ("ProviderType".to_owned(), Value::from(NAME));
            cache.put(&key, &credentials, [kind].into_iter().collect());
        }
        Ok(credentials)
    }
}

impl SsoBuilder {
    /// The name of the `sso-session` by which the token is cached and renewed. By default the start URL is its name, and
    /// it is not renewed: the form before sessions.
    pub fn session(mut self, name: impl Into<String>) -> Self {
        self.session = Some(name.into());
        self
    }

    /// A cache on disk for the role's credentials; by default none.
    pub fn cache(mut self, cache: RoleCache) -> Self {
        self.cache = Some(cache);
        self
    }

    pub(super) fn login_with(mut self, command: String) -> Self {
        self.login = Some(command);
        self
    }

    /// The provider, over the settings and connections that `around`, a session, has.
    pub fn build<S: Surroundings + Clone + 'static>(self, around: &S) -> Sso {
        self.over(Arc::new(around.clone()))
    }

    pub(super) fn over(self, around: Around) -> Sso {
        let caller = Caller::anonymous(&around, &sso::SERVICE, Some(self.region.clone()));
        let token = self.session.clone().map(|session| {
            let (region, start_url) = (self.region.clone(), self.start_url.clone());
            let clock = around.clock();
            let token = SsoToken::over(Arc::clone(&around), session, region, start_url, self.login());
            Arc::new(TokenCache::with_clock(token, Arc::new(move || now(&clock))))
        });
        Sso { around, caller, token, given: Arc::new(self) }
    }

    /// The command that makes a token.
    fn login(&self) -> String {
        match (&self.login, &self.session) {
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
        key(&arguments, Separators::Bare)
    }

    fn read(&self, output: sso::GetRoleCredentialsOutput) -> Option<Credentials> {
        let found = output.role_credentials?;
        let credentials = Credentials::new(found.access_key_id?, found.secret_access_key?)
            .with_session_token(found.session_token?)
            .with_account_id(self.account_id.clone())
            .with_provider(NAME);
        Some(match found.expiration {
            Some(millis) => credentials.with_expiry(Timestamp::from_millis(millis)),
            None => credentials,
        })
    }
}

impl ProvideCredentials for Sso {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(self.fetch())
    }
}
