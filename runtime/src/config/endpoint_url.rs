//! Endpoint URLs given by the user: which one holds for a service, and what a proper one is. Knows nothing of endpoint rules.

use std::collections::BTreeMap;
use std::fmt;

use crate::{Error, ErrorKind, Result};

/// The endpoint URLs code, environment and profile configure, one of which may hold for a service.
///
/// Order: given in code; `AWS_ENDPOINT_URL_<SERVICE>`; `AWS_ENDPOINT_URL`; the service's block in the services section the
/// profile names; the profile's `endpoint_url`. Ignoring configured URLs leaves the one given in code.
///
/// `Debug` leaves out what stands before an `@` in a URL.
#[derive(Clone, Default)]
pub struct EndpointUrls {
    /// The URL given in code, for every service.
    pub code: Option<String>,
    /// Whether all others are ignored.
    pub ignore_configured: bool,
    /// `AWS_ENDPOINT_URL_<SERVICE>` by `<SERVICE>`.
    pub environment: BTreeMap<String, String>,
    /// `AWS_ENDPOINT_URL`.
    pub environment_global: Option<String>,
    /// The services section the profile names.
    pub services: Services,
    /// `endpoint_url` of the profile, and where it stands.
    pub profile: Option<Configured>,
}

/// A services section, read for endpoint URLs.
#[derive(Clone, Debug)]
pub enum Services {
    /// `endpoint_url` by service; empty if the profile names no services section.
    Section(BTreeMap<String, Configured>),
    /// The profile names a section that does not exist: the complaint.
    Missing(String),
}

/// A value from a profile file and the place it stands at, for messages.
#[derive(Clone)]
pub struct Configured {
    /// The value.
    pub value: String,
    /// Its place, ready to print.
    pub place: String,
}

impl Default for Services {
    fn default() -> Self {
        Self::Section(BTreeMap::new())
    }
}

impl EndpointUrls {
    /// The URL for the service with this service id, such as `S3` or `Lex Runtime V2`; `None` leaves the choice to the
    /// service's endpoint rules.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the URL is malformed, or if the search comes to a services section that does not exist.
    pub fn get(&self, service_id: &str) -> Result<Option<&str>> {
        if let Some(url) = &self.code {
            return checked(url, || "the endpoint URL given in code".to_owned()).map(Some);
        }
        if self.ignore_configured {
            return Ok(None);
        }
        // Service ids are words with spaces; botocore writes the key with underscores, in capitals for the environment.
        let key = service_id.replace([' ', '-'], "_").to_ascii_lowercase();
        let variable = key.to_ascii_uppercase();
        if let Some(url) = self.environment.get(&variable) {
            return checked(url, || format!("AWS_ENDPOINT_URL_{variable}")).map(Some);
        }
        if let Some(url) = &self.environment_global {
            return checked(url, || "AWS_ENDPOINT_URL".to_owned()).map(Some);
        }
        let of_service = match &self.services {
            Services::Section(section) => section.get(&key),
            Services::Missing(complaint) => return Err(Error::new(ErrorKind::Config, complaint)),
        };
        let Some(found) = of_service.or(self.profile.as_ref()) else { return Ok(None) };
        checked(&found.value, || found.place.clone()).map(Some)
    }
}

fn checked(url: &str, place: impl FnOnce() -> String) -> Result<&str> {
    check_url(url)
        .map(|()| url)
        .map_err(|problem| Error::new(ErrorKind::Config, format!("{} is no endpoint URL: {problem}", place())))
}

/// What is wrong with an endpoint URL: it needs the scheme http or https and a host, and may have a port and a path.
/// A password in it is never part of the message.
pub fn check_url(url: &str) -> std::result::Result<(), String> {
    let shown = without_user(url);
    let uri: http::Uri = url.parse().map_err(|problem| format!("{shown:?}: {problem}"))?;
    match (uri.scheme_str(), uri.authority()) {
        (Some("http" | "https"), Some(authority)) if !authority.host().is_empty() => {
            if authority.as_str().contains('@') {
                Err(format!("{shown:?}: a user name or password in it is not supported"))
            } else if uri.query().is_some() || url.contains('#') {
                Err(format!("{shown:?}: a query or fragment cannot be part of it"))
            } else {
                Ok(())
            }
        }
        (Some("http" | "https"), _) => Err(format!("{shown:?}: the host is missing")),
        _ => Err(format!("{shown:?}: it must start with http:// or https://")),
    }
}

/// A URL for messages: what stands before an `@` is left out.
pub(crate) fn without_user(url: &str) -> String {
    url.rsplit_once('@').map_or_else(|| url.to_owned(), |(_, host)| format!("…@{host}"))
}

impl fmt::Debug for EndpointUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |url: &Option<String>| url.as_deref().map(without_user);
        let environment: BTreeMap<_, _> =
            self.environment.iter().map(|(service, url)| (service, without_user(url))).collect();
        f.debug_struct("EndpointUrls")
            .field("code", &shown(&self.code))
            .field("ignore_configured", &self.ignore_configured)
            .field("environment", &environment)
            .field("environment_global", &shown(&self.environment_global))
            .field("services", &self.services)
            .field("profile", &self.profile)
            .finish()
    }
}

impl fmt::Debug for Configured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({})", without_user(&self.value), self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let check = |url: &str, expect: Result<(), &str>| {
            let found = check_url(url);
            let found = found.as_ref().map_err(|it| it.split(": ").last().unwrap_or_default());
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
        let refused = check_url("https://u:hunter2@x").expect_err("has a password");
        assert!(!refused.contains("hunter2"), "{refused}");
        let urls = EndpointUrls { code: Some("https://u:hunter2@x".into()), ..EndpointUrls::default() };
        assert!(!format!("{urls:?}").contains("hunter2"));
    }

    #[test]
    fn order_and_keys() {
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
        let error = urls.get("S3").expect_err("no URL").to_string();
        assert!(error.starts_with(r#"AWS_ENDPOINT_URL is no endpoint URL: "nonsense": "#), "{error}");
        urls.ignore_configured = true;
        assert_eq!(urls.get("S3").ok().flatten(), None);
        urls.code = Some("http://two".to_owned());
        assert_eq!(urls.get("S3").ok().flatten(), Some("http://two"));
    }
}
