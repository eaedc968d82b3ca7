//! Endpoint URLs that the user configures: which one applies to a service, and which are valid. Knows no endpoint
//! rules.

use std::collections::BTreeMap;
use std::fmt;

use crate::types::Map;
use crate::{Error, ErrorKind, Result, ordered};

/// The endpoint URLs from code, environment and profile, of which at most one applies to a service.
///
/// Order: set in code for the service; set in code for all; `AWS_ENDPOINT_URL_<SERVICE>`; `AWS_ENDPOINT_URL`; the service's block in the services section
/// that the profile names; the profile's `endpoint_url`. With `ignore_configured`, only those set in code apply.
///
/// `Debug` omits what precedes an `@` in a URL.
#[derive(Clone, Default)]
pub(crate) struct EndpointUrls {
    /// The URL set in code, for every service that the program calls. It does not apply to the calls of credentials
    /// providers, as in boto3.
    pub code: Option<String>,
    /// The URLs set in code for one service, by its service id in lower case with underscores: `sts`, `lex_runtime_v2`.
    pub code_services: BTreeMap<String, String>,
    /// Whether all other URLs are ignored.
    pub ignore_configured: bool,
    /// `AWS_ENDPOINT_URL_<SERVICE>` by `<SERVICE>`.
    pub environment: BTreeMap<String, String>,
    /// `AWS_ENDPOINT_URL`.
    pub environment_global: Option<String>,
    /// The services section that the profile names.
    pub services: Services,
    /// `endpoint_url` of the profile, and its location.
    pub profile: Option<ProfileValue>,
}

/// The endpoint URLs of a services section.
#[derive(Clone, Debug)]
pub(crate) enum Services {
    /// `endpoint_url` by service; empty if the profile names no services section.
    Section(Map<String, ProfileValue>),
    /// The profile names a section that does not exist or is malformed: the error message.
    Missing(String),
}

/// A value from a profile file, and its location for messages.
#[derive(Clone)]
pub(crate) struct ProfileValue {
    /// The value.
    pub value: String,
    /// The location, ready to print: `endpoint_url of profile "dev" (/home/me/.aws/config, line 3)`.
    pub location: String,
}

impl Default for Services {
    fn default() -> Self {
        Self::Section(Map::empty())
    }
}

impl EndpointUrls {
    /// Returns the URL for the service with this service id, such as `S3` or `Lex Runtime V2`; `None` leaves the choice
    /// to the service's endpoint rules.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the URL is malformed, or if the search reaches a services section that does not exist.
    pub(crate) fn get(&self, service_id: &str) -> Result<Option<&str>> {
        let key = service_key(service_id);
        if let Some(url) = self.code_services.get(&key) {
            return checked(url, || service_code_location(&key)).map(Some);
        }
        if let Some(url) = &self.code {
            return checked(url, || CODE_LOCATION.to_owned()).map(Some);
        }
        if self.ignore_configured {
            return Ok(None);
        }
        let variable = key.to_ascii_uppercase();
        if let Some(url) = self.environment.get(&variable) {
            return checked(url, || format!("AWS_ENDPOINT_URL_{variable}")).map(Some);
        }
        if let Some(url) = &self.environment_global {
            return checked(url, || "AWS_ENDPOINT_URL".to_owned()).map(Some);
        }
        let service_url = match &self.services {
            Services::Section(section) => section.get(&key),
            Services::Missing(message) => return Err(Error::new(ErrorKind::Config, message)),
        };
        let Some(found) = service_url.or(self.profile.as_ref()) else { return Ok(None) };
        checked(&found.value, || found.location.clone()).map(Some)
    }
}

/// The name of a service in the settings of endpoint URLs. A service id may contain spaces; botocore replaces them by
/// underscores, and uses capitals in the environment.
pub(crate) fn service_key(service_id: &str) -> String {
    service_id.replace([' ', '-'], "_").to_ascii_lowercase()
}

/// The location of an endpoint URL that is set in code, for messages.
pub(crate) const CODE_LOCATION: &str = "`SessionBuilder::endpoint_url`";

/// The location of the endpoint URL of one service that is set in code, for messages.
pub(crate) fn service_code_location(key: &str) -> String {
    format!("`SessionBuilder::service_endpoint_url` of {key}")
}

fn checked(url: &str, location: impl FnOnce() -> String) -> Result<&str> {
    check_url_at(url, location).map(|()| url).map_err(|message| Error::new(ErrorKind::Config, message))
}

/// As [`check_url`], with the location of the URL in the message.
pub(crate) fn check_url_at(url: &str, location: impl FnOnce() -> String) -> std::result::Result<(), String> {
    check_url(url).map_err(|problem| format!("invalid endpoint URL in {}: {problem}", location()))
}

