//! Where a profile's credentials come from: a base, and the roles assumed one from the other on top of it. Decides without
//! asking anybody; knows keys of profiles, and botocore's order among them.

use std::path::PathBuf;
use std::time::Duration;

use super::failed;
use crate::Result;
use crate::config::profile::{ProfileFile, Profiles, Section};
use crate::credentials::{Credentials, Lookup, ProfileCredentials};

/// The way from a profile to its credentials.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ProfileChain {
    /// Whose credentials the first role is assumed with, or what the profile has if there are no roles.
    pub base: BaseCredentials,
    /// Roles, each assumed with the credentials of the one before; the profile's own is the last.
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
        /// The line.
        line: String,
        /// The account, if the program does not tell it.
        account_id: Option<String>,
        /// Where the line stands.
        place: String,
    },
    /// `web_identity_token_file`.
    WebIdentity(WebIdentityRole),
    /// `sso_account_id` and `sso_role_name`.
    Sso(SsoAccount),
    /// `login_session`.
    #[non_exhaustive]
    Login {
        /// Its value.
        session: String,
        /// The profile that has it.
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
    /// The profile, and where it asks for the role.
    pub place: String,
}

/// A role that is assumed with a token in a file.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WebIdentityRole {
    /// `role_arn`, `AWS_ROLE_ARN`.
    pub role_arn: String,
    /// `web_identity_token_file`, `AWS_WEB_IDENTITY_TOKEN_FILE`.
    pub token_file: PathBuf,
    /// `role_session_name`, `AWS_ROLE_SESSION_NAME`.
    pub session_name: Option<String>,
}

/// A role in an account, of a user of IAM Identity Center.
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
    /// `sso_session`; `None` is the form before there were sessions.
    pub session: Option<String>,
    /// The profile.
    pub profile: String,
}

/// What an answer about one kind of credentials is: `None` if the profile does not ask for it.
pub(super) type Asked<T> = Result<Option<T>>;

impl ProfileChain {
    /// The way from the profile `name`.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials), with file and line, if the profile or one it refers to is
    /// missing, has no credentials or half of them, or if profiles refer to each other in a circle.
    pub fn resolve(profiles: &Profiles, name: &str) -> Result<Self> {
        let mut section = profiles.profile(name).ok_or_else(|| failed(format!("there is no profile {name:?}")))?;
        let (mut roles, mut visited) = (Vec::new(), vec![name]);
        let base = loop {
            // Keys go before a role in a profile that another one refers to, but not in the first.
            let is_role = asks_for_role(section) && (roles.is_empty() || !has_keys(section));
            if !is_role {
                break Self::base(section, profiles)?.ok_or_else(|| {
                    let place = section.place();
                    failed(format!("profile {:?} ({place}) has no credentials", section.name()))
                })?;
            }
            let hop = RoleHop::read(section);
            let place = hop.place.clone();
            roles.push(hop);
            let (source, named) = (section.get("source_profile"), section.get("credential_source"));
            let source = match (source, named) {
                (Some(_), Some(_)) => {
                    return Err(failed(format!(
                        "{place} has both source_profile and credential_source: one is needed"
                    )));
                }
                (None, None) => {
                    return Err(failed(format!(
                        "{place} has neither source_profile nor credential_source: one is needed"
                    )));
                }
                (None, Some(named)) => break named_source(section, named)?,
                (Some(source), None) => source,
            };
            let referred = at(section, "source_profile");
            let next = profiles.profile(source).ok_or_else(|| {
                let hint = profiles.near_miss(source).map(|it| format!("; {it}")).unwrap_or_default();
                failed(format!("{referred} is {source:?}, which does not exist{hint}"))
            })?;
            // A profile may name itself for its own keys.
            let is_own = source == section.name() && has_keys(next);
            if visited.contains(&source) && !is_own {
                let circle = visited.iter().map(|it| format!("{it:?}")).collect::<Vec<_>>().join(", then ");
                return Err(failed(format!(
                    "{referred} is {source:?}: profiles refer to each other in a circle: {circle}"
                )));
            }
            visited.push(source);
            section = next;
        };
        roles.reverse();
        Ok(Self { base, roles })
    }

