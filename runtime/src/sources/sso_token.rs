//! The bearer token of an `sso-session`: from the cache that `aws sso login` fills, renewed through SSO-OIDC. Knows the
//! file's layout and when to renew, not what the token is good for.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::call::Caller;
use super::services::sso_oidc;
use super::{Around, Surroundings, document, failed, now, store};
use crate::credentials::{BoxFuture, ProvideToken, Token};
use crate::text::hex;
use crate::value::Timestamp;
use crate::{Error, Result};

pub(super) const NAME: &str = "sso";

/// Tokens with less life than this are renewed.
const RENEW: Duration = Duration::from_secs(15 * 60);

/// The token of an `sso-session`, as the AWS CLI keeps it in `~/.aws/sso/cache`, by the SHA-1 of the session's name.
///
/// A token in its last 15 minutes is renewed, if the file holds what that takes, and written back. If that fails the old
/// token is used until it expires; then the error says how to log in.
#[derive(Clone, Debug)]
pub struct SsoToken {
    around: Around,
    session: String,
    start_url: String,
    region: String,
    login: String,
    caller: Caller,
}

impl SsoToken {
    /// The token of the session `name`, whose directory is in `region` and whose users begin at `start_url`.
    pub fn new<S: Surroundings + Clone + 'static>(
        around: &S,
        name: impl Into<String>,
        region: impl Into<String>,
        start_url: impl Into<String>,
    ) -> Self {
        let name = name.into();
        let login = format!("aws sso login --sso-session {name}");
        Self::over(Arc::new(around.clone()), name, region.into(), start_url.into(), login)
    }

    /// `login` is the command that makes a token.
    pub(super) fn over(around: Around, session: String, region: String, start_url: String, login: String) -> Self {
        let caller = Caller::anonymous(&around, &sso_oidc::SERVICE, Some(region.clone()));
        Self { around, session, start_url, region, login, caller }
    }

    async fn fetch(&self) -> Result<Token> {
        let clock = self.around.clock();
        let path = cache_file(&self.around, &self.session)?;
        let name = format!("sso-session {:?}", self.session);
        let (cached, mut token) = read(&path, &name, &self.login)?;
        let expiry = |token: &Token| token.expiry().unwrap_or(Timestamp::from_secs(0));
        if expiry(&token).saturating_duration_since(now(&clock)) < RENEW {
            match self.renew(&cached).await {
                Ok((renewed, new)) => {
                    token = new;
                    if let Err(problem) = store::write(&path, &renewed) {
                        tracing::warn!(path = %path.display(), %problem, "the new token cannot be kept");
                    }
                }
                Err(problem) if expiry(&token) > now(&clock) => {
                    tracing::warn!(problem, "the token of {name} was not renewed, the old one still holds");
                }
                Err(problem) => {
                    let end = expiry(&token);
                    return Err(log_in(format!("the token of {name} expired at {end}, and {problem}"), &self.login));
                }
            }
        }
        Ok(token.with_provider(NAME))
    }

    /// What the file shall hold from now on, and its token.
    async fn renew(&self, cached: &Value) -> Result<(Value, Token), String> {
        let member = |name: &str| document::text(cached, name);
        let names = ["refreshToken", "clientId", "clientSecret", "registrationExpiresAt"];
        let missing: Vec<_> = names.into_iter().filter(|it| member(it).is_none()).collect();
        let [Some(refresh), Some(client), Some(secret), Some(registration)] = names.map(member) else {
            return Err(format!("cannot be renewed: the file has no {}", missing.join(", no ")));
        };
        let time = now(&self.around.clock());
        let end = document::timestamp(registration).filter(|it| *it > time);
        if end.is_none() {
            return Err("cannot be renewed: the registration of the client expired".to_owned());
        }
        let input = sso_oidc::CreateTokenInput {
            client_id: Some(client.to_owned()),
            client_secret: Some(secret.to_owned()),
            grant_type: Some("refresh_token".to_owned()),
            refresh_token: Some(refresh.to_owned()),
            ..Default::default()
        };
        let answer = self.caller.call::<sso_oidc::CreateToken>(input).await;
        let output = answer.map_err(|it| format!("was not renewed: {it}"))?;
        let (Some(text), Some(life)) = (output.access_token, output.expires_in) else {
            return Err("was not renewed: the answer has no token".to_owned());
        };
        let life = Duration::from_secs(u64::try_from(life).unwrap_or(0));
        let expiry = time.checked_add(life).unwrap_or(time);
        let mut renewed = json!({
            "startUrl": self.start_url,
            "region": self.region,
            "accessToken": text,
            "expiresAt": document::format(expiry),
            "clientId": client,
            "clientSecret": secret,
            "registrationExpiresAt": registration,
        });
        if let Some(refresh) = output.refresh_token {
            renewed["refreshToken"] = refresh.into();
        }
        Ok((renewed, Token::new(text).with_expiry(expiry)))
    }
}

/// The file of the token that is cached under a name.
pub(super) fn cache_file(around: &Around, name: &str) -> Result<PathBuf> {
    let home = around
        .variables()
        .home()
        .ok_or_else(|| failed("there is no home directory to look for ~/.aws/sso/cache in"))?;
    Ok(store::file(&home.join(".aws/sso/cache"), &hex::encode(Sha1::digest(name))))
}

/// A file of the cache and its token. The errors name `login`, the command that makes one.
pub(super) fn read(path: &std::path::Path, name: &str, login: &str) -> Result<(Value, Token)> {
    let shown = path.display();
    let found = store::read(path).map_err(|it| log_in(it, login))?;
    let found = found.ok_or_else(|| log_in(format!("there is no token of {name}: no file {shown}"), login))?;
    let (Some(text), Some(end)) = (document::text(&found, "accessToken"), document::text(&found, "expiresAt")) else {
        return Err(log_in(format!("the token of {name} in {shown} has no accessToken or no expiresAt"), login));
    };
    let expiry = document::timestamp(end);
    let expiry = expiry
        .ok_or_else(|| log_in(format!("the token of {name} in {shown} has an expiresAt that is no time"), login))?;
    let token = Token::new(text).with_expiry(expiry);
    Ok((found, token))
}

pub(super) fn log_in(problem: String, login: &str) -> Error {
    failed(format!("{problem}; log in with `{login}`"))
}

impl ProvideToken for SsoToken {
    fn provide(&self) -> BoxFuture<'_, Result<Token>> {
        Box::pin(self.fetch())
    }
}
