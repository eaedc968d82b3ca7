//! Resolves settings: code, then environment, then profile, then defaults mode, then default. Knows the order; names
//! and parsers are in `settings`.

use std::sync::Arc;
use std::time::Duration;

use super::builder::SessionBuilder;
use super::context::SessionContext;
use super::files::{self, ProfileFiles};
use super::settings::{self, CompactOrigin, SETTINGS};
use crate::config::profile::{DEFAULT_PROFILE, Profiles, Section};
use crate::config::{
    CODE_LOCATION, Config, DefaultsMode, EndpointUrls, Environment, ModeDefaults, ProfileValue, Services, check_region,
    check_url_at, fips_region, service_code_location,
};
use crate::credential_providers::{ChainInputs, ProviderContext, SharedToken, cached, default_chain};
use crate::credentials::{CredentialsChain, ProvideCredentials, ProvideToken, TokenCache};
use crate::types::{Map, Timestamp};
use crate::{Error, ErrorKind, Result};

/// A session with all its settings resolved.
pub(super) struct Resolved {
    pub(super) config: Arc<Config>,
    pub(super) profiles: Arc<Profiles>,
    pub(super) credentials: Arc<dyn ProvideCredentials>,
    pub(super) token: SharedToken,
    /// The provider that code set.
    pub(super) explicit_token: Option<Arc<dyn ProvideToken>>,
    pub(super) context: SessionContext,
    /// Where each of [`SETTINGS`] came from.
    pub(super) origins: Box<[CompactOrigin]>,
    /// Where the name of the profile came from: code, one of [`PROFILE_VARIABLES`], or the default.
    pub(super) profile_origin: CompactOrigin,
    pub(super) files: ProfileFiles,
}

/// The variables that name the profile, in the order of botocore (`session.py`) and the AWS CLI. Other SDKs read
/// AWS_PROFILE first.
pub(super) const PROFILE_VARIABLES: [&str; 2] = ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"];

/// The longest app id that logs no warning: botocore's limit (its `user_agent_appid`).
const MAX_APP_ID_LENGTH: usize = 50;

/// Resolves all settings that `builder` does not set. Collects the problems, so that one run reports all of them.
pub(super) fn resolve(builder: &SessionBuilder) -> Result<Resolved> {
    let environment = &builder.environment;
    let files = profile_files(builder);
    let profiles = files.read()?;
    let active = ActiveProfile::find(builder, &profiles, &files)?;
    for fault in profiles.faults() {
        tracing::warn!(fault, "a section of the profile files is malformed and cannot be used");
    }

    let mut config = builder.config.clone();
    let mut problems = check_explicit_settings(builder);
    let mut origins: Box<[CompactOrigin]> = SETTINGS
        .iter()
        .map(|setting| match builder.explicit_settings.contains(&setting.name) {
            true => CompactOrigin::Code,
            false => setting.apply(&mut config, environment, active.section).unwrap_or_else(|problem| {
                problems.push(problem);
                CompactOrigin::Default
            }),
        })
        .collect();
    resolve_fips_pseudo_region(&mut config, &mut origins);
    expand_home(&mut config, environment);
    let connect_timeout_undecided = apply_defaults_mode(&mut config, &mut origins, environment);
    config.auth_scheme_preference_is_explicit = builder.explicit_settings.contains(&"auth_scheme_preference");
    if let Ok(names) = settings::schemes(std::mem::take(&mut config.auth_scheme_preference)) {
        config.auth_scheme_preference = names;
    }
    config.profile.clone_from(&active.name);
    resolve_endpoint_urls(&mut config.endpoint_urls, environment, &profiles, active.section);
    problems.extend(check_global_url(&config.endpoint_urls).err());
    let of_services = config.endpoint_urls.code_services.iter();
    problems.extend(of_services.filter_map(|(key, url)| check_url_at(url, || service_code_location(key)).err()));
    if config.app_id.as_ref().is_some_and(|it| it.chars().count() > MAX_APP_ID_LENGTH) {
        tracing::warn!("the app id is longer than {MAX_APP_ID_LENGTH} characters");
    }

    let config = Arc::new(config);
    let context = SessionContext::new(builder, Arc::clone(&config), connect_timeout_undecided);
    let credentials = match builder.shared.credentials.get() {
        Some(shared) => Ok(Arc::clone(shared)),
        None => credentials_provider(builder, &profiles, &active, &context),
    };
    match (credentials, &problems[..]) {
        (Ok(credentials), []) => {
            // A chain without a region can call few services: a derived session with a region must build its own chain.
            let is_shared = builder.credentials.is_some() || config.region.is_some();
            let credentials = match is_shared {
                true => Arc::clone(builder.shared.credentials.get_or_init(|| credentials)),
                false => credentials,
            };
            let shared_context: Arc<dyn ProviderContext> = Arc::new(context.clone());
            let token = SharedToken::from_profile(&shared_context, active.section, &profiles);
            let explicit_token = builder.token_provider.as_ref().map(|it| token_provider(it, builder));
            let profile_origin = active.origin;
            let profiles = Arc::new(profiles);
            Ok(Resolved {
                config,
                profiles,
                credentials,
                token,
                explicit_token,
                context,
                origins,
                profile_origin,
                files,
            })
        }
        (Err(error), []) => Err(error),
        (credentials, _) => {
            problems.extend(credentials.err().map(|it| it.to_string()));
            let message = match &problems[..] {
                [problem] => problem.clone(),
                _ => format!("{} invalid settings: {}", problems.len(), problems.join("; ")),
            };
            Err(Error::new(ErrorKind::Config, message))
        }
    }
}

