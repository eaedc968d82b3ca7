//! The report of a session's settings and where their values came from. Knows the table of settings and the origins
//! that were recorded when they were resolved; resolves nothing again.

use std::borrow::Cow;
use std::fmt;

use super::Session;
use super::files::PathOrigin;
use super::resolve::{self, PROFILE_VARIABLES, Resolved};
use super::settings::{self, CompactOrigin, SETTINGS, Setting};
use crate::Result;
use crate::config::profile::FileLine;
use crate::config::{DefaultsMode, Services, without_user};
use crate::http::{HttpConfig, ProxySource};

/// The value of every setting of a session and where it came from, returned by [`Session::explain`].
///
/// `Display` prints a table. It holds no secrets: URLs are printed without user name and password, and instead of
/// credentials the providers that are tried.
#[derive(Clone, Debug)]
pub struct SettingsReport {
    settings: Vec<ExplainedSetting>,
}

/// One setting, its value, and where the value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExplainedSetting {
    /// The name, as in the [table of settings](crate::config::settings): `region`, `s3.addressing_style`. The endpoint
    /// URL of a single service has the service in brackets: `endpoint_url[s3]`. Beside an endpoint URL in code, which does
    /// not apply to the calls of credentials providers, `credentials.endpoint_url` is the one that does.
    pub name: Cow<'static, str>,
    /// The value in the syntax of a profile; `None` if it is unset.
    pub value: Option<String>,
    /// Where the value came from.
    pub origin: Origin,
    /// The environment variables that hold the setting, in order of precedence.
    pub variables: &'static [&'static str],
    /// The profile keys that hold the setting, in order of precedence; `block.key` is a key in a nested block.
    pub keys: &'static [&'static str],
}

/// Where a value came from. `Display` describes it: `region of profile "dev" (/home/me/.aws/config, line 2)`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Set in code.
    Code,
    /// The environment variable of this name.
    Variable(String),
    /// A key of a section of the profile files.
    #[non_exhaustive]
    Profile {
        /// The section: `profile "dev"`, `[services local]`.
        section: String,
        /// The key.
        key: String,
        /// File and line.
        location: Option<FileLine>,
    },
    /// The defaults mode.
    Mode(DefaultsMode),
    /// The default: the setting is not set.
    Default,
}

impl SettingsReport {
    /// Returns all settings, in the order of the [table](crate::config::settings).
    pub fn iter(&self) -> impl Iterator<Item = &ExplainedSetting> {
        self.settings.iter()
    }

    /// Returns the setting with this name.
    pub fn get(&self, name: &str) -> Option<&ExplainedSetting> {
        self.settings.iter().find(|it| it.name == name)
    }

    pub(super) fn new(session: &Session, resolved: &Resolved) -> Result<Self> {
        let mut settings = identity(session, resolved)?;
        settings.extend(endpoint_urls(resolved));
        for (index, setting) in SETTINGS.iter().enumerate() {
            settings.push(ExplainedSetting {
                name: setting.name.into(),
                value: (setting.format_value)(&resolved.config).map(|it| without_url_user(&it)),
                origin: origin(resolved, index),
                variables: setting.variables,
                keys: setting.keys,
            });
        }
        // The last variable for the CA bundle is not resolved with the settings: the HTTP client reads it.
        if let Some(bundle) = settings.iter_mut().find(|it| it.name == "ca_bundle" && it.value.is_none())
            && let Some(found) = resolved.context.http_config().ca_bundle
        {
            bundle.value = Some(found.display().to_string());
            bundle.origin = Origin::Variable("REQUESTS_CA_BUNDLE".to_owned());
        }
        settings.extend(connections(resolved));
        Ok(Self { settings })
    }
}

