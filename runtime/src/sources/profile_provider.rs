//! Providers that go the ways `profile_chain` found: each kind of source over the settings and connections of a session.

use std::sync::Arc;

use super::profile_chain::{BaseCredentials, ProfileChain, RoleHop, SsoAccount, shell_word, sso_login};
use super::{
    Around, AssumeRole, AssumeRoleBuilder, Container, Imds, Login, MfaPrompt, Process, RoleCache, Sso, Surroundings,
    WebIdentity, cached,
};
use crate::credentials::{EnvironmentCredentials, ProvideCredentials};

impl ProfileChain {
    /// The provider that goes this way, over the settings and connections that `around`, a session, has.
    ///
    /// `mfa` is asked for the codes of roles that want one; roles are kept in `cache`, if there is one.
    pub fn build<S: Surroundings + Clone + 'static>(
        &self,
        around: &S,
        mfa: Option<MfaPrompt>,
        cache: Option<RoleCache>,
    ) -> Arc<dyn ProvideCredentials> {
        self.over(&(Arc::new(around.clone()) as Around), mfa.as_ref(), cache.as_ref())
    }

    pub(super) fn over(
        &self,
        around: &Around,
        mfa: Option<&MfaPrompt>,
        cache: Option<&RoleCache>,
    ) -> Arc<dyn ProvideCredentials> {
        let mut provider = self.base.over(around, cache);
        for role in &self.roles {
            provider = Arc::new(role.builder(mfa, cache).over(Arc::clone(around), provider));
        }
        provider
    }
}

impl BaseCredentials {
    pub(super) fn over(&self, around: &Around, cache: Option<&RoleCache>) -> Arc<dyn ProvideCredentials> {
        let shared = || Arc::clone(around);
        match self {
            Self::Keys(credentials) => Arc::new(credentials.clone()),
            Self::Environment => Arc::new(EnvironmentCredentials::new(around.variables().clone())),
            Self::InstanceMetadata => cached(around, Arc::new(Imds::over(shared()))),
            Self::Container => cached(around, Arc::new(Container::over(shared()))),
            Self::Process { line, account_id, place } => {
                let mut process = Process::new(line.as_str()).at(place.clone());
                if let Some(account_id) = account_id {
                    process = process.account_id(account_id.clone());
                }
                Arc::new(process)
            }
            Self::WebIdentity(role) => {
                let mut builder = WebIdentity::builder(&role.role_arn, &role.token_file);
                if let Some(name) = &role.session_name {
                    builder = builder.session_name(name);
                }
                if let Some(cache) = cache {
                    builder = builder.cache(cache.clone());
                }
                Arc::new(builder.over(shared()))
            }
            Self::Sso(account) => {
                let SsoAccount { account_id, role_name, region, start_url, session, profile } = account;
                let mut builder = Sso::builder(account_id, role_name, region, start_url).login_with(sso_login(profile));
                if let Some(session) = session {
                    builder = builder.session(session);
                }
                if let Some(cache) = cache {
                    builder = builder.cache(cache.clone());
                }
                Arc::new(builder.over(shared()))
            }
            Self::Login { session, profile } => {
                let command = format!("aws login --profile {}", shell_word(profile));
                Arc::new(Login::over(shared(), session.clone(), command))
            }
        }
    }
}

impl RoleHop {
    fn builder(&self, mfa: Option<&MfaPrompt>, cache: Option<&RoleCache>) -> AssumeRoleBuilder {
        let mut builder = AssumeRole::builder(&self.role_arn).at(self.place.clone());
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