/// The active profile.
struct ActiveProfile<'a> {
    name: String,
    /// `None` if no file has it, which is valid for `default` only.
    section: Option<&'a Section>,
    /// The files that were searched, for messages.
    files: String,
    origin: CompactOrigin,
}

impl<'a> ActiveProfile<'a> {
    fn find(builder: &SessionBuilder, profiles: &'a Profiles, files: &ProfileFiles) -> Result<Self> {
        let [first, second] = PROFILE_VARIABLES;
        let variable =
            |name, index, named_by| Some((builder.environment.get(name)?, CompactOrigin::Variable(index), named_by));
        let (name, origin, named_by) = builder
            .profile
            .clone()
            .map(|name| (name, CompactOrigin::Code, "code"))
            .or_else(|| variable(first, 0, first))
            .or_else(|| variable(second, 1, second))
            .unwrap_or_else(|| (DEFAULT_PROFILE.to_owned(), CompactOrigin::Default, "default"));
        let section = profiles.profile(&name);
        section.map_or(Ok(()), Section::check)?;
        let files = files.describe();
        if section.is_some() || name == DEFAULT_PROFILE {
            return Ok(Self { name, section, files, origin });
        }
        let mut names = profiles.names().collect::<Vec<_>>().join(", ");
        if names.is_empty() {
            names.push_str("none");
        }
        let mut message =
            format!("profile {name:?} (named by {named_by}) was not found; looked in {files}; known profiles: {names}");
        if let Some(hint) = profiles.near_miss(&name) {
            message.push_str("; ");
            message.push_str(&hint);
        }
        Err(Error::new(ErrorKind::Config, message))
    }
}

/// Replaces a FIPS pseudo-region by the region itself with `use_fips`.
fn resolve_fips_pseudo_region(config: &mut Config, origins: &mut [CompactOrigin]) {
    let Some(written) = &config.region else { return };
    if let Some(region) = fips_region(written) {
        tracing::warn!(region, written, "FIPS pseudo-region: set the region and use_fips instead");
        (config.region, config.use_fips) = (Some(region), Some(true));
        set_origin(origins, "use_fips", CompactOrigin::Region);
    }
}

/// Replaces a `~` at the start of paths, because no shell does so in a profile file. (botocore looks for a folder of
/// that name.)
fn expand_home(config: &mut Config, environment: &Environment) {
    let Config { ca_bundle, proxies_config, .. } = config;
    let paths = [ca_bundle, &mut proxies_config.proxy_ca_bundle, &mut proxies_config.proxy_client_cert];
    for path in paths.into_iter().flatten().filter(|it| it.starts_with("~")) {
        *path = files::expand_path(std::mem::take(path), environment);
    }
}

fn set_origin(origins: &mut [CompactOrigin], name: &str, origin: CompactOrigin) {
    let entries = SETTINGS.iter().zip(origins).filter(|(setting, _)| setting.name == name);
    entries.for_each(|(_, entry)| *entry = origin);
}