/// The origin of the setting with this index.
fn origin(resolved: &Resolved, index: usize) -> Origin {
    let setting: &Setting = &SETTINGS[index];
    match resolved.origins[index] {
        CompactOrigin::Code => Origin::Code,
        CompactOrigin::Variable(index) => Origin::Variable(setting.variables[usize::from(index)].to_owned()),
        CompactOrigin::Key(index) => profile_key(resolved, setting.keys[usize::from(index)]),
        CompactOrigin::Region => {
            SETTINGS.iter().position(|it| it.name == "region").map_or(Origin::Code, |region| origin(resolved, region))
        }
        CompactOrigin::Mode => Origin::Mode(resolved.config.defaults_mode),
        CompactOrigin::Default => Origin::Default,
    }
}

fn profile_key(resolved: &Resolved, key: &str) -> Origin {
    let name = &resolved.config.profile;
    let location = resolved.profiles.profile(name).and_then(|it| settings::line_of(it, key));
    Origin::Profile { section: format!("profile {name:?}"), key: key.to_owned(), location }
}

/// Profile, files and credentials.
fn identity(session: &Session, resolved: &Resolved) -> Result<Vec<ExplainedSetting>> {
    let builder = &session.0.builder;
    let path_origin = |origin: PathOrigin, variable: &str| match origin {
        PathOrigin::Code => Origin::Code,
        PathOrigin::Variable => Origin::Variable(variable.to_owned()),
        PathOrigin::Default => Origin::Default,
    };
    let profile = match resolved.profile_origin {
        CompactOrigin::Code => Origin::Code,
        CompactOrigin::Variable(index) => Origin::Variable(PROFILE_VARIABLES[usize::from(index)].to_owned()),
        _ => Origin::Default,
    };
    let files = &resolved.files;
    let printable = |path: &Option<std::path::PathBuf>| path.as_ref().map(|it| it.display().to_string());
    let config = path_origin(files.config_origin, CONFIG_FILE[0]);
    let credentials = path_origin(files.credentials_origin, CREDENTIALS_FILE[0]);
    let (provider, provider_origin) = match &builder.credentials {
        Some(provider) if provider.is_anonymous() => ("none: requests are not signed".to_owned(), Origin::Code),
        Some(_) => ("a provider".to_owned(), Origin::Code),
        None => {
            let chain = resolve::default_chain_of(builder, &resolved.profiles, &resolved.context)?;
            (chain.names().collect::<Vec<_>>().join(", "), Origin::Default)
        }
    };
    let (token, token_origin) = match &builder.token_provider {
        Some(_) => ("a provider", Origin::Code),
        None => ("env, sso", Origin::Default),
    };
    Ok(vec![
        explained("profile", Some(resolved.config.profile.clone()), profile, &PROFILE_VARIABLES, &[]),
        explained("config_file", printable(&files.config), config, &CONFIG_FILE, &[]),
        explained("credentials_file", printable(&files.credentials), credentials, &CREDENTIALS_FILE, &[]),
        explained("credentials", Some(provider), provider_origin, &[], &[]),
        explained("token_provider", Some(token.to_owned()), token_origin, &[], &[]),
    ])
}

const CONFIG_FILE: [&str; 1] = ["AWS_CONFIG_FILE"];
const CREDENTIALS_FILE: [&str; 1] = ["AWS_SHARED_CREDENTIALS_FILE"];

fn explained(
    name: &'static str,
    value: Option<String>,
    origin: Origin,
    variables: &'static [&'static str],
    keys: &'static [&'static str],
) -> ExplainedSetting {
    ExplainedSetting { name: name.into(), value, origin, variables, keys }
}

/// The services that credentials providers call. No URL in code for all services applies to their calls.
const PROVIDER_SERVICES: [&str; 4] = ["sts", "sso", "sso_oidc", "signin"];

