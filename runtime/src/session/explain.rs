//! Where the values of a session came from, for people who wonder. Knows the table of settings, and what was noted when they
//! were resolved; resolves nothing again.

use std::borrow::Cow;
use std::fmt;

use super::Session;
use super::files::Named;
use super::resolve::{self, PROFILE_VARIABLES, Resolved};
use super::settings::{self, SETTINGS, Setting, Source};
use crate::Result;
use crate::config::profile::Place;
use crate::config::{DefaultsMode, Services, without_user};
use crate::http::{HttpSettings, ProxySetting};

/// What every setting of a session is and where it came from: what [`Session::explain`] tells.
///
/// `Display` is a table. Nothing in it is secret: of URLs with a user name or password the host is shown, of credentials
/// where they are looked for.
#[derive(Clone, Debug)]
pub struct Explanation {
    settings: Vec<Explained>,
}

/// One setting, its value, and where that came from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explained {
    /// The name, as in the [table of settings](crate::config::settings): `region`, `s3.addressing_style`. The URL of a single
    /// service has the service in brackets: `endpoint_url[s3]`.
    pub name: Cow<'static, str>,
    /// The value as a profile would have it; `None` if it is unset.
    pub value: Option<String>,
    /// Where the value came from.
    pub origin: Origin,
    /// The environment variables that hold the setting, in order of precedence.
    pub variables: &'static [&'static str],
    /// The profile keys that hold the setting, in order of precedence; `block.key` is a key in a nested block.
    pub keys: &'static [&'static str],
}

/// Where a value came from. `Display` says it in words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Given in code.
    Code,
    /// The environment variable of this name.
    Variable(String),
    /// A key of a section of the profile files.
    Profile {
        /// The section: `profile "dev"`, `[services local]`.
        section: String,
        /// The key.
        key: String,
        /// File and line.
        place: Option<Place>,
    },
    /// The defaults mode.
    Mode(DefaultsMode),
    /// Nobody gave it.
    Default,
}

impl Explanation {
    /// All settings, in the order of the [table](crate::config::settings).
    pub fn iter(&self) -> impl Iterator<Item = &Explained> {
        self.settings.iter()
    }

    /// The setting with this name.
    pub fn get(&self, name: &str) -> Option<&Explained> {
        self.settings.iter().find(|it| it.name == name)
    }

    pub(super) fn of(session: &Session, resolved: &Resolved) -> Result<Self> {
        let mut settings = identity(session, resolved)?;
        settings.extend(endpoint_urls(resolved));
        for (at, setting) in SETTINGS.iter().enumerate() {
            settings.push(Explained {
                name: setting.name.into(),
                value: (setting.show)(&resolved.config).map(|it| redacted(&it)),
                origin: origin(resolved, at),
                variables: setting.variables,
                keys: setting.keys,
            });
        }
        // The last place where one is looked for is no matter of the value chain: the HTTP client itself looks there.
        if let Some(bundle) = settings.iter_mut().find(|it| it.name == "ca_bundle" && it.value.is_none())
            && let Some(found) = resolved.base.http_settings().ca_bundle
        {
            bundle.value = Some(found.display().to_string());
            bundle.origin = Origin::Variable("REQUESTS_CA_BUNDLE".to_owned());
        }
        settings.extend(connections(resolved));
        Ok(Self { settings })
    }
}

/// Where the setting of this number came from.
fn origin(resolved: &Resolved, at: usize) -> Origin {
    let setting: &Setting = &SETTINGS[at];
    match resolved.sources[at] {
        Source::Code => Origin::Code,
        Source::Variable(number) => Origin::Variable(setting.variables[usize::from(number)].to_owned()),
        Source::Key(number) => of_profile(resolved, setting.keys[usize::from(number)]),
        Source::Region => {
            SETTINGS.iter().position(|it| it.name == "region").map_or(Origin::Code, |at| origin(resolved, at))
        }
        Source::Mode => Origin::Mode(resolved.config.defaults_mode),
        Source::Default => Origin::Default,
    }
}

