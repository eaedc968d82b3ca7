//! The value chain: code, then environment, then profile, then defaults mode, then default. Knows the order; names and
//! readers are in `settings`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::base::Base;
use super::builder::SessionBuilder;
use super::files::{self, ProfileFiles};
use super::settings::{self, SETTINGS, Source};
use crate::config::profile::{DEFAULT_PROFILE, Profiles, Section};
use crate::config::{
    Config, Configured, DefaultsMode, EndpointUrls, Environment, ModeDefaults, Services, check_region, check_url,
};
use crate::credentials::{Chain, ProvideCredentials};
use crate::sources::{Ground, SharedToken, Surroundings, cached, default_chain};
use crate::{Error, ErrorKind, Result};

/// What a session comes to.
pub(super) struct Resolved {
    pub(super) config: Arc<Config>,
    pub(super) profiles: Arc<Profiles>,
    pub(super) credentials: Arc<dyn ProvideCredentials>,
    pub(super) token: SharedToken,
    pub(super) base: Base,
    /// Where each of [`SETTINGS`] came from.
    pub(super) sources: Box<[Source]>,
    /// Who named the profile: code, one of [`PROFILE_VARIABLES`], or nobody.
    pub(super) profile_source: Source,
    pub(super) files: ProfileFiles,
}

/// The variables that name the profile, in the order of botocore, which the AWS CLI shares; others ask AWS_PROFILE first.
pub(super) const PROFILE_VARIABLES: [&str; 2] = ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"];

/// Resolves everything `given` leaves open. Collects what is wrong, so that one run tells all.
pub(super) fn resolve(given: &SessionBuilder) -> Result<Resolved> {
    let environment = &given.environment;
    let files = ProfileFiles::located(environment, given.config_file.as_deref(), given.credentials_file.as_deref());
    let profiles = files.read()?;
    let active = Active::find(given, &profiles, &files)?;

    let mut config = given.config.clone();
    let mut problems = checked_code(given);
    let mut sources: Box<[Source]> = SETTINGS
        .iter()
        .map(|setting| match given.given.contains(&setting.name) {
            true => Source::Code,
            false => setting.apply(&mut config, environment, active.section).unwrap_or_else(|problem| {
                problems.push(problem);
                Source::Default
            }),
        })
        .collect();
    fips_of_region(&mut config, &mut sources);
    expand_home(&mut config, environment);
    let is_open = apply_mode(&mut config, &mut sources, environment);
    config.insists_on_auth_scheme = given.given.contains(&"auth_scheme_preference");
    if let Ok(names) = settings::schemes(std::mem::take(&mut config.auth_scheme_preference)) {
        config.auth_scheme_preference = names;
    }
    config.profile.clone_from(&active.name);
    endpoint_urls(&mut config.endpoint_urls, environment, &profiles, active.section);
    problems.extend(usable_url(&config.endpoint_urls).err());
    if config.app_id.as_ref().is_some_and(|it| it.chars().count() > 50) {
        tracing::warn!("the app id is longer than 50 characters");
    }

    let config = Arc::new(config);
    let base = Base::new(given, Arc::clone(&config), is_open);
    let credentials = match given.shared.credentials.get() {
        Some(shared) => Ok(Arc::clone(shared)),
        None => credentials(given, &profiles, &active, &base),
    };
    match (credentials, &problems[..]) {
        (Ok(credentials), []) => {
            // A chain without a region can call few: a derived session that has one shall make its own.
            let is_shared = given.credentials.is_some() || config.region.is_some();
            let credentials = match is_shared {
                true => Arc::clone(given.shared.credentials.get_or_init(|| credentials)),
                false => credentials,
            };
            let around: Arc<dyn Surroundings> = Arc::new(base.clone());
            let token = SharedToken::of_profile(&around, active.section, &profiles);
            let profile_source = active.source;
            let profiles = Arc::new(profiles);
            Ok(Resolved { config, profiles, credentials, token, base, sources, profile_source, files })
        }
        (Err(error), []) => Err(error),
        (credentials, _) => {
            problems.extend(credentials.err().map(|it| it.to_string()));
            let message = match &problems[..] {
                [problem] => problem.clone(),
                _ => format!("{} settings are wrong: {}", problems.len(), problems.join("; ")),
            };
            Err(Error::new(ErrorKind::Config, message))
        }
    }
}

/// The active profile.
struct Active<'a> {
    name: String,
    /// `None` if no file has it, which only `default` may.
    section: Option<&'a Section>,
    /// Where it was looked for.
    files: String,
    source: Source,
}

