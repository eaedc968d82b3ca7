//! How a profile's credentials are obtained: base credentials, and the roles assumed one after the other from them.
//! Knows the keys of profiles and botocore's order among them; does no I/O.

use std::path::PathBuf;
use std::time::Duration;

use super::failed;
use crate::Result;
use crate::config::check_region;
use crate::config::profile::{ProfileFile, Profiles, Section};
use crate::credentials::{Credentials, Lookup, ProfileCredentials};

/// The longest chain of roles. Our choice: each is a call, so a longer one is a mistake of whatever wrote the file.
const MAX_ROLES: usize = 100;

/// How the credentials of a profile are obtained.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ProfileChain {
    /// The credentials that the first role is assumed with, or those of the profile if it assumes no role.
    pub base: BaseCredentials,
    /// The roles, each assumed with the credentials of the one before; the profile's own role is the last.
    pub roles: Vec<RoleHop>,
}

/// Credentials that are not those of an assumed role.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum BaseCredentials {
    /// Keys in the profile.
    Keys(Credentials),
    /// `credential_source = Environment`.
    Environment,
    /// `credential_source = Ec2InstanceMetadata`.
    InstanceMetadata,
    /// `credential_source = EcsContainer`.
    Container,
    /// `credential_process`.
    #[non_exhaustive]
    Process {
        /// The command line.
        command: String,
        /// The account id, used if the program does not print one.
        account_id: Option<String>,
        /// Where the command was set: key, profile, file and line.
        origin: String,
    },
    /// `web_identity_token_file`.
    WebIdentity(WebIdentityRole),
    /// `sso_account_id` and `sso_role_name`.
    Sso(SsoAccount),
    /// `login_session`.
    #[non_exhaustive]
    Login {
        /// The value of the key.
        session: String,
        /// The name of the profile.
        profile: String,
    },
}

/// A role that a profile assumes.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RoleHop {
    /// `role_arn`.
    pub role_arn: String,
    /// `external_id`.
    pub external_id: Option<String>,
    /// `role_session_name`.
    pub session_name: Option<String>,
    /// `mfa_serial`.
    pub mfa_serial: Option<String>,
    /// `duration_seconds`.
    pub duration: Option<Duration>,
    /// Where the role was set: profile, file and line.
    pub origin: String,
}

/// A role that is assumed with a web identity token from a file.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WebIdentityRole {
    /// `role_arn` or `AWS_ROLE_ARN`.
    pub role_arn: String,
    /// `web_identity_token_file` or `AWS_WEB_IDENTITY_TOKEN_FILE`.
    pub token_file: PathBuf,
    /// `role_session_name` or `AWS_ROLE_SESSION_NAME`.
    pub session_name: Option<String>,
    /// Where the file was set: the variable, or key, profile, file and line.
    pub origin: String,
}

/// A role in an account, granted to a user of IAM Identity Center.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SsoAccount {
    /// `sso_account_id`.
    pub account_id: String,
    /// `sso_role_name`.
    pub role_name: String,
    /// `sso_region`.
    pub region: String,
    /// `sso_start_url`.
    pub start_url: String,
    /// `sso_session`; `None` for the legacy configuration without a session.
    pub session: Option<String>,
    /// The name of the profile.
    pub profile: String,
}

impl ProfileChain {
    /// Resolves the profile `name`, and the profiles that it refers to.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials), with file and line, if the profile or one it refers
    /// to is missing, has no credentials or incomplete ones, or if profiles refer to each other in a cycle.
    pub fn resolve(profiles: &Profiles, name: &str) -> Result<Self> {
        let mut section = profiles.profile(name).ok_or_else(|| failed(format!("there is no profile {name:?}")))?;
        let (mut roles, mut visited) = (Vec::new(), vec![name]);
        let base = loop {
            section.check()?;
            // Keys win over a role in a profile that another one refers to, but not in the first profile.
            let is_role = assumes_role(section) && (roles.is_empty() || !has_keys(section));
            if !is_role {
                break Self::base(section, profiles)?.ok_or_else(|| {
                    let location = section.location();
                    failed(format!("profile {:?} ({location}) has no credentials", section.name()))
                })?;
            }
            let hop = RoleHop::read(section);
            let origin = hop.origin.clone();
            if roles.len() == MAX_ROLES {
                let names = visited.iter().map(|it| format!("{it:?}")).collect::<Vec<_>>().join(", then ");
                return Err(failed(format!(
                    "{origin} is behind {MAX_ROLES} roles, the most that a chain may have: {names}"
                )));
            }
            roles.push(hop);
            let source_profile = match (section.get("source_profile"), section.get("credential_source")) {
                (Some(_), Some(_)) => {
                    return Err(failed(format!(
                        "{origin} has both source_profile and credential_source: exactly one is required"
                    )));
                }
                (None, None) => {
                    return Err(failed(format!(
                        "{origin} has neither source_profile nor credential_source: exactly one is required"
                    )));
                }
                (None, Some(credential_source)) => break BaseCredentials::named(section, credential_source)?,
                (Some(source_profile), None) => source_profile,
            };
            let origin = key_origin(section, "source_profile");
            let next = profiles.profile(source_profile).ok_or_else(|| {
                let hint = profiles.near_miss(source_profile).map(|it| format!("; {it}")).unwrap_or_default();
                failed(format!("{origin} is {source_profile:?}, which does not exist{hint}"))
            })?;
            // A profile may refer to itself for its own keys.
            let is_own = source_profile == section.name() && has_keys(next);
            if visited.contains(&source_profile) && !is_own {
                let cycle = visited.iter().map(|it| format!("{it:?}")).collect::<Vec<_>>().join(", then ");
                return Err(failed(format!(
                    "{origin} is {source_profile:?}: profiles refer to each other in a cycle: {cycle}"
                )));
            }
            visited.push(source_profile);
            section = next;
        };
        roles.reverse();
        Ok(Self { base, roles })
    }

