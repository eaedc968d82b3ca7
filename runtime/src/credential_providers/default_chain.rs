//! The chain that a session uses when code sets no credentials: botocore's providers, in botocore's order. Sends
//! no requests itself. A provider that only reads files or variables is in `credentials`, every other beside this file.

use std::sync::Arc;

use super::chain_link::{self, Link};
use super::profile_chain::{BaseCredentials, ProfileChain, SsoAccount, WebIdentityRole, assumes_role, key_origin};
use super::{Container, Imds, MfaPrompt, RoleCache, SharedContext, assume_role, web_identity};
use crate::Result;
use crate::config::profile::{ProfileFile, Profiles, Section};
use crate::credentials::{
    Boto2Credentials, CredentialsChain, Ec2FileCredentials, EnvironmentCredentials, LookUpCredentials, Lookup,
    ProfileCredentials, ProvideCredentials,
};

/// What the chain is built from.
pub(crate) struct ChainInputs<'a> {
    pub(crate) context: SharedContext,
    pub(crate) profiles: &'a Profiles,
    /// The name of the active profile.
    pub(crate) name: &'a str,
    /// The active profile, if a file has it.
    pub(crate) section: Option<&'a Section>,
    /// The files that were searched for it, for messages.
    pub(crate) files: &'a str,
    /// Whether code set the profile. That is a choice of identity, which environment variables do not override.
    pub(crate) is_explicit: bool,
    pub(crate) mfa: Option<&'a MfaPrompt>,
    pub(crate) cache: Option<&'a RoleCache>,
}

/// env, assume-role, assume-role-with-web-identity, sso, shared-credentials-file, login, custom-process, config-file,
/// ec2-credentials-file, boto-config, container-role, iam-role.
///
/// Keys in the environment and in the profile are looked up immediately, so that a session with only one fails when
/// it is built.
pub(crate) fn default_chain(inputs: &ChainInputs<'_>) -> Result<CredentialsChain> {
    let variables = inputs.context.variables();
    let mut links: Vec<Arc<dyn LookUpCredentials>> = Vec::new();
    let mut is_decided = false;
    if !inputs.is_explicit {
        let environment = EnvironmentCredentials::new(variables.clone());
        is_decided = matches!(environment.look_up_now()?, Lookup::Found(_));
        links.push(Arc::new(environment));
    }
    let before_keys = [inputs.role(), inputs.web_identity(), inputs.sso()];
    is_decided |= before_keys.iter().any(Link::is_configured);
    links.extend(before_keys.map(|it| Arc::new(it) as Arc<dyn LookUpCredentials>));
    let keys = inputs.keys(ProfileFile::Credentials);
    if !is_decided {
        keys.look_up_now()?;
    }
    links.push(Arc::new(keys));
    let between_files = [
        inputs.base(chain_link::LOGIN, "login_session", BaseCredentials::login),
        inputs.base(chain_link::PROCESS, "credential_process", BaseCredentials::process),
    ];
    is_decided |= between_files.iter().any(Link::is_configured);
    links.extend(between_files.map(|it| Arc::new(it) as Arc<dyn LookUpCredentials>));
    let keys = inputs.keys(ProfileFile::Config);
    if !is_decided {
        keys.look_up_now()?;
    }
    links.push(Arc::new(keys));
    links.push(Arc::new(Ec2FileCredentials::new(variables.clone())));
    links.push(Arc::new(Boto2Credentials::new(variables.clone())));
    links.push(Arc::new(Container::from_context(Arc::clone(&inputs.context))));
    links.push(Arc::new(Imds::from_context(Arc::clone(&inputs.context))));
    Ok(CredentialsChain::new(links))
}

impl ChainInputs<'_> {
    fn role(&self) -> Link {
        let resolved =
            self.section.filter(|it| assumes_role(it)).map(|_| ProfileChain::resolve(self.profiles, self.name));
        let build = |chain: ProfileChain| chain.build_with(&self.context, self.mfa, self.cache);
        let provider = resolved.transpose().map(|it| it.map(build));
        Link::new(assume_role::NAME, provider, || match self.section.filter(|it| it.get("role_arn").is_some()) {
            Some(section) => {
                format!("{} is set, which the next provider uses", key_origin(section, "web_identity_token_file"))
            }
            None => self.not_in_profile("role_arn"),
        })
    }

    /// Each setting is read from its variable first, then from the profile, as in botocore.
    fn web_identity(&self) -> Link {
        let role = WebIdentityRole::find(|variable, key| {
            let from_environment = || Some((self.context.variables().get(variable)?, variable.to_owned()));
            let from_profile = || {
                let section = self.section?;
                Some((section.get(key)?.to_owned(), key_origin(section, key)))
            };
            (!self.is_explicit).then(from_environment).flatten().or_else(from_profile)
        });
        let provider = self.build(role.map(|it| it.map(BaseCredentials::WebIdentity)));
        Link::new(web_identity::NAME, provider, || {
            let reason = self.not_in_profile("web_identity_token_file");
            match self.is_explicit {
                true => reason,
                false => format!("AWS_WEB_IDENTITY_TOKEN_FILE is not set, {reason}"),
            }
        })
    }

    fn sso(&self) -> Link {
        let account = match self.section {
            Some(section) => SsoAccount::from_profile(section, self.profiles),
            None => Ok(None),
        };
        let provider = self.build(account.map(|it| it.map(BaseCredentials::Sso)));
        Link::new(chain_link::SSO, provider, || self.not_in_profile("sso_account_id"))
    }

    fn base(&self, name: &'static str, key: &str, read: fn(&Section) -> Option<BaseCredentials>) -> Link {
        let provider = self.build(Ok(self.section.and_then(read)));
        Link::new(name, provider, || self.not_in_profile(key))
    }

    fn build(&self, base: Result<Option<BaseCredentials>>) -> Result<Option<Arc<dyn ProvideCredentials>>> {
        base.map(|it| it.map(|base| base.build_with(&self.context, self.cache)))
    }

    fn keys(&self, file: ProfileFile) -> ProfileCredentials {
        let keys = match self.section {
            Some(section) => ProfileCredentials::new(section.clone()),
            // Only one of the two links names the files.
            None if file == ProfileFile::Credentials => {
                ProfileCredentials::missing(self.name, format!("{} in {}", self.no_profile(), self.files))
            }
            None => ProfileCredentials::missing(self.name, self.no_profile()),
        };
        keys.file(file)
    }

    /// Why a link that needs `key` is not configured.
    fn not_in_profile(&self, key: &str) -> String {
        match self.section {
            Some(section) => format!("profile {:?} has no {key}", section.name()),
            None => self.no_profile(),
        }
    }

    fn no_profile(&self) -> String {
        format!("no profile {:?}", self.name)
    }
}
