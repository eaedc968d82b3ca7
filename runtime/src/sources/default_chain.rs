//! The chain a session has when code gives it no credentials: botocore's sources, in botocore's order.

use std::sync::Arc;

use super::link::Link;
use super::profile_chain::{BaseCredentials, ProfileChain, SsoAccount, WebIdentityRole, asks_for_role, at};
use super::{Around, Container, Imds, MfaPrompt, RoleCache, assume_role, login, process, sso_token, web_identity};
use crate::Result;
use crate::config::profile::{ProfileFile, Profiles, Section};
use crate::credentials::{
    Boto2Credentials, Chain, CredentialSource, Ec2FileCredentials, EnvironmentCredentials, Lookup, ProfileCredentials,
    ProvideCredentials,
};

/// What the chain is made of.
pub(crate) struct Ground<'a> {
    pub(crate) around: Around,
    pub(crate) profiles: &'a Profiles,
    /// The name of the active profile.
    pub(crate) name: &'a str,
    /// The active profile, if a file has it.
    pub(crate) section: Option<&'a Section>,
    /// The files it was looked for in, for messages.
    pub(crate) files: &'a str,
    /// Whether code chose the profile: that is a choice of identity, which variables do not override.
    pub(crate) is_chosen: bool,
    pub(crate) mfa: Option<&'a MfaPrompt>,
    pub(crate) cache: Option<&'a RoleCache>,
}

/// env, assume-role, assume-role-with-web-identity, sso, shared-credentials-file, login, custom-process, config-file,
/// ec2-credentials-file, boto-config, container-role, iam-role.
///
/// Keys at hand are looked at once, so that half a pair is told early.
pub(crate) fn default_chain(ground: &Ground<'_>) -> Result<Chain> {
    let variables = ground.around.variables();
    let mut links: Vec<Arc<dyn CredentialSource>> = Vec::new();
    let mut is_found = false;
    if !ground.is_chosen {
        let environment = EnvironmentCredentials::new(variables.clone());
        is_found = matches!(environment.look_up_now()?, Lookup::Found(_));
        links.push(Arc::new(environment));
    }
    let before = [ground.role(), ground.web_identity(), ground.sso()];
    let asked = before.iter().any(|it| !it.is_absent());
    links.extend(before.map(|it| Arc::new(it) as Arc<dyn CredentialSource>));
    let keys = ground.keys(ProfileFile::Credentials);
    if !is_found && !asked {
        keys.look_up_now()?;
    }
    links.push(Arc::new(keys));
    let between = [
        ground.base(login::NAME, "login_session", BaseCredentials::login),
        ground.base(process::NAME, "credential_process", BaseCredentials::process),
    ];
    let asked = asked || between.iter().any(|it| !it.is_absent());
    links.extend(between.map(|it| Arc::new(it) as Arc<dyn CredentialSource>));
    let keys = ground.keys(ProfileFile::Config);
    if !is_found && !asked {
        keys.look_up_now()?;
    }
    links.push(Arc::new(keys));
    links.push(Arc::new(Ec2FileCredentials::new(variables.clone())));
    links.push(Arc::new(Boto2Credentials::new(variables.clone())));
    links.push(Arc::new(Container::over(Arc::clone(&ground.around))));
    links.push(Arc::new(Imds::over(Arc::clone(&ground.around))));
    Ok(Chain::new(links))
}

impl Ground<'_> {
    fn role(&self) -> Link {
        let resolved =
            self.section.filter(|it| asks_for_role(it)).map(|_| ProfileChain::resolve(self.profiles, self.name));
        let found = resolved.transpose().map(|it| it.map(|chain| chain.over(&self.around, self.mfa, self.cache)));
        Link::new(assume_role::NAME, found, || match self.section.filter(|it| it.get("role_arn").is_some()) {
            Some(section) => format!("{} is set, which is the next link's", at(section, "web_identity_token_file")),
            None => self.lacks("role_arn"),
        })
    }

    /// Variables go before the profile, each on its own, as in botocore.
    fn web_identity(&self) -> Link {
        let found = WebIdentityRole::find(|variable, key| {
            let of_variable = || Some((self.around.variables().get(variable)?, variable.to_owned()));
            let of_profile = || {
                let section = self.section?;
                Some((section.get(key)?.to_owned(), at(section, key)))
            };
            (!self.is_chosen).then(of_variable).flatten().or_else(of_profile)
        });
        let found = found.map(|it| it.map(|role| BaseCredentials::WebIdentity(role).over(&self.around, self.cache)));
        Link::new(web_identity::NAME, found, || match self.is_chosen {
            true => self.lacks("web_identity_token_file"),
            false => format!("AWS_WEB_IDENTITY_TOKEN_FILE is not set, {}", self.lacks("web_identity_token_file")),
        })
    }

    fn sso(&self) -> Link {
        let found = match self.section {
            Some(section) => SsoAccount::of_profile(section, self.profiles),
            None => Ok(None),
        };
        let found = found.map(|it| it.map(|account| BaseCredentials::Sso(account).over(&self.around, self.cache)));
        Link::new(sso_token::NAME, found, || self.lacks("sso_account_id"))
    }

    fn base(&self, name: &'static str, key: &str, read: fn(&Section) -> Option<BaseCredentials>) -> Link {
        let found = self.section.and_then(read);
        let found: Option<Arc<dyn ProvideCredentials>> = found.map(|it| it.over(&self.around, self.cache));
        Link::new(name, Ok(found), || self.lacks(key))
    }

    fn keys(&self, file: ProfileFile) -> ProfileCredentials {
        let keys = match self.section {
            Some(section) => ProfileCredentials::new(section.clone()),
            // The files are told once.
            None if file == ProfileFile::Credentials => {
                ProfileCredentials::missing(self.name, format!("{} in {}", self.missing(), self.files))
            }
            None => ProfileCredentials::missing(self.name, self.missing()),
        };
        keys.of_file(file)
    }

    fn lacks(&self, key: &str) -> String {
        match self.section {
            Some(section) => format!("profile {:?} has no {key}", section.name()),
            None => self.missing(),
        }
    }

    fn missing(&self) -> String {
        format!("no profile {:?}", self.name)
    }
}
