//! Which proxy a request goes through: the rules of botocore, which are those of Python's `urllib` and `requests`, with
//! the differences listed at [`Proxies::from_environment`]. Knows no connection.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use ::http::uri::Scheme;
use ::http::{HeaderValue, Uri};

use super::Url;
use crate::config::Environment;
use crate::encoding::{base64, percent};
use crate::{Error, ErrorKind, Result};

/// Which proxies to use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxySource {
    /// Those of the environment variables: see [`Proxies::from_environment`].
    #[default]
    Environment,
    /// No proxy. Environment variables are ignored.
    None,
    /// These proxies. Environment variables are ignored.
    Explicit(Proxies),
}

impl From<Proxies> for ProxySource {
    fn from(proxies: Proxies) -> Self {
        Self::Explicit(proxies)
    }
}

/// The proxies for `http` and for `https` requests, and the hosts that are reached without one.
///
/// A proxy is a URL such as `http://proxy.corp:3128`. The scheme defaults to `http`, the port to that of the scheme.
/// The URL may contain a user name and a password, percent-encoded: `https://me:s%40cret@proxy.corp`. `https` requests
/// go through a tunnel, `http` requests are forwarded by the proxy. `Debug` shows no password.
///
/// ```
/// use aws_core::http::Proxies;
///
/// let proxies = Proxies::default().https("http://proxy.corp:3128").no_proxy(".corp, 10.0.0.0/8");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    http: Option<NamedProxy>,
    https: Option<NamedProxy>,
    no_proxy: String,
}

/// The URL of a proxy, and where it was set.
#[derive(Clone, PartialEq, Eq)]
struct NamedProxy {
    url: String,
    /// The environment variable or setting, for messages.
    origin: Cow<'static, str>,
}

impl Proxies {
    /// Sets one proxy for all requests.
    pub fn all(url: impl Into<String>) -> Self {
        let url = url.into();
        Self::default().http(url.clone()).https(url)
    }

    /// Sets the proxy for requests to `http` URLs.
    #[must_use]
    pub fn http(self, url: impl Into<String>) -> Self {
        Self { http: Some(NamedProxy { url: url.into(), origin: "the proxy for http".into() }), ..self }
    }

    /// Sets the proxy for requests to `https` URLs.
    #[must_use]
    pub fn https(self, url: impl Into<String>) -> Self {
        Self { https: Some(NamedProxy { url: url.into(), origin: "the proxy for https".into() }), ..self }
    }

    /// Sets the hosts that are reached without a proxy, separated by commas, in the form of
    /// [`NO_PROXY`](Self::from_environment). As in botocore, the variable `NO_PROXY` does not apply to proxies set in
    /// code.
    #[must_use]
    pub fn no_proxy(self, hosts: impl Into<String>) -> Self {
        Self { no_proxy: hosts.into(), ..self }
    }

    /// Reads the environment variables `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`:
    ///
    /// * The lower-case name (`http_proxy`) wins over the upper-case one.
    /// * An empty variable counts as unset. (In Python, an empty lower-case variable hides the upper-case one.)
    /// * `ALL_PROXY` applies to a scheme without a variable of its own. botocore does not read it; curl and `requests`
    ///   do. It is ignored if its own scheme is not `http` or `https`.
    /// * `HTTP_PROXY` is ignored if `REQUEST_METHOD` is set: in a CGI program, the client's header `Proxy` becomes this
    ///   variable (CVE-2016-1000110). `http_proxy` is still read, except on Windows: names are case-insensitive there.
    /// * The system proxy settings of macOS and Windows are not read. botocore reads them.
    ///
    /// `NO_PROXY` lists the hosts that are reached directly, separated by commas:
    ///
    /// * `*`: all hosts.
    /// * `corp.example`, `.corp.example`, `*.corp.example`: this host and all its subdomains.
    /// * `10.1.2.3`, `fd00::1`: this address. `10.0.0.0/8`, `fd00::/8`: all addresses of this network. Host names are
    ///   not resolved for this. botocore compares addresses as strings and supports no networks.
    /// * Any of these with a port (`corp.example:8443`, `[fd00::1]:80`): this port only.
    pub fn from_environment(environment: &Environment) -> Self {
        let is_cgi = environment.get("REQUEST_METHOD").is_some();
        let named = |lower: &'static str, upper: &'static str| {
            let read = |name: &'static str| Some(NamedProxy { url: environment.get(name)?, origin: name.into() });
            // Names of variables have no case on Windows.
            if is_cgi && cfg!(windows) && upper == "HTTP_PROXY" {
                return None;
            }
            read(lower).or_else(|| if is_cgi && upper == "HTTP_PROXY" { None } else { read(upper) })
        };
        // It may be meant for other programs, with a scheme such as `socks5`.
        let is_usable = |it: &NamedProxy| it.url.split_once("://").is_none_or(|(scheme, _)| is_http(scheme.trim()));
        let all = named("all_proxy", "ALL_PROXY").filter(is_usable);
        Self {
            http: named("http_proxy", "HTTP_PROXY").or_else(|| all.clone()),
            https: named("https_proxy", "HTTPS_PROXY").or(all),
            no_proxy: named("no_proxy", "NO_PROXY").map(|it| it.url).unwrap_or_default(),
        }
    }