impl<'a> Active<'a> {
    fn find(given: &SessionBuilder, profiles: &'a Profiles, files: &ProfileFiles) -> Result<Self> {
        let [first, second] = PROFILE_VARIABLES;
        let variable = |name, at, by| Some((given.environment.get(name)?, Source::Variable(at), by));
        let (name, source, by) = given
            .profile
            .clone()
            .map(|name| (name, Source::Code, "code"))
            .or_else(|| variable(first, 0, first))
            .or_else(|| variable(second, 1, second))
            .unwrap_or_else(|| (DEFAULT_PROFILE.to_owned(), Source::Default, "default"));
        let section = profiles.profile(&name);
        let files = files.describe();
        if section.is_some() || name == DEFAULT_PROFILE {
            return Ok(Self { name, section, files, source });
        }
        let mut known = profiles.names().collect::<Vec<_>>().join(", ");
        if known.is_empty() {
            known.push_str("none");
        }
        let mut message =
            format!("profile {name:?} (named by {by}) was not found; looked in {files}; known profiles: {known}");
        if let Some(hint) = profiles.near_miss(&name) {
            message.push_str("; ");
            message.push_str(&hint);
        }
        Err(Error::new(ErrorKind::Config, message))
    }
}

/// What code, environment or profile call a region that stands for another with FIPS endpoints, as `fips-us-east-1` and
/// `us-east-1-fips` do: that one, as in botocore.
fn fips_of_region(config: &mut Config, sources: &mut [Source]) {
    let Some(written) = &config.region else { return };
    let region = written.replace("fips-", "").replace("-fips", "");
    if region != *written && check_region(&region).is_ok() {
        tracing::warn!(region, written, "a FIPS pseudo-region: set the region and use_fips instead");
        (config.region, config.use_fips) = (Some(region), Some(true));
        set_source(sources, "use_fips", Source::Region);
    }
}

/// Replaces a `~` at the start of paths, which in a file no shell does. (botocore then looks for a folder of that name.)
fn expand_home(config: &mut Config, environment: &Environment) {
    let Config { ca_bundle, proxies_config, .. } = config;
    let paths = [ca_bundle, &mut proxies_config.proxy_ca_bundle, &mut proxies_config.proxy_client_cert];
    for path in paths.into_iter().flatten().filter(|it| it.starts_with("~")) {
        *path = files::expand(std::mem::take(path), environment);
    }
}

fn set_source(sources: &mut [Source], name: &str, source: Source) {
    let places = SETTINGS.iter().zip(sources).filter(|it| it.0.name == name);
    places.for_each(|(_, place)| *place = source);
}

/// Gives the settings that nobody gave what the defaults mode says, if it says anything. Whether the mode depends on where
/// the program runs, and only the instance metadata service can tell; until then `standard` holds.
fn apply_mode(config: &mut Config, sources: &mut [Source], environment: &Environment) -> bool {
    let mut is_open = false;
    let mode = match config.defaults_mode {
        DefaultsMode::Auto => match runs_in(environment) {
            Some(region) if Some(&region) == config.region.as_ref() => DefaultsMode::InRegion,
            Some(_) => DefaultsMode::CrossRegion,
            None => {
                is_open = true;
                DefaultsMode::Standard
            }
        },
        mode => mode,
    };
    let Some(defaults) = ModeDefaults::of(mode) else { return false };
    let mut is_open_for_connecting = false;
    for (setting, source) in SETTINGS.iter().zip(sources) {
        if let (Source::Default, Some(apply)) = (*source, setting.of_mode) {
            apply(config, defaults);
            *source = Source::Mode;
            // All else is the same in the modes that `auto` chooses from.
            is_open_for_connecting |= is_open && setting.name == "connect_timeout";
        }
    }
    is_open_for_connecting
}

/// The region that the environment says the program runs in, as in botocore.
fn runs_in(environment: &Environment) -> Option<String> {
    environment.get("AWS_EXECUTION_ENV")?;
    environment.get("AWS_REGION").or_else(|| environment.get("AWS_DEFAULT_REGION"))
}

