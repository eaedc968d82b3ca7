//! Where a service's bearer token comes from: its variable, else the `sso-session` of the profile.

use std::sync::Arc;

use super::profile_chain::{at, session_of, sso_login};
use super::{Around, SsoToken, failed, now};
use crate::Result;
use crate::config::profile::{Profiles, Section};
use crate::credentials::{BoxFuture, EnvironmentToken, ProvideToken, Token, TokenCache};

/// The token of one service: `AWS_BEARER_TOKEN_<SIGNING NAME>`, else that of the `sso_session` of the profile, which all
/// services share.
#[derive(Clone, Debug)]
pub struct TokenChain {
    variable: EnvironmentToken,
    shared: SharedToken,
}

/// The token that all services share; if there is none, why, and whether that is an error in the profile.
#[derive(Clone, Debug)]
pub(crate) struct SharedToken(Result<Arc<TokenCache<SsoToken>>, String>);

impl SharedToken {
    /// What the active profile says.
    pub(crate) fn of_profile(around: &Around, section: Option<&Section>, profiles: &Profiles) -> Self {
        Self(Self::find(around, section, profiles))
    }

    fn find(
        around: &Around,
        section: Option<&Section>,
        profiles: &Profiles,
    ) -> Result<Arc<TokenCache<SsoToken>>, String> {
        let section = section.ok_or("there is no profile")?;
        let session = session_of(section, profiles).map_err(|it| it.to_string())?;
        let session = session.ok_or_else(|| format!("profile {:?} has no sso_session", section.name()))?;
        let (Some(region), Some(start_url)) = (session.get("sso_region"), session.get("sso_start_url")) else {
            let place = session.place();
            let who = at(section, "sso_session");
            return Err(format!(
                "sso-session {:?} ({place}), named by {who}, lacks sso_region or sso_start_url",
                session.name()
            ));
        };
        let login = sso_login(section.name());
        let (name, region, start_url) = (session.name().to_owned(), region.to_owned(), start_url.to_owned());
        let token = SsoToken::over(Arc::clone(around), name, region, start_url, login);
        let clock = around.clock();
        Ok(Arc::new(TokenCache::with_clock(token, Arc::new(move || now(&clock)))))
    }
}

impl TokenChain {
    pub(crate) fn new(around: &Around, signing_name: &str, shared: SharedToken) -> Self {
        Self { variable: EnvironmentToken::new(around.variables().clone(), signing_name), shared }
    }
}

impl ProvideToken for TokenChain {
    fn provide(&self) -> BoxFuture<'_, Result<Token>> {
        Box::pin(async move {
            if let Some(token) = self.variable.look_up_now()? {
                return Ok(token);
            }
            match &self.shared.0 {
                Ok(token) => token.provide().await,
                Err(why) => {
                    let variable = self.variable.variable();
                    Err(failed(format!("no bearer token found; tried: env ({variable} is not set), sso ({why})")))
                }
            }
        })
    }

    fn cached(&self) -> Option<Token> {
        match self.variable.look_up_now() {
            Ok(Some(token)) => Some(token),
            Ok(None) => self.shared.0.as_ref().ok()?.cached(),
            Err(_) => None,
        }
    }
}
