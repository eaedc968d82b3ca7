//! The bearer token of an `sso-session`: cached by `aws sso login`, refreshed with SSO-OIDC. Knows the layout of the
//! cache file and when to refresh, not what the token is used for.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::caller::Caller;
use super::chain_link::SSO as NAME;
use super::services::sso_oidc;
use super::token_file::{RefreshError, Refreshes, State, TokenFile, login_required};
use super::{ProviderContext, SharedContext, credentials_json, failed, json_file, now};
use crate::BoxFuture;
use crate::credentials::{ProvideToken, Token};
use crate::encoding::hex;
use crate::types::Timestamp;
use crate::{Error, Result};

/// Tokens with less time left than this are refreshed. botocore's `SSOTokenProvider._REFRESH_WINDOW` (`tokens.py`).
const REFRESH_WINDOW: Duration = Duration::from_secs(15 * 60);

/// Provides the token of an `sso-session` that the AWS CLI stored in `~/.aws/sso/cache`, in a file named after the
/// SHA-1 of the session's name.
///
/// In its last 15 minutes the token is refreshed, if the file has a refresh token and a client registration, and written
/// back. If that fails, the current token is used until it expires; then the error says how to log in.
#[derive(Clone, Debug)]
pub struct SsoTokenProvider {
    context: SharedContext,
    /// The name of the `sso-session`.
    name: String,
    start_url: String,
    region: String,
    /// The command that creates the token.
    login_command: String,
    caller: Caller,
    refreshes: Refreshes,
}

impl SsoTokenProvider {
    /// The token of the `sso-session` called `name`. `region` is the region of the IAM Identity Center directory,
    /// `start_url` the URL of its access portal. The provider uses the session's settings, HTTP client, clock and
    /// environment.
    pub fn new<S: ProviderContext + Clone + 'static>(
        session: &S,
        name: impl Into<String>,
        region: impl Into<String>,
        start_url: impl Into<String>,
    ) -> Self {
        let name = name.into();
        let login_command = format!("aws sso login --sso-session {name}");
        Self::from_context(Arc::new(session.clone()), name, region.into(), start_url.into(), login_command)
    }

    pub(super) fn from_context(
        context: SharedContext,
        name: String,
        region: String,
        start_url: String,
        login_command: String,
    ) -> Self {
        let caller = Caller::anonymous(&context, &sso_oidc::SERVICE, Some(region.clone()));
        Self { context, name, start_url, region, login_command, caller, refreshes: Refreshes::default() }
    }

    /// The new content of the cache file.
    async fn refreshed(&self, cached: &Value) -> Result<Value, RefreshError> {
        let problem = |problem: &str| RefreshError { error: failed(problem), is_rejected: false };
        let member = |name: &str| credentials_json::string(cached, name);
        let names = ["refreshToken", "clientId", "clientSecret", "registrationExpiresAt"];
        let missing: Vec<_> = names.into_iter().filter(|it| member(it).is_none()).collect();
        let [Some(refresh_token), Some(client_id), Some(client_secret), Some(registration_expiry)] = names.map(member)
        else {
            return Err(problem(&format!("the file has no {}", missing.join(", no "))));
        };
        let time = now(&self.context.clock());
        if credentials_json::timestamp(registration_expiry).is_none_or(|it| it <= time) {
            return Err(problem("the client registration expired"));
        }
        let input = sso_oidc::CreateTokenInput {
            client_id: Some(client_id.to_owned()),
            client_secret: Some(client_secret.to_owned()),
            grant_type: Some("refresh_token".to_owned()),
            refresh_token: Some(refresh_token.to_owned()),
            ..Default::default()
        };
        let response = self.caller.call::<sso_oidc::CreateToken>(input).await;
        let output = response.map_err(|error| RefreshError::of_call(error, |it| it))?;
        let (Some(access_token), Some(lifetime)) = (output.access_token, output.expires_in) else {
            return Err(problem("the response has no token"));
        };
        let lifetime = Duration::from_secs(u64::try_from(lifetime).unwrap_or(0));
        let expiry = time.checked_add(lifetime).unwrap_or(time);
        let mut refreshed = json!({
            "startUrl": self.start_url,
            "region": self.region,
            "accessToken": access_token,
            "expiresAt": credentials_json::format(expiry),
            "clientId": client_id,
            "clientSecret": client_secret,
            "registrationExpiresAt": registration_expiry,
        });
        if let Some(refresh_token) = output.refresh_token {
            refreshed["refreshToken"] = refresh_token.into();
        }
        Ok(refreshed)
    }

    /// The name of the token in messages.
    fn token_name(&self) -> String {
        format!("sso-session {:?}", self.name)
    }
}