/// Applies the values of the defaults mode to the settings that are not set. Returns whether the connect timeout is
/// still undecided: in mode `auto`, if only the instance metadata service can report the region that the program runs
/// in. The values of `standard` apply until then.
fn apply_defaults_mode(config: &mut Config, origins: &mut [CompactOrigin], environment: &Environment) -> bool {
    let mut mode_undecided = false;
    let mode = match config.defaults_mode {
        DefaultsMode::Auto => match execution_region(environment) {
            Some(region) if Some(&region) == config.region.as_ref() => DefaultsMode::InRegion,
            Some(_) => DefaultsMode::CrossRegion,
            None => {
                mode_undecided = true;
                DefaultsMode::Standard
            }
        },
        mode => mode,
    };
    let Some(defaults) = ModeDefaults::for_mode(mode) else { return false };
    let mut connect_timeout_undecided = false;
    for (setting, origin) in SETTINGS.iter().zip(origins) {
        if let (CompactOrigin::Default, Some(apply)) = (*origin, setting.apply_mode) {
            apply(config, defaults);
            *origin = CompactOrigin::Mode;
            // All other settings are the same in the modes that `auto` chooses from.
            connect_timeout_undecided |= mode_undecided && setting.name == "connect_timeout";
        }
    }
    connect_timeout_undecided
}

/// The region that the program runs in according to the environment, as in botocore (`configprovider.py`).
fn execution_region(environment: &Environment) -> Option<String> {
    environment.get("AWS_EXECUTION_ENV")?;
    environment.get("AWS_REGION").or_else(|| environment.get("AWS_DEFAULT_REGION"))
}

/// The problems of explicit settings.
fn check_explicit_settings(builder: &SessionBuilder) -> Vec<String> {
    let config = &builder.config;
    let mut problems = Vec::new();
    let mut report = |name: &str, value: String, checked: std::result::Result<(), String>| {
        if let Err(expected) = checked {
            problems.push(format!("{name} set in code is {value}: expected {expected}"));
        }
    };
    if let Some(region) = &config.region {
        report("region", format!("{region:?}"), check_region(region));
    }
    if let Some(attempts) = config.retry.max_attempts {
        let checked = settings::in_range(attempts, settings::MAX_ATTEMPTS_RANGE).map(drop);
        report("max_attempts", attempts.to_string(), checked);
    }
    if builder.explicit_settings.contains(&"auth_scheme_preference") {
        let value = &config.auth_scheme_preference;
        report("auth_scheme_preference", format!("{value:?}"), settings::schemes(value.clone()).map(drop));
    }
    if builder.explicit_settings.contains(&"sigv4a_signing_region_set") {
        let value = &config.sigv4a_signing_region_set;
        report("sigv4a_signing_region_set", format!("{value:?}"), settings::region_set(value.clone()).map(drop));
    }
    if let Some(extra) = config.user_agent_extra.as_ref().filter(|it| it.contains(|c: char| c.is_ascii_control())) {
        report("user_agent_extra", format!("{extra:?}"), Err("a string without control characters".to_owned()));
    }
    let timeout = config.imds.metadata_service_timeout;
    if timeout.is_zero() || timeout > Duration::from_secs((*settings::IMDS_RANGE.end()).into()) {
        let expected = format!("more than 0 and at most {} seconds", settings::IMDS_RANGE.end());
        report("metadata_service_timeout", format!("{timeout:?}"), Err(expected));
    }
    let attempts = config.imds.metadata_service_num_attempts;
    report(
        "metadata_service_num_attempts",
        attempts.to_string(),
        settings::in_range(attempts, settings::IMDS_RANGE).map(drop),
    );
    let bytes = config.request_min_compression_size_bytes;
    let checked = settings::in_range(bytes, settings::MIN_COMPRESSION_SIZE_RANGE).map(drop);
    report("request_min_compression_size_bytes", bytes.to_string(), checked);
    problems
}

