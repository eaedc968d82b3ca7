//! Which proxy a request goes through. Knows the rules of botocore and of those it follows, and no connection.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use ::http::uri::Scheme;
use ::http::{HeaderValue, Uri};

use super::Url;
use crate::config::Environment;
use crate::text::{base64, percent};
use crate::{Error, ErrorKind, Result};

/// Where proxies come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxySetting {
    /// What the environment says: see [`Proxies::from_environment`].
    #[default]
    Environment,
    /// No proxy, whatever the environment says.
    None,
    /// These, whatever the environment says.
    Given(Proxies),
}

impl From<Proxies> for ProxySetting {
    fn from(proxies: Proxies) -> Self {
        Self::Given(proxies)
    }
}

/// The proxies for `http` and for `https` requests, and who is asked without one.
///
/// A proxy is named by its URL, `http://proxy.corp:3128`; without a scheme it is `http`, without a port that of the scheme.
/// User name and password may stand in it, percent-encoded: `https://me:s%40cret@proxy.corp`. `https` requests go through
/// a tunnel, `http` ones are handed to the proxy. `Debug` shows no password.
///
/// ```
/// use aws_core::http::Proxies;
///
/// let proxies = Proxies::default().https("http://proxy.corp:3128").no_proxy(".corp, 10.0.0.0/8");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    http: Option<Named>,
    https: Option<Named>,
    no_proxy: String,
}

/// A URL, and what it is called in messages.
#[derive(Clone, PartialEq, Eq)]
struct Named {
    url: String,
    place: Cow<'static, str>,
}

impl Proxies {
    /// One proxy for everything.
    pub fn all(url: impl Into<String>) -> Self {
        let url = url.into();
        Self::default().http(url.clone()).https(url)
    }

    /// The proxy for requests to `http` URLs.
    #[must_use]
    pub fn http(self, url: impl Into<String>) -> Self {
        Self { http: Some(Named { url: url.into(), place: "the proxy for http".into() }), ..self }
    }

    /// The proxy for requests to `https` URLs.
    #[must_use]
    pub fn https(self, url: impl Into<String>) -> Self {
        Self { https: Some(Named { url: url.into(), place: "the proxy for https".into() }), ..self }
    }

    /// Who is asked without a proxy: hosts, separated by commas, in the form of `NO_PROXY` (below). As in botocore, the
    /// variable itself says nothing about proxies that code gives.
    #[must_use]
    pub fn no_proxy(self, hosts: impl Into<String>) -> Self {
        Self { no_proxy: hosts.into(), ..self }
    }

    /// What the variables say: `HTTP_PROXY`, `HTTPS_PROXY`, and `NO_PROXY`; in lower case they go before those in upper case,
    /// and an empty one counts as unset (in Python an empty one in lower case hides the other). What macOS and Windows say of
    /// proxies beside variables, which botocore reads, is not asked. `ALL_PROXY` holds for a scheme that has none of its own: botocore does not read it,
    /// curl and `requests` do; one of another scheme than `http` or `https` is passed over. Where `REQUEST_METHOD` is set, `HTTP_PROXY` is ignored, for in a CGI program it is a header of
    /// whoever asks (CVE-2016-1000110).
    ///
    /// `NO_PROXY` lists, separated by commas, those who are asked directly:
    ///
    /// * `*`: everybody.
    /// * `corp.example`, `.corp.example`, `*.corp.example`: this host and all below it.
    /// * `10.1.2.3`, `fd00::1`: this address; `10.0.0.0/8`, `fd00::/8`: all addresses of this network. botocore compares
    ///   addresses as texts and knows no networks. Names are not looked up for it.
    /// * any of these with a port (`corp.example:8443`, `[fd00::1]:80`): at this port alone.
    pub fn from_environment(environment: &Environment) -> Self {
        let is_cgi = environment.get("REQUEST_METHOD").is_some();
        let named = |lower: &'static str, upper: &'static str| {
            let found = |name: &'static str| Some(Named { url: environment.get(name)?, place: name.into() });
            // There the case of a name makes no difference.
            if is_cgi && cfg!(windows) && upper == "HTTP_PROXY" {
                return None;
            }
            found(lower).or_else(|| if is_cgi && upper == "HTTP_PROXY" { None } else { found(upper) })
        };
        // It may name a proxy for other programs.
        let is_usable = |it: &Named| it.url.split_once("://").is_none_or(|(scheme, _)| is_http(scheme.trim()));
        let all = named("all_proxy", "ALL_PROXY").filter(is_usable);
        Self {
            http: named("http_proxy", "HTTP_PROXY").or_else(|| all.clone()),
            https: named("https_proxy", "HTTPS_PROXY").or(all),
            no_proxy: named("no_proxy", "NO_PROXY").map(|it| it.url).unwrap_or_default(),
        }
    }