    /// What a profile has beside a role to assume, in botocore's order; `None` if nothing.
    fn base(section: &Section, profiles: &Profiles) -> Asked<BaseCredentials> {
        if let Some(role) = WebIdentityRole::of_profile(section)? {
            return Ok(Some(BaseCredentials::WebIdentity(role)));
        }
        if let Some(account) = SsoAccount::of_profile(section, profiles)? {
            return Ok(Some(BaseCredentials::Sso(account)));
        }
        let keys = |file| match ProfileCredentials::new(section.clone()).of_file(file).look_up_now()? {
            Lookup::Found(found) => Ok(Some(BaseCredentials::Keys(found))),
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
        let line = section.get("credential_process")?.to_owned();
        let account_id = section.get("aws_account_id").map(str::to_owned);
        Some(Self::Process { line, account_id, place: at(section, "credential_process") })
    }
}

impl RoleHop {
    fn read(section: &Section) -> Self {
        let get = |key| section.get(key).map(str::to_owned);
        let duration = get("duration_seconds").and_then(|text| {
            let seconds = text.parse().ok();
            if seconds.is_none() {
                // As botocore: a session of the usual length is no other identity.
                tracing::warn!("{} is no number of seconds, and is ignored", at(section, "duration_seconds"));
            }
            seconds.map(Duration::from_secs)
        });
        Self {
            role_arn: get("role_arn").unwrap_or_default(),
            external_id: get("external_id"),
            session_name: get("role_session_name"),
            mfa_serial: get("mfa_serial"),
            duration,
            place: profile_at(section, "role_arn"),
        }
    }
}

impl WebIdentityRole {
    /// What the profile alone says.
    fn of_profile(section: &Section) -> Asked<Self> {
        Self::find(|_, key| Some((section.get(key)?.to_owned(), at(section, key))))
    }

    /// What `get` says by a variable or a key, each with the place where it stands.
    pub(super) fn find(get: impl Fn(&str, &str) -> Option<(String, String)>) -> Asked<Self> {
        let Some((file, place)) = get("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file") else {
            return Ok(None);
        };
        let Some((role_arn, _)) = get("AWS_ROLE_ARN", "role_arn") else {
            return Err(failed(format!("{place} is set, but no role: set role_arn in the profile, or AWS_ROLE_ARN")));
        };
        let session_name = get("AWS_ROLE_SESSION_NAME", "role_session_name").map(|it| it.0);
        Ok(Some(Self { role_arn, token_file: file.into(), session_name }))
    }
}

impl SsoAccount {
    /// What the profile, and the `sso-session` it names, say.
    pub(super) fn of_profile(section: &Section, profiles: &Profiles) -> Asked<Self> {
        let keys = ["sso_account_id", "sso_role_name"];
        let Some(key) = keys.into_iter().find(|it| section.get(it).is_some()) else { return Ok(None) };
        let place = profile_at(section, key);
        let session = session_of(section, profiles)?;
        let get = |key: &str| -> Asked<String> {
            let own = section.get(key);
            let Some(theirs) = session.and_then(|it| it.get(key)) else { return Ok(own.map(str::to_owned)) };
            match own {
                Some(own) if own != theirs => {
                    let session = session.map(Section::name).unwrap_or_default();
                    let own = at(section, key);
                    Err(failed(format!("{own} is not the {key} of sso-session {session:?}: they must be the same")))
                }
                _ => Ok(Some(theirs.to_owned())),
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
            return Err(failed(format!("{place} is for IAM Identity Center, but lacks {}", missing.join(", "))));
        };
        let session = session.map(|it| it.name().to_owned());
        Ok(Some(Self { account_id, role_name, region, start_url, session, profile: section.name().to_owned() }))
    }
}

/// The `sso-session` that a profile names.
pub(super) fn session_of<'a>(section: &Section, profiles: &'a Profiles) -> Asked<&'a Section> {
    let Some(name) = section.get("sso_session") else { return Ok(None) };
    let missing = || failed(format!("{} names sso-session {name:?}, which is not defined", at(section, "sso_session")));
    profiles.sso_session(name).map(Some).ok_or_else(missing)
}

/// The command that makes the profile's token.
pub(super) fn sso_login(profile: &str) -> String {
    format!("aws sso login --profile {}", shell_word(profile))
}

/// A profile's name as a shell takes it.
pub(super) fn shell_word(name: &str) -> String {
    match name.contains(|it: char| !it.is_ascii_alphanumeric() && !"_-./@:+".contains(it)) {
        true => format!("'{}'", name.replace('\'', r"'\''")),
        false => name.to_owned(),
    }
}

fn named_source(section: &Section, name: &str) -> Result<BaseCredentials> {
    Ok(match name {
        "Environment" => BaseCredentials::Environment,
        "Ec2InstanceMetadata" => BaseCredentials::InstanceMetadata,
        "EcsContainer" => BaseCredentials::Container,
        _ => {
            let place = at(section, "credential_source");
            let known = "Environment, Ec2InstanceMetadata, EcsContainer";
            return Err(failed(format!("{place} is {name:?}: expected one of {known}")));
        }
    })
}

/// Whether a profile assumes a role with other credentials; with a token's file it is another matter.
pub(super) fn asks_for_role(section: &Section) -> bool {
    section.get("role_arn").is_some() && section.get("web_identity_token_file").is_none()
}

fn has_keys(section: &Section) -> bool {
    section.get("aws_access_key_id").is_some() || section.get("aws_secret_access_key").is_some()
}

/// `KEY of profile "NAME" (PATH, line N)`.
pub(super) fn at(section: &Section, key: &str) -> String {
    format!("{key} of {}", profile_at(section, key))
}

/// `profile "NAME" (PATH, line N)`, with the line of a key.
fn profile_at(section: &Section, key: &str) -> String {
    let place = section.place_of(key).map(|it| format!(" ({it})")).unwrap_or_default();
    format!("profile {:?}{place}", section.name())
}
