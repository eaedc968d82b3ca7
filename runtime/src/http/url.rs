//! The URL of a request, parsed once. Knows no percent-encoding: a URL is sent exactly as it was written.

use std::borrow::Cow;
use std::fmt;

use crate::{Error, ErrorKind, Result};

/// Query parameters that `Debug` hides.
const SECRET_PARAMETERS: [&str; 6] = [
    "x-amz-signature",
    "x-amz-security-token",
    "x-amz-s3session-token",
    "x-amz-credential",
    // Of version 2.
    "signature",
    "awsaccesskeyid",
];

/// An absolute `http` or `https` URL without user info and fragment, percent-encoded as it is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Url {
    text: String,
    /// The index of the authority.
    authority: usize,
    /// The index of the path.
    path: usize,
    /// The index of the `?`, or the length without one.
    query: usize,
}

impl Default for Url {
    fn default() -> Self {
        Self { text: "http://localhost/".to_owned(), authority: 7, path: 16, query: 16 + 1 }
    }
}

impl Url {
    /// Parses an absolute URL. An empty path becomes `/`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the scheme or the host is missing, if the scheme is not `http` or `https`, or if there
    /// is user info, a fragment or a control character.
    pub fn parse(text: impl Into<String>) -> Result<Self> {
        let mut text = text.into();
        let fail = |problem: &str| {
            // The query is not shown: it may contain a signature.
            let base = text.split('?').next().unwrap_or_default();
            Err(Error::new(ErrorKind::Config, format!("the URL {base:?} {problem}")))
        };
        let Some(scheme) = text.find("://") else {
            return fail("has no scheme: it must begin with http:// or https://");
        };
        if !["http", "https"].iter().any(|it| text[..scheme].eq_ignore_ascii_case(it)) {
            return fail("has a scheme other than http and https");
        }
        let authority = scheme + 3;
        let path = text[authority..].find(['/', '?', '#']).map_or(text.len(), |i| authority + i);
        if text[authority..path].contains('@') {
            // The URL is not shown: it contains a password.
            return Err(Error::new(
                ErrorKind::Config,
                "the URL contains a user name or password before its host: remove it",
            ));
        }
        if text[authority..path].split(':').next().is_none_or(str::is_empty) {
            return fail("has no host");
        }
        if text.contains('#') {
            return fail("has a fragment: percent-encode # as %23");
        }
        if text.bytes().any(|b| b < b' ' || b == 0x7f) {
            return fail("contains a control character: percent-encode it");
        }
        text[..scheme].make_ascii_lowercase();
        let query = text[path..].find('?').map_or(text.len(), |i| path + i);
        if query == path {
            text.insert(path, '/');
            return Ok(Self { text, authority, path, query: query + 1 });
        }
        Ok(Self { text, authority, path, query })
    }

    /// Appends `path` (beginning with `/`, or empty) and `query` (without `?`; may be empty) to `base`, a URL that may
    /// have a path and a query of its own. The two paths are joined by one slash.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn join(base: &str, path: &str, query: &str) -> Result<Self> {
        let (base, own_query) = base.split_once('?').unwrap_or((base, ""));
        // The path `/` adds nothing to a base that has a path: path-style requests for a bucket are `/bucket?location`.
        let has_path = base.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
        let path = if path == "/" && has_path { "" } else { path };
        let base = if path.starts_with('/') { base.strip_suffix('/').unwrap_or(base) } else { base };
        let mut text = String::with_capacity(base.len() + path.len() + own_query.len() + query.len() + 3);
        text.push_str(base);
        text.push_str(path);
        let mut separator = '?';
        for part in [own_query, query] {
            if !part.is_empty() {
                text.push(separator);
                text.push_str(part);
                separator = '&';
            }
        }
        Self::parse(text)
    }

    /// The whole URL.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &str {
        &self.text[..self.authority - 3]
    }

    /// Whether the scheme is `https`.
    pub fn is_https(&self) -> bool {
        self.authority == 8
    }

    /// Host and port, as written.
    pub fn authority(&self) -> &str {
        &self.text[self.authority..self.path]
    }

    /// The host without the port; an IPv6 address in its brackets.
    pub fn host(&self) -> &str {
        let authority = self.authority();
        match authority.rfind(':') {
            Some(colon) if !authority.ends_with(']') => &authority[..colon],
            _ => authority,
        }
    }

    /// The value of the `host` header: the authority in lower case, without the scheme's default port.
    pub fn host_header(&self) -> Cow<'_, str> {
        let default_port = if self.is_https() { ":443" } else { ":80" };
        let authority = self.authority();
        let authority = authority.strip_suffix(default_port).unwrap_or(authority);
        if authority.bytes().any(|b| b.is_ascii_uppercase()) {
            Cow::Owned(authority.to_ascii_lowercase())
        } else {
            Cow::Borrowed(authority)
        }
    }

    /// The path, beginning with `/`.
    pub fn path(&self) -> &str {
        &self.text[self.path..self.query]
    }

    /// The path and the query, as in the request line.
    pub fn path_and_query(&self) -> &str {
        &self.text[self.path..]
    }

    /// The query without its `?`.
    pub fn query(&self) -> Option<&str> {
        self.text.get(self.query + 1..)
    }

    /// Appends percent-encoded `name=value` pairs, joined by `&`, to the query.
    pub fn push_query(&mut self, pairs: &str) {
        match self.query() {
            None => self.text.push('?'),
            Some("") => {}
            Some(_) => self.text.push('&'),
        }
        self.text.push_str(pairs);
    }

    /// Replaces host and port and leaves the rest: for endpoints that are resolved later and for region redirects.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn set_authority(&mut self, authority: &str) -> Result<()> {
        let mut text = String::with_capacity(self.text.len() + authority.len());
        text.push_str(&self.text[..self.authority]);
        text.push_str(authority);
        text.push_str(&self.text[self.path..]);
        *self = Self::parse(text)?;
        Ok(())
    }

    /// The URL with signature, token and key id replaced by `***`, for messages.
    pub fn redacted(&self) -> String {
        let Some(query) = self.query() else { return self.text.clone() };
        let mut redacted = self.text[..=self.query].to_owned();
        for (i, pair) in query.split('&').enumerate() {
            if i > 0 {
                redacted.push('&');
            }
            let name = pair.split('=').next().unwrap_or_default();
            if is_secret(name) {
                redacted.push_str(name);
                redacted.push_str("=***");
            } else {
                redacted.push_str(pair);
            }
        }
        redacted
    }

    /// The names and values of the query that [`redacted`](Self::redacted) hides, percent-encoded.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn secret_parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.query().into_iter().flat_map(|it| it.split('&')).filter_map(|it| it.split_once('='));
        pairs.filter(|(name, _)| is_secret(name))
    }
}