/// Checks an endpoint URL: it must have the scheme http or https and a host, and may have a port and a path.
///
/// # Errors
/// A message with the URL, without user name and password, and what is wrong with it.
pub(crate) fn check_url(url: &str) -> std::result::Result<(), String> {
    let printable = without_user(url);
    let uri: http::Uri = url.parse().map_err(|problem| format!("{printable:?}: {problem}"))?;
    match (uri.scheme_str(), uri.authority()) {
        (Some("http" | "https"), Some(authority)) if !authority.host().is_empty() => {
            if authority.as_str().contains('@') {
                Err(format!("{printable:?}: a user name or password in it is not supported"))
            } else if uri.query().is_some() || url.contains('#') {
                Err(format!("{printable:?}: a query or fragment cannot be part of it"))
            } else {
                Ok(())
            }
        }
        (Some("http" | "https"), _) => Err(format!("{printable:?}: the host is missing")),
        _ => Err(format!("{printable:?}: it must start with http:// or https://")),
    }
}

/// A URL for messages: what precedes an `@` is replaced by `…`.
pub(crate) fn without_user(url: &str) -> String {
    url.rsplit_once('@').map_or_else(|| url.to_owned(), |(_, host)| format!("…@{host}"))
}

impl fmt::Debug for EndpointUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let printable = |url: &Option<String>| url.as_deref().map(without_user);
        let by_service = |urls: &BTreeMap<String, String>| -> BTreeMap<String, String> {
            ordered::map(urls.iter().map(|(service, url)| (service.clone(), without_user(url))))
        };
        let (code_services, environment) = (by_service(&self.code_services), by_service(&self.environment));
        f.debug_struct("EndpointUrls")
            .field("code", &printable(&self.code))
            .field("code_services", &code_services)
            .field("ignore_configured", &self.ignore_configured)
            .field("environment", &environment)
            .field("environment_global", &printable(&self.environment_global))
            .field("services", &self.services)
            .field("profile", &self.profile)
            .finish()
    }
}

impl fmt::Debug for ProfileValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({})", without_user(&self.value), self.location)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_need_a_scheme_and_a_host_and_hold_no_credentials() {
        let check = |url: &str, expect: Result<(), &str>| {
            let found = check_url(url);
            let found = found.as_ref().map_err(|message| message.split(": ").last().unwrap_or_default());
            assert_eq!(found.copied(), expect, "{url}");
        };
        for url in ["http://localhost:9000", "https://s3.example.com/base/path", "https://[::1]:80/", "HTTPS://A"] {
            check(url, Ok(()));
        }
        check("localhost:9000", Err("it must start with http:// or https://"));
        check("s3.example.com", Err("it must start with http:// or https://"));
        check("ftp://x", Err("it must start with http:// or https://"));
        check("https://x?y=z", Err("a query or fragment cannot be part of it"));
        check("https://x/#y", Err("a query or fragment cannot be part of it"));
        check("https://u:hunter2@x", Err("a user name or password in it is not supported"));
        for url in ["https://", "https:// x", "", "https://a b", "https:///path"] {
            assert!(check_url(url).is_err(), "{url}");
        }
        let problem = check_url("https://u:hunter2@x").expect_err("has a password");
        assert!(!problem.contains("hunter2"), "{problem}");
        let urls = EndpointUrls { code: Some("https://u:hunter2@x".into()), ..EndpointUrls::default() };
        assert!(!format!("{urls:?}").contains("hunter2"));
    }

    #[test]
    fn code_then_service_then_global_then_section_and_keys_have_underscores() {
        let mut urls = EndpointUrls {
            environment: BTreeMap::from([("LEX_RUNTIME_V2".to_owned(), "http://one".to_owned())]),
            ..EndpointUrls::default()
        };
        assert_eq!(urls.get("Lex Runtime V2").ok().flatten(), Some("http://one"));
        assert_eq!(urls.get("S3").ok().flatten(), None);
        urls.services = Services::Missing("gone".to_owned());
        assert!(urls.get("Lex Runtime V2").is_ok());
        assert_eq!(urls.get("S3").expect_err("no section").to_string(), "gone");
        urls.environment_global = Some("nonsense".to_owned());
        let error = urls.get("S3").expect_err("malformed").to_string();
        assert!(error.starts_with(r#"invalid endpoint URL in AWS_ENDPOINT_URL: "nonsense": "#), "{error}");
        urls.ignore_configured = true;
        assert_eq!(urls.get("S3").ok().flatten(), None);
        urls.code = Some("http://two".to_owned());
        assert_eq!(urls.get("S3").ok().flatten(), Some("http://two"));
        urls.code_services.insert("lex_runtime_v2".to_owned(), "http://three".to_owned());
        assert_eq!(urls.get("Lex Runtime V2").ok().flatten(), Some("http://three"));
        assert_eq!(urls.get("S3").ok().flatten(), Some("http://two"));
    }
}
