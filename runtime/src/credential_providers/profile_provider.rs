//! Builds the providers that `profile_chain` resolved a profile to. Knows no key of a profile.

use std::sync::Arc;
use std::time::Duration;

use super::profile_chain::{BaseCredentials, ProfileChain, RoleHop};
use super::{
    AssumeRole, AssumeRoleBuilder, Container, Imds, MfaPrompt, ProviderContext, RoleCache, SharedContext, WebIdentity,
    cached,
};
use crate::credentials::{Anonymous, Credentials, EnvironmentCredentials, ProvideCredentials};
use crate::{BoxFuture, Result};

impl ProfileChain {
    /// Builds the provider. It uses the session's settings, HTTP client, clock and environment.
    ///
    /// `mfa` returns the codes of roles that require MFA; the credentials of roles are stored in `cache`.
    pub fn build<S: ProviderContext + Clone + 'static>(
        &self,
        session: &S,
        mfa: Option<MfaPrompt>,
        cache: Option<RoleCache>,
    ) -> Arc<dyn ProvideCredentials> {
        self.build_with(&(Arc::new(session.clone()) as SharedContext), mfa.as_ref(), cache.as_ref())
    }

    pub(super) fn build_with(
        &self,
        context: &SharedContext,
        mfa: Option<&MfaPrompt>,
        cache: Option<&RoleCache>,
    ) -> Arc<dyn ProvideCredentials> {
        let base = self.base.build_with(context, cache);
        let Some((last, sources)) = self.roles.split_last() else { return base };
        let build = |role: &RoleHop, source| role.builder(mfa, cache).build_cached(Arc::clone(context), source);
        let mut cached_sources = vec![cached(context, base)];
        for role in sources {
            let source = cached_sources.last().map(Arc::clone).unwrap_or_else(|| Arc::new(Anonymous));
            cached_sources.push(cached(context, Arc::new(build(role, source))));
        }
        let source = cached_sources.last().map(Arc::clone).unwrap_or_else(|| Arc::new(Anonymous));
        Arc::new(RoleChain { last: build(last, source), sources: cached_sources })
    }
}

/// The roles of a chain of profiles. Those that must be assumed are, one after the other, so that a long chain needs no
/// deep stack.
#[derive(Debug)]
struct RoleChain {
    /// The credentials that each role is assumed with, from the base to those of the last role.
    sources: Vec<Arc<dyn ProvideCredentials>>,
    last: AssumeRole,
}

impl ProvideCredentials for RoleChain {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(async move {
            let fresh = self.sources.iter().rposition(|it| it.cached().is_some());
            let missing = fresh.map_or(0, |it| it + 1);
            // The base is fetched by the first role, whose error says what it was for.
            for source in self.sources.iter().skip(missing.max(1)) {
                source.provide().await?;
            }
            self.last.provide().await
        })
    }

    fn provider_name(&self) -> &'static str {
        self.last.provider_name()
    }

    fn fetch_timeout(&self) -> Option<Duration> {
        self.last.fetch_timeout()
    }
}

impl BaseCredentials {
    pub(super) fn build_with(&self, context: &SharedContext, cache: Option<&RoleCache>) -> Arc<dyn ProvideCredentials> {
        let shared = || Arc::clone(context);
        match self {
            Self::Keys(credentials) => Arc::new(credentials.clone()),
            Self::Environment => Arc::new(EnvironmentCredentials::new(context.variables().clone())),
            Self::InstanceMetadata => cached(context, Arc::new(Imds::from_context(shared()))),
            Self::Container => cached(context, Arc::new(Container::from_context(shared()))),
            #[cfg(not(feature = "process"))]
            Self::Process { .. } => missing(super::chain_link::PROCESS, "process"),
            #[cfg(feature = "process")]
            Self::Process { command, account_id, origin } => {
                let mut process = super::Process::new(command.as_str()).origin(origin.clone());
                if let Some(account_id) = account_id {
                    process = process.account_id(account_id.clone());
                }
                Arc::new(process)
            }
            Self::WebIdentity(role) => {
                let mut builder = WebIdentity::builder(&role.role_arn, &role.token_file).origin(role.origin.clone());
                if let Some(name) = &role.session_name {
                    builder = builder.session_name(name);
                }
                if let Some(cache) = cache {
                    builder = builder.cache(cache.clone());
                }
                Arc::new(builder.build_with(shared()))
            }
            #[cfg(not(feature = "sso"))]
            Self::Sso(_) => missing(super::chain_link::SSO, "sso"),
            #[cfg(feature = "sso")]
            Self::Sso(account) => {
                let super::SsoAccount { account_id, role_name, region, start_url, session, profile } = account;
                let mut builder = super::Sso::builder(account_id, role_name, region, start_url)
                    .with_login_command(super::profile_chain::sso_login_command(profile));
                if let Some(session) = session {
                    builder = builder.session(session);
                }
                if let Some(cache) = cache {
                    builder = builder.cache(cache.clone());
                }
                Arc::new(builder.build_with(shared()))
            }
            #[cfg(not(feature = "login"))]
            Self::Login { .. } => missing(super::chain_link::LOGIN, "login"),
            #[cfg(feature = "login")]
            Self::Login { session, profile } => {
                let login_command = format!("aws login --profile {}", super::profile_chain::shell_quoted(profile));
                Arc::new(super::Login::from_context(shared(), session.clone(), login_command))
            }
        }
    }
}

/// Stands in for a provider that the program was built without.
#[cfg(not(all(feature = "login", feature = "process", feature = "sso")))]
fn missing(name: &'static str, feature: &'static str) -> Arc<dyn ProvideCredentials> {
    Arc::new(super::missing_feature::MissingFeature { name, feature })
}

impl RoleHop {
    fn builder(&self, mfa: Option<&MfaPrompt>, cache: Option<&RoleCache>) -> AssumeRoleBuilder {
        let mut builder = AssumeRole::builder(&self.role_arn).origin(self.origin.clone());
        if let Some(id) = &self.external_id {
            builder = builder.external_id(id);
        }
        if let Some(name) = &self.session_name {
            builder = builder.session_name(name);
        }
        if let Some(duration) = self.duration {
            builder = builder.duration(duration);
        }
        if let Some(serial) = &self.mfa_serial {
            builder = builder.mfa_serial(serial, mfa.cloned());
        }
        if let Some(cache) = cache {
            builder = builder.cache(cache.clone());
        }
        builder
    }
}
