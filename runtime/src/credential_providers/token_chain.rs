//! The chain of bearer token providers: the service's environment variable, else the `sso-session` of the profile.
//! Sends no requests itself.

use std::sync::Arc;
use std::time::Duration;

use super::profile_chain::{key_origin, sso_login_command, sso_session};
use super::{SharedContext, failed};
use crate::BoxFuture;
use crate::Result;
use crate::config::profile::{Profiles, Section};
use crate::credentials::{EnvironmentTokenProvider, ProvideToken, Token};

/// Provides the token of one service: that in `AWS_BEARER_TOKEN_<SIGNING NAME>`, else that of the `sso_session` of the
/// profile, which all services share.
#[derive(Clone, Debug)]
pub(crate) struct TokenChain {
    variable: EnvironmentTokenProvider,
    shared: SharedToken,
}

/// The provider of the token that all services share, or why there is none.
#[derive(Clone, Debug)]
pub(crate) struct SharedToken(Result<Arc<dyn ProvideToken>, String>);

impl SharedToken {
    /// The provider that the active profile configures.
    pub(crate) fn from_profile(context: &SharedContext, section: Option<&Section>, profiles: &Profiles) -> Self {
        Self(Self::find(context, section, profiles))
    }

    fn find(
        context: &SharedContext,
        section: Option<&Section>,
        profiles: &Profiles,
    ) -> Result<Arc<dyn ProvideToken>, String> {
        let section = section.ok_or("there is no profile")?;
        let session = sso_session(section, profiles).map_err(|it| it.to_string())?;
        let session = session.ok_or_else(|| format!("profile {:?} has no sso_session", section.name()))?;
        let (Some(region), Some(start_url)) = (session.get("sso_region"), session.get("sso_start_url")) else {
            let location = session.location();
            let origin = key_origin(section, "sso_session");
            return Err(format!(
                "sso-session {:?} ({location}), named by {origin}, lacks sso_region or sso_start_url",
                session.name()
            ));
        };
        let login_command = sso_login_command(section.name());
        let (name, region, start_url) = (session.name().to_owned(), region.to_owned(), start_url.to_owned());
        provider(Arc::clone(context), name, region, start_url, login_command)
    }
}

/// The provider of the token of an `sso-session`.
#[cfg(feature = "sso")]
fn provider(
    context: SharedContext,
    name: String,
    region: String,
    start_url: String,
    login_command: String,
) -> Result<Arc<dyn ProvideToken>, String> {
    let clock = context.clock();
    let token = super::SsoTokenProvider::from_context(context, name, region, start_url, login_command);
    Ok(Arc::new(crate::credentials::TokenCache::with_clock(token, Arc::new(move || super::now(&clock)))))
}

#[cfg(not(feature = "sso"))]
fn provider(_: SharedContext, name: String, _: String, _: String, _: String) -> Result<Arc<dyn ProvideToken>, String> {
    Err(crate::error::requires_feature(format_args!("the token of sso-session {name:?}"), &["sso"]))
}

impl TokenChain {
    pub(crate) fn new(context: &SharedContext, signing_name: &str, shared: SharedToken) -> Self {
        Self { variable: EnvironmentTokenProvider::new(context.variables().clone(), signing_name), shared }
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
                Err(reason) => {
                    let variable = self.variable.variable();
                    Err(failed(format!("no bearer token found; tried: env ({variable} is not set), sso ({reason})")))
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

    fn provider_name(&self) -> &'static str {
        self.shared.0.as_ref().map_or("env", |it| it.provider_name())
    }

    /// Only that of the `sso-session` waits, behind a cache.
    fn fetch_timeout(&self) -> Option<Duration> {
        None
    }
}