/// The URL for all services, and those of single services; each call decides which of them applies. URLs that are
/// ignored are not part of the report.
fn endpoint_urls(resolved: &Resolved) -> Vec<ExplainedSetting> {
    let urls = &resolved.config.endpoint_urls;
    let mut all = Vec::new();
    if let Some(url) = &urls.code {
        all.push(endpoint_url("endpoint_url".to_owned(), Some(url), Origin::Code));
    }
    for (service, url) in &urls.code_services {
        all.push(endpoint_url(format!("endpoint_url[{service}]"), Some(url), Origin::Code));
    }
    let configured = if urls.ignore_configured { Vec::new() } else { configured_urls(resolved) };
    let (global, single): (Vec<_>, Vec<_>) = configured.into_iter().partition(|(service, ..)| service.is_none());
    if urls.code.is_none() {
        let (url, origin) = global.into_iter().next().map_or((None, Origin::Default), |(_, url, it)| (Some(url), it));
        all.insert(0, endpoint_url("endpoint_url".to_owned(), url, origin));
        all.extend(single.into_iter().map(|(service, url, origin)| {
            endpoint_url(format!("endpoint_url[{}]", service.unwrap_or_default()), Some(url), origin)
        }));
        return all;
    }
    for (service, url, origin) in global.into_iter().chain(single) {
        match service {
            None => all.push(endpoint_url("credentials.endpoint_url".to_owned(), Some(url), origin)),
            Some(service) if PROVIDER_SERVICES.contains(&&*service) => {
                all.push(endpoint_url(format!("credentials.endpoint_url[{service}]"), Some(url), origin));
            }
            Some(_) => {}
        }
    }
    all
}

fn endpoint_url(name: String, url: Option<&String>, origin: Origin) -> ExplainedSetting {
    let (variables, keys): (&'static [_], &'static [_]) = match name.ends_with(']') {
        true => (&[], &[]),
        false => (&["AWS_ENDPOINT_URL"], &["endpoint_url"]),
    };
    ExplainedSetting { name: name.into(), ..explained("", url.map(|it| without_user(it)), origin, variables, keys) }
}

/// The URLs of environment and profile that apply to the calls of some service for which code sets none: the service in
/// lower case, `None` for all; the URL; where it came from.
fn configured_urls(resolved: &Resolved) -> Vec<(Option<String>, &String, Origin)> {
    let urls = &resolved.config.endpoint_urls;
    let mut all = Vec::new();
    match (&urls.environment_global, &urls.profile) {
        (Some(url), _) => all.push((None, url, Origin::Variable("AWS_ENDPOINT_URL".to_owned()))),
        (None, Some(found)) => all.push((None, &found.value, profile_key(resolved, "endpoint_url"))),
        (None, None) => {}
    }
    let in_code = |service: &str| urls.code_services.contains_key(&service.to_ascii_lowercase());
    for (service, url) in urls.environment.iter().filter(|it| !in_code(it.0)) {
        let origin = Origin::Variable(format!("AWS_ENDPOINT_URL_{service}"));
        all.push((Some(service.to_ascii_lowercase()), url, origin));
    }
    // A URL for all services in the environment takes precedence over those of the services section.
    if let (Services::Section(section), None) = (&urls.services, &urls.environment_global) {
        let active = resolved.profiles.profile(&resolved.config.profile);
        let name = active.and_then(|it| it.get("services")).unwrap_or_default();
        let services = resolved.profiles.services(name);
        let is_set = |service: &str| in_code(service) || urls.environment.contains_key(&service.to_ascii_uppercase());
        for (service, found) in section.iter().filter(|it| !is_set(it.0)) {
            let location = services.and_then(|it| it.location_of_nested(service, "endpoint_url"));
            let key = format!("{service}.endpoint_url");
            let origin = Origin::Profile { section: format!("[services {name}]"), key, location };
            all.push((Some(service.to_ascii_lowercase()), &found.value, origin));
        }
    }
    all
}

