//! The credentials of `aws login`: cached by the AWS CLI, renewed at the sign-in service with a proof of possession. Knows
//! the file's layout and when to renew.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::call::Caller;
use super::dpop::{Key, Proving};
use super::services::signin;
use super::sso_token::log_in;
use super::{Around, Surroundings, document, failed, failed_by, now, store};
use crate::Result;
use crate::credentials::{BoxFuture, Credentials, ProvideCredentials};
use crate::text::hex;

pub(super) const NAME: &str = "login";

/// Credentials with less life than this are renewed.
const RENEW: Duration = Duration::from_secs(5 * 60);

/// The credentials that `aws login` left for a `login_session`, in `AWS_LOGIN_CACHE_DIRECTORY` or else
/// `~/.aws/login/cache`, by the SHA-256 of the session's name.
///
/// In their last five minutes they are renewed with CreateOAuth2Token, proved with the key of the file, and written back.
/// Needs the crate's feature `rustls`, which has the algorithm of the proof.
#[derive(Clone, Debug)]
pub struct Login {
    around: Around,
    session: String,
    login: String,
}

impl Login {
    /// The credentials of the `login_session` with this name.
    pub fn new<S: Surroundings + Clone + 'static>(around: &S, session: impl Into<String>) -> Self {
        Self::over(Arc::new(around.clone()), session.into(), "aws login".to_owned())
    }

    /// `login` is the command that fills the cache.
    pub(super) fn over(around: Around, session: String, login: String) -> Self {
        Self { around, session, login }
    }

    async fn fetch(&self) -> Result<Credentials> {
        let path = self.path()?;
        let shown = path.display();
        let log_in = |problem: String| log_in(format!("login session {:?}: {problem}", self.session), &self.login);
        let found = store::read(&path).map_err(&log_in)?;
        let mut found = found.ok_or_else(|| log_in(format!("no file {shown}")))?;
        let needed = ["accessToken", "refreshToken", "clientId", "dpopKey"];
        let missing: Vec<_> = needed.into_iter().filter(|it| found.get(it).is_none()).collect();
        if !missing.is_empty() {
            return Err(log_in(format!("{shown} has no {}", missing.join(", no "))));
        }
        let current = read(&found["accessToken"]);
        let time = now(&self.around.clock());
        let left = |it: &Credentials| it.expiry().map(|it| it.saturating_duration_since(time));
        if let Some(current) = current.as_ref().filter(|it| left(it).is_some_and(|left| left > RENEW)) {
            return Ok(current.clone());
        }
        let text = |name: &str| document::text(&found, name).unwrap_or_default().to_owned();
        let key = Key::from_pem(&text("dpopKey")).map_err(|it| log_in(format!("dpopKey in {shown} {it}")))?;
        let http =
            Proving { inner: self.around.http()?, key, clock: self.around.clock(), random: self.around.random() };
        let region = Some(text("signInRegion")).filter(|it| !it.is_empty());
        let caller = Caller::over(&self.around, &signin::SERVICE, region, Arc::new(http));
        let body = signin::CreateOAuth2TokenRequestBody {
            client_id: Some(text("clientId")),
            refresh_token: Some(text("refreshToken")),
            grant_type: Some("refresh_token".to_owned()),
            ..Default::default()
        };
        let input = signin::CreateOauth2TokenInput { token_input: Some(body) };
        let answer = caller.call::<signin::CreateOauth2Token>(input).await;
        let output = answer.map_err(|error| {
            let code = error.get::<signin::AccessDeniedException>().and_then(|it| it.error);
            match code.as_ref().map(|it| it.as_str()) {
                Some("TOKEN_EXPIRED" | "USER_CREDENTIALS_CHANGED") => {
                    log_in("it expired, or the user's credentials changed".to_owned()).with_source(error)
                }
                Some("INSUFFICIENT_PERMISSIONS") => {
                    let message = "it cannot be renewed, for the user lacks the permission signin:CreateOAuth2Token";
                    failed(format!("login session {:?}: {message}", self.session)).with_source(error)
                }
                _ => failed_by(format!("login session {:?} was not renewed", self.session), error),
            }
        })?;
        let body = output.token_output.unwrap_or_default();
        let token = body.access_token.unwrap_or_default();
        let (Some(key), Some(secret), Some(session_token), Some(life), Some(refresh)) =
            (token.access_key_id, token.secret_access_key, token.session_token, body.expires_in, body.refresh_token)
        else {
            return Err(log_in("the answer of the sign-in service is not complete".to_owned()));
        };
        let expiry = time.checked_add(Duration::from_secs(u64::try_from(life).unwrap_or(0))).unwrap_or(time);
        // Everything else in the file stays as it is.
        let mut access = json!({
            "accessKeyId": key,
            "secretAccessKey": secret,
            "sessionToken": session_token,
            "expiresAt": document::format(expiry),
        });
        if let Some(account_id) = found["accessToken"].get("accountId") {
            access["accountId"] = account_id.clone();
        }
        found["accessToken"] = access;
        found["refreshToken"] = refresh.into();
        // A refresh token works once: what cannot be kept is lost at the end of the program.
        if let Err(problem) = store::write(&path, &found) {
            tracing::warn!(path = %shown, %problem, "the renewed login cannot be kept");
        }
        read(&found["accessToken"]).ok_or_else(|| failed("the renewed login cannot be read"))
    }

    fn path(&self) -> Result<PathBuf> {
        let variables = self.around.variables();
        let folder = match (variables.path("AWS_LOGIN_CACHE_DIRECTORY"), variables.home()) {
            (Some(folder), Some(home)) => match folder.strip_prefix("~") {
                Ok(rest) => home.join(rest),
                Err(_) => folder,
            },
            (Some(folder), None) => folder,
            (None, Some(home)) => home.join(".aws/login/cache"),
            (None, None) => return Err(failed("there is no home directory to look for ~/.aws/login/cache in")),
        };
        Ok(store::file(&folder, &hex::encode(Sha256::digest(&self.session))))
    }
}

/// The credentials of a cached token; `None` if it is not complete.
fn read(token: &Value) -> Option<Credentials> {
    let text = |name: &str| document::text(token, name);
    let credentials = Credentials::new(text("accessKeyId")?, text("secretAccessKey")?)
        .with_session_token(text("sessionToken")?)
        .with_expiry(document::timestamp(text("expiresAt")?)?)
        .with_provider(NAME);
    Some(match text("accountId") {
        Some(account_id) => credentials.with_account_id(account_id),
        None => credentials,
    })
}

impl ProvideCredentials for Login {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(self.fetch())
    }
}