    /// Whether there is no proxy at all.
    pub fn is_empty(&self) -> bool {
        self.http.is_none() && self.https.is_none()
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |it: &Option<Named>| {
            it.as_ref().map(|it| Proxy::read(it).map_or_else(|_| "***".to_owned(), |it| it.shown()))
        };
        f.debug_struct("Proxies")
            .field("http", &shown(&self.http))
            .field("https", &shown(&self.https))
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

fn is_http(scheme: &str) -> bool {
    ["http", "https"].iter().any(|it| scheme.eq_ignore_ascii_case(it))
}

/// A proxy, its URL read.
#[derive(Clone)]
pub(super) struct Proxy {
    /// Scheme, host and port; no user, no path.
    pub(super) uri: Uri,
    /// What it wants to see in `proxy-authorization`.
    pub(super) authorization: Option<HeaderValue>,
}

impl Proxy {
    fn read(named: &Named) -> Result<Self> {
        let Named { url, place } = named;
        // Nothing of a URL that cannot be read is shown: nobody knows where the password is.
        let fail = |why: &str| {
            let what = format!("{place} is no URL of a proxy: {why}; it looks like http://host:port");
            Error::new(ErrorKind::Config, what)
        };
        let text = match url.trim() {
            text if text.contains("://") => text.to_owned(),
            text => format!("http://{}", text.trim_start_matches("//")),
        };
        let uri: Uri = text.parse().map_err(|_| {
            fail("it is malformed (characters such as @, #, / and % of a password have to be percent-encoded)")
        })?;
        let port = match uri.scheme_str() {
            Some("http") => 80,
            Some("https") => 443,
            Some(scheme) => return Err(fail(&format!("its scheme is {scheme}, but only http and https can be used"))),
            None => return Err(fail("it has no scheme")),
        };
        let authority = uri.authority().map_or("", |it| it.as_str());
        let (user, _) = authority.rsplit_once('@').unwrap_or_default();
        let host = uri.host().filter(|it| !it.is_empty()).ok_or_else(|| fail("it has no host"))?;
        let bare = authority.rsplit('@').next().unwrap_or_default();
        let port = match bare[host.len()..].strip_prefix(':') {
            None | Some("") => port,
            Some(_) => uri.port_u16().ok_or_else(|| fail("its port is no number up to 65535"))?,
        };
        let scheme = uri.scheme().cloned().unwrap_or(Scheme::HTTP);
        let uri = Uri::builder().scheme(scheme).authority(format!("{host}:{port}")).path_and_query("/").build();
        let uri = uri.map_err(|_| fail("it is malformed"))?;
        Ok(Self { uri, authorization: (!user.is_empty()).then(|| basic(user)) })
    }

    pub(super) fn is_https(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTPS)
    }

    /// Its URL without user and password.
    pub(super) fn shown(&self) -> String {
        let user = if self.authorization.is_some() { "***@" } else { "" };
        let authority = self.uri.authority().map_or("", |it| it.as_str());
        format!("{}://{user}{authority}", self.uri.scheme_str().unwrap_or_default())
    }
}

/// `user:password`, percent-encoded, as a header.
fn basic(user: &str) -> HeaderValue {
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let pair = format!("{}:{}", percent::decode(user), percent::decode(password));
    let text = format!("Basic {}", base64::encode(pair));
    let mut value = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// The proxies of one client, read.
#[derive(Clone)]
pub(super) struct Routes {
    pub(super) http: Option<Proxy>,
    pub(super) https: Option<Proxy>,
    direct: Vec<Direct>,
}

impl Routes {
    /// # Errors
    /// [`ErrorKind::Config`], naming the variable or the scheme, when a URL is none of a proxy. The URL is not shown.
    pub(super) fn new(setting: &ProxySetting) -> Result<Self> {
        let ProxySetting::Given(proxies) = setting else {
            return Ok(Self { http: None, https: None, direct: Vec::new() });
        };
        Ok(Self {
            http: proxies.http.as_ref().map(Proxy::read).transpose()?,
            https: proxies.https.as_ref().map(Proxy::read).transpose()?,
            direct: proxies.no_proxy.split(',').filter_map(Direct::read).collect(),
        })
    }

    /// The proxy on the way to `url`.
    pub(super) fn to(&self, url: &Url) -> Option<&Proxy> {
        let proxy = if url.is_https() { &self.https } else { &self.http }.as_ref()?;
        let (host, port) = endpoint(url);
        (!self.is_direct(host, port?)).then_some(proxy)
    }

    /// Whether no proxy stands between us and this port of this host.
    pub(super) fn is_direct(&self, host: &str, port: u16) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let address = host.parse().ok();
        self.direct.iter().any(|it| it.covers(host, address, port))
    }

    /// Whether any proxy of these has an `https` URL.
    pub(super) fn has_https_proxy(&self) -> bool {
        [&self.http, &self.https].into_iter().flatten().any(Proxy::is_https)
    }
}

/// The host without brackets, and the port, unless that is no number.
pub(super) fn endpoint(url: &Url) -> (&str, Option<u16>) {
    let port = match url.authority()[url.host().len()..].trim_start_matches(':') {
        "" if url.is_https() => Some(443),
        "" => Some(80),
        port => port.parse().ok(),
    };
    (url.host().trim_start_matches('[').trim_end_matches(']'), port)
}

/// An entry of `NO_PROXY`.
#[derive(Clone, Debug)]
struct Direct {
    who: Who,
    port: Option<u16>,
}

#[derive(Clone, Debug)]
enum Who {
    Everybody,
    /// A host and all below it, without a dot before it, in lower case.
    Host(String),
    /// Addresses that share this many bits with this one.
    Network(IpAddr, u32),
}

impl Direct {
    fn read(entry: &str) -> Option<Self> {
        let entry = entry.trim();
        // An IPv6 address without brackets has no port.
        let (host, port) = match entry.rsplit_once(':') {
            Some((host, port)) if host.ends_with(']') || !host.contains(':') => (host, Some(port.parse().ok()?)),
            _ => (entry, None),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let who = match (host, network(host)) {
            ("*", _) => Who::Everybody,
            (_, Some((address, bits))) => Who::Network(address, bits),
            _ => {
                let host = host.strip_prefix('*').unwrap_or(host).trim_start_matches('.');
                Who::Host(Some(host).filter(|it| !it.is_empty())?.to_ascii_lowercase())
            }
        };
        Some(Self { who, port })
    }

    fn covers(&self, host: &str, address: Option<IpAddr>, port: u16) -> bool {
        let is_it = match &self.who {
            Who::Everybody => true,
            Who::Host(suffix) => {
                let host = host.strip_suffix('.').unwrap_or(host);
                let start = host.len().checked_sub(suffix.len());
                start.is_some_and(|start| {
                    host.as_bytes()[start..].eq_ignore_ascii_case(suffix.as_bytes())
                        && (start == 0 || host.as_bytes()[start - 1] == b'.')
                })
            }
            Who::Network(network, bits) => address.is_some_and(|it| shares(it, *network, *bits)),
        };
        is_it && self.port.is_none_or(|it| it == port)
    }
}

/// An address, or one with a number of bits after a slash.
fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Some(most), |it| it.parse().ok().filter(|it| *it <= most))?;
    Some((address, bits))
}

fn shares(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let differ = match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        _ => return false,
    };
    differ >= bits
}

#[cfg(test)]
#[path = "proxy_tests.rs"]
mod tests;