impl TokenFile for SsoTokenProvider {
    type Item = Token;

    fn path(&self) -> Result<PathBuf> {
        cache_file(&self.context, &self.name)
    }

    fn read(&self, path: &Path, document: Result<Option<&Value>, String>) -> Result<(Token, State)> {
        let token = read(path, document, &self.token_name(), &self.login_command)?;
        let left = expiry(&token).saturating_duration_since(now(&self.context.clock()));
        let state = match left {
            Duration::ZERO => State::Expired,
            left if left < REFRESH_WINDOW => State::Usable,
            _ => State::Fresh,
        };
        Ok((token, state))
    }

    fn refresh<'a>(&'a self, _: &'a Path, document: &'a Value) -> BoxFuture<'a, Result<Value, RefreshError>> {
        Box::pin(self.refreshed(document))
    }

    fn unrefreshed(&self, token: Token, error: Error) -> Result<Token> {
        let (name, expiry) = (self.token_name(), expiry(&token));
        if expiry > now(&self.context.clock()) {
            tracing::warn!(%error, "refreshing the token of {name} failed; the current one is still valid");
            return Ok(token);
        }
        let problem = format!("the token of {name} expired at {expiry}, and cannot be refreshed: {error}");
        Err(login_required(problem, &self.login_command).with_source(error))
    }
}

fn expiry(token: &Token) -> Timestamp {
    token.expiry().unwrap_or(Timestamp::from_secs(0))
}

/// The path of the file in which the token of a session name or start URL is cached.
pub(super) fn cache_file(context: &SharedContext, name: &str) -> Result<PathBuf> {
    let home =
        context.variables().home().ok_or_else(|| failed("no home directory: ~/.aws/sso/cache cannot be located"))?;
    Ok(json_file::path(&home.join(".aws/sso/cache"), &hex::encode(Sha1::digest(name))))
}

/// The token in a document of the cache, or in none if there is no file. `name` is that of the token in error messages,
/// `login_command` the command that creates it.
pub(super) fn read(
    path: &Path,
    document: Result<Option<&Value>, String>,
    name: &str,
    login_command: &str,
) -> Result<Token> {
    let file = path.display();
    let failed = |problem: String| login_required(problem, login_command);
    let document = document.map_err(failed)?;
    let document = document.ok_or_else(|| failed(format!("there is no token of {name}: no file {file}")))?;
    let (Some(access_token), Some(expires_at)) =
        (credentials_json::string(document, "accessToken"), credentials_json::string(document, "expiresAt"))
    else {
        return Err(failed(format!("the token of {name} in {file} has no accessToken or no expiresAt")));
    };
    let expiry = credentials_json::timestamp(expires_at)
        .ok_or_else(|| failed(format!("the token of {name} in {file} has an expiresAt that is not a timestamp")))?;
    Ok(Token::new(access_token).with_expiry(expiry).with_provider(NAME))
}

impl ProvideToken for SsoTokenProvider {
    fn provide(&self) -> BoxFuture<'_, Result<Token>> {
        Box::pin(self.refreshes.get(self, self.context.sleep()))
    }

    fn provider_name(&self) -> &'static str {
        NAME
    }
}