/// The settings of connections that only code can set, and the proxies.
fn connections(resolved: &Resolved) -> Vec<ExplainedSetting> {
    let (settings, default) = (resolved.context.http_config(), HttpConfig::default());
    let code_if = |is_set: bool| if is_set { Origin::Code } else { Origin::Default };
    let count = |it: usize| if it == usize::MAX { None } else { Some(it.to_string()) };
    let (proxies, proxies_origin) = match (resolved.context.proxy(), &settings.proxy) {
        (ProxySource::Environment, ProxySource::Explicit(found)) => {
            (Some(format!("{found:?}")), Origin::Variable("HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY".to_owned()))
        }
        (ProxySource::Environment, _) => (None, Origin::Default),
        (ProxySource::None, _) => (Some("none".to_owned()), Origin::Code),
        (ProxySource::Explicit(proxies), _) => (Some(format!("{proxies:?}")), Origin::Code),
    };
    let certificate = settings.client_certificate.as_ref().map(|it| it.certificate.display().to_string());
    let certificate_origin = code_if(settings.client_certificate.is_some());
    vec![
        explained(
            "max_pool_connections",
            count(settings.pool_max_idle_per_host),
            code_if(settings.pool_max_idle_per_host != default.pool_max_idle_per_host),
            &[],
            &[],
        ),
        explained(
            "max_connections",
            settings.max_connections.map(|it| it.to_string()),
            code_if(settings.max_connections.is_some()),
            &[],
            &[],
        ),
        explained("http2", Some(settings.http2.to_string()), code_if(settings.http2), &[], &[]),
        explained(
            "expect_continue",
            Some(settings.expect_continue.to_string()),
            code_if(!settings.expect_continue),
            &[],
            &[],
        ),
        explained(
            "pool_idle_timeout",
            settings.pool_idle_timeout.map(|it| format!("{it:?}")),
            code_if(settings.pool_idle_timeout != default.pool_idle_timeout),
            &[],
            &[],
        ),
        explained("client_certificate", certificate, certificate_origin, &[], &[]),
        explained(
            "danger_accept_invalid_certs",
            Some(settings.danger_accept_invalid_certs.to_string()),
            code_if(settings.danger_accept_invalid_certs),
            &[],
            &[],
        ),
        explained("proxies", proxies, proxies_origin, &PROXY_VARIABLES, &[]),
    ]
}

const PROXY_VARIABLES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];

/// The value, if it is a URL, without user name and password.
fn without_url_user(value: &str) -> String {
    if value.contains("://") { without_user(value) } else { value.to_owned() }
}

impl ExplainedSetting {
    /// The value for the table; `-` if it is unset.
    fn printable_value(&self) -> &str {
        self.value.as_deref().unwrap_or("-")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code => f.write_str("code"),
            Self::Variable(name) => f.write_str(name),
            Self::Profile { section, key, location } => {
                write!(f, "{key} of {section}")?;
                location.as_ref().map_or(Ok(()), |it| write!(f, " ({it})"))
            }
            Self::Mode(mode) => write!(f, "defaults mode {}", mode.as_str()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// The widths up to which a cell of the table widens its column, in characters. Our choice: every name of a setting
/// fits, and most values.
const MAX_NAME_WIDTH: usize = 60;
const MAX_VALUE_WIDTH: usize = 40;

impl fmt::Display for SettingsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A column is as wide as its widest cell, ignoring cells so wide that they would push the next column away.
        let width = |cell: fn(&ExplainedSetting) -> &str, limit: usize| {
            self.iter().map(|it| cell(it).chars().count()).filter(|count| *count <= limit).max().unwrap_or(0)
        };
        let (names, values) =
            (width(|it| &it.name, MAX_NAME_WIDTH), width(ExplainedSetting::printable_value, MAX_VALUE_WIDTH));
        writeln!(f, "{:names$}  {:values$}  from", "setting", "value")?;
        for setting in self.iter() {
            let ExplainedSetting { name, origin, .. } = setting;
            writeln!(f, "{name:names$}  {:values$}  {origin}", setting.printable_value())?;
        }
        Ok(())
    }
}