    /// Whether no proxy is set.
    pub fn is_empty(&self) -> bool {
        self.http.is_none() && self.https.is_none()
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let redacted = |named: &Option<NamedProxy>| {
            let named = named.as_ref()?;
            Some(Proxy::parse(named).map_or_else(|_| "***".to_owned(), |proxy| proxy.redacted_url()))
        };
        f.debug_struct("Proxies")
            .field("http", &redacted(&self.http))
            .field("https", &redacted(&self.https))
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

fn is_http(scheme: &str) -> bool {
    ["http", "https"].iter().any(|it| scheme.eq_ignore_ascii_case(it))
}

/// A proxy, from its parsed URL.
#[derive(Clone)]
pub(super) struct Proxy {
    /// Scheme, host and port; no user, no path.
    pub(super) uri: Uri,
    /// The value of `proxy-authorization`, if the URL has a user name.
    pub(super) authorization: Option<HeaderValue>,
}

impl Proxy {
    fn parse(named: &NamedProxy) -> Result<Self> {
        let NamedProxy { url, origin } = named;
        // A malformed URL is not shown: where its password begins is unknown.
        let fail = |problem: &str| {
            let message = format!("{origin} is not a valid proxy URL: {problem}; expected http://host:port");
            Error::new(ErrorKind::Config, message)
        };
        let text = match url.trim() {
            text if text.contains("://") => text.to_owned(),
            text => format!("http://{}", text.trim_start_matches("//")),
        };
        let uri: Uri = text.parse().map_err(|_| {
            fail("it is malformed (characters such as @, #, / and % in a password must be percent-encoded)")
        })?;
        let port = match uri.scheme_str() {
            Some("http") => 80,
            Some("https") => 443,
            Some(scheme) => {
                return Err(fail(&format!("its scheme is {scheme}, but only http and https are supported")));
            }
            None => return Err(fail("it has no scheme")),
        };
        let authority = uri.authority().map_or("", |it| it.as_str());
        let (user, _) = authority.rsplit_once('@').unwrap_or_default();
        let host = uri.host().filter(|it| !it.is_empty()).ok_or_else(|| fail("it has no host"))?;
        let host_port = authority.rsplit('@').next().unwrap_or_default();
        let port = match host_port[host.len()..].strip_prefix(':') {
            None | Some("") => port,
            Some(_) => uri.port_u16().ok_or_else(|| fail("its port is not a number from 0 to 65535"))?,
        };
        let scheme = uri.scheme().cloned().unwrap_or(Scheme::HTTP);
        let uri = Uri::builder().scheme(scheme).authority(format!("{host}:{port}")).path_and_query("/").build();
        let uri = uri.map_err(|_| fail("it is malformed"))?;
        Ok(Self { uri, authorization: (!user.is_empty()).then(|| basic_authorization(user)) })
    }

    pub(super) fn is_https(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTPS)
    }

    /// The URL with `***` in place of user and password.
    pub(super) fn redacted_url(&self) -> String {
        let user = if self.authorization.is_some() { "***@" } else { "" };
        let authority = self.uri.authority().map_or("", |it| it.as_str());
        format!("{}://{user}{authority}", self.uri.scheme_str().unwrap_or_default())
    }
}

/// The header value for `userinfo`, which is `user:password`, percent-encoded.
fn basic_authorization(userinfo: &str) -> HeaderValue {
    let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    let pair = format!("{}:{}", percent::decode(user), percent::decode(password));
    let credentials = format!("Basic {}", base64::encode(pair));
    let mut value = HeaderValue::try_from(credentials).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// The proxies of one client, from their parsed URLs.
#[derive(Clone)]
pub(super) struct Routes {
    pub(super) http: Option<Proxy>,
    pub(super) https: Option<Proxy>,
    no_proxy: Vec<NoProxyEntry>,
}

impl Routes {
    /// # Errors
    /// [`ErrorKind::Config`], with the name of the variable or setting, if a proxy URL is invalid. The URL is not
    /// shown.
    pub(super) fn new(source: &ProxySource) -> Result<Self> {
        let ProxySource::Explicit(proxies) = source else {
            return Ok(Self { http: None, https: None, no_proxy: Vec::new() });
        };
        Ok(Self {
            http: proxies.http.as_ref().map(Proxy::parse).transpose()?,
            https: proxies.https.as_ref().map(Proxy::parse).transpose()?,
            no_proxy: proxies.no_proxy.split(',').filter_map(NoProxyEntry::parse).collect(),
        })
    }

    /// The proxy for requests to `url`.
    pub(super) fn proxy_for(&self, url: &Url) -> Option<&Proxy> {
        let proxy = if url.is_https() { &self.https } else { &self.http }.as_ref()?;
        let (host, port) = host_and_port(url);
        (!self.is_direct(host, port?)).then_some(proxy)
    }

    /// Whether a `no_proxy` entry matches this host and port.
    pub(super) fn is_direct(&self, host: &str, port: u16) -> bool {
        let host = without_brackets(host);
        let address = host.parse().ok();
        self.no_proxy.iter().any(|it| it.matches(host, address, port))
    }

    /// Whether any of the proxies has an `https` URL.
    pub(super) fn has_https_proxy(&self) -> bool {
        [&self.http, &self.https].into_iter().flatten().any(Proxy::is_https)
    }
}

/// The host without brackets, and the port; `None` if the port is not a number from 0 to 65535.
pub(super) fn host_and_port(url: &Url) -> (&str, Option<u16>) {
    let port = match url.authority()[url.host().len()..].trim_start_matches(':') {
        "" if url.is_https() => Some(443),
        "" => Some(80),
        port => port.parse().ok(),
    };
    (without_brackets(url.host()), port)
}

/// An IPv6 address has brackets in URLs only.
pub(super) fn without_brackets(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// An entry of `NO_PROXY`.
#[derive(Clone, Debug)]
struct NoProxyEntry {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Clone, Debug)]
enum Hosts {
    All,
    /// A host and all its subdomains: without a leading dot, in lower case.
    Domain(String),
    /// The addresses that share this many leading bits with this one.
    Network(IpAddr, u32),
}

impl NoProxyEntry {
    fn parse(entry: &str) -> Option<Self> {
        let entry = entry.trim();
        // An IPv6 address without brackets has no port.
        let (host, port) = match entry.rsplit_once(':') {
            Some((host, port)) if host.ends_with(']') || !host.contains(':') => (host, Some(port.parse().ok()?)),
            _ => (entry, None),
        };
        let host = without_brackets(host);
        let hosts = match (host, parse_network(host)) {
            ("*", _) => Hosts::All,
            (_, Some((address, bits))) => Hosts::Network(address, bits),
            _ => {
                let host = host.strip_prefix('*').unwrap_or(host).trim_start_matches('.');
                Hosts::Domain(Some(host).filter(|it| !it.is_empty())?.to_ascii_lowercase())
            }
        };
        Some(Self { hosts, port })
    }

    fn matches(&self, host: &str, address: Option<IpAddr>, port: u16) -> bool {
        let is_host = match &self.hosts {
            Hosts::All => true,
            Hosts::Domain(suffix) => {
                let host = host.strip_suffix('.').unwrap_or(host);
                let start = host.len().checked_sub(suffix.len());
                start.is_some_and(|start| {
                    host.as_bytes()[start..].eq_ignore_ascii_case(suffix.as_bytes())
                        && (start == 0 || host.as_bytes()[start - 1] == b'.')
                })
            }
            Hosts::Network(network, bits) => address.is_some_and(|it| is_in_network(it, *network, *bits)),
        };
        is_host && self.port.is_none_or(|it| it == port)
    }
}

/// Parses an address, or a network: an address with a number of bits after a slash.
fn parse_network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().ok()?;
    let max_bits = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Some(max_bits), |text| text.parse().ok().filter(|bits| *bits <= max_bits))?;
    Some((address, bits))
}

fn is_in_network(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let common_bits = match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        _ => return false,
    };
    common_bits >= bits
}

#[cfg(test)]
#[path = "proxy_tests.rs"]
mod tests;
