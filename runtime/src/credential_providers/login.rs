//! The credentials of `aws login`: cached by the AWS CLI, refreshed at the sign-in service with a proof of possession.
//! Knows the layout of the cache file and when to refresh.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::caller::Caller;
use super::chain_link::LOGIN as NAME;
use super::dpop::{DpopClient, Key};
use super::services::signin;
use super::token_file::{RefreshError, Refreshes, State, TokenFile, login_required};
use super::{ProviderContext, SharedContext, credentials_json, failed, failed_with, json_file, now};
use crate::BoxFuture;
use crate::credentials::{Credentials, ProvideCredentials};
use crate::encoding::hex;
use crate::{Error, Result};

/// Credentials with no more time left than this are refreshed. botocore's `LoginCredentialFetcher._REFRESH_THRESHOLD`
/// (`credentials.py`).
const REFRESH_WINDOW: Duration = Duration::from_secs(5 * 60);

/// Provides the credentials that `aws login` stored for a `login_session`, in `AWS_LOGIN_CACHE_DIRECTORY` or else
/// `~/.aws/login/cache`, in a file named after the SHA-256 of the session's name.
///
/// In their last five minutes they are refreshed with CreateOAuth2Token, with a proof of possession by the key in the
/// file, and written back, even if the caller is cancelled; a login that another process refreshed is used.
#[derive(Clone, Debug)]
pub struct Login {
    context: SharedContext,
    /// The name of the login session.
    name: String,
    /// The command that creates the file.
    login_command: String,
    refreshes: Refreshes,
}

impl Login {
    /// The credentials of the `login_session` called `name`. The provider uses the session's settings, HTTP client,
    /// clock and environment.
    pub fn new<S: ProviderContext + Clone + 'static>(session: &S, name: impl Into<String>) -> Self {
        Self::from_context(Arc::new(session.clone()), name.into(), "aws login".to_owned())
    }

    pub(super) fn from_context(context: SharedContext, name: String, login_command: String) -> Self {
        Self { context, name, login_command, refreshes: Refreshes::default() }
    }

    /// The error that the user must log in again.
    fn login_required(&self, problem: impl std::fmt::Display) -> Error {
        login_required(format!("login session {:?}: {problem}", self.name), &self.login_command)
    }

    /// Why the sign-in service did not refresh the login.
    fn explain(&self, error: Error) -> Error {
        let code = error.get::<signin::AccessDeniedException>().and_then(|it| it.error);
        match code.as_ref().map(|it| it.as_str()) {
            Some("TOKEN_EXPIRED" | "USER_CREDENTIALS_CHANGED") => {
                self.login_required("it expired, or the user's credentials changed").with_source(error)
            }
            Some("INSUFFICIENT_PERMISSIONS") => {
                let problem = "it cannot be refreshed: the user lacks the permission signin:CreateOAuth2Token";
                failed(format!("login session {:?}: {problem}", self.name)).with_source(error)
            }
            _ => failed_with(format!("login session {:?} cannot be refreshed", self.name), error),
        }
    }

    /// The new content of the cache file.
    async fn refreshed(&self, path: &Path, document: &Value) -> Result<Value, RefreshError> {
        let other = |error: Error| RefreshError { error, is_rejected: false };
        let string = |name: &str| credentials_json::string(document, name).unwrap_or_default().to_owned();
        let key = Key::from_pem(&string("dpopKey"));
        let key = key.map_err(|it| other(self.login_required(format!("dpopKey in {} {it}", path.display()))))?;
        let (clock, random) = (self.context.clock(), self.context.random());
        let inner = self.context.http().map_err(other)?;
        let http = DpopClient { inner, key, clock: clock.clone(), random };
        let region = Some(string("signInRegion")).filter(|it| !it.is_empty());
        let caller = Caller::with_http(&self.context, &signin::SERVICE, region, Arc::new(http));
        let body = signin::CreateOAuth2TokenRequestBody {
            client_id: Some(string("clientId")),
            refresh_token: Some(string("refreshToken")),
            grant_type: Some("refresh_token".to_owned()),
            ..Default::default()
        };
        let time = now(&clock);
        let input = signin::CreateOauth2TokenInput { token_input: Some(body), ..Default::default() };
        let response = caller.call::<signin::CreateOauth2Token>(input).await;
        let output = response.map_err(|error| RefreshError::of_call(error, |it| self.explain(it)))?;
        let body = output.token_output.unwrap_or_default();
        let token = body.access_token.unwrap_or_default();
        let (Some(key), Some(secret), Some(session_token), Some(lifetime), Some(refresh_token)) =
            (token.access_key_id, token.secret_access_key, token.session_token, body.expires_in, body.refresh_token)
        else {
            return Err(other(self.login_required("the response of the sign-in service is incomplete")));
        };
        let expiry = time.checked_add(Duration::from_secs(u64::try_from(lifetime).unwrap_or(0))).unwrap_or(time);
        // All other members of the file are kept.
        let mut access = json!({
            "accessKeyId": key,
            "secretAccessKey": secret,
            "sessionToken": session_token,
            "expiresAt": credentials_json::format(expiry),
        });
        if let Some(account_id) = document["accessToken"].get("accountId") {
            access["accountId"] = account_id.clone();
        }
        let mut refreshed = document.clone();
        refreshed["accessToken"] = access;
        refreshed["refreshToken"] = refresh_token.into();
        Ok(refreshed)
    }
}