fn is_secret(name: &str) -> bool {
    SECRET_PARAMETERS.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_split_into_their_parts() {
        fn check(text: &str, parts: [&str; 5], query: Option<&str>) {
            let url = Url::parse(text).unwrap();
            let got = [url.scheme(), url.authority(), url.host(), &url.host_header(), url.path()];
            assert_eq!((got, url.query()), (parts, query), "{text}");
            let suffix = query.map_or(String::new(), |it| format!("?{it}"));
            assert_eq!(url.path_and_query(), format!("{}{suffix}", url.path()));
        }
        check("https://h", ["https", "h", "h", "h", "/"], None);
        check("http://H:80/a//../b?x=1&y", ["http", "H:80", "H", "h", "/a//../b"], Some("x=1&y"));
        check("https://h:80/?", ["https", "h:80", "h", "h:80", "/"], Some(""));
        check("https://h:443?q=/", ["https", "h:443", "h", "h", "/"], Some("q=/"));
        check("http://[::1]:8080/p", ["http", "[::1]:8080", "[::1]", "[::1]:8080", "/p"], None);
        check("http://[::1]/", ["http", "[::1]", "[::1]", "[::1]", "/"], None);
        check("HTTPS://h:443/", ["https", "h:443", "h", "h", "/"], None);
        check(Url::default().as_str(), ["http", "localhost", "localhost", "localhost", "/"], None);
        assert_eq!(Url::default(), Url::parse("http://localhost").unwrap());
    }

    #[test]
    fn join_adds_path_and_query() {
        fn check(base: &str, path: &str, query: &str, expect: &str) {
            assert_eq!(Url::join(base, path, query).unwrap().as_str(), expect);
        }
        check("https://h", "/a", "", "https://h/a");
        check("https://h/", "/a", "x=1", "https://h/a?x=1");
        check("https://h/base", "/a", "x=1", "https://h/base/a?x=1");
        check("https://h/base/", "", "", "https://h/base/");
        check("https://h/?k=v", "/", "x", "https://h/?k=v&x");
        check("https://h", "//a", "", "https://h//a");
    }

    #[test]
    fn unusable_urls_are_rejected() {
        fn check(text: &str, expect: &str) {
            let error = Url::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(expect), "{error}");
            assert!(!error.to_string().contains("hush"), "{error}");
        }
        check("h/a?hush", "has no scheme");
        check("ftp://h/", "other than http and https");
        check("https:///a?hush=1", "has no host");
        check("https://:80/", "has no host");
        check("https://user:hush@h/", "user name");
        check("https://h/a#b", "fragment");
        check("https://h/a\r\nx: y", "control");
    }

    #[test]
    fn query_and_authority_can_be_changed() {
        let mut url = Url::parse("https://h/a").unwrap();
        url.push_query("x=1");
        url.push_query("y");
        url.set_authority("other:444").unwrap();
        assert_eq!(url.as_str(), "https://other:444/a?x=1&y");
        assert!(url.set_authority("user@h").is_err());
    }
}