fn of_profile(resolved: &Resolved, key: &str) -> Origin {
    let name = &resolved.config.profile;
    let place = resolved.profiles.profile(name).and_then(|it| settings::line_of(it, key));
    Origin::Profile { section: format!("profile {name:?}"), key: key.to_owned(), place }
}

/// Profile, files and credentials.
fn identity(session: &Session, resolved: &Resolved) -> Result<Vec<Explained>> {
    let given = &session.0.given;
    let named = |by: Named, variable: &str| match by {
        Named::Code => Origin::Code,
        Named::Variable => Origin::Variable(variable.to_owned()),
        Named::Nobody => Origin::Default,
    };
    let profile = match resolved.profile_source {
        Source::Code => Origin::Code,
        Source::Variable(at) => Origin::Variable(PROFILE_VARIABLES[usize::from(at)].to_owned()),
        _ => Origin::Default,
    };
    let files = &resolved.files;
    let shown = |path: &Option<std::path::PathBuf>| path.as_ref().map(|it| it.display().to_string());
    let (config, credentials) =
        (named(files.config_named, CONFIG_FILE[0]), named(files.credentials_named, CREDENTIALS_FILE[0]));
    let chain = match &given.credentials {
        Some(provider) if provider.is_anonymous() => ("none: requests are not signed".to_owned(), Origin::Code),
        Some(_) => ("a provider".to_owned(), Origin::Code),
        None => {
            let chain = resolve::chain(given, &resolved.profiles, &resolved.base)?;
            (chain.names().collect::<Vec<_>>().join(", "), Origin::Default)
        }
    };
    Ok(vec![
        special("profile", Some(resolved.config.profile.clone()), profile, &PROFILE_VARIABLES, &[]),
        special("config_file", shown(&files.config), config, &CONFIG_FILE, &[]),
        special("credentials_file", shown(&files.credentials), credentials, &CREDENTIALS_FILE, &[]),
        special("credentials", Some(chain.0), chain.1, &[], &[]),
    ])
}

const CONFIG_FILE: [&str; 1] = ["AWS_CONFIG_FILE"];
const CREDENTIALS_FILE: [&str; 1] = ["AWS_SHARED_CREDENTIALS_FILE"];

fn special(
    name: &'static str,
    value: Option<String>,
    origin: Origin,
    variables: &'static [&'static str],
    keys: &'static [&'static str],
) -> Explained {
    Explained { name: name.into(), value, origin, variables, keys }
}

/// The URL for all services, and those of single ones; which of them holds for a service, its calls decide. Those that are
/// ignored are not told.
fn endpoint_urls(resolved: &Resolved) -> Vec<Explained> {
    let urls = &resolved.config.endpoint_urls;
    let in_use = !urls.ignore_configured;
    let (url, origin) = match (&urls.code, &urls.environment_global, &urls.profile) {
        (Some(url), ..) => (Some(url), Origin::Code),
        (None, Some(url), _) if in_use => (Some(url), Origin::Variable("AWS_ENDPOINT_URL".to_owned())),
        (None, None, Some(found)) if in_use => (Some(&found.value), of_profile(resolved, "endpoint_url")),
        _ => (None, Origin::Default),
    };
    let url = url.map(|it| without_user(it));
    let mut all = vec![special("endpoint_url", url, origin, &["AWS_ENDPOINT_URL"], &["endpoint_url"])];
    if urls.code.is_some() || !in_use {
        return all;
    }
    let single = |service: &str, url: &str, origin| Explained {
        name: format!("endpoint_url[{}]", service.to_ascii_lowercase()).into(),
        ..special("", Some(without_user(url)), origin, &[], &[])
    };
    for (service, url) in &urls.environment {
        all.push(single(service, url, Origin::Variable(format!("AWS_ENDPOINT_URL_{service}"))));
    }
    // A URL for all services in the environment goes before those of the services section.
    if let (Services::Section(section), None) = (&urls.services, &urls.environment_global) {
        let active = resolved.profiles.profile(&resolved.config.profile);
        let name = active.and_then(|it| it.get("services")).unwrap_or_default();
        let services = resolved.profiles.services(name);
        for (service, found) in section.iter().filter(|it| !urls.environment.contains_key(&it.0.to_ascii_uppercase())) {
            let place = services.and_then(|it| it.place_of_nested(service, "endpoint_url"));
            let key = format!("{service}.endpoint_url");
            all.push(single(
                service,
                &found.value,
                Origin::Profile { section: format!("[services {name}]"), key, place },
            ));
        }
    }
    all
}