impl TokenFile for Login {
    /// `None` if the file has no complete credentials, which a refresh may change.
    type Item = Option<Credentials>;

    fn path(&self) -> Result<PathBuf> {
        let variables = self.context.variables();
        let folder = match (variables.path("AWS_LOGIN_CACHE_DIRECTORY"), variables.home()) {
            (Some(folder), Some(home)) => match folder.strip_prefix("~") {
                Ok(rest) => home.join(rest),
                Err(_) => folder,
            },
            (Some(folder), None) => folder,
            (None, Some(home)) => home.join(".aws/login/cache"),
            (None, None) => return Err(failed("no home directory: ~/.aws/login/cache cannot be located")),
        };
        Ok(json_file::path(&folder, &hex::encode(Sha256::digest(&self.name))))
    }

    fn read(&self, path: &Path, document: Result<Option<&Value>, String>) -> Result<(Option<Credentials>, State)> {
        let file = path.display();
        let document = document.map_err(|it| self.login_required(it))?;
        let document = document.ok_or_else(|| self.login_required(format!("no file {file}")))?;
        let required = ["accessToken", "refreshToken", "clientId", "dpopKey"];
        let missing: Vec<_> = required.into_iter().filter(|it| document.get(it).is_none()).collect();
        if !missing.is_empty() {
            return Err(self.login_required(format!("{file} has no {}", missing.join(", no "))));
        }
        let current = read(&document["accessToken"]);
        let expiry = current.as_ref().and_then(Credentials::expiry);
        let time = now(&self.context.clock());
        let is_fresh = expiry.is_some_and(|it| it.saturating_duration_since(time) > REFRESH_WINDOW);
        Ok((current, if is_fresh { State::Fresh } else { State::Expired }))
    }

    fn refresh<'a>(&'a self, path: &'a Path, document: &'a Value) -> BoxFuture<'a, Result<Value, RefreshError>> {
        Box::pin(self.refreshed(path, document))
    }

    fn unrefreshed(&self, _: Option<Credentials>, error: Error) -> Result<Option<Credentials>> {
        Err(error)
    }
}

/// The credentials in the `accessToken` of a cache file; `None` if it is incomplete.
fn read(token: &Value) -> Option<Credentials> {
    let string = |name: &str| credentials_json::string(token, name);
    let credentials = Credentials::new(string("accessKeyId")?, string("secretAccessKey")?)
        .with_session_token(string("sessionToken")?)
        .with_expiry(credentials_json::timestamp(string("expiresAt")?)?)
        .with_provider(NAME);
    Some(match string("accountId") {
        Some(account_id) => credentials.with_account_id(account_id),
        None => credentials,
    })
}

impl ProvideCredentials for Login {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(async {
            let found = self.refreshes.get(self, self.context.sleep()).await?;
            found.ok_or_else(|| failed("the refreshed login cannot be read"))
        })
    }

    fn provider_name(&self) -> &'static str {
        NAME
    }
}