/// What is wrong with values given in code.
fn checked_code(given: &SessionBuilder) -> Vec<String> {
    let config = &given.config;
    let mut problems = Vec::new();
    let mut complain = |name: &str, value: String, checked: std::result::Result<(), String>| {
        if let Err(expected) = checked {
            problems.push(format!("{name} given in code is {value}: expected {expected}"));
        }
    };
    if let Some(region) = &config.region {
        complain("region", format!("{region:?}"), check_region(region));
    }
    if let Some(attempts) = config.retry.max_attempts {
        let checked = settings::in_range(attempts, settings::MAX_ATTEMPTS).map(drop);
        complain("max_attempts", attempts.to_string(), checked);
    }
    if given.given.contains(&"auth_scheme_preference") {
        let value = &config.auth_scheme_preference;
        complain("auth_scheme_preference", format!("{value:?}"), settings::schemes(value.clone()).map(drop));
    }
    if given.given.contains(&"sigv4a_signing_region_set") {
        let value = &config.sigv4a_signing_region_set;
        complain("sigv4a_signing_region_set", format!("{value:?}"), settings::region_set(value.clone()).map(drop));
    }
    if let Some(extra) = config.user_agent_extra.as_ref().filter(|it| it.contains(|it: char| it.is_ascii_control())) {
        complain("user_agent_extra", format!("{extra:?}"), Err("text without control characters".to_owned()));
    }
    let attempts = config.metadata.metadata_service_num_attempts;
    complain(
        "metadata_service_num_attempts",
        attempts.to_string(),
        settings::in_range(attempts, settings::METADATA).map(drop),
    );
    let bytes = config.request_min_compression_size_bytes;
    let checked = settings::in_range(bytes, settings::MIN_COMPRESSION_SIZE).map(drop);
    complain("request_min_compression_size_bytes", bytes.to_string(), checked);
    problems
}

/// Collects the endpoint URLs of environment and profile. Which one holds depends on the service, and is decided when one
/// is called.
fn endpoint_urls(urls: &mut EndpointUrls, environment: &Environment, profiles: &Profiles, profile: Option<&Section>) {
    urls.environment = environment.with_prefix("AWS_ENDPOINT_URL_");
    urls.environment_global = environment.get("AWS_ENDPOINT_URL");
    let Some(profile) = profile else { return };
    urls.profile = profile
        .get("endpoint_url")
        .map(|value| Configured { value: value.to_owned(), place: settings::place(profile, "endpoint_url") });
    let Some(name) = profile.get("services") else { return };
    urls.services = match profiles.services(name) {
        Some(section) => Services::Section(of_services(section)),
        None => {
            let place = settings::place(profile, "services");
            Services::Missing(format!("{place} names [services {name}], which does not exist"))
        }
    };
}

fn of_services(section: &Section) -> BTreeMap<String, Configured> {
    let configured = |(service, _)| {
        let value = section.nested(service, "endpoint_url")?.to_owned();
        let line = section.place_of_nested(service, "endpoint_url").map(|it| format!(" ({it})")).unwrap_or_default();
        let place = format!("endpoint_url of {service} in [services {}]{line}", section.name());
        Some((service.to_owned(), Configured { value, place }))
    };
    section.iter().filter_map(configured).collect()
}

/// Checks the URLs that may hold for any service. Those of one service are checked when it is called.
fn usable_url(urls: &EndpointUrls) -> std::result::Result<(), String> {
    let (url, place) = match (urls, &urls.environment_global, &urls.profile) {
        (EndpointUrls { code: Some(url), .. }, ..) => (url, "the endpoint URL given in code"),
        (EndpointUrls { ignore_configured: true, .. }, ..) => return Ok(()),
        (_, Some(url), _) => (url, "AWS_ENDPOINT_URL"),
        (_, None, Some(found)) => (&found.value, &*found.place),
        _ => return Ok(()),
    };
    check_url(url).map_err(|problem| format!("{place} is no endpoint URL: {problem}"))
}

/// The provider code gives, or the chain; behind a cache unless it has credentials at hand.
fn credentials(
    given: &SessionBuilder,
    profiles: &Profiles,
    active: &Active<'_>,
    base: &Base,
) -> Result<Arc<dyn ProvideCredentials>> {
    let around: Arc<dyn Surroundings> = Arc::new(base.clone());
    let Some(provider) = &given.credentials else {
        return Ok(cached(&around, Arc::new(chain_of(given, profiles, active, base)?)));
    };
    if provider.is_anonymous() {
        return Ok(Arc::clone(provider));
    }
    if let Some(credentials) = provider.cached() {
        credentials.checked(|_| "given in code".to_owned())?;
    }
    Ok(cached(&around, Arc::clone(provider)))
}

/// The default chain of a session.
pub(super) fn chain(given: &SessionBuilder, profiles: &Profiles, base: &Base) -> Result<Chain> {
    let files =
        ProfileFiles::located(&given.environment, given.config_file.as_deref(), given.credentials_file.as_deref());
    let active = Active::find(given, profiles, &files)?;
    chain_of(given, profiles, &active, base)
}

fn chain_of(given: &SessionBuilder, profiles: &Profiles, active: &Active<'_>, base: &Base) -> Result<Chain> {
    default_chain(&Ground {
        around: Arc::new(base.clone()),
        profiles,
        name: &active.name,
        section: active.section,
        files: &active.files,
        is_chosen: given.profile.is_some(),
        mfa: given.mfa_prompt.as_ref(),
        cache: given.role_cache.as_ref(),
    })
}