/// What only code says of connections, and the proxies.
fn connections(resolved: &Resolved) -> Vec<Explained> {
    let (settings, default) = (resolved.base.http_settings(), HttpSettings::default());
    let given = |is_other: bool| if is_other { Origin::Code } else { Origin::Default };
    let count = |it: usize| if it == usize::MAX { None } else { Some(it.to_string()) };
    let (proxies, by) = match (resolved.base.proxy(), &settings.proxy) {
        (ProxySetting::Environment, ProxySetting::Given(found)) => {
            (Some(format!("{found:?}")), Origin::Variable("HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY".to_owned()))
        }
        (ProxySetting::Environment, _) => (None, Origin::Default),
        (ProxySetting::None, _) => (Some("none".to_owned()), Origin::Code),
        (ProxySetting::Given(given), _) => (Some(format!("{given:?}")), Origin::Code),
    };
    let certificate = settings.client_certificate.as_ref().map(|it| it.certificate.display().to_string());
    let certificate_by = given(settings.client_certificate.is_some());
    vec![
        special(
            "max_pool_connections",
            count(settings.pool_max_idle_per_host),
            given(settings.pool_max_idle_per_host != default.pool_max_idle_per_host),
            &[],
            &[],
        ),
        special(
            "pool_idle_timeout",
            settings.pool_idle_timeout.map(|it| format!("{it:?}")),
            given(settings.pool_idle_timeout != default.pool_idle_timeout),
            &[],
            &[],
        ),
        special("client_certificate", certificate, certificate_by, &[], &[]),
        special(
            "danger_accept_invalid_certs",
            Some(settings.danger_accept_invalid_certs.to_string()),
            given(settings.danger_accept_invalid_certs),
            &[],
            &[],
        ),
        special("proxies", proxies, by, &PROXY_VARIABLES, &[]),
    ]
}

const PROXY_VARIABLES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];

/// A value without the user name and password of a URL.
fn redacted(value: &str) -> String {
    if value.contains("://") { without_user(value) } else { value.to_owned() }
}

impl Explained {
    /// The value in print; `-` if it is unset.
    fn shown(&self) -> &str {
        self.value.as_deref().unwrap_or("-")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code => f.write_str("code"),
            Self::Variable(name) => f.write_str(name),
            Self::Profile { section, key, place } => {
                write!(f, "{key} of {section}")?;
                place.as_ref().map_or(Ok(()), |it| write!(f, " ({it})"))
            }
            Self::Mode(mode) => write!(f, "defaults mode {}", mode.as_str()),
            Self::Default => f.write_str("default"),
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A column is as wide as its widest text, up to a width beyond which one long text would push all others away.
        let width = |text: fn(&Explained) -> &str, most: usize| {
            self.iter().map(|it| text(it).chars().count()).filter(|it| *it <= most).max().unwrap_or(0)
        };
        let (names, values) = (width(|it| &it.name, 60), width(Explained::shown, 40));
        writeln!(f, "{:names$}  {:values$}  from", "setting", "value")?;
        for it in self.iter() {
            writeln!(f, "{:names$}  {:values$}  {}", it.name, it.shown(), it.origin)?;
        }
        Ok(())
    }
}