    /// The credentials of a profile other than a role to assume, in botocore's order; `None` if it has none.
    fn base(section: &Section, profiles: &Profiles) -> Result<Option<BaseCredentials>> {
        if let Some(role) = WebIdentityRole::from_profile(section)? {
            return Ok(Some(BaseCredentials::WebIdentity(role)));
        }
        if let Some(account) = SsoAccount::from_profile(section, profiles)? {
            return Ok(Some(BaseCredentials::Sso(account)));
        }
        let keys = |file| match ProfileCredentials::new(section.clone()).file(file).look_up_now()? {
            Lookup::Found(keys) => Ok(Some(BaseCredentials::Keys(keys))),
            Lookup::NotConfigured(_) => Ok(None),
        };
        if let Some(found) = keys(ProfileFile::Credentials)? {
            return Ok(Some(found));
        }
        if let Some(found) = BaseCredentials::login(section).or_else(|| BaseCredentials::process(section)) {
            return Ok(Some(found));
        }
        keys(ProfileFile::Config)
    }
}

impl BaseCredentials {
    pub(super) fn login(section: &Section) -> Option<Self> {
        let session = section.get("login_session")?.to_owned();
        Some(Self::Login { session, profile: section.name().to_owned() })
    }

    pub(super) fn process(section: &Section) -> Option<Self> {
        let command = section.get("credential_process")?.to_owned();
        let account_id = section.get("aws_account_id").map(str::to_owned);
        Some(Self::Process { command, account_id, origin: key_origin(section, "credential_process") })
    }

    /// The credentials that a value of `credential_source` names.
    fn named(section: &Section, name: &str) -> Result<Self> {
        Ok(match name {
            "Environment" => Self::Environment,
            "Ec2InstanceMetadata" => Self::InstanceMetadata,
            "EcsContainer" => Self::Container,
            _ => {
                let origin = key_origin(section, "credential_source");
                let expected = "Environment, Ec2InstanceMetadata, EcsContainer";
                return Err(failed(format!("{origin} is {name:?}: expected one of {expected}")));
            }
        })
    }
}

impl RoleHop {
    fn read(section: &Section) -> Self {
        let get = |key| section.get(key).map(str::to_owned);
        let duration = get("duration_seconds").and_then(|value| {
            let seconds = value.parse().ok();
            if seconds.is_none() {
                // As in botocore, this is not an error: a session of the default duration has the same identity.
                tracing::warn!("{} is ignored: it is not a number of seconds", key_origin(section, "duration_seconds"));
            }
            seconds.map(Duration::from_secs)
        });
        Self {
            role_arn: get("role_arn").unwrap_or_default(),
            external_id: get("external_id"),
            session_name: get("role_session_name"),
            mfa_serial: get("mfa_serial"),
            duration,
            origin: profile_origin(section, "role_arn"),
        }
    }
}

impl WebIdentityRole {
    /// The role that a profile configures, without environment variables.
    fn from_profile(section: &Section) -> Result<Option<Self>> {
        Self::find(|_, key| Some((section.get(key)?.to_owned(), key_origin(section, key))))
    }