/// Collects the endpoint URLs of environment and profile. Which one applies depends on the service, and is decided by
/// each call.
fn resolve_endpoint_urls(
    urls: &mut EndpointUrls,
    environment: &Environment,
    profiles: &Profiles,
    profile: Option<&Section>,
) {
    urls.environment = environment.with_prefix("AWS_ENDPOINT_URL_");
    urls.environment_global = environment.get("AWS_ENDPOINT_URL");
    let Some(profile) = profile else { return };
    urls.profile = profile.get("endpoint_url").map(|value| ProfileValue {
        value: value.to_owned(),
        location: settings::key_location(profile, "endpoint_url"),
    });
    let Some(name) = profile.get("services") else { return };
    urls.services = match profiles.services(name) {
        Some(section) => match section.check() {
            Ok(()) => Services::Section(service_urls(section)),
            Err(problem) => Services::Missing(problem.to_string()),
        },
        None => {
            let location = settings::key_location(profile, "services");
            Services::Missing(format!("{location} names [services {name}], which does not exist"))
        }
    };
}

/// The endpoint URLs of a services section, by service.
fn service_urls(section: &Section) -> Map<String, ProfileValue> {
    let url = |(service, _)| {
        let value = section.nested(service, "endpoint_url")?.to_owned();
        let line = section.location_of_nested(service, "endpoint_url").map(|it| format!(" ({it})")).unwrap_or_default();
        let location = format!("endpoint_url of {service} in [services {}]{line}", section.name());
        Some((service.to_owned(), ProfileValue { value, location }))
    };
    let mut urls = Map::empty();
    for (service, url) in section.iter().filter_map(url) {
        urls.insert(service, url);
    }
    urls
}

/// Checks the URL that applies to all services. The URLs of single services are checked when the service is called.
fn check_global_url(urls: &EndpointUrls) -> std::result::Result<(), String> {
    let (url, location) = match (urls, &urls.environment_global, &urls.profile) {
        (EndpointUrls { code: Some(url), .. }, ..) => (url, CODE_LOCATION),
        (EndpointUrls { ignore_configured: true, .. }, ..) => return Ok(()),
        (_, Some(url), _) => (url, "AWS_ENDPOINT_URL"),
        (_, None, Some(found)) => (&found.value, &*found.location),
        _ => return Ok(()),
    };
    check_url_at(url, || location.to_owned())
}

/// The explicit provider of bearer tokens; in a cache unless it has a token in memory.
fn token_provider(provider: &Arc<dyn ProvideToken>, builder: &SessionBuilder) -> Arc<dyn ProvideToken> {
    if provider.cached().is_some() {
        return Arc::clone(provider);
    }
    let clock = builder.clock.clone();
    let now = Arc::new(move || Timestamp::from(clock.now()));
    Arc::new(TokenCache::with_clock(Arc::clone(provider), now))
}

/// The explicit provider, or the default chain; wrapped in a cache unless it has credentials in memory.
fn credentials_provider(
    builder: &SessionBuilder,
    profiles: &Profiles,
    active: &ActiveProfile<'_>,
    context: &SessionContext,
) -> Result<Arc<dyn ProvideCredentials>> {
    let shared_context: Arc<dyn ProviderContext> = Arc::new(context.clone());
    let Some(provider) = &builder.credentials else {
        return Ok(cached(&shared_context, Arc::new(build_chain(builder, profiles, active, context)?)));
    };
    if provider.is_anonymous() {
        return Ok(Arc::clone(provider));
    }
    if let Some(credentials) = provider.cached() {
        credentials.checked(|_| "set in code".to_owned())?;
    }
    Ok(cached(&shared_context, Arc::clone(provider)))
}

/// The default chain of a session.
pub(super) fn default_chain_of(
    builder: &SessionBuilder,
    profiles: &Profiles,
    context: &SessionContext,
) -> Result<CredentialsChain> {
    let active = ActiveProfile::find(builder, profiles, &profile_files(builder))?;
    build_chain(builder, profiles, &active, context)
}

fn profile_files(builder: &SessionBuilder) -> ProfileFiles {
    let SessionBuilder { environment, config_file, credentials_file, .. } = builder;
    ProfileFiles::locate_with(environment, config_file.as_deref(), credentials_file.as_deref())
}

fn build_chain(
    builder: &SessionBuilder,
    profiles: &Profiles,
    active: &ActiveProfile<'_>,
    context: &SessionContext,
) -> Result<CredentialsChain> {
    default_chain(&ChainInputs {
        context: Arc::new(context.clone()),
        profiles,
        name: &active.name,
        section: active.section,
        files: &active.files,
        is_explicit: builder.profile.is_some(),
        mfa: builder.mfa_prompt.as_ref(),
        cache: builder.role_cache.as_ref(),
    })
}