    /// The role that is configured, if any. `get` looks up a setting by its environment variable and profile key, and
    /// returns its value and origin.
    pub(super) fn find(get: impl Fn(&str, &str) -> Option<(String, String)>) -> Result<Option<Self>> {
        let Some((file, origin)) = get("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file") else {
            return Ok(None);
        };
        let Some((role_arn, _)) = get("AWS_ROLE_ARN", "role_arn") else {
            return Err(failed(format!("{origin} is set, but no role: set role_arn in the profile, or AWS_ROLE_ARN")));
        };
        let session_name = get("AWS_ROLE_SESSION_NAME", "role_session_name").map(|it| it.0);
        Ok(Some(Self { role_arn, token_file: file.into(), session_name, origin }))
    }
}

impl SsoAccount {
    /// The account and role that a profile, together with the `sso-session` it names, configures.
    pub(super) fn from_profile(section: &Section, profiles: &Profiles) -> Result<Option<Self>> {
        let keys = ["sso_account_id", "sso_role_name"];
        let Some(key) = keys.into_iter().find(|it| section.get(it).is_some()) else { return Ok(None) };
        let origin = profile_origin(section, key);
        let session = sso_session(section, profiles)?;
        let get = |key: &str| -> Result<Option<String>> {
            let in_profile = section.get(key);
            let Some(in_session) = session.and_then(|it| it.get(key)) else {
                return Ok(in_profile.map(str::to_owned));
            };
            match in_profile {
                Some(value) if value != in_session => {
                    let session = session.map(Section::name).unwrap_or_default();
                    let origin = key_origin(section, key);
                    Err(failed(format!("{origin} differs from {key} of sso-session {session:?}: they must be equal")))
                }
                _ => Ok(Some(in_session.to_owned())),
            }
        };
        let names = ["sso_account_id", "sso_role_name", "sso_region", "sso_start_url"];
        let mut missing = Vec::new();
        let mut values = Vec::with_capacity(names.len());
        for name in names {
            match get(name)? {
                Some(value) => values.push(value),
                None => missing.push(name),
            }
        }
        let Ok([account_id, role_name, region, start_url]) = <[String; 4]>::try_from(values) else {
            return Err(failed(format!("{origin} is for IAM Identity Center, but lacks {}", missing.join(", "))));
        };
        if let Err(expected) = check_region(&region) {
            let origin = match session.filter(|it| it.get("sso_region").is_some()) {
                Some(session) => {
                    let location = session.location_of("sso_region").map(|it| format!(" ({it})")).unwrap_or_default();
                    format!("sso_region of sso-session {:?}{location}", session.name())
                }
                None => key_origin(section, "sso_region"),
            };
            return Err(failed(format!("{origin} is {region:?}: expected {expected}")));
        }
        let session = session.map(|it| it.name().to_owned());
        Ok(Some(Self { account_id, role_name, region, start_url, session, profile: section.name().to_owned() }))
    }
}

/// The `sso-session` that a profile names, if any.
pub(super) fn sso_session<'a>(section: &Section, profiles: &'a Profiles) -> Result<Option<&'a Section>> {
    let Some(name) = section.get("sso_session") else { return Ok(None) };
    let session = profiles.sso_session(name).ok_or_else(|| {
        let origin = key_origin(section, "sso_session");
        failed(format!("{origin} names sso-session {name:?}, which is not defined"))
    })?;
    session.check()?;
    Ok(Some(session))
}

/// The command that creates the token of a profile.
pub(super) fn sso_login_command(profile: &str) -> String {
    format!("aws sso login --profile {}", shell_quoted(profile))
}

/// The name of a profile as a shell argument, quoted if necessary.
pub(super) fn shell_quoted(name: &str) -> String {
    match name.contains(|it: char| !it.is_ascii_alphanumeric() && !"_-./@:+".contains(it)) {
        true => format!("'{}'", name.replace('\'', r"'\''")),
        false => name.to_owned(),
    }
}

/// Whether a profile assumes a role with other credentials. A role with a web identity token needs none.
pub(super) fn assumes_role(section: &Section) -> bool {
    section.get("role_arn").is_some() && section.get("web_identity_token_file").is_none()
}

fn has_keys(section: &Section) -> bool {
    section.get("aws_access_key_id").is_some() || section.get("aws_secret_access_key").is_some()
}

/// `KEY of profile "NAME" (PATH, line N)`.
pub(super) fn key_origin(section: &Section, key: &str) -> String {
    format!("{key} of {}", profile_origin(section, key))
}

/// `profile "NAME" (PATH, line N)`, with the line of a key.
fn profile_origin(section: &Section, key: &str) -> String {
    let location = section.location_of(key).map(|it| format!(" ({it})")).unwrap_or_default();
    format!("profile {:?}{location}", section.name())
}
